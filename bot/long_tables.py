"""Tables written row by row, as CSV or XLSX, however long they are; nothing in them is computed by a table program."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from bot.clock import VIETNAM
from bot.settings import Unusable
from handlers.rules.exporting import FORMULA, plain

ENDINGS = (".xlsx", ".csv")
MOST = 1_048_575  # rows of a sheet below its heading

Cell = str | int | Decimal | datetime | None


class Table(Protocol):
    """A table that is being written."""

    def begin(self, headings: Sequence[str], widths: Sequence[int]) -> None:
        """Write the heading."""

    def row(self, cells: Sequence[Cell]) -> None:
        """Write the next row."""


def begun(path: Path, first: date, last: date) -> tuple[str, Path]:
    """Give the ending of a table of these days and the file to write it to first; Unusable where it cannot be."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise Unusable(f"{path} has no ending that is known. Name it with one of: {', '.join(ENDINGS)}.")
    if last < first:
        raise Unusable(f"--to {last} is before --from {first}. Change one of the two.")
    if not path.parent.is_dir():
        raise Unusable(f"{path.parent} is no folder. Make it, or name another.")
    return ending, path.with_name(f"{path.name}.part")  # nobody opens half a table


@contextmanager
def table(path: Path, ending: str) -> Iterator[Table]:
    """Open a table of that kind at a path; it is whole once the block ends well."""
    if ending == ".csv":
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            yield _Csv(file)
        return
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "default_date_format": "dd/mm/yyyy hh:mm"}
    )
    try:
        yield _Xlsx(book)
    finally:
        book.close()


class _Csv:
    """Semicolons and a mark of UTF-8, as table programs set to Vietnamese expect."""

    def __init__(self, file: Any) -> None:
        self._writer = csv.writer(file, delimiter=";")

    def begin(self, headings: Sequence[str], widths: Sequence[int]) -> None:
        self._writer.writerow(headings)

    def row(self, cells: Sequence[Cell]) -> None:
        self._writer.writerow([_written(cell) for cell in cells])


def _written(cell: Cell) -> str | int | Decimal | None:
    if isinstance(cell, datetime):
        return f"{cell.astimezone(VIETNAM):%Y-%m-%d %H:%M}"
    return plain(cell) if isinstance(cell, str) else cell


class _Xlsx:
    """One sheet, its heading kept in sight."""

    def __init__(self, book: Any) -> None:
        self._sheet = book.add_worksheet()
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._text = book.add_format({"quote_prefix": True})  # stays text also once somebody edits it
        self._at = 0

    def begin(self, headings: Sequence[str], widths: Sequence[int]) -> None:
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self._sheet.freeze_panes(1, 0)
        for column, heading in enumerate(headings):
            self._sheet.write_string(0, column, heading, self._bold)

    def row(self, cells: Sequence[Cell]) -> None:
        self._at += 1
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                if cell:
                    self._sheet.write_string(
                        self._at, column, cell, self._text if cell.startswith(FORMULA) else None
                    )
            elif isinstance(cell, datetime):
                self._sheet.write_datetime(
                    self._at, column, cell.astimezone(VIETNAM).replace(tzinfo=None, microsecond=0)
                )
            elif cell is not None:
                self._sheet.write_number(self._at, column, cell)
