"""Lists of offices, villages and teams, judged by what is known already."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, update

from bot.lists.kinds import VILLAGE, Entry, Problem, begins, ends, label
from bot.lists.known import Known
from bot.store import tables as t
from handlers.rules.reporting import local_day
from handlers.rules.routing import same_village
from handlers.text import Text, _, as_is
from knowledge.folding import fold
from knowledge.places import Places

SPLIT = re.compile(r"[+;]")  # between the villages of a team; a table program parts columns with the second


class Judged:
    """What a list of places changes, ready to be written."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notices: list[Text] = []
        self.new: list[dict[str, Any]] = []  # rows of the list's own table
        self.altered: list[dict[str, Any]] = []  # with "its_id"
        self.table: Any = t.units
        self.above: list[tuple[int, int]] = []  # units and what supervises them, numbered as below
        # What became something else, and what teams cover: numbers of rows known, or places in `new` below 0.
        self.became: list[tuple[int, int]] = []
        self.covered: list[tuple[int, int, datetime | None]] = []  # team, village, since
        self.uncovered: list[int] = []  # rows of `covers`
        self._touched: set[int] = set()

    @property
    def added(self) -> int:
        """Count new rows."""
        return len(self.new)

    @property
    def changed(self) -> int:
        """Count known rows that change."""
        return len(self._touched)

    def put(self, values: dict[str, Any]) -> int:
        """Note a new row; give the number that stands for it until it has one."""
        self.new.append(values)
        return -len(self.new)

    def alter(self, row: Any, values: dict[str, Any]) -> None:
        """Note what of a known row changes; an own code that is known is not lost where the list has none."""
        changed = {
            name: value
            for name, value in values.items()
            if getattr(row, name) != value and (name != "key" or value)
        }
        if changed:
            self.altered.append(
                {"its_id": row.id, **{name: getattr(row, name) for name in values}, **changed}
            )
            self.touch(row.id)

    def touch(self, number: int) -> None:
        """Note that something about a known row changes."""
        if number > 0:
            self._touched.add(number)

    def write(self, connection: Connection, now: datetime) -> None:
        """Write all of it within one transaction."""
        made: list[int] = []
        if self.new:
            made = list(
                connection.scalars(
                    insert(self.table).returning(self.table.c.id, sort_by_parameter_order=True), self.new
                )
            )
        if self.altered:
            names = [name for name in self.altered[0] if name != "its_id"]
            connection.execute(
                update(self.table)
                .where(self.table.c.id == bindparam("its_id"))
                .values({name: bindparam(f"its_{name}") for name in names}),
                [
                    {"its_id": row["its_id"], **{f"its_{name}": row[name] for name in names}}
                    for row in self.altered
                ],
            )

        def number(stands_for: int) -> int:
            return made[-stands_for - 1] if stands_for < 0 else stands_for

        if self.above:
            connection.execute(
                update(t.units)
                .where(t.units.c.id == bindparam("its_id"))
                .values(parent=bindparam("its_parent")),
                [{"its_id": number(one), "its_parent": number(over)} for one, over in self.above],
            )
        if self.became:
            connection.execute(
                update(self.table)
                .where(self.table.c.id == bindparam("its_id"))
                .values(became=bindparam("its_heir")),
                [{"its_id": number(old), "its_heir": number(new)} for old, new in self.became],
            )
        if self.uncovered:
            connection.execute(update(t.covers).where(t.covers.c.id.in_(self.uncovered)).values(until=now))
        if self.covered:
            team = number if self.table is t.units else int
            village = number if self.table is t.villages else int
            connection.execute(
                insert(t.covers),
                [{"unit": team(one), "village": village(other), "since": since}
                 for one, other, since in self.covered],
            )  # fmt: skip


