"""Lists into the database: every row is checked first, and all of a list is kept or nothing.

People are many, so their rows are written in pieces that nobody sees (`staged`), and shown all at once by one
statement; a list of places or teams is one short transaction.  Importing a list twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from bot import clock, codes
from bot.lists import people, places, targets
from bot.lists.kinds import Entry, Kind, Problem, entries
from bot.lists.known import Known
from bot.lists.sheets import SPLIT, Unreadable, rows
from bot.store import tables as t
from bot.store.database import Database, Stale
from bot.wording import Wording
from handlers.text import Text, _
from knowledge.places import Places

MOST = 5_000  # rows of a list of places, which is one transaction
PIECE = 1000  # rows of one transaction, while they are staged
TRIES = 5  # times that a list is judged anew because the database has changed meanwhile


Judged = places.Judged | people.Judged | targets.Judged


class Outcome(msgspec.Struct, frozen=True):
    """What became of a list; with problems nothing of it was kept."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    problems: tuple[Problem, ...] = ()
    notices: tuple[Text, ...] = ()


def bring(database: Database, kind: Kind, data: bytes, wording: Wording, atlas: Places) -> Outcome:
    """Check a file and keep it whole, or say all that is wrong with it and keep nothing."""
    try:
        found, problems = entries(kind, rows(data), wording)
    except Unreadable as error:
        return Outcome(problems=(Problem(error.row, None, error.what, error.remedy),))
    if kind != "people" and len(found) > MOST:
        return Outcome(problems=(Problem(0, None, _("The file has more than {n} rows.")(n=MOST), SPLIT),))
    for _try in range(TRIES):
        try:
            return _kept(database, kind, found, problems, atlas)
        except Stale:  # somebody else has changed the same lists meanwhile
            continue
    return _kept(database, kind, found, problems, atlas)


def _kept(
    database: Database, kind: Kind, found: list[Entry], problems: list[Problem], atlas: Places
) -> Outcome:
    now = clock.now()
    with database.read() as connection:
        known = Known.of(connection)
        before = _fingerprint(connection)
    judged = JUDGES[kind](found, known, atlas, now)
    wrong = sorted((*problems, *judged.problems), key=lambda problem: problem.row)
    if wrong:
        return Outcome(rows=len(found), problems=tuple(wrong))
    outcome = Outcome(
        rows=len(found), added=judged.added, changed=judged.changed, notices=tuple(judged.notices)
    )
    if not (judged.added or judged.changed):
        return outcome
    _write(database, kind, judged, before, now)
    return outcome


def _write(
    database: Database,
    kind: Kind,
    judged: Judged,
    before: tuple[int, ...],
    now: datetime,
) -> None:
    batch = codes.token() if isinstance(judged, people.Judged) else ""
    if isinstance(judged, people.Judged):
        _stage(database, judged.new, batch)
    with database.write() as connection:
        if _fingerprint(connection) != before:
            raise Stale(f"the list of {kind}")
        if isinstance(judged, people.Judged):
            i = t.invitations.c
            shown = connection.execute(update(t.invitations).where(i.staged == batch).values(staged=""))
            if shown.rowcount != len(judged.new):
                raise Stale("the rows of a list")  # another import has cleared them away as left behind
        judged.write(connection, now)
        connection.execute(insert(t.audit).values(at=now, done="imported", about=f"import:{kind}", by=0))


def _stage(database: Database, new: list[dict[str, Any]], batch: str) -> None:
    """Write new invitations where nobody sees them, a piece a transaction, after clearing what a crash left."""
    i = t.invitations.c
    while True:
        with database.write() as connection:
            left = list(connection.scalars(select(i.code).where(i.staged != "").limit(PIECE)))
            connection.execute(delete(t.invitations).where(i.code.in_(left)))
        if not left:
            break
    for start in range(0, len(new), PIECE):
        piece = [{**row, "staged": batch} for row in new[start : start + PIECE]]
        with database.write() as connection:
            connection.execute(insert(t.invitations), piece)


def _fingerprint(connection: Connection) -> tuple[int, ...]:
    """Give numbers that differ once somebody has changed what a list is judged by."""
    a = t.audit.c
    kinds = [f"import:{kind}" for kind in JUDGES]
    counts = (
        select(func.count()).select_from(t.units),
        select(func.count()).select_from(t.villages),
        select(func.count()).where(t.invitations.c.staged == ""),
        select(func.count()).select_from(t.village_edits),
        select(func.coalesce(func.max(t.target_events.c.id), 0)),
        select(func.coalesce(func.max(a.id), 0)).where(a.about.in_(kinds)),
    )
    return tuple(connection.scalar(count) or 0 for count in counts)


JUDGES: dict[Kind, Callable[[list[Entry], Known, Places, datetime], Judged]] = {
    "units": places.units,
    "villages": places.villages,
    "teams": places.teams,
    "people": people.people,
    "targets": targets.targets,
}
