"""The four measures of a report: đúng (passes its checks), đủ (complete), sạch (not corrected), sống (on time)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from handlers.rules import validation
from handlers.rules.validation import Value
from knowledge.forms import Form


class Measures(msgspec.Struct, frozen=True):
    """Counts, so that those of several reports can be summed."""

    reports: int = 0
    indicators: int = 0
    right: int = 0  # indicators with a figure that passes every check without a reason having to be given
    full: int = 0  # indicators with a figure; "no data" is none
    clean: int = 0  # reports that were never sent again
    alive: int = 0  # reports whose first version came in time

    def __add__(self, other: Measures) -> Measures:
        """Sum the counts."""
        return Measures(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


def measured(
    form: Form,
    values: Mapping[str, Value],
    last: Mapping[str, Value],
    *,
    versions: int,
    in_time: bool,
    year_begins: bool = False,
) -> Measures:
    """Measure one report as it was sent last."""
    failed = {one.indicator for one in validation.problems(form, values, last, year_begins=year_begins)}
    asked = [one.id for one in form.indicators]
    given = [one for one in asked if one in values and values[one].value is not None]
    return Measures(
        reports=1,
        indicators=len(asked),
        right=sum(one not in failed for one in given),
        full=len(given),
        clean=int(versions == 1),
        alive=int(in_time),
    )


def together(each: Iterable[Measures]) -> Measures:
    """Sum the measures of several reports."""
    return sum(each, Measures())
