"""Who is invited, has come and is silent: counted, shown to whom it concerns, and invited anew once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, select

from bot.asking import Questions
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from handlers.records.rollout import Joining

NOW = datetime(2026, 11, 16, 2, tzinfo=UTC)
SILENT = NOW - timedelta(days=14)
HERE, ELSEWHERE = "10402", "00625"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    with database.write() as connection:
        for kind, name, commune in (
            ("office", "xã Ứng Hòa", HERE),
            ("team", "thôn Đình", HERE),
            ("team", "tổ 7", ELSEWHERE),
        ):
            connection.execute(insert(t.units).values(kind=kind, name=name, commune=commune))
    yield database
    database.close()


def join(database: Database, unit: int, kind: str, days: float | None, platform: str = "web") -> int:
    """Let somebody hold a role who was heard so many days ago, or never."""
    with database.write() as connection:
        person = connection.scalar(
            insert(t.conversations).values(touched=NOW).returning(t.conversations.c.id)
        )
        assert person is not None
        connection.execute(insert(t.roles).values(person=person, kind=kind, place=unit, since=SILENT))
        if days is not None:
            connection.execute(
                insert(t.contacts).values(
                    account=platform,
                    chat=f"chat-{person}",
                    conversation=person,
                    heard=NOW - timedelta(days=days),
                )
            )
    return int(person)


def invite(database: Database, unit: int, code: str, **fields: object) -> None:
    with database.write() as connection:
        connection.execute(
            insert(t.invitations).values(
                code=code, kind="lead", place=unit, name="Khoa", address="anh", **fields
            )
        )


def joining(database: Database, *communes: str, closes: dict[str, int] | None = None) -> list[Joining]:
    with database.read() as connection:
        return list(StoredRecords(connection, NOW).rollout.joining(communes, closes or {}, SILENT))


def test_invited_joined_and_silent_are_counted_by_unit(database: Database) -> None:
    join(database, 1, "reporter", 1)
    join(database, 1, "officer", 20)
    join(database, 1, "head", None)
    invite(database, 2, "MOI-AAAAA-AAAAA")
    office, team = joining(database, HERE)
    assert (office.joined, office.silent, office.invited, office.empty) == (3, 2, 0, False)
    assert (team.joined, team.silent, team.invited, team.empty) == (0, 0, 1, True)
    assert [unit.name for unit in joining(database)] == ["tổ 7", "xã Ứng Hòa", "thôn Đình"]


@pytest.mark.parametrize(
    ("kind", "days", "closes", "red"),
    [
        ("reporter", 1, {}, False),
        ("head", 1, {}, False),
        ("officer", 1, {}, True),  # nobody there is reminded of reports
        ("reporter", None, {}, True),  # has never written: there is no chat
        ("reporter", 8, {"web": 7}, True),  # the platform has closed the chat
        ("reporter", 6, {"web": 7}, False),
        ("reporter", 400, {}, False),  # silent, and a message still arrives
    ],
)
def test_an_office_of_which_nobody_can_be_reminded_stands_red(
    database: Database, kind: str, days: float | None, closes: dict[str, int], red: bool
) -> None:
    join(database, 1, kind, days)
    assert joining(database, HERE, closes=closes)[0].empty is red


def test_what_is_used_up_staged_or_over_is_no_invitation(database: Database) -> None:
    invite(database, 2, "MOI-AAAAA-AAAAA", used_by=join(database, 2, "lead", 1))
    invite(database, 2, "MOI-AAAAA-BBBBB", staged="list")
    invite(database, 2, "MOI-AAAAA-CCCCC", ends=NOW - timedelta(days=1))
    invite(database, 2, "MOI-AAAAA-DDDDD", until=NOW - timedelta(days=1))  # too old, and still not here
    assert joining(database, HERE)[1].invited == 1


def test_a_new_code_takes_the_place_of_the_old_one(database: Database) -> None:
    invite(database, 2, "MOI-AAAAA-AAAAA", until=NOW - timedelta(days=1), key="k7")
    with database.write() as connection:
        rollout = StoredRecords(connection, NOW).rollout
        (guest,) = rollout.guests(2)
        code = rollout.anew(guest)
        assert rollout.anew(guest) == ""  # a second press of the same button changes nothing
    with database.read() as connection:
        (row,) = connection.execute(select(t.invitations)).all()
    assert (row.code, row.key, row.until > NOW) == (code, "k7", True)
    assert code != "MOI-AAAAA-AAAAA"


def test_who_has_come_meanwhile_gets_no_new_code(database: Database) -> None:
    invite(database, 2, "MOI-AAAAA-AAAAA")
    with database.write() as connection:
        records = StoredRecords(connection, NOW)
        (guest,) = records.rollout.guests(2)
        invitation = records.people.invitation(guest.code)
        assert invitation is not None
        records.people.join(invitation, join_other(connection))
        assert records.rollout.anew(guest) == ""


def join_other(connection: Connection) -> int:
    return int(connection.scalar(insert(t.conversations).values(touched=NOW).returning(t.conversations.c.id)))


def test_the_command_names_the_communes_of_a_province_in_which_nobody_was_entered(
    database: Database, bookcase: Bookcase
) -> None:
    questions = Questions(bookcase.shelf(), database, "vi")
    assert not any("chưa nhập ai" in line for line in questions.rollout(""))  # no province uses this
    with database.write() as connection:
        connection.execute(
            insert(t.units).values(kind="province", name="thành phố Hà Nội", commune="01", since=NOW)
        )
    _counted, without, *_each = questions.rollout("")
    assert without == (
        "• **Đỏ**, chưa nhập ai: 125 trên 126 xã, phường: xã An Khánh, phường Ba Đình, xã Ba Vì, "
        "phường Bạch Mai, xã Bát Tràng và 120 nơi nữa"
    )
