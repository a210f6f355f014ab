"""A service that does nothing but renew its token pair, is killed again and again, and is started anew each time.

`python -m tests.bot.token_worker DATABASE FOLDER OAUTH` loads the product once and forks; the child says
"born", "begins" and "renewed", or "told" where a person is asked for a new pair.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from bot.channels import TryLater
from bot.settings import Secret
from bot.store.database import Database
from bot.store.writer import writer
from bot.tokens import TokenKeeper
from tests.bot.lives import lives
from tests.simulators.zalo_tokens import APP_ID, APP_SECRET

ACCOUNT = "zalo_oa:388613"


def keeper(database: Database, folder: Path, oauth: str) -> TokenKeeper:
    """Give a keeper that renews as often as it is asked."""
    return TokenKeeper(
        ACCOUNT, database, writer(database), folder,
        app_id=APP_ID, app_secret=Secret(APP_SECRET), oauth=oauth, soon=timedelta(0),
    )  # fmt: skip


async def renew(url: str, folder: Path, oauth: str) -> None:
    """Renew the pair until killed."""
    one = keeper(Database(url), folder, oauth)
    while True:
        try:
            used = await one.access()
            say("begins")
            await one.renewed(used)
            say("renewed")
        except TryLater as error:
            say("told" if "bring a new pair" in str(error) else "later")
            await asyncio.sleep(0.1)


def say(*words: object) -> None:
    """Write a line in one piece: two lives may write at once."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def supervise(url: str, folder: Path, oauth: str) -> None:
    """Start the service anew whenever it dies; end with it on SIGTERM."""
    for child in lives(lambda: asyncio.run(renew(url, folder, oauth)), signal.SIGKILL):
        say("born", child)
        os.waitpid(child, 0)


if __name__ == "__main__":
    supervise(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
