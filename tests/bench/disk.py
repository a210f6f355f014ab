"""The disk under the bench: how long it takes to keep what it was given."""

from __future__ import annotations

import os
import statistics
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

BLOCK = 4096


def sync_time(folder: Path, times: int = 50) -> float:
    """Give the median time, in seconds, of an fdatasync after appending one block."""
    took = []
    path = folder / "sync"
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(os.urandom(BLOCK))
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begin)
    path.unlink()
    return statistics.median(took)


def settled(connection: Any) -> None:
    """Set a SQLite connection of another library as ours is set."""
    cursor = connection.cursor()
    for pragma in ("busy_timeout = 10000", "journal_mode = WAL", "synchronous = FULL", "cache_size = -16000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class SlowSyncs:
    """Adds a wait to each sync that SQLite makes: a VFS is out of Python's reach, so the commits wait.

    In WAL with synchronous=FULL a commit that wrote something syncs the log once.  When the log begins
    anew, the checkpoint before it synced the log and the database, and the log's new header is synced.
    """

    def __init__(self, engine: Engine, log: Path, wait: float) -> None:
        self._log = log
        self._wait = wait
        self._changes: dict[int, int] = {}
        self._begun = self._header()
        self.syncs = 0
        event.listen(engine, "commit", self._commit)

    def _commit(self, connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        changes = driver.total_changes
        if changes == self._changes.get(id(driver)):
            return
        self._changes[id(driver)] = changes
        header = self._header()
        syncs = 1 if header == self._begun else 4
        self._begun = header
        self.syncs += syncs
        time.sleep(syncs * self._wait)

    def _header(self) -> bytes:
        """Give the log's checkpoint number, which grows whenever the log begins anew."""
        with suppress(FileNotFoundError), self._log.open("rb") as file:
            return file.read(16)[12:]
        return b""
