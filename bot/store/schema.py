"""Whether a database is of this release, and bringing it there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.store.database import Database

HERE = Path(__file__).parent / "migrations"


class OtherSchema(Exception):
    """The database is of another release; says what to do."""


def head() -> str:
    """Give the revision this release works with."""
    return ScriptDirectory(str(HERE)).get_current_head() or ""


def current(connection: Connection) -> str:
    """Give the revision a database is at; nothing for an empty one."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def check(database: Database) -> None:
    """Raise OtherSchema unless the database is of this release."""
    with database.read() as connection:
        found = current(connection)
    if found == head():
        return
    if found and found not in {script.revision for script in ScriptDirectory(str(HERE)).walk_revisions()}:
        raise OtherSchema(
            f"The database is of a later release ({found}). Install that release, or restore a copy."
        )
    state = f"of an earlier release ({found})" if found else "empty"
    raise OtherSchema(f"The database is {state}. Run `toso db upgrade`.")


def upgrade(database: Database, revision: str = "head") -> str:
    """Bring the database to this release; give the revision it was at."""
    with database.write() as connection:
        before = current(connection)
        config = Config()
        config.set_main_option("script_location", str(HERE))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return before
