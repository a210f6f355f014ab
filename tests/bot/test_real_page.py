"""The chat page against the real server: through power cuts, and with photos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.shelf import Bookcase
from handlers.talk import Due, Incoming
from handlers.text import as_is
from handlers.turn import Turn
from tests.bot.test_web_server import Site
from tests.browsing import CHROMIUM, NONE_FOUND, watched
from tests.pictures import png
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
    expect(page.locator(".said")).to_have_count(1)
    served.kill()
    write(page, "xem thêm")
    expect(page.locator(".own[data-state=queued]")).to_have_count(1)
    served.start()
    expect(page.locator(".said")).to_have_count(2)
    expect(page.locator(".own[data-state=sent]")).to_have_count(2)


def test_a_page_reloaded_in_the_middle_shows_the_whole_talk_once(served: Served, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(served.address)
    write(page, "quên mật khẩu vneid")
    expect(page.locator(".said")).to_have_count(1)
    page.locator("[data-choice]").first.click()
    expect(page.locator(".said")).to_have_count(2)
    before = talk(page)
    served.kill()
    served.start()
    page.reload()
    expect(page.locator(".said")).to_have_count(2)
    assert talk(page) == before


def mirror(turn: Turn) -> None:
    """Pass every file back to whoever sent it."""
    event = turn.event
    if isinstance(event, Due):
        thing = turn.media.get(event.facts["code"])
        assert thing is not None
        turn.say(as_is(thing.reason or "Đây."), to=int(event.about.removeprefix("to:")), media=thing.code)
    elif isinstance(event, Incoming) and event.attachment:
        turn.media.want(turn.media.note(event, turn.person.id), f"to:{turn.person.id}")


def test_a_photo_goes_to_the_server_and_comes_back_as_a_picture(
    sqlite_url: str, bookcase: Bookcase, tmp_path: Path, phone: BrowserContext
) -> None:
    site = Site(sqlite_url, bookcase, mirror, media_folder=str(tmp_path / "media"))
    try:
        with watched(phone) as page:
            page.goto(f"http://127.0.0.1:{site.port}")
            page.get_by_role("button", name="Thêm ảnh").click()
            with page.expect_file_chooser() as chooser:
                page.get_by_role("button", name="Ảnh", exact=True).click()
            chooser.value.set_files({"name": "màn.png", "mimeType": "image/png", "buffer": png(64, 48)})
            page.get_by_role("button", name="Bỏ tệp này").wait_for()
            page.get_by_role("button", name="Gửi", exact=True).click()
            back = page.locator(".media img")
            expect(back).to_be_visible()
            assert back.evaluate(
                "node => node.decode().then(() => [node.naturalWidth, node.naturalHeight])"
            ) == [
                64,
                48,
            ]
            expect(page.locator(".own[data-state=sent]")).to_have_count(1)
    finally:
        site.stop()
