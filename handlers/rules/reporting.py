"""When a report is due, when its officers are reminded, and when they are left in peace.

Plain functions of a form, a calendar and the time they are given.  Moments go in and come out
in UTC; days and hours are Vietnam's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import msgspec

from handlers.rules.periods import Period, after, last_month
from knowledge.forms import WEEKDAYS, DueRule, Form, Level, Shift

NOON = time(12)
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

Audience = Literal["officer", "officer+head", "head", "supervisor"]


class WorkingDays(Protocol):
    """What these rules ask of a calendar."""

    def is_working_day(self, day: date, /) -> bool: ...
    def add_working_days(self, day: date, n: int, /) -> date: ...
    def shift(self, day: date, rule: Shift, /) -> date: ...


class Stage(msgspec.Struct, frozen=True):
    """A reminder of one period, at its moment in UTC."""

    name: str
    at: datetime
    audience: Audience


class Hours(msgspec.Struct, frozen=True):
    """When people may be written to unasked, in Vietnam; the end no longer belongs to it."""

    start: time = time(7, 30)
    end: time = time(20, 0)


class Verdict(msgspec.Struct, frozen=True):
    """Whether something may be sent now; if not, why, and when it may."""

    ok: bool
    reason: Literal["", "quiet-hours", "day-off"]
    then: datetime


class Decision(msgspec.Struct, frozen=True):
    """What becomes of a reminder, and the reason that is kept with it."""

    action: Literal["send", "hold", "skip"]
    reason: Literal[
        "due",
        "submitted",
        "quiet-hours",
        "day-off",
        "newer-stage",
        "too-early",
        "no-such-stage",
        "period-over",
    ]
    until: datetime | None = None  # when to decide again, where it is held


HOURS = Hours()
OWED_FOR = timedelta(days=365)  # behind its cut-off a report that never came is asked for no more
WEEKLY = "weekly-"  # before its day, a reminder of a report of an earlier period
GATHERED = time(8, 30), time(16, 30)  # when a unit above hears what was approved since the last time
_WEEKLY_AT = timedelta(hours=8)


def local_day(at: datetime) -> date:
    """Give the day in Vietnam at that moment."""
    return at.astimezone(VIETNAM).date()


def day_begins(day: date) -> datetime:
    """Give the moment at which a day begins in Vietnam."""
    return _moment(day, time(0)).astimezone(UTC)


def due(form: Form, period: Period, calendar: WorkingDays, level: Level = "commune") -> date:
    """Give the last day on which this level may send, moved off a day off as the form says.

    Moved forward over Tết it could come before the figures are complete; then it is the first working day after.
    """
    rule = form.due_of(level)
    if rule.working_days is not None:
        return calendar.add_working_days(period.cutoff, rule.working_days)
    last = calendar.shift(_written_day(rule, period), rule.shift)
    return last if last > period.cutoff else calendar.add_working_days(period.cutoff, 1)


def _written_day(rule: DueRule, period: Period) -> date:
    """Give the day as the rule writes it, whether or not it is worked."""
    if rule.weekday is not None:
        return period.cutoff + timedelta(
            days=(WEEKDAYS.index(rule.weekday) - period.cutoff.weekday() - 1) % 7 + 1
        )
    month = last_month(period) if rule.month == "same" else _month_after(last_month(period))
    if isinstance(rule.day, int):
        return month.replace(day=rule.day)
    return _month_after(month) - timedelta(days=1)


def _month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def last_in_time(form: Form, period: Period, calendar: WorkingDays, level: Level = "commune") -> date:
    """Give the last day on which a report still counts as on time: the due day, or the days of grace behind it."""
    return calendar.add_working_days(due(form, period, calendar, level), form.due_of(level).grace)


def due_end(form: Form, period: Period, calendar: WorkingDays, level: Level = "commune") -> datetime:
    """Give the first moment, in UTC, at which the report is late."""
    return _moment(last_in_time(form, period, calendar, level) + timedelta(days=1), time(0))


def locked_from(
    form: Form, period: Period, calendar: WorkingDays, level: Level = "commune"
) -> datetime | None:
    """Give the first moment, in UTC, at which what was sent can no longer be corrected; None where it always can."""
    if form.lock is None:
        return None
    last = calendar.add_working_days(last_in_time(form, period, calendar, level), form.lock.after)
    return _moment(last + timedelta(days=1), time(0))


def correctable(form: Form, period: Period, calendar: WorkingDays, moment: datetime) -> bool:
    """Say whether reports of a period could still be approved or corrected, by whichever level has longest.

    A form that is never locked is taken as closed once its next period is due.
    """
    last = period if form.lock else after(form, period)
    ends = (
        locked_from(form, period, calendar, level) or due_end(form, last, calendar, level)
        for level in form.owed_by
    )
    return any(moment < end for end in ends)


def opened_until(form: Form, calendar: WorkingDays, opened: datetime) -> datetime:
    """Give the first moment at which a report that was opened again is locked once more."""
    days = form.lock.open_for if form.lock else 0
    return _moment(calendar.add_working_days(local_day(opened), days) + timedelta(days=1), time(0))


def days_late(
    form: Form, period: Period, calendar: WorkingDays, sent: datetime, level: Level = "commune"
) -> int:
    """Say how many working days too late a report was sent; 0 when it came in time."""
    last, day, late = last_in_time(form, period, calendar, level), local_day(sent), 0
    while last < day:
        last += timedelta(days=1)
        late += calendar.is_working_day(last)
    return max(late, 1) if sent >= due_end(form, period, calendar, level) else 0


def stages(form: Form, period: Period, calendar: WorkingDays, level: Level = "commune") -> tuple[Stage, ...]:
    """Give the reminders of a period in order; of two in one half of a day only the later in the form stays."""
    last = due(form, period, calendar, level)
    in_time = last_in_time(form, period, calendar, level)
    by_half: dict[tuple[date, bool], Stage] = {}
    for rule in form.stages:
        # Nobody is called late within the days of grace.
        base = period.cutoff if rule.counted_from == "cutoff" else in_time if rule.days > 0 else last
        # The day itself may be a day off ("none" leaves a due day where it is): then the next one.
        day = calendar.add_working_days(base, rule.days) if rule.days else calendar.shift(base, "next")
        # Around Tết the working day before the due day may lie before the cut-off: nothing to send yet.
        if (rule.counted_from == "due" and day <= period.cutoff) or (
            rule.counted_from == "cutoff" and day > last
        ):
            continue
        for week in range(rule.weeks + 1):
            name = f"{rule.name}-week-{week}" if week else rule.name
            by_half[day, rule.at >= NOON] = Stage(name, _moment(day, rule.at), rule.to)
            day = calendar.shift(day + timedelta(weeks=1), "next")
    return tuple(sorted(by_half.values(), key=lambda stage: stage.at))


def plan_of(form: Form, period: Period, calendar: WorkingDays, level: Level = "commune") -> tuple[Stage, ...]:
    """Give the reminders of a period that come before the next period's first, which puts an end to them."""
    following = stages(form, after(form, period), calendar, level)
    return tuple(
        stage
        for stage in stages(form, period, calendar, level)
        if not following or stage.at < following[0].at
    )


