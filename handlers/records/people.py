"""People as the conversations know them: how to speak to them, and what they may do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from handlers.talk import Message

RoleKind = Literal["member", "lead", "reporter", "head", "officer", "editor"]
UnitKind = Literal["team", "office", "province", "department", "party", "front", "union", "school"]
# What stands beside the office of a commune or province: it reports, and has no say in anything else of the place.
BODIES: tuple[UnitKind, ...] = ("department", "party", "front", "union", "school")


Wish = Literal["", "yes", "some", "no"]  # for announcements: never asked, all, of some areas, none


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whoever a conversation belongs to; everything but the number may be unknown."""

    id: int = 0  # the conversation's own number
    name: str = ""
    lang: str = ""  # one of knowledge.languages, or unknown
    address: str = ""  # ông, bà, bác, cô, chú, anh, chị, bạn, or unknown
    commune: str = ""  # official code of the home commune
    village: str = ""  # in the person's own words
    phone: str = ""
    consent: str = ""  # version of the text agreed to
    consented: datetime | None = None
    news: Wish = ""  # whether announcements are wanted, or never asked
    areas: tuple[str, ...] = ()  # of which some are wanted; of handlers.rules.areas, in its order
    speaks: tuple[str, ...] = ()  # languages beside Vietnamese, of whoever helps; of handlers.rules.tongues


class Role(msgspec.Struct, frozen=True):
    """What somebody does in a team or a unit."""

    id: int
    person: int
    kind: RoleKind
    place: int  # the team or unit
    since: datetime
    until: datetime | None = None


class Resting(msgspec.Struct, frozen=True):
    """A role of somebody of whom nothing has been heard for long."""

    role: Role
    heard: datetime  # last, on any channel
    asked: datetime | None = None  # when they were last asked whether they stay


class Invitation(msgspec.Struct, frozen=True):
    """A one-time code that gives a role."""

    code: str
    kind: RoleKind
    place: int
    name: str
    address: str
    lang: str = "vi"
    used_by: int = 0
    until: datetime | None = None  # when it can be used no more
    begins: datetime | None = None  # of the role, where that is known beforehand
    ends: datetime | None = None
    speaks: tuple[str, ...] = ()  # as the office's list says


class Village(msgspec.Struct, frozen=True):
    """A village or residential group of a commune."""

    id: int
    name: str  # with its kind, as people say it: "thôn Đoài"


class Unit(msgspec.Struct, frozen=True):
    """A team, a commune's or province's office, or another body in which people hold roles."""

    id: int
    kind: UnitKind
    name: str
    commune: str  # official code; that of the province where it is the province's
    village: str = ""  # the part of the commune that its name speaks of
    parent: int = 0
    covers: tuple[Village, ...] = ()  # where a team helps now; none for the whole commune
    formerly: tuple[Village, ...] = ()  # what these were called before, each with today's number
    ended: bool = False  # it helped in villages, all of which have ended
    until: datetime | None = None  # the first moment at which there is none of it any more
    since: datetime | None = None  # the first moment of it, where that is known
    became: int = 0  # what took its place once it had ended

    @property
    def body(self) -> bool:
        """Whether it stands beside the office of a commune or province, such as a school."""
        return self.kind in BODIES

    @property
    def local(self) -> bool:
        """Whether it is a team or an office of a commune, and no body beside it and no province."""
        return self.kind in ("team", "office")


class Absence(msgspec.Struct, frozen=True):
    """Somebody's leave."""

    id: int
    person: int
    since: datetime
    until: datetime  # the first moment at which they are there again
    stand_in: int = 0


class People(Protocol):
    """What a conversation may ask about people, their roles and their units."""

    def get(self, person: int) -> Person:
        """Give a person; an empty one where nobody has that number."""

    def roles(self, person: int) -> tuple[Role, ...]:
        """Give the roles a person holds now."""

    def holding(self, kind: RoleKind, place: int) -> tuple[Person, ...]:
        """Give those who hold this role in a team or unit now, in fixed order."""

    def headed(self, places: Sequence[int], since: datetime, until: datetime) -> tuple[Role, ...]:
        """Give who was head of some units at any time of a span, over or not, in the order in which they came."""

    def in_offices(self) -> tuple[int, ...]:
        """Give who is head, officer or editor of a commune's office now, or stands in for one, in fixed order."""

    def resting(self, before: datetime, role: int = 0) -> tuple[Resting, ...]:
        """Give the roles (or this one) of whom nothing has been heard since then, by number."""

    def ask_whether(self, role: int) -> None:
        """Keep that somebody has just been asked whether they stay."""

    def role(self, role: int) -> Role | None:
        """Give a role, held or over."""

    def rest(self, role: int) -> None:
        """End a role now since nobody uses it; it can be given back."""

    def restore(self, role: int) -> bool:
        """Give back a role that ended so; False where it did not, or has been given back."""

    def leading(self) -> tuple[tuple[int, int], ...]:
        """Give who leads a team now, and which, in fixed order."""

    def unit(self, place: int) -> Unit | None:
        """Give a team or unit."""

    def units(self, kind: UnitKind, commune: str) -> tuple[Unit, ...]:
        """Give the teams or offices of a commune (or the province's, by its code), in fixed order."""

    def taken_over(self, *units: int) -> dict[int, tuple[Unit, ...]]:
        """Give what units took the place of, by unit; those that took nothing's are left out."""

    def bodies(self, commune: str) -> tuple[Unit, ...]:
        """Give what stands beside the office of a commune, or of a province by its code, in fixed order."""

    def invitation(self, code: str) -> Invitation | None:
        """Give an invitation, used or not; it stays read until the turn ends."""

    def join(self, invitation: Invitation, person: int) -> bool:
        """Use an invitation up and give the role; False when somebody was quicker."""

    def invite(self, kind: RoleKind, place: int, name: str, address: str) -> str:
        """Make an invitation and give its code."""

    def lend(self, kind: RoleKind, place: int, person: int, until: datetime) -> None:
        """Give somebody a role that ends by itself."""

    def leave(self, role: int) -> None:
        """End a role now."""

    def absence(self, person: int) -> Absence | None:
        """Give somebody's leave, the present one or else the next; None where there is none."""

    def absent(self, place: int) -> tuple[Absence, ...]:
        """Give who holds a role in a team or unit and is on leave now, in fixed order."""

    def standing_in(self, person: int) -> tuple[Absence, ...]:
        """Give the leave in which somebody stands in for others now, in fixed order."""

    def go(self, person: int, since: datetime, until: datetime) -> Absence:
        """Keep somebody's leave in place of any that is not over."""

    def stand_in(self, absence: int, person: int) -> None:
        """Name who stands in for somebody on leave."""

    def back(self, person: int) -> None:
        """End somebody's leave now, and drop any that was to come."""

    def forget(self, person: int) -> None:
        """Erase what outlives the turn about a person: contacts' words, roles, messages."""

    def cards(self, person: int) -> tuple[Message, ...]:
        """Give what has been shown to somebody unasked since they were answered last, and offers choices."""

    def everything(self, person: int) -> dict[str, object]:
        """Give all that is kept about a person, ready to be exported."""
