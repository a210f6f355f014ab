"""A core on a real store, with a decision of the test's own in place of all conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import Executable, Row, create_engine, make_url, select, text

from bot.core import Core
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.wording import Wording
from handlers.talk import Due, Heard, Incoming
from handlers.text import as_is
from handlers.turn import Turn

ACCOUNT = "platform:1"

_numbers = iter(range(1, 1_000_000_000))


@contextmanager
def core_on(url: str, bookcase: Bookcase, decide: Callable[[Turn], None], **more: Any) -> Iterator[Core]:
    """Open a core and close it afterwards; it is not started."""
    core = Core(Database(url), bookcase, Wording(), decide=decide, **more)
    try:
        yield core
    finally:
        core.close()


def heard(chat: str, words: str, key: str = "", account: str = ACCOUNT) -> Heard:
    """Give an update."""
    key = key or f"{chat}:{next(_numbers)}"
    return Heard(key, Incoming(account=account, chat=chat, sender=chat, text=words))


def echo(turn: Turn) -> None:
    """Note what was said, and say it again."""
    if isinstance(turn.event, Due):
        return
    turn.note(turn.text, f"talk:{turn.person.id}")
    turn.say(as_is(turn.text))


def rows(core: Core, statement: Executable) -> list[Row[Any]]:
    """Ask the store."""
    with core.database.read() as connection:
        return list(connection.execute(statement))


def change(core: Core, statement: Executable) -> None:
    """Change the store behind everybody's back."""
    with core.database.write() as connection:
        connection.execute(statement)


def noted(core: Core) -> list[str]:
    """Give what the turns have noted, in the order in which they were kept."""
    return [row.done for row in rows(core, select(t.audit.c.done).order_by(t.audit.c.id))]


def said(core: Core, chat: str) -> list[str]:
    """Give what somebody has been or will be told, in order."""
    statement = (
        select(t.outbox.c.message)
        .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
        .where(t.contacts.c.chat == chat)
        .order_by(t.outbox.c.number, t.outbox.c.id)
    )
    return [msgspec.json.decode(row.message)["text"] for row in rows(core, statement) if row.message]


def hang_up(url: str, but: int = 0) -> None:
    """End every connection to a PostgreSQL database, as its restart would."""
    address = make_url(url)
    engine = create_engine(address.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid, 30000) from pg_stat_activity where datname = :name and pid <> :but"
            ),
            {"name": address.database, "but": but},
        )
    engine.dispose()
