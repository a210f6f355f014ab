"""A broadcast at the speed that a platform allows, and what an answer amid it has to wait.

The platform is an HTTP server in a process of its own, with a bucket of as many calls as it
refills in a second; above that it answers 429.  The bot's side is the product's own store,
turns and sender with the thinnest client there is; SQLite keeps every mark with synchronous=FULL.

`python -m tests.bench.broadcast RATE MESSAGES` measures one of them alone.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import uvicorn
import uvloop
from sqlalchemy import func, insert, select

from bot import clock
from bot.channels import Carried, Channel, Limits, Refused, Sent, Take, TryLater
from bot.core import Core
from bot.outbox import Sender
from bot.shelf import Bookcase
from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from bot.turns import PRIORITIES, Done
from bot.wording import Wording
from handlers.talk import Heard, Incoming, Message
from handlers.text import as_is
from handlers.turn import Office, Turn

TOPICS = Path(__file__).parents[1] / "knowledge" / "topics-sample"
ACCOUNT = "bench:1"
ASKING = 0.25  # seconds from one question to the next
PEOPLE = 40  # who ask
PIECE = 5_000  # rows in one insert
DAYTIME = 3  # o'clock in UTC: no broadcast leaves at night, and a bench may run then


class Report(msgspec.Struct):
    """What the platform saw."""

    accepted: int = 0
    refused: int = 0
    first: float = 0.0
    last: float = 0.0  # of the broadcast
    by_then: int = 0  # accepted until that one, answers included
    twice: int = 0
    answers: dict[str, float] = msgspec.field(
        default_factory=dict
    )  # when each arrived, on the clock that both processes share


class Measured(msgspec.Struct, frozen=True):
    """What came of one broadcast."""

    rate: float
    messages: int
    seconds: float
    reached: float  # share of the permitted rate
    refused: int
    twice: int
    asked: int
    p50: float  # milliseconds from a question to its answer's arrival
    p99: float
    worst: float
    processor: float  # share of one core that the bot's process took


# --- the platform ---


class Platform:
    """An ASGI application with a bucket of calls."""

    def __init__(self, rate: float) -> None:
        self._rate = self._level = rate
        self._at = time.monotonic()
        self._seen: set[str] = set()
        self.report = Report()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Take a message, refuse it, or give the report."""
        if scope["path"] == "/report":
            await _answer(send, 200, msgspec.json.encode(self.report))
            return
        body = b""
        more = True
        while more:
            part = await receive()
            body += part.get("body", b"")
            more = part.get("more_body", False)
        now = time.monotonic()
        self._level = min(self._rate, self._level + (now - self._at) * self._rate)
        self._at = now
        seen = self.report
        if self._level < 1:
            seen.refused += 1
            await _answer(send, 429, b'{"retry_after": 1}')
            return
        self._level -= 1
        message = msgspec.json.decode(body)
        self.accept(message["chat"], message["text"], now)
        await _answer(send, 200, b'{"id": "1"}')

    def accept(self, chat: str, text: str, now: float) -> None:
        """Note what has arrived."""
        seen = self.report
        seen.twice += text in self._seen
        self._seen.add(text)
        seen.accepted += 1
        seen.first = seen.first or now
        if text.startswith("answer"):
            seen.answers[text] = now
        else:
            seen.last, seen.by_then = now, seen.accepted


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def serve(port: int, platform: Platform) -> None:
    """Be the platform until the process is ended."""
    uvicorn.run(platform, port=port, log_level="error", access_log=False, loop="uvloop", http="httptools")


# --- the bot ---


