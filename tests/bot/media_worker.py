"""A whole process that fetches what is wanted from a server of the test, and is killed while it does.

`python -m tests.bot.media_worker DATABASE PORT FOLDER SOURCE` notes every file that has come, by its name.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator

import httpx

from bot.app import App, run
from bot.channels import Carried, Channel, Sent, Take, TryLater
from bot.settings import Settings
from bot.shelf import Bookcase
from handlers.talk import Due, Message
from handlers.turn import Turn
from tests.bot.crash_worker import ACCOUNT, TOPICS


def decide(turn: Turn) -> None:
    """Note what has come."""
    if isinstance(turn.event, Due) and turn.event.name.startswith("media."):
        thing = turn.media.get(turn.event.facts["code"])
        assert thing is not None
        turn.note(f"{thing.state} {thing.name}", thing.about)


class Platform(Channel):
    """Has files, and nothing else."""

    account = ACCOUNT

    def __init__(self, source: str) -> None:
        self._source = source

    async def receive(self, take: Take) -> None:
        """Hear nothing."""
        await asyncio.Event().wait()

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Send nothing."""
        raise TryLater("nothing is sent here")

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Give a file as its server gives it."""
        try:
            async with httpx.AsyncClient() as http, http.stream("GET", f"{self._source}/{ref}") as answer:
                async for piece in answer.aiter_bytes():
                    yield piece
        except httpx.TransportError as error:
            raise TryLater(type(error).__name__) from error


def main() -> None:
    """Serve until killed."""
    url, port, folder, source = sys.argv[1:]
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    settings = Settings(database=url, port=int(port), backup_folder=folder, media_folder=f"{folder}/media")
    app = App(settings, decide=decide, bookcase=Bookcase(settings.office, TOPICS))
    app.channels.append(Platform(source))
    run(app)


if __name__ == "__main__":
    main()
