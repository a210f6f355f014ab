"""What Prometheus reads: accounts, kinds and reasons for labels, and never a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from bot import clock
from bot.metrics import figure, figures, written
from bot.store import spending
from bot.store import tables as t
from bot.store.database import Database

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    clock.stop_at(NOW)
    store = Database(url)
    yield store
    store.close()
    clock.reset()


def put(
    database: Database, account: str, kind: str, state: int, at: datetime, number: int, instead: int = 0
) -> int:
    """Put a message into the outbox, in the place of another one or not; give its number."""
    with database.write() as connection:
        person = connection.scalar(insert(t.conversations).values(touched=at).returning(t.conversations.c.id))
        contact = connection.scalar(
            insert(t.contacts)
            .values(account=account, chat=f"chat-of-Lan-{number}", conversation=person, heard=at)
            .returning(t.contacts.c.id)
        )
        row = insert(t.outbox).values(
            account=account, contact=contact, kind=kind, priority=0, message="chào Lan",
            number=1, state=state, at=at, instead=instead or None,
        )  # fmt: skip
        return int(connection.execute(row.returning(t.outbox.c.id)).scalar_one())


def test_each_account_has_its_backlog_its_oldest_message_and_its_failures(database: Database) -> None:
    put(database, "zalo_oa:1", "answer", t.READY, NOW - timedelta(minutes=9), 1)
    put(database, "zalo_oa:1", "notice", t.READY, NOW - timedelta(minutes=2), 2)
    put(database, "telegram:7", "answer", t.READY, NOW - timedelta(minutes=1), 3)
    put(database, "zalo_oa:1", "notice", t.FAILED, NOW - timedelta(days=2), 4)
    put(database, "zalo_oa:1", "notice", t.FAILED, NOW - timedelta(days=8), 5)
    put(database, "telegram:7", "reminder", t.SENT, NOW, 6)
    found = figures(database)
    assert found[figure("outbox_ready", account="zalo_oa:1")] == 2
    assert found[figure("outbox_oldest_seconds", account="zalo_oa:1")] == 540
    assert found[figure("outbox_oldest_seconds", account="telegram:7")] == 60
    assert found[figure("outbox_failed_in_a_week", account="zalo_oa:1", kind="notice")] == 1
    assert figure("outbox_failed_in_a_week", account="telegram:7", kind="reminder") not in found
    text = written(found).decode()
    assert 'toso_outbox_oldest_seconds{account="zalo_oa:1"} 540.0\n' in text
    assert 'toso_outbox_failed_in_a_week{account="zalo_oa:1",kind="notice"} 1.0\n' in text
    assert text.count("# TYPE toso_outbox_oldest_seconds gauge") == 1
    assert "Lan" not in text


@pytest.mark.parametrize(
    ("states", "counted"),
    [
        ((t.FAILED,), "zalo_oa:1"),
        ((t.FAILED, t.SENT), ""),
        ((t.FAILED, t.READY), ""),
        ((t.FAILED, t.FAILED), "telegram:7"),
        ((t.FAILED, t.FAILED, t.SENT), ""),
        ((t.FAILED, t.FAILED, t.FAILED), "zalo_bot:2"),
    ],
)
def test_a_message_that_reached_nobody_counts_once_and_where_it_was_tried_last(
    states: tuple[int, ...], counted: str, database: Database
) -> None:
    put(database, "web", "notice", t.SENT, NOW, 9)
    first = 0
    for number, state in enumerate(states):
        account = ("zalo_oa:1", "telegram:7", "zalo_bot:2")[number]
        row = put(database, account, "notice", state, NOW, number, instead=first)
        first = first or row
    failed = {
        found.labels[0][1]: count for found, count in figures(database).items() if "failed" in found.name
    }
    assert failed == ({counted: 1} if counted else {})


def test_what_is_left_of_a_quota_and_how_a_token_stands_is_counted(database: Database) -> None:
    with database.write() as connection:
        spending.count(connection, "zalo_oa:1", NOW, [("quota", 41, 1), ("quota", 40, 1), ("free", None, 1)])
        connection.execute(
            insert(t.tokens).values(
                account="zalo_oa:1", access="kept-secret", refresh="kept-secret", trouble="-14014",
                since=NOW - timedelta(hours=24), until=NOW + timedelta(hours=1),
            )
        )  # fmt: skip
    found = figures(database)
    assert found[figure("spent_this_month", account="zalo_oa:1", cost="quota")] == 2
    assert found[figure("quota_left", account="zalo_oa:1", cost="quota")] == 40
    assert figure("quota_left", account="zalo_oa:1", cost="free") not in found
    assert found[figure("token_age_seconds", account="zalo_oa:1")] == 86_400
    assert found[figure("token_seconds_left", account="zalo_oa:1")] == 3_600
    assert found[figure("token_in_trouble", account="zalo_oa:1")] == 1
    assert "kept-secret" not in written(found).decode()
