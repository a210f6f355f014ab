"""The chat page against the real server, through power cuts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import CHROMIUM, NONE_FOUND, chromium
from tests.serving import Served, free_port

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NONE_FOUND)


@pytest.fixture
def served(tmp_path: Path, sqlite_url: str) -> Iterator[Served]:
    port = free_port()
    environment = {
        "DATABASE": sqlite_url,
        "PORT": str(port),
        "OFFICE_NAME": "UBND phường Đông Ngạc",
        "BACKUP_FOLDER": str(tmp_path / "copies"),
    }
    served = Served("run", port=port, log=tmp_path / "run.log", environment=environment)
    served.start()
    yield served
    served.stop()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name="Gửi").click()


def talk(page: Page) -> list[str]:
    return page.locator(".said .bubble, .own .bubble").all_inner_texts()


def test_a_message_typed_while_the_server_is_down_is_answered_after_it_returns(
    served: Served, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(served.address)
    write(page, "quên mật khẩu vneid")
    expect(page.locator(".said")).to_have_count(1, timeout=20_000)
    served.kill()
    write(page, "xem thêm")
    expect(page.locator(".own[data-state=queued]")).to_have_count(1)
    served.start()
    expect(page.locator(".said")).to_have_count(2, timeout=40_000)
    expect(page.locator(".own[data-state=sent]")).to_have_count(2)


def test_a_page_reloaded_in_the_middle_shows_the_whole_talk_once(served: Served, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(served.address)
    write(page, "quên mật khẩu vneid")
    expect(page.locator(".said")).to_have_count(1, timeout=20_000)
    page.locator("[data-choice]").first.click()
    expect(page.locator(".said")).to_have_count(2, timeout=20_000)
    before = talk(page)
    served.kill()
    served.start()
    page.reload()
    expect(page.locator(".said")).to_have_count(2, timeout=40_000)
    assert talk(page) == before
