"""What is published of a period: each office's figures as they stood, their sums, and what changed since the last time.

It is kept as it was said, so that neither a later form nor a correction moves it.  Nobody is named in it, and the
reasons that were given for a figure stay with the report.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import msgspec

from handlers.records.reports import Report, Submission
from handlers.rules import figures
from knowledge.forms import Every, Form, Shape, Words


class Asked(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An indicator as it was asked in that period."""

    id: str
    number: int
    name: Words
    unit: Words
    definition: Words
    shape: Shape
    yearly: bool = False  # of a pair: the total is this year's so far
    decimals: int = 0

    def exact(self, kept: int) -> int | Decimal:
        """Give a figure as it is meant: with its decimals, where the indicator has some."""
        return Decimal(kept).scaleb(-self.decimals) if self.decimals else kept


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """One office's figure; `value` is None for "no data"."""

    value: int | None
    of: int | None = None


class Row(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One office; without a version nothing of it had come."""

    unit: int
    code: str  # of its commune, or of the province
    name: str
    version: int = 0
    approved: bool = False
    sent: date | None = None
    in_time: bool = False
    since: bool = False  # its series begins with this period
    until: date | None = None  # and ends with that day, since the office does
    values: dict[str, Cell] = {}


class Change(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one office sent after it had been published."""

    unit: int
    name: str
    was: int  # version; 0: nothing had come
    now: int
    sent: date | None = None
    edition: int  # the one that shows it


class Content(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """All that is published of a period."""

    office: str  # whose say it is
    province: str  # its official code
    form: str
    form_version: int
    title: Words
    source: str = ""
    note: Words | None = None  # whose definitions these are
    period: str
    every: Every
    start: date
    cutoff: date
    indicators: tuple[Asked, ...]
    rows: tuple[Row, ...]
    elsewhere: int = 0  # communes of the province whose offices are not here
    changes: tuple[Change, ...] = ()

    @property
    def come(self) -> tuple[Row, ...]:
        """The offices that have sent."""
        return tuple(row for row in self.rows if row.version)


class Sum(msgspec.Struct, frozen=True):
    """One indicator over all offices: numerators and denominators are summed, a percentage is never averaged."""

    value: int
    of: int | None
    offices: int  # that gave a figure

    @property
    def percent(self) -> Decimal | None:
        """What share of the denominator the numerator is; None where nothing arose, or nothing is shared."""
        return figures.share(self.value, self.of) if self.of else None


def asked(form: Form) -> tuple[Asked, ...]:
    """Give the indicators of a form as they are published."""
    return tuple(
        Asked(
            id=one.id,
            number=one.number,
            name=one.name,
            unit=one.unit,
            definition=one.definition,
            shape=one.shape,
            yearly=one.total_of == "year",
            decimals=one.decimals,
        )
        for one in form.indicators
    )


def standing(report: Report | None) -> Submission | None:
    """Give the version that stands: what was approved last, else what lies with the head; None where neither is."""
    if report is None:
        return None
    approved = [sent for sent in report.submissions if sent.verdict == "approved"]
    return approved[-1] if approved else report.latest if report.delivered else None


def cells(form: Form, sent: Submission) -> dict[str, Cell]:
    """Give the figures of a version that this form asks for."""
    return {
        one.id: Cell(value.value, value.of)
        for one in form.indicators
        if (value := sent.values.get(one.id)) is not None
    }


def summed(content: Content, one: Asked) -> Sum:
    """Sum an indicator over the offices that gave a figure."""
    two = one.shape != "count"
    given = [
        cell
        for row in content.rows
        if (cell := row.values.get(one.id)) is not None and cell.value is not None
    ]
    of = sum(cell.of or 0 for cell in given) if two else None
    return Sum(sum(cell.value or 0 for cell in given), of, len(given))


def changed(before: Content, rows: Iterable[Row], edition: int) -> tuple[Change, ...]:
    """Give what offices have sent since it was published, behind what had been sent before that."""
    known = {row.unit: row for row in before.rows}
    new = []
    for row in rows:
        was = known[row.unit].version if row.unit in known else 0
        if row.version != was:
            new.append(
                Change(unit=row.unit, name=row.name, was=was, now=row.version, sent=row.sent, edition=edition)
            )
    return (*before.changes, *new)


def same(one: Content, other: Content) -> bool:
    """Say whether two show the same figures."""
    return (one.indicators, one.rows, one.elsewhere) == (other.indicators, other.rows, other.elsewhere)
