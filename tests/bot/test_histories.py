"""What requests have been through, as the store gives it for figures; and `toso figures`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.helped import lines
from bot.settings import Unusable
from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.histories import StoredHistories
from bot.wording import Wording
from handlers.rules.histories import Reader
from handlers.rules.months import bounds
from tests.bot.office import Office
from tests.bot.test_request_export import COMMUNE, MONDAY, Desk

SINCE, UNTIL = bounds(date(2026, 11, 1))
MONTH = timedelta(days=30)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


def test_those_under_way_in_a_month_are_given_with_what_happened(database: Database) -> None:
    desk = Desk(database)
    long_over = desk.closed(MONDAY - 2 * MONTH)
    lasting = desk.open(MONDAY - 2 * MONTH)
    inside = desk.closed()
    later = desk.open(MONDAY + MONTH)
    elsewhere = desk.closed(team=2, commune="10402")
    with database.read() as connection:
        stored = StoredHistories(connection)
        team = list(stored.of_team(1, SINCE, UNTIL))
        assert [lived.request.id for lived in team] == [lasting.id, inside.id]
        assert list(stored.of_commune(COMMUNE, SINCE, UNTIL)) == team
        both = [lived.request.id for lived in stored.of_communes((COMMUNE, "10402"), SINCE, UNTIL)]
    assert both == [lasting.id, inside.id, elsewhere.id]
    assert not {long_over.id, later.id} & set(both)
    assert [(event.what, event.by) for event in team[1].events] == [
        ("opened", 5),
        ("claimed", 9),
        ("closed", 9),
    ]


def test_a_place_is_read_by_village_and_a_province_by_commune(database: Database, bookcase: Bookcase) -> None:
    desk = Desk(database)
    for number in range(1, 7):
        desk.closed(citizen=number)
        desk.closed(citizen=10 + number, village="thôn Đoài")
        desk.closed(citizen=20 + number, village="", team=2, commune="10402")
    shelf = bookcase.shelf()
    reader = Reader(shelf.service, shelf.calendar)

    def told(unit: str, month: date = date(2026, 11, 1)) -> list[str]:
        now = [*lines(database, unit, month, shelf.places, reader, Wording(), "en")]
        return [line for line in now if "helped" in line or "Where" in line]

    assert told("phường Đông Ngạc, Hà Nội") == [
        "• People helped: 12; requests solved: 12, new: 12.",
        "• Where: thôn Đoài 6, tổ dân phố 7 6.",
    ]
    assert told("T1") == told("phường Đông Ngạc, Hà Nội")
    assert told("Hà Nội") == [
        "• People helped: 18; requests solved: 18, new: 18.",
        "• Where: phường Đông Ngạc 12, xã Ứng Hòa 6.",
    ]
    assert told("T1", date(2026, 10, 1)) == []
    with pytest.raises(Unusable, match="has not begun"):
        told("T1", date(2999, 1, 1))


def test_the_command_says_the_figures_and_what_is_wrong(tmp_path: Path) -> None:
    here = Office(tmp_path)
    assert here.toso("db", "upgrade").status == 0
    database = Database(f"sqlite:///{tmp_path}/data/toso.db")
    Desk(database)
    database.close()
    done = here.toso("figures", "--unit", "T1", "--month", "2026-10")
    assert (done.status, done.err) == (0, "")
    assert done.out == "Số liệu tháng 10/2026, tổ liên thôn:\nKhông có yêu cầu nào gửi đến hay làm xong.\n"
    refused = here.toso("figures", "--unit", "T1", "--month", "10/2026")
    assert refused.status == 1
    assert refused.err == "--month is “10/2026”. Write it as year-month: 2026-11.\n"
