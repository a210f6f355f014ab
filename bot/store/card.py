"""Keeps what `handlers.records.card.Card` asks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from bot.store import tables as t
from handlers.records.card import KINDS, Line, Told

PASSED: dict[Told, tuple[Told, ...]] = {"ending": ("",), "ended": ("", "ending")}


class StoredCard:
    """The cards of communes, inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def lines(self, commune: str) -> tuple[Line, ...]:
        """Give what stands on a commune's card now, kind by kind, the oldest first."""
        return lines_of(self._connection, commune)

    def line(self, number: int) -> Line | None:
        """Give a line, on the card or not."""
        row = self._connection.execute(select(t.card_lines).where(t.card_lines.c.id == number)).first()
        return _line(row) if row else None

    def put(self, line: Line) -> bool:
        """Put a line on the card, in the place of the one it follows; False where that is there no more."""
        if line.follows and not self.take(line.follows, line.by):
            return False
        self._connection.execute(
            insert(t.card_lines).values(
                commune=line.commune,
                kind=line.kind,
                words=line.words,
                day=line.day.isoformat(),
                by=line.by,
                at=self._now,
                follows=line.follows,
            )
        )
        return True

    def take(self, number: int, person: int) -> bool:
        """Take a line off the card; False where it is there no more."""
        c = t.card_lines.c
        taken = self._connection.execute(
            update(t.card_lines)
            .where(c.id == number, c.over.is_(None))
            .values(over=self._now, over_by=person)
        )
        return taken.rowcount == 1

    def history(self, commune: str, most: int) -> tuple[Line, ...]:
        """Give the lines of a commune that were put or taken last, the newest first, those taken off too."""
        c = t.card_lines.c
        rows = self._connection.execute(
            select(t.card_lines)
            .where(c.commune == commune)
            .order_by(func.coalesce(c.over, c.at).desc(), c.id.desc())
            .limit(most)
        )
        return tuple(map(_line, rows))

    def ending(self, day: date, told: Told) -> tuple[Line, ...]:
        """Give the lines that hold no longer than that day and whose authors have not been told this."""
        c = t.card_lines.c
        rows = self._connection.execute(
            select(t.card_lines)
            .where(c.over.is_(None), c.day <= day.isoformat(), c.told.in_(PASSED[told]))
            .order_by(c.day, c.id)
        )
        return tuple(map(_line, rows))

    def tell(self, lines: tuple[Line, ...], told: Told) -> None:
        """Note what has been said about the end of these lines."""
        c = t.card_lines.c
        self._connection.execute(
            update(t.card_lines).where(c.id.in_([line.id for line in lines])).values(told=told)
        )


def lines_of(connection: Connection, commune: str) -> tuple[Line, ...]:
    """Give what stands on a commune's card now, kind by kind, the oldest first."""
    c = t.card_lines.c
    rows = connection.execute(select(t.card_lines).where(c.commune == commune, c.over.is_(None)))
    return tuple(sorted(map(_line, rows), key=lambda line: (KINDS.index(line.kind), line.id)))


def written_by(connection: Connection, person: int) -> list[Line]:
    """Give the lines that somebody has written, the oldest first."""
    c = t.card_lines.c
    return [
        _line(row) for row in connection.execute(select(t.card_lines).where(c.by == person).order_by(c.id))
    ]


def sign_over(connection: Connection, old: int, new: int) -> None:
    """Let one number stand for another in all lines: the two turned out to be one person."""
    c = t.card_lines.c
    connection.execute(update(t.card_lines).where(c.by == old).values(by=new))
    connection.execute(update(t.card_lines).where(c.over_by == old).values(over_by=new))


def _line(row: Row[Any]) -> Line:
    return Line(
        id=row.id,
        commune=row.commune,
        kind=row.kind,
        words=row.words,
        day=date.fromisoformat(row.day),
        by=row.by,
        at=row.at,
        follows=row.follows,
        told=row.told,
        over=row.over,
        over_by=row.over_by,
    )
