"""Periods, due days and reminders as an officer would look them up in a calendar: two tables, line by line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from handlers.rules.periods import Period, after, before, in_force, opens_the_year, period_named, period_of
from handlers.rules.reporting import VIETNAM, days_late, due, plan_of, stages
from knowledge.calendar import Calendar
from knowledge.form_files import load_forms
from knowledge.forms import LEVELS, DueRule, Form, Level, PeriodRule

GOLDEN = Path(__file__).parent / "golden"
DAYS = Calendar.load()
SHIPPED = load_forms()
MONTHLY = SHIPPED["monthly"]


def ruled(every: str, cutoff: object, due: DueRule) -> Form:
    """Give the monthly form with another period and due day."""
    rule = msgspec.convert({"every": every, "cutoff": cutoff}, PeriodRule)
    return msgspec.structs.replace(MONTHLY, period=rule, due=due, levels={})


# The names under which the tables speak of a rule.
RULES: dict[str, Form] = {
    "tháng 15–14, hạn 17": MONTHLY,
    "tháng 15–14, hạn 17, gửi trước": ruled("month", 14, DueRule(17, shift="previous")),
    "tháng 15–14, hạn 17, giữ nguyên": ruled("month", 14, DueRule(17, shift="none")),
    "tháng 15–14, hạn 25": ruled("month", 14, DueRule(25)),
    "tháng lịch, hạn 5 tháng sau": ruled("month", "end", DueRule(5, "next")),
    "tháng lịch, hạn cuối tháng sau": ruled("month", "end", DueRule("end", "next", "previous")),
    "tháng lịch, 3 ngày làm việc": ruled("month", "end", DueRule(working_days=3)),
    "tháng 11–10, hạn 15": ruled("month", 10, DueRule(15)),
    "quý 15–14, hạn 17": SHIPPED["quarterly"],
    "quý lịch, hạn 10 tháng sau": ruled("quarter", "end", DueRule(10, "next")),
    "6 tháng 15–14, hạn 20": ruled("half-year", 14, DueRule(20)),
    "6 tháng lịch, hạn 5 tháng sau": ruled("half-year", "end", DueRule(5, "next")),
    "9 tháng 15–14, hạn 20": ruled("nine-months", 14, DueRule(20)),
    "9 tháng lịch, hạn 5 tháng sau": ruled("nine-months", "end", DueRule(5, "next")),
    "năm 15–14, hạn 25": ruled("year", 14, DueRule(25)),
    "năm lịch, hạn 10 tháng sau": ruled("year", "end", DueRule(10, "next")),
    "tuần, hạn thứ Hai": SHIPPED["campaign"],
    "tuần đến thứ Năm, hạn thứ Sáu": ruled("week", "thursday", DueRule(weekday="friday")),
}
LEVEL: dict[str, Level] = {"thôn": "village", "xã": "commune", "tỉnh": "province"}


def table(name: str) -> list[list[str]]:
    """Read a table: cells between bars, lines that begin with # are for the reader."""
    lines = (GOLDEN / name).read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]
    return rows[1:]  # the first names the columns


def period(rule: str, code: str) -> Period:
    found = period_named(RULES[rule], code)
    assert found, f"{code} is no period of “{rule}”"
    return found


def day(written: str) -> date:
    """Read "T3 17/11/2026", and see that the weekday is right."""
    name, numbers = written.split()
    read = datetime.strptime(numbers, "%d/%m/%Y").replace(tzinfo=UTC).date()
    assert name == ("T2", "T3", "T4", "T5", "T6", "T7", "CN")[read.weekday()], written
    return read


DUE = table("due-days.txt")
REMINDED = table("reminder-days.txt")


def test_the_tables_are_long_enough() -> None:
    assert len(DUE) >= 80
    assert len(REMINDED) >= 80
    assert {row[0] for row in DUE} == set(RULES)
    assert {row[2] for row in DUE} == set(LEVEL)
    assert len({tuple(row[:3]) for row in DUE}) == len(DUE)  # no line twice
    assert len({tuple(row[:3]) for row in REMINDED}) == len(REMINDED)


def test_the_tables_have_the_lunar_new_year_of_each_year_and_the_days_that_were_swapped() -> None:
    years = {"2025", "2026", "2027", "2028"}
    assert {row[5][-4:] for row in DUE if "Tết" in row[-1]} == years
    assert {
        row[3].split()[1][-4:] for row in REMINDED if "Tết" in row[-1] and row[3] != "không nhắc"
    } == years
    swapped = [row for row in (*DUE, *REMINDED) if "làm bù" in row[-1] or "thay cho ngày" in row[-1]]
    assert len(swapped) >= 3


@pytest.mark.parametrize("row", DUE, ids=lambda row: " ".join(row[:3]))
def test_a_report_is_due_on_the_day_of_the_table(row: list[str]) -> None:
    rule, code, level, start, end, last, _why = row
    found = period(rule, code)
    assert (found.start, found.cutoff) == (day(start), day(end))
    assert due(RULES[rule], found, DAYS, LEVEL[level]) == day(last)


