"""Keeping the cards of communes: lines are never edited, so what was said and by whom stays known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from bot.store.card import StoredCard, sign_over, written_by
from bot.store.database import Database
from handlers.records.card import Line

NOON = datetime(2026, 11, 9, 5, 0, tzinfo=UTC)
YEAR_END = date(2026, 12, 31)
HOURS = Line(commune="00610", kind="hours", words="7h30-17h", day=YEAR_END, by=7, at=NOON)
PHONE = Line(commune="00610", kind="phone", words="024 3755 1234", day=date(2026, 11, 20), by=8, at=NOON)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An empty store of this release."""
    opened = Database(url)
    yield opened
    opened.close()


def test_lines_stand_in_the_order_of_the_card_and_each_commune_has_its_own(database: Database) -> None:
    with database.write() as connection:
        card = StoredCard(connection, NOON)
        for line in (PHONE, HOURS, msgspec.structs.replace(HOURS, commune="10363")):
            assert card.put(line)
    with database.read() as connection:
        card = StoredCard(connection, NOON)
        assert [(line.kind, line.words) for line in card.lines("00610")] == [
            ("hours", "7h30-17h"),
            ("phone", "024 3755 1234"),
        ]
        assert len(card.lines("10363")) == 1
        assert card.lines("00004") == ()


def test_a_change_ends_the_line_before_it_and_both_stay_known(database: Database) -> None:
    later = NOON + timedelta(days=1)
    with database.write() as connection:
        StoredCard(connection, NOON).put(HOURS)
    with database.write() as connection:
        card = StoredCard(connection, later)
        (old,) = card.lines("00610")
        assert card.put(msgspec.structs.replace(HOURS, words="8h-17h", by=8, follows=old.id))
        # What another has already changed is not changed once more.
        assert not card.put(msgspec.structs.replace(HOURS, words="9h-17h", follows=old.id))
    with database.read() as connection:
        card = StoredCard(connection, later)
        assert [line.words for line in card.lines("00610")] == ["8h-17h"]
        new, before = card.history("00610", 10)
        assert (new.words, new.by, new.follows, new.over) == ("8h-17h", 8, before.id, None)
        assert (before.words, before.by, before.over, before.over_by) == ("7h30-17h", 7, later, 8)
        assert card.line(before.id) == before
        assert card.line(999) is None


def test_a_line_is_taken_off_once(database: Database) -> None:
    with database.write() as connection:
        card = StoredCard(connection, NOON)
        card.put(HOURS)
        (line,) = card.lines("00610")
        assert card.take(line.id, 8)
        assert not card.take(line.id, 9)
        assert card.lines("00610") == ()
        assert [old.over_by for old in card.history("00610", 10)] == [8]


def test_what_is_about_to_end_is_told_once_and_what_has_ended_once_more(database: Database) -> None:
    week_before = date(2026, 11, 20)
    with database.write() as connection:
        card = StoredCard(connection, NOON)
        card.put(HOURS)
        card.put(PHONE)
        ending = card.ending(week_before, "ending")
        assert [line.kind for line in ending] == ["phone"]
        card.tell(ending, "ending")
        assert card.ending(week_before, "ending") == ()
        ended = card.ending(week_before, "ended")
        assert [line.told for line in ended] == ["ending"]
        card.tell(ended, "ended")
        assert card.ending(week_before, "ended") == ()


def test_lines_go_with_their_author_to_another_number(database: Database) -> None:
    with database.write() as connection:
        card = StoredCard(connection, NOON)
        card.put(HOURS)
        card.take(card.lines("00610")[0].id, 7)
        sign_over(connection, 7, 3)
        assert [(line.by, line.over_by) for line in written_by(connection, 3)] == [(3, 3)]
        assert written_by(connection, 7) == []
