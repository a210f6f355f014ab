"""What officers are told of reminders: why one came or did not, and what is to come, to whom, at what cost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, delete, func, insert, select
from typer.testing import CliRunner

from bot import clock
from bot.asking import Questions
from bot.cli import app
from bot.settings import Settings, Unusable
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import schedule_asked
from handlers.records.links import Reach
from handlers.records.people import Person
from handlers.rules.reaching import way
from handlers.talk import Incoming, Talk
from handlers.turn import Shelf, Turn

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=clock.VIETNAM)
CHANNELS = {"zalo_oa": 7, "web": 30}
FREE = {"zalo_oa": 2}


def office(database: Database, heard: dict[int, tuple[str, datetime]]) -> None:
    """Put xã Ứng Hòa with an officer (1) and a head (2), and where each was heard."""
    with database.write() as connection:
        connection.execute(insert(t.units).values(kind="office", name="xã Ứng Hòa, Hà Nội", commune="10402"))
        for person, kind, name, address in ((1, "reporter", "Hạnh", "chị"), (2, "head", "Lâm", "anh")):
            connection.execute(
                insert(t.conversations).values(
                    person=msgspec.json.encode(Person(name=name, address=address)).decode(), touched=NOW
                )
            )
            since = NOW - timedelta(days=20)
            connection.execute(insert(t.roles).values(person=person, kind=kind, place=1, since=since))
            if person in heard:
                account, at = heard[person]
                connection.execute(
                    insert(t.contacts).values(
                        account=account, chat=f"c{person}", conversation=person, heard=at
                    )
                )


def decide(connection: Connection, *rows: tuple[str, str, str]) -> None:
    reports = StoredRecords(connection, NOW).reports
    for stage, decision, reason in rows:
        reports.decided(reports.get(1, "monthly", "2026-11"), stage, decision, reason)


@pytest.fixture
def database(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture
def shelf(bookcase: Bookcase) -> Shelf:
    return paying(bookcase.shelf(), "notices")


def paying(shelf: Shelf, paid: str) -> Shelf:
    """Give the knowledge of an office with Zalo that pays for such messages."""
    chosen = msgspec.structs.replace(Settings(), channels=("web", "zalo_oa"), zalo_oa_paid=paid)
    return msgspec.structs.replace(shelf, office=chosen.office)


@pytest.mark.parametrize(
    ("paid", "first", "last"),
    [
        # heard 10 hours ago: free until Wednesday; then it costs, and is left out where nobody pays
        ("all", "Zalo, không mất phí", "Zalo, có tính phí"),
        ("notices", "Zalo, không mất phí", "chưa có kênh nào nhắn được"),
    ],
)
def test_the_plan_says_to_whom_by_which_channel_and_what_it_costs(
    database: Database, shelf: Shelf, paid: str, first: str, last: str
) -> None:
    office(database, {1: ("zalo_oa:1", NOW - timedelta(hours=10)), 2: ("web", NOW - timedelta(days=3))})
    told = list(Questions(paying(shelf, paid), database, "vi").plan(date(2026, 11, 17), date(2026, 11, 20)))
    mine = [line for line in told if "chị Hạnh" in line]
    assert [line.split(":")[0] for line in mine] == ["• 08", "• 15", "• 08", "• 08"]
    assert mine[0] == f"• 08:00 thứ Ba 17/11/2026: chị Hạnh, báo cáo tháng 11/2026 của xã Ứng Hòa ({first})"
    assert mine[-1].endswith(f"({last})")
    assert all("trang web, không mất phí" in line for line in told if "anh Lâm" in line)
    assert told[-1].startswith("7 tin, trong đó ")


def test_the_plan_sends_nothing_and_writes_nothing(database: Database, shelf: Shelf) -> None:
    office(database, {1: ("web", NOW)})
    assert list(Questions(shelf, database, "en").plan(date(2026, 11, 16), date(2026, 12, 31)))
    with database.read() as connection:
        for table in (t.outbox, t.reminders, t.due, t.audit, t.reports):
            assert connection.scalar(select(func.count()).select_from(table)) == 0


def test_what_was_sent_in_is_not_in_the_plan(database: Database, shelf: Shelf) -> None:
    office(database, {1: ("web", NOW)})
    with database.write() as connection:
        reports = StoredRecords(connection, NOW).reports
        reports.save(msgspec.structs.replace(reports.hold(1, "monthly", "2026-11"), state="submitted"))
    told = list(Questions(shelf, database, "vi").plan(date(2026, 11, 16), date(2026, 12, 15)))
    assert not any("tháng 11/2026" in line.partition("báo cáo")[2] for line in told)
    assert any("báo cáo tháng 12/2026" in line for line in told)


REASONS = [
    ("sent", "due", "đã nhắc (đến lượt)"),
    ("sent", "together", "đã nhắc (gộp chung tin với báo cáo khác)"),
    ("sent", "asked-for", "đã nhắc (có người nhờ nhắc)"),
    ("held", "quiet-hours", "để lại nhắc sau (ngoài giờ nhắn tin)"),
    ("held", "day-off", "để lại nhắc sau (ngày nghỉ)"),
    ("skipped", "submitted", "không nhắc (báo cáo đã gửi rồi)"),
    ("skipped", "newer-stage", "không nhắc (chặng sau đã thay)"),
    ("skipped", "no-reporter", "**đỏ**, không có ai để nhắc (chưa ai nhận lời mời làm báo cáo)"),
    ("skipped", "on-leave", "**đỏ**, không có ai để nhắc (người làm báo cáo đang nghỉ, chưa có ai làm thay)"),
    ("sent", "above", "đã nhắc (đến đơn vị cấp trên)"),
    ("skipped", "no-supervisor", "**đỏ**, không có ai để nhắc (đơn vị cấp trên chưa có ai trong Tổ Số)"),
    ("sent", "stand-in", "đã nhắc (đến người làm thay trong lúc nghỉ)"),
    ("held", "until 2026-11-16T07:00:00+00:00", "để lại nhắc sau (đến 14:00 thứ Hai 16/11/2026)"),
    ("skipped", "period-over", "không nhắc (đã sang kỳ sau)"),
    ("skipped", "before-their-time", "không nhắc (hạn đã qua trước khi đơn vị có người trong Tổ Số)"),
    ("skipped", "no-such-stage", "không nhắc (mẫu không còn chặng này)"),
]


@pytest.mark.parametrize(("decision", "reason", "words"), REASONS)
def test_each_decision_is_told_with_its_reason(
    database: Database, shelf: Shelf, decision: str, reason: str, words: str
) -> None:
    office(database, {})
    with database.write() as connection:
        decide(connection, ("prepare", decision, reason))
    told = list(Questions(shelf, database, "vi").why("xã Ứng Hòa, Hà Nội", "2026-11"))
    assert told[0] == "Báo cáo tháng 11/2026, xã Ứng Hòa, hạn thứ Ba 17/11/2026:"
    assert told[1] == f"• 09:00 thứ Hai 16/11/2026: 3 ngày làm việc trước ngày chốt: {words}"
    english = list(Questions(shelf, database, "en").why("ứng hòa", "2026-11"))
    assert not re.search(r"{\w+}", "".join(told + english))


@pytest.mark.parametrize(
    ("unit", "period", "said"),
    [
        ("xã Ứng Hòa, Hà Nội", "11/2026", "no period of a form"),
        ("xã Vân Đình, Hà Nội", "2026-11", "Write one of: xã Ứng Hòa, Hà Nội"),
    ],
)
def test_a_unit_or_period_that_is_not_there_is_named(
    database: Database, shelf: Shelf, unit: str, period: str, said: str
) -> None:
    office(database, {})
    with pytest.raises(Unusable, match=said):
        list(Questions(shelf, database, "vi").why(unit, period))


WAYS = [
    # the chats with days since the last word, days until it is sent, whether costs are paid: way and cost
    ([("web", 1)], 5, False, ("web", "free")),
    ([("web", 1)], 40, False, ("", "nobody")),
    ([("zalo_oa", 1)], 0.5, False, ("zalo_oa", "free")),
    ([("zalo_oa", 1)], 3, False, ("", "nobody")),
    ([("zalo_oa", 1)], 3, True, ("zalo_oa", "billed")),
    ([("zalo_oa", 1)], 6.5, True, ("", "nobody")),
    ([("zalo_oa", 1), ("telegram", 9)], 3, False, ("telegram", "free")),
    ([("zalo_oa", 1), ("telegram", 9)], 3, True, ("zalo_oa", "billed")),
    ([("telegram", 1), ("zalo_oa", 9)], 100, True, ("telegram", "free")),
    ([], 0, True, ("", "nobody")),
]


@pytest.mark.parametrize(("chats", "days", "pays", "expected"), WAYS)
def test_a_reminder_takes_the_chat_heard_last_that_takes_it(
    chats: list[tuple[str, int]], days: float, pays: bool, expected: tuple[str, str]
) -> None:
    heard = tuple((platform, NOW - timedelta(days=ago)) for platform, ago in chats)
    for outside, then in (("", expected), ("mail", ("mail", "outside")), ("zbs", ("zbs", "billed"))):
        got = way(Reach(1, heard, outside, NOW), NOW + timedelta(days=days), CHANNELS, FREE, pays=pays)
        assert got == (then if expected[1] == "nobody" else expected)


@pytest.mark.parametrize(
    ("prices", "last"),
    [
        ({}, "7 tin, trong đó 2 tin tính phí, 0 tin không đến được ai"),
        ({"zalo_oa_price": 55}, "7 tin, trong đó 2 tin tính phí, 0 tin không đến được ai: khoảng 110 đồng"),
    ],
)
def test_the_plan_adds_up_the_money_where_the_price_is_known(
    database: Database, shelf: Shelf, prices: dict[str, int], last: str
) -> None:
    office(database, {1: ("zalo_oa:1", NOW - timedelta(hours=10)), 2: ("web", NOW)})
    chosen = msgspec.structs.replace(
        Settings(), channels=("web", "zalo_oa"), zalo_oa_paid="all", **prices
    ).office
    shelf = msgspec.structs.replace(shelf, office=chosen)
    *_, told = Questions(shelf, database, "vi").plan(date(2026, 11, 17), date(2026, 11, 20))
    assert told == last


def test_the_plan_names_a_template_and_its_price(database: Database, shelf: Shelf) -> None:
    office(database, {1: ("zalo_oa:1", NOW - timedelta(days=30)), 2: ("web", NOW)})
    settings = msgspec.structs.replace(
        Settings(), channels=("web", "zalo_oa"), zbs_template="300001", zbs_price=1200
    )
    shelf = msgspec.structs.replace(shelf, office=settings.office)
    told = list(Questions(shelf, database, "vi").plan(date(2026, 11, 17), date(2026, 11, 20)))
    mine = [line for line in told if "chị Hạnh" in line]
    assert len(mine) == 4
    assert all(line.endswith("(tin mẫu ZBS, có tính phí)") for line in mine)
    assert told[-1].endswith("trong đó 4 tin tính phí, 0 tin không đến được ai: khoảng 4.800 đồng")


def test_the_commands_answer_from_the_configured_database(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setenv("DATABASE", sqlite_url)
    database = Database(sqlite_url)
    office(database, {1: ("web", NOW)})
    database.close()
    ask = CliRunner().invoke
    done = ask(app, ["reminders", "plan", "--from", "2026-11-17", "--to", "2026-11-17"])
    assert (done.exit_code, len(done.output.splitlines())) == (0, 5)
    assert "4 tin, trong đó 0 tin tính phí, 2 tin không đến được ai" in done.output
    done = ask(app, ["reminders", "explain", "ứng hòa", "2026-11", "--lang", "en"])
    assert "• 08:00 on Tuesday 17 November 2026: on the due day: to come" in done.output
    done = ask(app, ["rollout", "--of", "xã Ứng Hòa, Hà Nội", "--lang", "en"])
    assert done.output.splitlines()[0].startswith("2 joined, 0 invited and not here yet, ")
    assert ask(app, ["rollout", "--of", "xã Nào Đó"]).exit_code == 1
    done = ask(app, ["reminders", "plan", "--from", "17/11/2026", "--to", "2026-11-17"])
    assert done.exit_code == 1
    assert "Write it as year-month-day" in done.output


def test_an_office_with_nobody_to_remind_is_told_as_red(database: Database, shelf: Shelf) -> None:
    with database.write() as connection:
        connection.execute(insert(t.units).values(kind="office", name="xã Vân Đình, Hà Nội", commune="10354"))
    told = list(Questions(shelf, database, "vi").why("xã Vân Đình, Hà Nội", "2026-11"))
    assert told[-1] == '• **Đỏ**: chưa có ai ở đây để nhắc. Gõ "ai chưa vào" để xem.'
    assert not any("sẽ nhắc" in line for line in told)


# --- asked in a chat ---


def asks(connection: Connection, shelf: Shelf, words: str, person: int = 1) -> list[str]:
    """Give the lines that somebody is answered."""
    turn = Turn(
        event=Incoming(account="web", chat="a", sender="a", text=words, at=NOW),
        person=Person(id=person, lang="vi", address="chị"),
        talk=Talk(met=True),
        now=NOW,
        shelf=shelf,
        records=StoredRecords(connection, NOW),
        staff=True,
    )
    if not schedule_asked.typed(turn):
        return []
    return Wording().word(turn.said[-1].text, "vi", "chị").splitlines()


def test_of_many_decisions_the_newest_are_told_and_how_to_have_all(database: Database, shelf: Shelf) -> None:
    office(database, {})
    with database.write() as connection:
        decide(connection, *((f"again-{number}", "held", "quiet-hours") for number in range(30)))
        told = asks(connection, shelf, "vì sao nhắc 11/2026")
        every = asks(connection, shelf, "vì sao nhắc xã Ứng Hòa 11/2026 tất cả")
    assert len(told) == 2 + schedule_asked.ROWS
    cut = len(every) - 1 - schedule_asked.ROWS
    assert told[1] == f"• {cut} lần trước nữa: gõ lại câu đó, thêm “tất cả” ở cuối."
    assert told[2:] == every[1 + cut :]


def test_units_of_one_name_are_told_apart_and_only_those_beneath_are_told_of(
    database: Database, shelf: Shelf
) -> None:
    office(database, {})
    with database.write() as connection:
        for number, place in enumerate(
            ("xã Ứng Hòa, Hà Nội", "xã Ứng Hòa, Hà Nội", "xã Vân Đình, Hà Nội"), 2
        ):
            name, village = f"thôn Đoài, {place}", "thôn Đoài" if number == 2 else "thôn đoài"
            code = "10354" if "Vân" in place else "10402"
            unit = {"kind": "office", "name": name, "commune": code, "village": village}
            connection.execute(insert(t.units).values(id=number, **unit))
        (several,) = asks(connection, shelf, "lịch nhắc thôn Đoài", person=2)
        assert several.startswith("Có mấy đơn vị cùng tên. Chị gõ cả nơi: thôn Đoài, xã Ứng Hòa, Hà Nội; ")
        assert "Vân Đình" not in several
        (others,) = asks(connection, shelf, "vì sao nhắc thôn Đoài, xã Vân Đình", person=2)
        assert (
            others
            == "thôn Đoài, xã Vân Đình không thuộc cấp dưới của đơn vị chị, nên Tổ Số không kể lịch nhắc ở đó."
        )
        (early,) = asks(connection, shelf, "vì sao nhắc 1/2027")
        assert early.startswith("Không có kỳ đó, hoặc kỳ đó còn xa.")
        assert asks(connection, shelf, "vì sao nhắc hoài vậy trời") == []
        connection.execute(delete(t.roles).where(t.roles.c.person == 1))
        assert asks(connection, shelf, "vì sao nhắc") == []
