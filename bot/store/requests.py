"""Keeps what `handlers.records.requests.Requests` asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot import clock, codes
from bot.store import tables as t
from bot.store.database import Stale
from bot.store.media import let_go
from handlers.records.requests import Request, Routed, Wait
from handlers.rules import moves

_decode = msgspec.json.Decoder(Request).decode
_route = msgspec.json.Decoder(Routed).decode
_encode = msgspec.json.Encoder().encode
LENGTHS = (3, 4, 5, 6)  # short codes while there are any; the longest are 2.5 million
DRAWN = 6  # codes of each length tried at once, so that finding a free one stays one statement
MANY = 20
WHOLE_TEAM = 200  # requests that a team has under way
LOOKED_BACK = timedelta(days=30)  # over which the usual waiting time is counted
COUNTED = 500  # requests from which it is
ALIKE = 200  # requests among which those that ask the same are counted
LOOKED_AT = 100  # of a commune's, by whoever looks for late ones
BATCH = 50  # requests whose words are erased in one transaction
ERASED, SILENCED = "erased", "silenced"  # events after which a request has no words left
ROUTED = "routed"  # whom it was shown, and why
JOINED = "joined channels"  # its citizen or helper has another number from here on


class StoredRequests:
    """Requests inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def open(self, request: Request) -> Request:
        """Keep a new request; give it with its number, code and watchwords."""
        request = msgspec.structs.replace(
            request,
            state="open",
            stage="new",
            watchwords=codes.watchwords(),
            opened=self._now,
            version=1,
            asked_first=request.team,
        )
        put = sqlite_insert if self._connection.dialect.name == "sqlite" else postgresql_insert
        while True:
            for code in self._free():
                request = msgspec.structs.replace(request, code=code)
                # Another process may draw the same code at this moment; the next one is as good.
                number = self._connection.scalar(
                    put(t.requests)
                    .values(**_columns(request))
                    .on_conflict_do_nothing(index_elements=[t.requests.c.code])
                    .returning(t.requests.c.id)
                )
                if number is not None:
                    request = msgspec.structs.replace(request, id=number)
                    self._spread(request)
                    self._happened(request, "opened", request.citizen)
                    return request

    def _free(self) -> list[str]:
        drawn = [codes.request(length) for length in LENGTHS for _ in range(DRAWN)]
        taken = set(
            self._connection.scalars(select(t.requests.c.code).where(t.requests.c.code.in_(drawn))).all()
        )
        return [code for code in drawn if code not in taken]

    def by_code(self, code: str) -> Request | None:
        """Give the request with this code; nobody else changes it before the turn ends."""
        row = self._connection.execute(
            select(t.requests).where(t.requests.c.code == code.upper()).with_for_update()
        ).first()
        return request_of(row) if row else None

    def by_number(self, number: int) -> Request | None:
        """Give the request with this number; nobody else changes it before the turn ends."""
        row = self._connection.execute(
            select(t.requests).where(t.requests.c.id == number).with_for_update()
        ).first()
        return request_of(row) if row else None

    def save(self, request: Request, what: str, by: int) -> Request:
        """Keep a change over the version that was read, and that it happened; Stale when it is old."""
        after = msgspec.structs.replace(request, version=request.version + 1)
        changed = self._connection.execute(
            update(t.requests)
            .where(t.requests.c.id == request.id, t.requests.c.version == request.version)
            .values(**_columns(after))
        )
        if changed.rowcount == 0:
            raise Stale(f"request {request.id}")
        self._spread(after)
        self._happened(after, what, by)
        return after

    def new_words(self, request: Request) -> Request:
        """Give the request with two other words by which its next helper is known; `save` keeps them."""
        drawn = codes.watchwords()
        while drawn == request.watchwords:
            drawn = codes.watchwords()
        return msgspec.structs.replace(request, watchwords=drawn)

    def _spread(self, request: Request) -> None:
        """Keep by which units a request is found that was widened to them; by none once it is free no more."""
        if not request.widened and not request.rings:
            return
        w = t.widenings.c
        self._connection.execute(delete(t.widenings).where(w.request == request.id))
        if request.state == "open" and request.widened:
            rows = [{"unit": unit, "request": request.id} for unit in request.widened]
            self._connection.execute(insert(t.widenings), rows)

    def keep_route(self, request: Request, routed: Routed) -> None:
        """Keep whom a request is shown, and why."""
        self._happened(request, ROUTED, 0, _encode(routed).decode())

    def noted(self, request: Request, person: int, since: datetime) -> bool:
        """Say whether the audit has it since then that somebody has done something with a request."""
        a = t.audit.c
        found = select(a.id).where(a.about == f"request:{request.id}", a.by == person, a.at >= since)
        return self._connection.scalar(found.limit(1)) is not None

    def routes(self, request: Request) -> tuple[Routed, ...]:
        """Give whom a request was shown and why, the last twenty times, the newest first."""
        e = t.request_events.c
        kept = self._connection.scalars(
            select(e.detail)
            .where(e.request == request.id, e.what == ROUTED)
            .order_by(e.id.desc())
            .limit(MANY)
        )
        return tuple(_route(detail) for detail in kept)

    def ahead(self, request: Request) -> int:
        """Count who has waited for the same team for longer."""
        r = t.requests.c
        return (
            self._connection.scalar(
                select(func.count()).where(
                    r.team == request.team,
                    r.state == "open",
                    r.opened <= request.opened,
                    r.commune == request.commune,
                    r.id != request.id,
                )
            )
            or 0
        )

    def newly(self, request: Request, since: datetime, most: int) -> int:
        """Count what was opened since then for the team of a request, at most so many."""
        r = t.requests.c
        hours = {at.astimezone(clock.VIETNAM).hour for at in _hourly(since, self._now)}
        found = (
            select(r.id)
            .where(
                r.asked_first == request.team,
                r.commune == request.commune,
                r.hour.in_(sorted(hours)),
                r.opened >= since,
                r.state != "held",
            )
            .limit(most)
        )
        return len(self._connection.scalars(found).all())

    def waiting(self, team: int, commune: str) -> int:
        """Count what waits for a team, or for a commune's office where the team is 0."""
        r = t.requests.c
        waits = select(func.count()).where(r.team == team, r.state == "open")
        return self._connection.scalar(waits if team else waits.where(r.commune == commune)) or 0

    def waits(self, request: Request) -> tuple[Wait, ...]:
        """Give how long those waited who asked the same team at this hour of day, in the last 30 days, at most 500."""
        r = t.requests.c
        rows = self._connection.execute(
            select(r.opened, r.waited)
            .where(
                r.asked_first == request.asked_first,
                r.commune == request.commune,
                r.hour == _hour(request),
                r.opened >= self._now - LOOKED_BACK,
                or_(r.waited.is_not(None), r.state == "open"),
                r.id != request.id,
            )
            .order_by(r.opened.desc())
            .limit(COUNTED)
        )
        return tuple(
            Wait(self._now - row.opened, taken=False)
            if row.waited is None
            else Wait(timedelta(seconds=row.waited))
            for row in rows
        )

    def of(self, citizen: int) -> tuple[Request, ...]:
        """Give what a person has asked for, the newest first, at most twenty."""
        r = t.requests.c
        return self._all(select(t.requests).where(r.citizen == citizen).order_by(r.id.desc()))

    def helping(self, citizen: int) -> tuple[Request, ...]:
        """Give a person's requests that some helper holds, in fixed order; nobody else changes them meanwhile.

        So what is said in them reaches whoever has them, and nobody who has just let them go.
        """
        r = t.requests.c
        held = select(t.requests).where(r.citizen == citizen, r.state == "claimed").order_by(r.id)
        return self._all(held.with_for_update())

    def held_in(self, team: int) -> tuple[Request, ...]:
        """Give the requests that somebody has for a team, the oldest first, at most 200."""
        r = t.requests.c
        query = (
            select(t.requests).where(r.team == team, r.state == "claimed").order_by(r.id).limit(WHOLE_TEAM)
        )
        return tuple(request_of(row) for row in self._connection.execute(query))

    def held_by(self, helper: int) -> tuple[Request, ...]:
        """Give all requests that somebody has claimed and not finished, in fixed order."""
        r = t.requests.c
        query = select(t.requests).where(r.claimed_by == helper, r.state == "claimed").order_by(r.id)
        return tuple(request_of(row) for row in self._connection.execute(query))

    def waiting_for(self, team: int) -> tuple[Request, ...]:
        """Give the open requests of a team, the longest waiting first, at most twenty."""
        r = t.requests.c
        return self._all(select(t.requests).where(r.team == team, r.state == "open").order_by(r.id))

    def waiting_in(self, commune: str) -> tuple[Request, ...]:
        """Give the open requests of a commune that has no team, the longest waiting first, at most twenty."""
        r = t.requests.c
        return self._all(
            select(t.requests).where(r.team == 0, r.state == "open", r.commune == commune).order_by(r.id)
        )

    def widened_to(self, unit: int) -> tuple[Request, ...]:
        """Give the open requests that were widened to a unit, the longest waiting first, at most twenty."""
        r, w = t.requests.c, t.widenings.c
        return self._all(
            select(t.requests)
            .join(t.widenings, w.request == r.id)
            .where(w.unit == unit, r.state == "open")
            .order_by(w.request)
        )

    def under_way(self, commune: str) -> tuple[Request, ...]:
        """Give the requests of a commune that are open or claimed, the oldest first, at most a hundred."""
        r, u = t.requests.c, t.units.c
        teams = select(u.id).where(u.commune == commune)
        rows = self._connection.execute(
            select(t.requests)
            .where(
                or_(r.team == 0, r.team.in_(teams)),
                r.state.in_(("open", "claimed")),
                r.commune == commune,
            )
            .order_by(r.id)
            .limit(LOOKED_AT)
        )
        return tuple(map(request_of, rows))

    def alike(self, commune: str, alike: str, since: datetime) -> tuple[Request, ...]:
        """Give the requests of a commune about one matter since then, the newest first, at most 200."""
        r = t.requests.c
        rows = self._connection.execute(
            select(t.requests)
            .where(
                r.commune == commune,
                r.alike == alike,
                text("alike <> ''"),
                r.opened >= since,
                r.state != "withdrawn",
            )
            .order_by(r.opened.desc(), r.id.desc())
            .limit(ALIKE)
        )
        return tuple(map(request_of, rows))

    def free_alike(
        self, commune: str, alike: str, since: datetime, after: int, most: int
    ) -> tuple[Request, ...]:
        """Give the open requests of a commune about one matter since then, by number, beyond this one."""
        r = t.requests.c
        rows = self._connection.execute(
            select(t.requests)
            .where(
                r.commune == commune,
                r.alike == alike,
                text("alike <> ''"),
                r.opened >= since,
                r.state == "open",
                r.id > after,
            )
            .order_by(r.id)
            .limit(most)
        )
        return tuple(map(request_of, rows))

    def held_for(self, incident: int, most: int) -> tuple[Request, ...]:
        """Give the requests that wait for the end of an incident, the oldest first."""
        r = t.requests.c
        rows = self._connection.execute(
            select(t.requests)
            .where(r.incident == incident, text("incident <> 0"), r.state == "held")
            .order_by(r.id)
            .limit(most)
        )
        return tuple(map(request_of, rows))

    def just_closed(self, citizen: int) -> Request | None:
        """Give the request whose closing is the last thing a person was told; None after any later word."""
        r, c = t.requests.c, t.conversations.c
        row = self._connection.execute(
            select(t.requests)
            .join(t.conversations, c.id == r.citizen)
            .where(r.citizen == citizen, r.state == "closed", r.closed >= c.touched)
            .order_by(r.closed.desc(), r.id.desc())
            .limit(1)
        ).first()
        return request_of(row) if row else None

    def _all(self, query: Any) -> tuple[Request, ...]:
        return tuple(request_of(row) for row in self._connection.execute(query.limit(MANY)))

    def _happened(self, request: Request, what: str, by: int, detail: str = "") -> None:
        self._connection.execute(
            insert(t.request_events).values(request=request.id, at=self._now, what=what, by=by, detail=detail)
        )


