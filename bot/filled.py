"""What stands in a table that somebody filled in and sent: its cells as facts of an event, or why there are none.

No conversation opens a file: it is read here, before its turn, and only as far as a template of ours reaches.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from bot.lists import xlsx
from handlers.rules import guard
from handlers.rules.template import SHEET, UNREAD, Table, Typed

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNPACKED = 10_000_000  # bytes of one part; a template has some twenty thousand
ROWS, COLUMNS = 200, 12
LONGEST = 600  # letters of a cell


def facts_of(path: Path, type_: str) -> dict[str, str]:
    """Give the cells of a filled table as a fact; where it cannot be read, why."""
    if type_ != XLSX:
        return {UNREAD: "kind"}
    try:
        grid = xlsx.grid(path.read_bytes(), UNPACKED)
    except xlsx.TooLarge:
        return {UNREAD: "large"}
    except xlsx.Broken:
        return {UNREAD: "broken"}
    cells = {
        f"{chr(65 + place)}{number}": Typed(_tidy(cell.text), cell.kind)
        for number, row in grid.rows.items()
        if number <= ROWS
        for place, cell in enumerate(row[:COLUMNS])
        if cell.text
    }
    return {SHEET: msgspec.json.encode(Table(cells, grid.merged[:ROWS])).decode()}


def _tidy(text: str) -> str:
    """Give the words of a cell without their secrets, as all that is said here is kept."""
    return guard.mask(" ".join(text[:LONGEST].split())).text
