"""What was sent in a month, by what it costs: a platform's quota and the office's bill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.clock import VIETNAM
from bot.store import tables as t


class Spent(msgspec.Struct, frozen=True):
    """Messages of one cost."""

    cost: str  # as the channel calls it, such as "free" or "billed"
    messages: int
    remaining: int | None  # what the platform last said is left; None where it does not say
    at: datetime  # of the last of them


def month_of(moment: datetime) -> str:
    """Give the month a message is counted in, such as "2026-11": Vietnam's, as the platforms bill."""
    return f"{moment.astimezone(VIETNAM):%Y-%m}"


def count(
    connection: Connection, account: str, now: datetime, sent: Sequence[tuple[str, int | None, int]]
) -> None:
    """Add what was sent: its cost, what the platform says is left, and as how many messages it counts.

    The last word on what is left stays.
    """
    counted: dict[str, tuple[int, int | None]] = {}
    for cost, left, messages in sent:
        so_far, before = counted.get(cost, (0, None))
        counted[cost] = so_far + messages, before if left is None else left
    put = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    for cost, (messages, left) in sorted(counted.items()):
        row = put(t.spending).values(
            account=account, month=month_of(now), cost=cost, messages=messages, remaining=left, at=now
        )
        connection.execute(
            row.on_conflict_do_update(
                index_elements=[t.spending.c.account, t.spending.c.month, t.spending.c.cost],
                set_={
                    "messages": t.spending.c.messages + row.excluded.messages,
                    "remaining": func.coalesce(row.excluded.remaining, t.spending.c.remaining),
                    "at": row.excluded.at,
                },
            )
        )


def month(connection: Connection, account: str, month: str) -> list[Spent]:
    """Give what an account has sent in a month, by cost."""
    s = t.spending.c
    rows = connection.execute(
        select(s.cost, s.messages, s.remaining, s.at)
        .where(s.account == account, s.month == month)
        .order_by(s.cost)
    )
    return [Spent(*row) for row in rows]


def used(connection: Connection, account: str, moment: datetime) -> int:
    """Give how many messages an account has sent in the month of this moment, whatever they cost."""
    return sum(spent.messages for spent in month(connection, account, month_of(moment)))


def heard(connection: Connection, account: str, moment: datetime) -> int:
    """Give how many messages an account has heard in the month of this moment, as far as their keys are kept."""
    first = moment.astimezone(VIETNAM).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    i = t.inbox.c
    return connection.scalar(select(func.count()).where(i.account == account, i.at >= first)) or 0
