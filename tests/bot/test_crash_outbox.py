"""A broadcast amid which processes are killed loses nothing but what is in doubt, and keeps nobody waiting."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from bot.store import tables as t
from bot.store.database import Database
from handlers.talk import Message
from tests.bench.broadcast import fill
from tests.bot.crash_worker import ACCOUNT, delivery
from tests.bot.test_crash import Service, post, processes_on, reading

MESSAGES = 5000
PEOPLE = 50  # who write amid the broadcast, which is for them too
EACH = 6  # what each of them writes; the answer to every other one is a notice
KILLS = 32
RATE = 160  # messages a second
MORNING = "2026-11-09T02:00:00+00:00"  # a Monday, 9:00 in Vietnam: no broadcast leaves at night

_message = msgspec.json.Decoder(Message)


class Broadcast:
    """Takes what is sent, has people write and kills processes, all by what has arrived so far."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.services: list[Service] = []
        self.told: dict[str, list[str]] = defaultdict(list)  # by chat, in the order of arrival
        self.kills = 0
        self._arrived = 0
        self._kill_at = sorted(self.chance.sample(range(50, MESSAGES * 9 // 10), KILLS))
        words = [(f"c{person}", number) for person in range(1, PEOPLE + 1) for number in range(EACH)]
        places = sorted(self.chance.sample(range(MESSAGES * 9 // 10), len(words)))
        self.chance.shuffle(words)
        # Each person's words stay in their order; whose turn it is, is left to chance.
        order = {chat: iter(range(EACH)) for chat, _ in words}
        self._words = [
            (place, chat, next(order[chat])) for place, (chat, _) in zip(places, words, strict=True)
        ]
        self._turns = {chat: asyncio.Lock() for chat, _ in words}
        self.writing: set[asyncio.Task[None]] = set()

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one message from a process; it may be killed before it hears our answer."""
        line = await reader.readline()
        if line.endswith(b"\n"):
            chat, _, text = line.decode().rstrip("\n").partition("\t")
            self.told[chat].append(text)
            self._arrived += 1
            self._happened()
            writer.write(b"arrived\n")
        writer.close()

    def _happened(self) -> None:
        while self._words and self._arrived >= self._words[0][0]:
            _, chat, number = self._words.pop(0)
            task = asyncio.create_task(self._write(chat, number))
            self.writing.add(task)
            task.add_done_callback(self.writing.discard)
        if self._kill_at and self._arrived >= self._kill_at[0] and self.chance.choice(self.services).kill():
            self._kill_at.pop(0)
            self.kills += 1

    def _talking(self) -> bool:
        return bool(self._words or self.writing)

    async def _write(self, chat: str, number: int) -> None:
        async with self._turns[chat]:  # who waits longest is next
            while True:
                service = self.chance.choice(self.services)
                await service.ready.wait()
                try:
                    status = await post(service.port, "/deliver", delivery(chat, number, words(number)))
                except OSError:
                    continue
                if status == 200:
                    return
                assert status in (0, 503), status

    async def run(self, url: str, folder: Path) -> None:
        """Let it all happen, until nothing waits any more and nobody has anything to say."""
        listening = folder / "platform"
        platform = await asyncio.start_unix_server(self.receive, listening, backlog=1000)
        more = (str(RATE), MORNING)
        self.services = [Service(url, listening, folder, *more) for _ in range(processes_on(url))]
        try:
            async with asyncio.timeout(300):
                while self._talking() or await asyncio.to_thread(waits, url):
                    await asyncio.sleep(0.2)
        finally:
            for task in self.writing:
                task.cancel()
            statuses = [await service.stop() for service in self.services]
            platform.close()
            await platform.wait_closed()
        assert statuses == [0] * len(self.services)


def words(number: int) -> str:
    """Give what somebody says, and is told."""
    return f"notice {number}" if number % 2 else f"tin {number}"


def waits(url: str) -> bool:
    """Say whether something is still to be decided or sent."""
    with reading(url) as connection:
        inbox = select(func.count()).where(t.inbox.c.state == t.WAITING)
        outbox = select(func.count()).where(t.outbox.c.state < t.SENT)
        return bool(connection.scalar(inbox) or connection.scalar(outbox))


def test_killed_amid_a_broadcast_nothing_is_lost_but_what_is_in_doubt(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(url)
    fill(database, MESSAGES, ACCOUNT)
    database.close()

    async def happen() -> Broadcast:
        broadcast = Broadcast(20261122)
        await broadcast.run(url, tmp_path)
        return broadcast

    broadcast = asyncio.run(happen())
    with reading(url) as connection:
        rows = connection.execute(
            select(t.contacts.c.chat, t.outbox)
            .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
            .order_by(t.outbox.c.contact, t.outbox.c.number)
        ).all()
        noted = connection.scalar(select(func.count()).select_from(t.audit))
    found: Counter[str] = Counter()
    said: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        text = _message.decode(row.message).text
        times = broadcast.told[row.chat].count(text)
        broad = row.kind == "broadcast"
        found["doubts"] += row.state == t.DOUBT
        found["of them arrived"] += row.state == t.DOUBT and times == 1
        found["twice"] += times - 1 if times else 0
        found["marked"] += row.again and not broad
        assert row.state == t.SENT or (row.state == t.DOUBT and broad and row.again), row
        assert times >= 1 or row.state == t.DOUBT, "lost"
        assert times <= 1 or (row.again and not broad), "sent twice without a mark"
        if not broad:
            said[row.chat].append(text)
    for chat, texts in said.items():
        assert texts == [words(number) for number in range(EACH)]
        arrived = [texts.index(text) for text in broadcast.told[chat] if text in texts]
        assert arrived == sorted(arrived), f"{chat} was told out of order"
    assert len(said) == PEOPLE
    assert len(rows) == MESSAGES + PEOPLE * EACH
    assert noted == PEOPLE * EACH  # each update was acted on once
    assert broadcast.kills >= 30
    with capsys.disabled():
        print(
            f"\n{'SQLite, 1 process' if url.startswith('sqlite') else 'PostgreSQL, 2 processes'}: broadcast of "
            f"{MESSAGES}, {PEOPLE * EACH} answers and notices amid it, {broadcast.kills} kills; lost 0; "
            f"{found['doubts']} of the broadcast left in doubt ({found['of them arrived']} had arrived); "
            f"{found['twice']} answers and notices arrived twice, {found['marked']} were marked as in doubt"
        )
