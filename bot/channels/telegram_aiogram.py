"""Telegram through aiogram, used as a carrier of JSON only: its HTTP session and its kinds of error.

Its dispatcher acknowledges updates before anyone has stored them, and its types refuse a whole batch for
one update of an unknown kind.  So polling is done here, and every answer stays the JSON that came.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

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
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile
from aiogram.utils.token import TokenValidationError

from bot.channels import Carried, Channel, Refused, Sent, Take, TryLater, telegram
from bot.channels.telegram import Call
from handlers.talk import File, Heard, Message

log = logging.getLogger(__name__)

OFFICIAL = "https://api.telegram.org"
CALL_SECONDS = 30
PRESS_SECONDS = 10  # a press is answered in time or not at all
LONGEST_PAUSE = timedelta(minutes=1)
GONE = ("chat not found", "user not found", "PEER_ID_INVALID")  # refusals that mean there is nobody there


async def pause(time: timedelta) -> None:
    """Wait so long by the monotonic clock."""
    await asyncio.sleep(time.total_seconds())


class AiogramChannel(Channel):
    """One Telegram bot."""

    def __init__(
        self,
        token: str,
        *,
        api: str = OFFICIAL,
        account: str = "",
        poll: timedelta = timedelta(seconds=50),
        pause: Callable[[timedelta], Awaitable[None]] = pause,
    ) -> None:
        """Take the bot's token; ValueError when it cannot be one."""
        session = AiohttpSession(api=TelegramAPIServer.from_base(api))
        try:
            self._bot = Bot(token, session=session)
        except TokenValidationError:
            raise ValueError(
                "This is not a Telegram token. BotFather gives one: digits, a colon, letters."
            ) from None
        self.account = account or f"telegram:{self._bot.id}"
        self.malformed = 0  # updates that could not be read since the start
        self._poll = poll
        self._pause = pause
        self._offset: int | None = None  # the first update not yet stored
        self._begun: dict[tuple[str, Message], int] = {}  # calls done of a message that stopped halfway

    async def receive(self, take: Take) -> None:
        """Hear until cancelled; an update is acknowledged by the first poll after `take` has said True."""
        failures = 0
        while True:
            try:
                updates = await self._updates()
                await self._store(updates, take)
                failures = 0
            except Exception as error:
                failures += 1
                wait = getattr(error, "wait", None) or _back_off(failures)
                log.error("%s: %s; polling again in %s", self.account, _in_words(error), wait)
                await self._pause(wait)

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Send one message and give Telegram's id of its last part, or raise TryLater or Refused."""
        parts = telegram.calls(chat, message)
        key = (chat, message)
        sent: Any = None
        for number in range(self._begun.get(key, 0), len(parts)):
            try:
                sent = await self._send_to_newest(parts[number])
            except Refused:
                self._begun.pop(key, None)
                raise
            except TryLater:
                # Whoever tries the same message again goes on here; the parts before it have arrived.
                if number:
                    self._begun[key] = number
                raise
        self._begun.pop(key, None)
        return Sent(str(sent["message_id"]))

    async def close(self) -> None:
        """Let go of connections."""
        await self._bot.session.close()

    async def _updates(self) -> list[Any]:
        params: dict[str, Any] = {
            "timeout": int(self._poll.total_seconds()),
            "allowed_updates": list(telegram.ALLOWED_UPDATES),
        }
        if self._offset is not None:
            params["offset"] = self._offset
        updates = await self._call(Call("getUpdates", params), self._poll.total_seconds() + CALL_SECONDS)
        if not isinstance(updates, list):
            raise TryLater("the answer to getUpdates is not a list")
        return updates

    async def _store(self, updates: Sequence[Any], take: Take) -> None:
        """Have a batch stored, however often that takes, and only then move on."""
        heard = [known for update in updates if (known := self._read(update))]
        attempts = 0
        while heard and not await take(heard):
            attempts += 1
            await self._pause(_back_off(attempts))
        ids = [update["update_id"] for update in updates if _has_id(update)]
        if ids:
            self._offset = max(ids) + 1
        elif updates:
            raise TryLater("a batch without update ids")
        presses = [press for update in updates if (press := telegram.answer_press(update))]
        await asyncio.gather(*(self._answer(press) for press in presses))

    def _read(self, update: Any) -> Heard | None:
        try:
            return telegram.read(update, self.account)
        except telegram.Malformed as reason:
            self.malformed += 1
            name = update["update_id"] if _has_id(update) else "without id"
            log.warning("%s: update %s cannot be read: %s", self.account, name, reason)
            return None

    async def _answer(self, press: Call) -> None:
        try:
            await self._call(press, PRESS_SECONDS)
        except (TryLater, Refused) as error:
            # What was pressed is stored; only the button's spinning lasts a little longer.
            log.info("%s: a press was not answered: %s", self.account, error)

    async def _send_to_newest(self, call: Call) -> Any:
        """Send a part, following a group that has become a supergroup with a new id."""
        try:
            return await self._call(call, CALL_SECONDS)
        except _Moved as moved:
            return await self._call(Call(call.method, {**call.params, "chat_id": moved.chat}), CALL_SECONDS)

    async def _call(self, call: Call, seconds: float) -> Any:
        method = _method(call.method)(**{name: _carried(value) for name, value in call.params.items()})
        try:
            return await self._bot(method, request_timeout=round(seconds))
        except AiogramError as error:
            failure = _failure(error, self._bot.token)
        # Raised out here, so that no traceback leads to the library's error, whose address holds the token.
        raise failure


