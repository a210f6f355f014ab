"""How long a request usually waits: from the same team at the same hour of day, and nothing where too few did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice

import msgspec
import pytest
from sqlalchemy import Connection, event, insert

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.store.requests import StoredRequests
from bot.wording import Wording
from handlers import desk
from handlers.profile import CONSENT
from handlers.records.people import Person
from handlers.records.requests import Request, Wait
from handlers.rules.waiting import rounded, usual
from handlers.talk import Talk
from handlers.turn import Turn
from tests.handlers.turning import incoming, told

NOW = datetime(2026, 11, 9, 2, 40, tzinfo=UTC)  # 09:40 in Vietnam
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEAM, COMMUNE = 7, "10402"
_codes = (f"{number:X}" for number in count(0x10000))


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A transaction on a new store, of each database."""
    database = Database(url)
    with database.write() as connection:
        yield connection
    database.close()


def past(connection: Connection, many: int, minutes: int | None, opened: datetime, **columns: object) -> None:
    """Store requests of earlier days that waited so long; None for those that nobody has taken."""
    for code in islice(_codes, many):
        row = {
            "code": code,
            "citizen": 9,
            "state": "open" if minutes is None else "closed",
            "team": TEAM,
            "commune": COMMUNE,
            "opened": opened,
            "details": "{}",
            "asked_first": TEAM,
            "hour": 9,
            "waited": None if minutes is None else minutes * 60,
            **columns,
        }
        connection.execute(insert(t.requests).values(row))


def usually(connection: Connection) -> timedelta | None:
    stored = StoredRequests(connection, NOW)
    return usual(stored.waits(stored.open(Request(citizen=1, commune=COMMUNE, team=TEAM))))


def test_under_twenty_cases_nothing_is_said(connection: Connection) -> None:
    past(connection, 19, 12, NOW - DAY)
    assert usually(connection) is None
    past(connection, 1, 12, NOW - DAY)
    assert usually(connection) == 12 * MINUTE


def test_half_of_them_waited_no_longer_and_one_long_wait_changes_little(connection: Connection) -> None:
    past(connection, 15, 10, NOW - DAY)
    past(connection, 14, 30, NOW - 2 * DAY)
    past(connection, 1, 9000, NOW - 3 * DAY)
    assert usually(connection) == 30 * MINUTE
    past(connection, 2, 10, NOW - 4 * DAY)
    assert usually(connection) == 10 * MINUTE


@pytest.mark.parametrize(
    ("opened", "columns"),
    [
        (NOW - 31 * DAY, {}),
        (NOW - DAY, {"hour": 10}),
        (NOW - DAY, {"hour": None}),
        (NOW - DAY, {"asked_first": 8}),
        (NOW - DAY, {"commune": "00001"}),
        (NOW - DAY, {"state": "withdrawn", "waited": None}),
    ],
    ids=[
        "longer ago",
        "another hour",
        "from before hours were kept",
        "another team",
        "elsewhere",
        "taken back",
    ],
)
def test_what_is_not_the_same_does_not_count(
    connection: Connection, opened: datetime, columns: dict[str, object]
) -> None:
    past(connection, 30, 12, opened, **columns)
    assert usually(connection) is None


def test_who_still_waits_counts_as_longer_than_whoever_was_taken(connection: Connection) -> None:
    past(connection, 10, 12, NOW - DAY)
    past(connection, 10, None, NOW - MINUTE)
    assert usually(connection) is None  # half of them were not taken yet
    past(connection, 2, 12, NOW - DAY)  # and whoever has just asked waits as well
    assert usually(connection) == 12 * MINUTE


def test_a_burst_of_which_nobody_has_taken_anything_promises_nothing(connection: Connection) -> None:
    past(connection, 21, None, NOW - MINUTE)
    assert usually(connection) is None


@pytest.mark.parametrize(
    ("taken", "still", "said"),
    [
        ([], [1] * 21, None),
        ([12] * 20, [], 12),
        ([12] * 19, [], None),
        ([12] * 19, [1], 12),
        ([5] * 12 + [60] * 8, [1] * 6, 60),  # never shorter than half of all will have waited
        ([5] * 12, [300] * 12, None),
        ([5] * 13, [300] * 12, 5),
    ],
)
def test_half_of_all_have_to_be_taken_before_a_time_is_said(
    taken: list[int], still: list[int], said: int | None
) -> None:
    waits = [
        *(Wait(minutes * MINUTE) for minutes in taken),
        *(Wait(minutes * MINUTE, taken=False) for minutes in still),
    ]
    assert usual(waits) == (None if said is None else said * MINUTE)


