"""People as the conversations know them: how to speak to them, and what they may do."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from handlers.talk import Message

RoleKind = Literal["member", "lead", "reporter", "head", "officer"]


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whoever a conversation belongs to; everything but the number may be unknown."""

    id: int = 0  # the conversation's own number
    name: str = ""
    lang: str = ""  # one of knowledge.languages, or unknown
    address: str = ""  # bác, cô, chú, anh, chị, bạn, or unknown
    commune: str = ""  # official code of the home commune
    village: str = ""  # in the person's own words
    phone: str = ""
    consent: str = ""  # version of the text agreed to
    consented: datetime | None = None
    news: Literal["", "yes", "no"] = ""  # whether announcements are wanted, or never asked


class Role(msgspec.Struct, frozen=True):
    """What somebody does in a team or a unit."""

    id: int
    person: int
    kind: RoleKind
    place: int  # the team or unit
    since: datetime
    until: datetime | None = None


class Invitation(msgspec.Struct, frozen=True):
    """A one-time code that gives a role."""

    code: str
    kind: RoleKind
    place: int
    name: str
    address: str
    lang: str = "vi"
    used_by: int = 0
    until: datetime | None = None


class Unit(msgspec.Struct, frozen=True):
    """A team, a commune's office or another body in which people hold roles."""

    id: int
    kind: Literal["team", "office"]
    name: str
    commune: str  # official code
    village: str = ""  # the part of the commune a team covers; empty for all of it
    parent: int = 0


class People(Protocol):
    """What a conversation may ask about people, their roles and their units."""

    def get(self, person: int) -> Person:
        """Give a person; an empty one where nobody has that number."""

    def roles(self, person: int) -> tuple[Role, ...]:
        """Give the roles a person holds now."""

    def holding(self, kind: RoleKind, place: int) -> tuple[Person, ...]:
        """Give those who hold this role in a team or unit now, in fixed order."""

    def unit(self, place: int) -> Unit | None:
        """Give a team or unit."""

    def units(self, kind: Literal["team", "office"], commune: str) -> tuple[Unit, ...]:
        """Give the teams or offices of a commune, in fixed order."""

    def invitation(self, code: str) -> Invitation | None:
        """Give an invitation, used or not; it stays read until the turn ends."""

    def join(self, invitation: Invitation, person: int) -> bool:
        """Use an invitation up and give the role; False when somebody was quicker."""

    def invite(self, kind: RoleKind, place: int, name: str, address: str) -> str:
        """Make an invitation and give its code."""

    def leave(self, role: int) -> None:
        """End a role now."""

    def forget(self, person: int) -> None:
        """Erase what outlives the turn about a person: contacts' words, roles, messages."""

    def cards(self, person: int) -> tuple[Message, ...]:
        """Give what has been shown to somebody unasked since they were answered last, and offers choices."""

    def everything(self, person: int) -> dict[str, object]:
        """Give all that is kept about a person, ready to be exported."""
