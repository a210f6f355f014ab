"""What a lead does when things are not as usual: two of one name, somebody who has left, a note amid help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.talk import Talk
from handlers.turn import Turn
from tests.handlers.test_late import DAY, MONDAY
from tests.handlers.test_roles import Office
from tests.handlers.turning import incoming


@pytest.fixture
def office(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield Office(connection, bookcase.shelf(), wording)
    database.close()


def named(office: Office, name: str) -> int:
    number = office.person("member", office.team)
    person = msgspec.json.encode(Person(name=name, address="chị")).decode()
    office.connection.exec_driver_sql("update conversations set person = ? where id = ?", (person, number))
    return number


def now(office: Office, request: Request) -> Request:
    stored = StoredRecords(office.connection, MONDAY).requests.by_number(request.id)
    assert stored is not None
    return stored


def gives(office: Office, *lines: str) -> Turn:
    """Let the lead give the taken request to somebody."""
    turn = office.says("lead", f"reassign {office.taken.code}")
    for line in lines:
        turn = office.says("lead", line, turn.talk)
    return turn


def test_two_of_one_name_are_told_apart_and_not_guessed(office: Office) -> None:
    first, second = named(office, "Nguyễn Thị Hoa"), named(office, "Trần Thị Hoa")
    turn = gives(office, "chị Hoa")
    assert [choice.name for choice in turn.said[-1].choices] == [f"pick={first}", f"pick={second}"]
    assert now(office, office.taken).claimed_by == office.people["holder"]
    gives(office, "trần thị hoa")
    assert now(office, office.taken).claimed_by == second


def test_who_has_left_or_is_on_leave_meanwhile_gets_nothing(office: Office) -> None:
    hoa = named(office, "Hoa")
    asked = gives(office)
    records = StoredRecords(office.connection, MONDAY)
    records.people.go(hoa, MONDAY - DAY, MONDAY + DAY)
    assert "choose somebody" in office.told(office.says("lead", "Hoa", asked.talk))
    assert now(office, office.taken).claimed_by == office.people["holder"]


def test_what_is_finished_meanwhile_is_given_to_nobody(office: Office) -> None:
    named(office, "Hoa")
    asked = gives(office)
    stored = StoredRecords(office.connection, MONDAY).requests
    request = msgspec.structs.replace(
        now(office, office.taken), state="closed", stage="closed", closed=MONDAY
    )
    stored.save(request, "closed", office.people["holder"])
    assert "closed already" in office.told(office.says("lead", "Hoa", asked.talk))
    assert now(office, office.taken).state == "closed"


def test_the_office_gives_to_any_team_of_the_commune_and_a_lead_to_the_own(office: Office) -> None:
    other = office.put("units", kind="team", name="thôn Đình", commune="10402")
    son = office.person("member", other)
    person = msgspec.json.encode(Person(name="Sơn", address="anh")).decode()
    office.connection.exec_driver_sql("update conversations set person = ? where id = ?", (person, son))
    office.says("lead", f"{office.taken.code} giao anh Sơn")
    assert now(office, office.taken).claimed_by == office.people["holder"]
    told = office.told(office.says("head", f"{office.taken.code} giao anh Sơn"))
    given = now(office, office.taken)
    assert (given.claimed_by, given.team) == (son, other)
    assert office.team in given.widened  # the team it was with may see it still
    assert told == f"YC-{given.code} is with anh Sơn now; who asked has been told."


def test_what_was_late_is_told_anew_to_whoever_gets_it(office: Office) -> None:
    hoa = named(office, "Hoa")
    office.look(office.taken, MONDAY + 30 * DAY)
    assert "done:holder" in now(office, office.taken).told
    late = MONDAY + 31 * DAY
    turn = Turn(
        event=incoming("Hoa"),
        person=Person(id=office.people["lead"], lang="en", name="lead"),
        talk=Talk(met=True, doing="form reassigning", at="to", kept={"code": office.taken.code}),
        now=late,
        shelf=office.shelf,
        records=StoredRecords(office.connection, late),
        staff=True,
    )
    desk.decide(turn)
    given = now(office, office.taken)
    assert given.claimed_by == hoa
    assert not any(one.startswith("done:") for one in given.told)
    assert hoa in office.heard(given, timedelta(days=60))


def test_a_note_of_somebody_who_is_being_helped_goes_to_no_helper(office: Office) -> None:
    lead = office.people["lead"]
    records = StoredRecords(office.connection, MONDAY)
    own = office.open(citizen=lead)
    records.requests.save(
        msgspec.structs.replace(own, state="claimed", claimed_by=office.people["member"], claimed=MONDAY),
        "claimed",
        office.people["member"],
    )
    turn = office.says("lead", f"ghi chú {office.taken.code}: nghe kém, gọi to")
    assert {said.to for said in turn.said} == {lead}
    assert [note.words for note in now(office, office.taken).notes] == ["nghe kém, gọi to"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("ghi chú {code}: nghe kém", "nghe kém"),
        ("Ghi chú YC-{code} nghe kém", "nghe kém"),
        ("ghi chu yc {code}, nghe kém", "nghe kém"),
        ("note {code} - hard of hearing", "hard of hearing"),
        ("ghi chú {code}\nhai dòng\nđều ghi", "hai dòng\nđều ghi"),
    ],
)
def test_a_note_is_understood_however_it_is_typed(office: Office, typed: str, words: str) -> None:
    office.says("holder", typed.format(code=office.taken.code))
    assert [note.words for note in now(office, office.taken).notes] == [words]