def test_the_first_taking_counts_for_the_team_that_was_asked(connection: Connection) -> None:
    stored = StoredRequests(connection, NOW)
    request = stored.open(Request(citizen=1, commune=COMMUNE, team=TEAM))
    request = stored.save(
        msgspec.structs.replace(request, team=8, state="claimed", claimed_by=5, waited=60), "claimed", 5
    )
    later = stored.open(Request(citizen=2, commune=COMMUNE, team=TEAM))
    assert stored.waits(later) == (Wait(MINUTE),)
    assert stored.waits(stored.open(Request(citizen=2, commune=COMMUNE, team=8))) == ()


def test_the_index_answers_alone_which_rows_count(connection: Connection) -> None:
    past(connection, 30, 12, NOW - DAY)
    stored = StoredRequests(connection, NOW)
    request = stored.open(Request(citizen=1, commune=COMMUNE, team=TEAM))
    asked: list[tuple[str, object]] = []

    def hear(_c: object, _k: object, statement: str, parameters: object, *_rest: object) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", hear)
    stored.waits(request)
    event.remove(connection, "before_cursor_execute", hear)
    (statement, parameters), *others = asked
    assert others == []
    if connection.dialect.name == "sqlite":
        explain = "EXPLAIN QUERY PLAN"
    else:
        explain = "EXPLAIN"
        connection.exec_driver_sql("set local enable_seqscan = off")
    rows = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()  # type: ignore[arg-type]
    plan = " ".join(str(cell) for row in rows for cell in row)
    assert "ix_requests_waits" in plan
    assert "SCAN requests" not in plan


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (timedelta(seconds=5), (1, "minutes")),
        (MINUTE, (1, "minutes")),
        (7 * MINUTE + timedelta(seconds=1), (8, "minutes")),
        (12 * MINUTE, (15, "minutes")),
        (51 * MINUTE, (55, "minutes")),
        (56 * MINUTE, (1, "hours")),
        (61 * MINUTE, (2, "hours")),
        (23 * HOUR, (23, "hours")),
        (23 * HOUR + MINUTE, (1, "days")),
        (25 * HOUR, (2, "days")),
    ],
)
def test_a_wait_is_said_as_people_say_it_and_never_shorter_than_it_is(
    wait: timedelta, said: tuple[int, str]
) -> None:
    assert rounded(wait) == said


@pytest.mark.parametrize(
    ("lang", "before", "sentence"),
    [
        ("vi", 3, "Trước anh/chị có 3 người chờ; thường khoảng 15 phút thì có người nhận."),
        ("vi", 0, "Trước anh/chị chưa có ai chờ; thường khoảng 15 phút thì có người nhận."),
        ("en", 3, "People waiting before you: 3; it usually takes about 15 min."),
        ("en", 0, "Nobody is waiting before you; it usually takes about 15 min."),
    ],
)
def test_whoever_asks_is_told(
    connection: Connection, bookcase: Bookcase, wording: Wording, lang: str, before: int, sentence: str
) -> None:
    touched = {"touched": NOW}
    citizen = connection.scalar(insert(t.conversations).values(touched).returning(t.conversations.c.id)) or 0
    team = {"kind": "team", "name": "xã Ứng Hòa", "commune": COMMUNE}
    number = connection.scalar(insert(t.units).values(team).returning(t.units.c.id)) or 0
    past(connection, 40, 12, NOW - DAY, asked_first=number, team=number)
    past(connection, before, None, NOW - MINUTE, asked_first=number, team=number)
    turn = Turn(
        event=incoming("yes"),
        person=Person(id=citizen, lang=lang, commune=COMMUNE, consent=CONSENT),
        talk=Talk(
            met=True,
            doing="form request",
            at="confirm",
            context="request.confirm",
            kept={"words": "quên passcode"},
        ),
        now=NOW,
        shelf=bookcase.shelf(),
        records=StoredRecords(connection, NOW),
    )
    desk.decide(turn)
    assert sentence in told(turn, wording)
