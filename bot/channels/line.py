"""A call over httpx that comes back within its time, or says in one of our two ways why it did not.

It knows no platform.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from bot.channels import TryLater
from bot.channels.reasons import AWAY

CONNECT = 15.0  # seconds at most until the line stands

# The call has not left us.  A line that breaks later may be this message's, so no other has to wait for it.
NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


async def answered(
    client: httpx.AsyncClient, platform: str, method: str, url: str, seconds: float, **more: Any
) -> httpx.Response:
    """Give the whole answer to a call, or raise TryLater in words without its address."""
    # The library's own limit is for each piece of an answer, and a line may drip.
    limit = httpx.Timeout(seconds, connect=min(CONNECT, seconds / 2))
    try:
        async with asyncio.timeout(seconds):
            return await client.request(method, url, timeout=limit, **more)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        failure = TryLater(
            AWAY(platform=platform, why=type(error).__name__), everybody=isinstance(error, NOT_REACHED)
        )
    # Raised out here, so that no traceback leads to the library's own error, which may hold a token.
    raise failure
