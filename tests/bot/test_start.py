"""A start loads what it needs, and no more."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic.script import ScriptDirectory

from bot.store import schema

LATER = (
    "aiogram",
    "telegram",
    "pydantic",
    "alembic",
    "psycopg",
    "prometheus_client",
    "holidays",
    "fpdf",
    "segno",
    "httpx",
    "aiosmtplib",
)


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules of a process that is ready to serve the web page on SQLite."""
    words = subprocess.run(
        [sys.executable, "-c", "import sys, bot.cli, bot.app, bot.store.schema; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(words.stdout.split())


@pytest.mark.parametrize("library", LATER)
def test_a_library_is_loaded_only_when_it_is_used(loaded: set[str], library: str) -> None:
    assert "bot.turns" in loaded
    assert library not in loaded


def test_the_release_is_that_of_the_newest_migration() -> None:
    assert ScriptDirectory(str(schema.HERE)).get_current_head() == schema.RELEASE
