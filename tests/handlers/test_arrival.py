"""Whether a report has come, and in time: its first version says so, whatever becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers.records.reports import Report, State, Submission
from handlers.rules import arrival

ENDS = datetime(2026, 11, 17, 17, 0, tzinfo=UTC)  # of the last day in time, in Vietnam
BEFORE, AFTER = ENDS - timedelta(hours=1), ENDS + timedelta(days=3)


def sent(number: int, at: datetime) -> Submission:
    return Submission(number=number, form_version=1, values={}, sha256="0" * 64, at=at, by=1)


@pytest.mark.parametrize(
    ("state", "sent_at", "came", "in_time", "reworked"),
    [
        ("draft", (), None, False, False),
        ("submitted", (BEFORE,), BEFORE, True, False),
        ("submitted", (ENDS,), ENDS, False, False),
        ("approved", (AFTER,), AFTER, False, False),
        ("draft", (BEFORE,), BEFORE, True, True),  # taken back after the day
        ("returned", (BEFORE,), BEFORE, True, True),
        ("returned", (AFTER,), AFTER, False, True),
        ("submitted", (BEFORE, AFTER), BEFORE, True, False),  # corrected
        ("returned", (BEFORE, AFTER), BEFORE, True, True),
    ],
)
def test_the_first_version_says_whether_a_report_came_in_time(
    state: State, sent_at: tuple[datetime, ...], came: datetime | None, in_time: bool, reworked: bool
) -> None:
    versions = tuple(sent(number, at) for number, at in enumerate(sent_at, 1))
    report = Report(unit=1, form="monthly", period="2026-11", state=state, submissions=versions)
    assert arrival.came(report) == came
    assert arrival.in_time(report, ENDS) is in_time
    assert arrival.reworked(report) is reworked


def test_of_nothing_kept_nothing_came() -> None:
    assert arrival.came(None) is None
    assert not arrival.in_time(None, ENDS)
