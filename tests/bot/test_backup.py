"""Copies: whole while others write, put back whole, refused where they would do harm."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import backup
from bot.clock import VIETNAM
from bot.settings import Settings, Unusable
from tests.bot.office import HOUSE, Office

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=VIETNAM)

# Another process that stores updates as fast as it can, and says which it was told are kept.
WRITES = """
    import sys
    from bot.inbox import Intake
    from bot.store.database import Database
    from bot.store.writer import writer
    from handlers.talk import Heard, Incoming

    database = Database(sys.argv[1])
    intake = Intake(writer(database), sqlite=True)
    number = 0
    while True:
        number += 1
        words = Incoming(account="web", chat="minh", sender="minh", text=f"câu {number} " + "dài " * 200)
        intake.take_now([Heard(f"{number:09}", words)])
        print(number, flush=True)
"""


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    return Settings(database=sqlite_url, backup_folder=str(tmp_path / "copies"))


@contextmanager
def writing(url: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITES), url],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(HOUSE)},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def kept(process: subprocess.Popen[str]) -> int:
    """The number of the next update that the writing process knows to be kept."""
    assert process.stdout is not None
    return int(process.stdout.readline())


def keys(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as store:
        return [row[0] for row in store.execute("select key from inbox order by id")]


def say(settings: Settings, words: str) -> None:
    """Leave something in the store that a copy can be told by."""
    with closing(sqlite3.connect(backup.sqlite_file(settings))) as store, store:
        store.execute("insert into conversations (person, talk, touched) values ('', ?, 0)", (words,))


def said(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as store:
        return [row[0] for row in store.execute("select talk from conversations order by id")]


def test_a_copy_taken_under_load_is_whole_and_holds_all_that_was_kept_before(
    settings: Settings, tmp_path: Path
) -> None:
    with writing(settings.database) as process:
        for copied in range(5):
            before = max(kept(process) for _ in range(200))
            copy = backup.take(settings, tmp_path / f"copy-{copied}.db")
            after = kept(process)
            found = keys(copy)
            assert found == [
                f"{number:09}" for number in range(1, len(found) + 1)
            ]  # a beginning, with no hole
            assert len(found) >= before
            assert after > before  # and nobody waited for it
            assert [path.name for path in tmp_path.glob("copy-*-*")] == []  # one file, nothing beside it
    with closing(sqlite3.connect(copy)) as store:
        assert store.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert store.execute("pragma foreign_key_check").fetchall() == []


def test_a_copy_of_a_busy_day_can_be_put_back_and_serves(tmp_path: Path) -> None:
    office = Office(tmp_path)
    url = f"sqlite:///{tmp_path}/data/toso.db"
    assert office.toso("db", "upgrade").status == 0
    with writing(url) as process:
        before = max(kept(process) for _ in range(100))
        done = office.toso("backup", "copies/busy.db")
        assert (done.status, done.out) == (0, "copied to copies/busy.db\n")
        while kept(process) <= len(keys(tmp_path / "copies" / "busy.db")):
            pass  # what was kept before or while it was copied
    more = keys(tmp_path / "data" / "toso.db")

    done = office.toso("restore", "copies/busy.db")
    assert done.status == 0
    assert done.out.startswith(
        "restored from copies/busy.db; what stood there is kept as data/toso.before-restore-"
    )
    (aside,) = (tmp_path / "data").glob("toso.before-restore-*.db")
    assert keys(aside) == more
    restored = keys(tmp_path / "data" / "toso.db")
    assert before <= len(restored) < len(more)
    with office.running() as running:
        running.says("ready on")
        refused = office.toso("restore", "copies/busy.db")
    assert refused.status == 1
    assert refused.err.startswith("data/toso.db is already served by process ")
    assert "\n" not in refused.err.strip()


def test_restoring_twice_keeps_both_that_stood_there(settings: Settings, tmp_path: Path) -> None:
    copy = backup.take(settings, tmp_path / "copy.db")
    say(settings, "first")
    first = backup.restore(settings, copy, NOON)
    say(settings, "second")
    second = backup.restore(settings, copy, NOON + timedelta(minutes=1))
    assert first is not None
    assert second is not None
    assert (said(first), said(second), said(backup.sqlite_file(settings))) == (["first"], ["second"], [])


def test_a_copy_restores_over_a_database_that_is_broken(settings: Settings, tmp_path: Path) -> None:
    say(settings, "kept")
    copy = backup.take(settings, tmp_path / "copy.db")
    database = backup.sqlite_file(settings)
    database.write_bytes(b"the disk has died" * 1000)
    aside = backup.restore(settings, copy, NOON)
    assert aside is not None
    assert aside.read_bytes().startswith(b"the disk has died")
    assert said(database) == ["kept"]


def test_what_only_the_journal_holds_is_kept_beside_too(settings: Settings, tmp_path: Path) -> None:
    copy = backup.take(settings, tmp_path / "copy.db")
    database = backup.sqlite_file(settings)
    say(settings, "in the journal")
    with closing(sqlite3.connect(database)) as store:
        store.execute("pragma wal_autocheckpoint = 0")
        store.execute("insert into conversations (person, talk, touched) values ('', 'and this', 0)")
        store.commit()
        assert Path(f"{database}-wal").stat().st_size
        aside = backup.restore(settings, copy, NOON)
    assert aside is not None
    assert said(aside) == ["in the journal", "and this"]
    assert said(database) == []


def test_a_copy_restores_onto_an_empty_disk(settings: Settings, tmp_path: Path) -> None:
    say(settings, "kept")
    copy = backup.take(settings, tmp_path / "copy with # and ?.db")
    there = Settings(database=f"sqlite:///{tmp_path}/new/toso.db")
    assert backup.restore(there, copy, NOON) is None
    assert said(backup.sqlite_file(there)) == ["kept"]


def broken_copies(tmp_path: Path, good: bytes) -> Iterator[tuple[str, Path]]:
    middle = len(good) // 8192 * 4096
    for name, content, says in (
        ("text", b"this is no database\n" * 500, "file is not a database"),
        ("cut", good[: len(good) // 2], "database disk image is malformed"),
        ("hole", good[:middle] + bytes(4096 * 8) + good[middle + 4096 * 8 :], "is damaged: "),
        ("empty", b"", "holds nothing of Tổ Số."),
    ):
        path = tmp_path / f"{name}.db"
        path.write_bytes(content)
        yield says, path
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as store, store:
        store.execute("create table recipes (name text)")
    yield "holds nothing of Tổ Số.", tmp_path / "foreign.db"
    yield "does not exist. Copies are in ", tmp_path / "nowhere.db"


def test_a_damaged_or_foreign_copy_is_refused_and_nothing_changes(settings: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(backup.sqlite_file(settings))) as store, store:
        rows = [(f"{number} " * 30,) for number in range(5000)]
        store.executemany("insert into conversations (person, talk, touched) values ('', ?, 0)", rows)
    before = said(backup.sqlite_file(settings))
    good = backup.take(settings, tmp_path / "good.db").read_bytes()
    for says, path in broken_copies(tmp_path, good):
        with pytest.raises(Unusable) as told:
            backup.restore(settings, path, NOON)
        words = str(told.value)
        assert str(path) in words
        assert says in words
        assert "\n" not in words
    assert said(backup.sqlite_file(settings)) == before
    assert list(tmp_path.glob("*.restoring")) + list(tmp_path.glob("*before-restore*")) == []


def test_the_command_refuses_a_damaged_copy_in_one_line(tmp_path: Path) -> None:
    office = Office(tmp_path)
    (tmp_path / "copy.db").write_bytes(b"no database")
    done = office.toso("restore", "copy.db")
    assert (done.status, done.out) == (1, "")
    assert done.err == "copy.db cannot be restored: file is not a database. Choose another copy.\n"


def test_there_is_one_copy_a_day_and_the_oldest_go(settings: Settings, tmp_path: Path) -> None:
    few = Settings(database=settings.database, backup_folder=settings.backup_folder, backup_count=3)
    by_hand = backup.take(few, tmp_path / "copies" / "toso-2026-11-16-080000.db")
    made = [backup.daily(few, NOON + timedelta(hours=6 * number)) for number in range(18)]
    assert [path.name for path in made if path] == [f"toso-2026-11-{day}.db" for day in range(16, 21)]
    names = sorted(path.name for path in (tmp_path / "copies").iterdir())
    assert names == [by_hand.name, "toso-2026-11-18.db", "toso-2026-11-19.db", "toso-2026-11-20.db"]
    assert [path.name for path in backup.daily_copies(few)] == names[1:]


def test_a_day_is_one_of_vietnam(settings: Settings) -> None:
    made = backup.daily(settings, datetime(2026, 11, 16, 0, 30, tzinfo=VIETNAM))
    assert made is not None
    assert made.name == "toso-2026-11-16.db"


def test_a_disk_that_is_full_leaves_no_half_copy(settings: Settings, tmp_path: Path) -> None:
    say(settings, "long " * 100_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))  # bytes that one file may have
    try:
        with pytest.raises(Unusable, match="could not be copied to"):
            backup.take(settings, tmp_path / "copies" / "copy.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "copies").iterdir()) == []


def test_postgresql_is_left_to_its_own_tools(tmp_path: Path) -> None:
    done = Office(tmp_path).toso("backup", database="postgresql://nobody@127.0.0.1:1/none")
    assert (done.status, done.err) == (
        1,
        "This copies SQLite files. For PostgreSQL use pg_dump and pg_restore.\n",
    )
