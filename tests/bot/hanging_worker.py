"""A process whose first decision never ends: `python -m tests.bot.hanging_worker DATABASE SECONDS`."""

from __future__ import annotations

import sys
import threading

from bot.core import Core
from bot.settings import Settings
from bot.shelf import Bookcase
from bot.store.database import Database
from bot.wording import Wording
from handlers.turn import Turn
from tests.bot.crash_worker import TOPICS


def hang(turn: Turn) -> None:
    """Wait for what never happens."""
    threading.Event().wait()


if __name__ == "__main__":
    url, seconds = sys.argv[1:]
    core = Core(
        Database(url), Bookcase(Settings().office, TOPICS), Wording(), decide=hang, too_long=float(seconds)
    )
    core.start()
    threading.Event().wait()
