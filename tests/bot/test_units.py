"""Teams and offices are named by people, each time a little differently."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, insert, select

from bot.settings import Unusable
from bot.store import tables as t
from bot.store.database import Database
from bot.units import unit_named, villages
from knowledge.places import Places

PLACES = Places.load()
TEAM = "tổ dân phố 7, phường Đông Ngạc, Hà Nội"


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[Connection]:
    """A transaction on a new store."""
    database = Database(sqlite_url)
    with database.write() as connection:
        yield connection
    database.close()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Phòng Văn hóa - Xã hội, xã Ứng Hòa, Hà Nội", "department"),
        ("Sở Tài chính, Hà Nội", "department"),
        ("Đảng ủy xã Ứng Hòa, Hà Nội", "party"),
        ("Ủy ban Mặt trận Tổ quốc xã Ứng Hòa, Hà Nội", "front"),
        ("Hội Nông dân xã Ứng Hòa, Hà Nội", "union"),
        ("Trường Tiểu học Hòa Nam, xã Ứng Hòa, Hà Nội", "school"),
        ("thôn Đoài, xã Ứng Hòa, Hà Nội", "office"),
    ],
)
def test_what_is_invited_beside_a_communes_office_is_no_second_commune(
    connection: Connection, name: str, kind: str
) -> None:
    unit_named(connection, PLACES, "xã Ứng Hòa, Hà Nội", "office")
    number = unit_named(connection, PLACES, name, "office", new=False)
    assert connection.scalar(select(t.units.c.kind).where(t.units.c.id == number)) == kind
    assert unit_named(connection, PLACES, name, "office", new=False) == number


def test_a_second_office_of_a_commune_is_made_only_where_that_is_wanted(connection: Connection) -> None:
    unit_named(connection, PLACES, "xã Ứng Hòa, Hà Nội", "office")
    with pytest.raises(Unusable, match="already"):
        unit_named(connection, PLACES, "Ban Tiếp công dân xã Ứng Hòa, Hà Nội", "office", new=False)
    assert unit_named(connection, PLACES, "Ban Tiếp công dân xã Ứng Hòa, Hà Nội", "office", new=True)


def test_a_department_may_be_all_that_a_commune_has_as_its_office(connection: Connection) -> None:
    number = unit_named(connection, PLACES, "Phòng Văn hóa, xã Ứng Hòa, Hà Nội", "office", new=False)
    assert connection.scalar(select(t.units.c.kind).where(t.units.c.id == number)) == "office"


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("team", TEAM, TEAM),
        ("team", TEAM, "tổ 7, P. Đông Ngạc"),
        ("team", TEAM, "to dan pho so 07, phuong dong ngac"),
        ("team", "phường Đông Ngạc, Hà Nội", "phường Đông Ngạc"),
        ("office", "xã Ứng Hòa, Hà Nội", "Ứng Hòa"),
        ("office", "thành phố Hà Nội", "Hà Nội"),  # the province's
    ],
)
def test_a_name_written_differently_means_the_same(
    connection: Connection, kind: str, first: str, second: str
) -> None:
    assert unit_named(connection, PLACES, first, kind) == unit_named(connection, PLACES, second, kind)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("team", TEAM), ("team", "tổ dân phố 8, phường Đông Ngạc, Hà Nội")),
        (("team", TEAM), ("team", "khu 7, phường Đông Ngạc, Hà Nội")),
        (("team", TEAM), ("team", "phường Đông Ngạc, Hà Nội")),
        (("team", TEAM), ("team", "tổ dân phố 7, xã Ứng Hòa, Hà Nội")),
        (("team", "xã Ứng Hòa, Hà Nội"), ("office", "xã Ứng Hòa, Hà Nội")),
        (("office", "xã Ứng Hòa, Hà Nội"), ("office", "Hội Phụ nữ xã Ứng Hòa, Hà Nội")),
        (("office", "Hà Nội"), ("office", "Sở Tài chính, Hà Nội")),
    ],
)
def test_what_differs_is_kept_apart(
    connection: Connection, first: tuple[str, str], second: tuple[str, str]
) -> None:
    numbers = {unit_named(connection, PLACES, name, kind) for kind, name in (first, second)}
    assert len(numbers) == 2


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ("thôn Đoài, xã Ứng Hòa, Hà Nội", "thôn Đoàn, xã Ứng Hòa, Hà Nội"),
        ("thôn Đoài, xã Ứng Hòa, Hà Nội", "thon Doaii, xã Ứng Hòa, Hà Nội"),
        (TEAM, "tổ dân phốo 7, phường Đông Ngạc, Hà Nội"),
    ],
)
def test_a_name_nearly_like_a_known_one_is_asked_about(
    connection: Connection, known: str, typed: str
) -> None:
    first = unit_named(connection, PLACES, known, "team")
    with pytest.raises(Unusable, match=f"no team “{typed}” yet. Did you mean “{known}”.*--new"):
        unit_named(connection, PLACES, typed, "team", new=False)
    assert unit_named(connection, PLACES, known, "team", new=False) == first
    assert unit_named(connection, PLACES, typed, "team", new=True) != first


def test_a_name_like_no_other_is_made_without_asking(connection: Connection) -> None:
    unit_named(connection, PLACES, TEAM, "team")
    for name in ("tổ dân phố 8, phường Đông Ngạc, Hà Nội", "thôn Đoài, xã Ứng Hòa, Hà Nội"):
        assert unit_named(connection, PLACES, name, "team", new=False)
    assert unit_named(connection, PLACES, TEAM.rpartition(",")[0], "office", new=False)


def test_a_place_that_is_unknown_or_has_namesakes_is_refused(connection: Connection) -> None:
    with pytest.raises(Unusable, match="Add its province"):
        unit_named(connection, PLACES, "tổ 1, xã Không Đâu", "team")


def test_a_leaflet_names_the_villages_where_somebody_helps_today(sqlite_url: str) -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    database = Database(sqlite_url)
    with database.write() as connection:
        for village, role, until in (
            ("tổ dân phố 10", "member", None),
            ("tổ dân phố 9", "lead", None),
            ("tổ dân phố 3", "member", now),
            ("tổ dân phố 4", "", None),
        ):
            place = unit_named(connection, PLACES, f"{village}, phường Đông Ngạc, Hà Nội", "team")
            if role:
                person = connection.scalar(
                    insert(t.conversations).values(touched=now).returning(t.conversations.c.id)
                )
                role_ = {"person": person, "kind": role, "place": place, "since": now, "until": until}
                connection.execute(insert(t.roles).values(role_))
        unit_named(connection, PLACES, "phường Đông Ngạc, Hà Nội", "office")
    assert villages(database, "00602") == ("tổ dân phố 9", "tổ dân phố 10")
    assert villages(database, "00001") == ()
    database.close()
