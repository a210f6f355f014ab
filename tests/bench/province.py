"""A province in a database: 100 communes, 1,000 teams, 6,000 people, and as many requests as are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, insert

from bot.store import tables as t
from bot.store.database import Database
from handlers.records.people import Person
from handlers.records.requests import Request
from knowledge.places import Places

COMMUNES, VILLAGES, MEMBERS = 100, 10, 6
TEAMS = COMMUNES * VILLAGES
PEOPLE = TEAMS * MEMBERS
OFFICERS = COMMUNES  # one in each commune's office
CITIZENS = 100_000  # who have asked; they have no rows, since nothing here looks for them
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=333)
PIECE = 20_000  # rows written together
TOPICS = ("vneid.activate", "pay.receive-qr", "dvc.account", "")

_words = msgspec.json.Encoder().encode


def communes() -> list[str]:
    """Give the codes of the communes, the first in Hà Nội."""
    return [commune.code for commune in Places.load().communes_of("01")[:COMMUNES]]


def commune_of(team: int, codes: list[str]) -> str:
    """Give the commune of a team, by its number from 1."""
    return codes[(team - 1) // VILLAGES]


def village_of(team: int) -> str:
    """Give what a team's village is called."""
    return f"tổ dân phố {(team - 1) % VILLAGES + 1}"


def fill(database: Database, requests: int, *, events: int | None = None) -> None:
    """Store the province; of each hundred requests two wait, one is taken and the others are closed.

    Only the last of them (as many as `events` says) have rows of what happened.
    """
    told = requests if events is None else events
    codes = communes()
    with database.write() as connection:
        _teams(connection, codes)
    for first in range(1, requests + 1, PIECE):
        numbers = range(first, min(first + PIECE, requests + 1))
        made = [request(number, requests, codes) for number in numbers]
        with database.write() as connection:
            _put(connection, t.requests, map(_row, made))
            happened = (_events(one) for one in made if one.id > requests - told)
            _put(connection, t.request_events, chain.from_iterable(happened))
    if not database.sqlite:  # which does it by itself, a minute later
        with database.own() as connection:
            connection.exec_driver_sql("analyze")


def request(number: int, of: int, codes: list[str]) -> Request:
    """Give one request of the year; one in twenty-one is with a commune's office."""
    team = number % TEAMS + 1
    opened = BEGIN + YEAR * (number / (of + 1))
    mark = (number // TEAMS + number) % 100  # so that every team and every week has all of them
    state = "open" if mark in (7, 57) else "claimed" if mark == 9 else "closed"
    taken = opened + timedelta(minutes=number * 7 % 600)
    return Request(
        id=number,
        code=f"{number:07}",  # longer than those that are given out
        citizen=PEOPLE + OFFICERS + 1 + number * 37 % CITIZENS,
        name="Lan",
        phone=f"09{number:08}",
        state=state,  # type: ignore[arg-type]
        commune=commune_of(team, codes),
        village=village_of(team),
        topic=TOPICS[number % len(TOPICS)],
        words="kẹt ở bước này, bấm mãi không được",
        team=team if number // 7 % 21 else 0,  # 21 meets every mark in every commune
        claimed_by=0 if state == "open" else (team - 1) * MEMBERS + 1 + number % MEMBERS,
        opened=opened,
        claimed=None if state == "open" else taken,
        closed=taken + timedelta(hours=number % 50) if state == "closed" else None,
        outcome="solved" if state == "closed" else "",
        rating="good" if state == "closed" and number % 3 else "",
        watchwords="HOA SEN",
        version=3,
    )


def _row(one: Request) -> dict[str, Any]:
    names = ("id", "code", "citizen", "state", "team", "commune", "claimed_by", "opened", "closed", "version")
    return {name: getattr(one, name) for name in names} | {"details": _words(one).decode()}


def _events(one: Request) -> Iterator[dict[str, Any]]:
    times = (("opened", one.opened, one.citizen), ("claimed", one.claimed, one.claimed_by),
             ("asked", one.claimed, one.claimed_by), ("closed", one.closed, one.claimed_by))  # fmt: skip
    for what, at, by in times:
        if at is not None:
            yield {"request": one.id, "at": at, "what": what, "by": by, "detail": ""}


def _teams(connection: Connection, codes: list[str]) -> None:
    teams = range(1, TEAMS + 1)
    people = range(1, PEOPLE + OFFICERS + 1)
    _put(
        connection,
        t.units,
        (
            {
                "id": n,
                "kind": "team",
                "name": f"{village_of(n)}, {commune_of(n, codes)}",
                "village": village_of(n),
            }
            | {"commune": commune_of(n, codes), "parent": 0, "key": f"T{n}"}
            for n in teams
        ),
    )
    _put(
        connection,
        t.units,
        (
            {
                "id": TEAMS + n,
                "kind": "office",
                "name": code,
                "village": "",
                "commune": code,
                "parent": 0,
                "key": "",
            }
            for n, code in enumerate(codes, 1)
        ),
    )
    _put(
        connection,
        t.villages,
        ({"id": n, "commune": commune_of(n, codes), "name": village_of(n), "became": 0} for n in teams),
    )
    _put(connection, t.covers, ({"unit": n, "village": n} for n in teams))
    _put(
        connection,
        t.conversations,
        (
            {"id": n, "person": _words(Person(id=n, name=f"Số {n}", lang="vi")).decode(), "talk": ""}
            | {"touched": BEGIN, "consented": True}
            for n in people
        ),
    )
    _put(connection, t.roles, map(_role, people))


def _role(person: int) -> dict[str, Any]:
    if person > PEOPLE:
        return {"person": person, "kind": "officer", "place": TEAMS + person - PEOPLE, "since": BEGIN}
    kind = "member" if person % MEMBERS else "lead"
    return {"person": person, "kind": kind, "place": (person - 1) // MEMBERS + 1, "since": BEGIN}


def _put(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Write many rows as fast as each database takes them."""
    listed = list(rows)
    if not listed:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), listed)
        return
    names = list(listed[0])
    columns = ", ".join(f'"{name}"' for name in names)
    bare: Any = connection.connection.dbapi_connection
    with bare.cursor() as cursor, cursor.copy(f"copy {table.name} ({columns}) from stdin") as copy:
        for row in listed:
            copy.write_row([row[name] for name in names])
