"""Telegram through python-telegram-bot, used as a carrier of JSON only: its HTTP requests and its errors.

Its types would lose what they do not know, and its conversations live in memory; neither is used.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import timedelta
from typing import IO, Any, cast

# The library asks whoever wants spans of time as such to say so; else it warns at every RetryAfter.
os.environ["PTB_TIMEDELTA"] = "1"

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest, RequestData

from bot.channels import AWAY_CODES, Carried, Refused, TryLater
from bot.channels.line import NOT_REACHED
from bot.channels.telegram import Call
from bot.channels.telegram_channel import (
    CALL_SECONDS,
    CONNECT_SECONDS,
    Moved,
    TelegramChannel,
    in_trouble,
    not_given,
    slow_down,
    too_large,
    unknown_token,
    unreachable,
    unreadable,
)
from handlers.talk import File

CONNECTIONS = 100
PIECE = 64 * 1024  # bytes


class PtbChannel(TelegramChannel):
    """One Telegram bot, carried by python-telegram-bot."""

    def _open(self, token: str, api: str, proxy: str) -> None:
        """Make ready to call this bot; RuntimeError where a SOCKS proxy is set and its package is missing."""
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)  # they log addresses, which hold the token
        self._methods = f"{api}/bot{token}"
        self._request = _Request(
            connection_pool_size=CONNECTIONS,
            connect_timeout=CONNECT_SECONDS,
            pool_timeout=CALL_SECONDS,
            media_write_timeout=CALL_SECONDS,
            proxy=proxy or None,
            httpx_kwargs={"trust_env": False},  # the proxy is a setting, for both drivers alike
        )
        self._proxy = proxy
        self._client: httpx.AsyncClient | None = None  # for files

    async def close(self) -> None:
        """Let go of connections."""
        await self._request.shutdown()
        if self._client is not None:
            await self._client.aclose()

    async def _call(self, call: Call, seconds: float) -> Any:
        try:
            # The library's own limit is for each piece of an answer, and a line may drip.
            async with asyncio.timeout(seconds):
                with ExitStack() as opened:
                    form = cast("RequestData", _Form(call.params, opened))
                    return await self._request.post(
                        f"{self._methods}/{call.method}", form, read_timeout=seconds, write_timeout=seconds
                    )
        except TelegramError as error:
            failure = self._failure(error)
        except TimeoutError as error:
            failure = unreachable(error, at_all=False)
        # Raised out here, so that no traceback leads to the library's error, whose address holds the token.
        raise failure

    async def _download(self, url: str, seconds: float) -> AsyncIterator[bytes]:
        if self._client is None:
            self._client = httpx.AsyncClient(
                proxy=self._proxy or None, trust_env=False, headers={"accept-encoding": "identity"}
            )
        failure: TryLater | Refused
        try:
            async with self._client.stream("GET", url, timeout=seconds) as answer:
                if answer.status_code == 200:
                    async for piece in answer.aiter_raw(PIECE):
                        yield piece
                    return
                failure = not_given(answer.status_code)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = unreachable(error, at_all=isinstance(error, NOT_REACHED))
        raise failure

    def _failure(self, error: TelegramError) -> TryLater | Refused:
        """Give what can be done about an error of the library's, in words without the token."""
        words = error.message
        match error:
            case _Away(status=status):
                return in_trouble(status)
            case RetryAfter(retry_after=wait):
                return slow_down(wait if isinstance(wait, timedelta) else timedelta(seconds=wait))
            case ChatMigrated(new_chat_id=chat):
                return Moved(chat)
            case Forbidden():
                return self._refused(words, gone=True)
            case BadRequest():
                return self._refused(words)
            case Conflict():
                return self._conflict(words)
            case InvalidToken():
                return unknown_token()
            case NetworkError() if isinstance(error.__cause__, _Unreadable):
                return unreadable()
            case NetworkError() if error.__cause__ is not None:
                return unreachable(error.__cause__, at_all=isinstance(error.__cause__, NOT_REACHED))
            case NetworkError() if words == "Request Entity Too Large":
                return too_large()
            case _Unreadable():
                return unreadable()
            case _:
                return TryLater(self._said(words or type(error).__name__))


class _Away(TelegramError):
    """A gateway says that nobody stands behind it."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class _Unreadable(TelegramError):
    """An answer that is no JSON."""


class _Request(HTTPXRequest):
    """The library's requests, which never log what a person wrote and tell a gateway's page from an answer."""

    async def do_request(self, *given: Any, **more: Any) -> tuple[int, bytes]:
        """Give status and content of an answer."""
        status, content = await super().do_request(*given, **more)
        if status in AWAY_CODES:
            raise _Away(status)
        return status, content

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise _Unreadable("no JSON") from None
        if not isinstance(answer, dict) or not ("result" in answer or "description" in answer):
            raise _Unreadable("no answer of the Bot API")
        return answer


class _Form:
    """The parameters of one call, as the library's requests read them."""

    def __init__(self, params: dict[str, Any], opened: ExitStack) -> None:
        files: dict[str, tuple[str, bytes | IO[bytes], str]] = {}
        self.json_parameters: dict[str, str] = {}
        for name, value in params.items():
            match value:
                case File():
                    files[name] = (value.name, value.content, value.kind)
                case Carried():
                    files[name] = (value.name, opened.enter_context(value.path.open("rb")), value.type)
                case str():
                    self.json_parameters[name] = value
                case _:
                    self.json_parameters[name] = json.dumps(value)
        self.multipart_data = files or None
        self.contains_files = bool(files)
