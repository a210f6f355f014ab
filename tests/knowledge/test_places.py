"""What people type for a place, and which commune that is."""

from __future__ import annotations

from collections import Counter
from datetime import date
from time import perf_counter

import pytest

from knowledge.places import Places, bench


@pytest.fixture(scope="module")
def places() -> Places:
    return Places.load()


DONG_NGAC, UNG_HOA = "phường Đông Ngạc, Hà Nội", "xã Ứng Hòa, Hà Nội"


def test_the_list_holds_every_unit_of_today(places: Places) -> None:
    communes = [commune for province in places.provinces for commune in places.communes_of(province.code)]
    assert Counter(province.kind for province in places.provinces) == {"tỉnh": 25, "thành phố": 9}
    assert Counter(commune.kind for commune in communes) == {"xã": 2599, "phường": 709, "đặc khu": 13}
    assert len({commune.code for commune in communes}) == 3321
    assert all(len(commune.code) == 5 and commune.code.isdigit() for commune in communes)
    assert len(places.communes_of("01")) == 126


def test_a_unit_is_called_as_it_was_on_the_day_asked_about(places: Places) -> None:
    before, now = places.commune("26248", date(2026, 4, 1)), places.commune("26248")
    assert before is not None
    assert now is not None
    assert (before.kind, before.until) == ("xã", date(2026, 4, 13))
    assert (now.kind, now.since, now.until) == ("phường", date(2026, 4, 14), None)
    assert [getattr(places.province("75", day), "kind", "") for day in (date(2026, 1, 1), None)] == [
        "tỉnh",
        "thành phố",
    ]


def test_an_unknown_code_gives_none(places: Places) -> None:
    assert places.commune("00000") is None
    assert places.commune("4") is None
    assert places.province("99") is None
    assert places.commune("00004", date(2020, 1, 1)) is None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("đông ngạc", DONG_NGAC),
        ("DONG NGAC", DONG_NGAC),
        ("phường đông ngạc hà nội", DONG_NGAC),
        ("p. dong ngac", DONG_NGAC),
        ("P.Đông Ngạc,HN", DONG_NGAC),
        ("f dong ngac", DONG_NGAC),
        ("ứng hoà hn", UNG_HOA),
        ("ứng hòa hn", UNG_HOA),
        ("tôi ở xã ứng hòa", UNG_HOA),
        ("x. ung hoa tp ha noi", UNG_HOA),
        ("xa tan phu dong nai", "phường Tân Phú, Đồng Nai"),
        ("xã tân phú đông, tiền giang", "xã Tân Phú Đông, Đồng Tháp"),
        ("phường Tân Phú tphcm", "phường Tân Phú, TP. Hồ Chí Minh"),
        ("m'drak", "xã M'Drắk, Đắk Lắk"),
        ("m drắk đăk lăk", "xã M'Drắk, Đắk Lắk"),
        ("côn đảo", "đặc khu Côn Đảo, TP. Hồ Chí Minh"),
        ("Đặc khu Phú Quý", "đặc khu Phú Quý, Lâm Đồng"),
        ("láng", "phường Láng, Hà Nội"),
        ("văn miếu, hà nội", "phường Văn Miếu - Quốc Tử Giám, Hà Nội"),
        ("xã lộc ninh bình phước", "phường Lộc Ninh, Đồng Nai"),
        ("xã mỹ thọ đồng tháp", "xã Mỹ Thọ, Đồng Tháp"),
        ("xã mĩ thọ đồng tháp", "xã Mỹ Thọ, Đồng Tháp"),
        ("Xuân Hương Đà Lạt", "phường Xuân Hương - Đà Lạt, Lâm Đồng"),
    ],
)
def test_a_name_of_today_is_found_however_it_is_written(places: Places, text: str, label: str) -> None:
    matches = places.find(text)
    assert matches.status in ("one", "old")
    assert matches.one is not None
    assert places.label(matches.one) == label
    assert matches.sure


