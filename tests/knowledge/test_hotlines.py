"""Telephone numbers in what people write, and those that offices have made known."""

from __future__ import annotations

import re

import pytest

from knowledge.hotlines import FILE, hotline, numbers_in


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("so 0912345678 nay co phai cua cong an khong", ["0912345678"]),
        ("+84 912 345 678 và 0912.345.678", ["0912345678"]),
        ("số máy bàn 024 3768 3683", ["02437683683"]),
        ("1900 0368 hay 19000368", ["19000368"]),
        ("tổng đài 1900.9068", ["19009068"]),
        ("1900 545454 gọi tới", ["1900545454"]),
        ("so 113 goi toi", ["113"]),
        ("tổng đài 156, đầu số 5656", ["156", "5656"]),
        ("is the number 1414 real", ["1414"]),
        ("113 người", []),
        ("200.000 đồng ngày 20/11/2026", []),
        ("tài khoản 00110123456789", []),
    ],
)
def test_numbers_are_found_as_they_are_dialled(text: str, numbers: list[str]) -> None:
    assert numbers_in(text) == numbers


def test_a_known_number_says_whose_it_is() -> None:
    known = hotline("19000368")
    assert known
    assert (known.whose("vi"), known.whose("en")) == ("tổng đài VNeID", "the VNeID line")
    assert hotline("0912345678") is None


def test_a_number_that_only_private_pages_name_is_not_known() -> None:
    assert hotline("18001091") is None  # said to be an operator's; no page of that operator could be read


def test_every_known_number_has_a_source_and_a_day() -> None:
    heading, *rows = FILE.read_text("utf-8").splitlines()
    assert heading.split("\t") == ["number", "vi", "en", "source", "date"]
    for row in rows:
        number, vi, en, source, day = row.split("\t")
        assert number.isdigit()
        assert vi
        assert en
        assert source.startswith("http")
        assert re.fullmatch(r"20\d\d(-\d\d){0,2}", day)
