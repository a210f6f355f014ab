"""What words ask of reminders: of which unit, of which period, on which days."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.rules import schedule_words, unit_words
from handlers.rules.schedule_words import Span

TODAY = date(2026, 11, 16)
NAMES = ("xa ung hoa", "xa ung hoa ha noi", "ung hoa", "cua nam", "to 5", "thon tu")


@pytest.mark.parametrize(
    ("text", "what", "rest", "everything"),
    [
        ("Vì sao nhắc?", "why", "", False),
        ("sao không nhắc xã Ứng Hòa", "why", "xa ung hoa", False),
        ("vì sao nhắc xã Ứng Hòa tháng 11/2026 tất cả", "why", "xa ung hoa thang 11/2026", True),
        ("vì sao em bị nhắc", "why", "", False),
        ("why was I reminded?", "why", "", False),
        ("why was she reminded of it", None, "", False),
        ("why remind xã Ứng Hòa 11/2026 all", "why", "xa ung hoa 11/2026", True),
        ("lịch nhắc từ 1/12 đến 15/12", "when", "tu 1/12 den 15/12", False),
        ("bao giờ nhắc", "when", "", False),
        ("reminder plan from 1/12 to 15/12", "when", "from 1/12 to 15/12", False),
        ("lịch hẹn", None, "", False),
        ("nhắc lại lúc 14 giờ", None, "", False),
    ],
)
def test_why_and_when_are_told_from_other_words(
    text: str, what: str | None, rest: str, everything: bool
) -> None:
    asked = schedule_words.asked(text)
    if what is None:
        assert asked is None
    else:
        assert asked is not None
        assert (asked.what, asked.rest, asked.everything) == (what, rest, everything)


@pytest.mark.parametrize(
    ("rest", "name", "behind"),
    [
        ("xa ung hoa", "xa ung hoa", ""),
        ("xa ung hoa, ha noi 11/2026", "xa ung hoa ha noi", "11/2026"),
        ("bao cao cua ung hoa 11/2026", "ung hoa", "11/2026"),
        ("cua nam", "cua nam", ""),  # Cửa Nam is a name, "của" only before one is none
        ("to 5 12/2026", "to 5", "12/2026"),
        ("thon tu tu 1/12 den 5/12", "thon tu", "tu 1/12 den 5/12"),
        ("xa ung hoang", "", "xa ung hoang"),
    ],
)
def test_the_longest_name_that_words_begin_with_is_meant(rest: str, name: str, behind: str) -> None:
    assert unit_words.of_unit(rest, NAMES) == ((name,) if name else (), behind)


@pytest.mark.parametrize(
    ("rest", "first", "last", "wrong"),
    [
        ("", (11, 16), (11, 30), ""),
        ("tu 1/12 den 15/12", (12, 1), (12, 15), ""),
        ("tu 10/11 den 20/11", (11, 16), (11, 20), ""),  # what has gone by is no plan any more
        ("tu 1/12", (12, 1), (12, 15), ""),
        ("den 20/11", (11, 16), (11, 20), ""),
        ("ngay mai", (11, 17), (11, 17), ""),
        ("thang 12", (12, 1), (12, 31), ""),
        ("thang 13", (11, 16), (11, 16), "unreal"),
        ("tu 31/2 den 5/3", (11, 16), (11, 16), "unreal"),
        ("tu 15/12 den 1/12", (12, 15), (12, 1), "backwards"),
        ("tu 1/10 den 5/10", (10, 1), (10, 5), "past"),
    ],
)
def test_the_days_of_a_plan(rest: str, first: tuple[int, int], last: tuple[int, int], wrong: str) -> None:
    span, besides = schedule_words.span(rest, TODAY)
    assert (span.first, span.last, span.wrong) == (date(2026, *first), date(2026, *last), wrong)
    assert besides == ""


def test_more_than_a_quarter_is_too_long_and_other_words_are_left_over() -> None:
    span, besides = schedule_words.span("tu 1/12/2026 den 1/12/2027", TODAY)
    assert span.wrong == "long"
    assert schedule_words.span("xa cay khe tu 1/12 den 5/12", TODAY) == (
        Span(date(2026, 12, 1), date(2026, 12, 5)),
        "xa cay khe",
    )
    assert besides == ""


@pytest.mark.parametrize(
    ("rest", "code", "besides"),
    [
        ("11/2026", ("11", "2026"), ""),
        ("thang 11", ("11", None), ""),
        ("xa cay khe ky 11/2026", ("11", "2026"), "xa cay khe"),
        ("xa cay khe", None, "xa cay khe"),
        ("to 5", None, "to 5"),
    ],
)
def test_the_period_stands_at_the_end(rest: str, code: tuple[str, str | None] | None, besides: str) -> None:
    match, before = schedule_words.period(rest)
    assert (match and (match["number"], match["year"])) == code
    assert before == besides
