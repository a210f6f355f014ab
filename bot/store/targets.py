"""Keeps what `handlers.records.targets.Targets` asks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from bot.store import tables as t
from bot.store.database import Stale
from handlers.records.reports import Decision
from handlers.records.targets import Aim, Figure, Happened, Target

_decode = msgspec.json.Decoder(Target).decode
_encode = msgspec.json.Encoder().encode


class StoredTargets:
    """Targets inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def keep(self, target: Target, by: int) -> Target:
        """Keep a new target; give it with its number."""
        target = msgspec.structs.replace(target, version=1)
        number = self._connection.scalar(
            insert(t.targets).values(**_columns(target)).returning(t.targets.c.id)
        )
        target = msgspec.structs.replace(target, id=number)
        self._happened(target, "set", by, "")
        return target

    def one(self, number: int) -> Target | None:
        """Give the target with this number."""
        row = self._connection.execute(select(t.targets).where(t.targets.c.id == number)).first()
        return target_of(row) if row else None

    def hold(self, number: int) -> Target | None:
        """Give the target with this number; nobody else changes it, or its figures, before the turn ends."""
        row = self._connection.execute(
            select(t.targets).where(t.targets.c.id == number).with_for_update()
        ).first()
        return target_of(row) if row else None

    def save(self, target: Target, what: str, by: int, detail: str) -> Target:
        """Keep a change over the version that was read, and what was changed; Stale when it is old."""
        after = msgspec.structs.replace(target, version=target.version + 1)
        changed = self._connection.execute(
            update(t.targets)
            .where(t.targets.c.id == target.id, t.targets.c.version == target.version)
            .values(**_columns(after))
        )
        if changed.rowcount == 0:
            raise Stale(f"target {target.id}")
        self._happened(after, what, by, detail)
        return after

    def _happened(self, target: Target, what: str, by: int, detail: str) -> None:
        self._connection.execute(
            insert(t.target_events).values(target=target.id, at=self._now, what=what, by=by, detail=detail)
        )

    def of_communes(self, communes: tuple[str, ...], since: date) -> tuple[Target, ...]:
        """Give what runs there and does not end before that day, in the order in which it was set."""
        c = t.targets.c
        rows = self._connection.execute(
            select(t.targets)
            .where(c.commune.in_(communes), text("state = 'running'"), c.last >= since.isoformat())
            .order_by(c.id)
        )
        return tuple(map(target_of, rows))

    def under_way(self, day: date) -> tuple[str, ...]:
        """Give the communes in which anything is to be told on a day, in fixed order."""
        c, named = t.targets.c, day.isoformat()
        rows = self._connection.scalars(
            select(c.commune)
            .where(text("state = 'running'"), c.first <= named, c.last >= named)
            .distinct()
            .order_by(c.commune)
        )
        return tuple(rows)

    def history(self, target: int, most: int) -> tuple[Happened, ...]:
        """Give what was done to a target, the newest first."""
        e = t.target_events.c
        rows = self._connection.execute(
            select(t.target_events).where(e.target == target).order_by(e.id.desc()).limit(most)
        )
        return tuple(Happened(row.at, row.what, row.by, row.detail) for row in rows)

    def figures(self, target: int) -> tuple[Figure, ...]:
        """Give the figures that count, one for each place and day, by day and place."""
        f = t.target_figures.c
        newest = select(func.max(f.id)).where(f.target == target).group_by(f.day, f.place)
        rows = self._connection.execute(
            select(t.target_figures).where(f.id.in_(newest)).order_by(f.day, f.place)
        )
        return tuple(map(_figure, rows))

    def figure(self, target: int, place: int, day: date) -> Figure | None:
        """Give the figure that counts of a place and day; None where there is none."""
        f = t.target_figures.c
        row = self._connection.execute(
            select(t.target_figures)
            .where(f.target == target, f.day == day.isoformat(), f.place == place)
            .order_by(f.id.desc())
            .limit(1)
        ).first()
        return _figure(row) if row else None

    def tell(self, target: int, place: int, day: date, value: int, by: int) -> None:
        """Keep a figure; it takes the place of any that is there."""
        row = {"target": target, "place": place, "day": day.isoformat(), "value": value, "by": by}
        self._connection.execute(insert(t.target_figures).values(**row, at=self._now))

    def aims(self, unit: int, form: str) -> dict[str, Aim]:
        """Give what counts of what an office wants its indicators to reach, by their names."""
        c = t.aims.c
        rows = self._connection.execute(select(t.aims).where(c.unit == unit, c.form == form).order_by(c.id))
        found = {
            row.indicator: Aim(row.indicator, row.hundredths, date.fromisoformat(row.last), row.by)
            for row in rows
        }
        return {name: aim for name, aim in found.items() if aim.hundredths}

    def aim(self, unit: int, form: str, aim: Aim) -> None:
        """Keep what an indicator is to reach; it takes the place of any that is there.  Nothing (0) takes it back."""
        row = {**msgspec.structs.asdict(aim), "last": aim.last.isoformat()}
        self._connection.execute(insert(t.aims).values(**row, unit=unit, form=form, at=self._now))

    def follow(self, target: int, person: int) -> bool:
        """Let somebody follow a target; False where they do."""
        if target in self.follows(person):
            return False
        self._connection.execute(
            insert(t.target_followers).values(target=target, person=person, since=self._now)
        )
        return True

    def unfollow(self, target: int, person: int) -> bool:
        """Let somebody follow a target no more; False where they do not."""
        f = t.target_followers.c
        gone = self._connection.execute(
            delete(t.target_followers).where(f.target == target, f.person == person)
        )
        return bool(gone.rowcount)

    def followed(self, since: date) -> tuple[tuple[int, int], ...]:
        """Give who follows what does not end before that day: target and person, in fixed order."""
        f, c = t.target_followers.c, t.targets.c
        rows = self._connection.execute(
            select(f.target, f.person)
            .join(t.targets, c.id == f.target)
            .where(text("state = 'running'"), c.last >= since.isoformat())
            .order_by(f.target, f.person)
        )
        return tuple((row.target, row.person) for row in rows)

    def follows(self, person: int) -> tuple[int, ...]:
        """Give the targets that somebody follows, in fixed order."""
        f = t.target_followers.c
        return tuple(self._connection.scalars(select(f.target).where(f.person == person).order_by(f.target)))

    def decided(self, target: Target, period: str, stage: str, decision: str, reason: str) -> None:
        """Keep what became of a question, or of something told, and why."""
        self._connection.execute(
            insert(t.reminders).values(
                unit=target.unit,
                form=_named(target),
                period=period,
                stage=stage,
                at=self._now,
                decision=decision,
                reason=reason,
            )
        )

    def decisions(self, target: Target, period: str) -> tuple[Decision, ...]:
        """Give what was decided about a target for a day or week, the oldest first."""
        c = t.reminders.c
        rows = self._connection.execute(
            select(t.reminders)
            .where(c.unit == target.unit, c.form == _named(target), c.period == period)
            .order_by(c.id)
        )
        return tuple(Decision(row.stage, row.at, row.decision, row.reason) for row in rows)


