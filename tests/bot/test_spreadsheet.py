"""A table can be printed: as wide as one sheet of paper, every word of it to be read."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import pytest

from bot import spreadsheet
from bot.lists.xlsx import MAIN
from handlers.made import Cell, Sheet

LONG = "Số dịch vụ công trực tuyến có ít nhất một hồ sơ nộp trên mạng trong kỳ, trên mọi dịch vụ đang có."


def page(sheet: Sheet) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(spreadsheet.written(sheet))) as archive:
        return ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))


@pytest.mark.parametrize(("widths", "upright"), [((10, 40), True), ((10, 40, 60), False)])
def test_a_table_is_as_wide_as_one_sheet_of_paper(widths: tuple[int, ...], upright: bool) -> None:
    made = page(Sheet(((Cell("TT", "heading"),) * len(widths),), widths, fixed=1))
    paper = made.find(f"{MAIN}pageSetup")
    assert paper is not None
    assert (paper.get("paperSize"), paper.get("fitToHeight")) == ("9", "0")
    assert (paper.get("orientation") != "landscape") == upright
    assert made.find(f"{MAIN}sheetPr/{MAIN}pageSetUpPr[@fitToPage='1']") is not None


def test_a_row_is_as_high_as_its_longest_cell_and_a_title_may_run_on() -> None:
    made = page(Sheet(((Cell(LONG, "title"),), (Cell("ngắn"),), (Cell("1"), Cell(LONG, "quiet"))), (10, 25)))
    heights = [row.get("ht") for row in made.iter(f"{MAIN}row")]
    assert heights[:2] == [None, None]
    assert float(heights[2] or 0) == 4 * spreadsheet.LINE
