"""Announcements as the conversations know them: written by one, approved by another, laid down piece by piece."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from handlers.text import Text

Whom = Literal["commune", "village", "teams", "reporters", "heads", "officers"]


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform allows and counts where somebody is written to unasked."""

    takes: int = (
        0  # hours after a person's last word in which it takes an announcement; 0 where it always does
    )
    free: int = 0  # of these the hours in which it costs nothing; 0 where it never costs
    quota: int = 0  # messages a month; 0 where they are not counted


class Announcement(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What an office tells many; `edition` counts how often its words have been handed in."""

    id: int = 0
    code: str = ""
    unit: int
    whom: Whom
    village: str = ""
    area: str = ""  # of handlers.rules.areas; nothing where only who wants all news gets it
    words: dict[str, str]  # by language; the Vietnamese always
    state: Literal["waiting", "returned", "running", "stopping", "over"] = "waiting"
    edition: int = 1
    author: int
    approver: int = 0
    reason: str = ""  # why it was returned
    stopped_by: int = 0
    begun: datetime | None = None
    until: datetime | None = None  # what has not left by then is old news
    ended: datetime | None = None
    cursor: int = 0  # the last person that was looked at
    laid: int = 0  # messages put into the outbox
    missed: int = 0  # people who had no open chat when it was their turn
    complete: bool = False  # everybody has been looked at
    result: Progress | None = None  # as it was at the end
    version: int = 1

    @property
    def about(self) -> str:
        """What its messages carry."""
        return f"announcement:{self.id}"

    @property
    def notices(self) -> str:
        """What is said about it to author and approver."""
        return f"announced:{self.id}"

    @property
    def written(self) -> str:
        """The code as people read it."""
        return f"TB-{self.code}"


class Way(msgspec.Struct, frozen=True):
    """How many are reached on one platform."""

    platform: str
    name: Text
    people: int
    paid: int  # of them, to whom a message costs
    left: int | None  # of the month's messages, where the platform counts them


class Reach(msgspec.Struct, frozen=True):
    """How many an announcement would reach now."""

    ways: tuple[Way, ...]
    closed: int = 0  # they want it, and none of their chats takes it now
    unwanted: int = 0  # they have said no
    unasked: int = 0  # citizens of the place who have not asked for it
    elsewhere: int = 0  # citizens of the place who have asked for news of other areas alone

    @property
    def people(self) -> int:
        """How many are reached."""
        return sum(way.people for way in self.ways)


class Recipient(msgspec.Struct, frozen=True):
    """Somebody with the chat that was chosen."""

    person: int
    lang: str
    contact: int


class Piece(msgspec.Struct, frozen=True):
    """The next people of an announcement."""

    recipients: tuple[Recipient, ...]
    missed: int
    cursor: int
    last: bool  # nobody comes after these


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """What has become of an announcement's messages."""

    waiting: int = 0
    sent: int = 0
    failed: int = 0
    doubtful: int = 0  # under way when a process ended; they may have arrived
    withdrawn: int = 0
    left: int = 0  # withdrawn because their readers want no more


class Announcements(Protocol):
    """What a conversation may ask about announcements."""

    def hand_in(self, announcement: Announcement) -> Announcement:
        """Keep a new one; give it with its number and code."""

    def by_code(self, code: str) -> Announcement | None:
        """Give the one with this code; nobody else changes it before the turn ends."""

    def by_number(self, number: int) -> Announcement | None:
        """Give the one with this number; nobody else changes it before the turn ends."""

    def save(self, announcement: Announcement) -> Announcement:
        """Keep a change over the version that was read."""

    def running(self, unit: int) -> Announcement | None:
        """Give the one that is under way; no other of the unit begins before the turn ends."""

    def last(self, units: tuple[int, ...]) -> tuple[Announcement, ...]:
        """Give the newest of these units, at most three, the newest first."""

    def reach(
        self,
        unit: int,
        whom: Whom,
        village: str,
        platforms: Mapping[str, Platform],
        communes: Collection[str] = (),
        area: str = "",
    ) -> Reach:
        """Count whom it reaches now in these communes; in the unit's own where none is named."""

    def areas(self, unit: int, communes: Collection[str] = ()) -> tuple[str, ...]:
        """Give the areas of which citizens there have asked for news, what most have asked for first."""

    def next(
        self,
        announcement: Announcement,
        most: int,
        platforms: Mapping[str, Platform],
        communes: Collection[str] = (),
    ) -> Piece:
        """Give the next people, each with the chat that takes it; who has it already is left out."""

    def progress(self, announcement: Announcement) -> Progress:
        """Count what has become of its messages."""

    def withdraw(self, announcement: Announcement, most: int) -> int:
        """Take back at most so many that have not left; give how many there were."""

    def leave(self, person: int, area: str = "") -> int:
        """Take back all announcements that still wait for a person, or those of an area; give how many there were."""
