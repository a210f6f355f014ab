"""The table of all reports: a line for each that was owed, what never came included, in constant memory."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import event, insert, select

from bot import maker, making, report_export
from bot.lists import xlsx
from bot.maker import Maker
from bot.report_export import Knowledge, Wanted
from bot.settings import Unusable
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.reports import StoredReports
from bot.vault import Unfit
from bot.wording import Wording
from handlers.made import ReportTable
from handlers.records.reports import Report, Submission
from handlers.rules.form_tasks import TaskState
from handlers.rules.validation import Value
from knowledge.forms import Forms
from tests.bench import nation
from tests.bot.test_request_export import rows_of

AT = datetime(2026, 11, 16, 2, tzinfo=UTC)
MONTH = Wanted(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def knowledge(bookcase: Bookcase) -> Knowledge:
    shelf = bookcase.shelf()
    return Knowledge(shelf.forms, shelf.places, shelf.calendar)


def office(
    database: Database, name: str, commune: str, since: datetime = nation.LONG_AGO, **unit: Any
) -> int:
    """Make an office in which somebody reports."""
    with database.write() as connection:
        person = connection.scalar(insert(t.conversations).values(touched=AT).returning(t.conversations.c.id))
        made = connection.scalar(
            insert(t.units).values(kind="office", name=name, commune=commune, **unit).returning(t.units.c.id)
        )
        connection.execute(insert(t.roles).values(person=person, kind="reporter", place=made, since=since))
    assert made is not None
    return int(made)


def send(
    database: Database, unit: int, values: dict[str, Value], *versions: Submission, **fields: Any
) -> None:
    """Keep a report of November; of several versions each but the last has the figures it brings."""
    last = Submission(number=len(versions) + 1, form_version=1, values=values, sha256="", at=AT, by=1)
    report = Report(unit=unit, form="monthly", period="2026-11", receipt=f"R-{unit}", state="submitted")
    with database.write() as connection:
        stored = StoredReports(connection, AT)
        held = stored.hold(unit, "monthly", "2026-11")
        report = msgspec.structs.replace(
            report, id=held.id, version=held.version, submissions=(*versions, last)
        )
        stored.save(msgspec.structs.replace(report, **fields))


def export(
    database: Database, folder: Path, knowledge: Knowledge, wanted: Wanted = MONTH, name: str = "out.csv"
) -> list[dict[str, Any]]:
    report_export.write(database, wanted, folder / name, knowledge, Wording(), "vi")
    return rows_of(folder / name)


def filled(row: dict[str, Any]) -> dict[str, str]:
    """Give the cells with something in them, but for the moment, which a sheet keeps as a number."""
    return {name: str(cell) for name, cell in row.items() if cell and name != "Ngày gửi"}


def test_what_came_and_what_did_not_have_a_line_each(
    database: Database, tmp_path: Path, knowledge: Knowledge
) -> None:
    sent = office(database, "xã Ứng Hòa, Hà Nội", "10402")
    office(database, "xã Vân Đình, Hà Nội", "10354")
    office(database, "xã Mới, Hà Nội", "10000", since=datetime(2026, 12, 1, tzinfo=UTC))
    values = {
        "paperless-meetings": Value(9, 11, reason="Chị Hạnh đếm lại"),
        "signed-documents": Value(214, 218),
        "online-transactions": Value(None),
    }
    send(database, sent, values)
    missing, came = export(database, tmp_path, knowledge)
    assert (missing["Đơn vị"], missing["Trạng thái"]) == ("xã Vân Đình, Hà Nội", "chưa gửi")
    assert (came["Mã xã"], came["Kỳ"], came["Trạng thái"], came["Bản"]) == (
        "10402",
        "2026-11",
        "chờ duyệt",
        "1",
    )
    assert (came["Ngày gửi"], came["Chậm (ngày làm việc)"]) == ("2026-11-16 09:00", "0")
    assert [value for name, value in came.items() if name.startswith("Tỷ lệ văn bản")] == [
        "214",
        "218",
        "98.17",
    ]
    assert came["Số giao dịch trực tuyến"] == ""  # no data is no 0
    [_missing, in_sheet] = export(database, tmp_path, knowledge, name="out.xlsx")
    assert filled(in_sheet) == filled(came)
    assert "Hạnh" not in (tmp_path / "out.csv").read_text("utf-8")
    with database.read() as connection:
        assert connection.scalar(select(t.audit.c.done)) == "exported reports"


def test_a_form_with_tasks_has_a_column_for_how_far_each_is(
    database: Database, tmp_path: Path, knowledge: Knowledge
) -> None:
    shipped = knowledge.forms
    asked = msgspec.structs.replace(shipped["monthly"], tasks=shipped["campaign"].tasks)
    unit = office(database, "xã Ứng Hòa, Hà Nội", "10402")
    told = {"campaign-plan": TaskState("done", "12/KH của chị Hạnh"), "campaign-stuck": TaskState("todo")}
    sent = Submission(number=1, form_version=1, values={}, tasks=told, sha256="", at=AT, by=1)
    send(database, unit, {}, submissions=(sent,))
    (came,) = export(database, tmp_path, msgspec.structs.replace(knowledge, forms=Forms([asked])))
    assert [came[task.name.vi] for task in asked.tasks] == ["xong", "chưa làm", ""]
    assert "Hạnh" not in (tmp_path / "out.csv").read_text("utf-8")
    (without,) = export(database, tmp_path, knowledge)
    assert asked.tasks[0].name.vi not in without


def test_the_version_that_was_approved_stands_while_another_is_on_its_way(
    database: Database, tmp_path: Path, knowledge: Knowledge
) -> None:
    unit = office(database, "xã Ứng Hòa, Hà Nội", "10402")
    late = datetime(2026, 11, 19, 2, tzinfo=UTC)
    first = Submission(
        number=1,
        form_version=1,
        values={"online-transactions": Value(412)},
        sha256="",
        at=late,
        by=1,
        verdict="approved",
        decided=late,
        document="512/BC-UBND",
        dated=date(2026, 11, 20),
    )
    send(database, unit, {"online-transactions": Value(999)}, first)
    [row] = export(database, tmp_path, knowledge)
    assert (row["Số giao dịch trực tuyến"], row["Bản"]) == ("412", "1")
    assert (row["Đã duyệt"], row["Văn bản"]) == ("2026-11-19 09:00", "512/BC-UBND 2026-11-20")
    assert row["Chậm (ngày làm việc)"] == "2"


def test_days_form_and_unit_choose_what_is_in_it(
    database: Database, tmp_path: Path, knowledge: Knowledge
) -> None:
    office(database, "xã Ứng Hòa, Hà Nội", "10402")
    office(database, "phường Sài Gòn, TP. Hồ Chí Minh", "26740", until=datetime(2026, 10, 1, tzinfo=UTC))

    def found(**fields: Any) -> list[tuple[str, str]]:
        told = export(database, tmp_path, knowledge, msgspec.structs.replace(MONTH, **fields))
        return [(row["Mã xã"], row["Kỳ"]) for row in told]

    assert found() == [("10402", "2026-11")]
    assert found(first=date(2026, 9, 14)) == [
        ("10402", "2026-09"),
        ("10402", "2026-10"),
        ("10402", "2026-11"),
        ("26740", "2026-09"),  # it ended amid the next period
        ("26740", "2026-10"),
    ]
    assert found(first=date(2026, 9, 15), unit="Hà Nội") == [("10402", "2026-10"), ("10402", "2026-11")]
    assert found(first=date(2026, 7, 1), form="quarterly")[-1] == ("26740", "2026-Q3")


@pytest.mark.parametrize(
    ("wanted", "name", "said"),
    [
        (MONTH, "out.pdf", "no ending that is known"),
        (msgspec.structs.replace(MONTH, last=date(2026, 10, 1)), "out.csv", "Change one of the two"),
        (msgspec.structs.replace(MONTH, form="yearly"), "out.csv", "Known: campaign, monthly, quarterly"),
        (
            msgspec.structs.replace(MONTH, first=date(2026, 11, 15)),
            "out.csv",
            "another --form or another --unit",
        ),
    ],
)
def test_what_cannot_be_written_says_what_to_do_and_leaves_no_file(
    sqlite_url: str, tmp_path: Path, knowledge: Knowledge, wanted: Wanted, name: str, said: str
) -> None:
    database = Database(sqlite_url)
    office(database, "xã Ứng Hòa, Hà Nội", "10402")
    with pytest.raises(Unusable, match=said):
        export(database, tmp_path, knowledge, wanted, name)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == []
    with database.read() as connection:
        assert connection.execute(select(t.audit)).all() == []
    database.close()


def test_offices_are_read_together_and_memory_stays(
    sqlite_url: str, tmp_path: Path, bookcase: Bookcase, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_export, "PIECE", 20)
    database = Database(sqlite_url)
    owed = nation.fill(database, bookcase.shelf(), units=60, months=6)
    asked: list[str] = []
    event.listen(
        database._reading, "before_cursor_execute", lambda _c, _k, statement, *_rest: asked.append(statement)
    )

    def peak(first: date, name: str) -> tuple[int, int]:
        tracemalloc.start()
        wanted = Wanted(first, nation.LAST)
        count = report_export.write(database, wanted, tmp_path / name, knowledge, Wording(), "vi")
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return count, used

    peak(date(2026, 11, 1), "first.xlsx")  # loads what is loaded once
    asked.clear()
    (few, little), (many, more) = peak(date(2026, 11, 1), "few.xlsx"), peak(date(2026, 6, 1), "many.xlsx")
    database.close()
    assert (few, many, owed) == (60, 360, 360)
    assert more < 2 * little  # six times as many lines
    read = [statement for statement in asked if "FROM reports" in statement and "details" in statement]
    assert len(read) == 2 * 3  # one for each 20 offices


def made(database: Database, bookcase: Bookcase, place: str) -> list[dict[str, Any]]:
    """Give the table that a chat is sent."""
    order = making.ordered(
        ReportTable(form="monthly", first=MONTH.first, last=MONTH.last, place=place, lang="vi"), str
    )

    async def whole() -> bytes:
        pieces = Maker(database, bookcase.shelf, Wording()).pieces_of(order)
        return b"".join([piece async for piece in pieces])

    read = [cells for _number, cells in xlsx.read(asyncio.run(whole()))]
    return [dict(zip(read[0], cells, strict=False)) for cells in read[1:]]


def test_the_chat_is_sent_the_same_table_of_its_own_place_and_of_no_other(
    database: Database, tmp_path: Path, knowledge: Knowledge, bookcase: Bookcase
) -> None:
    here = office(database, "xã Ứng Hòa, Hà Nội", "10402")
    office(database, "xã Vân Đình, Hà Nội", "10354")
    office(database, "thôn Đoài, xã Ứng Hòa, Hà Nội", "10402", village="thôn Đoài")
    office(database, "xã Yên Viên, Bắc Ninh", "09193")
    send(database, here, {"signed-documents": Value(214, 218)})
    whole = msgspec.structs.replace(MONTH, unit="Hà Nội")
    assert made(database, bookcase, "01") == export(database, tmp_path, knowledge, whole, "out.xlsx")
    assert [row["Đơn vị"] for row in made(database, bookcase, "10402")] == [
        "thôn Đoài, xã Ứng Hòa, Hà Nội",
        "xã Ứng Hòa, Hà Nội",
    ]
    with pytest.raises(Unfit):
        made(database, bookcase, "99")


def test_a_table_that_is_too_long_for_a_chat_is_not_made(
    database: Database, bookcase: Bookcase, monkeypatch: pytest.MonkeyPatch
) -> None:
    office(database, "xã Ứng Hòa, Hà Nội", "10402")
    office(database, "xã Vân Đình, Hà Nội", "10354")
    monkeypatch.setattr(maker, "LONGEST", 1)
    with pytest.raises(Unfit, match="large"):
        made(database, bookcase, "01")
    assert len(made(database, bookcase, "10354")) == 1
