"""One Telegram bot as a channel, whichever library carries its calls.

Hearing (polling or webhook), acknowledging, sending in parts, presses, the webhook, the commands menu and
the downloading of files are here; a driver moves JSON and bytes and says what an error of its library means.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
import traceback
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from bot import clock
from bot.channels import Carried, Channel, Limits, Post, Refused, Sent, Take, TryLater, telegram
from bot.channels.halfway import Halfway
from bot.channels.reasons import AWAY, NOT_THEIRS, SAYS, reason_of
from bot.channels.telegram import Call
from bot.findings import Finding
from handlers.talk import Heard, Message
from handlers.text import Text, _

log = logging.getLogger(__name__)

OFFICIAL = "https://api.telegram.org"
TOKEN = re.compile(r"\d+:\S+", re.ASCII)
CALL_SECONDS = 30.0
CONNECT_SECONDS = 15.0
UPLOAD_SECONDS = 120.0  # for a call that carries a file, over a thin line
PRESS_SECONDS = 10.0  # a press is answered in time or not at all
LONGEST_PAUSE = timedelta(minutes=1)
FETCH_LIMIT = 20 * 2**20  # bytes of a file that a bot may fetch
FETCH_SECONDS = 60.0
RECENT = timedelta(hours=1)  # so long a failed delivery is worth a word
MANY = 100  # updates waiting for the webhook that are worth a word
GONE = ("chat not found", "user not found", "peer_id_invalid")  # refusals that mean there is nobody there
WILL_NOT_SHOW = ("photo_", "image_process_failed")  # pictures that pass as documents only
HEADER = "x-telegram-bot-api-secret-token"

Menu = Mapping[str, Sequence[tuple[str, str]]]
"""The commands with what they do, by language; "" is for everybody whose language has none."""


async def pause(time: timedelta) -> None:
    """Wait so long by the monotonic clock."""
    await asyncio.sleep(time.total_seconds())


class Moved(Refused):
    """The group has become a supergroup."""

    def __init__(self, chat: int) -> None:
        super().__init__("the group has a new id")
        self.chat = chat


class HookInTheWay(TryLater):
    """Telegram delivers to a webhook, so nobody may poll."""


class TokenUnknown(TryLater):
    """Telegram knows no such bot; the operator may have a better token at any time."""

    def __init__(self) -> None:
        super().__init__("Telegram does not know this token. Copy it again from BotFather.", everybody=True)


class _HookInfo(msgspec.Struct):
    url: str = ""
    pending_update_count: int = 0
    last_error_date: int = 0
    last_error_message: str = ""
    allowed_updates: list[str] = []


class _Called(Post, frozen=True):
    """A call of the webhook, with what was pressed."""

    update: Mapping[str, Any] = {}


class TelegramChannel(Channel):
    """One Telegram bot."""

    proof = "TELEGRAM_SECRET"

    def __init__(
        self,
        token: str,
        *,
        api: str = OFFICIAL,
        proxy: str = "",
        account: str = "",
        address: str = "",  # where Telegram is to deliver; it is polled when empty
        secret: str = "",  # what Telegram says with each delivery
        menu: Callable[[], Menu] = dict,  # asked when it is needed, for that takes a while
        limits: Limits | None = None,
        poll: timedelta = timedelta(seconds=50),
        pause: Callable[[timedelta], Awaitable[None]] = pause,
    ) -> None:
        """Take the bot's token; ValueError when it cannot be one."""
        if not TOKEN.fullmatch(token):
            raise ValueError("This is not a Telegram token. BotFather gives one: digits, a colon, letters.")
        self.account = account or f"telegram:{token.partition(':')[0]}"
        self.limits = limits or Limits()
        self.hook = "telegram" if address else ""
        self.malformed = 0  # updates that could not be read since the start
        self.pending = 0  # updates that wait at Telegram, when last looked at
        self._token = token
        self._files = f"{api.rstrip('/')}/file/bot{token}"
        self._address, self._secret = address, secret
        self._menu = menu
        self._poll = poll
        self._pause = pause
        self._offset: int | None = None  # the first update not yet stored
        self._hook_set = False  # by this process, and so with the secret of today
        self._moved: dict[str, int] = {}  # groups that have become supergroups
        self._halfway = Halfway()
        self._open(token, api.rstrip("/"), proxy)

    # What a driver does.

    @abstractmethod
    def _open(self, token: str, api: str, proxy: str) -> None:
        """Make ready to call this bot; RuntimeError with the remedy where the library cannot use the proxy."""

    @abstractmethod
    async def _call(self, call: Call, seconds: float) -> Any:
        """Give the result of one call as the JSON that came, or raise TryLater or Refused without the token."""

    @abstractmethod
    def _download(self, url: str, seconds: float) -> AsyncIterator[bytes]:
        """Give what stands at an address, and follow it nowhere else; raise as `_call`."""

    # Hearing.

    async def receive(self, take: Take) -> None:
        """Hear until cancelled; an update is acknowledged by the first poll after `take` has said True."""
        if self.hook:
            await asyncio.Event().wait()
        failures = 0
        while True:
            try:
                updates = await self._updates()
                await self._store(updates, take)
                failures = 0
            except Exception as error:
                failures += 1
                wait = getattr(error, "wait", None) or _back_off(failures)
                log.error("%s: %s; polling again in %s", self.account, in_words(error), wait)
                if isinstance(error, HookInTheWay):
                    await self._remove_hook()
                await self._pause(wait)

    def post(self, headers: Mapping[str, str], body: bytes) -> Post:
        """Read a delivery; without the secret it is nobody's."""
        if not (self.hook and hmac.compare_digest(headers.get(HEADER, "").encode(), self._secret.encode())):
            return Post(401, fault="secret")
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return Post(400, fault="shape")  # not what Telegram wrote, which may arrive whole next time
        if not _has_id(update):
            return Post(200, fault="shape")  # and would be so for ever
        heard = self._read(update)
        return _Called(200, (heard,) if heard else (), update=update)

    async def acknowledged(self, post: Post) -> None:
        """Answer a press that is stored."""
        if isinstance(post, _Called):
            await self._after_presses([post.update])

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
        await self._after_presses(updates)

    def _read(self, update: Any) -> Heard | None:
        try:
            return telegram.read(update, self.account)
        except telegram.Malformed as reason:
            self.malformed += 1
            name = update["update_id"] if _has_id(update) else "without id"
            log.warning("%s: update %s cannot be read: %s", self.account, name, reason)
            return None

    # What follows a press.

    async def _after_presses(self, updates: Sequence[Any]) -> None:
        """End the spinning of buttons, and show what was chosen; the first press of a message counts."""
        calls = [call for update in updates if (call := telegram.answer_press(update))]
        shown: dict[tuple[int, int], Call] = {}
        for update in updates:
            if call := telegram.show_choice(update):
                shown.setdefault((call.params["chat_id"], call.params["message_id"]), call)
        await asyncio.gather(*(self._try(call) for call in (*calls, *shown.values())))

    async def _try(self, call: Call) -> None:
        try:
            await self._call(call, PRESS_SECONDS)
        except (TryLater, Refused) as error:
            # What was pressed is stored; only the button's spinning lasts a little longer.
            log.info("%s: %s after a press: %s", self.account, call.method, error)

    # Sending.

    def group(self, chat: str) -> bool:
        """Say whether a chat is a group's."""
        return chat.startswith("-")

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Send one message and give Telegram's id of its last part, or raise TryLater or Refused."""
        if carried and not carried.path.is_file():
            raise Refused("the file is no longer kept")
        parts = telegram.calls(chat, message, carried)
        sent: Any = None
        for number in range(self._halfway.take(chat, message), len(parts)):
            try:
                sent = await self._send_in_some_way(parts[number])
            except TryLater:
                # Whoever tries the same message again goes on here; the parts before it have arrived.
                if number:
                    self._halfway.put(chat, message, number)
                raise
        return Sent(str(sent["message_id"]))

    async def _send_in_some_way(self, call: Call) -> Any:
        """Send a part; a picture that cannot be shown goes as a document."""
        try:
            return await self._send_to_newest(call)
        except Refused as refused:
            document = telegram.as_document(call)
            if document is None or not _has(str(refused), WILL_NOT_SHOW):
                raise
        return await self._send_to_newest(document)

    async def _send_to_newest(self, call: Call) -> Any:
        """Send a part, following a group that has become a supergroup with a new id."""
        chat = str(call.params["chat_id"])
        seconds = UPLOAD_SECONDS if _carries(call) else CALL_SECONDS
        if chat not in self._moved:
            try:
                return await self._call(call, seconds)
            except Moved as moved:
                self._moved[chat] = moved.chat
        return await self._call(Call(call.method, {**call.params, "chat_id": self._moved[chat]}), seconds)

    # Files of people.

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Give the content of a file that somebody sent, piece by piece, or raise TryLater or Refused."""
        found = await self._call(Call("getFile", {"file_id": ref}), CALL_SECONDS)
        path = found.get("file_path", "") if isinstance(found, dict) else ""
        if not path or path.startswith("/") or ".." in path.split("/"):
            raise Refused("Telegram does not say where this file is")
        size, until = 0, clock.ticks() + FETCH_SECONDS
        async for piece in self._download(f"{self._files}/{quote(path)}", FETCH_SECONDS):
            size += len(piece)
            if size > FETCH_LIMIT:
                raise Refused(f"the file is larger than the {FETCH_LIMIT} bytes that Telegram gives out")
            if clock.ticks() > until:
                raise TryLater("fetching the file took too long")
            yield piece

    # What Telegram keeps for us.

    async def tend(self) -> None:
        """Set the webhook or remove it, whichever the settings want, and keep the menu of commands."""
        info = await self._hook_info()
        self.pending = info.pending_update_count
        if self.hook:
            await self._keep_hook(info)
        elif info.url:
            await self._remove_hook()
        for lang, wanted in self._menu().items():
            await self._keep_commands(lang, wanted)

    async def _hook_info(self) -> _HookInfo:
        try:
            return msgspec.convert(await self._call(Call("getWebhookInfo", {}), CALL_SECONDS), _HookInfo)
        except msgspec.ValidationError:
            raise TryLater(NOT_THEIRS(platform="Telegram", why="getWebhookInfo")) from None

    async def _keep_hook(self, info: _HookInfo) -> None:
        same = info.url == self._address and set(info.allowed_updates) == set(telegram.ALLOWED_UPDATES)
        # The secret cannot be read back, so what another process has set may have an older one.
        if same and self._hook_set and "401" not in info.last_error_message:
            return
        params = {
            "url": self._address,
            "secret_token": self._secret,
            "allowed_updates": list(telegram.ALLOWED_UPDATES),
        }
        await self._call(Call("setWebhook", params), CALL_SECONDS)
        self._hook_set = True
        if not same:
            log.warning("%s: the webhook was missing or another's, and is set now", self.account)

    async def _remove_hook(self) -> None:
        try:
            await self._call(Call("deleteWebhook", {}), CALL_SECONDS)
        except (TryLater, Refused) as error:
            log.warning("%s: the webhook in the way is still there: %s", self.account, error)
        else:
            log.warning("%s: a webhook was in the way of polling, and is removed now", self.account)

    async def _keep_commands(self, lang: str, wanted: Sequence[tuple[str, str]]) -> None:
        where = {"language_code": lang} if lang else {}
        commands = [{"command": name, "description": words} for name, words in wanted]
        if await self._call(Call("getMyCommands", where), CALL_SECONDS) != commands:
            await self._call(Call("setMyCommands", {"commands": commands, **where}), CALL_SECONDS)

    async def check(self) -> Sequence[Finding]:
        """Ask Telegram who we are there, and how it delivers."""
        try:
            me = await self._call(Call("getMe", {}), CALL_SECONDS)
            info = await self._hook_info()
        except TokenUnknown:
            return [
                Finding(
                    "error",
                    _("Telegram does not know this token"),
                    _("Copy TELEGRAM_TOKEN again from @BotFather."),
                )
            ]
        except (TryLater, Refused) as error:
            return [
                Finding(
                    "error",
                    _("Telegram cannot be asked: {fault}")(fault=reason_of(error)),
                    _("If this network blocks Telegram, set TELEGRAM_PROXY or TELEGRAM_API."),
                )
            ]
        name = str(me.get("username", "")) if isinstance(me, dict) else ""
        called = _("Telegram answers as @{name} and calls our webhook")
        polled = _("Telegram answers as @{name} and is polled")
        way = called if self.hook else polled
        if info.url != self._address:
            way = _("Telegram answers as @{name}")
        return [Finding("ok", way(name=name)), *self._hook_findings(info)]

    def _hook_findings(self, info: _HookInfo) -> Iterator[Finding]:
        if info.url != self._address:
            what = (
                _("Telegram does not call our webhook")
                if self.hook
                else _("Telegram calls a webhook, so polling hears nothing")
            )
            yield Finding(
                "error" if self.hook else "warning",
                what,
                _("`toso run` mends that within ten minutes. If not, another program uses this token."),
            )
        if info.pending_update_count > MANY:
            yield Finding(
                "warning",
                _("Telegram: {count} messages wait to be heard")(count=info.pending_update_count),
                _("Is `toso run` running? See its log."),
            )
        failed = datetime.fromtimestamp(info.last_error_date, UTC)
        if self.hook and info.last_error_message and clock.now() - failed < RECENT:
            yield Finding(
                "warning",
                _("Telegram could not reach us at {time}: {fault}")(
                    time=failed.astimezone(clock.VIETNAM).time(), fault=self._covered(info.last_error_message)
                ),
                _("PUBLIC_ADDRESS must lead here from outside, with a valid certificate."),
            )

    def figures(self) -> Mapping[str, float]:
        """Give what could not be read, and what waited at Telegram when it was last looked after."""
        return {"unreadable": self.malformed, "waiting_there": self.pending}

    # The words of errors, the same for every driver.

    def _covered(self, words: str) -> str:
        return words.replace(self._token, "…")

    def _said(self, words: str) -> Text:
        return SAYS(platform="Telegram", words=self._covered(words))

    def _refused(self, words: str, *, gone: bool = False) -> Refused:
        return Refused(self._said(words), gone=gone or _has(words, GONE))

    def _conflict(self, words: str) -> TryLater:
        if "webhook" in words:
            return HookInTheWay("a webhook is set for this bot, and this program polls")
        return TryLater("another program polls with the same token, and only one may: stop the other")


def slow_down(wait: timedelta) -> TryLater:
    """Give the error of a call that came too soon."""
    return TryLater(_("Telegram asks to slow down"), wait)


def too_large() -> Refused:
    """Give the error of a file that Telegram does not take."""
    return Refused("the file is too large for Telegram")


def unknown_token() -> TryLater:
    """Give the error of a token that Telegram does not know."""
    return TokenUnknown()


def unreachable(cause: BaseException | None, *, at_all: bool) -> TryLater:
    """Give the error of a line that is dead; its own words hold the address, and that holds the token.

    One that does not come about at all is nobody's in particular; one that breaks may be this message's.
    """
    return TryLater(AWAY(platform="Telegram", why=type(cause).__name__), everybody=at_all)


def in_trouble(status: int) -> TryLater:
    """Give the error of a platform that is away behind its gateway."""
    return TryLater(AWAY(platform="Telegram", why=str(status)), everybody=True)


def unreadable() -> TryLater:
    """Give the error of an answer that somebody else wrote."""
    return TryLater(NOT_THEIRS(platform="Telegram", why="JSON"))


def not_given(status: int) -> TryLater | Refused:
    """Give the error of a file that was not to be had."""
    if status == 404:
        return Refused("Telegram no longer has this file")
    return TryLater(f"Telegram does not give this file ({status})")


def in_words(error: Exception) -> str:
    """Give what may be logged of an error."""
    if isinstance(error, TryLater | Refused):
        return str(error)
    # The words of any other error may be a person's, so its kind and place must do.
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.name}, line {place.lineno} of {Path(place.filename).name}"


def _has(words: str, signs: Sequence[str]) -> bool:
    return any(sign in words.lower() for sign in signs)  # one library begins them with a capital


def _carries(call: Call) -> bool:
    return any(isinstance(value, Carried) for value in call.params.values())


def _has_id(update: Any) -> bool:
    return isinstance(update, dict) and type(update.get("update_id")) is int


def _back_off(failures: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(failures - 1, 10)), LONGEST_PAUSE)
