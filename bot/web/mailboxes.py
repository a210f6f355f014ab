"""Tells open pages that something came: at once within a process, by one slow look between processes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from bot.store import tables as t
from bot.store.database import Database

LOOK = 2.0  # seconds between two looks for all open pages

LAST = select(t.contacts.c.id, t.contacts.c.last).where(t.contacts.c.id.in_(bindparam("ids", expanding=True)))


class Mailboxes:
    """Open pages, by the contact they read for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: dict[int, set[asyncio.Event]] = {}
        self._last: dict[int, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.ended = False

    def begin(self) -> None:
        """Belong to the running loop; `came` may be called from any thread after this."""
        self._loop = asyncio.get_running_loop()

    def came(self, contacts: Iterable[int]) -> None:
        """Say that these contacts have new messages; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring, tuple(contacts))

    def everybody(self) -> None:
        """Wake every page, such as when the demo's clock has moved."""
        self.came(tuple(self._open))

    def end(self) -> None:
        """Let every page go; each comes back to the next process with its number."""
        self.ended = True
        self.everybody()

    def enter(self, contacts: Iterable[int]) -> asyncio.Event:
        """Give the event that rings when something came for one of these."""
        event = asyncio.Event()
        for contact in contacts:
            self._open.setdefault(contact, set()).add(event)
        return event

    def leave(self, contacts: Iterable[int], event: asyncio.Event) -> None:
        """Close a page."""
        for contact in contacts:
            pages = self._open.get(contact, set())
            pages.discard(event)
            if not pages:
                self._open.pop(contact, None)
                self._last.pop(contact, None)

    @property
    def pages(self) -> int:
        """How many contacts have a page open."""
        return len(self._open)

    def _ring(self, contacts: tuple[int, ...]) -> None:
        for contact in contacts:
            for event in self._open.get(contact, ()):
                event.set()

    async def look(self) -> None:
        """Ask once for all open pages whether another process wrote to them."""
        if not self._open:
            return
        try:
            rows = await asyncio.to_thread(self._lasts, list(self._open))
        except SQLAlchemyError:
            return  # the next look finds what came meanwhile
        changed = [contact for contact, last in rows if self._last.get(contact) != last]
        self._last.update(rows)
        self._ring(tuple(changed))

    def _lasts(self, ids: list[int]) -> list[tuple[int, int]]:
        with self._database.read() as connection:
            return [(row.id, row.last) for row in connection.execute(LAST, {"ids": ids})]
