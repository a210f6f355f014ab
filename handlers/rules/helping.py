"""Whom the teams of a place have helped in some time, in figures that name nobody.

They are counted from what happened to requests, and from the doors that are handed in.  Each figure belongs to the
moment of its event: help to the closing, first response to the first taking.  Helpers are never counted one by one.
Where a village or an area has fewer than five, its figure is kept back, for somebody might be recognised; so is the
next one, where what is left over would tell it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from handlers.records.doors import Door
from handlers.records.requests import Rating, Request
from handlers.rules.areas import area_of
from handlers.rules.histories import History, helped

LEAST = 5  # below it somebody might be recognised


class Share(msgspec.Struct, frozen=True):
    """What falls to one village or area."""

    name: str
    people: int | None  # none: kept back
    households: int | None = 0  # at doors


class Spread(msgspec.Struct, frozen=True):
    """How long something took, in working minutes."""

    median: int
    p90: int  # nine of ten took no longer


class Figures(msgspec.Struct, frozen=True):
    """The figures of one place and time."""

    opened: int
    people: int  # who was helped, each once
    solved: int  # requests that ended with help
    households: int  # helped at their doors
    villages: tuple[Share, ...]
    areas: tuple[Share, ...]
    first_response: Spread | None  # none where there were fewer than five
    solution: Spread | None
    reopened: int
    ratings: Mapping[Rating, int]


class Told(msgspec.Struct, frozen=True):
    """A request as it is counted."""

    request: Request
    history: History
    village: str  # or whatever else the figures are divided by


def figures(told: Iterable[Told], since: datetime, until: datetime, doors: Iterable[Door] = ()) -> Figures:
    """Count what happened between two moments; requests that nothing happened to do no harm."""
    opened = reopened = solved = 0
    first, whole = list[int](), list[int]()
    ratings: Counter[Rating] = Counter()
    people = set[tuple[int, int]]()
    villages, areas = _Groups(), _Groups()
    for one in told:
        request, history = one.request, one.history
        opened += since <= history.opened < until
        reopened += sum(since <= at < until for at in history.reopened)
        if history.taken and since <= history.taken < until and history.first_response is not None:
            first.append(history.first_response)
        if history.closed is None or not since <= history.closed < until:
            continue
        if request.rating:
            ratings[request.rating] += 1
        if helped(request):
            solved += 1
            # Of whom no number is left, each request stands for somebody.
            person = (history.person, 0 if history.person else request.id)
            people.add(person)
            villages.person(one.village, person)
            areas.person(area_of(request.topic), person)
            if history.solution is not None:
                whole.append(history.solution)
    for door in doors:
        villages.door(door.village, door.households)
        areas.door(door.area, door.households)
    return Figures(
        opened=opened,
        people=len(people),
        solved=solved,
        households=sum(villages.households.values()),
        villages=villages.shares(),
        areas=areas.shares(),
        first_response=spread(first),
        solution=spread(whole),
        reopened=reopened,
        ratings=dict(ratings),
    )


class _Groups:
    """Who was helped, by village or by area."""

    def __init__(self) -> None:
        self.people: dict[str, set[tuple[int, int]]] = {}
        self.households: Counter[str] = Counter()

    def person(self, name: str, person: tuple[int, int]) -> None:
        self.people.setdefault(name, set()).add(person)

    def door(self, name: str, households: int) -> None:
        self.households[name] += households

    def shares(self) -> tuple[Share, ...]:
        """Give them all, those of most people first and those kept back last."""
        people = {name: len(who) for name, who in self.people.items()}
        back, shut = kept_back(people), kept_back(self.households)
        shares = [
            Share(
                name,
                None if name in back else people.get(name, 0),
                None if name in shut else self.households[name],
            )
            for name in {*people, *self.households}
        ]
        # Those kept back stand by their names, since their order would tell something too.
        return tuple(
            sorted(shares, key=lambda share: (share.people is None, -(share.people or 0), share.name))
        )


def kept_back(counts: Mapping[str, int]) -> set[str]:
    """Give whose figure is not shown: all under five, and as many more as keep a total from telling them."""
    back = {name for name, count in counts.items() if 0 < count < LEAST}
    shown = sorted((count, name) for name, count in counts.items() if count >= LEAST)
    while back and shown and (len(back) < 2 or sum(counts[name] for name in back) < LEAST):
        back.add(shown.pop(0)[1])
    return back


def spread(minutes: list[int]) -> Spread | None:
    """Give the middle and the ninth of ten; None for fewer than five, which would be about somebody."""
    if len(minutes) < LEAST:
        return None
    ordered = sorted(minutes)
    return Spread(_rank(ordered, 50), _rank(ordered, 90))


def _rank(ordered: list[int], share: int) -> int:
    """Give the smallest value that so many of 100 do not exceed."""
    return ordered[-(-len(ordered) * share // 100) - 1]
