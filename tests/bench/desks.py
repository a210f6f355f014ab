"""A province's desk: queues and routing among a million stored requests, and a year's quarter as a table."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psutil

from bot.shelf import Bookcase
from bot.store import schema
from bot.store.database import Database
from bot.store.records import StoredRecords
from handlers import cases, desk
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.rules.routing import team_for
from handlers.talk import Incoming, Talk
from handlers.turn import Shelf, Turn
from tests.bench import province
from tests.bench.webhooks import databases

REQUESTS, EXPORTED = 1_000_000, 150_000
LOOKS = 300
QUEUE_GOAL, ROUTING_GOAL, EXPORT_GOAL = 20.0, 5.0, 60.0  # milliseconds, milliseconds, seconds
NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
HOUSE = Path(__file__).parents[2]
TYPED = ("to {}", "tổ dân phố {}", "tdp so {}", "Tổ {}", "group {}")  # as people write a village


class Times(msgspec.Struct, frozen=True):
    """How long looks took, in milliseconds."""

    p50: float
    p95: float
    processor: float  # of this process, at p95: what is left of it on a machine that does nothing else

    @classmethod
    def of(cls, look: Callable[[int], None]) -> Times:
        """Look often, after some that warm up."""
        for number in range(20):
            look(number)
        took, worked = list[float](), list[float]()
        for number in range(LOOKS):
            begin, busy = time.perf_counter(), time.process_time()
            look(number)
            worked.append(1000 * (time.process_time() - busy))
            took.append(1000 * (time.perf_counter() - begin))
        took.sort()
        worked.sort()
        return cls(took[LOOKS // 2], took[LOOKS * 95 // 100], worked[LOOKS * 95 // 100])


class Exported(msgspec.Struct, frozen=True):
    """What one export cost."""

    rows: int
    seconds: float
    processor: float  # seconds of them in which it worked
    memory: float  # MB that the process held at the most


def turn(records: StoredRecords, shelf: Shelf, person: int, text: str) -> Turn:
    """Give a turn of somebody with a role."""
    event = Incoming(account="web", chat="c", sender="c", text=text)
    return Turn(
        event=event,
        person=Person(id=person, name="Số", lang="vi"),
        talk=Talk(met=True),
        now=NOW,
        shelf=shelf,
        records=records,
        staff=True,
    )


def looks(database: Database, shelf: Shelf) -> dict[str, Callable[[int], None]]:
    """Give what is measured: each opens a transaction, and asks as a turn does."""
    drawn = random.Random(5)
    codes = province.communes()

    def types(person: int, text: str) -> None:
        with database.read() as connection:
            one = turn(StoredRecords(connection, NOW), shelf, person, text)
            desk.decide(one)
        if "Free: " not in str(one.said[0].text):
            raise RuntimeError(f"{person} was told: {one.said[0].text}")

    def mine(_number: int) -> None:
        types(drawn.randrange(1, province.PEOPLE + 1), "việc của tôi")

    def office(_number: int) -> None:
        types(province.PEOPLE + drawn.randrange(1, province.COMMUNES + 1, 2), "hàng đợi")

    def routed(number: int) -> None:
        team = drawn.randrange(1, province.TEAMS + 1)
        commune, place = province.commune_of(team, codes), (team - 1) % province.VILLAGES + 1
        with database.read() as connection:
            one = turn(StoredRecords(connection, NOW), shelf, 1, "")
            found = team_for(one.people.units("team", commune), TYPED[number % len(TYPED)].format(place))
            if found is None or found.id != team:
                raise RuntimeError(f"{team} was not found")
            if len(cases.helpers(one, Request(team=team, commune=commune))) != province.MEMBERS:
                raise RuntimeError(f"team {team} has others")

    def month(_number: int) -> None:
        person = province.PEOPLE + drawn.randrange(1, province.COMMUNES + 1)
        with database.read() as connection:
            one = turn(StoredRecords(connection, NOW), shelf, person, "số liệu tháng 11")
            desk.decide(one)
        if "Helped" not in str(one.said[0].text):
            raise RuntimeError("nobody was helped")

    return {
        "“my work” of a team's member": mine,
        "the queue of a commune's office": office,
        "routing: the team, and who is shown the card": routed,
        "figures of a month of a commune": month,
    }


def export(url: str, folder: Path, days: int, name: str) -> Exported:
    """Run `toso export requests` over the last days of the year."""
    last = (province.BEGIN + province.YEAR).date() + timedelta(days=1)
    first = last - timedelta(days=days + 1)
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "export", "requests", "--from", str(first), "--to", str(last),
         str(folder / name)],
        cwd=HOUSE, env={**os.environ, "DATABASE": url}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    seen, memory, worked = psutil.Process(process.pid), 0, 0.0
    while process.poll() is None:
        try:
            memory = max(memory, seen.memory_info().rss)
            worked = sum(seen.cpu_times()[:2])
        except psutil.NoSuchProcess:
            break
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    took = time.perf_counter() - begin
    said, _err = process.communicate()
    if process.returncode:
        raise RuntimeError(f"the export ended with {process.returncode}")
    return Exported(int(said.split(": ")[1].split()[0]), took, worked, memory / 2**20)


def measure(
    folder: Path, bookcase: Bookcase, requests: int = REQUESTS, exported: int = EXPORTED
) -> Iterator[tuple[str, float, dict[str, Times], dict[str, Exported]]]:
    """Give for each database its name, the seconds to fill it, what looks took and what exports cost."""
    days = -(-exported * province.YEAR.days // requests)
    with databases(folder) as urls:
        for name, url in urls.items():
            database = Database(url)
            try:
                schema.upgrade(database)
                begin = time.perf_counter()
                province.fill(database, requests, events=exported + requests // 10)
                filled = time.perf_counter() - begin
                found = {what: Times.of(look) for what, look in looks(database, bookcase.shelf()).items()}
                tables = {
                    file: export(url, folder, of, file)
                    for file, of in (("tenth.xlsx", days // 10), ("all.xlsx", days), ("all.csv", days))
                }
            finally:
                database.close()
            yield name, filled, found, tables
