"""“Tình hình” of a province: 126 communes and 24 months of their reports, told in words and drawn as a picture."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Connection, insert, select, update

from bot import making
from bot.shelf import Bookcase
from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import overview
from handlers.made import Chart
from handlers.records.people import Person
from handlers.records.reports import Report, State, Submission
from handlers.rules import periods, reporting
from handlers.rules.validation import Value
from handlers.talk import Incoming, Talk
from handlers.turn import Shelf, Turn

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
HEAD, OFFICE = 1, 1
WORDS, PICTURE = 0.2, 1.0  # seconds: the goals


def fill(connection: Connection, shelf: Shelf, months: int = 24, communes: int = 126) -> None:
    """Make a province: every ninth commune late in each month, every seventh without this month's report."""
    form = shelf.forms["monthly"]
    named = shelf.places.communes_of("01")[:communes]
    numbers = range(2, len(named) + 2)
    people = [{"id": number, "person": "", "talk": "", "touched": LONG_AGO} for number in (HEAD, *numbers)]
    connection.execute(insert(t.conversations), people)
    connection.execute(insert(t.units).values(id=OFFICE, kind="province", name="Hà Nội", commune="01"))
    connection.execute(
        insert(t.units),
        [
            {"id": number, "kind": "office", "name": f"{place.name}, Hà Nội", "commune": place.code}
            for number, place in zip(numbers, named, strict=True)
        ],
    )
    roles = [{"person": HEAD, "kind": "head", "place": OFFICE, "since": LONG_AGO}]
    roles += [{"person": n, "kind": "reporter", "place": n, "since": LONG_AGO} for n in numbers]
    connection.execute(insert(t.roles), roles)
    values = {one.id: Value(9, 11 if one.two else None) for one in form.indicators}
    period, rows = periods.open_period(form, reporting.local_day(NOW)), []
    for age in range(months):
        ends = reporting.due_end(form, period, shelf.calendar, "commune")
        for n in numbers:
            if age == 0 and n % 7 == 0:
                continue
            at = ends + timedelta(days=1) if n % 9 == 0 else ends - timedelta(hours=5)
            sent = Submission(number=1, form_version=1, values=values, sha256="0" * 64, at=at, by=n)
            code = period.code
            report = Report(
                unit=n,
                form="monthly",
                period=code,
                form_version=1,
                state="approved",
                values=values,
                receipt=f"R-{code}-{n}",
                submissions=(sent,),
            )
            rows.append(
                {
                    "unit": n,
                    "form": "monthly",
                    "period": code,
                    "state": "approved",
                    "receipt": report.receipt,
                    "details": msgspec.json.encode(report).decode(),
                }
            )
        period = periods.before(form, period)
    connection.execute(insert(t.reports), rows)


def take_back(connection: Connection, unit: int, period: str, state: State) -> None:
    """Have an office's report taken back by itself, or returned by its head."""
    which = t.reports.c.unit == unit, t.reports.c.period == period
    details = connection.execute(select(t.reports.c.details).where(*which)).scalar_one()
    report = msgspec.structs.replace(msgspec.json.decode(details, type=Report), state=state)
    kept = {"state": state, "details": msgspec.json.encode(report).decode()}
    connection.execute(update(t.reports).where(*which).values(kept))


def head_asks(connection: Connection, shelf: Shelf) -> Turn:
    """Give the turn in which the head of the province types “tình hình”."""
    return Turn(
        event=Incoming(account="web", chat="a", sender="a", text="tình hình", at=NOW),
        person=Person(id=HEAD, lang="vi"),
        talk=Talk(met=True),
        now=NOW,
        shelf=shelf,
        records=StoredRecords(connection, NOW),
        staff=True,
    )


def measure(folder: Path, bookcase: Bookcase) -> tuple[float, float]:
    """Give the seconds until it is told in words, and until the picture is drawn as well."""
    database, shelf, wording = Database(f"sqlite:///{folder}/overview.db"), bookcase.shelf(), Wording()
    schema.upgrade(database)
    with database.write() as connection:
        fill(connection, shelf)
    words, whole = [], []
    for _again in range(5):
        with database.read() as connection:
            begin = time.perf_counter()
            turn = head_asks(connection, shelf)
            unit = turn.people.unit(OFFICE)
            assert unit is not None
            told = overview.told(turn, unit)
            words.append(time.perf_counter() - begin)
        made = turn.makings[0].made
        assert told is not None
        assert isinstance(made, Chart)
        making.file(making.ordered(made, lambda text: wording.word(text, "vi")))
        whole.append(time.perf_counter() - begin)
    database.close()
    return sorted(words)[2], sorted(whole)[2]
