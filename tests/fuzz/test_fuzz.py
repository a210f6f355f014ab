"""Whatever a platform calls with or answers a poll with, nothing that is right is lost, and nothing is raised.

make fuzz                 100,000 spoilt payloads for each webhook, and one in fifty of them the whole way
TOSO_FUZZ=5000 ...        as many as one likes; the ordinary tests take a few hundred
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock
from bot.channels import Channel
from bot.inbox import guarded
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.web.hooks import MOST, Hooks
from handlers import desk
from handlers.talk import Heard, Incoming
from tests.bot.rig import core_on, rows
from tests.fuzz.payloads import spoilt
from tests.fuzz.subjects import POLLED, SUBJECTS, Polled, Subject, at_once
from tests.simulators.serving import Serving

EXAMPLES = int(os.environ.get("TOSO_FUZZ", "300"))
ANSWERS = {200, 400, 401, 403}
THROUGH = max(50, EXAMPLES // 50)  # payloads that go the whole way: HTTP, inbox, turn
AT_ONCE = 8  # calls on their way together
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # an hour after what the corpus holds was sent
FORESEEN = re.compile(r"came with a wrong (?:secret|signature)|; polling again in ")
OURS = re.compile(r" at (?:bot|handlers|knowledge)/")  # the place of an error that nobody foresaw

every_webhook = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
every_poll = pytest.mark.parametrize("polled", POLLED, ids=lambda polled: polled.name)


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Let it be the day of the corpus: a call that is a week old counts for nothing."""
    clock.stop_at(NOW)
    yield
    clock.reset()


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail on every line of the log that is not about a payload being what it is."""
    channels = logging.getLogger("bot.channels")
    channels.setLevel(logging.ERROR)  # a warning for each of a hundred thousand would fill the memory
    yield
    channels.setLevel(logging.NOTSET)
    told = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert [words for words in told if OURS.search(words) or not FORESEEN.search(words)] == []


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


def gathered(corpus: tuple[Any, ...], ident: bytes) -> list[bytes]:
    """Give payloads, half of them spoilt, each with an id of its own where the id was not what is spoilt."""
    spoilt_ones: list[bytes] = []

    @settings(
        max_examples=THROUGH,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(body=spoilt(corpus))
    def gather(body: bytes) -> None:
        spoilt_ones.append(body)

    gather()
    right = [msgspec.json.encode(corpus[number % len(corpus)]) for number in range(THROUGH)]
    mixed = [body for both in zip(spoilt_ones, right, strict=False) for body in both]
    return [body.replace(ident, known_by(ident, number)) for number, body in enumerate(mixed)]


def known_by(ident: bytes, number: int) -> bytes:
    """Give another id of the same length; the corpus has the first."""
    return ident[:-6] + b"%06d" % (number + 2)


@pytest.mark.timeout(3600)
@every_webhook
def test_what_comes_over_the_wire_in_any_order_and_again_is_kept_once_and_decided(
    subject: Subject, sqlite_url: str, bookcase: Bookcase
) -> None:
    bodies = gathered(subject.corpus, subject.ident)
    bodies.append(msgspec.json.encode(subject.corpus[0]))
    chance = Random(1)
    calls = [body for body in bodies for _ in range(chance.randint(1, 3))]
    chance.shuffle(calls)
    with core_on(sqlite_url, bookcase, desk.decide) as core:

        async def call() -> set[str]:
            channel = subject.make()
            heard = {one.key for body in bodies for one in channel.post(subject.prove(body), body).heard}
            hooks = Hooks([channel], core.intake, core.writer)
            wire = httpx.ASGITransport(app=hooks)
            async with httpx.AsyncClient(transport=wire, base_url="http://test") as client:

                async def post(body: bytes) -> int:
                    answer = await client.post(
                        f"/hooks/{channel.hook}", content=body, headers=subject.prove(body)
                    )
                    return answer.status_code

                for at in range(0, len(calls), AT_ONCE):
                    assert {*await asyncio.gather(*map(post, calls[at : at + AT_ONCE]))} <= ANSWERS
                assert await post(b" " * (MOST + 1)) == 413
            await asyncio.gather(*hooks._after, return_exceptions=True)
            await channel.close()
            return heard

        heard = asyncio.run(call())
        core.run_waiting()
        kept = rows(core, select(t.inbox.c.key, t.inbox.c.state, t.inbox.c.error))
        assert [row.error for row in kept if row.state != t.DONE] == []
        assert sorted(row.key for row in kept) == sorted(heard)
        assert len(heard) > THROUGH // 4
        print(f"\n{subject.name}: {len(calls)} calls, {len(heard)} updates kept and decided")


@pytest.mark.timeout(3600)
@every_poll
def test_what_a_poll_is_answered_with_stops_no_hearing(polled: Polled) -> None:
    before, after = polled.around
    answers = []
    for number, body in enumerate(gathered(polled.corpus, polled.ident)):
        answers.append(body if number % 5 == 4 else before + body + after)
    answers.append(before + msgspec.json.encode(polled.corpus[0]) + after)
    given = iter(answers)

    async def answer(request: Request) -> Response:
        if not request.url.path.endswith("/getUpdates"):
            return Response(b'{"ok":true,"result":true}', media_type="application/json")
        body = next(given, None)
        status, body = (200, body) if body is not None else polled.nothing
        return Response(body, status, media_type="application/json")

    right = polled.ident.decode()
    heard: list[str] = []

    async def hear() -> None:
        channel = polled.make(server.url, at_once)
        there = asyncio.Event()

        async def take(updates: Sequence[Heard]) -> bool:
            heard.extend(one.key for one in updates)
            if right in heard:
                there.set()
            return True

        receiving = asyncio.create_task(channel.receive(take))
        await asyncio.wait(
            {receiving, asyncio.create_task(there.wait())}, return_when=asyncio.FIRST_COMPLETED
        )
        assert not receiving.done()
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving
        await channel.close()

    server = Serving(Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])]))
    try:
        asyncio.run(hear())
    finally:
        server.stop()
    assert next(given, None) is None
    print(f"\n{polled.name}: {len(answers)} answers, {len(heard)} updates heard")
