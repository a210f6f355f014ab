"""Copies of the database that are whole, taken while it is in use, and put back."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from bot.clock import VIETNAM
from bot.locks import FileLock
from bot.settings import Settings, Unusable

log = logging.getLogger(__name__)

BESIDE = ("-wal", "-shm")  # what SQLite keeps next to a file in use
DAILY = "toso-????-??-??.db"


def take(settings: Settings, target: Path) -> Path:
    """Copy the database to a file that appears whole or not at all; give its path."""
    source = sqlite_file(settings)
    if not source.exists():
        raise Unusable(f"{source} does not exist, so there is nothing to copy. Check DATABASE.")
    unfinished = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(unfinished)) as copy:
            # In one piece: it sees one state while others go on writing.  A copy in several pieces
            # begins anew whenever somebody writes in between, and on a busy day never ends.
            origin.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
            _check(copy, source, "Put a copy back: `toso restore`.")
        _on_disk(unfinished)
        unfinished.replace(target)
        _on_disk(target.parent)
    except (sqlite3.Error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise Unusable(f"{source} could not be copied to {target}: {reason}.") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return target


def daily(settings: Settings, now: datetime) -> Path | None:
    """Take today's copy if there is none yet, and remove those beyond the number kept."""
    folder = Path(settings.backup_folder)
    target = folder / f"toso-{now.astimezone(VIETNAM):%Y-%m-%d}.db"
    made = None
    if not target.exists():
        made = take(settings, target)
        log.info("copied the database to %s", target)
    for old in daily_copies(settings)[: -settings.backup_count]:
        old.unlink()
    return made


def daily_copies(settings: Settings) -> list[Path]:
    """Give the daily copies, the oldest first."""
    return sorted(Path(settings.backup_folder).glob(DAILY))


def before_upgrade(settings: Settings, now: datetime) -> Path | None:
    """Take a copy and give its path; None where there is nothing yet, and for PostgreSQL with its own tools."""
    if not settings.database.startswith("sqlite:///"):
        return None
    source = sqlite_file(settings)
    source.parent.mkdir(parents=True, exist_ok=True)
    if not source.exists() or not source.stat().st_size:
        return None
    return take(settings, Path(settings.backup_folder) / f"before-upgrade-{_stamp(now)}.db")


def restore(settings: Settings, source: Path, now: datetime) -> Path | None:
    """Put a copy in the database's place; what stood there is kept beside it. Gives where, if there was any."""
    target = sqlite_file(settings)
    if not source.is_file():
        raise Unusable(f"{source} does not exist. Copies are in {settings.backup_folder}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.restoring")
    fresh.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            _check(copy, source, "Choose another copy.")
            with closing(sqlite3.connect(fresh)) as restored:
                copy.backup(restored)
    except sqlite3.Error as error:
        fresh.unlink(missing_ok=True)
        raise Unusable(f"{source} cannot be restored: {error}. Choose another copy.") from error
    _on_disk(fresh)
    aside = _set_aside(target, now)
    for beside in BESIDE:  # they belong to what stood there before
        Path(f"{target}{beside}").unlink(missing_ok=True)
    fresh.replace(target)
    _on_disk(target.parent)
    return aside


def _set_aside(target: Path, now: datetime) -> Path | None:
    """Keep what stands in the database's place, even when it is broken: that is when one restores."""
    if not target.exists():
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    aside = target.with_name(f"{target.stem}.before-restore-{_stamp(now)}{target.suffix}")
    for beside in ("", *BESIDE):
        if Path(f"{target}{beside}").exists():
            shutil.copyfile(f"{target}{beside}", f"{aside}{beside}")
            _on_disk(Path(f"{aside}{beside}"))
    return aside


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Keep `toso run` away from the file, or raise AlreadyRunning when it is there."""
    if not settings.database.startswith("sqlite:///"):
        yield
        return
    lock = FileLock(lock_path(settings))
    lock.take()
    try:
        yield
    finally:
        lock.release()


def lock_path(settings: Settings) -> Path:
    """Give the file that keeps a second process away from one database file."""
    return Path(f"{sqlite_file(settings)}.lock")


def sqlite_file(settings: Settings) -> Path:
    """Give the database's file; PostgreSQL has its own tools for this."""
    if not settings.database.startswith("sqlite:///"):
        raise Unusable("This copies SQLite files. For PostgreSQL use pg_dump and pg_restore.")
    return Path(settings.database.removeprefix("sqlite:///"))


def _check(connection: sqlite3.Connection, path: Path, remedy: str) -> None:
    """Raise Unusable unless this is a whole database of ours."""
    answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise Unusable(f"{path} is damaged: {' '.join(answer.split())}. {remedy}")
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchone():
        raise Unusable(f"{path} holds nothing of Tổ Số. {remedy}")


def _stamp(now: datetime) -> str:
    return f"{now.astimezone(VIETNAM):%Y-%m-%d-%H%M%S}"


def _on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
