"""How far a target has come: by its last full day, by now as it would have to be, and by the end at this pace.

Plain functions of exact numbers and days.  More is better: a target names what is to grow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction

import msgspec

from handlers.records.targets import Counts
from handlers.rules import still
from handlers.rules.still import Seen

DAY = timedelta(days=1)
FEW = 3  # days that have to have passed before they tell a pace


class Told(msgspec.Struct, frozen=True):
    """The figure of a place and day."""

    place: int
    day: date
    value: int


class Plan(msgspec.Struct, frozen=True):
    """What is to be reached, and when."""

    goal: int
    base: int  # all there were before the first day
    first: date
    last: date
    counts: Counts
    works: Callable[[date], bool]  # whether a day counts

    def days(self, upto: date) -> Iterator[date]:
        """Give the days that count, from the first one to this one."""
        day = self.first
        while day <= min(upto, self.last):
            if self.works(day):
                yield day
            day += DAY


class Standing(msgspec.Struct, frozen=True):
    """How far a target has come by a day."""

    reached: int
    wanted: int  # by that day, if each day brought the same
    expected: int | None  # by the end at this pace; None where nothing tells the pace
    seen: Seen
    series: tuple[
        int | None, ...
    ]  # what was reached by each day that counts, the one before the first in front
    alarms: bool  # somebody is told unasked: not before as many days as tell the pace have passed, or half


def standing(plan: Plan, told: Iterable[Told], places: Sequence[int], upto: date, pace: int) -> Standing:
    """Say how a target stands after a day; `pace` is by how many days the pace is taken.

    Of running totals a day is known once each place has told one; new ones that nobody told count as none.
    """
    told = sorted(told, key=lambda one: one.day)
    days = list(plan.days(upto))
    every = list(plan.days(plan.last))
    series: list[int | None] = [plan.base, *(_by(plan, told, places, day) for day in days)]
    if days and days[-1] < upto:  # told on a day off behind it
        series[-1] = _by(plan, told, places, upto)
    values = [None if value is None else Fraction(value) for value in series]
    left = len(every) - len(days)
    expected = still.expected(values, pace, left) if len(days) >= FEW else None
    seen = still.judged(values, pace, Fraction(plan.goal), left)
    if len(days) < FEW and seen.reason != "reached":
        seen = Seen("too-few")  # a day or two tell no pace
    newest = series[-1]
    return Standing(
        reached=newest if newest is not None else _sum(plan, told, upto),
        wanted=-(-((plan.goal - plan.base) * len(days)) // (len(every) or 1)) + plan.base,
        expected=None if expected is None else int(expected // 1),
        seen=seen,
        series=tuple(series),
        alarms=seen.alarms and len(days) >= min(pace, (len(every) + 1) // 2),
    )


def _by(plan: Plan, told: Sequence[Told], places: Sequence[int], day: date) -> int | None:
    """Give what was reached by a day; None where a place of a running total has told nothing yet."""
    if plan.counts == "total" and {one.place for one in told if one.day <= day} < set(places):
        return None
    return _sum(plan, told, day)


def _sum(plan: Plan, told: Sequence[Told], day: date) -> int:
    if plan.counts == "new":
        return plan.base + sum(one.value for one in told if one.day <= day)
    return sum({one.place: one.value for one in told if one.day <= day}.values())


def of_place(told: Iterable[Told], place: int, counts: Counts, upto: date) -> int | None:
    """Give what a place has told by a day: the sum of what was new, or its newest total; None where it told nothing."""
    own = [one for one in sorted(told, key=lambda one: one.day) if one.place == place and one.day <= upto]
    if not own:
        return None
    return sum(one.value for one in own) if counts == "new" else own[-1].value


def silent(told: Iterable[Told], places: Sequence[int], since: date, upto: date) -> tuple[int, ...]:
    """Give the places that told nothing between two days, in their order."""
    heard = {one.place for one in told if since <= one.day <= upto}
    return tuple(place for place in places if place not in heard)
