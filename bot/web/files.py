"""Photos, voice notes and files of the web chat: sent by one talk, shown only to whom they were passed on to."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import unquote

import msgspec
from sqlalchemy import select
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bot import codes
from bot.channels import Carried
from bot.media import Carrier
from bot.store import tables as t
from bot.store.database import Database
from bot.vault import CODE, Unfit, Vault, Waiting
from handlers.rules import papers
from handlers.talk import Attachment, Message

WAITING = 10  # files of one talk that no message has named yet
IN_ALL = 50  # of the largest size, of all talks together
SPARE = 500 * 2**20  # bytes of the disk that are left to the database, however much is uploaded
INLINE = re.compile(r"(?:image|audio|video)/.*")
UNFIT = {"large": 413, "kind": 415, "lost": 400}

log = logging.getLogger(__name__)

_message = msgspec.json.Decoder(Message)


class Files:
    """The routes of what is not words."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        carrier: Carrier,
        talk: Callable[[Request], Awaitable[tuple[str, int]]],
    ) -> None:
        self._database = database
        self._vault = vault
        self._carrier = carrier
        self._talk = talk  # gives chat and contact of whoever asks
        self._coming = 0  # bytes that uploads under way may still bring
        self._full = False

    def routes(self) -> list[Route]:
        """Give them."""
        return [
            Route("/web/media", self.receive, methods=["POST"]),
            Route("/web/media/{code}", self.show),
            Route("/media/{ticket}", self.show_to_a_platform),
            Route("/files/{ticket}", self.open_for_anybody),
        ]

    async def receive(self, request: Request) -> Response:
        """Keep what a browser uploads; 201 with the handle that its message will name it by."""
        chat, _ = await self._talk(request)
        if not chat:
            return JSONResponse({"error": "unknown talk"}, status_code=401)
        name = unquote(request.headers.get("toso-name", ""))
        if papers.marked_secret(name, file=True):
            return JSONResponse({"error": "marked"}, status_code=422)
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._vault.most:
            return JSONResponse({"error": "large", "most": self._vault.most}, status_code=413)
        owner = owner_of(chat)
        waiting = await asyncio.to_thread(self._vault.waiting, owner)
        if waiting.files >= WAITING:
            return JSONResponse({"error": "too many files"}, status_code=429)
        size = int(length) or self._vault.most
        if not self._has_room(waiting, size):
            return JSONResponse({"error": "no room"}, status_code=507)
        ref = codes.token()
        self._coming += size
        try:
            await self._vault.receive(f"{owner}-{ref}", request.stream(), name)
        except Unfit as unfit:
            return JSONResponse(
                {"error": unfit.reason, "most": self._vault.most}, status_code=UNFIT[unfit.reason]
            )
        except ClientDisconnect:
            return Response(status_code=400)
        finally:
            self._coming -= size
        return JSONResponse({"ref": ref}, status_code=201)

    def _has_room(self, waiting: Waiting, size: int) -> bool:
        """Say whether one more file may come: what strangers upload must not fill the office's disk."""
        more = self._coming + size
        room = waiting.whole + more <= IN_ALL * self._vault.most and waiting.free - more >= SPARE
        if not room and not self._full:
            log.error(
                "MEDIA_FOLDER takes no more files from pages: %s MB wait there for their messages, %s MB are free.",
                waiting.whole // 2**20, waiting.free // 2**20,
            )  # fmt: skip
        self._full = not room
        return room

    def named(self, chat: str, thing: Attachment | None) -> Attachment | None:
        """Give what a message names as it may be stored: a talk reaches only what it has sent itself."""
        if thing is None:
            return None
        ref = f"{owner_of(chat)}-{thing.ref}" if CODE.fullmatch(thing.ref) else ""
        name = "".join(letter for letter in thing.name if letter.isprintable())
        return Attachment(thing.kind, ref if len(ref) <= 64 else "", name[:200], max(0, thing.size))

    async def forget(self, thing: Attachment) -> None:
        """Remove what was uploaded with a message that was refused."""
        await asyncio.to_thread(self._vault.forget_sent, thing.ref)

    async def show(self, request: Request) -> Response:
        """Give a file to the talk it was passed on to, and to no other."""
        chat, contact = await self._talk(request)
        if not chat:
            return JSONResponse({"error": "unknown talk"}, status_code=401)
        code = request.path_params["code"]
        theirs = CODE.fullmatch(code) is not None and await asyncio.to_thread(self._passed_on, contact, code)
        return served(await self._carrier.carried(code) if theirs else None)

    async def show_to_a_platform(self, request: Request) -> Response:
        """Give a photo or voice note to a platform that was sent its address within the last hour."""
        return served(await asyncio.to_thread(self._carrier.shown, request.path_params["ticket"], "media"))

    async def open_for_anybody(self, request: Request) -> Response:
        """Give a file, to be saved, to whoever was sent its address within the last day."""
        found = await asyncio.to_thread(self._carrier.shown, request.path_params["ticket"], "files")
        return served(found, attached=True)

    def _passed_on(self, contact: int, code: str) -> bool:
        o = t.outbox.c
        with self._database.read() as connection:
            found = connection.execute(
                select(o.id)
                .where(
                    o.contact == contact,
                    o.number.is_not(None),
                    o.message.contains(f'"media":"{code}"', autoescape=True),
                )
                .limit(1)
            ).first()
        return found is not None

    def of(self, rows: Iterable[Any]) -> dict[str, Carried]:
        """Give the files that go with these messages, by their codes."""
        wanted = {_message.decode(row.message).media for row in rows if '"media":"' in row.message}
        return {code: found for code in wanted if code and (found := self._carrier.find(code))}


def owner_of(chat: str) -> str:
    """Give the beginning of the handles of a talk's files, which says nothing about the talk."""
    return hashlib.sha256(chat.encode()).hexdigest()[:20]


def served(file: Carried | None, *, attached: bool = False) -> Response:
    """Give a file as a page may show it, or as one to be saved; or not found."""
    if file is None:
        return JSONResponse({"error": "not found"}, status_code=404)
    return FileResponse(
        file.path,
        media_type=file.type,
        filename=file.name,
        content_disposition_type="inline" if INLINE.fullmatch(file.type) and not attached else "attachment",
        headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"},
    )


def told(message: Message, files: dict[str, Carried]) -> dict[str, object] | None:
    """Give what a page is told of the file that goes with a message."""
    file = files.get(message.media)
    if file is None:
        return None
    return {"code": message.media, "kind": file.kind, "name": file.name, "type": file.type, "size": file.size}
