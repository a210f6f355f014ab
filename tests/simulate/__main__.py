"""`make simulate`: a week of 100 teams, and a month's end of 200 communes.

With `FULL=1` a month of a province's teams, with a burst and people leaving, and the month's end of the nation.
`python -m tests.simulate teams` or `month-end` plays one of the two.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from pathlib import Path

from bot.shelf import Bookcase
from handlers.turn import Office
from tests.simulate import month_end
from tests.simulate.judging import Happened, Judge, rows_of
from tests.simulate.judging import Outcome as Judged
from tests.simulate.month_end import MonthEnd, postgresql
from tests.simulate.month_end import Size as Nation
from tests.simulate.picture import draw
from tests.simulate.province import Outcome, Province, Size, sqlite

WEEK = Size(teams=100, days=7, requests=300)
MONTH = Size(teams=1000, days=30, requests=3000, burst=True)
COMMUNES = Nation(communes=200, provinces=2, hours=month_end.month(kills=1))
NATION = Nation(communes=3321, provinces=34, hours=month_end.month(kills=5))
SEED = 20261130
SHOWN = 20  # kinds of breaches


def main(*wanted: str) -> None:
    """Play them, print what came of it, and fail where a request was forgotten or a promise broken."""
    full = bool(os.environ.get("FULL"))
    kept = []
    if not wanted or "teams" in wanted:
        kept.append(teams(MONTH if full else WEEK))
    if not wanted or "month-end" in wanted:
        kept.append(nation(NATION if full else COMMUNES))
    sys.exit(not all(kept))


def teams(size: Size) -> bool:
    """Play a province's teams; False where a request was forgotten."""
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
    return not (outcome.forgotten or outcome.parked)


def report(size: Size, outcome: Outcome, seconds: float) -> None:
    """Print the counts."""
    print(
        f"{size.teams} teams, {size.days} days and three weeks after them; {outcome.turns} turns in {seconds:.0f} s"
    )
    print(f"requests {outcome.requests}; members who left {outcome.left} of {size.teams * 6}")
    print(
        f"over {outcome.over}, still open and escalated {outcome.escalated}, "
        f"opened again and in time {outcome.in_time}, forgotten {len(outcome.forgotten)}"
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


def nation(size: Nation) -> bool:
    """Play a month's end; False where a promise was broken."""
    shelf = Bookcase(Office(name="Tổ Số")).shelf()
    began = time.monotonic()
    print(f"the end of a month of {size.communes} communes and {size.provinces} provinces", flush=True)
    # PostgreSQL opens the folders above its data to everybody: not those of the house.
    with tempfile.TemporaryDirectory(prefix="toso-month-end-") as name, postgresql(Path(name)) as url:
        play = MonthEnd(url, Path(name), shelf, size, SEED, lambda words: print(words, flush=True))
        happened = play.play()
        judged = Judge(happened, rows_of(url), shelf, size.rate).judge()
    told(size, happened, judged, time.monotonic() - began)
    return not judged.breaches


def told(size: Nation, happened: Happened, judged: Judged, seconds: float) -> None:
    """Print the counts."""
    took = ", ".join(f"{one:.1f}" for one in judged.take_overs) or "none while messages waited"
    back = sum(
        after.ahead < before.ahead for before, after in zip(happened.jumps, happened.jumps[1:], strict=False)
    )
    print(
        f"{happened.cadres} cadres, {happened.sent} reports sent, {judged.messages} messages in {seconds:.0f} s"
    )
    print("decided: " + ", ".join(f"{what} {count}" for what, count in judged.decided.most_common()))
    print("reminders: " + ", ".join(f"{what} {count}" for what, count in judged.states.most_common()))
    print(f"the last decision {judged.latest:.1f} s after its hour")
    reached = f"sent at {judged.rate:.1%} of" if judged.seconds else "never enough waited to measure"
    print(
        f"{reached} the permitted {size.rate} a second, in {judged.seconds} s in which enough waited; "
        f"429s {happened.too_fast}, each waited out unless a message failed"
    )
    print(
        f"processes killed {len(happened.kills)}, clock put {len(happened.jumps)} times, {back} of them back; "
        f"take-overs in s: {took}"
    )
    print(f"broken promises: {len(judged.breaches)}")
    alike: dict[str, list[str]] = {}
    for breach in judged.breaches:
        alike.setdefault(re.sub(r"\d+", "#", breach), []).append(breach)
    for same in list(alike.values())[:SHOWN]:
        print(f"  {len(same)} like: {same[0]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