class Thin(Channel):
    """The platform's client: one call a message."""

    def __init__(self, url: str, account: str = ACCOUNT) -> None:
        self.account = account
        self.client = aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0))

    async def receive(self, take: Take) -> None:
        """Hear nothing: questions are put in directly."""

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Make the call, and say of an error what can be done about it."""
        async with self.client.post("/send", json={"chat": chat, "text": message.text}) as answer:
            if answer.status == 429:
                raise TryLater("too fast", timedelta(seconds=(await answer.json())["retry_after"]))
            if not answer.ok:
                raise Refused(str(answer.status))
            return Sent((await answer.json())["id"])

    async def close(self) -> None:
        """Let go of connections."""
        await self.client.close()


def answer(turn: Turn) -> None:
    """Answer each question with its own words."""
    if isinstance(turn.event, Incoming):
        turn.say(as_is(f"answer {turn.text}"))


def fill(database: Database, messages: int, account: str = ACCOUNT) -> None:
    """Put a broadcast to so many people into the outbox, piece by piece."""
    now = clock.now()
    for first in range(1, messages + 1, PIECE):
        numbers = range(first, min(first + PIECE, messages + 1))
        with database.write() as connection:
            connection.execute(insert(t.conversations), [{"id": n, "touched": now} for n in numbers])
            connection.execute(
                insert(t.contacts),
                [
                    {"id": n, "account": account, "chat": f"c{n}", "conversation": n, "last": 1, "heard": now}
                    for n in numbers
                ],
            )
            connection.execute(
                insert(t.outbox),
                [
                    {"account": account, "contact": n, "number": 1, "kind": "broadcast", "state": t.READY}
                    | {"priority": PRIORITIES["broadcast"], "message": f'{{"text":"news {n}"}}', "at": now}
                    for n in numbers
                ],
            )


async def broadcast(folder: Path, rate: float, messages: int) -> Measured:
    """Send a broadcast while people ask, and give what it came to."""
    database = Database(f"sqlite:///{folder}/broadcast-{messages}.db")
    schema.upgrade(database)
    fill(database, messages)
    loop = asyncio.get_running_loop()

    def after(done: Done) -> None:
        if done.accounts:
            loop.call_soon_threadsafe(sender.wake)

    bookcase = Bookcase(Office(), TOPICS)
    core = Core(database, bookcase, Wording(), decide=answer, after=after)
    port = free_port()
    platform = subprocess.Popen([sys.executable, "-m", __spec__.name, "serve", str(port), str(rate)])
    channel = Thin(f"http://127.0.0.1:{port}")
    limits = Limits(rate=rate, burst=rate)
    sender = Sender(channel, database, core.writer, lambda: bookcase.shelf().calendar, limits)
    tasks: list[asyncio.Task[Any]] = []
    asked: dict[str, float] = {}
    try:
        await reachable(channel.client)
        core.start()
        bookcase.prepare()
        gc.collect()
        gc.freeze()
        used, begun = time.process_time(), time.monotonic()
        tasks = [asyncio.create_task(sender.run()), asyncio.create_task(ask(core, asked))]
        waiting = select(func.count()).where(
            t.outbox.c.account == ACCOUNT, t.outbox.c.state < t.SENT, t.outbox.c.kind == "broadcast"
        )
        while True:
            await asyncio.sleep(1.0)
            for task in tasks:
                if task.done():
                    task.result()
            if not await asyncio.to_thread(count, database, waiting):
                break
        used = (time.process_time() - used) / (time.monotonic() - begun)
        tasks[1].cancel()
        while await asyncio.to_thread(count, database, select(func.count()).where(t.outbox.c.state < t.SENT)):
            await asyncio.sleep(0.1)
        async with channel.client.get("/report") as page:
            report = msgspec.json.decode(await page.read(), type=Report)
        failed = count(database, select(func.count()).where(t.outbox.c.state != t.SENT))
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await channel.close()
        await asyncio.to_thread(core.stop)
        platform.terminate()
        platform.wait()
    if failed or report.accepted < messages:
        raise RuntimeError(f"{failed} messages were not sent")
    waits = sorted((report.answers[f"answer {text}"] - at) * 1000 for text, at in asked.items())
    seconds = report.last - report.first
    return Measured(
        rate=rate,
        messages=report.by_then,
        seconds=seconds,
        reached=(report.by_then - 1) / seconds / rate,
        refused=report.refused,
        twice=report.twice,
        asked=len(waits),
        p50=waits[len(waits) // 2],
        p99=waits[min(len(waits) - 1, len(waits) * 99 // 100)],
        worst=waits[-1],
        processor=used,
    )


async def ask(core: Core, asked: dict[str, float]) -> None:
    """Let somebody ask again and again, at a fixed rate whatever the answers do."""
    begun = time.monotonic()
    number = 0
    while True:
        await asyncio.sleep(max(0.0, begun + number * ASKING - time.monotonic()))
        chat, text = f"asks{number % PEOPLE}", str(number)
        heard = Heard(f"{chat}:{number}", Incoming(account=ACCOUNT, chat=chat, sender=chat, text=text))
        await core.intake.take([heard])
        # From when it was due, so that a late question counts as a late answer; none that was cut off by the end.
        asked[text] = begun + number * ASKING
        number += 1


def count(database: Database, statement: Any) -> int:
    """Give a number from the store."""
    with database.read() as connection:
        return int(connection.scalar(statement) or 0)


async def reachable(client: aiohttp.ClientSession) -> None:
    """Wait until the platform answers."""
    for _ in range(200):
        with suppress(aiohttp.ClientConnectionError):
            async with client.get("/report"):
                return
        await asyncio.sleep(0.1)
    raise RuntimeError("the platform does not start")


def free_port() -> int:
    """Give a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def measured(folder: Path, rate: float, messages: int) -> Measured:
    """Measure one broadcast, in the middle of a working day."""
    with by_day():
        return uvloop.run(broadcast(folder, rate, messages))


@contextmanager
def by_day() -> Iterator[None]:
    """Let it be the middle of a working day."""
    morning = clock.now().replace(hour=DAYTIME, minute=0)
    while morning.weekday() > 3:
        morning -= timedelta(days=1)
    clock.go_to(morning)
    try:
        yield
    finally:
        clock.reset()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]), Platform(float(sys.argv[3])))
    else:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=".cache") as name:
            print(measured(Path(name).absolute(), float(sys.argv[1]), int(sys.argv[2])))
