"""Whether an indicator moves: green, amber or red, by its last periods and by its target.

Plain functions of exact numbers.  More is better: a form names here what is to go up.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import msgspec

from handlers.text import Text, _

Colour = Literal["green", "amber", "red", "unknown"]
Reason = Literal["reached", "moving", "paused", "behind", "missed", "still", "too-few"]
COLOURS: dict[Reason, Colour] = {
    "reached": "green",
    "moving": "green",
    "paused": "amber",
    "behind": "amber",
    "missed": "red",
    "still": "red",
    "too-few": "unknown",
}


WORDS: dict[Colour, Text] = {
    "green": _("**green**"),
    "amber": _("**amber**"),
    "red": _("**red**"),
    "unknown": _("no colour"),
}


class Seen(msgspec.Struct, frozen=True):
    """How an indicator stands."""

    reason: Reason
    expected: Fraction | None = None  # what it will be on the day of its target at this pace

    @property
    def colour(self) -> Colour:
        """The colour of the reason."""
        return COLOURS[self.reason]

    @property
    def alarms(self) -> bool:
        """Whether somebody is told unasked; one period without a rise is seen only by who looks."""
        return self.reason in ("still", "missed", "behind")


def judged(
    values: Sequence[Fraction | None], periods: int, target: Fraction | None = None, left: int | None = None
) -> Seen:
    """Judge an indicator by its values, one a period, the newest last; None where a period has none.

    `left` is how many periods end before the day of the target, None where it has none.
    """
    newest = values[-1] if values else None
    if newest is None:
        return Seen("too-few")
    if target is not None and newest >= target:
        return Seen("reached")
    if target is not None and left is not None and left <= 0:
        return Seen("missed")
    last = values[-periods - 1 :]
    known = [(place, value) for place, value in enumerate(last) if value is not None]
    if (
        len(last) == periods + 1 == len(known)
        and max(value for place, value in known if place) <= known[0][1]
    ):
        return Seen("still")
    if len(known) < 2:
        return Seen("too-few")
    if target is not None and left is not None:
        reaches = expected(values, periods, left)
        if reaches is not None and reaches < target:
            return Seen("behind", reaches)
    if newest <= known[-2][1]:
        return Seen("paused")
    return Seen("moving")


def expected(values: Sequence[Fraction | None], periods: int, left: int) -> Fraction | None:
    """Give what it will be in so many periods at the pace of the last ones; None where they tell no pace."""
    last = values[-periods - 1 :]
    known = [(place, value) for place, value in enumerate(last) if value is not None]
    if len(known) < 2 or last[-1] is None:
        return None
    (first, old), (_last, new) = known[0], known[-1]
    return new + (new - old) / (len(last) - 1 - first) * left


def aimed(hundredths: int) -> Text:
    """Give a percentage that is to be reached as people write it: 40%, 40,5%."""
    value = hundredths // 100 if hundredths % 100 == 0 else Decimal(hundredths) / 100
    return _("{percent}%")(percent=value)
