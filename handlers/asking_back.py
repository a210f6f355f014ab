"""An approved report in which whoever reports has found a mistake: whoever judges it is asked to return it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from handlers import answers, approvals, filing, locking
from handlers.filing import Filing, lines
from handlers.records.reports import Submission
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn

DOING, AT = f"{filing.DOING} asking-back", "ask-back-why"


def offer(turn: Turn, case: Filing, why: str) -> None:
    """Say that an approved report is first returned, and by whom; ask there at once where the reason is known."""
    judge = _judge(turn, case)
    if judge is None:
        turn.say(
            _("This report is approved, and nobody is on Tổ Số now who could return it. {unit} decides.")(
                unit=as_is(filing.capital(case.name))
            )
        )
    elif case.report.correcting:
        _asked_already(turn, case, judge)
    elif why:
        _pass_on(turn, case, why)
    else:
        turn.say(
            _("This report is approved. {who} has to return it; then it can be corrected and sent again.")(
                who=filing.who(turn, judge, first=True)
            ),
            [
                Choice(
                    "ask-return",
                    _("Ask to have it returned"),
                    case.key,
                    _("ASK BACK {receipt}")(receipt=case.report.receipt),
                )
            ],
        )


def ask(turn: Turn, context: str) -> bool:
    """Ask why an approved report is to come back."""
    case = filing.find(turn, context)
    if case is None or not filing.acts(turn, "reporter", case.unit):
        return False
    judge = _judge(turn, case)
    if case.report.state != "approved" or filing.locked(turn, case) or judge is None:
        return False
    if case.report.correcting:
        _asked_already(turn, case, judge)
        return True
    turn.hold(DOING, AT, case=case.key)
    again(turn)
    return True


def again(turn: Turn, before: Text | None = None) -> None:
    """Ask once more for the reason."""
    turn.say(lines(before, _("What is to be corrected, and why? One sentence; “stop” leaves it as it is.")))


def take(turn: Turn) -> bool:
    """Pass the reason on; False when it was none."""
    case = filing.find(turn, turn.talk.kept.get("case", ""))
    if case is None or not turn.text or answers.command(turn) in ("stop", "back", "pause"):
        turn.end()
        if case is not None and turn.text:
            turn.say(_("All right. The report stays as it is."))
        return case is not None and bool(turn.text)
    if answers.command(turn):
        return False
    if answers.yes(turn) or answers.no(turn) or sum(letter.isalpha() for letter in turn.text) < 2:
        again(turn, _("A few words on why, please: whoever approves reads them."))
        return True
    turn.end()
    _pass_on(turn, case, turn.text[: approvals.LONGEST])
    return True


def _pass_on(turn: Turn, case: Filing, why: str) -> None:
    case = filing.hold(turn, case)
    sent, judge = case.report.latest, _judge(turn, case)
    if filing.locked(turn, case):
        locking.refuse(turn, case)
        return
    if sent is None or case.report.state != "approved" or judge is None:
        turn.say(_("{title}, is not locked; it can be corrected."), title=filing.first_title(case))
        return
    if case.report.correcting:  # a colleague was faster
        _asked_already(turn, case, judge)
        return
    # What is kept here goes into the version that follows, as the reason for it.
    turn.reports.save(msgspec.structs.replace(case.report, correcting=why))
    turn.note(f"asked to return version {sent.number}", case.about)
    judges = filing.judges(turn, case.unit, sent.by)
    told = [one for one in judges if one.id != turn.person.id]
    for person in told:
        turn.say(
            lines(
                _("{who} asks you to return {title}, version {n}, receipt **{receipt}**, to correct it:")(
                    who=filing.who(turn, turn.person.id, first=True),
                    title=filing.title(filing.read_by(case, person)),
                    n=sent.number,
                    receipt=case.report.receipt,
                ),
                as_is(f"“{why}”"),
            ),
            [
                _back(case, sent),
                Choice(
                    "see-all",
                    filing.see_all(case),
                    f"{case.key}/{sent.number}",
                    _("SEE ALL {receipt}")(receipt=case.report.receipt),
                ),
            ],
            to=person,
            kind="notice",
            about=case.about,
        )
    if any(one.id == turn.person.id for one in judges):
        turn.say(
            _("It is yours to return as well. Returned, it can be corrected and sent again."),
            [_back(case, sent)],
        )
        return
    turn.say(_("{who} has been asked. You are told as soon as it is returned."), who=_named(turn, judge))


def _back(case: Filing, sent: Submission) -> Choice:
    return Choice(
        "return-asked",
        _("Return it"),
        f"{case.key}/{sent.number}",
        _("RETURN {receipt}")(receipt=case.report.receipt),
    )


def give_back(turn: Turn, context: str) -> bool:
    """Return a report because whoever reports has asked for it, with their reason."""
    case = filing.find(turn, context.partition("/")[0])
    if case is None or not case.report.correcting:
        return False
    return approvals.chosen_with(turn, "send-back", context, case.report.correcting)


def typed_card(turn: Turn) -> bool:
    """Hear "xin trả lại UH-11-K4M" of whoever reports."""
    named = filing.naming(turn) if turn.staff else None
    if named is None or named.verb not in _ASKS:
        return False
    if named.case is None:
        turn.say(filing.NO_SUCH)
        return True
    return ask(turn, named.case.key)


_ASKS = {"xin tra lai", "nho tra lai", "ask back", "ask to return"}
CARDS: dict[str, Callable[[Turn, str], bool]] = {"ask-return": ask, "return-asked": give_back}


# --- small parts ---


def _judge(turn: Turn, case: Filing) -> int | None:
    """Give whom to ask: whoever approved it, where they still may; None where nobody may."""
    sent = case.report.latest
    judges = [one.id for one in filing.judges(turn, case.unit, sent.by if sent else 0)]
    if sent is not None and sent.decided_by in judges:
        return sent.decided_by
    return judges[0] if judges else None


def _asked_already(turn: Turn, case: Filing, judge: int) -> None:
    turn.say(
        lines(
            _("{who} has been asked to return it and has not done so yet. The reason given:")(
                who=_named(turn, judge)
            ),
            as_is(f"“{case.report.correcting}”"),
        )
    )


def _named(turn: Turn, person: int) -> Text:
    return filing.who(turn, person, first=True)
