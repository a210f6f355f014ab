"""Keeps what `handlers.records.rollout.Rollout` asks."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true, update

from bot import codes
from bot.store import tables as t
from bot.store.people import lasting
from handlers.records.people import BODIES
from handlers.records.rollout import Guest, Joining

HOLDS = timedelta(days=30)  # a new code, where the old one had a last day
MARK = 8  # letters of a fingerprint
REMINDED = {
    "office": ("reporter", "head"),
    "team": ("lead", "member"),
    **dict.fromkeys(BODIES, ("reporter", "head")),
}  # who is told what is due, or asked for


class StoredRollout:
    """Invitations and those who came, counted inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def joining(
        self, communes: Collection[str], closes: Mapping[str, int], silent: datetime, asking: int = 0
    ) -> tuple[Joining, ...]:
        """Give how far each team and office of these communes (of all, where none is named) is, in fixed order."""
        u, r, c = t.units.c, t.roles.c, t.contacts.c
        there = and_(
            u.commune.in_(communes) if communes else true(),
            u.kind.in_(tuple(REMINDED)),
            or_(u.until.is_(None), u.until > self._now),
        )
        units = self._connection.execute(
            select(u.id, u.kind, u.name, u.commune).where(there).order_by(u.commune, u.kind, u.id)
        ).all()
        chats = and_(c.conversation == r.person, ~c.gone, c.account.not_in(t.OUTSIDE))
        rows = self._connection.execute(
            select(r.place, r.person, r.kind, c.account, func.max(c.heard).label("heard"))
            .join(t.units, u.id == r.place)
            .outerjoin(t.contacts, chats)
            .where(there, lasting(t.roles, self._now))
            .group_by(r.place, r.person, r.kind, c.account)
        )
        kinds = {row.id: row.kind for row in units}
        heard: dict[int, dict[int, datetime | None]] = {}
        reached: set[int] = set()
        for row in rows:
            known = heard.setdefault(row.place, {})
            last = known.get(row.person)
            known[row.person] = max(filter(None, (last, row.heard)), default=None)
            days = closes.get((row.account or "").partition(":")[0])
            open_ = row.heard is not None and (days is None or row.heard + timedelta(days=days) > self._now)
            if open_ and row.kind in REMINDED[kinds[row.place]]:
                reached.add(row.place)
        invited = self._invited(communes)
        return tuple(
            Joining(
                row.id,
                row.kind,
                row.name,
                row.commune,
                invited.get(row.id, 0),
                len(heard.get(row.id, {})),
                sum(
                    1
                    for person, at in heard.get(row.id, {}).items()
                    if person != asking and (at is None or at < silent)
                ),
                row.id in reached,
            )
            for row in units
        )

    def _invited(self, communes: Collection[str]) -> dict[int, int]:
        i, u = t.invitations.c, t.units.c
        rows = self._connection.execute(
            select(i.place, func.count().label("n"))
            .join(t.units, u.id == i.place)
            .where(self._waiting(), u.commune.in_(communes) if communes else true())
            .group_by(i.place)
        )
        return {row.place: row.n for row in rows}

    def _waiting(self) -> ColumnElement[bool]:
        i = t.invitations.c
        return and_(i.used_by.is_(None), i.staged == "", or_(i.ends.is_(None), i.ends > self._now))

    def guests(self, unit: int) -> tuple[Guest, ...]:
        """Give who is invited to a team or office and has not come, in fixed order."""
        i = t.invitations.c
        rows = self._connection.execute(
            select(t.invitations).where(i.place == unit, self._waiting()).order_by(i.name, i.code)
        )
        return tuple(
            Guest(_mark(row.code), row.code, row.kind, row.name, row.address, row.lang, row.until)
            for row in rows
        )

    def anew(self, guest: Guest) -> str:
        """Give somebody a new code in place of the old one, which holds no more; "" where they have come meanwhile."""
        code = codes.invitation()
        changed = self._connection.execute(
            update(t.invitations)
            .where(t.invitations.c.code == guest.code, t.invitations.c.used_by.is_(None))
            .values(code=code, until=self._now + HOLDS if guest.until else None)
        )
        return code if changed.rowcount else ""


def _mark(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()[:MARK]
