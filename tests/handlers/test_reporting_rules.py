"""Due dates and reminders, as an officer would look them up in a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from handlers.rules.periods import Period, after, before, open_period, period_named, period_of
from handlers.rules.reporting import (
    VIETNAM,
    Stage,
    days_late,
    decide_reminder,
    due,
    due_end,
    gathered_at,
    local_day,
    may_send,
    next_allowed,
    stages,
)
from knowledge.calendar import Calendar
from knowledge.form_files import load_forms
from knowledge.forms import DueRule, Form, PeriodRule, Shift

MONTHLY = load_forms()["monthly"]
CALENDAR_MONTH = msgspec.structs.replace(
    MONTHLY, period=PeriodRule("month", "end"), due=DueRule(5, "next"), levels={}
)


DAYS = Calendar.load()


def at(words: str) -> datetime:
    """Read a moment in Vietnam, such as "2026-11-16 08:00"."""
    return datetime.fromisoformat(words).replace(tzinfo=VIETNAM).astimezone(UTC)


def month(code: str, form: Form = MONTHLY) -> Period:
    found = period_named(form, code)
    assert found
    return found


@pytest.mark.parametrize(
    ("day", "code", "start", "cutoff"),
    [
        ("2026-11-14", "2026-11", "2026-10-15", "2026-11-14"),
        ("2026-11-15", "2026-12", "2026-11-15", "2026-12-14"),
        ("2026-12-14", "2026-12", "2026-11-15", "2026-12-14"),
        ("2026-12-15", "2027-01", "2026-12-15", "2027-01-14"),
        ("2026-01-01", "2026-01", "2025-12-15", "2026-01-14"),
        ("2026-03-01", "2026-03", "2026-02-15", "2026-03-14"),
    ],
)
def test_a_month_runs_from_the_15th_before_to_the_14th(day: str, code: str, start: str, cutoff: str) -> None:
    period = Period(code, date.fromisoformat(start), date.fromisoformat(cutoff))
    assert period_of(MONTHLY, date.fromisoformat(day)) == period
    assert period_named(MONTHLY, code) == period


@pytest.mark.parametrize(
    ("day", "code", "cutoff"),
    [
        ("2026-11-30", "2026-11", "2026-11-30"),
        ("2026-12-01", "2026-12", "2026-12-31"),
        ("2026-02-15", "2026-02", "2026-02-28"),
        ("2028-02-15", "2028-02", "2028-02-29"),
    ],
)
def test_a_calendar_month_is_the_month_itself(day: str, code: str, cutoff: str) -> None:
    period = period_of(CALENDAR_MONTH, date.fromisoformat(day))
    assert period == Period(code, date.fromisoformat(f"{code}-01"), date.fromisoformat(cutoff))


@pytest.mark.parametrize(
    ("form", "day", "code"),
    [
        (MONTHLY, "2026-11-14", "2026-10"),  # the 14th itself still counts
        (MONTHLY, "2026-11-15", "2026-11"),
        (MONTHLY, "2026-12-14", "2026-11"),
        (MONTHLY, "2026-12-31", "2026-12"),
        (CALENDAR_MONTH, "2026-11-30", "2026-10"),
        (CALENDAR_MONTH, "2026-12-01", "2026-11"),
        (CALENDAR_MONTH, "2027-01-01", "2026-12"),
    ],
)
def test_the_period_to_report_is_the_last_complete_one(form: Form, day: str, code: str) -> None:
    assert open_period(form, date.fromisoformat(day)).code == code


def test_periods_follow_each_other_over_the_new_year() -> None:
    assert after(MONTHLY, month("2026-12")) == month("2027-01")
    assert before(MONTHLY, month("2027-01")) == month("2026-12")
    assert month("2027-01").start - month("2026-12").cutoff == timedelta(days=1)


@pytest.mark.parametrize("code", ["", "2026", "2026-13", "2026-1", "11/2026", "2026-11-14", "năm-11"])
def test_what_is_no_code_of_a_period_is_none(code: str) -> None:
    assert period_named(MONTHLY, code) is None


@pytest.mark.parametrize(
    ("code", "shift", "day"),
    [
        ("2026-01", "next", "2026-01-19"),  # the 17th is a Saturday
        ("2026-02", "next", "2026-02-23"),  # Tết moves it a week
        ("2026-02", "previous", "2026-02-23"),  # Friday the 13th is before the figures are complete
        ("2026-02", "none", "2026-02-17"),
        ("2026-03", "next", "2026-03-17"),
        ("2026-05", "next", "2026-05-18"),  # a Sunday
        ("2026-05", "previous", "2026-05-15"),
        ("2026-10", "next", "2026-10-19"),
        ("2026-11", "next", "2026-11-17"),
        ("2026-11", "none", "2026-11-17"),
        ("2026-12", "next", "2026-12-17"),
    ],
)
def test_a_due_day_on_a_day_off_moves_as_the_form_says(code: str, shift: Shift, day: str) -> None:
    form = msgspec.structs.replace(MONTHLY, due=DueRule(17, shift=shift))
    assert due(form, month(code), DAYS) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("code", "last", "first"),
    [
        # Tết: the due day, and the day of the first "it can be sent" at or after the cut-off
        ("2025-01", "2025-01-17", "2025-01-15"),
        ("2025-02", "2025-02-17", "2025-02-17"),
        ("2026-02", "2026-02-23", "2026-02-23"),
        ("2027-02", "2027-02-17", "2027-02-15"),
        ("2028-01", "2028-01-17", "2028-01-17"),
        ("2028-02", "2028-02-17", "2028-02-15"),
    ],
)
def test_the_lunar_new_year_moves_due_days_and_reminders(code: str, last: str, first: str) -> None:
    period = month(code)
    assert due(MONTHLY, period, DAYS) == date.fromisoformat(last)
    ready = [
        local_day(stage.at) for stage in stages(MONTHLY, period, DAYS) if local_day(stage.at) > period.cutoff
    ]
    assert ready[0] == date.fromisoformat(first)


def test_a_calendar_month_is_due_in_the_month_after() -> None:
    assert due(CALENDAR_MONTH, month("2026-12", CALENDAR_MONTH), DAYS) == date(2027, 1, 5)
    assert due(CALENDAR_MONTH, month("2026-08", CALENDAR_MONTH), DAYS) == date(2026, 9, 7)


@pytest.mark.parametrize("shift", ["next", "previous", "none"])
@pytest.mark.parametrize("form", [MONTHLY, CALENDAR_MONTH])
def test_no_reminder_of_any_month_stands_on_a_day_off(form: Form, shift: Shift) -> None:
    form = msgspec.structs.replace(form, due=msgspec.structs.replace(form.due, shift=shift))
    for number in range(1, 13):
        period = month(f"2026-{number:02}", form)
        plan = stages(form, period, DAYS)
        days = [local_day(stage.at) for stage in plan]
        assert all(DAYS.is_working_day(day) for day in days)
        assert all(may_send(stage.at, DAYS).ok for stage in plan)


@pytest.mark.parametrize(
    ("moment", "reason", "then"),
    [
        ("2026-11-16 08:00", "", "2026-11-16 08:00"),
        ("2026-11-16 07:30", "", "2026-11-16 07:30"),
        ("2026-11-16 07:29", "quiet-hours", "2026-11-16 07:30"),
        ("2026-11-16 19:59", "", "2026-11-16 19:59"),
        ("2026-11-16 20:00", "quiet-hours", "2026-11-17 07:30"),
        ("2026-11-16 00:00", "quiet-hours", "2026-11-16 07:30"),
        ("2026-11-13 23:30", "quiet-hours", "2026-11-16 07:30"),  # Friday night waits for Monday
        ("2026-11-14 10:00", "day-off", "2026-11-16 07:30"),
        ("2026-01-10 10:00", "", "2026-01-10 10:00"),  # a Saturday worked
        ("2026-02-16 10:00", "day-off", "2026-02-23 07:30"),
        ("2026-02-13 20:30", "quiet-hours", "2026-02-23 07:30"),
    ],
)
def test_nobody_is_written_to_in_the_evening_or_on_a_day_off(moment: str, reason: str, then: str) -> None:
    verdict = may_send(at(moment), DAYS)
    assert (verdict.ok, verdict.reason, verdict.then) == (not reason, reason, at(then))
    assert next_allowed(at(moment), DAYS) == at(then)


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        ("2026-11-16 07:00", "2026-11-16 08:30"),  # a Monday
        ("2026-11-16 08:20", "2026-11-16 08:30"),
        ("2026-11-16 08:21", "2026-11-16 16:30"),  # too near: what is decided meanwhile is to be in it
        ("2026-11-16 16:20", "2026-11-16 16:30"),
        ("2026-11-16 16:21", "2026-11-17 08:30"),
        ("2026-11-16 23:55", "2026-11-17 08:30"),
        ("2026-11-20 17:00", "2026-11-23 08:30"),  # a Friday evening
        ("2026-11-21 10:00", "2026-11-23 08:30"),
        ("2027-02-05 17:00", "2027-02-11 08:30"),  # before Tết
    ],
)
def test_what_is_gathered_is_told_twice_a_working_day(moment: str, then: str) -> None:
    assert gathered_at(at(moment), DAYS, timedelta(minutes=10)) == at(then)


def test_whatever_the_moment_the_next_allowed_one_is_allowed() -> None:
    moment = at("2026-01-01 00:00")
    while moment < at("2026-03-01 00:00"):
        then = next_allowed(moment, DAYS)
        assert then >= moment
        assert may_send(then, DAYS).ok
        moment += timedelta(hours=5, minutes=7)


NOVEMBER = stages(MONTHLY, month("2026-11"), DAYS)


@pytest.mark.parametrize(
    ("stage", "submitted", "now", "action", "reason", "until"),
    [
        ("before-due", False, "2026-11-16 08:00", "send", "due", None),
        ("before-due", False, "2026-11-16 19:00", "send", "due", None),
        ("before-due", True, "2026-11-16 08:00", "skip", "submitted", None),
        ("late-3", True, "2026-11-22 23:00", "skip", "submitted", None),
        (
            "before-due",
            False,
            "2026-11-16 07:59",
            "hold",
            "too-early",
            "2026-11-16 08:00",
        ),  # the clock went back
        ("before-due", False, "2026-11-17 08:00", "skip", "newer-stage", None),
        ("prepare", False, "2026-11-19 10:00", "skip", "newer-stage", None),  # down for a week
        ("late-1", False, "2026-11-19 10:00", "send", "due", None),
        ("prepare", False, "2026-11-11 21:00", "hold", "quiet-hours", "2026-11-12 07:30"),
        ("prepare", False, "2026-11-15 10:00", "hold", "day-off", "2026-11-16 07:30"),
        ("due-afternoon", False, "2026-11-17 21:00", "hold", "quiet-hours", "2026-11-18 07:30"),
        ("late-1", False, "2026-11-18 21:00", "hold", "quiet-hours", "2026-11-19 07:30"),
        ("late-3", False, "2026-11-21 10:00", "hold", "day-off", "2026-11-23 07:30"),
        ("late-3", False, "2026-12-09 08:00", "skip", "period-over", None),
        ("no-longer", False, "2026-11-16 08:00", "skip", "no-such-stage", None),
    ],
)
def test_each_reminder_is_decided_with_a_reason(
    stage: str, submitted: bool, now: str, action: str, reason: str, until: str | None
) -> None:
    over = stages(MONTHLY, month("2026-12"), DAYS)[0].at
    decision = decide_reminder(stage, NOVEMBER, submitted=submitted, now=at(now), calendar=DAYS, over=over)
    assert (decision.action, decision.reason) == (action, reason)
    assert decision.until == (at(until) if until else None)


def test_a_reminder_held_until_its_successor_comes_is_left_out() -> None:
    early = (
        Stage("first", at("2026-11-12 08:00"), "officer"),
        Stage("second", at("2026-11-13 07:30"), "officer"),
    )
    decision = decide_reminder("first", early, submitted=False, now=at("2026-11-12 20:15"), calendar=DAYS)
    assert (decision.action, decision.reason) == ("skip", "newer-stage")


def test_after_any_downtime_exactly_one_stage_is_sent_or_held() -> None:
    now = NOVEMBER[0].at
    while now < at("2026-11-30 00:00"):
        due_by_now = [stage for stage in NOVEMBER if stage.at <= now]
        decisions = [
            decide_reminder(stage.name, NOVEMBER, submitted=False, now=now, calendar=DAYS)
            for stage in due_by_now
        ]
        assert [d.reason for d in decisions[:-1]] == ["newer-stage"] * (len(decisions) - 1)
        assert (decisions[-1].action == "send") == may_send(now, DAYS).ok
        now += timedelta(hours=3, minutes=11)


@pytest.mark.parametrize(
    ("sent", "late"),
    [
        ("2026-11-16 08:21", 0),
        ("2026-11-17 23:59", 0),
        ("2026-11-18 00:00", 1),
        ("2026-11-18 17:00", 1),
        ("2026-11-20 08:00", 3),
        ("2026-11-21 08:00", 3),  # Saturday
        ("2026-11-23 08:00", 4),
    ],
)
def test_late_is_counted_in_working_days_from_midnight_after_the_due_day(sent: str, late: int) -> None:
    assert days_late(MONTHLY, month("2026-11"), DAYS, at(sent)) == late
    assert due_end(MONTHLY, month("2026-11"), DAYS) == at("2026-11-18 00:00")


def test_sent_on_the_weekend_after_a_friday_due_day_is_still_late() -> None:
    friday = msgspec.structs.replace(MONTHLY, due=DueRule(20))
    assert days_late(friday, month("2026-11"), DAYS, at("2026-11-21 09:00")) == 1
