"""Turns: the oldest event of a conversation is decided, and all it leads to is one commit.

Nothing here knows what is decided; nothing in handlers/ knows how it is kept.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, case, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot import clock, codes
from bot.locks import only_here
from bot.making import ordered
from bot.store import tables as t
from bot.store.database import Database, away, crossed
from bot.store.media import to_make
from bot.store.misses import StepKey, add_up
from bot.store.people import columns_of, person_of
from bot.store.records import StoredRecords
from bot.store.writer import Writer
from bot.trouble import where
from bot.wording import Wording
from handlers.records.people import Person
from handlers.rules import guard
from handlers.rules.reporting import local_day
from handlers.talk import Button, Due, Incoming, Message, Talk
from handlers.text import _
from handlers.turn import UNSEEN, UNSHOWN, Kind, Said, Shelf, Turn
from knowledge.search import Found

log = logging.getLogger(__name__)

PRIORITIES: dict[Kind, int] = {"answer": 0, "receipt": 0, "notice": 1, "reminder": 2, "broadcast": 3}
QUIET_AT_NIGHT: tuple[Kind, ...] = ("reminder", "broadcast")  # never outside the hours, whatever delayed them
MAILBOXES = ("web", "terminal")  # accounts whose people fetch their messages themselves
TICKER = "ticker"
BATCH = 256  # events in one commit on SQLite
SHORT = 0.03  # seconds after which a commit is ended when somebody waits to be let in
RUSH = 32  # updates waiting to be let in, of which that many are a rush
GIVEN = 0.5  # seconds that turns wait for a rush, at the most: they too must go on
GLANCE = 0.02  # seconds between two looks whether it is over
TRIES = 3
DEATHS = 6  # of the process with the same event in hand; fewer may be bad luck, such as a power cut that repeats itself
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
    parked: list[str] = field(default_factory=list)  # what the operator is told of them
    media: bool = False  # files are wanted, or are to go
    unread: list[str] = field(default_factory=list)  # texts to be understood before their turn


class Broken(Exception):
    """A decision failed; the event is undone and will be counted."""

    def __init__(self, event: int, conversation: int, error: Exception) -> None:
        super().__init__(f"event {event}: {type(error).__name__}")
        self.event = event
        self.conversation = conversation
        self.error = error


class Mixed(Exception):
    """What several turns left behind cannot be written; one of them is at fault."""


def _waiting() -> Any:
    i, c = t.inbox.c, t.conversations.c
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
            _staff(i.conversation).label("staff"),
        )
        .join(t.conversations, c.id == i.conversation)
        .where(i.state == t.WAITING)
        .order_by(i.id)
        .limit(bindparam("most"))
    )


def _helped(person: Any) -> Any:
    return exists().where(t.requests.c.citizen == person, t.requests.c.state == "claimed")


def _staff(person: Any) -> Any:
    r = t.roles.c
    return exists().where(r.person == person, or_(r.until.is_(None), r.until > bindparam("now")))


OLDEST = _waiting().where(t.inbox.c.conversation.not_in(bindparam("resting", expanding=True)))
OLDEST_OF = _waiting().where(t.inbox.c.conversation == bindparam("conversation"))
FLAGS_NOW = select(_helped(bindparam("person")).label("helped"), _staff(bindparam("person")).label("staff"))
# What a worker may take next, and locks: no key, so that intake can add to a conversation being decided.
NEXT = (
    select(t.conversations.c.id)
    .join(t.inbox, t.inbox.c.conversation == t.conversations.c.id)
    .where(t.inbox.c.state == t.WAITING, t.conversations.c.id.not_in(bindparam("resting", expanding=True)))
    .order_by(t.inbox.c.id)
    .limit(1)
    .with_for_update(of=t.conversations, skip_locked=True, key_share=True)
)
LOCK = (
    select(t.conversations.c.id)
    .where(t.conversations.c.id == bindparam("conversation"))
    .with_for_update(key_share=True)
)
SUSPECTS = (
    select(t.inbox.c.id, t.inbox.c.conversation, t.inbox.c.attempts)
    .where(t.inbox.c.state == t.WAITING, t.inbox.c.id <= bindparam("upto"))
    .order_by(t.inbox.c.id)
    .limit(BATCH)
)
EVENT = select(t.inbox).where(t.inbox.c.id == bindparam("event")).with_for_update()
# Locked by ascending id, so that two turns that write to the same people wait and never cross.
CONTACTS = (
    select(t.contacts.c.id, t.contacts.c.account, t.contacts.c.last, t.contacts.c.heard, t.contacts.c.gone)
    .where(t.contacts.c.id.in_(bindparam("contacts", expanding=True)))
    .order_by(t.contacts.c.id)
    .with_for_update(key_share=True)
)
KEEP_CONTACT = (
    update(t.contacts)
    .where(t.contacts.c.id == bindparam("its_id"))
    .values(last=bindparam("its_last"), heard=bindparam("its_heard"), gone=bindparam("its_gone"))
)
REACHED = (
    select(t.contacts.c.id)
    .where(
        t.contacts.c.conversation == bindparam("person"),
        ~t.contacts.c.gone,
        t.contacts.c.account.not_in(t.OUTSIDE),
    )
    .order_by(t.contacts.c.heard.desc(), t.contacts.c.id)
    .limit(1)
)
EVERYWHERE = (
    select(t.contacts.c.id)
    .where(
        t.contacts.c.conversation == bindparam("person"),
        ~t.contacts.c.gone,
        t.contacts.c.account.not_in(t.OUTSIDE),
    )
    .order_by(t.contacts.c.id)
)
# Where to answer whoever was heard in a group; never there, since everybody would read it.
BESIDE_GROUP = (
    select(t.contacts.c.id)
    .where(
        t.contacts.c.account == bindparam("account"),
        t.contacts.c.chat == bindparam("chat"),
        t.contacts.c.conversation == bindparam("person"),
        ~t.contacts.c.gone,
        t.contacts.c.heard > t.NEVER,
    )
    .limit(1)
)
REACHED_OUTSIDE = (
    select(t.contacts.c.id)
    .where(
        t.contacts.c.conversation == bindparam("person"),
        ~t.contacts.c.gone,
        t.contacts.c.account.in_(bindparam("ways", expanding=True)),
    )
    .order_by(
        case({name: place for place, name in enumerate(t.OUTSIDE)}, value=t.contacts.c.account),
        t.contacts.c.id,
    )
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
        commune=bindparam("its_commune"),
        village=bindparam("its_village"),
        news=bindparam("its_news"),
        areas=bindparam("its_areas"),
    )
)
KEEP_DONE = (
    update(t.inbox)
    .where(t.inbox.c.id.in_(bindparam("events", expanding=True)))
    .values(state=t.DONE, event="")
)
TELL = select(func.pg_notify("toso", bindparam("words")))  # heard by other processes when this is committed
WITHDRAW = (
    update(t.outbox)
    .where(t.outbox.c.about == bindparam("what"), t.outbox.c.state < t.SENDING)
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
        knocking: Callable[[], int] = lambda: 0,
    ) -> None:
        """Take what decides and words, and what says how many updates wait to be let in (`knocking`)."""
        self._database = database
        self._writer = writer
        self.knocking = knocking
        self._shelf = shelf
        self._decide = decide
        self._understand = understand
        self._wording = wording
        self._after = after
        self._found: OrderedDict[str, tuple[Shelf, Found | Exception]] = OrderedDict()
        self._resting: dict[int, float] = {}  # conversations that wait after a failure, until when
        self._since: dict[int, float] = {}  # threads inside a decision, since when
        self._one_by_one = threading.Lock()
        self.careful_to = 0  # events up to this one may have ended a process; each is taken alone
        self.ready: Callable[[], object] = lambda: (
            None
        )  # called before each of them: no event is to blame for this
        self.calm: Callable[[], object] = lambda: None  # called when nothing is left of them
        self.parked = 0

    # --- taking turns ---

    def take(self) -> int:
        """Take what waits now; give how many events were decided, parked or understood."""
        elsewhere: set[int] = set()
        if self.careful_to:
            with self._one_by_one:
                taken = self._carefully(elsewhere)
            if taken:
                return taken
        try:
            done = self._many() if self._database.sqlite else self._one_locked(elsewhere)
        except Broken as broken:
            return self._alone(broken.conversation)
        return self._finish(done)

    def rest(self, conversation: int, seconds: float) -> None:
        """Leave a conversation alone for a while; another process has seen it fail."""
        self._resting[conversation] = clock.ticks() + seconds

    def _finish(self, done: Done) -> int:
        for text in dict.fromkeys(done.unread):
            self._read(text)
        for words in done.parked:
            self.parked += 1
            log.error("%s. See it with `toso doctor`.", words)
        if done.events or done.parked:
            self._after(done)
        return done.events + len(done.parked) + len(done.unread)

    def _many(self) -> Done:
        """SQLite: decide what waits in one commit, or in smaller ones where something cannot be written."""
        most = BATCH
        while True:
            try:
                return self._writer.submit(partial(self._batch, most=most)).result()
            except Mixed:
                most //= 2

    def _one_locked(self, elsewhere: set[int]) -> Done:
        """PostgreSQL: lock a conversation, and only then read its oldest event."""
        while True:
            try:
                with self._database.write() as connection:
                    conversation = connection.scalar(NEXT, {"resting": [*self._rests(), *elsewhere]})
                    if conversation is None:
                        return Done()
                    done = self._batch(connection, conversation)
            except Exception as error:
                if not crossed(error):
                    raise
            else:
                if done.events or done.unread:
                    return done
                # Its last event was taken between our two statements; others may still wait.

    def _alone(self, conversation: int, counted: int = 0) -> int:
        """Decide one conversation's oldest event by itself; count it against the event when that fails.

        Where the attempt of an event was counted before, nothing but that event is decided.
        """
        try:
            while self._finish(done := self._writer.submit(self._only(conversation, counted)).result()):
                if done.events:
                    break
        except Broken as broken:
            log.error("event %s could not be decided: %s", broken.event, where(broken.error))
            failed = partial(self._failed, broken=broken, counted=broken.event == counted)
            self._finish(self._writer.submit(failed).result())
        return 1

    def _only(self, conversation: int, event: int) -> Callable[[Connection], Done]:
        return lambda connection: self._batch(connection, conversation, event)

    def _carefully(self, elsewhere: set[int]) -> int:
        """Take one event that may have ended a process: its attempt is committed before it begins.

        What was in hand at the fewest deaths comes first.  So whatever ends a process by itself keeps nobody
        else waiting, and who was in hand by chance, when the power went, is not there each time.  On
        PostgreSQL a lock of its own keeps neighbours, careful as well, from counting it too; conversations that
        they have in hand are put into `elsewhere`, since without care nothing of these may be taken.
        """
        with self._database.read() as connection:
            suspects = connection.execute(SUSPECTS, {"upto": self.careful_to}).all()
            if not suspects:
                self.careful_to = 0
                self.calm()
                return 0
            self.ready()
            resting = set(self._rests())
            oldest = {row.conversation: row for row in reversed(suspects)}
            for row in sorted(oldest.values(), key=lambda row: (row.attempts, row.id)):
                if row.conversation in resting:
                    continue
                if self._database.sqlite or only_here(connection, f"careful:{row.conversation}"):
                    done = self._writer.submit(partial(self._count, event=row.id)).result()
                    return self._finish(done) or self._alone(row.conversation, counted=row.id)
                elsewhere.add(row.conversation)
        return 0

    # --- one transaction ---

    def _batch(self, connection: Connection, only: int = 0, event: int = 0, *, most: int = BATCH) -> Done:
        """Decide what waits (of one conversation its oldest event, locked) and write every consequence."""
        now = clock.now()
        if only:
            if not self._database.sqlite:
                connection.execute(LOCK, {"conversation": only})
            rows = connection.execute(OLDEST_OF, {"now": now, "most": 1, "conversation": only}).all()
            if event and rows and rows[0].id != event:
                return Done()
        else:
            rows = connection.execute(OLDEST, {"now": now, "most": most, "resting": self._rests()}).all()
        kept = _Kept(connection, self._wording, now, self._database.sqlite)
        unread: set[int] = set()  # conversations that wait until their words have been understood
        last = None
        end = clock.ticks() + SHORT
        for row in rows:
            if last is not None and self.knocking() and clock.ticks() > end:
                break  # they wait for this commit; the rest of us are decided in the next
            if self._turn(connection, kept, row, now, wait=row.conversation in unread):
                last = row
            else:
                unread.add(row.conversation)
            if kept.moved:
                break  # what was read of the others may by now be another conversation's
        try:
            return kept.write()
        except Exception as error:
            if crossed(error) or away(error):
                raise
            if last is None or kept.done.events > 1:
                raise Mixed from error
            raise Broken(last.id, last.conversation, error) from error

    def _turn(self, connection: Connection, kept: _Kept, row: Row[Any], now: datetime, *, wait: bool) -> bool:
        """Decide one event; False when its words, or those of one before it, are yet to be understood."""
        thread = threading.get_ident()
        self._since[thread] = clock.ticks()
        try:
            records = StoredRecords(connection, now, kept.settle)
            turn = self._open(connection, kept, row, now, records)
            if turn is None or wait:
                return False
            self._decide(turn)
            kept.add(turn, row, records)
        except Mixed:
            raise
        except Exception as error:
            if crossed(error) or away(error):
                raise
            raise Broken(row.id, row.conversation, error) from error
        finally:
            self._since.pop(thread, None)
        return True

    def _open(
        self, connection: Connection, kept: _Kept, row: Row[Any], now: datetime, records: StoredRecords
    ) -> Turn | None:
        """Load all that a decision sees; None when the words have not been understood yet."""
        event: Incoming | Due = (_due if row.account == TICKER else _incoming).decode(row.event)
        shelf = self._shelf()
        found = None
        if isinstance(event, Incoming) and worth_search(event):
            known, result = self._found.get(event.text, (None, None))
            if known is not shelf:  # not yet searched, or in knowledge that has been exchanged since
                kept.done.unread.append(event.text)
                return None
            if isinstance(result, Exception):
                raise result
            found = result
        if row.conversation in kept.conversations:
            person, talk = kept.conversations[row.conversation]
        else:
            person = person_of(row.conversation, row.person)
            talk = _talk.decode(row.talk) if row.talk else Talk()
        flags = row
        if kept.changed:
            flags = connection.execute(FLAGS_NOW, {"person": row.conversation, "now": now}).one()
        return Turn(
            event=event,
            person=person,
            talk=talk,
            now=now,
            shelf=shelf,
            records=records,
            found=found,
            helped=flags.helped,
            staff=flags.staff,
        )

    # --- events that fail ---

    def _count(self, connection: Connection, event: int) -> Done:
        """Count an attempt before it is made; park the event when it has ended too many processes."""
        row = connection.execute(EVENT, {"event": event}).one()
        if row.state != t.WAITING:
            return Done()
        if row.attempts >= DEATHS:
            return self._park(connection, row, "it ended its process each time")
        connection.execute(update(t.inbox).where(t.inbox.c.id == event).values(attempts=row.attempts + 1))
        return Done()

    def _failed(self, connection: Connection, broken: Broken, counted: bool) -> Done:
        row = connection.execute(EVENT, {"event": broken.event}).one()
        if row.state != t.WAITING:
            return Done()  # another process has decided it meanwhile
        attempts = row.attempts + (0 if counted else 1)
        reason = type(broken.error).__name__
        if attempts >= TRIES:
            return self._park(connection, row, reason)
        connection.execute(
            update(t.inbox).where(t.inbox.c.id == broken.event).values(attempts=attempts, error=reason)
        )
        self.rest(broken.conversation, WAITS[attempts])
        if not self._database.sqlite:
            connection.execute(TELL, {"words": f"rest {broken.conversation} {WAITS[attempts]}"})
        return Done()

    def _park(self, connection: Connection, row: Row[Any], reason: str) -> Done:
        """Set an event aside so that it blocks nobody; the citizen gets an apology with a number."""
        number = codes.request(5)
        now = clock.now()
        connection.execute(
            update(t.inbox)
            .where(t.inbox.c.id == row.id)
            .values(state=t.PARKED, number=number, error=reason, event=_without_secrets(row))
        )
        self._resting.pop(row.conversation, None)
        kept = _Kept(connection, self._wording, now, self._database.sqlite)
        here = kept.here(_heard(row), row.conversation, row.contact)
        if here is not None:
            stored = connection.scalar(
                select(t.conversations.c.person).where(t.conversations.c.id == row.conversation)
            )
            person = person_of(row.conversation, stored or "")
            said = Said(person.id, SORRY(number=number), (), False, "answer", "", "", None, "", None, None)
            kept.message(said, person, here)
        kept.done.parked.append(f"event {row.id} is parked as {number}: {reason}")
        return kept.write()

    # --- understanding, before the transaction ---

    def _read(self, text: str) -> None:
        thread = threading.get_ident()
        self._since[thread] = clock.ticks()
        shelf = self._shelf()
        try:
            self._found[text] = shelf, self._understand(text)
        except Exception as error:
            self._found[text] = shelf, error  # its turn will fail with it, be counted and at last be parked
        finally:
            self._since.pop(thread, None)
        while len(self._found) > UNDERSTOOD:
            self._found.popitem(last=False)

    def _rests(self) -> list[int]:
        now = clock.ticks()
        for conversation, until in list(self._resting.items()):
            if until <= now:
                self._resting.pop(conversation, None)
        return list(self._resting)

    def hanging(self, too_long: float = TOO_LONG) -> bool:
        """Say whether a decision has been going on for too long to be waited for."""
        now = clock.ticks()
        return any(now - since > too_long for since in list(self._since.values()))


def _without_secrets(row: Row[Any]) -> str:
    """Give an event as it may be kept for months: no turn has judged whether a bare number in it is a code."""
    event = _heard(row)
    if event is None or not event.text:
        return str(row.event)
    hidden = guard.hide_numbers(guard.judged(event.text, "secret").text)
    return _encode(msgspec.structs.replace(event, text=hidden.text)).decode()


def _heard(row: Row[Any]) -> Incoming | None:
    """Give what somebody did; None for what the clock brought, and for what cannot be read."""
    try:
        return None if row.account == TICKER else _incoming.decode(row.event)
    except msgspec.DecodeError:
        return None


def worth_search(event: Incoming) -> bool:
    """Say whether there are words to look up: not a press, not a bare figure."""
    return (
        bool(event.text)
        and not event.choice
        and event.chat == event.sender
        and any(letter.isalpha() for letter in event.text)
    )


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
        self.moved = False  # a turn of this batch has joined or parted conversations: it is the last
        self.conversations: dict[int, tuple[Person, Talk]] = {}
        self._unwritten: set[int] = set()  # which of these the store does not know yet
        self._notes: list[tuple[str, str, int]] = []
        self._events: list[int] = []
        self._heard: dict[int, datetime] = {}  # contacts, and when they last said something
        self._left: dict[int, datetime] = {}  # contacts that are to be reached no more, and since when
        self._messages: dict[int, list[dict[str, Any]]] = {}  # by contact
        self._reached: dict[tuple[int, bool], int | None] = {}
        self._laters: list[dict[str, Any]] = []
        self._counts: Counter[StepKey] = Counter()
        self._people: dict[int, Person] = {}

    def add(self, turn: Turn, row: Row[Any], records: StoredRecords) -> None:
        """Keep one turn."""
        others = {said.to: records.people.get(said.to) for said in turn.said if said.to != turn.person.id}
        self.changed = self.changed or records.used
        self.done.media = self.done.media or records.wants
        talk = turn.talk
        if turn.withdrawn:
            self.settle()
            for about in turn.withdrawn:
                self._connection.execute(WITHDRAW, {"what": about})
        for said in turn.said:
            person = turn.person if said.to == turn.person.id else others[said.to]
            own = said.to == turn.person.id and not said.outside
            here = self.here(turn.event, turn.person.id, row.contact) if own else None
            contacts = self._contacts_of(said, here, turn.shelf.office.outside)
            if not contacts:
                self._notes.append(("could not be reached", f"person:{said.to}", 0))
            for contact in contacts:
                buttons = self.message(said, person, contact, own=own)
                if own and buttons:
                    talk = msgspec.structs.replace(talk, offered=buttons, letters=said.letters)
        for making in turn.makings:
            person = turn.person if making.person == turn.person.id else turn.people.get(making.person)
            lang = person.lang or turn.lang
            order = ordered(making.made, partial(self._wording.word, lang=lang, address=person.address))
            self._connection.execute(to_make(making, order, self._now))
            self.done.media = True
        # Its number is another than the row's where this turn has joined two conversations.
        number = turn.person.id
        self.moved = self.moved or records.moved
        self.conversations[number] = (turn.person, talk)
        self._unwritten.add(number)
        self._events.append(row.id)
        if isinstance(turn.event, Incoming) and row.contact is not None:
            self._noted_sign(row.contact, turn.event)
        for later in turn.laters:
            self._laters.append(
                {
                    "key": later.key,
                    "at": later.at,
                    "about": later.due.about,
                    "event": _encode(later.due).decode(),
                }
            )
        week = f"{local_day(self._now):%G-W%V}"
        self._counts.update((week, *counted) for counted in turn.counted)
        self._notes += turn.notes
        self.done.events += 1

    def here(self, event: Incoming | Due | None, person: int, contact: int | None) -> int | None:
        """Give where a person is answered: where they were heard, and never in a group."""
        if not isinstance(event, Incoming) or event.chat == event.sender:
            return contact
        where = {"account": event.account, "chat": event.sender, "person": person}
        return self._connection.scalar(BESIDE_GROUP, where)

    def _noted_sign(self, contact: int, event: Incoming) -> None:
        """Note that somebody is there, or has left; an official who writes is not them, and a call in vain no word.

        What counts is when they did it: a platform counts its windows from there, and may deliver late
        or in another order.
        """
        moment = min(event.sent or event.at or self._now, self._now)
        if event.sign in ("left", "removed"):
            if moment >= self._heard.get(contact, moment):
                self._left[contact] = moment
        elif event.sign not in ("official", "called", "moved"):
            self._heard[contact] = max(moment, self._heard.get(contact, moment))
            if moment >= self._left.get(contact, moment):
                self._left.pop(contact, None)

    def message(self, said: Said, person: Person, contact: int, *, own: bool = True) -> tuple[Button, ...]:
        """Word a message for its reader and put it in their order; give its buttons."""
        word, lang, address = self._wording.word, person.lang or "vi", person.address
        buttons = tuple(
            Button(
                f"{choice.name}@{choice.context}" if choice.context else choice.name,
                word(choice.label, lang, address),
                word(choice.typed, lang, address) if choice.typed and not own else "",
            )
            for choice in said.choices
        )
        unseen = UNSEEN(name=said.file.name) if said.file else UNSHOWN if said.media else None
        message = Message(
            text=word(said.text, lang, address),
            choices=buttons,
            letters=said.letters,
            link=said.link,
            file=said.file,
            media=said.media,
            unseen=word(unseen, lang, address) if unseen else "",
            asks=said.asks,
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

    def _contacts_of(self, said: Said, here: int | None, outside: Sequence[str]) -> list[int]:
        """Give where something is said: here, where the person was heard last, everywhere, or in a chosen chat.

        `outside` are the ways that are served besides chats; an address may be kept for one that is not any more.
        """
        if said.contact:
            return [said.contact]
        if said.everywhere:
            return list(self._connection.scalars(EVERYWHERE, {"person": said.to}))
        contact = here or self._contact_of(said.to, outside if said.outside else None)
        return [] if contact is None else [contact]

    def _contact_of(self, person: int, outside: Sequence[str] | None) -> int | None:
        key = person, outside is not None
        if key not in self._reached:
            found, ways = (REACHED, {}) if outside is None else (REACHED_OUTSIDE, {"ways": list(outside)})
            self._reached[key] = self._connection.scalar(found, {"person": person, **ways})
        return self._reached[key]

    def settle(self) -> None:
        """Write the turns so far, so that a later one of the batch sees in the store what they did."""
        try:
            self.write()
        except Exception as error:
            if crossed(error) or away(error):
                raise
            raise Mixed from error

    def write(self) -> Done:
        """Write all of it; the numbers of messages come last, contacts in fixed order."""
        execute = self._connection.execute
        if self._unwritten:
            execute(
                KEEP_CONVERSATION,
                [
                    {
                        "its_id": number,
                        "its_person": _encode(person).decode(),
                        "its_talk": _encode(talk).decode(),
                        "its_touched": self._now,
                        "its_consented": bool(person.consent),
                        **{f"its_{name}": value for name, value in columns_of(person).items()},
                    }
                    for number in self._unwritten
                    for person, talk in (self.conversations[number],)
                ],
            )
        if self._events:
            execute(KEEP_DONE, {"events": self._events})
        if self._notes:
            execute(
                insert(t.audit),
                [
                    {"at": self._now, "done": done, "about": about, "by": by}
                    for done, about, by in self._notes
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
        if self._counts:
            add_up(
                self._connection, self._counts
            )  # the same few rows for everybody: late, so that none waits long
        rows = self._numbered()
        if rows:
            execute(insert(t.outbox), rows)
            if not self._sqlite:
                words = [*self.done.accounts, *(f"mail {contact}" for contact in self.done.mailboxes)]
                for word in words:
                    execute(TELL, {"words": word})
        for written in (
            self._unwritten, self._events, self._notes, self._laters, self._heard, self._left, self._messages,
            self._reached, self._counts,
        ):  # fmt: skip
            written.clear()
        return self.done

    def _numbered(self) -> list[dict[str, Any]]:
        """Give the messages their numbers in each contact's order, and note who was heard."""
        rows: list[dict[str, Any]] = []
        kept: list[dict[str, Any]] = []
        wrote_to = {contact for contact, messages in self._messages.items() if messages}
        touched = self._heard.keys() | self._left.keys() | wrote_to
        if not touched:
            return rows
        for contact in self._connection.execute(CONTACTS, {"contacts": sorted(touched)}):
            heard = max(self._heard.get(contact.id, contact.heard), contact.heard)
            said = contact.id in self._heard
            number = contact.last
            mailbox = contact.account.partition(":")[0] in MAILBOXES
            for message in self._messages.get(contact.id, ()):
                message["account"] = contact.account
                message["number"] = None
                message["sent"] = None
                if message["state"] == t.READY:
                    number += 1
                    message["number"] = number
                    if mailbox:
                        message["state"] = t.SENT
                        message["sent"] = self._now
                rows.append(message)
            if number > contact.last:
                (self.done.mailboxes.add(contact.id) if mailbox else self.done.accounts.add(contact.account))
            left = contact.id in self._left and self._left[contact.id] >= contact.heard
            if said or left or number > contact.last:
                kept.append(
                    {
                        "its_id": contact.id,
                        "its_last": number,
                        "its_heard": heard,
                        "its_gone": left or (contact.gone and not said),
                    }
                )
        if kept:
            self._connection.execute(KEEP_CONTACT, kept)
        return rows


