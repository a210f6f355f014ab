"""The most that a sum can be under limits: a small exact linear program, for checks against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec


class Limit(msgspec.Struct, frozen=True):
    """A weighted sum of figures that is at most so much."""

    weights: Mapping[str, int]
    at_most: int


def most(
    wanted: Mapping[str, int], limits: Sequence[Limit], ranges: Mapping[str, tuple[int, int]]
) -> Fraction | None:
    """Give the most that the wanted sum can be; None where the limits leave no figures at all.

    Every figure has a range, so there is always a most.
    """
    names = list(ranges)
    place = {name: at for at, name in enumerate(names)}
    rows: list[tuple[list[Fraction], Fraction]] = []
    for name, (least, highest) in ranges.items():
        row = [Fraction(0)] * len(names)
        row[place[name]] = Fraction(1)
        rows.append((row, Fraction(highest - least)))
    for limit in limits:
        row = [Fraction(0)] * len(names)
        room = Fraction(limit.at_most)
        for name, weight in limit.weights.items():
            row[place[name]] += weight
            room -= weight * ranges[name][0]  # figures are counted from their least
        rows.append((row, room))
    target = [Fraction(wanted.get(name, 0)) for name in names]
    beneath = sum((Fraction(weight * ranges[name][0]) for name, weight in wanted.items()), Fraction(0))
    found = _simplex(rows, target)
    return None if found is None else found + beneath


def _simplex(rows: list[tuple[list[Fraction], Fraction]], target: list[Fraction]) -> Fraction | None:
    """Maximise over figures of 0 and more; the room of a row may be below 0."""
    width, height = len(target), len(rows)
    # Columns: the figures, a slack for each row, one helper that makes every row possible, and the room.
    table = []
    for at, (row, room) in enumerate(rows):
        slack = [Fraction(int(at == other)) for other in range(height)]
        table.append([*row, *slack, Fraction(-1), room])
    basis = [width + at for at in range(height)]
    helper = width + height
    worst = min(range(height), key=lambda at: table[at][-1])
    if table[worst][-1] < 0:
        _pivot(table, basis, worst, helper)
        if _climb(table, basis, [*([Fraction(0)] * helper), Fraction(-1)]) < 0:
            return None
        if helper in basis:  # at 0: any other column takes its place
            at = basis.index(helper)
            other = next(column for column in range(helper) if table[at][column])
            _pivot(table, basis, at, other)
    for row in table:
        row[helper] = Fraction(0)
    return _climb(table, basis, [*target, *([Fraction(0)] * (height + 1))])


def _climb(table: list[list[Fraction]], basis: list[int], target: list[Fraction]) -> Fraction:
    """Pivot until nothing gains any more (Bland's rule, which ends); give the value reached."""
    while True:
        gains = [
            gain - sum((target[kept] * row[at] for kept, row in zip(basis, table, strict=True)), Fraction(0))
            for at, gain in enumerate(target)
        ]
        column = next((at for at, gain in enumerate(gains) if gain > 0), None)
        if column is None:
            return sum((target[kept] * row[-1] for kept, row in zip(basis, table, strict=True)), Fraction(0))
        able = [at for at, row in enumerate(table) if row[column] > 0]
        if not able:
            raise AssertionError("every figure has a range")
        leaving = min(able, key=lambda at: (table[at][-1] / table[at][column], basis[at]))
        _pivot(table, basis, leaving, column)


def _pivot(table: list[list[Fraction]], basis: list[int], at: int, column: int) -> None:
    by = table[at][column]
    table[at] = [value / by for value in table[at]]
    for other, row in enumerate(table):
        if other != at and row[column]:
            factor = row[column]
            table[other] = [value - factor * kept for value, kept in zip(row, table[at], strict=True)]
    basis[at] = column
