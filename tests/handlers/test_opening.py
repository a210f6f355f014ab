"""Desk hours are read as officers write them, and the calendar of days off wins over them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from handlers.rules import opening
from handlers.rules.reporting import VIETNAM
from knowledge.calendar import Calendar

CALENDAR = Calendar.load()
OFFICE = "T2–T6: 7h30-11h30, 13h-17h"
OFFICE_WEEK = opening.week_of(OFFICE)


def shown(week: opening.Week | None) -> str:
    """Write a week down in short: "2-6 07:30-11:30 13:00-17:00"."""
    if week is None:
        return "none"
    runs = []
    for first, last, spans in opening.grouped(week):
        days = f"{first + 2}" if first == last else f"{first + 2}-{last + 2}"
        runs.append(" ".join([days, *(f"{s.start:%H:%M}-{s.end:%H:%M}" for s in spans)]))
    return "; ".join(runs)


@pytest.mark.parametrize(
    ("written", "week"),
    [
        (OFFICE, "2-6 07:30-11:30 13:00-17:00"),
        ("thứ 2 đến thứ 6, sáng 7h30-11h30, chiều 1h30-5h", "2-6 07:30-11:30 13:30-17:00"),
        ("sáng từ 7 giờ 30 đến 11 giờ 30, chiều từ 13 giờ 30 đến 17 giờ", "2-6 07:30-11:30 13:30-17:00"),
        ("7:30 - 11:30 va 13:00 - 16:30", "2-6 07:30-11:30 13:00-16:30"),
        ("7g30-11g30, 13g-17g; thứ bảy 7g30-11g30", "2-6 07:30-11:30 13:00-17:00; 7 07:30-11:30"),
        ("thứ hai, tư, sáu: 8h-11h", "2 08:00-11:00; 4 08:00-11:00; 6 08:00-11:00"),
        ("thứ 2, 4, 6 8h-11h", "2 08:00-11:00; 4 08:00-11:00; 6 08:00-11:00"),
        ("thứ 3 và thứ 5 từ 8h đến 11h", "3 08:00-11:00; 5 08:00-11:00"),
        ("thứ 2-6, 7h30-17h, nghỉ trưa 11h30-13h", "2-6 07:30-11:30 13:00-17:00"),
        ("Thứ Hai - thứ Sáu 7h-11h, 13h-17h, nghỉ thứ 7 và CN", "2-6 07:00-11:00 13:00-17:00"),
        ("hàng ngày 7h30-17h", "2-8 07:30-17:00"),
        ("ngày làm việc 7h30 đến 17h; thứ 7, CN nghỉ", "2-6 07:30-17:00"),
        ("7 rưỡi-11 rưỡi", "none"),
        ("7h rưỡi - 11h rưỡi", "2-6 07:30-11:30"),
        ("thứ 7: 7.30-11.30", "7 07:30-11:30"),
        ("Mon-Fri 7:30-11:30, 13:00-17:00", "2-6 07:30-11:30 13:00-17:00"),
        ("Monday to Friday 8am-5pm, Saturday 8am-12pm", "2-6 08:00-17:00; 7 08:00-12:00"),
        ("8-11h, 13-17h", "2-6 08:00-11:00 13:00-17:00"),
        ("giờ hành chính", "none"),
        ("7h30", "none"),
        ("25h-27h", "none"),
        ("7h30-11h30, 11h-17h", "none"),
        ("7h30-11h30 phòng 12", "none"),
        ("", "none"),
    ],
)
def test_hours_are_read_as_officers_write_them(written: str, week: str) -> None:
    assert shown(opening.week_of(written)) == week


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 11, 9), True),  # a Monday
        (date(2026, 11, 14), False),  # a Saturday
        (date(2026, 9, 2), False),  # a holiday in the week
        (date(2026, 1, 2), False),  # a day off by decision
        (date(2026, 1, 10), True),  # the Saturday on which it is made up for
    ],
)
def test_the_calendar_decides_which_days_are_off(day: date, open_: bool) -> None:
    assert OFFICE_WEEK
    assert bool(opening.on(OFFICE_WEEK, day, CALENDAR)) == open_


def test_a_desk_may_be_open_on_saturdays_but_not_on_a_holiday_that_is_one() -> None:
    week = opening.week_of("thứ 2 đến thứ 7: 7h30-11h30")
    assert week
    assert opening.on(week, date(2026, 11, 14), CALENDAR)
    assert not opening.on(week, date(2027, 5, 1), CALENDAR)  # Labour Day on a Saturday


@pytest.mark.parametrize(
    ("now", "opens", "until"),
    [
        ("2026-11-09 06:00", "2026-11-09 07:30", None),
        ("2026-11-09 08:00", "2026-11-09 13:00", time(11, 30)),
        ("2026-11-09 12:00", "2026-11-09 13:00", None),
        ("2026-11-09 17:00", "2026-11-10 07:30", None),
        ("2026-11-13 20:00", "2026-11-16 07:30", None),
        ("2026-12-31 18:00", "2027-01-04 07:30", None),
    ],
)
def test_the_next_opening_is_known(now: str, opens: str, until: time | None) -> None:
    assert OFFICE_WEEK
    moment = datetime.fromisoformat(now).replace(tzinfo=VIETNAM)
    assert opening.next_opening(OFFICE_WEEK, moment, CALENDAR) == datetime.fromisoformat(opens).replace(
        tzinfo=VIETNAM
    )
    assert opening.open_until(OFFICE_WEEK, moment, CALENDAR) == until
