"""A Bot Platform on 127.0.0.1 that answers as Zalo is said to, and refuses what Zalo refuses.

    with ZaloBotServer() as zalo:               # zalo.url and zalo.token go into the settings
        tham = zalo.person("Cô Thắm")
        tham.writes("kích hoạt vneid thế nào")   # also sends_photo, sends_voice, sends_sticker,
                                                 # sends_unsupported
        step = tham.hears("Bước 1")              # waits for the next message that has these words
        tham.picks("Chưa có")                    # types the sign that stands before this choice
        tham.sees()                              # the whole chat, both sides

        group = zalo.group("Tổ dân phố 7")
        seat = group.seat(tham)                  # writes("…") calls the bot by its name,
                                                 # writes("…", mention=False) never reaches it

        zalo.passes(timedelta(days=1))           # its clock: dates of messages
        zalo.pushes({"event_name": …})           # any update, however strange
        zalo.fails("sendMessage", times=2)       # a page instead of JSON; status=429 an error of Zalo's
        zalo.loses_answers("sendMessage")        # acts, then drops the connection
        zalo.down = True                         # drops every connection before acting
        zalo.quota = 3                           # messages that may still be sent
        zalo.public["https://toso.example.vn"] = "http://127.0.0.1:8080"   # where that name leads
        zalo.calls, zalo.called("sendMessage"), zalo.undelivered, zalo.lost

What is not known of the platform, or known in two ways, is a mode: see Modes.

A call that no working client makes (an unknown method or parameter, a text too long, a photo that is not
at a public https address, polls less than a second apart, two at once) is refused or answered as Zalo
would, and noted in `violations`.  Leaving the `with` raises when there are any.
"""

from __future__ import annotations

import asyncio
import json
import queue
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.simulators.serving import Serving
from tests.simulators.zalo_markdown import shown

TEXT_LIMIT = 2000  # UTF-16 units
MEDIA_LIFE = 24 * 60 * 60 * 1000  # milliseconds; how long addresses really hold nobody says
PATIENCE = 60.0  # seconds that a test waits for a message, on however busy a machine
SECRET = "X-Bot-Api-Secret-Token"
CHOICE = re.compile(r"^(?:(?P<sign>\d+|[a-l])\. (?P<label>.+)|• (?P<card>.+): (?P<typed>.+))$", re.MULTILINE)

Json = dict[str, Any]
PARAMETERS: dict[
    str, tuple[frozenset[str], frozenset[str]]
] = {  # what a method wants, and what it also takes
    "getMe": (frozenset(), frozenset()),
    "getUpdates": (frozenset(), frozenset({"timeout"})),
    "setWebhook": (frozenset({"url", "secret_token"}), frozenset()),
    "deleteWebhook": (frozenset(), frozenset()),
    "getWebhookInfo": (frozenset(), frozenset()),
    "testWebhook": (frozenset(), frozenset()),
    "sendMessage": (frozenset({"chat_id", "text"}), frozenset({"parse_mode", "text_styles"})),
    "sendPhoto": (frozenset({"chat_id", "photo"}), frozenset({"caption"})),
    "sendSticker": (frozenset({"chat_id", "sticker"}), frozenset()),
    "sendVoice": (frozenset({"chat_id", "voice_url"}), frozenset()),
    "sendChatAction": (frozenset({"chat_id", "action"}), frozenset()),
}


