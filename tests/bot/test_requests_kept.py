"""Keeping requests: codes that never repeat, changes that are never lost, people who may be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import event, func, insert, select

from bot import codes
from bot.store import tables as t
from bot.store.database import Database, Stale
from bot.store.people import StoredPeople
from bot.store.requests import StoredRequests, everything_of, silence, unhook
from handlers.records.requests import Note, Request, Routed

NOON = datetime(2026, 11, 9, 5, 0, tzinfo=UTC)
WANTED = Request(citizen=1, commune="00001", team=7, village="tổ 7", words="quên passcode", name="Tư")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An empty store of this release."""
    opened = Database(url)
    yield opened
    opened.close()


def fill(database: Database, codes_taken: list[str]) -> None:
    """Store finished requests of other people under these codes."""
    old = {"citizen": 9, "state": "closed", "team": 7, "commune": "00001", "opened": NOON, "details": "{}"}
    with database.write() as connection:
        connection.execute(insert(t.requests), [{"code": code, **old} for code in codes_taken])


def test_when_the_short_codes_are_used_up_a_longer_one_is_given(database: Database) -> None:
    short = [a + b + c for a in codes.DIGITS for b in codes.LETTERS for c in codes.DIGITS]
    fill(database, short)
    with database.write() as connection:
        request = StoredRequests(connection, NOON).open(WANTED)
    assert len(request.code) == 4
    assert request.watchwords.count(" ") == 1


def test_a_change_over_an_old_version_is_refused(database: Database) -> None:
    with database.write() as connection:
        stored = StoredRequests(connection, NOON)
        first = stored.open(WANTED)
        second = stored.save(msgspec.structs.replace(first, state="claimed", claimed_by=5), "claimed", 5)
        with pytest.raises(Stale):
            stored.save(msgspec.structs.replace(first, state="claimed", claimed_by=6), "claimed", 6)
        assert stored.by_code(first.code.lower()) == second
        happened = connection.execute(select(t.request_events.c.what, t.request_events.c.by)).all()
    assert [tuple(row) for row in happened] == [("opened", 1), ("claimed", 5)]


def test_people_ahead_are_those_who_wait_for_the_same_team(database: Database) -> None:
    with database.write() as connection:
        stored = StoredRequests(connection, NOON)
        first = stored.open(WANTED)
        claimed = stored.open(WANTED)
        stored.save(msgspec.structs.replace(claimed, state="claimed", claimed_by=5), "claimed", 5)
        stored.open(msgspec.structs.replace(WANTED, team=8))
        later = StoredRequests(connection, NOON + timedelta(minutes=1))
        last = later.open(WANTED)
        assert (later.ahead(first), later.ahead(last)) == (0, 1)
        assert [request.id for request in later.waiting_for(7)] == [first.id, last.id]


def test_who_is_forgotten_leaves_the_number_and_nothing_else(database: Database) -> None:
    with database.write() as connection:
        stored = StoredRequests(connection, NOON)
        request = stored.open(WANTED)
        stored.save(msgspec.structs.replace(request, state="claimed", claimed_by=5), "claimed", 5)
        assert len(everything_of(connection, 1)) == 1
        unhook(connection, NOON, 1)
        assert everything_of(connection, 1) == []
        assert stored.helping(1) == ()
        left = stored.by_code(request.code)
        row = connection.execute(select(t.requests.c.details, t.requests.c.state)).one()
    assert left is not None
    assert (left.citizen, left.words, left.village, left.name, left.watchwords) == (0, "", "", "", "")
    assert row.state == "withdrawn"
    assert "passcode" not in row.details


def test_a_choice_of_the_router_is_kept_as_it_was_made(database: Database) -> None:
    with database.write() as connection:
        stored = StoredRequests(connection, NOON)
        request = stored.open(WANTED)
        assert stored.routes(request) == ()
        first = Routed("village", team=7, shown=3, away=((4, NOON + timedelta(days=2)),))
        stored.keep_route(request, first)
        stored.keep_route(stored.open(WANTED), Routed("office"))
        assert stored.routes(request) == (first,)
        stored.keep_route(request, Routed("passed-on", team=8, who=5, shown=1))
        assert stored.routes(request) == (Routed("passed-on", team=8, who=5, shown=1), first)
        kept = connection.scalars(
            select(t.request_events.c.what).where(t.request_events.c.request == request.id)
        )
        assert kept.all() == ["opened", "routed", "routed"]


