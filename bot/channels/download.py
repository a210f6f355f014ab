"""Fetches what somebody sent: from the platform's own hosts only, in pieces, and no more than is wanted.

The address came from outside.  It is believed as little as any other word: not to where it likes, not to a
machine of the office's own network, not for longer or larger than agreed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

import httpx

from bot import clock
from bot.channels import Refused, TryLater

MOST = 20 * 2**20  # bytes of one file
SECONDS = 60.0  # for the whole of it
TURNS = 3  # redirects followed, each held to the same rules
PASSED_ON = (301, 302, 303, 307, 308)

Got = TypeVar("Got")


async def addresses(host: str) -> list[str]:
    """Give the numeric addresses of a host; OSError when it has none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Downloads:
    """Downloads from these hosts: a name, "*.name" for all below it, or for trials a whole http://name:port."""

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        most: int = MOST,
        seconds: float = SECONDS,
        addresses: Callable[[str], Awaitable[list[str]]] = addresses,
    ) -> None:
        self._hosts = tuple(host.lower() for host in hosts)
        self._most = most
        self._seconds = seconds
        self._addresses = addresses
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(seconds), trust_env=False, headers={"accept-encoding": "identity"}
        )

    async def get(self, ref: str) -> AsyncIterator[bytes]:
        """Give the content piece by piece, or raise TryLater or Refused; a part may have come before."""
        until = clock.ticks() + self._seconds
        for _turn in range(TURNS + 1):
            request = await self._request(ref)
            response = await self._within(until, self._client.send(request, stream=True))
            try:
                if response.status_code in PASSED_ON:
                    ref = str(_address(ref).join(response.headers.get("location", "")))
                    continue
                _welcome(response, self._most)
                async for piece in self._pieces(response, until):
                    yield piece
                return
            finally:
                await response.aclose()
        raise Refused("the file is passed on from address to address without end")

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def _pieces(self, response: httpx.Response, until: float) -> AsyncIterator[bytes]:
        came = 0
        pieces = response.aiter_raw(2**16)  # as they come: a few unpacked may be more than there is room for
        while True:
            try:
                piece = await self._within(until, anext(pieces))
            except StopAsyncIteration:
                return
            came += len(piece)
            if came > self._most:
                raise Refused("the file is too large")
            yield piece

    async def _request(self, ref: str) -> httpx.Request:
        """Build the call to an allowed address, bound to a number that was looked at; raise Refused."""
        url = _address(ref)
        port = f":{url.port}" if url.port else ""
        if f"{url.scheme}://{url.host}{port}" in self._hosts:
            return self._client.build_request("GET", url)
        if url.scheme != "https" or url.port not in (None, 443) or url.userinfo:
            raise Refused("the file is not at an address that is fetched from")
        if not any(_belongs(url.host, host) for host in self._hosts):
            raise Refused(f"files are not fetched from {url.host[:100]}")
        try:
            numbers = await self._addresses(url.host)
        except OSError:
            raise TryLater("the host of the file has no address now") from None
        for number in numbers:
            if not ipaddress.ip_address(number.partition("%")[0]).is_global:
                raise Refused("the file is at an address of a private network")
        if not numbers:
            raise TryLater("the host of the file has no address now")
        # The number just looked at is called, and none that the name may mean a moment later.
        return self._client.build_request(
            "GET",
            url.copy_with(host=numbers[0]),
            headers={"host": url.host},
            extensions={"sni_hostname": url.host},
        )

    async def _within(self, until: float, work: Awaitable[Got]) -> Got:
        """Wait for a step, no longer than is left of the time for the whole."""
        try:
            return await asyncio.wait_for(work, max(0.0, until - clock.ticks()))
        except TimeoutError:
            failure = TryLater("fetching the file took too long")
        except httpx.HTTPError as error:
            failure = TryLater(f"the file cannot be fetched ({type(error).__name__})")
        # Raised out here, so that no traceback leads to an address that opens somebody's file.
        raise failure


def _address(ref: str) -> httpx.URL:
    try:
        return httpx.URL(ref)
    except (httpx.InvalidURL, ValueError):
        raise Refused("the file has no address that can be read") from None


def _belongs(host: str, allowed: str) -> bool:
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def _welcome(response: httpx.Response, most: int) -> None:
    """Raise Refused or TryLater for an answer that brings no file, or too large a one."""
    status = response.status_code
    if status in (408, 425, 429) or status >= 500:
        raise TryLater(f"the file cannot be fetched now ({status})")
    if status != 200:
        raise Refused(f"the file is no longer there ({status})")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Refused("the file comes packed, though nobody asked for that")
    told = response.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise Refused("the file is too large")
