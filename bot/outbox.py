"""Sends what was committed: in order for each person, inside the platform's limits, once.

Before a call the message is marked as being sent, and committed so, by the one
who holds the account's lock.  After a crash such a message is in doubt; its
kind says whether doubt means to repeat it or to leave it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, exists, select, update

from bot import clock, codes
from bot.channels import Channel, Limits, Refused, TryLater
from bot.locks import Hold, only_one
from bot.store import tables as t
from bot.store.database import Database
from bot.store.writer import Writer
from bot.trouble import where
from handlers.rules import reporting
from handlers.talk import Message
from handlers.turn import Kind
from knowledge.calendar import Calendar

log = logging.getLogger(__name__)

REPEATED_IN_DOUBT: dict[Kind, bool] = {
    "answer": True,  # a person waits for it
    "receipt": True,
    "notice": True,
    "reminder": False,  # the next stage comes anyway
    "broadcast": False,
}
QUIET_AT_NIGHT: tuple[Kind, ...] = ("reminder", "broadcast")  # never outside the hours, whatever delayed them
PATIENCE = 10  # attempts
AT_ONCE = 16  # calls under way for one account
LAST_WORDS = 5.0  # seconds that calls under way are given when the process is told to stop

_message = msgspec.json.Decoder(Message)


def next_attempt(error: TryLater, attempts: int) -> timedelta | None:
    """Say how long to wait after so many attempts; None to give up."""
    if attempts >= PATIENCE:
        return None
    return error.wait or timedelta(seconds=min(2.0 ** (attempts - 1), 600))


class Bucket:
    """So many a second, and a few at once; counted on the clock that nobody moves."""

    def __init__(self, rate: float, burst: float, *, full: bool = False) -> None:
        self._rate, self._burst = rate, burst
        self._left = burst if full else 0.0  # after a take-over nobody knows what the one before has used up
        self._at = clock.ticks()

    def wait(self) -> float:
        """Give the seconds until one more is allowed; 0 for now."""
        now = clock.ticks()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        return 0.0 if self._left >= 1 else (1 - self._left) / self._rate

    def take(self) -> None:
        """Use one up."""
        self._left -= 1


class Waiting(msgspec.Struct, frozen=True):
    """A message that may be sent now."""

    id: int
    contact: int
    chat: str
    kind: Kind
    message: str
    attempts: int
    until: datetime | None


def _pick() -> Any:
    o, before = t.outbox.c, t.outbox.alias("before")
    earlier = exists().where(
        before.c.contact == o.contact, before.c.number < o.number, t.among(before.c.state, t.READY, t.SENDING)
    )
    return (
        select(o.id, o.contact, t.contacts.c.chat, o.kind, o.message, o.attempts, o.until)
        .join(t.contacts, t.contacts.c.id == o.contact)
        .where(
            o.account == bindparam("account"),
            o.state == t.READY,
            o.state < t.SENT,  # the index's own condition; without it every message is read
            o.number.is_not(None),
            ~earlier,
            o.contact.not_in(bindparam("resting", expanding=True)),
        )
        .order_by(o.priority, o.id)
        .limit(bindparam("most"))
    )


PICK = _pick()


class Sender:
    """Sends for one account."""

    def __init__(
        self,
        channel: Channel,
        database: Database,
        writer: Writer,
        calendar: Callable[[], Calendar],
        limits: Limits | None = None,
    ) -> None:
        self._channel = channel
        self._database = database
        self._writer = writer
        self._calendar = calendar
        self._limits = limits or channel.limits
        self._wake = asyncio.Event()
        self._resting: dict[int, float] = {}  # contacts whose next message waits to be retried
        self._chats: dict[int, Bucket] = {}
        self.sent = 0
        self.again = 0
        self.failed = 0

    def wake(self) -> None:
        """Say that something is there to be sent."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; when the lock or the database is lost, begin anew."""
        while True:
            try:
                async with only_one(self._database, self._writer, f"send:{self._channel.account}") as hold:
                    await self._send_all(hold)
            except Exception as error:
                log.error(
                    "%s: sending stopped: %s; begun anew in a moment", self._channel.account, where(error)
                )
                await asyncio.sleep(1.0)

    async def _send_all(self, hold: Hold) -> None:
        doubts, repeated = await hold.write(self._settle_doubts)
        self.again += repeated
        if doubts:
            log.warning(
                "%s: %s messages were under way when sending last stopped", self._channel.account, doubts
            )
        bucket = Bucket(self._limits.rate, self._limits.burst)
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                self._wake.clear()
                for task in [task for task in under_way if task.done()]:
                    under_way.discard(task)
                    task.result()
                wait = await self._start_some(hold, bucket, under_way)
                waits = [asyncio.ensure_future(self._wake.wait()), *under_way]
                await asyncio.wait(waits, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                waits[0].cancel()
        except asyncio.CancelledError:
            # We are asked to stop and still hold the lock: what has left may still be noted as sent.
            if under_way:
                await asyncio.wait(under_way, timeout=LAST_WORDS)
            raise
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _start_some(self, hold: Hold, bucket: Bucket, under_way: set[asyncio.Task[None]]) -> float:
        """Begin to send what may leave now; give the seconds after which to look again."""
        room = AT_ONCE - len(under_way)
        if room <= 0:
            return 1.0
        if (wait := bucket.wait()) > 0:
            return wait
        now = clock.ticks()
        for contact in [contact for contact, until in self._resting.items() if until <= now]:
            del self._resting[contact]
        waiting = await asyncio.to_thread(self._waiting, room)
        chosen: list[Waiting] = []
        soonest = 1.0
        for message in waiting:
            chat = self._chats.get(message.contact)
            if chat is None:
                chat = Bucket(self._limits.chat_rate, self._limits.chat_burst, full=True)
                self._chats[message.contact] = chat
            if (wait := chat.wait()) > 0:
                self._resting[message.contact] = now + wait
                soonest = min(soonest, wait)
                continue
            if (wait := bucket.wait()) > 0:
                soonest = min(soonest, wait)
                break
            bucket.take()
            chat.take()
            chosen.append(message)
        if len(self._chats) > 10_000:
            self._chats.clear()
        if chosen:
            kept = await hold.write(lambda c: self._mark_sending(c, chosen))
            for message in kept:
                under_way.add(asyncio.create_task(self._send(hold, message)))
            return 0.0 if len(waiting) >= room else soonest
        return min([soonest, *(until - now for until in self._resting.values())])

    def _waiting(self, most: int) -> list[Waiting]:
        with self._database.read() as connection:
            rows = connection.execute(
                PICK,
                {"account": self._channel.account, "resting": list(self._resting), "most": most},
            )
            return [Waiting(*row) for row in rows]

    def _mark_sending(self, connection: Connection, messages: list[Waiting]) -> list[Waiting]:
        """Commit that these are under way; hours and state are looked at once more."""
        now = clock.now()
        kept = []
        for message in messages:
            if message.until is not None and message.until < now:
                self._change(connection, message, t.READY, state=t.WITHDRAWN)
                continue
            if message.kind in QUIET_AT_NIGHT:
                allowed = reporting.next_allowed(now, self._calendar())
                if allowed > now:
                    self._change(connection, message, t.READY, state=t.HELD, number=None, not_before=allowed)
                    continue
            if self._change(connection, message, t.READY, state=t.SENDING, attempts=message.attempts + 1):
                kept.append(message)
        return kept

    async def _send(self, hold: Hold, message: Waiting) -> None:
        try:
            await self._channel.send(message.chat, _message.decode(message.message))
        except Refused as error:
            self.failed += 1
            log.warning("%s: message %s was refused for good: %s", self._channel.account, message.id, error)
            await hold.write(partial(self._refused, message=message, error=error))
        except TryLater as error:
            await self._later(hold, message, error)
        except Exception as error:
            log.error(
                "%s: message %s failed unexpectedly: %s", self._channel.account, message.id, where(error)
            )
            await self._later(hold, message, TryLater(type(error).__name__))
        else:
            self.sent += 1
            await hold.write(lambda c: self._put(c, message, state=t.SENT, sent=clock.now()))

    async def _later(self, hold: Hold, message: Waiting, error: TryLater) -> None:
        wait = next_attempt(error, message.attempts + 1)
        if wait is None:
            self.failed += 1
            log.error(
                "%s: message %s is given up after %s attempts", self._channel.account, message.id, PATIENCE
            )
            await hold.write(lambda c: self._put(c, message, state=t.FAILED, error=str(error)[:200]))
            return
        seconds = wait.total_seconds()
        self._resting[message.contact] = clock.ticks() + seconds + codes.spread(seconds / 5)
        await hold.write(lambda c: self._put(c, message, state=t.READY, error=str(error)[:200]))

    def _refused(self, connection: Connection, message: Waiting, error: Refused) -> None:
        self._put(connection, message, state=t.FAILED, error=str(error)[:200])
        if error.gone:
            connection.execute(update(t.contacts).where(t.contacts.c.id == message.contact).values(gone=True))

    def _put(self, connection: Connection, message: Waiting, **values: object) -> None:
        self._change(connection, message, t.SENDING, **values)

    def _change(self, connection: Connection, message: Waiting, was: int, **values: object) -> bool:
        """Change a message that is still in this state; False when it was withdrawn, or is another's now."""
        changed = connection.execute(
            update(t.outbox).where(t.outbox.c.id == message.id, t.outbox.c.state == was).values(**values)
        )
        return changed.rowcount > 0

    def _settle_doubts(self, connection: Connection) -> tuple[int, int]:
        """Decide what was under way when the last sender stopped; give how many, and how many go again."""
        rows = connection.execute(
            select(t.outbox.c.id, t.outbox.c.kind).where(
                t.outbox.c.account == self._channel.account, t.outbox.c.state == t.SENDING
            )
        ).all()
        for row in rows:
            repeat = REPEATED_IN_DOUBT[row.kind]
            connection.execute(
                update(t.outbox)
                .where(t.outbox.c.id == row.id)
                .values(state=t.READY if repeat else t.DOUBT, again=True)
            )
        return len(rows), sum(REPEATED_IN_DOUBT[row.kind] for row in rows)
