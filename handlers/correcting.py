"""Taking a sent report back for correction: only with a reason, which is kept with the version that follows."""

from __future__ import annotations

import re

import msgspec

from handlers import (
    answers,
    approvals,
    asking_back,
    filing,
    locking,
    report_figures,
    report_opening,
    report_receipts,
)
from handlers.filing import DOING, Filing, lines
from handlers.rules import figures, periods, reporting
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold

_NO_WORDS = "-"  # of a reason, while it is asked which report is meant
MOST = 4  # choices of one message
WHY, AT = f"{DOING} correcting", filing.CORRECTING
_ASKED = {"dinh chinh", "dinh chinh bao cao", "sua bao cao", "correct the report", "correct report",
          "correct my report", "correct it", "correction"}  # fmt: skip
# "đính chính: đếm nhầm thôn 3", "đính chính vì đếm nhầm thôn 3"
_WITH_WORDS = re.compile(
    r"\s*([^:,;\n]{4,40}?)\s*(?:[:,;]|\s(?=(?:vì|vi|do|because|since)\s))\s*(\S.*)", re.S
)


def meant(text: str) -> str | None:
    """Give the reason in words that ask for a correction without naming a report; None for other words."""
    if fold(text) in _ASKED:
        return ""
    match = _WITH_WORDS.fullmatch(text)
    return match[2].strip() if match and fold(match[1]) in _ASKED else None


def typed_card(turn: Turn) -> bool:
    """Correct the report that was sent; ask which where several may be meant. False for other words, or without one."""
    why = meant(turn.text)
    if why is None:
        return False
    cases = correctable(turn)
    if len(cases) < 2:
        return bool(cases) and begin(turn, cases[0].key, why)
    turn.hold(WHY, AT, which=why or _NO_WORDS)
    _ask_which(turn, cases)
    return True


def _ask_which(turn: Turn, cases: list[Filing], before: Text | None = None) -> None:
    many = _("Or type it like this: correct {receipt}.") if len(cases) > MOST else None
    told = (
        _("• {title}: sent at {at}, receipt {receipt}")(
            title=filing.first_title(case),
            at=report_receipts.latest(case).at,
            receipt=as_is(case.report.receipt),
        )
        for case in cases
    )
    turn.say(
        lines(
            before,
            _("Which report is to be corrected?"),
            *told,
            many(receipt=as_is(cases[0].report.receipt)) if many else None,
        ),
        [Choice("correct-report", filing.short(case, cases), case.key) for case in cases[:MOST]],
    )


def _take_which(turn: Turn, which: str) -> bool:
    """Go on with the report that was chosen, and the reason that was typed before; False for anything else."""
    pressed = answers.pressed(turn)
    command = answers.command(turn)
    if command in ("stop", "back", "pause"):
        turn.end()
        turn.say(_("All right. The report stays as it is."))
        return True
    if pressed is None or pressed[0] != "correct-report":
        turn.end()
        return False
    turn.end()
    return begin(turn, pressed[1], "" if which == _NO_WORDS else which)


def correctable(turn: Turn) -> list[Filing]:
    """Give what this person's units have sent and may mean to correct.

    That is every report of an open period, and of earlier ones what is neither approved nor closed.
    """
    units = filing.units(turn, "reporter")
    found = [case for unit in units for case in filing.current(turn, unit) if case.report.latest]
    today = reporting.local_day(turn.now)
    for form in turn.shelf.forms.in_use:
        period = periods.before(form, periods.open_period(form, today))
        while reporting.correctable(
            turn.shelf.forms.on(form.id, period.start), period, turn.shelf.calendar, turn.now
        ):
            earlier = (filing.of(turn, unit, form, period) for unit in units)
            found += [case for case in earlier if _waits(turn, case)]
            period = periods.before(form, period)
    return found


def _waits(turn: Turn, case: Filing) -> bool:
    """Say whether something was sent that is not approved, or was opened again, and can be corrected."""
    if case.report.latest is None or filing.locked(turn, case):
        return False
    return case.report.state != "approved" or filing.opened_again(turn, case)


