"""What a commune says of itself, as the conversations know it: lines with an author and a last day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

Kind = Literal["centre", "hours", "phone", "point", "visit", "class"]
KINDS: tuple[Kind, ...] = ("centre", "hours", "phone", "point", "visit", "class")  # in the order of the card
SINGLE: tuple[Kind, ...] = ("centre", "hours")  # a commune has one of each
Told = Literal["", "ending", "ended"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a commune's card; it is never edited, only followed by another."""

    id: int = 0  # the store's own number; 0 while it is not kept yet
    commune: str  # official code
    kind: Kind
    words: str
    day: date  # the last one it holds on
    by: int  # who wrote it
    at: datetime
    follows: int = 0  # the line whose place it took
    told: Told = ""  # what has been said about its end
    over: datetime | None = None  # since when it is not on the card any more
    over_by: int = 0

    def holds(self, today: date) -> bool:
        """Say whether its last day has not passed yet."""
        return today <= self.day


class Card(Protocol):
    """What a conversation may ask about the cards of communes."""

    def lines(self, commune: str) -> tuple[Line, ...]:
        """Give what stands on a commune's card now, kind by kind, the oldest first."""

    def line(self, number: int) -> Line | None:
        """Give a line, on the card or not."""

    def put(self, line: Line) -> bool:
        """Put a line on the card, in the place of the one it follows; False where that is there no more."""

    def take(self, number: int, person: int) -> bool:
        """Take a line off the card; False where it is there no more."""

    def history(self, commune: str, most: int) -> tuple[Line, ...]:
        """Give the lines of a commune that were put or taken last, the newest first, those taken off too."""

    def ending(self, day: date, told: Told) -> tuple[Line, ...]:
        """Give the lines that hold no longer than that day and whose authors have not been told this."""

    def tell(self, lines: tuple[Line, ...], told: Told) -> None:
        """Note what has been said about the end of these lines."""