def unhook(connection: Connection, now: datetime, citizen: int) -> None:
    """Take a person out of their requests: the numbers stay, the words go, nobody goes on with them."""
    stored = StoredRequests(connection, now)
    rows = connection.execute(
        select(t.requests).where(t.requests.c.citizen == citizen).order_by(t.requests.c.id).with_for_update()
    ).all()
    for request in map(request_of, rows):
        if request.state in ("open", "claimed", "held"):
            request = moves.moved(request, "erase")
        nobodys = msgspec.structs.replace(_without_words(request), citizen=0, closed=request.closed or now)
        stored.save(nobodys, ERASED, 0)
        let_go(connection, t.media.c.about == f"request:{request.id}")


def hand_over(connection: Connection, now: datetime, old: int, new: int) -> None:
    """Let another number stand for a person in all requests, as citizen and as helper."""
    stored = StoredRequests(connection, now)
    r = t.requests.c
    rows = connection.execute(
        select(t.requests).where(or_(r.citizen == old, r.claimed_by == old)).order_by(r.id).with_for_update()
    ).all()
    for request in map(request_of, rows):
        stored.save(
            msgspec.structs.replace(
                request,
                citizen=new if request.citizen == old else request.citizen,
                claimed_by=new if request.claimed_by == old else request.claimed_by,
            ),
            JOINED,
            new,
        )


