"""New talks are opened as fast as people come, and no faster: in all, and from one address."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from bot.shelf import Bookcase
from bot.web.newcomers import ALL_AT_ONCE, ONE_AT_ONCE, REMEMBERED, Newcomers, network_of
from tests.bot.test_web_server import Site


@pytest.fixture
def site(sqlite_url: str, bookcase: Bookcase) -> Iterator[Site]:
    served = Site(sqlite_url, bookcase)
    yield served
    served.stop()


def admitted(newcomers: Newcomers, addresses: list[str]) -> int:
    return sum(newcomers.wait(address) == 0 for address in addresses)


def test_one_address_opens_so_many_and_then_waits_while_others_come_in() -> None:
    newcomers = Newcomers()
    hall = int(ONE_AT_ONCE)
    assert admitted(newcomers, ["203.0.113.7"] * (hall + 5)) == hall
    assert 0 < newcomers.wait("203.0.113.7") <= 2
    assert newcomers.wait("203.0.113.8") == 0


def test_an_ipv6_subscriber_is_one_however_many_addresses_they_take() -> None:
    newcomers = Newcomers()
    hall = int(ONE_AT_ONCE)
    assert admitted(newcomers, [f"2001:db8::{number:x}" for number in range(hall + 5)]) == hall
    assert newcomers.wait("2001:db8:0:1::1") == 0


def test_all_together_have_a_limit_too_and_few_addresses_are_remembered() -> None:
    newcomers = Newcomers()
    many = [f"198.51.{number // 250}.{number % 250}" for number in range(REMEMBERED + 50)]
    assert int(ALL_AT_ONCE) <= admitted(newcomers, many) < int(ALL_AT_ONCE) + 50
    assert len(newcomers._each) == REMEMBERED


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", ""),  # the web server in front, which does not say for whom it asks
        ("::1", ""),
        ("", ""),
        ("testclient", ""),
    ],
)
def test_nobody_is_known_by_the_address_of_this_machine(address: str, network: str) -> None:
    assert network_of(address) == network


def test_the_web_server_in_front_says_whose_address_it_is(site: Site) -> None:
    def opened(address: str) -> httpx.Response:
        return site.http.post("/web/talks", headers={"x-forwarded-for": address} if address else {})

    answers = [opened("203.0.113.7")]
    while answers[-1].status_code == 201 and len(answers) < 3 * ONE_AT_ONCE:
        answers.append(opened("203.0.113.7"))
    assert len(answers) > ONE_AT_ONCE
    assert answers[-1].status_code == 429
    assert answers[-1].json() == {"error": "not now"}
    assert answers[-1].headers["retry-after"] in ("1", "2")
    assert opened("203.0.113.8").status_code == 201
    assert opened("").status_code == 201
