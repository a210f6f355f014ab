"""What figures may be, line by line as an officer would judge them; published reports entered as data."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from bot.wording import Wording
from handlers.rules import entry, figures
from handlers.rules.validation import NO_DATA, Trouble, Value, checked, may_submit, shown, troubles
from knowledge.form_files import SHIPPED, load_forms
from knowledge.forms import Form, Indicator

HERE = Path(__file__).parent
FORMS = load_forms(SHIPPED, HERE / "forms")
INDICATORS: dict[str, Indicator] = {one.id: one for form in FORMS.all for one in form.indicators}


def table(name: str) -> list[list[str]]:
    """Read a table: cells between bars; the first line names the columns."""
    lines = (HERE / "golden" / name).read_text("utf-8").splitlines()
    return [line.split(" | ") for line in lines if not line.startswith("#")][1:]


def value(one: Indicator, written: str) -> Value:
    """Read "214/218", "15,34" or "chưa"."""
    if written == "chưa":
        return NO_DATA
    numbers = [int(Decimal(part.replace(",", ".")).scaleb(one.decimals)) for part in written.split("/")]
    return Value(numbers[0], numbers[1] if len(numbers) > 1 else None)


def result(found: list[Trouble]) -> str:
    """Write what was found as the tables do."""
    if not found:
        return "nhận"
    level = "sửa" if any(one.level == "impossible" for one in found) else "lý do"
    return f"{level} {', '.join(one.name for one in found)}"


def told(found: list[Trouble], wording: Wording) -> None:
    """See that each is a whole sentence in both languages."""
    for trouble in found:
        for lang in ("vi", "en"):
            assert not re.search(r"{\w+}", wording.word(trouble.why, lang, "chị"))


ALONE = table("validations.txt")
TOGETHER = table("checks.txt")


def test_the_tables_are_long_enough() -> None:
    assert len(ALONE) >= 40
    assert len(ALONE) + len(TOGETHER) >= 60


@pytest.mark.parametrize("row", ALONE, ids=lambda row: " ".join(row[:3]))
def test_a_figure_is_judged_as_the_table_says(row: list[str], wording: Wording) -> None:
    name, before, now, expected, _why = row
    one = INDICATORS[name]
    begins = before.endswith(" đầu năm")
    before = before.removesuffix(" đầu năm")
    last = None if before == "-" else value(one, before)
    found = troubles(one, value(one, now), last, year_begins=begins)
    assert result(found) == expected
    told(found, wording)


@pytest.mark.parametrize("row", TOGETHER, ids=lambda row: " ".join(row[:2]))
def test_figures_are_judged_together_as_the_table_says(row: list[str], wording: Wording) -> None:
    form, entered, expected, _why = row
    values = {
        name: value(INDICATORS[name], written)
        for name, _is, written in (pair.partition("=") for pair in entered.split())
    }
    found = checked(FORMS[form], values)
    assert result(found) == expected
    told(found, wording)
    for trouble in found:  # it is told at the last figure of the check that the form asks
        asked = [one.id for one in FORMS[form].indicators if one.id in values]
        assert trouble.indicator == asked[-1]


# --- published reports ---

DONG_THUAN = {
    "files-online": Value(2007),
    "files-direct": Value(258),
    "files-received": Value(2265),
    "files-open-before": Value(0),
    "files-resolved": Value(2051),
    "files-in-progress": Value(214),
    "files-withdrawn": Value(0),
}
LAO_CAI = {
    "openness": "15,34",
    "progress": "19,14",
    "digitised": "15,41",
    "online": "17,97",
    "satisfied": "11,1",
}


def test_the_counts_of_dong_thuan_ward_pass() -> None:
    assert may_submit(FORMS["quarterly"], DONG_THUAN)


def test_the_percentage_that_dong_thuan_ward_published_is_caught() -> None:
    said = figures.read("214/2.265 = 9,48%", "ratio")
    assert isinstance(said, figures.Problem)
    assert said.name == "percent-differs"
    assert dict(said.why.values)["computed"] == Decimal("9.45")
    assert figures.read("214/2.265 = 9,45%", "ratio") == figures.Figure(Decimal(214), Decimal(2265))


def test_the_points_of_lao_cai_add_up_as_typed(wording: Wording) -> None:
    form = FORMS["points"]
    values = {}
    for name, typed in {**LAO_CAI, "total": "78,96"}.items():
        one = form.indicator(name)
        assert one
        got = entry.understood(one, typed)
        assert isinstance(got, Value)
        values[name] = got
        assert Decimal(wording.word(shown(one, got), "en")) == Decimal(typed.replace(",", "."))
    assert values["total"] == Value(7896)
    assert may_submit(form, values)
    assert not may_submit(form, {**values, "total": Value(7869)})


def test_points_with_more_decimals_than_are_kept_are_asked_anew() -> None:
    one = FORMS["points"].indicator("total")
    assert one
    got = entry.understood(one, "78,9612")
    assert isinstance(got, figures.Problem)
    assert got.name == "too-fine"
    unsure = entry.understood(one, "1.234")
    assert isinstance(unsure, figures.Ambiguous)
    assert {entry_of(one, meant) for meant in unsure.readings} == {Value(123400), "too-fine"}


def entry_of(one: Indicator, meant: Decimal) -> Value | str:
    """Give what a chosen reading becomes."""
    got = entry.understood(one, "", meant=meant)
    return got.name if isinstance(got, figures.Problem) else got if isinstance(got, Value) else ""


PUBLISHED = [
    # numerator, denominator, the percentage as published, whether it is right
    (304191, 1497360, "20,3", True),  # Hồ Chí Minh City, VNeID, 2023
    (115665, 168746, "68,54", True),  # Hà Nam, online from end to end, 2024
    (2007, 2265, "88,6", True),  # Đồng Thuận, submitted online
    (214, 2265, "9,48", False),  # Đồng Thuận, in progress: 9,45
    (118, 390, "30,26", True),
    (57500, 115000, "50", True),  # three communes of Đồng Nai, goal of digital signatures
]


@pytest.mark.parametrize(("part", "whole", "percent", "right"), PUBLISHED)
def test_a_published_percentage_passes_only_where_its_counts_give_it(
    part: int, whole: int, percent: str, right: bool
) -> None:
    said = figures.read(f"{part}/{whole} = {percent}%", "ratio")
    assert isinstance(said, figures.Figure) is right


def test_a_check_that_only_asks_for_a_reason_is_explained_at_its_last_figure() -> None:
    form: Form = msgspec.structs.replace(
        FORMS["monthly"],
        indicators=tuple(
            one
            for one in FORMS["monthly"].indicators
            if one.id in ("files-handled-online", "files-submitted-online")
        ),
    )
    values = {"files-handled-online": Value(630, 640), "files-submitted-online": Value(620, 640)}
    assert not may_submit(form, values)
    explained = {**values, "files-submitted-online": Value(620, 640, "nhập hộ tại điểm hỗ trợ")}
    assert may_submit(form, explained)
