"""Going to where a report stands: its first open question, the summary, or the receipt."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from handlers import filing, locking, report_figures, report_receipts, tasks
from handlers.filing import DOING, Filing, lines
from handlers.rules import arrival, periods, reporting
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn

MOST = 4  # choices of one message


def open_owed(turn: Turn, case: Filing) -> None:
    """Open the report a unit owes; one that was due before this person came is only offered."""
    if filing.owed(turn, case):
        open_report(turn, case)
        return
    coming = filing.of(turn, case.unit, case.form, periods.after(case.form, case.period))
    turn.say(
        _("The figures of {span} are complete on {day}. From the next day on {title} can be entered."),
        [
            Choice(
                "file-report",
                _("Send {month} too")(month=filing.period_name(case.form, case.period)),
                case.key,
            )
        ],
        span=filing.span(coming),
        day=coming.period.cutoff,
        title=filing.title(coming),
    )


def open_report(turn: Turn, case: Filing) -> None:
    """Go to where a report stands: the first open question, the summary, or the receipt."""
    if not reports_for(turn, case):
        return
    if case.report.delivered:
        report_receipts.receipt_again(turn, case)
        return
    if filing.over(case.unit, case.period):
        turn.say(filing.no_more(turn, case))
        return
    if filing.locked(turn, case):
        locking.refuse(turn, case)
        return
    if case.period.cutoff >= reporting.local_day(turn.now):
        turn.say(
            _("The figures of {span} are complete on {day}. From the next day on {title} can be entered."),
            span=filing.span(case),
            day=case.period.cutoff,
            title=filing.title(case),
        )
        return
    if case.form.tasks:
        case = filing.hold(turn, case)
        tasks.put_of(turn, case)
    filing.enter(turn, f"{DOING} {case.key}")
    sent = case.report.latest
    if case.report.state == "returned" and sent:
        before = _("Returned by {who}: “{reason}”")(who=filing.decider(turn, sent), reason=as_is(sent.reason))
    elif case.entered:
        before = _("Going on with {title}: {n} of {all} are entered; {until}.")(
            title=filing.title(case),
            n=case.entered,
            all=case.form.asked,
            until=filing.until_when(turn, case),
        )
    else:
        before = _("{title}: figures of {span}, {until}.")(
            title=_("Report {month}, {unit}")(month=filing.month(case), unit=as_is(case.name)),
            span=filing.span(case),
            until=filing.until_when(turn, case),
        )
        before = lines(before, filing.series(turn, case))
    if case.renewed:
        before = lines(
            before, _("The form has changed since this draft was begun; the figures that still fit are kept.")
        )
    report_figures.go_on(turn, case, before)


def name_older(turn: Turn, older: Sequence[Filing]) -> None:
    """Say above what is being said that reports of earlier periods are still to be sent, with a tap to the oldest."""
    if not older:
        return
    first, said = older[0], turn.said.pop()
    told = _("Still to be sent: {title} ({state}). For it type “report {period}”.")
    if older[1:]:
        told = _("Still to be sent: {n} reports of earlier periods, the oldest {title} ({state}).")
        told = lines(told, _("For it type “report {period}”."))
    period = filing.period_name(first.form, first.period)
    words = told(n=len(older), title=filing.title(first), state=_so_far(first), period=period)
    choices = said.choices
    if len(choices) < MOST:
        choices = (*choices, Choice("file-report", _("Report {period}")(period=period), first.key))
    turn.said.append(msgspec.structs.replace(said, text=lines(words, said.text), choices=choices))


def _so_far(case: Filing) -> Text:
    if arrival.reworked(case.report):
        return _("being corrected")
    if case.entered:
        return _("figures entered: {n} of {all}")(n=case.entered, all=len(case.form.indicators))
    return _("not begun")


def reports_for(turn: Turn, case: Filing) -> bool:
    """Say whether this person reports for the unit; whoever does not is told."""
    if filing.acts(turn, "reporter", case.unit):
        return True
    turn.say(_("You do not report for {unit} now."), unit=as_is(case.name))
    if turn.talk.doing == f"{DOING} {case.key}":
        turn.end()
    return False
