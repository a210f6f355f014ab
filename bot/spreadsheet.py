"""Writes tables as XLSX files: what is typed into one stays text, so no leading 0 and no stroke is lost."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from handlers.made import Cell, Sheet

TEXT = "@"  # the format of cells whose content stays as it was typed
MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same table gives the same file
WIDEST = 60  # letters of a column
LINE = 15  # points
A4, UPRIGHT = (
    9,
    95,
)  # the library's number of the paper; letters of a row that are still readable on it upright
STYLES: dict[str, dict[str, Any]] = {
    "text": {"num_format": TEXT, "text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 14},
    "heading": {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#D9E2EC", "border": 1},
    "entry": {"num_format": TEXT, "bg_color": "#FFF8DC", "border": 1, "valign": "top", "text_wrap": True},
    "quiet": {"text_wrap": True, "valign": "top", "font_color": "#44546A"},
    "plain": {},
    "number": {"num_format": "#,##0", "valign": "top"},
    "decimal": {"num_format": "#,##0.0##", "valign": "top"},
}


def written(sheet: Sheet) -> bytes:
    """Give the XLSX file of a table."""
    import xlsxwriter  # not before a table is written: starting is to be quick

    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"created": MADE})
        styles = {name: book.add_format({"font_name": "Arial", **style}) for name, style in STYLES.items()}
        page = book.add_worksheet("To So")
        for place, width in enumerate(sheet.widths):
            hide = place >= len(sheet.widths) - sheet.hidden_columns
            page.set_column(place, place, min(width, WIDEST) + 2, styles["text"], {"hidden": hide})
        for number, row in enumerate(sheet.rows):
            for place, cell in enumerate(row):
                words = str(cell.words)
                if cell.style == "number" and words:
                    style = styles["decimal" if "." in words else "number"]
                    page.write_number(number, place, float(words), style)
                elif words:
                    page.write_string(number, place, words, styles[cell.style])
                elif cell.style != "text":
                    page.write_blank(number, place, None, styles[cell.style])
            page.set_row(number, _height(row, sheet.widths), None, {"hidden": number < sheet.hidden_rows})
        page.freeze_panes(sheet.fixed, 0)
        page.set_paper(A4)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)  # inches
        if sum(sheet.widths) > UPRIGHT:
            page.set_landscape()
        page.fit_to_pages(1, 0)  # as wide as one sheet of paper, as long as it takes
        if sheet.fixed:
            page.repeat_rows(sheet.fixed - 1)
        page.ignore_errors({"number_stored_as_text": "A1:XFD10000"})
    return made.getvalue()


def _height(row: Sequence[Cell], widths: Sequence[int]) -> float | None:
    """Give the points that wrapped words need, since not every office suite looks itself; None for one line."""
    lines = max(
        (
            -(-len(part) // min(width, WIDEST))
            for cell, width in zip(row, widths, strict=False)
            if cell.style not in ("plain", "title")
            for part in str(cell.words).split("\n")
        ),
        default=1,
    )
    return lines * LINE if lines > 1 else None
