"""A report whose period is named: "báo cáo 11/2026", "mẫu tháng 11", "đính chính 10/2026", now or long after."""

from __future__ import annotations

import re
from collections.abc import Callable

from handlers import approvals, correcting, filing, overview, report_opening, templates
from handlers.filing import Filing, lines
from handlers.records.people import Unit
from handlers.rules import period_words, periods, reporting
from handlers.rules.period_words import NAMED
from handlers.rules.periods import Period
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.forms import Form

SITUATION = "situation"
_WITH_WHY = re.compile(r"\s*[:,;]\s*|\s+(?=(?:vì|vi|do|because|since)\s)")
_REPORTERS = ("send-template", "correct-report")  # what only whoever reports may do
_FILE = re.compile(
    rf"(?:(?:gui|lam|nop|mo|xem|lam tiep|file|open|see|go on with) )?(?:the )?(?:bao cao|report) {NAMED}"
)
_TEMPLATE = re.compile(
    rf"(?:(?:gui|xin|lay|tai|send) )?(?:the )?(?:mau|template)(?: excel)?(?: bao cao)?(?: of| for)? {NAMED}"
)
_CORRECT = re.compile(
    rf"(?:dinh chinh(?: bao cao)?|sua bao cao|correct(?: the)?(?: report)?(?: of)?) {NAMED}"
)
_SITUATION = re.compile(rf"(?:xem )?(?:tinh hinh|the overview|overview)(?: bao cao)?(?: of| for)? {NAMED}")
NONE_CAME = _("No report of {month} has come from {unit}.")
NO_SUCH = _("There is no such period. Type it like this: report 10/2026.")


def meant(turn: Turn) -> bool:
    """Say whether words name a report by its period."""
    return _found(turn) is not None


def typed_card(turn: Turn) -> bool:
    """Open the report that words name, send its template or correct it; show a head what came for that period.

    False for other words, and for whoever has nothing to do with reports.
    """
    found = _found(turn) if turn.staff else None
    if found is None:
        return False
    match, name = found
    units = filing.units(turn, "reporter") if name != SITUATION else ()
    if not units and (name in _REPORTERS or not overview.watched(turn)):
        return False
    forms = _forms(turn, units)
    if not forms:
        turn.say(_("No report is asked for now."))
        return True
    form = period_words.form_meant(forms, match)
    today = reporting.local_day(turn.now)
    coming = int(bool(units) and name == "file-report")  # whoever is early hears from which day on
    period = period_words.period_meant(form, match, today, coming=coming) if form else None
    if form is None or period is None or not periods.in_force(form, period):
        turn.say(NO_SUCH)
        return True
    if not units:
        _show(turn, form, period, name)
        return True
    cases = [filing.of(turn, unit, form, period) for unit in units if _asks(turn, form, period, unit)]
    if not cases:
        turn.say(
            _("Reports of {month} are not asked of {unit}.")(
                month=filing.period_name(form, period), unit=as_is(units[0].name)
            )
        )
        return True
    why = _why(turn.text) if name == "correct-report" else ""
    if len(cases) == 1:
        return _correct(turn, cases[0], why) if name == "correct-report" else _ACTS[name](turn, cases[0])
    choices = [Choice(name, filing.short(case, cases), case.key) for case in cases[:4]]
    turn.say(_("Which unit's report?"), choices)
    return True


def _found(turn: Turn) -> tuple[re.Match[str], str] | None:
    words = fold(turn.text).rstrip(" .?!")
    for pattern, name in _PATTERNS:
        if (match := pattern.fullmatch(words)) is not None:
            return match, name
    if _why(turn.text) and (match := _CORRECT.fullmatch(fold(_WITH_WHY.split(turn.text, maxsplit=1)[0]))):
        return match, "correct-report"
    return None


def _why(text: str) -> str:
    """Give the reason behind the words that name a report: "đính chính 10/2026: đếm nhầm thôn 3"."""
    return " ".join(_WITH_WHY.split(text, maxsplit=1)[1:]).strip()


def _forms(turn: Turn, units: tuple[Unit, ...]) -> list[Form]:
    """Give the forms that may be meant: of whoever reports those of their units, of others those they hear of."""
    below = [other for unit in overview.watched(turn) for other in overview.below(turn, unit)]
    kinds = {filing.level_of(unit) for unit in units or (*filing.units(turn, "head"), *below)}
    forms = [form for form in turn.shelf.forms.in_use if kinds & set(form.owed_by)]
    return sorted(forms if units else forms or turn.shelf.forms.in_use, key=overview.monthly)


def _asks(turn: Turn, form: Form, period: Period, unit: Unit) -> bool:
    """Say whether a unit is of a kind that the form asked in that period, and had begun by then."""
    of_then = turn.shelf.forms.on(form.id, period.start)
    return filing.level_of(unit) in of_then.owed_by and filing.not_yet(unit, period) is None


def _show(turn: Turn, form: Form, period: Period, name: str) -> None:
    """Show whoever heads or watches offices what came of a period: the only report in full, else a line for each."""
    headed = [unit for unit in filing.units(turn, "head") if _asks(turn, form, period, unit)]
    own = [filing.of(turn, unit, form, period) for unit in headed]
    watched = overview.watched(turn)
    below = [words for unit in watched if (words := overview.told(turn, unit, (form, period))) is not None]
    came = [case for case in own if case.report.latest]
    if name != SITUATION and len(came) == 1 and not below:
        approvals.see_all(turn, _version(came[0]))
        return
    quiet = [case for case in own if case not in came and not overview.below(turn, case.unit)]
    told = [
        *(_came(case) for case in came),
        *(
            approvals.missing(turn, case)
            if filing.with_us(turn, case)
            else NONE_CAME(month=filing.month(case), unit=as_is(case.name))
            for case in quiet
        ),
        *below,
    ]
    if not told:
        case = filing.of(turn, watched[0], form, period)
        told.append(_("No report of {month} has come.")(month=filing.month(case)))
    choices = [Choice("see-all", filing.short(case, came), _version(case)) for case in came]
    turn.say(lines(*told), choices[:4])


def _version(case: Filing) -> str:
    sent = case.report.latest
    return f"{case.key}/{sent.number if sent else 0}"


def _came(case: Filing) -> Text:
    sent = case.report.latest
    assert sent is not None
    return _("• {title}: version {n}, sent at {at}.")(title=filing.title(case), n=sent.number, at=sent.at)


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


def _correct(turn: Turn, case: Filing, why: str = "") -> bool:
    if case.report.latest:
        return correcting.begin(turn, case.key, why)
    if case.entered:
        return _file(turn, case)
    turn.say(NONE_CAME, month=filing.month(case), unit=as_is(case.name))
    return True


_PATTERNS = (
    (_FILE, "file-report"),
    (_TEMPLATE, "send-template"),
    (_CORRECT, "correct-report"),
    (_SITUATION, SITUATION),
)
_ACTS: dict[str, Callable[[Turn, Filing], bool]] = {
    "file-report": _file,
    "send-template": _give,
    "correct-report": _correct,
}
