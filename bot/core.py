"""The heart of every process: one database, the way in, and the turns."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, func, insert, select, update

from bot import clock, codes
from bot.inbox import Intake
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.writer import writer
from bot.turns import Done, Turns, Workers
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
    ) -> None:
        self.database = database
        self.bookcase = bookcase
        self.writer = writer(database)
        self.turns = Turns(database, self.writer, bookcase.shelf, decide, bookcase.understand, wording, after)
        self._threads = threads
        self.workers: Workers | None = None
        self.intake = Intake(self.writer, database.sqlite, self._wake)
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
        careful_to = self.writer.submit(self._enter).result()
        self.workers = Workers(self.turns, self.database, self._threads, careful_to)
        self.workers.start()

    def _enter(self, connection: Connection) -> int:
        unclean = connection.scalar(select(func.count()).where(t.processes.c.ended.is_(None)))
        if unclean and self.database.sqlite:
            # Only one process runs on a file, so whoever has not said goodbye is dead.
            connection.execute(
                update(t.processes).where(t.processes.c.ended.is_(None)).values(ended=clock.now())
            )
        connection.execute(insert(t.processes).values(id=self._process, started=clock.now()))
        return (connection.scalar(select(func.max(t.inbox.c.id))) or 0) if unclean else 0

    def stop(self) -> None:
        """Finish what is under way and say goodbye."""
        if self.workers is not None:
            self.workers.stop()
            ended = update(t.processes).where(t.processes.c.id == self._process).values(ended=clock.now())
            self.writer.submit(lambda c: c.execute(ended)).result()
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.writer.close()
        self.database.close()
