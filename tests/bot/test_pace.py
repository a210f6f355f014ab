"""Nobody is written to faster than the platform allows, and nobody waits for another one's trouble."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot import clock
from bot.channels import Limits
from bot.pace import LONGEST_PAUSE, PROBES, REMEMBERED, TROUBLE, Pace

LIMITS = Limits(rate=10, burst=30, chat_rate=1, chat_burst=3, group_rate=0.5, group_burst=2)
MANY = 1000
NOW = timedelta(0)


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Let the seconds stand still."""
    clock.ticks_at(0.0)
    yield
    clock.reset()


def pace(limits: Limits = LIMITS) -> Pace:
    """Give a pace at which some seconds have passed, where chats with a minus are groups."""
    made = Pace(limits, lambda chat: chat.startswith("-"))
    clock.ticks_at(100.0)
    return made


def taken(made: Pace, contact: int, chat: str = "1") -> int:
    """Count how many may leave to a chat at once."""
    return next(number for number in range(MANY) if not made.take(contact, chat))


def test_an_account_begins_empty_and_never_uses_more_than_two_thirds_of_its_burst() -> None:
    clock.ticks_at(0.0)
    made = Pace(LIMITS, lambda _chat: False)
    assert made.left(0, MANY) == 0
    assert made.wait() == pytest.approx(0.1)
    clock.ticks_at(1.0)
    assert made.left(0, MANY) == 10
    clock.ticks_at(60.0)
    assert made.left(0, MANY) == 20
    made.begin()
    assert made.left(0, MANY) == 0


@pytest.mark.parametrize(
    ("under_way", "at_once", "left"), [(0, 16, 16), (10, 16, 6), (16, 16, 0), (0, 99, 20)]
)
def test_what_is_under_way_takes_up_room(under_way: int, at_once: int, left: int) -> None:
    assert pace().left(under_way, at_once) == left


@pytest.mark.parametrize(("chat", "burst", "wait"), [("1", 3, 1.0), ("-1", 2, 2.0)])
def test_a_chat_and_a_group_have_their_own_rates(chat: str, burst: int, wait: float) -> None:
    made = pace()
    assert taken(made, 1, chat) == burst
    assert made.resting() == [1]
    assert made.rest_ends() == pytest.approx(wait)
    assert made.take(2, chat)
    clock.ticks_at(100.0 + wait)
    assert made.resting() == []
    assert taken(made, 1, chat) == 1


def test_chats_that_are_as_good_as_new_are_forgotten() -> None:
    made = pace(Limits(rate=1e9, burst=1e9, chat_rate=1, chat_burst=3))
    for contact in range(REMEMBERED):
        made.take(contact, "1")
    clock.ticks_at(102.9)
    made.take(MANY * MANY, "1")
    assert len(made._chats) == 1


def test_one_chat_that_has_to_wait_lets_the_others_go_on() -> None:
    made = pace()
    made.failed(1, timedelta(seconds=30), asked=True, everybody=False)
    assert made.resting() == [1]
    assert made.left(0, MANY) == 20


@pytest.mark.parametrize(("others", "everybody"), [(1, False), (0, True)])
def test_when_the_platform_means_the_account_nobody_is_written_to(others: int, everybody: bool) -> None:
    made = pace()
    for contact in range(1 + others):
        made.failed(contact, timedelta(seconds=30), asked=True, everybody=everybody)
    assert made.left(0, MANY) == 0
    assert 30 <= made.wait() <= 36
    clock.ticks_at(136.1)
    assert made.left(0, MANY) == 20
    assert not made.troubled


def test_a_wait_of_hours_is_about_the_messages_and_stops_nobody_else() -> None:
    made = pace()
    for contact in (1, 2):
        made.failed(contact, timedelta(hours=1), asked=True, everybody=False)
    assert made.resting() == [1, 2]
    assert made.left(0, MANY) == 20


def test_where_nobody_gets_through_two_calls_at_a_time_find_out_when_it_works_again() -> None:
    made = pace()
    at = 100.0
    pauses = []
    for _ in range(10):
        for contact in range(TROUBLE):
            made.failed(contact, NOW, asked=False, everybody=False)
        assert made.left(0, MANY) == 0
        pauses.append(made.wait())
        at += made.wait() + 0.001
        clock.ticks_at(at)
        assert made.left(0, MANY) == PROBES
    assert all(
        least <= pause <= least * 1.2
        for pause, least in zip(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60], strict=True)
    )
    assert max(pauses) <= LONGEST_PAUSE * 1.2
    made.went_well()
    assert made.left(0, MANY) == 20


def test_calls_that_fail_together_are_one_failure() -> None:
    made = pace()
    for contact in range(16):
        made.failed(contact, NOW, asked=False, everybody=False)
    assert 1 <= made.wait() <= 1.2
