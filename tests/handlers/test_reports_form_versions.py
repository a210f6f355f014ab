"""A draft that was begun under an earlier form goes on politely."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
import pytest
from sqlalchemy import Connection, insert

from bot import clock
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import reports
from handlers.records.people import Person
from handlers.rules.validation import Value
from handlers.talk import Incoming, Talk
from handlers.turn import Turn

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=clock.VIETNAM)
OLD = {
    "paperless-meetings": Value(9, 11),
    "online-transactions": Value(430, 500),  # the form of then asked for a whole too
    "signed-documents": Value(214),  # the form of then asked for no whole
    "trees-planted": Value(12),
}


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Connection]:
    database = Database(sqlite_url)
    with database.write() as connection:
        connection.execute(insert(t.units).values(kind="office", name="xã Ứng Hòa, Hà Nội", commune="10354"))
        connection.execute(insert(t.conversations).values(person="", touched=NOON))
        connection.execute(insert(t.roles).values(person=1, kind="reporter", place=1, since=NOON))
        kept = StoredRecords(connection, NOON).reports
        draft = kept.hold(1, "monthly", "2026-11")
        kept.save(msgspec.structs.replace(draft, form_version=99, values=OLD))
        yield connection
    database.close()


def hear(store: Connection, bookcase: Bookcase, talk: Talk, text: str = "") -> Turn:
    turn = Turn(
        event=Incoming(account="web", chat="a", sender="a", text=text, at=NOON),
        person=Person(id=1, lang="en"),
        talk=talk,
        now=NOON,
        shelf=bookcase.shelf(),
        records=StoredRecords(store, NOON),
        staff=True,
    )
    reports.take(turn) if talk.doing else reports.begin(turn)
    return turn


def test_it_says_so_and_asks_what_no_longer_fits(
    store: Connection, bookcase: Bookcase, wording: Wording
) -> None:
    (said,) = hear(store, bookcase, Talk()).said
    words = wording.word(said.text, "en")
    assert "The form has changed" in words
    assert "1 of 7 are entered" in words
    assert "2/7. Share of documents digitally signed" in words


def test_the_figures_that_still_fit_are_kept_with_the_next_answer(
    store: Connection, bookcase: Bookcase
) -> None:
    begun = hear(store, bookcase, Talk())
    answered = hear(store, bookcase, begun.talk, "214/218")
    report = answered.reports.get(1, "monthly", "2026-11")
    assert report.form_version == bookcase.shelf().forms["monthly"].version
    assert report.values == {"paperless-meetings": Value(9, 11), "signed-documents": Value(214, 218)}


def test_a_question_that_the_form_no_longer_asks_leads_to_the_next_one(
    store: Connection, bookcase: Bookcase, wording: Wording
) -> None:
    lost = Talk(doing="report 1:monthly:2026-11", at="value.trees-planted")
    (said,) = hear(store, bookcase, lost, "12").said
    assert "The form has changed since; this is the next question." in wording.word(said.text, "en")
