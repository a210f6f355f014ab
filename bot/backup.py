"""Copies of the database that are whole, taken while it is in use, and put back."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from bot.clock import VIETNAM
from bot.settings import Settings, Unusable

log = logging.getLogger(__name__)

PAGES = 2000  # copied at a time; writers get their turn in between


def take(settings: Settings, target: Path) -> Path:
    """Copy the database to a file that appears whole or not at all; give its path."""
    source = sqlite_file(settings)
    if not source.exists():
        raise Unusable(f"{source} does not exist, so there is nothing to copy. Check DATABASE.")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(target.suffix + ".part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(unfinished)) as copy:
        origin.backup(copy, pages=PAGES)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        _whole(copy, unfinished)
    _on_disk(unfinished)
    unfinished.replace(target)
    _on_disk(target.parent)
    return target


def daily(settings: Settings, now: datetime) -> Path | None:
    """Take today's copy if there is none yet, and remove those beyond the number kept."""
    folder = Path(settings.backup_folder)
    target = folder / f"toso-{now.astimezone(VIETNAM):%Y-%m-%d}.db"
    made = None
    if not target.exists():
        made = take(settings, target)
        log.info("copied the database to %s", target)
    for old in sorted(folder.glob("toso-????-??-??.db"))[: -settings.backup_count]:
        old.unlink()
    return made


def restore(settings: Settings, source: Path) -> Path:
    """Put a copy in the database's place; what stood there is kept beside it. Gives where."""
    target = sqlite_file(settings)
    if not source.exists():
        raise Unusable(f"{source} does not exist. Copies are in {settings.backup_folder}.")
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
        _whole(copy, source)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(".before-restore.db")
    if target.exists():
        take(settings, aside)
    fresh = target.with_suffix(".restoring")
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(fresh)) as copy:
        origin.backup(copy)
    _on_disk(fresh)
    for beside in ("-wal", "-shm"):
        Path(f"{target}{beside}").unlink(missing_ok=True)
    fresh.replace(target)
    _on_disk(target.parent)
    return aside


def sqlite_file(settings: Settings) -> Path:
    """Give the database's file; PostgreSQL has its own tools for this."""
    if not settings.database.startswith("sqlite:///"):
        raise Unusable("This copies SQLite files. For PostgreSQL use pg_dump and pg_restore.")
    return Path(settings.database.removeprefix("sqlite:///"))


def _whole(connection: sqlite3.Connection, path: Path) -> None:
    try:
        answer = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise Unusable(f"{path} is no whole database ({error}). Choose another copy.") from error
    if answer != "ok":
        raise Unusable(f"{path} is damaged: {answer}. Choose another copy.")


def _on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
