"""Word between processes that share one PostgreSQL: something waits, somebody has mail."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from bot.store.database import Database

log = logging.getLogger(__name__)

CHANNEL = "toso"
PAUSE = 1.0  # seconds before listening again after the connection was lost


class Ears:
    """Listens on a connection of its own; a lost word costs a second, never a message."""

    def __init__(self, database: Database, heard: Callable[[str], None]) -> None:
        # psycopg's own address: SQLAlchemy's without the name of the driver.
        self._address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard = heard
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="ears", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._stop.set()
        self._thread.join()

    def _listen(self) -> None:
        import psycopg  # an office with SQLite never needs it

        while not self._stop.is_set():
            try:
                with psycopg.connect(self._address, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    while not self._stop.is_set():
                        for notice in connection.notifies(timeout=1.0):
                            self._heard(notice.payload)
            except psycopg.Error as error:
                log.warning("listening stopped: %s; begun again", type(error).__name__)
                self._stop.wait(PAUSE)
