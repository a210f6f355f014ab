"""The five lists: their columns, what a cell may hold, and the template of each.

A cell is judged here by itself; what it means beside others, and in the database, is judged where lists are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import msgspec

from bot.clock import VIETNAM
from bot.lists.sheets import Row, Unreadable
from bot.units import ADDRESSES
from bot.wording import Wording
from handlers.records.people import RoleKind
from handlers.rules import tongues
from handlers.rules.daily import MOST
from handlers.text import Text, _, as_is
from knowledge.folding import fold
from knowledge.languages import LANGUAGES

Kind = Literal["units", "villages", "teams", "people", "targets"]
VILLAGE = "village"  # the office of one; it is kept as an office whose village is known
REMARK = "#"  # begins a row for the reader, which is passed over
_EXCEL = date(1899, 12, 30)  # the day 0 of table programs


class Wrong(Exception):
    """A cell that cannot be kept; says what is wrong and the remedy."""

    def __init__(self, what: Text, remedy: Text) -> None:
        super().__init__(str(what))
        self.what = what
        self.remedy = remedy


class Column(msgspec.Struct, frozen=True):
    """One column: its heading in the template, what belongs into it, and how a cell is read."""

    name: str
    label: Text
    about: Text
    read: Callable[[str], str]  # the value to keep; raises Wrong
    needed: bool = False
    before: Text | None = None  # what the heading was called in older templates


class Problem(msgspec.Struct, frozen=True):
    """What is wrong in one cell, or in the whole file (row 0)."""

    row: int
    column: Text | None
    what: Text
    remedy: Text

    @property
    def text(self) -> Text:
        """Give it in one line, with the remedy."""
        if not self.row:
            return _("{what} {remedy}")(what=self.what, remedy=self.remedy)
        if self.column is None:
            return _("Row {row}: {what} {remedy}")(
                row=as_is(str(self.row)), what=self.what, remedy=self.remedy
            )
        return _("Row {row}, “{column}”: {what} {remedy}")(
            row=as_is(str(self.row)), column=self.column, what=self.what, remedy=self.remedy
        )


class Entry(msgspec.Struct, frozen=True):
    """One row that can be read; what is empty is ""."""

    row: int
    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


# --- what a cell may hold ---


def words(most: int) -> Callable[[str], str]:
    """Accept so many letters."""

    def read(cell: str) -> str:
        if len(cell) > most:
            raise Wrong(_("That is longer than {n} letters.")(n=most), _("Shorten it."))
        return cell

    return read


def phone(cell: str) -> str:
    """Give a telephone number in the form +84912345678, whatever a table program has made of it."""
    digits = re.sub(r"[ .()\-]", "", cell)
    for before in ("+84", "0084", "84", "0", ""):
        rest = digits.removeprefix(before)
        if digits.startswith(before) and re.fullmatch(r"[35789][0-9]{8}|2[0-9]{9}", rest):
            return f"+84{rest}"
    raise Wrong(
        _("“{cell}” is no telephone number of Viet Nam.")(cell=as_is(cell)),
        _("Write it with all its digits, such as 0912 345 678."),
    )


def day(cell: str) -> str:
    """Give a date as 2026-11-20; a bare number is what a table program makes of a date."""
    try:
        if re.fullmatch(r"[2-9][0-9]{4}", cell):
            return (_EXCEL + timedelta(days=int(cell))).isoformat()
        if found := re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", cell):
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        return date.fromisoformat(cell.partition(" ")[0]).isoformat()
    except ValueError:
        raise Wrong(
            _("“{cell}” is no date.")(cell=as_is(cell)), _("Write day/month/year, such as 20/11/2026.")
        ) from None


def begins(day: str) -> datetime | None:
    """Give the moment at which a day begins, in Vietnam; None for no day."""
    return datetime.combine(date.fromisoformat(day), time(0), VIETNAM).astimezone(UTC) if day else None


def ends(day: str) -> datetime | None:
    """Give the first moment after a day; None for no day."""
    return begins((date.fromisoformat(day) + timedelta(days=1)).isoformat()) if day else None


_ROLES: dict[str, RoleKind] = {
    **dict.fromkeys(("to vien", "thanh vien", "tinh nguyen vien", "member", "volunteer"), "member"),
    **dict.fromkeys(("to truong", "truong", "truong nhom", "lead"), "lead"),
    **dict.fromkeys(("nguoi bao cao", "can bo bao cao", "bao cao", "reporter"), "reporter"),
    **dict.fromkeys(("lanh dao", "chu tich", "pho chu tich", "head"), "head"),
    **dict.fromkeys(("phu trach", "can bo phu trach", "can bo", "officer"), "officer"),
}


def role(cell: str) -> str:
    """Give a role by what people call it."""
    if found := _ROLES.get(fold(cell)):
        return found
    raise Wrong(
        _("“{cell}” is no role.")(cell=as_is(cell)),
        _("Write one of: member, lead, reporter, head, officer."),
    )


def address(cell: str) -> str:
    """Give a form of address."""
    if cell.lower() in ADDRESSES:
        return cell.lower()
    raise Wrong(
        _("“{cell}” is no form of address.")(cell=as_is(cell)),
        _("Write one of: {forms}, or leave it empty.")(forms=as_is(", ".join(ADDRESSES))),
    )


def languages(cell: str) -> str:
    """Give the languages beside Vietnamese that a cell names, as they are kept: "Tày, Mông"."""
    told = tongues.listed(cell)
    if told.unknown:
        raise Wrong(
            _("Tổ Số does not know the language “{cell}”.")(cell=as_is(told.unknown[0])),
            _("Write those of the list: {names}.")(names=as_is(", ".join(tongues.TONGUES))),
        )
    return words(200)(", ".join(told.tongues))


def amount(cell: str) -> str:
    """Give a whole number, whatever parts its thousands."""
    digits = re.sub(r"(?<=\d)[.,  ](?=\d{3}(?:\D|$))", "", cell)
    if re.fullmatch(r"\d{1,12}", digits) and int(digits) <= MOST:
        return str(int(digits))
    raise Wrong(
        _("“{cell}” is no whole number.")(cell=as_is(cell)), _("Write digits alone, such as 500 or 1.500.")
    )


def goal(cell: str) -> str:
    """Give how much is wanted: a whole number above 0."""
    if (number := amount(cell)) == "0":
        raise Wrong(_("0 is no target."), _("Write how much is wanted, such as 500."))
    return number


def counts(cell: str) -> str:
    """Give whether a day's figure is what is new, or all there are by then."""
    typed = fold(cell)
    if typed in ("moi", "so moi", "moi trong ngay", "new"):
        return "new"
    if typed in ("tong", "tong so", "luy ke", "total"):
        return "total"
    raise Wrong(
        _("“{cell}” does not tell how it is counted.")(cell=as_is(cell)),
        _("Write: new, or total. Empty: new."),
    )


