"""What a line about visits says: a table that an officer can read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.wording import Wording
from handlers.rules import visits
from handlers.rules.visit_words import MATTERS, NEEDS
from handlers.rules.visits import Read, minutes_in, settled, told
from handlers.text import Text

TODAY = date(2026, 11, 17)  # a Tuesday
VILLAGES = ("thôn Đoài", "thôn Đình", "tổ dân phố 7")
KINDS = {
    "household": "hộ",
    "more": "việc thêm",
    "person": "người",
    "business": "cơ sở",
    "class": "lớp",
    "session": "buổi lưu động",
    "unmet": "hộ còn vướng",
}
FAULTS = {
    "nothing": "không có số đếm",
    "to-come": "ngày chưa đến",
    "too-old": "quá 31 ngày",
    "no-such-day": "không có ngày này",
    "several-days": "mấy ngày một dòng",
    "several-places": "mấy thôn một dòng",
    "too-many": "số quá lớn",
}
_columns, *ROWS = [
    [cell.strip() for cell in line.split("|")]
    for line in (Path(__file__).parent / "golden/visits.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def shown(found: Read, wording: Wording) -> list[str]:
    """Give what was read as the table writes it."""
    if found.fault:
        return ["-", "-", f"không nhận: {FAULTS[found.fault]}", "-"]
    labels: dict[str, Text] = {topic: label for topic, (label, _words) in MATTERS.items()}
    labels |= {need: label for need, (label, _words) in NEEDS.items()}
    counts = [
        " ".join(
            [
                str(one.count),
                KINDS[one.kind],
                *([f"({wording.word(labels[one.topic], 'vi')})"] if one.topic else []),
            ]
        )
        for one in found.counts
    ]
    if found.doubt:
        counts.append(f"hỏi lại: {found.doubt} hộ trong hay ngoài số đó")
    minutes = "-" if found.minutes is None else str(found.minutes)
    assert found.day is not None
    return [f"{found.day:%d/%m/%Y}", found.place or "-", ", ".join(counts), minutes]


def test_the_table_is_long_enough() -> None:
    assert len(ROWS) >= 60


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_line_says_what_its_helper_means(row: list[str], wording: Wording) -> None:
    said, *meant, _why = row
    assert shown(visits.read(said, TODAY, VILLAGES), wording) == meant


def test_a_household_with_a_need_counts_as_its_helper_says() -> None:
    found = visits.read("hôm nay 3 nhà: 2 vneid 1 qr. nhà bà Chín chưa có điện thoại", TODAY)
    assert found.doubt == 1
    assert settled(found, inside=True).total("household") == 3
    extra = settled(found, inside=False)
    assert (extra.total("household"), extra.total("unmet"), extra.doubt) == (4, 1, 0)
    assert settled(extra, inside=True) == extra


@pytest.mark.parametrize(
    ("answer", "minutes"),
    [("90", 90), ("90p", 90), ("tiếng rưỡi", 90), ("2 tiếng", 120), ("nửa tiếng", 30), ("khoảng 45 phút", 45),
     ("lâu lắm", None), ("5000", None), ("half an hour", 30)],
)  # fmt: skip
def test_minutes_are_read_alone(answer: str, minutes: int | None) -> None:
    assert minutes_in(answer) == minutes


@pytest.mark.parametrize(
    ("words", "tells"),
    [
        ("hôm qua 5 hộ bhyt xóm trên 90p", True),
        ("5 hộ bhyt", True),
        ("giúp 2 nhà vneid", True),
        ("mai 3 hộ vneid", True),  # it is told why that is not kept
        ("hôm nay mệt quá", False),
        ("nhà em có 2 hộ chung một số", False),
        ("kích hoạt vneid", False),
        ("9/11", False),
    ],
)
def test_a_line_about_visits_is_told_from_other_words(words: str, tells: bool) -> None:
    assert told(words, TODAY) is tells


def test_a_name_of_a_person_is_no_place_and_is_not_kept() -> None:
    found = visits.read("hom qua nha ba Chin chua co dien thoai", TODAY, VILLAGES)
    assert (found.place, [(one.kind, one.count) for one in found.counts]) == (
        "",
        [("household", 1), ("unmet", 1)],
    )
