"""Talking in a terminal: one more channel, and the way talks are recorded."""

from __future__ import annotations

import getpass
import io
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text
from sqlalchemy import select

from bot import clock, codes
from bot.channels.words import instead
from bot.core import Core
from bot.media import Carrier
from bot.play import BEGIN, OFFICE, SEED
from bot.scratch import empty_store
from bot.settings import Settings, Unusable
from bot.shelf import TOPICS, Bookcase, own_forms
from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from bot.vault import Vault
from bot.wording import Wording
from handlers.answers import signs_of
from handlers.rules import guard
from handlers.talk import Heard, Incoming, Message
from handlers.turn import Office

ACCOUNT = "terminal"
Write = Callable[[str], object]
NAME = re.compile(r"\w[\w ]*")  # of whoever talks, in a record
LOOK = 1.0  # seconds between two looks for what others write

_message = msgspec.json.Decoder(Message)


def talk(settings: Settings, name: str, database: Database) -> None:
    """Talk until the input ends."""
    schema.check(database)
    console = Console(highlight=False)
    vault = Vault(Path(settings.media_folder), settings.media_most_mb * 2**20, database.name)
    carrier = Carrier(database, vault, settings.public_address)
    bookcase = _bookcase(settings, settings.office, Path(settings.own_knowledge))
    _converse(bookcase, database, getpass.getuser(), name, console, None, carrier)


def record(settings: Settings, name: str, path: Path) -> None:
    """Talk until the input ends and write the talk down; it has a store, an office, a clock and chance of its own."""
    if not NAME.fullmatch(name):
        raise Unusable(f"“{name}” cannot stand in a transcript. Choose a name of letters.")
    console = Console(highlight=False)
    with empty_store() as url, _as_played(), path.open("w", encoding="utf-8") as script:
        script.write(f"@ {name}  {ACCOUNT}  citizen\n")
        _converse(_bookcase(settings, OFFICE), Database(url), name, name, console, script.write)
    console.print(f"[dim]{path}[/dim]")


def _bookcase(settings: Settings, office: Office, own: Path | None = None) -> Bookcase:
    topics = Path(settings.knowledge) if settings.knowledge else TOPICS
    return Bookcase(office, topics, own_forms(settings), own)


@contextmanager
def _as_played() -> Iterator[None]:
    """Let time and chance be those of the player, so that the record plays."""
    codes.seed(SEED)
    clock.stop_at(BEGIN)
    try:
        yield
    finally:
        clock.reset()
        codes.seed(None)


def _converse(
    bookcase: Bookcase,
    database: Database,
    chat: str,
    name: str,
    console: Console,
    write: Write | None,
    carrier: Carrier | None = None,
) -> None:
    core = Core(database, bookcase, Wording())
    show = _Shown(database, chat, name, console, write, carrier)
    show.skip_old()
    stop = threading.Event()
    if write is None:
        threading.Thread(target=_watch, args=(show, stop), daemon=True).start()
    console.print("[dim]Tổ Số. Gõ câu hỏi rồi Enter; Ctrl-D để thôi. / Type a question; Ctrl-D ends.[/dim]")
    try:
        for line in _lines(console, name):
            if line.strip():
                if write is not None:
                    write(f"{name}: {guard.invented(line.strip())}\n")  # the file outlives the talk
                core.intake.take_now([typed(chat, line.strip())])
                core.run_waiting()
            show.news()
    finally:
        stop.set()
        core.close()


def typed(chat: str, line: str) -> Heard:
    """Give a line as it is heard."""
    event = Incoming(account=ACCOUNT, chat=chat, sender=chat, sent=clock.now(), text=line)
    return Heard(codes.token(), event)


def _lines(console: Console, name: str) -> Iterator[str]:
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    while True:
        try:
            yield console.input(f"[bold]{name}:[/bold] ") if sys.stdin.isatty() else input()
        except (EOFError, KeyboardInterrupt):
            return


def _watch(show: _Shown, stop: threading.Event) -> None:
    while not stop.wait(LOOK):
        show.news()


class _Shown:
    """Prints what is new, each message once."""

    def __init__(
        self,
        database: Database,
        chat: str,
        name: str,
        console: Console,
        write: Write | None,
        carrier: Carrier | None,
    ) -> None:
        self._database = database
        self._chat = chat
        self._name = name
        self._console = console
        self._write = write
        self._carrier = carrier
        self._last = 0
        self._one_at_a_time = threading.Lock()

    def skip_old(self) -> None:
        """Begin after what was said in earlier sittings."""
        with self._database.read() as connection:
            self._last = (
                connection.scalar(
                    select(t.contacts.c.last).where(
                        t.contacts.c.account == ACCOUNT, t.contacts.c.chat == self._chat
                    )
                )
                or 0
            )

    def news(self) -> None:
        """Print what has come since."""
        with self._one_at_a_time:
            with self._database.read() as connection:
                rows = connection.execute(
                    select(t.outbox.c.number, t.outbox.c.message, t.outbox.c.voice)
                    .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
                    .where(
                        t.contacts.c.account == ACCOUNT,
                        t.contacts.c.chat == self._chat,
                        t.outbox.c.number > self._last,
                        t.outbox.c.message != "",
                    )
                    .order_by(t.outbox.c.number)
                ).all()
            for row in rows:
                self._last = row.number
                message = _message.decode(row.message)
                carried = self._carrier.find(message.media) if self._carrier and message.media else None
                self._console.print(rendered(message, row.voice or "Tổ Số", carried.link if carried else ""))
                if self._write is not None:
                    names = " | ".join(button.data.partition("@")[0] for button in message.choices)
                    text = message.text.replace("\n", "\n    ")
                    self._write(
                        f"{row.voice or 'bot'} > {self._name}: {text}{f' [{names}]' if names else ''}\n"
                    )


def rendered(message: Message, voice: str, link: str = "") -> Text:
    """Give a message as a terminal shows it: choices numbered, or lettered where a figure is expected.

    A card has no numbers, which belong to the question now open; it says what to type.  `link` is
    where a file that goes with it can be opened.
    """
    shown = Text.assemble((f"{voice}: ", "bold green"))
    for place, part in enumerate(re.split(r"\*\*(.+?)\*\*", message.text)):
        shown.append(part, "bold" if place % 2 else "")
    signs = signs_of(len(message.choices), letters=message.letters)
    for sign, button in zip(signs, message.choices, strict=True):
        way = f"• {button.label} (gõ / type: {button.typed})" if button.typed else f"{sign}. {button.label}"
        shown.append(f"\n  {way}")
    if message.link:
        shown.append(f"\n  {message.link}")
    if message.file is not None:
        shown.append(f"\n  [{message.file.name}, {len(message.file.content)} byte]")
    elif message.media:
        shown.append(f"\n{instead(message, link)}")
    return shown
