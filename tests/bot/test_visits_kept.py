"""Keeping visits: rows are never edited, figures outlive whoever told them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import insert, select

from bot.store import tables as t
from bot.store.database import Database
from bot.store.people import StoredPeople
from bot.store.visits import StoredVisits, sign_over, told_by
from handlers.records.visits import Count, Visit

NOON = datetime(2026, 11, 17, 5, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
VISIT = Visit(
    unit=1,
    village="thôn Đoài",
    day=MONDAY,
    counts=(Count("household", 4, "health.insurance"), Count("household", 1), Count("unmet", 1, "no-phone")),
    minutes=90,
    by=7,
)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A store with two teams."""
    opened = Database(url)
    with opened.write() as connection:
        for number in (1, 2):
            connection.execute(
                insert(t.units).values(id=number, kind="team", name=f"tổ {number}", commune="00610")
            )
    yield opened
    opened.close()


def test_a_visit_is_kept_row_by_row_with_its_minutes_once(database: Database) -> None:
    with database.write() as connection:
        number = StoredVisits(connection, NOON).keep(VISIT)
    with database.read() as connection:
        rows = connection.execute(select(t.visits).order_by(t.visits.c.id)).mappings().all()
        assert [
            tuple(row[name] for name in ("entry", "kind", "count", "topic", "minutes")) for row in rows
        ] == [
            (0, "household", 4, "health.insurance", 90),
            (number, "household", 1, "", None),
            (number, "unmet", 1, "no-phone", None),
        ]
        assert {tuple(row[name] for name in ("unit", "village", "day", "by", "at")) for row in rows} == {
            (1, "thôn Đoài", "2026-11-16", 7, NOON)
        }
        last = StoredVisits(connection, NOON).last(7)
        assert last is not None
        assert (last.id, last.counts, last.minutes, last.total("household")) == (number, VISIT.counts, 90, 5)
        assert StoredVisits(connection, NOON).last(8) is None


def test_what_was_told_adds_up_by_unit_village_and_days(database: Database) -> None:
    with database.write() as connection:
        visits = StoredVisits(connection, NOON)
        visits.keep(VISIT)
        visits.keep(
            Visit(
                unit=1, village="thôn Đình", day=MONDAY, counts=(Count("household", 2),), minutes=None, by=8
            )
        )
        visits.keep(Visit(unit=2, day=MONDAY, counts=(Count("class", 1),), by=9))
        assert visits.counted(1, ["thôn Đoài"], MONDAY, MONDAY) == {"household": 5, "unmet": 1}
        assert visits.counted(1, ["thôn Đoài", "thôn Đình"], MONDAY, MONDAY) == {"household": 7, "unmet": 1}
        assert visits.counted(1, [], MONDAY, MONDAY) == {"household": 7, "unmet": 1}
        assert visits.counted(2, [], MONDAY, MONDAY) == {"class": 1}
        assert visits.counted(1, [], MONDAY + timedelta(days=1), date(2026, 12, 14)) == {}


def test_a_visit_is_taken_back_once_and_only_by_whoever_told_it(database: Database) -> None:
    with database.write() as connection:
        visits = StoredVisits(connection, NOON)
        first, second = visits.keep(VISIT), visits.keep(VISIT)
        assert not visits.take_back(second, 8)
        assert visits.take_back(second, 7)
        assert not visits.take_back(second, 7)
        assert visits.counted(1, [], MONDAY, MONDAY) == {"household": 5, "unmet": 1}
        last = visits.last(7)
        assert last is not None
        assert last.id == first


def test_visits_go_with_their_teller_to_another_number_and_outlive_their_data(database: Database) -> None:
    with database.write() as connection:
        StoredVisits(connection, NOON).keep(VISIT)
        sign_over(connection, 7, 3)
        assert told_by(connection, 7) == []
        assert [row["kind"] for row in told_by(connection, 3)] == ["household", "household", "unmet"]
        people = StoredPeople(connection, NOON)
        assert people.everything(3)["visits"] == told_by(connection, 3)
        people.forget(3)
        assert told_by(connection, 3) == []
        assert StoredVisits(connection, NOON).counted(1, [], MONDAY, MONDAY) == {"household": 5, "unmet": 1}


def test_a_sheet_is_known_as_a_whole_and_a_line_by_itself_is_no_sheet(database: Database) -> None:
    with database.write() as connection:
        visits = StoredVisits(connection, NOON)
        alone = visits.keep(VISIT)
        first = visits.keep(VISIT)
        others = [visits.keep(msgspec.structs.replace(VISIT, sheet=first)) for _ in range(2)]
        assert [visit.id for visit in visits.told_with(alone)] == [alone]
        for number in (first, *others):
            told = visits.told_with(number)
            assert [visit.id for visit in told] == [first, *others]
            assert all(visit.counts == VISIT.counts for visit in told)
        assert visits.take_back(first, 7)
        assert [visit.id for visit in visits.told_with(others[-1])] == others
        sign_over(connection, 7, 0)
        assert visits.told_with(others[-1]) == ()
