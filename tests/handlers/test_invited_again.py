"""Whoever takes an invitation keeps the language they speak; whoever is new gets the one it names."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import Connection, insert

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers.records.people import Person
from handlers.talk import Talk
from tests.handlers.turning import NOW, incoming, take_turn


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[Connection]:
    database = Database(sqlite_url)
    with database.write() as connection:
        connection.execute(insert(t.units).values(id=1, kind="office", name="xã Ứng Hòa", commune="10402"))
        invitation = {"code": "MOI-ABCDE-FGHJK", "kind": "reporter", "place": 1, "name": "Anna", "lang": "vi"}
        connection.execute(insert(t.invitations).values(**invitation))
        yield connection
    database.close()


@pytest.mark.parametrize(("spoken", "then"), [("en", "en"), ("vi", "vi"), ("", "vi")])
def test_the_language_somebody_speaks_stays(
    connection: Connection, bookcase: Bookcase, wording: Wording, spoken: str, then: str
) -> None:
    person = Person(id=1, name="Anna", lang=spoken)
    kept = msgspec.json.encode(person).decode()
    connection.execute(insert(t.conversations).values(id=1, person=kept, touched=NOW))
    event = incoming("MOI-ABCDE-FGHJK")
    turn = take_turn(
        StoredRecords(connection, NOW), bookcase.shelf(), wording, Talk(met=True), event, person, staff=True
    )
    assert turn.person.lang == then
    assert turn.person.consented