class Atlas:
    """Communes and provinces by what a cell says; each spelling is looked up once."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._found: dict[str, tuple[str, Problem | None]] = {}

    def either(self, entry: Entry, kind: Any) -> tuple[str, Problem | None]:
        """Give the code of a province where the cell is one, else of a commune."""
        code, problem = self.province(entry, kind)
        return (code, problem) if problem is None else self.commune(entry, kind)

    def commune(self, entry: Entry, kind: Any) -> tuple[str, Problem | None]:
        return self._look("commune", entry, kind)

    def province(self, entry: Entry, kind: Any) -> tuple[str, Problem | None]:
        return self._look("province", entry, kind)

    def _look(self, what: str, entry: Entry, kind: Any) -> tuple[str, Problem | None]:
        cell = entry["place"]
        key = f"{what} {cell}"
        if key not in self._found:
            self._found[key] = self._commune(cell, kind) if what == "commune" else self._province(cell, kind)
        code, problem = self._found[key]
        return code, msgspec.structs.replace(problem, row=entry.row) if problem else None

    def _commune(self, cell: str, kind: Any) -> tuple[str, Problem | None]:
        code = cell.zfill(5) if cell.isdigit() else ""  # a table program takes the leading nought away
        if code and self._places.commune(code):
            return code, None
        matches = self._places.find(cell)
        if not code and matches.one is not None and not matches.rest:
            return matches.one.code, None
        several = matches.total > 1 and not code
        return "", Problem(
            0,
            label(kind, "place"),
            (_("“{cell}” may be several communes.") if several else _("“{cell}” is no commune of today."))(
                cell=as_is(cell)
            ),
            _("Write its name with the province, or its official code of five digits."),
        )

    def _province(self, cell: str, kind: Any) -> tuple[str, Problem | None]:
        code = cell.zfill(2) if cell.isdigit() else ""
        if code and self._places.province(code):
            return code, None
        named = fold(cell.removeprefix("tỉnh").removeprefix("thành phố").removeprefix("TP."))
        for province in self._places.provinces:
            if fold(province.name) == named:
                return province.code, None
        return "", Problem(
            0,
            label(kind, "place"),
            _("“{cell}” is no province of today.")(cell=as_is(cell)),
            _("Write its name, or its official code of two digits."),
        )


class _Rows:
    """Known rows of one table, found by the office's own code or by place and name, and each only once."""

    def __init__(self, kind: Any, rows: list[Any], judged: Judged) -> None:
        self._kind = kind
        self._judged = judged
        self._by_key = {row.key: row for row in rows if row.key}
        self._by_name: dict[tuple[str, str], list[Any]] = defaultdict(list)
        self._there: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            self._by_name[row.commune, fold(row.name)].append(row)
            self._there[row.commune].append(row)
        self._taken: dict[Any, int] = {}  # by what it is, the row of the list

    def match(self, entry: Entry, place: str) -> Any | None:
        """Give the known row that a row of the list is about; None for a new one."""
        row = self._by_key.get(entry["key"]) if entry["key"] else None
        if row is None:
            named = self._by_name[place, fold(entry["name"])] or [
                other
                for other in self._there[place]
                if other.key == "" and self._kind == "villages" and same_village(other.name, entry["name"])
            ]
            # Two villages of one name have codes of their own; a row that has another code is another one.
            free = [
                other
                for other in named
                if not (entry["key"] and (other.key or ("row", other.id) in self._taken))
            ]
            lasting = [other for other in free if other.until is None]
            row = next(iter(lasting or free), None)
        return row

    def of_village(self, place: str, village: str) -> Any | None:
        """Give the known office of a village that is called by another of its names; None where there is none."""
        here = [row for row in self._there[place] if village and row.village and row.until is None]
        return next((row for row in here if not row.key and same_village(row.village, village)), None)

    def once(self, entry: Entry, place: str, row: Any | None) -> None:
        """Note a problem where another row of the list is about the same."""
        same: list[Any] = [("key", entry["key"])] if entry["key"] else [("name", place, fold(entry["name"]))]
        if row is not None:
            same.append(("row", row.id))
        for one in same:
            if one in self._taken:
                self._judged.problems.append(
                    Problem(
                        entry.row,
                        label(self._kind, "key" if one[0] == "key" else "name"),
                        _("It is the same as row {other}.")(other=as_is(str(self._taken[one]))),
                        _("Remove one of the two, or give each a code of its own."),
                    )
                )
                return
        self._taken |= dict.fromkeys(same, entry.row)


