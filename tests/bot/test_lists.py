"""Lists of places, teams and people: what is refused with row, column and remedy, and what is kept, once."""

from __future__ import annotations

import codecs
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import event, func, insert, select, update

from bot import clock
from bot.lists import keeping, kinds, people
from bot.lists.invitations import open_ones, write
from bot.lists.kinds import KINDS, Kind, template
from bot.lists.sheets import ROWS, csv_file, rows, xlsx_file
from bot.settings import Settings
from bot.store import tables as t
from bot.store.database import Database
from bot.store.people import StoredPeople
from bot.wording import Wording
from handlers.rules.routing import team_for, village_of
from knowledge.places import Places
from tests.bot.office import Office

NOW = datetime(2026, 11, 9, 2, tzinfo=UTC)
PLACES = Places.load()
WORDING = Wording()
UNITS = "mã;cấp;tên;địa bàn\nHN;tỉnh;Sở KHCN Hà Nội;Hà Nội\nUH;xã;UBND xã Ứng Hòa;xã Ứng Hòa, Hà Nội\n"
VILLAGES = (
    "mã;tên;địa bàn;từ ngày;đến ngày;nhập vào\n"
    "D;thôn Đoài;xã Ứng Hòa, Hà Nội;;;\n"
    "M;thôn Đình;10402;;31/10/2026;TN\n"
    "TN;thôn Thống Nhất;10402;1/11/2026;;\n"
)
TEAMS = (
    "mã;tên;địa bàn;thôn, tổ phụ trách\n"
    "TD;thôn Đoài;10402;\n"
    "TX;xã Ứng Hòa;10402;\n"
    "TT;liên thôn;10402;TN + thôn Đoài\n"
)
PEOPLE = (
    "mã;họ tên;xưng hô;điện thoại;vai trò;tổ hoặc cơ quan;đến ngày\n"
    ";Nguyễn Văn Sơn;anh;0912 345 678;tổ trưởng;TD;\n"
    "NGA;Trần Thị Nga;chị;+84 98.765.4321;tổ viên;thôn Đoài, xã Ứng Hòa, Hà Nội;20/12/2026\n"
    ";Lê Văn Lâm;;;lãnh đạo;UH;\n"
)
ALL: tuple[tuple[Kind, str], ...] = (
    ("units", UNITS), ("villages", VILLAGES), ("teams", TEAMS), ("people", PEOPLE),
)  # fmt: skip


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A new store of each database, at a known moment."""
    clock.stop_at(NOW)
    opened = Database(url)
    yield opened
    opened.close()
    clock.reset()


def bring(database: Database, kind: Kind, content: str | bytes) -> keeping.Outcome:
    data = content.encode() if isinstance(content, str) else content
    return keeping.bring(database, kind, data, WORDING, PLACES)


def told(outcome: keeping.Outcome, lang: str = "vi") -> list[str]:
    return [WORDING.word(problem.text, lang) for problem in outcome.problems]


def everything(database: Database) -> dict[str, list[Any]]:
    """Give all rows of all tables."""
    with database.read() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in t.metadata.tables.items()
        }


def with_all(database: Database) -> None:
    for kind, content in ALL:
        assert told(bring(database, kind, content)) == []


# --- what is kept ---


def test_four_lists_make_a_commune_and_importing_them_again_changes_nothing(database: Database) -> None:
    with_all(database)
    kept = everything(database)
    assert {name: len(kept[name]) for name in ("units", "villages", "invitations")} == {
        "units": 5, "villages": 3, "invitations": 3,
    }  # fmt: skip
    assert {row[-1] for row in kept["invitations"]} == {""}
    for kind, content in ALL:
        outcome = bring(database, kind, content)
        assert (outcome.added, outcome.changed, told(outcome)) == (0, 0, [])
    assert everything(database) == kept


def test_what_was_imported_decides_where_a_request_goes(database: Database) -> None:
    with_all(database)
    with database.read() as connection:
        teams = StoredPeople(connection, NOW).units("team", "10402")
    team = team_for(teams, "thon dinh")  # merged into thôn Thống Nhất a week ago
    assert team is not None
    assert (team.name, village_of(team, "thon dinh")) == ("liên thôn", "thôn Thống Nhất")
    whole = team_for(teams, "thôn Khác")
    assert whole is not None
    assert whole.name == "xã Ứng Hòa"


def test_a_renamed_village_keeps_its_team_until_the_teams_are_imported_anew(database: Database) -> None:
    bring(database, "villages", "mã;tên;địa bàn\nD;thôn Đoài;10402\n")
    bring(database, "teams", "tên;địa bàn\nthôn Đoài;10402\n")
    renamed = "mã;tên;địa bàn;đến ngày;nhập vào\nD;thôn Đoài;10402;31/10/2026;M\nM;thôn Mới;10402;;\n"
    assert (bring(database, "villages", renamed).added, told(bring(database, "villages", renamed))) == (1, [])
    with database.read() as connection:
        teams = StoredPeople(connection, NOW).units("team", "10402")
    assert [village_of(teams[0], name) for name in ("thôn Mới", "thôn Đoài")] == ["thôn Mới", "thôn Mới"]


def test_a_change_in_the_list_changes_what_is_known_and_nothing_else(database: Database) -> None:
    with_all(database)
    with database.write() as connection:
        person = connection.scalar(
            insert(t.conversations).values(touched=NOW).returning(t.conversations.c.id)
        )
        stored = StoredPeople(connection, NOW)
        code = connection.scalar(select(t.invitations.c.code).where(t.invitations.c.key == "NGA"))
        invitation = stored.invitation(code or "")
        assert invitation is not None
        assert stored.join(invitation, person or 0)
    before = everything(database)
    later = PEOPLE.replace("20/12/2026", "24/12/2026").replace("Trần Thị Nga", "Trần Thị Nga Nga")
    outcome = bring(database, "people", later)
    assert (outcome.added, outcome.changed) == (0, 1)
    after = everything(database)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"invitations", "roles", "audit"}
    assert [row[5] for row in after["roles"]] == [datetime(2026, 12, 24, 17, tzinfo=UTC)]


SPEAKING = (
    "mã;họ tên;vai trò;tổ hoặc cơ quan;tiếng nói được\n"
    "NGA;Trần Thị Nga;tổ viên;TD;{nga}\n"
    ";Nguyễn Văn Sơn;tổ trưởng;TD;{son}\n"
)


def test_what_languages_a_list_says_somebody_speaks_is_known_once_they_are_there(database: Database) -> None:
    with_all(database)
    outcome = bring(database, "people", SPEAKING.format(nga="tiếng tay + H'Mông, Việt", son=""))
    assert (outcome.added, outcome.changed, told(outcome)) == (0, 1, [])
    with database.write() as connection:
        stored = StoredPeople(connection, NOW)
        code = connection.scalar(select(t.invitations.c.code).where(t.invitations.c.key == "NGA"))
        invitation = stored.invitation(code or "")
        assert invitation is not None
        assert invitation.speaks == ("Tày", "Mông")
        number = connection.scalar(
            insert(t.conversations)
            .values(touched=NOW, person='{"name":"Nga","speaks":["Dao"]}')
            .returning(t.conversations.c.id)
        )
        assert stored.join(invitation, number or 0)
    # The same once more, and an empty cell, leave what she has said in the chat meanwhile.
    for nga in ("Tày, Mông", ""):
        assert bring(database, "people", SPEAKING.format(nga=nga, son="")).changed == 0
    with database.read() as connection:
        assert StoredPeople(connection, NOW).get(number or 0).speaks == ("Dao",)
    assert bring(database, "people", SPEAKING.format(nga="Thái", son="Tày")).changed == 2
    with database.read() as connection:
        person = StoredPeople(connection, NOW).get(number or 0)
        assert (person.name, person.speaks) == ("Nga", ("Thái",))


def test_a_language_that_nobody_knows_is_told_with_those_that_are_known(database: Database) -> None:
    with_all(database)
    before = everything(database)
    [problem] = told(bring(database, "people", SPEAKING.format(nga="Tày, Klingon", son="")))
    assert problem.startswith(
        'Dòng 2, cột "tiếng nói được": Tổ Số chưa biết tiếng "klingon". Ghi một trong: Tày, Nùng,'
    )
    assert everything(database) == before


def test_a_number_is_one_number_however_it_is_written() -> None:
    written = (
        "0912345678",
        "912345678",
        "+84 912 345 678",
        "84912345678",
        "0084 912.345.678",
        "(0912) 345-678",
    )
    assert {kinds.phone(one) for one in written} == {"+84912345678"}
    assert kinds.phone("024 3943 1234") == "+842439431234"


def test_those_who_share_a_telephone_are_told_of_and_stay_two(database: Database) -> None:
    with_all(database)
    shared = (
        "họ tên;điện thoại;vai trò;tổ hoặc cơ quan\n"
        "Bùi Văn Ba;0911111111;tổ viên;TD\nBùi Thị Tư;911111111;tổ viên;TD\n"
        "Hà Văn Năm;0912345678;tổ viên;TD\n"
    )
    outcome = bring(database, "people", shared)
    assert outcome.added == 3
    assert [WORDING.word(notice, "vi") for notice in outcome.notices] == [
        "Dòng 2, 3 chung một số điện thoại; vẫn giữ là những người khác nhau.",
        "Dòng 4 chung số điện thoại với Nguyễn Văn Sơn đã có; vẫn giữ là hai người.",
    ]
    again = bring(database, "people", shared)
    assert (again.added, again.changed) == (0, 0)


def test_an_office_of_a_province_is_no_commune(database: Database) -> None:
    with_all(database)
    with database.read() as connection:
        stored = StoredPeople(connection, NOW)
        assert [unit.name for unit in stored.units("province", "01")] == ["Sở KHCN Hà Nội"]
        assert [unit.name for unit in stored.units("office", "10402")] == ["UBND xã Ứng Hòa"]


BESIDE = (
    "mã;loại;tên;địa bàn;cấp trên;từ ngày;đến ngày\n"
    "HN;Tỉnh;Sở KHCN Hà Nội;Hà Nội;;;\n"
    "TC;So, ban, nganh;Sở Tài chính;01;;1/1/2026;\n"
    "UH;xã/phường;UBND xã Ứng Hòa;xã Ứng Hòa, Hà Nội;;;\n"
    ";thôn, tổ dân phố;thôn Đoài;10402;;;\n"
    "DU;Cấp ủy;Đảng ủy xã Ứng Hòa;10402;TU;;\n"
    "TU;cap uy;Thành ủy Hà Nội;Hà Nội;;;\n"
    ";mặt trận;Ủy ban MTTQ xã Ứng Hòa;10402;;;\n"
    ";đoàn thể;Hội Phụ nữ xã Ứng Hòa;10402;Đảng ủy xã Ứng Hòa;;31/12/2026\n"
    ";trường học;Trường THCS Ứng Hòa;10402;UBND xã Ứng Hòa, xã Ứng Hòa, Hà Nội;;\n"
)


def test_what_stands_beside_an_office_is_known_by_its_kind_its_supervisor_and_its_days(
    database: Database,
) -> None:
    outcome = bring(database, "units", BESIDE)
    assert (outcome.added, told(outcome)) == (9, [])
    with database.read() as connection:
        stored = StoredPeople(connection, NOW)
        beside = stored.bodies("10402")
        assert [(unit.name, unit.kind) for unit in beside] == [
            ("Đảng ủy xã Ứng Hòa", "party"),
            ("Ủy ban MTTQ xã Ứng Hòa", "front"),
            ("Hội Phụ nữ xã Ứng Hòa", "union"),
            ("Trường THCS Ứng Hòa", "school"),
        ]
        above = [over.name if (over := stored.unit(unit.parent)) else "" for unit in beside]
        assert above == ["Thành ủy Hà Nội", "", "Đảng ủy xã Ứng Hòa", "UBND xã Ứng Hòa"]
        assert [(unit.name, unit.village) for unit in stored.units("office", "10402")] == [
            ("UBND xã Ứng Hòa", ""), ("thôn Đoài", "thôn Đoài"),
        ]  # fmt: skip
        assert [(unit.kind, unit.since) for unit in stored.bodies("01")] == [
            ("department", datetime(2025, 12, 31, 17, tzinfo=UTC)), ("party", None),
        ]  # fmt: skip
        assert beside[2].until == datetime(2026, 12, 31, 17, tzinfo=UTC)
    kept = everything(database)
    again = bring(database, "units", BESIDE)
    assert (again.added, again.changed, told(again), everything(database)) == (0, 0, [], kept)


def test_a_list_without_the_new_columns_leaves_what_they_said(database: Database) -> None:
    bring(database, "units", BESIDE)
    kept = everything(database)
    older = "mã;cấp;tên;địa bàn\nDU;cấp ủy;Đảng ủy xã Ứng Hòa;10402\nTC;sở;Sở Tài chính;01\n"
    outcome = bring(database, "units", older)
    assert (outcome.changed, told(outcome), everything(database)) == (0, [], kept)
    moved = BESIDE.replace(";10402;TU;;", ";10402;;;").replace(
        "Sở Tài chính;01;;1/1/2026", "Sở Tài chính;01;;"
    )
    assert (bring(database, "units", moved).changed, bring(database, "units", moved).changed) == (2, 0)
    with database.read() as connection:
        stored = StoredPeople(connection, NOW)
        assert next(unit.parent for unit in stored.bodies("10402")) == 0
        assert [unit.since for unit in stored.bodies("01")] == [None, None]


def test_an_office_that_was_invited_is_the_one_in_the_list_and_another_body_becomes_what_it_is(
    database: Database,
) -> None:
    with database.write() as connection:
        names = ("xã Ứng Hòa, Hà Nội", "Hội Phụ nữ xã Ứng Hòa", "thôn Đoài, xã Ứng Hòa, Hà Nội")
        for name, village in zip(names, ("", "", "thôn Đoài"), strict=True):
            connection.execute(
                insert(t.units).values(kind="office", name=name, commune="10402", village=village)
            )
    outcome = bring(database, "units", BESIDE)
    assert (outcome.added, outcome.changed, told(outcome)) == (6, 3, [])
    with database.read() as connection:
        rows = connection.execute(select(t.units.c.kind, t.units.c.name).order_by(t.units.c.id).limit(3))
        assert [tuple(row) for row in rows] == [
            ("office", "UBND xã Ứng Hòa"), ("union", "Hội Phụ nữ xã Ứng Hòa"), ("office", "thôn Đoài"),
        ]  # fmt: skip


def test_a_unit_that_begins_later_is_not_there_yet(database: Database) -> None:
    bring(database, "units", "loại;tên;địa bàn;từ ngày\nxã;UBND xã Ứng Hòa;10402;1/12/2026\n")
    with database.read() as connection:
        assert StoredPeople(connection, NOW).units("office", "10402") == ()
        assert StoredPeople(connection, NOW + timedelta(days=30)).units("office", "10402")


# --- all or nothing ---


def test_one_bad_row_keeps_the_whole_list_out(database: Database) -> None:
    with_all(database)
    before = everything(database)
    outcome = bring(
        database, "people", PEOPLE + ";Phạm Hai;;12;tổ viên;TD;\n;Vũ Ba;;0912000111;tổ viên;TD;\n"
    )
    assert told(outcome) == [
        'Dòng 5, cột "điện thoại": "12" không phải số điện thoại Việt Nam. Ghi đủ các số, như 0912 345 678.'
    ]
    assert told(outcome, "en") == [
        "Row 5, “telephone”: “12” is no telephone number of Viet Nam. "
        "Write it with all its digits, such as 0912 345 678."
    ]
    assert everything(database) == before


def test_nobody_sees_a_list_before_all_of_it_is_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_all(database)
    seen: list[int] = []
    with database.read() as connection:
        before = connection.scalar(select(func.count()).select_from(t.invitations))

    def look(*_: object) -> None:
        seen.append(len(open_ones(database, "", NOW)))

    event.listen(database.engine, "commit", look)
    monkeypatch.setattr(keeping, "PIECE", 10)
    outcome = bring(database, "people", many(95))
    assert outcome.added == 95
    assert set(seen) == {before}
    assert len(seen) >= 11  # ten pieces, and the one that shows them
    assert len(open_ones(database, "", NOW)) == (before or 0) + 95


def test_what_a_crash_left_behind_is_cleared_away_and_never_shown(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_all(database)
    before = everything(database)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(keeping, "_fingerprint", lambda _connection: ())
        broken.setattr(people.Judged, "write", crash)
        with pytest.raises(KeyboardInterrupt):
            bring(database, "people", many(30))
    assert len(everything(database)["invitations"]) == len(before["invitations"]) + 30
    assert len(open_ones(database, "", NOW)) == len(before["invitations"])
    assert bring(database, "people", many(30)).added == 30
    assert len(everything(database)["invitations"]) == len(before["invitations"]) + 30


def test_a_list_judged_by_what_has_changed_meanwhile_is_judged_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_all(database)
    real = keeping.JUDGES["teams"]
    calls: list[str] = []

    def judge(*given: Any) -> Any:
        judged = real(*given)
        if not calls:
            calls.append("once")
            assert bring(database, "teams", TEAMS + "TM;thôn Mới;10402;D\n").added == 1
        return judged

    monkeypatch.setitem(keeping.JUDGES, "teams", judge)
    outcome = bring(database, "teams", TEAMS + "TM;thôn Mới;10402;D\n")
    assert (outcome.added, outcome.changed) == (0, 0)


def test_a_template_that_nobody_has_filled_in_is_empty(database: Database) -> None:
    assert told(bring(database, "units", csv_file(template("units", WORDING, "vi")))) == [
        "Dưới dòng tiêu đề chưa có dòng nào. Điền các dòng dưới tiêu đề rồi lưu lại."
    ]


def many(number: int) -> str:
    head = "họ tên;điện thoại;vai trò;tổ hoặc cơ quan\n"
    return head + "".join(f"Người Số {n};09{n:08d};tổ viên;TD\n" for n in range(number))


# --- how it may be saved ---

LIST = "tên;địa bàn\nthôn Đoài, bản Huổi Lếch;10402\n"
TABLE = [["tên", "địa bàn"], ["thôn Đoài, bản Huổi Lếch", "10402"]]


def cp1258(text: str) -> bytes:
    """Write as old Windows programs do: the tone is a sign of its own behind the letter."""
    import unicodedata

    out = bytearray()
    for sign in text:
        try:
            out += sign.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", sign)
            tone = next(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
            base = unicodedata.normalize("NFC", parts.replace(tone, ""))
            out += base.encode("cp1258") + tone.encode("cp1258")
    return bytes(out)


@pytest.mark.parametrize(
    "data",
    [
        LIST.encode(),
        codecs.BOM_UTF8 + LIST.encode(),
        LIST.encode("utf-16"),
        codecs.BOM_UTF16_BE + LIST.encode("utf-16-be"),
        LIST.encode("utf-16-le"),
        cp1258(LIST),
        LIST.replace("\n", "\r\n").encode(),
        LIST.replace("thôn Đoài, bản", '"thôn Đoài, bản').replace(";10402", '";10402').replace(";", ",").encode(),
        LIST.replace(";", "\t").encode(),
        csv_file(TABLE),
        xlsx_file(TABLE),
    ],
    ids=["utf8", "bom", "utf16", "utf16-be", "utf16-no-bom", "cp1258", "crlf", "comma", "tab", "csv", "xlsx"],
)  # fmt: skip
def test_a_list_is_read_however_it_was_saved(data: bytes) -> None:
    assert [list(row.cells) for row in rows(data)] == TABLE


def excel(cells: str, shared: str = "") -> bytes:
    """Give an XLSX file as a table program writes it."""
    made = io.BytesIO()
    ours = xlsx_file([["x"]])
    with zipfile.ZipFile(io.BytesIO(ours)) as source, zipfile.ZipFile(made, "w") as archive:
        for name in source.namelist():
            if shared and name == "xl/sharedStrings.xml":
                continue
            content = source.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                head, _, rest = content.partition("<sheetData>")
                content = f"{head}<sheetData>{cells}</sheetData>{rest.partition('</sheetData>')[2]}"
            archive.writestr(name, content)
        if shared:
            space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{space}">{shared}</sst>')
    return made.getvalue()


def test_what_a_table_program_makes_of_cells_is_understood() -> None:
    data = excel(
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
        '<row r="4"><c r="A4"><v>9.12345678E8</v></c><c r="B4"><f>1+1</f><v>2</v></c>'
        '<c r="C4"><v>46346.0</v></c></row>',
        "<si><t>tên</t></si><si><r><t>đến </t></r><r><t>ngày</t></r></si>",
    )
    read = rows(data)
    assert [(row.number, row.cells) for row in read] == [
        (1, ("tên", "", "đến ngày")), (4, ("912345678", "=1+1", "46346")),
    ]  # fmt: skip
    assert kinds.day("46346") == "2026-11-20"


MIXED = "tên;địa bàn\nthôn Đoài;10402\n".encode() + "thôn Đình;10402\n".encode("cp1258", "ignore")
VNTIME = "t\xean;\xae\xd8a b\xb5n\nth\xabn \xa7o\xb5i;10402\n".encode("latin-1")


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("villages", b"", "Tệp trống. Điền các dòng dưới tiêu đề rồi lưu lại."),
        ("villages", b" \n\n", "Tệp trống. Điền các dòng dưới tiêu đề rồi lưu lại."),
        ("villages", b"t\xc3\xaan\n",
         "Dưới dòng tiêu đề chưa có dòng nào. Điền các dòng dưới tiêu đề rồi lưu lại."),
        ("villages", "tên;xã\nthôn Đoài;10402\n",
         'Dòng 1: Danh sách này không có cột "xã". Lấy mẫu: toso import --template villages.'),
        ("villages", "tên;từ ngày\nthôn Đoài;\n",
         'Dòng 1: Thiếu cột "địa bàn". Lấy mẫu: toso import --template villages.'),
        ("villages", "tên;địa bàn;Tên\na;10402;b\n",
         'Dòng 1: Cột "Tên" có hai lần. Lấy mẫu: toso import --template villages.'),
        ("villages", MIXED,
         'Dòng 3: Các dòng không cùng bảng mã; dòng này không phải UTF-8. Lưu lại kiểu "CSV UTF-8" hoặc .xlsx.'),
        ("villages", VNTIME,
         'Chữ ở bảng mã cũ, như của phông .VnTime. Lưu lại kiểu "CSV UTF-8" hoặc .xlsx.'),
        ("villages", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
         "Đây là tệp .xls đời cũ, hoặc tệp có mật khẩu. Lưu lại thành .xlsx, bỏ mật khẩu."),
        ("villages", b"PK\x03\x04 and no more",
         "Tệp .xlsx này không nguyên vẹn. Mở ra, lưu lại thành .xlsx."),
        ("villages", 'tên;địa bàn\n"thôn Đoài;10402\n',
         "Dòng 2: Có dấu ngoặc kép mở mà không đóng, hoặc nằm giữa ô. "
         "Đóng hoặc bỏ dấu đó, hay lưu bảng thành .xlsx."),
        ("villages", LIST.encode("utf-16")[:-1], "Tệp bị đứt giữa chừng. Lưu lại tệp."),
        ("villages", "tên;địa bàn\n" + "thôn Đoài;10402\n" * 100_000,
         "Tệp có hơn 10.000 dòng. Chia ra, chẳng hạn mỗi xã một tệp, rồi nhập lần lượt."),
        ("villages", "tên;địa bàn\n" + "".join(f"thôn {n};10402\n" for n in range(5001)),
         "Tệp có hơn 5.000 dòng. Chia ra, chẳng hạn mỗi xã một tệp, rồi nhập lần lượt."),
        ("villages", b"x" * 20_000_001,
         "Tệp lớn hơn 20 MB. Chia ra, chẳng hạn mỗi xã một tệp, rồi nhập lần lượt."),
        ("villages", 'tên;địa bàn\n=CONCATENATE("thôn ",1);10402\n'.replace('"', ""),
         "Dòng 2, cột \"tên\": Ô này là công thức. Chép cột rồi dán giá trị, hoặc gõ lại điều ô đang hiện."),
        ("villages", excel('<row r="1"><c r="A1" t="str"><v>tên</v></c><c r="B1" t="str"><v>địa bàn</v></c></row>'
                           '<row r="2"><c r="A2" t="str"><f>A1</f><v>tên</v></c><c r="B2"><v>10402</v></c></row>'),
         "Dòng 2, cột \"tên\": Ô này là công thức. Chép cột rồi dán giá trị, hoặc gõ lại điều ô đang hiện."),
        ("villages", "tên;địa bàn\nthôn Đoài;xã Tân Phú\n",
         'Dòng 2, cột "địa bàn": Có vài xã, phường tên "xã Tân Phú". Ghi tên kèm tỉnh, hoặc mã chính thức 5 số.'),
        ("villages", "tên;địa bàn\nthôn Đoài;99999\n",
         'Dòng 2, cột "địa bàn": Nay không có xã, phường "99999". Ghi tên kèm tỉnh, hoặc mã chính thức 5 số.'),
        ("villages", "tên;địa bàn\nthôn Đoài;10402\nThôn đoài;10402\n",
         'Dòng 3, cột "tên": Trùng với dòng 2. Bỏ một dòng, hoặc cho mỗi dòng một mã riêng.'),
        ("villages", "tên;địa bàn;từ ngày;đến ngày\nthôn Đoài;10402;2/1/2026;1/1/2026\n",
         'Dòng 2, cột "đến ngày": Ngày cuối trước ngày đầu. Sửa một trong hai ngày.'),
        ("villages", "tên;địa bàn;từ ngày\nthôn Đoài;10402;31/2/2026\n",
         'Dòng 2, cột "từ ngày": "31/2/2026" không phải ngày. Ghi ngày/tháng/năm, như 20/11/2026.'),
        ("villages", "tên;địa bàn\n;10402\n", 'Dòng 2, cột "tên": Ô này để trống. Điền vào, hoặc bỏ dòng này.'),
        ("villages", "tên;địa bàn\na;10402;b\n",
         "Dòng 2: Dòng này nhiều ô hơn tiêu đề. Ô có dấu ngăn cột thì đặt trong dấu ngoặc kép."),
        ("villages", "tên;địa bàn;nhập vào\nthôn Đoài;10402;thôn Nào\n",
         'Dòng 2, cột "nhập vào": Nơi đó không có thôn, tổ nào khác tên "thôn Nào". '
         "Thêm thôn, tổ đó vào danh sách, hoặc sửa mã, tên."),
        ("teams", "tên;địa bàn;thôn, tổ phụ trách\nliên thôn;10402;thôn Nào\n",
         'Dòng 2, cột "thôn, tổ phụ trách": Nơi đó không có thôn, tổ "thôn Nào". '
         "Nhập danh sách thôn, tổ trước, hoặc sửa mã, tên."),
        ("teams", "tên;địa bàn\nTổ công nghệ số thôn Đoài;10402\n",
         'Dòng 2, cột "tên": Người dân sẽ đọc thấy "tổ công nghệ số" hai lần. Chỉ ghi nơi, như "thôn Đoài".'),
        ("units", "cấp;tên;địa bàn\ntỉnh;Sở;Hà Tây\n",
         'Dòng 2, cột "địa bàn": Nay không có tỉnh, thành phố "Hà Tây". Ghi tên, hoặc mã chính thức 2 số.'),
        ("units", "cấp;tên;địa bàn\nhuyện;UBND;10402\n",
         'Dòng 2, cột "loại": "huyện" không phải loại đơn vị nào. '
         "Ghi một trong: xã, tỉnh, sở ban ngành, cấp ủy, mặt trận, đoàn thể, trường học, thôn."),
        ("units", "loại;tên;địa bàn\nxã;UBND xã Ứng Hòa;10402\nxã;Hội Phụ nữ;10402\n",
         ['Dòng 2, cột "loại": Xã, phường đó đã có cơ quan: Hội Phụ nữ. '
          "Ghi đúng loại bên cạnh, như sở ban ngành, đoàn thể, trường học; hoặc cho cơ quan kia kết thúc.",
          'Dòng 3, cột "loại": Xã, phường đó đã có cơ quan: UBND xã Ứng Hòa. '
          "Ghi đúng loại bên cạnh, như sở ban ngành, đoàn thể, trường học; hoặc cho cơ quan kia kết thúc."]),
        ("units", "loại;tên;địa bàn;cấp trên\nđoàn thể;Hội Phụ nữ;10402;Hội tỉnh\n",
         'Dòng 2, cột "cấp trên": Không có đơn vị "Hội tỉnh". '
         "Thêm đơn vị đó vào danh sách này, hoặc sửa mã, tên."),
        ("units", "mã;loại;tên;địa bàn;cấp trên\nA;sở;Sở A;Hà Nội;B\nB;sở;Sở B;Hà Nội;A\n",
         ['Dòng 2, cột "cấp trên": "B" sẽ vừa là cấp trên vừa là cấp dưới của đơn vị này. '
          "Ghi đơn vị không báo cáo lên đơn vị này.",
          'Dòng 3, cột "cấp trên": "A" sẽ vừa là cấp trên vừa là cấp dưới của đơn vị này. '
          "Ghi đơn vị không báo cáo lên đơn vị này."]),
        ("units", "loại;tên;địa bàn;cấp trên;đến ngày\nsở;Sở A;Hà Nội;;1/1/2026\nsở;Sở B;Hà Nội;Sở A;\n",
         'Dòng 3, cột "cấp trên": "Sở A" đã kết thúc. Ghi cấp trên hiện nay, hoặc cho đơn vị này kết thúc.'),
        ("units", "loại;tên;địa bàn;từ ngày;đến ngày\nsở;Sở A;Hà Nội;2/1/2026;1/1/2026\n",
         'Dòng 2, cột "đến ngày": Ngày cuối trước ngày đầu. Sửa một trong hai ngày.'),
        ("people", "họ tên;vai trò;tổ hoặc cơ quan\nA;tổ viên;thôn Nào\n",
         'Dòng 2, cột "tổ hoặc cơ quan": Không có tổ hay cơ quan "thôn Nào". '
         "Nhập danh sách tổ hoặc cơ quan trước, hoặc sửa mã, tên."),
        ("people", "họ tên;vai trò;tổ hoặc cơ quan\nA;đội trưởng;thôn Nào\n",
         'Dòng 2, cột "vai trò": Không có vai trò "đội trưởng". '
         "Ghi một trong: tổ viên, tổ trưởng, người báo cáo, lãnh đạo, phụ trách."),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_told_with_its_place_and_remedy(
    sqlite_url: str, kind: Kind, data: str | bytes, sentence: str | list[str]
) -> None:
    database = Database(sqlite_url)
    outcome = bring(database, kind, data)
    assert told(outcome) == ([sentence] if isinstance(sentence, str) else sentence)
    assert told(outcome, "en")[0].isascii() or "“" in told(outcome, "en")[0]
    assert everything(database)["audit"] == []
    database.close()


def test_roles_people_and_codes_are_checked_against_each_other(database: Database) -> None:
    with_all(database)
    content = (
        "mã;họ tên;vai trò;tổ hoặc cơ quan\n"
        "K1;Bùi Ba;tổ viên;UH\n"
        "K2;Bùi Tư;tổ viên;TD\n"
        "K2;Bùi Năm;tổ viên;TD\n"
        ";Hà Sáu;tổ viên;TD\n"
        ";Hà Sáu;tổ viên;TD\n"
    )
    assert told(bring(database, "people", content)) == [
        'Dòng 2, cột "vai trò": Vai trò này không thuộc "UH". '
        "Tổ viên, tổ trưởng thuộc tổ; người báo cáo, lãnh đạo, phụ trách thuộc cơ quan.",
        'Dòng 4, cột "mã": Dòng 3 cùng mã mà khác tên. Cho mỗi người một mã riêng.',
        'Dòng 6, cột "họ tên": Trùng với dòng 5. Bỏ một dòng, hoặc cho mỗi dòng một mã riêng.',
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_template_of_each_list_can_be_filled_in_and_read(kind: Kind, lang: str) -> None:
    table = template(kind, WORDING, lang)
    assert len(table[0]) == len(KINDS[kind])
    for saved in (csv_file(table), xlsx_file(table)):
        heading, remark = rows(saved)
        assert kinds._columns(kind, heading, WORDING) == list(KINDS[kind])
        assert remark.cells[0].startswith("#")


def test_rows_are_counted_without_the_heading() -> None:
    assert len(rows(("tên\n" + "a\n" * ROWS).encode())) == ROWS + 1


# --- the command, and invitations ---


def test_the_command_writes_templates_imports_and_writes_invitations(tmp_path: Path, sqlite_url: str) -> None:
    office = Office(tmp_path)
    made = office.toso("import", "--template", "people", "mau.xlsx", database=sqlite_url)
    assert made.status == 0
    assert rows((tmp_path / "mau.xlsx").read_bytes())[0].cells[1] == "họ tên"
    for kind, content in ALL:
        (tmp_path / f"{kind}.csv").write_text(content, "utf-8")
        done = office.toso("import", kind, f"{kind}.csv", database=sqlite_url)
        assert (done.status, done.err) == (0, "")
    assert done.out == "3 dòng: 3 mới, 0 thay đổi, 0 như cũ.\nLàm thư mời: toso invitations thu-moi.pdf\n"
    (tmp_path / "people.csv").write_text(PEOPLE.replace("TD;", "T9;", 1), "utf-8")
    refused = office.toso("import", "people", "people.csv", "--lang", "en", database=sqlite_url)
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.endswith("Nothing has been imported. Mend this and import the file again.\n")
    assert refused.err.startswith("Row 2, “team or office”: There is no team or office “T9”.")
    written = office.toso("invitations", "moi.csv", "--of", "TD", database=sqlite_url)
    assert written.out == "moi.csv: 2 invitations\n"
    assert office.toso("import", "cows", "x.csv", database=sqlite_url).err == (
        "“cows” is no list. Choose one of: units, villages, teams, people, targets.\n"
    )
    nobody = office.toso("invitations", "moi.csv", "--of", "TZ", database=sqlite_url)
    assert nobody.err == ("There is no open invitation of “TZ”. Import a list of people, or correct --of.\n")


def test_an_invitation_is_a_message_a_link_and_a_card(database: Database, tmp_path: Path) -> None:
    with_all(database)
    settings = Settings(office_name="UBND xã Ứng Hòa", public_address="https://toso.example.vn")
    for name in ("moi.txt", "moi.xlsx", "moi.pdf"):
        assert write(database, settings, tmp_path / name, "", "", WORDING, NOW) == 3
    codes = [one.code for one in open_ones(database, "", NOW)]
    words = (tmp_path / "moi.txt").read_text("utf-8")
    assert words.startswith(
        "Gửi Lê Văn Lâm: UBND xã Ứng Hòa mời anh/chị vào Tổ Số, làm lãnh đạo của UBND xã Ứng Hòa.\n"
        f"Mở https://toso.example.vn/?code={codes[0]}, hoặc gõ mã này cho Tổ Số: {codes[0]}.\n"
        "Mã dùng một lần, chỉ dành cho anh/chị; đừng chuyển cho ai khác.\n"
    )
    listed = rows((tmp_path / "moi.xlsx").read_bytes())
    assert [row.cells[5] for row in listed[1:]] == [f"https://toso.example.vn/?code={code}" for code in codes]
    pdf = pypdfium2.PdfDocument(tmp_path / "moi.pdf")
    assert len(pdf) == 2  # a team's cards are handed over together
    read = [found.text for page in pdf for found in zxingcpp.read_barcodes(page.render(scale=3).to_pil())]
    assert sorted(read) == sorted(f"https://toso.example.vn/?code={code}" for code in codes)
    pdf.close()


def test_whoever_has_come_and_whose_time_is_over_gets_no_invitation(database: Database) -> None:
    with_all(database)
    with database.write() as connection:
        connection.execute(
            update(t.invitations).where(t.invitations.c.name == "Nguyễn Văn Sơn").values(used_by=1)
        )
    assert [one.name for one in open_ones(database, "", NOW)] == ["Lê Văn Lâm", "Trần Thị Nga"]
    assert [one.name for one in open_ones(database, "", NOW + timedelta(days=60))] == ["Lê Văn Lâm"]


# --- what units became ---

MERGED = (
    "mã;loại;tên;địa bàn;đến ngày;nhập vào\n"
    "A;Đoàn thể;Hội Phụ nữ xã Ứng Hòa;10402;31/10/2026;C\n"
    "B;đoàn thể;Hội Nông dân xã Ứng Hòa;10402;31/10/2026;Hội Phụ nữ xã Ứng Hòa\n"
    "C;đoàn thể;Hội Phụ nữ xã Ứng Hòa;10402;;\n"
)


def test_what_took_the_place_of_units_is_known_also_under_the_name_of_one_of_them(database: Database) -> None:
    outcome = bring(database, "units", MERGED)
    assert (outcome.added, told(outcome)) == (3, [])
    with database.read() as connection:
        rows = {row.key: row for row in connection.execute(select(t.units))}
        assert [rows[key].became for key in "ABC"] == [rows["C"].id, rows["C"].id, 0]
        old = StoredPeople(connection, NOW).taken_over(rows["C"].id)[rows["C"].id]
        assert [unit.name for unit in old] == ["Hội Phụ nữ xã Ứng Hòa", "Hội Nông dân xã Ứng Hòa"]
    kept = everything(database)
    assert (bring(database, "units", MERGED).changed, everything(database)) == (0, kept)
    older = "mã;loại;tên;địa bàn;đến ngày\nA;đoàn thể;Hội Phụ nữ xã Ứng Hòa;10402;31/10/2026\n"
    assert (bring(database, "units", older).changed, everything(database)) == (0, kept)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            "A;hội;Hội A;10402;31/10/2026;X9\n",
            'Dòng 2, cột "nhập vào": Không có đơn vị "X9".',
        ),
        (
            "A;hội;Hội A;10402;;B\nB;hội;Hội B;10402;;\n",
            'Dòng 2, cột "đến ngày": Đơn vị này đã nhập vào "B" mà chưa có ngày cuối. '
            "Ghi ngày cuối, hoặc bỏ trống nơi nhập vào.",
        ),
        (
            "A;hội;Hội A;10402;31/10/2026;B\nB;hội;Hội B;10402;31/10/2026;A\n",
            'Dòng 2, cột "nhập vào": "B" rồi lại thành chính đơn vị này. Ghi đơn vị đang có bây giờ.',
        ),
        (
            "A;hội;Hội A;10402;31/10/2026;A\n",
            'Dòng 2, cột "nhập vào": "A" rồi lại thành chính đơn vị này. Ghi đơn vị đang có bây giờ.',
        ),
    ],
    ids=["unknown", "no last day", "circle", "itself"],
)
def test_what_a_unit_cannot_have_become_is_told_with_its_row(
    database: Database, rows: str, says: str
) -> None:
    outcome = bring(database, "units", f"mã;loại;tên;địa bàn;đến ngày;nhập vào\n{rows}")
    assert told(outcome)[0].startswith(says)
    with database.read() as connection:
        assert connection.execute(select(t.units)).all() == []
