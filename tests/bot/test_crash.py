"""Processes that are killed at any moment act on every update once, in order, and lose nothing."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import func, select

from bot.store import tables as t
from bot.store.database import Database
from bot.turns import DEATHS
from handlers.talk import Talk
from tests.bot.crash_worker import DEADLY, delivery

HOUSE = Path(__file__).parents[2]
AT_ONCE = 24  # deliveries under way
PATIENCE = 60.0  # seconds for a process to serve, on however busy a machine
KILLS = 56
WEB_TALKS_IN_A_STREAM = 5


class Service:
    """A supervised process: who it is at the moment, and whether it serves."""

    def __init__(self, url: str, listening: Path, folder: Path, *more: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.lives = 0
        self.ready = asyncio.Event()
        self._life = 0
        self._loop = asyncio.get_running_loop()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.bot.crash_worker",
                url,
                str(self.port),
                str(listening),
                str(folder),
                *more,
            ],
            cwd=HOUSE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._loop.call_soon_threadsafe(self._told, line.split())

    def _told(self, words: list[str]) -> None:
        if words[0] == "ready":
            self.ready.set()
        else:
            self._life = int(words[1])
            self.lives += 1
            self.ready.clear()

    def kill(self) -> bool:
        """Kill the process where it stands; False when it does not serve at the moment."""
        if not self.ready.is_set():
            return False
        self.ready.clear()
        os.kill(self._life, signal.SIGKILL)
        return True

    async def stop(self) -> int:
        """End it as an operator does, once it serves again; give its exit status."""
        with suppress(TimeoutError):  # it never will: its status says so
            await asyncio.wait_for(self.ready.wait(), PATIENCE)
        return await asyncio.to_thread(self._end)

    def _end(self) -> int:
        self._process.terminate()
        status = self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return status


class Chat:
    """Somebody who writes, and what they were told."""

    def __init__(self, name: str, texts: list[str], token: str = "") -> None:
        self.name = name
        self.texts = texts
        self.token = token  # of a web talk
        self.told: list[str] = []
        self.last = 0  # number of the last message, on the web


async def post(port: int, path: str, body: bytes, token: str = "") -> int:
    """Give the status of an answer, 0 where none came; thousands of these must cost next to nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = f"POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
        bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        writer.write(f"{head}{bearer}\r\n".encode() + body)
        words = (await reader.readline()).split()
        return int(words[1]) if words else 0
    finally:
        writer.close()