def weekly(day: date, calendar: WorkingDays) -> Stage:
    """Give the reminder of reports of earlier periods in the week of a day: on its first working day."""
    first = calendar.shift(day - timedelta(days=day.weekday()), "next")
    return Stage(f"{WEEKLY}{first:%Y%m%d}", day_begins(first) + _WEEKLY_AT, "officer+head")


def weekly_named(name: str, calendar: WorkingDays) -> Stage | None:
    """Give the weekly reminder of that name; None of any other."""
    written = name.removeprefix(WEEKLY)
    if written == name or not written.isdigit() or len(written) != len("20261221"):
        return None
    return weekly(date(int(written[:4]), int(written[4:6]), int(written[6:])), calendar)


def may_send(at: datetime, calendar: WorkingDays, hours: Hours = HOURS) -> Verdict:
    """Say whether people may be written to at that moment; otherwise why not, and when."""
    local = at.astimezone(VIETNAM)
    if not calendar.is_working_day(local.date()):
        return Verdict(False, "day-off", next_allowed(at, calendar, hours))
    if not hours.start <= local.time() < hours.end:
        return Verdict(False, "quiet-hours", next_allowed(at, calendar, hours))
    return Verdict(True, "", at)


def next_allowed(at: datetime, calendar: WorkingDays, hours: Hours = HOURS) -> datetime:
    """Give the first moment from then on at which people may be written to, in UTC."""
    local = at.astimezone(VIETNAM)
    working = calendar.is_working_day(local.date())
    if working and hours.start <= local.time() < hours.end:
        return at.astimezone(UTC)
    if working and local.time() < hours.start:
        return _moment(local.date(), hours.start)
    return _moment(calendar.add_working_days(local.date(), 1), hours.start)


def end_of_day(at: datetime) -> datetime:
    """Give the end of the hours of a day in which people are written to."""
    return datetime.combine(at.astimezone(VIETNAM).date(), HOURS.end, VIETNAM)


def gathered_at(at: datetime, calendar: WorkingDays, wait: timedelta) -> datetime:
    """Give when a unit above hears of what is gathered for it: twice a working day, at least so long from a moment."""
    local = (at + wait).astimezone(VIETNAM)
    day = local.date()
    if calendar.is_working_day(day):
        for hour in GATHERED:
            if local.time() <= hour:
                return _moment(day, hour)
    return _moment(calendar.add_working_days(day, 1), GATHERED[0])


def decide_reminder(
    name: str,
    plan: tuple[Stage, ...],
    *,
    submitted: bool,
    now: datetime,
    calendar: WorkingDays,
    over: datetime | None = None,
    hours: Hours = HOURS,
) -> Decision:
    """Decide on one stage of a plan at that moment; of several that are due only the newest is sent.

    `over` is when nobody is reminded of this period any more, such as the next one's first reminder.
    """
    place = next((place for place, stage in enumerate(plan) if stage.name == name), None)
    if place is None:
        return Decision("skip", "no-such-stage")
    if submitted:
        return Decision("skip", "submitted")
    if now < plan[place].at:
        return Decision("hold", "too-early", plan[place].at)
    if over is not None and now >= over:
        return Decision("skip", "period-over")
    verdict = may_send(now, calendar, hours)
    newer = plan[place + 1].at if place + 1 < len(plan) else None
    if newer is not None and newer <= verdict.then:
        return Decision("skip", "newer-stage")
    if not verdict.ok and verdict.reason:
        return Decision("hold", verdict.reason, verdict.then)
    return Decision("send", "due")


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, VIETNAM).astimezone(UTC)
