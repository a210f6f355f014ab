"""How many SQL statements an update costs, and whether that grows with what is stored."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, event, insert, select

from bot.core import Core
from bot.store import tables as t
from bot.store.database import Database
from handlers.profile import CONSENT
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.talk import Heard, Incoming

ACCOUNT = "telegram:1"
COMMUNE = "00602"  # phường Đông Ngạc
AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
TEAMS = 100
PIECE = 10_000  # rows in one insert

_words = msgspec.json.Encoder().encode


def fill(database: Database, people: int, requests: int) -> None:
    """Store so many people, each with a finished talk behind them, and so many requests, a tenth open."""
    with database.write() as connection:
        for first in range(1, people + 1, PIECE):
            numbers = range(first, min(first + PIECE, people + 1))
            _many(
                connection,
                t.conversations,
                (
                    {"id": n, "person": _words(_person(n)).decode(), "touched": AT, "consented": True}
                    for n in numbers
                ),
            )
            _many(
                connection,
                t.contacts,
                (
                    {"id": n, "account": ACCOUNT, "chat": f"c{n}", "conversation": n, "last": 1, "heard": AT}
                    for n in numbers
                ),
            )
            _many(
                connection,
                t.inbox,
                (
                    {"account": ACCOUNT, "key": f"before {n}", "conversation": n, "contact": n}
                    | {"event": "", "at": AT, "state": t.DONE}
                    for n in numbers
                ),
            )
            _many(
                connection,
                t.outbox,
                (
                    {"account": ACCOUNT, "contact": n, "number": 1, "kind": "answer", "priority": 0}
                    | {"state": t.SENT, "message": '{"text":"."}', "at": AT, "sent": AT}
                    for n in numbers
                ),
            )
        _many(
            connection,
            t.units,
            (
                {"id": n, "kind": "team", "name": f"tổ {n}", "commune": COMMUNE if n == 1 else f"9{n:04}"}
                for n in range(1, TEAMS + 1)
            ),
        )
        _many(
            connection,
            t.roles,
            (
                {"person": n, "kind": "member", "place": n // 2, "since": AT}
                for n in range(2, min(people, 2 * TEAMS + 2))
            ),
        )
        for first in range(0, requests, PIECE):
            _many(
                connection,
                t.requests,
                (_request(n, people) for n in range(first, min(first + PIECE, requests))),
            )


def _many(connection: Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    listed = list(rows)
    if listed:
        connection.execute(insert(table), listed)


def _person(number: int) -> Person:
    return Person(id=number, name=f"Lan {number}", lang="vi", commune=COMMUNE, consent=CONSENT, consented=AT)


def _request(number: int, people: int) -> dict[str, Any]:
    is_open = number % 10 == 0
    opened = AT + timedelta(seconds=number)
    request = Request(
        code=f"{number:06}",  # longer than those that are given out
        citizen=1 + number % people,
        state="open" if is_open else "closed",
        commune=COMMUNE,
        words="kẹt ở bước này",
        team=2 + number % (TEAMS - 1),
        opened=opened,
        closed=None if is_open else opened,
        version=1,
    )
    return {
        "code": request.code,
        "citizen": request.citizen,
        "state": request.state,
        "team": request.team,
        "commune": request.commune,
        "opened": request.opened,
        "closed": request.closed,
        "details": _words(request).decode(),
        "version": request.version,
    }


class Counted:
    """What one update cost."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []
        self.seconds = 0.0


class Street:
    """People who write to a core, one update at a time."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self._keys = itertools.count(1)  # of updates

    def does(self, person: int, text: str = "", choice: str = "") -> Counted:
        """Take an update in, decide it, and give what that cost."""
        name = f"c{person}"
        incoming = Incoming(account=ACCOUNT, chat=name, sender=name, text=text, choice=choice)
        with counting(self.core.database) as counted:
            self.core.intake.take_now([Heard(f"now {next(self._keys)}", incoming)])
            self.core.run_waiting()
        return counted

    def walk(self, citizen: int, member: int) -> dict[str, Counted]:
        """Go through a guide into a request and its talk; give what each update on the way cost."""
        self.does(citizen, text="B75")
        costs = {"a guide step": self.does(citizen, choice="code@B75")}
        costs["a question"] = self.does(citizen, text="quên mật khẩu vneid")
        self.does(citizen, choice="help@B76")
        self.does(citizen, text="chờ mãi không thấy mã về máy")
        costs["opening a request"] = self.does(citizen, choice="send@request.confirm")
        code = self._newest(citizen)
        costs["claiming it"] = self.does(member, choice=f"claim@{code}")
        costs["the helper's sentence"] = self.does(member, text="Chào anh, máy còn sóng không?")
        costs["the citizen's sentence"] = self.does(citizen, text="Dạ máy vẫn còn sóng")
        return costs

    def _newest(self, citizen: int) -> str:
        with self.core.database.read() as connection:
            row = connection.execute(
                select(t.requests.c.code, t.requests.c.citizen, t.requests.c.team)
                .order_by(t.requests.c.id.desc())
                .limit(1)
            ).one()
        if (row.citizen, row.team) != (citizen, 1):
            raise RuntimeError("no request was opened")
        return str(row.code)


@contextmanager
def counting(database: Database) -> Iterator[Counted]:
    """Count what is asked of a database, without the words that begin a transaction."""
    counted = Counted()

    def asked(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            counted.statements.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", asked)
    begin = time.perf_counter()
    try:
        yield counted
    finally:
        counted.seconds = time.perf_counter() - begin
        event.remove(database.engine, "before_cursor_execute", asked)
