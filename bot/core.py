"""The heart of every process: one database, the way in, and the turns."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, func, insert, select, update

from bot import clock, codes
from bot.inbox import Intake
from bot.locks import Alive, is_dead
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.writer import writer
from bot.turns import TOO_LONG, Done, Turns, Workers
from bot.wording import Wording
from handlers import desk
from handlers.turn import Turn


class Core:
    """What takes updates in and decides them; channels and the web stand around it."""

    def __init__(
        self,
        database: Database,
        bookcase: Bookcase,
        wording: Wording,
        *,
        decide: Callable[[Turn], None] = desk.decide,
        after: Callable[[Done], None] = lambda _done: None,
        threads: int = 2,
        too_long: float = TOO_LONG,
    ) -> None:
        self.database = database
        self.bookcase = bookcase
        self.writer = writer(database)
        self.intake = Intake(self.writer, database.sqlite, self._wake)
        self.turns = Turns(
            database,
            self.writer,
            bookcase.shelf,
            decide,
            bookcase.understand,
            wording,
            after,
            self.intake.waiting,
        )
        self._threads = threads
        self._too_long = too_long  # seconds in one turn, after which the process ends itself
        self._alive: Alive | None = None
        self.dead: list[str] = []  # processes that did not end well, found at the start
        self.workers: Workers | None = None
        self._process = ""

    def _wake(self) -> None:
        if self.workers is not None:
            self.workers.wake()

    def run_waiting(self) -> int:
        """Take every turn that waits, here and now; give how many there were."""
        taken = 0
        while now_taken := self.turns.take():
            taken += now_taken
        return taken

    def start(self) -> None:
        """Begin to take turns in threads; carefully where the process before did not end well."""
        self._process = codes.token()
        self._alive = None if self.database.sqlite else Alive(self.database, self._process)
        self.turns.careful_to = self.writer.submit(self._enter).result()
        self.turns.ready = self.bookcase.prepare
        self.turns.calm = self._bury
        if not self.turns.careful_to:
            self._bury()
        self.workers = Workers(self.turns, self.database, self._threads, self._too_long)
        self.workers.start()

    def _enter(self, connection: Connection) -> int:
        """Sign in; give the last event that a process which did not end well may have died of."""
        p = t.processes.c
        others = connection.scalars(select(p.id).where(p.ended.is_(None)).with_for_update()).all()
        # Only one process runs on an SQLite file, so whoever has not said goodbye is dead.
        self.dead = [other for other in others if self.database.sqlite or is_dead(connection, other)]
        connection.execute(insert(t.processes).values(id=self._process, started=clock.now()))
        return (connection.scalar(select(func.max(t.inbox.c.id))) or 0) if self.dead else 0

    def _bury(self) -> None:
        """Note the end of those who died: what they may have died of is decided or parked by now."""
        if not self.dead:
            return
        ended = update(t.processes).where(t.processes.c.id.in_(self.dead)).values(ended=clock.now())
        self.writer.submit(lambda c: c.execute(ended)).result()

    def stop(self) -> None:
        """Finish what is under way and say goodbye."""
        if self.workers is not None:
            self.workers.stop()
            ended = update(t.processes).where(t.processes.c.id == self._process).values(ended=clock.now())
            self.writer.submit(lambda c: c.execute(ended)).result()
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        if self._alive is not None:
            self._alive.end()
            self._alive = None
        self.writer.close()
        self.database.close()
