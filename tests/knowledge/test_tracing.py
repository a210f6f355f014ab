"""Which figures and names of a topic are traced to its sources, and which are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.page import Page, read_page
from knowledge.tracing import untraced

SAMPLE = Path(__file__).parent / "topics-sample"
PAGE = """---
id: library.card
title: {title}
questions: [mấy giờ mở cửa]
owner: Thư viện xã
checked: 2026-11-01
expires: 2027-05-01
sources:
  - title: Nội quy năm 2026, Điều 3
    url: https://thuvien.example.gov.vn/noi-quy
    holds: [{holds}]
---
{answer}

## {heading} {{#desk code=T02}}
{step}

- [{label}](done)
- [Nhờ tổ](help)
"""


def page(folder: Path, lang: str = "vi", *, holds: str = "", **texts: str) -> Page:
    """A topic in which nothing has to be traced but what the test writes."""
    written = {"title": "Thẻ", "answer": "Ra quầy.", "heading": "Quầy", "step": "Ra quầy.", "label": "Xong"}
    path = folder / lang / "library.card.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(PAGE.format(holds=holds, **(written | texts)), encoding="utf-8")
    return read_page(path)


def said(found: Page, original: Page | None = None) -> list[str]:
    return [fault.what.removeprefix("no source holds the ") for fault in untraced(found, original)]


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        ("Lệ phí 55.000 đồng.", "55,000 VND"),
        ("Lệ phí 55000 đồng.", "55.000 đồng"),
        ("Lệ phí 55\u00a0000 đồng.", "55.000 đồng"),
        ("Phạt 1.000.000 đồng.", "1,000,000 VND"),
        ("Mở cửa 07:30.", "7:30"),
        ("Từ 01/07/2025.", "từ ngày 1/7/2025"),
        ("Chậm nộp 0,05% mỗi ngày.", "0.05%"),
        ("Gọi 1900.0368.", "tổng đài 1900.0368"),
        ("Gọi 113, 114.", "113 công an, 114 cháy"),
        ("Đổi khi đủ 25 tuổi.", "25 tuổi"),
    ],
)
def test_a_figure_is_held_however_it_is_written(tmp_path: Path, answer: str, holds: str) -> None:
    assert said(page(tmp_path, answer=answer, holds=f'"{holds}"')) == []


@pytest.mark.parametrize(
    ("answer", "holds", "named"),
    [
        ("Lệ phí 55.000 đồng.", "5.000 đồng", ["figure 55000"]),
        ("Trong 3 ngày, hoặc 5 ngày.", "3 ngày làm việc", ["figure 5"]),
        ("Trong 3 ngày.", "13 ngày làm việc", ["figure 3"]),
        ("Gọi 19000368.", "1900 0368", ["figure 19000368"]),
        ("Từ 1/7/2026.", "từ 1/7/2025", ["figure 2026"]),
        ("Lệ phí 10 đồng.", "100 đồng", ["figure 10"]),
    ],
)
def test_a_figure_that_no_source_holds_is_named(
    tmp_path: Path, answer: str, holds: str, named: list[str]
) -> None:
    assert said(page(tmp_path, answer=answer, holds=f'"{holds}"')) == named


def test_a_name_in_bold_is_held_whatever_its_capitals(tmp_path: Path) -> None:
    held = '"mục Đăng ký thẻ ở đầu trang"'
    assert said(page(tmp_path, answer="Bấm **Đăng ký thẻ**.", holds=held)) == []
    assert said(page(tmp_path, answer="Bấm **ĐĂNG KÝ THẺ**.", holds=held)) == []
    assert said(page(tmp_path, answer="Bấm **Đăng ký**, **Gửi**.", holds=held)) == ["name **Gửi**"]


def test_everything_that_is_shown_is_looked_at(tmp_path: Path) -> None:
    found = page(tmp_path, title="1 thẻ", answer="2 quầy.", heading="3 quầy", step="4 quầy.", label="5 quầy")
    assert said(found) == [f"figure {n}" for n in (1, 2, 3, 4, 5)]
    assert [fault.line for fault in untraced(found)] == [3, 13, 15, 16, 18]


def test_the_code_of_a_step_is_no_figure(tmp_path: Path) -> None:
    assert said(page(tmp_path, answer="Gõ B71 để làm tiếp.")) == []
    assert said(page(tmp_path, answer="Đèo B7 và CT07.")) == ["figure 7"]


def test_what_a_source_is_called_holds_nothing(tmp_path: Path) -> None:
    assert said(page(tmp_path, answer="Theo Điều 3, năm 2026.")) == ["figure 2026", "figure 3"]


def test_a_translation_rests_on_the_sources_of_the_original(tmp_path: Path) -> None:
    original = page(tmp_path, answer="Lệ phí 55.000 đồng, bấm **Gửi**.", holds='"55.000 đồng", "Gửi"')
    english = page(tmp_path, "en", answer="The fee is 55,000 VND; press **Gửi** within 3 days.")
    assert said(english, original) == ["figure 3"]
    assert said(english) == ["figure 3", "figure 55000", "name **Gửi**"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_sample_is_traced(lang: str) -> None:
    for path in sorted((SAMPLE / lang).iterdir()):
        assert said(read_page(path), read_page(SAMPLE / "vi" / path.name)) == [], path
