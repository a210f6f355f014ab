"""A Bot API server on 127.0.0.1 that answers as Telegram does, and refuses what Telegram refuses.

    with TelegramServer() as telegram:          # telegram.url and telegram.token go into the settings
        tham = telegram.person("Cô Thắm")
        tham.opens("B71")                        # a link to the bot with a start parameter
        tham.writes("kích hoạt vneid thế nào")   # also edits, shares_contact, shares_place, sends_file,
                                                 # sends("voice"), says(any field of a message)
        step = tham.hears("bước 1")              # waits for the next message that has these words
        step.rows                                # (("Đã có tin nhắn", "Chưa có"), ("Nhờ người giúp",))
        tham.presses("Chưa có")                  # by label or by data, on the newest message that has it
        tham.blocks(), tham.unblocks(), tham.vanishes()
        tham.sees()                              # the whole chat, both sides

        group = telegram.group("Tổ dân phố 7")
        seat = group.seat(tham)                  # writes, presses and hears in the group
        group.becomes_supergroup()               # seats taken before this stay in the old group
        group.puts_out(tham), group.takes_in(tham)   # the bot, by one of its people

        telegram.leads["https://toso.example.vn"] = url   # where an address of a webhook leads from outside
        telegram.commands, telegram.webhook      # what setMyCommands and setWebhook have left

        telegram.passes(timedelta(hours=1))      # its clock: dates of messages, age of presses
        telegram.repeats()                       # delivers an update again that was acknowledged
        telegram.pushes({"message": …})          # any update, however strange
        telegram.fails("sendMessage", times=2)   # a page instead of JSON, or with retry_after a 429
        telegram.loses_answers("sendMessage")    # acts, then drops the connection
        telegram.down = True                     # drops every connection before acting
        telegram.limits = None                   # no limits of speed (see Limits)
        telegram.waits_until(lambda: not telegram.waiting)   # anything, looked at after each change
        telegram.calls, telegram.called("sendMessage"), telegram.waiting, telegram.unanswered

The object lives in the test's process; the bot under test may be in it or in another one.

Every call is checked against the published schema and against the limits that the schema does not hold;
every answer and update is checked too.  A call that no working bot makes (a wrong parameter, a text too
long, broken HTML) is refused and noted in `violations`.  Leaving the `with` raises when there are any,
so a test that wants one clears the list.

getUpdates keeps Telegram's rules: an update comes again until a poll asks for a higher offset; a second
poller ends the first with 409; allowed_updates is remembered and decides what is queued.

With a webhook every update is posted there, in order and one at a time, with the secret in its header; it
comes again until the answer is a 2xx, and meanwhile polls fail with 409.  A webhook must be https on a port
that Telegram calls; where it leads is said by `leads`, for no test can own a name and its certificate.

Not simulated: several deliveries at once, inline mode, payments, and every method that `_methods` does not
name (refused and noted).
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.simulators.serving import Serving
from tests.simulators.telegram_form import form
from tests.simulators.telegram_html import UnreadableMarkup, parsed, units
from tests.simulators.telegram_schema import Uploaded, schema

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
DATA_LIMIT = 64  # bytes
START = re.compile(r"[A-Za-z0-9_-]{1,64}")
FILE_LIMIT = 50 * 2**20  # bytes that a bot may upload
PHOTO_LIMIT = 10 * 2**20  # of these as a photo
FETCH_LIMIT = 20 * 2**20  # bytes of a file that a bot may fetch
PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF")  # how a picture begins that Telegram can show
HOOK_PORTS = (None, 443, 80, 88, 8443)
HOOK_PAUSE = 0.1  # seconds between two tries to deliver; Telegram takes longer
PRESS_LIFE = timedelta(minutes=1)  # after it "query is too old"
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
PATIENCE = 60.0  # seconds that a test waits for a message, on however busy a machine

Json = dict[str, Any]


class Limits(msgspec.Struct, frozen=True):
    """How fast a bot may send; a bucket holds `burst` and refills at the rate."""

    overall: float = 30  # messages a second over all chats
    overall_burst: int = 30
    chat: float = 1  # a second to one chat
    chat_burst: int = 10  # "short bursts pass"; Telegram does not say how short
    group: float = 20 / 60
    group_burst: int = 20


class Called(msgspec.Struct, frozen=True):
    """A call that came, and what it got."""

    method: str
    params: Json
    status: int
    answer: object  # the result, or the description of the error


class Shown(msgspec.Struct, frozen=True):
    """A message as its reader sees it."""

    id: int
    mine: bool  # written by the reader
    text: str  # or the caption
    bold: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()  # labels of the buttons under it
    data: tuple[str, ...] = ()  # what they send, in the same order
    file: Uploaded | None = None
    raw: Json = {}

    @property
    def labels(self) -> tuple[str, ...]:
        """Every button, row after row."""
        return tuple(label for row in self.rows for label in row)


class Refusal(Exception):
    """An error answer."""

    def __init__(self, status: int, description: str, *, blame: bool = False, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.blame = blame  # no working bot gets this one
        self.parameters = parameters


class Dropped(Exception):
    """The connection ends without an answer."""


class Bucket:
    """Lets through what a rate permits."""

    def __init__(self, rate: float, size: int, at: float) -> None:
        self.rate, self.size, self.level, self.at = rate, size, float(size), at

    def wait(self, at: float) -> float:
        """Say how long until the next may pass."""
        self.level = min(self.size, self.level + (at - self.at) * self.rate)
        self.at = at
        return max(0.0, (1 - self.level) / self.rate)


class Chat:
    """What stands in one chat."""

    def __init__(self, described: Json) -> None:
        self.described = described
        self.messages: list[Json] = []
        self.as_sent: list[Json] = []  # the same before any edit
        self.begun = described["type"] != "private"  # a bot cannot write first to a person
        self.refusal: Refusal | None = None  # what any message to it gets

    @property
    def id(self) -> int:
        """The chat's id."""
        return int(self.described["id"])


