"""A province on one store: teams, offices, people, a clock that jumps from event to event, and what came of it."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import Connection, func, insert, select, text, update

from bot import clock, codes
from bot.casting import seat
from bot.core import Core
from bot.play import pass_time
from bot.shelf import Bookcase
from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from bot.transcript import Takes
from bot.wording import Wording
from handlers import watch
from handlers.records.requests import Request
from handlers.rules import levels
from handlers.talk import Heard, Incoming, Message
from handlers.turn import Office
from tests.simulate.people import Citizen, Helper, Person, arrivals, moment_awake

PROVINCE = "01"  # Hà Nội, which has 126 communes
ACCOUNT = "sim:1"
MEMBERS = 6  # of a team, its lead included
BEGIN = datetime(2026, 11, 2, 0, 0, tzinfo=clock.VIETNAM)  # a Monday
DRAIN = timedelta(days=21)  # afterwards, in which nothing new comes
OVER = ("closed", "withdrawn")
# Ready to leave, by the words of the index that knows those.
READY = (t.outbox.c.account == ACCOUNT, text("outbox.state < 3"), t.among(t.outbox.c.state, t.READY))
_message = msgspec.json.Decoder(Message)
_request = msgspec.json.Decoder(Request)


class Size(msgspec.Struct, frozen=True):
    """How much of a province is played."""

    teams: int
    days: int
    requests: int  # a day
    burst: bool = False  # ten times as many in one hour
    leaving: float = 0.05  # of the members, within the time


class Shown(msgspec.Struct, frozen=True):
    """A message as its reader sees it."""

    text: str
    choices: tuple[str, ...]


class Sample(msgspec.Struct, frozen=True):
    """How many requests lay there at some hour."""

    at: datetime
    waiting: int
    claimed: int
    late: int


class Outcome(msgspec.Struct):
    """What came of it."""

    requests: int = 0
    over: int = 0
    escalated: int = 0  # not over, and an officer or the province has been told
    in_time: int = 0  # opened again by their citizen, and not due yet
    forgotten: list[str] = []  # codes of those that are none of these
    told: Counter[str] = msgspec.field(default_factory=Counter)  # late, by who was told first and last
    turns: int = 0
    parked: int = 0
    left: int = 0  # members who left
    samples: list[Sample] = []


class Province:
    """Everybody, and the time."""

    def __init__(self, url: str, size: Size, seed: int, bookcase: Bookcase | None = None) -> None:
        self.size, self.luck = size, random.Random(seed)
        codes.seed(seed)
        clock.stop_at(BEGIN)
        office = Office(name="Tổ Số", opens=True)
        database = Database(url)
        schema.upgrade(database)
        self.core = Core(database, bookcase or Bookcase(office), Wording())
        self.people: dict[str, Person] = {}
        self.outcome = Outcome()
        self._coming: list[tuple[datetime, int, str, str, str]] = []
        self._order = self._seen = 0

    def close(self) -> None:
        """End it."""
        self.core.close()
        clock.reset()
        codes.seed(None)

    # --- who is there ---

    def settle(self) -> None:
        """Bring in offices and teams, with a lead and members each, over all communes in turn."""
        places = self.core.bookcase.shelf().places
        communes = places.communes_of(PROVINCE)
        self.areas: list[str] = []
        for number in range(self.size.teams):
            commune = communes[number % len(communes)]
            village = 1 + number // len(communes)
            self.areas.append(f"thôn {village}, {places.label(commune)}")
        offices = dict.fromkeys(area.partition(", ")[2] for area in self.areas)
        cast = [(f"Anh Cán {number}", f'officer of "{place}"') for number, place in enumerate(offices)]
        cast.append(("Chị Tỉnh", 'officer of "Hà Nội"'))
        for number, area in enumerate(self.areas):
            for one in range(MEMBERS):
                cast.append((f"Anh Tổ {number} {one}", f'{"member" if one else "lead"} of "{area}"'))
        for name, _role in cast:
            care = 0.6 if "Tổ" not in name else self.luck.choice((0.15, 0.4, 0.6, 0.8))
            self.people[name] = Helper(name, self, care)
        self.core.writer.submit(lambda c: self._enter_all(c, cast)).result()

    def _enter_all(self, connection: Connection, cast: list[tuple[str, str]]) -> None:
        for name, role in cast:
            self._enter(connection, name, role)

    def _enter(self, connection: Connection, name: str, role: str) -> None:
        places = self.core.bookcase.shelf().places
        found = seat(connection, places, Takes(name=name, channel="sim", role=role), clock.now())
        connection.execute(
            insert(t.contacts).values(
                account=ACCOUNT, chat=name, conversation=found.person, heard=clock.now()
            )
        )

    def later(self, person: Person, minutes: float, text: str = "", choice: str = "") -> None:
        """Let somebody write or press after so many minutes, or when they wake."""
        at = clock.now() + timedelta(minutes=minutes)
        self._put(moment_awake(at) if isinstance(person, Helper) else at, person.name, text, choice)

    def _put(self, at: datetime, name: str, text: str = "", choice: str = "") -> None:
        self._order += 1
        heapq.heappush(self._coming, (at, self._order, name, text, choice))

    def _ends(self, name: str, at: datetime) -> None:
        """Let somebody's role end on a day that a list gave."""
        person = select(t.contacts.c.conversation).where(t.contacts.c.chat == name).scalar_subquery()
        ended = update(t.roles).where(t.roles.c.person == person).values(until=at)
        self.core.writer.submit(lambda c: c.execute(ended)).result()

    # --- the time ---

    def run(self) -> Outcome:
        """Let the days pass, and say what came of it."""
        days = [BEGIN + timedelta(days=day) for day in range(self.size.days)]
        for number, at in enumerate(arrivals(self.luck, days, self.size.requests, self.size.burst)):
            self._put(at, f"Cô Dân {number}", "")
        helpers = [name for name in self.people if name.startswith("Anh Tổ")]
        for name in self.luck.sample(helpers, round(len(helpers) * self.size.leaving)):
            at = self.luck.choice(days) + timedelta(hours=self.luck.uniform(8, 20))
            if self.luck.random() < 0.5:
                self._put(at, name, "xóa dữ liệu")  # and with it their role
            else:
                self._ends(name, at)
            self.outcome.left += 1
        end = days[-1] + timedelta(days=1) + DRAIN
        hour = BEGIN
        while hour < end:
            hour += timedelta(hours=1)
            while self._coming and self._coming[0][0] <= hour:
                at = self._coming[0][0].replace(second=0, microsecond=0) + timedelta(minutes=1)
                pass_time(self.core, max(at, clock.now()), self._work)
                self._acts(clock.now())
                self._work()
            pass_time(self.core, hour, self._work)
            self._sample()
        return self._judge()

    def _acts(self, now: datetime) -> None:
        """Let everybody act whose moment has come."""
        heard = []
        while self._coming and self._coming[0][0] <= now:
            _at, order, name, text, choice = heapq.heappop(self._coming)
            if name not in self.people:
                citizen = self.people[name] = Citizen(name, self)
                cast = [(name, f'citizen of "{self.luck.choice(self.areas)}"')]
                self.core.writer.submit(partial(self._enter_all, cast=cast)).result()
                citizen.asks()
                continue
            event = Incoming(account=ACCOUNT, chat=name, sender=name, text=text, choice=choice, sent=now)
            heard.append(Heard(f"sim:{order}", event))
        if heard:
            self.core.intake.take_now(heard)

    def _work(self) -> None:
        """Take the turns that wait, and show everybody what they were sent."""
        taken = self.core.run_waiting()
        self.outcome.turns += taken
        if not taken:
            return
        with self.core.database.read() as connection:
            rows = connection.execute(
                select(t.outbox.c.id, t.outbox.c.message, t.contacts.c.chat)
                .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
                .where(*READY, t.outbox.c.message != "")
                .order_by(t.outbox.c.id)
            ).all()
        if rows:
            self.core.writer.submit(
                lambda c: c.execute(update(t.outbox).where(*READY).values(state=t.SENT))
            ).result()
        for row in rows:
            message = _message.decode(row.message)
            shown = Shown(message.text, tuple(button.data for button in message.choices))
            self.people[row.chat].sees(shown)

    # --- what came of it ---

    def _sample(self) -> None:
        with self.core.database.read() as connection:
            rows = connection.execute(
                select(t.requests.c.state, t.requests.c.details).where(t.requests.c.state.not_in(OVER))
            ).all()
        late = sum(_late(_request.decode(row.details)) for row in rows)
        waiting = sum(row.state == "open" for row in rows)
        self.outcome.samples.append(Sample(clock.now(), waiting, len(rows) - waiting, late))

    def _judge(self) -> Outcome:
        with self.core.database.read() as connection:
            rows = connection.execute(
                select(t.requests.c.code, t.requests.c.state, t.requests.c.details)
            ).all()
            self.outcome.parked = (
                connection.scalar(
                    select(func.count()).select_from(t.inbox).where(t.inbox.c.state == t.PARKED)
                )
                or 0
            )
        self.outcome.requests = len(rows)
        for row in rows:
            request = _request.decode(row.details)
            steps = {name.partition(":")[2] for name in request.told}
            self.outcome.told.update(steps)
            if row.state in OVER:
                self.outcome.over += 1
            elif steps & {"officer", "province"}:
                self.outcome.escalated += 1
            elif self._opened_again_and_in_time(request):
                self.outcome.in_time += 1
            else:
                self.outcome.forgotten.append(row.code)
        return self.outcome

    def _opened_again_and_in_time(self, request: Request) -> bool:
        """Say whether a citizen opened it again, and the time to do it that began then is not over.

        Being claimed and let go does not prolong that time, so what goes round is none of these.
        """
        if request.begun is None:
            return False
        shelf = self.core.bookcase.shelf()
        service = shelf.service
        kind = levels.kind_of(request.danger or request.topic, not request.team, service)
        desk = service.desk_of(request.commune)
        ends = levels.due(watch.course(request), "done", service.levels[kind], desk, shelf.calendar)
        return ends > clock.now()


def _late(request: Request) -> bool:
    return any(not name.endswith((":warning", ":citizen")) for name in request.told)


def sqlite(folder: Path) -> str:
    """Give the address of a new store in a folder."""
    return f"sqlite:///{folder}/province.db"
