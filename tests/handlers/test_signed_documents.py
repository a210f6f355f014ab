"""The number and day of a signed document: the year it is of, before approval, and what is said once it is kept."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
import pytest

from bot import clock
from bot.store.records import StoredRecords
from handlers.records.reports import Submission
from tests.handlers.test_bad_reports import BEGAN, FIGURES, HANH, NOW, Office, office
from tests.handlers.turning import incoming

__all__ = ["office"]

LATER = datetime(2026, 11, 18, 9, 0, tzinfo=clock.VIETNAM)
JANUARY = datetime(2027, 1, 20, 9, 0, tzinfo=clock.VIETNAM)


def approve(office: Office, period: str = "2026-11") -> None:
    reports = StoredRecords(office.connection, NOW).reports
    held = reports.hold(1, "monthly", period)
    sent = Submission(number=1, form_version=1, values=FIGURES, sha256="", at=BEGAN, by=HANH, decided=NOW)
    reports.save(msgspec.structs.replace(held, state="approved", receipt="UH-11-A", submissions=(sent,)))


def say(office: Office, typed: str, at: datetime) -> str:
    return office.told(office.turn(incoming(typed), at))


def test_a_day_without_a_year_that_is_still_to_come_is_said_so(office: Office) -> None:
    approve(office)
    assert "Ngày đó chưa đến." in say(office, "512/BC-UBND 17/11", NOW)
    assert office.report.submissions[0].document == ""


def test_a_day_without_a_year_before_the_cut_off_is_of_no_other_year(office: Office) -> None:
    approve(office)
    said = say(office, "512/BC-UBND 5/11", NOW)
    assert "trước ngày chốt số liệu thứ Bảy 14/11/2026" in said
    assert "5/11/2026" in said
    assert office.report.submissions[0].document == ""


@pytest.mark.parametrize(
    "typed",
    ["512/BC-UBND 17/11", "đã ký 512/BC-UBND ngày 17/11/2026", "Đã ký rồi, số 512/BC-UBND ngày 17/11",
     "em ky van ban so 512/BC-UBND 17/11"],
)  # fmt: skip
def test_it_is_kept_and_the_period_is_done(office: Office, typed: str) -> None:
    approve(office)
    said = say(office, typed, LATER)
    assert said.startswith("Đã lưu văn bản số 512/BC-UBND, thứ Ba 17/11/2026")
    assert said.endswith("Kỳ này của xã đã xong.")
    assert office.report.submissions[0].document == "512/BC-UBND"
    assert office.report.submissions[0].dated == date(2026, 11, 17)


def test_another_number_in_its_place_is_not_the_end_once_more(office: Office) -> None:
    approve(office)
    say(office, "512/BC-UBND 17/11", LATER)
    assert "đã xong" not in say(office, "513/BC-UBND 17/11", LATER)


def test_in_january_the_day_is_of_the_year_behind_the_cut_off(office: Office) -> None:
    approve(office, "2027-01")
    say(office, "512/BC-UBND 18/1", JANUARY)
    report = StoredRecords(office.connection, JANUARY).reports.get(1, "monthly", "2027-01")
    assert report.submissions[0].dated == date(2027, 1, 18)


def test_before_approval_the_number_is_answered_with_what_comes_first(office: Office) -> None:
    said = say(office, "512/BC-UBND 17/11", LATER)
    assert said == "Báo cáo này chưa duyệt. Duyệt xong, Tổ Số gửi tệp để ký ở đây."


def test_a_day_that_is_none_is_said_so(office: Office) -> None:
    approve(office)
    assert "Không có ngày đó." in say(office, "512/BC-UBND 31/2", LATER)
