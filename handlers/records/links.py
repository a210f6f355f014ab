"""The channels of one person as the conversations know them: asked for, joined, parted."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from handlers.records.people import Person
from handlers.talk import Talk
from handlers.text import Text

WRONG = "typed a wrong code"  # as the audit knows it


class Chat(msgspec.Struct, frozen=True):
    """A channel by which somebody writes to us."""

    contact: int
    name: Text  # of the platform, as people call it
    heard: datetime


class Joined(msgspec.Struct, frozen=True):
    """The other side of a joining, as it was."""

    person: Person
    talk: Talk


class Links(Protocol):
    """What a conversation may ask about the channels of a person."""

    def code(self, person: int) -> str:
        """Make a one-time code for a person; it takes the place of any before it."""

    def behind(self, code: str) -> int:
        """Give who asked for a code that still holds; 0 where it is wrong, used up or too old."""

    def wrong(self, person: int) -> int:
        """Count the wrong codes that a person has typed within the hour."""

    def chats(self, person: int) -> tuple[Chat, ...]:
        """Give a person's channels, the one heard last first."""

    def join(self, code: str, person: int) -> Joined | None:
        """Move all that this person has to who asked for the code, and give that one; None if it holds no more.

        From then on this person is nobody, and the turn goes on as the other.
        """

    def part(self, contact: int, person: int, lang: str) -> int:
        """Give one channel of a person a conversation of its own, and its number; 0 if it is not theirs."""