def units(entries: list[Entry], known: Known, places: Places, now: datetime) -> Judged:
    """Judge a list of the units of communes and provinces, and of what stands beside their offices."""
    judged, atlas = Judged(), Atlas(places)
    rows = _Rows("units", [row for row in known.units if row.kind != "team"], judged)
    there, offices = _Supervising(known, places), _Offices(known, places, now)
    numbers: dict[int, int] = {}  # by row of the list
    for entry in entries:
        level = entry["level"]
        if not (level and entry["place"] and entry["name"]):
            continue  # told already
        look = atlas.province if level == "province" else atlas.commune
        place, problem = (look if level in ("province", "office", VILLAGE) else atlas.either)(entry, "units")
        if problem:
            judged.problems.append(problem)
            continue
        kind = "office" if level == VILLAGE else level
        village = _village_in(entry["name"], places) if level == VILLAGE else ""
        row = rows.match(entry, place)
        if row is None and kind == "office":
            row = rows.of_village(place, village) if village else offices.same(entry, place)
        rows.once(entry, place, row)
        values = {
            "kind": kind,
            "name": entry["name"],
            "key": entry["key"],
            "commune": place,
            "village": village,
            "since": begins(entry["since"]) if row is None or "since" in entry.values else row.since,
            "until": ends(entry["until"]),
        }
        if row is None:
            numbers[entry.row] = judged.put(values)
        else:
            judged.alter(row, values)
            numbers[entry.row] = row.id
        there.add(entry, place, numbers[entry.row])
        offices.add(entry, place, numbers[entry.row], own=kind == "office" and not village)
    judged.problems += offices.second()
    _supervised(entries, numbers, there, known, judged)
    _replaced(entries, numbers, there, known, judged)
    return judged


def _village_in(name: str, places: Places) -> str:
    """Give the village of an office that is called by it, perhaps with its commune behind."""
    matches = places.find(name)
    return matches.rest if matches.one is not None and matches.rest else name


class _Offices:
    """The communes' own offices: each has one, since a second would count as a commune among the communes."""

    def __init__(self, known: Known, places: Places, now: datetime) -> None:
        self._places = places
        self._known: dict[str, list[Any]] = defaultdict(list)
        self._here: dict[str, dict[int, str]] = defaultdict(dict)  # by commune, number and name
        self._new: list[tuple[Entry, str, int]] = []
        for row in known.units:
            if row.kind == "office" and not row.village and (row.until is None or row.until > now):
                self._known[row.commune].append(row)
                self._here[row.commune][row.id] = row.name

    def same(self, entry: Entry, place: str) -> Any | None:
        """Give the known office where it and a row both bear the commune's name: xã Ứng Hòa, UBND xã Ứng Hòa."""
        if entry["until"] or not self._plain(entry["name"], place):
            return None
        free = [row for row in self._known[place] if not (entry["key"] and row.key)]
        return next((row for row in free if self._plain(row.name, place)), None)

    def _plain(self, name: str, place: str) -> bool:
        commune = self._places.commune(place)
        said = re.sub(r"^(?:ubnd|uy ban nhan dan) ", "", fold(name))
        return commune is not None and said in (
            fold(self._places.label(commune)),
            fold(self._places.label(commune).rpartition(", ")[0]),
        )

    def add(self, entry: Entry, place: str, number: int, *, own: bool) -> None:
        """Note a row of the list."""
        self._here[place].pop(number, None)
        if own and not entry["until"]:
            self._here[place][number] = entry["name"]
            if number < 0 or all(row.id != number for row in self._known[place]):
                self._new.append((entry, place, number))

    def second(self) -> list[Problem]:
        """Give the rows that make a second office in a commune."""
        found = []
        for entry, place, number in self._new:
            others = [name for one, name in self._here[place].items() if one != number]
            if others:
                found.append(
                    Problem(
                        entry.row,
                        label("units", "level"),
                        _("That commune has its office already: {other}.")(other=as_is(others[0])),
                        _(
                            "Write what it is beside that, such as department, union or school; or end the other."
                        ),
                    )
                )
        return found


def _supervised(
    entries: list[Entry], numbers: dict[int, int], there: _Supervising, known: Known, judged: Judged
) -> None:
    """Note what supervises each unit of the list; where the cell is empty, its place says it."""
    before = {row.id: row.parent for row in known.units}
    after = dict(before)
    named = [entry for entry in entries if entry.row in numbers and "parent" in entry.values]
    for entry in named:
        over = there.find(entry, numbers[entry.row]) if entry["parent"] else 0
        if isinstance(over, Problem):
            judged.problems.append(over)
        else:
            after[numbers[entry.row]] = over
    round_again = (
        _("“{cell}” would be above and below it at once."),
        _("Name a unit that does not report to this one."),
    )
    for entry in named:
        if _changed(entry, "parent", numbers[entry.row], (before, after), round_again, judged):
            judged.above.append((numbers[entry.row], after[numbers[entry.row]]))


