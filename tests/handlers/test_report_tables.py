"""All reports as a table, asked for in a line: which periods are meant, and what becomes of the file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec
import pytest

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import report_tables
from handlers.made import ReportTable
from handlers.records.media import Thing
from handlers.records.reports import Submission
from tests.handlers.test_late import MONDAY
from tests.handlers.test_roles import Office


@pytest.fixture
def office(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    """A commune's office that has sent three reports."""
    database = Database(sqlite_url)
    with database.write() as connection:
        made = Office(connection, bookcase.shelf(), wording)
        reports = StoredRecords(connection, MONDAY).reports
        sent = Submission(number=1, form_version=1, values={}, sha256="0", at=MONDAY, by=1)
        for code in ("2026-10", "2026-08", "2025-12"):
            report = reports.hold(made.office, "monthly", code)
            reports.save(
                msgspec.structs.replace(report, state="submitted", receipt=f"UH-{code}", submissions=(sent,))
            )
        yield made
    database.close()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("xuất báo cáo tháng 8", date(2026, 8, 14), date(2026, 8, 14)),
        ("xuat bao cao 8/2026", date(2026, 8, 14), date(2026, 8, 14)),
        ("xuất tất cả báo cáo tháng 8 năm 2026", date(2026, 8, 14), date(2026, 8, 14)),
        ("xuất bảng báo cáo 2026-08", date(2026, 8, 14), date(2026, 8, 14)),
        ("export all the reports for month 8", date(2026, 8, 14), date(2026, 8, 14)),
        (
            "xuất báo cáo tháng 12",
            date(2025, 12, 14),
            date(2025, 12, 14),
        ),  # of last year: this one is to come
        ("xuất báo cáo 2026", date(2026, 1, 14), date(2026, 10, 14)),
        ("xuất báo cáo năm 2025", date(2025, 1, 14), date(2025, 12, 14)),
    ],
)
def test_the_periods_that_words_name_are_in_the_table(
    office: Office, text: str, first: date, last: date
) -> None:
    turn = office.says("officer", text)
    (making,) = turn.makings
    assert making.made == ReportTable(form="monthly", first=first, last=last, place="10402", lang="en")
    assert turn.notes == [("exported reports", f"reports {first}..{last} of 10402", turn.person.id)]


def test_without_a_period_the_one_to_be_reported_now_is_meant(office: Office) -> None:
    (making,) = office.says("province", "xuất báo cáo").makings
    assert isinstance(making.made, ReportTable)
    assert (making.made.first, making.made.last, making.made.place) == (
        date(2026, 10, 14),
        date(2026, 10, 14),
        "01",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("export reports 12/2026", "no such period yet"),
        ("export reports 2031", "no such period yet"),
        ("export reports 13/2026", "no such period yet"),
        ("export reports quarter", "no such period yet"),
        ("export reports 3/2020", "nobody owed a report"),
    ],
)
def test_what_cannot_be_in_a_table_is_said_and_nothing_is_made(office: Office, text: str, said: str) -> None:
    turn = office.says("officer", text)
    assert said in office.told(turn)
    assert not turn.makings
    assert not turn.notes


@pytest.mark.parametrize(
    "text", ["export", "xuất dữ liệu", "báo cáo", "báo cáo tháng 8", "xuất báo cáo nhanh"]
)
def test_other_words_ask_for_no_table(office: Office, text: str) -> None:
    assert not report_tables.meant(office.says("officer", text))


def thing(office: Office, reason: str = "") -> Thing:
    return Thing(
        code="c",
        person=office.people["officer"],
        about=f"made:reports:{office.office}/monthly/2026-08/2026-08",
        kind="file",
        name="bao-cao-2026-08.xlsx",
        reason=reason,  # type: ignore[arg-type]
        at=MONDAY,
    )


def test_whoever_has_lost_the_role_meanwhile_is_not_given_the_file(office: Office) -> None:
    for standing in ("officer", "member"):
        turn = office.says(standing, "menu")
        turn.said.clear()
        turn.shelf = msgspec.structs.replace(
            turn.shelf, office=msgspec.structs.replace(turn.shelf.office, opens=True)
        )
        report_tables.show(turn, thing(office))
        assert [said.media for said in turn.said] == (["c"] if standing == "officer" else [])


def test_a_table_that_is_too_long_is_told_with_what_to_do(office: Office) -> None:
    turn = office.says("officer", "menu")
    assert report_tables.refused(turn, thing(office, "large"))
    assert "fewer periods" in office.told(turn)
    assert not report_tables.refused(turn, thing(office, "lost"))
