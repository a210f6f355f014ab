"""Requests for help as the conversations know them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

State = Literal["open", "claimed", "closed", "withdrawn"]
Outcome = Literal["", "solved", "partly", "unneeded"]
Rating = Literal["", "good", "fair", "poor"]


class Request(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Something one citizen could not get done alone, and how far it is."""

    id: int = 0
    code: str = ""  # such as 4K7, written YC-4K7; never given twice
    citizen: int = 0  # 0 once the person has had it erased
    name: str = ""  # how helpers are told to call the citizen; may be empty
    address: str = ""
    phone: str = ""  # shown to nobody before the request is claimed
    state: State = "open"
    commune: str = ""  # official code
    village: str = ""  # as the team is called; where there is none, in the citizen's own words
    topic: str = ""
    step: str = ""
    step_title: str = ""
    pressed: str = ""  # the label of the choice that led here
    words: str = ""  # the citizen's own
    attached: tuple[str, ...] = ()  # kinds of what was sent without words: voice, photo, …
    team: int = 0  # the unit that is to help; 0 where the commune has none
    claimed_by: int = 0
    attended: bool = False  # the helper's talk is in this request now
    asked: Literal["", "secret", "number"] = (
        ""  # what the helper asked for last, which tells a code from a figure
    )
    chosen: datetime | None = None  # when the citizen said that words are meant for this one's helper
    opened: datetime | None = None
    begun: datetime | None = None  # from when the time to do it counts, where that is not `opened`
    offered: datetime | None = None  # since when it is free for its team, where that is not `opened`
    paused: datetime | None = None  # since when it waits for the citizen
    pauses: tuple[tuple[datetime, datetime], ...] = ()  # in which it waited before
    told: tuple[str, ...] = ()  # who has been told that it is late
    claimed: datetime | None = None
    closed: datetime | None = None
    outcome: Outcome = ""
    remark: str = ""  # the helper's last sentence: how it ended, or why it is passed on
    rating: Rating = ""
    watchwords: str = ""  # two words by which the citizen knows a real helper
    version: int = 0


class Requests(Protocol):
    """What a conversation may ask about requests."""

    def open(self, request: Request) -> Request:
        """Keep a new request; give it with its number, code and watchwords."""

    def by_code(self, code: str) -> Request | None:
        """Give the request with this code; nobody else changes it before the turn ends."""

    def by_number(self, number: int) -> Request | None:
        """Give the request with this number, as `request:17` names it; nobody else changes it before the turn ends."""

    def save(self, request: Request, what: str, by: int) -> Request:
        """Keep a change over the version that was read; that it happened is never forgotten."""

    def ahead(self, request: Request) -> int:
        """Count who has waited for the same team for longer."""

    def of(self, citizen: int) -> tuple[Request, ...]:
        """Give what a person has asked for, the newest first, at most twenty."""

    def helping(self, citizen: int) -> tuple[Request, ...]:
        """Give a person's requests that some helper holds, in fixed order."""

    def held_by(self, helper: int) -> tuple[Request, ...]:
        """Give the requests that somebody has claimed and not finished, in fixed order."""

    def waiting_for(self, team: int) -> tuple[Request, ...]:
        """Give the open requests of a team, the longest waiting first, at most twenty."""

    def waiting_in(self, commune: str) -> tuple[Request, ...]:
        """Give the open requests of a commune that has no team, the longest waiting first, at most twenty."""

    def under_way(self, commune: str) -> tuple[Request, ...]:
        """Give the requests of a commune that are open or claimed, the oldest first, at most a hundred."""

    def just_closed(self, citizen: int) -> Request | None:
        """Give the request whose closing is the last thing a person was told; None after any later word."""
