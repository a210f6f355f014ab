"""One door for everything that writes: on SQLite all that waits becomes one commit."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.store.database import Database, Stale, crossed

T = TypeVar("T")
Job = Callable[[Connection], T]

MOST = 64  # jobs in one commit; a job may itself carry many updates
RETAKES = 20


class Writer(Protocol):
    """Runs a job in a transaction; the job may be run again when its transaction is lost."""

    def submit(self, job: Job[T]) -> Future[T]:
        """Give the result once it is committed, or the error that undid it."""

    def close(self) -> None:
        """Finish what was submitted."""


class BatchWriter:
    """SQLite: one thread takes every job that waits into one commit.

    A batch that fails is undone and its jobs are taken one by one, so that only
    the job that is at fault sees its error.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs: queue.SimpleQueue[tuple[Job[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="commit")  # it keeps a job's error for us
        self._door = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job[T]) -> Future[T]:
        """Give the result once it is committed, or the error that undid it."""
        future: Future[T] = Future()
        with self._door:
            if self._closed:
                raise RuntimeError("the writer is closed")
            self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """Finish what was submitted."""
        with self._door:
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
        self._hand.shutdown()

    def _work(self) -> None:
        while batch := self._waiting():
            # Who has stopped waiting gets nothing done; the others' answers can then always be delivered.
            batch = [(job, future) for job, future in batch if future.set_running_or_notify_cancel()]
            together = self._hand.submit(_together, self._database, [job for job, _ in batch])
            if together.exception() is None:
                for (_, future), result in zip(batch, together.result(), strict=True):
                    future.set_result(result)
                continue
            for job, future in batch:
                alone = self._hand.submit(_alone, self._database, job)
                error = alone.exception()
                if error is None:
                    future.set_result(alone.result())
                else:
                    future.set_exception(error)

    def _waiting(self) -> list[tuple[Job[Any], Future[Any]]]:
        batch = []
        entry = self._jobs.get()
        while entry is not None:
            batch.append(entry)
            if len(batch) == MOST or self._jobs.empty():
                return batch
            entry = self._jobs.get_nowait()
        if batch:
            self._jobs.put(None)  # the end comes after what was submitted before it
        return batch


class DirectWriter:
    """PostgreSQL: a few threads, a transaction a job."""

    def __init__(self, database: Database, threads: int = 4) -> None:
        self._database = database
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="writer")

    def submit(self, job: Job[T]) -> Future[T]:
        """Give the result once it is committed, or the error that undid it."""
        return self._threads.submit(_alone, self._database, job)

    def close(self) -> None:
        """Finish what was submitted."""
        self._threads.shutdown()


def writer(database: Database) -> Writer:
    """Give the writer that fits the database."""
    return BatchWriter(database) if database.sqlite else DirectWriter(database)


def _alone(database: Database, job: Job[T]) -> T:
    for _ in range(RETAKES):
        try:
            with database.write() as connection:
                return job(connection)
        except (Stale, DBAPIError) as error:
            if not crossed(error):
                raise
    with database.write() as connection:
        return job(connection)


def _together(database: Database, jobs: list[Job[Any]]) -> list[Any]:
    with database.write() as connection:
        return [job(connection) for job in jobs]
