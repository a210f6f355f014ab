"""Reminding officers of the report, and telling heads what is missing: never after it was sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from handlers import approvals, filing
from handlers.filing import Filing, lines
from handlers.records.people import Person
from handlers.rules import reporting
from handlers.rules.reporting import VIETNAM
from handlers.talk import Due
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold

AFTERNOON = time(14, 0)  # when a reminder put off in the morning comes again
MORNING = time(8, 0)
BEFORE_THEN = timedelta(hours=1)  # a reminder put off comes at least so much later


# --- what is due ---


def plan(turn: Turn) -> None:
    """Put the coming stages of the open and the next period, once each, for every office."""
    form = turn.shelf.forms[filing.MONTHLY]
    now = reporting.open_period(form, reporting.local_day(turn.now))
    for unit in turn.reports.offices():
        for period in (now, reporting.after(form, now)):
            about = f"report:{unit.id}:{form.id}:{period.code}"
            for stage in reporting.stages(form, period, turn.shelf.calendar):
                # A stage that has passed was put while it was ahead; who joins later is not chased about it.
                if stage.at > turn.now:
                    turn.later(f"{about}:{stage.name}", stage.at, "reports.stage", about, stage=stage.name)


def fire(turn: Turn) -> None:
    """Decide on one stage: send it, hold it until people may be written to, or leave it out."""
    case, name = _case(turn), _fact(turn, "stage")
    if case is None:
        return
    stages = reporting.stages(case.form, case.period, turn.shelf.calendar)
    following = reporting.stages(case.form, reporting.after(case.form, case.period), turn.shelf.calendar)
    decision = reporting.decide_reminder(
        name,
        stages,
        submitted=case.report.delivered,
        now=turn.now,
        calendar=turn.shelf.calendar,
        over=following[0].at if following else None,
    )
    if decision.action == "hold" and decision.until is not None:
        _again_at(turn, case, f"{name}:{decision.until:%Y%m%d%H%M}", decision.until, stage=name)
        _decided(turn, case, name, "held", decision.reason)
        return
    if decision.action == "skip":
        _decided(turn, case, name, "skipped", decision.reason)
        return
    stage = next(each for each in stages if each.name == name)
    officers = turn.people.holding("reporter", case.unit.id) if "officer" in stage.audience else ()
    heads = turn.people.holding("head", case.unit.id) if "head" in stage.audience else ()
    for officer in officers:
        _remind(turn, case, officer, name)
    for head in heads:
        _tell_head(turn, case, head)
    if officers or heads:
        _decided(turn, case, name, "sent", "due" if officers else "no-reporter")
    else:
        _decided(turn, case, name, "skipped", "no-reporter")


def again(turn: Turn) -> None:
    """Remind the one officer who asked to be reminded later."""
    case, wanted = _case(turn), _fact(turn, "person")
    if case is None:
        return
    officer = next(
        (each for each in turn.people.holding("reporter", case.unit.id) if str(each.id) == wanted), None
    )
    verdict = reporting.may_send(turn.now, turn.shelf.calendar)
    if case.report.delivered:
        _decided(turn, case, "again", "skipped", "submitted")
    elif officer is None:
        _decided(turn, case, "again", "skipped", "no-reporter")
    elif not verdict.ok:
        turn.later(
            f"{case.about}:again:{wanted}:{verdict.then:%Y%m%d%H%M}",
            verdict.then,
            "reports.again",
            case.about,
            person=wanted,
        )
        _decided(turn, case, "again", "held", verdict.reason)
    else:
        _remind(turn, case, officer, "again")
        _decided(turn, case, "again", "sent", "asked-for")


DUE: dict[str, Callable[[Turn], None]] = {
    "reports.plan": plan,
    "reports.stage": fire,
    "reports.again": again,
}


# --- cards ---


def remind_later(turn: Turn, context: str) -> bool:
    """Put a reminder off to the moment its button named."""
    key, _slash, _moment = context.partition("/")
    case = filing.find(turn, key)
    if case is None:
        return False
    if not filing.holds(turn, "reporter", case.unit):
        turn.say(_("You do not report for {unit} now."), unit=as_is(case.name))
        return True
    if case.report.delivered:
        turn.say(_("The report has been sent; there is nothing left to remind of."))
        return True
    at = _later_today(turn)
    turn.later(
        f"{case.about}:again:{turn.person.id}:{at:%Y%m%d%H%M}",
        at,
        "reports.again",
        case.about,
        person=str(turn.person.id),
    )
    turn.say(_("All right, again at {at}."), at=at)
    return True


def nudge(turn: Turn, context: str) -> bool:
    """Remind the officers because their head wants it, at an hour at which people are written to."""
    case = filing.find(turn, context)
    if case is None:
        return False
    if not filing.holds(turn, "head", case.unit):
        turn.say(_("That is for the head of {unit}."), unit=as_is(case.name))
        return True
    if case.report.delivered:
        turn.say(_("The report has been sent; there is nothing left to remind of."))
        return True
    officers = turn.people.holding("reporter", case.unit.id)
    verdict = reporting.may_send(turn.now, turn.shelf.calendar)
    for officer in officers:
        _remind(turn, case, officer, "nudge", not_before=None if verdict.ok else verdict.then)
    if not officers:
        turn.say(_("Nobody reports for {unit} now."), unit=as_is(case.name))
        return True
    _decided(turn, case, "nudge", "sent" if verdict.ok else "held", verdict.reason or "asked-for")
    if verdict.ok:
        turn.say(_("A reminder has gone to {who}."), who=filing.who(turn, officers[0].id))
    else:
        turn.say(
            _("A reminder will go to {who} at {at}."),
            who=filing.who(turn, officers[0].id),
            at=verdict.then,
        )
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {"remind-later": remind_later, "nudge": nudge}

_LATER = {"nhac lai", "nhac lai sau", "nhac sau", "nhac toi sau", "remind me later", "remind me"}
_THEM = {"nhac ho", "nhac bao cao", "nhac can bo", "remind them"}


def typed_card(turn: Turn) -> bool:
    """Hear what stands for a button of a reminder: "nhắc lại" of an officer, "nhắc họ" of a head."""
    typed = fold(turn.text)
    kind, act = ("reporter", remind_later) if typed in _LATER else ("head", nudge)
    if typed not in _LATER | _THEM:
        return False
    cases = [filing.current(turn, unit) for unit in filing.units(turn, kind)]
    missing = [case for case in cases if not case.report.delivered] or cases
    return bool(missing) and act(turn, f"{missing[0].key}/" if kind == "reporter" else missing[0].key)


# --- words ---


def _remind(turn: Turn, case: Filing, officer: Person, name: str, not_before: datetime | None = None) -> None:
    complete = case.period.cutoff < reporting.local_day(turn.now)
    choices = [
        Choice("file-report", _("Begin now") if not case.entered else _("Go on"), case.key, _("REPORT")),
        Choice("remind-later", _put_off(turn), f"{case.key}/", _("REMIND ME LATER")),
    ]
    turn.say(
        lines(_opening(turn, case, name), _state(case) if complete else _prepare(case)),
        choices if complete else (),
        to=officer,
        letters=True,
        kind="reminder",
        about=case.about,
        not_before=not_before,
        until=_end_of_day(not_before or turn.now),
    )


def _opening(turn: Turn, case: Filing, name: str) -> Text:
    due = filing.due_day(turn, case)
    late = reporting.days_late(case.form, case.period, turn.shelf.calendar, turn.now)
    values: dict[str, object] = {
        "title": filing.title(case),
        "span": filing.span(case),
        "due": due,
        "month": filing.month(case),
        "unit": as_is(case.name),
        "n": late,
    }
    today = reporting.local_day(turn.now)
    if late:
        return _("Report {month}, {unit}, is {n} working days late (it was due {due}).")(**values)
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
    every = len(case.form.indicators)
    if case.report.state == "returned":
        return _("It was returned and waits to be corrected.")
    if case.entered:
        return _("The draft has {n} of {all} figures.")(n=case.entered, all=every)
    kept = sum(1 for one in case.form.indicators if one.of_kept and one.id in case.last)
    if kept:
        return _("{all} indicators; {n} totals are taken over from last month for you to check.")(
            all=every, n=kept
        )
    return _("{all} indicators, a few minutes.")(all=every)


def _prepare(case: Filing) -> Text:
    return _("To have at hand: the registers for the {all} indicators. Nothing is to be sent yet.")(
        all=len(case.form.indicators)
    )


def _tell_head(turn: Turn, case: Filing, head: Person) -> None:
    """Tell the head what is missing on the day it is due, or when it is late."""
    due_today = filing.due_day(turn, case) == reporting.local_day(turn.now)
    opening = _("Today the monthly report is due.") if due_today else _("The monthly report is late.")
    officers = turn.people.holding("reporter", case.unit.id)
    choices = []
    if officers:
        fits = filing.name_fits(turn, officers[0].id)
        remind = _("Remind {who}")(who=filing.who(turn, officers[0].id)) if fits else _("Remind them")
        choices.append(Choice("nudge", remind, case.key, _("REMIND THEM")))
    turn.say(
        lines(opening, approvals.missing(turn, case)),
        choices,
        to=head,
        kind="reminder",
        about=case.about,
        until=_end_of_day(turn.now),
    )


def _put_off(turn: Turn) -> Text:
    local = turn.now.astimezone(VIETNAM)
    if _later_today(turn).astimezone(VIETNAM).date() == local.date():
        return _("Remind me at 14:00")
    return _("Remind me next morning")


# --- small parts ---


def _later_today(turn: Turn) -> datetime:
    """Give 14:00 of today where that is still some time off, else 8:00 of the next working day."""
    local = turn.now.astimezone(VIETNAM)
    afternoon = datetime.combine(local.date(), AFTERNOON, VIETNAM)
    if local + BEFORE_THEN <= afternoon and turn.shelf.calendar.is_working_day(local.date()):
        return afternoon
    return datetime.combine(turn.shelf.calendar.add_working_days(local.date(), 1), MORNING, VIETNAM)


def _end_of_day(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(VIETNAM).date(), reporting.HOURS.end, VIETNAM)


def _case(turn: Turn) -> Filing | None:
    return filing.find(turn, turn.event.about.partition(":")[2]) if isinstance(turn.event, Due) else None


def _fact(turn: Turn, name: str) -> str:
    return turn.event.facts.get(name, "") if isinstance(turn.event, Due) else ""


def _decided(turn: Turn, case: Filing, stage: str, decision: str, reason: str) -> None:
    turn.reports.decided(case.report, stage, decision, reason)
    turn.note(f"reminder {stage} {decision} ({reason})", case.about)


def _again_at(turn: Turn, case: Filing, ending: str, at: datetime, **facts: str) -> None:
    turn.later(f"{case.about}:{ending}", at, "reports.stage", case.about, **facts)
