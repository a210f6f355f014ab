"""A report is taken back with a reason, told in the same line or asked for."""

from __future__ import annotations

from datetime import date

import pytest

from handlers import correcting, filing, versions
from handlers.records.people import Unit
from handlers.records.reports import Report, State, Submission
from handlers.rules import periods
from tests.handlers.test_document import FORM, SENT


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("đính chính", ""),
        ("dinh chinh bao cao", ""),
        ("đính chính: đếm nhầm thôn 3", "đếm nhầm thôn 3"),
        ("Đính chính, đếm nhầm thôn 3", "đếm nhầm thôn 3"),
        ("đính chính vì đếm nhầm thôn 3: thừa 2", "vì đếm nhầm thôn 3: thừa 2"),
        ("correct the report: counted twice", "counted twice"),
        ("correction because counted twice", "because counted twice"),
        ("Correct it: one book was not counted", "one book was not counted"),
        ("correct my report", ""),
        ("báo cáo", None),
        ("đính chính thông tin trên căn cước: làm ở đâu", None),
        ("họp xã: đính chính", None),
    ],
)
def test_a_reason_may_stand_in_the_same_line(said: str, reason: str | None) -> None:
    assert correcting.meant(said) == reason


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("cac ban", 0),
        ("versions", 0),
        ("ban 1", 1),
        ("xem lai ban 12", 12),
        ("version 2", 2),
        ("see version 2 of the report", 2),
        ("see all versions", 0),
        ("ban truoc", versions.BEFORE),
        ("the previous version", versions.BEFORE),
        ("ban", None),
        ("ban do", None),
        ("ban 123", None),
    ],
)
def test_a_version_is_asked_for_in_words(said: str, number: int | None) -> None:
    assert versions.asked_for(said) == number


@pytest.mark.parametrize(
    ("state", "sent", "correcting_since", "asked"),
    [
        ("draft", 0, "", False),  # nothing was sent yet
        ("submitted", 1, "", True),
        ("draft", 1, "", True),  # taken back before reasons were asked for
        ("draft", 1, "đếm nhầm thôn 3", False),
        ("returned", 1, "", False),  # whoever returned it has said why
    ],
)
def test_a_reason_is_asked_for_once(state: State, sent: int, correcting_since: str, asked: bool) -> None:
    submissions: tuple[Submission, ...] = (SENT,) * sent
    report = Report(
        unit=1,
        form="monthly",
        period="2026-11",
        state=state,
        submissions=submissions,
        correcting=correcting_since,
    )
    period = periods.period_of(FORM, date(2026, 11, 14))
    unit = Unit(1, "office", "xã Ứng Hòa", "10402")
    case = filing.Filing(unit, FORM, period, report, {}, unit.name)
    assert correcting.waits_for_why(case) is asked
