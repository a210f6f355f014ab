"""What the demo's communes sent in the months before: this month is compared with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from bot.casting import keep_approved
from bot.store import tables as t
from bot.store.people import StoredPeople
from handlers.rules import periods, reporting
from handlers.rules.periods import Period
from handlers.rules.validation import Value
from handlers.turn import Shelf

# Invented figures of a commune of this size.
FIGURES = {
    "paperless-meetings": Value(7, 12),
    "signed-documents": Value(207, 213),
    "malware-protection": Value(4, 44),
    "official-email": Value(57, 61),
    "online-transactions": Value(412),
    "services-used-online": Value(112, 390),
    "files-handled-online": Value(598, 631),
}

# The same a month and two months earlier, but for what crept down since.
USED_BEFORE = (Value(113, 390), Value(114, 390))


def file_months_before(connection: Connection, shelf: Shelf, now: datetime) -> None:
    """File and approve the three reports before the one that is due next, for every office."""
    form = shelf.forms["monthly"]
    period = periods.open_period(form, reporting.local_day(now))
    _file(connection, shelf, now, period, FIGURES)
    for used in USED_BEFORE:
        period = periods.before(form, period)
        _file(connection, shelf, now, period, FIGURES | {"services-used-online": used})


def _file(
    connection: Connection, shelf: Shelf, now: datetime, period: Period, figures: dict[str, Value]
) -> None:
    form = shelf.forms["monthly"]
    people = StoredPeople(connection, now)
    for office in connection.scalars(select(t.units.c.id).where(t.units.c.kind == "office")).all():
        unit = people.unit(office)
        if unit is not None:
            keep_approved(connection, shelf, (form, period, unit), figures, now)
