"""Being the only one: one sender and one poller for each account, whatever runs beside us."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.exc import DBAPIError

from bot.settings import Unusable
from bot.store.database import Database, crossed
from bot.store.writer import Writer

T = TypeVar("T")
PATIENCE = 0.25  # seconds between two tries for a lock that another process holds
PULSE = 1.0  # seconds between two looks whether a lock is still held


class AlreadyRunning(Unusable):
    """Another process serves this database file; says what to do."""


class Lost(Exception):
    """The lock is gone with its connection; somebody else may hold it now."""


class Hold(Protocol):
    """A lock that is held; what is written through it is written by the one who holds it."""

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Run a job in a transaction that cannot be kept once the lock is lost."""

    async def lost(self) -> None:
        """Return when the lock is gone."""


class _FileHold:
    """SQLite: the whole file is ours, so writing is writing."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def write(self, job: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._writer.submit(job))

    async def lost(self) -> None:
        await asyncio.Event().wait()  # never while this process lives


class _ConnectionHold:
    """PostgreSQL: the lock lives on one connection, and so does every mark made under it."""

    def __init__(self, connection: Connection, thread: ThreadPoolExecutor) -> None:
        self._connection = connection
        self._thread = thread

    async def write(self, job: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, job)

    def _run(self, job: Callable[[Connection], T]) -> T:
        while True:
            if self._connection.invalidated:
                raise Lost  # SQLAlchemy would connect anew, and without the lock
            try:
                with self._connection.begin():
                    return job(self._connection)
            except DBAPIError as error:
                if not crossed(error):
                    raise

    async def lost(self) -> None:
        with suppress(DBAPIError, Lost):
            while True:
                await asyncio.sleep(PULSE)
                await self.write(lambda connection: connection.execute(select(1)).all())


@asynccontextmanager
async def only_one(
    database: Database, writer: Writer, name: str, *, wait: bool = True
) -> AsyncIterator[Hold]:
    """Wait until nobody else holds this name, and hold it; Lost at once for one who does not want to wait."""
    if database.sqlite:
        yield _FileHold(writer)
        return
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix=f"lock-{name}") as thread:
        connection = await loop.run_in_executor(thread, database.engine.connect)
        try:
            while not await loop.run_in_executor(thread, _try_lock, connection, name):
                if not wait:
                    raise Lost
                await asyncio.sleep(PATIENCE)
            yield _ConnectionHold(connection, thread)
        finally:
            # Closing the connection for good gives the lock back; a pooled one would keep it.
            await loop.run_in_executor(thread, connection.invalidate)
            await loop.run_in_executor(thread, connection.close)


async def while_only_one(
    database: Database, writer: Writer, name: str, job: Callable[[], Awaitable[None]]
) -> None:
    """Do a job while nobody else does, until it ends; it is stopped when the lock is lost."""
    async with only_one(database, writer, name) as hold:
        at_work = asyncio.ensure_future(job())
        lost = asyncio.ensure_future(hold.lost())
        try:
            await asyncio.wait((at_work, lost), return_when=asyncio.FIRST_COMPLETED)
            if not at_work.done():
                raise Lost
            at_work.result()
        finally:
            at_work.cancel()
            lost.cancel()
            await asyncio.gather(at_work, lost, return_exceptions=True)


async def if_nobody_else(
    database: Database, writer: Writer, name: str, job: Callable[[], Awaitable[None]]
) -> bool:
    """Do a job unless somebody else is at it; False when somebody is."""
    try:
        async with only_one(database, writer, name, wait=False):
            await job()
    except Lost:
        return False
    return True


def _try_lock(connection: Connection, name: str) -> bool:
    with connection.begin():
        return bool(connection.scalar(select(func.pg_try_advisory_lock(_number(name)))))


def only_here(connection: Connection, name: str) -> bool:
    """Take a name on PostgreSQL until this transaction ends; False when another one has it."""
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(_number(name)))))


def _number(name: str) -> ColumnElement[int]:
    return func.hashtextextended(name, 0)


class Alive:
    """A process's sign of life on PostgreSQL: a lock that goes when the process goes, however it ends."""

    def __init__(self, database: Database, process: str) -> None:
        self._connection = database.engine.connect()
        _try_lock(self._connection, f"process:{process}")

    def end(self) -> None:
        """Give the sign back."""
        self._connection.invalidate()
        self._connection.close()


def is_dead(connection: Connection, process: str) -> bool:
    """Say whether a process of this PostgreSQL has ended, or has lost its connection."""
    return only_here(connection, f"process:{process}")


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
