"""What was committed is sent in order, once where nobody was killed, by one sender for each account."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from bot import clock
from bot.channels import Carried, Channel, Limits, Refused, Sent, Take, TryLater
from bot.core import Core
from bot.locks import Lost, while_only_one
from bot.outbox import REPEATED_IN_DOUBT, Sender
from bot.pace import PATIENCE, Bucket, next_attempt
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.writer import writer
from bot.ticker import release
from handlers.talk import Message
from handlers.text import as_is
from handlers.turn import Kind, Turn
from tests.bot.rig import ACCOUNT, change, core_on, heard, rows

MORNING = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)  # a Monday, 9:00 in Vietnam
NIGHT = datetime(2026, 11, 9, 15, 0, tzinfo=UTC)  # 22:00
NEXT_MORNING = datetime(2026, 11, 10, 0, 30, tzinfo=UTC)  # 7:30
FAST = Limits(rate=10_000, burst=10_000, chat_rate=10_000, chat_burst=10_000)
SOON = timedelta(milliseconds=5)

Answer = Callable[[], Exception | None]


@pytest.fixture(autouse=True)
def working_hours() -> Iterator[None]:
    """Let it be a Monday morning."""
    clock.stop_at(MORNING)
    yield
    clock.reset()


class Platform(Channel):
    """Takes messages as told: an answer for a text may be an error, or a wait."""

    def __init__(self, account: str = ACCOUNT) -> None:
        self.account = account
        self.calls: list[str] = []
        self.answers: dict[str, Answer] = {}
        self.slow: dict[str, asyncio.Event] = {}
        self._enough = asyncio.Event()
        self._wanted = 0

    async def receive(self, take: Take) -> None:
        """Hear nothing."""

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Note the call and answer as told."""
        self.calls.append(message.text)
        if self._wanted and len(self.calls) >= self._wanted:
            self._enough.set()
        if message.text in self.slow:
            await self.slow[message.text].wait()
        error = self.answers.get(message.text, lambda: None)()
        if error is not None:
            raise error
        return Sent("")

    async def close(self) -> None:
        """Nothing is open."""

    async def called(self, times: int) -> None:
        """Wait for that many calls."""
        self._wanted = times
        if len(self.calls) < times:
            self._enough.clear()
            await asyncio.wait_for(self._enough.wait(), 60)


def say(turn: Turn) -> None:
    """Say what the words ask for: "kind text", the text beginning with whom it is for."""
    kind, _, words = turn.text.partition(" ")
    kinds: dict[str, Kind] = {"answer": "answer", "receipt": "receipt", "notice": "notice",
                              "reminder": "reminder", "broadcast": "broadcast"}  # fmt: skip
    if kind == "withdraw":
        turn.withdraw(words)
    elif kind == "later":
        turn.say(as_is(words), kind="reminder", about="report:1", not_before=turn.after(timedelta(hours=1)))
    elif kind == "until":
        turn.say(as_is(words), kind="notice", until=turn.after(timedelta(hours=1)))
    else:
        turn.say(as_is(words), kind=kinds[kind], about="report:1")


def tell(core: Core, *lines: str, account: str = ACCOUNT) -> None:
    """Have turns say these lines, "kind chat words", each to its chat."""
    core.intake.take_now([heard(line.split()[1], line, account=account) for line in lines])
    core.run_waiting()


def sender_of(core: Core, platform: Platform, limits: Limits = FAST) -> Sender:
    """Give a sender that may send as fast as it can."""
    return Sender(platform, core.database, core.writer, lambda: core.bookcase.shelf().calendar, limits)


