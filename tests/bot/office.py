"""An office's own folder, and the real command `toso` in it, in processes of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from bot.settings import FIELDS

HOUSE = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds for a process, on however busy a machine


class Finished(msgspec.Struct, frozen=True):
    """What a command left behind."""

    status: int
    out: str
    err: str


class Office:
    """A folder with settings and data, where nothing else is set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, settings: str) -> Path:
        """Write toso.toml."""
        path = self.folder / "toso.toml"
        path.write_text(settings, "utf-8")
        return path

    def toso(self, *words: str, typed: str | bytes = "", **settings: str) -> Finished:
        """Run the command to its end."""
        given = typed.encode() if isinstance(typed, str) else typed
        done = subprocess.run(
            self._command(*words),
            cwd=self.folder, env=_environment(settings), input=given, capture_output=True, timeout=PATIENCE,
        )  # fmt: skip
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())

    @contextmanager
    def running(self, *, ready: bool = True, **settings: str) -> Iterator[Running]:
        """Let `toso run` serve on a free port."""
        settings.setdefault("port", str(free_port()))
        process = subprocess.Popen(
            self._command("run"),
            cwd=self.folder, env=_environment(settings), stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        running = Running(process, f"http://127.0.0.1:{settings['port']}")
        try:
            if ready:
                running.says("ready on")
            yield running
        finally:
            running.stop()

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bot", *words]


class Running:
    """A process of `toso run`."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self.url = url
        self.log: list[str] = []
        self._came = threading.Condition()
        assert process.stderr is not None
        self._reader = threading.Thread(target=self._read, args=(process.stderr,))
        self._reader.start()

    def says(self, words: str, *, times: int = 1) -> None:
        """Wait until the log has a line with these words so many times."""
        with self._came:
            if not self._came.wait_for(lambda: self.logged(words) >= times or self._over, timeout=PATIENCE):
                raise AssertionError(f"never said “{words}”:\n" + "".join(self.log))
            assert self.logged(words) >= times, f"ended without “{words}”:\n" + "".join(self.log)

    def logged(self, words: str) -> int:
        """Count the lines with these words."""
        return sum(words in line for line in self.log)

    def stop(self) -> int:
        """End it as systemd does, and give its exit status."""
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status

    @property
    def _over(self) -> bool:
        return self.process.poll() is not None and not self._reader.is_alive()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                with self._came:
                    self.log.append(line.decode())
                    self._came.notify_all()
        with self._came:
            self._came.notify_all()


def free_port() -> int:
    """Give a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _environment(settings: dict[str, str]) -> dict[str, str]:
    ours = {name.upper() for name in FIELDS} | {"TOSO_SETTINGS"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    named = {name.upper(): value for name, value in settings.items()}
    return kept | {"PYTHONPATH": str(HOUSE), "COLUMNS": "200"} | named
