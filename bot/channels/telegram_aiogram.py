"""Telegram through aiogram, used as a carrier of JSON only: its HTTP session and its kinds of error.

Its dispatcher acknowledges updates before anyone has stored them, and its types refuse a whole batch for
one update of an unknown kind.  So polling is done elsewhere, and every answer stays the JSON that came.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cache
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.types import BufferedInputFile, FSInputFile
from aiohttp import ClientConnectorError, ClientTimeout, ConnectionTimeoutError, InvalidURL

from bot.channels import AWAY_CODES, Carried, Refused, TryLater
from bot.channels.telegram import Call
from bot.channels.telegram_channel import (
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

PIECE = 64 * 1024  # bytes


class AiogramChannel(TelegramChannel):
    """One Telegram bot, carried by aiogram."""

    def _open(self, token: str, api: str, proxy: str) -> None:
        """Make ready to call this bot; RuntimeError where a proxy is set and its package is missing."""
        self._session = _Session(api=TelegramAPIServer.from_base(api), proxy=proxy or None)
        self._bot = Bot(token, session=self._session)

    async def close(self) -> None:
        """Let go of connections."""
        await self._session.close()

    async def _call(self, call: Call, seconds: float) -> Any:
        method = _method(call.method)(**{name: _carried(value) for name, value in call.params.items()})
        try:
            # What is given is handed on to aiohttp, which knows more of time than the library's signature.
            limit = ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
            return await self._bot(method, request_timeout=cast("int", limit))
        except AiogramError as error:
            failure = self._failure(error)
        except Exception as error:
            failure = unreachable(
                error, at_all=_never_reached(error)
            )  # a proxy's errors are none of the library's
        # Raised out here, so that no traceback leads to the library's error, whose address holds the token.
        raise failure

    async def _download(self, url: str, seconds: float) -> AsyncIterator[bytes]:
        failure: TryLater | Refused
        try:
            session = await self._session.create_session()
            async with session.get(
                url,
                allow_redirects=False,
                timeout=ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS),
            ) as answer:
                if answer.status == 200:
                    async for piece in answer.content.iter_chunked(PIECE):
                        yield piece
                    return
                failure = not_given(answer.status)
        except Exception as error:
            failure = unreachable(error, at_all=_never_reached(error))
        raise failure

    def _failure(self, error: AiogramError) -> TryLater | Refused:
        """Give what can be done about an error of aiogram's, in words without the token."""
        words = getattr(error, "message", "")
        match error:
            case TelegramRetryAfter(retry_after=seconds):
                return slow_down(timedelta(seconds=seconds))
            case TelegramMigrateToChat(migrate_to_chat_id=chat):
                return Moved(chat)
            case TelegramForbiddenError():
                return self._refused(words, gone=True)
            case TelegramBadRequest():
                return self._refused(words)
            case TelegramEntityTooLarge():
                return too_large()
            case TelegramConflictError():
                return self._conflict(words)
            case TelegramUnauthorizedError() | TelegramNotFound():
                return unknown_token()
            case TelegramNetworkError():
                return unreachable(error.__cause__, at_all=_never_reached(error.__cause__))
            case _Away(status=status):
                return in_trouble(status)
            case ClientDecodeError():
                return unreadable()
            case _:
                return TryLater(self._said(words or type(error).__name__))


class _Away(AiogramError):
    """A gateway says that nobody stands behind it."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class _Session(AiohttpSession):
    """The library's session, which tells a gateway's page from an answer."""

    def check_response(
        self, bot: Bot, method: TelegramMethod[Any], status_code: int, content: str
    ) -> Response[Any]:
        """Give the answer, or raise what it means."""
        if status_code in AWAY_CODES:
            raise _Away(status_code)
        return super().check_response(bot, method, status_code, content)


def _never_reached(cause: BaseException | None) -> bool:
    """Say whether the call cannot have left us; a proxy's own errors come from a package that may be missing."""
    by_proxy = type(cause).__module__.partition(".")[0] in ("aiohttp_socks", "python_socks")
    return by_proxy or isinstance(cause, ClientConnectorError | ConnectionTimeoutError | InvalidURL)


@cache
def _method(name: str) -> type[TelegramMethod[Any]]:
    """Give a method of the Bot API whose answer is not turned into aiogram's types."""
    return type(
        name, (TelegramMethod,), {"__api_method__": name, "__returning__": Any, "__module__": __name__}
    )


def _carried(value: object) -> object:
    match value:
        case File():
            return BufferedInputFile(value.content, value.name)
        case Carried():
            return FSInputFile(value.path, value.name)
    return value
