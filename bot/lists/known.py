"""What the database holds of places, teams and invited people, read once for a list that is judged by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.store import tables as t


class Known:
    """Units, villages, what covers what, invitations and targets."""

    def __init__(
        self,
        units: list[Row[Any]],
        villages: list[Row[Any]],
        covers: list[Row[Any]],
        invitations: list[Row[Any]],
        edits: Sequence[Row[Any]] = (),
        targets: Sequence[Row[Any]] = (),
    ) -> None:
        self.units = units
        self.villages = villages
        self.invitations = invitations
        self.targets = targets
        self.covers: dict[int, dict[int, Row[Any]]] = defaultdict(dict)  # open ones, by unit and village
        for row in covers:
            self.covers[row.unit][row.village] = row
        # Villages as the chat has left them: what began there, and what ended there.
        self.begun = {row.heir or row.village for row in edits if row.act != "end"}
        self.ended = {row.village for row in edits if row.act != "add"}

    @classmethod
    def of(cls, connection: Connection) -> Known:
        """Read it within a transaction."""
        i = t.invitations.c

        def every(query: Any) -> list[Row[Any]]:
            return list(connection.execute(query).all())

        return cls(
            every(select(t.units).order_by(t.units.c.id)),
            every(select(t.villages).order_by(t.villages.c.id)),
            every(select(t.covers).where(t.covers.c.until.is_(None)).order_by(t.covers.c.id)),
            every(select(t.invitations).where(i.staged == "").order_by(i.code)),
            every(select(t.village_edits).order_by(t.village_edits.c.id)),
            every(select(t.targets).order_by(t.targets.c.id)),
        )
