"""Making teams and offices, and inviting people into them, from the command line."""

from __future__ import annotations

import re
from typing import get_args

from rapidfuzz import fuzz
from sqlalchemy import Connection, insert, select

from bot import clock
from bot.settings import Unusable
from bot.store import tables as t
from bot.store.database import Database
from bot.store.people import StoredPeople, lasting, unit_of
from handlers.records.people import BODIES, RoleKind, Unit, UnitKind
from handlers.rules.routing import is_village, same_village
from knowledge.folding import fold
from knowledge.places import Places

TEAM_ROLES = ("member", "lead")
LIKE = 70  # of 100: from here on two names of villages may be one that was misspelt
SHOWN = 3  # names that may be meant
_CALLED: dict[UnitKind, tuple[str, ...]] = {  # how names begin, without accents
    "department": ("so ", "phong ", "chi cuc ", "trung tam "),
    "party": ("dang uy", "tinh uy", "thanh uy", "dang bo "),
    "front": ("uy ban mat tran", "ubmttq", "mttq", "mat tran to quoc"),
    "union": (
        "hoi phu nu",
        "hoi lien hiep",
        "hoi nong dan",
        "hoi cuu chien binh",
        "doan thanh nien",
        "cong doan",
    ),
    "school": ("truong ",),
}
ADDRESSES = ("bác", "cô", "chú", "anh", "chị", "bạn")


def invite_to(database: Database, role: str, unit: str, name: str, *, new: bool = False) -> str:
    """Give the code of a new invitation; raise Unusable where role or place is not understood.

    A place that is not known and called nearly like one that is may be a slip: only `new` makes it.
    """
    kinds: dict[str, RoleKind] = {kind: kind for kind in get_args(RoleKind)}
    if role not in kinds:
        raise Unusable(f"“{role}” is no role. Choose one of: {', '.join(kinds)}.")
    address, bare = called(name)
    places = Places.load()
    with database.write() as connection:
        kind = "team" if role in TEAM_ROLES else "office"
        place = unit_named(connection, places, unit, kind, new=new)
        return StoredPeople(connection, clock.now()).invite(kinds[role], place, bare, address)


def unit_named(connection: Connection, places: Places, label: str, kind: str, *, new: bool = True) -> int:
    """Give the number of the team or office that this names, made when it is new.

    Unless `new`, raise Unusable where it is new and another one is called nearly so.
    """
    kinds = ("office", *BODIES) if kind == "office" else (kind,)
    known: int | None = connection.scalar(
        select(t.units.c.id).where(t.units.c.name == label, t.units.c.kind.in_(kinds))
    )
    if known:
        return known
    matches = places.find(label)
    body = body_called(matches.rest) if kind == "office" else None
    if kind == "office" and matches.status == "area" and matches.province and not matches.rest:
        return province_office(connection, label, matches.province)
    if body and matches.status == "area" and matches.province:
        return _made(connection, body, label, matches.province)
    if matches.one is None:
        raise Unusable(f"“{label}” does not name one commune of today. Add its province.")
    here = select(t.units.c.id, t.units.c.name).where(
        t.units.c.kind.in_(kinds), t.units.c.commune == matches.one.code
    )
    for row in connection.execute(here.order_by(t.units.c.id)):
        rest = places.find(row.name).rest
        if fold(rest) == fold(matches.rest) or same_village(rest, matches.rest):
            return int(
                row.id
            )  # "tổ 7, P. Đông Ngạc" is no second team beside "tổ dân phố 7, phường Đông Ngạc"
    near = () if new else _near(matches.rest, [row.name for row in connection.execute(here)], places)
    if near:
        meant = " or ".join(f"“{name}”" for name in near)
        raise Unusable(
            f"There is no {kind} “{label}” yet. Did you mean {meant}? Write that, or add --new to make another {kind}."
        )
    village = matches.rest if kind == "team" or is_village(matches.rest) else ""
    own = here.where(t.units.c.kind == "office", t.units.c.village == "", lasting(t.units, clock.now()))
    other = connection.execute(own).first() if kind == "office" and not village else None
    if body and (other or body != "department"):  # a department may be all that a commune has as its office
        return _made(connection, body, label, matches.one.code)
    if other and not new:
        raise Unusable(
            f"That commune has its office already: “{other.name}”. Write that name. For a department, union or school "
            "beside it, import a list that says so: toso import units. To have two all the same, add --new."
        )
    number = _made(connection, kind, label, matches.one.code, village)
    if kind == "team" and matches.rest:
        covered = village_named(connection, matches.one.code, matches.rest)
        connection.execute(insert(t.covers).values(unit=number, village=covered))
    return number


