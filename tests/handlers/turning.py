"""Lets a test take one turn after another, on a real store and without channels."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk
from handlers.records.people import Person
from handlers.talk import Button, Incoming, Talk
from handlers.turn import Shelf, Turn

NOW = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)
SOMEBODY = Person(id=1, lang="vi")


def incoming(text: str = "", choice: str = "") -> Incoming:
    return Incoming(account="web", chat="lan", sender="lan", text=text, choice=choice)


def take_turn(
    records: StoredRecords,
    shelf: Shelf,
    wording: Wording,
    talk: Talk,
    event: Incoming,
    person: Person = SOMEBODY,
    *,
    staff: bool = False,
) -> Turn:
    """Decide one event and give the turn, its talk as it is kept: with the choices last shown."""
    turn = Turn(event=event, person=person, talk=talk, now=NOW, shelf=shelf, records=records, staff=staff)
    desk.decide(turn)
    for said in turn.said:
        if said.choices and said.to == person.id:
            buttons = tuple(
                Button(
                    f"{choice.name}@{choice.context}" if choice.context else choice.name,
                    wording.word(choice.label, turn.lang, turn.person.address),
                )
                for choice in said.choices
            )
            turn.talk = msgspec.structs.replace(turn.talk, offered=buttons)
    return turn


def told(turn: Turn, wording: Wording) -> str:
    """Give all that the person of a turn is told."""
    own = [said for said in turn.said if said.to == turn.person.id]
    return "\n".join(wording.word(said.text, turn.lang, turn.person.address) for said in own)