class Workers:
    """The threads that take turns, and the watchdog that does not wait for a hanging one."""

    def __init__(self, turns: Turns, database: Database, threads: int, too_long: float = TOO_LONG) -> None:
        self._turns = turns
        self._too_long = too_long
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

    def _give_way(self) -> None:
        """Let a rush in first: what is stored can wait, and of what is not the platform may lose patience."""
        end = clock.ticks() + GIVEN
        while self._turns.knocking() > RUSH and clock.ticks() < end and not self._stopping:
            with self._wake:
                self._wake.wait(GLANCE)

    def _work(self) -> None:
        trouble = 0
        while not self._stopping:
            self._give_way()
            seen = self._calls
            try:
                taken = self._turns.take()
                if trouble:
                    log.warning("the database answers again; turns go on")
                trouble = 0
            except Exception as error:
                # The database is away, full or restarting: nothing is lost, the events wait in it.
                trouble += 1
                if trouble == 1:
                    what = type(error).__name__ if away(error) else where(error)
                    log.error("no turn can be taken: %s. Tried again until it works.", what)
                taken = 0
            if taken:
                continue
            with self._wake:
                if self._calls == seen and not self._stopping:
                    self._wake.wait(min(1.0, 0.05 * 2 ** min(trouble, 5)) if trouble else 1.0)

    def _watchdog(self) -> None:
        while not self._stopping:
            if self._turns.hanging(self._too_long):
                log.critical("a turn has taken more than %s s; this process ends itself", self._too_long)
                logging.shutdown()
                os._exit(HANGED)
            with self._wake:
                self._wake.wait(min(1.0, self._too_long))
