"""How long `toso run` takes from start to ready, and how much memory it holds then."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

import psutil

PATIENCE = 30.0  # seconds
PAUSE = 0.01


class Started(NamedTuple):
    """What one start took."""

    seconds: float  # until /health answers
    processor: float  # seconds of it that the processor worked for this process
    memory: float  # resident megabytes then
    sdk: bool  # aiogram's pydantic was loaded


def started(folder: Path) -> Started:
    """Start `toso run`, wait until it is ready, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE": f"sqlite:///{folder}/toso.db",
        "BACKUP_FOLDER": f"{folder}/backups",
        "PORT": str(port),
        "CHANNELS": "web",
        "TOSO_SETTINGS": "",
    }
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - begin > PATIENCE:
                raise RuntimeError("toso run did not become ready")
            time.sleep(PAUSE)
        took = time.perf_counter() - begin
        seen = psutil.Process(process.pid)
        times = seen.cpu_times()
        memory = seen.memory_info().rss / 2**20
        aiogram = any(
            "/aiogram" in mapped.path or "pydantic_core" in mapped.path for mapped in seen.memory_maps()
        )
    finally:
        process.terminate()
        process.wait(PATIENCE)
    return Started(took, times.user + times.system, memory, aiogram)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False
