"""Invitations that nobody has used yet: as messages, as a list with links, and as cards to be cut out.

They hold people's names, so they go only where the operator puts them.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
import segno
from sqlalchemy import or_, select

from bot.lists.sheets import csv_file, xlsx_file
from bot.paper import LEADING, POINT, QUIET, Sheets
from bot.settings import Settings, Unusable
from bot.store import tables as t
from bot.store.database import Database
from bot.wording import Wording
from handlers.profile import ROLES, named
from handlers.text import Text, _, as_is
from knowledge.folding import fold
from knowledge.places import Places

WIDTH, HEIGHT = 210.0, 297.0  # A4, in millimetres, as all lengths here
COLUMNS, ROWS = 2, 5
EDGE = 8.0  # of the sheet; a printer leaves about that much white
PAD = 4.0  # within a card
SYMBOL = 30.0  # side of a QR code, its quiet zone not counted
LARGE, BODY, SMALL = 14.0, 10.5, 8.5  # points
KINDS = (".pdf", ".txt", ".csv", ".xlsx")


class Invited(msgspec.Struct, frozen=True):
    """Somebody who has an invitation and has not come yet."""

    code: str
    name: str
    address: str
    role: str
    unit: str
    team: bool
    phone: str


class Way(msgspec.Struct, frozen=True):
    """How an invitation is opened."""

    office: str
    page: str = ""  # address of the web page
    bot: str = ""  # name of the bot on the platform whose links carry a code

    def link(self, code: str) -> str:
        """Give the address that opens Tổ Số with this code; nothing where there is none."""
        if self.bot:
            return f"https://t.me/{self.bot}?start={code}"
        return f"{self.page}/?code={code}" if self.page else ""


def write(
    database: Database, settings: Settings, path: Path, place: str, bot: str, wording: Wording, now: datetime
) -> int:
    """Write the open invitations of a place (of all, where none is named) to a file; give how many they are."""
    if path.suffix.lower() not in KINDS:
        raise Unusable(f"{path} has no ending that is known. Name it with one of: {', '.join(KINDS)}.")
    invited = open_ones(database, place, now)
    if not invited:
        raise Unusable(
            f"There is no open invitation{f' of “{place}”' if place else ''}. "
            "Import a list of people, or correct --of."
        )
    way = Way(settings.office_name, settings.public_address, bot.lstrip("@"))
    match path.suffix.lower():
        case ".pdf":
            content = cards(invited, way, wording, now)
        case ".txt":
            content = "\n\n".join(message(one, way, wording) for one in invited).encode() + b"\n"
        case ".csv":
            content = csv_file(table(invited, way, wording))
        case _:
            content = xlsx_file(table(invited, way, wording))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return len(invited)


def open_ones(database: Database, place: str, now: datetime) -> list[Invited]:
    """Give who is invited and has not come, by team; a place is a team, an office or a commune."""
    i, u = t.invitations.c, t.units.c
    query = (
        select(
            i.code,
            i.name,
            i.address,
            i.kind,
            i.phone,
            u.name.label("unit"),
            u.key,
            u.commune,
            u.kind.label("of"),
        )
        .join(t.units, u.id == i.place)
        .where(
            i.used_by.is_(None),
            i.staged == "",
            or_(i.until.is_(None), i.until > now),
            or_(i.ends.is_(None), i.ends > now),
            or_(u.until.is_(None), u.until > now),
        )
        .order_by(u.commune, u.name, u.id, i.name, i.code)
    )
    commune = Places.load().find(place).one if place else None
    with database.read() as connection:
        rows = connection.execute(query).all()
    named_ = [row for row in rows if place and (row.key == place or fold(row.unit) == fold(place))]
    if place and not named_:
        named_ = [row for row in rows if commune is not None and row.commune == commune.code]
    return [
        Invited(row.code, row.name, row.address, row.kind, row.unit, row.of == "team", row.phone)
        for row in (named_ if place else rows)
    ]


def _unit(one: Invited) -> Text:
    return _("the digital team of {place}")(place=as_is(one.unit)) if one.team else as_is(one.unit)


def message(one: Invited, way: Way, wording: Wording, lang: str = "vi") -> str:
    """Give the words to be sent to one person, by whatever means the office has."""
    link = way.link(one.code)
    hello = _("{Name}: {office} invites you to Tổ Số as {role} of {unit}.")(
        Name=as_is(named(one.address, one.name)),
        office=as_is(way.office),
        role=ROLES[one.role],
        unit=_unit(one),
    )
    how = (
        _("Open {link}, or type this code to Tổ Số: {code}.")(link=as_is(link), code=one.code)
        if link
        else _("Type this code to Tổ Số: {code}.")(code=one.code)
    )
    once = _("It works once and is yours alone; please pass it on to nobody.")
    return "\n".join(wording.word(text, lang, one.address) for text in (hello, how, once))


def table(invited: list[Invited], way: Way, wording: Wording, lang: str = "vi") -> list[list[str]]:
    """Give one row a person, for mail merges and for whoever calls them."""
    heading = (
        _("full name"), _("telephone"), _("role"), _("team or office"), _("code"), _("link"), _("message"),
    )  # fmt: skip
    return [
        [wording.word(text, lang) for text in heading],
        *(
            [
                one.name,
                one.phone,
                wording.word(ROLES[one.role], lang),
                one.unit,
                one.code,
                way.link(one.code),
                message(one, way, wording, lang),
            ]
            for one in invited
        ),
    ]


def cards(invited: list[Invited], way: Way, wording: Wording, now: datetime, lang: str = "vi") -> bytes:
    """Give sheets of cards to be cut out, each team's on sheets of its own."""
    sheets = Cards(now)
    sheets.pdf.set_title(wording.word(_("Invitations"), lang))
    sheets.pdf.set_lang(lang)
    place, unit = 0, ""
    for one in invited:
        if place == COLUMNS * ROWS or one.unit != unit or not sheets.pages:
            sheets.page()
            place, unit = 0, one.unit
        words = Card(
            office=way.office,
            name=named(one.address, one.name),
            role=wording.word(_("{role} of {unit}")(role=ROLES[one.role], unit=_unit(one)), lang),
            code=one.code,
            link=way.link(one.code),
            how=tuple(
                wording.word(text, lang, one.address)
                for text in (
                    _("Scan this with the phone's camera and open the link that appears.")
                    if way.link(one.code)
                    else _("Type this code to Tổ Số."),
                    _("It works once. Give it to nobody."),
                )
            ),
        )
        sheets.card(words, place)
        place += 1
    return sheets.bytes()