def _made(connection: Connection, kind: str, label: str, place: str, village: str = "") -> int:
    number: int | None = connection.scalar(
        insert(t.units).values(kind=kind, name=label, commune=place, village=village).returning(t.units.c.id)
    )
    assert number is not None
    return number


def body_called(name: str) -> UnitKind | None:
    """Give what a unit with such a name is beside the office of its place; None where the name does not tell."""
    typed = fold(name)
    return next((kind for kind, words in _CALLED.items() if typed.startswith(words)), None)


def _near(village: str, known: list[str], places: Places) -> tuple[str, ...]:
    """Give the names, the nearest first, whose village is called nearly like this one; other numbers are others."""
    wanted, numbers = fold(village), re.findall(r"\d+", village)
    likeness = {}
    for name in known:
        other = places.find(name).rest
        if re.findall(r"\d+", other) == numbers and wanted and other:
            likeness[name] = fuzz.ratio(wanted, fold(other))
    near = [name for name, like in likeness.items() if like >= LIKE]
    return tuple(sorted(near, key=lambda name: -likeness[name])[:SHOWN])


def known_unit(connection: Connection, places: Places, label: str) -> Unit:
    """Give the team or office that this names, as in an invitation; raise Unusable where there is none."""
    named = connection.execute(select(t.units).where(t.units.c.name == label).order_by(t.units.c.id)).first()
    if named:
        return unit_of(named)
    matches = places.find(label)
    if matches.one is None:
        raise Unusable(f"“{label}” does not name one commune of today. Add its province.")
    here = connection.execute(
        select(t.units).where(t.units.c.commune == matches.one.code).order_by(t.units.c.id)
    ).all()
    for row in here:
        rest = places.find(row.name).rest
        if fold(rest) == fold(matches.rest) or same_village(rest, matches.rest):
            return unit_of(row)
    known = ", ".join(f"“{row.name}”" for row in here) or "none of that commune"
    raise Unusable(f"There is no team or office “{label}”. Known: {known}.")


def province_office(connection: Connection, label: str, province: str) -> int:
    """Give the number of a province's office, made when it has none."""
    u = t.units.c
    known = connection.scalar(select(u.id).where(u.kind == "province", u.commune == province).order_by(u.id))
    made: int | None = known or connection.scalar(
        insert(t.units).values(kind="province", name=label, commune=province).returning(u.id)
    )
    assert made is not None
    return made


def village_named(connection: Connection, commune: str, name: str) -> int:
    """Give the number of a commune's village, made when it is new."""
    v = t.villages.c
    rows = connection.execute(
        select(v.id, v.name).where(v.commune == commune, lasting(t.villages, clock.now())).order_by(v.id)
    )
    known = next((row.id for row in rows if same_village(row.name, name)), None)
    made: int | None = known or connection.scalar(
        insert(t.villages).values(commune=commune, name=name).returning(v.id)
    )
    assert made is not None
    return made


def villages(database: Database, commune: str) -> tuple[str, ...]:
    """Name the villages of a commune (its code) whose digital team has somebody in it, 2 before 10."""
    now, c, v = clock.now(), t.covers.c, t.villages.c
    staffed = select(t.roles.c.place).where(t.roles.c.kind.in_(TEAM_ROLES), lasting(t.roles, now))
    named = (
        select(v.name)
        .join(t.covers, c.village == v.id)
        .where(v.commune == commune, c.unit.in_(staffed), lasting(t.covers, now), lasting(t.villages, now))
    )
    with database.read() as connection:
        found = set(connection.scalars(named))
    return tuple(sorted(found, key=lambda name: [part.zfill(4) for part in re.split(r"(\d+)", name)]))


def called(name: str) -> tuple[str, str]:
    """Part "Chị Hường" into the form of address and the name."""
    first, _, rest = " ".join(name.split()).partition(" ")
    if rest and first.lower() in ADDRESSES:
        return first.lower(), rest
    return "", f"{first} {rest}".strip()
