"""A process that takes turns and sends, and is killed (kill -9) at one statement after the other.

`python -m tests.bot.passing_worker DATABASE FILE MOMENT SEED KILLS` lives until nothing waits any more.
So many times it dies before or after a statement or commit that chance has chosen, in whatever it does
then, and is born anew.  The platform is a file: what stands there has arrived.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import event, func, select

from bot import clock, turns
from bot.channels import Carried, Channel, Limits, Sent, Take
from bot.core import Core
from bot.outbox import Sender
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.turns import Done
from bot.wording import Wording
from handlers.talk import Message
from handlers.turn import Office
from tests.bot.crash_worker import TOPICS
from tests.bot.lives import lives
from tests.bot.rig import ACCOUNT

LONGEST = 60  # statements in a life that is to be ended
GLANCE = 0.05  # seconds between two looks whether anything waits
PACE = Limits(rate=10_000, burst=10_000, chat_rate=10_000, chat_burst=10_000)


class Platform(Channel):
    """The way out: a message has arrived once it is a line of the file."""

    account = ACCOUNT

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def receive(self, take: Take) -> None:
        """Hear nothing: what is to be decided waits in the store."""

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Write a line."""
        os.write(self._file, msgspec.json.encode((chat, message.text)) + b"\n")
        return Sent("arrived")

    async def close(self) -> None:
        """Nothing stays open."""


def kill_after(database: Database, statements: int) -> None:
    """Kill this process where it stands once it has come to so many statements and commits."""
    left = statements

    def step(*_seen: Any) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(database.engine, moment, step)


def waits(database: Database) -> bool:
    """Say whether anything is yet to be decided or sent."""
    undecided = select(func.count()).where(t.inbox.c.state == t.WAITING)
    unsent = select(func.count()).where(t.outbox.c.state < t.SENT, t.outbox.c.state != t.HELD)
    with database.read() as connection:
        return bool(connection.scalar(undecided) or connection.scalar(unsent))


async def live(url: str, file: Path, bookcase: Bookcase, statements: int) -> None:
    """Work until nothing waits, or until the last statement of this life."""
    loop = asyncio.get_running_loop()

    def after(done: Done) -> None:
        loop.call_soon_threadsafe(sender.wake)

    core = Core(Database(url), bookcase, Wording(), after=after)
    sender = Sender(Platform(file), core.database, core.writer, lambda: bookcase.shelf().calendar, PACE)
    if statements:
        kill_after(core.database, statements)
    core.start()
    sending = asyncio.create_task(sender.run())
    while await asyncio.to_thread(waits, core.database):
        await asyncio.sleep(GLANCE)
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    await asyncio.to_thread(core.stop)


def main(url: str, file: str, moment: str, seed: str, kills: str) -> None:
    """Live again and again; say how often it was killed."""
    clock.stop_at(datetime.fromisoformat(moment))
    turns.DEATHS = sys.maxsize  # no event is to blame for these deaths
    bookcase = Bookcase(Office(), TOPICS)
    bookcase.prepare()  # once for all lives
    luck = random.Random(int(seed))
    last = 0  # statements of the life that begins now

    def one_life() -> None:
        asyncio.run(live(url, Path(file), bookcase, last))
        logging.shutdown()

    last = luck.randint(1, LONGEST)
    for killed, child in enumerate(lives(one_life, signal.SIGKILL)):
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != -signal.SIGKILL:
            print(killed, flush=True)
            sys.exit(code)
        last = luck.randint(1, LONGEST) if killed + 1 < int(kills) else 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    main(*sys.argv[1:])
