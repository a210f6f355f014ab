"""Intake: what a channel heard passes the guard and is stored before it is acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError

from bot import clock
from bot.store import tables as t
from bot.store.database import away
from bot.store.writer import Writer
from bot.turns import TELL, TICKER
from handlers.rules import guard, papers
from handlers.talk import Due, Heard, Incoming

log = logging.getLogger(__name__)

ROOM = 2000  # updates on their way into the inbox; more than that is "not now"
LONGEST = 4000  # letters of a text; what is longer was not typed by hand
NAME = 200  # letters of a file's name
BESIDE = 200  # letters read beyond that, so that no secret is cut in two and half of it kept

_encode = msgspec.json.Encoder().encode


class _Knocking(msgspec.Struct):
    """What one call brings, and the word it waits for: whether that is kept."""

    ready: list[tuple[str, Incoming]]
    kept: asyncio.Future[bool]


class Intake:
    """The only way in: nothing reaches a conversation that was not stored first.

    What comes while something is being stored is stored together with the next, so that a rush
    costs a commit for many updates instead of one for each.
    """

    def __init__(self, writer: Writer, sqlite: bool, after: Callable[[], None] = lambda: None) -> None:
        self._writer = writer
        self._insert = sqlite_insert if sqlite else postgresql_insert
        self._after = after
        self._inside = 0
        self._knocking: list[_Knocking] = []
        self._under_way: list[_Knocking] = []
        self._storing: asyncio.Task[None] | None = None
        self.stored = 0
        self.refused = 0

    def waiting(self) -> int:
        """Give how many updates are on their way in."""
        return self._inside

    async def take(self, heard: Sequence[Heard]) -> bool:
        """Store what was heard; False means "not now", and the platform repeats it."""
        if self._inside + len(heard) > ROOM:
            self.refused += len(heard)
            return False
        self._inside += len(heard)
        try:
            ready = [(entry.key, guarded(entry.incoming, clock.now())) for entry in heard]
            knocking = _Knocking(ready, asyncio.get_running_loop().create_future())
            self._knocking.append(knocking)
            self._begin()
            kept = await knocking.kept
        finally:
            self._inside -= len(heard)
        if kept:
            self.stored += len(heard)
        else:
            self.refused += len(heard)
        return kept

    def _begin(self) -> None:
        if self._storing is None and self._knocking:
            self._storing = asyncio.create_task(self._store_all())
            self._storing.add_done_callback(self._stopped)

    async def _store_all(self) -> None:
        """Store whatever knocks, all of it together; each by itself where one is at fault."""
        while self._knocking:
            self._under_way, self._knocking = self._knocking, []
            error = await self._stored(self._under_way)
            if error is None or away(error):
                _answer(self._under_way, error)
            else:
                for knocking in self._under_way:
                    _answer([knocking], await self._stored([knocking]))
            self._after()

    async def _stored(self, together: Sequence[_Knocking]) -> SQLAlchemyError | None:
        """Store it; give what the database says against it."""
        ready = [entry for knocking in together for entry in knocking.ready]
        try:
            await asyncio.wrap_future(self._writer.submit(lambda c: self.store(c, ready)))
        except SQLAlchemyError as error:
            return error
        return None

    def _stopped(self, task: asyncio.Task[None]) -> None:
        """Go on with what came at the last moment; where it broke off, those who wait hear of it."""
        self._storing = None
        if not task.cancelled() and (error := task.exception()) is not None:
            waiting, self._knocking = [*self._under_way, *self._knocking], []
            for knocking in waiting:
                if not knocking.kept.done():
                    knocking.kept.set_exception(error)
        self._begin()

    def take_now(self, heard: Sequence[Heard]) -> None:
        """Store what was heard and return when it is kept; raise what the database says."""
        ready = [(entry.key, guarded(entry.incoming, clock.now())) for entry in heard]
        self._writer.submit(lambda c: self.store(c, ready)).result()
        self._after()

    def store(self, connection: Connection, heard: Sequence[tuple[str, Incoming]]) -> None:
        """Write updates into the inbox; a key that is there already is dropped."""
        chats = {
            (incoming.account, chat) for _, incoming in heard for chat in (incoming.sender, incoming.chat)
        }
        contacts = known_contacts(connection, chats)
        # In fixed order: two processes that meet the same people wait for each other and never cross.
        unknown = sorted(chats - contacts.keys())
        if unknown:
            heard_at = _last_words(incoming for _, incoming in heard)
            for account, chat in unknown:
                contacts[account, chat] = self._meet(connection, account, chat, heard_at[account, chat])
        rows = []
        for key, incoming in heard:
            _, conversation = contacts[incoming.account, incoming.sender]
            contact, _ = contacts[incoming.account, incoming.chat]
            rows.append(
                {
                    "account": incoming.account,
                    "key": key,
                    "conversation": conversation,
                    "contact": contact,
                    "event": _encode(incoming).decode(),
                    "at": incoming.at,
                }
            )
        connection.execute(self._insert(t.inbox).on_conflict_do_nothing(), rows)
        if connection.dialect.name != "sqlite":
            connection.execute(TELL, {"words": "inbox"})

    def _meet(self, connection: Connection, account: str, chat: str, heard: datetime) -> tuple[int, int]:
        """Make a conversation for somebody new; when another process was quicker, use its one."""
        now = clock.now()
        conversation = connection.scalar(
            insert(t.conversations).values(person="", talk="", touched=now).returning(t.conversations.c.id)
        )
        contact = connection.scalar(
            self._insert(t.contacts)
            .values(account=account, chat=chat, conversation=conversation, heard=heard)
            .on_conflict_do_nothing()
            .returning(t.contacts.c.id)
        )
        if contact is None:
            connection.execute(delete(t.conversations).where(t.conversations.c.id == conversation))
            return known_contacts(connection, {(account, chat)})[account, chat]
        assert conversation is not None
        return contact, conversation

    def put_due(self, connection: Connection, now: datetime, most: int = 500) -> int:
        """Move what is due into the inbox, once; give how many there were."""
        rows = connection.execute(
            select(t.due)
            .where(~t.due.c.done, t.due.c.at <= now)
            .order_by(t.due.c.at, t.due.c.key)
            .limit(most)
            .with_for_update(skip_locked=True)
        ).all()
        if rows:
            talks = _talks_about(connection, {row.about for row in rows}, now)
            events = [(row.key, talks[row.about], row.event) for row in rows]
            _put_in(connection, events, now)
            connection.execute(
                update(t.due).where(t.due.c.key.in_([row.key for row in rows])).values(done=True)
            )
        return len(rows)


def _last_words(updates: Iterable[Incoming]) -> dict[tuple[str, str], datetime]:
    """Give when somebody last said something, by the chats it came from; an official's words are not theirs."""
    found: dict[tuple[str, str], datetime] = {}
    for incoming in updates:
        silent = incoming.sign in ("official", "left", "removed")
        moment = t.NEVER if silent else incoming.sent or incoming.at or clock.now()
        for chat in {incoming.sender, incoming.chat}:
            # Whoever is heard in a group may never have opened the private chat, where we could answer.
            said = moment if chat == incoming.chat else t.NEVER
            found[incoming.account, chat] = max(said, found.get((incoming.account, chat), said))
    return found


