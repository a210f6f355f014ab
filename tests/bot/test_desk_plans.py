"""Queues, routing, figures and exports look things up by index, and as often however much is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.histories import StoredHistories
from bot.store.records import StoredRecords
from handlers import cases, desk
from handlers.records.requests import Request
from handlers.rules.months import bounds, month_named
from handlers.rules.routing import team_for
from handlers.turn import Shelf
from tests.bench import province
from tests.bench.desks import NOW, turn
from tests.bench.statements import Counted, counting

FEW, MANY = 1_000, 20_000
MEMBER, OFFICER = 12, province.PEOPLE + 2
TEAM = (MEMBER - 1) // province.MEMBERS + 1
SINCE, UNTIL = bounds(month_named("2026-06", NOW.date()) or NOW.date())
DAY = NOW.replace(month=6, day=9), NOW.replace(month=6, day=10)
# Of a table, not of a short list in the statement itself.
SCANS = {"sqlite": re.compile(r"SCAN (?!\(|CONSTANT)\w+"), "postgresql": re.compile(r"Seq Scan on \w+")}


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


def asks(shelf: Shelf) -> dict[str, Callable[[Connection], object]]:
    """What is asked of the store, by what it is for."""
    commune = province.commune_of(TEAM, province.communes())

    def types(person: int, text: str) -> Callable[[Connection], object]:
        return lambda c: desk.decide(turn(StoredRecords(c, NOW), shelf, person, text))

    def routed(c: Connection) -> None:
        one = turn(StoredRecords(c, NOW), shelf, 1, "")
        found = team_for(one.people.units("team", commune), "to 2")
        assert found
        assert len(cases.helpers(one, Request(team=found.id, commune=commune))) == province.MEMBERS

    return {
        "my work": types(MEMBER, "việc của tôi"),
        "the office's queue": types(OFFICER, "hàng đợi"),
        "routing": routed,
        "figures of a team": types(MEMBER, "số liệu tháng 6"),
        "figures of a commune": types(OFFICER, "số liệu tháng 6"),
        "a day exported": lambda c: list(StoredHistories(c).opened(*DAY)),
        "a team's day exported": lambda c: list(StoredHistories(c).opened(*DAY, team=TEAM)),
        "a commune's day exported": lambda c: list(StoredHistories(c).opened(*DAY, communes=(commune,))),
    }


def costs(database: Database, shelf: Shelf) -> dict[str, Counted]:
    found = {}
    for name, ask in asks(shelf).items():
        with counting(database) as counted, database.write() as connection:
            ask(connection)
        found[name] = counted
    return found


def plan(database: Database, cost: Counted, settings: str = "") -> str:
    """Say how the database goes about each statement."""
    word = "EXPLAIN QUERY PLAN" if database.sqlite else "EXPLAIN"
    lines: list[str] = []
    with database.write() as connection:
        if settings:
            connection.exec_driver_sql(settings)
        for statement, parameters in cost.statements:
            rows: Any = connection.exec_driver_sql(f"{word} {statement}", parameters)
            lines += [str(row[-1]) for row in rows]
    return "\n".join(lines)


def test_no_statement_of_a_desk_reads_a_whole_table(database: Database, bookcase: Bookcase) -> None:
    province.fill(database, MANY)
    asked = costs(database, bookcase.shelf())
    assert all(cost.statements for cost in asked.values())
    scan = SCANS["sqlite" if database.sqlite else "postgresql"]
    # What is short PostgreSQL reads whole; so it is asked whether it could do otherwise.
    settings = "" if database.sqlite else "set local enable_seqscan = off"
    found = {name: scan.findall(plan(database, cost, settings)) for name, cost in asked.items()}
    assert {name: scans for name, scans in found.items() if scans} == {}
    if not database.sqlite:  # left to itself, it takes the indexes where requests are many
        chosen = {name: plan(database, cost) for name, cost in asked.items()}
        assert {name for name, steps in chosen.items() if re.search("Seq Scan on request", steps)} == set()
    queue = plan(database, asked["my work"])
    assert "ix_requests_queue" in queue
    assert "ix_requests_claimed_by" in queue
    month = plan(database, asked["figures of a commune"])
    assert "ix_requests_closed" in month or (not database.sqlite and "ix_requests_waits" in month)
    assert "ix_requests_opened" in plan(database, asked["a day exported"])


def test_a_desk_asks_as_often_however_much_is_stored(
    sqlite_url: str, tmp_path: Any, bookcase: Bookcase
) -> None:
    counts = []
    for requests in (FEW, MANY):
        path = tmp_path / f"{requests}.db"
        path.write_bytes((tmp_path / "toso.db").read_bytes())
        database = Database(f"sqlite:///{path}")
        province.fill(database, requests, events=0)
        asked = costs(database, bookcase.shelf())
        counts.append(
            {name: len(asked[name].statements) for name in ("my work", "the office's queue", "routing")}
        )
        database.close()
    assert counts[0] == counts[1]
    assert (
        max(counts[0].values()) <= 13
    )  # work names reports that wait, and those to be opened again, as well
