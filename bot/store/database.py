"""Opening a database: SQLite as a file on the office's computer, or PostgreSQL shared by several."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError  # noqa: A004
from sqlalchemy.pool import QueuePool

# What PostgreSQL answers when two transactions cross: serialization failure, deadlock.
CROSSED = ("40001", "40P01")

# What says that the database is away, full or broken, not that it was asked for something impossible.
SQLITE_AWAY = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
POSTGRESQL_AWAY = ("08", "25006", "53", "55P03", "57", "58")
# A machine that has vanished without a word is noticed within half a minute.
POSTGRESQL_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "options": "-c lock_timeout=10s",  # shorter than a turn may last: who waits for a hanging one lives on
}


class Stale(Exception):
    """A record was changed by somebody else since it was read; the turn is taken again."""


def crossed(error: BaseException) -> bool:
    """Say whether a transaction failed only because another one was quicker."""
    if isinstance(error, Stale):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in CROSSED


def away(error: BaseException) -> bool:
    """Say whether the database itself is the trouble, so that the same may work once it is well."""
    if isinstance(error, TimeoutError):  # no connection became free
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in SQLITE_AWAY
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(POSTGRESQL_AWAY)
    return isinstance(error, OperationalError | InterfaceError)


class Database:
    """Two ways in: `write`, and `read`, which can change nothing."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._writing = _engine(self.url, self.sqlite, writing=True)
        self._reading = _engine(self.url, self.sqlite, writing=False)

    @property
    def name(self) -> str:
        """Say which database this is, whoever asks for it: the file's path, or host and name."""
        if self.sqlite:
            return str(Path(self.url.database or "").absolute())
        return f"{self.url.host}:{self.url.port}/{self.url.database}"

    @property
    def engine(self) -> Engine:
        """The engine for writing; migrations and tests need it bare."""
        return self._writing

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that is kept when the block ends well, and undone when it does not."""
        with self._writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database and changes none of it."""
        with self._reading.begin() as connection:
            yield connection

    @contextmanager
    def own(self) -> Iterator[Connection]:
        """Open a connection of one's own that commits each statement by itself (locks live on it)."""
        with self._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def close(self) -> None:
        """Let go of every connection."""
        self._writing.dispose()
        self._reading.dispose()


def _engine(url: Any, sqlite: bool, *, writing: bool) -> Engine:
    if not sqlite:
        options = {} if writing else {"execution_options": {"postgresql_readonly": True}}
        return create_engine(
            url,
            hide_parameters=True,  # an error's text would quote people's words
            # An export reads one state however long it takes; turns lock first and then read what is newest.
            isolation_level="READ COMMITTED" if writing else "REPEATABLE READ",
            pool_size=8,
            max_overflow=8,
            pool_pre_ping=True,
            connect_args=POSTGRESQL_OPTIONS,
            **options,
        )
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 if writing else 4,
        max_overflow=0 if writing else 8,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # The driver's own BEGIN comes late and shared: concurrent updates would be lost without an error.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 10000")
        if writing:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")  # the office's computer loses power
            cursor.execute("PRAGMA foreign_keys = ON")
        else:
            cursor.execute("PRAGMA query_only = ON")
        cursor.execute("PRAGMA cache_size = -16000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
