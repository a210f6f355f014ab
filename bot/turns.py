"""Turns: the oldest event of a conversation is decided, and all it leads to is one commit.

Nothing here knows what is decided; nothing in handlers/ knows how it is kept.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import InterfaceError, OperationalError

from bot import clock, codes
from bot.store import tables as t
from bot.store.database import Database, crossed
from bot.store.people import person_of
from bot.store.records import StoredRecords
from bot.store.writer import Writer
from bot.wording import Wording
from handlers.records.people import Person
from handlers.talk import Button, Due, Incoming, Message, Talk
from handlers.text import _
from handlers.turn import Kind, Said, Shelf, Turn
from knowledge.search import Found

log = logging.getLogger(__name__)

PRIORITIES: dict[Kind, int] = {"answer": 0, "receipt": 0, "notice": 1, "reminder": 2, "broadcast": 3}
MAILBOXES = ("web", "terminal")  # accounts whose people fetch their messages themselves
TICKER = "ticker"
BATCH = 256  # events in one commit on SQLite
TRIES = 3
WAITS = (0.0, 2.0, 10.0)  # seconds before an event that failed is decided again
TOO_LONG = 30.0  # seconds in one turn, after which the process ends itself
HANGED = 70  # exit status of a process that ended itself so
UNDERSTOOD = 4096  # texts whose search is remembered until their turn

_incoming = msgspec.json.Decoder(Incoming)
_due = msgspec.json.Decoder(Due)
_talk = msgspec.json.Decoder(Talk)
_encode = msgspec.json.Encoder().encode

SORRY = _(
    "Sorry, that did not work here. Nothing you wrote is lost; it has number {number}, and somebody will look."
)


@dataclass
class Done:
    """What a batch of turns did, for those who go on from it."""

    events: int = 0
    accounts: set[str] = field(default_factory=set)  # with messages to send
    mailboxes: set[int] = field(default_factory=set)  # contacts with new messages to fetch
    notes: list[tuple[str, str, int]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # texts to be understood before their turn


class Broken(Exception):
    """A decision failed; the event is undone and will be counted."""

    def __init__(self, event: int, conversation: int, error: Exception) -> None:
        super().__init__(f"event {event}: {type(error).__name__}")
        self.event = event
        self.conversation = conversation
        self.error = error


def _waiting() -> Any:
    i, c, r = t.inbox.c, t.conversations.c, t.roles.c
    return (
        select(
            i.id,
            i.conversation,
            i.contact,
            i.account,
            i.event,
            i.at,
            i.attempts,
            c.person,
            c.talk,
            _helped(i.conversation).label("helped"),
            exists()
            .where(r.person == i.conversation, or_(r.until.is_(None), r.until > bindparam("now")))
            .label("staff"),
        )
        .join(t.conversations, c.id == i.conversation)
        .where(i.state == t.WAITING)
        .order_by(i.id)
        .limit(bindparam("most"))
    )


def _helped(person: Any) -> Any:
    return exists().where(t.requests.c.citizen == person, t.requests.c.state == "claimed")


OLDEST = _waiting()
OLDEST_OF = _waiting().where(t.inbox.c.conversation == bindparam("conversation"))
HELPED_NOW = select(_helped(bindparam("person")))
NUMBER = (
    update(t.contacts)
    .where(t.contacts.c.id == bindparam("its_id"))
    .values(last=t.contacts.c.last + bindparam("more"))
    .returning(t.contacts.c.last, t.contacts.c.account)
)
ACCOUNT = select(t.contacts.c.account).where(t.contacts.c.id == bindparam("contact"))
REACHED = (
    select(t.contacts.c.id)
    .where(t.contacts.c.conversation == bindparam("person"), ~t.contacts.c.gone)
    .order_by(t.contacts.c.heard.desc(), t.contacts.c.id)
    .limit(1)
)
KEEP_CONVERSATION = (
    update(t.conversations)
    .where(t.conversations.c.id == bindparam("its_id"))
    .values(
        person=bindparam("its_person"),
        talk=bindparam("its_talk"),
        touched=bindparam("its_touched"),
        consented=bindparam("its_consented"),
    )
)
KEEP_DONE = update(t.inbox).where(t.inbox.c.id == bindparam("its_id")).values(state=t.DONE, event="")
HEARD = (
    update(t.contacts)
    .where(t.contacts.c.id == bindparam("its_id"))
    .values(heard=bindparam("its_heard"), gone=False)
)
TELL = select(func.pg_notify("toso", bindparam("words")))  # heard by other processes when this is committed
WITHDRAW = (
    update(t.outbox)
    .where(t.outbox.c.about == bindparam("what"), t.outbox.c.state.in_((t.HELD, t.READY)))
    .values(state=t.WITHDRAWN)
)


class Turns:
    """Takes what waits in the inbox, in order, and keeps what was decided."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        shelf: Callable[[], Shelf],
        decide: Callable[[Turn], None],
        understand: Callable[[str], Found],
        wording: Wording,
        after: Callable[[Done], None] = lambda _done: None,
    ) -> None:
        self._database = database
        self._writer = writer
        self._shelf = shelf
        self._decide = decide
        self._understand = understand
        self._wording = wording
        self._after = after
        self._found: OrderedDict[str, Found] = OrderedDict()
        self._resting: dict[int, float] = {}  # conversations that wait after a failure, until when
        self._since: dict[int, float] = {}  # threads inside a decision, since when
        self.parked = 0

    # --- taking turns ---

    def take(self, careful_to: int = 0) -> int:
        """Take what waits now; give how many events were decided (or parked).

        Events up to `careful_to` may have killed an earlier process: each is taken alone,
        the attempt counted before it is tried.
        """
        if careful_to:
            taken = self._carefully(careful_to)
            if taken:
                return taken
        try:
            done = self._writer.submit(self._batch).result() if self._database.sqlite else self._one_locked()
        except Broken as broken:
            return self._alone(broken.conversation)
        return self._finish(done)

    def _finish(self, done: Done) -> int:
        for text in done.unread:
            self._read(text)
        if done.events:
            self._after(done)
        return done.events + len(done.unread)

    def _alone(self, conversation: int, counted: bool = False) -> int:
        """Decide one conversation's oldest event by itself; count it against the event when that fails."""
        try:
            return self._finish(self._writer.submit(lambda c: self._batch(c, conversation)).result())
        except Broken as broken:
            log.error("event %s could not be decided", broken.event, exc_info=broken.error)
            done = self._writer.submit(partial(self._failed, broken=broken, counted=counted)).result()
            self._after(done)
            return 1

    def _carefully(self, careful_to: int) -> int:
        with self._database.read() as connection:
            row = connection.execute(
                select(t.inbox.c.id, t.inbox.c.conversation)
                .where(t.inbox.c.state == t.WAITING, t.inbox.c.id <= careful_to)
                .where(t.inbox.c.conversation.not_in(self._rests()))
                .order_by(t.inbox.c.id)
                .limit(1)
            ).first()
        if row is None:
            return 0
        event = row.id
        parked = self._writer.submit(lambda c: self._count(c, event)).result()
        if parked is not None:
            self._after(parked)
            return 1
        return self._alone(row.conversation, counted=True)

    def _one_locked(self) -> Done:
        """PostgreSQL: lock a conversation, and only then read its oldest event."""
        while True:
            try:
                with self._database.write() as connection:
                    conversation = connection.scalar(
                        select(t.conversations.c.id)
                        .join(t.inbox, t.inbox.c.conversation == t.conversations.c.id)
                        .where(t.inbox.c.state == t.WAITING, t.conversations.c.id.not_in(self._rests()))
                        .order_by(t.inbox.c.id)
                        .limit(1)
                        .with_for_update(of=t.conversations, skip_locked=True)
                    )
                    if conversation is None:
                        return Done()
                    return self._batch(connection, conversation)
            except Exception as error:
                if not crossed(error):
                    raise

    # --- one transaction ---

    def _batch(self, connection: Connection, only: int = 0) -> Done:
        """Decide what waits (of one conversation its oldest event, locked) and write every consequence."""
        now = clock.now()
        if only:
            if not self._database.sqlite:
                connection.execute(
                    select(t.conversations.c.id).where(t.conversations.c.id == only).with_for_update()
                )
            rows = connection.execute(OLDEST_OF, {"now": now, "most": 1, "conversation": only}).all()
        else:
            rows = connection.execute(OLDEST, {"now": now, "most": BATCH}).all()
        kept = _Kept(connection, self._wording, now, self._database.sqlite)
        skipped = set(self._rests()) if not only else set()
        for row in rows:
            if row.conversation in skipped:
                continue
            if not self._turn(connection, kept, row, now):
                skipped.add(row.conversation)
        return kept.write()

    def _turn(self, connection: Connection, kept: _Kept, row: Row[Any], now: datetime) -> bool:
        """Decide one event; False when its words have not been understood yet."""
        event: Incoming | Due = (_due if row.account == TICKER else _incoming).decode(row.event)
        found = None
        if isinstance(event, Incoming) and worth_search(event):
            found = self._found.get(event.text)
            if found is None:
                kept.done.unread.append(event.text)
                return False
        if row.conversation in kept.conversations:
            person, talk = kept.conversations[row.conversation]
        else:
            person = person_of(row.conversation, row.person)
            talk = _talk.decode(row.talk) if row.talk else Talk()
        records = StoredRecords(connection, now)
        turn = Turn(
            event=event,
            person=person,
            talk=talk,
            now=now,
            shelf=self._shelf(),
            records=records,
            found=found,
            helped=connection.scalar(HELPED_NOW, {"person": row.conversation})
            if kept.changed
            else row.helped,
            staff=bool(records.people.roles(row.conversation)) if kept.changed else row.staff,
        )
        thread = threading.get_ident()
        self._since[thread] = clock.ticks()
        try:
            self._decide(turn)
            kept.add(turn, row, records)
        except (OperationalError, InterfaceError):
            raise  # the database, not the decision
        except Exception as error:
            if crossed(error):
                raise
            raise Broken(row.id, row.conversation, error) from error
        finally:
            self._since.pop(thread, None)
        return True

    # --- events that fail ---

    def _count(self, connection: Connection, event: int) -> Done | None:
        """Count an attempt before it is made; park the event when it has had its three."""
        row = connection.execute(select(t.inbox).where(t.inbox.c.id == event).with_for_update()).one()
        if row.state != t.WAITING:
            return None
        if row.attempts >= TRIES:
            return self._park(connection, row, "it ended its process each time")
        connection.execute(update(t.inbox).where(t.inbox.c.id == event).values(attempts=row.attempts + 1))
        return None

    def _failed(self, connection: Connection, broken: Broken, counted: bool) -> Done:
        row = connection.execute(select(t.inbox).where(t.inbox.c.id == broken.event).with_for_update()).one()
        attempts = row.attempts + (0 if counted else 1)
        reason = type(broken.error).__name__
        if attempts >= TRIES:
            return self._park(connection, row, reason)
        connection.execute(
            update(t.inbox).where(t.inbox.c.id == broken.event).values(attempts=attempts, error=reason)
        )
        self._resting[broken.conversation] = clock.ticks() + WAITS[attempts]
        return Done()

    def _park(self, connection: Connection, row: Row[Any], reason: str) -> Done:
        """Set an event aside so that it blocks nobody; the citizen gets an apology with a number."""
        number = codes.request(5)
        now = clock.now()
        connection.execute(
            update(t.inbox).where(t.inbox.c.id == row.id).values(state=t.PARKED, number=number, error=reason)
        )
        self.parked += 1
        log.error("event %s is parked as %s: %s. See it with `toso doctor`.", row.id, number, reason)
        self._resting.pop(row.conversation, None)
        kept = _Kept(connection, self._wording, now, self._database.sqlite)
        if row.contact is not None:
            stored = connection.scalar(
                select(t.conversations.c.person).where(t.conversations.c.id == row.conversation)
            )
            person = person_of(row.conversation, stored or "")
            said = Said(person.id, SORRY(number=number), (), False, "answer", "", "", None, "", None, None)
            kept.message(said, person, row.contact)
        return kept.write()

    # --- understanding, before the transaction ---

    def _read(self, text: str) -> None:
        self._found[text] = self._understand(text)
        while len(self._found) > UNDERSTOOD:
            self._found.popitem(last=False)

    def _rests(self) -> list[int]:
        now = clock.ticks()
        for conversation in [c for c, until in self._resting.items() if until <= now]:
            self._resting.pop(conversation, None)
        return list(self._resting)

    def hanging(self) -> bool:
        """Say whether a decision has been going on for too long to be waited for."""
        now = clock.ticks()
        return any(now - since > TOO_LONG for since in list(self._since.values()))


