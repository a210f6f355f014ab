"""`make simulate`: a week of 100 teams; `FULL=1`: a month of a province, with a burst and people leaving."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.simulate.picture import draw
from tests.simulate.province import Outcome, Province, Size, sqlite

WEEK = Size(teams=100, days=7, requests=300)
MONTH = Size(teams=1000, days=30, requests=3000, burst=True)
SEED = 20261130


def main() -> None:
    """Play it, print what came of it, and fail where a request was forgotten."""
    size = MONTH if os.environ.get("FULL") else WEEK
    cache = Path(".cache")
    cache.mkdir(exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="simulate-", dir=cache) as folder:
        province = Province(sqlite(Path(folder).absolute()), size, SEED)
        try:
            province.settle()
            outcome = province.run()
        finally:
            province.close()
    report(size, outcome, time.monotonic() - began)
    picture = cache / "queue.png"
    draw(outcome.samples, f"{size.teams} teams, {size.days} days, {outcome.requests} requests", picture)
    print(f"the queue over that time: {picture}")
    sys.exit(bool(outcome.forgotten or outcome.parked))


def report(size: Size, outcome: Outcome, seconds: float) -> None:
    """Print the counts."""
    print(
        f"{size.teams} teams, {size.days} days and three weeks after them; {outcome.turns} turns in {seconds:.0f} s"
    )
    print(f"requests {outcome.requests}; members who left {outcome.left} of {size.teams * 6}")
    print(
        f"over {outcome.over}, still open and escalated {outcome.escalated}, forgotten {len(outcome.forgotten)}"
    )
    print(
        "told that it is late: " + ", ".join(f"{who} {count}" for who, count in sorted(outcome.told.items()))
    )
    longest = max(outcome.samples, key=lambda one: one.waiting + one.claimed)
    print(
        f"most at one time {longest.waiting + longest.claimed} ({longest.at:%d/%m %H:%M}); parked {outcome.parked}"
    )
    if outcome.forgotten:
        print("forgotten: " + ", ".join(outcome.forgotten[:20]))


if __name__ == "__main__":
    main()
