"""Opening a database: SQLite as a file on the office's computer, or PostgreSQL shared by several."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

# What PostgreSQL answers when two transactions cross: serialization failure, deadlock.
CROSSED = ("40001", "40P01")


class Stale(Exception):
    """A record was changed by somebody else since it was read; the turn is taken again."""


def crossed(error: BaseException) -> bool:
    """Say whether a transaction failed only because another one was quicker."""
    if isinstance(error, Stale):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in CROSSED


class Database:
    """Two ways in: `write`, and `read`, which can change nothing."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._writing = _engine(self.url, self.sqlite, writing=True)
        self._reading = _engine(self.url, self.sqlite, writing=False)

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
            url, isolation_level="READ COMMITTED", pool_size=8, max_overflow=8, pool_pre_ping=True, **options
        )
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=1 if writing else 4, max_overflow=0 if writing else 8
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