def worth_search(event: Incoming) -> bool:
    """Say whether there are words to look up: not a press, not a bare figure."""
    return bool(event.text) and not event.choice and any(letter.isalpha() for letter in event.text)


class _Kept:
    """What a batch of turns leaves behind, written at its end in a few statements."""

    def __init__(self, connection: Connection, wording: Wording, now: datetime, sqlite: bool) -> None:
        self._connection = connection
        self._wording = wording
        self._now = now
        self._sqlite = sqlite
        self._insert = sqlite_insert if sqlite else postgresql_insert
        self.done = Done()
        self.changed = False  # a turn of this batch has looked at records that later ones must see anew
        self.conversations: dict[int, tuple[Person, Talk]] = {}
        self._events: list[dict[str, Any]] = []
        self._heard: dict[int, datetime] = {}
        self._messages: dict[int, list[dict[str, Any]]] = {}  # by contact
        self._reached: dict[int, int | None] = {}
        self._laters: list[dict[str, Any]] = []
        self._people: dict[int, Person] = {}

    def add(self, turn: Turn, row: Row[Any], records: StoredRecords) -> None:
        """Keep one turn."""
        self.changed = self.changed or records.used
        talk = turn.talk
        for about in turn.withdrawn:
            self._connection.execute(WITHDRAW, {"what": about})
            self._drop(about)
        for said in turn.said:
            own = said.to == turn.person.id
            person = turn.person if own else records.people.get(said.to)
            contact = row.contact if own and row.contact is not None else self._contact_of(said.to)
            if contact is None:
                self.done.notes.append(("could not be reached", f"person:{said.to}", 0))
                continue
            buttons = self.message(said, person, contact)
            if own and buttons:
                talk = msgspec.structs.replace(talk, offered=buttons, letters=said.letters)
        self.conversations[row.conversation] = (turn.person, talk)
        self._events.append({"its_id": row.id})
        if isinstance(turn.event, Incoming) and row.contact is not None:
            self._heard[row.contact] = self._now
        for later in turn.laters:
            self._laters.append(
                {
                    "key": later.key,
                    "at": later.at,
                    "about": later.due.about,
                    "event": _encode(later.due).decode(),
                }
            )
        self.done.notes += turn.notes
        self.done.events += 1

    def message(self, said: Said, person: Person, contact: int) -> tuple[Button, ...]:
        """Word a message for its reader and put it in their order; give its buttons."""
        word, lang, address = self._wording.word, person.lang or "vi", person.address
        buttons = tuple(
            Button(
                f"{choice.name}@{choice.context}" if choice.context else choice.name,
                word(choice.label, lang, address),
            )
            for choice in said.choices
        )
        message = Message(
            text=word(said.text, lang, address),
            choices=buttons,
            letters=said.letters,
            link=said.link,
            file=said.file,
        )
        held = said.not_before is not None and said.not_before > self._now
        self._messages.setdefault(contact, []).append(
            {
                "contact": contact,
                "about": said.about,
                "kind": said.kind,
                "priority": PRIORITIES[said.kind],
                "state": t.HELD if held else t.READY,
                "message": _encode(message).decode(),
                "voice": said.voice,
                "not_before": said.not_before,
                "until": said.until,
                "at": self._now,
            }
        )
        return buttons

    def _drop(self, about: str) -> None:
        for waiting in self._messages.values():
            waiting[:] = [message for message in waiting if message["about"] != about]

    def _contact_of(self, person: int) -> int | None:
        if person not in self._reached:
            self._reached[person] = self._connection.scalar(REACHED, {"person": person})
        return self._reached[person]

    def write(self) -> Done:
        """Write all of it; the numbers of messages come last, contacts in fixed order."""
        execute = self._connection.execute
        if self.conversations:
            execute(
                KEEP_CONVERSATION,
                [
                    {
                        "its_id": number,
                        "its_person": _encode(person).decode(),
                        "its_talk": _encode(talk).decode(),
                        "its_touched": self._now,
                        "its_consented": bool(person.consent),
                    }
                    for number, (person, talk) in self.conversations.items()
                ],
            )
        if self._events:
            execute(KEEP_DONE, self._events)
        if self.done.notes:
            execute(
                insert(t.audit),
                [
                    {"at": self._now, "done": done, "about": about, "by": by}
                    for done, about, by in self.done.notes
                ],
            )
        if self._laters:
            put = self._insert(t.due)
            execute(
                put.on_conflict_do_update(
                    index_elements=[t.due.c.key],
                    set_={"at": put.excluded.at, "event": put.excluded.event},
                    where=~t.due.c.done,
                ),
                self._laters,
            )
        if self._heard:
            execute(
                HEARD, [{"its_id": contact, "its_heard": at} for contact, at in sorted(self._heard.items())]
            )
        rows = []
        for contact, messages in sorted(self._messages.items()):
            rows += self._numbered(contact, messages)
        if rows:
            execute(insert(t.outbox), rows)
            if not self._sqlite:
                words = [*self.done.accounts, *(f"mail {contact}" for contact in self.done.mailboxes)]
                for word in words:
                    execute(TELL, {"words": word})
        return self.done

    def _numbered(self, contact: int, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ready = [message for message in messages if message["state"] == t.READY]
        if ready:
            last, account = self._connection.execute(NUMBER, {"its_id": contact, "more": len(ready)}).one()
        else:
            last, account = 0, self._connection.scalar(ACCOUNT, {"contact": contact})
        mailbox = account.partition(":")[0] in MAILBOXES
        number = last - len(ready)
        for message in messages:
            message["account"] = account
            message["number"] = None
            message["sent"] = None
            if message["state"] == t.READY:
                number += 1
                message["number"] = number
                if mailbox:
                    message["state"] = t.SENT
                    message["sent"] = self._now
        if ready:
            (self.done.mailboxes.add(contact) if mailbox else self.done.accounts.add(account))
        return messages


class Workers:
    """The threads that take turns, and the watchdog that does not wait for a hanging one."""

    def __init__(self, turns: Turns, database: Database, threads: int, careful_to: int = 0) -> None:
        self._turns = turns
        self._careful_to = careful_to
        self._wake = threading.Condition()
        self._calls = 0
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"turns-{place}", daemon=True)
            for place in range(1 if database.sqlite else threads)
        ]
        self._watch = threading.Thread(target=self._watchdog, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to take turns."""
        for thread in (*self._threads, self._watch):
            thread.start()

    def wake(self) -> None:
        """Say that something waits."""
        with self._wake:
            self._calls += 1
            self._wake.notify_all()

    def stop(self) -> None:
        """Finish the turns under way and take no more."""
        self._stopping = True
        self.wake()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        trouble = 0
        while not self._stopping:
            seen = self._calls
            try:
                taken = self._turns.take(self._careful_to)
                if trouble:
                    log.warning("the database answers again; turns go on")
                trouble = 0
            except Exception as error:
                # The database is away, full or restarting: nothing is lost, the events wait in it.
                trouble += 1
                if trouble == 1:
                    log.error(
                        "no turn can be taken: %s. Tried again until it works.",
                        type(error).__name__,
                        exc_info=error,
                    )
                taken = 0
            if taken:
                continue
            with self._wake:
                if self._calls == seen and not self._stopping:
                    self._wake.wait(min(1.0, 0.05 * 2**trouble) if trouble else 1.0)

    def _watchdog(self) -> None:
        while not self._stopping:
            if self._turns.hanging():
                log.critical("a turn has taken more than %s s; this process ends itself", TOO_LONG)
                logging.shutdown()
                os._exit(HANGED)
            with self._wake:
                self._wake.wait(1.0)
