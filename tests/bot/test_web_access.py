"""Whether everybody can use the pages: axe-core's rules, the keyboard, enlarged letters, and what is read aloud."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bot.web_office import Office, Sent, bubbles, choices, write
from tests.browsing import CHROMIUM, NONE_FOUND, set_offline, wait_until, watched
from tests.npm import NotInstallable, install
from tests.pictures import png

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NONE_FOUND)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHECK = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules, preload: false, resultTypes: ["violations"] });
  return found.violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0].html.slice(0, 200)}`);
}"""
# What WCAG 1.4.12 lets everybody set.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
CUT = """() => [document.documentElement, document.querySelector(".log"), ...document.querySelectorAll("button")]
  .filter((node) => node.getClientRects().length && node.scrollWidth > node.clientWidth + 1)
  .map((node) => node.outerHTML.slice(0, 100))"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    try:
        return (install("axe-core") / "node_modules/axe-core/axe.min.js").read_text("utf-8")
    except NotInstallable as reason:
        pytest.skip(str(reason))


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds on the page as it is now."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(axe)
    found: list[str] = page.evaluate(CHECK, RULES)
    return found


def talkative(office: Office) -> None:
    """Let the office answer with everything that a message can have."""
    labels = choices(("a", "Làm trên VNeID"), ("b", "Ra công an làm"))
    photo = office.keep("p", "photo", Sent("man-hinh.png", "image/png", png(64, 48)))
    voice = office.keep("v", "voice", Sent("loi.m4a", "audio/mp4", b"sound"))
    file = office.keep("f", "file", Sent("to-khai-cap-lai-the-can-cuoc.pdf", "application/pdf", b"%PDF"))
    office.answers["dài"] = [
        {
            "text": "Mất thẻ căn cước thì làm **cấp lại**.\n• Ở nhà\nNguồn: https://vneid.gov.vn",
            "choices": labels,
        },
        {"text": "Cô xem ảnh này nhé.", "from": "Chị Hường", "media": photo, "again": True},
        {"text": "", "from": "Chị Hường", "media": voice},
        {"text": "Tờ khai.", "from": "Chị Hường", "media": file},
        {"text": "How do you want to apply for the new card today?", "choices": labels, "letters": True},
        {"text": "Mở trang này.", "link": "https://vneid.gov.vn/a"},
    ]


@pytest.mark.parametrize("width", [320, 390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_chat_page(
    page: Page, office: Office, axe: str, width: int, scheme: Any
) -> None:
    talkative(office)
    page.set_viewport_size({"width": width, "height": 640})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found: dict[str, list[str]] = {}
    page.goto(office.address)
    found["empty"] = violations(page, axe)
    write(page, "dài")
    page.get_by_role("link", name="Mở vneid.gov.vn").wait_for()
    page.locator("[data-media=p]").scroll_into_view_if_needed()
    page.locator("[data-media=p] img").wait_for()
    page.get_by_role("button", name="Nghe tin thoại").click()
    page.locator("audio").wait_for()
    found["long, with a photo"] = violations(page, axe)
    page.get_by_role("button", name="Thêm", exact=True).click()
    found["menu open"] = violations(page, axe)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Thêm ảnh").click()
    found["files open"] = violations(page, axe)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Ảnh", exact=True).click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": png(40, 30)})
    page.get_by_role("button", name="Bỏ tệp này").wait_for()
    found["photo chosen"] = violations(page, axe)
    set_offline(page, off=True)
    page.get_by_role("button", name="Gửi", exact=True).click()
    page.locator("[data-state=queued]").wait_for()
    found["offline, a photo waiting"] = violations(page, axe)
    assert {scene: wrong for scene, wrong in found.items() if wrong} == {}
    assert len(found) == 6


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_demo(
    page: Page, office: Office, axe: str, width: int, scheme: Any
) -> None:
    page.set_viewport_size({"width": width, "height": 780})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{office.address}/demo")
    page.locator("[data-phone]").nth(3).wait_for()
    assert violations(page, axe) == []


def test_axe_finds_a_button_that_says_nothing(page: Page, office: Office, axe: str) -> None:
    page.goto(office.address)
    page.evaluate("document.querySelector('.send').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('.hello').style.color = '#ddd'")
    found = violations(page, axe)
    assert {line.split(":")[0] for line in found} == {"critical button-name", "serious color-contrast"}


def test_letters_twice_as_large_and_spaced_apart_fit_a_narrow_phone(page: Page, office: Office) -> None:
    talkative(office)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(office.address)
    page.evaluate(SPACED)
    assert page.evaluate(CUT) == []
    write(page, "dài")
    page.get_by_role("link", name="Mở vneid.gov.vn").wait_for()
    assert page.evaluate(CUT) == []


# The place to write is in sight and a third of the height is left to read; amid the layout it may not be so yet.
SETTLED = """height => {
    const box = document.querySelector("textarea").getBoundingClientRect();
    return box.bottom <= height && document.querySelector(".log").clientHeight > height / 3;
}"""


@pytest.mark.parametrize(("width", "height"), [(640, 512), (195, 390)])
def test_a_page_zoomed_to_twice_its_size_needs_no_sideways_scrolling(
    browser: Browser, office: Office, width: int, height: int
) -> None:
    # A screen of 1280 or 390 at 200 % is laid out as one of half the width.
    talkative(office)
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=2)
    with watched(context) as page:
        page.goto(office.address)
        write(page, "dài")
        page.get_by_role("link", name="Mở vneid.gov.vn").wait_for()
        page.wait_for_function(SETTLED, arg=height)
        assert page.evaluate(CUT) == []
    context.close()


def test_the_first_tab_leads_past_everything_to_the_place_to_write(page: Page, office: Office) -> None:
    page.goto(office.address)
    page.get_by_text("Hay được hỏi").wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Đến ô viết tin")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox")).to_be_focused()
    assert page.url == f"{office.address}/"


def test_what_vanishes_under_the_focus_never_leaves_it_nowhere(page: Page, office: Office) -> None:
    nowhere = "document.activeElement === document.body"
    page.goto(office.address)
    page.get_by_role("button", name="Kích hoạt VNeID thế nào?").press("Enter")
    page.get_by_text("Đã nhận: Kích hoạt").wait_for()
    assert not page.evaluate(nowhere)
    page.get_by_role("button", name="Thêm", exact=True).press("Enter")
    page.get_by_role("button", name="Tổ Số giúp được gì?").press("Enter")
    expect(page.get_by_role("button", name="Thêm", exact=True)).to_be_focused()
    page.get_by_text("Đã nhận: menu").wait_for()
    for _ in range(30):
        office.say("web:1", text="Một tin.")
    page.get_by_text("Một tin.").nth(29).wait_for()
    expect(page.get_by_role("button", name="Thêm", exact=True)).to_be_focused()
    page.locator(".log").evaluate("node => { node.scrollTop = 0; }")
    page.wait_for_function("document.querySelector('.log').scrollTop === 0")
    page.wait_for_timeout(100)
    office.say("web:1", text="Tin cuối.")
    page.get_by_role("button", name="Tin mới").press("Enter")
    assert not page.evaluate(nowhere)


def test_a_message_says_its_language_and_how_it_fares_is_not_read_out_twice(
    page: Page, office: Office
) -> None:
    talkative(office)
    page.goto(f"{office.address}/?lang=en")
    page.get_by_role("textbox").fill("dài")
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Open vneid.gov.vn").wait_for()
    assert page.evaluate("document.documentElement.lang") == "en"
    said = page.locator(".said .bubble")
    assert said.nth(0).get_attribute("lang") == "vi"
    assert said.nth(4).get_attribute("lang") == "en"
    page.evaluate(
        """() => {
          window.heard = [];
          const watch = (changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => {
            if (node.parentElement && node.parentElement.closest(".bubble")) window.heard.push(node.textContent);
          }));
          new MutationObserver(watch).observe(document.querySelector("[role=log]"), { childList: true, subtree: true });
        }"""
    )
    office.busy = 1
    page.get_by_role("textbox").fill("một")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Đã nhận: một").wait_for()
    assert page.evaluate("window.heard") == []


def test_names_that_are_heard_hold_the_words_that_are_seen(page: Page, office: Office) -> None:
    talkative(office)
    page.goto(office.address)
    write(page, "dài")
    page.get_by_role("link", name="Mở vneid.gov.vn").wait_for()
    page.get_by_role("button", name="Thêm", exact=True).click()
    different = page.evaluate(
        """() => [...document.querySelectorAll("[aria-label]")]
          .filter((node) => node.matches("button, a") && node.innerText.trim() &&
            !node.getAttribute("aria-label").includes(node.innerText.trim()))
          .map((node) => node.outerHTML)"""
    )
    assert different == []
    wait_until(page, lambda: len(bubbles(page)) == 7)
