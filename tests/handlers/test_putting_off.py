"""When a reminder comes again that was put off, line by line as an officer would say it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot import clock
from handlers.rules.putting_off import moment, offered, usual
from handlers.rules.reporting import may_send
from knowledge.calendar import Calendar

CALENDAR = Calendar.load()
TABLE = Path(__file__).parent / "golden" / "put-off.txt"
DAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


def rows() -> list[list[str]]:
    lines = TABLE.read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line and line[0] != "#"][1:]


def at(written: str) -> datetime:
    name, numbers = written.split(" ", 1)
    read = datetime.strptime(numbers, "%d/%m/%Y %H:%M").replace(tzinfo=clock.VIETNAM)
    assert name == DAYS[read.weekday()], written
    return read


@pytest.mark.parametrize("row", rows(), ids=lambda row: " ".join(row[:2]))
def test_it_comes_again_at_the_hour_of_the_table(row: list[str]) -> None:
    now, words, then, _why = row
    assert moment(words, at(now), CALENDAR) == (None if then == "không hiểu" else at(then))


@pytest.mark.parametrize(
    ("now", "first", "choices"),
    [
        ("T2 16/11/2026 08:00", "T2 16/11/2026 14:00", ["T2 16/11/2026 10:00", "T3 17/11/2026 08:00"]),
        ("T2 16/11/2026 08:10", "T2 16/11/2026 14:00", ["T2 16/11/2026 10:30", "T3 17/11/2026 08:00"]),
        ("T2 16/11/2026 12:00", "T2 16/11/2026 14:00", ["T3 17/11/2026 08:00"]),
        ("T3 17/11/2026 15:00", "T4 18/11/2026 08:00", ["T3 17/11/2026 17:00"]),
        ("T6 20/11/2026 19:00", "T2 23/11/2026 08:00", []),
        ("T6 13/02/2026 19:00", "T2 23/02/2026 08:00", []),  # Tết
    ],
)
def test_other_moments_to_choose_lie_within_the_hours(now: str, first: str, choices: list[str]) -> None:
    assert usual(at(now), CALENDAR) == at(first)
    others = [one for one in offered(at(now), CALENDAR) if one != at(first)]
    assert others == [at(one) for one in choices]
    assert all(may_send(one, CALENDAR).ok for one in others)