def which_days(cell: str) -> str:
    """Give whether days off count as well."""
    typed = fold(cell)
    if typed in ("moi ngay", "ca ngay nghi", "every day", "all days"):
        return "all-days"
    if typed in ("ngay lam viec", "chi ngay lam viec", "working days"):
        return "working-days"
    raise Wrong(
        _("“{cell}” does not tell which days count.")(cell=as_is(cell)),
        _("Write: every day, or working days. Empty: every day."),
    )


_LEVELS = {
    **dict.fromkeys(("xa", "phuong", "dac khu", "xa phuong", "commune", "ward"), "office"),
    **dict.fromkeys(("tinh", "thanh pho", "tinh thanh pho", "province", "city"), "province"),
    **dict.fromkeys(
        ("thon", "to dan pho", "thon to dan pho", "ban", "ap", "khu pho", "village", "residential group"),
        VILLAGE,
    ),
    **dict.fromkeys(("so ban nganh", "so", "nganh", "phong", "phong ban", "department"), "department"),
    **dict.fromkeys(("cap uy", "dang uy", "tinh uy", "thanh uy", "party committee", "party"), "party"),
    **dict.fromkeys(("mat tran", "mat tran to quoc", "mttq", "front"), "front"),
    **dict.fromkeys(("doan the", "hoi", "cong doan", "union"), "union"),
    **dict.fromkeys(("truong hoc", "truong", "school"), "school"),
}


