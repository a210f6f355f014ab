"""A nation's year of reports as one table: 3,321 communes and 34 provinces, twelve months, all in one file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import insert

from bot.shelf import Bookcase
from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from handlers.records.reports import Report, Submission
from handlers.rules import periods, reporting
from handlers.rules.validation import Value
from handlers.turn import Shelf
from tests.bench.desks import Exported, exported
from tests.bench.webhooks import databases

GOAL = 60.0  # seconds
FIRST, LAST = date(2025, 12, 1), date(2026, 11, 30)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
LATE, SILENT = 9, 7  # every so many are late, or have not sent
PIECE = 4000  # rows of one statement


def fill(database: Database, shelf: Shelf, units: int = 0, months: int = 12) -> int:
    """Make offices and their reports, all of the nation's where no number is given; give how many owed one."""
    provinces = shelf.places.provinces
    places = [(one.code, f"{one.kind} {one.name}") for one in provinces]
    places += [
        (one.code, shelf.places.label(one))
        for province in provinces
        for one in shelf.places.communes_of(province.code)
    ]
    places = places[: units or len(places)]
    numbers = range(1, len(places) + 1)
    with database.write() as connection:
        connection.execute(
            insert(t.conversations),
            [{"id": number, "person": "", "talk": "", "touched": LONG_AGO} for number in numbers],
        )
        connection.execute(
            insert(t.units),
            [
                {"id": number, "kind": "office", "name": name, "commune": code}
                for number, (code, name) in zip(numbers, places, strict=True)
            ],
        )
        connection.execute(
            insert(t.roles),
            [{"person": n, "kind": "reporter", "place": n, "since": LONG_AGO} for n in numbers],
        )
    rows: list[dict[str, object]] = []
    form = shelf.forms["monthly"]
    values = {one.id: Value(9, 11 if one.two else None) for one in form.indicators}
    period = periods.open_period(form, LAST)
    for age in range(months):
        ends = reporting.due_end(form, period, shelf.calendar)
        for n in numbers:
            if (n + age) % SILENT == 0:
                continue
            at = ends + timedelta(days=1 if (n + age) % LATE == 0 else -1)
            sent = Submission(
                number=1, form_version=1, values=values, sha256="0" * 64, at=at, by=n, verdict="approved"
            )
            report = Report(
                unit=n,
                form="monthly",
                period=period.code,
                form_version=1,
                state="approved",
                values=values,
                receipt=f"R-{period.code}-{n}",
                submissions=(msgspec.structs.replace(sent, decided=at, decided_by=n),),
            )
            rows.append(
                {
                    "unit": n,
                    "form": "monthly",
                    "period": period.code,
                    "state": "approved",
                    "receipt": report.receipt,
                    "details": msgspec.json.encode(report).decode(),
                }
            )
        period = periods.before(form, period)
    for place in range(0, len(rows), PIECE):
        with database.write() as connection:
            connection.execute(insert(t.reports), rows[place : place + PIECE])
    return len(places) * months


def measure(folder: Path, bookcase: Bookcase) -> Iterator[tuple[str, dict[str, Exported]]]:
    """Give for each database its name, and what the exports of a month and of the year cost."""
    with databases(folder) as urls:
        for name, url in urls.items():
            database = Database(url)
            try:
                schema.upgrade(database)
                fill(database, bookcase.shelf())
            finally:
                database.close()
            yield (
                name,
                {
                    "month.xlsx": run(url, folder / "month.xlsx", first=date(2026, 11, 1)),
                    "year.xlsx": run(url, folder / "year.xlsx"),
                },
            )


def run(url: str, path: Path, first: date = FIRST) -> Exported:
    """Run `toso export reports` from a day to the end of the year."""
    return exported(url, ["reports", "--from", str(first), "--to", str(LAST), str(path)])
