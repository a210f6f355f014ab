"""A process that takes turns on the same PostgreSQL store as the one that started it.

`python -m tests.bot.race_worker DATABASE MOMENT` prints "ready" and then, for each commit, how many
events it has decided.  A line on its input wakes it; the end of its input ends it.
"""

from __future__ import annotations

import sys
from datetime import datetime

from bot import clock
from bot.core import Core
from bot.shelf import Bookcase
from bot.store.database import Database
from bot.turns import Done
from bot.wording import Wording
from handlers.turn import Office
from tests.bot.crash_worker import TOPICS

THREADS = 2


def tell(done: Done) -> None:
    """Say how many events were decided, in one piece: two threads may have something to say."""
    sys.stdout.write(f"{done.events + len(done.parked)}\n")
    sys.stdout.flush()


def main(url: str, moment: str) -> None:
    """Take turns until nobody is left to ask for them."""
    clock.stop_at(datetime.fromisoformat(moment))
    core = Core(Database(url), Bookcase(Office(), TOPICS), Wording(), after=tell, threads=THREADS)
    core.start()
    print("ready", flush=True)
    for _line in sys.stdin:
        if core.workers is not None:
            core.workers.wake()
    core.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
