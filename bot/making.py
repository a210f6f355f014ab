"""Makes the files that conversations ask for: an order is worded with its turn, and carried out after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec

from bot import letter, picture, spreadsheet
from bot.channels import Refused
from handlers.made import Chart, Letter, Made, Progress, ReportTable, Trend
from handlers.text import Text

Word = Callable[[Text], str]

read = msgspec.json.Decoder(Made).decode


def ordered(made: Made, word: Word) -> str:
    """Give an order as it is stored, its sentences in the reader's words."""
    return msgspec.json.encode(_worded(made, word)).decode()


def _worded(value: object, word: Word) -> object:
    match value:
        case Text():
            return word(value)
        case msgspec.Struct():
            fields = {name: _worded(getattr(value, name), word) for name in value.__struct_fields__}
            tag = value.__struct_config__.tag
            return fields | ({"type": tag} if tag else {})
        case tuple():
            return [_worded(one, word) for one in value]
    return value


def file(order: str) -> bytes:
    """Give the file of an order that holds all that is in it; Refused where the store has to be read."""
    made = read(order)
    if isinstance(made, Chart):
        return picture.drawn(made)
    if isinstance(made, Progress):
        return picture.progress(made)
    if isinstance(made, Trend):
        return picture.trend(made)
    if isinstance(made, ReportTable):
        raise Refused("a table of reports is made from the store")
    return letter.written(made) if isinstance(made, Letter) else spreadsheet.written(made)


Make = Callable[[str], AsyncIterator[bytes]]
"""Give the file of an order, piece by piece."""


async def pieces_of(order: str) -> AsyncIterator[bytes]:
    """Give the file of an order as if it had been fetched; it is made in a thread, so that nothing waits."""
    yield await asyncio.to_thread(file, order)
