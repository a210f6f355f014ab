"""The sheet of visits on paper: one page, nothing cut, and read off as it stands."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pypdfium2
import pytest

from bot.visit_paper import HEIGHT, ROWS, Page, Paper, worded
from bot.wording import Wording
from handlers.rules import visits
from tests.bot.office import Office

NOW = datetime(2026, 11, 9, 2, tzinfo=UTC)
VILLAGES = ("thôn Đoài", "thôn Đình")
WORDING = Wording()


def paper(lang: str) -> Paper:
    return worded(WORDING, lang, "UBND xã Ứng Hòa", "thôn Đoài, xã Ứng Hòa, Hà Nội", VILLAGES)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_row_that_shows_how_it_is_done_is_a_line_that_is_understood(lang: str) -> None:
    row = " ".join(example for _heading, example, _width in paper(lang).columns[1:])
    read = visits.read(row, date(2026, 11, 17), VILLAGES)
    assert (read.fault, read.day, read.place, read.minutes, read.doubt) == (
        "", date(2026, 11, 16), "thôn Đoài", 90, 0,
    )  # fmt: skip
    assert {(count.kind, count.count, count.topic) for count in read.counts} == {
        ("household", 5, "health.insurance"),
        ("unmet", 1, "no-phone"),
    }


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_sheet_is_one_page_with_room_below(lang: str) -> None:
    page = Page(NOW)
    page.sheet(paper(lang))
    document = pypdfium2.PdfDocument(page.bytes())
    assert len(document) == 1
    text = document[0].get_textpage()
    words = text.get_text_bounded()
    assert all(heading.split()[0] in words for heading, _example, _width in paper(lang).columns)
    assert f"\n{ROWS}" in words.replace("\r", "")
    lowest = min(text.get_charbox(at)[1] for at in range(text.count_chars()))
    assert lowest * 25.4 / 72 > 8  # millimetres, which a printer leaves white
    picture = document[0].render(scale=1).to_pil().convert("L")
    assert picture.height == round(HEIGHT * 72 / 25.4)
    dark = [picture.getpixel((x, y)) < 200 for x in (60, 110) for y in range(picture.height)]
    assert sum(dark) > 2 * ROWS  # the lines of the rows


def test_the_command_writes_the_sheet_of_a_team_and_says_what_is_wrong(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.toso("db", "upgrade")
    office.toso("invite", "lead", "thôn Đoài, xã Ứng Hòa, Hà Nội", "Anh Sơn")
    done = office.toso("sheet", "so.pdf", "--of", "thôn Đoài, xã Ứng Hòa, Hà Nội")
    assert (done.status, done.out) == (0, "so.pdf\n")
    words = pypdfium2.PdfDocument(office.folder / "so.pdf")[0].get_textpage().get_text_bounded()
    assert "Tổ công nghệ số: thôn Đoài, xã Ứng Hòa, Hà Nội" in words
    wrong = office.toso("sheet", "so.txt")
    assert (wrong.status, wrong.err) == (1, "so.txt has no ending that is known. Name it with .pdf.\n")
