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

import psutil

PATIENCE = 30.0  # seconds
PAUSE = 0.01


def started(folder: Path) -> tuple[float, float, bool]:
    """Give seconds until /health answers, resident megabytes then, and whether aiogram was loaded."""
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
        memory = seen.memory_info().rss / 2**20
        aiogram = any(
            "/aiogram" in mapped.path or "pydantic_core" in mapped.path for mapped in seen.memory_maps()
        )
    finally:
        process.terminate()
        process.wait(PATIENCE)
    return took, memory, aiogram


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False