class Seat:
    """One person in one chat."""

    def __init__(self, server: TelegramServer, user: Json, chat: Chat) -> None:
        self.server, self.user, self.chat = server, user, chat
        self._heard = 0  # messages of the chat that `hears` has gone past

    @property
    def id(self) -> str:
        """The person's id, as a channel says it."""
        return str(self.user["id"])

    def writes(self, text: str, **more: Any) -> int:
        """Write a message and give its id; a command is marked as one."""
        command = re.match(r"/\w+(@\w+)?", text)
        marks = [{"type": "bot_command", "offset": 0, "length": len(command[0])}] if command else None
        return self.says(text=text, **({"entities": marks} if marks else {}), **more)

    def opens(self, parameter: str) -> int:
        """Open a link to the bot with a start parameter; AssertionError for one that Telegram takes for none."""
        assert START.fullmatch(parameter), f"no start parameter: {parameter!r}"
        return self.writes(f"/start {parameter}")

    def edits(self, message: int, text: str) -> None:
        """Change the words of a message."""
        with self.server.changed:
            old = self.server.message(self.chat, message)
            old.update(text=text, edit_date=self.server.date())
            self.server.tells({"edited_message": dict(old)})

    def presses(self, button: str, *, on: Shown | None = None, late: bool = False) -> str:
        """Press a button found by label or data, on that message or the newest; give the query's id.

        Late: also one that has been taken away, on a phone which has not heard of it.
        """
        with self.server.changed:
            shown = [on] if on else [one for one in reversed(self.sees()) if not one.mine]
            if late:
                shown += [one for one in reversed(self._first_seen()) if not one.mine]
            for message in shown:
                for label, data in zip(message.labels, message.data, strict=True):
                    if button in (label, data):
                        return self.server.press(self, message.id, data)
        raise AssertionError(f"no button {button!r} among {[one.labels for one in shown if one.rows]}")

    def shares_contact(self, phone: str) -> int:
        """Share one's own number."""
        return self.says(contact={"phone_number": phone, "first_name": self.user["first_name"]})

    def shares_place(self, latitude: float, longitude: float, **more: Any) -> int:
        """Share a position."""
        return self.says(location={"latitude": latitude, "longitude": longitude, **more})

    def sends_file(self, name: str, content: bytes, *, caption: str = "") -> int:
        """Send a document."""
        file = {**self.server.keep_file(Uploaded(name, content)), "file_name": name}
        return self.says(document=file, **({"caption": caption} if caption else {}))

    def sends(self, kind: str, *, caption: str = "") -> int:
        """Send a photo, live_photo, voice, video, video_note, audio, animation, sticker, poll or dice."""
        file = self.server.keep_file(Uploaded(kind, kind.encode()))
        size, moving = {"width": 90, "height": 60}, {"duration": 3}
        content: Any = {
            "photo": [{**file, **size}, {**self.server.keep_file(Uploaded(kind, b"large")), **size}],
            "voice": {**file, **moving},
            "audio": {**file, **moving, "file_name": "loi-nhan.mp3"},
            "video": {**file, **size, **moving},
            "animation": {**file, **size, **moving},
            "video_note": {**file, **moving, "length": 60},
            "sticker": {**file, **size, "type": "regular", "is_animated": False, "is_video": False},
            "dice": {"emoji": "🎲", "value": 4},
            "poll": {
                "id": "1",
                "question": "Đi họp?",
                "options": [],
                "total_voter_count": 0,
                "is_closed": False,
                "is_anonymous": True,
                "type": "regular",
                "allows_multiple_answers": False,
                "allows_revoting": False,
                "members_only": False,
            },
        }[kind]
        also = {"document": {**file, "file_name": "a.mp4"}} if kind == "animation" else {}
        return self.says(**{kind: content}, **also, **({"caption": caption} if caption else {}))

    def says(self, **content: Any) -> int:
        """Send a message with these fields and give its id."""
        with self.server.changed:
            self.chat.begun = True
            message = self.server.write(self.chat, {"from": self.user, **content})
            self.server.tells({"message": message})
            return int(message["message_id"])

    def blocks(self) -> None:
        """Block the bot."""
        self.changes_bot("member", "kicked", Refusal(403, "Forbidden: bot was blocked by the user"))

    def unblocks(self) -> None:
        """Take the block back."""
        self.changes_bot("kicked", "member", None)

    def vanishes(self) -> None:
        """Delete the account."""
        self.chat.refusal = Refusal(403, "Forbidden: user is deactivated")

    def changes_bot(self, old: str, new: str, refusal: Refusal | None) -> None:
        """Change what the bot is in this chat, and how it is refused there."""

        def member(status: str) -> Json:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"status": status, "user": self.server.bot, **until}

        with self.server.changed:
            self.chat.refusal = refusal
            self.server.tells(
                {
                    "my_chat_member": {
                        "chat": self.chat.described,
                        "from": self.user,
                        "date": self.server.date(),
                        "old_chat_member": member(old),
                        "new_chat_member": member(new),
                    }
                }
            )

    def sees(self) -> list[Shown]:
        """Give the whole chat as this person sees it."""
        with self.server.changed:
            return [self._shown(message) for message in self.chat.messages]

    def hears(self, words: str = "", *, within: float = PATIENCE) -> Shown:
        """Give the bot's next message that has these words, past those given before; wait for it."""
        found: list[Shown] = []

        def came() -> bool:
            for index in range(self._heard, len(self.chat.messages)):
                shown = self._shown(self.chat.messages[index])
                if not shown.mine and self._from_bot(shown) and words in shown.text:
                    self._heard = index + 1
                    found.append(shown)
                    return True
            return False

        if not self.server.waits_until(came, within):
            unheard = [shown.text for shown in self.sees()[self._heard :] if not shown.mine]
            raise AssertionError(f"{self.user['first_name']} did not hear {words!r}; came: {unheard}")
        return found[0]

    def _first_seen(self) -> list[Shown]:
        return [self._shown(message) for message in self.chat.as_sent]

    def _from_bot(self, shown: Shown) -> bool:
        return bool(shown.raw["from"]["id"] == self.server.bot["id"])

    def _shown(self, message: Json) -> Shown:
        text = message.get("text") or message.get("caption") or ""
        entities = message.get("entities") or message.get("caption_entities") or []
        encoded = text.encode("utf-16-le")
        bold = [
            encoded[2 * mark["offset"] : 2 * (mark["offset"] + mark["length"])].decode("utf-16-le")
            for mark in entities
            if mark["type"] == "bold"
        ]
        keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
        document = message.get("document", {}).get("file_id", "")
        return Shown(
            id=message["message_id"],
            mine=message["from"]["id"] == self.user["id"],
            text=text,
            bold=tuple(bold),
            rows=tuple(tuple(button["text"] for button in row) for row in keyboard),
            data=tuple(button.get("callback_data", "") for row in keyboard for button in row),
            file=self.server.files.get(document),
            raw=dict(message),
        )


