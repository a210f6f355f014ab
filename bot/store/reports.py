"""Keeps what `handlers.records.reports.Reports` asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, exists, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot import clock, codes
from bot.store import tables as t
from bot.store.database import Stale
from bot.store.people import lasting, unit_of
from handlers.records.people import BODIES, Unit
from handlers.records.reports import Decision, Report

DRAWS = 8  # receipts of one length drawn in vain before a longer one is

_report = msgspec.json.Decoder(Report)


class StoredReports:
    """Reports, and the decisions about their reminders, inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def get(self, unit: int, form: str, period: str) -> Report:
        """Give a report as it stands; an empty draft where nobody has entered anything."""
        row = self._connection.execute(_one(unit, form, period)).first()
        return _read(row) if row else Report(unit=unit, form=form, period=period)

    def hold(self, unit: int, form: str, period: str) -> Report:
        """Give a report as it stands; nobody else changes it before this turn ends."""
        put = sqlite_insert if self._connection.dialect.name == "sqlite" else postgresql_insert
        empty = Report(unit=unit, form=form, period=period)
        # Of several who begin one report at once the first makes the row; the others wait for it here.
        self._connection.execute(put(t.reports).values(**_columns(empty)).on_conflict_do_nothing())
        return _read(self._connection.execute(_one(unit, form, period).with_for_update()).one())

    def save(self, report: Report) -> Report:
        """Keep a change over the version that was read."""
        changed = self._connection.execute(
            update(t.reports)
            .where(t.reports.c.id == report.id, t.reports.c.version == report.version)
            .values(**_columns(report), version=report.version + 1)
        )
        if changed.rowcount == 0:
            raise Stale(f"report {report.id} was changed since it was read")
        return msgspec.structs.replace(report, version=report.version + 1)

    def last(self, unit: int, form: str, period: str) -> Report | None:
        """Give the newest report of an earlier period that was sent; None where none was."""
        row = self._connection.execute(
            select(t.reports)
            .where(
                t.reports.c.unit == unit,
                t.reports.c.form == form,
                t.reports.c.period < period,
                t.reports.c.receipt.is_not(None),
            )
            .order_by(t.reports.c.period.desc())
            .limit(1)
        ).first()
        return _read(row) if row else None

    def of_units(
        self, units: Sequence[int], form: str, periods: Sequence[str]
    ) -> dict[tuple[int, str], Report]:
        """Give what is kept of these units' reports for these periods, by unit and period."""
        c = t.reports.c
        wanted = c.unit.in_(units), c.form == form, c.period.in_(periods)
        found = map(_read, self._connection.execute(select(t.reports).where(*wanted)))
        return {(report.unit, report.period): report for report in found}

    def owing(
        self, form: str, periods: Sequence[str], units: Sequence[int] | None = None
    ) -> tuple[tuple[int, str], ...]:
        """Give unit and period of reports that were begun, or that somebody was reminded of, and that do not lie
        with the head; of all units, or of these."""
        r, d = t.reports.c, t.reminders.c
        begun = select(r.unit, r.period).where(
            r.form == form, r.period.in_(periods), r.state.in_(("draft", "returned"))
        )
        kept = exists().where(r.unit == d.unit, r.form == d.form, r.period == d.period)
        asked = select(d.unit, d.period).where(
            d.form == form, d.period.in_(periods), d.decision == "sent", ~kept
        )
        if units is not None:
            begun, asked = begun.where(r.unit.in_(units)), asked.where(d.unit.in_(units))
        rows = {(row.unit, row.period) for part in (begun, asked) for row in self._connection.execute(part)}
        return tuple(sorted(rows))

    def waiting(self, *units: int) -> tuple[Report, ...]:
        """Give the reports of these units that wait to be judged, the oldest period first."""
        rows = self._connection.execute(
            select(t.reports)
            .where(t.reports.c.unit.in_(units), t.reports.c.state == "submitted")
            .order_by(t.reports.c.period, t.reports.c.id)
        )
        return tuple(_read(row) for row in rows)

    def by_receipt(self, receipt: str) -> Report | None:
        """Give the report with this receipt."""
        row = self._connection.execute(select(t.reports).where(t.reports.c.receipt == receipt)).first()
        return _read(row) if row else None

    def receipt(self, beginning: str) -> str:
        """Draw a receipt with this beginning that no report has."""
        tried = 0
        while True:
            drawn = f"{beginning}-{''.join(codes.receipt() for _ in range(1 + tried // DRAWS))}"
            taken = exists().where(t.reports.c.receipt == drawn)
            if not self._connection.scalar(select(taken)):
                return drawn
            tried += 1

    def offices(self) -> tuple[Unit, ...]:
        """Give the offices in which somebody reports or is head now, in fixed order."""
        staffed = exists().where(
            t.roles.c.place == t.units.c.id,
            t.roles.c.kind.in_(("reporter", "head")),
            or_(t.roles.c.until.is_(None), t.roles.c.until > self._now),
        )
        rows = self._connection.execute(
            select(t.units)
            .where(
                t.units.c.kind.in_(("office", "province", *BODIES)),
                lasting(t.units, self._now),
                staffed,
            )
            .order_by(t.units.c.id)
        )
        return tuple(unit_of(row) for row in rows)

    def decided(self, report: Report, stage: str, decision: str, reason: str) -> None:
        """Keep what became of a reminder, and why."""
        self._connection.execute(
            insert(t.reminders).values(
                unit=report.unit,
                form=report.form,
                period=report.period,
                stage=stage,
                at=self._now,
                decision=decision,
                reason=reason,
            )
        )

    def decisions(self, report: Report) -> tuple[Decision, ...]:
        """Give what became of the reminders of a report, the oldest first."""
        c = t.reminders.c
        rows = self._connection.execute(
            select(t.reminders)
            .where(c.unit == report.unit, c.form == report.form, c.period == report.period)
            .order_by(c.id)
        )
        return tuple(Decision(row.stage, row.at, row.decision, row.reason) for row in rows)


def replace_person(connection: Connection, units: list[int], old: int, new: int) -> None:
    """Let another number stand for somebody who has sent or decided reports of these units."""
    stored = StoredReports(connection, clock.now())
    rows = connection.execute(
        select(t.reports).where(t.reports.c.unit.in_(units)).order_by(t.reports.c.id).with_for_update()
    ).all()
    for report in map(_read, rows):
        submissions = tuple(
            msgspec.structs.replace(
                sent,
                by=new if sent.by == old else sent.by,
                decided_by=new if sent.decided_by == old else sent.decided_by,
                decided_for=new if sent.decided_for == old else sent.decided_for,
                approved_by=new if sent.approved_by == old else sent.approved_by,
            )
            for sent in report.submissions
        )
        reopenings = tuple(
            msgspec.structs.replace(
                one,
                by=new if one.by == old else one.by,
                asked_by=new if one.asked_by == old else one.asked_by,
            )
            for one in report.reopenings
        )
        if (submissions, reopenings) != (report.submissions, report.reopenings):
            stored.save(msgspec.structs.replace(report, submissions=submissions, reopenings=reopenings))


def _one(unit: int, form: str, period: str) -> Any:
    c = t.reports.c
    return select(t.reports).where(c.unit == unit, c.form == form, c.period == period)


def _read(row: Any) -> Report:
    return msgspec.structs.replace(_report.decode(row.details), id=row.id, version=row.version)


def _columns(report: Report) -> dict[str, Any]:
    return {
        "unit": report.unit,
        "form": report.form,
        "period": report.period,
        "state": report.state,
        "receipt": report.receipt or None,
        "details": msgspec.json.encode(report).decode(),
    }
