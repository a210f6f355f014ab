"""Who stands where by a form's ranking: the numbers behind each place, ties, and what is in the middle.

Plain functions of numerators and denominators.  These are summed; percentages are never averaged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import msgspec

from knowledge.forms import RankPart

FULL = 100  # what an office has that has all the points that could be had


class Figure(msgspec.Struct, frozen=True):
    """A numerator and its denominator, of one office or summed."""

    part: int
    whole: int
    given: bool = True  # False: no report, or no figure in it

    @property
    def rate(self) -> Fraction | None:
        """The share; None where nothing arose or nothing was given."""
        return Fraction(self.part, self.whole) if self.given and self.whole else None


NONE_GIVEN = Figure(0, 0, given=False)


class Placed(msgspec.Struct, frozen=True):
    """One office with its place."""

    unit: int
    place: int
    score: Decimal  # of FULL
    tied: int  # how many others have this place
    got: dict[str, Decimal | None]  # points of each part; None where nothing arose, so that it does not count


def summed(figures: Iterable[Figure]) -> Figure:
    """Give the sum of numerators over the sum of denominators; of nothing given, nothing."""
    given = [one for one in figures if one.given]
    return Figure(sum(one.part for one in given), sum(one.whole for one in given)) if given else NONE_GIVEN


def middle(figures: Iterable[Figure]) -> Figure | None:
    """Give the figure in the middle: at least half of the offices reach it.  None where nobody has any."""
    there = sorted(
        (one for one in figures if one.rate is not None), key=lambda one: Fraction(one.part, one.whole)
    )
    return there[(len(there) - 1) // 2] if there else None


def points(part: RankPart, figure: Figure) -> Fraction | None:
    """Give the points of one part; None where nothing arose, and none at all where no figure was given."""
    return Fraction(0) if not figure.given else None if figure.rate is None else figure.rate * part.points


def ranked(parts: Sequence[RankPart], entries: Mapping[int, Mapping[str, Figure]]) -> tuple[Placed, ...]:
    """Give each office its place, the best first; equal scores, as they are shown, share a place: 1, 2, 2, 4.

    An office for which nothing at all could count has no place.
    """
    scores: dict[int, Decimal] = {}
    got: dict[int, dict[str, Decimal | None]] = {}
    for unit, figures in entries.items():
        each = {part.of: points(part, figures.get(part.of, NONE_GIVEN)) for part in parts}
        could = sum(part.points for part in parts if each[part.of] is not None)
        if could:
            whole = sum((one for one in each.values() if one is not None), Fraction(0))
            scores[unit] = hundredths(whole * FULL / could)
            got[unit] = _shown(each)
    ordered = sorted(scores, key=lambda unit: -scores[unit])  # stable: equal ones stay as they came
    found = list(scores.values())
    return tuple(
        Placed(
            unit,
            1 + sum(other > scores[unit] for other in found),
            scores[unit],
            found.count(scores[unit]) - 1,
            got[unit],
        )
        for unit in ordered
    )


def _shown(each: Mapping[str, Fraction | None]) -> dict[str, Decimal | None]:
    """Round the points of each part so that, as they are shown, they add up to what their sum is shown as.

    Each is cut to its hundredth; those that lost most by it get one back until the sum is right.
    """
    exact = {name: one for name, one in each.items() if one is not None}
    cut = {name: one * 100 // 1 for name, one in exact.items()}
    left = int(hundredths(sum(exact.values(), Fraction(0))) * 100) - sum(cut.values())
    most = sorted(exact, key=lambda name: cut[name] - exact[name] * 100)
    found = {name: Decimal(cut[name] + (name in most[:left])).scaleb(-2) for name in exact}
    return {name: found.get(name) for name in each}


def most_lost(parts: Sequence[RankPart], placed: Placed) -> RankPart | None:
    """Give the part in which an office lost most points; None where it lost none."""
    lost = [
        (part.points - got, part)
        for part in parts
        if (got := placed.got.get(part.of)) is not None and got < part.points
    ]
    return max(lost, key=lambda one: one[0])[1] if lost else None


def hundredths(value: Fraction) -> Decimal:
    """Round to two decimals, half up."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
