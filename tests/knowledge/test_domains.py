"""The tables of domains: what they say, and which rows are refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.check import check
from knowledge.domains import COLUMNS, DATA, OWN, BadTable, Domains, faults
from knowledge.links import judge

TODAY = date(2026, 11, 30)
SAMPLE = Path(__file__).parent / "topics-sample"
SOURCE = "https://example.vn/noi-ro"
ROW = ["dongngac.vn", "UBND phường Đông Ngạc", "the office of Đông Ngạc", "official", SOURCE, "2026-11"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / OWN


def write(path: Path, *rows: list[str]) -> Path:
    path.write_text("\n".join("\t".join(row) for row in (list(COLUMNS), *rows)) + "\n", "utf-8")
    return path


def test_the_shipped_table_has_no_fault() -> None:
    assert faults(DATA / OWN, TODAY) == []


def test_the_shipped_names_have_a_home_that_is_theirs() -> None:
    domains = Domains.load()
    for name in domains.names:
        assert name.home
        assert all(judge(home, domains).answer != "false" for home in name.home), name.name
        assert all(longer.startswith(name.name[:8]) or name.name in longer for longer in name.unless)


def test_an_office_adds_its_own(table: Path) -> None:
    false = [
        "dongngac-nhanqua.com",
        "UBND phường Đông Ngạc",
        "the office of Đông Ngạc",
        "false",
        SOURCE,
        "2026-11-20",
    ]
    domains = Domains.load(write(table, ROW, false))
    assert judge("https://www.dongngac.vn/tin", domains).answer == "official"
    found = judge("dongngac-nhanqua.com", domains)
    assert (found.answer, found.reason, found.real) == ("false", "warned", "dongngac.vn")
    assert judge("dichvucong.gov.vn", domains).answer == "official"
    assert judge("dongngac.vn").answer == "unknown"


def test_remarks_and_empty_lines_are_left_out(table: Path) -> None:
    write(table, ROW)
    table.write_text(f"\ufeff# của phường\n\n{table.read_text('utf-8')}", "utf-8")
    assert faults(table, TODAY) == []
    assert Domains.load(table).official("a.dongngac.vn")


def test_a_row_that_both_tables_have_is_the_offices(table: Path) -> None:
    row = ["bhxh.co", "Bảo hiểm xã hội", "Social Security", "false", SOURCE, "2026-10"]
    found = Domains.load(write(table, row)).false("bhxh.co")
    assert found
    assert found.since == "10/2026"


@pytest.mark.parametrize(
    ("place", "value", "what"),
    [
        (0, "https://dongngac.vn", '"https://dongngac.vn" is no domain'),
        (0, "DongNgac.vn", '"DongNgac.vn" is no domain'),
        (0, "đôngngạc.vn", '"đôngngạc.vn" is no domain'),
        (0, "dongngac", '"dongngac" is no domain'),
        (0, "com.vn", "anybody may publish below com.vn"),
        (0, "blogspot.com", "anybody may publish below blogspot.com"),
        (0, "bit.ly", "anybody may publish below bit.ly"),
        (
            0,
            "dichvucong-gov.vn",
            'dichvucong-gov.vn carries the name "dichvucong" and is not known as its home',
        ),
        (1, " ", "it is not said whose it is"),
        (3, "thật", 'the kind is "thật"'),
        (4, "nghe nói", 'the source "nghe nói" is no address'),
        (5, "tháng 11", 'the date is "tháng 11"'),
        (5, "2026-13", 'the date is "2026-13"'),
    ],
)
def test_a_wrong_row_is_refused_and_says_why(table: Path, place: int, value: str, what: str) -> None:
    row = list(ROW)
    row[place] = value
    found = faults(write(table, ROW if place else ["abc.vn", *ROW[1:]], row), TODAY)
    assert [(fault.line, fault.what) for fault in found if "stands already" not in fault.what] == [(3, what)]
    assert all(fault.remedy.endswith(".") for fault in found)
    with pytest.raises(BadTable, match="line 3"):
        Domains.load(table)


def test_what_only_an_editor_need_know_is_refused_by_the_check_alone(table: Path) -> None:
    write(table, ROW, ["abc.vn", *ROW[1:5], "2027-01"], ROW, ["abc.vn", "x"])
    assert [fault.what for fault in faults(table, TODAY)] == [
        "the date 2027-01 is in the future",
        '"dongngac.vn" stands already in line 2',
        "the row has 2 columns",
        '"abc.vn" stands already in line 3',
    ]


def test_a_false_domain_needs_the_month_of_the_warning(table: Path) -> None:
    write(table, [*ROW[:3], "false", SOURCE, "2026"])
    assert [fault.what for fault in faults(table, TODAY)] == ['the date is "2026"']


def test_the_knowledge_check_reads_an_offices_table(tmp_path: Path) -> None:
    folder = tmp_path / "topics"
    (folder / "vi").mkdir(parents=True)
    write(folder / OWN, ["dongngac.vn", "x"])
    (problem,) = check(folder, TODAY)
    assert str(problem).startswith(f"{folder / OWN}, line 2: the row has 2 columns. Write 6")
