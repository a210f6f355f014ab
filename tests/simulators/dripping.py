"""A server that begins to answer every call, says a little again and again, and never ends.

with Dripping() as url: …
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from tests.simulators.serving import Serving

BETWEEN = 0.02  # seconds from one byte to the next


class Dripping:
    """Any path, any method; the context is its address."""

    def __enter__(self) -> str:
        """Listen on a free port."""
        methods = ["GET", "POST"]
        self._serving = Serving(Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)]))
        return self._serving.url

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._serving.stop()

    async def _answer(self, request: Request) -> StreamingResponse:
        return StreamingResponse(self._drops(request), media_type="application/json")

    async def _drops(self, request: Request) -> AsyncIterator[bytes]:
        while not self._serving.stopping and not await request.is_disconnected():
            yield b" "
            await asyncio.sleep(BETWEEN)
