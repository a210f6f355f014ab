"""Questions about a commune's own desk are told from all others."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.rules import own_commune
from handlers.rules.own_commune import Asked
from knowledge.places import Places

MONDAY = date(2026, 11, 9)
SATURDAY = date(2026, 11, 14)


@pytest.fixture(scope="module")
def places() -> Places:
    return Places.load()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("ở xã tôi", Asked("card")),
        ("o phuong minh", Asked("card")),
        ("xã em", Asked("card")),
        ("thẻ xã", Asked("card")),
        ("my commune", Asked("card")),
        ("xã mình làm việc mấy giờ", Asked("hours")),
        ("xa minh lam viec may gio vay", Asked("hours")),
        ("ủy ban phường mấy giờ mở cửa ạ?", Asked("hours")),
        ("mấy giờ xã nghỉ", Asked("hours")),
        ("cho hỏi giờ làm việc của phường", Asked("hours")),
        ("trung tâm hành chính công mở cửa từ mấy giờ đến mấy giờ", Asked("hours")),
        ("when does the ward office open", Asked("hours")),
        ("opening hours of my commune", Asked("hours")),
        ("hôm nay xã có làm việc không", Asked("today", day=MONDAY)),
        ("hom nay xa co lam viec ko", Asked("today", day=MONDAY)),
        ("chiều nay ủy ban có làm không nhỉ", Asked("today", day=MONDAY)),
        ("thứ bảy phường có làm việc không?", Asked("today", day=SATURDAY)),
        ("mai xã nghỉ à", Asked("today", day=date(2026, 11, 10))),
        ("thứ 7 xã làm việc mấy giờ", Asked("today", day=SATURDAY)),
        ("xã 24/11 có làm việc không", Asked("today", day=date(2026, 11, 24))),
        ("xã có làm việc không", Asked("today")),
        ("is the commune office open today", Asked("today", day=MONDAY)),
        ("is the ward office open on Saturday?", Asked("today", day=SATURDAY)),
        ("số điện thoại của xã", Asked("phone")),
        ("cho xin sdt ubnd phường", Asked("phone")),
        ("gọi xã số nào", Asked("phone")),
        ("phone number of my commune", Asked("phone")),
        ("bao giờ điểm lưu động về xã", Asked("visit")),
        ("xã có lớp học nào không", Asked("class")),
        ("điểm tiếp nhận hồ sơ của phường ở đâu", Asked("point")),
        ("xã Ứng Hòa hôm nay có làm việc không", Asked("today", "10402", MONDAY)),
        ("số điện thoại phường Cầu Giấy Hà Nội", Asked("phone", "00166")),
    ],
)
def test_a_question_about_a_communes_desk_is_understood(text: str, asked: Asked, places: Places) -> None:
    assert own_commune.read(text, MONDAY, places) == asked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "công an xã làm việc mấy giờ",
        "trạm y tế xã hôm nay có làm việc không",
        "bảo hiểm xã hội mở cửa mấy giờ",
        "xin giấy xác nhận ở xã",
        "ra xã làm căn cước",
        "số điện thoại đăng ký VNeID ở phường sai",
        "nhà xa quá có làm online được không",
        "hôm nay xã có phát tiền không",
        "xã của tôi",  # changes the home commune, as ever
        "ngân hàng có làm thứ bảy không",
        "tôi muốn đổi xã",
        "xã 31/2 có làm việc không",
        "xã " * 60,
    ],
)
def test_what_is_about_something_else_is_left_to_the_search(text: str, places: Places) -> None:
    assert own_commune.read(text, MONDAY, places) is None
