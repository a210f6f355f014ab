"""A guide and a request on an Official Account, end to end: the real `toso run`, real HTTP, a server that is strict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.bot.office import Office, Running
from tests.simulators.zalo_oa import PNG, Seat, Shown, ZaloOAServer
from tests.simulators.zalo_tokens import APP_SECRET

TEAM = "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
STUCK = "máy cục gạch, không nhận được tin nhắn"
PDF = b"%PDF-1.7\n" + bytes(500)
LONG = 60.0  # seconds for an answer: the machine may be busy


@contextmanager
def serving(office: Office, zalo: ZaloOAServer, **more: str) -> Iterator[Running]:
    with office.running(ready=True, **more) as running:
        zalo.calls_to(f"{running.url}/hooks/zalo_oa")
        yield running


@pytest.fixture
def zalo(tmp_path: Path) -> Iterator[ZaloOAServer]:
    with ZaloOAServer() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, zalo: ZaloOAServer) -> Office:
    """An office whose operator has done all that docs/vi/zalo-oa.md asks for."""
    here = Office(tmp_path)
    here.write(
        f"""channels = ["web", "zalo_oa"]
[zalo_oa]
id = "{zalo.oa}"
app_id = "{zalo.app}"
app_secret = "{APP_SECRET}"
secret = "{zalo.secret}"
api = "{zalo.url}"
oauth = "{zalo.url}"
media_hosts = ["{zalo.url}"]
"""
    )
    assert here.toso("db", "upgrade").status == 0
    brings_a_pair(here, zalo)
    return here


def brings_a_pair(office: Office, zalo: ZaloOAServer) -> None:
    done = office.toso("zalo", "token", typed="\n".join(zalo.tokens.pair()))
    assert done.status == 0, done.err


def hears(seat: Seat, words: str = "") -> Shown:
    return seat.hears(words, within=LONG)


def shown_to(seat: Seat, *, image: bool) -> Shown:
    """Wait for a picture, or for a file."""
    while True:
        shown = hears(seat)
        if shown.image if image else shown.file:
            return shown


def asks_for_help(citizen: Seat) -> str:
    """Fill the request in and send it; give its code."""
    citizen.writes("người thật")
    hears(citizen, "vướng gì")
    citizen.writes(STUCK)
    hears(citizen, "phường")
    citizen.writes("phuong dong ngac to 7")
    hears(citizen, "1. ")
    citizen.presses("1")
    assert STUCK in hears(citizen, "1. ").text
    citizen.presses("1")
    code = re.search(r"YC-(\w+)", hears(citizen, "YC-").text)
    assert code is not None
    return code[1]


def test_a_citizen_is_greeted_guided_and_helped_by_the_team(office: Office, zalo: ZaloOAServer) -> None:
    code = office.toso("invite", "member", TEAM, "Chị Hường").out.strip()
    tham, huong = zalo.person("Thắm"), zalo.person("Hường")
    with serving(office, zalo) as running:
        huong.writes(code)
        hears(huong, "tổ dân phố 7")
        tham.follows()
        assert "trợ lý tự động" in hears(tham).text
        tham.writes("kích hoạt vneid thế nào")
        tham.presses(hears(tham, "1. ").labels[0])
        hears(tham, "Bước 1")
        brings_a_pair(office, zalo)  # beside the running process, which takes it up
        number = asks_for_help(tham)
        card = hears(huong, number)
        assert STUCK in card.text
        huong.writes(f"nhận {number}")
        hears(huong, f"YC-{number}")
        hears(tham, "Chị Hường")
        huong.writes("Chào bác, bác xóa bớt tin nhắn cũ rồi gửi lại mã nhé.")
        hears(tham, "xóa bớt tin nhắn cũ")
        tham.sends_photo(PNG, caption="màn hình đây cô")
        assert shown_to(huong, image=True).image == PNG
        huong.sends_file("cach-lam.pdf", PDF)
        assert shown_to(tham, image=False).file == "cach-lam.pdf"
        tham.hears_official("Bác Thắm ra Ủy ban giúp cháu nhé")
        tham.writes("Được rồi cháu ơi, mã về rồi, là 482913")
        assert "482913" not in hears(huong, "mã về rồi").text
        assert zalo.waits_until(lambda: zalo.delivered, LONG)
        assert {answer.status for answer in zalo.answers} == {200}
        assert zalo.slow == []
        assert running.stop() == 0
    assert all("**" not in shown.text for seat in (tham, huong) for shown in seat.sees())
    written = "".join(running.log)
    assert "Traceback" not in written
    assert not any(
        words in written for words in (STUCK, "xóa bớt", "Thắm", "482913", zalo.secret, "of-the-simulator")
    )
    assert b"482913" not in (office.folder / "data" / "toso.db").read_bytes()


def test_an_expired_token_is_renewed_and_whoever_left_is_written_to_no_more(
    office: Office, zalo: ZaloOAServer
) -> None:
    lan = zalo.person("Lan")
    with serving(office, zalo) as running:
        lan.writes("quen mat khau vneid")
        hears(lan, "Quên mật khẩu")
        zalo.tokens.dies()
        lan.writes("cảm ơn")
        hears(lan, "Giúp được là vui rồi")
        lan.unfollows()
        assert zalo.waits_until(lambda: zalo.delivered, LONG)
        zalo.passes(timedelta(hours=1))
        lan.follows()
        lan.writes("menu")
        hears(lan, "Hoặc chọn")
        assert running.stop() == 0
    assert zalo.tokens.given == 1
    assert zalo.tokens.burnt == []


def test_buttons_are_pressed_where_the_account_may_have_them(office: Office, zalo: ZaloOAServer) -> None:
    zalo.buttons = True
    lan = zalo.person("Lan")
    with serving(office, zalo, zalo_oa_buttons="on") as running:
        lan.writes("quet ma tra tien lam sao")
        shown = hears(lan)
        assert [data.partition("@")[0] for data in shown.data] == ["go", "more", "person", "wrong"]
        lan.presses(shown.labels[0])
        hears(lan, "Bước 1. Chuẩn bị")
        assert running.stop() == 0


def test_nothing_without_our_signature_is_heard(office: Office, zalo: ZaloOAServer) -> None:
    lan = zalo.person("Lan")
    event = {
        "app_id": zalo.app,
        "sender": {"id": lan.id},
        "recipient": {"id": zalo.oa},
        "event_name": "user_send_text",
        "message": {"msg_id": "false", "text": "menu"},
        "timestamp": zalo.stamp(),
    }
    with serving(office, zalo) as running:
        zalo.tells(event, signed=False)
        zalo.tells(event | {"event_name": "brand_new_event"})
        zalo.tells(b"{" * 1000)
        lan.writes("xin chào")
        hears(lan, "Tổ Số chào")
        assert zalo.waits_until(lambda: zalo.delivered, LONG)
        assert {answer.status for answer in zalo.answers} == {200}
        assert running.stop() == 0
    assert len([shown for shown in lan.sees() if not shown.mine]) == 1


def test_a_wrong_secret_is_told_by_the_log_the_figures_and_the_doctor(
    office: Office, zalo: ZaloOAServer
) -> None:
    lan = zalo.person("Lan")
    with serving(office, zalo, zalo_oa_secret="copied-from-elsewhere") as running:
        lan.writes("xin chào")
        running.says("came with a wrong signature and counts for nothing, 1 since the start")
        figures = httpx.get(f"{running.url}/metrics", timeout=LONG).text
        assert f'toso_hook_refused{{account="zalo_oa:{zalo.oa}",fault="signature"}} 1.0' in figures
        assert running.stop() == 0
    assert {answer.status for answer in zalo.answers} == {200}
    assert "Chép lại ZALO_OA_SECRET (OA Secret Key) từ trang webhook" in office.toso("doctor").out
    with serving(office, zalo) as running:
        lan.writes("xin chào")
        hears(lan, "Tổ Số chào")
        assert running.stop() == 0
    assert "ZALO_OA_SECRET" not in office.toso("doctor").out


def test_the_doctor_asks_zalo_and_answers_in_vietnamese(office: Office, zalo: ZaloOAServer) -> None:
    zalo.package = 12
    told = office.toso("doctor").out
    assert 'Zalo OA: "UBND phường Đông Ngạc", gói Nâng cao' in told
    assert "Zalo OA: còn 12 tin gửi sau 48 giờ" in told