async def stop(*tasks: asyncio.Task[None]) -> None:
    """Tell senders to stop, as a process does that ends in good order."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


def send(core: Core, platform: Platform, calls: int, limits: Limits = FAST) -> Sender:
    """Run a sender until the platform has been called that often."""
    sender = sender_of(core, platform, limits)

    async def run() -> None:
        task = asyncio.create_task(sender.run())
        await platform.called(calls)
        await stop(task)

    asyncio.run(run())
    return sender


def states(core: Core) -> list[int]:
    """Give the state of every message, in the order in which they were said."""
    return [row.state for row in rows(core, select(t.outbox.c.state).order_by(t.outbox.c.id))]


# --- rules of time ---


@pytest.mark.parametrize(
    ("asked", "attempts", "seconds"),
    [
        (None, 1, 1),
        (None, 2, 2),
        (None, 5, 16),
        (None, 10, 512),
        (None, PATIENCE - 1, 600),
        (7, 1, 7),
        (7, 9, 7),
    ],
)
def test_the_wait_doubles_unless_the_platform_asks_for_another(
    asked: int | None, attempts: int, seconds: int
) -> None:
    error = TryLater("busy", None if asked is None else timedelta(seconds=asked))
    assert next_attempt(error, attempts) == timedelta(seconds=seconds)


def test_after_sixteen_attempts_nothing_is_tried_any_more() -> None:
    assert next_attempt(TryLater("busy"), PATIENCE) is None


def test_a_bucket_begins_empty_after_a_take_over_and_fills_with_its_rate() -> None:
    clock.ticks_at(0.0)
    bucket = Bucket(rate=2, burst=3)
    assert bucket.wait() == 0.5
    clock.ticks_at(10.0)
    taken = 0
    while bucket.wait() == 0:
        bucket.take()
        taken += 1
    assert taken == 3
    assert bucket.wait() == 0.5


# --- order ---


def test_each_chat_gets_its_messages_in_order(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        lines = [f"answer chat{place} {number}" for number in range(12) for place in range(3)]
        tell(core, *lines)
        platform = Platform()
        sender = send(core, platform, len(lines))
        for place in range(3):
            mine = [call for call in platform.calls if call.startswith(f"chat{place} ")]
            assert mine == [f"chat{place} {number}" for number in range(12)]
        assert states(core) == [t.SENT] * len(lines)
        assert (sender.sent, sender.again, sender.failed) == (len(lines), 0, 0)


def test_who_waits_for_an_answer_is_served_before_notices_and_reminders(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "broadcast An 1", "reminder Ba 1", "notice Cam 1", "answer Dung 1", "receipt Em 1")
        platform = Platform()
        send(core, platform, 5, Limits(rate=1000, burst=1, chat_rate=1000, chat_burst=1000))
        assert platform.calls == ["Dung 1", "Em 1", "Cam 1", "Ba 1", "An 1"]


def test_a_message_that_is_tried_again_holds_up_its_own_chat_only(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, *(f"answer {name} {number}" for number in (1, 2, 3) for name in ("Lan", "Minh")))
        platform = Platform()
        platform.answers["Lan 1"] = lambda: None if "Minh 3" in platform.calls else TryLater("busy", SOON)
        sender = send(core, platform, 0)

        async def run() -> None:
            task = asyncio.create_task(sender.run())
            while platform.calls[-1:] != ["Lan 3"]:
                await platform.called(len(platform.calls) + 1)
            await stop(task)

        asyncio.run(run())
        first_time = list(dict.fromkeys(platform.calls))
        assert [call for call in first_time if call.startswith("Lan")] == ["Lan 1", "Lan 2", "Lan 3"]
        assert first_time.index("Minh 3") < first_time.index("Lan 2")
        assert states(core) == [t.SENT] * 6


# --- errors ---


def test_nobody_is_asked_again_who_has_blocked_us(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "answer Lan 1", "answer Lan 2", "answer Minh 1")
        platform = Platform()
        platform.answers["Lan 1"] = lambda: Refused("blocked", gone=True)
        platform.answers["Minh 1"] = lambda: Refused("too long")
        sender = send(core, platform, 2)
        by_text = {row.message.split('"')[3]: row.state for row in rows(core, select(t.outbox))}
        assert by_text.pop("Lan 2") in (t.READY, t.FAILED)  # it may have been looked at already
        assert by_text == {"Lan 1": t.FAILED, "Minh 1": t.FAILED}
        assert platform.calls == ["Lan 1", "Minh 1"]
        assert sender.failed in (2, 3)
        gone = dict(tuple(row) for row in rows(core, select(t.contacts.c.chat, t.contacts.c.gone)))
        assert gone == {"Lan": True, "Minh": False}
        tell(core, "answer Lan 3")  # who writes is there again
        gone = dict(tuple(row) for row in rows(core, select(t.contacts.c.chat, t.contacts.c.gone)))
        assert gone == {"Lan": False, "Minh": False}


def test_a_message_is_given_up_after_its_last_attempt(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "answer Lan 1", "answer Lan 2")
        change(core, update(t.outbox).where(t.outbox.c.number == 1).values(attempts=PATIENCE - 1))
        platform = Platform()
        platform.answers["Lan 1"] = lambda: TryLater("busy", SOON)
        send(core, platform, 2)
        assert platform.calls == ["Lan 1", "Lan 2"]
        assert states(core) == [t.FAILED, t.SENT]


def test_an_error_that_nobody_foresaw_is_tried_again(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "answer Lan 1")
        platform = Platform()
        platform.answers["Lan 1"] = lambda: ZeroDivisionError() if len(platform.calls) == 1 else None
        send(core, platform, 2)
        assert states(core) == [t.SENT]


# --- time and withdrawal ---


def test_what_comes_too_late_is_withdrawn(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "until Lan 1", "answer Lan 2")
        clock.stop_at(MORNING + timedelta(hours=1, seconds=1))
        platform = Platform()
        send(core, platform, 1)
        assert platform.calls == ["Lan 2"]
        assert states(core) == [t.WITHDRAWN, t.SENT]


def test_a_reminder_outside_the_hours_is_held_until_the_morning(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "reminder Lan 1", "answer Minh 2")
        clock.stop_at(NIGHT)
        platform = Platform()
        send(core, platform, 1)
        assert platform.calls == ["Minh 2"]
        held = rows(core, select(t.outbox.c.state, t.outbox.c.number, t.outbox.c.not_before))[0]
        assert tuple(held) == (t.HELD, None, NEXT_MORNING)
        clock.stop_at(NEXT_MORNING)
        assert let_go(core) == {ACCOUNT}
        platform = Platform()
        send(core, platform, 1)
        assert platform.calls == ["Lan 1"]


def test_what_was_withdrawn_meanwhile_is_neither_sent_nor_held_again(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "reminder Lan 1", "notice Minh 1")
        sender = sender_of(core, Platform())
        picked = sender._waiting(10, 9, [])
        assert len(picked) == 2
        tell(core, "withdraw report:1")
        for moment in (MORNING, NIGHT):
            clock.stop_at(moment)
            parcels, aside = sender._choose(picked, 10)
            with core.database.write() as connection:
                assert sender._write(connection, aside, parcels)[0] == []
            assert states(core) == [t.WITHDRAWN, t.WITHDRAWN]


# --- doubt ---


@pytest.mark.parametrize(
    ("kind", "arrives"),
    [("answer", True), ("receipt", True), ("notice", True), ("reminder", False), ("broadcast", False)],
)
def test_in_doubt_each_kind_of_message_is_repeated_or_left(
    kind: Kind, arrives: bool, url: str, shelf_of_three: Bookcase
) -> None:
    assert REPEATED_IN_DOUBT[kind] is arrives
    with core_on(url, shelf_of_three, say) as core:
        tell(core, f"{kind} Lan 1", "answer Lan 2")
        change(core, update(t.outbox).where(t.outbox.c.number == 1).values(state=t.SENDING, attempts=1))
        platform = Platform()
        sender = send(core, platform, 1 + arrives)
        assert platform.calls == (["Lan 1", "Lan 2"] if arrives else ["Lan 2"])
        first, second = rows(core, select(t.outbox.c.state, t.outbox.c.again).order_by(t.outbox.c.id))
        assert tuple(first) == (t.SENT if arrives else t.DOUBT, True)
        assert tuple(second) == (t.SENT, False)
        assert sender.again == arrives


def test_who_is_told_to_stop_notes_what_has_already_left(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "answer Lan 1", "answer Lan 2")
        platform = Platform()

        async def run() -> None:
            platform.slow["Lan 1"] = asyncio.Event()
            task = asyncio.create_task(sender_of(core, platform).run())
            await platform.called(1)
            task.cancel()
            platform.slow["Lan 1"].set()
            await stop(task)

        asyncio.run(run())
        assert states(core) == [t.SENT, t.READY]


# --- one sender ---


def test_two_processes_have_one_sender_and_the_other_takes_over(
    postgresql_url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(postgresql_url, shelf_of_three, say) as one, core_on(
        postgresql_url, shelf_of_three, say
    ) as two:  # fmt: skip
        tell(one, "answer Lan 1", "answer Lan 2")
        first, second = Platform(), Platform()

        async def run() -> None:
            first.slow["Lan 1"] = asyncio.Event()
            tasks = [asyncio.create_task(sender_of(one, first).run())]
            await first.called(1)
            tasks.append(asyncio.create_task(sender_of(two, second).run()))
            await asyncio.to_thread(cut_off_the_holder, one)
            await second.called(2)
            first.slow["Lan 1"].set()
            await stop(*tasks)

        asyncio.run(run())
        assert first.calls == ["Lan 1"]
        assert second.calls == ["Lan 1", "Lan 2"]
        marks = rows(one, select(t.outbox.c.state, t.outbox.c.again).order_by(t.outbox.c.id))
        assert [tuple(mark) for mark in marks] == [(t.SENT, True), (t.SENT, False)]


def test_two_senders_at_once_send_nothing_twice(postgresql_url: str, shelf_of_three: Bookcase) -> None:
    with core_on(postgresql_url, shelf_of_three, say) as one, core_on(
        postgresql_url, shelf_of_three, say
    ) as two:  # fmt: skip
        lines = [f"answer chat{number % 9} {number}" for number in range(60)]
        tell(one, *lines)
        platform = Platform()

        async def run() -> None:
            tasks = [asyncio.create_task(sender_of(core, platform).run()) for core in (one, two)]
            await platform.called(len(lines))
            await stop(*tasks)

        asyncio.run(run())
        assert sorted(platform.calls) == sorted(line.removeprefix("answer ") for line in lines)
        assert states(one) == [t.SENT] * len(lines)


def test_who_loses_the_lock_stops_hearing_and_another_begins(
    postgresql_url: str, shelf_of_three: Bookcase
) -> None:
    happened: list[str] = []

    async def run(one: Core, two: Core) -> None:
        begun = {name: asyncio.Event() for name in ("one", "two")}

        def hear(name: str) -> Callable[[], Awaitable[None]]:
            async def forever() -> None:
                happened.append(f"{name} begins")
                begun[name].set()
                try:
                    await asyncio.Event().wait()
                finally:
                    happened.append(f"{name} ends")

            return forever

        first = asyncio.create_task(while_only_one(one.database, one.writer, "poll:1", hear("one")))
        await asyncio.wait_for(begun["one"].wait(), 60)
        second = asyncio.create_task(while_only_one(two.database, two.writer, "poll:1", hear("two")))
        await asyncio.to_thread(cut_off_the_holder, one)
        with pytest.raises(Lost):
            await first
        await asyncio.wait_for(begun["two"].wait(), 60)
        await stop(second)

    with core_on(postgresql_url, shelf_of_three, say) as one, core_on(
        postgresql_url, shelf_of_three, say
    ) as two:  # fmt: skip
        asyncio.run(run(one, two))
    assert sorted(happened) == ["one begins", "one ends", "two begins", "two ends"]


def cut_off_the_holder(core: Core) -> None:
    """End the connection on which the sender's lock lives."""
    with core.database.own() as connection:
        ended = connection.execute(
            text(
                "select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database "
                "where l.locktype = 'advisory' and l.granted and d.datname = current_database()"
            )
        ).all()
    assert len(ended) == 1


