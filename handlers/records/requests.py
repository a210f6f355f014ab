"""Requests for help as the conversations know them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, Protocol

import msgspec

State = Literal["open", "claimed", "held", "closed", "withdrawn"]  # what lists ask for
Stage = Literal[
    "new",
    "offered",
    "claimed",
    "waiting",
    "passed-on",
    "held",
    "resolved",
    "closed",
    "reopened",
    "withdrawn",
]
Why = Literal[
    "village",  # its team helps where the person lives
    "formerly",  # the same, by what the village was called before
    "commune",  # no village's own, so the team of the whole commune
    "office",  # no team, so the commune's office
    "empty",  # nobody of the team is there, so the office
    "province",  # nobody of the commune is there, so the province at once
    "helped",  # helped this person last, and sees it a little before the others
    "passed-on",
    "given-back",
    "left",  # who had it is no longer with the team
    "on-leave",  # opened again, and who had it is away
    "reopened",  # opened again, and nobody had it
    "returned",  # opened again, and back with who had it
    "reassigned",  # given to one person by the lead or the office
    "widened",  # nobody of those asked before took it in time
    "idle",  # who had it left it untouched
    "apart",  # had been held for an incident, and is another matter
]
Outcome = Literal["", "solved", "partly", "unneeded"]
Whom = Literal["", "family", "neighbour"]
Way = Literal["", "call", "visit"]
Rating = Literal["", "good", "fair", "poor"]

WORDS = "?"  # what a request is about that no topic is known for


class Note(msgspec.Struct, frozen=True):
    """What a helper or lead writes down for whoever goes on with a request; no citizen ever sees it."""

    by: int
    at: datetime
    words: str


class Appointment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A time at which somebody calls or comes, as one side has proposed it, or both have agreed to it."""

    number: int  # how many have been proposed for this request, this one included
    at: datetime
    way: Way
    by: Literal["citizen", "helper"]
    agreed: datetime | None = None  # since when it stands; nothing while it is only proposed
    stood: bool = False  # calling or coming had been agreed to before, and holds without it too


