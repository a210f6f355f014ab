"""The template of a report: filled in with a table program it gives the figures back, cell by cell."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import msgspec
import pytest
import xlsxwriter

from bot import filled, making, spreadsheet
from bot.filled import XLSX, facts_of
from bot.wording import Wording
from handlers.made import Cell, Sheet
from handlers.rules import periods, template
from handlers.rules.entry import Half
from handlers.rules.template import Filled, Mark, Table, Typed, heard
from handlers.rules.validation import NO_DATA, Value, troubles
from handlers.text import Text, as_is
from knowledge.form_files import load_forms
from knowledge.forms import Indicator

FORM = load_forms()["monthly"]
PERIOD = periods.period_of(FORM, date(2026, 11, 14))
MARK = Mark(3, "monthly", 1, "2026-11")
LAST = {"services-used-online": Value(112, 390), "online-transactions": Value(412)}
ENTERED = {"paperless-meetings": Value(9, 11), "official-email": NO_DATA}


def blank(lang: str = "vi") -> bytes:
    sheet = template.blank(FORM, MARK, (as_is("Báo cáo"), as_is("xã Ứng Hòa")), ENTERED, LAST, lang)
    wording = Wording()
    return making.file(making.ordered(sheet, lambda text: wording.word(text, lang)))


def table(data: bytes, folder: Path) -> Table:
    path = folder / "sent"
    path.write_bytes(data)
    return filled_table(facts_of(path, XLSX))


def filled_table(facts: dict[str, str]) -> Table:
    return msgspec.json.decode(facts[template.SHEET], type=Table)


@pytest.fixture
def fresh(tmp_path: Path) -> Table:
    return table(blank(), tmp_path)


def typed(fresh: Table, *merged: str, **cells: str | float) -> Table:
    """Give a template in which somebody has typed something; numbers as a table program keeps them."""
    kinds = {
        name: Typed(f"{one:g}", "number") if isinstance(one, int | float) else Typed(one)
        for name, one in cells.items()
    }
    return Table({**fresh.cells, **kinds}, merged)


def impossible(one: Indicator, value: Value) -> Text | None:
    return next((each.why for each in troubles(one, value) if each.level == "impossible"), None)


def said(table: Table) -> Filled:
    kept = {one.id: LAST[one.id].of for one in FORM.indicators if one.of_kept and one.id in LAST}
    return heard(FORM, table, lambda one: kept.get(one.id), impossible)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_template_knows_whose_it_is_and_says_nothing_until_it_is_filled_in(
    lang: str, tmp_path: Path
) -> None:
    fresh = table(blank(lang), tmp_path)
    assert template.marked(fresh) == MARK
    assert template.changed_heading(fresh) == ""
    assert said(fresh) == Filled({}, (), {}, {})


def test_it_shows_what_is_known(fresh: Table) -> None:
    cells = {name: cell.text for name, cell in fresh.cells.items()}
    assert (cells["C8"], cells["D8"]) == ("9", "11")
    assert cells["C11"] == "chưa có số liệu"
    assert cells["D13"] == "390"
    assert cells["E13"] == "112/390 = 28,72%"
    assert cells["E12"] == "412"


# What was typed into the cells, what was understood, and which cell is told of.
ROWS: list[tuple[dict[str, str | float], dict[str, Value], list[str]]] = [
    ({"C9": 214.0, "D9": 218.0}, {"signed-documents": Value(214, 218)}, []),
    ({"C9": "214", "D9": "218"}, {"signed-documents": Value(214, 218)}, []),
    ({"C9": "214/218"}, {"signed-documents": Value(214, 218)}, []),
    ({"C9": "214/218", "D9": "218"}, {"signed-documents": Value(214, 218)}, []),
    ({"C9": "214/218", "D9": "220"}, {}, ["D9"]),
    ({"C9": "1.214", "D9": "1.218"}, {"signed-documents": Value(1214, 1218)}, []),
    ({"C9": "98%", "D9": "218"}, {}, ["C9"]),
    ({"C9": 0.98, "D9": 218.0}, {}, ["C9"]),
    ({"C9": "chưa có"}, {"signed-documents": NO_DATA}, []),
    ({"C9": "chưa có", "D9": "218"}, {"signed-documents": NO_DATA}, []),
    ({"C9": "khoảng 214", "D9": "218"}, {}, ["C9"]),
    ({"C9": "hai trăm mấy", "D9": "218"}, {}, ["C9"]),
    ({"C9": "214"}, {}, ["D9"]),
    ({"C9": "218", "D9": "214"}, {}, ["C9"]),
    ({"C9": "214", "D9": "=210+8"}, {}, ["D9"]),
    ({"C9": "=214", "D9": "218"}, {}, ["C9"]),
    ({"C10": 2.0, "D10": 46.0}, {"malware-protection": Value(2, 46)}, []),
    ({"C12": 1284.0}, {"online-transactions": Value(1284)}, []),
    ({"C12": "1.284"}, {"online-transactions": Value(1284)}, []),
    ({"C12": 1.284}, {}, ["C12"]),
    ({"C12": -3.0}, {}, ["C12"]),
    ({"C12": "-3"}, {}, ["C12"]),
    ({"C12": "0"}, {"online-transactions": Value(0)}, []),
    ({"C12": "không"}, {}, ["C12"]),
    ({"C12": "12", "D12": "15"}, {}, ["D12"]),
    ({"C12": "1284", "F12": "thu qua mã QR"}, {"online-transactions": Value(1284, reason="thu qua mã QR")}, []),
    ({"C12": "1284", "F12": "=A1"}, {"online-transactions": Value(1284)}, []),
    ({"C13": "118"}, {"services-used-online": Value(118, 390)}, []),
    ({"D13": ""}, {}, []),
    ({"A12": "9", "C12": "412"}, {}, ["A12"]),
    ({"B12": "Số khác", "C12": "412"}, {}, ["A12"]),
    ({"A13": "5", "B13": "Số giao dịch trực tuyến", "C12": "412"}, {"online-transactions": Value(412)}, ["A13"]),
    ({"C8": "10"}, {"paperless-meetings": Value(10, 11)}, []),
    ({"C9": "9/11 x"}, {}, ["C9"]),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "values", "faults"), ROWS, ids=[str(row[0]) for row in ROWS])
def test_a_row_gives_its_figures_or_the_cell_that_is_wrong(
    cells: dict[str, str | float], values: dict[str, Value], faults: list[str], fresh: Table
) -> None:
    got = said(typed(fresh, **cells))
    assert got.values == values
    assert [fault.cell for fault in got.faults] == faults


def test_one_bad_cell_costs_no_other_and_half_of_its_row_is_kept(fresh: Table) -> None:
    got = said(typed(fresh, C9="khoảng 214", D9="218", C10="x", D10="46", C12="412", C14="612", D14="?"))
    assert got.values == {"online-transactions": Value(412)}
    assert got.wholes == {"signed-documents": 218}
    assert got.halves == {"malware-protection": Half("new", 46), "files-handled-online": Half("of", 612)}


def test_merged_cells_are_told_with_their_place(fresh: Table) -> None:
    got = said(typed(fresh, "C9:D9", "G10:G11", C9="214", C12="412"))
    assert [fault.cell for fault in got.faults] == ["C9:D9"]
    assert got.values == {"online-transactions": Value(412)}


def test_a_whole_column_that_was_merged_costs_its_rows_and_no_time(fresh: Table) -> None:
    got = said(typed(fresh, "C8:XFD1048576", C12="412"))
    assert {fault.cell for fault in got.faults} == {"C8:XFD1048576"}


@pytest.mark.parametrize(
    ("changed", "cell"),
    [
        ({"D7": "Tổng"}, "D7"),
        ({"C7": "Trên tổng số, hoặc tổng đến nay"}, "C7"),
        ({"C1": "of", "D1": "value"}, "C7"),
        ({"A7": ""}, "A7"),
    ],
)
def test_a_heading_that_was_changed_is_known(changed: dict[str, str], cell: str, fresh: Table) -> None:
    assert template.changed_heading(typed(fresh, **changed)) == cell


def test_a_merged_heading_is_a_changed_one(fresh: Table) -> None:
    assert template.changed_heading(typed(fresh, "C7:D7")) == "C7:D7"
    assert template.changed_heading(typed(fresh, "A3:H3")) == ""


# --- files ---


def saved(**cells: str) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for name, words in cells.items():
            page.write(name, words)
    return made.getvalue()


def test_formulas_and_merged_cells_are_seen_in_a_real_file(tmp_path: Path) -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_formula("C9", "=200+14", None, 214)
        page.write_number("D9", 218)
        page.merge_range("C10:D10", "46")
    read = table(made.getvalue(), tmp_path)
    assert read.cells["C9"] == Typed("=200+14", "formula")
    assert read.cells["D9"] == Typed("218", "number")
    assert read.merged == ("C10:D10",)


def test_a_cell_at_the_far_end_costs_nothing(tmp_path: Path) -> None:
    read = table(saved(A1="x", XFD1048576="y"), tmp_path)
    assert read.cells == {"A1": Typed("x")}


def test_fifty_megabytes_in_a_small_file_are_not_unpacked(tmp_path: Path) -> None:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved(A1="x"))) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content += b" " * 50_000_000
            target.writestr(name, content)
    path = tmp_path / "sent"
    path.write_bytes(made.getvalue())
    assert path.stat().st_size < 100_000
    assert facts_of(path, XLSX) == {template.UNREAD: "large"}


@pytest.mark.parametrize(
    ("content", "type_", "why"),
    [
        (b"PK\x03\x04 and no more", XLSX, "broken"),
        (b"%PDF-1.7", "application/pdf", "kind"),
        (b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel", "kind"),
    ],
)
def test_what_is_no_whole_xlsx_file_is_told_apart(
    content: bytes, type_: str, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "sent"
    path.write_bytes(content)
    assert facts_of(path, type_) == {template.UNREAD: why}


def test_a_secret_in_a_cell_goes_no_further(tmp_path: Path) -> None:
    read = table(saved(F8="mã OTP là 482913, thu qua mã QR"), tmp_path)
    assert "482913" not in read.cells["F8"].text


def test_more_than_a_template_holds_is_not_carried_on(tmp_path: Path) -> None:
    read = table(saved(A1="x" * 5000, Z1="y", A900="z"), tmp_path)
    assert read.cells == {"A1": Typed("x" * filled.LONGEST)}


def test_the_same_table_gives_the_same_file() -> None:
    sheet = Sheet(((Cell("a", "heading"),), (Cell("0912"),)), (4,), fixed=1)
    assert spreadsheet.written(sheet) == spreadsheet.written(sheet)
