"""One call for a new token pair, in a process of its own: `python -m bot.renewal`, with the task on its input.

A refresh token holds once.  Were the call made by the service itself, a service killed between the platform's
answer and the keeping of it would have lost its account.  This process outlives it: it puts the pair on the
disk before it says a word, and holds the keeper's lock (inherited, and let go of by its end) for so long.  The
room on the disk is taken before the call; where there is none, nothing is asked.  It knows neither database nor
settings.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

import httpx
import msgspec

SECONDS = 20.0  # for the whole call
LIFE = 90_000  # seconds that an access token holds, where the platform does not say
ROOM = 2**16  # bytes; a pair is far shorter


class Task(msgspec.Struct, frozen=True):
    """What to ask, and where to put what is given."""

    url: str
    secret: str  # of the app; goes into the header
    form: dict[str, str]
    path: str
    before: str  # the refresh token that this uses up; nothing for a code
    begun: datetime
    seconds: float = SECONDS


class Given(msgspec.Struct, frozen=True):
    """A pair as it lies on the disk until the database has it."""

    before: str
    access: str
    refresh: str
    since: datetime
    life: int  # seconds


class Outcome(msgspec.Struct, frozen=True):
    """How it went; no words of it hold a token."""

    state: Literal["given", "refused", "unsent", "unknown", "full"]
    words: str = ""
    given: Given | None = None  # a pair that the disk did not take after all


def ask(task: Task) -> Outcome:
    """Make the call, and put the pair that it gives on the disk; without room for it no call is made."""
    try:
        place = Place(Path(task.path))
    except OSError as error:
        return Outcome("full", error.strerror or type(error).__name__)
    try:
        return _asked(task, place)
    finally:
        place.leave()


def _asked(task: Task, place: Place) -> Outcome:
    try:
        answer = asyncio.run(_posted(task))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        return Outcome("unsent", type(error).__name__)
    except (httpx.HTTPError, TimeoutError) as error:
        return Outcome("unknown", type(error).__name__)
    try:
        said = msgspec.json.decode(answer.content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        said = None
    if not isinstance(said, dict):
        return Outcome("unknown", f"HTTP {answer.status_code}")
    access, refresh = said.get("access_token"), said.get("refresh_token")
    if isinstance(access, str) and isinstance(refresh, str) and access and refresh:
        given = Given(task.before, access, refresh, task.begun, _life(said.get("expires_in")))
        try:
            place.keep(given)
        except OSError as error:
            # The platform gives it once: whoever asked is its last chance.
            return Outcome("given", error.strerror or type(error).__name__, given)
        return Outcome("given")
    if "error" in said:
        words = f"{said['error']} {said.get('error_name') or said.get('error_description') or ''}".strip()
        for secret in (task.secret, *task.form.values()):
            words = words.replace(secret, "…") if len(secret) > len("refresh_token") else words
        return Outcome("refused", words[:120])
    return Outcome("unknown", f"HTTP {answer.status_code} without a pair")


async def _posted(task: Task) -> httpx.Response:
    # The library's own limit is for each piece of an answer, and a line that drips would hold the lock for ever.
    limit = httpx.Timeout(task.seconds, connect=task.seconds / 2)
    async with asyncio.timeout(task.seconds), httpx.AsyncClient(timeout=limit) as client:
        return await client.post(task.url, data=task.form, headers={"secret_key": task.secret})


class Place:
    """Room on the disk for one pair, which goes there whole or not at all, for nobody else to read."""

    def __init__(self, path: Path) -> None:
        """Take the room; OSError where there is none."""
        self._path = path
        self._new = path.with_suffix(".new")
        self._new.unlink(missing_ok=True)
        self._file = os.open(self._new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.posix_fallocate(self._file, 0, ROOM)
            os.fsync(self._file)
            _flush(path.parent)
        except OSError:
            self.leave()
            raise

    def keep(self, given: Given) -> None:
        """Put a pair into the room; OSError where the disk takes it not even so."""
        words = msgspec.json.encode(given)
        if os.pwrite(self._file, words, 0) < len(words):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.ftruncate(self._file, len(words))
        os.fsync(self._file)
        self._new.replace(self._path)
        _flush(self._path.parent)

    def leave(self) -> None:
        """Give back what was not used."""
        os.close(self._file)
        with suppress(OSError):
            self._new.unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _life(said: object) -> int:
    """Read seconds, which come as a string."""
    words = str(said)
    return int(words) if words.isascii() and words.isdigit() and 0 < int(words) < 10**8 else LIFE


def main() -> None:
    """Do the task, unless it never came whole: whoever wanted it is dead, and nothing has been used up."""
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # a service that is stopped waits these few seconds
    try:
        task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    except msgspec.MsgspecError:
        return
    outcome = msgspec.json.encode(ask(task))
    try:
        sys.stdout.buffer.write(outcome)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(0)  # nobody listens any more; the pair is on the disk


if __name__ == "__main__":
    main()