def wordy(before: datetime) -> Select[Any]:
    """Ask for the ids of requests that ended before this moment and still have their words, a batch at most."""
    r, e = t.requests.c, t.request_events.c
    wordless = select(e.id).where(e.request == r.id, e.what.in_((ERASED, SILENCED))).exists()
    return (
        select(r.id)
        .where(r.state.in_(("closed", "withdrawn")), r.closed < before, ~wordless)
        .order_by(r.id)
        .limit(BATCH)
    )


def silence(connection: Connection, ids: list[int]) -> None:
    """Erase words, names and what was attached; numbers, times and outcomes stay."""
    rows = connection.execute(
        select(t.requests).where(t.requests.c.id.in_(ids)).order_by(t.requests.c.id).with_for_update()
    ).all()
    stored = StoredRequests(connection, clock.now())
    for request in map(request_of, rows):
        stored.save(_without_words(request), SILENCED, 0)
        let_go(connection, t.media.c.about == f"request:{request.id}")


def _without_words(request: Request) -> Request:
    return Request(
        id=request.id,
        code=request.code,
        citizen=request.citizen,
        state=request.state,
        stage=request.stage,
        commune=request.commune,
        topic=request.topic,
        step=request.step,
        team=request.team,
        claimed_by=request.claimed_by,
        opened=request.opened,
        asked_first=request.asked_first,
        waited=request.waited,
        claimed=request.claimed,
        closed=request.closed,
        outcome=request.outcome,
        incident=request.incident,
        begun=request.begun,
        offered=request.offered,
        pauses=request.pauses,
        told=request.told,
        widened=request.widened,
        rings=request.rings,
        rating=request.rating,
        version=request.version,
    )


