"""Teams and offices are named by people, each time a little differently."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from bot.settings import Unusable
from bot.store.database import Database
from bot.units import unit_named
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
    ("kind", "first", "second"),
    [
        ("team", TEAM, TEAM),
        ("team", TEAM, "tổ 7, P. Đông Ngạc"),
        ("team", TEAM, "to dan pho so 07, phuong dong ngac"),
        ("team", "phường Đông Ngạc, Hà Nội", "phường Đông Ngạc"),
        ("office", "xã Ứng Hòa, Hà Nội", "Ứng Hòa"),
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
    ],
)
def test_what_differs_is_kept_apart(
    connection: Connection, first: tuple[str, str], second: tuple[str, str]
) -> None:
    numbers = {unit_named(connection, PLACES, name, kind) for kind, name in (first, second)}
    assert len(numbers) == 2


def test_a_place_that_is_unknown_or_has_namesakes_is_refused(connection: Connection) -> None:
    with pytest.raises(Unusable, match="Add its province"):
        unit_named(connection, PLACES, "tổ 1, xã Không Đâu", "team")
