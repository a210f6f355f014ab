"""The first sheet of an XLSX file as somebody saved it: what each cell holds, its formulas, what was merged.

This reader is our own since a reader of values (python-calamine) shows of a formula only what it came to last, and
sets aside the whole rectangle up to the farthest cell: one cell at the end of a sheet would ask for more memory than
there is. Here a part is measured before it is unpacked, and a row is read at a time. Tables are written by
`bot.spreadsheet`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Literal
from xml.etree import ElementTree  # expat refuses entities that grow; sizes are looked at first

import msgspec

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
LARGEST = 200_000_000  # bytes of one part, unpacked


class Broken(Exception):
    """No XLSX file, or not a whole one."""


class TooLarge(Broken):
    """More than is unpacked."""


class Content(msgspec.Struct, frozen=True):
    """What a cell holds."""

    text: str  # of a formula as it was typed, with its sign of equality
    kind: Literal["text", "number", "formula"]


NOTHING = Content("", "text")


class Grid(msgspec.Struct, frozen=True):
    """The cells of a sheet by row, from column A on, and the ranges that were merged, such as B2:C2."""

    rows: dict[int, list[Content]]
    merged: tuple[str, ...]


def read(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of the first sheet, with their numbers; raise Broken."""
    for number, cells in _read(data, LARGEST, []):
        yield number, [cell.text for cell in cells]


def grid(data: bytes, largest: int) -> Grid:
    """Give the whole first sheet of a file whose parts are not larger than that; raise TooLarge or Broken."""
    merged: list[str] = []
    rows = dict(_read(data, largest, merged))
    return Grid(rows, tuple(merged))


def _read(data: bytes, largest: int, merged: list[str]) -> Iterator[tuple[int, list[Content]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            here = _Archive(archive, largest)
            texts = list(_texts(here)) if "xl/sharedStrings.xml" in archive.namelist() else []
            yield from _rows(here, _first_sheet(here), texts, merged)
    except (
        zipfile.BadZipFile,
        ElementTree.ParseError,
        KeyError,
        ValueError,
        IndexError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        StopIteration,
        TypeError,
    ) as error:
        raise Broken(type(error).__name__) from error


class _Archive:
    """The parts of a file, none larger than is unpacked."""

    def __init__(self, archive: zipfile.ZipFile, largest: int) -> None:
        self._archive = archive
        self._largest = largest

    def part(self, name: str) -> io.BytesIO:
        # Of a part that says it is smaller than it is no more is unpacked than it says; then its sum is false.
        if self._archive.getinfo(name).file_size > self._largest:
            raise TooLarge(name)
        content = self._archive.read(name)
        if b"<!DOCTYPE" in content[:1000]:
            raise Broken("a document type")
        return io.BytesIO(content)


def _first_sheet(archive: _Archive) -> str:
    book = ElementTree.parse(archive.part("xl/workbook.xml")).getroot()  # noqa: S314
    links = ElementTree.parse(archive.part("xl/_rels/workbook.xml.rels")).getroot()  # noqa: S314
    wanted = next((sheet.attrib[LINK] for sheet in book.iter(f"{MAIN}sheet")), "")
    target = next((link.attrib["Target"] for link in links if link.attrib["Id"] == wanted), "")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _texts(archive: _Archive) -> Iterator[str]:
    for _event, item in ElementTree.iterparse(archive.part("xl/sharedStrings.xml")):  # noqa: S314
        if item.tag == f"{MAIN}si":
            yield _words(item)
            item.clear()


def _words(item: ElementTree.Element) -> str:
    """Give the words of a text, those that only say how it is read left out."""
    aloud = {word for part in item.iter(f"{MAIN}rPh") for word in part.iter(f"{MAIN}t")}
    return "".join(word.text or "" for word in item.iter(f"{MAIN}t") if word not in aloud)


def _rows(
    archive: _Archive, sheet: str, texts: list[str], merged: list[str]
) -> Iterator[tuple[int, list[Content]]]:
    number = 0
    for _event, row in ElementTree.iterparse(archive.part(sheet)):  # noqa: S314
        if row.tag == f"{MAIN}mergeCell":
            merged.append(row.get("ref", ""))
        if row.tag != f"{MAIN}row":
            continue
        number = int(row.get("r", number + 1))
        cells: list[Content] = []
        for cell in row.iter(f"{MAIN}c"):
            place = _column(cell.get("r", "")) if cell.get("r") else len(cells)
            cells += [NOTHING] * (place + 1 - len(cells))
            cells[place] = _content(cell, texts)
        yield number, cells
        row.clear()


def _column(place: str) -> int:
    """Give the number of a column from a cell's name: 0 for A7, 27 for AB7."""
    number = 0
    for letter in re.match(r"[A-Z]{1,3}", place)[0]:  # type: ignore[index]
        number = number * 26 + ord(letter) - 64
    return number - 1


def _content(cell: ElementTree.Element, texts: list[str]) -> Content:
    formula = cell.find(f"{MAIN}f")
    if formula is not None:
        return Content(f"={formula.text or ''}", "formula")
    value = cell.findtext(f"{MAIN}v") or ""
    match cell.get("t", "n"):
        case "s":
            return Content(texts[int(value)], "text")
        case "inlineStr":
            return Content(_words(cell), "text")
        case "n" if value:
            return Content(_number(value), "number")
    return Content(value, "text")


def _number(value: str) -> str:
    """Write a number without the exponent, or the nought behind the point, that a table program adds."""
    try:
        return f"{Decimal(value).normalize():f}"
    except InvalidOperation:
        return value
