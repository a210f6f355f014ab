"""Puts what is due into the inbox, once, and lets go of messages that were held back."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import msgspec
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.clock import VIETNAM
from bot.store import tables as t
from bot.turns import MAILBOXES, NUMBER
from handlers.talk import Due

DAILY = {"reports.plan": time(0, 5)}  # what is put before the conversations every day, at Vietnam's time


def daily(connection: Connection, now: datetime) -> None:
    """Keep a row for every daily event of today and tomorrow; its key makes a second one harmless."""
    put = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    today = now.astimezone(VIETNAM).date()
    rows = []
    for name, hour in DAILY.items():
        for day in (today, today + timedelta(days=1)):
            at = datetime.combine(day, hour, VIETNAM)
            due = Due(name=name, about=name.partition(".")[0], at=at, facts={"day": day.isoformat()})
            event = msgspec.json.encode(due).decode()
            rows.append({"key": f"{name}:{day}", "at": at, "about": due.about, "event": event})
    connection.execute(put(t.due).on_conflict_do_nothing(), rows)


def release(connection: Connection, now: datetime) -> set[str]:
    """Give held messages their number when their time has come; what is too old is withdrawn.

    Gives the accounts that now have something to send.
    """
    rows = connection.execute(
        select(t.outbox.c.id, t.outbox.c.contact, t.outbox.c.until)
        .where(t.outbox.c.state == t.HELD, t.outbox.c.not_before <= now)
        .order_by(t.outbox.c.contact, t.outbox.c.id)
        .limit(500)
        .with_for_update(skip_locked=True)
    ).all()
    accounts = set()
    for row in rows:
        if row.until is not None and row.until < now:
            connection.execute(update(t.outbox).where(t.outbox.c.id == row.id).values(state=t.WITHDRAWN))
            continue
        number, account = connection.execute(NUMBER, {"its_id": row.contact, "more": 1}).one()
        mailbox = account.partition(":")[0] in MAILBOXES
        connection.execute(
            update(t.outbox)
            .where(t.outbox.c.id == row.id)
            .values(number=number, state=t.SENT if mailbox else t.READY, sent=now if mailbox else None)
        )
        accounts.add(account)
    return accounts
