"""Photos, voice notes and files on the page: looked at before they leave, made small, sent once, fetched on demand."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.bot.web_office import Office, Sent, bubbles, write
from tests.browsing import CHROMIUM, NONE_FOUND, set_offline, wait_until, watched
from tests.pictures import photo_with_a_place, png, side_of_jpeg

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NONE_FOUND)

STATUS = "Mất mạng: tin sẽ được gửi khi có mạng"
DRAWN = """([width, height]) => new Promise((done) => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").fillRect(0, 0, width, height / 2);
  canvas.toBlob(async (blob) => {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    done(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
  }, "image/jpeg");
})"""
WAITING = """() => new Promise((done) => {
  const asked = indexedDB.open("toso", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("files");
  asked.onsuccess = () => {
    const count = asked.result.transaction("files").objectStore("files").count();
    count.onsuccess = () => { asked.result.close(); done(count.result); };
  };
})"""


def choose(page: Page, button: str, name: str, kind: str, content: bytes) -> None:
    page.get_by_role("button", name="Thêm ảnh").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button, exact=True).click()
    chooser.value.set_files({"name": name, "mimeType": kind, "buffer": content})


def send(page: Page) -> None:
    page.get_by_role("button", name="Gửi", exact=True).click()


@pytest.mark.parametrize(
    ("light", "taken", "sent"),
    [("", (2400, 1200), (1600, 800)), ("", (300, 900), (300, 900)), ("?nhe=1", (2400, 1200), (1024, 512))],
)
def test_a_photo_leaves_small_and_without_where_it_was_taken(
    page: Page, office: Office, light: str, taken: tuple[int, int], sent: tuple[int, int]
) -> None:
    page.goto(f"{office.address}/{light}")
    jpeg = base64.b64decode(page.evaluate(DRAWN, list(taken)))
    photo = photo_with_a_place(jpeg)
    choose(page, "Ảnh", "IMG_2026 nhà cô.HEIC.jpeg", "image/jpeg", photo)
    page.get_by_role("button", name="Bỏ tệp này").wait_for()
    assert office.brought == {}
    send(page)
    page.get_by_text("Đã nhận: photo").wait_for()
    (brought,) = office.brought.values()
    assert b"GPS" in photo
    assert b"GPS" not in brought.content
    assert b"Exif" not in brought.content
    assert side_of_jpeg(brought.content) == sent
    assert [brought.name, brought.type] == ["IMG_2026 nhà cô.HEIC.jpg", "image/jpeg"]
    assert office.heard[0][1]["attachment"] == {
        "kind": "photo",
        "ref": "ref-1",
        "name": "IMG_2026 nhà cô.HEIC.jpg",
        "size": len(brought.content),
    }


def test_a_photo_is_looked_at_beside_a_warning_before_it_leaves_and_can_stay(
    page: Page, office: Office
) -> None:
    page.goto(office.address)
    page.get_by_role("button", name="Thêm ảnh").click()
    assert page.get_by_text("Đừng gửi ảnh giấy tờ tuỳ thân").is_visible()
    page.keyboard.press("Escape")
    choose(page, "Ảnh", "a.png", "image/png", png(40, 30))
    sender = page.get_by_role("button", name="Gửi", exact=True)
    expect(sender).to_be_focused()
    expect(sender).to_have_accessible_description(
        "Xem lại rồi bấm Gửi. Đừng gửi ảnh giấy tờ tuỳ thân, mã OTP hay mật khẩu. a.jpg (0,8 kB)"
    )
    page.get_by_role("button", name="Bỏ tệp này").click()
    expect(page.get_by_role("textbox")).to_be_focused()
    write(page, "thôi")
    page.get_by_text("Đã nhận: thôi").wait_for()
    assert office.brought == {}


@pytest.mark.parametrize(
    ("button", "name", "kind", "known"),
    [
        ("Tin thoại", "loi nhan.m4a", "audio/mp4", "voice"),
        ("Tệp", "tờ khai.pdf", "application/pdf", "file"),
        ("Tệp", "thu.mp3", "audio/mpeg", "voice"),
        ("Ảnh", "phim.mp4", "video/mp4", "file"),
    ],
)
def test_other_files_leave_as_they_are(
    page: Page, office: Office, button: str, name: str, kind: str, known: str
) -> None:
    page.goto(office.address)
    choose(page, button, name, kind, b"what is in it")
    page.get_by_role("textbox").fill("kèm tệp")
    send(page)
    page.get_by_text("Đã nhận: kèm tệp").wait_for()
    assert [(one.name, one.type, one.content) for one in office.brought.values()] == [
        (name, kind, b"what is in it")
    ]
    assert office.heard[0][1]["attachment"]["kind"] == known
    assert office.texts == ["", "kèm tệp"]


@pytest.mark.parametrize(
    ("button", "name", "kind", "content", "said"),
    [
        ("Ảnh", "hong.jpg", "image/jpeg", b"no picture", "Máy chưa mở được ảnh này."),
        ("Tệp", "trong.pdf", "application/pdf", b"", "Tệp này trống."),
    ],
)
def test_what_cannot_be_sent_is_said_at_once(
    page: Page, office: Office, button: str, name: str, kind: str, content: bytes, said: str
) -> None:
    page.goto(office.address)
    choose(page, button, name, kind, content)
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_role("button", name="Thêm ảnh")).to_be_focused()
    assert page.locator(".tray").is_hidden()
    choose(page, "Tệp", "a.txt", "text/plain", b"a")
    expect(page.get_by_role("alert")).to_be_empty()


def test_a_file_too_large_for_the_server_never_leaves(page: Page, office: Office, tmp_path: Path) -> None:
    with (tmp_path / "nang.pdf").open("wb") as large:
        large.truncate(20_000_001)
    page.goto(office.address)
    page.get_by_role("button", name="Thêm ảnh").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Tệp", exact=True).click()
    chooser.value.set_files(tmp_path / "nang.pdf")
    expect(page.get_by_role("alert")).to_contain_text("Tệp nặng quá")
    assert office.brought == {}


def test_a_photo_chosen_without_a_network_survives_a_reload_and_is_sent_once(
    page: Page, office: Office
) -> None:
    page.goto(office.address)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    set_offline(page, off=True)
    choose(page, "Ảnh", "man hinh.png", "image/png", png(64, 48))
    send(page)
    write(page, "cháu xem giúp")
    expect(page.locator("[data-state=queued]")).to_have_count(2)
    expect(page.locator(".net")).to_have_text(STATUS)
    page.reload()
    page.locator(".own img").wait_for()
    assert page.evaluate(WAITING) == 1
    set_offline(page, off=False)
    page.get_by_text("Đã nhận: cháu xem giúp").wait_for()
    assert len(office.brought) == 1
    assert office.texts == ["", "cháu xem giúp"]
    wait_until(page, lambda: page.evaluate(WAITING) == 0)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Tin này chưa gửi được."),
        (507, "Máy của cơ quan hết chỗ cho tệp. Viết bằng lời thì vẫn gửi được."),
    ],
)
def test_a_file_that_the_server_will_not_take_can_be_sent_again(
    page: Page, office: Office, status: int, said: str
) -> None:
    office.refuses = status
    page.goto(office.address)
    choose(page, "Tệp", "a.pdf", "application/pdf", b"%PDF")
    send(page)
    page.get_by_text(said).wait_for()
    write(page, "sao vậy")
    page.get_by_text("Đã nhận: sao vậy").wait_for()
    office.refuses = 0
    page.get_by_role("button", name="Gửi lại").click()
    page.get_by_text("Đã nhận: file").wait_for()
    assert office.texts == ["sao vậy", ""]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (413, "Tệp nặng quá, chưa gửi được."),
        (415, "Loại tệp này chưa gửi được."),
        (422, "Tệp có dấu mật thì không gửi qua đây được."),
    ],
)
def test_a_file_that_never_will_be_taken_says_why_and_does_not_wait(
    page: Page, office: Office, status: int, said: str
) -> None:
    office.refuses = status
    page.goto(office.address)
    choose(page, "Tệp", "kế hoạch MẬT.pdf", "application/pdf", b"%PDF")
    send(page)
    page.get_by_text(said).wait_for()
    assert page.get_by_role("button", name="Gửi lại").count() == 0
    wait_until(page, lambda: page.evaluate(WAITING) == 0)
    kept = page.evaluate("JSON.stringify(localStorage)") + page.locator("main").inner_text()
    assert ("kế hoạch" in kept) is (status != 422)


def test_a_handle_of_a_talk_that_is_gone_is_not_used_in_the_next(page: Page, office: Office) -> None:
    page.goto(office.address)
    write(page, "một")
    page.get_by_text("Đã nhận: một").wait_for()
    office.busy = 1
    choose(page, "Tệp", "a.pdf", "application/pdf", b"%PDF")
    send(page)
    wait_until(page, lambda: len(office.brought) == 1)
    office.talks, office.brought = {"another": "web:another"}, {}
    page.get_by_text("Đã nhận: file").wait_for()
    assert [one.name for one in office.brought.values()] == ["a.pdf"]


def test_a_removed_talk_takes_its_files_along(page: Page, office: Office) -> None:
    page.goto(office.address)
    set_offline(page, off=True)
    choose(page, "Tệp", "a.pdf", "application/pdf", b"%PDF")
    send(page)
    wait_until(page, lambda: page.evaluate(WAITING) == 1)
    page.get_by_role("button", name="Thêm", exact=True).click()
    page.get_by_role("button", name="Xoá cuộc trò chuyện").click()
    page.get_by_role("button", name="Bấm lần nữa").click()
    wait_until(page, lambda: page.evaluate(WAITING) == 0)
    set_offline(page, off=False)


def received(office: Office) -> None:
    photo = office.keep("p", "photo", Sent("a.png", "image/png", png(64, 48)))
    voice = office.keep("v", "voice", Sent("loi.mp3", "audio/mpeg", b"sound"))
    file = office.keep("f", "file", Sent("mẫu.html", "text/html", b"<script>alert(1)</script>"))
    office.answers["xem"] = [
        {"text": "Ảnh đây.", "from": "Chị Hường", "media": photo},
        {"text": "", "from": "Chị Hường", "media": voice},
        {"text": "Mẫu đây.", "from": "Chị Hường", "media": file},
    ]


def test_a_photo_comes_by_itself_and_the_rest_when_pressed(page: Page, office: Office) -> None:
    received(office)
    page.goto(office.address)
    write(page, "xem")
    photo = page.get_by_role("img", name="Ảnh: Chị Hường")
    photo.wait_for()
    assert photo.evaluate("node => [node.naturalWidth, node.naturalHeight]") == [64, 48]
    assert office.fetched == ["p"]
    page.get_by_role("button", name="Nghe tin thoại").click()
    page.locator("audio").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="mẫu.html").click()
    assert download.value.suggested_filename == "mẫu.html"
    assert office.fetched == ["p", "v", "f"]
    assert bubbles(page)[1] == "Ảnh đây."


def test_where_bytes_count_a_photo_comes_when_pressed(page: Page, office: Office) -> None:
    received(office)
    page.goto(f"{office.address}/?nhe=1")
    expect(page.get_by_role("status").first).to_have_text(
        "Đang tiết kiệm dữ liệu: bấm vào ảnh thì ảnh mới tải."
    )
    assert page.locator(".head img").count() == 0
    write(page, "xem")
    page.get_by_text("Mẫu đây.").wait_for()
    page.reload()
    page.get_by_role("button", name="Xem ảnh 0,2 kB").wait_for()
    assert office.fetched == []
    page.get_by_role("button", name="Xem ảnh 0,2 kB").click()
    page.get_by_role("img", name="Ảnh: Chị Hường").wait_for()
    assert office.fetched == ["p"]


def test_saving_data_is_a_switch_that_is_remembered(page: Page, office: Office) -> None:
    page.goto(office.address)
    page.get_by_role("button", name="Thêm", exact=True).click()
    switch = page.get_by_role("switch", name="Tiết kiệm dữ liệu")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()
    page.reload()
    page.get_by_role("button", name="Thêm", exact=True).click()
    expect(switch).to_be_checked()
    switch.click()
    expect(page.locator(".net")).to_be_empty()


def test_a_browser_that_saves_data_is_taken_at_its_word(phone: BrowserContext, office: Office) -> None:
    phone.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'connection', { get: () => ({ saveData: true }) })"
    )
    with watched(phone) as page:
        page.goto(office.address)
        expect(page.locator("html")).to_have_attribute("data-light", "")


@pytest.mark.parametrize(
    ("kept", "said"), [(False, "Tệp này không còn được giữ."), (True, "Chưa tải được. Bấm để thử lại.")]
)
def test_a_file_that_does_not_come_says_why_and_can_be_asked_for_again(
    page: Page, office: Office, kept: bool, said: Any
) -> None:
    received(office)
    page.goto(office.address)
    write(page, "xem")
    voice = page.get_by_role("button", name="Nghe tin thoại")
    voice.wait_for()
    if kept:
        set_offline(page, off=True)
    else:
        gone = office.media.pop("v")
    voice.click()
    page.get_by_text(said).wait_for()
    if kept:
        set_offline(page, off=False)
    else:
        office.media["v"] = gone
    voice.click()
    page.locator("audio").wait_for()
