"""A list of targets, judged by what is known already: each row is so much of something in a commune between two days.

A target is known by the office's own code, without one by its commune and name.  What a list has said once, and the
chat has changed since, stays as the chat has it until the list itself says something else.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection

from bot.inbox import put_before
from bot.lists.kinds import Entry, Problem, label
from bot.lists.known import Known
from bot.lists.places import SPLIT, Atlas, Villages
from bot.store.targets import StoredTargets, target_of
from handlers.records.targets import Target
from handlers.rules import daily
from handlers.rules.reporting import local_day
from handlers.talk import Due
from handlers.target_setting import LISTED
from handlers.text import Text, _, as_is
from knowledge.folding import fold
from knowledge.places import Places

FARTHEST = timedelta(days=366)


class Judged:
    """What a list of targets changes, ready to be written."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notices: list[Text] = []
        self.new: list[Target] = []
        self.altered: list[tuple[Target, Target]] = []  # as it was, as it is to be

    @property
    def added(self) -> int:
        """Count new targets."""
        return len(self.new)

    @property
    def changed(self) -> int:
        """Count known ones that change."""
        return len(self.altered)

    def wrong(self, entry: Entry, column: str, what: Text, remedy: Text) -> None:
        """Note what is wrong in a cell."""
        self.problems.append(Problem(entry.row, label("targets", column), what, remedy))

    def write(self, connection: Connection, now: datetime) -> None:
        """Write all of it within one transaction; whoever tells the figures hears of it from the service."""
        stored = StoredTargets(connection, now)
        kept = [("set", stored.keep(target, 0)) for target in self.new]
        for before, after in self.altered:
            detail = msgspec.json.encode(before).decode()
            kept.append(("changed", stored.save(after, "changed", 0, detail)))
        for what, target in kept:
            due = Due(name=LISTED, about=f"target:{target.id}", at=now, facts={"what": what})
            put_before(connection, f"{LISTED}:{target.id}:{target.version}", due, now)


def targets(entries: list[Entry], known: Known, places: Places, now: datetime) -> Judged:
    """Judge a list of targets."""
    judged, atlas, there = Judged(), Atlas(places), Villages(known)
    lasting = {row.id for row in known.villages if row.until is None}
    offices: dict[str, int] = {}
    for unit in known.units:
        if unit.kind == "office" and not unit.village and (unit.until is None or unit.until > now):
            offices.setdefault(unit.commune, unit.id)
    rows, seen = _Targets(known), dict[Any, int]()
    for entry in entries:
        if not all(entry[name] for name in ("place", "name", "goal", "since", "until")):
            continue  # told already
        if entry["until"] < entry["since"]:
            continue  # likewise
        place, problem = atlas.commune(entry, "targets")
        if problem:
            judged.problems.append(problem)
            continue
        if place not in offices:
            judged.wrong(
                entry,
                "place",
                _("That commune has no office here yet."),
                _("Import the list of offices first."),
            )
            continue
        named = ("key", entry["key"]) if entry["key"] else ("name", place, fold(entry["name"]))
        same: list[tuple[str, ...]] = [named]
        before = rows.match(entry, place)
        if before is not None:
            same.append(("known", str(before.id)))
        other = next((seen[one] for one in same if one in seen), 0)
        if other:
            judged.wrong(
                entry,
                "key" if entry["key"] else "name",
                _("It is the same as row {other}.")(other=as_is(str(other))),
                _("Remove one of the two, or give each a code of its own."),
            )
            continue
        seen |= dict.fromkeys(same, entry.row)
        where = _where(entry, place, there, lasting, judged)
        if where is not None:
            _one(entry, _target(entry, place, offices[place], where), before, judged, now)
    return judged


def _one(entry: Entry, target: Target, before: Target | None, judged: Judged, now: datetime) -> None:
    if before is None:
        if _fits(entry, target, judged, ahead=now):
            judged.new.append(target)
        return
    if before.state == "ended":
        judged.notices.append(
            _("Row {row}: “{name}” has been ended. It stays so.")(
                row=as_is(str(entry.row)), name=as_is(before.name)
            )
        )
        return
    key = target.key or before.key
    if before.listed == target.listed and key == before.key:
        return
    after = msgspec.structs.replace(target, id=before.id, version=before.version, unit=before.unit, key=key)
    if before.indicator:  # what a report asks for keeps the report's words
        after = msgspec.structs.replace(
            after, form=before.form, indicator=before.indicator, name=before.name, measure=before.measure
        )
    if msgspec.structs.replace(after, listed=before.listed) == before:
        return
    moved = (after.first, after.last) != (before.first, before.last)
    if _fits(entry, after, judged, ahead=now if moved else None):
        judged.altered.append((before, after))


