"""Reports of earlier periods: which words name one, how long it is asked for, which offices owe it, who is reminded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

import msgspec
import pytest
from sqlalchemy import Connection, insert, update

from bot import clock
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from handlers import filing, reminders, report_periods
from handlers.records.people import Person
from handlers.records.reports import Report, State, Submission
from handlers.rules import period_words, periods, reporting
from handlers.talk import Due, Talk
from handlers.turn import Turn
from knowledge.folding import fold
from knowledge.form_files import load_forms
from tests.handlers.turning import incoming

FORMS = load_forms()
TODAY = date(2026, 12, 16)  # November is due since 17 November, December on 17 December


@pytest.mark.parametrize(
    ("words", "form", "code"),
    [
        ("tháng 11", "monthly", "2026-11"),
        ("11/2026", "monthly", "2026-11"),
        ("kỳ 11/2026", "monthly", "2026-11"),
        ("tháng 12", "monthly", "2026-12"),
        ("tháng 3", "monthly", "2026-03"),
        ("month 11-2026", "monthly", "2026-11"),
        ("tháng 10/2025", "monthly", "2025-10"),
        ("tháng 1", "monthly", "2026-01"),
        ("tháng 1/2027", "monthly", None),  # still to come
        ("tháng 13", "monthly", None),
        ("tháng 0", "monthly", None),
        ("quý 3", "quarterly", "2026-Q3"),
        ("Q3/2026", "quarterly", "2026-Q3"),
        ("quý 4", "quarterly", "2026-Q4"),  # it ends with the 14th as well
        ("quý 1/2027", "quarterly", None),
        ("quý 5/2026", "quarterly", None),
        ("tuần 46/2026", "campaign", "2026-W46"),
        ("week 60/2026", "campaign", None),
        ("kỳ này", "monthly", "2026-12"),
        ("this period", "monthly", "2026-12"),
        ("kỳ trước", "monthly", "2026-11"),
        ("last period", "quarterly", "2026-Q3"),
        ("tháng này", "monthly", "2026-12"),
        ("tháng trước", "monthly", "2026-11"),
        ("last month", "monthly", "2026-11"),
        ("quý này", "quarterly", "2026-Q4"),
        ("quý vừa rồi", "quarterly", "2026-Q3"),
        ("tuần này", "campaign", "2026-W50"),  # it is not over: the last one that is
        ("tuần trước", "campaign", "2026-W50"),
    ],
)
def test_words_name_a_period(words: str, form: str, code: str | None) -> None:
    match = re.fullmatch(period_words.WHICH, fold(words))
    assert match is not None
    meant = period_words.form_meant((FORMS[form],), match)
    assert meant is FORMS[form]
    period = period_words.period_meant(meant, match, TODAY)
    assert (period.code if period else None) == code


@pytest.mark.parametrize(
    ("day", "words", "code"),
    [
        (
            date(2026, 12, 3),
            "thang nay",
            "2026-11",
        ),  # December's figures are not complete: what is reported now
        (date(2026, 12, 3), "thang truoc", "2026-11"),
        (date(2026, 12, 3), "ky truoc", "2026-10"),
        (date(2026, 12, 15), "this month", "2026-12"),
        (date(2027, 1, 3), "this month", "2026-12"),
        (date(2027, 1, 3), "last month", "2026-12"),
        (date(2027, 1, 20), "thang truoc", "2026-12"),
        (date(2027, 1, 20), "thang nay", "2027-01"),
    ],
)
def test_this_month_is_never_one_that_cannot_be_reported_yet(day: date, words: str, code: str) -> None:
    match = re.fullmatch(period_words.NAMED, words)
    assert match is not None
    period = period_words.period_meant(FORMS["monthly"], match, day, coming=2)
    assert period is not None
    assert period.code == code


@pytest.mark.parametrize(
    ("words", "coming", "code"),
    [
        ("thang 1/2027", 1, "2027-01"),
        ("thang 2/2027", 1, None),
        ("thang 2/2027", 2, "2027-02"),
        ("thang 2", 1, "2026-02"),
        ("thang 2", 2, "2027-02"),  # named without its year it is the nearest to come, not the one long past
        ("thang 12", 2, "2026-12"),
    ],
)
def test_periods_to_come_are_meant_only_where_they_may_be(words: str, coming: int, code: str | None) -> None:
    match = re.fullmatch(period_words.WHICH, words)
    assert match is not None
    period = period_words.period_meant(FORMS["monthly"], match, TODAY, coming=coming)
    assert (period.code if period else None) == code


def test_earlier_periods_go_back_for_a_year() -> None:
    found = periods.earlier(FORMS["monthly"], TODAY, TODAY - reporting.OWED_FOR)
    assert [period.code for period in found] == [f"2026-{n:02}" for n in range(11, 0, -1)]


def test_the_week_s_reminder_comes_on_its_first_working_day(bookcase: Bookcase) -> None:
    calendar = bookcase.shelf().calendar
    stage = reporting.weekly(date(2026, 12, 24), calendar)
    assert (stage.name, stage.at) == ("weekly-20261221", moment("2026-12-21 08:00"))
    assert reporting.weekly_named(stage.name, calendar) == stage
    # Tết 2027: Monday 8 February is a day off.
    off = reporting.weekly(date(2027, 2, 8), calendar)
    assert calendar.is_working_day(reporting.local_day(off.at))
    assert off.at > moment("2027-02-08 08:00")
    assert reporting.weekly_named("late-3-week-1", calendar) is None


# --- with a store ---


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=clock.VIETNAM)


@pytest.fixture
def store(url: str) -> Iterator[Connection]:
    database = Database(url)
    with database.write() as connection:
        for number, name in ((1, "xã Ứng Hòa, Hà Nội"), (2, "xã Vân Đình, Hà Nội")):
            connection.execute(insert(t.units).values(kind="office", name=name, commune="10354"))
            connection.execute(
                insert(t.conversations).values(
                    person=msgspec.json.encode(Person(name="Hạnh", address="chị")).decode(),
                    touched=moment("2026-11-01 08:00"),
                )
            )
            since = moment("2026-11-01 08:00")
            connection.execute(
                insert(t.roles).values(person=number, kind="reporter", place=number, since=since)
            )
        yield connection
    database.close()


def turn_at(
    store: Connection, bookcase: Bookcase, now: str, name: str = "reports.plan", stage: str = ""
) -> Turn:
    return Turn(
        event=Due(name=name, about="report:1:monthly:2026-11", at=moment(now), facts={"stage": stage}),
        person=Person(id=99),
        talk=Talk(),
        now=moment(now),
        shelf=bookcase.shelf(),
        records=StoredRecords(store, moment(now)),
    )


def kept(store: Connection, bookcase: Bookcase, state: State, *, sent: bool, period: str = "2026-11") -> None:
    turn = turn_at(store, bookcase, "2026-11-16 09:00")
    version = Submission(number=1, form_version=1, values={}, sha256="0" * 64, at=turn.now, by=1)
    report = msgspec.structs.replace(
        turn.reports.hold(1, "monthly", period), state=state, submissions=(version,) if sent else ()
    )
    turn.reports.save(report)


def owed(store: Connection, bookcase: Bookcase, now: str = "2026-12-16 09:00") -> list[str]:
    turn = turn_at(store, bookcase, now)
    units = [unit for n in (1, 2) if (unit := turn.people.unit(n)) is not None]
    return [case.key for case in filing.earlier(turn, units)]


@pytest.mark.parametrize(
    ("state", "sent", "owes"),
    [
        ("draft", False, True),
        ("draft", True, True),  # taken back
        ("returned", True, True),
        ("submitted", True, False),
        ("approved", True, False),
    ],
)
def test_an_office_owes_what_it_began_until_it_lies_with_the_head(
    store: Connection, bookcase: Bookcase, state: State, sent: bool, owes: bool
) -> None:
    kept(store, bookcase, state, sent=sent)
    assert owed(store, bookcase) == (["1:monthly:2026-11"] if owes else [])
    assert owed(store, bookcase, "2026-12-14 09:00") == []  # until then it is the present one


def test_an_office_owes_what_it_was_reminded_of_and_nothing_that_nobody_asked_for(
    store: Connection, bookcase: Bookcase
) -> None:
    assert owed(store, bookcase) == []
    turn = turn_at(store, bookcase, "2026-11-17 08:00", "reports.stage", "due-morning")
    reminders.fire(turn)
    assert owed(store, bookcase) == ["1:monthly:2026-11"]
    turn = turn_at(store, bookcase, "2026-11-17 08:00")
    turn.reports.decided(Report(unit=2, form="monthly", period="2026-11"), "late-1", "skipped", "unit-over")
    assert owed(store, bookcase) == ["1:monthly:2026-11"]


@pytest.mark.parametrize(
    ("unit", "owes"),
    [
        ({}, True),
        ({"since": moment("2026-11-14 00:00")}, True),
        ({"since": moment("2026-11-15 00:00")}, False),
        ({"kind": "school"}, False),
    ],
)
def test_of_an_earlier_period_only_those_are_asked_whom_the_form_asked_then(
    store: Connection, bookcase: Bookcase, unit: dict[str, object], owes: bool
) -> None:
    kept(store, bookcase, "draft", sent=False)
    store.execute(update(t.units).where(t.units.c.id == 1).values(id=1, **unit))
    assert owed(store, bookcase) == (["1:monthly:2026-11"] if owes else [])
    asking = turn_at(store, bookcase, "2026-12-16 09:00")
    asking = Turn(
        event=incoming("báo cáo 11/2026"),
        person=Person(id=1),
        talk=Talk(met=True),
        now=asking.now,
        shelf=asking.shelf,
        records=StoredRecords(store, asking.now),
        staff=True,
    )
    assert report_periods.typed_card(asking)
    assert asking.talk.doing == ("report 1:monthly:2026-11" if owes else "")


def test_after_a_year_it_is_asked_for_no_more(store: Connection, bookcase: Bookcase) -> None:
    kept(store, bookcase, "draft", sent=False)
    assert owed(store, bookcase, "2027-11-14 09:00") == ["1:monthly:2026-11"]
    assert owed(store, bookcase, "2027-11-15 09:00") == []


def test_each_week_it_is_put_and_decided_once(store: Connection, bookcase: Bookcase) -> None:
    kept(store, bookcase, "draft", sent=False)
    turn = turn_at(store, bookcase, "2026-12-21 00:05")
    reminders.plan(turn)
    weekly = [later for later in turn.laters if reporting.WEEKLY in later.key]
    assert [(later.key, later.at) for later in weekly] == [
        ("report:1:monthly:2026-11:weekly-20261221", moment("2026-12-21 08:00"))
    ]
    turn = turn_at(store, bookcase, "2026-12-21 08:00", "reports.stage", "weekly-20261221")
    reminders.fire(turn)
    assert [said.to for said in turn.said] == [1]
    again = turn_at(store, bookcase, "2026-12-21 08:00", "reports.stage", "weekly-20261221")
    reminders.fire(again)
    assert again.said == []
    rows = turn.reports.decisions(Report(unit=1, form="monthly", period="2026-11"))
    assert [(row.stage, row.decision, row.reason) for row in rows] == [("weekly-20261221", "sent", "due")]


def test_of_what_was_sent_meanwhile_nobody_is_reminded_and_a_missed_week_is_not_made_up_for(
    store: Connection, bookcase: Bookcase
) -> None:
    kept(store, bookcase, "draft", sent=False)
    late = turn_at(store, bookcase, "2026-12-28 08:30", "reports.stage", "weekly-20261221")
    reminders.fire(late)
    kept(store, bookcase, "submitted", sent=True)
    turn = turn_at(store, bookcase, "2026-12-28 08:30", "reports.stage", "weekly-20261228")
    reminders.fire(turn)
    assert late.said == turn.said == []
    rows = turn.reports.decisions(Report(unit=1, form="monthly", period="2026-11"))
    assert [(row.stage, row.reason) for row in rows] == [
        ("weekly-20261221", "newer-stage"),
        ("weekly-20261228", "submitted"),
    ]


def test_two_reports_of_one_week_are_one_message(store: Connection, bookcase: Bookcase) -> None:
    kept(store, bookcase, "draft", sent=False)
    kept(store, bookcase, "returned", sent=True, period="2026-10")
    turn = turn_at(store, bookcase, "2026-12-21 08:00", "reports.stage", "weekly-20261221")
    reminders.fire(turn)
    (said,) = turn.said
    assert [choice.context for choice in said.choices[:2]] == ["1:monthly:2026-10", "1:monthly:2026-11"]
    assert len({str(choice.label) for choice in said.choices}) == len(said.choices)
