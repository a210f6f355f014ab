"""Incidents as the conversations know them: many of one commune who ask the same at the same time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

SAMPLE = 200  # letters of somebody's own words that stand for those of all

State = Literal["proposed", "refused", "lapsed", "running", "ended"]


class Incident(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What many ask about, who was asked whether it is one thing, and what they said."""

    id: int = 0
    commune: str  # official code
    alike: str  # what the requests have in common: a topic, or `requests.WORDS`
    state: State = "proposed"
    at: datetime  # when it was proposed
    since: datetime  # when the first of them was opened
    people: int = 0  # how many had asked by then
    step: str = ""  # where most of them were stuck, as their guide calls it
    words: str = ""  # of one of them, where no topic is known; nothing once it is over
    asked: tuple[int, ...] = ()  # whom it was proposed to
    by: int = 0  # who decided
    decided: datetime | None = None
    notice: str = ""  # in the words of whoever decided; nothing where the proposed one is used
    ended: datetime | None = None
    ended_by: int = 0
    version: int = 0


class Incidents(Protocol):
    """What a conversation may ask about incidents."""

    def propose(self, incident: Incident, why: str) -> Incident:
        """Keep a new incident; give it with its number."""

    def by_number(self, number: int) -> Incident | None:
        """Give the incident with this number; nobody else changes it before the turn ends."""

    def save(self, incident: Incident, what: str, by: int, why: str = "") -> Incident:
        """Keep a change over the version that was read; that it happened, and why, is never forgotten."""

    def happened(self, incident: Incident, what: str, by: int, why: str = "") -> None:
        """Keep that something happened that changes nothing in it."""

    def last(self, commune: str, alike: str) -> tuple[Incident, ...]:
        """Give the incidents of a commune about one matter, the newest first, at most twenty."""

    def running(self, commune: str) -> tuple[Incident, ...]:
        """Give what runs in a commune, the oldest first."""
