"""The demo as somebody meets it: four phones, and a story that plays to its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from bot import clock
from bot.demo import PAGES, story_steps
from bot.demo.months_before import file_months_before
from bot.play import Player
from bot.scratch import empty_store
from bot.shelf import Bookcase
from bot.transcript import read
from bot.wording import Wording
from tests.browsing import CHROMIUM, NONE_FOUND, chromium
from tests.serving import Served, free_port

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=NONE_FOUND)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Served]:
    port = free_port()
    served = Served("demo", "--no-open", "--port", str(port), port=port, log=tmp_path / "demo.log")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@needs_chromium
def test_the_stories_play_to_their_end_on_the_real_server(demo: Served, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    for address in ("/demo", "/demo/desk"):  # on one server: the second begins on a later day
        page.goto(f"{demo.address}{address}?speed=40")
        page.locator("[data-play]").click()
        expect(page.locator("html[data-story=done]")).to_be_attached(timeout=180_000)
    # Sent twice, once with the first helper, twice passed on.
    expect(page.locator("img.photo")).to_have_count(6)
    assert not troubles


@needs_chromium
def test_a_story_that_was_told_or_whose_days_are_over_begins_anew(demo: Served, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{demo.address}/demo/month?speed=40")
    for _time in range(10):
        page.locator('[data-move="1d"]').click()
    expect(page.locator(".date")).to_contain_text("19/11")
    page.locator("[data-play]").click()
    expect(page.locator("html[data-story=over]")).to_be_attached()
    page.locator("[data-play]").click()  # which says "begin again" by now
    expect(page.locator("html[data-story=done]")).to_be_attached(timeout=180_000)
    assert page.locator("img.photo").count() == 1  # the offices as a picture
    page.locator("[data-play]").click()
    expect(page.locator("html[data-story=over]")).to_be_attached()
    assert not troubles


@pytest.mark.parametrize("story", PAGES.values(), ids=lambda path: path.stem)
def test_the_story_is_a_talk_that_happens_as_written(
    story: Path, bookcase: Bookcase, wording: Wording
) -> None:
    with empty_store() as url:
        player = Player(
            url,
            bookcase,
            wording,
            lambda line: None,
            prepare=lambda connection: file_months_before(connection, bookcase.shelf(), clock.now()),
        )
        player.play(read(story.read_text(encoding="utf-8")))


@pytest.mark.parametrize("story", PAGES.values(), ids=lambda path: path.stem)
def test_the_story_waits_for_words_that_the_transcript_holds(story: Path) -> None:
    waits = [step["wait"] for step in story_steps(story) if "wait" in step]
    assert waits
    assert all(wait["contains"] for wait in waits)
