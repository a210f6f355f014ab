"""A list of people, judged by what is known already: each row is a role, and an invitation into it.

Somebody is known by the office's own code, without one by telephone and name, else by name and team.  Two who
share a telephone are told of and stay two.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from bot import codes
from bot.lists.kinds import Entry, Problem, begins, ends, label
from bot.lists.known import Known
from bot.store import tables as t
from bot.store.people import person_of
from bot.units import TEAM_ROLES
from handlers.text import Text, _, as_is
from knowledge.folding import fold
from knowledge.places import Places

FIELDS = ("key", "phone", "name", "address", "begins", "ends", "speaks")
STAYS = ("key", "phone", "address", "speaks")  # where the list has none, what is known is not lost
PROVINCIAL = ("head", "officer", "reporter")
ROWS_NAMED = 5


class Judged:
    """What a list of people changes, ready to be written."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notices: list[Text] = []
        self.new: list[dict[str, Any]] = []  # invitations
        self.altered: list[dict[str, Any]] = []  # invitations, by code
        self.spoken: list[str] = []  # those of them whose languages change

    @property
    def added(self) -> int:
        """Count new invitations."""
        return len(self.new)

    @property
    def changed(self) -> int:
        """Count those known already that change."""
        return len(self.altered)

    def write(self, connection: Connection, now: datetime) -> None:
        """Write what of known invitations changes, and when the roles that came of them end."""
        if not self.altered:
            return
        i, r = t.invitations.c, t.roles.c
        connection.execute(
            update(t.invitations)
            .where(i.code == bindparam("its_code"))
            .values({name: bindparam(f"its_{name}") for name in FIELDS}),
            [
                {"its_code": row["code"], **{f"its_{name}": row[name] for name in FIELDS}}
                for row in self.altered
            ],
        )
        _let_speak(connection, self.spoken)
        until = {row["code"]: row["ends"] for row in self.altered}
        used: list[Any] = []
        for start in range(0, len(self.altered), 500):
            some = [row["code"] for row in self.altered[start : start + 500]]
            used += connection.execute(
                select(i.code, i.used_by, i.place, i.kind).where(i.code.in_(some), i.used_by.is_not(None))
            ).all()
        if used:
            # A role that has ended, by its day or by leaving, stays ended.
            connection.execute(
                update(t.roles)
                .where(
                    r.person == bindparam("whose"),
                    r.place == bindparam("where"),
                    r.kind == bindparam("what"),
                    r.until.is_(None) | (r.until > now),
                )
                .values(until=bindparam("ending")),
                [
                    {"whose": row.used_by, "where": row.place, "what": row.kind, "ending": until[row.code]}
                    for row in used
                ],
            )


def _let_speak(connection: Connection, invited: list[str]) -> None:
    """Let those who have come speak what the list says in all their rows, whose invitations these are."""
    i, c = t.invitations.c, t.conversations.c
    for start in range(0, len(invited), 500):
        whose = select(i.used_by).where(i.code.in_(invited[start : start + 500]), i.used_by.is_not(None))
        for number in sorted(set(connection.scalars(whose))):
            stored = connection.scalar(select(c.person).where(c.id == number).with_for_update()) or ""
            said = connection.scalars(select(i.speaks).where(i.used_by == number).order_by(i.code))
            every = dict.fromkeys(name for line in said for name in line.split(", ") if name)
            person = msgspec.structs.replace(person_of(number, stored), speaks=tuple(every))
            encoded = msgspec.json.encode(person).decode()
            connection.execute(update(t.conversations).where(c.id == number).values(person=encoded))


def people(entries: list[Entry], known: Known, places: Places, now: datetime) -> Judged:
    """Judge a list of people."""
    judged, units, there = Judged(), _Units(known, places, now), _People(known)
    seen: dict[Any, int] = {}  # rows of the list, by whom and what they are about
    names: dict[str, tuple[str, int]] = {}  # by own code
    phones: dict[str, dict[str, int]] = defaultdict(dict)  # by number, the rows of each person
    for entry in entries:
        if not (entry["name"] and entry["role"] and entry["unit"]):
            continue
        unit = units.find(entry, judged)
        if unit is None:
            continue
        whose = entry["key"] or fold(entry["name"])
        before = names.setdefault(entry["key"], (fold(entry["name"]), entry.row))
        if entry["key"] and before[0] != fold(entry["name"]):
            judged.problems.append(
                Problem(
                    entry.row,
                    label("people", "key"),
                    _("Row {other} has the same code and another name.")(other=as_is(str(before[1]))),
                    _("Give each person a code of their own."),
                )
            )
            continue
        about = (whose, "" if entry["key"] else entry["phone"], unit.id, entry["role"])
        if about in seen:
            judged.problems.append(
                Problem(
                    entry.row,
                    label("people", "name"),
                    _("It is the same as row {other}.")(other=as_is(str(seen[about]))),
                    _("Remove one of the two, or give each a code of its own."),
                )
            )
            continue
        seen[about] = entry.row
        if entry["phone"]:
            phones[entry["phone"]].setdefault(whose, entry.row)
        _one(entry, unit.id, there, judged, now)
    _shared(phones, there, judged)
    return judged