class Group:
    """A chat of several people; the bot is in it."""

    def __init__(self, server: TelegramServer, chat: Chat) -> None:
        self.server, self.chat = server, chat

    def seat(self, person: Seat) -> Seat:
        """Let a person speak here."""
        return Seat(self.server, person.user, self.chat)

    def puts_out(self, by: Seat) -> None:
        """Remove the bot."""
        self.seat(by).changes_bot(
            "member", "kicked", Refusal(403, "Forbidden: bot was kicked from the group chat")
        )

    def takes_in(self, by: Seat) -> None:
        """Add the bot again."""
        self.seat(by).changes_bot("left", "member", None)

    def becomes_supergroup(self) -> None:
        """Give the group a new id; the old one is refused from now on."""
        with self.server.changed:
            old, title = self.chat, self.chat.described["title"]
            new = self.server.add_chat({"type": "supergroup", "title": title}, old.id - 10**12)
            old.refusal = Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=new.id,
            )
            notice = {"from": self.server.bot, "migrate_to_chat_id": new.id}
            self.server.tells({"message": self.server.write(old, notice)})
            self.chat = new


class TelegramServer:
    """The server, the people who use it, and what they see."""

    def __init__(self, *, token: str = "7001:AAHsimulated-token-of-thirty-five-chars") -> None:
        self.token = token
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Tổ Số",
            "username": "to_so_bot",
        }
        self.limits: Limits | None = Limits()
        self.clock: Callable[[], float] = time.monotonic  # by which the limits are kept
        self.down = False
        self.calls: list[Called] = []
        self.violations: list[str] = []
        self.updates: list[Json] = []  # every update there ever was
        self.files: dict[str, Uploaded] = {}
        self.files_lead_to = ""  # an address that every file is said to have moved to
        self.commands: dict[str, Any] = {}  # of setMyCommands, by language
        self.changed = threading.Condition(threading.RLock())
        self._queue: list[Json] = []  # updates not yet acknowledged
        self._allowed: set[str] | None = None
        self.webhook: Json = {}  # the parameters of setWebhook, nothing while none is set
        self.leads: dict[str, str] = {}  # https address of a webhook's host: the address it leads to
        self._failed: Json = {}  # what getWebhookInfo says of the last failed delivery
        self._moved = timedelta(0)
        self._chats: dict[int, Chat] = {}
        self._presses: dict[str, float] = {}  # open queries and when they were pressed
        self._buckets: dict[int, Bucket] = {}
        self._troubles: dict[str, list[Callable[[], None]]] = {}
        self._lost: dict[str, int] = {}
        self._poll: tuple[asyncio.AbstractEventLoop, asyncio.Future[bool]] | None = None
        self._stopping = False

    # What a test does.

    def __enter__(self) -> Self:
        """Listen on a free port."""
        self._deliverer = threading.Thread(target=self._deliver, name="deliverer", daemon=True)
        self._deliverer.start()
        self._serving = Serving(
            Starlette(
                routes=[
                    Route("/bot{token}/{method}", self._serve, methods=["GET", "POST"]),
                    Route("/file/bot{token}/{path:path}", self._serve_file),
                ]
            )
        )
        self.url = self._serving.url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; AssertionError when a call was made that Telegram would refuse."""
        with self.changed:
            self._stopping = True
            self._wake(conflict=False)
            self.changed.notify_all()
        self._deliverer.join()
        self._serving.stop()
        if error is None and self.violations:
            raise AssertionError("; ".join(self.violations))

    def person(self, name: str) -> Seat:
        """Give a new person in their private chat with the bot."""
        with self.changed:
            ident = 4_000_000_000 + len(self._chats)
            user = {"id": ident, "is_bot": False, "first_name": name, "language_code": "vi"}
            chat = self.add_chat({"type": "private", "first_name": name}, ident)
            return Seat(self, user, chat)

    def group(self, title: str) -> Group:
        """Give a new group that the bot is in."""
        with self.changed:
            ident = -5_000_000 - len(self._chats)
            return Group(self, self.add_chat({"type": "group", "title": title}, ident))

    def passes(self, time_: timedelta) -> None:
        """Move the server's clock on."""
        with self.changed:
            self._moved += time_

    def pushes(self, update: Json) -> int:
        """Queue an update, with an id if it has none, and give the id."""
        with self.changed:
            update = {"update_id": 900_000_001 + len(self.updates), **update}
            self.updates.append(update)
            kinds = update.keys() - {"update_id"}
            default = self._allowed is None and not kinds & NOT_BY_DEFAULT
            if (
                default
                or kinds & (self._allowed or set())
                or not kinds & schema().types["Update"]["fields"].keys()
            ):
                self._queue.append(update)
            self._wake(conflict=False)
            self.changed.notify_all()
            return int(update["update_id"])

    def repeats(self, *updates: int) -> None:
        """Deliver updates again, by id, or the newest one."""
        with self.changed:
            again = (
                [one for one in self.updates if one["update_id"] in updates] if updates else self.updates[-1:]
            )
            self._queue = sorted([*self._queue, *again], key=lambda one: int(one["update_id"]))
            self._wake(conflict=False)

    def fails(self, method: str, *, times: int = 1, status: int = 502, retry_after: int = 0) -> None:
        """Answer the next calls of a method with an error instead of acting."""

        def fail() -> None:
            if retry_after:
                raise _too_fast(retry_after)
            raise Refusal(status, "")

        self._troubles.setdefault(method, []).extend([fail] * times)

    def loses_answers(self, method: str, *, times: int = 1) -> None:
        """Act on the next calls of a method, and lose the answer on the way."""
        self._lost[method] = self._lost.get(method, 0) + times

    @property
    def polled(self) -> bool:
        """Whether somebody waits for updates at this moment."""
        with self.changed:
            return self._poll is not None

    @property
    def delivery_failure(self) -> str:
        """Why the last delivery to the webhook failed, nothing when it did not."""
        return str(self._failed.get("last_error_message", ""))

    @property
    def failed_at(self) -> int:
        """When the last delivery to the webhook failed, by the server's clock."""
        return int(self._failed["last_error_date"])

    def failed_delivery(self, why: str) -> None:
        """Have getWebhookInfo say that a delivery failed just now."""
        with self.changed:
            self._failed = {"last_error_date": self.date(), "last_error_message": why}

    def called(self, method: str) -> list[Called]:
        """Give the calls of one method so far."""
        with self.changed:
            return [call for call in self.calls if call.method == method]

    @property
    def unanswered(self) -> list[str]:
        """Presses whose button still spins."""
        with self.changed:
            return list(self._presses)

    @property
    def waiting(self) -> list[int]:
        """Updates that nobody has acknowledged."""
        with self.changed:
            return [update["update_id"] for update in self._queue]

    def waits_until(self, came: Callable[[], bool], within: float = PATIENCE) -> bool:
        """Wait until something is so, looked at after each change; False when it does not come."""
        with self.changed:
            return self.changed.wait_for(came, within)

    # What people's seats need.

    def date(self) -> int:
        """Give the server's time as Telegram writes it."""
        return int(time.time() + self._moved.total_seconds())

    def add_chat(self, described: Json, ident: int) -> Chat:
        """Begin a chat."""
        chat = self._chats[ident] = Chat({"id": ident, **described})
        return chat

    def write(self, chat: Chat, content: Json) -> Json:
        """Put a message into a chat."""
        message = {
            "message_id": len(chat.messages) + 1,
            "date": self.date(),
            "chat": chat.described,
            **content,
        }
        chat.messages.append(message)
        chat.as_sent.append(dict(message))
        self.changed.notify_all()
        return dict(message)

    def tells(self, update: Json) -> None:
        """Queue an update of the simulator's own making."""
        if wrong := schema().wrong_value("Update", {"update_id": 0, **update}):
            raise AssertionError(f"the simulator's own update is wrong: {wrong}")
        self.pushes(update)

    def message(self, chat: Chat, ident: int) -> Json:
        """Give the stored message, to be changed."""
        return chat.messages[ident - 1]

    def press(self, seat: Seat, message: int, data: str) -> str:
        """Queue the press of a button and give the query's id."""
        query = str(8_000_000_000 + len(self.updates))
        self._presses[query] = self.date()
        self.tells(
            {
                "callback_query": {
                    "id": query,
                    "from": seat.user,
                    "chat_instance": str(seat.chat.id),
                    "message": dict(self.message(seat.chat, message)),
                    "data": data,
                }
            }
        )
        return query

    def keep_file(self, file: Uploaded) -> Json:
        """Store a file and give the fields that name it."""
        name = f"file{len(self.files) + 1}"
        self.files[name] = file
        return {"file_id": name, "file_unique_id": f"unique-{name}", "file_size": len(file.content)}

    # What the server answers.

    async def _serve(self, request: Request) -> Response:
        method = request.path_params["method"]
        params: Json = {}
        try:
            self._let_in(request)
            params = schema().decoded(method, await form(request))
            with self.changed:
                if troubles := self._troubles.get(method):
                    troubles.pop(0)()
            result = await self._act(method, params)
        except Refusal as refusal:
            self._note(Called(method, params, refusal.status, refusal.description))
            if refusal.blame:
                self.violations.append(refusal.description)
            return _error(refusal)
        except (Dropped, ClientDisconnect):
            return _Cut()
        except Exception as error:
            self.violations.append(f"the simulator failed at {method}: {error!r}")
            raise
        self._note(Called(method, params, 200, result))
        if self._lost.get(method):
            self._lost[method] -= 1
            return _Cut()
        return Response(json.dumps({"ok": True, "result": result}), media_type="application/json")

    def _let_in(self, request: Request) -> None:
        if self.down:
            raise Dropped
        if request.path_params["token"] != self.token:
            raise Refusal(401, "Unauthorized")

    async def _act(self, method: str, params: Json) -> object:
        if wrong := schema().wrong_call(method, params):
            raise Refusal(400, f"Bad Request: {'; '.join(wrong)}", blame=True)
        if method == "getUpdates":
            result: object = await self._get_updates(**params)
        elif act := self._methods().get(method):
            with self.changed:
                result = act(params)
        else:
            raise Refusal(400, f"Bad Request: {method} is not simulated", blame=True)
        if method != "getUpdates" and (wrong := schema().wrong_answer(method, result)):
            raise AssertionError(f"the simulator's own answer is wrong: {wrong}")
        return result

    def _methods(self) -> Mapping[str, Callable[[Json], object]]:
        return {
            "getMe": self._get_me,
            "sendMessage": lambda params: self._send(params, "text", TEXT_LIMIT),
            "sendPhoto": lambda params: self._send(params, "caption", CAPTION_LIMIT),
            "sendDocument": lambda params: self._send(params, "caption", CAPTION_LIMIT),
            "sendVoice": lambda params: self._send(params, "caption", CAPTION_LIMIT),
            "sendVideo": lambda params: self._send(params, "caption", CAPTION_LIMIT),
            "editMessageText": lambda params: self._edit(params, "text", TEXT_LIMIT),
            "editMessageCaption": lambda params: self._edit(params, "caption", CAPTION_LIMIT),
            "editMessageReplyMarkup": lambda params: self._edit(params, "", 0),
            "answerCallbackQuery": self._answer_press,
            "sendChatAction": lambda params: bool(self._open_chat(params)),
            "getFile": self._get_file,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook_info,
            "setMyCommands": self._set_commands,
            "getMyCommands": lambda params: self.commands.get(params.get("language_code", ""), []),
        }

    def _note(self, call: Called) -> None:
        with self.changed:
            self.calls.append(call)
            self.changed.notify_all()

    async def _get_updates(
        self, offset: int = 0, limit: int = 100, timeout: int = 0, allowed_updates: list[str] | None = None
    ) -> list[Json]:
        if self.webhook:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        loop = asyncio.get_running_loop()
        until = loop.time() + min(timeout, 50)
        with self.changed:
            self._wake(conflict=True)
            if allowed_updates is not None:
                self._allowed = set(allowed_updates) or None
            self._acknowledge(offset)
        while True:
            with self.changed:
                found = self._queue[: min(max(limit, 1), 100)]
                left = until - loop.time()
                if found or left <= 0 or self._stopping:
                    return [dict(update) for update in found]
                news = loop.create_future()
                self._poll = (loop, news)
                self.changed.notify_all()
            with suppress(TimeoutError):
                if await asyncio.wait_for(news, left):
                    raise Refusal(
                        409,
                        "Conflict: terminated by other getUpdates request; "
                        "make sure that only one bot instance is running",
                    )

    def _acknowledge(self, offset: int) -> None:
        if offset > 0:
            self._queue = [update for update in self._queue if update["update_id"] >= offset]
        elif offset < 0:
            self._queue = self._queue[offset:]
        self.changed.notify_all()

    def _wake(self, *, conflict: bool) -> None:
        """Let the waiting poll look again, or end it because another has come."""
        if self._poll:
            loop, news = self._poll
            self._poll = None
            with suppress(RuntimeError):  # its loop has stopped
                loop.call_soon_threadsafe(lambda: None if news.done() else news.set_result(conflict))

    def _get_me(self, params: Json) -> Json:
        abilities = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
        return {**self.bot, **dict.fromkeys(abilities, False)}

    def _send(self, params: Json, words: str, limit: int) -> Json:
        chat = self._open_chat(params)
        content: Json = {"from": self.bot}
        text, entities = _marked(params.get(words, ""), params.get("parse_mode", ""))
        if words == "text" and not text:
            raise Refusal(400, "Bad Request: message text is empty", blame=True)
        if units(text) > limit:
            name = "message" if words == "text" else "message caption"
            raise Refusal(400, f"Bad Request: {name} is too long", blame=True)
        if text:
            content[words] = text
        if entities:
            content["entities" if words == "text" else "caption_entities"] = entities
        if "document" in params:
            content["document"] = self._uploaded(params["document"])
        if "photo" in params:
            self._look_at_picture(params["photo"])
            kept = {
                name: value for name, value in self._uploaded(params["photo"]).items() if name != "file_name"
            }
            content["photo"] = [{**kept, "width": 90, "height": 60}]
        if "voice" in params:
            kept = {
                name: value for name, value in self._uploaded(params["voice"]).items() if name != "file_name"
            }
            content["voice"] = {**kept, "duration": 3}
        if "video" in params:
            content["video"] = {**self._uploaded(params["video"]), "width": 90, "height": 60, "duration": 3}
        if markup := params.get("reply_markup"):
            content["reply_markup"] = _keyboard(markup)
        self._hold_back(chat)
        return self.write(chat, content)

    def _open_chat(self, params: Json) -> Chat:
        chat = self._chats.get(params["chat_id"])
        if chat is None:
            raise Refusal(400, "Bad Request: chat not found")
        if chat.refusal:
            raise chat.refusal
        if not chat.begun:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def _hold_back(self, chat: Chat) -> None:
        """Refuse what comes faster than the limits; a refused message fills no bucket."""
        if not (limits := self.limits):
            return
        at = self.clock()
        group = chat.described["type"] != "private"
        rate, size = (limits.group, limits.group_burst) if group else (limits.chat, limits.chat_burst)
        if 0 not in self._buckets:
            self._buckets[0] = Bucket(limits.overall, limits.overall_burst, at)
        if chat.id not in self._buckets:
            self._buckets[chat.id] = Bucket(rate, size, at)
        buckets = (self._buckets[0], self._buckets[chat.id])
        if wait := max(bucket.wait(at) for bucket in buckets):
            raise _too_fast(math.ceil(wait))
        for bucket in buckets:
            bucket.level -= 1

    def _uploaded(self, file: Uploaded | str) -> Json:
        if isinstance(file, Uploaded):
            if not file.content:
                raise Refusal(400, "Bad Request: file must be non-empty", blame=True)
            if len(file.content) > FILE_LIMIT:
                raise Refusal(413, "Request Entity Too Large", blame=True)
            return {**self.keep_file(file), "file_name": file.name} if file.name else self.keep_file(file)
        if file in self.files or file.startswith(("http://", "https://")):
            return {"file_id": file, "file_unique_id": f"unique-{file}"}
        raise Refusal(400, "Bad Request: wrong remote file identifier specified", blame=True)

    def _look_at_picture(self, file: Uploaded | str) -> None:
        if not isinstance(file, Uploaded):
            return
        if len(file.content) > PHOTO_LIMIT:
            raise Refusal(413, "Request Entity Too Large", blame=True)
        if not file.content.startswith(PICTURES):
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")

    def _edit(self, params: Json, words: str, limit: int) -> Json:
        chat = self._open_chat(params)
        ident = params.get("message_id", 0)
        if not 0 < ident <= len(chat.messages) or chat.messages[ident - 1]["from"] != self.bot:
            raise Refusal(400, "Bad Request: message to edit not found")
        message = self.message(chat, ident)
        before = {name: value for name, value in message.items() if name != "edit_date"}
        if words:
            if words == "text" and "text" not in message:
                raise Refusal(400, "Bad Request: there is no text in the message to edit", blame=True)
            marks = "entities" if words == "text" else "caption_entities"
            text, entities = _marked(params.get(words, ""), params.get("parse_mode", ""))
            if units(text) > limit or (words == "text" and not text):
                raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG", blame=True)
            message[words] = text
            message.pop(marks, None)
            if entities := entities or params.get(marks, []):
                if any(mark["offset"] + mark["length"] > units(text) for mark in entities):
                    raise Refusal(400, "Bad Request: ENTITY_BOUNDS_INVALID", blame=True)
                message[marks] = entities
        message.pop("reply_markup", None)
        if markup := params.get("reply_markup"):
            message["reply_markup"] = _keyboard(markup)
        if {name: value for name, value in message.items() if name != "edit_date"} == before:
            raise Refusal(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message",
            )
        message["edit_date"] = self.date()
        self.changed.notify_all()
        return dict(message)

    def _answer_press(self, params: Json) -> bool:
        if units(params.get("text", "")) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG", blame=True)
        pressed = self._presses.pop(params["callback_query_id"], None)
        if pressed is None or self.date() - pressed > PRESS_LIFE.total_seconds():
            raise Refusal(
                400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        return True

    def _get_file(self, params: Json) -> Json:
        name = params["file_id"]
        if name not in self.files:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(self.files[name].content) > FETCH_LIMIT:
            raise Refusal(400, "Bad Request: file is too big")
        return {"file_id": name, "file_unique_id": f"unique-{name}", "file_path": f"documents/{name}"}

    def _set_webhook(self, params: Json) -> bool:
        if not params["url"]:
            return self._delete_webhook(params)
        address = urlsplit(params["url"])
        if address.scheme != "https" or not address.hostname:
            raise Refusal(
                400, "Bad Request: bad webhook: an HTTPS URL must be provided for webhook", blame=True
            )
        if address.port not in HOOK_PORTS:
            text = "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
            raise Refusal(400, text, blame=True)
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", params.get("secret_token", "-")):
            raise Refusal(400, "Bad Request: secret token contains unallowed characters", blame=True)
        self.webhook, self._failed = params, {}
        if "allowed_updates" in params:
            self._allowed = set(params["allowed_updates"]) or None
        if params.get("drop_pending_updates"):
            self._queue.clear()
        self.changed.notify_all()
        return True

    def _delete_webhook(self, params: Json) -> bool:
        self.webhook, self._failed = {}, {}
        if params.get("drop_pending_updates"):
            self._queue.clear()
        self.changed.notify_all()
        return True

    def _webhook_info(self, params: Json) -> Json:
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue),
            **({"allowed_updates": sorted(self._allowed)} if self._allowed else {}),
            **self._failed,
        }

    def _deliver(self) -> None:
        """Post what waits to the webhook, for as long as the server is there."""
        with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
            while True:
                with self.changed:
                    self.changed.wait_for(lambda: self._stopping or (self.webhook and self._queue))
                    if self._stopping:
                        return
                    hook, update = self.webhook, self._queue[0]
                failure = self._delivered(client, hook, update)
                with self.changed:
                    if not failure and update in self._queue:
                        self._queue.remove(update)
                    elif failure and hook is self.webhook:
                        self._failed = {"last_error_date": self.date(), "last_error_message": failure}
                    self.changed.notify_all()
                    if failure:
                        self.changed.wait_for(lambda: self._stopping, HOOK_PAUSE)

    def _delivered(self, client: httpx.Client, hook: Json, update: Json) -> str:
        """Post one update; give why it did not arrive, nothing when it did."""
        address = urlsplit(hook["url"])
        leads = self.leads.get(f"{address.scheme}://{address.netloc}")
        if leads is None:
            return "Failed to resolve host: Name or service not known"
        secret = hook.get("secret_token")
        headers = {"x-telegram-bot-api-secret-token": secret} if secret else {}
        try:
            answer = client.post(f"{leads}{address.path}", json=update, headers=headers)
        except httpx.HTTPError:
            return "Connection refused"
        if answer.is_success:
            return ""
        return f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"

    def _set_commands(self, params: Json) -> bool:
        for command in params["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID", blame=True)
            if not 1 <= len(command["description"]) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID", blame=True)
        self.commands[params.get("language_code", "")] = params["commands"]
        return True

    async def _serve_file(self, request: Request) -> Response:
        file = self.files.get(request.path_params["path"].removeprefix("documents/"))
        if file is None or request.path_params["token"] != self.token:
            return _error(Refusal(404, "Not Found"))
        if self.files_lead_to:
            return Response(status_code=302, headers={"location": self.files_lead_to})
        return Response(file.content, media_type="application/octet-stream")


