"""The web chat over HTTP.

A talk belongs to whoever holds its token.  What a browser sends is stored
before it is answered; what the bot says is read as a stream that begins after
the last number the browser has.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import heapq
import logging
import re
from collections.abc import AsyncIterator, Callable
from math import ceil
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Packet

from bot import clock, codes
from bot.channels import Carried
from bot.inbox import LONGEST, Intake, guarded
from bot.media import Carrier
from bot.store import tables as t
from bot.store.database import Database
from bot.store.writer import Writer
from bot.trouble import where
from bot.vault import Vault
from bot.web.files import Files, told
from bot.web.mailboxes import Mailboxes
from bot.web.newcomers import Newcomers
from bot.web.pages import Pages
from handlers.rules import guard
from handlers.talk import Attachment, Heard, Incoming, Message
from handlers.turn import Office

log = logging.getLogger(__name__)

ACCOUNT = "web"
BODY = 64 * 1024  # bytes of a request
BEAT = 15.0  # seconds between two signs of life in a quiet stream
PAGE = 200  # messages read at a time
MOST_TALKS = 16  # that one stream reads
ID = re.compile(r"[!-~]{1,64}")  # what a browser calls its message: signs that every database keeps
NUMBER = re.compile(r"[0-9]{0,18}")
HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    b"img-src 'self' blob:; media-src blob:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    b"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types worker",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    # Photos come through the phone's own chooser, which asks for itself.
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")  # said only where https was used

_message = msgspec.json.Decoder(Message)


class Sending(msgspec.Struct):
    """What a browser sends."""

    id: str
    text: str = ""
    choice: str = ""
    attachment: Attachment | None = None


_sending = msgspec.json.Decoder(Sending)


class Web:
    """The chat's routes and what they need."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        intake: Intake,
        mailboxes: Mailboxes,
        office: Callable[[], Office],
        vault: Vault,
        carrier: Carrier,
    ) -> None:
        self._database = database
        self._writer = writer
        self._intake = intake
        self._mailboxes = mailboxes
        self.pages = Pages(office)
        self.files = Files(database, vault, carrier, lambda request: self._talk(bearer(request)))
        self._newcomers = Newcomers()
        self.malformed = 0
        self.beat = BEAT
        self.demo_clock = False

    def routes(self) -> list[Route | Mount]:
        """Give the routes of the chat."""
        return [
            *self.pages.routes(),
            Route("/web/talks", self.begin, methods=["POST"]),
            Route("/web/messages", self.hear, methods=["POST"]),
            Route("/web/stream", self.stream),
            *self.files.routes(),
            Route("/health", self.health),
        ]

    async def begin(self, request: Request) -> Response:
        """A new talk: its token is the only key to it."""
        if wait := self._newcomers.wait(request.client.host if request.client else ""):
            return not_now(wait, status=429)
        token = codes.token()
        chat = await asyncio.wrap_future(self._writer.submit(lambda c: open_talk(c, token)))
        return JSONResponse({"token": token, "chat": chat}, status_code=201)

    async def hear(self, request: Request) -> Response:
        """Store what somebody sent; 202 once it is kept, 503 for "not now"."""
        chat, _ = await self._talk(bearer(request))
        if not chat:
            return JSONResponse({"error": "unknown talk"}, status_code=401)
        body = await within(request, BODY)
        if body is None:
            self.malformed += 1
            return JSONResponse({"error": "too large"}, status_code=413)
        try:
            sending = _sending.decode(body)
        except (msgspec.DecodeError, RecursionError):
            self.malformed += 1
            return JSONResponse({"error": "not understood"}, status_code=400)
        if len(sending.text) > LONGEST:
            return JSONResponse({"error": "too long", "most": LONGEST}, status_code=413)
        something = sending.text.strip() or sending.choice or sending.attachment
        if not something or not ID.fullmatch(sending.id) or len(sending.choice.encode()) > 64:
            self.malformed += 1
            return JSONResponse({"error": "not understood"}, status_code=400)
        incoming = Incoming(
            account=ACCOUNT,
            chat=chat,
            sender=chat,
            text=clean(sending.text),
            choice=sending.choice,
            attachment=self.files.named(chat, sending.attachment),
        )
        if incoming.attachment and guarded(incoming, clock.now()).attachment is None:
            await self.files.forget(incoming.attachment)
        if await self._intake.take([Heard(f"{chat}:{sending.id}", incoming)]):
            kept = {"kept": sending.id}
            masked = guard.mask(incoming.text)
            if masked.found:
                kept["text"] = masked.text  # the browser forgets the secret as well
            return JSONResponse(kept, status_code=202)
        return not_now()

    async def stream(self, request: Request) -> Response:
        """Everything said to these talks after the numbers the browser has, and then as it comes."""
        after: dict[int, int] = {}
        chats: dict[int, str] = {}
        pairs = request.headers.get("toso-talks", "").split(",")
        if len(pairs) > MOST_TALKS:
            return JSONResponse({"error": "too many talks", "most": MOST_TALKS}, status_code=400)
        for pair in pairs:
            token, _, number = pair.strip().partition(" ")
            chat, contact = await self._talk(token)
            if not chat or not NUMBER.fullmatch(number):
                return JSONResponse({"error": "unknown talk"}, status_code=401)
            after[contact], chats[contact] = int(number or 0), chat
        return StreamingResponse(
            self._tell(after, chats),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _tell(self, after: dict[int, int], chats: dict[int, str]) -> AsyncIterator[str]:
        bell = self._mailboxes.enter(after)
        told = None
        try:
            while not self._mailboxes.ended:
                bell.clear()
                if self.demo_clock and (now := clock.now().isoformat(timespec="seconds")[:16]) != told:
                    told = now
                    yield f"event: clock\ndata: {msgspec.json.encode({'now': clock.now()}).decode()}\n\n"
                while rows := await asyncio.to_thread(self._after, dict(after)):
                    things = await asyncio.to_thread(self.files.of, rows)
                    for row in rows:
                        after[row.contact] = row.number
                        if row.message:
                            yield event_of(row, chats[row.contact], things)
                try:
                    await asyncio.wait_for(bell.wait(), self.beat)
                except TimeoutError:
                    yield ": beat\n\n"
        except SQLAlchemyError as error:
            # The page comes back with its number and is told "not now" until the database is there.
            log.warning("a stream ended: the database does not answer: %s", type(error).__name__)
        finally:
            self._mailboxes.leave(after, bell)

    def _after(self, after: dict[int, int]) -> list[Any]:
        """Give what comes next; each talk in the order of its numbers, several as they were said."""
        o = t.outbox.c
        with self._database.read() as connection:
            talks = [
                connection.execute(
                    select(o.contact, o.number, o.message, o.voice, o.again, o.at)
                    .where(o.contact == contact, o.number > number)
                    .order_by(o.number)
                    .limit(PAGE)
                ).all()
                for contact, number in after.items()
            ]
        # A message that was held back has an early time and a late number: merging keeps the numbers' order.
        return list(heapq.merge(*talks, key=lambda row: row.at))

    async def health(self, request: Request) -> Response:
        """Say whether this process can do its work now."""
        try:
            await asyncio.to_thread(self._ask)
        except SQLAlchemyError:
            return PlainTextResponse("the database does not answer\n", status_code=503)
        return PlainTextResponse("ok\n")

    def _ask(self) -> None:
        with self._database.read() as connection:
            connection.execute(select(t.processes.c.id).limit(1))

    async def _talk(self, token: str) -> tuple[str, int]:
        """Give chat and contact of a talk; nothing for a token that opens none (any more)."""
        found = await asyncio.to_thread(self._look_up, hidden(token)) if token else None
        return found or ("", 0)

    def _look_up(self, secret: str) -> tuple[str, int] | None:
        with self._database.read() as connection:
            row = connection.execute(
                select(t.contacts.c.chat, t.contacts.c.id)
                .join(t.web_talks, t.web_talks.c.chat == t.contacts.c.chat)
                .where(t.contacts.c.account == ACCOUNT, t.web_talks.c.secret == secret)
            ).first()
        return (row.chat, row.id) if row else None


def open_talk(connection: Connection, token: str, chat: str = "", conversation: int = 0) -> str:
    """Make a talk that this token opens; give its chat."""
    now = clock.now()
    chat = chat or codes.token()[:16]
    if not conversation:
        conversation = (
            connection.scalar(
                insert(t.conversations)
                .values(person="", talk="", touched=now)
                .returning(t.conversations.c.id)
            )
            or 0
        )
    connection.execute(
        insert(t.contacts).values(account=ACCOUNT, chat=chat, conversation=conversation, heard=now)
    )
    connection.execute(insert(t.web_talks).values(secret=hidden(token), chat=chat, at=now))
    return chat


def hidden(token: str) -> str:
    """Give what is kept of a token: enough to know it again, too little to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def not_now(wait: float = 2, status: int = 503) -> Response:
    """Give the answer that makes a page try again soon."""
    return JSONResponse({"error": "not now"}, status, headers={"Retry-After": str(ceil(wait))})


def bearer(request: Request) -> str:
    """Give the token of an Authorization header; nothing where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def within(request: Request, most: int) -> bytes | None:
    """Give a body of at most so many bytes; None for a larger one, of which no more is read."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            return None
    return body


def clean(text: str) -> str:
    """Give a text without the control characters that no keyboard types."""
    return "".join(letter for letter in text if letter in "\n\t" or letter.isprintable())


def event_of(row: Any, chat: str, things: dict[str, Carried]) -> str:
    """Give a message as an event of the stream."""
    message = _message.decode(row.message)
    data: dict[str, Any] = {
        "chat": chat,
        "number": row.number,
        "text": message.text,
        "choices": [{"data": button.data, "label": button.label} for button in message.choices],
        "letters": message.letters,
        "link": message.link,
        "file": None,
        "media": told(message, things),
        "at": row.at,
        "again": row.again,
        "from": row.voice,
    }
    if message.file is not None:
        content = base64.b64encode(message.file.content).decode()
        data["file"] = {
            "name": message.file.name,
            "kind": message.file.kind,
            "url": f"data:{message.file.kind};base64,{content}",
        }
    return f"event: message\nid: {row.number}\ndata: {msgspec.json.encode(data).decode()}\n\n"


class Careful:
    """Adds the headers that keep a page to itself, and records what went wrong behind it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def out(packet: Packet) -> None:
            nonlocal begun
            if packet["type"] == "http.response.start":
                begun = True
                packet["headers"] = [*packet["headers"], *HEADERS.items()]
                if scope["scheme"] == "https":
                    packet["headers"].append(HTTPS_ONLY)
            await send(packet)

        try:
            await self._app(scope, receive, out)
        except SQLAlchemyError as error:
            log.warning("%s: the database does not answer: %s", scope["path"], type(error).__name__)
            if not begun:
                await not_now()(scope, receive, out)
        except Exception as error:
            log.error("%s failed: %s", scope["path"], where(error))
            if not begun:
                await not_now()(scope, receive, out)


def application(routes: list[Route | Mount]) -> Starlette:
    """Give the web application."""
    return Starlette(routes=routes, middleware=[Middleware(Careful)])
