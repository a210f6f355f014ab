"""A service that is killed again and again, and the supervisor that starts it anew each time.

`python -m tests.bot.crash_worker DATABASE PORT SOCKET FOLDER [RATE MOMENT]` loads the product once and
forks; the child is a whole `App`, which sends at that rate and whose clock begins at that moment.  One
conversation stands for all: it notes and repeats what it hears.  Beside the web chat there is one
platform: a route that updates are delivered to, and a socket that messages are sent to.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock, turns
from bot.app import App, run
from bot.channels import Carried, Channel, Limits, Sent, Take
from bot.outbox import Sender
from bot.settings import Settings
from bot.shelf import Bookcase
from handlers import broadcasts
from handlers.talk import Due, Heard, Incoming, Message
from handlers.text import as_is
from handlers.turn import Turn
from tests.bot.lives import lives

ACCOUNT = "crash:1"
PIECE = 15  # people of an announcement in one turn
DEADLY = "deadly"  # a text that kills whoever decides it
TOPICS = Path(__file__).parents[1] / "knowledge" / "topics-sample"

_heard = msgspec.json.Decoder(Heard)


def decide(turn: Turn) -> None:
    """Note each update in the talk and in the records, and repeat it; lay an announcement down in small pieces."""
    if isinstance(turn.event, Due):
        if turn.event.name == "announce.lay":
            broadcasts.lay(turn, PIECE)
        elif turn.event.name in broadcasts.DUE:
            broadcasts.DUE[turn.event.name](turn)
        return
    if turn.text == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    heard = f"{turn.talk.kept.get('heard', '')}\n{turn.text}".strip()
    turn.change(kept={"heard": heard})
    turn.note(turn.text, f"talk:{turn.person.id}")
    turn.say(as_is(turn.text), kind="notice" if turn.text.startswith("notice") else "answer")


class Platform(Channel):
    """The way out: a message has been sent when whoever listens at the socket has answered."""

    account = ACCOUNT

    def __init__(self, socket: str) -> None:
        self._socket = socket

    async def receive(self, take: Take) -> None:
        """Hear nothing: updates are brought to the route."""
        await asyncio.Event().wait()

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Send a line and wait for the answer."""
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            writer.write(f"{chat}\t{message.text}\n".encode())
            return Sent((await reader.readline()).decode())
        finally:
            writer.close()

    async def close(self) -> None:
        """Nothing stays open."""


def routes(app: App) -> list[Route]:
    """Give the platform's way in: one update a request, acknowledged once it is stored."""

    async def deliver(request: Request) -> Response:
        taken = await app.core.intake.take([_heard.decode(await request.body())])
        return Response(status_code=200 if taken else 503)

    return [Route("/deliver", deliver, methods=["POST"])]


def serve(settings: Settings, bookcase: Bookcase, socket: str, limits: Limits, begin: str) -> None:
    """Run one life of the service."""
    if begin:  # amid a broadcast
        clock.go_to(datetime.fromisoformat(begin))
        # A life lasts a second there: on a busy machine too short for one turn, six times over.
        turns.DEATHS = sys.maxsize
    app = App(settings, lambda app: [*routes(app)], decide, bookcase)
    platform = Platform(socket)
    app.channels.append(platform)
    app.senders[ACCOUNT] = Sender(
        platform, app.database, app.core.writer, lambda: app.bookcase.shelf().calendar, limits
    )

    async def ready() -> None:
        print("ready", flush=True)

    run(app, ready)


def supervise(settings: Settings, socket: str, limits: Limits, begin: str) -> None:
    """Start the service anew whenever it dies, and say so; end with it on SIGTERM."""
    # The platform is none of those that settings know.
    bookcase = Bookcase(msgspec.structs.replace(settings.office, platforms={}), TOPICS)
    bookcase.prepare()  # once for all lives

    def live() -> None:
        serve(settings, bookcase, socket, limits, begin)
        logging.shutdown()

    status = 0
    for child in lives(live, signal.SIGTERM):
        print(f"born {child}", flush=True)
        _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


def delivery(chat: str, number: int, text: str) -> bytes:
    """Give an update as the route takes it."""
    incoming = Incoming(account=ACCOUNT, chat=chat, sender=chat, text=text)
    return msgspec.json.encode(Heard(f"{chat}:{number}", incoming))


if __name__ == "__main__":
    url, port, listening, folder, *more = sys.argv[1:]
    rate, begin = more or ("10000", "")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    pace = Limits(rate=float(rate), burst=float(rate), chat_rate=10_000, chat_burst=10_000)
    supervise(Settings(database=url, port=int(port), backup_folder=folder), listening, pace, begin)
