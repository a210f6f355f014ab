"""What is kept how long: one table, purged in small batches so that nobody waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from bot.settings import Settings
from bot.store import tables as t
from bot.store.writer import Writer

BATCH = 500  # rows in one transaction


class Rule:
    """One line of the table: what goes, after how many days, by which setting."""

    def __init__(self, what: str, setting: str, job: Callable[[Connection, datetime], int]) -> None:
        self.what = what
        self.setting = setting
        self.job = job  # purges one batch of what is older than this; gives how many rows it was


def _some(table: Any, *where: Any) -> Any:
    return select(table.c.id).where(*where).order_by(table.c.id).limit(BATCH)


def _keys(connection: Connection, before: datetime) -> int:
    some = _some(t.inbox, t.inbox.c.state == t.DONE, t.inbox.c.at < before)
    gone: int = connection.execute(delete(t.inbox).where(t.inbox.c.id.in_(some))).rowcount
    gone += connection.execute(
        delete(t.due).where(
            t.due.c.key.in_(select(t.due.c.key).where(t.due.c.done, t.due.c.at < before).limit(BATCH))
        )
    ).rowcount
    return gone


def _sent(connection: Connection, before: datetime) -> int:
    over = t.outbox.c.state.in_((t.SENT, t.FAILED, t.WITHDRAWN, t.DOUBT))
    some = _some(t.outbox, over, t.outbox.c.at < before, t.outbox.c.message != "")
    return connection.execute(
        update(t.outbox).where(t.outbox.c.id.in_(some)).values(message="", voice="")
    ).rowcount


def _parked(connection: Connection, before: datetime) -> int:
    some = _some(t.inbox, t.inbox.c.state == t.PARKED, t.inbox.c.at < before)
    return connection.execute(delete(t.inbox).where(t.inbox.c.id.in_(some))).rowcount


def _talks(connection: Connection, before: datetime) -> int:
    c = t.conversations.c
    unused = ~select(t.roles.c.id).where(t.roles.c.person == c.id).exists()
    some = _some(
        t.conversations,
        ~c.consented,
        c.about.is_(None),
        c.touched < before,
        or_(c.talk != "", c.person != ""),
        unused,
    )
    numbers = [row.id for row in connection.execute(some)]
    if not numbers:
        return 0
    contacts = select(t.contacts.c.id).where(t.contacts.c.conversation.in_(numbers))
    connection.execute(update(t.outbox).where(t.outbox.c.contact.in_(contacts)).values(message="", voice=""))
    return connection.execute(
        update(t.conversations).where(c.id.in_(numbers)).values(talk="", person="")
    ).rowcount


def _audit(connection: Connection, before: datetime) -> int:
    return connection.execute(
        delete(t.audit).where(t.audit.c.id.in_(_some(t.audit, t.audit.c.at < before)))
    ).rowcount


RULES = (
    Rule("update ids, so that a repeat is known as one", "keep_keys", _keys),
    Rule("words of messages that were sent", "keep_sent", _sent),
    Rule("events that could not be decided", "keep_parked", _parked),
    Rule("talks of people who agreed to nothing", "keep_talks", _talks),
    Rule("who did what", "keep_audit", _audit),
)


def purge(writer: Writer, settings: Settings, now: datetime) -> dict[str, int]:
    """Erase what has been kept long enough; give how many rows by setting."""
    gone: dict[str, int] = {}
    for rule in RULES:
        before = now - timedelta(days=getattr(settings, rule.setting))
        while some := _batch(writer, rule, before):
            gone[rule.setting] = gone.get(rule.setting, 0) + some
    return gone


def _batch(writer: Writer, rule: Rule, before: datetime) -> int:
    return writer.submit(lambda connection: rule.job(connection, before)).result()
