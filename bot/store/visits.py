"""Keeps what `handlers.records.visits.Visits` asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, func, insert, or_, select, update

from bot.store import tables as t
from handlers.records.doors import Door
from handlers.records.visits import Count, Kind, Visit
from handlers.rules.areas import area_of


class StoredVisits:
    """Visits inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def keep(self, visit: Visit) -> int:
        """Keep a visit and give its number."""
        number = 0
        for count in visit.counts:
            row = {
                "entry": number,
                "unit": visit.unit,
                "village": visit.village,
                "kind": count.kind,
                "topic": count.topic,
                "count": count.count,
                "minutes": None if number else visit.minutes,
                "day": visit.day.isoformat(),
                "by": visit.by,
                "at": self._now,
                "sheet": visit.sheet,
            }
            kept = self._connection.scalar(insert(t.visits).values(row).returning(t.visits.c.id))
            number = number or kept or 0
        return number

    def on(self, unit: int, day: date) -> tuple[Visit, ...]:
        """Give what was told of a unit on a day and not taken back, in the order in which it came."""
        c = t.visits.c
        rows = self._connection.execute(
            select(t.visits).where(c.unit == unit, c.day == day.isoformat(), c.over.is_(None)).order_by(c.id)
        )
        return _visits(rows.mappings())

    def told_with(self, number: int) -> tuple[Visit, ...]:
        """Give what somebody told in the same message as this visit, itself included, and has not taken back."""
        c = t.visits.c
        one = self._connection.execute(select(c.by, c.sheet).where(c.id == number)).first()
        if one is None or not one.by:
            return ()
        first = one.sheet or number
        same = or_(c.id == first, c.entry == first, c.sheet == first)
        rows = self._connection.execute(
            select(t.visits).where(c.by == one.by, c.id >= first, same, c.over.is_(None)).order_by(c.id)
        )
        return _visits(rows.mappings())

    def last(self, person: int) -> Visit | None:
        """Give what somebody told last and has not taken back."""
        c = t.visits.c
        number = self._connection.scalar(
            select(c.id).where(c.by == person, c.entry == 0, c.over.is_(None)).order_by(c.id.desc()).limit(1)
        )
        return self._visit(number) if number else None

    def take_back(self, number: int, person: int) -> bool:
        """Leave out a visit that somebody told themselves; False where it is not theirs, or out already."""
        c = t.visits.c
        taken = self._connection.execute(
            update(t.visits)
            .where(or_(c.id == number, c.entry == number), c.by == person, c.over.is_(None))
            .values(over=self._now)
        )
        return taken.rowcount > 0

    def counted(self, unit: int, villages: Sequence[str], first: date, last: date) -> dict[Kind, int]:
        """Add up what was told of a village, by any of its names, or of the whole unit, from one day to another."""
        c = t.visits.c
        rows = self._connection.execute(
            select(c.kind, func.sum(c.count))
            .where(
                c.unit == unit,
                c.day.between(first.isoformat(), last.isoformat()),
                c.over.is_(None),
                *([c.village.in_(villages)] if villages else []),
            )
            .group_by(c.kind)
        )
        return {kind: int(total) for kind, total in rows}

    def doors(self, first: date, last: date, *, unit: int = 0, commune: str = "") -> list[Door]:
        """Give the households helped at their doors, of a unit or of all units of a commune, by village and matter."""
        found = doors(self._connection, first, last, unit=unit, communes=(commune,) if commune else ())
        return [door for _commune, door in found]

    def _visit(self, number: int) -> Visit:
        c = t.visits.c
        found = self._connection.execute(
            select(t.visits).where(or_(c.id == number, c.entry == number)).order_by(c.id)
        )
        return _told(found.mappings().all())


def _visits(rows: Iterable[RowMapping]) -> tuple[Visit, ...]:
    """Give the visits that rows are of, in the order of their first rows."""
    entries: dict[int, list[RowMapping]] = {}
    for row in rows:
        entries.setdefault(row["entry"] or row["id"], []).append(row)
    return tuple(map(_told, entries.values()))


def _told(rows: Sequence[RowMapping]) -> Visit:
    """Give the visit of a line's rows."""
    first = rows[0]
    return Visit(
        id=first["id"],
        unit=first["unit"],
        village=first["village"],
        day=date.fromisoformat(first["day"]),
        counts=tuple(Count(row["kind"], row["count"], row["topic"]) for row in rows),
        minutes=first["minutes"],
        by=first["by"],
        at=first["at"],
        sheet=first["sheet"],
    )


def doors(
    connection: Connection, first: date, last: date, *, unit: int = 0, communes: tuple[str, ...] = ()
) -> list[tuple[str, Door]]:
    """Give the same of a unit, or of several communes, each with the commune it is in."""
    c, where = t.visits.c, t.units.c.id == unit if unit else t.units.c.commune.in_(communes)
    rows = connection.execute(
        select(t.units.c.commune, c.village, c.topic, func.sum(c.count))
        .join(t.units, t.units.c.id == c.unit)
        .where(
            where,
            c.kind == "household",
            c.day.between(first.isoformat(), last.isoformat()),
            c.over.is_(None),
        )
        .group_by(t.units.c.commune, c.village, c.topic)
        .order_by(c.village, c.topic)
    )
    return [(commune, Door(village, area_of(topic), int(total))) for commune, village, topic, total in rows]


def told_by(connection: Connection, person: int) -> list[dict[str, object]]:
    """Give the rows that somebody has told, the oldest first, ready to be exported."""
    c = t.visits.c
    rows = connection.execute(
        select(c.day, c.village, c.kind, c.topic, c.count, c.minutes, c.at)
        .where(c.by == person)
        .order_by(c.id)
    )
    return [dict(row) for row in rows.mappings()]


def sign_over(connection: Connection, old: int, new: int) -> None:
    """Let one number stand for another in all rows; 0 for nobody: the figures stay."""
    connection.execute(update(t.visits).where(t.visits.c.by == old).values(by=new))
