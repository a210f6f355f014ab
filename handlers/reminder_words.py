"""The words of reminders: to an officer, of one report or several, and to the head."""

from __future__ import annotations

from datetime import datetime

from handlers import approvals, filing
from handlers.filing import Filing, lines
from handlers.records.people import Person
from handlers.rules import arrival, putting_off, reporting
from handlers.rules.reporting import VIETNAM
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn

MOST = 4  # choices of one message


def remind(turn: Turn, case: Filing, officer: Person, name: str, not_before: datetime | None = None) -> None:
    """Remind an officer of one report."""
    case = filing.read_by(case, officer)
    complete = case.period.cutoff < reporting.local_day(turn.now)
    choices = [
        Choice(
            "file-report", _("Begin now") if not case.entered else _("Go on"), case.key, _typed(turn, case)
        ),
        Choice("remind-later", _put_off(turn), f"{case.key}/", _("REMIND ME LATER")),
        _working(case),
    ]
    turn.say(
        lines(_opening(turn, case, name), _state(case) if complete else _prepare(case)),
        choices if complete else (),
        to=officer,
        letters=True,
        kind="reminder",
        about=case.about,
        not_before=not_before,
        until=reporting.end_of_day(not_before or turn.now),
    )


def remind_of_all(turn: Turn, cases: list[Filing], officer: Person) -> None:
    """Remind of several reports in one message."""
    cases = [filing.read_by(case, officer) for case in cases]
    today = reporting.local_day(turn.now)
    ready = [case for case in cases if case.period.cutoff < today]
    choices = [
        Choice(
            "file-report",
            filing.short(case, cases),
            case.key,
            _typed(turn, case),
        )
        for case in ready[:3]
    ]
    if ready:
        later = _put_off(turn)
        choices.append(Choice("remind-later", later, f"{ready[0].key}/", _("REMIND ME LATER")))
        if len(choices) < MOST:
            choices.append(_working(ready[0]))
    turn.say(
        lines(_("{n} reports for you:")(n=len(cases)), *(_one_of_all(turn, case) for case in cases)),
        choices,
        to=officer,
        letters=True,
        kind="reminder",
        about=filing.together(officer.id),
        until=reporting.end_of_day(turn.now),
    )


def _typed(turn: Turn, case: Filing) -> Text:
    """Give what is typed to open a report where nothing can be tapped."""
    if filing.is_earlier(turn, case):
        return _("REPORT {period}")(period=filing.period_name(case.form, case.period))
    return _("REPORT")


def _one_of_all(turn: Turn, case: Filing) -> Text:
    """Say of one of several reports how it stands."""
    late = filing.late_by(turn, case, turn.now)
    values: dict[str, object] = {
        "month": filing.month(case),
        "unit": as_is(case.name),
        "due": filing.due_day(turn, case),
        "days": filing.workdays(late),
        "state": _state(case),
    }
    if arrival.reworked(case.report):
        return _("• {month}, {unit}: being corrected, to be sent again. {state}")(**values)
    if late:
        return _("• {month}, {unit}: {days} late. {state}")(**values)
    if case.period.cutoff >= reporting.local_day(turn.now):
        return _("• {month}, {unit}: comes soon, due {due}.")(**values)
    return _("• {month}, {unit}: due {due}. {state}")(**values)


