"""Files are fetched from the platform's own hosts, in pieces, and never without end."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from itertools import repeat

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.channels import Refused, TryLater
from bot.channels.download import Downloads
from tests.simulators.serving import Serving

PHOTO = bytes(range(256)) * 1000


async def show(request: Request) -> Response:
    match request.path_params["what"]:
        case "photo":
            return Response(PHOTO, media_type="image/jpeg")
        case "unmeasured":
            return StreamingResponse(pieces())
        case "packed":
            asked = request.headers.get("accept-encoding")
            assert asked == "identity"
            return Response(gzip.compress(PHOTO), headers={"content-encoding": "gzip"})
        case "endless":
            return StreamingResponse(repeat(b"x" * 1000))
        case "slow":
            return StreamingResponse(slowly())
        case "moved":
            return RedirectResponse("/photo")
        case "away":
            return RedirectResponse("http://other.example/photo")
        case "round":
            return RedirectResponse("/round")
        case what:
            return Response(status_code=int(what))


async def pieces() -> AsyncIterator[bytes]:
    yield PHOTO[:1000]
    yield PHOTO[1000:]


async def slowly() -> AsyncIterator[bytes]:
    yield b"x"
    await asyncio.Event().wait()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    serving = Serving(Starlette(routes=[Route("/{what}", show)]))
    yield serving.url
    serving.stop()


async def private(host: str) -> list[str]:
    return {"own.zdn.vn": ["192.168.1.9"], "mixed.zdn.vn": ["1.1.1.1", "::1"], "none.zdn.vn": []}[host]


def fetched(ref: str, *hosts: str, most: int = 10**6, seconds: float = 60.0) -> bytes:
    async def act() -> bytes:
        downloads = Downloads(hosts, most=most, seconds=seconds, addresses=private)
        try:
            return b"".join([piece async for piece in downloads.get(ref)])
        finally:
            await downloads.close()

    return asyncio.run(act())


@pytest.mark.parametrize("what", ["photo", "unmeasured", "moved"])
def test_a_file_of_an_allowed_host_comes_whole(server: str, what: str) -> None:
    assert fetched(f"{server}/{what}", server) == PHOTO


@pytest.mark.parametrize(
    "ref",
    [
        "http://a.zdn.vn/p.jpg",
        "https://a.zdn.vn:8443/p.jpg",
        "https://me:secret@a.zdn.vn/p.jpg",
        "https://azdn.vn/p.jpg",
        "https://zdn.vn.evil.example/p.jpg",
        "https://evil.example/?a.zdn.vn",
        "https://own.zdn.vn/p.jpg",
        "https://mixed.zdn.vn/p.jpg",
        "https://127.0.0.1/p.jpg",
        "file:///etc/passwd",
        "https://[::1",
        "",
    ],
)
def test_no_other_address_is_called(ref: str) -> None:
    with pytest.raises(Refused):
        fetched(ref, "*.zdn.vn")


def test_a_host_without_an_address_may_have_one_later() -> None:
    with pytest.raises(TryLater):
        fetched("https://none.zdn.vn/p.jpg", "*.zdn.vn")


@pytest.mark.parametrize("what", ["away", "round", "404", "403", "410"])
def test_what_is_gone_or_passed_on_elsewhere_is_refused(server: str, what: str) -> None:
    with pytest.raises(Refused):
        fetched(f"{server}/{what}", server)


@pytest.mark.parametrize("what", ["photo", "unmeasured", "endless"])
def test_a_file_too_large_is_refused_whatever_it_says_of_itself(server: str, what: str) -> None:
    with pytest.raises(Refused, match="too large"):
        fetched(f"{server}/{what}", server, most=len(PHOTO) - 1)


def test_nothing_is_unpacked(server: str) -> None:
    with pytest.raises(Refused, match="comes packed"):
        fetched(f"{server}/packed", server)


@pytest.mark.parametrize("what", ["500", "503", "429"])
def test_trouble_of_the_host_means_later(server: str, what: str) -> None:
    with pytest.raises(TryLater, match=what):
        fetched(f"{server}/{what}", server)


def test_a_file_that_does_not_end_in_time_means_later_and_tells_no_address(server: str) -> None:
    with pytest.raises(TryLater, match="took too long") as later:
        fetched(f"{server}/slow", server, seconds=0.3)
    assert server not in str(later.value)
    assert later.value.__context__ is None


def test_a_host_that_does_not_answer_means_later() -> None:
    with pytest.raises(TryLater, match="ConnectError"):
        fetched("http://127.0.0.1:9/p.jpg", "http://127.0.0.1:9")
