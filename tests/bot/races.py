"""Teams, citizens, and many hands that reach for the same request at once.

`TOSO_RACES=10000` races so often as was promised; the ordinary tests do with fewer.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, insert, select

from bot import clock
from bot.core import Core
from bot.inbox import put_before
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.requests import StoredRequests
from bot.turns import Done
from handlers import desk
from handlers.profile import CONSENT
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.talk import Due, Heard, Incoming, Message
from knowledge.places import Places
from tests.bot.race_worker import THREADS
from tests.bot.rig import ACCOUNT, core_on, rows

RACES = int(os.environ.get("TOSO_RACES", "80"))
LONG = 300 + RACES  # seconds that a test may take
PATIENCE = 60.0  # seconds in which something happens, on however busy a machine
FEEDERS = 4  # threads through which updates come in
HOUSE = Path(__file__).parents[2]
MONDAY = datetime(2026, 11, 9, 9, 0, tzinfo=clock.VIETNAM)

_message = msgspec.json.Decoder(Message)


class Told(msgspec.Struct, frozen=True):
    """A message as it stands in somebody's chat."""

    number: int  # in their order
    text: str
    kind: str
    voice: str  # whose words these are, where they are a person's
    about: str

    def names(self, code: str) -> bool:
        """Say whether it speaks of the request with this code, of which a longer one may be made."""
        return re.search(rf"\b{code}\b", self.text) is not None


class Round(msgspec.Struct, frozen=True):
    """A request, and who is around it."""

    code: str
    number: int
    citizen: int
    team: tuple[int, ...]  # its members
    beyond: tuple[int, ...] = ()  # the members of the team of the whole commune

    @property
    def about(self) -> str:
        """What messages about it say that they are about."""
        return f"request:{self.number}"


def name(person: int) -> str:
    """Give what somebody is called."""
    return f"Người {person}"


def presses(person: int, choice: str) -> Heard:
    """Give a press of a button."""
    return _heard(person, choice=choice)


def says(person: int, text: str) -> Heard:
    """Give words that somebody types."""
    return _heard(person, text=text)


def _heard(person: int, text: str = "", choice: str = "") -> Heard:
    chat = str(person)
    event = Incoming(account=ACCOUNT, chat=chat, sender=chat, text=text, choice=choice)
    return Heard(f"{chat}:{text}{choice}", event)


# --- who is there ---


def people(connection: Connection, count: int) -> list[int]:
    """Make people who have been here before, each with a chat; give their numbers."""
    talks = [{"talk": '{"met":true}', "touched": clock.now(), "consented": True} for _ in range(count)]
    numbers = many(connection, t.conversations, talks)
    for number in numbers:
        person = Person(name=name(number), lang="vi", consent=CONSENT, consented=clock.now())
        connection.execute(
            t.conversations.update()
            .where(t.conversations.c.id == number)
            .values(person=msgspec.json.encode(person).decode())
        )
    chats = [
        {"account": ACCOUNT, "chat": str(number), "conversation": number, "heard": clock.now()}
        for number in numbers
    ]
    connection.execute(insert(t.contacts), chats)
    return numbers


def many(connection: Connection, table: Table, made: Sequence[dict[str, Any]]) -> list[int]:
    """Keep rows, and give their numbers in the same order."""
    kept = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return [int(number) for number in connection.scalars(kept, list(made))]


