"""A report whose period is named: "báo cáo 11/2026", "mẫu tháng 11", "đính chính 10/2026", now or long after."""

from __future__ import annotations

import re
from collections.abc import Callable

from handlers import filing, overview, report_opening, reports, templates
from handlers.filing import Filing
from handlers.rules import period_words, periods, reporting
from handlers.text import _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold

_NAMED = rf"(?=[a-z]|\d{{1,2}}[ /-]\d{{4}}){period_words.WHICH}"  # a bare number may be anything
_FILE = re.compile(
    rf"(?:(?:gui|lam|nop|mo|xem|lam tiep|file|open|see|go on with) )?(?:the )?(?:bao cao|report) {_NAMED}"
)
_TEMPLATE = re.compile(
    rf"(?:(?:gui|xin|lay|tai|send) )?(?:the )?(?:mau|template)(?: excel)?(?: bao cao)?(?: of| for)? {_NAMED}"
)
_CORRECT = re.compile(
    rf"(?:dinh chinh(?: bao cao)?|sua bao cao|correct(?: the)?(?: report)?(?: of)?) {_NAMED}"
)
NONE_CAME = _("No report of {month} has come from {unit}.")
NO_SUCH = _("There is no such period. Type it like this: report 10/2026.")


def meant(turn: Turn) -> bool:
    """Say whether words name a report by its period."""
    return _found(turn) is not None


def typed_card(turn: Turn) -> bool:
    """Open the report that words name, send its template or correct it; False for whoever reports for nothing."""
    found = _found(turn) if turn.staff else None
    units = filing.units(turn, "reporter") if found else ()
    if found is None or not units:
        return False
    match, name = found
    form = period_words.form_meant(sorted(turn.shelf.forms.in_use, key=overview.monthly), match)
    today = reporting.local_day(turn.now)
    coming = name == "file-report"  # whoever is early hears from which day on
    period = period_words.period_meant(form, match, today, coming=coming) if form else None
    if form is None or period is None or not periods.in_force(form, period):
        turn.say(NO_SUCH)
        return True
    cases = [filing.of(turn, unit, form, period) for unit in units]
    if len(cases) == 1:
        return _ACTS[name](turn, cases[0])
    choices = [Choice(name, filing.short(case, cases), case.key) for case in cases[:4]]
    turn.say(_("Which unit's report?"), choices)
    return True


def _found(turn: Turn) -> tuple[re.Match[str], str] | None:
    words = fold(turn.text).rstrip(" .?!")
    for pattern, name in ((_FILE, "file-report"), (_TEMPLATE, "send-template"), (_CORRECT, "correct-report")):
        if (match := pattern.fullmatch(words)) is not None:
            return match, name
    return None


def _file(turn: Turn, case: Filing) -> bool:
    if filing.is_earlier(turn, case) and not filing.still_taken(turn, case):
        turn.say(_("Reports of {month} are asked for no more, and none was begun."), month=filing.month(case))
    else:
        report_opening.open_report(turn, case)
    return True


def _give(turn: Turn, case: Filing) -> bool:
    if filing.is_earlier(turn, case) and not filing.still_taken(turn, case):
        return _file(turn, case)
    return templates.give(turn, case.key)


def _correct(turn: Turn, case: Filing) -> bool:
    if case.report.latest:
        return reports.correct(turn, case.key)
    if case.entered:
        return _file(turn, case)
    turn.say(NONE_CAME, month=filing.month(case), unit=as_is(case.name))
    return True


_ACTS: dict[str, Callable[[Turn, Filing], bool]] = {
    "file-report": _file,
    "send-template": _give,
    "correct-report": _correct,
}