class Storm:
    """Delivers, listens and kills, until everybody was told everything."""

    def __init__(self, seed: int, kills: int, updates: int) -> None:
        self.chance = random.Random(seed)
        self.services: list[Service] = []
        self.chats: dict[str, Chat] = {}
        self.kills = 0
        self.deliveries = 0
        self._at = sorted(self.chance.sample(range(20, updates * 2 * 9 // 10), kills))
        self._progress = 0
        self._room = asyncio.Semaphore(AT_ONCE)
        self.silence = asyncio.Event()
        self._missing = 0
        self._client = httpx.AsyncClient(timeout=PATIENCE, limits=httpx.Limits(max_connections=None))

    # --- what happens, and when somebody is killed ---

    def happened(self) -> None:
        """Count one step forward; now and then it is the moment for a kill."""
        self._progress += 1
        if self._at and self._progress >= self._at[0] and self.chance.choice(self.services).kill():
            self._at.pop(0)
            self.kills += 1

    def told(self, chat: Chat, text: str) -> None:
        """Note that a message has arrived; the first time is a step."""
        first = text not in chat.told
        chat.told.append(text)
        if first:
            self._missing -= 1
            if self._missing == 0:
                self.silence.set()
        self.happened()

    def expect(self, chats: list[Chat], more: int = 0) -> None:
        """Introduce everybody who takes part."""
        self.chats |= {chat.name: chat for chat in chats}
        self._missing += sum(len(chat.texts) for chat in chats) + more

    # --- the platform ---

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one message from a process; it may be killed before it hears our answer."""
        line = await reader.readline()
        if line.endswith(b"\n"):
            name, _, text = line.decode().rstrip("\n").partition("\t")
            self.told(self.chats[name], text)
            writer.write(b"arrived\n")
        writer.close()

    async def deliver(self, chat: Chat, number: int) -> None:
        """Deliver one update until somebody acknowledges it."""
        text = chat.texts[number]
        while True:
            service = self.chance.choice(self.services)
            async with self._room:
                await service.ready.wait()
                self.deliveries += 1
                try:
                    if chat.token:
                        sending = msgspec.json.encode({"id": str(number), "text": text})
                        status = await post(service.port, "/web/messages", sending, chat.token)
                    else:
                        status = await post(service.port, "/deliver", delivery(chat.name, number, text))
                except OSError:
                    continue
            if status in (200, 202):
                self.happened()
                return
            assert status in (0, 503), status  # 0: killed before it could answer

    async def write(self, chat: Chat) -> None:
        """Deliver all updates of a chat in order, each one to three times, at once or much later."""
        for number in range(len(chat.texts)):
            times = self.chance.randint(1, 3)
            await asyncio.gather(*(self.deliver(chat, number) for _ in range(times)))
            if self.chance.random() < 0.1:
                await self.deliver(chat, self.chance.randint(0, number))

    async def open_talk(self) -> tuple[str, str]:
        """Open a web talk; give its chat and its token."""
        while True:
            service = self.chance.choice(self.services)
            await service.ready.wait()
            try:
                answer = await self._client.post(f"{service.address}/web/talks")
            except httpx.TransportError:
                continue
            if answer.is_success:
                body = answer.json()
                return body["chat"], body["token"]

    async def read(self, chats: list[Chat]) -> None:
        """Read the stream of some web talks; when it breaks, go on after the last numbers."""
        by_name = {chat.name: chat for chat in chats}
        while True:
            service = self.chance.choice(self.services)
            await service.ready.wait()
            talks = ",".join(f"{chat.token} {chat.last}" for chat in chats)
            try:
                async with self._client.stream(
                    "GET", f"{service.address}/web/stream", headers={"toso-talks": talks}
                ) as answer:
                    async for line in answer.aiter_lines():
                        if line.startswith("data: ") and '"number"' in line:
                            self._read(by_name, msgspec.json.decode(line.removeprefix("data: ")))
            except httpx.TransportError:
                continue

    def _read(self, chats: dict[str, Chat], message: dict[str, Any]) -> None:
        chat = chats[message["chat"]]
        assert message["number"] == chat.last + 1, f"{chat.name}: {message['number']} after {chat.last}"
        chat.last = message["number"]
        self.told(chat, message["text"])

    # --- the whole ---

    async def run(self, url: str, folder: Path, processes: int, make: Callable[[], Any]) -> None:
        """Let it all happen; end when everybody has been told everything, and stop the processes."""
        listening = folder / "platform"
        platform = await asyncio.start_unix_server(self.receive, listening, backlog=1000)
        self.services = [Service(url, listening, folder) for _ in range(processes)]
        under_way: list[asyncio.Future[Any]] = []
        try:
            await make()
            web = [chat for chat in self.chats.values() if chat.token]
            groups = [
                web[at : at + WEB_TALKS_IN_A_STREAM] for at in range(0, len(web), WEB_TALKS_IN_A_STREAM)
            ]
            under_way = [asyncio.ensure_future(self.read(group)) for group in groups]
            writing = asyncio.gather(*(self.write(chat) for chat in self.chats.values()))
            silence = asyncio.ensure_future(self.silence.wait())
            under_way += [writing, silence]
            await asyncio.wait({*under_way} - {writing}, return_when=asyncio.FIRST_COMPLETED)
            assert silence.done(), [task.exception() for task in under_way if task.done()]
            await writing
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
            await self._client.aclose()
            statuses = [await service.stop() for service in self.services]
            platform.close()
            await platform.wait_closed()
        assert statuses == [0] * processes


@contextmanager
def reading(url: str) -> Iterator[Any]:
    """Look into a store from outside."""
    database = Database(url)
    with database.read() as connection:
        yield connection
    database.close()


def processes_on(url: str) -> int:
    """Two processes share PostgreSQL; SQLite is served by one."""
    return 1 if url.startswith("sqlite") else 2


def texts(how_many: int) -> list[str]:
    """What somebody says: numbers, and words that are searched for before their turn."""
    return [str(number) if number % 2 else f"tin {number}" for number in range(1, how_many + 1)]


@pytest.mark.parametrize("conversations", [200, 3])
def test_killed_at_any_moment_every_update_is_acted_on_once_and_in_order(
    conversations: int, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    updates = 2000
    each = [updates // conversations + (place < updates % conversations) for place in range(conversations)]

    async def happen() -> Storm:
        storm = Storm(20261121 + conversations, KILLS, updates)

        async def make() -> None:
            on_the_web = max(1, conversations // 10)
            people = [Chat(f"chat {place}", texts(count)) for place, count in enumerate(each[on_the_web:])]
            for count in each[:on_the_web]:
                name, token = await storm.open_talk()
                people.append(Chat(name, texts(count), token))
            storm.expect(people)

        await storm.run(url, tmp_path, processes_on(url), make)
        return storm

    storm = asyncio.run(happen())
    lost = twice = disordered = repeated = marked = 0
    with reading(url) as connection:
        noted: dict[str, list[str]] = defaultdict(list)
        for row in connection.execute(select(t.audit.c.about, t.audit.c.done).order_by(t.audit.c.id)):
            noted[row.about].append(row.done)
        for chat in storm.chats.values():
            contact, conversation, talk = connection.execute(
                select(t.contacts.c.id, t.conversations.c.id, t.conversations.c.talk)
                .join(t.conversations, t.conversations.c.id == t.contacts.c.conversation)
                .where(t.contacts.c.chat == chat.name)
            ).one()
            assert msgspec.json.decode(talk, type=Talk).kept["heard"].split("\n") == chat.texts
            acted = noted[f"talk:{conversation}"]
            lost += len(set(chat.texts) - set(acted))
            twice += len(acted) - len(set(acted))
            disordered += acted != sorted(acted, key=chat.texts.index)
            assert acted == chat.texts
            rows = connection.execute(
                select(t.outbox.c.message, t.outbox.c.again, t.outbox.c.number)
                .where(t.outbox.c.contact == contact)
                .order_by(t.outbox.c.number)
            ).all()
            said = [msgspec.json.decode(row.message)["text"] for row in rows]
            assert said == chat.texts
            assert [row.number for row in rows] == list(range(1, len(rows) + 1))
            arrived = [chat.texts.index(text) for text in chat.told]
            assert arrived == sorted(arrived), f"{chat.name} was told out of order"
            times = [chat.told.count(text) for text in chat.texts]
            assert all(row.again for row, count in zip(rows, times, strict=True) if count > 1)
            if chat.token:
                assert times == [1] * len(times)
            repeated += sum(times) - len(times)
            marked += sum(row.again for row in rows)
        assert connection.scalar(select(func.count()).where(t.inbox.c.state == t.PARKED)) == 0
        stored = connection.scalar(select(func.count()).where(t.inbox.c.account != "ticker"))
    assert stored == updates
    assert storm.kills >= 50
    with capsys.disabled():
        print(
            f"\n{'SQLite, 1 process' if url.startswith('sqlite') else 'PostgreSQL, 2 processes'}, "
            f"{conversations} conversations: {updates} updates delivered {storm.deliveries} times, "
            f"{storm.kills} kills; lost {lost}, acted on twice {twice}, talks out of order {disordered}; "
            f"{repeated} messages arrived twice, {marked} were marked as in doubt"
        )


def test_an_event_that_kills_its_process_each_time_is_parked_and_the_rest_go_on(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def happen() -> Storm:
        storm = Storm(1, 0, 100)

        async def make() -> None:
            people = [Chat(f"chat {place}", texts(5)) for place in range(20)]
            storm.expect([*people, Chat("unlucky", ["1", DEADLY, "3", "4"])])

        await storm.run(url, tmp_path, processes_on(url), make)
        return storm

    storm = asyncio.run(happen())
    unlucky = storm.chats["unlucky"]
    with reading(url) as connection:
        parked = connection.execute(
            select(t.inbox.c.number, t.inbox.c.attempts).where(t.inbox.c.state == t.PARKED)
        ).one()
        waiting = connection.scalar(select(func.count()).where(t.inbox.c.state == t.WAITING))
    assert waiting == 0
    assert parked.attempts == DEATHS
    told = list(dict.fromkeys(unlucky.told))
    assert told[0] == "1"
    assert parked.number in told[1]
    assert told[2:] == ["3", "4"]
    assert {
        name: list(dict.fromkeys(chat.told)) for name, chat in storm.chats.items() if chat != unlucky
    } == {f"chat {place}": texts(5) for place in range(20)}
    deaths = sum(service.lives for service in storm.services) - len(storm.services)
    assert DEATHS <= deaths <= DEATHS + len(storm.services)  # the first in each process comes unforeseen
    with capsys.disabled():
        print(f"\na deadly event ended {deaths} processes and was parked as {parked.number}")