def test_notes_of_the_team_go_with_the_words_and_are_in_no_export_of_the_person(database: Database) -> None:
    with database.write() as connection:
        stored = StoredRequests(connection, NOON)
        request = stored.open(WANTED)
        noted = msgspec.structs.replace(request, notes=(Note(5, NOON, "nghe kém"),))
        stored.save(noted, "noted", 5)
        assert "nghe kém" not in str(everything_of(connection, 1))
        silence(connection, [request.id])
        assert "nghe kém" not in connection.scalars(select(t.requests.c.details)).one()


def test_what_a_team_has_under_way_is_found_by_an_index(database: Database) -> None:
    fill(database, [f"{number:X}" for number in range(0x10000, 0x10000 + 500)])
    asked: list[tuple[str, object]] = []

    def hear(_c: object, _k: object, statement: str, parameters: object, *_rest: object) -> None:
        asked.append((statement, parameters))

    with database.write() as connection:
        stored = StoredRequests(connection, NOON)
        mine = stored.open(WANTED)
        other = stored.open(msgspec.structs.replace(WANTED, team=8))
        for request in (mine, other):
            stored.save(
                msgspec.structs.replace(request, state="claimed", stage="claimed", claimed_by=5), "claimed", 5
            )
        stored.open(WANTED)
        event.listen(connection, "before_cursor_execute", hear)
        assert [request.id for request in stored.held_in(7)] == [mine.id]
        event.remove(connection, "before_cursor_execute", hear)
        ((statement, parameters),) = asked
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            connection.exec_driver_sql("set local enable_seqscan = off")
        explain = f"{'EXPLAIN QUERY PLAN' if sqlite else 'EXPLAIN'} {statement}"
        rows = connection.exec_driver_sql(explain, parameters).all()  # type: ignore[arg-type]
    plan = " ".join(str(cell) for row in rows for cell in row)
    assert "ix_requests_team" in plan or "ix_requests_queue" in plan


def test_opening_and_finding_take_the_same_statements_among_many(database: Database) -> None:
    def statements() -> int:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        with database.write() as connection:
            event.listen(database.engine, "before_cursor_execute", counted)
            stored = StoredRequests(connection, NOON)
            request = stored.open(WANTED)
            stored.ahead(request)
            stored.by_code(request.code)
            stored.of(1)
            stored.waiting_for(7)
            event.remove(database.engine, "before_cursor_execute", counted)
        return count

    few = statements()
    fill(database, [f"{number:X}" for number in range(0x10000, 0x10000 + 3000)])
    assert statements() == few
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(t.requests)) == 3002


def test_whose_data_is_erased_has_no_words_left_with_helpers_and_nothing_empty_is_sent(
    database: Database,
) -> None:
    with database.write() as connection:
        connection.execute(insert(t.conversations).values(id=9, touched=NOON))
        contact = connection.scalar(
            insert(t.contacts)
            .values(account="web", chat="helper", conversation=9, heard=NOON)
            .returning(t.contacts.c.id)
        )
        request = StoredRequests(connection, NOON).open(WANTED)
        for about, state in (("request", t.READY), ("words", t.READY), ("words", t.SENT), ("other", t.READY)):
            connection.execute(
                insert(t.outbox).values(
                    account="web", contact=contact, kind="notice", priority=1, state=state, at=NOON,
                    about=f"{about}:{request.id}", message='{"text":"quên passcode"}',
                )
            )  # fmt: skip
        StoredPeople(connection, NOON).forget(1)
        rows = connection.execute(select(t.outbox.c.state, t.outbox.c.message).order_by(t.outbox.c.id)).all()
    left = '{"text":"quên passcode"}'
    assert [tuple(row) for row in rows] == [
        (t.WITHDRAWN, ""), (t.WITHDRAWN, ""), (t.SENT, ""), (t.READY, left),
    ]  # fmt: skip
