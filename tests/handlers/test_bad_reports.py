"""What goes wrong with a report has its sentence, and nothing that was entered is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, insert, update

from bot import clock
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk, filing, report_receipts, schedule
from handlers.records.people import Person
from handlers.records.reports import Report
from handlers.rules.template import SHEET, Table, Typed
from handlers.rules.validation import Value
from handlers.talk import Attachment, Due, Incoming, Talk
from handlers.turn import Turn
from tests.handlers.turning import incoming

KEY = "1:monthly:2026-11"
BEGAN = datetime(2026, 9, 1, 8, 0, tzinfo=clock.VIETNAM)
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=clock.VIETNAM)
FIGURES = {
    "paperless-meetings": Value(9, 11),
    "signed-documents": Value(214, 218),
    "malware-protection": Value(2, 46),
    "official-email": Value(58, 61),
    "online-transactions": Value(430),
    "services-used-online": Value(118, 390),
    "files-handled-online": Value(612, 640),
}
HANH, LAM = 1, 2


class Office:
    """An office with an officer and a head."""

    def __init__(self, connection: Connection, bookcase: Bookcase, wording: Wording) -> None:
        self.connection, self.shelf, self.wording = connection, bookcase.shelf(), wording
        unit = {"kind": "office", "name": "xã Ứng Hòa, Hà Nội", "commune": "10402"}
        connection.execute(insert(t.units).values(id=1, **unit))
        for person, kind, name in ((HANH, "reporter", "Hạnh"), (LAM, "head", "Lâm")):
            kept = msgspec.json.encode(Person(name=name, address="chị", lang="vi")).decode()
            connection.execute(insert(t.conversations).values(id=person, person=kept, touched=BEGAN))
            connection.execute(insert(t.roles).values(person=person, kind=kind, place=1, since=BEGAN))

    def turn(self, event: Incoming | Due, at: datetime = NOW, talk: Talk | None = None) -> Turn:
        turn = Turn(
            event=event,
            person=Person(id=HANH, name="Hạnh", lang="vi", address="chị"),
            talk=talk or Talk(met=True),
            now=at,
            shelf=self.shelf,
            records=StoredRecords(self.connection, at),
            staff=True,
        )
        desk.decide(turn)
        return turn

    def asked(self, indicator: str, event: Incoming) -> str:
        """Give what is said to an answer about one indicator."""
        talk = Talk(met=True, doing=f"report {KEY}", at=f"value.{indicator}")
        return self.told(self.turn(event, talk=talk))

    def told(self, turn: Turn) -> str:
        return "\n".join(self.wording.word(one.text, "vi", "chị") for one in turn.said if one.to == HANH)

    def draft(self, values: dict[str, Value]) -> None:
        reports = StoredRecords(self.connection, NOW).reports
        held = reports.hold(1, "monthly", "2026-11")
        reports.save(msgspec.structs.replace(held, form_version=1, values=values))

    @property
    def report(self) -> Report:
        return StoredRecords(self.connection, NOW).reports.get(1, "monthly", "2026-11")

    def press(self, at: datetime, sent: datetime | None = None) -> Turn:
        """Let the officer press "send", decided at one moment and sent at another."""
        look = self.turn(incoming("menu"), at)
        case = filing.find(look, KEY)
        assert case is not None
        event = incoming(choice=f"send-report@{KEY}/{report_receipts.mark(case)}")
        return self.turn(msgspec.structs.replace(event, sent=sent or at), at)

    def ends(self, day: str) -> None:
        """Let the unit be no more from a day on."""
        self.connection.execute(
            update(t.units).values(until=datetime.fromisoformat(day).replace(tzinfo=clock.VIETNAM))
        )


@pytest.fixture
def office(url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    database = Database(url)
    with database.write() as connection:
        yield Office(connection, bookcase, wording)
    database.close()


PHOTO = Incoming(account="web", chat="a", sender="a", attachment=Attachment(kind="photo", ref="p"))


@pytest.mark.parametrize(
    ("indicator", "typed", "sentence"),
    [
        ("signed-documents", "120%", "Chị gõ hai số đếm, ví dụ 24/30. Tỷ lệ phần trăm để Tổ Số tính."),
        ("signed-documents", "214/218 = 120%", "214 trên 218 là 98,17%, không phải 120%. Hai số đúng là bao nhiêu?"),
        ("signed-documents", "219/218", "219 lớn hơn 218; tử số không thể vượt mẫu số. Hai số đúng là bao nhiêu?"),
        ("online-transactions", "khoảng 50", "Báo cáo cần số đếm đúng. Có đúng là 50 không?"),
        ("online-transactions", "-5", "Số đếm không thể nhỏ hơn 0. Chị xem lại số này giúp."),
        ("online-transactions", "hom nay", "Tổ Số chưa đọc ra số trong câu này."),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_be_taken_is_said_so(
    indicator: str, typed: str, sentence: str, office: Office
) -> None:
    office.draft({"paperless-meetings": Value(9, 11)})
    assert sentence in office.asked(indicator, incoming(typed))
    assert office.report.values == {"paperless-meetings": Value(9, 11)}


def test_a_photo_in_place_of_a_figure_is_said_so(office: Office) -> None:
    told = office.asked("online-transactions", PHOTO)
    assert told.splitlines()[:2] == [
        "Tổ Số lưu ảnh kèm chỉ tiêu 5 để người duyệt xem.",
        'Tổ Số không đọc được số trong ảnh. Chị gõ con số, hoặc gõ "mẫu" để điền bằng Excel.',
    ]


@pytest.mark.parametrize(
    ("second", "said"),
    [("2026-11-17 23:59:59", "trong hạn"), ("2026-11-18 00:00:01", "chậm 1 ngày làm việc")],
)
def test_the_last_second_is_in_time_and_the_first_of_the_next_day_is_not(
    office: Office, second: str, said: str
) -> None:
    office.draft(FIGURES)
    moment = datetime.fromisoformat(second).replace(tzinfo=clock.VIETNAM)
    turn = office.press(
        moment + timedelta(minutes=20), moment
    )  # what it was sent at counts, not when it is decided
    assert f", {said}. Biên nhận" in office.told(turn)
    assert office.report.submissions[0].at == moment


# --- the clock moves backwards ---


def test_a_report_that_was_sent_stays_sent_where_the_clock_goes_back(office: Office) -> None:
    office.draft(FIGURES)
    office.press(NOW)
    before = office.report
    turn = office.press(NOW - timedelta(hours=3))
    assert f"Biên nhận vẫn là **{before.receipt}**" in office.told(turn)
    assert office.report == before


def test_before_the_cut_off_once_more_nothing_entered_is_lost_and_it_is_said_when_to_go_on(
    office: Office,
) -> None:
    office.draft(FIGURES)
    early = NOW - timedelta(days=4)
    turn = office.turn(incoming(choice=f"file-report@{KEY}"), early)
    assert office.told(turn).startswith("Số liệu kỳ 15/10–14/11/2026 chốt hết thứ Bảy 14/11/2026.")
    assert office.report.values == FIGURES


def test_a_reminder_that_went_out_does_not_go_again_where_the_clock_goes_back(office: Office) -> None:
    due = Due(name="reports.stage", about=f"report:{KEY}", at=NOW, facts={"stage": "before-due"})
    assert len(office.turn(due).said) == 1
    for at in (NOW - timedelta(hours=1), NOW - timedelta(days=1), NOW):
        assert office.turn(due, at).said == []
    rows = StoredRecords(office.connection, NOW).reports.decisions(
        Report(unit=1, form="monthly", period="2026-11")
    )
    assert [(row.stage, row.decision) for row in rows] == [("before-due", "sent")]


# --- a unit is merged amid a period ---

ENDED = "xã Ứng Hòa đã kết thúc thứ Bảy 31/10/2026 nên không gửi báo cáo tháng 11/2026. Đơn vị thay vào đó sẽ gửi."
KEPT = "Số đã nhập vẫn giữ: 1 trên 7 chỉ tiêu."


@pytest.mark.parametrize(
    "event",
    [
        incoming("báo cáo"),
        incoming("mẫu"),
        incoming(choice=f"file-report@{KEY}"),
        incoming(choice=f"send-report@{KEY}/1.00000000"),
        incoming("5: 412"),
    ],
    ids=["begin", "template", "button", "send", "amid the draft"],
)
def test_a_unit_that_ended_amid_a_period_sends_no_report_and_loses_no_figure(
    office: Office, event: Incoming
) -> None:
    office.draft({"paperless-meetings": Value(9, 11)})
    office.ends("2026-11-01")
    talk = (
        Talk(met=True, doing=f"report {KEY}", at="value.online-transactions")
        if event.text[:1] == "5"
        else None
    )
    turn = office.turn(event, talk=talk)
    assert office.told(turn) == f"{ENDED}\n{KEPT}"
    assert office.report.values == {"paperless-meetings": Value(9, 11)}


def test_a_template_of_a_unit_that_ended_amid_the_period_is_not_taken(office: Office) -> None:
    office.ends("2026-11-01")
    table = Table({"A1": Typed("TOSO 1 1 monthly 1 2026-11")}, ())
    about = "filled:" + "A" * 20
    row = {"code": "A" * 20, "account": "web", "ref": "r", "conversation": HANH, "kind": "file", "at": NOW}
    office.connection.execute(insert(t.media).values(**row, about=about, state="kept"))
    facts = {"code": "A" * 20, SHEET: msgspec.json.encode(table).decode()}
    told = office.told(office.turn(Due(name="media.kept", about=about, at=NOW, facts=facts)))
    assert told.startswith(ENDED)


def test_nobody_is_reminded_for_a_unit_that_ended_amid_the_period(office: Office) -> None:
    office.ends("2026-11-01")
    due = Due(name="reports.stage", about=f"report:{KEY}", at=NOW, facts={"stage": "before-due"})
    turn = office.turn(due)
    assert turn.said == []
    (row,) = turn.reports.decisions(Report(unit=1, form="monthly", period="2026-11"))
    assert (row.decision, row.reason) == ("skipped", "unit-over")
    assert (
        office.wording.word(schedule.REASONS["unit-over"], "vi")
        == "đơn vị đã kết thúc trước ngày chốt số liệu"
    )


def test_a_unit_that_ended_after_the_cut_off_still_sends_what_is_complete(office: Office) -> None:
    office.draft(FIGURES)
    office.ends("2026-11-15")  # its last day is the 14th, on which the figures were complete
    assert "trong hạn" in office.told(office.press(NOW))