def told_by(connection: Connection, person: int) -> list[dict[str, object]]:
    """Give the figures that somebody has told, the oldest first, ready to be exported."""
    f = t.target_figures.c
    rows = connection.execute(select(f.target, f.day, f.value, f.at).where(f.by == person).order_by(f.id))
    return [dict(row) for row in rows.mappings()]


def done_by(connection: Connection, person: int) -> list[dict[str, object]]:
    """Give what somebody has done to targets, the oldest first, ready to be exported."""
    e = t.target_events.c
    rows = connection.execute(select(e.target, e.what, e.detail, e.at).where(e.by == person).order_by(e.id))
    return [dict(row) for row in rows.mappings()]


def aimed_by(connection: Connection, person: int) -> list[dict[str, object]]:
    """Give what somebody wanted indicators to reach, the oldest first, ready to be exported."""
    c = t.aims.c
    rows = connection.execute(
        select(c.unit, c.form, c.indicator, c.hundredths, c.last, c.at).where(c.by == person).order_by(c.id)
    )
    return [dict(row) for row in rows.mappings()]


def followed_by(connection: Connection, person: int) -> list[dict[str, object]]:
    """Give what somebody follows, in fixed order, ready to be exported."""
    f = t.target_followers.c
    rows = connection.execute(select(f.target, f.since).where(f.person == person).order_by(f.target))
    return [dict(row) for row in rows.mappings()]


def sign_over(connection: Connection, old: int, new: int) -> None:
    """Let one number stand for another in all that was told and followed: the two turned out to be one person."""
    f, now = t.target_followers.c, t.target_followers.alias()
    both = select(now.c.target).where(now.c.person == new)
    connection.execute(delete(t.target_followers).where(f.person == old, f.target.in_(both)))
    connection.execute(update(t.target_followers).where(f.person == old).values(person=new))
    _told_by(connection, old, new)


def forget(connection: Connection, person: int) -> None:
    """Let somebody who has had their data erased follow nothing, and what they told and set be nobody's."""
    connection.execute(delete(t.target_followers).where(t.target_followers.c.person == person))
    _told_by(connection, person, 0)


def _told_by(connection: Connection, old: int, new: int) -> None:
    for table in (t.target_figures, t.target_events, t.aims):
        connection.execute(update(table).where(table.c.by == old).values(by=new))


def _named(target: Target) -> str:
    """Give what stands for a target among the decisions, where reports have the name of their form."""
    return f"target-{target.id}"


def target_of(row: Row[Any]) -> Target:
    """Give a target as it is stored."""
    return msgspec.structs.replace(_decode(row.details), id=row.id, version=row.version)


def _figure(row: Row[Any]) -> Figure:
    return Figure(row.id, row.target, row.place, date.fromisoformat(row.day), row.value, row.by, row.at)


def _columns(target: Target) -> dict[str, Any]:
    return {
        "unit": target.unit,
        "commune": target.commune,
        "state": target.state,
        "first": target.first.isoformat(),
        "last": target.last.isoformat(),
        "details": _encode(target).decode(),
        "version": target.version,
    }
