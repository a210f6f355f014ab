"""Several lines about visits at once: which lines there are, of which day each is, and how one is changed."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.rules import visit_sheet

TODAY = date(2026, 11, 17)
VILLAGES = ("thôn Đoài", "thôn Đình")


def days(*lines: str) -> list[tuple[str, str]]:
    """Give the day of each line, as on paper, and what is wrong with it."""
    found = visit_sheet.rows(lines, TODAY, VILLAGES)
    return [
        (
            f"{row.read.day:%d/%m}" if row.read.day else "",
            row.read.fault or ("undated" if row.undated else ""),
        )
        for row in found
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("1. hôm qua 5 hộ\n2) 3 hộ vneid", ["hôm qua 5 hộ", "3 hộ vneid"]),
        ("5 hộ bhyt\n\n  3 hộ   vneid \n", ["5 hộ bhyt", "3 hộ vneid"]),
        ("16/11\n5 hộ bhyt\n15/11 3 hộ", ["16/11 5 hộ bhyt", "15/11 3 hộ"]),
        ("16/11\n15/11 3 hộ", ["15/11 3 hộ"]),
        ("3. hộ\n5 hộ bhyt", ["3. hộ", "5 hộ bhyt"]),  # not all of them are numbered
    ],
)
def test_a_text_is_parted_as_it_stands_on_paper(text: str, lines: list[str]) -> None:
    assert visit_sheet.lines_of(text, TODAY) == lines


def test_a_line_without_a_day_is_of_the_day_above_it() -> None:
    assert days("16/11 5 hộ", "3 hộ vneid", "14/11 2 hộ", "1 hộ") == [
        ("16/11", ""), ("16/11", ""), ("14/11", ""), ("14/11", ""),
    ]  # fmt: skip


def test_the_first_line_without_a_day_is_of_today() -> None:
    assert days("5 hộ bhyt", "3 hộ vneid") == [("17/11", ""), ("17/11", "")]


@pytest.mark.parametrize(
    ("above", "fault", "below"),
    [
        ("31/9 4 hộ", "no-such-day", "undated"),
        ("14/11 và 15/11 4 hộ", "several-days", "undated"),
        ("1/10 4 hộ", "too-old", "too-old"),
        ("20/11 4 hộ", "to-come", "to-come"),
    ],
)
def test_below_a_day_that_cannot_be_nothing_is_taken_for_today(above: str, fault: str, below: str) -> None:
    assert [wrong for _day, wrong in days(above, "3 hộ")] == [fault, below]


def test_a_visit_lies_31_days_back_at_most() -> None:
    assert days("17/10 4 hộ", "16/10 4 hộ") == [("17/10", ""), ("16/10", "too-old")]


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("16/11 5 hộ bhyt\n15/11 3 hộ vneid", True),
        ("chào em\n5 hộ bhyt", False),
        ("16/11 5 hộ bhyt", False),
        ("em ơi\n5 hộ bhyt\n3 hộ vneid", True),
        ("Kính gửi\nhôm nay họp lúc 8 giờ\ntại nhà văn hóa", False),
    ],
)
def test_several_lines_that_mostly_tell_of_visits_are_a_sheet(text: str, tells: bool) -> None:
    assert visit_sheet.told(text, TODAY) is tells


LINES = ["16/11 5 hộ bhyt", "15/11 3 hộ"]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("2 14/11 4 hộ vneid", [LINES[0], "14/11 4 hộ vneid"]),
        ("sửa dòng 2: 14/11 4 hộ vneid", [LINES[0], "14/11 4 hộ vneid"]),
        ("2 thôn Đình 45p", [LINES[0], "15/11 3 hộ, thôn Đình 45p"]),
        ("2. 90p", [LINES[0], "15/11 3 hộ, 90p"]),
        ("bỏ 1", [LINES[1]]),
        ("xóa dòng 2 đi", [LINES[0]]),
        ("remove 2", [LINES[0]]),
        ("3 hộ mã qr", [*LINES, "3 hộ mã qr"]),
        ("3 14/11 4 hộ", [*LINES, "14/11 4 hộ"]),
        ("14/11 4 hộ\n13/11 2 hộ", [*LINES, "14/11 4 hộ", "13/11 2 hộ"]),
        ("bỏ 3", None),
        ("7 14/11 4 hộ", None),
        ("để hỏi lại đã", None),
        ("1", None),
    ],
)
def test_one_line_is_changed_by_its_number_and_the_others_stay(text: str, after: list[str] | None) -> None:
    assert visit_sheet.changed(LINES, text, TODAY) == after
