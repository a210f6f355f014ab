"""Plays a transcript: a talk that an officer can read, and that must happen just so.

Between any two lines the store is closed and opened again, so whatever would
not survive a restart fails here.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, insert, select, tuple_

from bot import clock, codes
from bot.casting import Seat, end, file, seat
from bot.channels import Carried
from bot.core import Core
from bot.maker import Maker
from bot.media import Carrier, Porter
from bot.props import CONTENT, REF, cells, filled
from bot.publishing import Publisher
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.ticker import daily, release
from bot.transcript import (
    SIGNS,
    Effect,
    Ends,
    Expects,
    Filed,
    Line,
    Moves,
    Presses,
    Says,
    Sends,
    Takes,
    Wrong,
    fits,
    parse,
    read,
)
from bot.vault import Vault
from bot.wording import Wording
from handlers.talk import Attachment, Contact, Heard, Incoming, Message
from handlers.turn import Office

SEED = 20261121
BEGIN = datetime(2026, 11, 9, 9, 0, tzinfo=clock.VIETNAM)  # a Monday morning
# Whatever the settings say: a talk plays the same everywhere.
ADDRESS = "https://toso.example.vn"
OFFICE = Office(name="UBND phường Đông Ngạc", address="https://toso.example.vn", opens=True)

_message = msgspec.json.Decoder(Message)


class Shown(msgspec.Struct, frozen=True):
    """A message as the talk prints it."""

    to: str
    text: str
    choices: tuple[str, ...]
    voice: str

    def __str__(self) -> str:
        choices = f" [{' | '.join(self.choices)}]" if self.choices else ""
        text = self.text.replace("\n", "\n    ")
        return f"{self.voice or 'bot'} > {self.to}: {text}{choices}"


class Departure(Exception):
    """The talk did not happen as written."""

    def __init__(self, line: Line | None, wanted: str, got: str) -> None:
        where = f"line {line.number}" if line else "the end"
        super().__init__(f"departs at {where}\n  written:  {wanted}\n  happened: {got}")


class Stage:
    """What stands between people and the inbox; here nothing: each is heard and told directly."""

    plain = False  # whether bold is lost on the way to the reader
    table = b""  # the file that is sent now, where it is one that somebody filled in

    def contact(self, who: Seat, channel: str = "") -> tuple[str, str]:
        """Give account and chat of somebody who takes part, on their own channel or on another."""
        return channel or who.channel, who.name

    def group(self, group: Seat) -> tuple[str, str]:
        """Give account and chat of a group; what is done and read there goes by no platform on any stage."""
        return group.channel, f"-{group.name}"

    def hear(self, core: Core, who: Seat, channel: str, key: str, event: Incoming) -> None:
        """Let what somebody does reach the inbox, by their own channel or by another."""
        core.intake.take_now([Heard(key, event)])

    def tell(
        self, account: str, chat: str, message: Message, carried: Carried | None
    ) -> tuple[str, tuple[str, ...]]:
        """Let a message reach its reader; give the words and the names of the choices that they see."""
        return message.text, tuple(button.data.partition("@")[0] for button in message.choices)

    async def fetch(self, account: str, ref: str, kind: str) -> AsyncIterator[bytes]:
        """Give the content of what somebody sent."""
        yield self.table if kind == "file" and self.table else CONTENT[kind]


class Player:
    """Plays one transcript on one empty store."""

    def __init__(
        self,
        url: str,
        bookcase: Bookcase,
        wording: Wording,
        tell: Callable[[str], None],
        prepare: Callable[[Connection], None] = lambda _connection: None,
        stage: Stage | None = None,
    ) -> None:
        self._database = Database(url)  # closed and opened again between lines; it remembers only SQL
        self._prepare = prepare  # what is there already when everybody has been introduced
        self._bookcase = bookcase
        self._wording = wording
        self._tell = tell
        self._stage = stage or Stage()
        self._people: dict[str, Seat] = {}
        self._names: dict[tuple[str, str], str] = {}  # of people, by account and chat
        self._seen: dict[int, int] = {}  # last message shown, by contact
        self._noted = 0  # last row of the audit
        self._updates = 0
        self._waiting: list[Shown] = []  # said, and not yet found in the transcript
        self._effects: list[str] = []
        self._folder = tempfile.TemporaryDirectory(prefix="toso-")  # of what people send
        self._tables: dict[str, bytes] = {}  # by handle: tables that somebody filled in
        self._own: Path | None = None  # what the office adds to the topics, once it has added something

    def play(self, lines: list[Line]) -> None:
        """Play every line; raise Departure where the talk is another, Wrong where it cannot be read."""
        codes.seed(SEED)
        clock.stop_at(BEGIN)
        try:
            people = [line for line in lines if line.text.startswith("@")]
            for line in people:
                self._one(line)
            self._with_core(lambda core: core.writer.submit(self._prepare).result())
            for line in lines:
                if line not in people:
                    self._one(line)
            self._nothing_left(None)
        finally:
            clock.reset()
            codes.seed(None)
            self._folder.cleanup()

    def _one(self, line: Line) -> None:
        match parse(line):
            case Takes() as takes:
                self._with_core(lambda core: core.writer.submit(lambda c: self._seat(c, takes)).result())
            case Filed() as filed:
                shelf = self._bookcase.shelf()
                self._with_core(
                    lambda core: core.writer.submit(lambda c: file(c, shelf, filed, clock.now())).result()
                )
            case Ends() as ends:
                self._nothing_left(line)
                places = self._bookcase.shelf().places
                self._with_core(lambda core: core.writer.submit(lambda c: end(c, places, ends)).result())
            case Expects() as wanted:
                self._expect(line, wanted)
            case Effect(text=text):
                self._effect(line, text)
            case Moves() as move:
                self._nothing_left(line)
                self._tell(line.text)
                target = clock.now() + move.by if move.by else move.to
                assert target is not None
                self._with_core(lambda core: pass_time(core, target, lambda: self._work(core)))
            case Says() | Presses() | Sends() as act:
                self._nothing_left(line)
                self._tell(line.text)
                self._act(line, act)

    # --- people and what they do ---

    def _seat(self, connection: Connection, takes: Takes) -> None:
        found = seat(connection, self._bookcase.shelf().places, takes, clock.now())
        self._people[found.name] = found
        account, chat = self._stage.group(found) if found.group else self._stage.contact(found)
        self._names[account, chat] = found.name
        connection.execute(
            insert(t.contacts).values(
                account=account, chat=chat, conversation=found.person, heard=clock.now()
            )
        )

    def _act(self, line: Line, act: Says | Presses | Sends) -> None:
        who = self._people.get(act.name)
        if who is None:
            raise Wrong(f"line {line.number}: nobody called “{act.name}” was introduced with “@”.")
        group = who if who.group else self._people.get(act.channel)
        if group is not None and group.group:
            account, chat = self._stage.group(group)
            sender = chat if who.group else self._stage.contact(who)[1]
        else:
            account, chat = self._stage.contact(who, act.channel)
            sender, group = chat, None
            self._names[account, chat] = who.name
        event = Incoming(account=account, chat=chat, sender=sender, sent=clock.now())
        match act:
            case Says(text=text):
                event = msgspec.structs.replace(event, text=self._with_invitations(who, text))
            case Presses():
                event = msgspec.structs.replace(event, choice=self._button(line, group or who, act))
            case Sends(kind=sign) if sign in SIGNS:
                event = msgspec.structs.replace(event, sign=SIGNS[sign])
            case Sends(kind="contact", file=phone):
                event = msgspec.structs.replace(event, contact=Contact(phone))
            case Sends(kind=kind, file=name):
                if act.cells:
                    self._tables[f"{REF}-{self._updates}"] = self._filled(line, who, act)
                attachment = msgspec.convert(
                    {"kind": kind, "ref": f"{REF}-{self._updates}", "name": name}, Attachment
                )
                event = msgspec.structs.replace(event, attachment=attachment)
        self._updates += 1
        key = f"{who.name}:{self._updates}"

        self._stage.table = self._tables.get(event.attachment.ref, b"") if event.attachment else b""

        def hear(core: Core) -> None:
            if group is not None:
                core.intake.take_now([Heard(key, event)])
            else:
                self._stage.hear(core, who, act.channel, key, event)
            self._work(core)

        self._with_core(hear)

    def _filled(self, line: Line, who: Seat, act: Sends) -> bytes:
        """Give the newest table of that name which this person was sent, with the cells they typed."""
        m = t.media.c
        newest = select(m.code).where(m.conversation == who.person, m.name == act.file, m.state == "kept")
        try:
            with self._database.read() as connection:
                code = connection.scalar(newest.order_by(m.at.desc()).limit(1))
        finally:
            self._database.close()
        if code is None:
            raise Departure(line, line.text, f"{who.name} was sent no file of that name")
        return filled(self._vault().path(code).read_bytes(), cells(act.cells))

    def _with_invitations(self, who: Seat, text: str) -> str:
        text = text.replace("{invitation}", who.invitation)
        for other in self._people.values():
            text = text.replace(f"{{invitation {other.name}}}", other.invitation)
        return text

    def _button(self, line: Line, who: Seat, press: Presses) -> str:
        """Find the newest button of that name (and context) this person was shown."""
        theirs = [chat for chat, name in self._names.items() if name == who.name]
        try:
            with self._database.read() as connection:
                rows = connection.execute(
                    select(t.outbox.c.message)
                    .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
                    .where(
                        tuple_(t.contacts.c.account, t.contacts.c.chat).in_(theirs), t.outbox.c.message != ""
                    )
                    .order_by(t.outbox.c.id.desc())
                ).all()
        finally:
            self._database.close()
        shown = []
        for row in rows:
            for button in _message.decode(row.message).choices:
                name, _, context = button.data.partition("@")
                shown.append(name)
                if name == press.choice and press.context.casefold() in ("", context.casefold()):
                    return button.data
        raise Departure(line, line.text, f"{who.name} was shown only: {', '.join(dict.fromkeys(shown))}")

    # --- what comes of it ---

    def _work(self, core: Core) -> None:
        """Take the turns that wait, fetch what they want, and gather what was said and done."""
        core.run_waiting()
        while self._bring(core):
            core.run_waiting()
        self._publish(core)
        with core.database.read() as connection:
            rows = connection.execute(
                select(
                    t.outbox.c.contact,
                    t.outbox.c.number,
                    t.outbox.c.message,
                    t.outbox.c.voice,
                    t.contacts.c.account,
                    t.contacts.c.chat,
                )
                .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
                .where(t.outbox.c.state.in_((t.READY, t.SENT)), t.outbox.c.number.is_not(None))
                .order_by(t.outbox.c.id)
            ).all()
            notes = connection.execute(
                select(t.audit).where(t.audit.c.id > self._noted).order_by(t.audit.c.id)
            ).all()
            requests: dict[int, str] = {
                row.id: row.code for row in connection.execute(select(t.requests.c.id, t.requests.c.code))
            }
        for row in rows:
            if row.number > self._seen.get(row.contact, 0) and row.message:
                self._seen[row.contact] = row.number
                message = _message.decode(row.message)
                carrier = Carrier(core.database, self._vault(), ADDRESS)
                carried = carrier.find(message.media) if message.media else None
                name = self._names.get((row.account, row.chat), row.chat)
                reader = self._people.get(name)
                stage = Stage() if reader is not None and reader.group else self._stage
                text, choices = stage.tell(row.account, row.chat, message, carried)
                shown = Shown(name, text, choices, row.voice)
                self._waiting.append(shown)
                self._tell(str(shown))
        names_of = {who.person: who.name for who in self._people.values()}
        for row in notes:
            self._noted = row.id
            kind, _, number = row.about.partition(":")
            named = requests.get(int(number), number) if kind == "request" and number.isdigit() else number
            effect = f"{kind} {named} {row.done}" + (f" by {names_of[row.by]}" if row.by in names_of else "")
            self._effects.append(effect)
            self._tell(f"=> {effect}")

    def _publish(self, core: Core) -> None:
        """Lay approved answers over the topics, as a process does every few seconds."""
        own = Path(self._folder.name) / "knowledge"
        if Publisher(core.database, own).publish():
            if self._own is None:
                self._own = own
                self._bookcase = self._bookcase.laid_over(own)
            self._bookcase.look()

    def _bring(self, core: Core) -> bool:
        """Fetch what is wanted, and remove what is to go; False where there is nothing of either."""
        todo = select(t.media).where(t.media.c.state.in_(("wanted", "gone")))
        with core.database.read() as connection:
            kinds = {(row.account, row.ref): row.kind for row in connection.execute(todo)}
        if not kinds:
            return False

        async def fetch(account: str, ref: str) -> AsyncIterator[bytes]:
            if ref in self._tables:
                yield self._tables[ref]
                return
            async for piece in self._stage.fetch(account, ref, kinds[account, ref]):
                yield piece

        make = Maker(core.database, self._bookcase.shelf, self._wording).pieces_of
        asyncio.run(Porter(core.database, core.writer, self._vault(), fetch, make=make).once())
        return True

    def _vault(self) -> Vault:
        return Vault(Path(self._folder.name), 2**20)

    def _expect(self, line: Line, wanted: Expects) -> None:
        for place, shown in enumerate(self._waiting):
            if shown.to == wanted.name and shown.voice == wanted.voice:
                written, happened = wanted.text, shown.text
                if self._stage.plain:  # what is said on a channel besides the stage's own keeps its bold
                    written, happened = written.replace("**", ""), happened.replace("**", "")
                if not fits(written, happened) or wanted.choices not in (None, shown.choices):
                    raise Departure(line, line.text, str(shown))
                del self._waiting[place]
                return
        raise Departure(line, line.text, "\n            ".join(map(str, self._waiting)) or "nothing was said")

    def _effect(self, line: Line, wanted: str) -> None:
        for place, effect in enumerate(self._effects):
            if fits(wanted, effect):
                del self._effects[: place + 1]
                return
        raise Departure(line, line.text, "; ".join(self._effects) or "no effect")

    def _nothing_left(self, line: Line | None) -> None:
        """All that the bot says must be written down; effects may be left out."""
        if self._waiting:
            got = "\n            ".join(map(str, self._waiting))
            raise Departure(line, line.text if line else "nothing more", got)
        self._effects.clear()

    def _with_core(self, work: Callable[[Core], None]) -> None:
        core = Core(self._database, self._bookcase, self._wording)
        try:
            work(core)
        finally:
            core.close()


def pass_time(core: Core, target: datetime, work: Callable[[], None]) -> None:
    """Let the clock go to a moment, and everything due until then happen at its own time."""
    while (moment := next_moment(core)) is not None and moment <= target:
        clock.stop_at(max(moment, clock.now()))
        core.writer.submit(lambda c: core.intake.put_due(c, clock.now())).result()
        core.writer.submit(lambda c: release(c, clock.now(), core.bookcase.shelf().calendar)).result()
        work()
    clock.stop_at(target)
    work()


def next_moment(core: Core) -> datetime | None:
    """Give when something is due next, or a message held back may go."""
    core.writer.submit(lambda c: daily(c, clock.now())).result()
    with core.database.read() as connection:
        due = connection.scalar(select(t.due.c.at).where(~t.due.c.done).order_by(t.due.c.at).limit(1))
        held = connection.scalar(
            select(t.outbox.c.not_before)
            .where(t.outbox.c.state == t.HELD)
            .order_by(t.outbox.c.not_before)
            .limit(1)
        )
    return min((moment for moment in (due, held) if moment is not None), default=None)


def play_file(
    path: Path,
    url: str,
    bookcase: Bookcase,
    wording: Wording,
    tell: Callable[[str], None] = lambda _line: None,
    stage: Stage | None = None,
) -> None:
    """Play a file on an empty store; raise Departure or Wrong where it cannot."""
    Player(url, bookcase, wording, tell, stage=stage).play(read(path.read_text(encoding="utf-8")))
