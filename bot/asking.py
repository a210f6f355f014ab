"""Questions to the store that the command line asks as a conversation would, without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec

from bot import clock
from bot.settings import Settings, Unusable
from bot.shelf import TOPICS, Bookcase, own_file, own_forms
from bot.store import schema
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import rollout, schedule
from handlers.records.people import Person, Unit
from handlers.talk import Due, Talk
from handlers.text import Text
from handlers.turn import Shelf, Turn
from knowledge.calendar import OWN, Calendar
from knowledge.folding import fold


class Questions:
    """Answers about reminders, worded."""

    def __init__(self, shelf: Shelf, database: Database, lang: str) -> None:
        self._shelf = shelf
        self._database = database
        self._wording = Wording()
        self._lang = lang

    def why(self, name: str, period: str) -> Iterator[str]:
        """Give what was decided about the reminders of an office and period; Unusable where there is none."""
        with self._turn() as turn:
            unit = self._office(turn, name)
            told = schedule.explained(turn, unit, period)
        if not told:
            raise Unusable(f"“{period}” is no period of a form. Write it as 2026-11, 2026-Q4 or 2026-W46.")
        yield from map(self._word, told)

    def plan(self, first: date, last: date) -> Iterator[str]:
        """Give the reminders of these days, and what they cost; nothing is sent."""
        with self._turn() as turn:
            messages = schedule.coming(turn, turn.reports.offices(), first, last)
            told = [schedule.line(turn, message) for message in messages]
        yield from map(self._word, told)
        yield self._word(schedule.counted(messages, self._shelf.office.prices))

    def rollout(self, place: str) -> Iterator[str]:
        """Give who is invited, has joined and is silent: by commune, or by unit where a commune is named."""
        commune = self._shelf.places.find(place).one if place else None
        if place and commune is None:
            raise Unusable(f"“{place}” names no commune of today. Add its province.")
        with self._turn() as turn:
            found = rollout.joining(turn, [commune.code] if commune else [])
            told = [rollout.counted(found)]
            for province in () if commune else self._provinces(turn):
                communes = [one.code for one in self._shelf.places.communes_of(province)]
                if without := rollout.absent(turn, communes, found):
                    told.append(rollout.missing(turn, without, len(communes)))
            told += (
                map(rollout.line, found) if commune else map(rollout.total, rollout.by_commune(turn, found))
            )
        yield from map(self._word, told)

    def _provinces(self, turn: Turn) -> list[str]:
        """Give the codes of the provinces of which an office uses this, in order."""
        return sorted({unit.commune for unit in turn.people.units("province", "")})

    def _word(self, text: Text) -> str:
        return self._wording.word(text, self._lang)

    def _office(self, turn: Turn, name: str) -> Unit:
        offices = turn.people.units("office", "")
        found = [unit for unit in offices if fold(unit.name) == fold(name)]
        found = found or [unit for unit in offices if fold(name) in fold(unit.name)]
        if len(found) != 1:
            known = "; ".join(unit.name for unit in (found or offices)[:10])
            raise Unusable(f"“{name}” names {len(found)} offices. Write one of: {known}.")
        return found[0]

    @contextmanager
    def _turn(self) -> Iterator[Turn]:
        now = clock.now()
        with self._database.read() as connection:
            yield Turn(
                event=Due(name="asked", about="", at=now),
                person=Person(lang=self._lang),
                talk=Talk(),
                now=now,
                shelf=self._shelf,
                records=StoredRecords(connection, now),
            )


def asked(settings: Settings, database: Database, lang: str) -> Questions:
    """Give what answers questions about reminders; Unusable where the database is of another release."""
    schema.check(database)
    topics = Path(settings.knowledge) if settings.knowledge else TOPICS
    shelf = Bookcase(settings.office, topics, own_forms(settings)).shelf()
    calendar = Calendar.load(own_file(topics, Path(settings.own_knowledge), OWN))
    shelf = msgspec.structs.replace(shelf, calendar=calendar)
    return Questions(shelf, database, lang)
