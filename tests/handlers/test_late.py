"""Who is told of what is late when things are not as usual: at night, after an outage, where a rank is empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, insert, select

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from handlers import late, watch
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.rules.reporting import VIETNAM
from handlers.talk import Due, Talk
from handlers.turn import Shelf, Turn
from knowledge.service import Desk

MONDAY = datetime(2026, 11, 9, 8, 0, tzinfo=VIETNAM)  # taken up by Tuesday 08:00, done by Wednesday 17:00
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A transaction on a new store, of each database."""
    database = Database(url)
    with database.write() as connection:
        yield connection
    database.close()


@pytest.fixture
def shelf(bookcase: Bookcase) -> Shelf:
    return bookcase.shelf()


class Commune:
    """A commune with a team, an office and a province above, and one request in it."""

    def __init__(self, connection: Connection, shelf: Shelf) -> None:
        self.connection, self.shelf = connection, shelf
        self.citizen = self.put("conversations", touched=MONDAY)
        self.team = self.put("units", kind="team", name="thôn Đoài", commune="10402")
        self.office = self.put("units", kind="office", name="UBND xã Ứng Hòa", commune="10402")
        self.province = self.put("units", kind="province", name="Sở KHCN", commune="01")

    def put(self, table: str, **values: object) -> int:
        made = t.metadata.tables[table]
        return int(self.connection.scalar(insert(made).values(**values).returning(made.c.id)) or 0)

    def person(self, kind: str, place: int) -> int:
        number = self.put(
            "conversations", touched=MONDAY, person=msgspec.json.encode(Person(name=kind)).decode()
        )
        self.put("roles", person=number, kind=kind, place=place, since=MONDAY)
        return number

    def open(self, **fields: object) -> Request:
        records = StoredRecords(self.connection, MONDAY)
        request = Request(citizen=self.citizen, commune="10402", team=self.team)
        return records.requests.open(msgspec.structs.replace(request, **fields))

    def look(self, request: Request, at: datetime, **shelf: object) -> Turn:
        about = f"request:{request.id}"
        turn = Turn(
            event=Due(name=watch.LOOK, about=about, at=at, facts={}),
            person=Person(id=self.put("conversations", touched=at)),
            talk=Talk(),
            now=at,
            shelf=msgspec.structs.replace(self.shelf, **shelf),
            records=StoredRecords(self.connection, at),
        )
        late.look(turn)
        return turn

    def told(self, request: Request) -> tuple[str, ...]:
        stored = StoredRecords(self.connection, MONDAY).requests.by_number(request.id)
        assert stored is not None
        return stored.told


@pytest.fixture
def commune(connection: Connection, shelf: Shelf) -> Commune:
    return Commune(connection, shelf)


def to(turn: Turn) -> list[int]:
    return [said.to for said in turn.said]


def test_a_look_at_night_waits_for_the_morning(commune: Commune) -> None:
    commune.person("lead", commune.team)
    request = commune.open()
    night = commune.look(request, MONDAY + DAY + 14 * HOUR)  # Tuesday 22:00
    assert to(night) == []
    assert [later.at.astimezone(VIETNAM) for later in night.laters] == [MONDAY + 2 * DAY - HOUR / 2]


def test_an_urgent_one_is_told_of_at_any_hour(commune: Commune) -> None:
    lead = commune.person("lead", commune.team)
    request = commune.open(topic="safe.been-scammed")
    assert to(commune.look(request, MONDAY + 14 * HOUR)) == [lead, commune.citizen]


def test_one_whose_citizen_told_of_a_fraud_since_is_as_urgent(commune: Commune) -> None:
    lead = commune.person("lead", commune.team)
    calm = commune.open(topic="vneid.passcode")
    assert to(commune.look(calm, MONDAY + 14 * HOUR)) == []
    danger = commune.open(topic="vneid.passcode", danger="safe.been-scammed")
    assert to(commune.look(danger, MONDAY + 14 * HOUR)) == [lead, commune.citizen]


def test_where_somebody_is_on_call_an_urgent_one_is_late_at_night(commune: Commune) -> None:
    lead = commune.person("lead", commune.team)
    service = msgspec.structs.replace(
        commune.shelf.service, communes={"10402": Desk(commune.shelf.service.desk.open, on_call=True)}
    )
    night = MONDAY + 14 * HOUR
    request = StoredRecords(commune.connection, night).requests.open(
        Request(citizen=commune.citizen, commune="10402", team=commune.team, topic="safe.been-scammed")
    )
    assert to(commune.look(request, night + 3 * HOUR, service=service)) == [lead]
    assert to(commune.look(request, night + 4 * HOUR, service=service)) == [lead, commune.citizen]


