"""The files of a step: the newest is shown, and what it takes the place of goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from bot.store import tables as t
from bot.store.database import Database
from bot.store.media import StoredMedia
from bot.store.records import StoredRecords

NOON = datetime(2026, 11, 9, 5, 0, tzinfo=UTC)
PHOTO, VOICE = "step:10402:B10:photo", "step:10402:B10:voice"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A store with a photo, the one before it, a recording, and a photo that is not here yet."""
    opened = Database(url)
    row = {"account": "web", "ref": "r", "conversation": 1, "kind": "photo", "at": NOON, "state": "kept"}
    with opened.write() as connection:
        connection.execute(
            insert(t.media),
            [
                {**row, "code": "old", "about": PHOTO},
                {**row, "code": "new", "about": PHOTO, "at": NOON + timedelta(minutes=1)},
                {**row, "code": "said", "about": VOICE, "kind": "voice"},
                {**row, "code": "coming", "about": PHOTO, "state": "wanted", "at": NOON + timedelta(hours=1)},
                {**row, "code": "other", "about": "step:00602:B10:photo"},
            ],
        )
    yield opened
    opened.close()


def test_the_newest_of_each_kind_is_given_in_the_order_asked_for(database: Database) -> None:
    with database.read() as connection:
        media = StoredMedia(connection, NOON)
        assert [thing.code for thing in media.newest(PHOTO, VOICE)] == ["new", "said"]
        assert [thing.code for thing in media.newest(VOICE, PHOTO)] == ["said", "new"]
        assert media.newest("step:10402:B11:photo") == ()


def test_what_it_takes_the_place_of_goes_and_nothing_else(database: Database) -> None:
    with database.write() as connection:
        StoredMedia(connection, NOON).replace("new")
        states = {row.code: row.state for row in connection.execute(select(t.media.c.code, t.media.c.state))}
    assert states == {"old": "gone", "new": "kept", "said": "kept", "coming": "wanted", "other": "kept"}


def test_only_what_is_wanted_or_given_up_wakes_the_porter(database: Database) -> None:
    with database.write() as connection:
        records = StoredRecords(connection, NOON)
        records.media.newest(PHOTO)
        assert not records.wants
        records.media.replace("new")
        assert records.wants
