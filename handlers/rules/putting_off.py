"""When a reminder that somebody puts off comes again: as they say it, or one of a few moments to choose from.

Always at an hour at which people are written to.  Moments go in and come out in UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from handlers.rules.reporting import HOURS, VIETNAM, WorkingDays, may_send
from knowledge.folding import fold

AFTERNOON = time(14, 0)
MORNING = time(8, 0)
NOT_BEFORE = timedelta(hours=1)  # a reminder put off by a button comes at least so much later
A_WHILE = timedelta(hours=2)
HALF_AN_HOUR = 30

_ASKS = r"(?:nhac|remind)(?: (?:lai|toi|em|anh|chi|co|bac|chu|me|again))*(?: nhe)?"
_AT = re.compile(
    rf"{_ASKS} (?:(?:sau|luc|vao|at) )*(?P<hour>\d{{1,2}})(?: ?(?:h|gio) ?| )?(?P<minute>\d{{2}})?"
    r"(?: ?(?P<half>ruoi))?(?: ?(?P<part>sang|trua|chieu|toi|am|pm))?"
    r"(?: ?(?P<day>mai|ngay mai|hom nay|tomorrow|today))?"
)
_IN = re.compile(
    rf"{_ASKS} (?:(?:sau|in) )?(?P<n>\d{{1,2}}) (?P<unit>tieng|gio nua|phut|hours?|minutes?)(?: nua)?"
)
_PART = re.compile(
    rf"{_ASKS} (?:(?:vao|in the|this) )?(?P<part>chieu|chieu nay|afternoon|sang mai|mai|ngay mai|tomorrow)"
)


def moment(words: str, now: datetime, calendar: WorkingDays) -> datetime | None:
    """Give the moment that words ask for, moved into the hours of writing to people; None where they name none."""
    said = fold(re.sub(r"(?<=\d):(?=\d)", "h", words))
    local = now.astimezone(VIETNAM)
    if found := _IN.fullmatch(said):
        minutes = found["unit"].startswith(("phut", "minute"))
        number = int(found["n"])
        return _allowed(local + (timedelta(minutes=number) if minutes else timedelta(hours=number)), calendar)
    if found := _PART.fullmatch(said):
        if found["part"].startswith(("chieu", "afternoon")):
            afternoon = datetime.combine(local.date(), AFTERNOON, VIETNAM)
            return _allowed(afternoon, calendar) if afternoon > local else None
        return next_morning(now, calendar)
    if (found := _AT.fullmatch(said)) and (at := _hour(found)) is not None:
        day = local.date() + timedelta(days=found["day"] in ("mai", "ngay mai", "tomorrow"))
        then = datetime.combine(day, at, VIETNAM)
        return _allowed(then if then > local else then + timedelta(days=1), calendar)
    return None


def _hour(found: re.Match[str]) -> time | None:
    hour, minute = int(found["hour"]), 30 if found["half"] else int(found["minute"] or 0)
    if found["part"] in ("trua", "chieu", "toi", "pm") and 1 <= hour < 12:
        hour += 12
    elif not found["part"] and 1 <= hour < HOURS.start.hour:
        hour += 12  # nobody is written to at 3 in the morning, so 3 is the afternoon's
    return time(hour, minute) if hour < 24 and minute < 60 else None


def usual(now: datetime, calendar: WorkingDays) -> datetime:
    """Give 14:00 of today where that is still some time off, else 8:00 of the next working day."""
    local = now.astimezone(VIETNAM)
    afternoon = datetime.combine(local.date(), AFTERNOON, VIETNAM)
    if local + NOT_BEFORE <= afternoon and calendar.is_working_day(local.date()):
        return afternoon.astimezone(UTC)
    return next_morning(now, calendar)


def offered(now: datetime, calendar: WorkingDays) -> tuple[datetime, ...]:
    """Give a few moments to choose from, in order: in some two hours, this afternoon, the next working morning."""
    soon = (now + A_WHILE).astimezone(VIETNAM)
    soon += timedelta(
        minutes=-soon.minute % HALF_AN_HOUR, seconds=-soon.second, microseconds=-soon.microsecond
    )
    choices = {soon.astimezone(UTC), usual(now, calendar), next_morning(now, calendar)}
    return tuple(sorted(at for at in choices if may_send(at, calendar).ok))


def next_morning(now: datetime, calendar: WorkingDays) -> datetime:
    """Give 8:00 of the next working day."""
    day = calendar.add_working_days(now.astimezone(VIETNAM).date(), 1)
    return datetime.combine(day, MORNING, VIETNAM).astimezone(UTC)


def _allowed(at: datetime, calendar: WorkingDays) -> datetime:
    return may_send(at, calendar).then.astimezone(UTC)
