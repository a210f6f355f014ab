"""A few topics; a browser, a server for it, and a page that must not go wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from bot.shelf import Bookcase
from handlers.turn import Office as Named
from tests.bot.crash_worker import TOPICS
from tests.bot.web_office import Office
from tests.browsing import PATIENCE, chromium, watched
from tests.indexes import once


@pytest.fixture(scope="session")
def shelf_of_three() -> Bookcase:
    """A few topics: enough for searching, quick to load."""
    return Bookcase(Named(), TOPICS, make=once)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a file."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def office() -> Iterator[Office]:
    """A server whose answers the test writes."""
    server = Office()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone's browser, empty."""
    context = browser.new_context(viewport={"width": 390, "height": 780}, locale="vi-VN")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Iterator[Page]:
    """A phone's screen; a script error or a breach of the content-security policy fails its test."""
    with watched(phone) as opened:
        yield opened
