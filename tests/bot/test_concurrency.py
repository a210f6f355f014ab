"""Many at once: no change to a shared record is lost, and nobody waits for a long look."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import msgspec
import pytest
from sqlalchemy import func, insert, select

from bot import clock
from bot.core import Core
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.requests import StoredRequests
from bot.turns import Done
from handlers import desk
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.talk import Heard, Incoming
from handlers.turn import Turn
from tests.bot.rig import ACCOUNT, core_on, echo, heard, noted, rows

TURNS = 100
CLAIMS = 50
THREADS = 4


@contextmanager
def processes(
    url: str, bookcase: Bookcase, decide: Callable[[Turn], None], events: int
) -> Iterator[tuple[list[Core], threading.Event]]:
    """Run two processes on PostgreSQL or one on SQLite; the event tells that so many events are decided."""
    finished = threading.Event()
    counting = threading.Lock()
    decided = 0

    def after(done: Done) -> None:
        nonlocal decided
        with counting:
            decided += done.events
            if decided == events:
                finished.set()

    with ExitStack() as stack:
        cores = [
            stack.enter_context(core_on(url, bookcase, decide, after=after, threads=THREADS))
            for _ in range(1 if url.startswith("sqlite") else 2)
        ]
        yield cores, finished
        for core in cores:
            if core.workers is not None:
                core.workers.stop()


def a_request(core: Core, team: int = 0) -> str:
    """Keep a request; give its code."""
    with core.database.write() as connection:
        citizen = connection.scalar(
            insert(t.conversations).values(touched=clock.now()).returning(t.conversations.c.id)
        )
        request = Request(citizen=citizen or 0, name="Lan", team=team, words="0")
        return StoredRequests(connection, clock.now()).open(request).code


@pytest.mark.parametrize("locked", [True, False], ids=["read under a lock", "read without one"])
def test_a_hundred_turns_that_rewrite_one_record_lose_none(
    locked: bool, url: str, shelf_of_three: Bookcase, capsys: pytest.CaptureFixture[str]
) -> None:
    decisions = []

    def decide(turn: Turn) -> None:
        decisions.append(turn.person.id)
        found = (turn.requests.by_code(turn.text),) if locked else turn.requests.waiting_for(0)
        request = found[0]
        assert request is not None
        more = msgspec.structs.replace(request, words=str(int(request.words) + 1))
        turn.requests.save(more, "counted", turn.person.id)
        turn.note("counted", "request:1")

    with processes(url, shelf_of_three, decide, TURNS) as (cores, finished):
        code = a_request(cores[0])
        cores[0].intake.take_now([heard(f"chat {number}", code) for number in range(TURNS)])
        for core in cores:
            core.start()
        assert finished.wait(120)
        with cores[0].database.read() as connection:
            (request,) = StoredRequests(connection, clock.now()).waiting_for(0)
        assert request.words == str(TURNS)
        assert request.version == TURNS + 1
        assert noted(cores[0]) == ["counted"] * TURNS
        attempts = rows(cores[0], select(func.sum(t.inbox.c.attempts)))[0][0]
        assert attempts == 0
    with capsys.disabled():
        print(
            f"\n{url.partition(':')[0]}, {'locked' if locked else 'by version'}: {TURNS} turns on one record, "
            f"lost {TURNS - int(request.words)}, taken again {len(decisions) - TURNS}"
        )


def test_a_long_export_sees_one_state_and_delays_nobody(url: str, shelf_of_three: Bookcase) -> None:
    happened: list[str] = []
    with processes(url, shelf_of_three, echo, 201) as (cores, finished):
        for core in cores:
            core.start()
        cores[0].intake.take_now([heard("Lan", "before")])
        with cores[-1].database.read() as export:
            before = export.execute(select(t.inbox.c.id)).all()
            for number in range(200):
                assert asyncio.run(cores[0].intake.take([heard(f"chat {number % 20}", str(number))]))
            happened.append("200 updates are acknowledged")
            assert finished.wait(120)
            happened.append("201 turns are kept")
            assert export.execute(select(t.inbox.c.id)).all() == before
            happened.append("the export ends")
        assert happened == ["200 updates are acknowledged", "201 turns are kept", "the export ends"]
        assert len(noted(cores[0])) == 201


def test_of_fifty_who_claim_at_once_one_gets_the_request(
    url: str, bookcase: Bookcase, capsys: pytest.CaptureFixture[str]
) -> None:
    with processes(url, bookcase, desk.decide, CLAIMS) as (cores, finished):
        helpers, code = _a_team(cores[0])
        presses = [
            Heard(
                str(helper),
                Incoming(account=ACCOUNT, chat=str(helper), sender=str(helper), choice=f"claim@{code}"),
            )
            for helper in helpers
        ]
        cores[0].intake.take_now(presses)
        for core in cores:
            core.start()
        assert finished.wait(120)
        claimed = rows(cores[0], select(t.requests.c.state, t.requests.c.claimed_by))
        events = rows(cores[0], select(t.request_events.c.by).where(t.request_events.c.what == "claimed"))
        assert len(events) == 1
        assert claimed[0].state == "claimed"
        assert claimed[0].claimed_by == events[0].by
        winner = f"Người thứ {helpers.index(events[0].by)}"
        told: dict[int, str] = {}
        for row in rows(
            cores[0],
            select(t.contacts.c.conversation, t.outbox.c.message, t.outbox.c.kind)
            .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
            .where(t.outbox.c.kind == "answer"),
        ):
            told[row.conversation] = told.get(row.conversation, "") + row.message
        losers = [helper for helper in helpers if helper != events[0].by]
        assert all(winner in told[loser] for loser in losers)
        assert not rows(cores[0], select(t.inbox.c.id).where(t.inbox.c.attempts > 0))
    with capsys.disabled():
        print(f"\n{url.partition(':')[0]}: of {CLAIMS} claims at once 1 won, {len(losers)} were told who did")


def _a_team(core: Core) -> tuple[list[int], str]:
    """Seat fifty helpers in one team that has one open request; give their numbers and its code."""
    with core.database.write() as connection:
        team = connection.scalar(
            insert(t.units).values(kind="team", name="Tổ 7", commune="00001").returning(t.units.c.id)
        )
        helpers = []
        for place in range(CLAIMS):
            person = Person(name=f"Người thứ {place}", lang="vi", consent="staff", consented=clock.now())
            helper = connection.scalar(
                insert(t.conversations)
                .values(
                    person=msgspec.json.encode(person).decode(), talk='{"met":true}', touched=clock.now(),
                    consented=True,
                )
                .returning(t.conversations.c.id)
            )  # fmt: skip
            assert helper is not None
            connection.execute(
                insert(t.contacts).values(
                    account=ACCOUNT, chat=str(helper), conversation=helper, heard=clock.now()
                )
            )
            connection.execute(
                insert(t.roles).values(person=helper, kind="member", place=team, since=clock.now())
            )
            helpers.append(helper)
    return helpers, a_request(core, team or 0)
