"""Webhooks: a platform's call is believed, stored and only then acknowledged.

What counts as proof, and what to answer, is the channel's to say; this knows no platform.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.channels import Channel, Post
from bot.inbox import Intake
from bot.trouble import where
from bot.web.server import not_now, within

log = logging.getLogger(__name__)

MOST = 2**20  # bytes of a call


class Broken(Response):
    """An answer of 503 that breaks off: who repeats a call only where the line has failed, repeats this one too."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin to answer, and say no more; the server then closes the line."""
        await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"1")]})


def _meant(record: logging.LogRecord) -> bool:
    """Keep out of the log what the server says of each answer that breaks off, since it is meant."""
    return "without completing response" not in record.getMessage()


class Hooks:
    """The addresses that platforms call, one for each channel that hears so."""

    def __init__(self, channels: Sequence[Channel], intake: Intake) -> None:
        self._channels = {channel.hook: channel for channel in channels if channel.hook}
        self._intake = intake
        logging.getLogger("uvicorn.error").addFilter(_meant)
        self._after: set[asyncio.Task[None]] = set()
        self.heard: Counter[str] = Counter()  # what was stored, by account
        self.faults: Counter[tuple[str, str]] = (
            Counter()
        )  # calls that counted for nothing, by account and reason

    def routes(self) -> list[Route]:
        """Give the routes, none where every channel polls."""
        return [Route(f"/hooks/{name}", self.hear, methods=["POST"], name=name) for name in self._channels]

    async def hear(self, request: Request) -> Response:
        """Store what a call brings; 503 for "not now", which makes the platform call again."""
        channel = self._channels[request.url.path.rpartition("/")[2]]
        body = await within(request, MOST)
        post = Post(413, fault="size") if body is None else channel.post(request.headers, body)
        if post.fault:
            self.faults[channel.account, post.fault] += 1
        if post.heard and not await self._intake.take(post.heard):
            return Broken() if channel.hook_breaks else not_now()
        if post.heard:
            self.heard[channel.account] += len(post.heard)
            task = asyncio.create_task(self._acknowledged(channel, post))
            self._after.add(task)
            task.add_done_callback(self._after.discard)
        return Response(post.body, post.status, media_type="application/json")

    async def _acknowledged(self, channel: Channel, post: Post) -> None:
        try:
            await channel.acknowledged(post)
        except Exception as error:
            # What was heard is stored; only a courtesy to the platform is missing.
            log.warning("%s: an update was stored and not answered: %s", channel.account, where(error))
