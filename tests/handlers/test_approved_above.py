"""What the unit above hears of reports that were approved: once, gathered, and when people are written to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, insert, select, update

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import supervision
from handlers.records.people import Person
from handlers.records.reports import Report
from handlers.talk import Due, Talk
from handlers.turn import Turn
from tests.bench.overview import HEAD, LONG_AGO, OFFICE, fill

TOLD = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)  # 16:30 of a Tuesday
SATURDAY = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
OFFICER = 300


@pytest.fixture
def province(sqlite_url: str, bookcase: Bookcase) -> Iterator[Connection]:
    """Twelve communes, 2 to 13; 7 has not sent this month's report, 9 was late with it."""
    database = Database(sqlite_url)
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=2, communes=12)
        yield connection
    database.close()


def approve(connection: Connection, unit: int, at: datetime, period: str = "2026-11", by: int = 5) -> None:
    which = t.reports.c.unit == unit, t.reports.c.period == period
    details = connection.execute(select(t.reports.c.details).where(*which)).scalar_one()
    report = msgspec.json.decode(details, type=Report)
    sent = msgspec.structs.replace(report.submissions[-1], verdict="approved", decided=at, decided_by=by)
    report = msgspec.structs.replace(report, submissions=(*report.submissions[:-1], sent))
    connection.execute(update(t.reports).where(*which).values(details=msgspec.json.encode(report).decode()))


def told(connection: Connection, bookcase: Bookcase, at: datetime, since: datetime) -> Turn:
    facts = {"unit": str(OFFICE), "since": since.isoformat()}
    turn = Turn(
        event=Due(name="reports.approved", about=f"unit:{OFFICE}", at=at, facts=facts),
        person=Person(),
        talk=Talk(),
        now=at,
        shelf=bookcase.shelf(),
        records=StoredRecords(connection, at),
    )
    supervision.DUE["reports.approved"](turn)
    return turn


def test_all_of_the_day_are_one_message_and_none_is_told_twice(
    province: Connection, bookcase: Bookcase, wording: Wording
) -> None:
    since = TOLD - timedelta(hours=3)
    for unit in (2, 3, 9):
        approve(province, unit, since)
    approve(province, 4, since - timedelta(days=2))  # long told
    approve(province, 5, since, "2026-10")
    (said,) = told(province, bookcase, TOLD, since).said
    assert (said.to, said.kind) == (HEAD, "notice")
    head, *rows, _more = wording.word(said.text, "vi").splitlines()
    assert head == "Lãnh đạo các đơn vị dưới Hà Nội đã duyệt:"
    assert rows[0] == "• Báo cáo tháng 11/2026: thêm 3, cả thảy 4 đơn vị."
    assert rows[2] == "  Trong đó gửi chậm: 1."
    assert rows[3].startswith("• Báo cáo tháng 10/2026: thêm 1, ")
    assert not told(province, bookcase, TOLD + timedelta(minutes=1), since).said
    approve(province, 6, TOLD + timedelta(minutes=2))
    (again,) = told(province, bookcase, TOLD + timedelta(days=1), TOLD).said
    assert "thêm 1, cả thảy 5 đơn vị." in wording.word(again.text, "vi")


def test_more_than_a_message_names_are_counted(
    province: Connection, bookcase: Bookcase, wording: Wording
) -> None:
    for unit in (2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13):
        approve(province, unit, TOLD - timedelta(hours=1))
    (said,) = told(province, bookcase, TOLD, TOLD - timedelta(hours=1)).said
    assert ", và 3 nơi nữa" in wording.word(said.text, "vi")


def test_on_a_day_off_it_waits_for_the_next_working_morning(province: Connection, bookcase: Bookcase) -> None:
    approve(province, 2, SATURDAY)
    turn = told(province, bookcase, SATURDAY, SATURDAY)
    assert not turn.said
    (later,) = turn.laters
    assert later.at == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert later.due.facts["since"] == SATURDAY.isoformat()


def test_whoever_approved_it_is_not_told_of_it(province: Connection, bookcase: Bookcase) -> None:
    province.execute(insert(t.conversations).values(id=OFFICER, person="", talk="", touched=LONG_AGO))
    province.execute(insert(t.roles).values(person=OFFICER, kind="officer", place=OFFICE, since=LONG_AGO))
    approve(province, 2, TOLD - timedelta(hours=1), by=OFFICER)
    assert not told(province, bookcase, TOLD, TOLD - timedelta(hours=1)).said


def test_what_was_taken_back_meanwhile_is_not_told(province: Connection, bookcase: Bookcase) -> None:
    which = t.reports.c.unit == 2, t.reports.c.period == "2026-11"
    details = province.execute(select(t.reports.c.details).where(*which)).scalar_one()
    report = msgspec.json.decode(details, type=Report)
    sent = msgspec.structs.replace(
        report.submissions[-1], verdict="returned", decided=TOLD - timedelta(hours=1), decided_by=5
    )
    report = msgspec.structs.replace(report, state="returned", submissions=(sent,))
    province.execute(update(t.reports).where(*which).values(details=msgspec.json.encode(report).decode()))
    assert not told(province, bookcase, TOLD, TOLD - timedelta(hours=2)).said
