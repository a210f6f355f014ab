"""An approved report as a document to be signed, and as a table: every part at its place, every figure as approved."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import docx
import msgspec
import pytest

from bot import making
from bot.lists import xlsx
from bot.wording import Wording
from handlers.made import Made
from handlers.records.reports import Report, Submission
from handlers.rules import document, periods
from handlers.rules.validation import NO_DATA, Value, fingerprint
from handlers.text import _
from knowledge.form_files import load_forms

FORM = load_forms()["monthly"]
PERIOD = periods.period_of(FORM, date(2026, 11, 14))
UNIT = "xã Ứng Hòa"
NAMED = _("{n}/{year}")(n="11", year="2026")
VALUES = {
    "paperless-meetings": Value(9, 11),
    "signed-documents": Value(214, 218),
    "official-email": NO_DATA,
    "online-transactions": Value(1284, reason="=HYPERLINK(1), thu qua mã QR"),
}
SENT = Submission(
    number=2,
    form_version=1,
    values=VALUES,
    sha256=fingerprint(FORM, UNIT, PERIOD, VALUES),
    at=datetime(2026, 11, 16, 1, 21, tzinfo=UTC),
    by=7,
    decided=datetime(2026, 11, 17, 1, 28, tzinfo=UTC),
    decided_by=8,
)
REPORT = Report(unit=3, form="monthly", period="2026-11", receipt="UH-11-K4M", submissions=(SENT,))
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def file(made: Made, lang: str = "vi") -> bytes:
    wording = Wording()
    return making.file(making.ordered(made, lambda text: wording.word(text, lang)))


def letter(unit: str = UNIT, lang: str = "vi") -> bytes:
    return file(document.letter(FORM, unit, "Ứng Hòa", PERIOD, REPORT, SENT, NAMED), lang)


def paragraphs(content: bytes) -> list[str]:
    """Give what is written, in the order in which it is read, line by line."""
    body = docx.Document(io.BytesIO(content)).element.body
    return [
        words
        for line in body.iter(f"{WORD}p")
        if (words := "".join(text.text or "" for text in line.iter(f"{WORD}t")))
    ]


def test_the_parts_stand_in_their_order() -> None:
    read = paragraphs(letter())
    assert read[:11] == [
        "ỦY BAN NHÂN DÂN",
        "XÃ ỨNG HÒA",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: ……/BC-……",
        "Ứng Hòa, ngày …… tháng …… năm ……",
        "BÁO CÁO",
        "Chuyển đổi số hằng tháng, kỳ tháng 11/2026",
        "Số liệu từ 15/10/2026 đến 14/11/2026:",
        "TT",
        "Chỉ tiêu",
    ]
    assert read[-7:] == [
        "Nơi nhận:",
        "- ……;",
        "- …….",
        "CHỨC VỤ CỦA NGƯỜI KÝ",
        "(chữ ký)",
        "……",
        "Lập từ báo cáo đã duyệt: biên nhận UH-11-K4M, bản 2, duyệt lúc 08:28 thứ Ba 17/11/2026. "
        f"SHA-256 của nội dung: {SENT.sha256}",
    ]


def test_it_is_vietnamese_whoever_asks_for_it() -> None:
    assert paragraphs(letter(lang="en")) == paragraphs(letter())


@pytest.mark.parametrize(
    ("unit", "lines"),
    [
        ("phường Đông Ngạc", ["ỦY BAN NHÂN DÂN", "PHƯỜNG ĐÔNG NGẠC"]),
        ("Sở Khoa học và Công nghệ", ["SỞ KHOA HỌC VÀ CÔNG NGHỆ"]),
    ],
)
def test_an_office_is_named_as_it_is(unit: str, lines: list[str]) -> None:
    read = paragraphs(letter(unit))
    assert read[: read.index("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")] == lines


def test_figures_stand_as_they_were_approved() -> None:
    table = docx.Document(io.BytesIO(letter())).tables[1]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[1][:1] + rows[1][3:] == ["1", "9", ""]
    assert [row[3] for row in rows if row[2] == "Tỷ lệ"] == ["98,17%"]
    assert [row[3:] for row in rows if row[0] == "5"] == [["1.284", "=HYPERLINK(1), thu qua mã QR"]]
    assert [row[3] for row in rows if row[0] == "4"] == ["chưa có số liệu"]


def test_paper_letters_and_margins_are_those_of_the_annex() -> None:
    page: Any = docx.Document(io.BytesIO(letter()))
    section = page.sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    around = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    margins = [round(margin.mm) for margin in around if margin is not None]
    allowed = ((20, 25), (20, 25), (30, 35), (15, 20))
    assert all(low <= mm <= high for mm, (low, high) in zip(margins, allowed, strict=True))
    assert page.styles["Normal"].font.name == "Times New Roman"
    head = page.tables[0].cell(0, 1).paragraphs
    nation, motto = head[0].runs[0], head[1].runs[0]
    assert nation.font.size is not None
    assert motto.font.size is not None
    assert (nation.bold, nation.font.size.pt, motto.bold, motto.font.size.pt) == (True, 12, True, 13)
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml


def test_word_finds_the_parts_of_a_paragraph_in_the_order_it_wants() -> None:
    with zipfile.ZipFile(io.BytesIO(letter())) as archive:
        xml = archive.read("word/document.xml").decode()
    assert xml.count("<w:pPr><w:pBdr>") == 3
    assert xml.count("<w:pBdr>") == 3
    assert "<w:tblHeader/>" in xml


def test_the_table_has_numbers_to_reckon_with_and_no_formula() -> None:
    content = file(document.table(FORM, UNIT, PERIOD, REPORT, SENT, NAMED))
    grid = xlsx.grid(content, 1_000_000)
    cells = {number: [(cell.text, cell.kind) for cell in row] for number, row in grid.rows.items()}
    assert cells[1][0] == ("Báo cáo chuyển đổi số hằng tháng", "text")
    assert cells[2][0] == ("xã Ứng Hòa, kỳ tháng 11/2026", "text")
    assert SENT.sha256 in cells[4][0][0]
    assert ("9", "number") in cells[7]
    assert ("11", "number") in cells[8]
    everything = [cell for row in cells.values() for cell in row]
    assert ("1284", "number") in everything
    assert ("=HYPERLINK(1), thu qua mã QR", "text") in everything
    assert all(kind != "formula" for _text, kind in everything)


def test_an_order_survives_being_stored() -> None:
    wording = Wording()
    made = document.letter(FORM, UNIT, "Ứng Hòa", PERIOD, REPORT, SENT, NAMED)
    order = making.ordered(made, lambda text: wording.word(text, "vi"))
    assert msgspec.json.decode(order)["type"] == "letter"


def test_a_correction_says_why_at_its_foot() -> None:
    why = "đếm nhầm thôn 3"
    corrected = msgspec.structs.replace(SENT, corrected=why)
    said = f"Bản 2 đính chính bản trước: {why}"
    made = document.letter(FORM, UNIT, "Ứng Hòa", PERIOD, REPORT, corrected, NAMED)
    assert any(said in words for words in paragraphs(file(made)))
    table = file(document.table(FORM, UNIT, PERIOD, REPORT, corrected, NAMED))
    assert any(said in cell.text for row in xlsx.grid(table, 1_000_000).rows.values() for cell in row)
    assert not any("đính chính" in words for words in paragraphs(letter()))