def _replaced(
    entries: list[Entry], numbers: dict[int, int], there: _Supervising, known: Known, judged: Judged
) -> None:
    """Note what took the place of units that have ended; an empty cell leaves what is known."""
    before = {row.id: row.became for row in known.units}
    after = dict(before)
    named = [entry for entry in entries if entry.row in numbers and entry["became"]]
    for entry in named:
        heir = there.find(entry, numbers[entry.row], "became")
        if isinstance(heir, Problem):
            judged.problems.append(heir)
        elif not entry["until"]:
            judged.problems.append(
                Problem(
                    entry.row,
                    label("units", "until"),
                    _("It became “{cell}”, and has no last day.")(cell=as_is(entry["became"])),
                    _("Write its last day, or leave out what it became."),
                )
            )
        else:
            after[numbers[entry.row]] = heir
    round_again = (
        _("“{cell}” would in the end become this one again."),
        _("Name the unit that is there now."),
    )
    for entry in named:
        if _changed(entry, "became", numbers[entry.row], (before, after), round_again, judged):
            judged.became.append((numbers[entry.row], after[numbers[entry.row]]))


def _changed(
    entry: Entry,
    column: str,
    number: int,
    leads_to: tuple[dict[int, int], dict[int, int]],
    round_again: tuple[Text, Text],
    judged: Judged,
) -> bool:
    """Say whether a row leads a unit to another one than before; where it would come back to itself, note that."""
    before, after = leads_to
    if after.get(number, 0) == before.get(number, 0):
        return False
    if _circles(number, after):
        wrong, remedy = round_again
        judged.problems.append(
            Problem(entry.row, label("units", column), wrong(cell=as_is(entry[column])), remedy)
        )
        return False
    judged.touch(number)
    return True


def _circles(number: int, leads_to: dict[int, int]) -> bool:
    """Say whether following one number after the other comes to one that was passed."""
    over, seen = leads_to[number], {number}
    while over and over not in seen:
        seen.add(over)
        over = leads_to.get(over, 0)
    return bool(over)


class _Supervising:
    """Units by what a cell of another row calls them: by code, else by name, those of the same place first."""

    def __init__(self, known: Known, places: Places) -> None:
        self._places = places
        self._by_key: dict[str, int] = {}
        self._by_name: dict[str, dict[int, str]] = defaultdict(dict)  # number and place
        self._place: dict[int, str] = {}
        self._ended: set[int] = set()
        for row in known.units:
            if row.kind != "team":
                self._put(row.key, row.name, row.commune, row.id)
                if row.until is not None:
                    self._ended.add(row.id)

    def _put(self, key: str, name: str, place: str, number: int) -> None:
        self._place[number] = place
        if key:
            self._by_key[key] = number
        commune = self._places.commune(place)
        names = {fold(name), fold(f"{name}, {self._places.label(commune)}") if commune else fold(name)}
        for one in names:
            self._by_name[one][number] = place

    def add(self, entry: Entry, place: str, number: int) -> None:
        """Note a row of the list, which may end or begin anew what was known."""
        self._put(entry["key"], entry["name"], place, number)
        (self._ended.add if entry["until"] else self._ended.discard)(number)

    def find(self, entry: Entry, number: int, column: str = "parent") -> int | Problem:
        """Give the unit that a cell of a row means, or what is wrong with it."""
        cell, where = entry[column], label("units", column)
        found = [self._by_key[cell]] if cell in self._by_key else self._named(cell, number)
        if column == "became":
            found = [one for one in found if one != number] or found  # merged under the name of one of them
        if len(found) > 1:
            return Problem(
                entry.row,
                where,
                _("There are {n} of the name “{cell}”.")(n=len(found), cell=as_is(cell)),
                _("Write its code."),
            )
        if not found:
            return Problem(
                entry.row,
                where,
                _("There is no unit “{cell}”.")(cell=as_is(cell)),
                _("Put it into this list as well, or correct its code or name."),
            )
        if found[0] in self._ended and not entry["until"]:
            return Problem(
                entry.row,
                where,
                _("“{cell}” has ended.")(cell=as_is(cell)),
                _("Name what supervises it now, or end it as well."),
            )
        return found[0]

    def _named(self, cell: str, number: int) -> list[int]:
        named = self._by_name[fold(cell)]
        own = self._place[number]
        lasting = [one for one in named if one not in self._ended] or list(named)
        commune = self._places.commune(own)
        for near in (own, commune.province if commune else own):
            if here := [one for one in lasting if named[one] == near]:
                return here
        return lasting


