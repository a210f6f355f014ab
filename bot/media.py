"""Brings what people send into the vault and takes away what is to go; gives it to senders and readers.

What is wanted stays wanted until it lies in the vault whole, so a crash at any moment means that
it is fetched again, and told once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, Row, delete, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from bot import clock
from bot.channels import Carried, Refused, TryLater
from bot.filled import facts_of
from bot.inbox import put_before
from bot.making import Make, pieces_of
from bot.store import tables as t
from bot.store.database import Database
from bot.store.writer import Writer
from bot.trouble import where
from bot.vault import Found, Unfit, Vault, Way
from handlers.records.media import FILLED, MADE, OWN, Reason
from handlers.talk import Due

log = logging.getLogger(__name__)

Fetch = Callable[[str, str], AsyncIterator[bytes]]
"""Give what lies behind a handle of an account, piece by piece; raise TryLater, Refused or Unfit."""

AT_ONCE = 4
LOOK = 2.0  # seconds between two looks for what another process wants
PATIENCE = 5  # attempts
LONG = 60.0  # seconds for one file
SWEPT = 3600.0  # seconds between two looks for files that nobody knows
WAITS = (2.0, 10.0, 60.0, 300.0)  # seconds before the next attempt
SOUND = ".aac"  # without this ending Zalo plays no voice note
FETCHED = {"image": "", "audio/aac": SOUND}  # what a platform fetches for itself, and how its address ends

_to_do = (
    select(t.media)
    .where(text("state in ('wanted', 'gone')"))  # written out, as the index has it
    .order_by(t.media.c.at, t.media.c.code)
    .limit(200)
)


class Porter:
    """Fetches and removes, for all processes; whoever lets it run holds the lock for it."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        vault: Vault,
        fetch: Fetch,
        told: Callable[[], None] = lambda: None,
        make: Make = pieces_of,
    ) -> None:
        self._database = database
        self._writer = writer
        self._vault = vault
        self._fetch = fetch
        self._make = make
        self._told = told  # called when an event waits for its turn
        self._wake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], Row[Any]] = {}
        self._resting: dict[str, float] = {}  # codes to be tried again, from when on
        self.kept = 0
        self.refused = 0

    def wake(self) -> None:
        """Say that something may be wanted, or is to go."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        called = asyncio.ensure_future(self._wake.wait())
        swept = float("-inf")
        try:
            while True:
                if clock.ticks() - swept > SWEPT:
                    await asyncio.to_thread(self.sweep)
                    swept = clock.ticks()
                if called.done():
                    self._wake.clear()
                    called = asyncio.ensure_future(self._wake.wait())
                waits = [called, *await self._begin()]
                await asyncio.wait(waits, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
                await self._end()
        finally:
            for task in (called, *self._under_way):
                task.cancel()
            await asyncio.gather(called, *self._under_way, return_exceptions=True)
            self._under_way.clear()

    async def once(self) -> None:
        """Do all that can be done now, and return."""
        while tasks := await self._begin():
            await asyncio.wait(tasks)
            await self._end()

    def sweep(self) -> None:
        """Remove every file that no row of the database stands for, such as after an older copy was put back.

        In a folder of another database nothing is nobody's, so nothing is removed there.
        """
        if not self._vault.ours():
            if self._vault.codes():
                log.warning(
                    "MEDIA_FOLDER holds files of another database, so none is swept there. "
                    "Give this database a folder of its own."
                )
            return
        self._vault.sweep_sent()
        here = self._vault.codes()
        for at in range(0, len(here), 500):
            some = here[at : at + 500]
            with self._database.read() as connection:
                known = set(connection.scalars(select(t.media.c.code).where(t.media.c.code.in_(some))))
            for code in set(some) - known:
                self._vault.remove(code)

    # --- one by one ---

    async def _begin(self) -> list[asyncio.Task[None]]:
        now = clock.ticks()
        busy = {row.code for row in self._under_way.values()}
        self._resting = {code: until for code, until in self._resting.items() if until > now}
        gone: list[Row[Any]] = []
        for row in await asyncio.to_thread(self._look):
            if row.code in busy or row.code in self._resting:
                continue
            if row.state == "gone":
                gone.append(row)
            elif len(self._under_way) < AT_ONCE:
                self._under_way[asyncio.create_task(self._bring(row))] = row
        if gone:
            await asyncio.to_thread(self._take_away, gone)
            await self._write(
                lambda c: c.execute(delete(t.media).where(t.media.c.code.in_([row.code for row in gone])))
            )
        return list(self._under_way)

    def _look(self) -> list[Row[Any]]:
        with self._database.read() as connection:
            return list(connection.execute(_to_do))

    def _take_away(self, rows: list[Row[Any]]) -> None:
        for row in rows:
            self._vault.remove(row.code)
            if row.account == "web":
                self._vault.forget_sent(row.ref)

    async def _bring(self, row: Row[Any]) -> None:
        if row.size > self._vault.most:
            await self._refuse(row, "large")
            return
        try:
            async with asyncio.timeout(LONG):
                pieces = self._make(row.ref) if row.account == MADE else self._fetch(row.account, row.ref)
                found = await self._vault.keep(row.code, pieces, row.kind, row.name)
        except Unfit as unfit:
            await self._refuse(row, unfit.reason)
        except Refused as refused:
            log.warning("%s: something sent there cannot be fetched: %s", row.account, refused)
            await self._refuse(row, "lost")
        else:
            await self._keep(row, found)

    async def _end(self) -> None:
        """Look how the attempts went that have ended; what failed is tried again later, or given up."""
        for task in [task for task in self._under_way if task.done()]:
            row = self._under_way.pop(task)
            error = task.exception()
            if error is None:
                continue
            what = str(error) if isinstance(error, TryLater) else where(error)
            log.warning("%s: something sent there was not fetched: %s", row.account, what)
            try:
                await self._later(row, error)
            except SQLAlchemyError:
                self._resting[row.code] = clock.ticks() + WAITS[0]  # it is wanted still

    async def _later(self, row: Row[Any], error: BaseException) -> None:
        if row.attempts + 1 >= PATIENCE:
            await self._refuse(row, "lost")
            return
        asked = error.wait.total_seconds() if isinstance(error, TryLater) and error.wait else 0.0
        self._resting[row.code] = clock.ticks() + max(asked, WAITS[row.attempts])
        tried = update(t.media).where(t.media.c.code == row.code).values(attempts=row.attempts + 1)
        await self._write(lambda c: c.execute(tried))

    async def _keep(self, row: Row[Any], found: Found) -> None:
        values = {"kind": found.kind, "name": found.name, "type": found.type, "size": found.size}
        facts: dict[str, str] = {}
        if row.about.startswith(f"{FILLED}:"):
            facts = await asyncio.to_thread(facts_of, self._vault.path(row.code), found.type)
        if await self._write(lambda c: self._settle(c, row, "kept", facts, **values)):
            self.kept += 1
        await asyncio.to_thread(self._tidy, row)
        self._told()

    async def _refuse(self, row: Row[Any], reason: Reason) -> None:
        if await self._write(lambda c: self._settle(c, row, "refused", {}, reason=reason)):
            self.refused += 1
        await asyncio.to_thread(self._tidy, row)
        self._told()

    def _tidy(self, row: Row[Any]) -> None:
        if row.account == "web":
            self._vault.forget_sent(row.ref)

    def _settle(
        self, connection: Connection, row: Row[Any], state: str, facts: dict[str, str], **values: object
    ) -> bool:
        """Say what became of it, and have it decided upon; False when nobody wants it any more."""
        whose = connection.scalar(
            update(t.media)
            .where(t.media.c.code == row.code, t.media.c.state == "wanted")
            .values(state=state, **values)
            .returning(t.media.c.conversation)
        )
        if whose is None:
            return False
        now = clock.now()
        due = Due(name=f"media.{state}", about=row.about, at=now, facts={"code": row.code, **facts})
        own = row.about.partition(":")[0] in OWN
        put_before(connection, f"media:{row.code}", due, now, whose if own else 0)
        return True

    async def _write(self, job: Callable[[Connection], Any]) -> Any:
        return await asyncio.wrap_future(self._writer.submit(job))


class Carrier:
    """Gives kept files to whoever sends or shows them."""

    def __init__(self, database: Database, vault: Vault, address: str = "") -> None:
        self._database = database
        self._vault = vault
        self._address = address  # by which a platform reaches this server

    async def carried(self, code: str) -> Carried | None:
        """Give a kept file; None where there is none, or no more."""
        return await asyncio.to_thread(self.find, code) if code else None

    def find(self, code: str) -> Carried | None:
        """Give a kept file; None where there is none, or no more."""
        with self._database.read() as connection:
            row = connection.execute(
                select(t.media).where(t.media.c.code == code, t.media.c.state == "kept")
            ).first()
        if row is None or not (path := self._vault.path(code)).exists():
            return None
        url = link = ""
        if self._address:
            link = f"{self._address}/files/{self._vault.ticket(code, 'files')}"
            ending = FETCHED.get(row.type, FETCHED.get(row.type.partition("/")[0]))
            if ending is not None:
                url = f"{self._address}/media/{self._vault.ticket(code, 'media')}{ending}"
        return Carried(path, row.kind, row.name, row.type, row.size, url, link)

    def shown(self, ticket: str, way: Way) -> Carried | None:
        """Give the file that an address of ours stands for; None for a false address, or an old one."""
        code = self._vault.shown(ticket.removesuffix(SOUND) if way == "media" else ticket, way)
        return self.find(code) if code else None


Carry = Callable[[str], Awaitable[Carried | None]]
"""Give the kept file of a code; None where there is none."""


async def carries_nothing(code: str) -> Carried | None:
    """Give no file, for a sender to whom nobody has given a way to files."""
    return None
