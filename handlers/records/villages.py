"""The list of a commune's villages: rows with a first and a last day, and who changed what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

Act = Literal["add", "rename", "end", "merge"]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A village or residential group of a commune's list."""

    id: int
    commune: str
    name: str
    since: datetime | None = None  # None: as long as anybody knows
    until: datetime | None = None  # the first moment at which it is one no more
    became: int = 0  # what took its place


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the list, as it was confirmed; it is never edited itself."""

    id: int = 0  # the store's own number; 0 while it is not kept yet
    commune: str
    act: Act
    ended: tuple[int, ...] = ()  # the villages that are not in the list any more from that day on
    heir: int = 0  # what goes on in their place; 0 for none, and while it is to be made
    name: str = ""  # of what goes on, or is new
    day: date  # the first one on which it is so
    teams: tuple[int, ...] = ()  # who help in what is added
    by: int
    at: datetime | None = None


class Villages(Protocol):
    """What a conversation may ask about the list of a commune."""

    def listed(self, commune: str) -> tuple[Listed, ...]:
        """Give the villages that have not ended, those to come too, in the order in which they came."""

    def one(self, number: int) -> Listed | None:
        """Give a village, in the list or not."""

    def teams(self, village: int) -> tuple[int, ...]:
        """Give the teams that help there, in fixed order."""

    def keep(self, edit: Edit) -> Edit | None:
        """Change the list and keep who did it; None where somebody else has changed the same meanwhile."""

    def edit(self, number: int) -> Edit | None:
        """Give a change by its number."""

    def rename_teams(self, edit: Edit) -> None:
        """Let teams that are called by what a change has ended be called by what took its place."""

    def history(self, commune: str, most: int) -> tuple[Edit, ...]:
        """Give the changes of a commune's list, the newest first."""
