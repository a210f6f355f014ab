"""The channels under test: what each is fed, the proof its webhook asks for, and how its polls are answered."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec

from bot.channels import Channel
from bot.channels.telegram_aiogram import AiogramChannel
from bot.channels.telegram_ptb import PtbChannel
from bot.channels.zalo_bot_client import ZaloBotChannel
from bot.channels.zalo_oa_client import ZaloOAChannel
from tests.fuzz import corpus

Pause = Callable[[timedelta], Awaitable[None]]
SECRET = "secret-of-the-tests"
APP = "1234567890123456789"
HERE = "https://toso.example.vn/hooks/"
NOWHERE = "http://127.0.0.1:9"  # where a platform would be called that is not there


class Subject(msgspec.Struct, frozen=True):
    """One webhook."""

    name: str
    make: Callable[[], Channel]
    corpus: tuple[Any, ...]
    prove: Callable[[bytes], dict[str, str]]
    fault: str  # how a call without proof is counted
    ident: bytes  # by which the corpus' updates are known again


class Polled(msgspec.Struct, frozen=True):
    """One channel that asks for its updates."""

    name: str
    make: Callable[[str, Pause], Channel]
    corpus: tuple[Any, ...]
    ident: bytes
    around: tuple[bytes, bytes]  # what stands before and after an update in an answer
    nothing: tuple[int, bytes]  # status and body of an answer without any


async def at_once(_time: timedelta) -> None:
    """Pause for no time."""
    await asyncio.sleep(0)


class _Keeper:
    """Keeps no token, for nothing is sent."""

    async def access(self) -> str:
        """Give a token."""
        return ""

    async def renewed(self, used: str) -> str:
        """Give another."""
        return used

    def headers(self, access: str) -> dict[str, str]:
        """Give the headers of a call."""
        return {"access_token": access}

    async def tend(self) -> None:
        """Look after it."""


def signature(body: bytes) -> dict[str, str]:
    """Sign a body as Zalo does; a body without a readable time is signed without one."""
    try:
        stamp = msgspec.json.decode(body).get("timestamp", "")
    except (msgspec.DecodeError, RecursionError, AttributeError, UnicodeError):
        stamp = ""
    stamp = stamp if isinstance(stamp, str) else msgspec.json.encode(stamp).decode()
    signed = APP.encode() + body + stamp.encode("utf-8", "replace") + SECRET.encode()
    return {"x-zevent-signature": f"mac={hashlib.sha256(signed).hexdigest()}"}


def _telegram(_body: bytes) -> dict[str, str]:
    return {"x-telegram-bot-api-secret-token": SECRET}


def _zalo_bot(_body: bytes) -> dict[str, str]:
    return {"x-bot-api-secret-token": SECRET}


TOKEN = "7001:AAHsimulated-token-of-thirty-five-chars"
SUBJECTS = (
    Subject(
        "telegram by aiogram",
        lambda: AiogramChannel(TOKEN, api=NOWHERE, address=f"{HERE}telegram", secret=SECRET),
        corpus.TELEGRAM,
        _telegram,
        "secret",
        b"900000001",
    ),
    Subject(
        "telegram by python-telegram-bot",
        lambda: PtbChannel(TOKEN, api=NOWHERE, address=f"{HERE}telegram", secret=SECRET),
        corpus.TELEGRAM,
        _telegram,
        "secret",
        b"900000001",
    ),
    Subject(
        "zalo bot",
        lambda: ZaloBotChannel(TOKEN, webhook=f"{HERE}zalo_bot", secret=SECRET),
        corpus.ZALO_BOT,
        _zalo_bot,
        "secret",
        b"11112222333344445555",
    ),
    Subject(
        "zalo official account",
        lambda: ZaloOAChannel("388613280878808645", _Keeper(), app=APP, secret=SECRET, buttons=True),
        corpus.ZALO_OA,
        signature,
        "signature",
        b"96d3cdf3af150460909",
    ),
)

BATCH = (b'{"ok":true,"result":[', b"]}"), (200, b'{"ok":true,"result":[]}')
ONE = (b'{"ok":true,"result":', b"}"), (408, b'{"ok":false,"description":"Request timeout","error_code":408}')
NO_TIME = timedelta(0)
POLLED = (
    Polled(
        "telegram by aiogram",
        lambda url, pause: AiogramChannel(TOKEN, api=url, poll=NO_TIME, pause=pause),
        corpus.TELEGRAM,
        b"900000001",
        *BATCH,
    ),
    Polled(
        "telegram by python-telegram-bot",
        lambda url, pause: PtbChannel(TOKEN, api=url, poll=NO_TIME, pause=pause),
        corpus.TELEGRAM,
        b"900000001",
        *BATCH,
    ),
    Polled(
        "zalo bot",
        lambda url, pause: ZaloBotChannel(TOKEN, api=url, poll=NO_TIME, pause=pause),
        corpus.ZALO_BOT,
        b"11112222333344445555",
        *ONE,
    ),
)
