"""A store of this release that is empty, and gone afterwards: for playing, recording and the demo."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from bot.store import schema
from bot.store.database import Database


@contextmanager
def empty_store(url: str = "") -> Iterator[str]:
    """Give the address of an empty store with its tables; a temporary file where none is named."""
    with tempfile.TemporaryDirectory(prefix="toso-") as folder:
        address = url or f"sqlite:///{folder}/toso.db"
        database = Database(address)
        try:
            schema.upgrade(database)
        finally:
            database.close()
        yield address
