"""Figures for whoever watches the service: counts only, never people."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response

from bot import clock
from bot.store import tables as t
from bot.store.database import Database

STATES = {t.HELD: "held", t.READY: "ready", t.SENDING: "sending"}


def figures(database: Database) -> dict[str, float]:
    """Give what waits, what is parked, and how old the oldest of it is."""
    now = clock.now()
    with database.read() as connection:
        waiting, oldest = connection.execute(
            select(func.count(), func.min(t.inbox.c.at)).where(t.inbox.c.state == t.WAITING)
        ).one()
        parked = connection.scalar(select(func.count()).where(t.inbox.c.state == t.PARKED)) or 0
        open_rows = connection.execute(
            select(t.outbox.c.state, func.count(), func.min(t.outbox.c.at))
            .where(t.outbox.c.state < t.SENT)
            .group_by(t.outbox.c.state)
        ).all()
        doubts = connection.scalar(select(func.count()).where(t.outbox.c.again)) or 0
    found: dict[str, float] = {
        "inbox_waiting": waiting,
        "inbox_oldest_seconds": (now - oldest).total_seconds() if oldest else 0.0,
        "inbox_parked": parked,
        "outbox_in_doubt": doubts,
    }
    for name in STATES.values():
        found[f"outbox_{name}"] = 0
    for row in open_rows:
        found[f"outbox_{STATES[row.state]}"] = row[1]
        if row.state == t.READY:
            found["outbox_oldest_seconds"] = (now - row[2]).total_seconds()
    return found


def written(counted: dict[str, float]) -> bytes:
    """Give figures as Prometheus reads them."""
    # Loaded late: most offices never ask, and would wait for it at each start.
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    for name, value in counted.items():
        Gauge(f"toso_{name}", name.replace("_", " "), registry=registry).set(value)
    return generate_latest(registry)


def page(read: Callable[[], dict[str, float]]) -> Callable[[Request], Awaitable[Response]]:
    """Give the page that Prometheus reads."""

    async def show(request: Request) -> Response:
        return Response(
            await asyncio.to_thread(lambda: written(read())), media_type="text/plain; version=0.0.4"
        )

    return show