def everything_of(connection: Connection, citizen: int) -> list[object]:
    """Give all that is kept of a person's requests, ready to be exported."""
    rows = connection.execute(
        select(t.requests).where(t.requests.c.citizen == citizen).order_by(t.requests.c.id)
    )
    # Internal notes are the team's, about how it is done.
    return [msgspec.to_builtins(msgspec.structs.replace(request_of(row), notes=())) for row in rows]


def request_of(row: Row[Any]) -> Request:
    """Give a stored request."""
    return msgspec.structs.replace(_decode(row.details), id=row.id, version=row.version)


def _columns(request: Request) -> dict[str, Any]:
    return {
        "code": request.code,
        "citizen": request.citizen,
        "state": request.state,
        "team": request.team,
        "commune": request.commune,
        "claimed_by": request.claimed_by,
        "opened": request.opened,
        "closed": request.closed,
        "details": _encode(request).decode(),
        "version": request.version,
        "asked_first": request.asked_first,
        "hour": _hour(request),
        "waited": request.waited,
        "alike": request.alike,
        "incident": request.incident,
    }


def _hourly(since: datetime, until: datetime) -> list[datetime]:
    """Give moments of which each hour between two moments has one, a day's at most."""
    count = min(int((until - since).total_seconds() // 3600) + 1, 24)
    return [since, until, *(since + timedelta(hours=number) for number in range(1, count))]


def _hour(request: Request) -> int | None:
    """Give the hour of day, in Vietnam, at which a request was opened."""
    return request.opened.astimezone(clock.VIETNAM).hour if request.opened else None
