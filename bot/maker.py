"""Makes the files that conversations ask for, those too for which the store has to be read: tables of reports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import making, report_export
from bot.scope import Scope
from bot.settings import Unusable
from bot.store.database import Database
from bot.vault import Unfit
from bot.wording import Wording
from handlers.made import ReportTable
from handlers.turn import Shelf

LONGEST = 20_000  # lines of a table that goes through a chat


class Maker:
    """Makes files, with a store and what is known at hand."""

    def __init__(self, database: Database, shelf: Callable[[], Shelf], wording: Wording) -> None:
        self._database = database
        self._shelf = shelf
        self._wording = wording

    async def pieces_of(self, order: str) -> AsyncIterator[bytes]:
        """Give the file of an order as if it had been fetched; Unfit where it would be too long."""
        made = making.read(order)
        if isinstance(made, ReportTable):
            yield await asyncio.to_thread(self._reports, made)
        else:
            async for piece in making.pieces_of(order):
                yield piece

    def _reports(self, made: ReportTable) -> bytes:
        shelf = self._shelf()
        if made.form not in shelf.forms:
            raise Unfit("lost")
        below = shelf.places.communes_of(made.place)
        codes = (
            tuple(one.code for one in below) if shelf.places.commune(made.place) is None else (made.place,)
        )
        if not codes:  # no codes would mean all there are
            raise Unfit("lost")
        wanted = report_export.Wanted(made.first, made.last, made.form)
        known = report_export.Knowledge(shelf.forms, shelf.places, shelf.calendar)
        scope = Scope(communes=codes)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "reports.xlsx"
            try:
                report_export.fill(
                    self._database, wanted, scope, path, ".xlsx", known, self._wording, made.lang, LONGEST
                )
            except Unusable:
                raise Unfit("large") from None
            return path.read_bytes()
