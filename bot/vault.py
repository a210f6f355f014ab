"""The folder of what people send: each file whole or not there, of a kind that is passed on, known by its content.

Nothing here knows whose a file is; whether it may still be shown is for the database to say.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import shutil
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Literal

import msgspec

from bot import clock, codes
from handlers.records.media import Reason

Kind = Literal["voice", "photo", "video", "file"]

# What is passed on, by the content: never programs, archives, nor anything a browser would run.
TYPES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/ogg": "ogg",
    "audio/x-wav": "wav",
    "video/mp4": "mp4",
    "application/pdf": "pdf",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/plain": "txt",
}
FAMILY = {"photo": "image/", "voice": "audio/", "video": "video/"}
HEAD = 8192  # bytes by which most kinds are known
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what DOC and XLS begin with
WORD, EXCEL = (name.encode("utf-16-le") for name in ("WordDocument", "Workbook"))
MOST_ENTRIES = 2000  # in a DOCX or XLSX; more is no document
Way = Literal["media", "files"]  # the two addresses: for a platform that fetches, and for a person who opens
HOLDS: dict[Way, timedelta] = {"media": timedelta(hours=1), "files": timedelta(hours=24)}
WAITS = timedelta(days=2)  # for the message that goes with an uploaded file
PART = ".part"
CODE = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Unfit(Exception):
    """This is not kept, now or later."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Found(msgspec.Struct, frozen=True):
    """What a kept file turned out to be."""

    kind: Kind
    name: str
    type: str
    size: int


class Waiting(msgspec.Struct, frozen=True):
    """What has been uploaded and is named by no message yet, and the room that is left."""

    files: int  # of one talk
    whole: int  # bytes, of all talks together
    free: int  # bytes on the disk


