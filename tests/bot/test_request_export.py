"""The list of requests for the office: whole, in constant memory, without anybody's name unless that is asked for."""

from __future__ import annotations

import csv
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import event, insert, select

from bot import request_export
from bot.lists import xlsx
from bot.request_export import Knowledge, Wanted
from bot.settings import Unusable
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.requests import StoredRequests
from bot.wording import Wording
from handlers.records.requests import Request
from handlers.rules.histories import Reader
from tests.bench import province
from tests.bot.office import Office

MONDAY = datetime(2026, 11, 9, 1, 30, tzinfo=UTC)  # half past eight, the desk is open since half past seven
HOUR = timedelta(hours=1)
ALL = Wanted(date(2026, 11, 1), date(2026, 11, 30))
COMMUNE = "00602"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def knowledge(bookcase: Bookcase) -> Knowledge:
    shelf = bookcase.shelf()
    return Knowledge(shelf.library, shelf.places, Reader(shelf.service, shelf.calendar))


class Desk:
    """A team of two villages whose requests a test leads through their states."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.write() as connection:
            for number, name in ((1, "tổ dân phố 7"), (2, "thôn Đoài")):
                connection.execute(insert(t.villages).values(id=number, commune=COMMUNE, name=name))
            connection.execute(
                insert(t.units).values(id=1, kind="team", name="tổ liên thôn", commune=COMMUNE, key="T1")
            )
            connection.execute(insert(t.units).values(id=2, kind="team", name="tổ cả xã", commune="10402"))
            connection.execute(insert(t.covers), [{"unit": 1, "village": n} for n in (1, 2)])

    def open(self, at: datetime = MONDAY, **fields: Any) -> Request:
        wanted = {"citizen": 5, "commune": COMMUNE, "team": 1, "village": "to 7", "topic": "vneid.activate"}
        with self.database.write() as connection:
            return StoredRequests(connection, at).open(Request(**{**wanted, **fields}))

    def moves(self, request: Request, at: datetime, what: str, **fields: Any) -> Request:
        with self.database.write() as connection:
            changed = msgspec.structs.replace(request, **fields)
            return StoredRequests(connection, at).save(changed, what, 9)

    def closed(self, at: datetime = MONDAY, **fields: Any) -> Request:
        request = self.open(at, **fields)
        request = self.moves(request, at + HOUR, "claimed", state="claimed", claimed=at + HOUR, claimed_by=9)
        return self.moves(
            request, at + 2 * HOUR, "closed", state="closed", closed=at + 2 * HOUR, outcome="solved"
        )


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def exported(
    desk: Desk, folder: Path, knowledge: Knowledge, wanted: Wanted = ALL, name: str = "out.csv", lang: str = "en"
) -> list[dict[str, str]]:  # fmt: skip
    path = folder / name
    request_export.write(desk.database, wanted, path, knowledge, Wording(), lang)
    return rows_of(path)


def rows_of(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".csv":
        return list(csv.DictReader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))
    read = [cells for _number, cells in xlsx.read(path.read_bytes())]
    return [dict(zip(read[0], cells, strict=False)) for cells in read[1:]]


def test_a_request_is_told_in_its_times_and_working_minutes(
    desk: Desk, tmp_path: Path, knowledge: Knowledge
) -> None:
    request = desk.closed()
    request = desk.moves(
        request, MONDAY + 4 * HOUR, "reopened", state="open", closed=None, outcome="", claimed=None, claimed_by=0
    )  # fmt: skip
    request = desk.moves(request, MONDAY + 5 * HOUR, "claimed", state="claimed", claimed_by=9)
    waited = ((MONDAY + 6 * HOUR, MONDAY + 7 * HOUR),)
    at = MONDAY + 24 * HOUR
    request = desk.moves(request, at, "closed", state="closed", closed=at, outcome="partly", pauses=waited)
    desk.moves(request, at, "rated good", rating="good")
    topic = knowledge.library.topic("vneid.activate", "en")
    assert topic
    [row] = exported(desk, tmp_path, knowledge)
    assert {name: cell for name, cell in row.items() if cell} == {
        "Code": f"YC-{request.code}",
        "Commune code": COMMUNE,
        "Commune": "phường Đông Ngạc, Hà Nội",
        "Village": "tổ dân phố 7",
        "With": "tổ liên thôn",
        "Kind": "how it is done",
        "Area": "VNeID",
        "Topic": topic.title,
        "State": "closed",
        "Opened": "2026-11-09 08:30",
        "First taken": "2026-11-09 09:30",
        "Closed": "2026-11-10 08:30",
        "Last reopened": "2026-11-09 12:30",
        "Times reopened": "1",
        "Times passed on": "0",
        "First response, working minutes": "60",
        # Of the eight hours of a day: two were closed in part (10:30 to 11:30 counted), one waited for the citizen.
        "Solution, working minutes": str(8 * 60 - 60 - 60),
        "Outcome": "Partly solved",
        "Rating": "Good",
    }


PERSONAL: dict[str, Any] = {
    "name": "Nguyễn Bí Mật",
    "phone": "0912345678",
    "words": "cạnh nhà bà Chín",
    "village": "xóm nhà bà Tư",
    "remark": "bác nghe kém",
}


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_nothing_personal_is_in_it_unless_it_is_asked_for_and_then_that_is_recorded(
    desk: Desk, tmp_path: Path, knowledge: Knowledge, name: str
) -> None:
    desk.closed(address="bác", **PERSONAL)
    [row] = exported(desk, tmp_path, knowledge, name=name)
    said = " ".join(row.values())
    assert [words for words in PERSONAL.values() if words in said] == []
    [row] = exported(desk, tmp_path, knowledge, msgspec.structs.replace(ALL, names=True), name)
    said = " ".join(row.values())
    # A village in somebody's own words may name a neighbour, so it is never shown.
    assert [words for words in PERSONAL.values() if words not in said] == [PERSONAL["village"]]
    with desk.database.read() as connection:
        noted = connection.execute(select(t.audit.c.done, t.audit.c.about, t.audit.c.by)).all()
    about = "requests 2026-11-01..2026-11-30 of all"
    assert [tuple(row) for row in noted] == [
        ("exported requests", about, 0),
        ("exported requests, looked at personal data", about, 0),
    ]


FORMULAS = ("=1+1", "+84912", "-2", "@SUM(A1)", '=HYPERLINK("http://x.vn")')


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_no_cell_is_computed_by_a_table_program(
    desk: Desk, tmp_path: Path, knowledge: Knowledge, name: str
) -> None:
    for words in FORMULAS:
        desk.closed(words=words)
    rows = exported(desk, tmp_path, knowledge, msgspec.structs.replace(ALL, names=True), name)
    said = [row["In own words"] for row in rows]
    if name == "out.csv":
        assert said == [f"'{words}" for words in FORMULAS]
        return
    assert said == list(FORMULAS)
    sheet = zipfile.ZipFile(tmp_path / name).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_only_the_days_and_the_place_that_are_named_are_in_it(
    desk: Desk, tmp_path: Path, knowledge: Knowledge
) -> None:
    before, first, last, after = (
        desk.open(datetime(2026, month, day, hour, minute, tzinfo=UTC), **fields)
        for month, day, hour, minute, fields in (
            (10, 31, 16, 59, {}),
            (10, 31, 17, 0, {}),  # midnight in Vietnam
            (11, 30, 16, 59, {"team": 0, "village": ""}),
            (11, 30, 17, 0, {}),
        )
    )
    other = desk.open(commune="10402", team=2)

    def codes(**fields: Any) -> list[str]:
        found = exported(desk, tmp_path, knowledge, msgspec.structs.replace(ALL, **fields))
        return [row["Code"].removeprefix("YC-") for row in found]

    assert codes() == [first.code, other.code, last.code]
    assert codes(unit="phường Đông Ngạc, Hà Nội") == [first.code, last.code]
    assert codes(unit="T1") == codes(unit="Tổ liên thôn") == [first.code]
    assert codes(unit="Hà Nội") == [first.code, other.code, last.code]
    assert codes(first=date(2026, 10, 31)) == [before.code, first.code, other.code, last.code]
    assert codes(last=date(2026, 12, 1))[-1] == after.code


@pytest.mark.parametrize(
    ("wanted", "name", "said"),
    [
        (ALL, "out.pdf", "no ending that is known. Name it with one of: .xlsx, .csv."),
        (ALL, "nowhere/out.csv", "is no folder. Make it, or name another."),
        (msgspec.structs.replace(ALL, last=date(2026, 10, 1)), "out.csv", "Change one of the two."),
        (msgspec.structs.replace(ALL, first=date(2026, 11, 29)), "out.csv", "Name other days, or another --unit."),
        (msgspec.structs.replace(ALL, unit="xã Không Có"), "out.csv", "Add its province."),
        (msgspec.structs.replace(ALL, unit="tổ 99, phường Đông Ngạc, Hà Nội"), "out.csv", "Known: "),
    ],
)  # fmt: skip
def test_what_cannot_be_written_says_what_to_do_and_leaves_no_file(
    desk: Desk, tmp_path: Path, knowledge: Knowledge, wanted: Wanted, name: str, said: str
) -> None:
    desk.closed()
    with pytest.raises(Unusable, match=said.replace(".", r"\.")):
        exported(desk, tmp_path, knowledge, wanted, name)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == []
    with desk.database.read() as connection:
        assert connection.execute(select(t.audit)).all() == []


def test_a_table_too_long_for_a_sheet_is_refused(
    desk: Desk, tmp_path: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_export, "MOST", 1)
    desk.closed()
    desk.closed()
    with pytest.raises(Unusable, match=r"Write out\.csv, or fewer days"):
        exported(desk, tmp_path, knowledge, name="out.xlsx")
    assert len(exported(desk, tmp_path, knowledge, name="out.csv")) == 2


def test_memory_stays_and_rows_are_read_together(
    database: Database, tmp_path: Path, knowledge: Knowledge
) -> None:
    province.fill(database, 6_000)
    asked: list[str] = []

    def peak(days: int, name: str) -> int:
        wanted = Wanted(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days))
        tracemalloc.start()
        count = request_export.write(database, wanted, tmp_path / name, knowledge, Wording(), "vi")
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert abs(count - 18 * days) < 50
        return used

    event.listen(
        database._reading, "before_cursor_execute", lambda _c, _k, statement, *_rest: asked.append(statement)
    )
    peak(60, "first.xlsx")  # loads what is loaded once
    few, many = peak(60, "few.xlsx"), peak(330, "many.xlsx")
    assert many < 1.25 * few
    events = [statement for statement in asked if "FROM request_events" in statement]
    assert len(events) == 3 + 3 + 12  # one for each 500 requests


# --- typed ---


def test_the_command_writes_the_table_and_says_how_many_rows(tmp_path: Path) -> None:
    here = Office(tmp_path)
    assert here.toso("db", "upgrade").status == 0
    database = Database(f"sqlite:///{tmp_path}/data/toso.db")
    Desk(database).closed()
    database.close()
    done = here.toso("export", "requests", "--from", "2026-11-01", "--to", "2026-11-30", "danh-sach.xlsx")
    assert (done.status, done.out, done.err) == (0, "danh-sach.xlsx: 1 request\n", "")
    [row] = rows_of(tmp_path / "danh-sach.xlsx")
    assert (row["Lĩnh vực"], row["Trạng thái"]) == ("VNeID", "đã đóng")
    assert (tmp_path / "danh-sach.xlsx").stat().st_mode & 0o077 == 0
    refused = here.toso("export", "requests", "--from", "1/11", "--to", "2026-11-30", "danh-sach.csv")
    assert refused.status == 1
    assert refused.err == "“1/11” is no day. Write it as year-month-day: 2026-12-01.\n"
