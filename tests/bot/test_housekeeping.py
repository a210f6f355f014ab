"""What the ticker does without being asked: erase what is old, copy the database once a day, say trouble once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from bot import clock
from bot.channels import Carried, Channel, Refused, Sent, Take, TryLater
from bot.core import Core
from bot.settings import Settings
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.ticker import Ticker, tended
from bot.wording import Wording
from handlers.talk import Message

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=clock.VIETNAM)


@pytest.fixture
def core(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Core]:
    clock.stop_at(NOON)
    made = Core(Database(sqlite_url), bookcase, wording)
    yield made
    made.close()
    clock.reset()


def ticker(core: Core, copies: Path) -> Ticker:
    settings = Settings(
        database=core.database.url.render_as_string(),
        backup_folder=str(copies),
        backup_count=2,
        keep_audit=10,
    )
    return Ticker(core, settings, lambda accounts: None)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def grown_old(core: Core) -> None:
    with core.database.write() as connection:
        row = {"at": NOON - timedelta(days=11), "done": "claimed", "about": "request:1", "by": 1}
        connection.execute(insert(t.audit).values(row))


def audit(core: Core) -> int:
    with core.database.read() as connection:
        return len(connection.execute(select(t.audit)).all())


def test_the_house_is_kept_every_day(core: Core, tmp_path: Path) -> None:
    keeper = ticker(core, tmp_path / "copies")
    for day in range(4):
        for hour in (0, 6):
            clock.stop_at(NOON + timedelta(days=day, hours=hour))
            grown_old(core)
            asyncio.run(keeper.keep_house())
            assert audit(core) == 0
    assert names(tmp_path / "copies") == ["toso-2026-11-18.db", "toso-2026-11-19.db"]


def test_a_copy_that_fails_is_told_in_one_line_and_hinders_nothing(
    core: Core, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "copies").write_text("a file where the folder should be")
    grown_old(core)
    with caplog.at_level(logging.INFO):
        asyncio.run(ticker(core, tmp_path / "copies").keep_house())
    (record,) = caplog.records
    told = record.getMessage()
    assert told.startswith(
        f"the daily copy failed and will be tried again: {tmp_path}/toso.db could not be copied"
    )
    assert told.endswith("toso-2026-11-16.db: File exists.")
    assert record.exc_info is None
    assert audit(core) == 0
    (tmp_path / "copies").unlink()
    asyncio.run(ticker(core, tmp_path / "copies").keep_house())
    assert names(tmp_path / "copies") == ["toso-2026-11-16.db"]


def test_trouble_is_said_once_and_its_end_too(
    core: Core, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = ticker(core, tmp_path / "copies")
    with core.database.write() as connection:
        connection.execute(text("alter table due rename to elsewhere"))
    with caplog.at_level(logging.INFO):
        for _second in range(5):
            asyncio.run(keeper.tick())
        with core.database.write() as connection:
            connection.execute(text("alter table elsewhere rename to due"))
        for _second in range(5):
            asyncio.run(keeper.tick())
    cannot, again = [record.getMessage() for record in caplog.records]
    assert cannot.startswith("the ticker cannot look (OperationalError")
    assert again == "the ticker works again"


class Tended(Channel):
    """A channel whose platform answers as it is told to."""

    account = "platform:1"

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    async def receive(self, take: Take) -> None:
        """Hear nothing."""

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Send nothing."""
        raise NotImplementedError

    async def tend(self) -> None:
        """Find everything in order, or not."""
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (TryLater("busy"), "tried again in a while: busy"),
        (Refused("no"), "tried again in a while: no"),
        (OSError("no room for Lan"), "tried again in a while: OSError at "),
        (ValueError("Lan"), "tried again in a while: ValueError at "),
    ],
)
def test_whatever_goes_wrong_a_channel_is_looked_after_again(
    error: Exception, says: str, core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    assert asyncio.run(tended(Tended(error), core.database, core.writer)) is False
    assert says in caplog.text
    assert "Lan" not in caplog.text
    assert asyncio.run(tended(Tended(None), core.database, core.writer)) is True