@pytest.mark.parametrize("kind", ["xã", "phường"])
def test_a_unit_that_became_a_ward_is_found_by_either_kind(places: Places, kind: str) -> None:
    matches = places.find(f"{kind} trảng bom")
    assert matches.status == "one"
    assert [commune.code for commune in matches.communes] == ["26248"]


@pytest.mark.parametrize(
    ("text", "label", "was"),
    [
        ("phường 5 quận 3", "phường Bàn Cờ, TP. Hồ Chí Minh", "phường 5, quận 3, TP. Hồ Chí Minh"),
        ("p5 q3 tphcm", "phường Bàn Cờ, TP. Hồ Chí Minh", "phường 5, quận 3, TP. Hồ Chí Minh"),
        ("p.05,q.3", "phường Bàn Cờ, TP. Hồ Chí Minh", "phường 5, quận 3, TP. Hồ Chí Minh"),
        (
            "TT. Trảng Bom, huyện Trảng Bom",
            "phường Trảng Bom, Đồng Nai",
            "thị trấn Trảng Bom, huyện Trảng Bom, Đồng Nai",
        ),
        (
            "xa dong tam dong phu binh phuoc",
            "xã Đồng Tâm, Đồng Nai",
            "xã Đồng Tâm, huyện Đồng Phú, Bình Phước",
        ),
        # Merged into Trúc Bạch in January 2025, half a year before the districts ended.
        (
            "phường Nguyễn Trung Trực, Ba Đình",
            "phường Ba Đình, Hà Nội",
            "phường Trúc Bạch, quận Ba Đình, Hà Nội",
        ),
        # Quận 9 had become a part of Thủ Đức in 2021.
        (
            "p hiep phu quan 9",
            "phường Tăng Nhơn Phú, TP. Hồ Chí Minh",
            "phường Hiệp Phú, thành phố Thủ Đức, TP. Hồ Chí Minh",
        ),
    ],
)
def test_an_old_name_leads_to_the_commune_of_today(places: Places, text: str, label: str, was: str) -> None:
    matches = places.find(text)
    assert matches.status == "old"
    assert [(places.label(reading.commune), reading.was) for reading in matches.readings] == [(label, was)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("P.Đông Ngạc, Q.Bắc Từ Liêm, HN", ["Đông Ngạc", "Phú Thượng"]),
        ("phường đông ngạc bắc từ liêm", ["Đông Ngạc", "Phú Thượng"]),
        ("p. phú thượng, tây hồ", ["Phú Thượng", "Hồng Hà", "Tây Hồ"]),
        ("phường mỹ đình II", ["Cầu Giấy", "Từ Liêm"]),
    ],
)
def test_a_split_ward_is_never_settled_by_a_default(places: Places, text: str, names: list[str]) -> None:
    matches = places.find(text)
    assert matches.status == "split"
    assert matches.one is None
    assert [commune.name for commune in matches.communes] == names


def test_equal_names_are_told_apart_by_the_province(places: Places) -> None:
    matches = places.find("hòa bình", most=3)
    assert matches.status == "several"
    assert len(matches.communes) == 3
    assert matches.total == 5
    assert matches.provinces == ("25", "31", "79", "86", "96")
    one = places.find("hòa bình", province="79").one
    assert one is not None
    assert places.label(one) == "phường Hòa Bình, TP. Hồ Chí Minh"


