"""Puts what is due into the inbox, once, lets go of messages that were held back, tends channels and keeps house.

The scheduler only wakes us: what is due is a row with a time, and its unique
key makes a second look harmless, whoever takes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta

import msgspec
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot import backup, clock, retention
from bot.channels import Channel, Refused, TryLater
from bot.clock import VIETNAM
from bot.core import Core
from bot.locks import if_nobody_else
from bot.settings import Settings, Unusable
from bot.store import tables as t
from bot.store.database import Database, away
from bot.store.writer import Writer
from bot.trouble import where
from bot.turns import MAILBOXES, QUIET_AT_NIGHT
from handlers.rules import reporting
from handlers.talk import Due
from knowledge.calendar import Calendar

log = logging.getLogger(__name__)

NUMBER = (
    update(t.contacts)
    .where(t.contacts.c.id == bindparam("its_id"))
    .values(last=t.contacts.c.last + 1)
    .returning(t.contacts.c.last)
)
# What is put before the conversations every day, at Vietnam's time.
DAILY = {
    "reports.plan": time(0, 5),
    "reach.plan": time(7, 30),
    "morning.plan": time(7, 30),
    "weekly.plan": time(7, 30),
    "targets.plan": time(0, 5),
    "idle.plan": time(8, 30),
}


class Ticker:
    """What one process does when it is woken."""

    def __init__(self, core: Core, settings: Settings, released: Callable[[set[str]], None]) -> None:
        self._core = core
        self._settings = settings
        self._released = released  # told which accounts have something to send again
        self._trouble = False

    async def tick(self) -> None:
        """Do what is due now: once, however many processes tick."""
        try:
            due, accounts = await asyncio.to_thread(self._tick, clock.now())
        except Exception as error:
            if not self._trouble:  # it is said once: a second is short, and an outage long
                what = type(error).__name__ if away(error) else where(error)
                log.error("the ticker cannot look (%s); it tries again until it can", what)
            self._trouble = True
            return
        if self._trouble:
            log.warning("the ticker works again")
        self._trouble = False
        if due and self._core.workers is not None:
            self._core.workers.wake()
        if accounts:
            self._released(accounts)

    def _tick(self, now: datetime) -> tuple[int, set[str]]:
        if self._nothing(now):
            return 0, set()
        write = self._core.writer.submit
        write(lambda c: daily(c, now)).result()
        due = write(lambda c: self._core.intake.put_due(c, now)).result()
        return due, write(lambda c: release(c, now, self._core.bookcase.shelf().calendar)).result()

    def _nothing(self, now: datetime) -> bool:
        """Look without writing: most ticks find nothing, and a commit a second would wear the disk."""
        with self._core.database.read() as connection:
            tomorrow = [row["key"] for row in _daily_rows(now)]
            known = connection.execute(select(t.due.c.key).where(t.due.c.key.in_(tomorrow))).all()
            due = connection.scalar(select(t.due.c.key).where(~t.due.c.done, t.due.c.at <= now).limit(1))
            held = connection.scalar(
                select(t.outbox.c.id).where(t.outbox.c.state == t.HELD, t.outbox.c.not_before <= now).limit(1)
            )
        return len(known) == len(tomorrow) and due is None and held is None

    async def keep_house(self) -> None:
        """Erase what has been kept long enough, and copy the database once a day."""
        await self._house("erasing what is old", self._purge)
        if self._core.database.sqlite:
            await self._house("the daily copy", self._copy)

    async def _house(self, what: str, job: Callable[[datetime], object]) -> None:
        try:
            await asyncio.to_thread(job, clock.now())
        except Unusable as error:
            log.error("%s failed and will be tried again: %s", what, error)
        except Exception as error:
            log.error("%s failed and will be tried again: %s", what, where(error))

    def _purge(self, now: datetime) -> None:
        shelf = self._core.bookcase.shelf()
        retention.purge(self._core.database, self._core.writer, self._settings, now, shelf)

    def _copy(self, now: datetime) -> None:
        backup.daily(self._settings, now)


async def tended(channel: Channel, database: Database, writer: Writer) -> bool | None:
    """Let a channel look after what its platform keeps, and say whether that went well.

    None where another process is at it.  Nothing that goes wrong keeps the next look away.
    """
    try:
        done = await if_nobody_else(database, writer, f"tend:{channel.account}", channel.tend)
    except Exception as error:
        what = error if isinstance(error, TryLater | Refused) else where(error)
        log.warning("%s could not be looked after, tried again in a while: %s", channel.account, what)
        return False
    return True if done else None


def _daily_rows(now: datetime) -> list[dict[str, object]]:
    today = now.astimezone(VIETNAM).date()
    rows: list[dict[str, object]] = []
    for name, hour in DAILY.items():
        for day in (today, today + timedelta(days=1)):
            at = datetime.combine(day, hour, VIETNAM)
            due = Due(name=name, about=name.partition(".")[0], at=at, facts={"day": day.isoformat()})
            event = msgspec.json.encode(due).decode()
            rows.append({"key": f"{name}:{day}", "at": at, "about": due.about, "event": event})
    return rows


def daily(connection: Connection, now: datetime) -> None:
    """Keep a row for every daily event of today and tomorrow; its key makes a second one harmless."""
    put = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    connection.execute(put(t.due).on_conflict_do_nothing(), _daily_rows(now))


def release(connection: Connection, now: datetime, calendar: Calendar) -> set[str]:
    """Give held messages their number when their time has come; what is too old is withdrawn.

    Gives the accounts that now have something to send.  Where nobody sends, since people fetch
    their messages themselves, this is the moment to look at the hours once more.
    """
    allowed = reporting.next_allowed(now, calendar)
    rows = connection.execute(
        select(t.outbox.c.id, t.outbox.c.contact, t.outbox.c.account, t.outbox.c.kind, t.outbox.c.until)
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
        mailbox = row.account.partition(":")[0] in MAILBOXES
        if mailbox and row.kind in QUIET_AT_NIGHT and allowed > now:
            connection.execute(update(t.outbox).where(t.outbox.c.id == row.id).values(not_before=allowed))
            continue
        number = connection.scalar(NUMBER, {"its_id": row.contact})
        connection.execute(
            update(t.outbox)
            .where(t.outbox.c.id == row.id)
            .values(number=number, state=t.SENT if mailbox else t.READY, sent=now if mailbox else None)
        )
        accounts.add(row.account)
    return accounts
