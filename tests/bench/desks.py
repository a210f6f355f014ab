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
from sqlalchemy import Connection, select

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
LOOKS, WARMING = 300, 20
QUEUE_GOAL, ROUTING_GOAL, EXPORT_GOAL = 20.0, 5.0, 60.0  # milliseconds, milliseconds, seconds
NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
HOUSE = Path(__file__).parents[2]
TYPED = ("to {}", "tổ dân phố {}", "tdp so {}", "Tổ {}", "group {}")  # as people write a village


Look = Callable[[int, Connection], None]


class Times(msgspec.Struct, frozen=True):
    """How long looks took, in milliseconds."""

    p50: float
    p95: float
    processor: float  # of this process, at p95: what is left of it on a machine that does nothing else

    @classmethod
    def of(cls, database: Database, look: Look) -> Times:
        """Look often, each time in an open transaction as a turn does, after some looks that warm up."""
        took, worked = list[float](), list[float]()
        for number in range(-WARMING, LOOKS):
            with database.read() as connection:
                connection.execute(select(1))  # begins it
                begin, busy = time.perf_counter(), time.process_time()
                look(number, connection)
                if number >= 0:
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


def looks(shelf: Shelf) -> dict[str, Look]:
    """Give what is measured, by what it is."""
    drawn = random.Random(5)
    codes = province.communes()

    def types(connection: Connection, person: int, text: str, answer: str) -> None:
        one = turn(StoredRecords(connection, NOW), shelf, person, text)
        desk.decide(one)
        if answer not in str(one.said[0].text):
            raise RuntimeError(f"{person} was told: {one.said[0].text}")

    def mine(_number: int, connection: Connection) -> None:
        types(connection, drawn.randrange(1, province.PEOPLE + 1), "việc của tôi", "Free: ")

    def office(_number: int, connection: Connection) -> None:
        person = province.PEOPLE + drawn.randrange(1, province.COMMUNES + 1)
        types(connection, person, "hàng đợi", "Free: ")

    def route(number: int, connection: Connection) -> tuple[Turn, int]:
        team = drawn.randrange(1, province.TEAMS + 1)
        place = (team - 1) % province.VILLAGES + 1
        one = turn(StoredRecords(connection, NOW), shelf, 1, "")
        teams = one.people.units("team", province.commune_of(team, codes))
        found = team_for(teams, TYPED[number % len(TYPED)].format(place))
        if found is None or found.id != team:
            raise RuntimeError(f"{team} was not found")
        return one, team

    def routed(number: int, connection: Connection) -> None:
        route(number, connection)

    def shown(number: int, connection: Connection) -> None:
        one, team = route(number, connection)
        request = Request(team=team, commune=province.commune_of(team, codes))
        if len(cases.helpers(one, request)) != province.MEMBERS:
            raise RuntimeError(f"team {team} has others")

    def month(_number: int, connection: Connection) -> None:
        person = province.PEOPLE + drawn.randrange(1, province.COMMUNES + 1)
        types(connection, person, "số liệu tháng 11", "Helped")

    return {
        "“my work” of a team's member": mine,
        "the queue of a commune's office": office,
        "routing: the team": routed,
        "routing: the team, and who is shown the card": shown,
        "figures of a month of a commune": month,
    }


def export(url: str, folder: Path, days: int, name: str) -> Exported:
    """Run `toso export requests` over the last days of the year."""
    last = (province.BEGIN + province.YEAR).date() + timedelta(days=1)
    first = last - timedelta(days=days + 1)
    return exported(url, ["requests", "--from", str(first), "--to", str(last), str(folder / name)])


def exported(url: str, words: list[str]) -> Exported:
    """Run `toso export` with these words and see what it costs."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "export", *words],
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
                found = {what: Times.of(database, look) for what, look in looks(bookcase.shelf()).items()}
                tables = {
                    file: export(url, folder, of, file)
                    for file, of in (("tenth.xlsx", days // 10), ("all.xlsx", days), ("all.csv", days))
                }
            finally:
                database.close()
            yield name, filled, found, tables
