"""`toso export requests`: every request opened on some days as one table, for the office's own programs.

Rows are read, counted and written a few hundred at a time.  Names, telephone numbers and words are left out unless
they are asked for, and then that is recorded as a look at personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, closing
from datetime import date, datetime, time, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Connection, insert, select

from bot import clock
from bot.clock import VIETNAM
from bot.long_tables import MOST, Cell, begun, table
from bot.scope import Scope, scope_of
from bot.settings import Unusable
from bot.store import tables as t
from bot.store.database import Database
from bot.store.histories import StoredHistories
from bot.store.people import StoredPeople
from bot.wording import Wording
from handlers.profile import named
from handlers.records.requests import Request
from handlers.rules.areas import AREAS, KINDS, Villages, area_of
from handlers.rules.histories import History, Reader
from handlers.text import Text, _
from knowledge.library import Library
from knowledge.places import Places

EXPORTED, LOOKED = "exported requests", "exported requests, looked at personal data"
DAY = timedelta(days=1)


class Wanted(msgspec.Struct, frozen=True):
    """What is to be exported."""

    first: date
    last: date
    unit: str = ""
    names: bool = False


class Knowledge(msgspec.Struct, frozen=True):
    """What an export has to know besides the rows."""

    library: Library
    places: Places
    reader: Reader


class Line(msgspec.Struct, frozen=True):
    """All that a row is made from."""

    request: Request
    history: History
    village: str


class Names:
    """Calls codes and numbers by their names, in one language."""

    def __init__(
        self, connection: Connection, knowledge: Knowledge, say: Callable[[Text], str], lang: str
    ) -> None:
        self.say = say
        self._knowledge = knowledge
        self._lang = lang
        self._teams = {row.id: row.name for row in connection.execute(select(t.units.c.id, t.units.c.name))}
        self._communes: dict[str, str] = {}

    def word(self, words: Mapping[str, Text], name: str) -> str:
        """Give the word for a name; the name itself where there is none."""
        return self.say(words[name]) if name in words else name

    def title(self, topic: str) -> str:
        """Give a topic's title; its name where the topic is no longer there."""
        known = self._knowledge.library.topic(topic, self._lang) if topic else None
        return known.title if known else topic

    def commune(self, code: str) -> str:
        """Give a commune in full."""
        if code not in self._communes:
            known = self._knowledge.places.commune(code)
            self._communes[code] = self._knowledge.places.label(known) if known else code
        return self._communes[code]

    def team(self, number: int) -> str:
        """Give a team's name, or say that it lies with the office."""
        return self._teams.get(number, "") if number else self.say(_("the commune's office"))


class Column(msgspec.Struct, frozen=True):
    """One column: its heading, how wide it is, and what stands in it."""

    heading: Text
    width: int
    cell: Callable[[Line, Names], Cell]
    personal: bool = False  # left out unless it is asked for


STATES = {
    "open": _("waiting"),
    "claimed": _("taken"),
    "paused": _("waits for the citizen"),
    "held": _("waits for the end of an incident"),
    "closed": _("closed"),
    "withdrawn": _("withdrawn"),
}
OUTCOMES = {"solved": _("Solved"), "partly": _("Partly solved"), "unneeded": _("No longer needed")}
RATINGS = {"good": _("Good"), "fair": _("All right"), "poor": _("Not good")}


def _state(line: Line) -> str:
    return "paused" if line.request.state == "claimed" and line.request.paused else line.request.state


