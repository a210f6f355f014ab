"""Writes an administrative document as DOCX, laid out as Nghị định 30/2020/NĐ-CP, Phụ lục I, asks for.

A4 upright; 20 mm above and below, 30 mm left, 20 mm right; Times New Roman; the nation's name in 12 points bold and
the motto in 13 points bold below it with a line beneath, both at the right; the office at the left. Of the sizes that
the annex allows one is taken each: at 13 points the nation's name no longer stands on one line, as it has to.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from handlers.made import Letter, Phrase

FONT = "Times New Roman"
MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same document gives the same content
WIDTHS = (12, 38, 52, 26, 32)  # millimetres of the columns of the table, 160 in all
TASK_WIDTHS = (12, 36, 40, 26, 20, 26)  # and of the one of tasks


def written(letter: Letter) -> bytes:
    """Give the DOCX file of a document."""
    import docx  # not before a document is written: starting is to be quick
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    page: Any = docx.Document()
    section = page.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = section.right_margin = Mm(20)
    section.left_margin = Mm(30)
    usual = page.styles["Normal"]
    usual.font.name, usual.font.size = FONT, Pt(14)
    usual.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    usual.paragraph_format.space_after = Pt(0)
    page.core_properties.created = page.core_properties.modified = MADE
    page.core_properties.author = page.core_properties.comments = ""
    page.core_properties.title = str(letter.subject)
    _numbered(section)
    head = page.add_table(rows=2, cols=2)
    head.autofit = False
    left, right = head.cell(0, 0), head.cell(0, 1)
    for place, line in enumerate(letter.office):
        _line(left, line, 12, bold=True, first=place == 0)
    _rule(left, 25)
    _line(right, letter.nation, 12, bold=True, first=True)
    _line(right, letter.motto, 13, bold=True)
    _rule(right, 52)
    _line(head.cell(1, 0), letter.number, 13, first=True)
    _line(head.cell(1, 1), letter.place_and_date, 13, italic=True, first=True)
    _wide(head, (64, 96))
    _line(page, "", 14)
    _line(page, letter.kind, 14, bold=True)
    _line(page, letter.subject, 14, bold=True)
    _rule(page, 40)
    _line(page, letter.opening, 14, aligned="LEFT")
    _table(page, letter.columns, letter.rows, WIDTHS, right=3)
    if letter.tasks:
        _line(page, "", 14)
        _line(page, letter.tasks_heading, 14, aligned="LEFT")
        _table(page, letter.task_columns, letter.tasks, TASK_WIDTHS)
    _line(page, "", 14)
    foot = page.add_table(rows=1, cols=2)
    foot.autofit = False
    for place, line in enumerate(letter.recipients):
        size, strong = (12, True) if place == 0 else (11, False)
        _line(foot.cell(0, 0), line, size, bold=strong, italic=strong, aligned="LEFT", first=place == 0)
    title, *others = letter.signer
    _line(foot.cell(0, 1), title, 14, bold=True, first=True)
    for line in others:
        _line(foot.cell(0, 1), line, 14, italic=line != others[-1])
        if line != others[-1]:
            for _room in range(4):
                _line(foot.cell(0, 1), "", 14)
    _wide(foot, (80, 80))
    _line(page, "", 10)
    _line(page, letter.foot, 10, aligned="LEFT")
    made = io.BytesIO()
    page.save(made)
    return made.getvalue()


def _numbered(section: Any) -> None:
    """Number the pages above, in the middle, the first one left out."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    section.different_first_page_header_footer = True
    above = section.header.paragraphs[0]
    above.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = above.add_run()
    run.font.size = Pt(13)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    field.append(run._r)  # noqa: SLF001
    above._p.append(field)  # noqa: SLF001


def _table(
    page: Any,
    columns: tuple[Phrase, ...],
    rows: tuple[tuple[Phrase, ...], ...],
    widths: tuple[int, ...],
    *,
    right: int = -1,
) -> None:
    """Write a table; its heading stands again on each page, and the figures of one column at the right."""
    from docx.oxml import OxmlElement

    table = page.add_table(rows=0, cols=len(columns), style="Table Grid")
    table.autofit = False
    for number, row in enumerate((columns, *rows)):
        added = table.add_row()
        for place, words in enumerate(row):
            aligned = "CENTER" if number == 0 or place == 0 else "RIGHT" if place == right else "LEFT"
            _line(added.cells[place], words, 12, bold=number == 0, aligned=aligned, first=True)
        properties = added._tr.get_or_add_trPr()  # noqa: SLF001 (the library has no word for these two)
        for name in ("w:cantSplit", *(["w:tblHeader"] if number == 0 else [])):
            properties.append(OxmlElement(name))
    _wide(table, widths)


def _line(
    place: Any,
    words: object,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    aligned: str = "CENTER",
    first: bool = False,
) -> None:
    """Write a line into the page or a cell; the first of a cell is there already."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    line = place.paragraphs[0] if first else place.add_paragraph()
    line.alignment = getattr(WD_ALIGN_PARAGRAPH, aligned)
    run = line.add_run(str(words))
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)


def _rule(place: Any, millimetres: int) -> None:
    """Draw a line below what was written last, that long and in the middle."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    line = place.add_paragraph()
    across = (160 if hasattr(place, "sections") else 64 if millimetres < 30 else 96) - 4
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = Mm((across - millimetres) / 2)
    line.paragraph_format.space_after = Pt(4)
    line.paragraph_format.line_spacing = Pt(3)
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    line._p.get_or_add_pPr().insert(0, borders)  # noqa: SLF001 (before spacing, as the format orders them)


def _wide(table: Any, widths: tuple[int, ...]) -> None:
    from docx.shared import Mm

    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
