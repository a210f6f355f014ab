"""A year of reports as counts that can be summed: what came in time, late or never, and what was sent again.

Of figures, what arose is summed over the year, numerators and denominators each; of what stands, the last counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from handlers.records.reports import Report, Submission
from handlers.rules.measures import Measures
from handlers.rules.reporting import WorkingDays, local_day
from handlers.rules.validation import NO_DATA, Value
from knowledge.forms import Indicator

PROMPT = 1  # working days within which a report that waits is decided promptly


class Tally(msgspec.Struct, frozen=True):
    """What an office owed in some periods, and what became of it."""

    owed: int = 0
    timely: int = 0
    late: int = 0
    corrected: int = 0  # versions that the office sent anew of its own accord
    returned: int = 0  # versions that were sent back to it
    measures: Measures = Measures()

    @property
    def missing(self) -> int:
        """How many never came."""
        return self.owed - self.timely - self.late

    def __add__(self, other: Tally) -> Tally:
        """Sum the counts."""
        return Tally(
            self.owed + other.owed,
            self.timely + other.timely,
            self.late + other.late,
            self.corrected + other.corrected,
            self.returned + other.returned,
            self.measures + other.measures,
        )


class Judged(msgspec.Struct, frozen=True):
    """How many versions somebody decided about as head, and how many of them promptly."""

    all: int = 0
    prompt: int = 0

    def __add__(self, other: Judged) -> Judged:
        """Sum the counts."""
        return Judged(self.all + other.all, self.prompt + other.prompt)


def tallied(report: Report | None, *, in_time: bool, measures: Measures) -> Tally:
    """Count one report that was owed; None and one that was never sent alike are missing."""
    sent = report.submissions if report is not None else ()
    if not sent:
        return Tally(owed=1)
    return Tally(
        owed=1,
        timely=int(in_time),
        late=int(not in_time),
        corrected=sum(before.verdict != "returned" for before in sent[:-1]),
        returned=sum(one.verdict == "returned" for one in sent),
        measures=measures,
    )


def judged(submissions: Sequence[Submission], head: int, calendar: WorkingDays) -> Judged:
    """Count what a head has decided, but for what was decided in the place of another."""
    own = [
        (one.at, one.decided)
        for one in submissions
        if one.decided is not None and one.decided_by == head and not one.decided_for
    ]
    return Judged(len(own), sum(_prompt(sent, decided, calendar) for sent, decided in own))


def _prompt(sent: datetime, decided: datetime, calendar: WorkingDays) -> bool:
    return local_day(decided) <= calendar.add_working_days(local_day(sent), PROMPT)


def whole(one: Indicator, values: Sequence[Value]) -> Value:
    """Give what an indicator comes to over some periods, the oldest first; no data where none has any.

    Where the denominator is what there is, such as all services that are offered, the last period stands for the year.
    """
    given = [value for value in values if value.value is not None]
    if not given:
        return NO_DATA
    new = sum(value.value or 0 for value in given)
    if one.shape == "pair":  # of these the first is what is new, and the second stands
        return Value(new, given[-1].of)
    if one.kind == "stock" or one.of_kept or one.of_never_falls:  # a sum of what stands would count it twice
        return Value(given[-1].value, given[-1].of)
    of = sum(value.of or 0 for value in given) if one.two else None
    return Value(new, of)