class Modes(msgspec.Struct, frozen=True):
    """The platform as one or the other source describes it."""

    # Once given out, an update comes "again" with later polls; or never again ("cursor"); or never again, and
    # what is written while nobody polls does not come at all ("lost").
    replays: Literal["again", "cursor", "lost"] = "cursor"
    wrapped: bool = True  # a webhook's body as the documents show it, or bare as it was seen
    photo: Literal["photo", "photo_url"] = "photo_url"
    as_list: bool = False  # a poll's result is a list of one
    errors: Literal["status", "200"] = "status"  # what HTTP says of a refused call
    retries: int = 0  # calls of a webhook again after a failure
    probes: bool = True  # setWebhook calls the address once with nothing in it
    outcome: bool = False  # and tells how that went, in fields whose names nobody has seen
    users: int = 50  # that a bot of the Basic plan may have, and what becomes of the next: nobody has tried
    beyond: Literal["unheard", "refused"] = "unheard"
    groups: int = (
        3  # the same; getMe says whether there may be any, and where there are none nothing is heard
    )
    counts: Literal["sent", "both"] = "sent"  # what uses up the month's messages
    rate: int = 0  # messages a second that are taken, and 429 above; none where Zalo publishes none


class Called(msgspec.Struct, frozen=True):
    """A call that came, and what it got."""

    method: str
    params: Json
    status: int
    answer: object  # the result, or the description of the error


class Shown(msgspec.Struct, frozen=True):
    """A message as its reader sees it."""

    id: str
    mine: bool  # written by the reader
    text: str = ""
    bold: tuple[str, ...] = ()
    photo: str = ""  # its address
    voice: str = ""
    content: bytes = b""  # of the photo, where the address could be called

    @property
    def labels(self) -> tuple[str, ...]:
        """What may be chosen, without the signs."""
        return tuple(found["label"] or found["card"] for found in CHOICE.finditer(self.text))


class Refusal(Exception):
    """An error answer."""

    def __init__(self, code: int, description: str, *, blame: bool = False) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.blame = blame  # no working client gets this one


class Page(Exception):
    """An answer that is no JSON."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Dropped(Exception):
    """The connection ends without an answer."""


class Chat:
    """What stands in one chat."""

    def __init__(self, ident: str, kind: Literal["PRIVATE", "GROUP"]) -> None:
        self.id, self.kind = ident, kind
        self.messages: list[tuple[str, Shown]] = []  # who wrote it, "" for the bot
        self.begun = kind == "GROUP"  # a bot knows nobody who has not written


class Seat:
    """One person in one chat."""

    def __init__(self, server: ZaloBotServer, ident: str, name: str, chat: Chat) -> None:
        self.server, self.id, self.name, self.chat = server, ident, name, chat
        self._heard = 0  # messages of the chat that `hears` has gone past

    def writes(self, text: str, *, mention: bool = True) -> str:
        """Write a message and give its id; in a group the bot gets only what calls it by its name."""
        if self.chat.kind == "GROUP" and mention:
            text = f"@{self.server.name} {text}"
        heard = self.chat.kind == "PRIVATE" or mention
        return self._says("message.text.received", Shown("", True, text), heard, text=text)

    def sends_photo(self, content: bytes = b"\xff\xd8photo", caption: str = "") -> str:
        """Send a picture; in a group the bot gets it only when it is called in the caption."""
        url = self.server.keep(content, "jpg")
        field = self.server.modes.photo
        heard = self.chat.kind == "PRIVATE" or f"@{self.server.name}" in caption
        sight = Shown("", True, caption, photo=url, content=content)
        more = {field: url, "caption": caption, "message_type": "CHAT_PHOTO"}
        return self._says("message.image.received", sight, heard, **more)

    def sends_voice(self, content: bytes = b"\xff\xf1voice") -> str:
        """Send a voice note."""
        url = self.server.keep(content, "aac")
        return self._says(
            "message.voice.received", Shown("", True, voice=url), voice_url=url, message_type="CHAT_VOICE"
        )

    def sends_sticker(self) -> str:
        """Send a sticker."""
        url = self.server.keep(b"sticker", "png")
        return self._says(
            "message.sticker.received", Shown("", True), sticker="d063f44dc80821567819", url=url
        )

    def sends_unsupported(self) -> str:
        """Send a file, a link, a place: anything that Zalo does not tell a bot of."""
        return self._says("message.unsupported.received", Shown("", True))

    def picks(self, label: str) -> str:
        """Type the sign that stands before a choice of the newest message that offers it."""
        with self.server.changed:
            for writer, message in reversed(self.chat.messages):
                for found in CHOICE.finditer("" if writer else message.text):
                    if label in (found["label"], found["card"]):
                        return self.writes(found["sign"] or found["typed"])
        raise AssertionError(f"nobody offers {self.name} {label!r}")

    def sees(self) -> list[Shown]:
        """Give the whole chat as this person sees it."""
        with self.server.changed:
            return [
                msgspec.structs.replace(message, mine=writer == self.id)
                for writer, message in self.chat.messages
            ]

    def hears(self, words: str = "", *, within: float = PATIENCE) -> Shown:
        """Give the bot's next message that has these words, past those given before; wait for it."""
        found: list[Shown] = []

        def came() -> bool:
            for index in range(self._heard, len(self.chat.messages)):
                writer, message = self.chat.messages[index]
                if not writer and words in message.text:
                    self._heard = index + 1
                    found.append(message)
                    return True
            return False

        if not self.server.waits_until(came, within):
            unheard = [message.text for writer, message in self.chat.messages[self._heard :] if not writer]
            raise AssertionError(f"{self.name} did not hear {words!r}; came: {unheard}")
        return found[0]

    def _says(self, event: str, sight: Shown, heard: bool = True, **content: Any) -> str:
        with self.server.changed:
            self.chat.begun = True
            heard = heard and self.server.knows(self)
            ident = self.server.number("m")
            self.chat.messages.append((self.id, msgspec.structs.replace(sight, id=ident)))
            if heard:
                self.server.counts_inbound()
                message = {
                    "from": {"id": self.id, "display_name": self.name, "is_bot": False},
                    "chat": {"id": self.chat.id, "chat_type": self.chat.kind},
                    "message_id": ident,
                    "date": self.server.date(),
                    **content,
                }
                self.server.pushes({"event_name": event, "message": message})
            return ident


