"""Zalo for one Official Account, on 127.0.0.1: what the facts sheet says of its API and its webhook, and no more.

    with ZaloOAServer() as zalo:                    # zalo.url, zalo.oa, zalo.app, zalo.secret go into the settings
        zalo.calls_to("http://…/hooks/zalo_oa")      # signed, one after another, again until 200
        tham = zalo.person("Cô Thắm")
        tham.follows(), tham.unfollows(), tham.clicks_chat(), tham.calls()
        tham.writes("kích hoạt vneid thế nào")       # also sends_photo, sends_file, sends_voice, sends_place,
                                                     # sends("sticker"), shares_card, submits_info
        step = tham.hears("Bước 1")                  # waits for the next message that has these words
        step.labels                                  # of buttons, or of the numbers under the words
        tham.presses("Chưa có")                      # by label, number or data: a button, or the number typed
        tham.hears_official("Để tôi xem"), tham.sees()

        zalo.passes(timedelta(hours=49))             # Zalo's clock: windows and uploads
        zalo.buttons = True                          # else text with buttons is refused with -233
        zalo.fails(-32, times=2), zalo.breaks(502), zalo.loses_answers(), zalo.down = True
        zalo.tells({"event_name": …}, signed=False)  # any call of the webhook, however strange
        zalo.repeats()                               # the newest call once more
        zalo.tries()                                 # the console's Test call, whose signature does not match
        with zalo.swapped(): …                       # what is told inside arrives in the opposite order
        zalo.switches_on()                           # after Zalo has switched the webhook off
        zalo.tokens.pair()                           # a new pair; the former access token dies (see ZaloTokens)
        zalo.calls, zalo.answers, zalo.switched_off, zalo.slow, zalo.lost

What is told in two ways is a mode: see Modes.

The object lives in the test's process; the bot under test may be in it or in another one.

Errors come with HTTP 200, ids are digits beyond 2^53, numbers are strings where Zalo has strings.  A call that no
working bot makes is refused and noted in `violations`; leaving the `with` raises when there are any, so a test
that wants one clears the list.  Repeats of the webhook come after moments instead of minutes, and other calls pass
them meanwhile; an answer after two seconds is none.
"""

from __future__ import annotations

import hashlib
import heapq
import hmac
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.simulators.serving import Serving
from tests.simulators.telegram_form import form
from tests.simulators.telegram_schema import Uploaded
from tests.simulators.zalo_tokens import APP_ID, APP_SECRET, ZaloTokens

PATIENCE = 60.0  # seconds that a test waits for a message, on however busy a machine
STUCK = 10.0  # seconds after which an answer has waited for something it must not wait for
REPEATS = 5  # of a call that was not answered 200
TEXT_LIMIT = 2000
TITLE_LIMIT = 100
PAYLOAD_LIMIT = 1000
IMAGE_LIMIT = 2**20
FILE_LIMIT = 5 * 2**20
UPLOAD_LIFE = timedelta(days=7)
UPLOADS = 5000  # a month
MEDIA_LIFE = timedelta(days=7)  # of what people send; how long it really is nobody says
FREE, OPEN = timedelta(hours=48), timedelta(days=7)
A_MINUTE = 4000  # calls

IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
FILES = {"pdf": b"%PDF-", "doc": b"\xd0\xcf\x11\xe0", "docx": b"PK\x03\x04"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
CHOICE = re.compile(r"^([0-9a-l])\. (.+)$", re.M)

Json = dict[str, Any]


class Modes(msgspec.Struct, frozen=True):
    """Zalo as one or the other source describes it."""

    first: Literal["app", "oa"] = "app"  # whose id the signature begins with
    last: Literal["oa", "app"] = "oa"  # whose secret it ends with
    repeats: Literal["any", "line"] = "any"  # after any answer but 200, or only where the line has failed
    numbers: bool = False  # quotas come as numbers, not as their digits
    at_once: int = 1  # calls of the webhook


class Shown(msgspec.Struct, frozen=True):
    """A message as its reader sees it."""

    mine: bool = False  # written by the reader
    official: bool = False  # written by a person on the account's own screen
    text: str = ""
    labels: tuple[str, ...] = ()
    data: tuple[str, ...] = ()  # what buttons send; nothing where numbers are typed
    signs: tuple[str, ...] = ()  # what is typed for each label, where there are no buttons
    image: bytes = b""
    file: str = ""  # its name
    asks_info: bool = False


class Called(msgspec.Struct, frozen=True):
    """A call that came to the API, and the number it got."""

    path: str
    body: Json
    error: int


class Answered(msgspec.Struct, frozen=True):
    """A call of the webhook, and what it got."""

    event: str
    status: int  # 0: nothing
    seconds: float
    retry: int


class Calling(msgspec.Struct, frozen=True):
    """A call of the webhook that is to be made."""

    body: bytes
    headers: dict[str, str]
    retry: int = 0


class Refusal(Exception):
    """An error answer."""

    def __init__(self, code: int, message: str, *, blame: bool = False) -> None:
        super().__init__(message)
        self.code, self.message, self.blame = code, message, blame


class Seat:
    """One person in their chat with the account."""

    def __init__(self, zalo: ZaloOAServer, name: str, ident: str) -> None:
        self.zalo, self.name, self.id = zalo, name, ident
        self.spoke: float | None = None  # Zalo's clock, when they last did anything
        self.refuses = 0  # the error that any message to them gets
        self._seen: list[Shown] = []
        self._heard = 0

    # --- what they do ---

    def follows(self) -> None:
        """Follow the account."""
        self._does()
        self.refuses = 0
        self.zalo.tells(self._about("follow", source="oa_profile", follower={"id": self.id}))

    def unfollows(self) -> None:
        """Follow the account no longer."""
        self.refuses = -213
        self.zalo.tells(self._about("unfollow", source="oa_profile", follower={"id": self.id}))

    def clicks_chat(self) -> None:
        """Open the chat from a page or a menu."""
        self._does()
        self.zalo.tells(self._about("user_click_chatnow", user_id=self.id))

    def calls(self, *, talked: int = 0) -> None:
        """Call the account, and talk for so many milliseconds; Zalo tells once the call has ended."""
        if talked:
            self._does()
        call = {
            "call_id": self.zalo.message_id(),
            "call_type": "AUDIO",
            "talk_time": talked,
            "waiting_time": 20,
        }
        self.zalo.tells(self._about("user_call_oa", user_id=self.id, **call))

    def writes(self, text: str, **more: Any) -> str:
        """Write a message and give its id."""
        return self._says("text", text, Shown(mine=True, text=text), **more)

    def presses(self, choice: str) -> str:
        """Choose on the newest message that offers it, by label, number or data: press, or type the number."""
        with self.zalo.changed:
            for shown in reversed(self._seen):
                for place, label in enumerate(shown.labels):
                    data = shown.data[place] if shown.data else ""
                    sign = shown.signs[place] if shown.signs else ""
                    if choice in (label, data, sign):
                        text = f"#{data}" if data else sign
                        return self._says("text", text, Shown(mine=True, text="" if data else sign))
        raise AssertionError(f"no choice {choice!r} among {[one.labels for one in self._seen if one.labels]}")

    def sends_photo(self, content: bytes = PNG, *, caption: str = "") -> str:
        """Send a photo."""
        url = self.zalo.serves(content, "anh.png")
        return self._attaches("image", {"thumbnail": url, "url": url}, caption)

    def sends_voice(self, content: bytes = b"\xff\xf1voice") -> str:
        """Send a voice note."""
        return self._attaches("audio", {"url": self.zalo.serves(content, "tin.aac")})

    def sends_file(self, name: str, content: bytes) -> str:
        """Send a file; its size comes as a string."""
        kind = name.rpartition(".")[2]
        sums = {"size": str(len(content)), "checksum": hashlib.md5(content).hexdigest(), "type": kind}
        return self._attaches("file", {"url": self.zalo.serves(content, name), "name": name, **sums})

    def sends_place(self, latitude: float, longitude: float, *, called: str = "") -> str:
        """Share a position, whose degrees come as strings."""
        degrees = {"latitude": str(latitude), "longitude": str(longitude)}
        return self._attaches("location", {"coordinates": degrees}, called)

    def sends(self, kind: str, *, url: str = "", description: str = "") -> str:
        """Send a sticker, gif, video or link."""
        url = url or self.zalo.serves(kind.encode(), kind)
        payload = {
            "sticker": {"id": "d063f44dc80821567819", "url": url},
            "gif": {"thumbnail": url, "url": url},
            "video": {"thumbnail": url, "description": description, "url": url},
            "link": {"thumbnail": url, "description": description, "url": url},
        }[kind]
        return self._attaches(kind, payload)

    def shares_card(self, phone: str) -> str:
        """Send a business card; how its data looks is not known for certain."""
        payload = {
            "description": json.dumps({"phone": phone, "caption": self.name}),
            "url": "",
            "thumbnail": "",
        }
        return self._attaches("link", payload, event="business_card")

    def submits_info(self, phone: str = "84912345678", *, newer: bool = False, **more: Any) -> None:
        """Fill in the form that asks for a number, in one of the two shapes in which it comes."""
        self._does()
        old = {"address": "12 ngõ 3", "city": "Hà Nội", "district": "Bắc Từ Liêm", "ward": "Đông Ngạc"}
        full = {"user_city": "Hà Nội", "user_ward": "Đông Ngạc", "user_address": "12 ngõ 3"}
        shape: Json = {"user_dob": "", "gender": "", "full_address": full} if newer else old
        info = {"name": self.name, **({"phone": phone} if phone else {}), **shape, **more}
        parties = {"sender": {"id": self.id}, "recipient": {"id": self.zalo.oa}}
        self.zalo.tells(self._about("user_submit_info", info=info, oa_id=None, **parties))

    def reads(self) -> None:
        """Have Zalo tell that the newest message has been delivered and seen."""
        parties = {"sender": {"id": self.zalo.oa}, "recipient": {"id": self.id}}
        for name in ("user_received_message", "user_seen_message"):
            self.zalo.tells(self._about(name, oa_id=None, message={"msg_ids": ["x"]}, **parties))

    # --- what they see ---

    def hears_official(self, text: str) -> None:
        """Be written to by a person on the account's own screen."""
        self.shown(Shown(official=True, text=text))
        self.zalo.echo(self, "text", {"text": text}, admin="4567890123456789012")

    def sees(self) -> list[Shown]:
        """Give the whole chat."""
        with self.zalo.changed:
            return list(self._seen)

    def hears(self, words: str = "", *, within: float = PATIENCE) -> Shown:
        """Give the bot's next message that has these words, past those given before; wait for it."""
        found: list[Shown] = []

        def came() -> bool:
            for index in range(self._heard, len(self._seen)):
                shown = self._seen[index]
                if not shown.mine and not shown.official and words in shown.text:
                    self._heard = index + 1
                    found.append(shown)
                    return True
            return False

        if not self.zalo.waits_until(came, within):
            unheard = [shown.text for shown in self._seen[self._heard :] if not shown.mine]
            raise AssertionError(f"{self.name} did not hear {words!r}; came: {unheard}")
        return found[0]

    def shown(self, message: Shown) -> None:
        """Put a message into the chat."""
        with self.zalo.changed:
            self._seen.append(message)
            self.zalo.changed.notify_all()

    def _attaches(self, kind: str, payload: Json, text: str = "", *, event: str = "") -> str:
        more = {"attachments": [{"type": kind, "payload": payload}]}
        return self._says(event or kind, text, Shown(mine=True, text=text), **more)

    def _says(self, kind: str, text: str, shown: Shown, **more: Any) -> str:
        self._does()
        self.shown(shown)
        message = {"msg_id": self.zalo.message_id(), **({"text": text} if text else {}), **more}
        parties = {"sender": {"id": self.id}, "recipient": {"id": self.zalo.oa}}
        self.zalo.tells(self._about(f"user_send_{kind}", oa_id=None, message=message, **parties))
        return str(message["msg_id"])

    def _does(self) -> None:
        self.spoke = self.zalo.seconds()

    def _about(self, name: str, **more: Any) -> Json:
        event = {"app_id": self.zalo.app, "oa_id": self.zalo.oa, "user_id_by_app": f"9{self.id[1:]}"}
        event |= {"event_name": name, "timestamp": self.zalo.stamp()}
        return {name: value for name, value in (event | more).items() if value is not None}


class ZaloOAServer:
    """Zalo's servers, the people who use them, and the sender of the webhook."""

    def __init__(self, modes: Modes | None = None, *, buttons: bool = False, package: int = 0) -> None:
        self.modes = modes or Modes()
        self._moved = timedelta(0)
        self.now: Callable[[], float] = time.time  # Zalo's clock before it is moved
        self.oa = "388613280878808645"
        self.app = APP_ID
        self.secret = "oa-secret-for-tests"
        self.tokens = ZaloTokens()
        self.tokens.pair()
        self.buttons = buttons
        self.package = package  # messages beyond the free hours that are paid for; then each is billed
        self.verified = True
        self.packaged = True  # the account's package holds the API
        self.uploads = UPLOADS  # that this month has left
        self.forms = True  # whether the form for a number is taken
        self.proof = False  # whether the app's console asks for appsecret_proof
        self.patience = PATIENCE  # for an answer of the webhook; Zalo's own is 2 seconds
        self.repeating = True  # the switch for repeats in the console
        self.echoing = True
        self.down = False
        self.calls: list[Called] = []
        self.answers: list[Answered] = []
        self.violations: list[str] = []
        self.switched_off = False  # by Zalo, when nothing helped; then nothing is called
        self.lost: list[bytes] = []  # calls that will not be made any more
        self.changed = threading.Condition(threading.RLock())
        self._seats: dict[str, Seat] = {}
        self._numbers = 0
        self._stamp = 0
        self._troubles: list[Callable[[], None]] = []
        self._lost = 0
        self._uploads: dict[str, tuple[str, str, bytes, float]] = {}  # id: kind, name, content, when
        self._media: dict[str, tuple[bytes, float]] = {}  # with when they were sent
        self._minute = (0, 0)
        self._newest = Calling(b"", {})
        self._outgoing: list[tuple[float, int, Calling]] = []  # a heap: when, and which before which
        self._kept_back: list[Calling] | None = None  # by `swapped`
        self._senders: list[threading.Thread] = []
        self._stopping = False
        self._busy = 0

    # What a test does.

    def __enter__(self) -> ZaloOAServer:
        """Listen on a free port."""
        post, both = ["POST"], ["GET"]
        self._serving = Serving(
            Starlette(
                routes=[
                    *self.tokens.routes(),
                    Route("/v3.0/oa/message/cs", self._serve(self._cs), methods=post),
                    Route("/v2.0/oa/upload/{kind}", self._serve(self._upload), methods=post),
                    Route("/v2.0/oa/getoa", self._serve(self._getoa), methods=both),
                    Route("/v3.0/oa/quota/message", self._serve(self._quota), methods=post),
                    Route("/media/{name}", self._serve_media),
                ]
            )
        )
        self.url = self._serving.url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; AssertionError when a call was made that Zalo would refuse."""
        with self.changed:
            self._stopping = True
            self.changed.notify_all()
        for sender in self._senders:
            sender.join()
        self._serving.stop()
        violations = [
            *self.violations,
            *self.tokens.violations,
            *("a token burnt" for _ in self.tokens.burnt),
        ]
        if error is None and violations:
            raise AssertionError("; ".join(violations))

    def person(self, name: str) -> Seat:
        """Give a new person, who has not done anything yet."""
        with self.changed:
            ident = str(2_468_458_835_291_979_000 + len(self._seats))
            self._seats[ident] = Seat(self, name, ident)
            return self._seats[ident]

    def passes(self, time_: timedelta) -> None:
        """Move Zalo's clock on."""
        with self.changed:
            self._moved += time_

    def fails(self, code: int, *, times: int = 1, after: int = 0) -> None:
        """Answer the next calls of the API with an error instead of acting; so many (`after`) go well before."""

        def fail() -> None:
            raise Refusal(code, "error")

        self._troubles.extend([lambda: None] * after + [fail] * times)

    def breaks(self, status: int, *, times: int = 1) -> None:
        """Answer the next calls with a page instead of JSON."""

        def fail() -> None:
            raise _Page(status)

        self._troubles.extend([fail] * times)

    def loses_answers(self, times: int = 1) -> None:
        """Act on the next calls, and lose the answer on the way."""
        self._lost += times

    def calls_to(self, url: str) -> None:
        """Call this address from now on."""
        self._webhook = url
        while len(self._senders) < self.modes.at_once:
            sender = threading.Thread(target=self._deliver, name="webhook", daemon=True)
            self._senders.append(sender)
            sender.start()

    def tells(self, event: Json | bytes, *, signed: bool = True, **headers: str) -> None:
        """Call the webhook with this event or these bytes."""
        body = event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()
        stamp = "" if isinstance(event, bytes) else str(event.get("timestamp", ""))
        first = self.app if self.modes.first == "app" else self.oa
        last = self.secret if self.modes.last == "oa" else APP_SECRET
        mac = hashlib.sha256(first.encode() + body + stamp.encode() + last.encode()).hexdigest()
        given = {"X-ZEvent-Signature": f"mac={mac}" if signed else f"mac={'0' * 64}"}
        with self.changed:
            self._newest = Calling(body, {**given, "Content-Type": "application/json", **headers})
            self._send_again()

    def tries(self) -> int:
        """Press Test in the console: a call with a signature that does not match; give the answer's status."""
        event = {"event_name": "user_send_text", "timestamp": self.stamp(), "app_id": self.app}
        body = json.dumps({**event, "message": {"text": "test"}}).encode()
        given = {"X-ZEvent-Signature": f"mac={'0' * 64}", "Content-Type": "application/json"}
        return httpx.post(self._webhook, content=body, headers=given, timeout=PATIENCE).status_code

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """Keep back what is told meanwhile, and bring it in the opposite order."""
        with self.changed:
            self._kept_back = []
        yield
        with self.changed:
            kept, self._kept_back = self._kept_back, None
            for call in reversed(kept):
                self._put(call)

    def switches_on(self) -> None:
        """Switch the webhook on again, as an administrator does in the console."""
        with self.changed:
            self.switched_off = False

    def repeats(self) -> None:
        """Call the webhook once more as it was called last."""
        with self.changed:
            self._send_again()

    def waits_until(self, true: Callable[[], bool], within: float = PATIENCE) -> bool:
        """Wait for something; False when it does not come."""
        with self.changed:
            return self.changed.wait_for(true, within)

    @property
    def delivered(self) -> bool:
        """Whether every call of the webhook has had its answer."""
        with self.changed:
            return self._busy == 0

    @property
    def slow(self) -> list[Answered]:
        """Calls of the webhook whose answer has waited for something: Zalo waits for 2 seconds."""
        return [one for one in self.answers if one.seconds > STUCK]

    # What people and the server share.

    def seconds(self) -> float:
        """Give Zalo's clock."""
        return self.now() + self._moved.total_seconds()

    def stamp(self) -> str:
        """Give Zalo's clock as its events have it; no two of them the same."""
        with self.changed:
            self._stamp = max(self._stamp + 1, round(self.seconds() * 1000))
            return str(self._stamp)

    def message_id(self) -> str:
        """Give a new message's id."""
        with self.changed:
            self._numbers += 1
            return hashlib.sha256(f"{self._numbers}".encode()).hexdigest()[:19]

    def serves(self, content: bytes, name: str) -> str:
        """Keep what somebody sent and give its address."""
        with self.changed:
            key = f"{len(self._media)}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
            self._media[key] = content, self.seconds()
            return f"{self.url}/media/{key}"

    def echo(self, seat: Seat, kind: str, message: Json, *, admin: str = "") -> None:
        """Tell the webhook what the account has sent, by the bot or by a person."""
        event = {
            "app_id": self.app,
            "user_id_by_app": f"9{seat.id[1:]}",
            "event_name": f"oa_send_{kind}",
            "timestamp": self.stamp(),
            "sender": {"id": self.oa, **({"admin_id": admin} if admin else {})},
            "recipient": {"id": seat.id},
            "message": {"msg_id": self.message_id(), **message},
        }
        self.tells(event)

    # The webhook.

    def _send_again(self) -> None:
        if self._kept_back is not None:
            self._kept_back.append(self._newest)
        elif self._senders:
            self._put(self._newest)

    def _put(self, call: Calling, wait: float = 0.0) -> None:
        if self.switched_off:
            self.lost.append(call.body)
            return
        self._busy += 1
        self._numbers += 1
        heapq.heappush(self._outgoing, (time.monotonic() + wait, self._numbers, call))
        self.changed.notify_all()

    def _next(self) -> Calling | None:
        """Wait for the next call to make; None at the end."""
        with self.changed:
            while not self._stopping:
                wait = self._outgoing[0][0] - time.monotonic() if self._outgoing else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._outgoing)[2]
                self.changed.wait(wait)
        return None

    def _deliver(self) -> None:
        with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
            while (call := self._next()) is not None:
                name, status, began = "?", 0, time.monotonic()
                with suppress(ValueError, AttributeError):
                    name = json.loads(call.body).get("event_name", "?")
                more = {"num_retry": str(call.retry)} if call.retry else {}
                with suppress(httpx.HTTPError):
                    answer = client.post(self._webhook, content=call.body, headers={**call.headers, **more})
                    status = answer.status_code
                with self.changed:
                    seconds = time.monotonic() - began
                    self.answers.append(Answered(name, status, seconds, call.retry))
                    if status != 200 or seconds > self.patience:
                        self._fails(call, status)
                    self._busy -= 1
                    self.changed.notify_all()

    def _fails(self, call: Calling, status: int) -> None:
        """Repeat a call that had no good answer, if that is what Zalo does; after the last one it calls no more."""
        if not self.repeating or (self.modes.repeats == "line" and status):
            self.lost.append(call.body)
        elif call.retry < REPEATS:
            again = msgspec.structs.replace(call, retry=call.retry + 1)
            self._put(again, 0.2 * call.retry)
        else:
            self.switched_off = True
            self.lost += [call.body, *(waiting.body for _, _, waiting in self._outgoing)]
            self._busy -= len(self._outgoing)
            self._outgoing.clear()

    # The API.

    def _serve(self, act: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def serve(request: Request) -> Response:
            if self.down:
                return _Cut()
            body: Json = {}
            code, answer = 0, {}
            try:
                with self.changed:
                    if self._troubles:
                        self._troubles.pop(0)()
                if request.headers.get("content-type", "") == "application/json":
                    body = _json_of(await request.body())
                answer = await act(request)
            except _Page as page:
                return Response(f"<html>{page.status}</html>", page.status, media_type="text/html")
            except Refusal as refusal:
                code = refusal.code
                answer = {"error": code, "message": refusal.message}
                if refusal.blame:
                    self.violations.append(f"{request.url.path}: {refusal.message}")
            except ClientDisconnect:
                return Response()
            except Exception as error:
                self.violations.append(f"the simulator failed at {request.url.path}: {error!r}")
                raise
            with self.changed:
                self.calls.append(Called(request.url.path, body, code))
                self.changed.notify_all()
                if self._lost:
                    self._lost -= 1
                    return _Cut()
            return Response(json.dumps(answer), media_type="application/json")

        return serve

    def _let_in(self, request: Request) -> None:
        if "authorization" in request.headers or "access_token" in request.query_params:
            raise Refusal(-216, "the token belongs into the header access_token", blame=True)
        given = request.headers.get("access_token", "")
        if not self.tokens.holds(given):
            known = given.startswith("access-")
            raise Refusal(
                *(
                    (-220, "Access token is expired or removed")
                    if known
                    else (-216, "Access token is invalid")
                )
            )
        right = hmac.new(APP_SECRET.encode(), given.encode(), hashlib.sha256).hexdigest()
        if self.proof and request.headers.get("appsecret_proof") != right:
            raise Refusal(-242, "appsecret_proof is invalid")
        minute = int(time.monotonic() // 60)
        self._minute = (minute, self._minute[1] + 1 if self._minute[0] == minute else 1)
        if self._minute[1] > A_MINUTE:
            raise Refusal(-32, "Your application reached limit call api")

    def _may(self) -> None:
        """Refuse what an account may not do that is not verified, or has no package."""
        if not self.verified:
            raise Refusal(-221, "OA has not been verified")
        if not self.packaged:
            raise Refusal(-224, "OA needs to upgrade its package")

    async def _cs(self, request: Request) -> Json:
        self._let_in(request)
        self._may()
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise Refusal(-201, "the body is not JSON", blame=True)
        body = _json_of(await request.body())
        _only(body, "recipient", "message")
        recipient, message = body.get("recipient"), body.get("message")
        if not isinstance(recipient, dict) or not isinstance(message, dict):
            raise Refusal(-201, "recipient or message is missing", blame=True)
        user = recipient.get("user_id")
        if not isinstance(user, str):
            raise Refusal(-201, "user_id is no string", blame=True)
        with self.changed:
            seat = self._seats.get(user)
            if seat is None:
                raise Refusal(-201, "user_id is invalid", blame=True)
            kind, shown = self._message(message)
            quota = self._allowed(seat)
            seat.shown(shown)
            ident = self.message_id()
            if self.echoing:
                self.echo(seat, kind, {"msg_id": ident, "text": message.get("text", "")})
            data = {"message_id": ident, "user_id": user, "sent_time": self.stamp()}
            return {"data": {**data, **quota}, "error": 0, "message": "Success"}

    def _allowed(self, seat: Seat) -> Json:
        """Give what the answer says of the quota, or refuse."""
        if seat.refuses:
            raise Refusal(seat.refuses, "refused")
        if seat.spoke is None:
            raise Refusal(-213, "User has not followed OA")
        silent = self.seconds() - seat.spoke
        if silent > OPEN.total_seconds():
            raise Refusal(-230, "User has not interacted with the OA in the past 7 days")
        owner = {"owner_type": "OA", "owner_id": self.oa, "expired_date": "31/12/2026"}
        if silent <= FREE.total_seconds():
            return {"quota": {"quota_type": "reply", **self._count(8, 8), **owner}}
        if self.package:
            self.package -= 1
            return {"quota": {"quota_type": "sub_quota", **self._count(self.package, 2000), **owner}}
        return {}

    def _count(self, left: int, total: int) -> Json:
        counted: Json = {"remain": left, "total": total}
        return counted if self.modes.numbers else {name: str(number) for name, number in counted.items()}

    def _message(self, message: Json) -> tuple[str, Shown]:
        """Give the kind of a message and how it looks, or refuse it."""
        _only(message, "text", "attachment", "quote_message_id")
        text = message.get("text", "")
        attachment = message.get("attachment")
        if not isinstance(text, str) or ("text" in message and not text.strip()):
            raise Refusal(-201, "text is empty", blame=True)
        if len(text.encode("utf-16-le")) // 2 > TEXT_LIMIT:
            raise Refusal(-210, "text is too long", blame=True)
        if attachment is None:
            if not text:
                raise Refusal(-201, "message is empty", blame=True)
            found = CHOICE.findall(text)
            labels, signs = tuple(label for _, label in found), tuple(sign for sign, _ in found)
            return "text", Shown(text=text, labels=labels, signs=signs)
        payload = attachment.get("payload", {})
        if attachment.get("type") == "file":
            if text:
                raise Refusal(-201, "a file has no text", blame=True)
            return "file", Shown(file=self._uploaded("file", payload.get("token"))[0])
        if attachment.get("type") != "template":
            raise Refusal(-201, "attachment type is invalid", blame=True)
        match payload.get("template_type"):
            case "media":
                return "image", Shown(text=text, image=self._image(payload))
            case "request_user_info" if self.forms:
                return "template", Shown(text=self._info(payload), asks_info=True)
            case None if "buttons" in payload:
                return "text", self._with_buttons(text, payload["buttons"])
        blame = payload.get("template_type") != "request_user_info"
        raise Refusal(-233, "message type is invalid or not supported", blame=blame)

    def _with_buttons(self, text: str, buttons: Any) -> Shown:
        if not self.buttons:
            raise Refusal(-233, "message type is invalid or not supported")
        if not text or not isinstance(buttons, list) or not 1 <= len(buttons) <= 5:
            raise Refusal(-201, "buttons are invalid", blame=True)
        for button in buttons:
            _only(button, "title", "type", "payload")
            title, payload = button.get("title"), button.get("payload")
            if not isinstance(title, str) or not 1 <= len(title) <= TITLE_LIMIT:
                raise Refusal(-201, "a title is invalid", blame=True)
            if button.get("type") != "oa.query.hide" or not isinstance(payload, str):
                raise Refusal(-201, "a button's type is not simulated", blame=True)
            if not payload.startswith("#") or len(payload) > PAYLOAD_LIMIT:
                raise Refusal(-201, "a payload is invalid", blame=True)
        labels = tuple(button["title"] for button in buttons)
        return Shown(text=text, labels=labels, data=tuple(button["payload"][1:] for button in buttons))

    def _image(self, payload: Json) -> bytes:
        elements = payload.get("elements")
        if not isinstance(elements, list) or len(elements) != 1 or elements[0].get("media_type") != "image":
            raise Refusal(-201, "elements are invalid", blame=True)
        if str(elements[0].get("url", "")).startswith("https://"):
            return b"fetched"
        return self._uploaded("image", elements[0].get("attachment_id"))[1]

    def _info(self, payload: Json) -> str:
        elements = payload.get("elements")
        if not isinstance(elements, list) or len(elements) != 1:
            raise Refusal(-201, "elements are invalid", blame=True)
        title, subtitle = elements[0].get("title", ""), elements[0].get("subtitle", "")
        picture = str(elements[0].get("image_url", ""))
        if not 0 < len(title) <= 100 or not 0 < len(subtitle) <= 500 or not picture.startswith("https://"):
            raise Refusal(-201, "an element is invalid", blame=True)
        return f"{title}\n{subtitle}"

    def _uploaded(self, kind: str, ident: object) -> tuple[str, bytes]:
        known = self._uploads.get(str(ident))
        if known is None or known[0] != kind:
            raise Refusal(-201, "attachment is invalid", blame=True)
        if self.seconds() - known[3] > UPLOAD_LIFE.total_seconds():
            raise Refusal(-100, "attachment is expired")
        return known[1], known[2]

    async def _upload(self, request: Request) -> Json:
        self._let_in(request)
        kind = request.path_params["kind"]
        file = (await form(request)).get("file")
        if kind not in ("image", "file") or not isinstance(file, Uploaded):
            raise Refusal(-201, "file is missing", blame=True)
        self._may()
        if not self.uploads:
            raise Refusal(-211, "out of quota")
        content, name = file.content, file.name
        if kind == "image":
            wrong = not content.startswith(IMAGES) or len(content) > IMAGE_LIMIT
        else:
            sign = FILES.get(name.rpartition(".")[2].lower())
            wrong = sign is None or not content.startswith(sign) or len(content) > FILE_LIMIT
        if wrong:
            raise Refusal(-201, f"{name}: kind or size is not accepted", blame=True)
        with self.changed:
            self.uploads -= 1
            ident = self.message_id()
            self._uploads[ident] = (kind, name, content, self.seconds())
        return {
            "data": {"attachment_id" if kind == "image" else "token": ident},
            "error": 0,
            "message": "Success",
        }

    async def _getoa(self, request: Request) -> Json:
        self._let_in(request)
        about = {"oa_id": self.oa, "name": "UBND phường Đông Ngạc", "package_name": "Nâng cao"}
        return {"data": {**about, "is_verified": self.verified}, "error": 0, "message": "Success"}

    async def _quota(self, request: Request) -> Json:
        self._let_in(request)
        body = _json_of(await request.body())
        if body.get("quota_owner") not in ("OA", "App"):
            raise Refusal(-201, "quota_owner is invalid", blame=True)
        row = {"product_type": "cs", "quota_type": "sub_quota", **self._count(self.package, 2000)}
        return {"data": [row], "error": 0, "message": "Success"}

    async def _serve_media(self, request: Request) -> Response:
        content, sent = self._media.get(request.path_params["name"], (b"", -MEDIA_LIFE.total_seconds()))
        old = self.seconds() - sent >= MEDIA_LIFE.total_seconds()
        return Response(status_code=404) if old else Response(content)


class _Page(Exception):
    """An answer that is no JSON."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class _Cut(Response):
    """A connection that ends in the middle of its answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]}
        await send(head)
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def _json_of(body: bytes) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        raise Refusal(-201, "the body is not JSON", blame=True) from None
    if not isinstance(found, dict):
        raise Refusal(-201, "the body is no JSON object", blame=True)
    return found


def _only(given: Mapping[str, Any], *names: str) -> None:
    if strange := given.keys() - set(names):
        raise Refusal(-201, f"unknown parameters: {sorted(strange)}", blame=True)
