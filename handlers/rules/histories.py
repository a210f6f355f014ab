"""A request's times as figures and exports need them, told from what happened to it.

First response: the working minutes from its opening until somebody first took it.  Solution: those until it was
closed last, without the time in which it waited for its citizen or stood closed before it was opened again.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from handlers.records.histories import Happened, Lived
from handlers.records.requests import Request
from handlers.rules.levels import Days, Pause, kind_of
from handlers.rules.worktime import Worktime
from knowledge.service import Service

# The events that count here; no others are read.
OPENED, TAKEN, CLOSED, REOPENED, WITHDRAWN, PASSED = (
    "opened",
    "claimed",
    "closed",
    "reopened",
    "withdrawn",
    "passed on",
)
COUNTED = (OPENED, TAKEN, CLOSED, REOPENED, WITHDRAWN, PASSED)
SOLVED = ("solved", "partly")  # outcomes after which somebody was helped


class History(msgspec.Struct, frozen=True):
    """One request in times and minutes."""

    person: int  # who asked, also where the request knows it no more; 0 for nobody
    kind: str  # as service levels call it
    opened: datetime
    taken: datetime | None = None  # for the first time
    closed: datetime | None = None  # for the last time, where it is closed now
    withdrawn: datetime | None = None
    reopened: tuple[datetime, ...] = ()
    passed_on: int = 0
    first_response: int | None = None  # working minutes
    solution: int | None = None

    @property
    def over(self) -> datetime | None:
        """When it ended, whichever way."""
        return self.closed or self.withdrawn


class Reader:
    """Reads histories by the desk hours of each commune."""

    def __init__(self, service: Service, calendar: Days) -> None:
        self._service = service
        self._calendar = calendar
        self._hours: dict[str, Worktime] = {}

    def read(self, lived: Lived) -> History:
        """Give the history of a request."""
        request = lived.request
        times = _times(lived.events)
        opened = request.opened or times[OPENED][0]
        kind = kind_of(request.danger or request.topic, not request.team, self._service)
        taken = times[TAKEN][0] if times[TAKEN] else request.claimed
        # Whether it stands closed is the request's own to say; when, the last event that says so.
        closed = _last(times[CLOSED], request.closed) if request.state == "closed" else None
        withdrawn = _last(times[WITHDRAWN], request.closed) if request.state == "withdrawn" else None
        hours = self._of(request.commune)
        always = kind == "urgent" and self._service.desk_of(request.commune).on_call
        pauses = (*(Pause(since, until) for since, until in request.pauses), *_shut(lived.events))
        return History(
            person=request.citizen or next((event.by for event in lived.events if event.what == OPENED), 0),
            kind=kind,
            opened=opened,
            taken=taken,
            closed=closed,
            withdrawn=withdrawn,
            reopened=tuple(times[REOPENED]),
            passed_on=len(times[PASSED]),
            first_response=hours.minutes(opened, taken, always=always) if taken else None,
            solution=hours.minutes(opened, closed, pauses, always=always) if closed else None,
        )

    def _of(self, commune: str) -> Worktime:
        if commune not in self._hours:
            self._hours[commune] = Worktime(self._service.desk_of(commune), self._calendar)
        return self._hours[commune]


def _times(events: tuple[Happened, ...]) -> dict[str, list[datetime]]:
    times: dict[str, list[datetime]] = {what: [] for what in COUNTED}
    for event in events:
        if event.what in times:
            times[event.what].append(event.at)
    return times


def _last(times: list[datetime], known: datetime | None) -> datetime | None:
    return times[-1] if times else known


def _shut(events: tuple[Happened, ...]) -> list[Pause]:
    """Give the times in which a request stood closed before it was opened again."""
    found: list[Pause] = []
    since: datetime | None = None
    for event in events:
        if event.what in (CLOSED, WITHDRAWN):
            since = event.at
        elif event.what == REOPENED and since is not None:
            found.append(Pause(since, event.at))
            since = None
    return found


def helped(request: Request) -> bool:
    """Say whether a request ended with somebody helped."""
    return request.state == "closed" and request.outcome in SOLVED
