"""Who is reminded of lines that end, when, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.units import unit_named
from handlers import card_reminders
from handlers.records.card import Line
from handlers.records.people import Person
from handlers.talk import Due, Talk
from handlers.turn import Turn

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 15, 2, 0, tzinfo=UTC)
AUTHOR, OTHER = 1, 2


@pytest.fixture
def records(sqlite_url: str, bookcase: Bookcase) -> Iterator[StoredRecords]:
    """A store in which two officers of one commune have written a line that ends on 20 November."""
    database = Database(sqlite_url)
    with database.write() as connection:
        place = unit_named(connection, bookcase.shelf().places, "xã Ứng Hòa, Hà Nội", "office")
        for person in (AUTHOR, OTHER):
            connection.execute(insert(t.conversations).values(id=person, touched=MONDAY))
            connection.execute(
                insert(t.roles).values(person=person, kind="officer", place=place, since=SUNDAY)
            )
        records = StoredRecords(connection, MONDAY)
        for words in ("024 3888 1234", "024 3888 5678"):
            records.card.put(
                Line(commune="10402", kind="phone", words=words, day=date(2026, 11, 20), by=AUTHOR, at=MONDAY)
            )
        yield records
    database.close()


def due(records: StoredRecords, bookcase: Bookcase, name: str, now: datetime, person: int = 0) -> Turn:
    facts = {"person": str(person)} if person else {"day": "2026-11-16"}
    turn = Turn(
        event=Due(name=name, about="card", at=now, facts=facts),
        person=Person(id=9),
        talk=Talk(),
        now=now,
        shelf=bookcase.shelf(),
        records=records,
    )
    card_reminders.DUE[name](turn)
    return turn


def test_all_lines_are_one_message_and_it_comes_once(records: StoredRecords, bookcase: Bookcase) -> None:
    plan = due(records, bookcase, "card.plan", MONDAY)
    assert [(later.due.name, later.due.facts["person"]) for later in plan.laters] == [("card.remind", "1")]
    turn = due(records, bookcase, "card.remind", MONDAY, AUTHOR)
    assert [(said.to, said.kind) for said in turn.said] == [(AUTHOR, "reminder")]
    assert due(records, bookcase, "card.remind", MONDAY, AUTHOR).said == []
    assert due(records, bookcase, "card.plan", MONDAY).laters == []


def test_an_author_who_has_left_is_not_asked_another_officer_is(
    records: StoredRecords, bookcase: Bookcase
) -> None:
    records.people.leave(records.people.roles(AUTHOR)[0].id)
    assert [later.due.facts["person"] for later in due(records, bookcase, "card.plan", MONDAY).laters] == [
        "2"
    ]
    assert [said.to for said in due(records, bookcase, "card.remind", MONDAY, OTHER).said] == [OTHER]


def test_on_a_day_off_it_waits_for_the_next_working_hours(records: StoredRecords, bookcase: Bookcase) -> None:
    (later,) = due(records, bookcase, "card.plan", SUNDAY).laters
    assert later.at == datetime(2026, 11, 16, 0, 30, tzinfo=UTC)  # Monday, 7:30
    turn = due(records, bookcase, "card.remind", SUNDAY, AUTHOR)  # the computer was off at that hour
    assert (turn.said, [again.at for again in turn.laters]) == ([], [later.at])


def test_what_has_been_prolonged_meanwhile_is_not_told(records: StoredRecords, bookcase: Bookcase) -> None:
    for line in records.card.lines("10402"):
        records.card.take(line.id, AUTHOR)
    assert due(records, bookcase, "card.remind", MONDAY, AUTHOR).said == []
