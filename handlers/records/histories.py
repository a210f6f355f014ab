"""What requests have been through: the rows of what happened, which are never edited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

import msgspec

from handlers.records.requests import Request


class Happened(msgspec.Struct, frozen=True):
    """One thing that happened to a request."""

    at: datetime
    what: str  # such as "claimed"
    by: int  # the person; 0 for nobody


class Lived(msgspec.Struct, frozen=True):
    """A request and what happened to it, in order."""

    request: Request
    events: tuple[Happened, ...]


class Histories(Protocol):
    """What a conversation may ask about what requests have been through."""

    def of_team(self, team: int, since: datetime, until: datetime) -> Iterator[Lived]:
        """Give the requests of a team that were under way, or ended, between two moments."""

    def of_commune(self, commune: str, since: datetime, until: datetime) -> Iterator[Lived]:
        """Give those of a commune, of its teams and of its office."""
