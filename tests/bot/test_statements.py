"""What an update costs the database does not grow with what is stored."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.core import Core
from bot.elsewhere import CONTACTS_OF, TRIED
from bot.outbox import ARRIVED, BEGIN, FOLLOWING, PICK, STUCK
from bot.shelf import Bookcase
from bot.store import schema
from bot.store.database import Database
from bot.wording import Wording
from tests.bench.statements import ACCOUNT, AT, Counted, Street, counting, fill

FEW, MANY = 10, 1000
SCAN = re.compile(r"SCAN (?!\(|CONSTANT)")  # of a table, not of a short list in the statement itself
WAITING = "SCAN inbox USING INDEX ix_inbox_waiting"  # it holds only what nobody has decided yet
Costs = dict[str, Counted]


@pytest.fixture(scope="module")
def costs(
    tmp_path_factory: pytest.TempPathFactory, bookcase: Bookcase, wording: Wording
) -> dict[tuple[int, int], Costs]:
    """What each kind of update costs, by how many people and requests are stored."""
    found: dict[tuple[int, int], Costs] = {}
    for people, requests in ((FEW, FEW), (MANY, FEW), (FEW, MANY), (MANY, MANY)):
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('store')}/toso.db")
        schema.upgrade(database)
        fill(database, people, requests)
        core = Core(database, bookcase, wording)
        try:
            found[people, requests] = Street(core).walk(citizen=1, member=2)
        finally:
            core.close()
    return found


@pytest.mark.parametrize(("people", "requests"), [(MANY, FEW), (FEW, MANY), (MANY, MANY)])
def test_an_update_needs_as_many_statements_however_much_is_stored(
    costs: dict[tuple[int, int], Costs], people: int, requests: int
) -> None:
    few = {name: [statement for statement, _ in cost.statements] for name, cost in costs[FEW, FEW].items()}
    many = {
        name: [statement for statement, _ in cost.statements]
        for name, cost in costs[people, requests].items()
    }
    assert many == few


def test_no_statement_of_an_update_or_of_sending_reads_a_whole_table(
    tmp_path: Path, bookcase: Bookcase, wording: Wording
) -> None:
    database = Database(f"sqlite:///{tmp_path}/toso.db")
    schema.upgrade(database)
    fill(database, MANY, MANY)
    core = Core(database, bookcase, wording)
    try:
        asked = Street(core).walk(citizen=1, member=2)
        with counting(database) as sending, database.write() as connection:
            connection.execute(PICK, {"account": ACCOUNT, "upto": 3, "resting": [0], "most": 10})
            connection.execute(FOLLOWING, {"contact": 1, "number": 1})
            connection.execute(STUCK, {"account": ACCOUNT, "before": AT, "stuck": 0})
            connection.execute(BEGIN, {"ids": [1, 2]})
            connection.execute(ARRIVED, {"ids": [1, 2], "moment": AT})
            connection.execute(TRIED, {"first": 1})
            connection.execute(CONTACTS_OF, {"person": 1})
        plans = {name: plan(database, cost) for name, cost in (asked | {"sending": sending}).items()}
    finally:
        core.close()
    assert all(plans.values())
    assert {step for steps in plans.values() for step in steps if SCAN.match(step)} == {WAITING}


def plan(database: Database, cost: Counted) -> list[str]:
    """Say how SQLite goes about each statement."""
    with database.engine.connect() as connection:
        return [
            str(row[3])
            for statement, parameters in cost.statements
            if not isinstance(parameters, list)  # many rows by their numbers
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
