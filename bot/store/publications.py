"""Keeps what `handlers.records.publications.Publications` asks, and gives the pages what may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, exists, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.store import tables as t
from bot.store.database import Stale
from bot.store.people import unit_of
from handlers.records.people import Unit
from handlers.records.publications import Edition
from handlers.rules.periods import Period
from handlers.rules.published import Content
from handlers.rules.reporting import day_begins
from knowledge.forms import Form

_p = t.publications.c
_r = t.ranking_releases.c
_content = msgspec.json.Decoder(Content)


class Shown(msgspec.Struct, frozen=True):
    """A period as it stands for everybody."""

    unit: int
    editions: tuple[Edition, ...]
    content: Content  # of the last edition; not to be shown where that was withdrawn

    @property
    def last(self) -> Edition:
        """The newest edition."""
        return self.editions[-1]


class StoredPublications:
    """What is published, inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def editions(self, unit: int, form: str, period: str) -> tuple[Edition, ...]:
        """Give when a period was published and withdrawn, the first time first."""
        rows = self._connection.execute(
            select(_p.number, _p.at, _p.withdrawn).where(*_of(unit, form, period)).order_by(_p.number)
        )
        return tuple(Edition(row.number, row.at, row.withdrawn) for row in rows)

    def shown(self, unit: int, form: str, period: str) -> Content | None:
        """Give what was published last, withdrawn or not; None where nothing ever was."""
        found = self._connection.scalar(
            select(_p.content)
            .where(*_of(unit, form, period), ~_p.withdrawn)
            .order_by(_p.number.desc())
            .limit(1)
        )
        return _content.decode(found) if found else None

    def publish(self, unit: int, number: int, content: Content) -> None:
        """Keep a new edition; nobody else can keep one of that number."""
        self._keep(unit, content.form, content.period, number, content=msgspec.json.encode(content).decode())

    def withdraw(self, unit: int, form: str, period: str, number: int, reason: str) -> None:
        """Keep that a period is not shown any more, and why."""
        self._keep(unit, form, period, number, withdrawn=True, reason=reason)

    def _keep(self, unit: int, form: str, period: str, number: int, **fields: object) -> None:
        put = sqlite_insert if self._connection.dialect.name == "sqlite" else postgresql_insert
        row = {"unit": unit, "form": form, "period": period, "number": number, "at": self._now, **fields}
        kept = self._connection.scalar(
            put(t.publications).values(row).on_conflict_do_nothing().returning(_p.id)
        )
        if kept is None:
            raise Stale(f"{form} {period} has been published by somebody else since it was read")

    def releases(self, unit: int, form: str, period: str) -> tuple[Edition, ...]:
        """Give when a province released a period's ranking and held it back again, the first time first."""
        rows = self._connection.execute(
            select(_r.number, _r.at, _r.held)
            .where(_r.unit == unit, _r.form == form, _r.period == period)
            .order_by(_r.number)
        )
        return tuple(Edition(row.number, row.at, row.held) for row in rows)

    def release(self, unit: int, form: str, period: str, number: int, *, held: bool = False) -> None:
        """Keep that a ranking is shown from now on, or no longer; nobody else can keep one of that number."""
        put = sqlite_insert if self._connection.dialect.name == "sqlite" else postgresql_insert
        row = {"unit": unit, "form": form, "period": period, "number": number, "at": self._now, "held": held}
        kept = self._connection.scalar(
            put(t.ranking_releases).values(row).on_conflict_do_nothing().returning(_r.id)
        )
        if kept is None:
            raise Stale(f"the ranking of {form} {period} has been released or held back since it was read")

    def offices(
        self,
        form: Form,
        period: Period,
        begun: datetime,
        due: datetime,
        places: Sequence[str] = (),
        under: int = 0,
    ) -> tuple[tuple[Unit, datetime | None], ...]:
        """Give the units that the form asks and somebody reported for or headed when due, or that sent a report.

        Those that have ended since the period began are among them, each with the moment of its end.  Where places
        are named, only units of these, and those that name this supervisor.
        """
        u, r = t.units.c, t.roles.c
        complete = day_begins(period.cutoff + timedelta(days=1))
        staffed = exists().where(
            r.place == u.id,
            r.kind.in_(("reporter", "head")),
            r.since < due,
            or_(r.until.is_(None), r.until > begun),
        )
        reported = exists().where(
            t.reports.c.unit == u.id,
            t.reports.c.form == form.id,
            t.reports.c.period == period.code,
            t.reports.c.receipt.is_not(None),
        )
        rows = self._connection.execute(
            select(t.units)
            .where(
                u.kind != "team",
                or_(u.commune.in_(places), u.parent == under) if places else true(),
                or_(u.until.is_(None), u.until > begun),
                or_(and_(staffed, _asked(form), or_(u.since.is_(None), u.since < complete)), reported),
            )
            .order_by(u.commune, u.id)
        )
        return tuple((unit_of(row), row.until) for row in rows)


def _asked(form: Form) -> ColumnElement[bool]:
    """Say that a unit is of a kind that a form asks."""
    u = t.units.c
    here = {"village": u.village != "", "commune": u.village == ""}
    offices = [here[level] for level in form.owed_by if level in here]
    others = [level for level in form.owed_by if level not in here]
    return or_(u.kind.in_(others), and_(u.kind == "office", or_(false(), *offices)))


def found(connection: Connection, form: str, period: str) -> list[Shown]:
    """Give a period as each province has published it, withdrawn ones among them."""
    rows = connection.execute(
        select(_p.unit, _p.number, _p.at, _p.withdrawn)
        .where(_p.form == form, _p.period == period)
        .order_by(_p.unit, _p.number)
    ).all()
    editions: dict[int, list[Edition]] = {}
    for row in rows:
        editions.setdefault(row.unit, []).append(Edition(row.number, row.at, row.withdrawn))
    shown = []
    for unit, kept in editions.items():
        content = StoredPublications(connection, kept[-1].at).shown(unit, form, period)
        if content is not None:
            shown.append(Shown(unit, tuple(kept), content))
    return shown


def listed(connection: Connection) -> list[Shown]:
    """Give every period that is shown now, the newest first."""
    newest = (
        select(_p.unit, _p.form, _p.period, func.max(_p.number).label("number"))
        .group_by(_p.unit, _p.form, _p.period)
        .subquery()
    )
    rows = connection.execute(
        select(t.publications)
        .join(
            newest,
            and_(
                _p.unit == newest.c.unit,
                _p.form == newest.c.form,
                _p.period == newest.c.period,
                _p.number == newest.c.number,
            ),
        )
        .where(~_p.withdrawn)
    )
    found = [Shown(row.unit, (Edition(row.number, row.at),), _content.decode(row.content)) for row in rows]
    return sorted(found, key=lambda one: (one.content.cutoff, one.content.form, one.unit), reverse=True)


def _of(unit: int, form: str, period: str) -> tuple[Any, ...]:
    return _p.unit == unit, _p.form == form, _p.period == period
