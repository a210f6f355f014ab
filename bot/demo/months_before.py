"""What the demo's communes sent in the months before: this month is compared with them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from bot.store import tables as t
from bot.store.reports import StoredReports
from handlers.records.reports import Submission
from handlers.rules import periods, reporting
from handlers.rules.periods import Period
from handlers.rules.validation import Value, fingerprint
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
    reports = StoredReports(connection, now)
    for office, name in connection.execute(
        select(t.units.c.id, t.units.c.name).where(t.units.c.kind == "office")
    ).all():
        empty = reports.hold(office, form.id, period.code)
        sent = Submission(
            number=1,
            form_version=form.version,
            values=figures,
            sha256=fingerprint(form, name, period, figures),
            at=now,
            by=0,
            verdict="approved",
            decided=now,
        )
        reports.save(
            msgspec.structs.replace(
                empty,
                state="approved",
                form_version=form.version,
                values=figures,
                receipt=reports.receipt(f"UH-{period.code[-2:]}"),
                submissions=(sent,),
            )
        )