# --- held messages ---


def let_go(core: Core) -> set[str]:
    """Release what is held until now."""
    calendar = core.bookcase.shelf().calendar
    return core.writer.submit(lambda c: release(c, clock.now(), calendar)).result()


def mailbox(core: Core) -> list[tuple[Any, ...]]:
    """Give number, state and text of web messages, in the order of their numbers."""
    columns = select(t.outbox.c.number, t.outbox.c.state, t.outbox.c.message).order_by(t.outbox.c.number)
    return [(row.number, row.state, row.message.split('"')[3]) for row in rows(core, columns)]


def test_on_the_web_numbers_have_no_gaps_when_held_messages_are_let_go(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "answer Lan 1", "later Lan 2", "answer Lan 3", account="web")
        tell(core, "later Lan 4", "answer Lan 5", account="web")
        assert let_go(core) == set()
        clock.stop_at(MORNING + timedelta(hours=1))
        jobs = [
            core.writer.submit(lambda c: release(c, clock.now(), core.bookcase.shelf().calendar))
            for _ in range(3)
        ]
        assert set.union(*(job.result() for job in jobs)) == {"web"}
        tell(core, "answer Lan 6", account="web")
        assert mailbox(core) == [
            (place, t.SENT, f"Lan {words}") for place, words in enumerate((1, 3, 5, 2, 4, 6), 1)
        ]


