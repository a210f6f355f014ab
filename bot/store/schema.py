"""Whether a database is of this release, and bringing it there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, inspect, text

from bot.settings import Unusable
from bot.store.database import Database

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

# Alembic is loaded only to migrate: a start that finds its own release would wait for it in vain.
HERE = Path(__file__).parent / "migrations"
RELEASE = "0026"  # the newest migration


class OtherSchema(Unusable):
    """The database is of another release; says what to do."""

    def __init__(self, words: str, state: Literal["missing", "empty", "earlier", "later"]) -> None:
        super().__init__(words)
        self.state = state


def head() -> str:
    """Give the revision this release works with."""
    return RELEASE


def current(connection: Connection) -> str:
    """Give the revision a database is at; nothing for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("select version_num from alembic_version")) or ""


def check(database: Database) -> None:
    """Raise OtherSchema unless the database is of this release."""
    file = database.url.database
    if database.sqlite and file and not Path(file).exists():
        raise OtherSchema(
            f"There is no database at {file} yet. Run `toso db upgrade`, or correct DATABASE.", "missing"
        )
    with database.read() as connection:
        found = _known(current(connection))
    if found != head():
        if not found:
            raise OtherSchema("The database is empty. Run `toso db upgrade`.", "empty")
        raise OtherSchema(
            f"The database is of an earlier release ({found}). Run `toso db upgrade`.", "earlier"
        )


def upgrade(database: Database, revision: str = "head") -> str:
    """Bring the database to this release, all of it or nothing; give the revision it was at."""
    from alembic import command
    from alembic.config import Config

    with database.write() as connection:
        before = _known(current(connection))
        config = Config()
        config.set_main_option("script_location", str(HERE))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return before


def _known(revision: str) -> str:
    """Give a revision back, if this release or an earlier one made it."""
    if revision not in ("", RELEASE) and revision not in {
        script.revision for script in _scripts().walk_revisions()
    }:
        raise OtherSchema(
            f"The database is of a later release ({revision}). Install that release, or restore a copy.",
            "later",
        )
    return revision


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(HERE))