class _Moved(Refused):
    """The group has become a supergroup."""

    def __init__(self, chat: int) -> None:
        super().__init__("the group has a new id")
        self.chat = chat


def _failure(error: AiogramError, token: str) -> TryLater | Refused:
    """Give what can be done about an error of aiogram's, in words without the token."""
    words = getattr(error, "message", "").replace(token, "…")
    match error:
        case TelegramRetryAfter(retry_after=seconds):
            return TryLater("Telegram asks to slow down", timedelta(seconds=seconds))
        case TelegramMigrateToChat(migrate_to_chat_id=chat):
            return _Moved(chat)
        case TelegramForbiddenError():
            return Refused(words, gone=True)
        case TelegramBadRequest():
            return Refused(words, gone=any(sign in words for sign in GONE))
        case TelegramEntityTooLarge():
            return Refused("the file is too large for Telegram")
        case TelegramConflictError() if "webhook" in words:
            return TryLater("a webhook is set for this bot. Remove it (deleteWebhook), or stop polling.")
        case TelegramConflictError():
            return TryLater("another program polls with the same token. Only one may: stop the other.")
        case TelegramUnauthorizedError() | TelegramNotFound():
            return TryLater("Telegram does not know this token. Copy it again from BotFather.")
        case TelegramNetworkError():
            # The words of a network error hold the address, and that holds the token.
            return TryLater(f"Telegram cannot be reached ({type(error.__cause__).__name__})")
        case ClientDecodeError():
            return TryLater("the answer is not Telegram's: it cannot be read")
        case _:
            return TryLater(words or type(error).__name__)


def _in_words(error: Exception) -> str:
    if isinstance(error, TryLater | Refused):
        return str(error)
    # The words of any other error may be a person's, so its kind and place must do.
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.name}, line {place.lineno} of {Path(place.filename).name}"


@cache
def _method(name: str) -> type[TelegramMethod[Any]]:
    """Give a method of the Bot API whose answer is not turned into aiogram's types."""
    return type(
        name, (TelegramMethod,), {"__api_method__": name, "__returning__": Any, "__module__": __name__}
    )


def _carried(value: object) -> object:
    return BufferedInputFile(value.content, value.name) if isinstance(value, File) else value


def _has_id(update: Any) -> bool:
    return isinstance(update, dict) and isinstance(update.get("update_id"), int)


def _back_off(failures: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(failures - 1, 10)), LONGEST_PAUSE)
