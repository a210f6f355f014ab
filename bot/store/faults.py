"""Calls of a webhook that came without their proof, added up for whoever asks later, in another process too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, case, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.store import tables as t

OVER = timedelta(days=7)  # without another one the next begins a new count


class Unproven(msgspec.Struct, frozen=True):
    """What an account was called with in vain, and nothing that is believed has come since."""

    account: str
    fault: str  # as the channel calls it: "secret" or "signature"
    calls: int
    at: datetime  # of the last of them


def note(connection: Connection, now: datetime, calls: Mapping[tuple[str, str], int]) -> None:
    """Add calls, by account and fault."""
    put = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    f = t.faults.c
    for (account, fault), count in sorted(calls.items()):
        row = put(t.faults).values(account=account, fault=fault, calls=count, at=now)
        connection.execute(
            row.on_conflict_do_update(
                index_elements=[f.account, f.fault],
                set_={
                    "calls": row.excluded.calls + case((f.at < now - OVER, 0), else_=f.calls),
                    "at": row.excluded.at,
                },
            )
        )


def unproven(connection: Connection, now: datetime) -> list[Unproven]:
    """Give the accounts whose newest calls have all come without their proof; strangers' calls amid others are none."""
    f = t.faults.c
    rows = connection.execute(
        select(f.account, f.fault, f.calls, f.at).where(f.at > now - OVER).order_by(f.account)
    ).all()
    return [Unproven(*row) for row in rows if not _believed_since(connection, row.account, row.at)]


def _believed_since(connection: Connection, account: str, moment: datetime) -> bool:
    i = t.inbox.c
    since = select(func.count()).where(i.at > moment, i.account == account)
    return bool(connection.scalar(since))
