"""Whose requests a command is about: those of a team, a commune, a province, or all."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, or_, select

from bot import clock
from bot.settings import Unusable
from bot.store import tables as t
from bot.units import known_unit
from knowledge.folding import fold
from knowledge.places import Places


class Scope(msgspec.Struct, frozen=True):
    """What is meant; nothing of it for all there are."""

    name: str = ""
    team: int = 0
    communes: tuple[str, ...] = ()  # official codes

    @property
    def about(self) -> str:
        """How the audit names it."""
        if self.team:
            return f"unit {self.team}"
        return "all" if not self.communes else self.communes[0] if len(self.communes) == 1 else self.name


def scope_of(connection: Connection, places: Places, label: str) -> Scope:
    """Read the name, or the key, of a team, office, commune or province; raise Unusable for what is none of them."""
    if not label:
        return Scope()
    u = t.units.c
    now = clock.now()
    current = select(u.id, u.kind, u.name, u.commune, u.key).where(or_(u.until.is_(None), u.until > now))
    found = [
        row
        for row in connection.execute(current.order_by(u.id))
        if row.key == label or fold(row.name) == fold(label)
    ]
    if found:
        return _of(found[0].id, found[0].kind, found[0].name, found[0].commune, places)
    matches = places.find(label)
    if matches.one is not None and not matches.rest:
        return Scope(places.label(matches.one), communes=(matches.one.code,))
    if matches.status == "area" and matches.province and not matches.rest:
        return _of(0, "province", label, matches.province, places)
    unit = known_unit(connection, places, label)
    return _of(unit.id, unit.kind, unit.name, unit.commune, places)


def _of(number: int, kind: str, name: str, commune: str, places: Places) -> Scope:
    if kind == "team":
        return Scope(name, team=number)
    if kind == "province" or places.commune(commune) is None:
        codes = tuple(one.code for one in places.communes_of(commune))
        if not codes:
            raise Unusable(f"“{name}” lies in no commune of today. Name a commune with its province.")
        return Scope(name, communes=codes)
    return Scope(name, communes=(commune,))
