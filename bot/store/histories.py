"""Keeps what `handlers.records.histories.Histories` asks, and gives all requests of some days to an export.

Rows are read as they are needed, so a province's year takes no more memory than a village's day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from bot.store import tables as t
from bot.store.requests import request_of
from handlers.records.histories import Happened, Lived
from handlers.rules.histories import COUNTED

PIECE = 500  # requests whose events are read together


class StoredHistories:
    """What requests have been through, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_team(self, team: int, since: datetime, until: datetime) -> Iterator[Lived]:
        """Give the requests of a team that were under way, or ended, between two moments."""
        return self._lived(_under_way(t.requests.c.team == team, since, until))

    def of_commune(self, commune: str, since: datetime, until: datetime) -> Iterator[Lived]:
        """Give those of a commune, of its teams and of its office."""
        return self._lived(_under_way(t.requests.c.commune == commune, since, until))

    def of_communes(self, communes: Collection[str], since: datetime, until: datetime) -> Iterator[Lived]:
        """Give those of several communes, one after another."""
        for commune in communes:
            yield from self.of_commune(commune, since, until)

    def opened(
        self, since: datetime, until: datetime, communes: Collection[str] = (), team: int = 0
    ) -> Iterator[Lived]:
        """Give the requests opened between two moments, in their order; of a team or communes where these are named."""
        r = t.requests.c
        query = select(t.requests).where(r.opened >= since, r.opened < until).order_by(r.opened, r.id)
        if team:
            query = query.where(r.team == team)
        elif communes:
            query = query.where(r.commune.in_(communes))
        return self._lived(query)

    def _lived(self, query: Select[Any]) -> Iterator[Lived]:
        e = t.request_events.c
        with self._connection.execute(query, execution_options={"yield_per": PIECE}) as result:
            for rows in result.partitions():
                ids = [row.id for row in rows]
                happened = self._connection.execute(
                    select(e.request, e.at, e.what, e.by)
                    .where(e.request.in_(ids), e.what.in_(COUNTED))
                    .order_by(e.request, e.id)
                )
                events = {
                    number: tuple(Happened(row.at, row.what, row.by) for row in of)
                    for number, of in groupby(happened, key=lambda row: row.request)
                }
                for row in rows:
                    yield Lived(request_of(row), events.get(row.id, ()))


def _under_way(whose: ColumnElement[bool], since: datetime, until: datetime) -> Select[Any]:
    r = t.requests.c
    return (
        select(t.requests)
        .where(whose, r.opened < until, or_(and_(whose, r.closed >= since), and_(whose, r.closed.is_(None))))
        .order_by(r.id)
    )