def level(cell: str) -> str:
    """Give of which kind a unit is."""
    if found := _LEVELS.get(" ".join(re.sub(r"[,/–-]", " ", fold(cell)).split())):
        return found
    raise Wrong(
        _("“{cell}” is no kind of unit.")(cell=as_is(cell)),
        _("Write one of: commune, province, department, party committee, front, union, school, village."),
    )


def team_name(cell: str) -> str:
    """Give a team's name without what is put before it anyway."""
    if re.match(r"to (?:cong nghe so|chuyen doi so|cnscd|cns)\b", fold(cell)):
        raise Wrong(
            _("Citizens would read “the digital team” twice."),
            _("Write only the place, such as “thôn Đoài”."),
        )
    return words(120)(cell)


# --- the lists ---

_KEY = Column("key", _("code"), _("Your own code for this row, so that it is known next time."), words(40))
_PLACE = Column(
    "place", _("commune"), _("Commune and province, or its official code."), words(120), needed=True
)
_UNTIL = Column("until", _("until"), _("Last day, where there is one: day/month/year."), day)
_SINCE = Column("since", _("from"), _("First day, where there is one: day/month/year."), day)

KINDS: dict[Kind, tuple[Column, ...]] = {
    "units": (
        _KEY,
        Column(
            "level",
            _("kind"),
            _("commune, province, department, party committee, front, union, school or village"),
            level,
            needed=True,
            before=_("level"),
        ),
        Column("name", _("name"), _("As people read it: UBND xã Ứng Hòa."), words(200), needed=True),
        msgspec.structs.replace(_PLACE, about=_("Commune and province, the province, or its official code.")),
        Column(
            "parent",
            _("supervised by"),
            _("Code or name of the unit above it. Empty: the office of its commune or province."),
            words(200),
        ),
        _SINCE,
        _UNTIL,
        Column("became", _("became"), _("Code or name of the unit that took its place."), words(200)),
    ),
    "villages": (
        _KEY,
        Column("name", _("name"), _("With its kind: thôn Đoài, tổ dân phố 7."), words(120), needed=True),
        _PLACE,
        _SINCE,
        _UNTIL,
        Column("became", _("became"), _("Code or name of the village that took its place."), words(120)),
    ),
    "teams": (
        _KEY,
        Column("name", _("name"), _("The place alone: thôn Đoài, or the commune."), team_name, needed=True),
        _PLACE,
        Column(
            "covers",
            _("villages"),
            _("Codes or names of its villages, with + between. Empty: the village of that name, or all."),
            words(2000),
        ),
        _UNTIL,
    ),
    "people": (
        _KEY,
        Column("name", _("full name"), _("Such as Nguyễn Thị Hường."), words(120), needed=True),
        Column("address", _("form of address"), _("ông, bà, bác, cô, chú, anh, chị or bạn"), address),
        Column("phone", _("telephone"), _("Such as 0912 345 678. It is shown to nobody."), phone),
        Column("role", _("role"), _("member, lead, reporter, head or officer"), role, needed=True),
        Column("unit", _("team or office"), _("Its code, or its name."), words(200), needed=True),
        _SINCE,
        msgspec.structs.replace(_UNTIL, about=_("Last day, such as of a campaign: day/month/year.")),
        Column(
            "speaks",
            _("languages spoken"),
            _("Beside Vietnamese, with commas between, such as Tày, Mông. Empty: as it was."),
            languages,
        ),
    ),
    "targets": (
        _KEY,
        _PLACE,
        Column("name", _("what is counted"), _("Such as households using VNeID."), words(80), needed=True),
        Column("measure", _("counted by"), _("Such as households. Empty: the first word of it."), words(25)),
        Column("goal", _("how much"), _("How many are wanted by the last day."), goal, needed=True),
        msgspec.structs.replace(_SINCE, about=_("First day: day/month/year."), needed=True),
        msgspec.structs.replace(_UNTIL, about=_("Last day: day/month/year."), needed=True),
        Column(
            "where",
            _("whose figures"),
            _("Codes or names of villages, with + between; or: the commune. Empty: all villages."),
            words(2000),
        ),
        Column("counts", _("how it is counted"), _("new each day, or total by then. Empty: new."), counts),
        Column("base", _("before it"), _("How many there were before the first day, of a total."), amount),
        Column("days", _("days"), _("every day, or working days. Empty: every day."), which_days),
    ),
}


