"""The schema: migrations lead from nothing to the tables, and no process works on a schema that is not its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, inspect, select, text

from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from tests.bot.office import Office


def at(url: str, revision: str) -> None:
    """Let a database claim to be at a revision."""
    database = Database(url)
    with database.write() as connection:
        connection.execute(text("update alembic_version set version_num = :it"), {"it": revision})
    database.close()


def test_the_migrations_lead_from_nothing_to_the_tables(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False}
        )
        assert compare_metadata(context, t.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*t.metadata.tables, "alembic_version"}
    schema.check(database)
    database.close()


def filled(url: str, revision: str) -> dict[str, list[Any]]:
    """Give what a store of an earlier release holds: in every table a row with something in every column."""
    database = Database(url)
    schema.upgrade(database, revision)
    with database.write() as connection:
        old = MetaData()
        old.reflect(connection)
        kept = {}
        for table in old.sorted_tables:
            if table.name != "alembic_version":
                connection.execute(table.insert().values({c.name: some(c) for c in table.columns}))
                kept[table.name] = [dict(row) for row in connection.execute(select(table)).mappings()]
    database.close()
    return kept


def some(column: Column[Any]) -> object:
    """Give a value that fits a column."""
    kind = column.type
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, DateTime):
        return datetime(2026, 11, 22, tzinfo=UTC)
    return 1 if isinstance(kind, Integer) else "1"


EARLIER = [script.revision for script in ScriptDirectory(str(schema.HERE)).walk_revisions()][1:]


@pytest.mark.parametrize("revision", EARLIER)
def test_a_filled_store_of_an_earlier_release_is_upgraded_and_loses_nothing(
    revision: str, empty_postgresql: str, tmp_path: Path
) -> None:
    for url in (empty_postgresql, f"sqlite:///{tmp_path}/old.db"):
        kept = filled(url, revision)
        database = Database(url)
        assert schema.upgrade(database) == revision
        schema.check(database)
        with database.read() as connection:
            new = MetaData()
            new.reflect(connection)
            for name, rows in kept.items():
                found = connection.execute(select(new.tables[name])).mappings().all()
                assert [{column: row[column] for column in rows[0]} for row in found] == rows, name
        database.close()


def test_partial_indexes_are_made_with_their_condition(url: str) -> None:
    database = Database(url)
    kind = "sqlite" if database.sqlite else "postgresql"
    with database.read() as connection:
        looked = inspect(connection)
        for table in t.metadata.tables.values():
            made = {index["name"]: index for index in looked.get_indexes(table.name)}
            for index in table.indexes:
                wanted = index.dialect_options[kind]["where"]
                found = made[index.name].get("dialect_options", {}).get(f"{kind}_where")
                assert (wanted is None) == (found is None), index.name
    database.close()


def test_upgrading_twice_changes_nothing(url: str) -> None:
    database = Database(url)
    assert schema.upgrade(database) == schema.head()
    schema.check(database)
    database.close()


def test_an_upgrade_that_fails_leaves_nothing_behind(empty_postgresql: str, tmp_path: Path) -> None:
    for url in (empty_postgresql, f"sqlite:///{tmp_path}/half.db"):
        database = Database(url)
        last = max(
            t.metadata.sorted_tables, key=lambda table: table.name
        ).name  # made late, so most comes before
        with database.write() as connection:
            connection.execute(text(f"create table {last} (mine int)"))
        with pytest.raises(Exception, match="already exists"):
            schema.upgrade(database)
        with database.read() as connection:
            assert inspect(connection).get_table_names() == [last]
        database.close()


def test_an_empty_database_says_what_to_run(empty_postgresql: str) -> None:
    database = Database(empty_postgresql)
    with pytest.raises(schema.OtherSchema, match="empty"):
        schema.check(database)
    database.close()


def test_a_later_release_is_neither_served_nor_upgraded(url: str) -> None:
    at(url, "9999")
    database = Database(url)
    for refused in (schema.check, schema.upgrade):
        with pytest.raises(schema.OtherSchema) as told:
            refused(database)
        assert str(told.value) == (
            "The database is of a later release (9999). Install that release, or restore a copy."
        )
    database.close()


def test_the_command_upgrades_after_a_copy_and_then_serves(tmp_path: Path) -> None:
    office = Office(tmp_path)
    done = office.toso("run")
    assert (done.status, done.err) == (
        1, "There is no database at data/toso.db yet. Run `toso db upgrade`, or correct DATABASE.\n",
    )  # fmt: skip
    first = office.toso("db", "upgrade")
    assert first.out == f"the database is at {schema.head()}, it was empty\n"
    assert not (tmp_path / "data" / "backups").exists()

    with closing(sqlite3.connect(tmp_path / "data" / "toso.db")) as store, store:
        store.execute("insert into conversations (person, talk, touched) values ('', 'kept', 0)")
    second = office.toso("db", "upgrade")
    assert second.status == 0
    (copy,) = (tmp_path / "data" / "backups").glob("before-upgrade-*.db")
    assert second.out.startswith("copied to data/backups/before-upgrade-")
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("select talk from conversations").fetchall() == [("kept",)]

    with office.running():
        done = office.toso("db", "upgrade")
    assert done.status == 1
    assert "data/toso.db is already served by process" in done.err


@pytest.mark.parametrize(
    "command", [("run",), ("db", "upgrade"), ("chat",), ("invite", "head", "xã Ứng Hòa", "Lâm")]
)
def test_every_command_that_writes_refuses_a_later_release_in_one_line(
    command: tuple[str, ...], tmp_path: Path, sqlite_url: str
) -> None:
    at(sqlite_url, "9999")
    done = Office(tmp_path).toso(*command, database=sqlite_url)
    assert done.status == 1
    assert done.err == "The database is of a later release (9999). Install that release, or restore a copy.\n"
