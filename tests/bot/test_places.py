"""Villages and the teams that cover them: by day, by old names, and as the release before had them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, insert, select, text

from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from bot.store.links import StoredLinks
from bot.store.people import StoredPeople
from handlers import watch
from handlers.rules.routing import team_for, village_of
from handlers.talk import Due

NOW = datetime(2026, 11, 9, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A transaction on a new store, of each database."""
    database = Database(url)
    with database.write() as connection:
        yield connection
    database.close()


def put(connection: Connection, table: str, **values: object) -> int:
    made = t.metadata.tables[table]
    return int(connection.scalar(insert(made).values(**values).returning(made.c.id)) or 0)


def test_a_team_is_found_by_the_villages_it_covers_today(connection: Connection) -> None:
    team = put(connection, "units", kind="team", name="Tổ liên thôn", commune="10354")
    today = put(connection, "villages", commune="10354", name="thôn Thống Nhất", since=NOW - DAY)
    merged = put(connection, "villages", commune="10354", name="thôn Đình", until=NOW - DAY, became=today)
    put(connection, "villages", commune="10354", name="xóm Cầu", until=NOW - 9 * DAY, became=merged)
    coming = put(connection, "villages", commune="10354", name="thôn Mới", since=NOW + DAY)
    left = put(connection, "villages", commune="10354", name="thôn Xa")
    for village, until in ((today, None), (coming, None), (left, NOW - DAY)):
        put(connection, "covers", unit=team, village=village, until=until)
    teams = StoredPeople(connection, NOW).units("team", "10354")
    assert [village.name for village in teams[0].covers] == ["thôn Thống Nhất"]
    assert {village.name for village in teams[0].formerly} == {"thôn Đình", "xóm Cầu"}
    assert village_of(teams[0], "xom cau") == "thôn Thống Nhất"
    assert team_for(teams, "thôn Xa") is None
    tomorrow = StoredPeople(connection, NOW + 2 * DAY).units("team", "10354")
    assert village_of(tomorrow[0], "thôn Mới") == "thôn Mới"


def test_leave_replaces_an_earlier_one_and_ends_by_itself(connection: Connection) -> None:
    person = put(connection, "conversations", touched=NOW)
    other = put(connection, "conversations", touched=NOW)
    team = put(connection, "units", kind="team", name="Tổ 7", commune="00602")
    put(connection, "roles", person=person, kind="lead", place=team, since=NOW - DAY)
    people = StoredPeople(connection, NOW)
    people.go(person, NOW + DAY, NOW + 2 * DAY)
    absence = people.go(person, NOW, NOW + 3 * DAY)
    people.stand_in(absence.id, other)
    assert [(one.person, one.stand_in) for one in people.absent(team)] == [(person, other)]
    assert StoredPeople(connection, NOW + 3 * DAY).absent(team) == ()
    people.back(person)
    assert people.absence(person) is None


def test_leave_goes_with_a_person_who_joins_two_channels(connection: Connection) -> None:
    old, new, away = (put(connection, "conversations", touched=NOW) for _ in range(3))
    team = put(connection, "units", kind="team", name="Tổ 7", commune="00602")
    for person in (old, away):
        put(connection, "roles", person=person, kind="lead", place=team, since=NOW - DAY)
    people = StoredPeople(connection, NOW)
    people.go(old, NOW, NOW + DAY)
    people.stand_in(people.go(away, NOW, NOW + DAY).id, old)
    StoredLinks(connection, NOW)._move(old, new)
    assert {(one.person, one.stand_in) for one in people.absent(team)} == {(new, 0), (away, new)}
    people.forget(new)
    assert people.absence(new) is None


def test_a_role_that_begins_later_is_not_held_yet(connection: Connection) -> None:
    person = put(connection, "conversations", touched=NOW)
    team = put(connection, "units", kind="team", name="Tổ 7", commune="00602")
    put(connection, "roles", person=person, kind="member", place=team, since=NOW + DAY, until=NOW + 45 * DAY)
    days = [StoredPeople(connection, NOW + n * DAY).roles(person) for n in (0, 1, 44, 45)]
    assert [len(roles) for roles in days] == [0, 1, 1, 0]


def test_what_the_release_before_knew_of_teams_and_requests_goes_on(
    empty_postgresql: str, tmp_path: Path
) -> None:
    for url in (empty_postgresql, f"sqlite:///{tmp_path}/old.db"):
        database = Database(url)
        schema.upgrade(database, "0003")
        with database.write() as connection:
            for kind, village in (("team", "tổ dân phố 7"), ("team", ""), ("office", "")):
                connection.execute(
                    text("insert into units (kind, name, commune, village) values (:k, 'x', '00602', :v)"),
                    {"k": kind, "v": village},
                )
            for state in ("open", "claimed", "closed"):
                values = {"code": state, "citizen": 0, "state": state, "opened": NOW, "details": "{}"}
                connection.execute(insert(t.requests).values(values))
        schema.upgrade(database)
        with database.read() as connection:
            teams = StoredPeople(connection, NOW).units("team", "00602")
            assert [[village.name for village in team.covers] for team in teams] == [["tổ dân phố 7"], []]
            assert connection.execute(select(t.villages.c.commune)).all() == [("00602",)]
            watched = connection.execute(select(t.due.c.about, t.due.c.event).order_by(t.due.c.about)).all()
            assert [row.about for row in watched] == ["request:1", "request:2"]
            assert msgspec.json.decode(watched[0].event, type=Due).name == watch.LOOK
        database.close()
