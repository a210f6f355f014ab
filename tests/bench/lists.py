"""The lists of a province: 1,000 teams in 100 communes, 6,000 people, and all of it once more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, event

from bot.lists import keeping
from bot.lists.kinds import Kind
from bot.store import schema
from bot.store.database import Database
from bot.wording import Wording
from knowledge.places import Places

COMMUNES, VILLAGES, PEOPLE = 100, 10, 6
GOAL = 10.0  # seconds for the people
HELD = 0.2  # seconds that a write may keep SQLite's lock


def measure(folder: Path, wording: Wording) -> Iterator[tuple[str, float, float, float]]:
    """Give what was imported, the seconds it took, the longest lock and the goal."""
    places = Places.load()
    communes = [commune.code for commune in places.communes_of("01")[:COMMUNES]]
    here = [(commune, n) for commune in communes for n in range(1, VILLAGES + 1)]
    lists: dict[Kind, str] = {
        "villages": "mã;tên;địa bàn\n" + "".join(f"V{c}{n};tổ dân phố {n};{c}\n" for c, n in here),
        "teams": "mã;tên;địa bàn\n" + "".join(f"T{c}{n};tổ dân phố {n};{c}\n" for c, n in here),
        "people": "mã;họ tên;điện thoại;vai trò;tổ hoặc cơ quan\n"
        + "".join(
            f"{c}{n}-{k};Nguyễn Văn Số {k};09{place * PEOPLE + k:08d};{'tổ viên' if k else 'tổ trưởng'};T{c}{n}\n"
            for place, (c, n) in enumerate(here)
            for k in range(PEOPLE)
        ),
    }
    database = Database(f"sqlite:///{folder}/lists.db")
    schema.upgrade(database)
    held = _Held(database)
    for again in ("", ", once more"):
        for kind, content in lists.items():
            held.longest = 0.0
            begin = time.perf_counter()
            outcome = keeping.bring(database, kind, content.encode(), wording, places)
            took = time.perf_counter() - begin
            assert not outcome.problems, outcome.problems[0]
            assert (outcome.added == 0) == bool(again)
            yield f"{outcome.rows:,} {kind} imported{again}, s", took, held.longest, GOAL
    database.close()


class _Held:
    """The longest time that a transaction kept the lock."""

    def __init__(self, database: Database) -> None:
        self.longest = 0.0
        self._begin = 0.0
        event.listen(database.engine, "begin", self._begun)
        event.listen(database.engine, "commit", self._ended)

    def _begun(self, connection: Connection) -> None:
        self._begin = time.perf_counter()

    def _ended(self, connection: Connection) -> None:
        # The commit itself, a sync of the disk, comes after this and is measured elsewhere.
        self.longest = max(self.longest, time.perf_counter() - self._begin)
