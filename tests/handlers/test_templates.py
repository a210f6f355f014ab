"""What becomes of a template that comes back: each refusal in its words, and nothing of anybody's lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import Connection, insert, select

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk
from handlers.made import Sheet
from handlers.records.people import Person
from handlers.rules.template import SHEET, UNREAD, Table, Typed
from handlers.rules.validation import Value
from handlers.talk import Attachment, Due, Incoming, Talk
from handlers.text import Text
from handlers.turn import Turn

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
HANH, THO = 1, 2  # both report for office 1
CODE = "A" * 20


class Office:
    """An office with two who report, and a file that one of them has sent."""

    def __init__(self, connection: Connection, bookcase: Bookcase, wording: Wording) -> None:
        self.connection = connection
        self.shelf = bookcase.shelf()
        self.wording = wording
        for person in (HANH, THO):
            connection.execute(insert(t.conversations).values(id=person, person="", talk="", touched=NOW))
        unit = {"kind": "office", "name": "xã Ứng Hòa, Hà Nội", "commune": "10354"}
        connection.execute(insert(t.units).values(id=1, **unit))
        for person in (HANH, THO):
            connection.execute(insert(t.roles).values(person=person, kind="reporter", place=1, since=NOW))

    def turn(self, event: Incoming | Due, person: int = HANH, talk: Talk | None = None) -> Turn:
        turn = Turn(
            event=event,
            person=Person(id=person, lang="vi", address="chị"),
            talk=talk or Talk(met=True),
            now=NOW,
            shelf=self.shelf,
            records=StoredRecords(self.connection, NOW),
            staff=True,
        )
        desk.decide(turn)
        return turn

    def template(self) -> Table:
        """Give the template as it is sent, its words in Vietnamese."""
        made = self.turn(Incoming(account="web", chat="a", sender="a", text="mẫu")).makings[0].made
        assert isinstance(made, Sheet)
        return Table(
            {
                f"{'ABCDEFGH'[place]}{number}": Typed(
                    self.wording.word(cell.words, "vi") if isinstance(cell.words, Text) else cell.words
                )
                for number, row in enumerate(made.rows, 1)
                for place, cell in enumerate(row)
                if cell.words
            }
        )

    def sends(self, facts: dict[str, str], *, state: str = "kept") -> Turn:
        """Let a file that was sent be here, with what was found in it, or with why it was refused."""
        about = f"filled:{CODE}"
        row = {"code": CODE, "account": "web", "ref": "r", "conversation": HANH, "kind": "file", "at": NOW}
        reason = facts.get("reason", "")
        self.connection.execute(insert(t.media).values(**row, about=about, state=state, reason=reason))
        return self.turn(Due(name=f"media.{state}", about=about, at=NOW, facts={"code": CODE, **facts}))

    def told(self, turn: Turn) -> str:
        return "\n".join(self.wording.word(said.text, "vi", "chị") for said in turn.said)

    def values(self) -> dict[str, Value]:
        return StoredRecords(self.connection, NOW).reports.get(1, "monthly", "2026-11").values


@pytest.fixture
def office(url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    database = Database(url)
    with database.write() as connection:
        yield Office(connection, bookcase, wording)
    database.close()


def sheet(table: Table, **cells: str) -> str:
    typed = {name: Typed(words) for name, words in cells.items()}
    return msgspec.json.encode(Table({**table.cells, **typed}, table.merged)).decode()


AFRESH = '\nCần mẫu mới thì gõ "mẫu". Số đã nhập ở đây vẫn giữ nguyên.'


@pytest.mark.parametrize(
    ("state", "facts", "sentence"),
    [
        ("refused", {"reason": "large"}, "Tệp này lớn quá, không phải mẫu của Tổ Số, nên chưa mở."),
        ("refused", {"reason": "kind"}, "Tệp này không phải Excel (.xlsx), nên Tổ Số chưa lấy số nào."),
        ("refused", {"reason": "lost"}, "Tổ Số chưa lấy được tệp. Chị gửi lại lần nữa."),
        ("kept", {UNREAD: "large"}, "Tệp này lớn quá, không phải mẫu của Tổ Số, nên chưa mở."),
        ("kept", {UNREAD: "kind"}, "Tệp này không phải Excel (.xlsx), nên Tổ Số chưa lấy số nào."),
        ("kept", {UNREAD: "broken"},
         "Tệp này không nguyên vẹn, Tổ Số chưa mở được. Chị lưu lại thành .xlsx."),
        ("kept", {SHEET: '{"cells":{"A1":{"text":"sổ chợ"}}}'},
         "Bảng này không phải mẫu của Tổ Số, nên chưa lấy số nào."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_says_why(
    state: str, facts: dict[str, str], sentence: str, office: Office
) -> None:
    assert office.told(office.sends(facts, state=state)) == sentence + AFRESH


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"A1": "TOSO 1 9 monthly 1 2026-11"}, "Bảng này không phải mẫu của Tổ Số, nên chưa lấy số nào."),
        ({"A1": "TOSO 1 1 monthly 1 2025-11"},
         "Đây là mẫu tháng 11/2025, không phải kỳ đang mở. Tổ Số chưa lấy số nào."),
        ({"A1": "TOSO 1 1 monthly 9 2026-11"},
         "Biểu mẫu đã đổi từ khi gửi mẫu này. Tổ Số chưa lấy số nào."),
        ({"A1": "TOSO 1 1 yearly 1 2026"}, "Bảng này không phải mẫu của Tổ Số, nên chưa lấy số nào."),
        ({"A1": "TOSO 1 1 monthly 1 2026-99"}, "Bảng này không phải mẫu của Tổ Số, nên chưa lấy số nào."),
        ({"C7": "Số"}, "Dòng tiêu đề của mẫu bị đổi ở ô C7, nên Tổ Số chưa lấy số nào."),
    ],
)  # fmt: skip
def test_a_template_that_is_not_the_one_asked_for_says_why(
    cells: dict[str, str], sentence: str, office: Office
) -> None:
    turn = office.sends({SHEET: sheet(office.template(), C8="9", D8="11", **cells)})
    assert office.told(turn) == sentence + AFRESH
    assert office.values() == {}


def test_merged_cells_cost_their_row_only(office: Office) -> None:
    table = msgspec.structs.replace(office.template(), merged=("C8:D8",))
    told = office.told(office.sends({SHEET: sheet(table, C8="9", C12="412")}))
    assert told.startswith("Đã ghi 1 chỉ tiêu từ tệp.\nÔ C8:D8: các ô này bị gộp.")
    assert office.values() == {"online-transactions": Value(412)}


def test_many_faults_are_told_in_a_few_lines(office: Office) -> None:
    cells = {f"C{row}": "x" for row in range(8, 15)}
    told = office.told(office.sends({SHEET: sheet(office.template(), **cells)}))
    assert told.startswith('Trong tệp chưa có số nào mới.\nÔ C8: "x" chưa phải con số.')
    assert "\nVà 3 ô nữa.\n" in told


def test_what_another_officer_has_entered_since_is_kept(office: Office) -> None:
    before = office.template()
    records = StoredRecords(office.connection, NOW)
    held = records.reports.hold(1, "monthly", "2026-11")
    records.reports.save(
        msgspec.structs.replace(held, form_version=1, values={"online-transactions": Value(500)})
    )
    office.sends({SHEET: sheet(before, C8="9", D8="11")})
    assert office.values() == {"online-transactions": Value(500), "paperless-meetings": Value(9, 11)}


def test_the_file_itself_goes_at_once(office: Office) -> None:
    office.sends({SHEET: sheet(office.template(), C12="412")})
    assert office.connection.scalars(select(t.media.c.state)).all() == ["gone"]


def test_whoever_reports_no_more_files_nothing(office: Office) -> None:
    table = office.template()
    office.connection.execute(t.roles.delete().where(t.roles.c.person == HANH))
    told = office.told(office.sends({SHEET: sheet(table, C12="412")}))
    assert (
        told == "Mẫu này của xã Ứng Hòa, Hà Nội, chị không làm báo cáo ở đó. Tổ Số chưa lấy số nào." + AFRESH
    )


@pytest.mark.parametrize(
    ("kind", "name", "doing", "wanted"),
    [
        ("file", "mau.xlsx", "", "filled:"),
        ("file", "mau.XLSX", "report 1:monthly:2026-11", "filled:"),
        ("file", "mau", "report 1:monthly:2026-11", "filled:"),  # what it is says its content
        (
            "file",
            "scan.pdf",
            "report 1:monthly:2026-11",
            "report:1:monthly:2026-11/e5",
        ),  # kept with the figure
        ("file", "scan.pdf", "", ""),
        ("photo", "", "report 1:monthly:2026-11", "report:1:monthly:2026-11/e5"),
        ("voice", "", "report 1:monthly:2026-11", ""),
        ("file", "mau.xlsx", "form request", ""),
    ],
)
def test_a_file_is_taken_for_a_template_where_it_may_be_one(
    kind: str, name: str, doing: str, wanted: str, office: Office
) -> None:
    attachment = msgspec.convert({"kind": kind, "ref": "r", "name": name}, Attachment)
    event = Incoming(account="web", chat="a", sender="a", attachment=attachment)
    office.turn(event, talk=Talk(met=True, doing=doing, at="value.online-transactions" if doing else ""))
    about = office.connection.scalars(select(t.media.c.about).where(t.media.c.state == "wanted")).all()
    assert len(about) == bool(wanted)
    assert all(one.startswith(wanted) for one in about)
