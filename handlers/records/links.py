"""The channels of one person as the conversations know them: asked for, joined, parted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    platform: str = ""
    gone: bool = False  # has blocked us there, or left


class Joined(msgspec.Struct, frozen=True):
    """The other side of a joining, as it was."""

    person: Person
    talk: Talk


class Reach(msgspec.Struct, frozen=True):
    """By which ways somebody of the staff can be written to."""

    person: int
    chats: tuple[tuple[str, datetime], ...]  # platform and last word of each
    outside: str  # the first way besides, "mail" or "zbs"; nothing where there is none
    now: datetime


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

    def staff(self, outside: Sequence[str]) -> tuple[Reach, ...]:
        """Give how each who holds a role now can be written to, with these ways besides chats; in fixed order."""

    def deserted(self, closes: Mapping[str, int], outside: Sequence[str]) -> tuple[int, ...]:
        """Give the teams and offices in which people hold roles, and none of them can be written to."""

    def outside(self, person: int, ways: Sequence[str]) -> bool:
        """Say whether a person can be written to in one of these ways besides their chats."""

    def addresses(self, person: int) -> tuple[str, ...]:
        """Give the e-mail addresses of a person."""

    def keep_address(self, person: int, address: str) -> bool:
        """Keep an e-mail address in place of any other; False where it is somebody else's."""

    def drop_addresses(self, person: int) -> None:
        """Forget the e-mail addresses of a person."""

    def part(self, contact: int, person: int, lang: str) -> int:
        """Give one channel of a person a conversation of its own, and its number; 0 if it is not theirs."""
