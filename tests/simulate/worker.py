"""A `toso run` whose clock the play moves, and which is born anew whenever it is killed.

`python -m tests.simulate.worker NAME DATABASE PORT TELEGRAM TOKEN RATE DRIVER FOLDER` loads the product once
and forks; the child is a whole `App` on PostgreSQL with Telegram.  How far its clock is ahead of the machine's
stands in a file of the folder, which all processes share and look at twenty times a second.
"""

from __future__ import annotations

import importlib
import logging
import mmap
import os
import signal
import struct
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import clock
from bot.app import App, run
from bot.settings import Secret, Settings
from bot.shelf import Bookcase
from tests.bot.lives import lives

TOPICS = Path(__file__).parents[1] / "knowledge" / "topics-sample"
AHEAD = struct.Struct("d")  # seconds
LOOK = 0.05  # seconds between two looks at it


class SharedClock:
    """The file in which it stands how far the clock is ahead."""

    def __init__(self, folder: Path) -> None:
        path = folder / "clock"
        if not path.exists():
            path.write_bytes(AHEAD.pack(0.0))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), AHEAD.size)

    def read(self) -> float:
        """Give the seconds."""
        return float(AHEAD.unpack_from(self._map)[0])

    def write(self, seconds: float) -> None:
        """Let every process go by this from now on."""
        AHEAD.pack_into(self._map, 0, seconds)

    def follow(self) -> None:
        """Let this process go by it for as long as it lives."""
        known = self.read()
        _go(known)
        threading.Thread(target=self._follow, args=(known,), name="clock", daemon=True).start()

    def _follow(self, known: float) -> None:
        while True:
            time.sleep(LOOK)
            if (ahead := self.read()) != known:
                known = ahead
                _go(ahead)


def _go(ahead: float) -> None:
    clock.go_to(datetime.now(UTC) + timedelta(seconds=ahead))


def supervise(name: str, settings: Settings, folder: Path) -> None:
    """Start the process anew whenever it dies, and say so; end with it on SIGTERM."""
    bookcase = Bookcase(settings.office, TOPICS)
    bookcase.prepare()  # once for all lives
    library = {"ptb": "telegram_ptb", "aiogram": "telegram_aiogram"}[settings.telegram_driver]
    importlib.import_module(f"bot.channels.{library}")
    shared = SharedClock(folder)

    async def ready() -> None:
        print("ready", flush=True)

    def live() -> None:
        shared.follow()
        run(App(settings, bookcase=bookcase), ready)
        logging.shutdown()

    status = 0
    for child in lives(live, signal.SIGTERM):
        print(f"born {child}", flush=True)
        _, status = os.waitpid(child, 0)
    logging.shutdown()
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    own_name, database, port, telegram, token, rate, driver, place = sys.argv[1:]
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format=f"{own_name}: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that is missed on a busy machine
    supervise(
        own_name,
        Settings(
            database=f"{database}{'&' if '?' in database else '?'}application_name={own_name}",
            channels=("web", "telegram"),
            port=int(port),
            telegram_token=Secret(token),
            telegram_api=telegram,
            telegram_driver=driver,
            telegram_rate=int(rate),
            media_folder=f"{place}/media",
            own_knowledge=f"{place}/knowledge",
            backup_folder=f"{place}/copies",
        ),
        Path(place),
    )