def _fits(entry: Entry, target: Target, judged: Judged, *, ahead: datetime | None) -> bool:
    """Say whether a target can be; what cannot is noted."""
    before = len(judged.problems)
    if not target.measure:
        judged.wrong(
            entry,
            "measure",
            _("By what it is counted is not told."),
            _("Write one or two words: households, people, files."),
        )
    if entry["base"] and target.counts == "new":
        judged.wrong(
            entry,
            "base",
            _("Only running totals begin with what there was before."),
            _("Remove it, or write “total” in the column on how it is counted."),
        )
    if target.base >= target.goal:
        judged.wrong(
            entry,
            "goal",
            _("The target has to be above the {n} there were before.")(n=target.base),
            _("Correct one of the two numbers."),
        )
    if target.last <= target.first or target.last - target.first > FARTHEST:
        judged.wrong(
            entry,
            "until",
            _("The last day has to be behind the first, and within a year of it."),
            _("Correct one of the two days."),
        )
    elif ahead is not None and target.last < local_day(ahead):
        judged.wrong(entry, "until", _("That day has passed."), _("Write a day to come, or remove the row."))
    return len(judged.problems) == before


def _target(entry: Entry, place: str, office: int, where: tuple[int, ...] | None) -> Target:
    """Give the target of a row; without villages it is every village's, or with WHOLE the commune's as one."""
    counts = entry["counts"] == "total"
    target = Target(
        unit=office,
        commune=place,
        name=entry["name"],
        measure=entry["measure"] or daily.measure_of(entry["name"]),
        goal=int(entry["goal"]),
        base=int(entry["base"] or 0) if counts else 0,
        first=date.fromisoformat(entry["since"]),
        last=date.fromisoformat(entry["until"]),
        every=where == (),
        places=tuple(number for number in where or () if number),
        counts="total" if counts else "new",
        days_off=entry["days"] != "working-days",
    )
    said = msgspec.json.encode(msgspec.structs.replace(target, unit=0))
    return msgspec.structs.replace(target, key=entry["key"], listed=hashlib.sha256(said).hexdigest()[:16])


def _where(
    entry: Entry, place: str, there: Villages, lasting: set[int], judged: Judged
) -> tuple[int, ...] | None:
    """Give the villages that a cell names: () for all of them, (0,) for the commune as one; None where one is none."""
    said = fold(entry["where"])
    if said in ("", "moi thon", "moi thon to", "tat ca", "all", "all villages"):
        return ()
    if said in ("ca xa", "ca phuong", "toan xa", "toan phuong", "ca xa mot so", "commune", "the commune"):
        return (0,)
    found: list[int] = []
    for part in filter(None, (part.strip() for part in SPLIT.split(entry["where"]))):
        village = there.find(place, part)
        if village is None or village not in lasting:
            judged.wrong(
                entry,
                "where",
                _("There is no village “{cell}” in that commune.")(cell=as_is(part)),
                _("Import the list of villages first, or correct its code or name."),
            )
            return None
        if village not in found:
            found.append(village)
    return tuple(found)


class _Targets:
    """Targets known already, by code, and by commune and name."""

    def __init__(self, known: Known) -> None:
        self._by_key: dict[str, Target] = {}
        self._by_name: dict[tuple[str, str], list[Target]] = defaultdict(list)
        for row in known.targets:
            target = target_of(row)
            if target.key:
                self._by_key[target.key] = target
            self._by_name[target.commune, fold(target.name)].append(target)

    def match(self, entry: Entry, place: str) -> Target | None:
        """Give the target that a row is about; None for a new one.

        One that has ended is another campaign's once the row begins on another day, unless it has the code.
        """
        if entry["key"] and (known := self._by_key.get(entry["key"])):
            return known
        named = self._by_name[place, fold(entry["name"])]
        free = [one for one in named if not (entry["key"] and one.key)]
        running = [one for one in free if one.state == "running"]
        ended = [one for one in free if one.first.isoformat() == entry["since"]]
        return next(iter(running or ended), None)
