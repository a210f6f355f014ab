"""The sheet on paper for visits at the door: filled in with a pen where there is no signal, typed to Tổ Số later.

Its columns stand in the order in which a line is typed, so that a row can be read off as it is.  It asks for nobody's
name.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from bot.paper import LEADING, POINT, Sheets
from bot.settings import Settings, Unusable
from bot.store.database import Database
from bot.store.people import StoredPeople
from bot.units import known_unit
from bot.wording import Wording
from handlers.records.visits import NEEDS
from handlers.rules.visit_words import MATTERS
from handlers.rules.visit_words import NEEDS as NEED_WORDS
from handlers.rules.visits import BACK
from handlers.text import Text, _, as_is
from knowledge.places import Places

WIDTH, HEIGHT, EDGE = 210.0, 297.0, 10.0  # A4, in millimetres, as all lengths here
ROWS, ROW, HEAD, PAD = 14, 12.3, 13.5, 1.6
TITLE, LARGE, BODY, SMALL = 22.0, 13.0, 12.0, 10.5  # points
COLUMNS: tuple[tuple[Text, Text, float], ...] = (  # heading, example, width
    (_("No."), _("e.g."), 11.0),
    (_("Day"), as_is("16/11"), 21.0),
    (_("Village, group"), as_is("thôn Đoài"), 40.0),
    (_("How many"), _("5 households"), 28.0),
    (_("What for"), _("health insurance card"), 38.0),
    (_("Minutes"), as_is("90p"), 19.0),
    (_("Need not met"), _("of them 1 no phone"), 33.0),
)
NAMED = 8  # matters that are named below; the log knows more


class Paper(msgspec.Struct, frozen=True):
    """All words of a sheet."""

    lang: str
    title: str
    issuer: str
    whose: str  # team and villages, or a line for a pen
    by: str
    columns: tuple[tuple[str, str, float], ...]
    below: tuple[str, ...]


class Page(Sheets):
    """A sheet of A4."""

    def sheet(self, paper: Paper) -> None:
        """Add a sheet."""
        self.pdf.add_page(format="A4")
        self.pages += 1
        y = EDGE
        for text, size, after in (
            (paper.issuer, SMALL, 1.0),
            (f"**{paper.title}**", TITLE, 1.5),
            (paper.whose, LARGE, 1.5),
            (paper.by, LARGE, 2.5),
        ):
            y += self._text(text, EDGE, y, size, WIDTH - 2 * EDGE) + after
        self._grid(paper, y)
        y += HEAD + (ROWS + 1) * ROW + 3.0
        for text in paper.below:
            y += self._text(text, EDGE, y, BODY, WIDTH - 2 * EDGE) + 1.2

    def _text(self, text: str, x: float, y: float, size: float, width: float) -> float:
        """Write a paragraph and give its height."""
        wrapped = self._wrapped(text, size, width)
        self._write(wrapped, x, y, size)
        return len(wrapped) * size * POINT * LEADING

    def _grid(self, paper: Paper, top: float) -> None:
        bottom = top + HEAD + (ROWS + 1) * ROW
        self.pdf.set_line_width(0.3)
        x = EDGE
        for column, (heading, example, width) in enumerate(paper.columns):
            self.pdf.line(x, top, x, bottom)
            inner = width - 2 * PAD
            self._text(f"**{heading}**", x + PAD, top + PAD, BODY, inner)
            self._text(example, x + PAD, top + HEAD + PAD, SMALL, inner)
            if column == 0:
                for number in range(1, ROWS + 1):
                    self._text(str(number), x + PAD, top + HEAD + number * ROW + 3.4, BODY, inner)
            x += width
        self.pdf.line(x, top, x, bottom)
        for y in (top, *(top + HEAD + row * ROW for row in range(ROWS + 2))):
            self.pdf.line(EDGE, y, x, y)


def write(
    database: Database, settings: Settings, path: Path, unit: str, wording: Wording, now: datetime, lang: str
) -> None:
    """Write the sheet to a file, of a team where one is named; raise Unusable where that is not known."""
    if path.suffix.lower() != ".pdf":
        raise Unusable(f"{path} has no ending that is known. Name it with .pdf.")
    names: tuple[str, tuple[str, ...]] = ("", ())
    if unit:
        with database.read() as connection:
            found = known_unit(connection, Places.load(), unit)
            team = StoredPeople(connection, now).unit(found.id)
            names = (found.name, tuple(village.name for village in team.covers) if team else ())
    page = Page(now)
    paper = worded(wording, lang, settings.office_name, *names)
    page.pdf.set_title(paper.title)
    page.pdf.set_lang(lang)
    page.sheet(paper)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(page.bytes())


def worded(wording: Wording, lang: str, office: str, unit: str, villages: tuple[str, ...]) -> Paper:
    """Give all words of a sheet."""

    def say(text: Text) -> str:
        return wording.word(text, lang)

    others = tuple(name for name in villages if name != unit)
    whose = unit if not others else f"{unit}: {', '.join(others)}"
    matters = ", ".join(say(label) for label, _words in list(MATTERS.values())[:NAMED])
    needs = ", ".join(say(NEED_WORDS[need][0]) for need in NEEDS)
    blank = "." * 40
    return Paper(
        lang=lang,
        title=say(_("Visits at the door")),
        issuer=office,
        whose=say(_("Digital team: {unit}")(unit=as_is(whose or blank))),
        by=say(_("Written by: {blank} Month: {short}")(blank=as_is(blank), short=as_is("." * 16))),
        columns=tuple((say(heading), say(example), width) for heading, example, width in COLUMNS),
        below=(
            say(_("**What for**, for instance: {matters}.")(matters=as_is(matters))),
            say(_("**Need not met**: {needs}.")(needs=as_is(needs))),
            say(
                _(
                    "A shop, a class or a session of the mobile point is one row too: write 2 shops, 1 class 25 people."
                )
            ),
            say(
                _(
                    "**At home** type the whole sheet to Tổ Số in one message, a row a line, within {days} days."
                )(days=BACK)
            ),
            say(_("Write nobody's name, telephone or identity number here.")),
        ),
    )
