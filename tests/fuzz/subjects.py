"""The webhooks under test: what each is fed, and the proof it asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from bot.channels import Channel
from bot.channels.telegram_aiogram import AiogramChannel
from bot.channels.telegram_ptb import PtbChannel
from bot.channels.zalo_bot_client import ZaloBotChannel
from bot.channels.zalo_oa_client import ZaloOAChannel
from tests.fuzz import corpus

SECRET = "secret-of-the-tests"
APP = "1234567890123456789"
HERE = "https://toso.example.vn/hooks/"


class Subject(msgspec.Struct, frozen=True):
    """One webhook."""

    name: str
    make: Callable[[], Channel]
    corpus: tuple[Any, ...]
    prove: Callable[[bytes], dict[str, str]]
    fault: str  # how a call without proof is counted


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
        lambda: AiogramChannel(TOKEN, address=f"{HERE}telegram", secret=SECRET),
        corpus.TELEGRAM,
        _telegram,
        "secret",
    ),
    Subject(
        "telegram by python-telegram-bot",
        lambda: PtbChannel(TOKEN, address=f"{HERE}telegram", secret=SECRET),
        corpus.TELEGRAM,
        _telegram,
        "secret",
    ),
    Subject(
        "zalo bot",
        lambda: ZaloBotChannel(TOKEN, webhook=f"{HERE}zalo_bot", secret=SECRET),
        corpus.ZALO_BOT,
        _zalo_bot,
        "secret",
    ),
    Subject(
        "zalo official account",
        lambda: ZaloOAChannel("388613280878808645", _Keeper(), app=APP, secret=SECRET, buttons=True),
        corpus.ZALO_OA,
        signature,
        "signature",
    ),
)
