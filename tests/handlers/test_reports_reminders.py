"""Reminders are decided when they are due, and each decision leaves a row with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
import pytest
from sqlalchemy import Connection, insert

from bot import clock
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from handlers import reminders
from handlers.records.people import Person
from handlers.records.reports import Decision, Report
from handlers.talk import Due, Talk
from handlers.turn import Turn


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Connection]:
    database = Database(sqlite_url)
    with database.write() as connection:
        connection.execute(insert(t.units).values(kind="office", name="xã Ứng Hòa, Hà Nội", commune="10354"))
        for person, kind in ((1, "reporter"), (2, "head")):
            connection.execute(
                insert(t.conversations).values(
                    person=msgspec.json.encode(Person(name="Hạnh", address="chị")).decode(),
                    touched=moment("2026-11-01 08:00"),
                )
            )
            since = moment("2026-11-01 08:00")
            connection.execute(insert(t.roles).values(person=person, kind=kind, place=1, since=since))
        yield connection
    database.close()


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=clock.VIETNAM)


def decide(store: Connection, bookcase: Bookcase, now: str, name: str, **facts: str) -> Turn:
    about = "reports" if name == "reports.plan" else "report:1:monthly:2026-11"
    turn = Turn(
        event=Due(name=name, about=about, at=moment(now), facts=facts),
        person=Person(id=99),
        talk=Talk(),
        now=moment(now),
        shelf=bookcase.shelf(),
        records=StoredRecords(store, moment(now)),
    )
    reminders.DUE[name](turn)
    return turn


def decisions(turn: Turn) -> list[tuple[str, str, str]]:
    rows: tuple[Decision, ...] = turn.reports.decisions(Report(unit=1, form="monthly", period="2026-11"))
    return [(row.stage, row.decision, row.reason) for row in rows]


def test_the_plan_puts_the_coming_stages_of_the_open_and_the_next_period(
    store: Connection, bookcase: Bookcase
) -> None:
    turn = decide(store, bookcase, "2026-11-16 00:05", "reports.plan")
    put = {later.key.removeprefix("report:1:monthly:"): later.at for later in turn.laters}
    assert put["2026-11:before-due"] == moment("2026-11-16 08:00")
    assert put["2026-11:due-morning"] == moment("2026-11-17 08:00")
    assert put["2026-12:prepare"] == moment("2026-12-09 08:00")
    assert "2026-11:prepare" not in put


def test_a_second_plan_puts_nothing_new(store: Connection, bookcase: Bookcase) -> None:
    once = decide(store, bookcase, "2026-11-16 00:05", "reports.plan").laters
    assert decide(store, bookcase, "2026-11-16 00:05", "reports.plan").laters == once


@pytest.mark.parametrize(
    ("now", "reason", "then"),
    [
        ("2026-11-18 21:10", "quiet-hours", "2026-11-19 07:30"),
        ("2026-11-19 05:00", "quiet-hours", "2026-11-19 07:30"),
        ("2026-11-21 09:00", "day-off", "2026-11-23 07:30"),
    ],
)
def test_at_night_and_on_days_off_it_is_held_until_people_may_be_written_to(
    store: Connection, bookcase: Bookcase, now: str, reason: str, then: str
) -> None:
    name = "late-3" if now > "2026-11-20" else "late-1"
    turn = decide(store, bookcase, now, "reports.stage", stage=name)
    assert turn.said == []
    assert decisions(turn) == [(name, "held", reason)]
    (later,) = turn.laters
    assert later.at == moment(then)
    assert later.due.facts == {"stage": name}
    assert later.key != f"report:1:monthly:2026-11:{name}"  # the first one is used up


def test_what_was_held_is_sent_in_the_morning(store: Connection, bookcase: Bookcase) -> None:
    turn = decide(store, bookcase, "2026-11-19 07:30", "reports.stage", stage="late-1")
    assert [said.to for said in turn.said] == [1]
    assert decisions(turn) == [("late-1", "sent", "due")]


def test_after_downtime_only_the_newest_stage_is_sent(store: Connection, bookcase: Bookcase) -> None:
    said = [
        (name, len(decide(store, bookcase, "2026-11-18 10:00", "reports.stage", stage=name).said))
        for name in ("before-due", "due-morning", "late-1")
    ]
    assert said == [("before-due", 0), ("due-morning", 0), ("late-1", 1)]


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_nobody_is_reminded_of_what_was_sent(store: Connection, bookcase: Bookcase, state: str) -> None:
    reports = StoredRecords(store, moment("2026-11-16 09:00")).reports
    draft = reports.hold(1, "monthly", "2026-11")
    reports.save(msgspec.convert({**msgspec.to_builtins(draft), "state": state}, Report))
    for name, facts in (("reports.stage", {"stage": "due-morning"}), ("reports.again", {"person": "1"})):
        turn = decide(store, bookcase, "2026-11-17 08:00", name, **facts)
        assert turn.said == []
    assert decisions(turn) == [("due-morning", "skipped", "submitted"), ("again", "skipped", "submitted")]


def test_a_returned_report_is_reminded_of(store: Connection, bookcase: Bookcase) -> None:
    reports = StoredRecords(store, moment("2026-11-16 09:00")).reports
    reports.save(msgspec.structs.replace(reports.hold(1, "monthly", "2026-11"), state="returned"))
    turn = decide(store, bookcase, "2026-11-17 08:00", "reports.stage", stage="due-morning")
    assert [said.to for said in turn.said] == [1, 2]


def test_a_reminder_ends_with_the_day_and_can_be_taken_back(store: Connection, bookcase: Bookcase) -> None:
    turn = decide(store, bookcase, "2026-11-16 08:00", "reports.stage", stage="before-due")
    (said,) = turn.said
    assert (said.kind, said.about, said.until) == (
        "reminder",
        "report:1:monthly:2026-11",
        moment("2026-11-16 20:00"),
    )


def test_a_stage_that_the_form_no_longer_has_is_left_out(store: Connection, bookcase: Bookcase) -> None:
    turn = decide(store, bookcase, "2026-11-16 08:00", "reports.stage", stage="gone")
    assert decisions(turn) == [("gone", "skipped", "no-such-stage")]
