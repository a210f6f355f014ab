"""Somebody who has taken more than a list shows: all of it is theirs to leave, not what is listed first."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk, team
from handlers.profile import CONSENT
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.talk import Talk
from handlers.turn import Turn
from tests.handlers.test_late import MONDAY
from tests.handlers.test_roles import Office
from tests.handlers.turning import incoming

TAKEN = 24  # and one that stands there already


@pytest.fixture
def office(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    database = Database(sqlite_url)
    with database.write() as connection:
        office = Office(connection, bookcase.shelf(), wording)
        records = StoredRecords(connection, MONDAY).requests
        for number in range(TAKEN):
            taken = msgspec.structs.replace(
                office.open(words=f"việc {number}"),
                state="claimed",
                claimed_by=office.people["holder"],
                claimed=MONDAY,
                attended=True,
            )
            records.save(taken, "claimed", office.people["holder"])
        yield office
    database.close()


def held(office: Office) -> tuple[Request, ...]:
    return StoredRecords(office.connection, MONDAY).requests.held_by(office.people["holder"])


def turn_of(office: Office, choice: str) -> Turn:
    return Turn(
        event=incoming(choice=choice),
        person=Person(id=office.people["holder"], lang="en", name="holder", consent=CONSENT),
        talk=Talk(met=True),
        now=MONDAY,
        shelf=office.shelf,
        records=StoredRecords(office.connection, MONDAY),
        staff=True,
    )


def test_whoever_takes_one_more_writes_to_its_citizen_alone(office: Office) -> None:
    assert sum(request.attended for request in held(office)) == TAKEN + 1
    desk.decide(turn_of(office, f"claim@{office.free.code}"))
    assert len(held(office)) == TAKEN + 2
    assert [request.code for request in held(office) if request.attended] == [office.free.code]


def test_whoever_stops_for_good_leaves_all_of_it_to_the_team(office: Office) -> None:
    (role,) = StoredRecords(office.connection, MONDAY).people.roles(office.people["holder"])
    desk.decide(turn_of(office, f"idle-quit@{role.id}"))
    assert held(office) == ()


def test_whoever_has_their_data_erased_leaves_all_of_it_to_the_team(office: Office) -> None:
    team.let_go(turn_of(office, ""))
    assert held(office) == ()