def test_after_an_outage_each_is_told_once_and_nobody_is_warned_any_more(commune: Commune) -> None:
    lead, officer = commune.person("lead", commune.team), commune.person("officer", commune.office)
    above = commune.person("officer", commune.province)
    request = commune.open()
    turn = commune.look(request, MONDAY + 3 * DAY)
    assert to(turn) == [lead, commune.citizen, officer]
    assert commune.told(request) == (
        "take-up:citizen", "take-up:lead", "take-up:officer", "take-up:warning",
    )  # fmt: skip
    assert to(commune.look(request, MONDAY + 4 * DAY)) == []
    assert to(commune.look(request, MONDAY + 14 * DAY)) == [above]
    assert to(commune.look(request, MONDAY + 21 * DAY)) == []


def test_where_a_rank_is_empty_the_next_hears_at_once_and_only_once(commune: Commune) -> None:
    officer = commune.person("officer", commune.office)
    request = commune.open()
    breach = commune.look(request, MONDAY + DAY)
    assert to(breach) == [officer, commune.citizen]
    assert to(commune.look(request, MONDAY + DAY + 6 * HOUR)) == []
    assert commune.told(request) == ("take-up:citizen", "take-up:lead", "take-up:officer", "take-up:warning")


def test_where_nobody_is_left_the_citizen_hears_it_all_the_same_and_it_is_noted(commune: Commune) -> None:
    request = commune.open()
    turn = commune.look(request, MONDAY + DAY)
    assert to(turn) == [commune.citizen]
    assert turn.notes == [("late, nobody to tell", f"request:{request.id}", 0)]


def test_a_lead_who_asks_for_help_is_not_told_of_their_own_request(commune: Commune) -> None:
    lead = commune.person("lead", commune.team)
    request = commune.open(citizen=lead)
    assert to(commune.look(request, MONDAY + DAY)) == [lead]  # as its citizen, once
    assert "officer" not in commune.told(request)


def test_what_is_over_or_waits_for_its_citizen_is_nobodys_worry(commune: Commune) -> None:
    commune.person("lead", commune.team)
    request = commune.open()
    records = StoredRecords(commune.connection, MONDAY)
    for fields in ({"state": "closed"}, {"state": "claimed", "paused": MONDAY}):
        request = records.requests.save(msgspec.structs.replace(request, **fields), "test", 0)
        turn = commune.look(request, MONDAY + 5 * DAY)
        assert (turn.said, turn.laters) == ([], [])


def test_the_next_look_is_put_when_the_next_is_to_be_told(commune: Commune) -> None:
    commune.person("lead", commune.team)
    request = commune.open()
    first = commune.look(request, MONDAY)
    assert next_look(first) == MONDAY + 7.5 * HOUR
    second = commune.look(request, MONDAY + 7.5 * HOUR)
    assert next_look(second) == MONDAY + DAY


def next_look(turn: Turn) -> datetime:
    """Give when somebody is next to be told that it is late."""
    (at,) = [later.at for later in turn.laters if later.due.name == watch.LOOK]
    return at.astimezone(VIETNAM)


def test_a_request_of_the_commune_s_office_has_five_days(commune: Commune) -> None:
    officer = commune.person("officer", commune.office)
    request = commune.open(team=0, state="claimed")
    records = StoredRecords(commune.connection, MONDAY)
    request = records.requests.save(
        msgspec.structs.replace(request, state="claimed", claimed_by=officer, claimed=MONDAY),
        "claimed",
        officer,
    )
    assert to(commune.look(request, MONDAY + 7 * DAY + 8 * HOUR)) == []
    turn = commune.look(request, MONDAY + 7 * DAY + 9 * HOUR)
    assert to(turn) == [officer, commune.citizen]


def test_every_telling_is_an_event_of_the_request(commune: Commune, connection: Connection) -> None:
    commune.person("lead", commune.team)
    request = commune.open()
    commune.look(request, MONDAY + DAY)
    events: list[Any] = list(
        connection.scalars(select(t.request_events.c.what).order_by(t.request_events.c.id))
    )
    assert events == ["opened", "late lead"]