def villages(entries: list[Entry], known: Known, places: Places, now: datetime) -> Judged:
    """Judge a list of villages and residential groups."""
    judged, atlas = Judged(), Atlas(places)
    judged.table = t.villages
    rows, edited = _Rows("villages", known.villages, judged), _Edited(known)
    numbers: dict[int, int] = {}  # by row of the list
    there = Villages(known)
    located: dict[int, str] = {}
    for entry in entries:
        if not (entry["place"] and entry["name"]):
            continue
        place, problem = atlas.commune(entry, "villages")
        if problem:
            judged.problems.append(problem)
            continue
        row = rows.match(entry, place)
        row, outdated = edited.today(entry, row)
        rows.once(entry, place, row)
        values = {
            "name": entry["name"],
            "key": entry["key"],
            "commune": place,
            "since": begins(entry["since"]) or edited.since(row),
            "until": ends(entry["until"]),
        }
        if row is None:
            numbers[entry.row] = judged.put(values)
        elif outdated is not None:
            judged.notices.append(outdated)
            continue
        else:
            judged.alter(row, values)
            numbers[entry.row] = row.id
        located[entry.row] = place
        there.add(place, entry["key"], entry["name"], numbers[entry.row])
    heirs = {row.id: row.became for row in known.villages}
    covered = {village for team in known.covers.values() for village in team}
    for entry in entries:
        if not entry["became"] or entry.row not in numbers:
            continue
        old, heir = numbers[entry.row], there.find(located[entry.row], entry["became"])
        if heir is None or heir == old:
            judged.problems.append(
                Problem(
                    entry.row,
                    label("villages", "became"),
                    _("There is no other village “{cell}” in that commune.")(cell=as_is(entry["became"])),
                    _("Put that village into the list as well, or correct its code or name."),
                )
            )
        elif heirs.get(old) != heir:
            judged.became.append((old, heir))
            judged.touch(old)
            # Whoever helped there helps in what it became, until the list of teams says otherwise.
            for team, places_ in known.covers.items():
                if old in places_ and heir not in covered:
                    judged.covered.append((team, heir, ends(entry["until"])))
                    covered.add(heir)
    return judged


_ENDED = _("Row {row}: “{name}” ended on {day}, as somebody wrote in the chat. It stays so.")
_BECAME = _("Row {row}: “{name}” became “{heir}” on {day}, as somebody wrote in the chat. It stays so.")


