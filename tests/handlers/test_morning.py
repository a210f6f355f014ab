"""The one message of the morning: on which days, to whom, of what, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, insert, update

from bot import clock
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import morning
from handlers.records.people import Person
from handlers.records.reports import Submission
from handlers.records.requests import Request
from handlers.talk import Due, Incoming, Talk
from handlers.turn import Turn

GOLDEN = Path(__file__).parent / "golden"
DAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
HEAD, EDITOR, REPORTER = 1, 2, 3
LONG_AGO = datetime(2024, 1, 1, 8, tzinfo=clock.VIETNAM)


def rows() -> list[list[str]]:
    lines = (GOLDEN / "morning-days.txt").read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line and line[0] != "#"][1:]


def moment(written: str) -> datetime:
    """Read "T2 16/11/2026 07:30", and see that the weekday is right."""
    name, numbers = written.split(" ", 1)
    read = datetime.strptime(numbers, "%d/%m/%Y %H:%M").replace(tzinfo=clock.VIETNAM)
    assert name == DAYS[read.weekday()], written
    return read


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Connection]:
    database = Database(sqlite_url)
    with database.write() as connection:
        connection.execute(insert(t.units).values(kind="office", name="xã Ứng Hòa, Hà Nội", commune="10402"))
        for kind in ("head", "editor", "reporter"):
            person = msgspec.json.encode(Person(name=kind, lang="vi")).decode()
            number = connection.scalar(
                insert(t.conversations)
                .values(person=person, touched=LONG_AGO)
                .returning(t.conversations.c.id)
            )
            connection.execute(insert(t.roles).values(person=number, kind=kind, place=1, since=LONG_AGO))
        yield connection
    database.close()


def waits(store: Connection) -> None:
    """Let a report wait for the head."""
    reports = StoredRecords(store, LONG_AGO).reports
    sent = Submission(number=1, form_version=1, values={}, sha256="", at=LONG_AGO, by=REPORTER)
    draft = reports.hold(1, "monthly", "2026-10")
    reports.save(msgspec.structs.replace(draft, state="submitted", receipt="UH-10-K4M", submissions=(sent,)))


def morning_of(store: Connection, bookcase: Bookcase, now: datetime, name: str, **facts: str) -> Turn:
    turn = Turn(
        event=Due(name=name, about="morning", at=now, facts=facts),
        person=Person(id=99),
        talk=Talk(),
        now=now,
        shelf=bookcase.shelf(),
        records=StoredRecords(store, now),
    )
    morning.DUE[name](turn)
    return turn


def told(store: Connection, bookcase: Bookcase, now: datetime, person: int = HEAD) -> Turn:
    day = now.date().isoformat()
    return morning_of(store, bookcase, now, "morning.tell", person=str(person), day=day)


@pytest.mark.parametrize("row", rows(), ids=lambda row: " ".join(row[:2]))
def test_the_message_comes_on_the_mornings_of_the_table(
    store: Connection, bookcase: Bookcase, row: list[str]
) -> None:
    at, leave, comes, _why = row
    now = moment(at)
    waits(store)
    if leave:
        first, last = (datetime.strptime(day, "%d/%m/%Y") for day in leave.split("–"))  # noqa: DTZ007
        store.execute(
            insert(t.absences).values(
                person=HEAD,
                since=first.replace(tzinfo=clock.VIETNAM),
                until=last.replace(tzinfo=clock.VIETNAM) + timedelta(days=1),
            )
        )
    put = morning_of(store, bookcase, now, "morning.plan").laters
    said = told(store, bookcase, now).said if put else []
    assert bool(said) is (comes == "có")


def test_everybody_of_an_office_has_one_morning_a_day(store: Connection, bookcase: Bookcase) -> None:
    monday = moment("T2 16/11/2026 07:30")
    once = morning_of(store, bookcase, monday, "morning.plan").laters
    assert [(later.key, later.at) for later in once] == [
        ("morning:1:2026-11-16", monday),
        ("morning:2:2026-11-16", monday),
    ]
    again = morning_of(store, bookcase, monday + timedelta(hours=1), "morning.plan").laters
    assert [later.key for later in again] == [later.key for later in once]  # the same key is kept once


def test_a_morning_that_comes_a_day_too_late_is_left_to_the_next_one(
    store: Connection, bookcase: Bookcase
) -> None:
    waits(store)
    late = morning_of(
        store, bookcase, moment("T3 17/11/2026 07:30"), "morning.tell", person="1", day="2026-11-16"
    )
    assert late.said == []


def test_nothing_is_said_where_nothing_waits(store: Connection, bookcase: Bookcase) -> None:
    store.execute(update(t.roles).where(t.roles.c.kind == "reporter").values(until=LONG_AGO))
    done = StoredRecords(store, LONG_AGO).reports
    for form, period in (("monthly", "2026-11"), ("quarterly", "2026-Q3"), ("campaign", "2026-W47")):
        held = done.hold(1, form, period)
        done.save(msgspec.structs.replace(held, state="approved"))
    assert told(store, bookcase, moment("T2 23/11/2026 07:30")).said == []


def test_all_that_waits_is_one_message_with_a_tap_for_each_line(
    store: Connection, bookcase: Bookcase, wording: Wording
) -> None:
    waits(store)
    request = Request(
        citizen=77,
        commune="10402",
        opened=moment("T2 09/11/2026 08:00"),
        topic="vneid.activate",
        words="quên passcode",
        told=("take-up:lead", "take-up:officer"),
    )
    kept = StoredRecords(store, moment("T2 09/11/2026 08:00")).requests.open(request)
    turn = told(store, bookcase, moment("T5 19/11/2026 07:30"))
    (said,) = turn.said
    assert (said.kind, said.until) == ("reminder", moment("T5 19/11/2026 20:00"))
    assert wording.word(said.text, "vi", "anh").splitlines() == [
        "Sáng nay có việc:",
        "• Chờ anh duyệt: báo cáo tháng 10/2026 của xã Ứng Hòa",
        "• Chậm: báo cáo tháng 11/2026 của xã Ứng Hòa",
        f"• Quá hạn: YC-{kept.code}",
    ]
    assert [(choice.name, choice.context) for choice in said.choices] == [
        ("behind", "10402"),  # the late report and the late request, in one list
        ("review", "1:monthly:2026-10/1"),
        ("morning-later", "2026-11-19"),
    ]
    assert all(choice.typed for choice in said.choices)


def put_off(store: Connection, bookcase: Bookcase, at: str, context: str = "") -> Turn:
    """Let the head put this morning off."""
    now = moment(at)
    turn = Turn(
        event=Incoming(account="web", chat="1", sender="1"),
        person=Person(id=HEAD, lang="en"),
        talk=Talk(),
        now=now,
        shelf=bookcase.shelf(),
        records=StoredRecords(store, now),
        staff=True,
    )
    assert morning.later(turn, context)
    return turn


def test_a_morning_that_is_put_off_comes_once_more_at_14_00_with_what_still_waits(
    store: Connection, bookcase: Bookcase
) -> None:
    waits(store)
    turn = put_off(store, bookcase, "T2 16/11/2026 07:40", "2026-11-16")
    (again,) = turn.laters
    assert (again.at, again.due.name) == (moment("T2 16/11/2026 14:00"), "morning.tell")
    assert len(morning_of(store, bookcase, again.at, "morning.tell", **again.due.facts).said) == 1
    reports = StoredRecords(store, again.at).reports
    held = reports.hold(1, "monthly", "2026-10")
    reports.save(msgspec.structs.replace(held, state="approved"))
    assert morning_of(store, bookcase, again.at, "morning.tell", **again.due.facts).said == []


@pytest.mark.parametrize(
    ("at", "context"), [("T2 16/11/2026 13:50", ""), ("T3 17/11/2026 08:00", "2026-11-16")]
)
def test_a_morning_that_is_over_is_not_put_off(
    store: Connection, bookcase: Bookcase, at: str, context: str
) -> None:
    assert put_off(store, bookcase, at, context).laters == []


def test_a_head_who_is_reminded_of_a_late_report_today_is_not_told_of_it_as_well(
    store: Connection, bookcase: Bookcase
) -> None:
    day = moment("T6 20/11/2026 07:30")  # three working days late: the head hears of it at 08:00
    assert told(store, bookcase, day).said == []
    assert len(told(store, bookcase, day - timedelta(days=1)).said) == 1


def test_answers_near_their_date_are_told_on_the_first_working_day_of_a_week(
    store: Connection, bookcase: Bookcase
) -> None:
    first = min(topic.expires for topic in bookcase.shelf().library.topics("vi"))
    monday = datetime.combine(first - timedelta(days=first.weekday()), datetime.min.time(), clock.VIETNAM)
    now = monday + timedelta(hours=7, minutes=30)
    comes = [bool(told(store, bookcase, now + timedelta(days=n), EDITOR).said) for n in range(5)]
    assert comes == [True, False, False, False, False]


def test_a_report_that_waits_is_of_whoever_heads_the_office(store: Connection, bookcase: Bookcase) -> None:
    waits(store)
    assert told(store, bookcase, moment("T3 17/11/2026 07:30"), REPORTER).said == []
