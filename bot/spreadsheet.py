"""Writes tables as XLSX files: what is typed into one stays text, so no leading 0 and no stroke is lost."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from handlers.made import Sheet

TEXT = "@"  # the format of cells whose content stays as it was typed
MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same table gives the same file
WIDEST = 60  # letters of a column
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
            if number < sheet.hidden_rows:
                page.set_row(number, None, None, {"hidden": True})
        page.freeze_panes(sheet.fixed, 0)
        page.ignore_errors({"number_stored_as_text": "A1:XFD10000"})
    return made.getvalue()
