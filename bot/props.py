"""What people send in a transcript: the smallest file of each kind, and a table they were sent, filled in by them."""

from __future__ import annotations

import re

from bot.lists import xlsx
from bot.spreadsheet import written
from handlers.made import Cell, Sheet

REF = "sent-in-a-transcript"  # what a platform would fetch it by
CONTENT = {  # the smallest that is known as what it is
    "photo": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "voice": b"OggS\x00\x02" + b"\x00" * 22 + b"OpusHead",
    "video": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
    "file": b"%PDF-1.7\n%%EOF\n",
}
MOST = 1_000_000  # bytes of a part of a table
_CELL = re.compile(r"([A-Z])([1-9]\d{0,2}): ?(.*)")


def cells(lines: str) -> dict[tuple[int, int], str]:
    """Give what is typed into which cell, by row and column from 0, of lines such as "C8: 9/11"."""
    found = [_CELL.fullmatch(line.strip()) for line in lines.splitlines()]
    return {(int(one[2]) - 1, ord(one[1]) - ord("A")): one[3] for one in found if one}


def filled(table: bytes, typed: dict[tuple[int, int], str]) -> bytes:
    """Give a table with these cells typed over, saved as another program would save it: formats are lost."""
    grid = xlsx.grid(table, MOST)
    height = max([*grid.rows, *(row + 1 for row, _place in typed)])
    width = max([*map(len, grid.rows.values()), *(place + 1 for _row, place in typed)])
    page = [[""] * width for _row in range(height)]
    for number, contents in grid.rows.items():
        for place, content in enumerate(contents):
            page[number - 1][place] = content.text
    for (row, place), words in typed.items():
        page[row][place] = words
    return written(Sheet(tuple(tuple(map(Cell, words)) for words in page), (10,) * width))
