"""The rows of a table as somebody saved it: CSV in whatever encoding, or XLSX.

What columns mean is not known here.  A formula comes as it was typed, with its sign of equality.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator

import msgspec

from bot.lists import xlsx
from bot.spreadsheet import written
from handlers.made import Cell, Sheet
from handlers.text import Text, _

ROWS = 10_000  # in one file, the heading not counted
LARGEST = 20_000_000  # bytes
SIGNS = ";,\t"  # what may part the columns; a table program set to Vietnamese writes the first
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
LETTERS = frozenset(
    unicodedata.normalize("NFC", letter + tone) for letter in "aăâeêioôơuưyđ" for tone in _TONES
)
OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # .xls, and whatever has a password


class Row(msgspec.Struct, frozen=True):
    """One row, with the number that a table program shows beside it."""

    number: int
    cells: tuple[str, ...]


class Unreadable(Exception):
    """A file that is no table; says what is wrong and the remedy."""

    def __init__(self, what: Text, remedy: Text, row: int = 0) -> None:
        super().__init__(str(what))
        self.what = what
        self.remedy = remedy
        self.row = row


def rows(data: bytes) -> list[Row]:
    """Give all rows that are not empty, the heading first; raise Unreadable for what is no table."""
    if len(data) > LARGEST:
        raise Unreadable(_("The file is larger than 20 MB."), SPLIT)
    if not data.strip():
        raise Unreadable(_("The file is empty."), _FILL)
    if data.startswith(OLD_EXCEL):
        raise Unreadable(
            _("This is an old .xls file, or one with a password."), _("Save it as .xlsx, without a password.")
        )
    found = []
    for row in _xlsx(data) if data.startswith(b"PK") else _csv(data):
        if any(cell for cell in row.cells):
            found.append(row)
        if len(found) > ROWS + 1:
            raise Unreadable(_("The file has more than {n} rows.")(n=ROWS), SPLIT)
    if len(found) < 2:
        raise Unreadable(_("There is no row under the heading."), _FILL)
    return found


SPLIT = _("Part it, such as one file a commune, and import one after another.")
_FILL = _("Fill in the rows below the heading, and save.")
_AS_UTF8 = _("Save it again as “CSV UTF-8”, or as .xlsx.")


def _xlsx(data: bytes) -> Iterator[Row]:
    try:
        for number, cells in xlsx.read(data):
            yield Row(number, _tidy(cells))
    except xlsx.Broken as error:
        raise Unreadable(_("This is no whole .xlsx file."), _("Open it, save it again as .xlsx.")) from error


def _csv(data: bytes) -> Iterator[Row]:
    text = decoded(data)
    heading = next((line for line in text.splitlines() if line.strip()), "")
    sign = max(SIGNS, key=lambda sign: (heading.count(sign), -SIGNS.index(sign)))
    number = 0
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True), 1
        ):
            yield Row(number, _tidy(cells))
    except csv.Error as error:
        raise Unreadable(
            _("A quotation mark is opened and never closed, or one stands amid a cell."),
            _("Close it or remove it, or save the table as .xlsx."),
            number + 1,
        ) from error


def _tidy(cells: list[str]) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", " ".join(cell.split())) for cell in cells)


def decoded(data: bytes) -> str:
    """Give the text of a CSV file: UTF-8, UTF-16 or Windows-1258; raise Unreadable for a mixture or another."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _wide(data, "utf-16")
    if b"\0" in data[:200]:
        return _wide(data, "utf-16-be" if data[:1] == b"\0" else "utf-16-le")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    odd = _first_odd_row(data)
    if odd:
        raise Unreadable(_("The rows are in several encodings; this one is not UTF-8."), _AS_UTF8, odd)
    try:
        text = unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError as error:
        raise Unreadable(_STRANGE, _AS_UTF8) from error
    if any(ord(sign) > 127 and not _vietnamese(sign) for sign in text):
        raise Unreadable(_STRANGE, _AS_UTF8)
    return text


_STRANGE = _("The letters are in an old encoding, such as that of the .VnTime fonts.")


def _wide(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(_("The file is cut off."), _("Save it anew.")) from error


def _first_odd_row(data: bytes) -> int:
    """Give the first row that is not UTF-8 in a file whose others are, accents and all; 0 where none is."""
    odd, fine = 0, False
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.isascii():
            continue
        try:
            line.decode()
            fine = True
        except UnicodeDecodeError:
            odd = odd or number
    return odd if fine else 0


def _vietnamese(sign: str) -> bool:
    return sign.lower() in LETTERS or sign in "–—…“”‘’•\u00a0₫"


def csv_file(table: list[list[str]]) -> bytes:
    """Give a table as a CSV file that every table program opens with its accents."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(table)
    return text.getvalue().encode("utf-8-sig")


def xlsx_file(table: list[list[str]]) -> bytes:
    """Give a table as an XLSX file whose cells are all text, so that no leading 0 is lost."""
    widths = tuple(max(map(len, column)) for column in zip(*table, strict=True))
    heading, *others = table
    rows = [
        tuple(Cell(words, "heading") for words in heading),
        *(tuple(Cell(words) for words in row) for row in others),
    ]
    return written(Sheet(tuple(rows), widths, fixed=1))
