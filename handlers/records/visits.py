"""Help at doors and at sessions as the conversations know it: counts, nobody's names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from handlers.records.doors import Door

Kind = Literal["household", "person", "business", "class", "session", "more", "unmet"]
"""What is counted: `more` is a further matter in a household that is counted already, `unmet` a need that help did
not meet, its kind in `topic`; the households with such a need are counted as households besides."""

Need = Literal["no-phone", "no-signal", "papers", "language"]
NEEDS: tuple[Need, ...] = ("no-phone", "no-signal", "papers", "language")


class Count(msgspec.Struct, frozen=True):
    """So many of one kind."""

    kind: Kind
    count: int
    topic: str = ""  # id of the matter in the knowledge base, or a `Need`; nothing where none was told


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What one line told: of one day and one village."""

    id: int = 0  # the store's own number; 0 while it is not kept yet
    unit: int  # the team or office
    village: str = ""  # as the unit's list calls it, else as it was told; nothing for the whole commune
    day: date
    counts: tuple[Count, ...]
    minutes: int | None = None  # None where nobody remembers
    by: int = 0
    at: datetime | None = None  # when it was told
    sheet: int = 0  # the first visit of a sheet that it stood in; 0 for that one, and for a line by itself

    def total(self, kind: Kind) -> int:
        """Add up one kind."""
        return sum(one.count for one in self.counts if one.kind == kind)


class Visits(Protocol):
    """What a conversation may ask about visits."""

    def keep(self, visit: Visit) -> int:
        """Keep a visit and give its number."""

    def on(self, unit: int, day: date) -> tuple[Visit, ...]:
        """Give what was told of a unit on a day and not taken back, in the order in which it came."""

    def last(self, person: int) -> Visit | None:
        """Give what somebody told last and has not taken back."""

    def told_with(self, number: int) -> tuple[Visit, ...]:
        """Give what somebody told in the same message as this visit, itself included, and has not taken back."""

    def take_back(self, number: int, person: int) -> bool:
        """Leave out a visit that somebody told themselves; False where it is not theirs, or out already."""

    def counted(self, unit: int, villages: Sequence[str], first: date, last: date) -> dict[Kind, int]:
        """Add up what was told of a village, by any of its names, or of the whole unit, from one day to another."""

    def doors(self, first: date, last: date, *, unit: int = 0, commune: str = "") -> list[Door]:
        """Give the households helped at their doors, of a unit or of all units of a commune, by village and matter."""
