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
from handlers import desk, filing, overview, report_receipts, schedule
from handlers.records.people import Person
from handlers.records.reports import Report, Submission
from handlers.rules import periods
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

ENDED = "Xã Ứng Hòa đã kết thúc thứ Bảy 31/10/2026 nên không gửi báo cáo tháng 11/2026. Đơn vị thay vào đó sẽ gửi."
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


# --- what took its place ---

HEIR = "Xã Vân Đình thay vào đó và gửi báo cáo này."


@pytest.fixture
def merged(office: Office) -> Office:
    """Give an office that became another on 1 November, and had sent October."""
    reports = StoredRecords(office.connection, NOW).reports
    sent = Submission(number=1, form_version=1, values=FIGURES, sha256="", at=BEGAN, by=HANH)
    held = reports.hold(1, "monthly", "2026-10")
    reports.save(msgspec.structs.replace(held, state="approved", receipt="UH-10-A", submissions=(sent,)))
    day = datetime(2026, 11, 1, tzinfo=clock.VIETNAM)
    new = {"kind": "office", "name": "xã Vân Đình, Hà Nội", "commune": "10354", "since": day}
    office.connection.execute(insert(t.units).values(id=2, **new))
    office.connection.execute(update(t.units).where(t.units.c.id == 1).values(until=day, became=2))
    return office


def reports_for_it(office: Office, person: int) -> None:
    office.connection.execute(insert(t.roles).values(person=person, kind="reporter", place=2, since=BEGAN))


@pytest.mark.parametrize(
    ("person", "says"),
    [
        (0, "Ở đó chưa ai nhận lời mời làm báo cáo."),
        (LAM, "Người làm báo cáo ở đó: chị Lâm."),
        (HANH, "Chị cũng làm báo cáo ở đó: gõ “báo cáo”."),
    ],
)
def test_whoever_had_the_report_in_hand_hears_where_it_goes_on(
    merged: Office, person: int, says: str
) -> None:
    if person:
        reports_for_it(merged, person)
    merged.draft({"paperless-meetings": Value(9, 11)})
    due = Due(name="reports.stage", about=f"report:{KEY}", at=NOW, facts={"stage": "before-due"})
    ended = ENDED.replace("Đơn vị thay vào đó sẽ gửi.", HEIR)
    assert merged.told(merged.turn(due)) == f"{ended}\n{says}\n{KEPT}"
    again = msgspec.structs.replace(due, facts={"stage": "due-morning"})
    assert merged.turn(again).said == []
    assert merged.told(merged.turn(incoming(choice=f"file-report@{KEY}"))) == f"{ended}\n{says}\n{KEPT}"


def test_the_first_report_of_what_took_the_place_begins_a_series(merged: Office) -> None:
    reports_for_it(merged, HANH)
    opened = merged.told(merged.turn(incoming(choice="file-report@2:monthly:2026-11")))
    says = (
        "Chuỗi số của xã Vân Đình bắt đầu từ báo cáo này. Số các kỳ trước là của xã Ứng Hòa, chưa tính gộp."
    )
    assert opened.splitlines()[1] == says
    case = filing.find(merged.turn(incoming("menu")), "2:monthly:2026-11")
    assert case is not None
    assert case.last == {}
    one = case.form.indicator("online-transactions")
    assert one is not None
    assert case.alone(one, Value(4)) == []  # the old unit had 430: that is no fall
    reports = StoredRecords(merged.connection, NOW).reports
    sent = Submission(number=1, form_version=1, values=FIGURES, sha256="", at=NOW, by=HANH)
    held = reports.hold(2, "monthly", "2026-11")
    reports.save(msgspec.structs.replace(held, state="submitted", receipt="VD-11-A", submissions=(sent,)))
    turn = merged.turn(incoming("menu"))
    assert filing.series(turn, case) is not None
    following = filing.find(turn, "2:monthly:2026-12")
    assert following is not None
    assert filing.series(turn, following) is None


