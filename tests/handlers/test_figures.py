"""Figures as cadres write them, each line readable by an officer."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from handlers.rules.figures import (
    Ambiguous,
    Figure,
    Kind,
    NoData,
    Problem,
    Reading,
    grouped,
    named,
    percentage,
    read,
    read_lines,
    share,
    times,
)

KINDS: dict[str, Kind] = {
    "số đếm": "count",
    "tỷ lệ": "ratio",
    "thập phân": "decimal",
    "phần trăm": "percent",
}


def numbers() -> list[tuple[str, str, str]]:
    """Read the table of numbers: what is written, what was asked, what comes of it."""
    lines = (Path(__file__).parent / "golden" / "numbers.txt").read_text("utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if not line.startswith("#")]
    return [(said, asked, result) for said, asked, result, _why in rows[1:]]


NUMBERS = numbers()


def shown(reading: Reading) -> str:
    """Write what was read as the table does."""
    match reading:
        case Figure(value=value, of=None):
            return f"{value}"
        case Figure(value=value, of=of):
            return f"{value}/{of}"
        case NoData():
            return "chưa có số liệu"
        case Problem(name=name):
            return f"không nhận: {name}"
        case Ambiguous(readings=(part,), of=of) if of is not None:
            return f"hỏi lại {part}/{of}"
        case Ambiguous(readings=readings):
            return f"hỏi lại {' hoặc '.join(map(str, sorted(readings)))}"


def test_the_table_of_numbers_is_long_enough() -> None:
    assert len(NUMBERS) >= 60
    assert len(set(NUMBERS)) == len(NUMBERS)


@pytest.mark.parametrize(("said", "asked", "result"), NUMBERS)
def test_a_number_is_read_as_the_table_says(said: str, asked: str, result: str) -> None:
    reading = read(said, KINDS[asked])
    assert shown(reading) == result
    if isinstance(reading, Ambiguous):
        assert set(re.findall(r"{(\w+)}", reading.ask.msgid)) == {name for name, _value in reading.ask.values}


MORE: list[tuple[str, Kind, str]] = [
    ("1\u00a0234", "count", "1234"),
    ("58297", "count", "58297"),
    ("2 triệu", "count", "2000000"),
    ("46.", "count", "46"),
    ("24 of 30", "ratio", "24/30"),
    ("24 out of 30", "count", "24/30"),
    ("11/9", "ratio", "11/9"),
    ("214/218 (98,2%)", "ratio", "214/218"),
    ("no data", "count", "chưa có số liệu"),
    ("n/a", "ratio", "chưa có số liệu"),
    ("about 50", "count", "hỏi lại 50"),
    ("none", "count", "hỏi lại 0"),
    ("9,5/11", "ratio", "không nhận: not-whole"),
    ("0.123", "count", "không nhận: not-whole"),
    ("-5/10", "ratio", "không nhận: negative"),
    ("120", "percent", "không nhận: over-hundred"),
    ("24/30", "percent", "không nhận: one-expected"),
    ("12.34.56", "count", "không nhận: unreadable"),
    ("1 23 4", "count", "không nhận: unreadable"),
    ("390 tinh ca dich vu ca ky ko ai nop a", "ratio", "không nhận: unreadable"),
    ("", "count", "không nhận: unreadable"),
    ("0912 345 678 901 23", "count", "không nhận: unreadable"),
    ("có " * 4000, "count", "không nhận: unreadable"),
]


@pytest.mark.parametrize(("said", "kind", "result"), MORE)
def test_a_number_that_no_officer_has_to_look_up_is_read_too(said: str, kind: Kind, result: str) -> None:
    assert shown(read(said, kind)) == result


def test_a_wrong_percentage_is_answered_with_the_right_one() -> None:
    reading = read("214/2.265 = 9,48%", "ratio")
    assert isinstance(reading, Problem)
    assert dict(reading.why.values) == {
        "part": 214,
        "whole": 2265,
        "computed": Decimal("9.45"),
        "said": Decimal("9.48"),
    }


LINES = [
    ("1: 9/11\n2: 214/218\n3: 46\n4: 58", [(1, "9/11"), (2, "214/218"), (3, "46"), (4, "58")]),
    ("2: 214/218", [(2, "214/218")]),
    ("2 - 214/218", [(2, "214/218")]),
    ("2. 214/218\n3. 46", [(2, "214/218"), (3, "46")]),
    ("ct 2: 214/218; ct 3: 46", [(2, "214/218"), (3, "46")]),
    ("Chỉ tiêu 5 = 1.284", [(5, "1.284")]),
    ("2) 214/218\n\n7) chưa có", [(2, "214/218"), (7, "chưa có")]),
    ("1: 9/11, 2: 214/218", [(1, "9/11"), (2, "214/218")]),
    ("- 2: 214/218\n- 3: 46", [(2, "214/218"), (3, "46")]),
    ("báo cáo đây ạ\n2: 214/218", [(0, "báo cáo đây ạ"), (2, "214/218")]),
    ("3:46", [(3, "46")]),
    ("1) 9/11 2) 214/218", [(1, "9/11"), (2, "214/218")]),
    ("1: 9/11 2: 214/218", [(1, "9/11"), (2, "214/218")]),
    ("số 2 là 214/218, số 3 mới 2 tổng 46", [(2, "214/218"), (3, "mới 2 tổng 46")]),
    ("chỉ tiêu 2 là 214/218 và chỉ tiêu 4 là 58/61", [(2, "214/218"), (4, "58/61")]),
    ("mục 5 là chưa có", [(5, "chưa có")]),
    ("3: mới 2, tổng 46", [(3, "mới 2, tổng 46")]),
    ("số 9 trên 11", []),
    ("số 46 máy", []),
    ("tổng số 46, mới 2", []),
    ("2. 214", []),
    ("2 - 5", []),
    ("2.214", []),
    ("24/30", []),
    ("1 234", []),
    ("chào em", []),
    ("", []),
]


@pytest.mark.parametrize(("said", "found"), LINES)
def test_several_lines_answer_several_indicators(said: str, found: list[tuple[int, str]]) -> None:
    assert read_lines(said) == found


NAMES = {"new": ("cài mới", "mới", "new"), "total": ("tổng số", "tổng", "total", "được bảo vệ")}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("cài mới 2, tổng 46", {"new": 2, "total": 46}),
        ("b, cai moi 2", {"new": 2}),
        ("tong so la 1.046 may va moi 12", {"new": 12, "total": 1046}),
        ("2 new, total 46", {"new": 2, "total": 46}),
        ("46", {}),
        ("mới có thêm", {}),
        ("mới -2, tổng 46", {"total": 46}),  # below 0, so it is asked for
        ("mới khoảng 2, tổng 46", {"total": 46}),
        ("new about 2, total 46", {"total": 46}),
        ("mới - 2, tổng 46", {"new": 2, "total": 46}),  # a dash between name and number
        ("mới ½, tổng 46", {"total": 46}),
    ],
)
def test_a_number_beside_its_name_is_that_figure(said: str, found: dict[str, int]) -> None:
    assert named(said, NAMES) == found


@pytest.mark.parametrize(
    ("part", "whole", "vi", "en"),
    [
        (214, 218, "98,17%", "98.17%"),
        (58, 61, "95,08%", "95.08%"),
        (118, 390, "30,26%", "30.26%"),
        (1, 800, "0,13%", "0.13%"),  # 0.125 is rounded up, not to even
        (11, 11, "100,00%", "100.00%"),
        (0, 11, "0,00%", "0.00%"),
        (0, 0, "", ""),
        (214, 2265, "9,45%", "9.45%"),
    ],
)
def test_a_percentage_is_computed_and_half_is_rounded_up(part: int, whole: int, vi: str, en: str) -> None:
    assert percentage(part, whole, "vi") == vi
    assert percentage(part, whole, "en") == en


def test_nothing_arose_is_neither_0_nor_100_percent() -> None:
    assert share(0, 0) is None


@pytest.mark.parametrize(("value", "vi", "en"), [(1284, "1.284", "1,284"), (46, "46", "46"), (0, "0", "0")])
def test_numbers_are_written_as_the_language_does(value: int, vi: str, en: str) -> None:
    assert (grouped(value, "vi"), grouped(value, "en")) == (vi, en)


def test_a_change_is_said_in_times() -> None:
    assert times(1284, 412) == Decimal("3.1")
    assert times(5, 0) is None


@pytest.mark.parametrize(
    ("value", "lang"), [(value, lang) for value in (0, 7, 412, 1284, 58297, 1234567) for lang in ("vi", "en")]
)
def test_what_was_written_is_read_back(value: int, lang: str) -> None:
    assert read(grouped(value, lang)) == Figure(Decimal(value))
