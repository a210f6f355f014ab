"""A small server of the web chat's protocol whose answers a test writes down beforehand."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote

import msgspec
import uvicorn
from playwright.sync_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.responses import Response as Answer
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from bot.web.pages import Pages
from bot.web.server import Careful
from handlers.turn import Office as Facts
from tests.simulators.serving import Server

PEOPLE = (
    {"name": "Minh", "role": "người dân", "place": "phường Đông Ngạc"},
    {"name": "Chị Hường", "role": "thành viên tổ", "place": "tổ dân phố 7, phường Đông Ngạc"},
    {"name": "Chị Hạnh", "role": "cán bộ báo cáo", "place": "xã Ứng Hòa"},
    {"name": "Anh Lâm", "role": "lãnh đạo", "place": "xã Ứng Hòa"},
)

Said = dict[str, Any]


class Sent(msgspec.Struct):
    """A file that a page has brought."""

    name: str
    type: str
    content: bytes


class Office:
    """The server; its pages and their headers are the real ones."""

    def __init__(self) -> None:
        self.busy = 0  # so many messages are answered "not now"
        self.talks: dict[str, str] = {}  # token: chat
        self.said: dict[str, list[Said]] = {}  # chat: what the bot said
        self.heard: list[tuple[str, Said]] = []  # every message stored, once
        self.posted: list[str] = []  # the id of every message posted, repeats included
        self.answers: dict[str, list[Said]] = {}  # to a text or a choice
        self.masked: dict[str, Said] = {}  # what the guard made of a text
        self.story: list[Said] = []
        self.moves: list[str] = []
        self.open = 0  # streams
        self.twice = False  # every message is streamed twice, in crumbs of a few bytes
        self.now = "2026-11-16T08:00:00+07:00"
        self.brought: dict[str, Sent] = {}  # files, by the handle they were given
        self.media: dict[str, Sent] = {}  # files that a page may fetch, by code
        self.fetched: list[str] = []
        self.refuses = 0  # the status of every file brought, where it is not taken
        self.wire: list[tuple[str, int]] = []  # address and bytes of every answer's body
        self.pages = Pages(lambda: Facts(name="UBND phường Đông Ngạc"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        routes = [
            *self.pages.routes(),
            Route("/demo", self.demo),
            Route("/demo/clock", self.clock, methods=["POST"]),
            Route("/demo/story", self.tell_story),
            Route("/web/talks", self.begin, methods=["POST"]),
            Route("/web/messages", self.hear, methods=["POST"]),
            Route("/web/media", self.take_file, methods=["POST"]),
            Route("/web/media/{code}", self.give_file),
            Route("/web/stream", self.stream),
            Route("/files/draft.txt", lambda request: PlainTextResponse("bản nháp")),
        ]
        served = Careful(Starlette(routes=routes))

        async def weighed(scope: Scope, receive: Receive, send: Send) -> None:
            async def out(packet: Message) -> None:
                if body := packet.get("body"):
                    self.wire.append((scope["path"], len(body)))
                await send(packet)

            await served(scope, receive, out)

        config = uvicorn.Config(weighed, log_level="critical", ws="none", lifespan="off", loop="asyncio")
        self.server = Server(config)
        listening = socket.create_server(("127.0.0.1", self.port))
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # see tests/simulators/serving.py
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listening]})
        self.thread.start()

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()

    async def demo(self, request: Request) -> Answer:
        phones = []
        for number, person in enumerate(PEOPLE, 1):
            token, chat = f"token-{number}", f"web:{number}"
            self.talks[token] = chat
            self.said.setdefault(chat, [])
            phones.append({"token": token, "chat": chat, "lang": "vi", **person})
        return self.pages.render("demo.html", phones=phones)

    async def clock(self, request: Request) -> Answer:
        self.moves.append((await request.json())["move"])
        self.now = "2026-11-17T08:00:00+07:00"
        for answer in self.answers.get("the clock moves", []):
            self.say(**answer)
        return JSONResponse({"now": self.now})

    async def tell_story(self, request: Request) -> Answer:
        return JSONResponse(self.story)

    async def begin(self, request: Request) -> Answer:
        number = len(self.talks) + 1
        self.talks[f"token-{number}"] = f"web:{number}"
        self.said[f"web:{number}"] = []
        return JSONResponse({"token": f"token-{number}", "chat": f"web:{number}"}, 201)

    def chat_of(self, request: Request) -> str | None:
        return self.talks.get(request.headers.get("Authorization", "").removeprefix("Bearer "))

    async def hear(self, request: Request) -> Answer:
        chat = self.chat_of(request)
        message = await request.json()
        self.posted.append(message["id"])
        if self.busy:
            self.busy -= 1
            return PlainTextResponse("not now", 503)
        if chat is None:
            return PlainTextResponse("unknown talk", 401)
        if "attachment" in message and message["attachment"].get("ref") not in self.brought:
            return PlainTextResponse("unknown file", 400)
        if all(message["id"] != known["id"] for _, known in self.heard):
            self.heard.append((chat, message))
            words = message.get("text") or message.get("choice") or message["attachment"]["kind"]
            for answer in self.answers.get(words, [{"text": f"Đã nhận: {words}"}]):
                self.say(**{"chat": chat, **answer})
        return JSONResponse({"kept": message["id"], **self.masked.get(message.get("text", ""), {})}, 202)

    async def take_file(self, request: Request) -> Answer:
        content = await request.body()
        if self.chat_of(request) is None:
            return PlainTextResponse("unknown talk", 401)
        if self.refuses:
            return PlainTextResponse("not taken", self.refuses)
        ref = f"ref-{len(self.brought) + 1}"
        name = unquote(request.headers["toso-name"])
        self.brought[ref] = Sent(name, request.headers["content-type"], content)
        return JSONResponse({"ref": ref}, 201)

    async def give_file(self, request: Request) -> Answer:
        if self.chat_of(request) is None:
            return PlainTextResponse("unknown talk", 401)
        file = self.media.get(request.path_params["code"])
        if file is None:
            return PlainTextResponse("not found", 404)
        self.fetched.append(request.path_params["code"])
        return Answer(file.content, media_type=file.type, headers={"Content-Disposition": "attachment"})

    def keep(self, code: str, kind: str, file: Sent) -> Said:
        """Keep a file that a page may fetch; give what a message says of it."""
        self.media[code] = file
        return {"code": code, "kind": kind, "name": file.name, "type": file.type, "size": len(file.content)}

    def say(self, chat: str, **message: object) -> None:
        number = len(self.said[chat]) + 1
        blank = {"choices": [], "letters": False, "link": "", "file": None, "again": False, "from": ""}
        self.said[chat].append({"chat": chat, "number": number, "at": self.now, **blank, **message})

    async def stream(self, request: Request) -> Answer:
        asked = [part.split() for part in request.headers["Toso-Talks"].split(",")]
        if any(token not in self.talks for token, _ in asked):
            return PlainTextResponse("unknown talk", 401)
        after = {self.talks[token]: int(number) for token, number in asked}
        return StreamingResponse(self.events(after), media_type="text/event-stream")

    async def events(self, after: dict[str, int]) -> AsyncIterator[bytes]:
        self.open += 1
        try:
            yield b": beat\n\n"
            yield event("clock", {"now": self.now})
            while not self.server.should_exit:
                for chat, number in after.items():
                    for message in list(self.said[chat][number:]):
                        block = event("message", message, message["number"]) * (2 if self.twice else 1)
                        for start in range(0, len(block), 7 if self.twice else len(block)):
                            yield block[start : start + (7 if self.twice else len(block))]
                        after[chat] = message["number"]
                await asyncio.sleep(0.01)
        finally:
            self.open -= 1

    @property
    def texts(self) -> list[str]:
        return [message.get("text") or message.get("choice") or "" for _, message in self.heard]


def event(kind: str, data: object, number: int = 0) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (kind.encode(), number, msgspec.json.encode(data))


def choices(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"data": data, "label": label} for data, label in pairs]


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name="Gửi", exact=True).click()


def bubbles(page: Page) -> list[str]:
    return page.locator(".bubble").all_inner_texts()
