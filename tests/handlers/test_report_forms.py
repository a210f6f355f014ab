"""The monthly form as data, and what its figures may be."""

from __future__ import annotations

import re
import unicodedata

import msgspec
import pytest

from handlers.rules.periods import period_named
from handlers.rules.validation import (
    NO_DATA,
    Value,
    fingerprint,
    may_submit,
    missing,
    problems,
    shown,
    troubles,
    written,
)
from knowledge.form_files import load_forms

MONTHLY = load_forms()["monthly"]

OCTOBER = {
    "paperless-meetings": Value(7, 12),
    "signed-documents": Value(201, 210),
    "malware-protection": Value(4, 44),
    "official-email": Value(57, 61),
    "online-transactions": Value(412),
    "services-used-online": Value(112, 390),
    "files-handled-online": Value(598, 631),
}
NOVEMBER = {
    "paperless-meetings": Value(9, 11),
    "signed-documents": Value(214, 218),
    "malware-protection": Value(2, 46),
    "official-email": Value(58, 61),
    "online-transactions": Value(1284),
    "services-used-online": Value(118, 390),
    "files-handled-online": Value(612, 640),
}


def test_the_monthly_form_has_its_seven_indicators() -> None:
    assert [(one.number, one.id, one.shape) for one in MONTHLY.indicators] == [
        (1, "paperless-meetings", "part"),
        (2, "signed-documents", "ratio"),
        (3, "malware-protection", "pair"),
        (4, "official-email", "ratio"),
        (5, "online-transactions", "count"),
        (6, "services-used-online", "ratio"),
        (7, "files-handled-online", "ratio"),
    ]
    assert [one.number for one in MONTHLY.indicators if one.of_kept] == [4, 6]


def test_an_indicator_is_found_by_number_and_by_id() -> None:
    assert MONTHLY.indicator(5) is MONTHLY.indicator("online-transactions")
    assert MONTHLY.indicator(8) is None
    assert MONTHLY.indicator("nothing") is None


CHECKED = [
    # number, last month, this month, what is found
    (1, Value(7, 12), Value(9, 11), []),
    (1, Value(7, 12), Value(12, 11), ["impossible above-whole"]),
    (1, Value(7, 12), Value(7, 12), ["unusual same"]),
    (1, Value(7, 12), Value(9), ["impossible whole-missing"]),
    (1, Value(7, 12), Value(-1, 12), ["impossible negative"]),
    (1, Value(7, 12), Value(1, -2), ["impossible negative"]),
    (1, Value(7, 12), Value(0, 0), []),
    (1, Value(7, 12), Value(1, 0), ["impossible above-whole"]),
    (1, Value(7, 12), Value(301, 302), ["impossible above-most"]),
    (1, Value(2, 12), Value(6, 12), []),  # three times, but few
    (1, Value(4, 12), Value(10, 12), ["unusual jump"]),
    (1, Value(0, 12), Value(0, 12), []),  # nothing again is nothing odd
    (1, Value(7, 12), Value(12, 12), []),
    (1, None, Value(12, 12), []),
    (2, Value(201, 210), Value(214, 218), []),
    (2, Value(201, 210), Value(219, 218), ["impossible above-whole"]),
    (2, Value(201, 210), Value(201, 210), ["unusual same"]),
    (2, Value(201, 210), Value(200, 200), []),
    (2, Value(201, 210), Value(201, 201), ["unusual full"]),
    (2, None, Value(201, 201), ["unusual full"]),
    (2, Value(201, 210), Value(100, 190), ["unusual drop"]),
    (2, Value(201, 210), Value(101, 190), []),
    (2, Value(201, 210), Value(0, 0), ["unusual drop"]),
    (3, Value(4, 44), Value(2, 46), []),
    (3, Value(4, 44), Value(2, 45), ["unusual total-differs"]),
    (3, Value(4, 44), Value(2, 60), ["unusual total-differs"]),
    (3, Value(4, 44), Value(0, 44), []),
    (3, Value(4, 44), Value(47, 46), ["impossible above-whole"]),
    (3, Value(4, 44), Value(46), ["impossible whole-missing"]),
    (3, Value(4, 44), Value(46, 90), ["unusual jump"]),
    (3, None, Value(2, 46), []),
    (4, Value(57, 61), Value(58, 61), []),
    (4, Value(57, 61), Value(57, 61), []),  # a stock may well stand still
    (4, Value(57, 61), Value(57, 60), ["unusual whole-fell"]),
    (4, Value(57, 61), Value(61, 61), []),  # 61 is few enough for all of them
    (4, Value(57, 61), Value(101, 101), ["unusual full"]),
    (4, Value(57, 61), Value(62, 61), ["impossible above-whole"]),
    (5, Value(412), Value(1284), ["unusual jump"]),
    (5, Value(412), Value(824), []),
    (5, Value(412), Value(825), ["unusual jump"]),
    (5, Value(412), Value(206), []),
    (5, Value(412), Value(205), ["unusual drop"]),
    (5, Value(412), Value(412), ["unusual same"]),
    (5, Value(412), Value(0), ["unusual drop"]),
    (5, Value(0), Value(50), ["unusual from-nothing"]),
    (5, Value(0), Value(5), []),
    (5, NO_DATA, Value(5000), []),
    (5, Value(412), NO_DATA, []),
    (5, Value(412), Value(1_000_001), ["impossible above-most"]),
    (5, Value(412), Value(-412), ["impossible negative"]),
    (6, Value(112, 390), Value(118, 390), []),
    (6, Value(112, 390), Value(118, 380), ["unusual whole-fell"]),
    (6, Value(112, 390), Value(391, 390), ["impossible above-whole"]),
    (6, Value(112, 390), Value(112, 390), ["unusual same"]),
    (6, Value(112, 390), Value(390, 390), ["unusual full", "unusual jump"]),
    (7, Value(598, 631), Value(612, 640), []),
    (7, Value(598, 631), Value(641, 640), ["impossible above-whole"]),
    (7, Value(598, 631), Value(640, 640), ["unusual full"]),
    (7, Value(598, 631), Value(200, 210), ["unusual drop"]),
]  # fmt: skip