def label(kind: Kind, name: str) -> Text:
    """Give the heading of a column."""
    return next(column.label for column in KINDS[kind] if column.name == name)


def template(kind: Kind, wording: Wording, lang: str) -> list[list[str]]:
    """Give the heading of a list, and below it what belongs into each column."""
    columns = KINDS[kind]
    about = [
        wording.word(_("Needed. {about}")(about=column.about) if column.needed else column.about, lang)
        for column in columns
    ]
    return [[wording.word(column.label, lang) for column in columns], [f"{REMARK} {about[0]}", *about[1:]]]


def entries(kind: Kind, rows: list[Row], wording: Wording) -> tuple[list[Entry], list[Problem]]:
    """Give the rows under a heading with every cell read, and all that is wrong; raise Unreadable for the heading."""
    columns = _columns(kind, rows[0], wording)
    found: list[Entry] = []
    problems: list[Problem] = []
    for row in rows[1:]:
        if row.cells[0].startswith(REMARK):
            continue
        values: dict[str, str] = {}
        for place, column in enumerate(columns):
            cell = row.cells[place] if place < len(row.cells) else ""
            try:
                values[column.name] = _cell(column, cell)
            except Wrong as wrong:
                problems.append(Problem(row.number, column.label, wrong.what, wrong.remedy))
        if any(cell for cell in row.cells[len(columns) :]):
            problems.append(
                Problem(
                    row.number,
                    None,
                    _("It has more cells than the heading."),
                    _("Put a cell with the separator in it in quotation marks."),
                )
            )
        if values.get("since") and values.get("until") and values["until"] < values["since"]:
            problems.append(
                Problem(
                    row.number,
                    _UNTIL.label,
                    _("It ends before it begins."),
                    _("Correct one of the two days."),
                )
            )
        found.append(Entry(row.number, values))
    if not found and not problems:
        raise Unreadable(
            _("There is no row under the heading."), _("Fill in the rows below the heading, and save.")
        )
    return found, problems


def _cell(column: Column, cell: str) -> str:
    if cell.startswith("="):
        raise Wrong(
            _("The cell holds a formula."),
            _("Copy the column and paste it as values, or type what it shows."),
        )
    if not cell:
        if column.needed:
            raise Wrong(_("It is empty."), _("Fill it in, or remove the row."))
        return ""
    return column.read(cell)


def _columns(kind: Kind, heading: Row, wording: Wording) -> list[Column]:
    """Give the columns in the order of the file; raise Unreadable where one is missing, unknown or there twice."""
    known = {
        fold(wording.word(heading, lang)): column
        for column in KINDS[kind]
        for heading in (column.before, column.label)
        if heading is not None
        for lang in LANGUAGES
    } | {column.name: column for column in KINDS[kind]}
    again = _("Take the template: toso import --template {kind}.")(kind=as_is(kind))
    cells = list(heading.cells)
    while cells and not cells[-1]:
        cells.pop()
    columns: list[Column] = []
    for cell in cells:
        column = known.get(fold(cell))
        if column is None:
            raise Unreadable(
                _("There is no column “{cell}” in this list.")(cell=as_is(cell)), again, heading.number
            )
        if column in columns:
            raise Unreadable(
                _("The column “{cell}” is there twice.")(cell=as_is(cell)), again, heading.number
            )
        columns.append(column)
    for column in KINDS[kind]:
        if column.needed and column not in columns:
            raise Unreadable(_("The column “{cell}” is missing.")(cell=column.label), again, heading.number)
    return columns