@pytest.mark.parametrize(
    ("since", "until", "first"),
    [
        ("2026-11-01", "2026-11-01", "2026-11"),
        (None, "2026-11-01", "2026-11"),  # its own first day is not known
        ("2026-11-14", "2026-11-14", "2026-11"),  # it was there when the figures were complete
        ("2026-11-15", "2026-11-15", "2026-12"),
        ("2025-07-01", "2026-11-01", "2026-11"),  # it was there before, and grew
        ("2026-09-01", "2026-09-01", None),
        (None, None, None),
    ],
)
def test_the_period_with_which_a_series_begins(
    merged: Office, since: str | None, until: str | None, first: str | None
) -> None:
    for number, column, day in ((2, "since", since), (1, "until", until)):
        at = datetime.fromisoformat(day).replace(tzinfo=clock.VIETNAM) if day else None
        merged.connection.execute(update(t.units).where(t.units.c.id == number).values({column: at}))
    turn = merged.turn(incoming("menu"))
    form = turn.shelf.forms["monthly"]
    units = [unit for number in (1, 2) if (unit := turn.people.unit(number))]
    october = periods.period_named(form, "2026-10")
    assert october is not None
    december = periods.after(form, periods.after(form, october))
    found = [(unit.id, period.code) for unit, period in overview.begun(turn, form, units, october, december)]
    assert found == ([(2, first)] if first else [])


def test_a_second_merger_leaves_the_first_where_it_was(merged: Office) -> None:
    """What was there since 2025 took one office in on 1 November and takes another in on 1 December."""
    old = {"kind": "office", "name": "xã Hòa Xá, Hà Nội", "commune": "10402", "became": 2}
    later = datetime(2026, 12, 1, tzinfo=clock.VIETNAM)
    merged.connection.execute(insert(t.units).values(id=3, **old, until=later))
    begins = datetime(2025, 7, 1, tzinfo=clock.VIETNAM)
    merged.connection.execute(update(t.units).where(t.units.c.id == 2).values(since=begins))
    reports = StoredRecords(merged.connection, NOW).reports
    for month in ("10", "11"):
        sent = Submission(number=1, form_version=1, values=FIGURES, sha256="", at=BEGAN, by=HANH)
        held = reports.hold(2, "monthly", f"2026-{month}")
        receipt = f"VD-{month}-A"
        reports.save(msgspec.structs.replace(held, state="approved", receipt=receipt, submissions=(sent,)))
    turn = merged.turn(incoming("menu"))
    said = {}
    for month in ("11", "12"):
        case = filing.find(turn, f"2:monthly:2026-{month}")
        assert case is not None
        assert case.last == {}  # what it had before is no measure of either
        told = filing.series(turn, case)
        said[month] = merged.wording.word(told, "vi", "chị") if told else ""
    rest = "Số các kỳ trước không đem so."
    assert said == {
        "11": f"Từ báo cáo này, số của xã Vân Đình gồm cả xã Ứng Hòa. {rest}",
        "12": f"Từ báo cáo này, số của xã Vân Đình gồm cả xã Hòa Xá. {rest}",
    }
    form, unit = turn.shelf.forms["monthly"], turn.people.unit(2)
    october = periods.period_named(form, "2026-10")
    assert october is not None
    assert unit is not None
    november = periods.after(form, october)
    for upto, months in ((november, ["2026-11"]), (periods.after(form, november), ["2026-11", "2026-12"])):
        assert [at.code for _unit, at in overview.begun(turn, form, [unit], october, upto)] == months


def test_the_first_report_names_nothing_that_joined_after_it(merged: Office) -> None:
    old = {"kind": "office", "name": "xã Hòa Xá, Hà Nội", "commune": "10402", "became": 2}
    later = datetime(2026, 12, 1, tzinfo=clock.VIETNAM)
    merged.connection.execute(insert(t.units).values(id=3, **old, until=later))
    turn = merged.turn(incoming("menu"))
    case = filing.find(turn, "2:monthly:2026-11")
    assert case is not None
    told = filing.series(turn, case)
    assert told is not None
    assert merged.wording.word(told, "vi", "chị") == (
        "Chuỗi số của xã Vân Đình bắt đầu từ báo cáo này. Số các kỳ trước là của xã Ứng Hòa, chưa tính gộp."
    )
