"""The first sheet of an XLSX file, and how to make one whose cells are all text.

An XLSX file is a ZIP archive of XML parts; only what a list needs is known here: texts, numbers and formulas.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree  # expat refuses entities that grow; sizes are looked at first
from xml.sax.saxutils import escape  # it only writes

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
LARGEST = 200_000_000  # bytes of one part, unpacked
WIDEST = 60  # letters of a column


class Broken(Exception):
    """No XLSX file, or not a whole one."""


def read(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of the first sheet, with their numbers; raise Broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = list(_texts(archive)) if "xl/sharedStrings.xml" in archive.namelist() else []
            yield from _rows(archive, _first_sheet(archive), texts)
    except (
        zipfile.BadZipFile,
        ElementTree.ParseError,
        KeyError,
        ValueError,
        IndexError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise Broken(type(error).__name__) from error


def _part(archive: zipfile.ZipFile, name: str) -> io.BytesIO:
    if archive.getinfo(name).file_size > LARGEST:
        raise Broken("too large")
    content = archive.read(name)
    if b"<!DOCTYPE" in content[:1000]:
        raise Broken("a document type")
    return io.BytesIO(content)


def _first_sheet(archive: zipfile.ZipFile) -> str:
    book = ElementTree.parse(_part(archive, "xl/workbook.xml")).getroot()  # noqa: S314
    links = ElementTree.parse(_part(archive, "xl/_rels/workbook.xml.rels")).getroot()  # noqa: S314
    wanted = next(sheet.attrib[LINK] for sheet in book.iter(f"{MAIN}sheet"))
    target = next(link.attrib["Target"] for link in links if link.attrib["Id"] == wanted)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _texts(archive: zipfile.ZipFile) -> Iterator[str]:
    for _event, item in ElementTree.iterparse(_part(archive, "xl/sharedStrings.xml")):  # noqa: S314
        if item.tag == f"{MAIN}si":
            yield _words(item)
            item.clear()


def _words(item: ElementTree.Element) -> str:
    """Give the words of a text, those that only say how it is read left out."""
    aloud = {word for part in item.iter(f"{MAIN}rPh") for word in part.iter(f"{MAIN}t")}
    return "".join(word.text or "" for word in item.iter(f"{MAIN}t") if word not in aloud)


def _rows(archive: zipfile.ZipFile, sheet: str, texts: list[str]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for _event, row in ElementTree.iterparse(_part(archive, sheet)):  # noqa: S314
        if row.tag != f"{MAIN}row":
            continue
        number = int(row.get("r", number + 1))
        cells: list[str] = []
        for cell in row.iter(f"{MAIN}c"):
            place = _column(cell.get("r", "")) if cell.get("r") else len(cells)
            cells += [""] * (place + 1 - len(cells))
            cells[place] = _content(cell, texts)
        yield number, cells
        row.clear()


def _column(place: str) -> int:
    """Give the number of a column from a cell's name: 0 for A7, 27 for AB7."""
    number = 0
    for letter in re.match(r"[A-Z]{1,3}", place)[0]:  # type: ignore[index]
        number = number * 26 + ord(letter) - 64
    return number - 1


def _content(cell: ElementTree.Element, texts: list[str]) -> str:
    formula = cell.find(f"{MAIN}f")
    if formula is not None:
        return f"={formula.text or ''}"
    value = cell.findtext(f"{MAIN}v") or ""
    match cell.get("t", "n"):
        case "s":
            return texts[int(value)]
        case "inlineStr":
            return _words(cell)
        case "n" if value:
            return _number(value)
    return value


def _number(value: str) -> str:
    """Write a number without the exponent, or the nought behind the point, that a table program adds."""
    try:
        return f"{Decimal(value).normalize():f}"
    except InvalidOperation:
        return value


_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/styles.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""
_LINKS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="{target}"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/>{more}
</Relationships>"""
_STYLES_LINK = """<Relationship Id="rId2" Target="styles.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"/>"""
_BOOK = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="{MAIN[1:-1]}"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="To So" sheetId="1" r:id="rId1"/></sheets></workbook>"""
# 49 is "text": what is typed stays as it is; the second style is the heading's.
_STYLES = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="{MAIN[1:-1]}">
<fonts count="2"><font><sz val="11"/><name val="Arial"/></font>
<font><b/><sz val="11"/><name val="Arial"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">
<alignment vertical="top" wrapText="1"/></xf>
<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>
</styleSheet>"""


def write(table: list[list[str]], widths: list[int]) -> bytes:
    """Give an XLSX file of one sheet; its first row stands still, and every cell of its columns is text."""
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{min(width, WIDEST) + 2}" style="1" customWidth="1"/>'
        for place, width in enumerate(widths, 1)
    )
    body = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{_letters(place)}{number}" s="{2 if number == 1 else 1}" t="inlineStr">'
            f'<is><t xml:space="preserve">{escape(cell)}</t></is></c>'
            for place, cell in enumerate(row)
            if cell
        )
        + "</row>"
        for number, row in enumerate(table, 1)
    )
    sheet = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{MAIN[1:-1]}">'
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
        f'state="frozen"/></sheetView></sheetViews><cols>{columns}</cols><sheetData>{body}</sheetData></worksheet>'
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _LINKS.format(target="xl/workbook.xml", kind="officeDocument", more=""),
        "xl/workbook.xml": _BOOK,
        "xl/_rels/workbook.xml.rels": _LINKS.format(
            target="worksheets/sheet1.xml", kind="worksheet", more=_STYLES_LINK
        ),
        "xl/styles.xml": _STYLES,
        "xl/worksheets/sheet1.xml": sheet,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _letters(place: int) -> str:
    """Give a column's letters: A for 0, AB for 27."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
