"""The knowledge as it is now: loaded once, watched, and swapped whole when its files change."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from bot import form_words
from bot.settings import Settings, Unusable
from handlers.turn import Office, Shelf
from knowledge.calendar import Calendar
from knowledge.domains import OWN, BadTable, Domains
from knowledge.form_files import SHIPPED, FormError, load_forms
from knowledge.library import Library, Unreadable, load
from knowledge.places import Places
from knowledge.search import Found, Index

log = logging.getLogger(__name__)

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
TOPICS = KNOWLEDGE / "topics"
REPORTS = SHIPPED


class Bookcase:
    """Holds the shelf that turns read from, and the index that finds in it."""

    def __init__(self, office: Office, topics: Path = TOPICS, own_forms: Path | None = None) -> None:
        """Load it all; raise Unusable where a file cannot be read."""
        self._topics = topics
        self._seen = _state(topics)
        try:
            library, forms, domains = (
                load(topics),
                load_forms(*folders(own_forms)),
                Domains.load(topics / OWN),
            )
        except FormError as error:
            raise Unusable(form_words.told(error.fault)) from error
        except (Unreadable, BadTable) as error:
            raise Unusable(str(error)) from error
        self._shelf = Shelf(
            library=library,
            places=Places.load(),
            calendar=Calendar.load(),
            domains=domains,
            forms=forms,
            office=office,
        )
        self._index: Index | None = None  # made when the first question comes, or `prepare` is called
        self._making = threading.Lock()

    def shelf(self) -> Shelf:
        """Give the knowledge as it is now."""
        return self._shelf

    def understand(self, text: str) -> Found:
        """Give what a text asks for."""
        return self.prepare().search(text)

    def prepare(self) -> Index:
        """Give the index, made now where it is not there yet."""
        with self._making:
            if self._index is None:
                self._index = Index(self._shelf.library)
            return self._index

    @property
    def library(self) -> Library:
        """The topics as they are now."""
        return self._shelf.library

    def look(self) -> bool:
        """Take changed files in, if any; a broken file leaves the last good version where it is."""
        state = _state(self._topics)
        if state == self._seen:
            return False
        self._seen = state
        try:
            library, domains = load(self._topics), Domains.load(self._topics / OWN)
        except (Unreadable, BadTable) as error:
            log.error("the knowledge stays as it was: %s", error)
            return False
        index = Index(library)
        with self._making:
            self._index = index
            self._shelf = msgspec.structs.replace(self._shelf, library=library, domains=domains)
        log.info("knowledge %s is in use", library.version)
        return True


def folders(own: Path | None) -> tuple[Path, ...]:
    """Give where report forms stand: the shipped ones, and an office's own behind them."""
    return (REPORTS,) if own is None else (REPORTS, own)


def own_forms(settings: Settings) -> Path | None:
    """Give the folder of the office's own forms, None without one; Unusable where it is missing."""
    if not settings.reports:
        return None
    own = Path(settings.reports)
    if not own.is_dir():
        raise Unusable(f"REPORTS names {own}, which is no folder. Correct it, or leave it empty.")
    return own


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Give what differs once a file has changed; one that goes away meanwhile is seen at the next look."""
    found = []
    for path in sorted([*folder.rglob("*.md"), folder / OWN]):
        with suppress(FileNotFoundError):
            info = path.stat()
            found.append((str(path), info.st_mtime_ns, info.st_size))
    return tuple(found)
