"""Figures as cadres write them, each line readable by an officer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from handlers.rules.figures import (
    Ambiguous,
    Figure,
    Kind,
    NoData,
    Problem,
    grouped,
    named,
    percentage,
    read,
    read_lines,
    share,
    times,
)

ONE_NUMBER: list[tuple[str, Kind, str]] = [
    ("46", "count", "46"),
    (" 46 ", "count", "46"),
    ("0", "count", "0"),
    ("1.234", "count", "1234"),
    ("1 234", "count", "1234"),
    ("1\u00a0234", "count", "1234"),
    ("1,234", "count", "1234"),
    ("1.284", "count", "1284"),
    ("1.234.567", "count", "1234567"),
    ("1,234,567", "count", "1234567"),
    ("58297", "count", "58297"),
    ("58.297", "count", "58297"),
    ("12 nghìn", "count", "12000"),
    ("12 nghin", "count", "12000"),
    ("1,2 nghìn", "count", "1200"),
    ("12k", "count", "12000"),
    ("2 triệu", "count", "2000000"),
    ("46 máy", "count", "46"),
    ("dạ 46 ạ", "count", "46"),
    ("kỳ này 46 cuộc", "count", "46"),
    ("có 9 cuộc họp", "count", "9"),
    ("1.284 giao dịch", "count", "1284"),
    ("tổng cộng: 46", "count", "46"),
    ("46.", "count", "46"),
    ("１２３", "count", "123"),
    ("58", "ratio", "58"),
    ("không phát sinh", "count", "0"),
    ("72,63", "percent", "72.63"),
    ("72.63", "percent", "72.63"),
    ("72,63%", "percent", "72.63"),
    ("72,63 phần trăm", "percent", "72.63"),
    ("100%", "percent", "100"),
    ("1.234", "percent", "1.234"),
    ("0.123", "decimal", "0.123"),
    ("1.234,5", "decimal", "1234.5"),
    ("1,234.5", "decimal", "1234.5"),
]


@pytest.mark.parametrize(("said", "kind", "value"), ONE_NUMBER)
def test_a_number_is_read_as_it_was_meant(said: str, kind: Kind, value: str) -> None:
    assert read(said, kind) == Figure(Decimal(value))


TWO_NUMBERS = [
    ("24/30", 24, 30),
    ("24 / 30", 24, 30),
    ("24 trên 30", 24, 30),
    ("24 tren 30", 24, 30),
    ("24 of 30", 24, 30),
    ("24 out of 30", 24, 30),
    ("9 trên tổng số 11 cuộc", 9, 11),
    ("9 cuộc / 11 cuộc", 9, 11),
    ("1.234/1.300", 1234, 1300),
    ("1 234 / 1 300", 1234, 1300),
    ("0/0", 0, 0),
    ("11/9", 11, 9),
    ("214/218 = 98,17%", 214, 218),
    ("214/218 (98,2%)", 214, 218),
    ("2.007 trên 2.265 hồ sơ ạ", 2007, 2265),
]


@pytest.mark.parametrize(("said", "part", "whole"), TWO_NUMBERS)
@pytest.mark.parametrize("kind", ["count", "ratio"])
def test_two_numbers_are_part_and_whole(said: str, part: int, whole: int, kind: Kind) -> None:
    assert read(said, kind) == Figure(Decimal(part), Decimal(whole))


NOTHING_YET = [
    "chưa có",
    "chua co",
    "chưa có số",
    "chưa có số liệu",
    "không có số liệu",
    "ko co so lieu",
    "kỳ này chưa có số liệu ạ",
    "chưa tổng hợp được",
    "no data",
    "No data yet",
    "n/a",
]


@pytest.mark.parametrize("said", NOTHING_YET)
def test_no_data_is_not_zero(said: str) -> None:
    assert read(said) == NoData()
    assert read(said, "ratio") == NoData()


ASKED_BACK: list[tuple[str, Kind, str, list[int | str]]] = [
    ("khoảng 50", "count", "about", [50]),
    ("khoang 50", "count", "about", [50]),
    ("tầm 1.200", "count", "about", [1200]),
    ("hơn 50", "count", "about", [50]),
    ("gần 50 cuộc", "count", "about", [50]),
    ("~50", "count", "about", [50]),
    ("about 50", "count", "about", [50]),
    ("50-60", "count", "about", [50, 60]),
    ("50 đến 60", "count", "about", [50, 60]),
    ("50 mấy", "count", "about", [50]),
    ("không", "count", "zero-or-none", [0]),
    ("không có", "count", "zero-or-none", [0]),
    ("ko co cuoc nao", "count", "zero-or-none", [0]),
    ("none", "count", "zero-or-none", [0]),
    ("1.234", "decimal", "thousand-or-decimal", [1234, "1.234"]),
    ("1,234", "decimal", "thousand-or-decimal", [1234, "1.234"]),
]


@pytest.mark.parametrize(("said", "kind", "why", "readings"), ASKED_BACK)
def test_what_may_mean_two_things_is_asked_back(
    said: str, kind: Kind, why: str, readings: list[int | str]
) -> None:
    reading = read(said, kind)
    assert isinstance(reading, Ambiguous)
    assert reading.why == why
    assert {Decimal(value) for value in readings} == set(reading.readings)


IMPOSSIBLE: list[tuple[str, Kind, str]] = [
    ("72,63", "count", "not-whole"),
    ("1,5 cuộc", "count", "not-whole"),
    ("9,5/11", "ratio", "not-whole"),
    ("0.123", "count", "not-whole"),
    ("-5", "count", "negative"),
    ("-5/10", "ratio", "negative"),
    ("72,63%", "ratio", "percent-given"),
    ("72,63%", "count", "percent-given"),
    ("100,01%", "percent", "over-hundred"),
    ("120", "percent", "over-hundred"),
    ("214/2265 = 9,48%", "ratio", "percent-differs"),
    ("24/30", "percent", "one-expected"),
    ("12/11/2026", "count", "unreadable"),
    ("12.34.56", "count", "unreadable"),
    ("1 23 4", "count", "unreadable"),
    ("390 tinh ca dich vu ca ky ko ai nop a", "ratio", "unreadable"),
    ("nghĩa", "count", "unreadable"),
    ("46 chứ sao", "count", "unreadable"),
    ("a", "count", "unreadable"),
    ("", "count", "unreadable"),
    ("1.284 hôm qua báo là 412", "count", "unreadable"),
    ("0912 345 678 901 23", "count", "unreadable"),
    ("có " * 4000, "count", "unreadable"),
]


@pytest.mark.parametrize(("said", "kind", "name"), IMPOSSIBLE)
def test_what_cannot_be_the_figure_says_why(said: str, kind: Kind, name: str) -> None:
    reading = read(said, kind)
    assert isinstance(reading, Problem)
    assert reading.name == name
    assert reading.why.msgid


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
