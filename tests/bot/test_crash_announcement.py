"""An announcement amid whose laying down processes are killed has exactly one message for everybody."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, func, insert, select

from bot.store import tables as t
from bot.store.announcements import StoredAnnouncements
from bot.store.database import Database
from bot.store.people import columns_of
from handlers.records.announcements import Announcement
from handlers.records.people import Person
from handlers.talk import Due
from tests.bot.crash_worker import ACCOUNT, PIECE
from tests.bot.test_crash import Service, processes_on, reading

PEOPLE = 300
KILLS = 6
COMMUNE = "00602"
MORNING = "2026-11-09T02:00:00+00:00"  # a Monday, 9:00 in Vietnam: nothing is announced at night


def approved(connection: Connection) -> Announcement:
    """Store people who want news of their commune, and an announcement that may go out now."""
    now = datetime.fromisoformat(MORNING)
    for number in range(1, PEOPLE + 1):
        person = Person(lang="vi", commune=COMMUNE, consent="2026-11", consented=now, news="yes")
        own = connection.scalar(
            insert(t.conversations)
            .values(
                person=msgspec.json.encode(person).decode(), touched=now, consented=True, **columns_of(person)
            )
            .returning(t.conversations.c.id)
        )
        connection.execute(
            insert(t.contacts).values(account=ACCOUNT, chat=f"c{number}", conversation=own, heard=now)
        )
    office = {"kind": "office", "name": "phường Đông Ngạc", "commune": COMMUNE}
    unit = connection.scalar(insert(t.units).values(office).returning(t.units.c.id))
    assert unit is not None
    written = StoredAnnouncements(connection, now).hand_in(
        Announcement(
            unit=unit,
            whom="commune",
            words={"vi": "Sáng mai mất nước."},
            state="running",
            author=1,
            begun=now,
        )
    )
    due = Due(name="announce.lay", about=written.about, at=now)
    event = msgspec.json.encode(due).decode()
    connection.execute(insert(t.due).values(key="first", at=now, about=written.about, event=event))
    return written


class Laying:
    """Takes what is sent, and kills a process whenever a few more messages have been laid down."""

    def __init__(self, url: str, seed: int) -> None:
        self.url = url
        self.chance = random.Random(seed)
        self.arrived: Counter[str] = Counter()
        self.kills = 0
        self.between: list[int] = []  # how many lay there at each kill

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one message; whoever sent it may be killed before it hears our answer."""
        line = await reader.readline()
        if b"\t" in line:
            self.arrived[line.decode().partition("\t")[0]] += 1
            writer.write(b"arrived\n")
        writer.close()

    def laid(self) -> tuple[int, bool]:
        """Give how many messages there are, and whether all are laid down and none waits any more."""
        mine = t.outbox.c.kind == "broadcast"
        with reading(self.url) as connection:
            rows = connection.scalar(select(func.count()).where(mine)) or 0
            waiting = connection.scalar(select(func.count()).where(mine, t.outbox.c.state < t.SENT))
            stored = StoredAnnouncements(connection, datetime.fromisoformat(MORNING)).last((1,))[0]
        return rows, stored.complete and not waiting

    async def run(self, folder: Path) -> None:
        """Let it be laid down and sent, amid kills."""
        listening = folder / "platform"
        platform = await asyncio.start_unix_server(self.receive, listening)
        more = ("10000", MORNING)
        services = [Service(self.url, listening, folder, *more) for _ in range(processes_on(self.url))]
        try:
            async with asyncio.timeout(200):
                over = False
                while not over:
                    await asyncio.sleep(self.chance.uniform(0.05, 0.4))
                    rows, over = await asyncio.to_thread(self.laid)
                    wanted = (self.kills + 1) * PEOPLE // (KILLS + 2)
                    if self.kills < KILLS and rows >= wanted and self.chance.choice(services).kill():
                        self.kills += 1
                        self.between.append(rows)
        finally:
            statuses = [await service.stop() for service in services]
            platform.close()
            await platform.wait_closed()
        assert statuses == [0] * len(services)


def test_killed_amid_laying_an_announcement_down_everybody_has_exactly_one_message(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(url)
    with database.write() as connection:
        written = approved(connection)
    database.close()

    async def happen() -> Laying:
        laying = Laying(url, 20261130)
        await laying.run(tmp_path)
        return laying

    laying = asyncio.run(happen())
    with reading(url) as connection:
        rows = connection.execute(select(t.outbox).where(t.outbox.c.kind == "broadcast")).all()
        stored = StoredAnnouncements(connection, datetime.fromisoformat(MORNING)).last((1,))[0]
        pieces = connection.scalar(
            select(func.count()).where(t.due.c.about == written.about, t.due.c.key.contains(":lay:"))
        )
    assert Counter(row.contact for row in rows) == Counter(range(1, PEOPLE + 1))
    assert {row.state for row in rows} <= {t.SENT, t.DOUBT}  # in doubt: under way when its process was killed
    assert max(laying.arrived.values()) == 1
    sure = {f"c{row.contact}" for row in rows if row.state == t.SENT}
    assert sure <= laying.arrived.keys()
    assert (stored.laid, stored.missed, stored.complete) == (PEOPLE, 0, True)
    assert pieces == PEOPLE // PIECE
    assert laying.kills == KILLS
    assert any(0 < rows < PEOPLE for rows in laying.between)
    with capsys.disabled():
        print(
            f"\n{'SQLite, 1 process' if url.startswith('sqlite') else 'PostgreSQL, 2 processes'}: {PEOPLE} people, "
            f"{laying.kills} kills, with {laying.between} messages laid down; one message each, "
            f"{len(rows) - len(sure)} in doubt"
        )
