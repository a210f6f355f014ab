"""Sends what was committed: in order for each person, inside the platform's limits, once.

Before a call the message is marked as being sent, and committed so, by the one
who holds the account's lock.  After a crash such a message is in doubt; its
kind says whether doubt means to repeat it or to leave it.

What came back from calls and what leaves next is one commit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, bindparam, exists, or_, select, update

from bot import clock, elsewhere
from bot.channels import Channel, Limits, Refused, Sent, TryLater
from bot.elsewhere import Moved
from bot.locks import Hold, only_one
from bot.media import Carry, carries_nothing
from bot.pace import Pace, next_attempt
from bot.store import spending
from bot.store import tables as t
from bot.store.database import Database
from bot.store.writer import Writer
from bot.trouble import where
from bot.turns import PRIORITIES, QUIET_AT_NIGHT
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
TALK: tuple[Kind, ...] = ("answer", "receipt", "notice")  # what is a person's talk, and may be folded
URGENT = max(PRIORITIES[kind] for kind in TALK)
AT_ONCE = 16  # calls for one account that are in doubt if we crash now, or half a second's
LAST_WORDS = 5.0  # seconds that calls under way are given when the process is told to stop
ROUND = 0.02  # seconds from one commit to the next, so that a broadcast shares them
FOLDED = 8  # messages in one, at most
HALFWAY = 1000  # messages of which it is remembered what was folded into them
LONG = timedelta(minutes=10)  # a wait that no later message of the same chat has to share
AWAY = timedelta(minutes=15)  # after which a platform that is away is not waited for, where there is another
LOOK = 10.0  # seconds between two looks for what waits so
LOOKED_AT = 50  # messages in one of them

_message = msgspec.json.Decoder(Message)


class Waiting(msgspec.Struct, frozen=True):
    """A message that may be sent now."""

    id: int
    contact: int
    chat: str
    kind: Kind
    message: str
    attempts: int
    until: datetime | None
    number: int
    voice: str
    heard: datetime  # when its reader last wrote
    gone: bool


class Parcel(msgspec.Struct, frozen=True):
    """One call: a message, or several folded into one."""

    rows: tuple[Waiting, ...]
    message: Message

    @property
    def ids(self) -> list[int]:
        """The rows that share its fate."""
        return [row.id for row in self.rows]


class Back(msgspec.Struct, frozen=True):
    """What came of a call, or what was decided without one."""

    parcel: Parcel
    state: int  # sent, failed, ready for another attempt, held, withdrawn
    was: int = t.SENDING
    error: str = ""
    gone: bool = False
    counted: bool = True  # as an attempt
    sent: Sent | None = None  # what the platform has taken, were it only some of its parts
    not_before: datetime | None = None


_COLUMNS: tuple[Any, ...] = (
    t.outbox.c.id, t.outbox.c.contact, t.contacts.c.chat, t.outbox.c.kind, t.outbox.c.message,
    t.outbox.c.attempts, t.outbox.c.until, t.outbox.c.number, t.outbox.c.voice, t.contacts.c.heard,
    t.contacts.c.gone,
)  # fmt: skip


def _pick() -> Any:
    o, before = t.outbox.c, t.outbox.alias("before")
    # In one chat a talk keeps its order; reminders and broadcasts let it pass, and keep theirs behind it.
    talk = before.c.priority <= URGENT
    earlier = exists().where(
        before.c.contact == o.contact,
        t.among(before.c.state, t.READY, t.SENDING),
        or_(
            and_(before.c.number < o.number, or_(talk, before.c.priority <= o.priority)),
            and_(o.priority > URGENT, talk),
        ),
    )
    return (
        select(*_COLUMNS)
        .join(t.contacts, t.contacts.c.id == o.contact)
        .where(
            o.account == bindparam("account"),
            o.state == t.READY,
            o.state < t.SENT,  # the index's own condition; without it every message is read
            o.priority <= bindparam("upto"),
            o.number.is_not(None),
            ~earlier,
            o.contact.not_in(bindparam("resting", expanding=True)),
        )
        .order_by(o.priority, o.id)
        .limit(bindparam("most"))
    )


PICK = _pick()
FOLLOWING: Any = (
    select(*_COLUMNS)
    .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
    .where(
        t.outbox.c.contact == bindparam("contact"),
        t.among(t.outbox.c.state, t.READY),
        t.among(t.outbox.c.state, t.READY, t.SENDING),  # the index's own condition
        t.outbox.c.number > bindparam("number"),
        t.outbox.c.priority <= URGENT,
    )
    .order_by(t.outbox.c.number)
    .limit(FOLDED - 1)
)
STUCK = (
    select(t.outbox.c.id)
    .where(
        t.outbox.c.account == bindparam("account"),
        t.outbox.c.state == t.READY,
        t.outbox.c.state < t.SENT,  # the index's own condition
        t.outbox.c.priority < PRIORITIES["broadcast"],
        t.outbox.c.kind.in_(elsewhere.REPEATED),
        t.outbox.c.at < bindparam("before"),
    )
    .order_by(t.outbox.c.priority, t.outbox.c.id)
    .limit(LOOKED_AT)
    .offset(bindparam("stuck"))
)
BEGIN = (
    update(t.outbox)
    .where(t.outbox.c.id.in_(bindparam("ids", expanding=True)), t.outbox.c.state == t.READY)
    .values(state=t.SENDING, attempts=t.outbox.c.attempts + 1)
    .returning(t.outbox.c.id)
)
ARRIVED = (
    update(t.outbox)
    .where(t.outbox.c.id.in_(bindparam("ids", expanding=True)), t.outbox.c.state == t.SENDING)
    .values(state=t.SENT, sent=bindparam("moment"))
    .returning(t.outbox.c.id)
)


class Sender:
    """Sends for one account."""

    def __init__(
        self,
        channel: Channel,
        database: Database,
        writer: Writer,
        calendar: Callable[[], Calendar],
        limits: Limits | None = None,
        *,
        served: Callable[[str], bool] = lambda _account: True,
        moved: Callable[[Moved], None] = lambda _moved: None,
        carry: Carry = carries_nothing,
    ) -> None:
        """Take what decides where else a message may go (`served`), whom to tell of it (`moved`), what gives files."""
        self._channel = channel
        self._database = database
        self._writer = writer
        self._calendar = calendar
        limits = limits or channel.limits
        self._pace = Pace(limits, channel.group)
        self._at_once = max(AT_ONCE, min(int(limits.rate / 2), 20 * AT_ONCE))
        self._served = served
        self._moved = moved
        self._carry = carry
        self._wake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], Parcel] = {}
        self._back: list[Back] = []  # what came of calls and is not yet committed
        self._folds: dict[int, set[int]] = {}  # what was folded together and waits for another attempt
        self._look_again = 0.0
        self._stuck = 0  # of those that wait for a platform that is away, how many have no other way
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
        # What is known to have arrived is no doubt, even if the store was away when it did.
        await self._note(hold)
        doubts, repeated = await hold.write(self._settle_doubts)
        self.again += repeated
        if doubts:
            log.warning(
                "%s: %s messages were under way when sending last stopped", self._channel.account, doubts
            )
        self._pace.begin()
        try:
            while True:
                self._wake.clear()
                begun = clock.ticks()
                wait = await self._whole(self._round(hold))
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._wake.wait()
                await asyncio.sleep(max(0.0, begun + ROUND - clock.ticks()))
        except asyncio.CancelledError:
            # We are asked to stop and still hold the lock: what has left may still be noted as sent.
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=LAST_WORDS)
            try:
                await self._note(hold)
            except Exception as error:  # it stays in doubt; we end all the same
                log.warning("%s: what left last could not be noted: %s", self._channel.account, where(error))
            raise
        finally:
            under_way = list(self._under_way)
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
            self._under_way.clear()

    async def _whole(self, round_: Coroutine[Any, Any, float]) -> float:
        """Let a round end even if we are asked to stop: what it has marked as being sent must also leave."""
        task = asyncio.ensure_future(round_)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait((task,))
            task.exception()
            raise

    async def _note(self, hold: Hold) -> None:
        if self._back:
            await self._commit(hold, [], [])

    async def _round(self, hold: Hold) -> float:
        """Note what came back, begin what may leave now; give the seconds after which to look again."""
        room = self._pace.left(len(self._under_way) + len(self._back), self._at_once)
        waiting: list[list[Waiting]] = []
        # Some of the room is kept for those who wait for an answer, however slow the platform is.
        unhurried = sum(parcel.rows[0].kind not in TALK for parcel in self._under_way.values())
        spare = self._at_once * 3 // 4 - unhurried
        if room:
            upto = max(PRIORITIES.values()) if spare > 0 else URGENT
            waiting = await asyncio.to_thread(self._waiting, room, upto, self._pace.resting())
        parcels, aside = self._choose(waiting, spare)
        came_back = bool(self._back)
        if came_back or parcels or aside:
            for parcel in await self._commit(hold, parcels, aside):
                task = asyncio.create_task(self._send(parcel))
                self._under_way[task] = parcel
        if came_back or (room and len(waiting) >= room):
            return 0.0  # the next of the same chats could not be seen before this was committed
        if self._pace.troubled:
            await self._look_after_what_waits(hold)
        if not room and (wait := self._pace.wait()) > 0:
            return wait
        return min(1.0, self._pace.rest_ends())

    async def _look_after_what_waits(self, hold: Hold) -> None:
        if clock.ticks() < self._look_again:
            return
        self._look_again = clock.ticks() + LOOK
        moved, self._stuck = await hold.write(self._write_what_waits)
        if moved:
            self._moved(moved)

    def _waiting(self, most: int, upto: int, resting: Sequence[int]) -> list[list[Waiting]]:
        """Give what may leave, the most urgent first; each with what may be folded into it."""
        now = clock.now()
        found = []
        with self._database.read() as connection:
            rows = connection.execute(
                PICK,
                {"account": self._channel.account, "upto": upto, "resting": list(resting), "most": most},
            ).all()
            for row in rows:
                together = [Waiting(*row)]
                before = self._folds.get(row.id)
                if before or (together[0].kind in TALK and self._channel.narrow(now - row.heard)):
                    following = connection.execute(FOLLOWING, {"contact": row.contact, "number": row.number})
                    # Of what was folded before a part may have arrived: the same goes again, and nothing more.
                    more = [Waiting(*other) for other in following]
                    together += [one for one in more if not before or one.id in before]
                found.append(together)
        return found

    def _choose(self, waiting: list[list[Waiting]], spare: int) -> tuple[list[Parcel], list[Back]]:
        """Give what leaves now, and what is decided without a call; hours and windows are looked at here.

        At most so many (`spare`) of those that leave are reminders and broadcasts.
        """
        now = clock.now()
        parcels, aside = [], []
        for together in waiting:
            first = together[0]
            alone = Parcel((first,), Message(""))
            if first.until is not None and first.until < now:
                aside.append(Back(alone, t.WITHDRAWN, t.READY))
            elif first.kind in QUIET_AT_NIGHT and (allowed := self._allowed(now)) > now:
                aside.append(Back(alone, t.HELD, t.READY, not_before=allowed))
            elif first.gone:
                aside.append(Back(alone, t.FAILED, t.READY, "the person has left this channel"))
            elif reason := self._channel.refuses(now - first.heard, first.kind):
                aside.append(Back(alone, t.FAILED, t.READY, reason))
            elif (first.kind in TALK or spare > 0) and self._pace.take(first.contact, first.chat):
                spare -= first.kind not in TALK
                parcels.append(folded(together, now))
        return parcels, aside

    async def _commit(self, hold: Hold, parcels: list[Parcel], aside: list[Back]) -> list[Parcel]:
        """Commit what came back and what leaves now; give the parcels that do leave."""
        back = list(self._back)
        kept, moved = await hold.write(lambda c: self._write(c, [*back, *aside], parcels))
        del self._back[: len(back)]
        self.failed += sum(len(one.parcel.rows) for one in aside if one.state == t.FAILED)
        if moved:
            self._moved(moved)
        return kept

    def _write(
        self, connection: Connection, back: list[Back], parcels: list[Parcel]
    ) -> tuple[list[Parcel], Moved]:
        now, moved = clock.now(), Moved()
        taken: list[Back] = []
        if ids := [number for one in back if one.state == t.SENT for number in one.parcel.ids]:
            arrived = set(connection.scalars(ARRIVED, {"ids": ids, "moment": now}))
            taken += [one for one in back if arrived.intersection(one.parcel.ids)]
        for one in back:
            if one.state != t.SENT and self._write_one(connection, one, now, moved):
                taken.append(one)
        self._count(connection, taken, now)
        if not parcels:
            return [], moved
        ids = [number for parcel in parcels for number in parcel.ids]
        begun = set(connection.scalars(BEGIN, {"ids": ids}))
        kept = [parcel for parcel in parcels if begun.issuperset(parcel.ids)]
        # A part of the others was withdrawn meanwhile; what is left of them is looked at anew.
        for number in begun - {number for parcel in kept for number in parcel.ids}:
            _change(connection, number, t.SENDING, state=t.READY, attempts=t.outbox.c.attempts - 1)
        return kept, moved

    def _count(self, connection: Connection, taken: list[Back], now: datetime) -> None:
        told = [part for one in taken if one.sent for part in (*one.sent.others, one.sent)]
        spent = [(part.cost, part.left, part.messages) for part in told if part.cost or part.left is not None]
        spending.count(connection, self._channel.account, now, spent)

    def _write_one(self, connection: Connection, back: Back, now: datetime, moved: Moved) -> bool:
        """Write what came of one; False where it is another sender's now, or was withdrawn."""
        values: dict[str, Any] = {"state": back.state}
        if back.error:
            values["error"] = back.error[:200]
        if back.state == t.HELD:
            values |= {"number": None, "not_before": back.not_before}
        if not back.counted:
            values["attempts"] = t.outbox.c.attempts - 1
        if back.gone:
            contact = back.parcel.rows[0].contact
            connection.execute(update(t.contacts).where(t.contacts.c.id == contact).values(gone=True))
        changed = [number for number in back.parcel.ids if _change(connection, number, back.was, **values)]
        for number in changed if back.state == t.FAILED else ():
            elsewhere.repeat(connection, number, moved, now, self._allowed(now), self._served)
        return bool(changed)

    def _allowed(self, now: datetime) -> datetime:
        return reporting.next_allowed(now, self._calendar())

    def _write_what_waits(self, connection: Connection) -> tuple[Moved, int]:
        """Say on another chat what has waited too long for a platform that is away; the rest goes on waiting."""
        now, moved = clock.now(), Moved()
        rows = connection.scalars(
            STUCK, {"account": self._channel.account, "before": now - AWAY, "stuck": self._stuck}
        ).all()
        stuck = self._stuck
        for number in rows:
            # First the row, so that nothing withdrawn meanwhile is said elsewhere.
            if not _change(connection, number, t.READY, state=t.FAILED, error="the platform was away"):
                continue
            if not elsewhere.repeat(
                connection, number, moved, now, self._allowed(now), self._served, chats_only=True
            ):
                _change(connection, number, t.FAILED, state=t.READY, error="")
                stuck += 1
        return moved, stuck if rows else 0

    async def _send(self, parcel: Parcel) -> None:
        first = parcel.rows[0]
        try:
            carried = await self._carry(parcel.message.media)
            sent = await self._channel.send(first.chat, parcel.message, carried)
        except Refused as error:
            self._pace.went_well()
            self.failed += len(parcel.rows)
            log.warning("%s: message %s was refused for good: %s", self._channel.account, first.id, error)
            back = Back(parcel, t.FAILED, error=str(error), gone=error.gone, sent=error.taken)
        except TryLater as error:
            back = msgspec.structs.replace(self._later(parcel, error), sent=error.taken)
        except Exception as error:
            log.error("%s: message %s failed unexpectedly: %s", self._channel.account, first.id, where(error))
            back = self._later(parcel, TryLater(type(error).__name__))
        else:
            self._pace.went_well()
            self.sent += len(parcel.rows)
            back = Back(parcel, t.SENT, sent=sent)
        if back.state == t.READY:
            self._folds[first.id] = set(parcel.ids)
            while len(self._folds) > HALFWAY:
                del self._folds[next(iter(self._folds))]
        else:
            self._folds.pop(first.id, None)
        self._back.append(back)
        if task := asyncio.current_task():
            self._under_way.pop(task, None)
        self._wake.set()

    def _later(self, parcel: Parcel, error: TryLater) -> Back:
        first = parcel.rows[0]
        wait = next_attempt(error, first.attempts + 1)
        if wait is None:
            self.failed += len(parcel.rows)
            log.error(
                "%s: message %s is given up after %s attempts",
                self._channel.account,
                first.id,
                first.attempts + 1,
            )
            return Back(parcel, t.FAILED, error=str(error))
        if error.wait is not None and wait > LONG and not error.everybody:
            return Back(parcel, t.HELD, error=str(error), not_before=clock.now() + wait)
        # Where nobody gets through, no single message is to blame.
        blameless = self._pace.failed(
            first.contact, wait, asked=error.wait is not None, everybody=error.everybody
        )
        return Back(parcel, t.READY, error=str(error), counted=not blameless)

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


def folded(waiting: Sequence[Waiting], now: datetime) -> Parcel:
    """Give the first message with as many of the next as can be read with it as one.

    Choices, a link and whatever is no text may stand at the end only, and nobody's words are
    mixed with another's.
    """
    first = waiting[0]
    message = _message.decode(first.message)
    rows = [first]
    for row in waiting[1:]:
        following = _message.decode(row.message)
        if (
            message != Message(message.text)
            or following.file
            or following.media
            or following.picture
            or row.voice != first.voice
            or (row.until is not None and row.until < now)
        ):
            break
        rows.append(row)
        message = msgspec.structs.replace(following, text=f"{message.text}\n\n{following.text}")
    return Parcel(tuple(rows), message)


def _change(connection: Connection, message: int, was: int, **values: object) -> bool:
    """Change a message that is still in this state; False when it is not."""
    changed = connection.execute(
        update(t.outbox).where(t.outbox.c.id == message, t.outbox.c.state == was).values(**values)
    )
    return changed.rowcount > 0