class Request(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Something one citizen could not get done alone, and how far it is."""

    id: int = 0
    code: str = ""  # such as 4K7, written YC-4K7; never given twice
    citizen: int = 0  # 0 once the person has had it erased
    name: str = ""  # how helpers are told to call the citizen; may be empty
    address: str = ""
    phone: str = ""  # shown to nobody before the request is claimed
    state: State = "open"
    stage: Stage | Literal[""] = ""  # where exactly it stands; `handlers.rules.moves` says what that means
    commune: str = ""  # official code
    village: str = ""  # as the team is called; where there is none, in the citizen's own words
    topic: str = ""
    danger: str = ""  # a topic of danger told of since; the request is as urgent as that is
    step: str = ""
    step_title: str = ""
    pressed: str = ""  # the label of the choice that led here
    words: str = ""  # the citizen's own
    attached: tuple[str, ...] = ()  # kinds of what was sent without words: voice, photo, …
    team: int = 0  # the unit that is to help; 0 where the commune has none
    widened: tuple[int, ...] = ()  # units that may take it as well, since nobody there had
    rings: tuple[str, ...] = ()  # how far it has been widened, whoever was there: commune, province
    ahead: int = (
        0  # who alone is shown it for now, having helped this person last; nobody once the others are
    )
    claimed_by: int = 0
    attended: bool = False  # the helper's talk is in this request now
    touched: datetime | None = None  # when its helper did something about it last, to a quarter of an hour
    nudged: datetime | None = None  # when they were asked since whether they are on it
    asked: Literal["", "secret", "number"] = (
        ""  # what the helper asked for last, which tells a code from a figure
    )
    opened: datetime | None = None
    begun: datetime | None = None  # from when the time to do it counts, where that is not `opened`
    offered: datetime | None = None  # since when it is free for its team, where that is not `opened`
    paused: datetime | None = None  # since when it waits for the citizen
    pauses: tuple[tuple[datetime, datetime], ...] = ()  # in which it waited before
    told: tuple[str, ...] = ()  # who has been told that it is late
    claimed: datetime | None = None
    asked_first: int = 0  # the team it was opened for, whoever has it now
    waited: int | None = None  # seconds until somebody took it for the first time
    closed: datetime | None = None
    outcome: Outcome = ""
    remark: str = ""  # the helper's last sentence: how it ended, or why it is passed on
    notes: tuple[Note, ...] = ()  # internal; erased with the words
    rating: Rating = ""
    whom: Whom = ""  # for whom somebody asks; nothing for themselves
    behalf: int = 0  # who opened it for somebody without a smartphone, whom no message reaches
    consent: str = ""  # version of the sentence that was read to that person, who agreed
    way: Way = ""  # how help comes besides messages, as the citizen wants it
    proposed: Way = ""  # what the helper would like, and the citizen has not answered yet
    arranged: datetime | None = None  # since when whoever took it may call or come, and knows the two words
    offer: Appointment | None = None  # a time that waits for the other side's answer
    meeting: Appointment | None = None  # the time that both have agreed to
    meetings: int = 0  # times proposed so far
    watchwords: str = ""  # two words by which the citizen knows a real helper
    alike: str = ""  # by what others are alike: a topic; WORDS where only its own words tell
    incident: int = 0  # for whose end it waits, or has waited
    version: int = 0


class Routed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom a request was shown, and why these: a choice of the router, kept as it was made."""

    why: Why
    team: int = 0
    who: int = 0  # who passed it on, gave it back, left, had it before, or was shown it before the others
    shown: int = 0  # how many people
    away: tuple[tuple[int, datetime], ...] = ()  # of the team, but on leave, and until when
    before: int = 0  # the team that was asked before it was widened; 0 for the office
    since: datetime | None = None  # since when those had been shown it
    group: int = 0  # the group chat of the team, where it was shown there
    alone: bool = False  # those who are in that group were shown it nowhere else
    then: Why | None = None  # for which reason the others are shown it after one alone


class Wait(msgspec.Struct, frozen=True):
    """How long a request has waited to be taken for the first time."""

    span: timedelta
    taken: bool = True  # not taken yet: it is the time so far


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

    def new_words(self, request: Request) -> Request:
        """Give the request with two other words by which its next helper is known; `save` keeps them."""

    def keep_route(self, request: Request, routed: Routed) -> None:
        """Keep whom a request is shown, and why."""

    def noted(self, request: Request, person: int, since: datetime) -> bool:
        """Say whether the audit has it since then that somebody has done something with a request."""

    def routes(self, request: Request) -> tuple[Routed, ...]:
        """Give whom a request was shown and why, the last twenty times, the newest first."""

    def ahead(self, request: Request) -> int:
        """Count who has waited for the same team for longer."""

    def newly(self, request: Request, since: datetime, most: int) -> int:
        """Count what was opened since then for the team of a request, at most so many."""

    def waiting(self, team: int, commune: str) -> int:
        """Count what waits for a team, or for a commune's office where the team is 0."""

    def waits(self, request: Request) -> tuple[Wait, ...]:
        """Give how long those waited who asked the same team at this hour of day, in the last 30 days, at most 500.

        What nobody has taken yet is among them, with the time it has waited so far.
        """

    def of(self, citizen: int) -> tuple[Request, ...]:
        """Give what a person has asked for, the newest first, at most twenty."""

    def helping(self, citizen: int) -> tuple[Request, ...]:
        """Give a person's requests that some helper holds, in fixed order; nobody else changes them meanwhile."""

    def held_in(self, team: int) -> tuple[Request, ...]:
        """Give the requests that somebody has for a team, the oldest first, at most 200."""

    def held_by(self, helper: int) -> tuple[Request, ...]:
        """Give all requests that somebody has claimed and not finished, in fixed order."""

    def waiting_for(self, team: int) -> tuple[Request, ...]:
        """Give the open requests of a team, the longest waiting first, at most twenty."""

    def waiting_in(self, commune: str) -> tuple[Request, ...]:
        """Give the open requests of a commune that has no team, the longest waiting first, at most twenty."""

    def widened_to(self, unit: int) -> tuple[Request, ...]:
        """Give the open requests that were widened to a unit, the longest waiting first, at most twenty."""

    def under_way(self, commune: str) -> tuple[Request, ...]:
        """Give the requests of a commune that are open or claimed, the oldest first, at most a hundred."""

    def alike(self, commune: str, alike: str, since: datetime) -> tuple[Request, ...]:
        """Give the requests of a commune about one matter since then, the newest first, at most 200."""

    def free_alike(
        self, commune: str, alike: str, since: datetime, after: int, most: int
    ) -> tuple[Request, ...]:
        """Give the open requests of a commune about one matter since then, by number, beyond this one."""

    def held_for(self, incident: int, most: int) -> tuple[Request, ...]:
        """Give the requests that wait for the end of an incident, the oldest first."""

    def just_closed(self, citizen: int) -> Request | None:
        """Give the request whose closing is the last thing a person was told; None after any later word."""
