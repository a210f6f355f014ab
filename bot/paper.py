"""Leaflets on paper: words that are ready go in, A5 pages come out.

It knows sizes, lines and pages, and no topic, language or setting.  All is black on white, since offices print
and copy that way.  Nothing is ever cut: letters shrink to twelve points first, then a page is added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import takewhile

import font_roboto
import msgspec
import segno
from fpdf import FPDF

ROBOTO = font_roboto.font_files  # has every letter with every mark, which a server's own fonts may not
WIDTH, HEIGHT, MARGIN = 148.0, 210.0, 10.0  # millimetres, as all lengths here
INNER = WIDTH - 2 * MARGIN
TOP, BOTTOM = 8.5, HEIGHT - 10.5  # of what is read; "overleaf" stands below
POINT = 25.4 / 72
BODY = tuple(size / 2 for size in range(32, 23, -1))  # points: the largest that needs no more pages than 12
TITLE = (32.0, 30.0, 28.0, 26.0, 24.0)  # points: the largest that needs no more lines than 24
LEAD = 1.08  # the answer, compared with the body
SMALL, TINY = 10.0, 7.0  # what names the office and the page; sources
LEADING = 1.27  # Vietnamese has marks above marks
QR = 32.0  # side of the symbol, its quiet zone not counted
QUIET = 4  # modules of white around it
BOLD = re.compile(r"\*\*(.+?)\*\*")
SENTENCE = re.compile(r"(?<=[.?!])\s+")
NO_BREAK = "\u00a0"
GLUED = re.compile(r"(?<!\S)([0-9](?:[0-9.,/]*[0-9])?) (?=[a-zà-ỹđ])")  # 7 days stay on one line

MOST = 2  # pages; where more would be needed the steps are told more briefly, down to their titles, the facts never
TOLD = ("all", "first ways", "sentences", "titles", "bare titles")
Run = tuple[str, bool]  # words, and whether they are bold


class Part(msgspec.Struct, frozen=True):
    """A few paragraphs under a heading."""

    heading: str
    paragraphs: tuple[str, ...]


class Stage(msgspec.Struct, frozen=True):
    """A step of a guide."""

    title: str
    text: str
    code: str
    ways: tuple[str, ...] = ()  # where other answers to it lead


class Leaflet(msgspec.Struct, frozen=True, kw_only=True):
    """All words of one leaflet; only **bold** is markup in them."""

    lang: str  # such as "vi", for readers of the file
    title: str
    issuer: str  # the office, above the title
    answer: str
    parts: tuple[Part, ...]
    steps: tuple[Stage, ...]
    heading: str  # above the steps
    hint: str  # below that heading
    code: str  # to be typed; in large letters where there is no address
    address: str  # of the QR code; none without it
    invitation: tuple[str, ...]  # beside the QR code, the first of them bold
    contact: tuple[str, ...]  # below; a line that ends in a colon is for a pen
    warning: str
    sources: str
    goes_on: str  # on every page but the last
    page: str  # such as "page {n} of {all}"


class Piece(msgspec.Struct, frozen=True):
    """Something that stands on one page, or on two where it can be parted."""

    height: float
    draw: Callable[[float], None]  # from this height downwards
    with_next: bool = False  # a heading
    parted: Callable[[float], tuple[Piece, Piece] | None] = lambda room: None  # so that the first half fits


class Sheets:
    """A file under way, each leaflet in it begun on a page of its own."""

    def __init__(self, created: datetime) -> None:
        self.pdf = FPDF(format=(WIDTH, HEIGHT))
        self.pdf.set_auto_page_break(False)
        self.pdf.set_creation_date(created)
        self.pdf.set_creator("Tổ Số")
        self.pdf.add_font("page", "", ROBOTO["Roboto"])
        self.pdf.add_font("page", "B", ROBOTO["RobotoBold"])
        self.pages = 0
        self._units: dict[Run, float] = {}

    def bytes(self) -> bytes:
        """Give the file."""
        return bytes(self.pdf.output())

    def add(self, leaflet: Leaflet) -> int:
        """Add one leaflet; say how many pages it takes."""
        if not self.pages:
            self.pdf.set_title(leaflet.title)
            self.pdf.set_lang(leaflet.lang)
        told = next((told for told in TOLD if len(self._parted(leaflet, BODY[-1], told)) <= MOST), TOLD[0])
        fewest = len(self._parted(leaflet, BODY[-1], told))
        chosen = next(parted for size in BODY if len(parted := self._parted(leaflet, size, told)) <= fewest)
        for number, pieces in enumerate(chosen, 1):
            self.pdf.add_page()
            self.pages += 1
            y = self._head(leaflet, number, len(chosen))
            for piece in pieces:
                piece.draw(y)
                y += piece.height
            self._foot(leaflet, number, len(chosen))
        return len(chosen)

    # --- parting into pages ---

    def _parted(self, leaflet: Leaflet, size: float, told: str) -> list[list[Piece]]:
        """Part all pieces into pages, with the steps on a page of their own where that costs none."""
        said, steps = list(self._said(leaflet, size)), list(self._steps(leaflet, size, told))
        at_once = self._filled(leaflet, [*said, *steps])
        if not steps:
            return at_once
        apart = self._filled(leaflet, said, last=False)
        apart += self._filled(leaflet, steps, first=False)
        return apart if len(apart) <= len(at_once) else at_once

    def _filled(
        self, leaflet: Leaflet, pieces: list[Piece], *, first: bool = True, last: bool = True
    ) -> list[list[Piece]]:
        """Fill page after page; the first has the box at its foot, the last the sources."""
        pages: list[list[Piece]] = [[]]
        room = self._room(leaflet, first=first)
        for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
            rest, need = piece, piece.height + (after.height if after and piece.with_next else 0)
            while need > room:
                if halves := rest.parted(room):
                    pages[-1].append(halves[0])
                    rest = halves[1]
                elif not pages[-1]:
                    break
                pages.append([])
                room, need = self._room(leaflet, first=False), rest.height
            pages[-1].append(rest)
            room -= rest.height
        if last and self._sources(leaflet).height > room:
            pages.append([])
            while len(pages[-2]) > 1 and (not pages[-1] or pages[-2][-1].with_next):
                pages[-1].insert(0, pages[-2].pop())
        return pages

    def _room(self, leaflet: Leaflet, *, first: bool) -> float:
        foot = self._box(leaflet).height + self._warning(leaflet).height if first else 0
        return BOTTOM - self._top(leaflet, first=first).height - TOP - foot

    # --- what stands on a page ---

    def _said(self, leaflet: Leaflet, size: float) -> Iterator[Piece]:
        yield self._words(leaflet.answer, size * LEAD, after=0.5)
        for part in leaflet.parts:
            yield self._heading(part.heading, size)
            for paragraph in part.paragraphs:
                yield self._words(paragraph, size, indent=4.0, after=0.28, mark=True)

    def _steps(self, leaflet: Leaflet, size: float, told: str) -> Iterator[Piece]:
        if not leaflet.steps:
            return
        yield self._heading(leaflet.heading, size, leaflet.hint)
        for number, stage in enumerate(leaflet.steps, 1):
            text = "" if "titles" in told else stage.text
            shown = msgspec.structs.replace(
                stage,
                text=SENTENCE.split(text)[0] if told == "sentences" else text,
                ways=stage.ways if told == "all" or (number == 1 and told != "bare titles") else (),
            )
            yield self._stage(number, shown, size)

    def _heading(self, words: str, size: float, hint: str = "") -> Piece:
        return self._words(
            f"**{words}{'.' if hint else ''}** {hint}", size, before=0.35, after=0.25, with_next=True
        )

    def _words(
        self,
        text: str,
        size: float,
        *,
        indent: float = 0,
        before: float = 0,
        after: float = 0,
        mark: bool = False,
        with_next: bool = False,
    ) -> Piece:
        """Give a paragraph; the space before and after it is in lines, the mark a square in the margin."""
        line = size * POINT * LEADING
        lines = self._wrapped(text, size, INNER - indent)

        def piece(lines: list[list[Run]], *, mark: bool) -> Piece:
            def draw(y: float) -> None:
                top = y + before * line
                if mark:
                    side = size * POINT * 0.3
                    self.pdf.rect(MARGIN, top + line * 0.5 - side * 0.45, side, side, style="F")
                self._write(lines, MARGIN + indent, top, size)

            def parted(room: float) -> tuple[Piece, Piece] | None:
                fit = min(int(room / line - before), len(lines) - 2)
                return (piece(lines[:fit], mark=mark), piece(lines[fit:], mark=False)) if fit >= 2 else None

            return Piece((before + len(lines) + after) * line, draw, with_next, parted)

        return piece(lines, mark=mark)

    def _stage(self, number: int, stage: Stage, size: float) -> Piece:
        line = size * POINT * LEADING
        indent = size * POINT * 2.1
        tag = self._tag_width(stage.code, size) if stage.code else 0
        title = stage.title if not stage.text or stage.title[-1] in ".?!…" else f"{stage.title}."
        text = self._wrapped(f"**{title}** {stage.text}", size, INNER - indent, beside=tag + 2)
        ends = [way.rpartition(": ") for way in stage.ways]  # "step 3" stays on one line
        told = " • ".join(f"{label}: {end.replace(' ', NO_BREAK)}" for label, _colon, end in ends)
        ways = self._wrapped(told, size, INNER - indent - 3) if told else []

        def draw(y: float) -> None:
            radius = size * POINT * 0.72
            middle = y + line * 0.5
            self.pdf.circle(MARGIN + radius, middle, radius, style="F")
            self.pdf.set_text_color(255)
            self._centred(str(number), MARGIN + radius, middle, size * 0.86)
            self.pdf.set_text_color(0)
            if stage.code:
                self._tag(stage.code, WIDTH - MARGIN - tag, middle, size)
            self._write(text, MARGIN + indent, y, size)
            y += len(text) * line
            if ways:
                self.pdf.set_line_width(0.5)
                self.pdf.line(
                    MARGIN + indent + 0.6, y + 0.9, MARGIN + indent + 0.6, y + len(ways) * line - 0.3
                )
                self._write(ways, MARGIN + indent + 3, y, size)

        return Piece((len(text) + len(ways) + 0.35) * line, draw)

    def _top(self, leaflet: Leaflet, *, first: bool, page: str = "") -> Piece:
        """Give what stands above: office, rule and title; on later pages the title alone."""
        line = SMALL * POINT * LEADING
        side = self._width(page, SMALL, bold=False)
        small = self._wrapped(leaflet.issuer if first else f"**{leaflet.title}**", SMALL, INNER - side - 4)
        size, title = self._title(leaflet.title) if first else (0.0, [])
        rule = len(small) * line + 1.2

        def draw(y: float) -> None:
            self._write(small, MARGIN, y, SMALL)
            self._write([[(page, False)]], WIDTH - MARGIN - side, y, SMALL)
            self.pdf.rect(MARGIN, y + rule, INNER, 1.1 if first else 0.5, style="F")
            self._write(title, MARGIN, y + rule + 3.4, size, 1.18)

        return Piece(rule + 6 + (len(title) * size * POINT * 1.18 if first else -1.8), draw)

    def _title(self, title: str) -> tuple[float, list[list[Run]]]:
        """Give the title in as few lines as its smallest size needs, as large as they hold it."""
        fewest = len(self._wrapped(f"**{title}**", TITLE[-1], INNER))
        size = next(size for size in TITLE if len(self._wrapped(f"**{title}**", size, INNER)) == fewest)
        widths = (INNER - step for step in range(int(INNER / 2)))
        tries = (self._wrapped(f"**{title}**", size, width) for width in widths)
        return size, list(takewhile(lambda lines: len(lines) == fewest, tries))[-1]  # lines of like length

    def _head(self, leaflet: Leaflet, number: int, pages: int) -> float:
        page = leaflet.page.format(n=number, all=pages) if pages > 1 else ""
        top = self._top(leaflet, first=number == 1, page=page)
        top.draw(TOP)
        return TOP + top.height

    def _foot(self, leaflet: Leaflet, number: int, pages: int) -> None:
        y = BOTTOM
        if number == pages:
            sources = self._sources(leaflet)
            y -= sources.height
            sources.draw(y)
        else:
            side = self._width(leaflet.goes_on, SMALL, bold=True)
            self._write([[(leaflet.goes_on, True)]], WIDTH - MARGIN - side, BOTTOM, SMALL)
        if number == 1:
            for piece in (self._box(leaflet), self._warning(leaflet)):
                y -= piece.height
                piece.draw(y)

    def _sources(self, leaflet: Leaflet) -> Piece:
        return self._words(leaflet.sources, TINY, before=0.4)

    def _warning(self, leaflet: Leaflet) -> Piece:
        """Give the warning, white on black, above the box."""
        if not leaflet.warning:
            return Piece(0, lambda y: None)
        line = BODY[-1] * POINT * LEADING
        lines = self._wrapped(f"**{leaflet.warning}**", BODY[-1], INNER - 6)
        height = len(lines) * line + 3

        def draw(y: float) -> None:
            self.pdf.rect(MARGIN, y + 2, INNER, height, style="F")
            self.pdf.set_text_color(255)
            self._write(lines, MARGIN + 3, y + 3.5, BODY[-1])
            self.pdf.set_text_color(0)

        return Piece(height + 2, draw)

    def _box(self, leaflet: Leaflet) -> Piece:
        """Give the frame with the QR code, or with the code in large letters, and whom to turn to."""
        size = BODY[-1]
        line = size * POINT * LEADING
        symbol = segno.make(leaflet.address, error="m", micro=False) if leaflet.address else None
        if symbol:
            module = QR / symbol.symbol_size(border=0)[0]
            left = QR + 2 * QUIET * module
        else:
            module, left = (
                0.0,
                max(self._width(leaflet.code, 34, bold=True) + 10, 30) if leaflet.code else 4.0,
            )
        column = INNER - left - 3
        first, *others = leaflet.invitation
        lines = [run for text in (f"**{first}**", *others) for run in self._wrapped(text, size, column)]
        contact = [self._wrapped(text, size, column) for text in leaflet.contact]
        height = max(left if symbol else 18, (len(lines) + sum(map(len, contact)) + 0.5) * line + 4)

        def draw(y: float) -> None:
            y += 2
            self.pdf.set_line_width(0.5)
            self.pdf.rect(MARGIN, y, INNER, height, style="D", round_corners=True, corner_radius=2.5)
            if symbol:
                self._qr(symbol.matrix, MARGIN + QUIET * module, y + (height - QR) / 2, module)
            elif leaflet.code:
                self._centred(leaflet.code, MARGIN + left / 2, y + height / 2, 34)
            taken = (len(lines) + sum(map(len, contact)) + 0.5) * line
            at = y + (height - taken) / 2
            self._write(lines, MARGIN + left, at, size)
            at += (len(lines) + 0.5) * line
            for text in contact:
                self._write(text, MARGIN + left, at, size)
                at += len(text) * line
                if text[-1][-1][0].endswith(":"):
                    begun = self._length(text[-1], size) + 2
                    self._dots(MARGIN + left + begun, WIDTH - MARGIN - 3, at - line * 0.25)

        return Piece(height + 4, draw)

    # --- letters and lines ---

    def _wrapped(self, text: str, size: float, width: float, beside: float = 0) -> list[list[Run]]:
        """Part a text into lines of runs; something of some width stands beside the first."""
        lines: list[list[Run]] = [[]]
        room = width - beside
        for word in _words_of(text):
            for number, piece in enumerate(self._fitting(word, size, width)):
                space = [(" ", lines[-1][-1][1] and piece[0][1])] if lines[-1] and not number else []
                length = self._length([*space, *piece], size)
                if lines[-1] and length > room + 0.01:
                    lines.append([])
                    room, space, length = width, [], self._length(piece, size)
                lines[-1] += [*space, *piece]
                room -= length
        return [_joined(line) for line in lines]

    def _fitting(self, word: list[Run], size: float, width: float) -> Iterator[list[Run]]:
        """Give a word, in pieces where it is longer than a line."""
        if self._length(word, size) <= width:
            yield word
            return
        for letters, bold in word:
            piece, length = "", 0.0
            for sign in letters:
                wide = self._width(sign, size, bold=bold)
                if piece and length + wide > width:
                    yield [(piece, bold)]
                    piece, length = "", 0.0
                piece, length = piece + sign, length + wide
            yield [(piece, bold)]

    def _width(self, words: str, size: float, *, bold: bool) -> float:
        unit = self._units.get((words, bold))
        if unit is None:
            self._letters(1000, bold=bold)
            unit = self._units[words, bold] = self.pdf.get_string_width(words) / 1000
        return unit * size

    def _letters(self, size: float, *, bold: bool) -> None:
        self.pdf.set_font("page", "B" if bold else "", size)

    def _length(self, line: list[Run], size: float) -> float:
        return sum(self._width(words, size, bold=bold) for words, bold in line)

    def _write(
        self, lines: list[list[Run]], x: float, y: float, size: float, leading: float = LEADING
    ) -> None:
        """Write lines, the first with its top at y."""
        line = size * POINT * leading
        for number, runs in enumerate(lines):
            at = x
            for words, bold in runs:
                self._letters(size, bold=bold)
                self.pdf.text(at, y + number * line + line * 0.5 + size * POINT * 0.35, words)
                at += self._width(words, size, bold=bold)

    def _centred(self, words: str, x: float, y: float, size: float) -> None:
        width = self._width(words, size, bold=True)
        self._letters(size, bold=True)
        self.pdf.text(x - width / 2, y + size * POINT * 0.35, words)

    def _tag_width(self, code: str, size: float) -> float:
        return self._width(code, size, bold=True) + 4

    def _tag(self, code: str, x: float, middle: float, size: float) -> None:
        height = size * POINT * 1.15
        self.pdf.set_line_width(0.4)
        self.pdf.rect(
            x, middle - height / 2, self._tag_width(code, size), height, style="D",
            round_corners=True, corner_radius=1.2,
        )  # fmt: skip
        self._centred(code, x + self._tag_width(code, size) / 2, middle, size)

    def _dots(self, start: float, end: float, y: float) -> None:
        self.pdf.set_line_width(0.25)
        self.pdf.set_dash_pattern(dash=0.3, gap=0.9)
        self.pdf.line(start, y, end, y)
        self.pdf.set_dash_pattern()

    def _qr(self, matrix: tuple[bytearray, ...], x: float, y: float, module: float) -> None:
        """Draw the dark modules, row by row; rows overlap a little, or viewers show a line between them."""
        for row, modules in enumerate(matrix):
            for dark in re.finditer(rb"\x01+", bytes(modules)):
                self.pdf.rect(
                    x + dark.start() * module,
                    y + row * module,
                    (dark.end() - dark.start()) * module,
                    module * 1.02,
                    style="F",
                )


def _words_of(text: str) -> Iterator[list[Run]]:
    """Give each word, which may be bold in part."""
    word: list[Run] = []
    for number, stretch in enumerate(BOLD.split(GLUED.sub(rf"\1{NO_BREAK}", text))):
        for part in re.split(r"( +)", stretch):
            if part.strip(" "):
                word.append((part, bool(number % 2)))
            elif part and word:
                yield word
                word = []
    if word:
        yield word


def _joined(line: list[Run]) -> list[Run]:
    """Put neighbouring words of one kind together."""
    joined: list[Run] = []
    for words, bold in line:
        if joined and joined[-1][1] == bold:
            joined[-1] = (joined[-1][0] + words, bold)
        else:
            joined.append((words, bold))
    return joined
