"""What is offered where a report asks for a figure that is known: by the indicator's source, and never too little."""

from __future__ import annotations

import msgspec
import pytest

from bot.wording import Wording
from handlers import report_counts
from handlers.filing import Filing
from handlers.records.people import Unit
from handlers.records.reports import Report
from handlers.rules import periods
from handlers.rules.validation import NO_DATA, Value
from knowledge.form_files import load_forms

FORM = load_forms()["monthly"]


@pytest.mark.parametrize(
    ("source", "people", "households", "number", "words"),
    [
        ("help-given", 5, 3, 8, "Tổ Số đếm được 5 người được giúp qua yêu cầu và 3 hộ được giúp tại nhà."),
        ("help-given", 5, 0, 5, "Tổ Số đếm được 5 người"),
        ("help-given", 2, 2, None, ""),
        ("people-helped", 5, 3, 5, "Tổ Số đếm được 5 người"),
        ("people-helped", 2, 30, None, ""),
        ("households-visited", 5, 7, 7, "Tổ Số đếm được 7 hộ được giúp tại nhà."),
        ("households-visited", 50, 0, None, ""),
    ],
)
def test_help_that_was_counted_is_offered_by_its_source(
    wording: Wording, source: str, people: int, households: int, number: int | None, words: str
) -> None:
    offer = report_counts.of_help(source, people, households)
    if offer is None or number is None:
        assert (offer, number) == (None, None)
        return
    said = wording.word(offer.words, "vi", "chị")
    assert said.startswith(words.rstrip("."))
    assert [way.name for way in offer.ways] == [f"is-{number}"]
    assert ("cùng một hộ" in said) is (source == "help-given")


@pytest.mark.parametrize(
    ("people", "households", "words"),
    [
        (1, 4, "1 person helped through requests and 4 households"),
        (6, 1, "6 people helped through requests and 1 household at"),
    ],
)
def test_one_is_told_as_one(wording: Wording, people: int, households: int, words: str) -> None:
    offer = report_counts.of_help("help-given", people, households)
    assert offer is not None
    assert words in wording.word(offer.words, "en", "")


@pytest.mark.parametrize(("last", "number"), [(Value(12), 12), (Value(0), 0), (NO_DATA, None), (None, None)])
def test_what_stood_before_is_offered_again(last: Value | None, number: int | None) -> None:
    one = msgspec.structs.replace(FORM.indicators[4], kind="stock", source="last-period")
    period = periods.period_named(FORM, "2026-11")
    assert period is not None
    unit = Unit(1, "office", "xã Ứng Hòa, Hà Nội", "10402")
    kept = {one.id: last} if last is not None else {}
    case = Filing(unit, FORM, period, Report(unit=1, form="monthly", period="2026-11"), kept, "xã Ứng Hòa")
    offer = report_counts.from_before(case, one)
    assert (offer.ways[0].name if offer else None) == (None if number is None else f"is-{number}")
