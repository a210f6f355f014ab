"""A process killed while it fetches, or between the file and its row, brings every file once and leaves no other."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from bot.store import tables as t
from bot.store.database import Database
from bot.store.media import StoredMedia
from handlers.talk import Attachment, Incoming
from tests.bot import things
from tests.bot.crash_worker import ACCOUNT
from tests.bot.office import free_port
from tests.bot.test_crash import HOUSE
from tests.simulators.serving import Serving

PHOTOS = 12
PIECES = 20
PIECE = b"\x00" * 4096
# Before which piece of the photo with this number, counted as they are asked for, the process dies.
KILLS = {1: 0, 5: PIECES // 2, 9: PIECES - 1, 13: PIECES, 17: PIECES}
NOW = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)


class Source:
    """Serves photos, and kills whoever fetches them."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.asked = 0
        self.kills = 0
        self.died = threading.Event()

    async def photo(self, request: Request) -> StreamingResponse:
        self.asked += 1
        return StreamingResponse(self._pieces(KILLS.get(self.asked)))

    async def _pieces(self, deadly: int | None) -> AsyncIterator[bytes]:
        for place in range(PIECES):
            self._kill(place == deadly)
            yield things.PNG if place == 0 else PIECE
            await asyncio.sleep(0)
        self._kill(deadly == PIECES)

    def _kill(self, now: bool) -> None:
        if now and self.process is not None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.kills += 1
            self.died.set()


def test_a_process_killed_while_it_fetches_brings_every_photo_once(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(url)
    with database.write() as connection:
        media = StoredMedia(connection, NOW)
        for number in range(PHOTOS):
            thing = Attachment("photo", str(number), f"{number}.png")
            event = Incoming(account=ACCOUNT, chat="lan", sender="lan", attachment=thing)
            media.want(media.note(event, 1), f"request:{number % 3}")
    kept = tmp_path / "media" / "kept"
    (tmp_path / "media").mkdir()
    mark = hashlib.sha256(database.name.encode()).hexdigest()
    (tmp_path / "media" / "store").write_text(mark, "utf-8")
    for orphan in (kept / "ab" / ("ab" + "c" * 30), kept / "cd" / ("cd" + "e" * 30 + ".part")):
        orphan.parent.mkdir(parents=True)
        orphan.write_bytes(b"nobody's")

    source = Source()
    serving = Serving(Starlette(routes=[Route("/{name}", source.photo)]))
    come: list[str] = []
    try:
        while len(come) < PHOTOS:
            source.died.clear()
            source.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.bot.media_worker",
                    url,
                    str(free_port()),
                    str(tmp_path),
                    serving.url,
                ],
                cwd=HOUSE,
            )
            while not source.died.wait(0.1) and len(come) < PHOTOS and source.process.poll() is None:
                come = noted(database)
            if len(come) < PHOTOS:
                assert source.process.wait(60) == -signal.SIGKILL
                come = noted(database)
        assert source.process is not None
        source.process.terminate()
        assert source.process.wait(60) == 0
    finally:
        if source.process is not None and source.process.poll() is None:
            source.process.kill()
        serving.stop()
    assert Counter(noted(database)) == Counter(f"kept {number}.png" for number in range(PHOTOS))
    with database.read() as connection:
        codes = set(connection.scalars(select(t.media.c.code).where(t.media.c.state == "kept")))
    files = {path.name: path for path in kept.rglob("*") if path.is_file()}
    assert files.keys() == codes
    assert len(codes) == PHOTOS
    whole = things.PNG + PIECE * (PIECES - 1)
    assert all(path.read_bytes() == whole for path in files.values())
    assert source.kills >= 4
    database.close()
    with capsys.disabled():
        print(
            f"\n{PHOTOS} photos fetched {source.asked} times over {source.kills} kills; each told once, no orphan"
        )


def noted(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(t.audit.c.done)))