def _answer(together: Sequence[_Knocking], error: SQLAlchemyError | None) -> None:
    if error is not None:
        count = sum(len(knocking.ready) for knocking in together)
        log.warning("intake: the database does not take %s updates now: %s", count, type(error).__name__)
    for knocking in together:
        if not knocking.kept.done():  # who has hung up meanwhile is not told
            knocking.kept.set_result(error is None)


def put_before(connection: Connection, key: str, due: Due, now: datetime, talk: int = 0) -> None:
    """Put something before this talk, or the one about its subject as the ticker does; the same key once."""
    event = _encode(due).decode()
    if talk:
        _put_in(connection, [(key, talk, event)], now)
    else:
        _put_in(connection, [(key, _talks_about(connection, {due.about}, now)[due.about], event)], now)
    if connection.dialect.name != "sqlite":
        connection.execute(TELL, {"words": "inbox"})


def _talks_about(connection: Connection, abouts: set[str], now: datetime) -> dict[str, int]:
    """Give the conversation of each subject, made where it has none."""
    c = t.conversations.c
    known = select(c.about, c.id).where(c.about.in_(abouts))
    found: dict[str, int] = {row.about: row.id for row in connection.execute(known)}
    # In fixed order: two tickers that make the same ones wait for each other and never cross.
    if missing := sorted(abouts - found.keys()):
        put = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
        connection.execute(
            put(t.conversations).on_conflict_do_nothing(),
            [{"about": about, "person": "", "talk": "", "touched": now} for about in missing],
        )
        found = {row.about: row.id for row in connection.execute(known)}
    return found