COLUMNS = (
    Column(_("Code"), 10, lambda line, names: f"YC-{line.request.code}"),
    Column(_("Commune code"), 9, lambda line, names: line.request.commune),
    Column(_("Commune"), 26, lambda line, names: names.commune(line.request.commune)),
    Column(_("Village"), 20, lambda line, names: line.village),
    Column(_("With"), 30, lambda line, names: names.team(line.request.team)),
    Column(_("Kind"), 16, lambda line, names: names.word(KINDS, line.history.kind)),
    Column(_("Area"), 18, lambda line, names: names.say(AREAS[area_of(line.request.topic)])),
    Column(_("Topic"), 34, lambda line, names: names.title(line.request.topic)),
    Column(_("Step"), 12, lambda line, names: line.request.step),
    Column(_("State"), 14, lambda line, names: names.word(STATES, _state(line))),
    Column(_("Opened"), 16, lambda line, names: line.history.opened),
    Column(_("First taken"), 16, lambda line, names: line.history.taken),
    Column(_("Closed"), 16, lambda line, names: line.history.closed),
    Column(_("Withdrawn"), 16, lambda line, names: line.history.withdrawn),
    Column(_("Last reopened"), 16, lambda line, names: (line.history.reopened or (None,))[-1]),
    Column(_("Times reopened"), 9, lambda line, names: len(line.history.reopened)),
    Column(_("Times passed on"), 9, lambda line, names: line.history.passed_on),
    Column(_("First response, working minutes"), 12, lambda line, names: line.history.first_response),
    Column(_("Solution, working minutes"), 12, lambda line, names: line.history.solution),
    Column(_("Outcome"), 16, lambda line, names: names.word(OUTCOMES, line.request.outcome)),
    Column(_("Rating"), 12, lambda line, names: names.word(RATINGS, line.request.rating)),
    Column(_("Who asked"), 20, lambda line, names: named(line.request.address, line.request.name), personal=True),
    Column(_("Telephone"), 14, lambda line, names: line.request.phone, personal=True),
    Column(_("In own words"), 40, lambda line, names: line.request.words, personal=True),
    Column(_("The helper's remark"), 40, lambda line, names: line.request.remark, personal=True),
)  # fmt: skip


def write(
    database: Database, wanted: Wanted, path: Path, knowledge: Knowledge, wording: Wording, lang: str
) -> int:
    """Write the file and give how many requests are in it; Unusable where it cannot be written or holds none."""
    ending, part = begun(path, wanted.first, wanted.last)
    columns = [column for column in COLUMNS if wanted.names or not column.personal]
    part.touch(mode=0o600)
    try:
        count = 0
        with ExitStack() as stack:
            connection = stack.enter_context(database.read())
            sheet = stack.enter_context(table(part, ending))
            scope = scope_of(connection, knowledge.places, wanted.unit)
            names = Names(connection, knowledge, lambda text: wording.word(text, lang), lang)
            sheet.begin(
                [names.say(column.heading) for column in columns], [column.width for column in columns]
            )
            lines = stack.enter_context(closing(_lines(connection, wanted, scope, knowledge.reader)))
            for line in lines:
                count += 1
                if count > MOST and ending == ".xlsx":
                    raise Unusable(f"A sheet holds {MOST:,} rows. Write {path.stem}.csv, or fewer days.")
                sheet.row([column.cell(line, names) for column in columns])
        if not count:
            where = f" in “{wanted.unit}”" if wanted.unit else ""
            raise Unusable(
                f"No request was opened from {wanted.first} to {wanted.last}{where}. "
                "Name other days, or another --unit."
            )
        _record(database, wanted, scope)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _lines(connection: Connection, wanted: Wanted, scope: Scope, reader: Reader) -> Generator[Line]:
    villages = Villages(StoredPeople(connection, clock.now()).units("team"))
    since, until = _midnight(wanted.first), _midnight(wanted.last + DAY)
    for lived in StoredHistories(connection).opened(since, until, scope.communes, scope.team):
        yield Line(lived.request, reader.read(lived), villages.of(lived.request))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)


def _record(database: Database, wanted: Wanted, scope: Scope) -> None:
    """Keep that it was exported, and whether with names, before there is a file to be opened."""
    about = f"requests {wanted.first}..{wanted.last} of {scope.about}"[:80]
    with database.write() as connection:
        done = LOOKED if wanted.names else EXPORTED
        connection.execute(insert(t.audit).values(at=clock.now(), done=done, about=about, by=0))
