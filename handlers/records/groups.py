"""Group chats in which a team's new requests are shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec


class Group(msgspec.Struct, frozen=True):
    """A team's group chat."""

    id: int
    team: int
    chat: int  # number of the group's own conversation: what is said to it, everybody there reads
    since: datetime
    lang: str = "vi"
    beside: bool = False  # whether a new card goes to each member's private chat as well


class Asked(msgspec.Struct, frozen=True):
    """A code by which a lead links a group, while it holds."""

    id: int
    team: int
    by: int
    chat: int = 0  # the group in which it has been typed


class Groups(Protocol):
    """What a conversation may ask about group chats."""

    def of(self, team: int) -> Group | None:
        """Give the group in which a team's requests are shown; None where there is none, or none is reached."""

    def within(self, chat: int) -> tuple[Group, ...]:
        """Give the teams that a group chat is linked with, in fixed order."""

    def chat(self, account: str, name: str) -> int:
        """Give the number of a group's conversation by what the platform calls it."""

    def code(self, team: int, person: int) -> str:
        """Make a one-time code for a team's group; it takes the place of any before it of this person."""

    def asked(self, code: str) -> Asked | None:
        """Give what a code was asked for; None where it is wrong, used up or too old."""

    def pending(self, chat: int, person: int) -> Asked | None:
        """Give the newest code that this person has typed in this group, and not answered for yet."""

    def bring(self, asked: Asked, chat: int, lang: str) -> None:
        """Keep in which group a code has been typed; it is spoken to in this language from then on."""

    def drop(self, asked: Asked) -> None:
        """Let a code hold no more."""

    def link(self, asked: Asked) -> None:
        """Link the group in which a code was typed with its team; the team has no other then."""

    def end(self, group: Group) -> None:
        """Link a team and a group no longer."""

    def set_beside(self, group: Group, beside: bool) -> None:
        """Keep whether new cards go to private chats as well."""

    def moves(self, chat: int, account: str, name: str) -> None:
        """Keep what the platform calls a group from now on."""

    def there(self, chat: int, people: Iterable[int]) -> frozenset[int]:
        """Give who of these people can be in a group: they write to us in private where the group is."""

    def reachable(self, person: int) -> bool:
        """Say whether somebody has written to us in private, and can be answered there."""

    def told(self, chat: int, since: datetime) -> bool:
        """Say whether a group has been told since then how people begin."""


TOLD = "told a group how to begin"  # as the audit knows it
