"""Whatever is heard is stored before it is acknowledged, once, and without its secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, text

from bot import clock
from bot.core import Core
from bot.inbox import LONGEST, ROOM
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from handlers.rules.guard import DOTS
from handlers.talk import Due, Incoming
from handlers.text import as_is
from handlers.turn import Turn
from tests.bot.rig import core_on, echo, hang_up, heard, noted, rows, said

BEGIN = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    """Give the clock back after a test that has moved it."""
    yield
    clock.reset()


def stored(core: Core) -> int:
    """Count what the inbox holds."""
    return int(rows(core, select(func.count()).select_from(t.inbox))[0][0])


def test_a_repeat_is_acknowledged_and_dropped(url: str, shelf_of_three: Bookcase) -> None:
    async def deliver(core: Core) -> None:
        first = heard("Lan", "1", key="update 1")
        assert await core.intake.take([first, first])
        core.run_waiting()
        assert await core.intake.take([first, heard("Lan", "2", key="update 2")])
        assert all(
            await asyncio.gather(*(core.intake.take([heard("Lan", "3", "update 3")]) for _ in range(20)))
        )

    with core_on(url, shelf_of_three, echo) as core:
        asyncio.run(deliver(core))
        core.run_waiting()
        assert noted(core) == ["1", "2", "3"]


def test_two_accounts_may_use_the_same_update_id(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, echo) as core:
        core.intake.take_now([heard("Lan", "1", "7", "one:1"), heard("Lan", "2", "7", "two:1")])
        core.run_waiting()
        assert noted(core) == ["1", "2"]


def test_people_who_meet_two_processes_at_once_are_one_conversation(
    postgresql_url: str, shelf_of_three: Bookcase
) -> None:
    async def deliver(cores: list[Core]) -> None:
        taken = await asyncio.gather(
            *(
                core.intake.take([heard(f"chat {n}", "1", f"{n} to {place}") for n in order])
                for place, core in enumerate(cores)
                for order in (range(20), reversed(range(20)))
            )
        )
        assert all(taken)

    with core_on(postgresql_url, shelf_of_three, echo) as one, core_on(
        postgresql_url, shelf_of_three, echo
    ) as two:  # fmt: skip
        asyncio.run(deliver([one, two]))
        people = rows(one, select(func.count(t.contacts.c.conversation.distinct()), func.count()))
        assert tuple(people[0]) == (20, 20)
        assert rows(one, select(func.count()).select_from(t.conversations))[0][0] == 20


def test_more_than_there_is_room_for_is_not_now(url: str, shelf_of_three: Bookcase) -> None:
    async def deliver(core: Core) -> list[bool]:
        half = ROOM // 2 + 1
        return await asyncio.gather(
            *(
                core.intake.take([heard(f"chat {n % 50}", "1", f"{part}:{n}") for n in range(half)])
                for part in "ab"
            )
        )

    with core_on(url, shelf_of_three, echo) as core:
        assert asyncio.run(deliver(core)) == [True, False]
        assert stored(core) == ROOM // 2 + 1
        assert core.intake.refused == ROOM // 2 + 1
        assert asyncio.run(core.intake.take([heard("Lan", "1")]))  # there is room again


def test_what_comes_in_a_rush_is_stored_together_and_in_order(url: str, shelf_of_three: Bookcase) -> None:
    jobs: list[object] = []

    async def deliver(core: Core) -> list[bool]:
        submit = core.writer.submit

        def counted(job: Any) -> Any:
            jobs.append(job)
            return submit(job)

        core.writer.submit = counted  # type: ignore[method-assign]
        calls = [core.intake.take([heard(f"chat {n % 3}", str(n))]) for n in range(300)]
        return await asyncio.gather(*calls)

    with core_on(url, shelf_of_three, echo) as core:
        assert all(asyncio.run(deliver(core)))
        assert len(jobs) <= 2  # perhaps the first alone; what came while it was stored in one
        core.run_waiting()
        said = rows(core, select(t.audit.c.done, t.audit.c.about).order_by(t.audit.c.id))
        assert len(said) == 300
        for talk in {row.about for row in said}:
            order = [int(row.done) for row in said if row.about == talk]
            assert order == sorted(order)


def test_one_that_no_database_takes_stands_in_the_way_of_no_other(url: str, shelf_of_three: Bookcase) -> None:
    async def deliver(core: Core) -> list[bool]:
        updates = [heard("Lan", words) for words in "1234"]
        updates[2] = msgspec.structs.replace(updates[2], key=None)
        return await asyncio.gather(*(core.intake.take([update]) for update in updates))

    with core_on(url, shelf_of_three, echo) as core:
        assert asyncio.run(deliver(core)) == [True, True, False, True]
        assert stored(core) == 3


def test_who_stops_waiting_for_an_answer_stops_nobody_else(sqlite_url: str, shelf_of_three: Bookcase) -> None:
    async def deliver(core: Core) -> None:
        with core.database.write():  # the writer has to wait for us
            early = [asyncio.ensure_future(core.intake.take([heard("Lan", "1")])) for _ in range(3)]
            await asyncio.sleep(0)
            for task in early[1:]:
                task.cancel()
            await asyncio.gather(*early[1:], return_exceptions=True)
        await early[0]
        assert await core.intake.take([heard("Lan", "2")])

    with core_on(sqlite_url, shelf_of_three, echo) as core:
        asyncio.run(deliver(core))
        core.run_waiting()
        assert noted(core)[-1] == "2"


SECRETS = {
    "mã OTP của tôi là 493817": "493817",
    "mật khẩu: hoaSen2026!": "hoaSen2026!",
    "thẻ 4111 1111 1111 1111 nhé": "4111 1111 1111 1111",
    "CCCD 001099012345": "001099012345",
}


def test_no_secret_reaches_the_disk(tmp_path: Path, sqlite_url: str, shelf_of_three: Bookcase) -> None:
    with core_on(sqlite_url, shelf_of_three, echo) as core:
        core.intake.take_now([heard("Lan", words) for words in SECRETS])
        on_the_way = _bytes_of(tmp_path)
        core.run_waiting()
        told = said(core, "Lan")
        afterwards = _bytes_of(tmp_path)
    assert len(told) == len(SECRETS)
    assert all(DOTS in words for words in told)
    for secret in SECRETS.values():
        assert secret.encode() not in on_the_way
        assert secret.encode() not in afterwards
    assert DOTS.encode() in on_the_way


def test_no_secret_reaches_any_table(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, echo) as core:
        core.intake.take_now([heard("Lan", words) for words in SECRETS])
        on_the_way = _everything(core)
        core.run_waiting()
        kept = on_the_way + _everything(core)
    assert not [secret for secret in SECRETS.values() if secret in kept]
    assert DOTS in kept


def test_the_words_leave_the_inbox_with_the_commit_of_their_turn(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, lambda turn: None) as core:
        core.intake.take_now([heard("Lan", "một câu rất riêng")])
        assert "một câu rất riêng" in _everything(core)
        core.run_waiting()
        assert "một câu rất riêng" not in _everything(core)


def test_a_text_longer_than_anyone_types_is_cut(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, lambda turn: turn.note(str(len(turn.text)), "test")) as core:
        core.intake.take_now([heard("Lan", "a" * (3 * LONGEST))])
        core.run_waiting()
        assert noted(core) == [str(LONGEST)]


def test_while_the_database_is_away_intake_says_not_now_and_then_goes_on(
    postgresql: str, postgresql_url: str, shelf_of_three: Bookcase
) -> None:
    server = Database(postgresql)

    def rename(before: str, after: str) -> None:
        hang_up(postgresql_url)
        with server.own() as connection:
            connection.execute(text(f"alter database {before} rename to {after}"))

    with core_on(postgresql_url, shelf_of_three, echo) as core:
        name = core.database.url.database
        assert asyncio.run(core.intake.take([heard("Lan", "1")]))
        rename(str(name), f"{name}_away")
        assert not asyncio.run(core.intake.take([heard("Lan", "2", "again")]))
        rename(f"{name}_away", str(name))
        assert asyncio.run(core.intake.take([heard("Lan", "2", "again")]))
        core.run_waiting()
        assert noted(core) == ["1", "2"]
        assert core.intake.refused == 1
    server.close()


def test_a_full_disk_loses_no_acknowledged_update(sqlite_url: str, shelf_of_three: Bookcase) -> None:
    acknowledged: list[str] = []
    refused: list[str] = []

    async def deliver(core: Core) -> None:
        for number in range(400):
            words = f"{number} " + "rất dài " * 400
            taken = await core.intake.take([heard("Lan", words, str(number))])
            (acknowledged if taken else refused).append(words.strip()[:80])

    with core_on(sqlite_url, shelf_of_three, lambda turn: echo_short(turn)) as core:
        with _room_for_pages(core, 100):
            asyncio.run(deliver(core))
            assert refused
            assert acknowledged
            assert stored(core) == len(acknowledged)
            assert not asyncio.run(core.intake.take([heard("Lan", "x" * LONGEST)]))
        assert asyncio.run(core.intake.take([heard("Lan", "there is room again")]))
        core.run_waiting()
        assert noted(core) == [*acknowledged, "there is room again"]


def echo_short(turn: Turn) -> None:
    """Note the beginning of what was said."""
    turn.note(turn.text[:80], "test")
    turn.say(as_is(turn.text[:80]))


def test_what_is_due_is_put_before_the_conversations_once(url: str, shelf_of_three: Bookcase) -> None:
    def decide(turn: Turn) -> None:
        match turn.event:
            case Incoming():
                for key, minutes in (("a", 5), ("b", 5), ("c", 60), ("a", 7)):
                    at = turn.now + timedelta(minutes=minutes)
                    turn.later(f"test:{key}", at, "test", "request:17", name_of=key)
            case Due(facts=facts):
                turn.note(f"{facts['name_of']} at {clock.now():%H:%M}", "test")

    with core_on(url, shelf_of_three, decide) as core:
        clock.stop_at(BEGIN)
        core.intake.take_now([heard("Lan", "1")])
        core.run_waiting()
        for minutes in (5, 6, 7, 8, 60):
            clock.stop_at(BEGIN + timedelta(minutes=minutes))
            jobs = [core.writer.submit(lambda c: core.intake.put_due(c, clock.now())) for _ in range(4)]
            for job in jobs:
                job.result()
            core.run_waiting()
        # The later word about "a" holds: the same key is kept once.
        assert noted(core) == ["b at 02:05", "a at 02:07", "c at 03:00"]
        conversations = rows(
            core, select(t.conversations.c.about).where(t.conversations.c.about.is_not(None))
        )
        assert [row.about for row in conversations] == ["request:17"]


@contextmanager
def _room_for_pages(core: Core, pages: int) -> Iterator[None]:
    """Let SQLite's file grow by so many pages and no further, as on a full disk."""
    with core.database.write() as connection:
        size = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {size + pages}")
    try:
        yield
    finally:
        with core.database.write() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("toso.db*")))


def _everything(core: Core) -> str:
    kept: list[Any] = []
    for table in t.metadata.sorted_tables:
        kept += rows(core, select(table))
    return "\n".join(map(str, kept))