def _one(entry: Entry, unit: int, there: _People, judged: Judged, now: datetime) -> None:
    until = ends(entry["until"])
    values = {
        "key": entry["key"],
        "phone": entry["phone"],
        "name": entry["name"],
        "address": entry["address"],
        "begins": begins(entry["since"]),
        "ends": until,
        "speaks": entry["speaks"],
    }
    row = there.match(entry, unit)
    if row is not None:
        after = {
            name: getattr(row, name) if name in STAYS and not value else value
            for name, value in values.items()
        }
        if any(getattr(row, name) != value for name, value in after.items()):
            judged.altered.append({"code": row.code, **after})
            if row.speaks != after["speaks"]:
                judged.spoken.append(row.code)
    elif until is None or until > now:
        judged.new.append(
            {
                "code": codes.invitation(),
                "kind": entry["role"],
                "place": unit,
                "lang": "vi",
                **values,
            }
        )


def _shared(phones: dict[str, dict[str, int]], there: _People, judged: Judged) -> None:
    for phone, rows in phones.items():
        others = there.others(phone, set(rows))
        if len(rows) > 1:
            named = ", ".join(str(row) for row in list(rows.values())[:ROWS_NAMED])
            judged.notices.append(
                _("Rows {rows} share a telephone; they are kept as different people.")(rows=as_is(named))
            )
        elif others:
            judged.notices.append(
                _("Row {row} has the telephone of {name}, known already; they are kept as different people.")(
                    row=as_is(str(next(iter(rows.values())))), name=as_is(others[0])
                )
            )


class _People:
    """Invitations known already, each matched at most once."""

    def __init__(self, known: Known) -> None:
        self._by: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        self._phones: dict[str, list[Any]] = defaultdict(list)
        self._taken: set[str] = set()
        for row in known.invitations:
            name = fold(row.name)
            if row.key:
                self._by["key", row.key, row.place, row.kind].append(row)
            if row.phone:
                self._by["phone", row.phone, name, row.place, row.kind].append(row)
                self._phones[row.phone].append(row)
            self._by["name", name, row.place, row.kind].append(row)

    def match(self, entry: Entry, unit: int) -> Any | None:
        """Give the invitation that a row is about; None for a new one."""
        name, role = fold(entry["name"]), entry["role"]
        ways: list[tuple[Any, ...]] = [("name", name, unit, role)]
        if entry["phone"]:
            ways.insert(0, ("phone", entry["phone"], name, unit, role))
        if entry["key"]:
            ways.insert(0, ("key", entry["key"], unit, role))
        for way in ways:
            for row in self._by.get(way, ()):
                another = way[0] != "key" and entry["key"] and row.key and row.key != entry["key"]
                number = way[0] == "name" and entry["phone"] and row.phone and row.phone != entry["phone"]
                if row.code not in self._taken and not another and not number:
                    self._taken.add(row.code)
                    return row
        return None

    def others(self, phone: str, whose: set[str]) -> list[str]:
        """Name those known already who have this telephone and are not among these."""
        return [
            row.name
            for row in self._phones.get(phone, ())
            if (row.key or fold(row.name)) not in whose and fold(row.name) not in whose
        ]


class _Units:
    """Teams and offices by what a cell calls them."""

    def __init__(self, known: Known, places: Places, now: datetime) -> None:
        self._by_key: dict[str, Any] = {}
        self._by_name: dict[str, list[Any]] = defaultdict(list)
        for row in known.units:
            if row.until is not None and row.until <= now:
                continue
            if row.key:
                self._by_key[row.key] = row
            commune = places.commune(row.commune)
            place = places.label(commune) if commune else ""
            for name in {fold(row.name), fold(f"{row.name}, {place}"), fold(f"{row.village}, {place}")}:
                self._by_name[name].append(row)

    def find(self, entry: Entry, judged: Judged) -> Any | None:
        """Give the team or office of a row; None where it is none, or not clear, which is told."""
        cell, role = entry["unit"], entry["role"]
        row = self._by_key.get(cell)
        if row is None:
            named = self._by_name.get(fold(cell), [])
            fits = [one for one in named if _fits(one.kind, role)] or named
            if len(fits) > 1:
                what = _("There are {n} of the name “{cell}”.")(n=len(fits), cell=as_is(cell))
                remedy = _("Write its code, or add the commune: thôn Đoài, xã Ứng Hòa, Hà Nội.")
                judged.problems.append(Problem(entry.row, label("people", "unit"), what, remedy))
                return None
            row = fits[0] if fits else None
        if row is None:
            what = _("There is no team or office “{cell}”.")(cell=as_is(cell))
            remedy = _("Import the list of teams or offices first, or correct its code or name.")
            judged.problems.append(Problem(entry.row, label("people", "unit"), what, remedy))
            return None
        if not _fits(row.kind, role):
            what = _("That role does not belong to “{cell}”.")(cell=as_is(cell))
            remedy = _("Members and leads are in teams; reporters, heads and officers in offices.")
            judged.problems.append(Problem(entry.row, label("people", "role"), what, remedy))
            return None
        return row


def _fits(kind: str, role: str) -> bool:
    if kind == "team":
        return role in TEAM_ROLES
    return role in PROVINCIAL if kind == "province" else role not in TEAM_ROLES