class _Edited:
    """What the chat has changed in the list of villages, which an older file does not know."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._rows = {row.id: row for row in known.villages}
        self._before: dict[int, list[Any]] = defaultdict(list)  # what the chat has ended, by what it became
        self._again: dict[tuple[str, str], Any] = {}  # what the chat has begun and not ended, by name
        for row in known.villages:
            if row.id in known.ended and row.became:
                self._before[row.became].append(row)
            if row.id in known.begun and row.id not in known.ended:
                self._again[row.commune, fold(row.name)] = row

    def today(self, entry: Entry, row: Any | None) -> tuple[Any | None, Text | None]:
        """Give the village that a row of the list is about today; a sentence too where the row is older than that."""
        if row is None or entry["until"]:
            return row, None
        named = fold(entry["name"])
        if row.id in self._known.ended:
            if again := self._again.get((row.commune, named)):
                return again, None  # the list calls it by its new name as well
            heir = self._heir(row)
            return row, self._told(_ENDED if heir is None else _BECAME, entry, row, heir)
        for old in self._before[row.id]:
            if fold(old.name) == named != fold(row.name):
                return row, self._told(_BECAME, entry, old, row)
        return row, None

    def since(self, row: Any | None) -> datetime | None:
        """Give the first day that the chat has written, which a list without one leaves as it is."""
        return row.since if row is not None and row.id in self._known.begun else None

    def _heir(self, row: Any) -> Any | None:
        heir = self._rows.get(row.became)
        while heir is not None and heir.became and heir.until is not None:
            heir = self._rows.get(heir.became)
        return heir

    def _told(self, outdated: Text, entry: Entry, old: Any, heir: Any | None) -> Text:
        return outdated(
            row=as_is(str(entry.row)),
            name=as_is(old.name),
            heir=as_is(heir.name if heir is not None else ""),
            day=local_day(old.until),
        )


class Villages:
    """Villages by what a cell of another row calls them."""

    def __init__(self, known: Known) -> None:
        self._by_key: dict[tuple[str, str], int] = {}
        self._names: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._ended: dict[tuple[str, str], Any] = {}
        self._rows = {row.id: row for row in known.villages}
        for row in known.villages:
            if row.until is None:
                self.add(row.commune, row.key, row.name, row.id)
                continue
            self._ended[row.commune, fold(row.name)] = row
            if row.key:
                self._by_key.setdefault((row.commune, row.key), row.id)

    def add(self, commune: str, key: str, name: str, number: int) -> None:
        if key:
            self._by_key[commune, key] = number
        if number not in self._names[commune][fold(name)]:
            self._names[commune][fold(name)].append(number)

    def find(self, commune: str, cell: str) -> int | None:
        """Give the village that a cell means by code or name; None where it is none, or not clear."""
        if (commune, cell) in self._by_key:
            return self._by_key[commune, cell]
        names = self._names[commune]
        found = names.get(fold(cell)) or [
            number for name, numbers in names.items() if same_village(name, cell) for number in numbers
        ]
        return found[0] if len(set(found)) == 1 else None

    def helped(self, commune: str, cell: str) -> int | None:
        """Give the village in which a team helps by this name, or by an old one; one that has ended may be it."""
        found = self.find(commune, cell)
        row = self._rows.get(found) if found is not None else self._ended.get((commune, fold(cell)))
        while row is not None and row.became and row.until is not None:
            row = self._rows.get(row.became)
        return row.id if row is not None else found


def teams(entries: list[Entry], known: Known, places: Places, now: datetime) -> Judged:
    """Judge a list of teams with the villages in which they help."""
    judged, atlas = Judged(), Atlas(places)
    rows = _Rows("teams", [row for row in known.units if row.kind == "team"], judged)
    there = Villages(known)
    names = {row.id: row.name for row in known.villages}
    lasting = {row.id for row in known.villages if row.until is None}
    for entry in entries:
        if not (entry["place"] and entry["name"]):
            continue
        place, problem = atlas.commune(entry, "teams")
        if problem:
            judged.problems.append(problem)
            continue
        row = rows.match(entry, place)
        rows.once(entry, place, row)
        covers = _covers(entry, place, there, lasting, judged)
        values = {
            "name": entry["name"],
            "key": entry["key"],
            "commune": place,
            "village": names[covers[0]] if len(covers) == 1 else "",
            "until": ends(entry["until"]),
        }
        if row is None:
            number, before = judged.put({"kind": "team", **values}), {}
        else:
            judged.alter(row, values)
            number, before = row.id, known.covers.get(row.id, {})
        for village in covers:
            if village not in before:
                judged.covered.append((number, village, None))
                judged.touch(number)
        for village, cover in before.items():
            if village not in covers and (village in lasting or not covers):
                judged.uncovered.append(cover.id)
                judged.touch(number)
    return judged


def _covers(entry: Entry, place: str, there: Villages, lasting: set[int], judged: Judged) -> list[int]:
    """Give the villages that a team's row names; where it names none, that of the team's own name."""
    if not entry["covers"]:
        own = there.helped(place, entry["name"])
        return [] if own is None else [own]
    found: list[int] = []
    for part in filter(None, (part.strip() for part in SPLIT.split(entry["covers"]))):
        village = there.helped(place, part)
        if village is None or (village not in lasting and there.find(place, part) is None):
            judged.problems.append(
                Problem(
                    entry.row,
                    label("teams", "covers"),
                    _("There is no village “{cell}” in that commune.")(cell=as_is(part)),
                    _("Import the list of villages first, or correct its code or name."),
                )
            )
        elif village not in found:
            found.append(village)
    return found
