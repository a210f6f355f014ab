"""When a report is due, when its officers are reminded, and when they are left in peace.

Plain functions of a form, a calendar and the time they are given.  Moments go in and come out
in UTC; days and hours are Vietnam's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import msgspec

from knowledge.forms import Form

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

Shift = Literal["next", "previous", "none"]
Audience = Literal["officer", "officer+head", "head"]


class WorkingDays(Protocol):
    """What these rules ask of a calendar."""

    def is_working_day(self, day: date, /) -> bool: ...
    def add_working_days(self, day: date, n: int, /) -> date: ...
    def shift(self, day: date, rule: Shift, /) -> date: ...


class Period(msgspec.Struct, frozen=True):
    """The span whose figures one report holds."""

    code: str  # the reporting month, such as "2026-11"
    start: date
    cutoff: date  # the last day that counts


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


def local_day(at: datetime) -> date:
    """Give the day in Vietnam at that moment."""
    return at.astimezone(VIETNAM).date()


def period_of(form: Form, day: date) -> Period:
    """Give the period in which that day's figures count."""
    if form.period == "mid-month" and day.day >= 15:
        return _period(form, _later(day, 1))
    return _period(form, day)


def period_named(form: Form, code: str) -> Period | None:
    """Give the period of a code such as "2026-11"; None when it is no code."""
    try:
        year, month = code.split("-")
        return _period(form, date(int(year), int(month), 1)) if len(month) == 2 else None
    except ValueError:
        return None


def open_period(form: Form, day: date) -> Period:
    """Give the last period whose figures are complete on that day: the one to report now."""
    return before(form, period_of(form, day))


def before(form: Form, period: Period) -> Period:
    """Give the period before this one."""
    return _period(form, _later(_month(period), -1))


def after(form: Form, period: Period) -> Period:
    """Give the period after this one."""
    return _period(form, _later(_month(period), 1))


def _month(period: Period) -> date:
    return date.fromisoformat(f"{period.code}-01")


def _later(day: date, months: int) -> date:
    """Give the first of the month so many months on."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _period(form: Form, month: date) -> Period:
    first = month.replace(day=1)
    if form.period == "mid-month":
        return Period(f"{first:%Y-%m}", _later(first, -1).replace(day=15), first.replace(day=14))
    return Period(f"{first:%Y-%m}", first, _later(first, 1) - timedelta(days=1))


def due(form: Form, period: Period, calendar: WorkingDays) -> date:
    """Give the last day for sending, moved off a day off as the form says."""
    month = _later(_month(period), 1 if form.due.month == "next" else 0)
    return calendar.shift(month.replace(day=form.due.day), form.due.shift)


def due_end(form: Form, period: Period, calendar: WorkingDays) -> datetime:
    """Give the first moment, in UTC, at which the report is late."""
    return _moment(due(form, period, calendar) + timedelta(days=1), time(0))


def days_late(form: Form, period: Period, calendar: WorkingDays, sent: datetime) -> int:
    """Say how many working days after the due day a report was sent; 0 when it came in time."""
    last, day, late = due(form, period, calendar), local_day(sent), 0
    while last < day:
        last += timedelta(days=1)
        late += calendar.is_working_day(last)
    return max(late, 1) if sent >= due_end(form, period, calendar) else 0


def stages(form: Form, period: Period, calendar: WorkingDays) -> tuple[Stage, ...]:
    """Give the reminders of a period in order; of two on one day only the later in the form stays."""
    last = due(form, period, calendar)
    bases = {"cutoff": period.cutoff, "due": last}
    by_day: dict[date, Stage] = {}
    for rule in form.stages:
        base = bases[rule.counted_from]
        # The day itself may be a day off ("none" leaves a due day where it is): then the next one.
        day = calendar.add_working_days(base, rule.days) if rule.days else calendar.shift(base, "next")
        # Around Tết the working day before the due day may lie before the cut-off: nothing to send yet.
        if (rule.counted_from == "due" and day <= period.cutoff) or (
            rule.counted_from == "cutoff" and day > last
        ):
            continue
        by_day[day] = Stage(rule.name, _moment(day, rule.at), rule.to)
    return tuple(sorted(by_day.values(), key=lambda stage: stage.at))


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