def begin(turn: Turn, context: str, words: str = "") -> bool:
    """Take a sent report back for correction, or ask why first; what was sent stays readable."""
    case = filing.find(turn, context)
    if case is None:
        return False
    if not report_opening.reports_for(turn, case):
        return True
    case = filing.hold(turn, case)
    if filing.locked(turn, case):
        locking.refuse(turn, case)
        return True
    opened = filing.opened_again(turn, case)
    typed = words if figures.read_lines(words) else ""
    why = "" if typed else words[: approvals.LONGEST]
    if case.report.state == "approved" and not opened:
        asking_back.offer(turn, case, why if _is_reason(why) else "")
        return True
    if opened and not why:
        why = case.report.reopenings[-1].reason  # which the unit above has read
    if waits_for_why(case) and not _is_reason(why):
        ask(turn, case, typed=typed)
        return True
    _take_back(turn, case, why, typed)
    return True


def waits_for_why(case: Filing) -> bool:
    """Say whether a report that was sent has no reason yet why it is to be sent once more.

    One that was returned needs none: whoever returned it has said why.
    """
    report = case.report
    return report.latest is not None and report.state != "returned" and not report.correcting


def _is_reason(words: str) -> bool:
    return sum(letter.isalpha() for letter in words) > 1 and len(fold(words).split()) > 1


def ask(turn: Turn, case: Filing, before: Text | None = None, *, typed: str = "") -> None:
    """Ask why a report is corrected; until that is known it stays as it was sent."""
    turn.hold(WHY, AT, case=case.key, figures=typed)
    _ask_why(turn, before)


def _ask_why(turn: Turn, before: Text | None = None) -> None:
    kept = _("The figures you typed are kept.") if turn.talk.kept.get("figures") else None
    turn.say(lines(before, kept, _WHY))


_WHY = _("Why is it corrected? One sentence, which whoever approves reads. “Stop” leaves all as it is.")


def take(turn: Turn) -> bool:
    """Take the reason, and go on with the correction; False when it was none."""
    if which := turn.talk.kept.get("which", ""):
        return _take_which(turn, which)
    case = filing.find(turn, turn.talk.kept.get("case", ""))
    command = answers.command(turn)
    if case is None or not turn.text or command in ("stop", "back", "pause"):
        turn.end()
        if case is not None and turn.text:
            turn.say(_("All right. The report stays as it is."))
        return case is not None and bool(turn.text)
    if command:
        return False
    typed = turn.talk.kept.get("figures", "")
    if figures.read_lines(turn.text):
        turn.change(kept={**turn.talk.kept, "figures": f"{typed}\n{turn.text}".strip()})
        _ask_why(turn)
        return True
    if answers.yes(turn) or answers.no(turn) or not _is_reason(turn.text):
        _ask_why(turn, _("A few words on why, please: whoever approves reads them."))
        return True
    turn.end()
    begin_with(turn, case, turn.text[: approvals.LONGEST], typed)
    return True


def again(turn: Turn, before: Text | None = None) -> None:
    """Ask once more what was asked: which report, or why."""
    cases = correctable(turn) if turn.talk.kept.get("which") else []
    if cases:
        _ask_which(turn, cases, before)
    else:
        _ask_why(turn, before)


def begin_with(turn: Turn, case: Filing, why: str, typed: str) -> None:
    """Take a report back for this reason, as it stands now."""
    case = filing.hold(turn, case)
    sent = case.report.latest
    if sent is None or filing.locked(turn, case) or case.report.state == "approved":
        begin(turn, case.key, why)  # it says what has come between
        return
    _take_back(turn, case, why, typed)


def _take_back(turn: Turn, case: Filing, why: str, typed: str) -> None:
    report = case.report
    sent = report.latest
    if sent is not None and (why or report.delivered):
        delivered = report.delivered
        state = "draft" if delivered else report.state
        both = "; ".join(
            dict.fromkeys(part for part in (report.correcting, why) if part)
        )  # a colleague's first
        kept = msgspec.structs.replace(report, state=state, correcting=both[: approvals.LONGEST])
        case = filing.standing(case, turn.reports.save(kept))
        if delivered:
            turn.note(f"taken back version {sent.number}", case.about)
            approvals.taken_back(turn, case)
    if typed:
        filing.enter(turn, f"{DOING} {case.key}")
        report_figures.take_lines(turn, case, None, figures.read_lines(typed))
    else:
        report_opening.open_report(turn, case)