def _put_in(connection: Connection, events: Iterable[tuple[str, int, str]], now: datetime) -> None:
    """Put events (key, conversation, what) into the inbox, each key once."""
    put = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    connection.execute(
        put(t.inbox).on_conflict_do_nothing(),
        [
            {"account": TICKER, "key": key, "conversation": conversation, "event": event, "at": now}
            for key, conversation, event in events
        ],
    )


def guarded(incoming: Incoming, at: datetime) -> Incoming:
    """Give an update as it may be stored: its secrets covered, its text of a size that people write."""
    thing = incoming.attachment
    if thing is not None and (
        papers.marked_secret(incoming.text) or papers.marked_secret(thing.name, file=True)
    ):
        # Neither the file nor a word of it is kept; only that something was sent and refused.
        return msgspec.structs.replace(incoming, at=at, text="", attachment=None, masked=(guard.MARKED,))
    if thing is not None and thing.name:
        name = _named(thing.name)
        incoming = msgspec.structs.replace(incoming, attachment=msgspec.structs.replace(thing, name=name))
    if incoming.contact is not None and incoming.contact.name:
        contact = msgspec.structs.replace(incoming.contact, name=_named(incoming.contact.name))
        incoming = msgspec.structs.replace(incoming, contact=contact)
    if not incoming.text:
        return msgspec.structs.replace(incoming, at=at)
    masked = guard.mask(incoming.text[: LONGEST + BESIDE])
    return msgspec.structs.replace(incoming, at=at, text=masked.text[:LONGEST], masked=tuple(masked.found))


def _named(name: str) -> str:
    """Give a name without its secrets; in names of files dashes below the line stand for gaps."""
    name = name[: NAME + BESIDE]
    masked = guard.mask(name.replace("_", " "))
    return (masked.text if masked.found else name)[:NAME]


def known_contacts(
    connection: Connection, chats: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Give (contact, conversation) of those chats that are known."""
    by_account: dict[str, list[str]] = {}
    for account, chat in chats:
        by_account.setdefault(account, []).append(chat)
    found = {}
    for account, names in by_account.items():
        rows: Any = connection.execute(_CONTACTS, {"account": account, "chats": names})
        for row in rows:
            found[account, row.chat] = (row.id, row.conversation)
    return found


# Locked, so that no turn joins two conversations between our reading where a contact points and our writing there.
_CONTACTS = (
    select(t.contacts.c.chat, t.contacts.c.id, t.contacts.c.conversation)
    .where(
        t.contacts.c.account == bindparam("account"),
        t.contacts.c.chat.in_(bindparam("chats", expanding=True)),
    )
    .order_by(t.contacts.c.id)
    .with_for_update(read=True, key_share=True)
)
