"""Figures for whoever watches the service: counts only, never people."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, select
from starlette.requests import Request
from starlette.responses import Response

from bot import clock
from bot.store import tables as t
from bot.store.database import Database
from bot.store.spending import month_of

STATES = {t.HELD: "held", t.READY: "ready", t.SENDING: "sending"}
RECENT = timedelta(days=7)  # in which failures count


class Figure(NamedTuple):
    """What is counted; labels name accounts, kinds and reasons."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()


Figures = dict[Figure, float]


def figure(name: str, **labels: str) -> Figure:
    """Give a figure by its name and labels."""
    return Figure(name, tuple(labels.items()))


def figures(database: Database) -> Figures:
    """Give what waits, what is parked, and how old the oldest of it is."""
    now = clock.now()
    with database.read() as connection:
        waiting, oldest = connection.execute(
            select(func.count(), func.min(t.inbox.c.at)).where(t.inbox.c.state == t.WAITING)
        ).one()
        parked = connection.scalar(select(func.count()).where(t.inbox.c.state == t.PARKED)) or 0
        open_rows = connection.execute(
            select(t.outbox.c.account, t.outbox.c.state, func.count(), func.min(t.outbox.c.at))
            .where(t.outbox.c.state < t.SENT)
            .group_by(t.outbox.c.account, t.outbox.c.state)
        ).all()
        doubts = connection.scalar(select(func.count()).where(t.outbox.c.again)) or 0
        failed = connection.execute(
            select(t.outbox.c.account, t.outbox.c.kind, func.count())
            .where(t.outbox.c.at > now - RECENT, t.outbox.c.state == t.FAILED, ~_said_elsewhere())
            .group_by(t.outbox.c.account, t.outbox.c.kind)
        ).all()
        spent = connection.execute(
            select(
                t.spending.c.account, t.spending.c.cost, t.spending.c.messages, t.spending.c.remaining
            ).where(t.spending.c.month == month_of(now))
        ).all()
        pairs = connection.execute(
            select(t.tokens.c.account, t.tokens.c.since, t.tokens.c.until, t.tokens.c.trouble)
        ).all()
    found: Figures = {
        figure("inbox_waiting"): waiting,
        figure("inbox_oldest_seconds"): (now - oldest).total_seconds() if oldest else 0.0,
        figure("inbox_parked"): parked,
        figure("outbox_in_doubt"): doubts,
    }
    for account, state, count, first in open_rows:
        found[figure(f"outbox_{STATES[state]}", account=account)] = count
        if state == t.READY:
            found[figure("outbox_oldest_seconds", account=account)] = (now - first).total_seconds()
    for account, kind, count in failed:
        found[figure("outbox_failed_in_a_week", account=account, kind=kind)] = count
    for account, cost, messages, remaining in spent:
        found[figure("spent_this_month", account=account, cost=cost)] = messages
        if remaining is not None:
            found[figure("quota_left", account=account, cost=cost)] = remaining
    for account, since, until, trouble in pairs:
        found[figure("token_age_seconds", account=account)] = (now - since).total_seconds()
        found[figure("token_seconds_left", account=account)] = (until - now).total_seconds()
        found[figure("token_in_trouble", account=account)] = float(bool(trouble))
    return found


def _said_elsewhere() -> ColumnElement[bool]:
    """Hold for a message that another one repeats on the person's next chat; what failed there counts there."""
    o, later = t.outbox.c, t.outbox.alias("later")
    first = func.coalesce(o.instead, o.id)
    return exists().where(later.c.instead == first, later.c.instead.is_not(None), later.c.id > o.id)


def written(counted: Figures) -> bytes:
    """Give figures as Prometheus reads them."""
    # Loaded late: most offices never ask, and would wait for it at each start.
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    gauges: dict[str, Gauge] = {}
    for (name, labels), value in counted.items():
        if name not in gauges:
            words = name.replace("_", " ")
            gauges[name] = Gauge(f"toso_{name}", words, [label for label, _ in labels], registry=registry)
        (gauges[name].labels(**dict(labels)) if labels else gauges[name]).set(value)
    return generate_latest(registry)


def page(read: Callable[[], Figures]) -> Callable[[Request], Awaitable[Response]]:
    """Give the page that Prometheus reads."""

    async def show(request: Request) -> Response:
        return Response(
            await asyncio.to_thread(lambda: written(read())), media_type="text/plain; version=0.0.4"
        )

    return show
