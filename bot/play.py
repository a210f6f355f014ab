"""Plays a transcript: a talk that an officer can read, and that must happen just so.

Between any two lines the store is closed and opened again, so whatever would
not survive a restart fails here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Connection, insert, select

from bot import clock, codes
from bot.core import Core
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.ticker import daily, release
from bot.units import TEAM_ROLES, called, unit_named
from bot.wording import Wording
from handlers.records.people import Person
from handlers.talk import Attachment, Contact, Heard, Incoming, Message

BEGIN = datetime(2026, 11, 9, 9, 0, tzinfo=clock.VIETNAM)  # a Monday morning
CHANNELS = ("web", "zalo_oa", "zalo_bot", "telegram", "terminal")

_PERSON = re.compile(r"@ (?P<name>[^@]+?)  +(?P<channel>\w+)  +(?P<role>.+)")
_SAYS = re.compile(r"(?P<name>[^:\[\](>]+?)(?: @(?P<channel>\w+))?: (?P<text>.*)", re.S)
_PRESSES = re.compile(r"(?P<name>[^:\[\](>]+?)(?: @(?P<channel>\w+))? \[(?P<choice>[^\]]+)\]")
_SENDS = re.compile(r"(?P<name>[^:\[\](>]+?)(?: @(?P<channel>\w+))? \((?P<kind>\w+)(?: (?P<file>[^)]+))?\)")
_BOT = re.compile(r"(?:bot|(?P<voice>[^>:]+?)) > (?P<name>[^:]+?): (?P<text>.*)", re.S)
_CHOICES = re.compile(r"\s*\[(?P<names>[^\[\]]*)\]\s*$")
_ROLE = re.compile(r'(?P<invited>invited )?(?P<kind>member|lead|reporter|head|officer) of "(?P<unit>[^"]+)"')
_HOME = re.compile(r'citizen(?: of "(?P<place>[^"]+)")?(?: (?P<lang>en|vi))?')
_MOVE = re.compile(r"--- \+(?P<n>\d+) (?P<unit>minute|hour|day|week)s?")
_AT = re.compile(r"--- at (?P<when>\d{4}-\d\d-\d\d \d\d:\d\d)")

_message = msgspec.json.Decoder(Message)


class Wrong(Exception):
    """The transcript itself cannot be read; says file, line and remedy."""


class Line(msgspec.Struct, frozen=True):
    """One thing that happens, or is expected; `number` is its first line in the file."""

    number: int
    text: str


class Heading(msgspec.Struct):
    """Somebody who takes part."""

    name: str  # as the transcript calls them
    channel: str
    role: str
    number: int
    person: int = 0
    invitation: str = ""


class Shown(msgspec.Struct, frozen=True):
    """A message as the talk prints it."""

    to: str
    text: str
    choices: tuple[str, ...]
    voice: str
    message: Message

    def __str__(self) -> str:
        choices = f" [{' | '.join(self.choices)}]" if self.choices else ""
        return f"{self.voice or 'bot'} > {self.to}: {self.text}{choices}"


class Departure(Exception):
    """The talk did not happen as written."""

    def __init__(self, line: Line | None, wanted: str, got: str) -> None:
        super().__init__(wanted)
        self.line = line
        self.wanted = wanted
        self.got = got

    def __str__(self) -> str:
        where = f"line {self.line.number}" if self.line else "the end"
        return f"departs at {where}\n  written: {self.wanted}\n  happened: {self.got}"


def read(text: str) -> list[Line]:
    """Give the lines of a transcript; what is indented belongs to the line above it."""
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.startswith("#"):
            continue
        if raw[0] in " \t" and lines and not raw.strip().startswith("=>"):
            above = lines[-1]
            lines[-1] = Line(above.number, f"{above.text}\n{raw.strip()}")
        else:
            lines.append(Line(number, raw.strip()))
    return lines


class Player:
    """Plays one transcript on one empty store."""

    def __init__(self, url: str, bookcase: Bookcase, wording: Wording, tell: Callable[[str], None]) -> None:
        self._url = url
        self._bookcase = bookcase
        self._wording = wording
        self._tell = tell
        self._people: dict[str, Heading] = {}
        self._seen: dict[int, int] = {}  # last message shown, by contact
        self._noted = 0
        self._update = 0
        self._waiting: list[Shown] = []
        self._effects: list[str] = []

    def play(self, lines: list[Line]) -> None:
        """Play every line; raise Departure where the talk is another, Wrong where it cannot be read."""
        codes.seed(20261121)
        clock.stop_at(BEGIN)
        try:
            headings = [line for line in lines if line.text.startswith("@")]
            self._with_core(lambda core: self._seat(core, headings))
            for line in lines:
                if not line.text.startswith("@"):
                    self._one(line)
            self._nothing_left(None)
        finally:
            clock.reset()
            codes.seed(None)

    # --- people ---

    def _seat(self, core: Core, headings: list[Line]) -> None:
        for line in headings:
            found = _PERSON.fullmatch(line.text)
            if not found or found["channel"] not in CHANNELS:
                raise Wrong(f"line {line.number}: write “@ Name  channel  role”, with two spaces between.")
            heading = Heading(found["name"].strip(), found["channel"], found["role"].strip(), line.number)
            self._people[heading.name] = heading
        core.writer.submit(lambda connection: self._settle(core, connection)).result()

    def _settle(self, core: Core, connection: Connection) -> None:
        now = clock.now()
        for heading in self._people.values():
            role, home = _ROLE.fullmatch(heading.role), _HOME.fullmatch(heading.role)
            if not role and not home:
                raise Wrong(
                    f"line {heading.number}: the role is “citizen”, or “member of "
                    '"tổ dân phố 7, phường Đông Ngạc, Hà Nội"”, with reporter, head, lead or officer instead of member.'
                )
            address, name = called(heading.name)
            unit = self._unit(connection, role) if role else 0
            if role and role["invited"]:
                heading.invitation = codes.invitation()
                connection.execute(
                    insert(t.invitations).values(
                        code=heading.invitation,
                        kind=role["kind"],
                        place=unit,
                        name=name,
                        address=address,
                        lang="vi",
                    )
                )
                person = Person()
            elif role:
                person = Person(name=name, address=address, lang="vi", consent="staff", consented=now)
            else:
                person = Person(lang=(home and home["lang"]) or "")
                if home and home["place"]:
                    matches = self._bookcase.shelf().places.find(home["place"])
                    if matches.one is None:
                        raise Wrong(
                            f"line {heading.number}: “{home['place']}” is no commune; add its province."
                        )
                    person = msgspec.structs.replace(person, commune=matches.one.code, village=matches.rest)
            heading.person = (
                connection.scalar(
                    insert(t.conversations)
                    .values(
                        person=msgspec.json.encode(person).decode(),
                        talk='{"met":true}' if role and not role["invited"] else "",
                        touched=now,
                        consented=bool(person.consent),
                    )
                    .returning(t.conversations.c.id)
                )
                or 0
            )
            connection.execute(
                insert(t.contacts).values(
                    account=heading.channel, chat=heading.name, conversation=heading.person, heard=now
                )
            )
            if role and not role["invited"]:
                connection.execute(
                    insert(t.roles).values(person=heading.person, kind=role["kind"], place=unit, since=now)
                )

    def _unit(self, connection: Connection, role: re.Match[str]) -> int:
        kind = "team" if role["kind"] in TEAM_ROLES else "office"
        return unit_named(connection, self._bookcase.shelf().places, role["unit"], kind)

    # --- one line ---

    def _one(self, line: Line) -> None:
        text = line.text
        if text.startswith("=>"):
            self._effect(line, text.removeprefix("=>").strip())
        elif bot := _BOT.fullmatch(text):
            self._expect(line, bot)
        elif text.startswith("---"):
            self._nothing_left(line)
            self._move(line, text)
        elif match := _PRESSES.fullmatch(text) or _SENDS.fullmatch(text) or _SAYS.fullmatch(text):
            self._nothing_left(line)
            self._act(line, match)
        else:
            raise Wrong(
                f"line {line.number}: write “name: words”, “name [choice]”, “bot > name: words”, "
                "“--- +1 hour”, “--- at 2026-11-16 08:00” or “=> effect”."
            )

    def _act(self, line: Line, match: re.Match[str]) -> None:
        heading = self._people.get(match["name"].strip())
        if heading is None:
            raise Wrong(f"line {line.number}: nobody called “{match['name']}” was introduced with “@”.")
        self._tell(line.text)
        channel = match["channel"] or heading.channel
        parts = match.groupdict()
        event = Incoming(account=channel, chat=heading.name, sender=heading.name, sent=clock.now())
        if parts.get("choice"):
            event = msgspec.structs.replace(event, choice=self._button(line, heading, parts["choice"]))
        elif parts.get("kind") == "contact":
            event = msgspec.structs.replace(event, contact=Contact(parts["file"] or ""))
        elif parts.get("kind"):
            event = msgspec.structs.replace(
                event,
                attachment=Attachment(parts["kind"], ref="ref", name=parts["file"] or ""),  # type: ignore[arg-type]
            )
        else:
            words = parts["text"].replace("{invitation}", heading.invitation)
            for other in self._people.values():
                words = words.replace(f"{{invitation {other.name}}}", other.invitation)
            event = msgspec.structs.replace(event, text=words)
        self._update += 1
        key = f"{heading.name}:{self._update}"

        def hear(core: Core) -> None:
            core.intake.take_now([Heard(key, event)])
            self._work(core)

        self._with_core(hear)

    def _button(self, line: Line, heading: Heading, written: str) -> str:
        """Find the newest button of that name (and context) this person was shown."""
        name, _, context = written.partition(" ")
        with self._database() as database, database.read() as connection:
            rows = connection.execute(
                select(t.outbox.c.message)
                .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
                .where(t.contacts.c.conversation == heading.person, t.outbox.c.message != "")
                .order_by(t.outbox.c.id.desc())
            ).all()
        shown = []
        for row in rows:
            for button in _message.decode(row.message).choices:
                found_name, _, found_context = button.data.partition("@")
                shown.append(found_name)
                if found_name == name and (not context or found_context.casefold() == context.casefold()):
                    return button.data
        raise Departure(line, written, f"{heading.name} was shown only: {', '.join(dict.fromkeys(shown))}")

    def _move(self, line: Line, text: str) -> None:
        self._tell(text)
        if moved := _MOVE.fullmatch(text):
            target = clock.now() + timedelta(**{f"{moved['unit']}s": int(moved["n"])})
        elif at := _AT.fullmatch(text):
            target = datetime.fromisoformat(at["when"]).replace(tzinfo=clock.VIETNAM)
        else:
            raise Wrong(
                f"line {line.number}: write “--- +15 minutes” (hours, days, weeks) or “--- at 2026-11-16 08:00”."
            )
        self._with_core(lambda core: pass_time(core, target, lambda: self._work(core)))

    def _work(self, core: Core) -> None:
        core.run_waiting()
        with core.database.read() as connection:
            rows = connection.execute(
                select(
                    t.outbox.c.id, t.outbox.c.contact, t.outbox.c.number, t.outbox.c.message, t.outbox.c.voice,
                    t.contacts.c.conversation, t.contacts.c.chat,
                )
                .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
                .where(t.outbox.c.state.in_((t.READY, t.SENT)), t.outbox.c.number.is_not(None))
                .order_by(t.outbox.c.id)
            ).all()  # fmt: skip
            notes = connection.execute(
                select(t.audit).where(t.audit.c.id > self._noted).order_by(t.audit.c.id)
            ).all()
            codes_of = dict(connection.execute(select(t.requests.c.id, t.requests.c.code)).all())
        for row in rows:
            if row.number <= self._seen.get(row.contact, 0) or not row.message:
                continue
            self._seen[row.contact] = row.number
            message = _message.decode(row.message)
            names = tuple(button.data.partition("@")[0] for button in message.choices)
            shown = Shown(row.chat, message.text, names, row.voice, message)
            self._waiting.append(shown)
            self._tell(str(shown))
        by_person = {heading.person: heading.name for heading in self._people.values()}
        for row in notes:
            self._noted = row.id
            kind, _, number = row.about.partition(":")
            named = codes_of.get(int(number), number) if kind == "request" and number.isdigit() else number
            effect = f"{kind} {named} {row.done}" + (
                f" by {by_person[row.by]}" if row.by in by_person else ""
            )
            self._effects.append(effect)
            self._tell(f"=> {effect}")

    # --- what was written ---

    def _expect(self, line: Line, wanted: re.Match[str]) -> None:
        text = wanted["text"]
        choices = _CHOICES.search(text)
        names = tuple(name.strip() for name in choices["names"].split("|")) if choices else None
        if choices:
            text = text[: choices.start()]
        voice = (wanted["voice"] or "").strip()
        for place, shown in enumerate(self._waiting):
            if shown.to == wanted["name"].strip() and shown.voice == voice:
                if not fits(text, shown.text) or (names is not None and names != shown.choices):
                    raise Departure(line, line.text, str(shown))
                del self._waiting[place]
                return
        got = "\n            ".join(str(shown) for shown in self._waiting)
        raise Departure(line, line.text, got or "nothing was said")

    def _effect(self, line: Line, wanted: str) -> None:
        for place, effect in enumerate(self._effects):
            if fits(wanted, effect):
                del self._effects[: place + 1]
                return
        raise Departure(line, f"=> {wanted}", "; ".join(self._effects) or "no effect")

    def _nothing_left(self, line: Line | None) -> None:
        """What the bot says must be written down; effects may be left out."""
        if self._waiting:
            raise Departure(
                line, "nothing more from the bot", "\n            ".join(str(s) for s in self._waiting)
            )
        self._effects.clear()

    # --- the store, closed and opened between lines ---

    def _database(self) -> _Closing:
        return _Closing(self._url)

    def _with_core(self, work: Callable[[Core], None]) -> None:
        core = Core(Database(self._url), self._bookcase, self._wording)
        try:
            work(core)
        finally:
            core.close()


class _Closing:
    def __init__(self, url: str) -> None:
        self._opened = Database(url)

    def __enter__(self) -> Database:
        return self._opened

    def __exit__(self, *_: object) -> None:
        self._opened.close()


def pass_time(core: Core, target: datetime, work: Callable[[], None]) -> None:
    """Let the clock go to a moment, and everything due until then happen at its own time."""
    while True:
        core.writer.submit(lambda c: daily(c, clock.now())).result()
        with core.database.read() as connection:
            at = connection.scalar(select(t.due.c.at).where(~t.due.c.done).order_by(t.due.c.at).limit(1))
            held = connection.scalar(
                select(t.outbox.c.not_before)
                .where(t.outbox.c.state == t.HELD)
                .order_by(t.outbox.c.not_before)
                .limit(1)
            )
        moments = [moment for moment in (at, held) if moment is not None]
        nearest = min(moments, default=None)
        if nearest is None or nearest > target:
            break
        clock.stop_at(max(nearest, clock.now()))
        core.writer.submit(lambda c: core.intake.put_due(c, clock.now())).result()
        core.writer.submit(lambda c: release(c, clock.now())).result()
        work()
    clock.stop_at(target)
    work()


def fits(written: str, happened: str) -> bool:
    """Say whether words are as written; "…" stands for any, and runs of white space are one."""
    pattern = ".*".join(re.escape(" ".join(part.split())) for part in written.split("…"))
    return re.fullmatch(pattern.replace(r".*\ ", r".*\ ?"), " ".join(happened.split()), re.S) is not None


def play_file(
    path: Path,
    url: str,
    bookcase: Bookcase,
    wording: Wording,
    tell: Callable[[str], None] = lambda _line: None,
) -> None:
    """Play a file on an empty store; raise Departure or Wrong where it cannot."""
    Player(url, bookcase, wording, tell).play(read(path.read_text(encoding="utf-8")))
