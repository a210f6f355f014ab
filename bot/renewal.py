"""One call for a new token pair, in a process of its own: `python -m bot.renewal`, with the task on its input.

A refresh token holds once.  Were the call made by the service itself, a service killed between the platform's
answer and the keeping of it would have lost its account.  This process outlives it: it puts the pair on the
disk before it says a word, and holds the keeper's lock (inherited, and let go of by its end) for so long.  It
knows neither database nor settings.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Literal

import httpx
import msgspec

SECONDS = 20.0  # for the whole call
LIFE = 90_000  # seconds that an access token holds, where the platform does not say


class Task(msgspec.Struct, frozen=True):
    """What to ask, and where to put what is given."""

    url: str
    secret: str  # of the app; goes into the header
    form: dict[str, str]
    path: str
    before: str  # the refresh token that this uses up; nothing for a code
    begun: datetime


class Given(msgspec.Struct, frozen=True):
    """A pair as it lies on the disk until the database has it."""

    before: str
    access: str
    refresh: str
    since: datetime
    life: int  # seconds


class Outcome(msgspec.Struct, frozen=True):
    """How it went, without any token."""

    state: Literal["given", "refused", "unsent", "unknown"]
    words: str = ""


def ask(task: Task) -> Outcome:
    """Make the call, and put the pair that it gives on the disk."""
    try:
        answer = httpx.post(
            task.url,
            data=task.form,
            headers={"secret_key": task.secret},
            timeout=SECONDS,
            follow_redirects=False,
        )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        return Outcome("unsent", type(error).__name__)
    except httpx.HTTPError as error:
        return Outcome("unknown", type(error).__name__)
    try:
        said = msgspec.json.decode(answer.content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        said = None
    if not isinstance(said, dict):
        return Outcome("unknown", f"HTTP {answer.status_code}")
    access, refresh = said.get("access_token"), said.get("refresh_token")
    if isinstance(access, str) and isinstance(refresh, str) and access and refresh:
        keep(Path(task.path), Given(task.before, access, refresh, task.begun, _life(said.get("expires_in"))))
        return Outcome("given")
    if "error" in said:
        words = f"{said['error']} {said.get('error_name') or said.get('error_description') or ''}".strip()
        for secret in (task.secret, *task.form.values()):
            words = words.replace(secret, "…") if len(secret) > len("refresh_token") else words
        return Outcome("refused", words[:120])
    return Outcome("unknown", f"HTTP {answer.status_code} without a pair")


def keep(path: Path, given: Given) -> None:
    """Put a pair on the disk, whole or not at all, for nobody else to read."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, msgspec.json.encode(given))
        os.fsync(file)
    finally:
        os.close(file)
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