def rounds(core: Core, count: int, *, members: int, requests: int = 1, beyond: int = 0) -> list[Round]:
    """Make requests, so many for each team; the communes have a team of the whole commune where `beyond` says so."""
    codes = [commune.code for commune in Places.load().communes_of("01")]
    teams = -(-count // requests)
    made: list[Round] = []
    with core.database.write() as connection:
        wide: dict[str, tuple[int, ...]] = {}
        for code in codes[:teams] if beyond else ():
            unit = {"kind": "team", "name": f"cả {code}", "village": "", "commune": code}
            (place,) = many(connection, t.units, [unit])
            wide[code] = _seated(connection, place, beyond)
        for number in range(teams):
            code, village = codes[number % len(codes)], f"tổ dân phố {number + 1}"
            unit = {"kind": "team", "name": village, "village": village, "commune": code}
            (place,) = many(connection, t.units, [unit])
            (there,) = many(connection, t.villages, [{"commune": code, "name": village}])
            connection.execute(insert(t.covers).values(unit=place, village=there))
            team = _seated(connection, place, members)
            for citizen in people(connection, min(requests, count - len(made))):
                wanted = Request(
                    citizen=citizen,
                    commune=code,
                    village=village,
                    words="việc",
                    team=place,
                    asked_first=place,
                )
                request = StoredRequests(connection, clock.now()).open(wanted)
                made.append(Round(request.code, request.id, citizen, team, wide.get(code, ())))
    return made


def _seated(connection: Connection, unit: int, count: int) -> tuple[int, ...]:
    seated = people(connection, count)
    roles = [{"person": person, "kind": "member", "place": unit, "since": clock.now()} for person in seated]
    connection.execute(insert(t.roles), roles)
    return tuple(seated)


# --- what they do ---


def let_in(core: Core, update: Heard | Due) -> None:
    """Put what somebody does, or what the clock brings, where turns are taken from."""
    if isinstance(update, Heard):
        core.intake.take_now([update])
        return
    key = f"{update.name}:{update.about}:{update.at}"
    core.writer.submit(lambda c: put_before(c, key, update, clock.now())).result()


def do(core: Core, updates: Iterable[Heard | Due]) -> None:
    """Let people do what they do, and return when it is decided."""
    for update in updates:
        let_in(core, update)
    core.run_waiting()


class Hands:
    """Everybody who takes turns on one store: this process, and on PostgreSQL another one beside it."""

    def __init__(self, core: Core, beside: subprocess.Popen[str] | None) -> None:
        self.core, self._beside = core, beside
        self._decided = 0
        self._wanted = 0
        self._changed = threading.Condition()
        self.elsewhere = 0  # events that the other process has decided
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def decided(self, events: int) -> None:
        """Count what has been decided."""
        with self._changed:
            self._decided += events
            self._changed.notify_all()

    def _read(self) -> None:
        for line in (self._beside.stdout or ()) if self._beside else ():
            self.elsewhere += int(line)
            self.decided(int(line))

    def all_at_once(self, updates: Sequence[Heard | Due]) -> None:
        """Let all of it in by several threads at once, and return when all of it has been decided."""
        with ThreadPoolExecutor(FEEDERS) as feeders:
            list(feeders.map(self._let_in, updates))
        self._wait_for(len(updates))

    def _let_in(self, update: Heard | Due) -> None:
        let_in(self.core, update)

    def _wait_for(self, events: int) -> None:
        """Return when so many events more have been decided."""
        if self._beside and self._beside.stdin:
            self._beside.stdin.write("\n")
            self._beside.stdin.flush()
        self._wanted += events
        with self._changed:
            while self._decided < self._wanted:
                assert self._changed.wait(PATIENCE), (
                    f"{self._decided} of {self._wanted} are decided, and no more"
                )
        assert self._decided == self._wanted


@contextmanager
def core_at(url: str, bookcase: Bookcase, moment: datetime = MONDAY) -> Iterator[Core]:
    """Open a core whose clock stands still; nobody takes turns but who asks it to."""
    clock.stop_at(moment)
    try:
        with core_on(url, bookcase, desk.decide) as core:
            yield core
    finally:
        clock.reset()


@contextmanager
def hands_on(url: str, bookcase: Bookcase, moment: datetime = MONDAY) -> Iterator[Hands]:
    """Begin to take turns: four workers in two processes on PostgreSQL, on SQLite the one writer there is."""
    clock.stop_at(moment)
    beside = None if url.startswith("sqlite") else _beside(url, moment)
    hands: Hands | None = None

    def after(done: Done) -> None:
        assert hands is not None
        hands.decided(done.events + len(done.parked))

    try:
        with core_on(url, bookcase, desk.decide, after=after, threads=THREADS) as core:
            hands = Hands(core, beside)
            core.start()
            yield hands
            if core.workers is not None:
                core.workers.stop()
    finally:
        if beside is not None:
            _ended(beside)
        clock.reset()


def _beside(url: str, moment: datetime) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bot.race_worker", url, moment.isoformat()],
        cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _ended(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    status = process.wait(60)
    if process.stdout is not None:
        process.stdout.close()
    assert status == 0


# --- what came of it ---


def chats(core: Core) -> dict[int, list[Told]]:
    """Give what stands in everybody's chat, in order; what was withdrawn before it left is not there."""
    found: dict[int, list[Told]] = defaultdict(list)
    for row in rows(
        core,
        select(t.contacts.c.conversation, t.outbox)
        .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
        .where(t.outbox.c.state != t.WITHDRAWN)
        .order_by(t.outbox.c.contact, t.outbox.c.number),
    ):
        text = _message.decode(row.message).text
        found[row.conversation].append(Told(row.number, text, row.kind, row.voice, row.about))
    return found


def happened(core: Core) -> dict[int, list[tuple[str, int]]]:
    """Give for each request what has happened to it, in order, and by whom; without who was shown it."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in rows(core, select(t.request_events).order_by(t.request_events.c.id)):
        if row.what != "routed":
            found[row.request].append((row.what, row.by))
    return found


def kept(core: Core) -> dict[int, Request]:
    """Give every request as it stands."""
    found = rows(core, select(t.requests))
    return {
        row.id: msgspec.structs.replace(msgspec.json.decode(row.details, type=Request), id=row.id)
        for row in found
    }


def nothing_failed(core: Core) -> None:
    """No event was tried in vain, and none waits."""
    assert not rows(core, select(t.inbox.c.id).where((t.inbox.c.attempts > 0) | (t.inbox.c.state != t.DONE)))