class _Cut(Response):
    """A connection that ends in the middle of its answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"transfer-encoding", b"chunked")],
        }
        await send(start)
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def _error(refusal: Refusal) -> Response:
    if not refusal.description:
        page = f"<html><head><title>{refusal.status}</title></head></html>"
        return Response(page, refusal.status, media_type="text/html")
    body: Json = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return Response(json.dumps(body), refusal.status, media_type="application/json")


def _too_fast(seconds: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def _marked(text: str, mode: str) -> tuple[str, list[Json]]:
    """Give the words and entities of a text as sent; blank edges are cut off, as Telegram does."""
    if mode not in ("", "HTML"):
        raise Refusal(400, "Bad Request: unsupported parse_mode", blame=True)
    try:
        plain, entities = parsed(text) if mode else (text, [])
    except UnreadableMarkup as reason:
        raise Refusal(400, f"Bad Request: can't parse entities: {reason}", blame=True) from None
    shift = len(plain) - len(plain.lstrip())
    moved = [{**mark, "offset": mark["offset"] - shift} for mark in entities]
    return plain.strip(), [mark for mark in moved if mark["offset"] >= 0]


def _keyboard(markup: Json) -> Json:
    for row in markup.get("inline_keyboard", []):
        for button in row:
            actions = button.keys() - {"text", "style", "icon_custom_emoji_id"}
            if not button["text"].strip():
                raise Refusal(400, "Bad Request: inline keyboard button text is empty", blame=True)
            if len(actions) != 1:
                text = "Bad Request: text buttons are unallowed in the inline keyboard"
                raise Refusal(400, text, blame=True)
            if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= DATA_LIMIT:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID", blame=True)
    return markup
