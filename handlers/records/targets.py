"""Targets of a commune: so many of something between two days, told day by day; who follows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from handlers.records.reports import Decision

WHOLE = 0  # in the place of a village: the commune as one
Counts = Literal["new", "total"]
"""Whether a day's figure is what is new that day, or all there are by then."""


class Target(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """So many of something, between two days, in a commune."""

    id: int = 0
    unit: int  # the office that has set it
    commune: str
    name: str  # what is counted, such as "hộ cài VNeID"
    measure: str  # by what it is counted, such as "hộ"
    form: str = ""  # a report that asks for the same, and its indicator
    indicator: str = ""
    goal: int
    base: int = 0  # all there were before the first day; 0 where only what is new counts
    first: date
    last: date
    every: bool = False  # told by each village of the list
    places: tuple[int, ...] = ()  # told by these villages; without either, by the commune as one
    counts: Counts = "new"
    days_off: bool = True  # days off count like others
    key: str = ""  # whose it is in an imported list
    listed: str = ""  # by what it is known whether that list says something else now
    state: Literal["running", "ended"] = "running"
    version: int = 0


class Figure(msgspec.Struct, frozen=True):
    """A figure of a day; of several of one place and day the newest counts."""

    id: int
    target: int
    place: int  # a village, or WHOLE
    day: date
    value: int
    by: int
    at: datetime


class Aim(msgspec.Struct, frozen=True):
    """What an office's head or officer wants an indicator of its report to reach, and by when."""

    indicator: str
    hundredths: int  # of a percent
    last: date
    by: int


class Happened(msgspec.Struct, frozen=True):
    """Something that was done to a target; it is never edited."""

    at: datetime
    what: str
    by: int
    detail: str


class Targets(Protocol):
    """What a conversation may ask about targets."""

    def keep(self, target: Target, by: int) -> Target:
        """Keep a new target; give it with its number."""

    def one(self, number: int) -> Target | None:
        """Give the target with this number."""

    def hold(self, number: int) -> Target | None:
        """Give the target with this number; nobody else changes it, or its figures, before the turn ends."""

    def save(self, target: Target, what: str, by: int, detail: str) -> Target:
        """Keep a change over the version that was read, and what was changed."""

    def of_communes(self, communes: tuple[str, ...], since: date) -> tuple[Target, ...]:
        """Give what runs there and does not end before that day, in the order in which it was set."""

    def under_way(self, day: date) -> tuple[str, ...]:
        """Give the communes in which anything is to be told on a day, in fixed order."""

    def history(self, target: int, most: int) -> tuple[Happened, ...]:
        """Give what was done to a target, the newest first."""

    def figures(self, target: int) -> tuple[Figure, ...]:
        """Give the figures that count, one for each place and day, by day and place."""

    def figure(self, target: int, place: int, day: date) -> Figure | None:
        """Give the figure that counts of a place and day; None where there is none."""

    def tell(self, target: int, place: int, day: date, value: int, by: int) -> None:
        """Keep a figure; it takes the place of any that is there."""

    def aims(self, unit: int, form: str) -> dict[str, Aim]:
        """Give what counts of what an office wants its indicators to reach, by their names."""

    def aim(self, unit: int, form: str, aim: Aim) -> None:
        """Keep what an indicator is to reach; it takes the place of any that is there.  Nothing (0) takes it back."""

    def follow(self, target: int, person: int) -> bool:
        """Let somebody follow a target; False where they do."""

    def unfollow(self, target: int, person: int) -> bool:
        """Let somebody follow a target no more; False where they do not."""

    def followed(self, since: date) -> tuple[tuple[int, int], ...]:
        """Give who follows what does not end before that day: target and person, in fixed order."""

    def follows(self, person: int) -> tuple[int, ...]:
        """Give the targets that somebody follows, in fixed order."""

    def decided(self, target: Target, period: str, stage: str, decision: str, reason: str) -> None:
        """Keep what became of a question, or of something told, and why."""

    def decisions(self, target: Target, period: str) -> tuple[Decision, ...]:
        """Give what was decided about a target for a day or week, the oldest first."""
