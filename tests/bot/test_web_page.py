"""The two pages in a real browser, against a small server that speaks the protocol of the web chat."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.web.pages import SHELL
from tests.bot.web_office import Office, Said, bubbles, choices, write
from tests.browsing import CHROMIUM, NONE_FOUND, set_offline, wait_until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NONE_FOUND)


def test_a_phone_loads_and_installs_the_page_in_under_60_kb_and_from_nowhere_else(
    page: Page, office: Office
) -> None:
    asked: set[str] = set()
    page.context.on("request", lambda request: asked.add(request.url.split("/")[2]))
    page.goto(office.address, wait_until="networkidle")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert asked == {office.address.split("/")[2]}
    assert len(office.wire) >= len(SHELL)
    assert sum(size for _, size in office.wire) < 60_000


def test_a_reload_shows_the_whole_talk_once_and_in_order(page: Page, office: Office) -> None:
    office.answers["xin chào"] = [{"text": "Chào cô."}, {"text": "Cô cần gì?"}]
    page.goto(office.address)
    write(page, "xin chào")
    page.get_by_text("Cô cần gì?").wait_for()
    write(page, "mã QR")
    page.get_by_text("Đã nhận: mã QR").wait_for()
    talk = ["xin chào", "Chào cô.", "Cô cần gì?", "mã QR", "Đã nhận: mã QR"]
    assert bubbles(page) == talk
    page.reload()
    wait_until(page, lambda: office.open == 1)
    assert bubbles(page) == talk
    office.say("web:1", text="Nhắc cô in mã.")
    page.get_by_text("Nhắc cô in mã.").wait_for()
    assert bubbles(page) == [*talk, "Nhắc cô in mã."]


@pytest.mark.parametrize(
    ("address", "said", "left"),
    [
        ("/?code=B71", "mã B71", "/"),
        ("/?code=MOI-AB2C3-D4E5F", "mã MOI-AB2C3-D4E5F", "/"),
        ("/?lang=en&code=b71", "go to B71", "/?lang=en"),
    ],
)
def test_an_address_with_a_code_lands_on_its_step_once(
    page: Page, office: Office, address: str, said: str, left: str
) -> None:
    page.goto(office.address + address)
    page.get_by_text(f"Đã nhận: {said}").wait_for()
    assert page.url == office.address + left
    page.reload()
    wait_until(page, lambda: office.open == 1)
    assert bubbles(page) == [said, f"Đã nhận: {said}"]
    assert office.texts == [said]


@pytest.mark.parametrize("code", ["B7", "B711", "B71%20x", "kEn4_of-zalo", ""])
def test_an_address_with_any_other_code_says_nothing(page: Page, office: Office, code: str) -> None:
    address = f"{office.address}/?code={code}&oa_id=1"
    page.goto(address, wait_until="networkidle")
    assert (bubbles(page), office.texts, page.url) == ([], [], address)


def test_a_message_typed_while_the_server_is_down_is_delivered_after_it_returns(
    page: Page, office: Office
) -> None:
    # The server is away and the network is there, also where the tests run without one.
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'onLine', { get: () => true })")
    page.goto(office.address)
    write(page, "một")
    page.get_by_text("Đã nhận: một").wait_for()
    office.stop()
    write(page, "hai")
    write(page, "ba")
    # On a machine without any network the browser knows that as well, and says so.
    expect(page.get_by_role("status")).to_have_text(re.compile("^Chưa nối được: tin|^Mất mạng: tin"))
    expect(page.locator("[data-state=queued]")).to_have_count(2)
    office.start()
    page.get_by_text("Đã nhận: ba").wait_for()
    assert office.texts == ["một", "hai", "ba"]
    assert bubbles(page) == ["một", "Đã nhận: một", "hai", "ba", "Đã nhận: hai", "Đã nhận: ba"]
    expect(page.get_by_role("status")).to_be_empty()


def test_what_is_written_without_a_network_survives_closing_the_page(page: Page, office: Office) -> None:
    page.goto(office.address)
    set_offline(page, off=True)
    write(page, "mất thẻ căn cước")
    expect(page.get_by_role("status")).to_have_text("Mất mạng: tin sẽ được gửi khi có mạng")
    again = page.context.new_page()
    page.close()
    set_offline(again, off=False)
    again.goto(office.address)
    again.get_by_text("Đã nhận: mất thẻ căn cước").wait_for()
    assert office.texts == ["mất thẻ căn cước"]


def test_a_busy_server_is_asked_again_with_the_same_id(page: Page, office: Office) -> None:
    office.busy = 2
    page.goto(office.address)
    write(page, "một")
    page.get_by_text("Đã nhận: một").wait_for()
    assert len(office.posted) == 3
    assert len(set(office.posted)) == 1


def test_a_message_that_comes_twice_and_in_crumbs_is_shown_once(page: Page, office: Office) -> None:
    office.twice = True
    page.goto(office.address)
    for text in ("một", "hai", "đường Ỷ Lan"):
        write(page, text)
        page.get_by_text(f"Đã nhận: {text}").wait_for()
    said = [text for text in bubbles(page) if text.startswith("Đã nhận")]
    assert said == ["Đã nhận: một", "Đã nhận: hai", "Đã nhận: đường Ỷ Lan"]


def test_a_talk_that_the_server_forgot_is_begun_again_and_nothing_written_is_lost(
    page: Page, office: Office
) -> None:
    page.goto(office.address)
    write(page, "một")
    page.get_by_text("Đã nhận: một").wait_for()
    office.talks = {"another": "web:another"}
    write(page, "hai")
    page.get_by_text("Đã nhận: hai").wait_for()
    assert bubbles(page) == ["hai", "Đã nhận: hai"]
    assert page.get_by_text("Cuộc trò chuyện cũ đã đóng.").is_visible()


def test_two_pages_of_one_talk_send_each_message_once_and_show_the_same(page: Page, office: Office) -> None:
    page.goto(office.address)
    write(page, "một")
    page.get_by_text("Đã nhận: một").wait_for()
    other = page.context.new_page()
    other.goto(office.address)
    office.stop()
    for number in range(4):
        write(page if number % 2 else other, f"tin {number}")
    expect(page.locator("[data-state=queued]")).to_have_count(4)
    office.start()
    for tab in (page, other):
        expect(tab.locator(".said")).to_have_count(5)
        expect(tab.locator("[data-state=queued]")).to_have_count(0)
    assert office.texts == ["một", "tin 0", "tin 1", "tin 2", "tin 3"]
    again = len(office.posted) - len(set(office.posted))
    assert again <= 1  # the one that was under way when the office went, and whose answer never came
    assert bubbles(page) == bubbles(other)
    page.evaluate(
        """() => Object.entries(localStorage).forEach(
          ([key, newValue]) => dispatchEvent(new StorageEvent("storage", { key, newValue })))"""
    )
    assert bubbles(page) == bubbles(other)


def test_only_bold_and_plain_https_addresses_are_marked_up(page: Page, office: Office) -> None:
    text = (
        "Bấm **Gửi yêu cầu**.\n• <b>không</b> & <img src=x onerror=alert(1)>\n"
        "Xem https://vneid.gov.vn/huong-dan. Đừng mở https://dichvucong.cvgov[.]com/x hay cvgov[.]com, "
        "javascript:alert(1)"
    )
    office.answers["link"] = [
        {"text": text, "link": "javascript:alert(1)"},
        {"text": "Đây.", "link": "https://vneid.gov.vn/a"},
    ]
    page.goto(office.address)
    write(page, "link")
    page.get_by_text("Đây.", exact=True).wait_for()
    shown = page.locator("[data-number='1'] .bubble")
    assert shown.inner_text() == text.replace("**", "")
    assert shown.locator("strong").all_inner_texts() == ["Gửi yêu cầu"]
    assert shown.locator("a").all_inner_texts() == ["https://vneid.gov.vn/huong-dan"]
    assert "noopener" in (shown.locator("a").get_attribute("rel") or "")
    act = page.get_by_role("link", name="Mở vneid.gov.vn")
    assert act.get_attribute("href") == "https://vneid.gov.vn/a"
    assert page.locator(".bubble img").count() == 0


def test_where_a_figure_is_expected_choices_have_letters(page: Page, office: Office) -> None:
    office.answers["báo cáo"] = [
        {"text": "Số họp?", "choices": choices(("now", "Làm luôn"), ("later", "Để chiều")), "letters": True}
    ]
    office.answers["menu"] = [{"text": "Chọn:", "choices": choices(("now", "Làm luôn"))}]
    page.goto(office.address)
    write(page, "báo cáo")
    expect(page.locator("[data-choice]")).to_have_text(["a. Làm luôn", "b. Để chiều"])
    write(page, "menu")
    expect(page.locator("[data-number='2'] [data-choice]")).to_have_text(["Làm luôn"])


def test_an_answered_question_looks_used_and_its_buttons_still_do_what_they_said(
    page: Page, office: Office
) -> None:
    office.answers["chào"] = [
        {"text": "Máy nào?", "choices": choices(("smart@g1", "Thông minh"), ("keys@g1", "Phím bấm"))}
    ]
    page.goto(office.address)
    write(page, "chào")
    page.get_by_role("button", name="Phím bấm").dblclick()
    page.get_by_text("Đã nhận: keys@g1").wait_for()
    assert page.locator("[data-number='1'][data-used]").count() == 1
    expect(page.locator(".chosen")).to_have_text(["Phím bấm"])
    page.get_by_role("button", name="Thông minh").click()
    page.get_by_text("Đã nhận: smart@g1").wait_for()
    assert office.texts == ["chào", "keys@g1", "smart@g1"]
    assert [text for text in bubbles(page) if text in {"Phím bấm", "Thông minh"}] == [
        "Phím bấm",
        "Thông minh",
    ]
    page.reload()
    assert page.locator("[data-number='1'][data-used]").count() == 1


def test_a_persons_words_carry_their_name_and_a_doubtful_repeat_says_so(page: Page, office: Office) -> None:
    office.answers["alo"] = [
        {"text": "Chị nghe đây.", "from": "Chị Hường"},
        {"text": "Nhắc việc.", "again": True},
    ]
    page.goto(office.address)
    write(page, "alo")
    page.get_by_text("có thể là tin gửi lại").wait_for()
    assert page.locator("[data-from='Chị Hường'] .who").is_visible()
    assert page.locator("[data-again]").get_attribute("data-number") == "2"


def test_what_the_guard_masked_is_not_kept_by_the_browser_either(page: Page, office: Office) -> None:
    office.masked["mã OTP là 482913"] = {"text": "mã OTP là ••••••"}
    office.answers["mã OTP là 482913"] = [{"text": "Đã che dãy số."}]
    page.goto(office.address)
    write(page, "mã OTP là 482913")
    expect(page.locator(".own .bubble")).to_have_text("mã OTP là ••••••")
    assert "482913" not in page.evaluate("JSON.stringify(localStorage)")


@pytest.mark.parametrize("url", ["/files/draft.txt", "data:text/plain;base64,YuG6o24gbmjDoXA="])
def test_a_file_is_offered_as_a_download(page: Page, office: Office, url: str) -> None:
    file = {"name": "nháp.txt", "kind": "text/plain", "url": url}
    office.answers["tệp"] = [{"text": "Đây.", "file": file}]
    page.goto(office.address)
    write(page, "tệp")
    with page.expect_download() as download:
        page.get_by_role("link", name="nháp.txt").click()
    assert download.value.suggested_filename == "nháp.txt"
    assert download.value.path().read_text(encoding="utf-8") == "bản nháp"


def test_a_hidden_page_closes_its_stream_and_catches_up_when_shown(page: Page, office: Office) -> None:
    page.goto(office.address)
    write(page, "một")
    page.get_by_text("Đã nhận: một").wait_for()
    turn = """value => {
      Object.defineProperty(document, "hidden", { configurable: true, value });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(turn, True)
    wait_until(page, lambda: office.open == 0)
    office.say("web:1", text="Tin lúc vắng.")
    page.evaluate(turn, False)
    page.get_by_text("Tin lúc vắng.").wait_for()
    assert bubbles(page) == ["một", "Đã nhận: một", "Tin lúc vắng."]


def test_a_stream_silent_for_45_seconds_is_opened_anew(page: Page, office: Office) -> None:
    page.clock.install()
    page.goto(office.address)
    write(page, "một")
    page.get_by_text("Đã nhận: một").wait_for()
    opened: list[str] = []
    page.on("request", lambda request: opened.append(request.url) if "/web/stream" in request.url else None)
    page.clock.fast_forward(44_000)
    assert opened == []
    page.clock.fast_forward(3_000)
    page.clock.fast_forward(1_000)
    wait_until(page, lambda: len(opened) == 1 and office.open == 1)


def test_the_keyboard_is_enough(page: Page, office: Office) -> None:
    office.answers["chào"] = [{"text": "Máy nào?", "choices": choices(("keys", "Phím bấm"))}]
    page.goto(office.address)
    page.get_by_role("textbox").focus()
    page.keyboard.type("chào")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Phím bấm").wait_for()
    page.get_by_role("region", name="Cuộc trò chuyện").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Đã nhận: keys").wait_for()
    page.get_by_role("button", name="Thêm", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Gặp người thật").wait_for()
    page.keyboard.press("Escape")
    assert page.get_by_role("button", name="Gặp người thật").count() == 0


def test_a_talk_is_removed_from_the_device_after_a_second_press(page: Page, office: Office) -> None:
    page.goto(office.address)
    write(page, "một")
    page.get_by_text("Đã nhận: một").wait_for()
    page.get_by_role("button", name="Thêm", exact=True).click()
    page.get_by_role("button", name="Xoá cuộc trò chuyện").click()
    assert len(bubbles(page)) == 2
    page.get_by_role("button", name="Bấm lần nữa").click()
    assert bubbles(page) == []
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('toso:in:'))") == []


# Text against what lies under it, as WCAG reckons it; gives what falls short of 4.5 to 1.
FAINT = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const under = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parts(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = [];
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !node.getClientRects().length) continue;
    const [a, b] = [light(parts(getComputedStyle(node).color)), light(under(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.push(`${text.data.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return faint;
}"""

LONG = "Nghiêng: **Khôi phục mật khẩu** ở https://dichvucong.gov.vn/p/home/dvc-trang-chu.html rồi chờ."


@pytest.mark.parametrize("width", [320, 390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_readable_on_a_small_screen(page: Page, office: Office, width: int, scheme: Any) -> None:
    labels = choices(("a", "Không, nhà tự làm"), ("b", "Báo “tài khoản không tồn tại”"))
    file = {"name": "bao-cao-thang-11-xa-ung-hoa.xlsx", "kind": "text/plain", "url": "/files/draft.txt"}
    office.answers["dài"] = [
        {"text": LONG, "choices": labels, "file": file},
        {"text": "Chị nghe đây.", "from": "Chị Hường", "again": True},
        {"text": "Chọn:", "choices": labels, "letters": True, "link": "https://vneid.gov.vn"},
    ]
    page.set_viewport_size({"width": width, "height": 640})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(office.address)
    page.get_by_text("Hay được hỏi").wait_for()
    assert page.evaluate(FAINT) == []
    write(page, "dài")
    page.get_by_role("button", name="a. Không").wait_for()
    page.get_by_role("button", name="Không, nhà tự làm", exact=True).click()
    page.get_by_text("Đã nhận: a").wait_for()
    assert page.evaluate(FAINT) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(
        "document.querySelector('.log').scrollWidth <= document.querySelector('.log').clientWidth"
    )
    assert page.locator(".said .bubble").first.evaluate("node => getComputedStyle(node).fontSize") == "18px"
    for button in [
        *page.get_by_role("button").all(),
        page.get_by_role("textbox"),
        page.locator(".act").first,
    ]:
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44


def test_the_page_speaks_english_too(page: Page, office: Office) -> None:
    page.goto(f"{office.address}/?lang=en")
    assert page.get_by_text("Ask in your own words.").is_visible()
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Tiếng Việt").click()
    page.get_by_text("Cứ hỏi bằng lời thường ngày").wait_for()
    assert page.evaluate("document.documentElement.lang") == "vi"


def phone_of(page: Page, number: int) -> Any:
    return page.locator(f"[data-phone='web:{number}']")


def test_four_phones_share_one_stream_and_a_clock(page: Page, office: Office) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{office.address}/demo")
    wait_until(page, lambda: office.open == 1)
    for number in range(1, 5):
        box = phone_of(page, number).get_by_role("textbox")
        box.fill(f"máy {number}")
        box.press("Enter")
        phone_of(page, number).get_by_text(f"Đã nhận: máy {number}").wait_for()
    assert office.open == 1
    page.get_by_role("button", name="Đến 3 ngày trước hạn báo cáo").click()
    expect(page.locator(".clock")).to_contain_text("Thứ Ba 17/11")
    assert office.moves == ["before-due"]
    page.reload()
    for number in range(1, 5):
        expect(phone_of(page, number).locator(".bubble")).to_have_text(
            [f"máy {number}", f"Đã nhận: máy {number}"]
        )


@pytest.mark.parametrize("width", [320, 390, 700, 1440])
def test_every_button_of_the_demo_is_in_sight(page: Page, office: Office, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 780})
    page.goto(f"{office.address}/demo")
    for button in page.locator(".bar").get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_the_story_plays_to_its_end(page: Page, office: Office) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    office.answers["kích hoạt vneid"] = [
        {"text": "Máy nào?", "choices": choices(("keys@1", "Phím bấm"), ("help@1", "Nhờ tổ số"))}
    ]
    office.answers["help@1"] = [
        {"text": "Đã gửi."},
        {"chat": "web:2", "text": "Việc mới.", "choices": choices(("claim@K47", "Nhận"))},
    ]
    office.answers["chị chào em"] = [{"chat": "web:1", "text": "Chị chào em", "from": "Chị Hường"}]
    office.answers["the clock moves"] = [{"chat": "web:3", "text": "Hạn báo cáo là **mai**."}]
    office.story = [
        {"who": "web:1", "text": "kích hoạt vneid"},
        {"who": "web:1", "choice": "help"},
        {"wait": {"who": "web:2", "contains": "Việc mới"}},
        {"who": "web:2", "choice": "claim"},
        {"pause": 1},
        {"who": "web:2", "text": "chị chào em"},
        {"move": "at 2026-11-17T08:00+07:00"},
        {"wait": {"who": "web:3", "contains": "**mai**"}},
    ]
    page.goto(f"{office.address}/demo?speed=20")
    page.get_by_role("button", name="Xem câu chuyện").click()
    expect(page.locator("html")).to_have_attribute("data-story", "done")
    assert office.texts == ["kích hoạt vneid", "help@1", "claim@K47", "chị chào em"]
    assert office.moves == ["at 2026-11-17T08:00+07:00"]
    assert page.locator("[data-note]").inner_text().startswith("Hết câu chuyện")


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ({"who": "web:2", "choice": "claim"}, "không thấy nút “claim” ở máy của Chị Hường"),
        ({"wait": {"who": "web:1", "contains": "xong"}}, "không thấy “xong” ở máy của Minh"),
        ({"who": "web:1", "text": "im lặng"}, "máy của Minh không có tin trả lời"),
        ({"who": "web:9", "text": "ai"}, "không có máy nào tên “web:9”"),
    ],
)
def test_a_story_that_cannot_go_on_says_at_which_line_and_why(
    page: Page, office: Office, step: Said, why: str
) -> None:
    office.answers["im lặng"] = []
    office.story = [{"who": "web:1", "text": "chào"}, step]
    page.goto(f"{office.address}/demo?speed=20&patience=0.3")
    page.get_by_role("button", name="Xem câu chuyện").click()
    expect(page.locator("html")).to_have_attribute("data-story", "stopped")
    expect(page.locator("[data-note]")).to_contain_text(f"dòng 2: {why}")


def test_a_story_can_be_paused_gone_on_with_and_stopped(page: Page, office: Office) -> None:
    office.story = [{"who": "web:1", "text": text} for text in ("một hai ba bốn", "năm", "sáu")]
    page.goto(f"{office.address}/demo")
    page.get_by_role("button", name="Xem câu chuyện").click()
    page.get_by_role("button", name="Tạm dừng").click()
    expect(page.locator("html")).to_have_attribute("data-story", "paused")
    half = phone_of(page, 1).get_by_role("textbox").input_value()
    assert half != "một hai ba bốn"
    page.get_by_role("button", name="Nhanh ×1").click()
    page.get_by_role("button", name="Xem tiếp").click()
    phone_of(page, 1).get_by_text("Đã nhận: một hai ba bốn").wait_for()
    page.get_by_role("button", name="Dừng", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-story", "stopped")
    assert "sáu" not in office.texts
