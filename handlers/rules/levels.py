"""By when a request is to be taken up and done, when that is late, and who hears of it next.

Plain functions of data and of the time they are given.  Two ways of counting:

- **hours** run while the commune's desk is open: not over lunch, at night, on days off or while it is closed;
- **days** are closings of the desk on working days: the day on which something came in is not counted, and a
  closing during which it waits for the citizen is not either.

A clock that waits for the citizen stands still, and there is no end to be told until it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol

import msgspec

from handlers.rules.reporting import HOURS, VIETNAM, local_day
from knowledge.service import Desk, Level, Ring, Service, Span

DAY = timedelta(days=1)
LONGEST = 800  # days that are looked at; a desk that is closed for longer is an error of its file

Clock = Literal["take-up", "done"]
Step = Literal["warning", "holder", "lead", "officer", "province"]
CHAIN: tuple[Step, ...] = ("holder", "lead", "officer", "province")
ABOVE = CHAIN[2:]  # those above the team


class Days(Protocol):
    """What these rules ask of a calendar."""

    def is_working_day(self, day: date, /) -> bool: ...


class Pause(msgspec.Struct, frozen=True):
    """A time in which a request waited for its citizen."""

    since: datetime
    until: datetime | None = None  # none: it still waits


class Alarm(msgspec.Struct, frozen=True):
    """Somebody to be told, and when."""

    clock: Clock
    step: Step
    at: datetime
    due: datetime  # the end that is near, or over

    @property
    def name(self) -> str:
        """What is kept, so that it is told once."""
        return f"{self.clock}:{self.step}"


class Course(msgspec.Struct, frozen=True):
    """What clocks are counted by: one request's times."""

    begun: datetime  # opened, or opened again
    offered: datetime  # since when it is free for somebody to take it
    claimed: datetime | None = None  # none: nobody has it
    pauses: tuple[Pause, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it waits for the citizen now."""
        return any(pause.until is None for pause in self.pauses)


# --- the desk ---


def opened(day: date, desk: Desk, calendar: Days) -> tuple[tuple[datetime, datetime], ...]:
    """Give when the desk is open on a day, in UTC; nothing for a day on which it is closed."""
    closure = desk.closure(day)
    if closure is not None:
        hours = closure.open
    elif calendar.is_working_day(day):
        hours = desk.open
    else:
        # No desk is on duty on the Saturday of a holiday: where the days beside the weekend are worked, it is none.
        plain = calendar.is_working_day(day - DAY) and calendar.is_working_day(day + 2 * DAY)
        hours = desk.saturday if day.weekday() == 5 and plain else ()
    return tuple((_moment(day, begin), _moment(day, end)) for begin, end in hours)


def worked(day: date, desk: Desk, calendar: Days) -> bool:
    """Say whether a day counts as a working day of the desk; a Saturday morning does not."""
    return calendar.is_working_day(day) and bool(opened(day, desk, calendar))


def may_tell(at: datetime, desk: Desk, calendar: Days) -> datetime:
    """Give the first moment from then on at which people of that commune may be told unasked."""
    day = local_day(at)
    for _ in range(LONGEST):
        if worked(day, desk, calendar):
            begin, end = _moment(day, HOURS.start), _moment(day, HOURS.end)
            if at < end:
                return max(at, begin)
        day += DAY
    return at


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, VIETNAM).astimezone(UTC)


def _open_from(
    start: datetime, desk: Desk, calendar: Days, pauses: Sequence[Pause], *, always: bool
) -> Iterator[tuple[datetime, datetime]]:
    """Give the stretches of time that count from a moment on, in order."""
    day = local_day(start)
    for _ in range(LONGEST):
        spans = (
            ((_moment(day, time(0)), _moment(day + DAY, time(0))),) if always else opened(day, desk, calendar)
        )
        for begin, end in spans:
            yield from _without(max(begin, start), end, pauses)
        day += DAY


def _without(begin: datetime, end: datetime, pauses: Sequence[Pause]) -> Iterator[tuple[datetime, datetime]]:
    for pause in sorted(pauses, key=lambda pause: pause.since):
        if pause.since >= end:
            break
        if begin < pause.since:
            yield begin, pause.since
        begin = max(begin, pause.until or end)
    if begin < end:
        yield begin, end


# --- counting ---


def after(
    start: datetime,
    span: Span,
    desk: Desk,
    calendar: Days,
    pauses: Sequence[Pause] = (),
    *,
    always: bool = False,
) -> datetime:
    """Give the moment at which a span that begins then is over; `always` counts every hour of day and night."""
    if span.unit != "days":
        return _hours_after(start, _length(span), desk, calendar, pauses, always=always)
    return _days_after(start, span.number, desk, calendar, pauses)


def _length(span: Span) -> timedelta:
    return timedelta(hours=span.number) if span.unit == "hours" else timedelta(minutes=span.number)


def _hours_after(
    start: datetime,
    left: timedelta,
    desk: Desk,
    calendar: Days,
    pauses: Sequence[Pause],
    *,
    always: bool,
) -> datetime:
    if not left:
        return start
    for begin, end in _open_from(start, desk, calendar, pauses, always=always):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    return start + LONGEST * DAY


def _days_after(start: datetime, days: int, desk: Desk, calendar: Days, pauses: Sequence[Pause]) -> datetime:
    day = local_day(start)
    while not worked(day, desk, calendar) or start >= opened(day, desk, calendar)[-1][1]:
        day += DAY  # it came in when the desk had closed: that is the next working day
    closing = opened(day, desk, calendar)[-1][1]
    counted = 0
    for _ in range(LONGEST):
        if counted == days:
            break
        day += DAY
        if worked(day, desk, calendar):
            closing = opened(day, desk, calendar)[-1][1]
            counted += not any(
                pause.since <= closing and (pause.until is None or closing < pause.until) for pause in pauses
            )
    return closing


def between(
    start: datetime,
    end: datetime,
    desk: Desk,
    calendar: Days,
    pauses: Sequence[Pause] = (),
    *,
    always: bool = False,
) -> timedelta:
    """Give how much time that counts lies between two moments."""
    total = timedelta(0)
    for begin, stop in _open_from(start, desk, calendar, pauses, always=always):
        if begin >= end:
            break
        total += min(stop, end) - begin
    return total


def near(
    start: datetime,
    due: datetime,
    share: int,
    desk: Desk,
    calendar: Days,
    pauses: Sequence[Pause] = (),
    *,
    always: bool = False,
) -> datetime:
    """Give the moment at which so much of 100 of the time until the end has gone by."""
    whole = between(start, due, desk, calendar, pauses, always=always)
    return _hours_after(start, whole * share / 100, desk, calendar, pauses, always=always)


# --- who is told, and when ---


def kind_of(topic: str, office: bool, service: Service) -> str:
    """Give the kind of a request: by its topic, or what lies with an office, else help with how something is done."""
    for name, level in service.levels.items():
        if topic in level.topics:
            return name
    return "office" if office and "office" in service.levels else "how-to"


def due(
    course: Course, clock: Clock, level: Level, desk: Desk, calendar: Days, *, always: bool = False
) -> datetime:
    """Give the end of a clock; of one that waits for the citizen, as if the citizen answered never."""
    start = course.offered if clock == "take-up" else course.begun
    span = level.take_up if clock == "take-up" else level.done
    return after(start, span, desk, calendar, course.pauses, always=always)


def alarms(
    course: Course, level: Level, service: Service, desk: Desk, calendar: Days, *, always: bool = False
) -> tuple[Alarm, ...]:
    """Give who is to be told and when, by rank; nothing while the request waits for its citizen.

    What nobody has taken has nobody to be told before the lead.  Whoever takes what is late already has the time that
    any has; but where it was let go so late, those above hear of it as if nobody had: it may go round for ever.
    """
    if course.waits:
        return ()
    clock: Clock
    whole = due(course, "done", level, desk, calendar, always=always)
    if course.claimed is None:
        clock, start = "take-up", course.offered
        end = due(course, clock, level, desk, calendar, always=always)
        if start < whole < end:
            end = whole  # passed on so late that the time for all of it ends before the time to take it up
    else:
        clock, start, end = "done", course.begun, whole
        if end <= course.claimed:  # it was late when it was taken; whoever took it has the time that any has
            start = course.claimed
            end = after(start, level.done, desk, calendar, course.pauses, always=always)
    soon = near(start, end, service.warning, desk, calendar, course.pauses, always=always)
    found = [Alarm(clock, "warning", soon, end)]
    chain = CHAIN if course.claimed else CHAIN[1:]
    spans = (*service.steps[: len(chain) - 1], service.steps[-1])
    for step, span in zip(chain, spans, strict=True):
        by = whole if clock == "done" and step in ABOVE and course.offered > whole else end
        found.append(Alarm(clock, step, after(by, span, desk, calendar, course.pauses, always=always), by))
    return tuple(found)


def widenings(
    course: Course, level: Level, desk: Desk, calendar: Days, *, always: bool = False
) -> tuple[tuple[Ring, datetime], ...]:
    """Give who else is shown what nobody has taken, and when, in order; nothing once somebody has it."""
    if course.claimed is not None:
        return ()
    return tuple(
        (ring, after(course.offered, span, desk, calendar, always=always)) for ring, span in level.widen
    )


def idles(
    touched: datetime,
    nudged: datetime | None,
    course: Course,
    level: Level,
    desk: Desk,
    calendar: Days,
    *,
    always: bool = False,
) -> tuple[datetime, datetime] | None:
    """Give when whoever has it is asked whether they are on it, and when it is free again.

    Whoever was asked late, after an outage, has as long to answer as anybody.  None where nobody has it,
    where it waits for its citizen, and where the level leaves it with them.
    """
    if course.claimed is None or course.waits or level.untouched is None:
        return None
    asked, free = (
        after(touched, span, desk, calendar, course.pauses, always=always)
        for span in (level.untouched.asked, level.untouched.free)
    )
    if nudged is not None and nudged > asked:
        answer = between(asked, free, desk, calendar, course.pauses, always=always)
        free = _hours_after(nudged, answer, desk, calendar, course.pauses, always=always)
    return asked, free


def hears(
    step: Step, ranks: Mapping[Step, Sequence[int]], away: Mapping[int, int]
) -> tuple[Step, tuple[int, ...]]:
    """Give who is told at a step: whoever is there of that rank or stands in, else the next rank that has anybody.

    A warning is for leads only: nothing is late yet.  Whoever has it is not told once more as a lead.
    `away` says who stands in (0: nobody) for whom.
    """
    wanted = ("lead",) if step == "warning" else CHAIN[CHAIN.index(step) :]
    for rank in wanted:
        there = [away.get(person, person) for person in ranks.get(rank, ())]
        if rank != "holder" and step != "warning":
            there = [person for person in there if person not in ranks.get("holder", ())]
        found = tuple(dict.fromkeys(person for person in there if person and person not in away))
        if found:
            return rank, found
    return wanted[-1], ()