def test_on_the_web_too_a_late_reminder_waits_for_the_morning(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "later Lan 1", account="web")
        clock.stop_at(NIGHT)
        assert let_go(core) == set()
        clock.stop_at(NEXT_MORNING)
        assert let_go(core) == {"web"}
        assert mailbox(core) == [(1, t.SENT, "Lan 1")]


def test_letting_go_and_taking_back_at_once_leave_nothing_half_done(
    postgresql_url: str, shelf_of_three: Bookcase
) -> None:
    other = Database(postgresql_url)
    second = writer(other)
    with core_on(postgresql_url, shelf_of_three, say) as core:
        calendar = core.bookcase.shelf().calendar
        withdraw = update(t.outbox).where(t.outbox.c.state < t.SENDING).values(state=t.WITHDRAWN)
        tell(core, "later Lan 1")
        clock.stop_at(MORNING + timedelta(hours=1))
        with core.database.write() as connection:
            connection.execute(withdraw)
            assert second.submit(lambda c: release(c, clock.now(), calendar)).result() == set()
        assert let_go(core) == set()
        assert states(core) == [t.WITHDRAWN]

        clock.stop_at(MORNING)
        tell(core, "later Lan 2")
        clock.stop_at(MORNING + timedelta(hours=1))
        under_way = threading.Event()
        with core.database.write() as connection:
            assert release(connection, clock.now(), calendar) == {ACCOUNT}

            def take_back(c: Any) -> None:
                under_way.set()
                c.execute(withdraw)

            taken_back = second.submit(take_back)
            assert under_way.wait(60)
        taken_back.result()
        assert states(core) == [t.WITHDRAWN, t.WITHDRAWN]
    second.close()
    other.close()
