"""One person who sends fast is answered in one go: nothing is lost, and nothing that matters waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from bot.play import OFFICE, play_file
from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk
from handlers.records.people import Person
from handlers.talk import Attachment, Button, Incoming, Talk
from handlers.turn import Said, Turn
from tests.handlers.turning import NOW, incoming
from tests.indexes import once

SECOND = timedelta(seconds=1)


class Hasty:
    """Somebody who writes faster than they read."""

    def __init__(self, records: StoredRecords, bookcase: Bookcase) -> None:
        shelf = bookcase.shelf()
        self.shelf = msgspec.structs.replace(shelf, office=msgspec.structs.replace(shelf.office, slows=True))
        self.records, self.find = records, bookcase.understand
        self.talk, self.at = Talk(met=True), NOW

    def sends(self, event: Incoming | str, after: timedelta = SECOND) -> Turn:
        self.at += after
        event = incoming(event) if isinstance(event, str) else event
        turn = Turn(
            event=msgspec.structs.replace(event, sent=self.at),
            person=Person(id=1, lang="en"),
            talk=self.talk,
            now=self.at,
            shelf=self.shelf,
            records=self.records,
            found=self.find(event.text) if event.text and not event.choice else None,
        )
        desk.decide(turn)
        self.talk = turn.talk
        return turn


def own(turn: Turn) -> list[Said]:
    return [said for said in turn.said if said.to == 1]


def later(turn: Turn) -> list[bool]:
    return [said.not_before is not None for said in own(turn)]


@pytest.fixture
def hasty(sqlite_url: str, bookcase: Bookcase) -> Iterator[Hasty]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield Hasty(StoredRecords(connection, NOW), bookcase)
    database.close()


def test_the_ninth_in_twenty_seconds_is_told_once_that_all_is_read(hasty: Hasty, wording: Wording) -> None:
    for number in range(8):
        assert True not in later(hasty.sends(f"xyzzy {number}"))
    ninth = hasty.sends("xyzzy nine")
    assert later(ninth) == [True, False]
    said = wording.word(own(ninth)[-1].text, "en")
    assert said.startswith("Tổ Số reads everything you send")
    for number in range(200):
        turn = hasty.sends(f"plugh {number % 90}", SECOND / 5)  # 111 to 115 are numbers in need
        assert set(later(turn)) == {True}
        assert turn.withdrawn == ["rush:1"]  # the answer before it: a flood costs two messages
        assert {one.about for one in own(turn)} == {"rush:1"}
        assert all(one.not_before == hasty.at + 20 * SECOND for one in own(turn))


def test_after_a_pause_all_is_as_ever(hasty: Hasty) -> None:
    for number in range(12):
        hasty.sends(f"xyzzy {number}")
    assert True not in later(hasty.sends("hello", 21 * SECOND))
    assert hasty.talk.rush is not None
    assert hasty.talk.rush.count == 1


def test_whoever_is_only_quick_is_not_slowed(hasty: Hasty) -> None:
    for number in range(40):
        assert True not in later(hasty.sends(f"xyzzy {number}", 3 * SECOND))


@pytest.mark.parametrize(
    "event",
    [
        incoming(choice="menu-privacy@menu"),
        incoming("1"),
        incoming("menu"),
        msgspec.structs.replace(incoming(), attachment=Attachment("photo", "ref")),
    ],
    ids=["a button", "the sign of a choice", "a command", "an album"],
)
def test_what_may_come_fast_is_not_counted(hasty: Hasty, event: Incoming) -> None:
    for _ in range(30):
        offered = (Button("menu-privacy@menu", "Privacy"),)
        hasty.talk = msgspec.structs.replace(hasty.talk, offered=offered)
        assert True not in later(hasty.sends(event, SECOND / 5))
    assert hasty.talk.rush is None


@pytest.mark.parametrize(
    "words",
    [
        "I am transferring money to the police right now, is it a scam",
        "con đang chuyển tiền cho công an trên mạng",
        "my otp is 482913",
        "somebody calls and says they are from the digital team",
        "is https://dichvucong-vn.top real",
    ],
)
def test_danger_secrets_and_links_are_answered_at_once(hasty: Hasty, words: str) -> None:
    for number in range(12):
        hasty.sends(f"xyzzy {number}")
    turn = hasty.sends(words)
    assert own(turn)
    assert True not in later(turn)
    assert turn.withdrawn == ["rush:1"]  # the newest answer stands last


def test_what_was_done_is_said_at_once(hasty: Hasty) -> None:
    for number in range(12):
        hasty.sends(f"xyzzy {number}")
    pressed = hasty.sends(incoming(choice="menu-privacy@menu"))
    assert own(pressed)
    assert True not in later(pressed)


def test_what_a_form_asks_next_is_read_before_it_is_answered(hasty: Hasty) -> None:
    for number in range(12):
        hasty.sends(f"xyzzy {number}")
    hasty.sends("a person")
    asked = hasty.sends("my telephone is broken")
    assert hasty.talk.doing.startswith("form ")
    assert own(asked)
    assert True not in later(asked)


def test_an_office_that_slows_nobody_slows_nobody(hasty: Hasty) -> None:
    hasty.shelf = msgspec.structs.replace(
        hasty.shelf, office=msgspec.structs.replace(hasty.shelf.office, slows=False)
    )
    for number in range(30):
        assert True not in later(hasty.sends(f"xyzzy {number}"))
    assert hasty.talk.rush is None


FOLDER = Path(__file__).parents[1] / "conversations" / "sending-fast"


@pytest.mark.parametrize("talk", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_the_talk_happens_as_written(talk: Path, url: str, bookcase: Bookcase, wording: Wording) -> None:
    # All other talks are played at an hour that stands still, in which everybody would be in a hurry.
    slow = Bookcase(msgspec.structs.replace(OFFICE, slows=True), make=once)
    play_file(talk, url, slow, wording)