def test_the_province_that_is_typed_outweighs_the_one_expected(places: Places) -> None:
    one = places.find("hòa bình, hải phòng", province="79").one
    assert one is not None
    assert one.province == "31"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("xã cẩm giang, hải phòng", ["Cẩm Giang"]),
        ("xã cẩm giàng, hải phòng", ["Cẩm Giàng"]),
        ("xa cam giang hai duong", ["Cẩm Giang", "Cẩm Giàng"]),
        ("xã ba tô, quảng ngãi", ["Ba Tô"]),
        ("xã Ba To quảng ngãi", ["Ba Tơ", "Ba Tô"]),
    ],
)
def test_accents_count_where_they_are_typed(places: Places, text: str, names: list[str]) -> None:
    assert [commune.name for commune in places.find(text).communes] == names


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("phuong dong ngac to 7", "to 7"),
        ("Tổ 7, phường Đông Ngạc, Hà Nội", "Tổ 7"),
        ("nhà em ở số 12 ngõ 5 tổ 7 phường Đông Ngạc ạ", "số 12 ngõ 5 tổ 7"),
        ("thôn Đoài, xã Ứng Hòa", "thôn Đoài"),
        ("thon tan phu xa ung hoa", "thon tan phu"),
        ("Đông Ngạc (tdp số 3), HN", "tdp số 3"),
        ("cháu ở xã ứng hoà nhé", ""),
    ],
)
def test_the_village_is_given_back_as_it_was_typed(places: Places, text: str, rest: str) -> None:
    matches = places.find(text)
    assert matches.status == "one"
    assert matches.rest == rest


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("dong nghac ha noi", DONG_NGAC),
        ("phuong dong nghac", DONG_NGAC),
        ("em o dong nagc ah", DONG_NGAC),
        ("đông ngác", DONG_NGAC),
        ("xã Ưng Hoaf, Hà Nội", UNG_HOA),
        ("đông ngạc, đà nẵng", DONG_NGAC),
    ],
)
def test_a_near_spelling_is_offered_and_never_taken(places: Places, text: str, label: str) -> None:
    matches = places.find(text)
    assert matches.status == "near"
    assert matches.one is None
    assert not matches.sure
    assert label in [places.label(commune) for commune in matches.communes]


@pytest.mark.parametrize(
    ("text", "province", "total"), [("hà nội", "01", 126), ("tỉnh bình phước", "75", 40), ("HN", "01", 126)]
)
def test_a_province_alone_asks_for_the_commune(places: Places, text: str, province: str, total: int) -> None:
    matches = places.find(text)
    assert (matches.status, matches.province, matches.total) == ("area", province, total)
    assert matches.readings == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("huyện ứng hòa", {"Vân Đình", "Ứng Thiên", "Ứng Hòa", "Hòa Xá"}),
        ("huyện côn đảo", {"Côn Đảo"}),
        ("thị xã chơn thành, bình phước", {"Chơn Thành", "Minh Hưng", "Nha Bích", "Tân Quan"}),
    ],
)
def test_an_old_district_alone_offers_its_communes(places: Places, text: str, names: set[str]) -> None:
    matches = places.find(text, most=9)
    assert matches.status == "area"
    assert {commune.name for commune in matches.communes} == names


@pytest.mark.parametrize(
    "text",
    ["", "   ", "?!", "sssss", "5", "tôi quên mật khẩu", "làm sao để đăng ký vneid", "0912345678", "1 1 2"],
)
def test_a_text_without_a_place_gives_nothing(places: Places, text: str) -> None:
    matches = places.find(text)
    assert matches.status == "none"
    assert matches.readings == ()


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("nộp hồ sơ thành công rồi", False),
        ("bệnh viện đa khoa đống đa", False),
        ("long an", False),  # a ward today, a province until 2025
        ("phường long an", True),
        ("long an, tây ninh", True),
    ],
)
def test_a_name_that_may_mean_something_else_is_not_sure(places: Places, text: str, sure: bool) -> None:
    assert places.find(text).sure is sure


def test_a_marked_name_outweighs_a_province_that_is_also_a_ward(places: Places) -> None:
    matches = places.find("xa tan hanh huyen thu thua, long an")  # mistyped for Tân Thành
    assert matches.status == "near"
    assert {"Mỹ Thạnh", "Thủ Thừa"} <= {commune.name for commune in matches.communes}


def test_every_commune_is_found_by_its_own_label(places: Places) -> None:
    communes = [commune for province in places.provinces for commune in places.communes_of(province.code)]
    missed = [
        places.label(commune)
        for commune in communes[::5]
        if commune not in places.find(places.label(commune)).communes
    ]
    assert missed == []


def test_names_written_in_many_ways_are_found(places: Places) -> None:
    result = bench(places, perf_counter, every=40)
    assert result.queries > 250
    assert result.found > 0.97
