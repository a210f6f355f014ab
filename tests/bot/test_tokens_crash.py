"""Processes that are killed at any moment of a renewal never lose the pair; what a dead machine loses is told."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bot.store.database import Database
from tests.bot.test_tokens import row
from tests.bot.token_worker import keeper
from tests.simulators.serving import Serving
from tests.simulators.zalo_tokens import ZaloTokens

HOUSE = Path(__file__).parents[2]
KILLS = 50
PATIENCE = 60.0
MOMENTS = ("born", "begins", "asked", "given", "answered", "renewed")


@pytest.fixture
def zalo() -> ZaloTokens:
    zalo = ZaloTokens()
    zalo.before = zalo.after = 0.03
    return zalo


@pytest.fixture
def address(zalo: ZaloTokens) -> Iterator[str]:
    serving = Serving(zalo.app())
    yield serving.url
    serving.stop()


class Storm:
    """Supervised processes, and what has happened."""

    def __init__(self, zalo: ZaloTokens, url: str, folder: Path, address: str, processes: int) -> None:
        self.came = threading.Condition()
        self.counted: Counter[str] = Counter()
        self.lives: dict[int, int] = {}
        zalo.watched = self._happened
        command = [sys.executable, "-m", "tests.bot.token_worker", url, str(folder), address]
        self._processes = [
            subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
        ]
        self._readers = [
            threading.Thread(target=self._read, args=(number, process), daemon=True)
            for number, process in enumerate(self._processes)
        ]
        for reader in self._readers:
            reader.start()
        with self.came:
            assert self.came.wait_for(lambda: len(self.lives) == processes, PATIENCE)

    def _read(self, number: int, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                what, _, pid = line.strip().partition(" ")
                if pid:
                    self.lives[number] = int(pid)
                self._happened(what)

    def _happened(self, what: str) -> None:
        with self.came:
            self.counted[what] += 1
            self.came.notify_all()

    def waits_for(self, *what: str) -> str:
        """Wait until one of these happens once more, and say which."""
        with self.came:
            before = {one: self.counted[one] for one in what}
            come = self.came.wait_for(
                lambda: next((one for one in what if self.counted[one] > before[one]), ""), PATIENCE
            )
        assert come, f"never {' nor '.join(what)}"
        return come

    def moment(self, seconds: float) -> None:
        """Let so much time go by, or a little less."""
        with self.came:
            self.came.wait(seconds)

    def kill(self, number: int, *, all_of_it: bool = False) -> bool:
        """Kill a process; say whether a renewal was under way. A machine that dies takes that with it."""
        life = self.lives[number]
        try:
            under_way = psutil.Process(life).children(recursive=True)
            os.kill(life, signal.SIGKILL)
        except (psutil.NoSuchProcess, ProcessLookupError):
            return False
        for renewal in under_way if all_of_it else ():
            renewal.kill()
        return bool(under_way)

    def stop(self) -> None:
        """End all of them."""
        for process in self._processes:
            process.terminate()
        for process, reader in zip(self._processes, self._readers, strict=True):
            process.wait()
            reader.join()


def bring(url: str, folder: Path, address: str, pair: tuple[str, str]) -> None:
    database = Database(url)
    asyncio.run(keeper(database, folder, address).bring(*pair))
    database.close()


def renewed(url: str, folder: Path, address: str) -> str:
    """Give the access token that a keeper has after one more renewal."""

    async def main() -> str:
        one = keeper(database, folder, address)
        return await one.renewed(await one.access())

    database = Database(url)
    token = asyncio.run(main())
    database.close()
    return token


@pytest.mark.parametrize(("url", "processes"), [("sqlite", 1), ("postgresql", 2)], indirect=["url"])
def test_a_killed_service_never_loses_its_pair(
    url: str, processes: int, tmp_path: Path, zalo: ZaloTokens, address: str
) -> None:
    bring(url, tmp_path, address, zalo.pair())
    chance = random.Random(20261121)
    storm = Storm(zalo, url, tmp_path, address, processes)
    under_way = 0
    try:
        storm.waits_for("renewed")
        for _ in range(KILLS):
            storm.waits_for(chance.choice(MOMENTS))
            storm.moment(chance.uniform(0, 0.05))
            under_way += storm.kill(chance.randrange(processes))
        storm.waits_for("renewed")
    finally:
        storm.stop()
    assert renewed(url, tmp_path, address) == zalo.access
    assert (zalo.burnt, zalo.together, storm.counted["told"], zalo.violations) == ([], 1, 0, [])
    assert row(url)["version"] == zalo.given + 1, "every pair that was given has been kept"
    assert under_way >= KILLS // 5
    print(
        f"\n{KILLS} kills, {under_way} of them with a renewal under way: {zalo.given} pairs given and kept, 0 lost"
    )


def test_a_machine_that_dies_with_the_answer_says_that_a_person_is_needed(
    sqlite_url: str, tmp_path: Path, zalo: ZaloTokens, address: str
) -> None:
    bring(sqlite_url, tmp_path, address, zalo.pair())
    zalo.before = zalo.after = 0.5  # a busy machine kills late
    storm = Storm(zalo, sqlite_url, tmp_path, address, 1)
    lost = 0
    try:
        storm.waits_for("renewed")
        for stage in ("asked", "given", "asked", "given", "given"):
            given = zalo.given
            zalo.holding = stage == "given"
            storm.waits_for(stage)
            storm.kill(0, all_of_it=True)
            zalo.holding = False
            zalo.goes_on.set()
            told = storm.waits_for("told", "renewed") == "told"
            assert told or stage == "asked", "an answer that nobody could hear is lost, and that is said"
            assert not told or zalo.given > given, "what the platform never gave is not lost"
            if told:
                lost += 1
                bring(sqlite_url, tmp_path, address, zalo.pair())
                storm.waits_for("renewed")
            zalo.goes_on.clear()
    finally:
        storm.stop()
    assert lost >= 3
