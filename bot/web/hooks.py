"""Webhooks: a platform's call is believed, stored and only then acknowledged.

What counts as proof, and what to answer, is the channel's to say; this knows no platform.  Calls come in a
rush, and each must be acknowledged soon: so they are served in front of the web framework, which costs
more than all that is done for them here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import clock
from bot.channels import Channel, Post
from bot.inbox import Intake
from bot.store import faults
from bot.store.writer import Writer
from bot.trouble import where

log = logging.getLogger(__name__)

MOST = 2**20  # bytes of a call
PLACE = "/hooks/"
NOT_NOW = b'{"error": "not now"}'
UNPROVEN = ("secret", "signature")  # faults that may mean that a setting of ours is wrong


def _meant(record: logging.LogRecord) -> bool:
    """Keep out of the log what the server says of each answer that breaks off, since it is meant."""
    return "without completing response" not in record.getMessage()


class Hooks:
    """The addresses that platforms call, one for each channel that hears so."""

    def __init__(self, channels: Sequence[Channel], intake: Intake, writer: Writer | None = None) -> None:
        """Take, besides who hears, where it is noted how many calls came without their proof."""
        self._channels = {channel.hook: channel for channel in channels if channel.hook}
        self._intake = intake
        self._writer = writer
        self._unkept: Counter[tuple[str, str]] = Counter()  # calls without their proof, not yet noted
        logging.getLogger("uvicorn.error").addFilter(_meant)
        self._after: set[asyncio.Task[None]] = set()
        self.heard: Counter[str] = Counter()  # what was stored, by account
        self.faults: Counter[tuple[str, str]] = (
            Counter()
        )  # calls that counted for nothing, by account and reason

    def __contains__(self, path: object) -> bool:
        """Say whether this is the address of one of them."""
        return isinstance(path, str) and path.startswith(PLACE) and path.removeprefix(PLACE) in self._channels

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Store what a call brings; 503 for "not now", which makes the platform call again."""
        channel = self._channels[scope["path"].removeprefix(PLACE)]
        if scope["method"] != "POST":
            await _answer(send, 405, b"{}")
            return
        try:
            body = await _within(receive, MOST)
            post = await self._hear(channel, scope, body)
        except HungUp:
            return
        except Exception as error:
            log.error("%s: a call could not be taken: %s", channel.account, where(error))
            post = Post(503, body=NOT_NOW)
        if post.status == 503 and channel.hook_breaks:
            await _break_off(send)
        else:
            await _answer(send, post.status, post.body)

    async def _hear(self, channel: Channel, scope: Scope, body: bytes | None) -> Post:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        post = Post(413, fault="size") if body is None else channel.post(headers, body)
        if post.fault:
            self._count(channel, post.fault)
        if post.heard:
            if not await self._intake.take(post.heard):
                return Post(503, body=NOT_NOW)
            self.heard[channel.account] += len(post.heard)
            self._afterwards(self._acknowledged(channel, post))
        return post

    def _afterwards(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._after.add(task)
        task.add_done_callback(self._after.discard)

    def _count(self, channel: Channel, fault: str) -> None:
        """Count a call that counts for nothing; where a setting may be to blame, say so ever more seldom."""
        self.faults[channel.account, fault] += 1
        if fault not in UNPROVEN:
            return
        self._unkept[channel.account, fault] += 1
        number = self.faults[channel.account, fault]
        if number == 10 ** (len(str(number)) - 1):  # the first, the tenth, the hundredth
            log.error(
                "%s: a call came with a wrong %s and counts for nothing, %s since the start. "
                "If no message is heard, %s is wrong: copy it again.",
                channel.account, fault, number, channel.proof,
            )  # fmt: skip
            self._afterwards(self.keep())

    async def keep(self) -> None:
        """Note how many calls came without their proof, for a doctor in another process."""
        calls, self._unkept = self._unkept, Counter()
        if not calls or self._writer is None:
            return
        now = clock.now()
        try:
            await asyncio.wrap_future(self._writer.submit(lambda c: faults.note(c, now, calls)))
        except SQLAlchemyError:
            self._unkept.update(calls)  # the next time

    async def _acknowledged(self, channel: Channel, post: Post) -> None:
        try:
            await channel.acknowledged(post)
        except Exception as error:
            # What was heard is stored; only a courtesy to the platform is missing.
            log.warning("%s: an update was stored and not answered: %s", channel.account, where(error))


class HungUp(Exception):
    """Whoever called has gone before saying all."""


def in_front(hooks: Hooks, app: ASGIApp) -> ASGIApp:
    """Give an application that serves webhooks first, and has everything else served by another."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in hooks:
            await hooks(scope, receive, send)
        else:
            await app(scope, receive, send)

    return serve


async def _within(receive: Receive, most: int) -> bytes | None:
    """Give a body of at most so many bytes; None for a larger one, of which no more is read."""
    body = b""
    while True:
        packet = await receive()
        if packet["type"] == "http.disconnect":
            raise HungUp
        body += bytes(packet.get("body", b""))
        if len(body) > most:
            return None
        if not packet.get("more_body", False):
            return body


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _break_off(send: Send) -> None:
    """Begin to answer 503 and say no more: who repeats a call only where the line has failed repeats this one too."""
    await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"1")]})
