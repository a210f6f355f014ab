"""Sending a report: just as it was shown, once, to its head."""

from __future__ import annotations

import msgspec

from handlers import (
    approvals,
    correcting,
    delays,
    filing,
    locking,
    report_asking,
    report_figures,
    report_opening,
    report_receipts,
    report_tasks,
)
from handlers.filing import DOING, Filing, lines
from handlers.records.reports import Submission
from handlers.text import _, as_is
from handlers.turn import Turn


def send(turn: Turn, context: str) -> bool:
    """Send the report as it was shown; a second press gets the same receipt."""
    key, _slash, mark = context.partition("/")
    case = filing.find(turn, key) if mark else None
    if case is None:
        return False
    if not report_opening.reports_for(turn, case):
        return True
    case = filing.hold(turn, case)
    if case.report.delivered:
        report_receipts.receipt_again(turn, case)
        return True
    if filing.over(case.unit, case.period):
        turn.say(filing.no_more(turn, case))
        return True
    if filing.locked(turn, case):
        locking.refuse(turn, case)
        return True
    if not case.may_submit or case.renewed:
        filing.enter(turn, f"{DOING} {case.key}")
        report_figures.go_on(turn, case, _("Something is still open before it can be sent."))
        return True
    if case.report.state == "returned" and report_receipts.mark(case) != mark:
        # The button is from before the return, whose reason has to be read.
        report_opening.open_report(turn, case)
        return True
    if correcting.waits_for_why(case):
        correcting.ask(turn, case)
        return True
    if report_receipts.mark(case) != mark:
        filing.enter(turn, f"{DOING} {case.key}")
        report_asking.summary(turn, case, _("A figure has changed since, so please look once more."))
        return True
    _submit(turn, case)
    return True


def _submit(turn: Turn, case: Filing) -> None:
    report = case.report
    number = len(report.submissions) + 1
    sent = Submission(
        number=number,
        form_version=case.form.version,
        values=report.values,
        tasks=report.tasks,
        sha256=report_receipts.fingerprint(case),
        at=turn.sent,
        by=turn.person.id,
        corrected=report.correcting,
    )
    report = msgspec.structs.replace(
        report,
        state="submitted",
        receipt=report.receipt or turn.reports.receipt(filing.beginning(turn, case)),
        submissions=(*report.submissions, sent),
        correcting="",
    )
    case = filing.standing(case, turn.reports.save(report))
    turn.withdraw(case.about)
    turn.withdraw(f"{case.about}:{number - 1}")
    staff = (
        *turn.people.holding("reporter", case.unit.id),
        *filing.there(turn, "reporter", case.unit),
        *turn.people.holding("head", case.unit.id),
        *filing.there(turn, "head", case.unit),
    )
    for person in staff:
        turn.withdraw(filing.together(person.id))  # it speaks of this one among others
    turn.note(f"submitted version {number}", case.about)
    approvals.tell(turn, case)
    _tell_colleagues(turn, case)
    report_tasks.show(turn, case)
    delays.arrived(turn, case)
    heads = filing.judges(turn, case.unit, turn.person.id)
    told = (
        _("{who} has been told; there are no more reminders for this report.")(
            who=filing.who(turn, heads[0].id, first=True)
        )
        if heads
        else filing.NO_HEAD(unit=as_is(case.name))
    )
    turn.say(
        lines(
            _("Sent at {at}, {timely}. Receipt **{receipt}**, version {n}.")(
                at=sent.at,
                timely=filing.timely(turn, case),
                receipt=report.receipt,
                n=number,
            ),
            filing.corrected(sent.corrected),
            told,
            _(
                "Sending here is not yet the digital signature. Once approved, the file to be signed comes here."
            ),
        ),
        kind="receipt",
        file=filing.proof(case, sent),
    )
    report_asking.leave(turn)


def _tell_colleagues(turn: Turn, case: Filing) -> None:
    """Tell whoever else reports for the unit, and is there, that it is done, so that nobody works on it in vain."""
    sent = case.report.latest
    for person in filing.there(turn, "reporter", case.unit):
        if sent is not None and person.id != turn.person.id:
            turn.say(
                _("{who} has sent {title}: version {n}, receipt **{receipt}**. Nothing is left to send.")(
                    who=filing.who(turn, turn.person.id, first=True),
                    title=filing.title(filing.read_by(case, person)),
                    n=sent.number,
                    receipt=case.report.receipt,
                ),
                to=person,
                kind="notice",
                about=f"{case.about}:{sent.number}",
            )
