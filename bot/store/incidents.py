"""Keeps what `handlers.records.incidents.Incidents` asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, text, update

from bot.store import tables as t
from bot.store.database import Stale
from bot.store.requests import StoredRequests, request_of
from handlers.records.incidents import SAMPLE, Incident
from handlers.records.requests import WORDS

_decode = msgspec.json.Decoder(Incident).decode
_encode = msgspec.json.Encoder().encode
MANY = 20
JOINED = "joined channels"  # somebody who was asked or decided has another number from here on


class StoredIncidents:
    """Incidents inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def propose(self, incident: Incident, why: str) -> Incident:
        """Keep a new incident; give it with its number."""
        incident = msgspec.structs.replace(incident, version=1)
        number = self._connection.scalar(
            insert(t.incidents).values(**_columns(incident)).returning(t.incidents.c.id)
        )
        incident = msgspec.structs.replace(incident, id=number)
        self.happened(incident, "proposed", 0, why)
        return incident

    def by_number(self, number: int) -> Incident | None:
        """Give the incident with this number; nobody else changes it before the turn ends."""
        row = self._connection.execute(
            select(t.incidents).where(t.incidents.c.id == number).with_for_update()
        ).first()
        return _incident(row) if row else None

    def save(self, incident: Incident, what: str, by: int, why: str = "") -> Incident:
        """Keep a change over the version that was read, and that it happened; Stale when it is old."""
        after = msgspec.structs.replace(incident, version=incident.version + 1)
        changed = self._connection.execute(
            update(t.incidents)
            .where(t.incidents.c.id == incident.id, t.incidents.c.version == incident.version)
            .values(**_columns(after))
        )
        if changed.rowcount == 0:
            raise Stale(f"incident {incident.id}")
        self.happened(after, what, by, why)
        return after

    def happened(self, incident: Incident, what: str, by: int, why: str = "") -> None:
        """Keep that something happened that changes nothing in it."""
        self._connection.execute(
            insert(t.incident_events).values(incident=incident.id, at=self._now, what=what, by=by, detail=why)
        )

    def last(self, commune: str, alike: str) -> tuple[Incident, ...]:
        """Give the incidents of a commune about one matter, the newest first, at most twenty."""
        i = t.incidents.c
        rows = self._connection.execute(
            select(t.incidents)
            .where(i.commune == commune, i.alike == alike)
            .order_by(i.id.desc())
            .limit(MANY)
        )
        return tuple(map(_incident, rows))

    def running(self, commune: str) -> tuple[Incident, ...]:
        """Give what runs in a commune, the oldest first."""
        i = t.incidents.c
        rows = self._connection.execute(
            select(t.incidents).where(i.commune == commune, text("state = 'running'")).order_by(i.id)
        )
        return tuple(map(_incident, rows))


def replace_person(connection: Connection, now: datetime, units: list[int], old: int, new: int) -> None:
    """Let another number stand for somebody who was asked of incidents, or decided on them, in these units."""
    stored, places = (
        StoredIncidents(connection, now),
        select(t.units.c.commune).where(t.units.c.id.in_(units)),
    )
    rows = connection.execute(
        select(t.incidents)
        .where(t.incidents.c.commune.in_(places))
        .order_by(t.incidents.c.id)
        .with_for_update()
    ).all()
    for incident in map(_incident, rows):
        if old in (*incident.asked, incident.by, incident.ended_by):
            after = msgspec.structs.replace(
                incident,
                asked=tuple(dict.fromkeys(new if person == old else person for person in incident.asked)),
                by=new if incident.by == old else incident.by,
                ended_by=new if incident.ended_by == old else incident.ended_by,
            )
            stored.save(after, JOINED, new)


def forget(connection: Connection, now: datetime, person: int) -> None:
    """Let somebody's words stand for no incident any more; those of another who waits for it stand for it instead."""
    r, stored = t.requests.c, StoredIncidents(connection, now)
    own = [
        request_of(row)
        for row in connection.execute(select(t.requests).where(r.citizen == person, r.alike == WORDS))
    ]
    rows = connection.execute(
        select(t.incidents)
        .where(t.incidents.c.commune.in_({request.commune for request in own}), t.incidents.c.alike == WORDS)
        .order_by(t.incidents.c.id)
        .with_for_update()
    ).all()
    for incident in map(_incident, rows):
        said = any(
            one.commune == incident.commune and one.words.startswith(incident.words or "\n") for one in own
        )
        if not said:
            continue
        waiting = StoredRequests(connection, now).held_for(incident.id, MANY)
        others = (one.words[:SAMPLE] for one in waiting if one.citizen != person and one.words)
        stored.save(msgspec.structs.replace(incident, words=next(others, "")), "words forgotten", 0)
        told = t.outbox.c.about == f"incident:{incident.id}"
        connection.execute(update(t.outbox).where(told, t.outbox.c.state >= t.SENT).values(message=""))


def _incident(row: Row[Any]) -> Incident:
    return msgspec.structs.replace(_decode(row.details), id=row.id, version=row.version)


def _columns(incident: Incident) -> dict[str, Any]:
    return {
        "commune": incident.commune,
        "alike": incident.alike,
        "state": incident.state,
        "details": _encode(incident).decode(),
        "version": incident.version,
    }
