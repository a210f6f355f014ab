"""Our side of the bench: many people walk through a real guide, and every step is kept before it counts."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import func, select

from bot.core import Core
from bot.shelf import Bookcase
from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from bot.turns import Done
from bot.wording import Wording
from handlers.talk import Heard, Incoming
from tests.bench.disk import SlowSyncs

ACCOUNT = "telegram:1"  # its messages wait in the outbox, as those of every platform do
FIRST = "B70"  # typed, it leads to the first step of vneid.activate
WAY = (
    "card@B70",
    "device@B71",
    "open-app@B72",
    "enter@B74",
    "code@B75",
    "password@B76",
    "passcode@B77",
    "questions@B78",
    "check@B79",
)


class Office:
    """A running core with people in front of it."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self._numbers = itertools.count(1)
        self._decided = 0
        self._wanted = 0
        self._all = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def after(self, done: Done) -> None:
        """Hear from the turns how many were kept."""
        self._loop.call_soon_threadsafe(self._count, done.events)

    def _count(self, events: int) -> None:
        self._decided += events
        if self._decided >= self._wanted:
            self._all.set()

    def heard(self, person: int, text: str = "", choice: str = "") -> Heard:
        """Give an update that says this, or presses this button."""
        name = f"c{person}"
        incoming = Incoming(account=ACCOUNT, chat=name, sender=name, text=text, choice=choice)
        return Heard(f"u{next(self._numbers)}", incoming)

    async def take(self, updates: list[Heard], at_a_time: int, pollers: int = 1) -> None:
        """Deliver updates as a platform does, each after the last is acknowledged; return when all are decided."""
        self._wanted = self._decided + len(updates)
        self._all.clear()
        batches = iter([updates[at : at + at_a_time] for at in range(0, len(updates), at_a_time)])

        async def poll() -> None:
            for batch in batches:
                if not await self.core.intake.take(batch):
                    raise RuntimeError("intake said “not now”")

        await asyncio.gather(*(poll() for _ in range(pollers)))
        await self._all.wait()

    async def to_the_first_step(self, people: int) -> None:
        """Lead everybody to the beginning of the guide, unmeasured."""
        await self.take([self.heard(person, text=FIRST) for person in range(people)], 100)

    def way(self, people: int) -> list[Heard]:
        """Give the presses that lead everybody from there to the last step."""
        return [self.heard(person, choice=choice) for choice in WAY for person in range(people)]

    def rows(self) -> int:
        """Count the messages in the outbox."""
        with self.core.database.read() as connection:
            return connection.scalar(select(func.count()).select_from(t.outbox)) or 0


@asynccontextmanager
async def office(
    folder: Path, bookcase: Bookcase, wording: Wording, extra: float = 0.0
) -> AsyncIterator[Office]:
    """Open an empty store with a running core; a wait is added to each sync of the disk."""
    database = Database(f"sqlite:///{folder}/toso.db")
    schema.upgrade(database)
    if extra:
        SlowSyncs(database.engine, Path(f"{folder}/toso.db-wal"), extra)
    heard: list[Office] = []
    core = Core(database, bookcase, wording, after=lambda done: heard[0].after(done))
    heard.append(Office(core))
    core.start()
    try:
        yield heard[0]
    finally:
        await asyncio.to_thread(core.stop)
