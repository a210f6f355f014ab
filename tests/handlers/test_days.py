"""Days to come are read as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.rules import days

MONDAY = date(2026, 11, 9)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("31/12/2026", date(2026, 12, 31)),
        ("31-12-26", date(2026, 12, 31)),
        ("31.12.2026", date(2026, 12, 31)),
        ("31122026", date(2026, 12, 31)),
        ("2026-12-31", date(2026, 12, 31)),
        ("hết ngày 31/12 nhé", date(2026, 12, 31)),
        ("15/1", date(2027, 1, 15)),
        ("1/11", date(2026, 11, 1)),  # just passed: a slip, and not next year
        ("ngày 3 tháng 12", date(2026, 12, 3)),
        ("ngay 3 thang 12 nam 2026", date(2026, 12, 3)),
        ("29/2", date(2028, 2, 29)),
        ("cuối tháng", date(2026, 11, 30)),
        ("het thang sau", date(2026, 12, 31)),
        ("hết tháng 3", date(2027, 3, 31)),
        ("hết tháng 11", date(2026, 11, 30)),
        ("hết tháng 3/2027", date(2027, 3, 31)),
        ("cuối năm", date(2026, 12, 31)),
        ("hết năm nay", date(2026, 12, 31)),
        ("hôm nay", MONDAY),
        ("chiều nay", MONDAY),
        ("mai", date(2026, 11, 10)),
        ("ngày kia", date(2026, 11, 11)),
        ("thứ sáu", date(2026, 11, 13)),
        ("thu 2", MONDAY),
        ("t7", date(2026, 11, 14)),
        ("thứ Năm tuần sau", date(2026, 11, 19)),
        ("thứ năm 19/11", date(2026, 11, 19)),
        ("Chủ nhật, ngày 22/11/2026", date(2026, 11, 22)),
        ("Thursday 19 November", date(2026, 11, 19)),
        ("chủ nhật", date(2026, 11, 15)),
        ("3 tháng nữa", date(2027, 2, 9)),
        ("ba tháng", date(2027, 2, 9)),
        ("2 tuần", date(2026, 11, 23)),
        ("một năm", date(2027, 11, 9)),
        ("31 December", date(2026, 12, 31)),
        ("Dec 31, 2026", date(2026, 12, 31)),
        ("tomorrow", date(2026, 11, 10)),
        ("next Thursday", date(2026, 11, 19)),
        ("in 3 months", date(2027, 2, 9)),
        ("end of the year", date(2026, 12, 31)),
    ],
)
def test_a_day_is_read_as_people_write_it(written: str, day: date) -> None:
    assert days.named(written, MONDAY).one == day


@pytest.mark.parametrize("written", ["31/2", "32/12/2026", "ngày 30 tháng 2", "2026-13-01", "31/11"])
def test_what_looks_like_a_day_and_is_none_is_told_apart(written: str) -> None:
    found = days.named(written, MONDAY)
    assert (found.one, found.days, len(found.unreal)) == (None, (), 1)


@pytest.mark.parametrize(
    "written",
    ["", "không biết", "7h30-11h30", "8-11h", "024 3755 1234", "số 12 đường Nguyễn Văn Bá", "13:00"],
)
def test_other_figures_are_no_days(written: str) -> None:
    assert days.named(written, MONDAY) == days.Named()


def test_several_days_are_given_in_their_order() -> None:
    found = days.named("3/12 và 17/12/2026, 8h-11h", MONDAY)
    assert found.days == (date(2026, 12, 3), date(2026, 12, 17))
    assert found.one is None


def test_the_last_day_of_a_shorter_month_is_meant() -> None:
    assert days.later(date(2026, 11, 30), 3) == date(2027, 2, 28)


def test_words_without_their_days_are_what_is_left() -> None:
    assert days.without("Thứ Bảy 14/11 xã có làm việc không?") == "xa co lam viec khong"