def _opening(turn: Turn, case: Filing, name: str) -> Text:
    due = filing.due_day(turn, case)
    late = filing.late_by(turn, case, turn.now)
    values: dict[str, object] = {
        "title": filing.title(case),
        "span": filing.span(case),
        "due": due,
        "month": filing.month(case),
        "unit": as_is(case.name),
        "days": filing.workdays(late),
    }
    today = reporting.local_day(turn.now)
    if arrival.reworked(case.report):
        return _("Report {month}, {unit}, is being corrected and waits to be sent again; {first}.")(
            **values, first=filing.first_version(turn, case)
        )
    if late:
        return _("Report {month}, {unit}, is {days} late (it was due {due}).")(**values)
    if name == "nudge":
        return _("The head asks for the report {month}, {unit}. It is due {due}.")(**values)
    if case.period.cutoff >= today:
        return _("Report {month}, {unit}, comes soon: figures of {span}, due {due}.")(**values)
    if due == today:
        return _("Today is the last day for the report {month}, {unit}.")(**values)
    if today > turn.shelf.calendar.add_working_days(case.period.cutoff, 1):
        return _("Report {month}, {unit}, is due {due} and has not been sent yet.")(**values)
    return _("The figures of {span} are complete. Report {month}, {unit}, can be sent; due {due}.")(**values)


def _state(case: Filing) -> Text:
    every, tasks = len(case.form.indicators), len(case.form.tasks)
    if case.report.state == "returned":
        return _("It was returned and waits to be corrected.")
    if case.entered:
        if tasks:
            return _("The draft has {n} of {all} answers.")(n=case.entered, all=every + tasks)
        return _("The draft has {n} of {all} figures.")(n=case.entered, all=every)
    asked = filing.counted(every)
    kept = sum(1 for one in case.form.indicators if one.of_kept and one.id in case.last)
    if kept:
        if kept == 1:
            return _("{indicators}; 1 total is taken over from before for you to check.")(indicators=asked)
        return _("{indicators}; {n} totals are taken over from before for you to check.")(
            indicators=asked, n=kept
        )
    if tasks == 1:
        return _("{indicators} and 1 task, a few minutes.")(indicators=asked)
    if tasks:
        return _("{indicators} and {n} tasks, a few minutes.")(indicators=asked, n=tasks)
    return _("{indicators}, a few minutes.")(indicators=asked)


def _prepare(case: Filing) -> Text:
    return lines(
        _("To have at hand: the registers for the {indicators}. Nothing is to be sent yet.")(
            indicators=filing.counted(len(case.form.indicators))
        ),
        _("To fill in an Excel file type “template”; for somebody else to send it, “somebody else sends”."),
    )


def tell_head(turn: Turn, cases: list[Filing], head: Person) -> None:
    """Tell the head what is missing on the day it is due, or when it is late."""
    cases = [filing.read_by(case, head) for case in cases]
    today = reporting.local_day(turn.now)
    if all(arrival.reworked(case.report) for case in cases):
        opening = _("A report is being corrected and waits to be sent again.")
    elif all(filing.due_day(turn, case) > today for case in cases):
        opening = _("A report is to be sent, and whoever reports is on leave.")
    elif any(filing.due_day(turn, case) != today for case in cases):
        opening = _("A report is late.")
    else:
        opening = _("Today is the last day for a report.")
    choices = []
    officers = [who for case in cases for who in filing.there(turn, "reporter", case.unit)[:1]]
    if officers:
        fits = len(cases) == 1 and filing.name_fits(turn, officers[0].id)
        remind = _("Remind {who}")(who=filing.who(turn, officers[0].id)) if fits else _("Remind them")
        for case in cases[:3]:
            words = filing.short(case, cases) if len(cases) > 1 else remind
            choices.append(Choice("nudge", words, case.key, _("REMIND THEM")))
    turn.say(
        lines(opening, *(approvals.missing(turn, case) for case in cases)),
        choices,
        to=head,
        kind="reminder",
        about=cases[0].about if len(cases) == 1 else filing.together(head.id),
        until=reporting.end_of_day(turn.now),
    )


def _working(case: Filing) -> Choice:
    return Choice("working", _("I am working on it"), f"{case.key}/", _("WORKING ON IT"))


def _put_off(turn: Turn) -> Text:
    local = turn.now.astimezone(VIETNAM)
    if reporting.local_day(putting_off.usual(turn.now, turn.shelf.calendar)) == local.date():
        return _("Remind me at 14:00")
    return _("Remind me next morning")
