"""What a cadre types becomes a figure, half of one, or a question back."""

from __future__ import annotations

import pytest

from handlers.rules.entry import Half, understood
from handlers.rules.figures import Ambiguous, Problem
from handlers.rules.validation import NO_DATA, Value
from knowledge.form_files import load_forms
from knowledge.forms import Indicator

FORM = load_forms()["monthly"]


def indicator(number: int) -> Indicator:
    found = FORM.indicator(number)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("number", "text", "figure"),
    [
        (1, "9/11", Value(9, 11)),
        (2, "214 trên 218", Value(214, 218)),
        (3, "2/46", Value(2, 46)),
        (3, "cài mới 2, tổng 46", Value(2, 46)),
        (3, "tổng số 46, mới 2", Value(2, 46)),
        (3, "mới 2 tổng 46", Value(2, 46)),
        (3, "2 mới 46 tổng", Value(2, 46)),
        (3, "2, 46", Value(2, 46)),
        (3, "2 và 46", Value(2, 46)),
        (3, "new 2, total 46", Value(2, 46)),
        (5, "1.284", Value(1284)),
        (5, "0", Value(0)),
        (7, "không phát sinh", Value(0, 0)),
        (1, "chưa có", NO_DATA),
        (3, "chưa có số liệu", NO_DATA),
    ],
)
def test_a_whole_answer_is_taken(number: int, text: str, figure: Value) -> None:
    assert understood(indicator(number), text) == figure


@pytest.mark.parametrize(
    ("number", "text", "half"),
    [
        (1, "9", Half("of", 9)),
        (6, "118", Half("of", 118)),
        (3, "46", Half("which", 46)),
        (3, "tổng 46", Half("new", 46)),
        (3, "mới 2", Half("total", 2)),
        (3, "0", Half("total", 0)),
    ],
)
def test_half_an_answer_says_what_is_still_to_be_asked(number: int, text: str, half: Half) -> None:
    assert understood(indicator(number), text) == half


@pytest.mark.parametrize(
    ("number", "text", "have", "figure"),
    [
        (1, "11", Half("of", 9), Value(9, 11)),
        (1, "10/12", Half("of", 9), Value(10, 12)),
        (3, "2", Half("new", 46), Value(2, 46)),
        (3, "46", Half("total", 2), Value(2, 46)),
        (3, "cài mới 2", Half("which", 46), Value(2, 46)),
        (3, "tổng 46", Half("which", 2), Value(2, 46)),
    ],
)
def test_the_other_half_completes_it(number: int, text: str, have: Half, figure: Value) -> None:
    assert understood(indicator(number), text, None, have) == figure


def test_the_same_number_named_says_only_which_it_is() -> None:
    assert understood(indicator(3), "46 là tổng 46", None, Half("which", 46)) == Half("new", 46)


def test_a_single_number_is_out_of_last_months_whole_where_the_form_keeps_it() -> None:
    assert understood(indicator(6), "118", whole=390) == Value(118, 390)


@pytest.mark.parametrize(
    ("number", "text", "why"),
    [
        (2, "72,63%", "percent-given"),
        (5, "612/640", "one-expected"),
        (5, "2,5", "not-whole"),
        (5, "-3", "negative"),
    ],
)
def test_what_cannot_be_the_figure_is_named(number: int, text: str, why: str) -> None:
    got = understood(indicator(number), text)
    assert isinstance(got, Problem)
    assert got.name == why


@pytest.mark.parametrize(("text", "why"), [("khoảng 50", "about"), ("không", "zero-or-none")])
def test_what_may_mean_two_things_is_asked_back(text: str, why: str) -> None:
    got = understood(indicator(5), text)
    assert isinstance(got, Ambiguous)
    assert got.why == why


@pytest.mark.parametrize(
    "text", ["390 tính cả dịch vụ cả kỳ không ai nộp à", "tổng số 46 tính cả máy cũ?", "chào"]
)
def test_words_without_a_figure_are_left_to_the_conversation(text: str) -> None:
    assert understood(indicator(3), text) is None
    assert understood(indicator(6), text) is None
