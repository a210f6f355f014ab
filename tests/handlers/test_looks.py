"""Whoever is shown the name or number of who asked stands in the audit for it, once a day."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import cases
from handlers.rules.roles import STANDINGS, Standing
from handlers.talk import Talk
from handlers.turn import Turn
from tests.handlers.test_late import DAY, HOUR, MONDAY
from tests.handlers.test_roles import NAME, PHONE, Office

IN_TALK = ("answer {code}", "call {code}", "waiting {code}", "on leave until 20/11", "hello there")
SHOWN_TO_NOBODY = ("my work", "how {code}", "why me {code}", "who has what", "skip {code}", "note {code}")


@pytest.fixture
def office(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    database = Database(sqlite_url)
    with database.write() as connection:
        office = Office(connection, bookcase.shelf(), wording)
        # A call is agreed, and its clock stands still: whatever shows the person shows them without an event.
        agreed = msgspec.structs.replace(
            office.taken, way="call", arranged=MONDAY, paused=MONDAY, stage="waiting"
        )
        office.taken = StoredRecords(connection, MONDAY).requests.save(agreed, "agreed", 0)
        yield office
    database.close()


def says(office: Office, standing: Standing, words: str) -> Turn:
    talk = Talk(met=True, doing=f"help {office.taken.code}") if standing == "holder" else None
    return office.says(standing, words.format(code=office.taken.code), talk)


def shown(office: Office, turn: Turn) -> bool:
    choices = [office.wording.word(choice.label, "en") for said in turn.said for choice in said.choices]
    told = f"{office.told(turn)} {choices}"
    return NAME in told or PHONE in told


def looks(office: Office, turn: Turn) -> list[str]:
    return [
        done for done, about, by in turn.notes if (about, by) == (cases.about(office.taken), turn.person.id)
    ]


@pytest.mark.parametrize("words", IN_TALK)
def test_what_shows_the_person_leaves_a_row(office: Office, words: str) -> None:
    turn = says(office, "holder", words)
    assert shown(office, turn)
    assert looks(office, turn) == [cases.LOOKED]


def test_taking_it_up_again_is_the_row_itself(office: Office) -> None:
    turn = office.says("holder", f"answer {office.taken.code}")
    assert shown(office, turn)
    assert looks(office, turn) == ["taken up"]


@pytest.mark.parametrize(("ago", "rows"), [(HOUR, []), (DAY, [cases.LOOKED])])
def test_once_a_day_is_enough(office: Office, ago: object, rows: list[str]) -> None:
    at = MONDAY - ago  # type: ignore[operator]
    office.put("audit", at=at, done=cases.LOOKED, about=cases.about(office.taken), by=office.people["holder"])
    assert looks(office, says(office, "holder", "hello there")) == rows


def test_what_another_has_looked_at_is_no_look_of_mine(office: Office) -> None:
    office.put(
        "audit", at=MONDAY, done=cases.LOOKED, about=cases.about(office.taken), by=office.people["lead"]
    )
    assert looks(office, says(office, "holder", "hello there")) == [cases.LOOKED]


@pytest.mark.parametrize("standing", [standing for standing in STANDINGS if standing != "citizen"])
def test_lists_show_nobodys_name_or_number_and_leave_no_row(office: Office, standing: Standing) -> None:
    for words in SHOWN_TO_NOBODY:
        if standing == "holder" and words == "who has what":
            continue  # a lead's list; a member is asked for whom these words are, which is a look
        turn = office.says(standing, words.format(code=office.taken.code))
        assert not shown(office, turn), words
        assert looks(office, turn) == [], words
