"""A real Chromium for tests, and the figures of the machine it runs on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NONE_FOUND = "No Chromium was found on this machine."
# Chromium's own errands would only fail here, many at a time.
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


PATIENCE = 60_000  # milliseconds for what a page is to show, on however busy a machine
expect.set_options(timeout=PATIENCE)

# By which a page is told whether it is online.
LINES: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser, closed afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched(context: BrowserContext) -> Iterator[Page]:
    """Give a page; AssertionError for a script error, a breach of its policy, a cookie, or a call to a third party."""
    wrong: list[str] = []
    hosts: set[str] = set()

    def note(message: ConsoleMessage) -> None:
        # That a server is away, busy or knows no such talk is what some tests are about.
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrong.append(message.text)

    def watch(page: Page) -> None:
        page.on("console", note)
        page.on("pageerror", lambda error: wrong.append(str(error)))

    context.on("page", watch)
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    context.add_init_script(
        "document.addEventListener('securitypolicyviolation', "
        "event => console.error(`${event.violatedDirective} forbids ${event.blockedURI}`))"
    )
    page = context.new_page()
    set_offline(page, off=False)
    yield page
    assert context.cookies() == []
    assert len(hosts - {""}) <= 1  # a blob has no host
    assert wrong == []


def set_offline(page: Page, *, off: bool) -> None:
    """Take the network away from a page, or give it back.

    It is said to the page itself, too: on a machine without any network a browser takes itself to be offline.
    """
    page.context.set_offline(off)
    if page not in LINES:
        LINES[page] = page.context.new_cdp_session(page)
    line = {"offline": off, "latency": 0, "downloadThroughput": 1e9, "uploadThroughput": 1e9}
    LINES[page].send("Network.emulateNetworkConditions", line)


def wait_until(page: Page, what: Callable[[], bool]) -> None:
    """Let the page work until something is so on the server's side."""
    for _ in range(PATIENCE // 20):
        if what():
            return
        page.wait_for_timeout(20)
    pytest.fail("It never came about.")
