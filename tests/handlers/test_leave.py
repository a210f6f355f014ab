"""What somebody says of their leave, and which days that is."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.leave import span

TUESDAY = date(2026, 11, 17)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("nghỉ đến 20/11", TUESDAY, date(2026, 11, 20)),
        ("nghi den het 20/11", TUESDAY, date(2026, 11, 20)),
        ("Tôi nghỉ phép đến 20-11-2026 nhé", TUESDAY, date(2026, 11, 20)),
        ("chị nghỉ từ 18/11 đến 20/11", date(2026, 11, 18), date(2026, 11, 20)),
        ("nghỉ từ mai đến 3/1", date(2026, 11, 18), date(2027, 1, 3)),
        ("nghỉ hôm nay", TUESDAY, TUESDAY),
        ("mai", None, None),
        ("nghỉ mai", date(2026, 11, 18), date(2026, 11, 18)),
        ("on leave until 20/11", TUESDAY, date(2026, 11, 20)),
        ("leave from 18/11 to 20/11", date(2026, 11, 18), date(2026, 11, 20)),
        ("nghỉ đến 31/2", None, None),  # no such day
        ("nghỉ từ 20/11 đến 18/11", None, None),
        ("nghỉ đến 16/11", None, None),  # a year of leave is a slip of the finger
        ("mai tôi nghỉ", date(2026, 11, 18), date(2026, 11, 18)),
        ("mai em nghi den thu 7 nhe", date(2026, 11, 18), date(2026, 11, 21)),
        ("nghỉ đến chủ nhật ạ", TUESDAY, date(2026, 11, 22)),
        ("em xin nghỉ từ thứ sáu đến thứ hai", date(2026, 11, 20), date(2026, 11, 23)),
        ("nghỉ thứ 7", date(2026, 11, 21), date(2026, 11, 21)),
        ("mai được nghỉ học không", None, None),
        ("thứ 7 xã nghỉ", None, None),
        ("nghỉ đã", None, None),
        ("hôm nay trạm y tế có nghỉ không", None, None),
    ],
)
def test_the_days_of_leave_are_understood(words: str, first: date | None, last: date | None) -> None:
    assert span(words, TUESDAY) == ((first, last) if first else None)