class Group:
    """A chat of several people; the bot is in it."""

    def __init__(self, server: ZaloBotServer, chat: Chat) -> None:
        self.server, self.chat = server, chat

    def seat(self, person: Seat) -> Seat:
        """Let a person speak here."""
        return Seat(self.server, person.id, person.name, self.chat)


class ZaloBotServer:
    """The platform, the people who use it, and what they see."""

    def __init__(
        self, modes: Modes | None = None, *, token: str = "388613280878808645:simulated-secret-of-a-bot"
    ) -> None:
        self.modes = modes or Modes()
        self.token = token
        self.name = "Bot Tổ Số"
        self.pace = 0.95  # seconds between the starts of two polls, less what the way may lose
        self.quota: int | None = 3000
        self.markdown = True  # whether markup is taken
        self.down = False
        self._moved = timedelta(0)
        self.public: dict[str, str] = {}  # an https origin and where on this machine it leads
        self.webhook = ""
        self.secret = ""
        self.calls: list[Called] = []
        self.violations: list[str] = []
        self.lost: list[Json] = []  # updates that will never come
        self.answered: list[int] = []  # what our webhook answered, 0 for nothing
        self.clock: Callable[[], float] = time.monotonic  # by which the rate is kept
        self.changed = threading.Condition(threading.RLock())
        self._queue: list[Json] = []  # for polls
        self._given: list[Json] = []  # by polls, in order
        self._chats: dict[str, Chat] = {}
        self._users: list[str] = []  # who has written, in order
        self._sent: list[float] = []  # when, in the last second
        self._files: dict[str, tuple[bytes, int]] = {}  # with when they were sent
        self._numbers = 0
        self._troubles: dict[str, list[Callable[[], None]]] = {}
        self._lost_answers: dict[str, int] = {}
        self._poll: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._polled = -1e9  # when a poll last began
        self._tests = 0
        self._hooked: queue.Queue[Json | None] = queue.Queue()  # for the webhook
        self._http = httpx.Client(timeout=PATIENCE)  # one, for each takes a while to make
        self._stopping = threading.Event()

    # What a test does.

    def __enter__(self) -> ZaloBotServer:
        """Listen on a free port."""
        self._serving = Serving(
            Starlette(
                routes=[
                    Route("/bot{token}/{method}", self._serve, methods=["GET", "POST"]),
                    Route("/media/{name}", self._serve_file),
                ]
            )
        )
        self.url = self._serving.url
        self._caller = threading.Thread(target=self._call_webhook, name="webhook", daemon=True)
        self._caller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; AssertionError when a call was made that Zalo would refuse."""
        self._stopping.set()
        self._hooked.put(None)
        with self.changed:
            self._wake()
        self._caller.join()
        self._http.close()
        self._serving.stop()
        if error is None and self.violations:
            raise AssertionError("; ".join(self.violations))

    def person(self, name: str) -> Seat:
        """Give a new person in their private chat with the bot."""
        with self.changed:
            ident = self.number("u")
            return Seat(self, ident, name, self._add(ident, "PRIVATE"))

    def group(self, title: str) -> Group:
        """Give a new group that the bot is in."""
        with self.changed:
            return Group(self, self._add(f"zgr-{self.number('g')}", "GROUP"))

    def pushes(self, update: Json) -> None:
        """Bring an update the way that is set up."""
        with self.changed:
            if self.webhook:
                self._hooked.put(update)
            elif self.modes.replays == "lost" and self._poll is None:
                self.lost.append(update)
            else:
                self._queue.append(update)
                self._wake()
            self.changed.notify_all()

    def passes(self, time_: timedelta) -> None:
        """Move the platform's clock on."""
        self._moved += time_

    def date(self) -> int:
        """Give the platform's time as it writes it, in milliseconds."""
        return _now() + self._moved // timedelta(milliseconds=1)

    def forgets_webhook(self) -> None:
        """Lose the address, as after a reset in the bot manager."""
        with self.changed:
            self.webhook = self.secret = ""

    def repeats(self) -> None:
        """Bring the newest update once more."""
        with self.changed:
            self.pushes(self._given[-1])

    def fails(self, method: str, *, times: int = 1, status: int = 502, words: str = "") -> None:
        """Answer the next calls of a method with an error instead of acting: with words Zalo's own."""

        def fail() -> None:
            raise Refusal(status, words) if words else Page(status)

        self._troubles.setdefault(method, []).extend([fail] * times)

    def loses_answers(self, method: str, *, times: int = 1) -> None:
        """Act on the next calls of a method, and lose the answer on the way."""
        self._lost_answers[method] = self._lost_answers.get(method, 0) + times

    def called(self, method: str) -> list[Called]:
        """Give the calls of one method so far."""
        with self.changed:
            return [call for call in self.calls if call.method == method]

    @property
    def asked(self) -> bool:
        """Whether a poll waits for an update now."""
        return self._poll is not None

    @property
    def undelivered(self) -> int:
        """Updates that have not been given out or, to a webhook, not been taken."""
        with self.changed:
            return len(self._queue) + self._hooked.unfinished_tasks

    def waits_until(self, came: Callable[[], bool], within: float = PATIENCE) -> bool:
        """Wait until something is so, looked at after each change; False when it does not come."""
        with self.changed:
            return self.changed.wait_for(came, within)

    # What people's seats need.

    def number(self, kind: str) -> str:
        """Give a new id of twenty signs."""
        with self.changed:
            self._numbers += 1
            return f"{kind}{self._numbers:019x}"

    def keep(self, content: bytes, ending: str) -> str:
        """Store a file and give its address."""
        name = f"{len(self._files) + 1}.{ending}"
        self._files[name] = content, self.date()
        return f"{self.url}/media/{name}"

    def knows(self, seat: Seat) -> bool:
        """Say whether what somebody writes reaches the bot; it has room for so many people and groups only."""
        if seat.id not in self._users:
            self._users.append(seat.id)
        groups = [chat.id for chat in self._chats.values() if chat.kind == "GROUP"]
        if seat.chat.kind == "GROUP":
            return seat.chat.id in groups[: self.modes.groups]
        return seat.id in self._users[: self.modes.users] or self.modes.beyond == "refused"

    def counts_inbound(self) -> None:
        """Take a message that came in off the month's, where those count."""
        if self.modes.counts == "both" and self.quota:
            self.quota -= 1

    def _add(self, ident: str, kind: Literal["PRIVATE", "GROUP"]) -> Chat:
        chat = self._chats[ident] = Chat(ident, kind)
        return chat

    # What the server answers.

    async def _serve(self, request: Request) -> Response:
        method = request.path_params["method"]
        params: Json = {}
        try:
            self._let_in(request)
            params = await self._params(request)
            with self.changed:
                if troubles := self._troubles.get(method):
                    troubles.pop(0)()
            self._look_at(method, params)
            result = await self._act(method, params, request)
        except Refusal as refusal:
            self._note(Called(method, params, refusal.code, refusal.description), refusal.blame)
            body = {"ok": False, "description": refusal.description, "error_code": refusal.code}
            return JSONResponse(body, 200 if self.modes.errors == "200" else refusal.code)
        except Page as page:
            self._note(Called(method, params, page.status, "a page"))
            return Response("<html>trouble</html>", page.status, media_type="text/html")
        except (Dropped, ClientDisconnect):
            return _Cut()
        except Exception as error:
            self.violations.append(f"the simulator failed at {method}: {error!r}")
            raise
        self._note(Called(method, params, 200, result))
        if self._lost_answers.get(method):
            self._lost_answers[method] -= 1
            return _Cut()
        return JSONResponse({"ok": True, "result": result})

    def _let_in(self, request: Request) -> None:
        if self.down:
            raise Dropped
        if request.path_params["token"] != self.token:
            raise Page(401)

    async def _params(self, request: Request) -> Json:
        kind = request.headers.get("content-type", "")
        if request.method != "POST" or not kind.startswith("application/json"):
            raise Refusal(400, "the sheet's advice is to POST JSON", blame=True)
        params = await request.json()
        if not isinstance(params, dict):
            raise Refusal(400, "parameters are no object", blame=True)
        return params

    def _look_at(self, method: str, params: Json) -> None:
        if method not in PARAMETERS:
            raise Refusal(404, f"unknown method {method}", blame=True)
        wanted, taken = PARAMETERS[method]
        if missing := wanted - params.keys():
            raise Refusal(400, f"{method}: missing {sorted(missing)}", blame=True)
        if unknown := params.keys() - wanted - taken:
            raise Refusal(400, f"{method}: unknown {sorted(unknown)}", blame=True)
        if wrong := [
            name for name, value in params.items() if name != "text_styles" and type(value) is not str
        ]:
            raise Refusal(400, f"{method}: {wrong} not text", blame=True)

    async def _act(self, method: str, params: Json, request: Request) -> object:
        match method:
            case "getUpdates":
                return await self._get_updates(float(params.get("timeout", "30")), request)
            case "setWebhook":
                return await self._set_webhook(params)
            case "testWebhook":
                return await self._test_webhook()
            case "sendPhoto":
                content = await self._fetched(params["photo"])
                return self._send(params, params.get("caption"), photo=params["photo"], content=content)
        with self.changed:
            return self._at_once(method, params)

    def _at_once(self, method: str, params: Json) -> object:
        match method:
            case "getMe":
                return {
                    "id": self.token.partition(":")[0],
                    "account_name": "bot.simulated",
                    "account_type": "BASIC",
                    "can_join_groups": self.modes.groups > 0,
                    "display_name": self.name,
                }
            case "deleteWebhook":
                self.webhook = self.secret = ""
                return {"url": "", "updated_at": _now()}
            case "getWebhookInfo":
                if not self.webhook:
                    raise Refusal(404, "webhook is not set")
                return {"url": self.webhook, "updated_at": _now()}
            case "sendMessage":
                return self._send(params, params["text"], params.get("parse_mode"))
            case "sendVoice":
                url = params["voice_url"]
                if not _public(url) or not url.endswith(".aac"):
                    raise Refusal(400, "voice_url must be a public address of an .aac file", blame=True)
                return self._send(params, None, voice=url)
            case "sendChatAction":
                self._chat(params)
                if params["action"] != "typing":
                    raise Refusal(400, "unknown action", blame=True)
                return None
        return self._send(params, None)

    def _note(self, call: Called, blame: bool = False) -> None:
        with self.changed:
            self.calls.append(call)
            if blame:
                self.violations.append(str(call.answer))
            self.changed.notify_all()

    async def _get_updates(self, timeout: float, request: Request) -> object:
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        news = asyncio.Event()
        with self.changed:
            if self.webhook:
                raise Refusal(400, "Bad Request: remove the webhook first to use getUpdates")
            began, self._polled = self._polled, time.monotonic()
            if self._polled - began < self.pace:
                self.violations.append("two polls began less than a second apart")
            if self._poll is not None:
                self.violations.append("two polls at once")
            self._poll = (loop, news)
            self.changed.notify_all()
        try:
            while True:
                with self.changed:
                    news.clear()
                    if self._stopping.is_set():
                        break
                    if self._queue:
                        self._given.append(self._queue.pop(0))
                        self.changed.notify_all()
                        return [self._given[-1]] if self.modes.as_list else self._given[-1]
                    if self.modes.replays == "again" and self._given:
                        self._given.append(self._given.pop(0))
                        return self._given[-1]
                left = until - loop.time()
                if left <= 0 or await request.is_disconnected():
                    break
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), min(left, 0.1))
        finally:
            with self.changed:
                self._poll = None
                self.changed.notify_all()
        raise Refusal(408, "Request timeout")

    def _wake(self) -> None:
        if self._poll:
            loop, news = self._poll
            with suppress(RuntimeError):  # its loop has stopped
                loop.call_soon_threadsafe(news.set)

    def _send(self, params: Json, text: str | None, mode: str | None = None, **more: Any) -> Json:
        with self.changed:
            chat = self._chat(params)
            if text is not None and not 1 <= len(text.encode("utf-16-le")) // 2 <= TEXT_LIMIT:
                raise Refusal(400, "text must have 1 to 2000 characters", blame=True)
            if mode is not None and mode not in ("markdown", "html"):
                raise Refusal(400, "unknown parse_mode", blame=True)
            if mode and not self.markdown:
                raise Refusal(400, "cannot parse the text")
            if chat.kind == "PRIVATE" and chat.id not in self._users:
                self._users.append(chat.id)
            if chat.kind == "PRIVATE" and chat.id not in self._users[: self.modes.users]:
                raise Refusal(403, "this bot has as many users as it may have")
            self._sent = [at for at in self._sent if at > self.clock() - 1.0]
            if self.modes.rate and len(self._sent) >= self.modes.rate:
                raise Refusal(429, "Too Many Requests")
            self._sent.append(self.clock())
            if self.quota is not None:
                if self.quota <= 0:
                    raise Refusal(429, "Quota exceeded")
                self.quota -= 1
            plain, bold = shown(text) if mode == "markdown" and text else (text or "", ())
            ident = self.number("m")
            if not (more.get("voice") and chat.kind == "GROUP"):  # there it says yes and delivers nothing
                chat.messages.append(("", Shown(ident, False, plain, bold, **more)))
            self.changed.notify_all()
            return {"message_id": ident, "date": self.date()}

    def _chat(self, params: Json) -> Chat:
        chat = self._chats.get(params["chat_id"])
        if chat is None or not chat.begun:
            raise Refusal(400, "chat not found")
        return chat

    async def _fetched(self, url: str) -> bytes:
        """Give the picture at an address as far as this machine can reach it."""
        if not _public(url):
            raise Refusal(400, "photo must be a public https address", blame=True)
        local = self._led(url)
        if not local:
            return b""
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.get(local)
        if answer.status_code != 200 or not answer.headers.get("content-type", "").startswith("image/"):
            raise Refusal(400, "the photo cannot be fetched")
        return answer.content

    # The webhook.

    async def _set_webhook(self, params: Json) -> Json:
        url, secret = params["url"], params["secret_token"]
        if not _public(url):
            raise Refusal(400, "url must be a public https address", blame=True)
        if not 8 <= len(secret) <= 256:
            raise Refusal(400, "secret_token must have 8 to 256 characters", blame=True)
        with self.changed:
            self.webhook, self.secret = url, secret
        status = 0
        if self.modes.probes:
            with suppress(httpx.HTTPError):
                async with httpx.AsyncClient(timeout=PATIENCE) as client:
                    probe = await client.post(self._led(url), headers={SECRET: secret})
                status = probe.status_code
                if status != 200:
                    self.violations.append(f"a probe was answered {status}")
        with self.changed:
            self.changed.notify_all()
        outcome = {"check": {"passed": status == 200, "status_code": status}} if self.modes.outcome else {}
        return {"url": url, "updated_at": _now(), **outcome}

    async def _test_webhook(self) -> Json:
        self._tests += 1
        if self._tests > 10:
            raise Refusal(426, "too many tests today")
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.post(self._led(self.webhook), headers={SECRET: self.secret})
        return {"passed": answer.is_success}

    def _led(self, url: str) -> str:
        """Give an address on this machine for a public one; nothing where it leads elsewhere."""
        for origin, here in self.public.items():
            if url.startswith(f"{origin}/"):
                return here + url.removeprefix(origin)
        return ""

    def calls_webhook(self, update: object, *, secret: str | None = None) -> httpx.Response:
        """Call our webhook at once with any body: bytes as they are, else JSON, wrapped as the mode says."""
        body = update if isinstance(update, bytes) else json.dumps(self._wrapped(update)).encode()
        shown_secret = self.secret if secret is None else secret
        return self._http.post(
            self._led(self.webhook),
            content=body,
            headers={SECRET: shown_secret, "content-type": "application/json"},
        )

    def _wrapped(self, update: object) -> object:
        return {"ok": True, "result": update} if self.modes.wrapped else update

    def _call_webhook(self) -> None:
        """Bring updates one after another, each as often as the mode says."""
        while (update := self._hooked.get()) is not None:
            for _attempt in range(self.modes.retries + 1):
                status = 0
                with suppress(httpx.HTTPError):
                    status = self.calls_webhook(update).status_code
                self.answered.append(status)
                if status == 200 or self._stopping.wait(0.2 if self.modes.retries else 0):
                    break
            else:
                self.lost.append(update)
            with self.changed:
                self._given.append(update)
                self._hooked.task_done()
                self.changed.notify_all()

    async def _serve_file(self, request: Request) -> Response:
        content, sent = self._files.get(request.path_params["name"], (b"", -MEDIA_LIFE))
        return Response(status_code=404) if self.date() - sent >= MEDIA_LIFE else Response(content)


class _Cut(Response):
    """A connection that ends in the middle of its answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"transfer-encoding", b"chunked")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def _now() -> int:
    return time.time_ns() // 1_000_000


def _public(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    private = host == "localhost" or re.match(r"(127|10|192\.168|172\.(1[6-9]|2\d|3[01]))\.", host)
    return parts.scheme == "https" and "." in host and not private
