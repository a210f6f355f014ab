"""What was sent of a report earlier: every version stays readable, for whoever reports and whoever heads the office."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from handlers import filing
from handlers.filing import Filing, beside, lines
from handlers.records.reports import Submission
from handlers.rules import periods
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold

SHOWN = 12  # versions that are listed, the newest of them
_ALL = {"cac ban", "xem cac ban", "cac ban da gui", "cac ban bao cao", "versions", "the versions", "see the versions",
        "see versions", "all versions", "see all versions"}  # fmt: skip
_ONE = re.compile(r"(?:xem |see )?(?:lai )?(?:ban|version) (?:so )?(\d{1,2})(?: bao cao| of the report)?")
_BEFORE = {"ban truoc", "xem ban truoc", "xem lai ban truoc", "the version before", "see the version before",
           "the previous version", "previous version", "see the previous version"}  # fmt: skip
BEFORE = -1  # what stands for the version before the last


def typed_card(turn: Turn) -> bool:
    """Hear "các bản", "bản 1" and "bản trước", perhaps with a receipt behind; False where nothing was sent."""
    named = filing.naming(turn)
    number = asked_for(named.verb if named else fold(turn.text))
    if number is None or (named and named.words.strip()):
        return False
    if named is not None:
        if named.case is None or not _may(turn, named.case):
            turn.say(filing.NO_SUCH)
            return True
        return show(turn, f"{named.case.key}/{number}")
    cases = _sent(turn)
    if len(cases) > 1:
        choices = [Choice("version", filing.short(case, cases), f"{case.key}/{number}") for case in cases[:4]]
        turn.say(_("Which report?"), choices)
        return True
    return bool(cases) and show(turn, f"{cases[0].key}/{number}")


def asked_for(words: str) -> int | None:
    """Give the number of a version that folded words ask for: 0 for all, BEFORE for the one before; None for others."""
    if words in _ALL:
        return 0
    if words in _BEFORE:
        return BEFORE
    match = _ONE.fullmatch(words)
    return int(match[1]) if match else None


def _sent(turn: Turn) -> list[Filing]:
    """Give the reports of one's offices of which something was sent: the open period's, else the one's before."""
    found = []
    units = {unit.id: unit for kind in ("reporter", "head") for unit in filing.units(turn, kind)}
    for unit in units.values():
        for case in filing.current(turn, unit):
            if not case.report.latest:
                case = filing.of(turn, unit, case.form, periods.before(case.form, case.period))
            if case.report.latest:
                found.append(case)
    return found


def _may(turn: Turn, case: Filing) -> bool:
    return filing.acts(turn, "reporter", case.unit) or filing.may_judge(turn, case.unit)


def show(turn: Turn, context: str) -> bool:
    """Show every figure of a version, or list the versions that were sent."""
    key, _slash, written = context.partition("/")
    case = filing.find(turn, key) if re.fullmatch(r"-1|\d{1,2}", written) else None
    if case is None or not case.report.latest or not _may(turn, case):
        return False
    every = case.report.submissions
    number = int(written) if int(written) != BEFORE else max(1, len(every) - 1)
    if not number:
        turn.say(_listed(turn, case), _ways(case))
        return True
    sent = next((one for one in every if one.number == number), None)
    if sent is None:
        none = _("There is no version {n} of it.")(n=number)
        turn.say(lines(none, _listed(turn, case)), _ways(case))
        return True
    turn.say(told(turn, case, sent), _ways(case, but=number))
    return True


def told(turn: Turn, case: Filing, sent: Submission) -> Text:
    """Give every figure of a version, as its own form asked for them; of those that do not wait, what became of it."""
    form = turn.shelf.forms.version(case.form.id, sent.form_version) or case.form
    case = msgspec.structs.replace(case, form=form)
    return lines(
        _("Version {n} of {title}:")(n=sent.number, title=filing.title(case)),
        *(filing.line(case, one, sent.values, turn.lang) for one in form.indicators),
        *(filing.task_line(one, sent.tasks, turn.lang) for one in form.tasks),
        None if case.report.state == "submitted" and sent == case.report.latest else _said(turn, case, sent),
    )


def _listed(turn: Turn, case: Filing) -> Text:
    return lines(
        _("What was sent of {title}, receipt **{receipt}**:")(
            title=filing.title(case), receipt=case.report.receipt
        ),
        *(
            _("• Version {n}. {said}")(n=sent.number, said=_said(turn, case, sent))
            for sent in case.report.submissions[-SHOWN:]
        ),
    )


def _said(turn: Turn, case: Filing, sent: Submission) -> Text:
    """Say who sent a version and when, why it followed another one, and what became of it."""
    who = filing.who(turn, sent.by, first=True)
    if sent == case.report.submissions[0]:
        came = filing.came_in(turn, case, sent.at)
        words = _("{who} sent it at {at}, {timely}.")(who=who, at=sent.at, timely=came)
    else:  # a correction is not late
        words = _("{who} sent it at {at}.")(who=who, at=sent.at)
    words = beside(words, filing.corrected(sent.corrected))
    if sent.verdict == "approved":
        words = beside(
            words,
            _("{who} approved it at {at}.")(who=filing.decider(turn, sent, first=True), at=sent.decided),
        )
    elif sent.verdict == "returned":
        words = beside(
            words,
            _("{who} returned it: “{reason}”")(
                who=filing.decider(turn, sent, first=True), reason=as_is(sent.reason)
            ),
        )
    return words


def _ways(case: Filing, *, but: int = 0) -> list[Choice]:
    """Give the taps that lead to the newest versions, but for the one that is shown."""
    numbers = [one.number for one in case.report.submissions if one.number != but]
    return [Choice("version", _("Version {n}")(n=n), f"{case.key}/{n}") for n in numbers[-4:]]


CARDS: dict[str, Callable[[Turn, str], bool]] = {"version": show}
