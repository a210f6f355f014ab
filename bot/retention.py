"""What is kept how long: one table, purged in small batches so that nobody waits.

Nothing that still waits is touched, however old it is: an event to be decided,
a message to be sent, a request to be helped with.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, Table, delete, func, select

from bot.settings import Settings
from bot.store import media, misses, requests
from bot.store import tables as t
from bot.store.database import Database
from bot.store.writer import Writer
from handlers.rules import periods, reporting
from handlers.turn import Shelf

BATCH = 500  # rows of one table in one transaction
TALKS = 50  # talks in one transaction: each has its messages and tokens with it


class Rule(msgspec.Struct, frozen=True):
    """One line of the table."""

    what: str
    setting: str  # which says after how many days
    old: Callable[[datetime], Select[Any]]  # asks for keys of what is older than this, a batch at most
    purge: Callable[[Connection, list[Any]], None]  # erases the rows with these keys


def _erase(table: Table) -> Callable[[Connection, list[Any]], None]:
    key = table.primary_key.columns[0]

    def purge(connection: Connection, keys: list[Any]) -> None:
        connection.execute(delete(table).where(key.in_(keys)))

    return purge


def _decided(before: datetime) -> Select[Any]:
    i = t.inbox.c
    return select(i.id).where(i.at < before, i.state == t.DONE).order_by(i.at).limit(BATCH)


def _happened(before: datetime) -> Select[Any]:
    d = t.due.c
    return select(d.key).where(d.at < before, d.done).order_by(d.at).limit(BATCH)


def _sent(before: datetime) -> Select[Any]:
    o = t.outbox.c
    return select(o.id).where(o.at < before, o.state >= t.SENT).order_by(o.at).limit(BATCH)


def _parked(before: datetime) -> Select[Any]:
    i = t.inbox.c
    return select(i.id).where(i.at < before, i.state == t.PARKED).order_by(i.at).limit(BATCH)


def _talks(before: datetime) -> Select[Any]:
    """Ask for talks of people who agreed to nothing, hold no role and have nothing under way.

    Those with the newest numbers stay: SQLite gives a number that is free to the next who comes,
    and an open page might then read a stranger's messages.
    """
    c, contact, event = t.conversations.c, t.contacts.c, t.inbox.c
    unsent = select(contact.conversation).join(t.outbox, t.outbox.c.contact == contact.id)
    newest = contact.id == select(func.max(contact.id)).scalar_subquery()
    busy = (
        select(t.roles.c.id).where(t.roles.c.person == c.id).exists(),
        select(t.requests.c.id).where(t.requests.c.citizen == c.id).exists(),
        # Few wait at any time: they are listed once, each by its own index.
        c.id.in_(select(event.conversation).where(event.state == t.WAITING)),
        c.id.in_(select(event.conversation).where(event.state == t.PARKED)),
        c.id.in_(unsent.where(t.outbox.c.state < t.SENT)),
        c.id.in_(select(t.misses.c.person).where(t.misses.c.person != 0)),  # they are promised an answer
        # A group chat has agreed to nothing, and is written to for as long as a team has it.
        select(t.team_groups.c.id)
        .where(t.team_groups.c.chat == c.id, t.team_groups.c.linked, t.team_groups.c.ended.is_(None))
        .exists(),
        select(contact.id).where(contact.conversation == c.id, newest).exists(),
        c.id == select(func.max(c.id)).scalar_subquery(),
    )
    a_persons = func.coalesce(c.about, "") == ""  # said so that SQLite looks by time, not by this
    return (
        select(c.id)
        .where(c.touched < before, ~c.consented, a_persons, *(~reason for reason in busy))
        .order_by(c.touched)
        .limit(TALKS)
    )


def _purge_talks(connection: Connection, talks: list[int]) -> None:
    """Erase talks with all that hangs on them; whoever writes again is met anew."""
    c = t.contacts.c
    contacts = select(c.id).where(c.conversation.in_(talks))
    pages = select(c.chat).where(c.conversation.in_(talks), c.account == "web")
    connection.execute(delete(t.web_talks).where(t.web_talks.c.chat.in_(pages)))
    over = t.outbox.c.state >= t.SENT
    connection.execute(delete(t.outbox).where(t.outbox.c.contact.in_(contacts), over))
    # Where somebody writes at this very moment, the next line fails, and the talk stays.
    decided = t.inbox.c.state == t.DONE
    connection.execute(delete(t.inbox).where(t.inbox.c.conversation.in_(talks), decided))
    connection.execute(delete(t.link_codes).where(t.link_codes.c.conversation.in_(talks)))
    media.let_go(connection, t.media.c.conversation.in_(talks))
    connection.execute(delete(t.contacts).where(c.conversation.in_(talks)))
    connection.execute(delete(t.conversations).where(t.conversations.c.id.in_(talks)))


def _audit(before: datetime) -> Select[Any]:
    a = t.audit.c
    return select(a.id).where(a.at < before).order_by(a.at).limit(BATCH)


RULES = (
    Rule("update ids, so that a repeat is known as one", "keep_keys", _decided, _erase(t.inbox)),
    Rule("what was due and has happened", "keep_keys", _happened, _erase(t.due)),
    Rule("words of messages that were sent", "keep_sent", _sent, _erase(t.outbox)),
    Rule("events that could not be decided", "keep_parked", _parked, _erase(t.inbox)),
    Rule("talks of people who agreed to nothing", "keep_talks", _talks, _purge_talks),
    Rule("photos and files that were not passed on", "keep_talks", media.unused, media.let_go_of),
    Rule(
        "files that were made for somebody, photos for a report once it can no longer be corrected",
        "keep_sent",
        media.made,
        media.let_go_of,
    ),
    Rule("words of closed requests", "keep_requests", requests.wordy, requests.silence),
    Rule("questions without an answer, masked", "keep_misses", misses.old, _erase(t.misses)),
    Rule("who did what", "keep_audit", _audit, _erase(t.audit)),
)


def correctable(shelf: Shelf, moment: datetime, now: datetime) -> list[tuple[str, str]]:
    """Give the forms and periods until now whose reports could be approved or corrected at a moment."""
    found = []
    for newest in shelf.forms.values():
        period = periods.period_of(newest, reporting.local_day(now))
        while reporting.correctable(shelf.forms.on(newest.id, period.start), period, shelf.calendar, moment):
            found.append((newest.id, period.code))
            period = periods.before(newest, period)
    return found


def purge(
    database: Database, writer: Writer, settings: Settings, now: datetime, shelf: Shelf | None = None
) -> dict[str, int]:
    """Erase what has been kept long enough; give how many rows (or talks) by what they were.

    What was sent for a report stays while a form of the shelf can be corrected, and its time after that.
    """
    gone: dict[str, int] = {}
    for rule in RULES:
        before = now - timedelta(days=getattr(settings, rule.setting))
        old = rule.old(before)
        if shelf is not None and rule.old is media.made:
            old = old.where(~media.of_reports(correctable(shelf, before, now)))
        # Most looks find nothing, so they are made where they are in nobody's way.
        batch = partial(_batch, rule=rule, old=old)
        while _any(database, old) and (some := writer.submit(batch).result()):
            gone[rule.what] = gone.get(rule.what, 0) + some
    return gone


def _any(database: Database, old: Select[Any]) -> bool:
    with database.read() as connection:
        return connection.execute(old.limit(1)).first() is not None


def _batch(connection: Connection, rule: Rule, old: Select[Any]) -> int:
    """Ask again inside the transaction: what was old a moment ago may be in use now."""
    keys = list(connection.scalars(old.with_for_update(skip_locked=True)))
    if keys:
        rule.purge(connection, keys)
    return len(keys)
