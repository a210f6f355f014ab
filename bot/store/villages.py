"""Keeps what `handlers.records.villages.Villages` asks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from bot.store import tables as t
from handlers.records.villages import Edit, Listed
from handlers.rules.reporting import day_begins
from handlers.rules.routing import alike


class StoredVillages:
    """The lists of villages, inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def listed(self, commune: str) -> tuple[Listed, ...]:
        """Give the villages that have not ended, those to come too, in the order in which they came."""
        v = t.villages.c
        rows = self._connection.execute(
            select(t.villages)
            .where(v.commune == commune, or_(v.until.is_(None), v.until > self._now))
            .order_by(v.id)
        )
        return tuple(map(_listed, rows))

    def one(self, number: int) -> Listed | None:
        """Give a village, in the list or not."""
        row = self._connection.execute(select(t.villages).where(t.villages.c.id == number)).first()
        return _listed(row) if row else None

    def teams(self, village: int) -> tuple[int, ...]:
        """Give the teams that help there, in fixed order."""
        c, u = t.covers.c, t.units.c
        rows = self._connection.scalars(
            select(c.unit)
            .join(t.units, u.id == c.unit)
            .where(
                c.village == village,
                or_(c.until.is_(None), c.until > self._now),
                or_(u.until.is_(None), u.until > self._now),
            )
            .distinct()
            .order_by(c.unit)
        )
        return tuple(rows)

    def keep(self, edit: Edit) -> Edit | None:
        """Change the list and keep who did it; None where somebody else has changed the same meanwhile."""
        u = t.units.c
        # Whoever edits belongs to a unit of the commune, so its rows order all who edit the same list.
        self._connection.execute(
            select(u.id).where(u.commune == edit.commune).order_by(u.id).with_for_update()
        ).all()
        listed = self.listed(edit.commune)
        going_on = {village.id for village in listed if village.until is None}
        others = [village for village in listed if village.id not in edit.ended]
        taken = edit.name and any(alike(village.name, edit.name) for village in others)
        if not going_on.issuperset(edit.ended) or (taken if not edit.heir else edit.heir not in going_on):
            return None
        start = day_begins(edit.day)
        heir = edit.heir
        if not heir and edit.act != "end":
            values = {"commune": edit.commune, "name": edit.name, "since": start}
            made = self._connection.scalar(insert(t.villages).values(values).returning(t.villages.c.id))
            heir = made or 0
        self._connection.execute(
            update(t.villages).where(t.villages.c.id.in_(edit.ended)).values(until=start, became=heir)
        )
        helping = edit.teams
        if heir and not self.teams(heir):  # whoever helped there goes on, unless another team helps there
            helping = next(filter(None, map(self.teams, edit.ended)), helping)
        for team in helping:
            self._connection.execute(insert(t.covers).values(unit=team, village=heir, since=start))
        number = 0
        for village in edit.ended or (heir,):
            row = {
                "entry": number,
                "commune": edit.commune,
                "act": edit.act,
                "village": village,
                "heir": heir if edit.ended else 0,
                "name": edit.name,
                "day": edit.day.isoformat(),
                "by": edit.by,
                "at": self._now,
            }
            kept = self._connection.scalar(
                insert(t.village_edits).values(row).returning(t.village_edits.c.id)
            )
            number = number or kept or 0
        return self.edit(number)

    def edit(self, number: int) -> Edit | None:
        """Give a change by its number."""
        return next(iter(self._edits([number])), None)

    def rename_teams(self, edit: Edit) -> None:
        """Let teams that are called by what a change has ended be called by what took its place."""
        heir = self.one(edit.heir)
        names = [village.name for number in edit.ended if (village := self.one(number))]
        if heir is None:
            return
        helping = select(t.covers.c.unit).where(t.covers.c.village == heir.id, t.covers.c.until.is_(None))
        self._connection.execute(
            update(t.units)
            .where(t.units.c.kind == "team", t.units.c.village.in_(names), t.units.c.id.in_(helping))
            .values(village=heir.name)
        )

    def history(self, commune: str, most: int) -> tuple[Edit, ...]:
        """Give the changes of a commune's list, the newest first."""
        c = t.village_edits.c
        numbers = self._connection.scalars(
            select(c.id).where(c.commune == commune, c.entry == 0).order_by(c.id.desc()).limit(most)
        ).all()
        return tuple(reversed(self._edits(list(numbers))))

    def _edits(self, numbers: list[int]) -> tuple[Edit, ...]:
        c = t.village_edits.c
        rows = self._connection.execute(
            select(t.village_edits).where(or_(c.id.in_(numbers), c.entry.in_(numbers))).order_by(c.id)
        ).all()
        return tuple(
            Edit(
                id=first.id,
                commune=first.commune,
                act=first.act,
                ended=()
                if first.act == "add"
                else tuple(row.village for row in rows if first.id in (row.id, row.entry)),
                heir=first.village if first.act == "add" else first.heir,
                name=first.name,
                day=date.fromisoformat(first.day),
                by=first.by,
                at=first.at,
            )
            for first in rows
            if first.entry == 0
        )


def edited_by(connection: Connection, person: int) -> list[dict[str, object]]:
    """Give what somebody has changed in lists of villages, the oldest first, ready to be exported."""
    c = t.village_edits.c
    rows = connection.execute(
        select(c.day, c.act, c.name, c.at).where(c.by == person, c.entry == 0).order_by(c.id)
    )
    return [dict(row) for row in rows.mappings()]


def sign_over(connection: Connection, old: int, new: int) -> None:
    """Let one number stand for another in all changes: the two turned out to be one person."""
    connection.execute(update(t.village_edits).where(t.village_edits.c.by == old).values(by=new))


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        id=row.id, commune=row.commune, name=row.name, since=row.since, until=row.until, became=row.became
    )