@pytest.mark.parametrize(("number", "last", "value", "found"), CHECKED)
def test_impossible_figures_are_refused_and_unusual_ones_need_a_reason(
    number: int, last: Value | None, value: Value, found: list[str]
) -> None:
    indicator = MONTHLY.indicator(number)
    assert indicator
    seen = troubles(indicator, value, last)
    assert sorted(f"{trouble.level} {trouble.name}" for trouble in seen) == found
    for trouble in seen:
        names = set(re.findall(r"{(\w+)}", trouble.why.msgid))
        assert names == {name for name, _value in trouble.why.values}


def test_the_report_of_the_sample_month_has_one_unusual_figure() -> None:
    found = problems(MONTHLY, NOVEMBER, OCTOBER)
    assert [(trouble.indicator, trouble.name, trouble.explained) for trouble in found] == [
        ("online-transactions", "jump", False)
    ]
    assert str(dict(found[0].why.values)["times"]) == "3.1"


def test_a_report_goes_out_when_all_is_answered_and_the_unusual_is_explained() -> None:
    assert not may_submit(MONTHLY, NOVEMBER, OCTOBER)
    because = {**NOVEMBER, "online-transactions": Value(1284, reason="thu tiền vệ sinh qua mã QR ở 18 thôn")}
    assert may_submit(MONTHLY, because, OCTOBER)
    without = {key: value for key, value in because.items() if key != "official-email"}
    assert [one.number for one in missing(MONTHLY, without)] == [4]
    assert not may_submit(MONTHLY, without, OCTOBER)
    assert may_submit(MONTHLY, {**without, "official-email": NO_DATA}, OCTOBER)
    impossible = {**because, "official-email": Value(62, 61, reason="đúng thế")}
    assert not may_submit(MONTHLY, impossible, OCTOBER)


@pytest.mark.parametrize(
    ("number", "value", "msgid", "typed"),
    [
        (1, Value(9, 11), "{part} of {whole}", "9/11"),
        (2, Value(214, 218), "{part}/{whole} = {percent}%", "214/218"),
        (2, Value(0, 0), "nothing arose", "0/0"),
        (3, Value(2, 46), "{part} new, {whole} in all", "2/46"),
        (5, Value(1284), "{value}", "1.284"),
        (5, Value(0), "{value}", "0"),
        (5, NO_DATA, "no data yet", ""),
    ],
)
def test_a_figure_is_shown_as_its_kind_is(number: int, value: Value, msgid: str, typed: str) -> None:
    indicator = MONTHLY.indicator(number)
    assert indicator
    assert shown(indicator, value).msgid == msgid
    assert written(indicator, value, "vi") == typed


def test_the_same_content_has_the_same_fingerprint_whatever_its_order() -> None:
    november, december = period_named(MONTHLY, "2026-11"), period_named(MONTHLY, "2026-12")
    assert november
    assert december
    first = fingerprint(MONTHLY, "unit:11", november, NOVEMBER)
    assert re.fullmatch(r"[0-9a-f]{64}", first)
    assert fingerprint(MONTHLY, "unit:11", november, dict(reversed(NOVEMBER.items()))) == first
    others = [
        fingerprint(MONTHLY, "unit:12", november, NOVEMBER),
        fingerprint(MONTHLY, "unit:11", december, NOVEMBER),
        fingerprint(MONTHLY, "unit:11", november, {**NOVEMBER, "online-transactions": Value(1283)}),
        fingerprint(
            MONTHLY, "unit:11", november, {**NOVEMBER, "online-transactions": Value(1284, reason="vì")}
        ),
        fingerprint(MONTHLY, "unit:11", november, {**NOVEMBER, "online-transactions": NO_DATA}),
        fingerprint(msgspec.structs.replace(MONTHLY, version=2), "unit:11", november, NOVEMBER),
    ]
    assert len({first, *others}) == 7


def test_a_reason_typed_with_composed_or_decomposed_letters_is_the_same_content() -> None:
    period = period_named(MONTHLY, "2026-11")
    assert period
    reasons = ("thu tiền vệ sinh", unicodedata.normalize("NFD", "thu tiền vệ sinh"), " thu tiền vệ sinh ")
    prints = {
        fingerprint(MONTHLY, "unit:11", period, {"online-transactions": Value(1284, reason=reason)})
        for reason in reasons
    }
    assert len(prints) == 1