class Vault:
    """Files by their codes; only the owner of the process may read the folder."""

    def __init__(self, folder: Path, most: int, store: str = "") -> None:
        self._folder = folder
        self._store = store  # the database whose files these are, in words of its own
        self.most = most  # bytes of one file
        self._secret = b""

    def path(self, code: str) -> Path:
        """Give where the file of a code lies, or will lie."""
        if not CODE.fullmatch(code):
            raise ValueError("no code")
        return self._folder / "kept" / code[:2] / code

    async def keep(self, code: str, pieces: AsyncIterator[bytes], kind: Kind, name: str) -> Found:
        """Keep what comes piece by piece; raise Unfit where it may not be kept, and leave nothing behind."""
        part = await self._written(self.path(code), pieces)
        with _whole_or_nothing(part):
            found = await asyncio.to_thread(examine, part, kind, name)
            await asyncio.to_thread(_settle, part)
        return found

    async def receive(self, ref: str, pieces: AsyncIterator[bytes], name: str = "") -> None:
        """Keep what a browser uploads until its message names it; raise Unfit where it may not be kept."""
        part = await self._written(self._sent(ref), pieces)
        with _whole_or_nothing(part):
            await asyncio.to_thread(examine, part, "file", name)
            await asyncio.to_thread(_settle, part)

    def waiting(self, owner: str) -> Waiting:
        """Say what has been uploaded and not yet named by a message, what is under way included."""
        files = whole = 0
        for path in self._folder.glob("sent/*"):
            with suppress(FileNotFoundError):  # its message has come meanwhile
                whole += path.stat().st_size
                files += path.name.startswith(f"{owner}-")
        here = next(place for place in (self._folder, *self._folder.absolute().parents) if place.exists())
        return Waiting(files, whole, shutil.disk_usage(here).free)

    async def sent(self, ref: str) -> AsyncIterator[bytes]:
        """Give what was uploaded, piece by piece; raise Unfit where it is not there any more."""
        try:
            file = await asyncio.to_thread(self._sent(ref).open, "rb")
        except (OSError, ValueError):
            raise Unfit("lost") from None
        with file:
            while piece := await asyncio.to_thread(file.read, 64 * 1024):
                yield piece

    def forget_sent(self, ref: str) -> None:
        """Remove what was uploaded."""
        if CODE.fullmatch(ref):
            self._sent(ref).unlink(missing_ok=True)

    def remove(self, code: str) -> None:
        """Remove a file; nothing happens where there is none."""
        path = self.path(code)
        path.unlink(missing_ok=True)
        path.with_name(path.name + PART).unlink(missing_ok=True)

    def ours(self) -> bool:
        """Say whether the folder belongs to this database, so that what it does not know is nobody's."""
        try:
            return (self._folder / "store").read_text("utf-8") == self._mark()
        except FileNotFoundError:
            return False

    def _mark(self) -> str:
        return hashlib.sha256(self._store.encode()).hexdigest()

    def codes(self) -> list[str]:
        """Give the code of every file there is, those begun and never finished too."""
        return [path.name.removesuffix(PART) for path in self._folder.glob("kept/*/*")]

    def sweep_sent(self) -> None:
        """Remove what was uploaded long ago and never named by a message."""
        before = (clock.now() - WAITS).timestamp()
        for path in self._folder.glob("sent/*"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)

    def _sent(self, ref: str) -> Path:
        if not CODE.fullmatch(ref):
            raise ValueError("no handle")
        return self._folder / "sent" / ref

    def _make(self, folder: Path) -> None:
        """Make a folder that only we may read, and those above it."""
        if not self._folder.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._once("store", self._mark())
        for place in (*reversed(folder.parents), folder):
            if place.is_relative_to(self._folder):
                place.mkdir(mode=0o700, exist_ok=True)

    async def _written(self, target: Path, pieces: AsyncIterator[bytes]) -> Path:
        self._make(target.parent)
        part = target.with_name(target.name + PART)
        with _whole_or_nothing(part), part.open("wb") as file:
            async for piece in self._limited(pieces):
                file.write(piece)
        return part

    async def _limited(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Give what comes; raise Unfit when it is too much, or nothing at all."""
        size = 0
        async for piece in pieces:
            size += len(piece)
            if size > self.most:
                raise Unfit("large")
            yield piece
        if not size:
            raise Unfit("lost")

    # --- addresses by which a platform fetches for itself, or a person opens what their platform does not show ---

    def ticket(self, code: str, way: Way) -> str:
        """Give the last part of an address that gives this file to anybody, for as long as that way holds."""
        until = int((clock.now() + HOLDS[way]).timestamp())
        return f"{code}.{until}.{self._sign(f'{way}.{code}.{until}')}"

    def shown(self, ticket: str, way: Way) -> str:
        """Give the code of a ticket; nothing for one that is false, over, or for the other way."""
        its, _, sign = ticket.rpartition(".")
        code, _, until = its.rpartition(".")
        right = self._sign(f"{way}.{its}")
        if not hmac.compare_digest(sign.encode(), right.encode()) or not until.isdigit():
            return ""
        return code if int(until) >= clock.now().timestamp() else ""

    def _sign(self, words: str) -> str:
        return hmac.new(self._key(), words.encode(), hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        """Give the secret of this folder, the same for every process; it is made when first asked for."""
        if not self._secret:
            path = self._folder / "key"
            if not path.exists():
                self._make(self._folder)
                self._once("key", codes.token())
            self._secret = path.read_bytes()
        return self._secret

    def _once(self, name: str, words: str) -> None:
        """Write a file that is not there yet; of several processes the first decides."""
        fresh = self._folder / f"{name}-{codes.token()}"
        fresh.touch(mode=0o600)
        fresh.write_text(words, "utf-8")
        with suppress(FileExistsError):
            os.link(fresh, self._folder / name)
        fresh.unlink()


def examine(path: Path, kind: Kind, name: str) -> Found:
    """Say what a file is by its content; raise Unfit for a kind that is not passed on."""
    type_ = _type(path)
    if type_ is None:
        raise Unfit("kind")
    if kind in FAMILY and not type_.startswith(FAMILY[kind]):
        kind = "file"
    return Found(kind, _named(name, TYPES[type_]), type_, path.stat().st_size)


def _type(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(OLE):
        return _old_office(path)
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    if head.startswith(b"OggS"):
        return "audio/ogg" if b"OpusHead" in head[:128] or b"vorbis" in head[:128] else None
    import filetype  # not before something is sent: starting is to be quick

    guessed = filetype.guess_mime(head)
    if guessed is None:
        return "text/plain" if _plain(path) else None
    if guessed == "video/x-m4v":
        guessed = "video/mp4"
    return guessed if guessed in TYPES else None


def _office(path: Path) -> str | None:
    """Tell a document from any other archive; one with macros is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if len(names) > MOST_ENTRIES or any(name.casefold().endswith("vbaproject.bin") for name in names):
        return None
    if "[Content_Types].xml" not in names:
        return None
    begin = "application/vnd.openxmlformats-officedocument."
    if "word/document.xml" in names:
        return f"{begin}wordprocessingml.document"
    return f"{begin}spreadsheetml.sheet" if "xl/workbook.xml" in names else None


def _old_office(path: Path) -> str | None:
    content = path.read_bytes()
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        return None
    if WORD in content:
        return "application/msword"
    return "application/vnd.ms-excel" if EXCEL in content else None


def _plain(path: Path) -> bool:
    """Say whether a file is nothing but words: no markup and no script."""
    try:
        words = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        return False
    begin = words.lstrip()[:2]
    marks = all(letter.isprintable() or letter in "\n\r\t\ufeff" for letter in words)
    return marks and not begin.startswith("<") and begin != "#!"


def _named(name: str, ending: str) -> str:
    """Give a file name that says nothing else than the content does."""
    stem = "".join(letter for letter in Path(name.replace("\\", "/")).name if letter.isprintable())
    if Path(stem).suffix.casefold() in (f".{ending}", ".jpeg" if ending == "jpg" else ""):
        stem = Path(stem).stem
    return f"{stem[:100].strip(' .') or 'toso'}.{ending}"


@contextmanager
def _whole_or_nothing(part: Path) -> Iterator[None]:
    """Remove what was begun unless it is carried through, whatever comes in between."""
    whole = False
    try:
        yield
        whole = True
    finally:
        if not whole:
            part.unlink(missing_ok=True)


def _settle(part: Path) -> None:
    """Give a whole file its name, so that it is there after a power cut as well."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(part.with_name(part.name.removesuffix(PART)))
    folder = os.open(part.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def size_of(folder: Path) -> tuple[int, int]:
    """Give how many files a media folder holds, and their bytes."""
    sizes = [path.stat().st_size for path in _files(folder)]
    return len(sizes), sum(sizes)


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.glob("*/**/*") if path.is_file())