@pytest.mark.parametrize("row", REMINDED, ids=lambda row: " ".join(row[:3]))
def test_a_reminder_stands_at_the_hour_of_the_table(row: list[str]) -> None:
    rule, code, stage, moment, _why = row
    plan = {one.name: one.at for one in plan_of(RULES[rule], period(rule, code), DAYS)}
    if moment == "không nhắc":
        assert stage not in plan
        return
    weekday, hour = moment.rpartition(" ")[::2]
    local = plan[stage].astimezone(VIETNAM)
    assert (local.date(), f"{local:%H:%M}") == (day(weekday), hour)


@pytest.mark.parametrize("rule", RULES)
def test_periods_follow_each_other_without_a_gap_or_an_overlap(rule: str) -> None:
    form = RULES[rule]
    found = period_of(form, date(2025, 1, 1))
    while found.start < date(2029, 1, 1):
        following = after(form, found)
        assert before(form, following) == found
        assert period_named(form, found.code) == found
        assert found.code < following.code  # so that stored ones are in order
        assert period_of(form, found.start) == period_of(form, found.cutoff) == found
        if form.period.every != "nine-months":
            assert (following.start - found.cutoff).days == 1
        found = following


@pytest.mark.parametrize("rule", RULES)
def test_no_reminder_of_four_years_stands_on_a_day_off_or_before_the_figures(rule: str) -> None:
    form = RULES[rule]
    found = period_of(form, date(2025, 1, 1))
    while found.start < date(2028, 12, 1):
        plan = stages(form, found, DAYS)
        local = [stage.at.astimezone(VIETNAM) for stage in plan]
        assert all(DAYS.is_working_day(at.date()) for at in local)
        assert len({(at.date(), at.hour >= 12) for at in local}) == len(plan)
        assert all(due(form, found, DAYS, level) > found.cutoff for level in LEVELS)
        found = after(form, found)


@pytest.mark.parametrize(
    ("rule", "code", "first"),
    [
        ("tháng 15–14, hạn 17", "2027-01", True),  # it begins on 15 December
        ("tháng 15–14, hạn 17", "2026-12", False),
        ("tháng lịch, hạn 5 tháng sau", "2027-01", True),
        ("quý 15–14, hạn 17", "2027-Q1", True),
        ("quý 15–14, hạn 17", "2027-Q2", False),
        ("năm 15–14, hạn 25", "2027", True),
        ("tuần, hạn thứ Hai", "2026-W01", True),
        ("tuần, hạn thứ Hai", "2026-W53", False),
    ],
)
def test_the_reporting_year_begins_with_its_first_period(rule: str, code: str, first: bool) -> None:
    assert opens_the_year(RULES[rule], period(rule, code)) is first


@pytest.mark.parametrize(
    ("code", "asked"),
    [("2026-W26", False), ("2026-W27", True), ("2026-W33", True), ("2026-W34", False)],
)
def test_a_campaign_is_asked_for_the_weeks_that_it_touches(code: str, asked: bool) -> None:
    form = msgspec.structs.replace(
        SHIPPED["campaign"], valid_from=date(2026, 7, 1), valid_until=date(2026, 8, 14)
    )
    assert in_force(form, period("tuần, hạn thứ Hai", code)) is asked


def sent(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("grace", "moment", "late"),
    [
        (0, "2026-11-17 23:59:59", 0),
        (0, "2026-11-18 00:00:01", 1),
        (2, "2026-11-18 00:00:01", 0),  # two working days more
        (2, "2026-11-19 23:59:59", 0),
        (2, "2026-11-20 00:00:01", 1),
        (3, "2026-11-22 09:00:00", 1),  # the third is Friday 20 November; a Sunday is no working day
    ],
)
def test_within_the_days_of_grace_nothing_is_late(grace: int, moment: str, late: int) -> None:
    form = msgspec.structs.replace(MONTHLY, due=DueRule(17, grace=grace))
    assert days_late(form, period("tháng 15–14, hạn 17", "2026-11"), DAYS, sent(moment)) == late


def test_nobody_is_called_late_within_the_days_of_grace() -> None:
    form = msgspec.structs.replace(MONTHLY, due=DueRule(17, grace=2))
    plan = {stage.name: stage.at for stage in stages(form, period("tháng 15–14, hạn 17", "2026-11"), DAYS)}
    assert plan["due-morning"] == sent("2026-11-17 08:00")
    assert plan["late-1"] == sent("2026-11-20 08:00")


@pytest.mark.parametrize(
    "code", ["", "2026", "2026-13", "2026-Q4", "2026-W46", "2026-H1", "2026-9M", "2026-1"]
)
def test_a_code_of_another_kind_of_period_is_none(code: str) -> None:
    assert period_named(MONTHLY, code) is None


@pytest.mark.parametrize("code", ["2026-W54", "2026-W00", "2026-46", "2026"])
def test_a_week_that_no_year_has_is_none(code: str) -> None:
    assert period_named(SHIPPED["campaign"], code) is None
