"""Being the only one: one sender and one poller for each account, whatever runs beside us."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Protocol, TypeVar

from sqlalchemy import Connection, text

from bot.store.database import Database
from bot.store.writer import Writer

T = TypeVar("T")
PATIENCE = 1.0  # seconds between two tries for a lock that another process holds


class AlreadyRunning(Exception):
    """Another process serves this database file; says what to do."""


class Hold(Protocol):
    """A lock that is held; what is written through it is written by the one who holds it."""

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Run a job in a transaction that cannot be kept once the lock is lost."""


class _FileHold:
    """SQLite: the whole file is ours, so writing is writing."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def write(self, job: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._writer.submit(job))


class _ConnectionHold:
    """PostgreSQL: the lock lives on one connection, and so does every mark made under it."""

    def __init__(self, connection: Connection, thread: ThreadPoolExecutor) -> None:
        self._connection = connection
        self._thread = thread

    async def write(self, job: Callable[[Connection], T]) -> T:
        def run() -> T:
            with self._connection.begin():
                return job(self._connection)

        return await asyncio.get_running_loop().run_in_executor(self._thread, run)


@asynccontextmanager
async def only_one(database: Database, writer: Writer, name: str) -> AsyncIterator[Hold]:
    """Wait until nobody else holds this name, and hold it."""
    if database.sqlite:
        yield _FileHold(writer)
        return
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix=f"lock-{name}") as thread:
        connection = await loop.run_in_executor(thread, database.engine.connect)
        try:
            while not await loop.run_in_executor(thread, _try_lock, connection, name):
                await asyncio.sleep(PATIENCE)
            yield _ConnectionHold(connection, thread)
        finally:
            # Closing the connection for good gives the lock back; a pooled one would keep it.
            await loop.run_in_executor(thread, connection.invalidate)
            await loop.run_in_executor(thread, connection.close)


def _try_lock(connection: Connection, name: str) -> bool:
    with connection.begin():
        return bool(
            connection.scalar(text("select pg_try_advisory_lock(hashtextextended(:name, 0))"), {"name": name})
        )


class FileLock:
    """Keeps a second `toso run` away from one SQLite file; the system lets go of it when a process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock, or raise AlreadyRunning."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = file.read().strip() or "unknown"
            file.close()
            raise AlreadyRunning(
                f"{self._path.with_suffix('')} is already served by process {other}. "
                "Stop that one, or give this one another DATABASE."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go."""
        if self._file is not None:
            self._file.close()
            self._file = None
