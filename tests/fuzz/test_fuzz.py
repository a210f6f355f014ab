"""Whatever a platform calls with, a webhook answers, loses nothing that is right, and raises nothing.

make fuzz                 100,000 spoilt payloads for each channel
TOSO_FUZZ=5000 ...        as many as one likes; the ordinary tests take a few hundred
"""

from __future__ import annotations

import asyncio
import copy
import logging
import os
from collections.abc import Iterator

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import clock
from bot.channels import Channel
from bot.inbox import guarded
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.web.hooks import MOST, Hooks
from handlers.talk import Incoming
from tests.bot.rig import core_on, echo, rows
from tests.fuzz.payloads import spoilt
from tests.fuzz.subjects import SUBJECTS, Subject

EXAMPLES = int(os.environ.get("TOSO_FUZZ", "300"))
ANSWERS = {200, 400, 401, 403}
THROUGH = max(50, EXAMPLES // 50)  # payloads that go the whole way: HTTP, inbox, turn

every_webhook = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Leave a warning for each of a hundred thousand unprinted."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def made(subject: Subject) -> Channel:
    async def make() -> Channel:
        return subject.make()

    return asyncio.run(make())


@pytest.mark.timeout(3600)
@every_webhook
def test_a_spoilt_payload_is_answered_and_what_is_heard_of_it_can_be_kept(subject: Subject) -> None:
    channel = made(subject)
    counted = {"payloads": 0, "heard": 0, "faulty": 0}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(body=spoilt(subject.corpus), proven=st.booleans() | st.just(True))
    def attack(body: bytes, proven: bool) -> None:
        headers = subject.prove(body) if proven else dict.fromkeys(subject.prove(body), "wrong")
        post = channel.post(headers, body)
        assert post.status in ANSWERS
        counted["payloads"] += 1
        counted["heard"] += len(post.heard)
        counted["faulty"] += bool(post.fault)
        if not proven:
            assert not post.heard
        for heard in post.heard:
            assert 0 < len(heard.key) <= 200
            kept = msgspec.json.encode(guarded(heard.incoming, clock.now()))
            again = msgspec.json.decode(kept, type=Incoming)
            assert again.account == channel.account
            assert 0 < len(again.chat) <= 120
            assert 0 < len(again.sender) <= 120
            assert "\0" not in kept.decode()

    attack()
    print(f"\n{subject.name}: {counted}")
    asyncio.run(channel.close())


@every_webhook
def test_every_right_payload_is_answered_with_200(subject: Subject) -> None:
    channel = made(subject)
    heard = 0
    for payload in subject.corpus:
        body = msgspec.json.encode(payload)
        post = channel.post(subject.prove(body), body)
        assert (post.status, post.fault) == (200, "")
        heard += len(post.heard)
        wrong = channel.post(dict.fromkeys(subject.prove(body), "wrong"), body)
        assert (wrong.heard, wrong.fault) == ((), subject.fault)
    assert heard >= len(subject.corpus) * 2 // 3
    asyncio.run(channel.close())


@pytest.mark.timeout(3600)
@every_webhook
def test_what_comes_over_the_wire_leads_to_turns_and_parks_nothing(
    subject: Subject, sqlite_url: str, bookcase: Bookcase
) -> None:
    bodies: list[bytes] = []

    @settings(
        max_examples=THROUGH,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(body=spoilt(subject.corpus))
    def gather(body: bytes) -> None:
        bodies.append(body)

    gather()
    right = copy.deepcopy(subject.corpus[0])
    with core_on(sqlite_url, bookcase, echo) as core:

        async def call() -> None:
            channel = subject.make()
            hooks = Hooks([channel], core.intake)
            wire = httpx.ASGITransport(app=hooks)
            async with httpx.AsyncClient(transport=wire, base_url="http://test") as client:

                async def post(body: bytes) -> int:
                    answer = await client.post(
                        f"/hooks/{channel.hook}", content=body, headers=subject.prove(body)
                    )
                    return answer.status_code

                for body in bodies:
                    assert await post(body) in ANSWERS
                assert await post(b" " * (MOST + 1)) == 413
                for _ in range(2):
                    assert await post(msgspec.json.encode(right)) == 200
            await channel.close()

        asyncio.run(call())
        core.run_waiting()
        states = {row.state for row in rows(core, select(t.inbox.c.state).distinct())}
        assert states == {t.DONE}
