"""The knowledge as it is now: loaded once, watched, and swapped whole when its files change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from bot import fault_words, form_words
from bot.publishing import put
from bot.settings import Settings, Unusable
from handlers.turn import Office, Shelf
from knowledge.calendar import OWN as CALENDAR
from knowledge.calendar import BadCalendar, Calendar, Written
from knowledge.domains import OWN, BadTable, Domains
from knowledge.form_files import SHIPPED, FormError, load_forms
from knowledge.library import Library, Unreadable, load
from knowledge.own import DATES, QUESTIONS
from knowledge.places import Places
from knowledge.search import Found, Index
from knowledge.service import OWN as SERVICE
from knowledge.service import BadService, Service

log = logging.getLogger(__name__)

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
TOPICS = KNOWLEDGE / "topics"
REPORTS = SHIPPED
GOOD = "last-good.json"  # the topics as they could last be read, in the office's own folder
GOOD_SERVICE = "last-good-service.json"  # service levels and desk hours, likewise
GOOD_CALENDAR = "last-good-calendar.json"  # and the days that are off or worked

Good = TypeVar("Good", Library, Service, Written)


class Bookcase:
    """Holds the shelf that turns read from, and the index that finds in it."""

    def __init__(
        self,
        office: Office,
        topics: Path = TOPICS,
        own_forms: Path | None = None,
        own: Path | None = None,
        make: Callable[[Library], Index] = Index,
    ) -> None:
        """Load it all; `make` makes the index of a library.

        The office's report forms stand beside the shipped ones, and what it lays over the topics (`own`)
        before them.  Where a file cannot be read the topics, or the service levels and desk hours, stay as
        they could last be read; raise Unusable where they never could.
        """
        self._topics, self._own_forms, self._own = topics, own_forms, own
        self._make = make
        self._seen = _state(topics, own)
        try:
            forms = load_forms(*folders(own_forms))
            library, domains = self._begin()
            service, calendar = self._begin_service(), self._begin_calendar()
        except FormError as error:
            raise Unusable(form_words.told(error.fault)) from error
        except (Unreadable, BadTable, BadService, BadCalendar) as error:
            raise Unusable(fault_words.of(error)) from error
        self._shelf = Shelf(
            library=library,
            places=Places.load(),
            calendar=calendar,
            domains=domains,
            forms=forms,
            service=service,
            office=office,
        )
        self._index: Index | None = None  # made when the first question comes, or `prepare` is called
        self._making = threading.Lock()

    def _begin(self) -> tuple[Library, Domains]:
        try:
            library, domains = load(self._topics, self._own), Domains.load(self._topics / OWN)
        except (Unreadable, BadTable) as error:
            kept = last_good(self._own)
            if kept is None:
                raise
            log.error("the knowledge stays as it was: %s", error)
            return kept, Domains.load()
        self._remember(GOOD, library)
        return library, domains

    def _begin_service(self) -> Service:
        try:
            service = Service.load(own_file(self._topics, self._own, SERVICE))
        except BadService as error:
            kept = last_good_service(self._own)
            if kept is None:
                raise
            log.error("the knowledge stays as it was: %s", error)
            return kept
        self._remember(GOOD_SERVICE, service)
        return service

    def _begin_calendar(self) -> Calendar:
        try:
            calendar = Calendar.load(own_file(self._topics, self._own, CALENDAR))
        except BadCalendar as error:
            kept = last_good_calendar(self._own)
            if kept is None:
                raise
            log.error("the calendar stays as it was: %s", error)
            return kept
        self._remember(GOOD_CALENDAR, calendar.written)
        return calendar

    def _remember(self, name: str, good: Library | Service | Written) -> None:
        """Keep what could be read for a start at which a file is broken."""
        if self._own is None:
            return
        try:
            put(self._own / name, msgspec.json.encode(good).decode())
        except OSError as error:
            log.warning("the knowledge as it is could not be kept: %s", error)

    def shelf(self) -> Shelf:
        """Give the knowledge as it is now."""
        return self._shelf

    def laid_over(self, own: Path) -> Bookcase:
        """Give the same knowledge with what an office lays over it."""
        return Bookcase(self._shelf.office, self._topics, self._own_forms, own, self._make)

    def understand(self, text: str) -> Found:
        """Give what a text asks for."""
        return self.prepare().search(text)

    def prepare(self) -> Index:
        """Give the index, made now where it is not there yet."""
        with self._making:
            if self._index is None:
                self._index = self._make(self._shelf.library)
            return self._index

    @property
    def library(self) -> Library:
        """The topics as they are now."""
        return self._shelf.library

    def look(self) -> bool:
        """Take changed files in, if any; a broken file leaves the last good version where it is."""
        state = _state(self._topics, self._own)
        if state == self._seen:
            return False
        self._seen = state
        try:
            library, domains = load(self._topics, self._own), Domains.load(self._topics / OWN)
            service = Service.load(own_file(self._topics, self._own, SERVICE))
            calendar = Calendar.load(own_file(self._topics, self._own, CALENDAR))
        except (Unreadable, BadTable, BadService, BadCalendar) as error:
            log.error("the knowledge stays as it was: %s", error)
            return False
        index = self._make(library)
        with self._making:
            self._index = index
            self._shelf = msgspec.structs.replace(
                self._shelf, library=library, domains=domains, service=service, calendar=calendar
            )
        self._remember(GOOD, library)
        self._remember(GOOD_SERVICE, service)
        self._remember(GOOD_CALENDAR, calendar.written)
        log.info("knowledge %s is in use", library.version)
        return True


def last_good(own: Path | None) -> Library | None:
    """Give the topics as they could last be read; None where nobody kept them, or another release did."""
    return _kept(own, GOOD, Library)


def last_good_service(own: Path | None) -> Service | None:
    """Give service levels and desk hours as they could last be read; None as for the topics."""
    return _kept(own, GOOD_SERVICE, Service)


def last_good_calendar(own: Path | None) -> Calendar | None:
    """Give the calendar as it could last be read; None as for the topics."""
    written = _kept(own, GOOD_CALENDAR, Written)
    return Calendar.of(written) if written else None


def own_file(topics: Path, own: Path | None, name: str) -> Path:
    """Give where an office's own file of that name is looked for: among what it adds, else beside its topics."""
    return own / name if own is not None and (own / name).is_file() else topics / name


def _kept(own: Path | None, name: str, of: type[Good]) -> Good | None:
    if own is None or not (own / name).is_file():
        return None
    try:
        return msgspec.json.decode((own / name).read_bytes(), type=of)
    except (OSError, msgspec.DecodeError):
        return None


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


def _state(folder: Path, own: Path | None) -> tuple[tuple[str, int, int], ...]:
    """Give what differs once a file has changed; one that goes away meanwhile is seen at the next look."""
    found = []
    names = (QUESTIONS, DATES, SERVICE, CALENDAR)
    laid_over = [*own.rglob("*.md"), *(own / name for name in names)] if own else []
    beside = [folder / name for name in (OWN, SERVICE, CALENDAR)]
    for path in sorted([*folder.rglob("*.md"), *beside, *laid_over]):
        with suppress(FileNotFoundError):
            info = path.stat()
            found.append((str(path), info.st_mtime_ns, info.st_size))
    return tuple(found)
