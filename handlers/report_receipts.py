"""What proves that a report was sent: its receipt, and the fingerprint of what it holds."""

from __future__ import annotations

from handlers import filing
from handlers.filing import Filing, lines
from handlers.records.reports import Submission
from handlers.rules import validation
from handlers.text import _, as_is
from handlers.turn import Choice, Turn

MARK = 8  # letters of the fingerprint in a "send" button


def receipt_again(turn: Turn, case: Filing) -> None:
    """Give the receipt of what was sent, always the same."""
    sent = latest(case)
    words = _("{title}, was sent at {at}. The receipt is still **{receipt}**, version {n}.")(
        title=_("Report {month}, {unit}")(month=filing.month(case), unit=as_is(case.name)),
        at=sent.at,
        receipt=case.report.receipt,
        n=sent.number,
    )
    if case.report.state == "approved":
        words = lines(
            words,
            _("{who} approved it at {at}.")(who=filing.decider(turn, sent, first=True), at=sent.decided),
        )
        turn.say(words, kind="receipt", file=filing.sheet(turn, case, sent))
        return
    turn.say(
        lines(words, _("To correct it, type “correction”.")),
        [Choice("correct-report", _("Correct it"), case.key)],
        kind="receipt",
        file=filing.proof(case, sent),
    )


def mark(case: Filing) -> str:
    """Give by what a "send" button knows which version it was to send, and the figures it was shown under."""
    return f"{len(case.report.submissions) + 1}.{fingerprint(case)[:MARK]}"


def fingerprint(case: Filing) -> str:
    """Give the SHA-256 of what is entered."""
    return validation.fingerprint(
        case.form, case.unit.name, case.period, case.report.values, case.report.tasks
    )


def latest(case: Filing) -> Submission:
    """Give what was sent last of a report of which something was."""
    sent = case.report.latest
    assert sent is not None
    return sent