class Card(msgspec.Struct, frozen=True):
    """All that stands on one card."""

    office: str
    name: str
    role: str
    code: str
    link: str
    how: tuple[str, ...]


class Cards(Sheets):
    """A4 sheets of cards with lines to cut along."""

    def page(self) -> None:
        """Begin a sheet."""
        self.pdf.add_page(format="A4")
        self.pages += 1
        self.pdf.set_line_width(0.15)
        self.pdf.set_dash_pattern(dash=1.2, gap=1.2)
        wide, high = self._size()
        for column in range(1, COLUMNS):
            self.pdf.line(EDGE + column * wide, EDGE, EDGE + column * wide, HEIGHT - EDGE)
        for row in range(1, ROWS):
            self.pdf.line(EDGE, EDGE + row * high, WIDTH - EDGE, EDGE + row * high)
        self.pdf.set_dash_pattern()

    def card(self, card: Card, place: int) -> None:
        """Put a card into one of the places of the sheet: from left to right, then down."""
        wide, high = self._size()
        x, y = EDGE + place % COLUMNS * wide + PAD, EDGE + place // COLUMNS * high + PAD
        beside, room = 0.0, high - 2 * PAD
        if card.link:
            symbol = segno.make(card.link, error="m", micro=False)
            module = SYMBOL / symbol.symbol_size(border=0)[0]
            beside = SYMBOL + QUIET * module
            self._qr(symbol.matrix, x + wide - 2 * PAD - SYMBOL, y + (room - SYMBOL) / 2, module)
        width = wide - 2 * PAD - beside
        pieces = [
            (card.office, SMALL, 0.0),
            (f"**{card.name}**", LARGE, 0.8),
            (card.role, BODY, 0.4),
            (f"**{card.code}**", LARGE, 1.2),
            *((line, SMALL, 0.6) for line in card.how),
        ]
        for text, size, before in pieces:
            lines = self._wrapped(text, size, width)
            y += before
            self._write(lines, x, y, size)
            y += len(lines) * size * POINT * LEADING

    def _size(self) -> tuple[float, float]:
        return (WIDTH - 2 * EDGE) / COLUMNS, (HEIGHT - 2 * EDGE) / ROWS
