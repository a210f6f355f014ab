"""Tasks that a form asks for, as tasks of the chat: given once, told together, in step with what the report says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import msgspec
import pytest
from sqlalchemy import Connection, insert, select

from bot import clock
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import filing, reminders, tasks
from handlers.filing import Filing
from handlers.records.people import Person
from handlers.rules.form_tasks import TaskState
from handlers.talk import Due, Incoming, Talk
from handlers.turn import Turn
from knowledge.form_files import load_forms
from knowledge.forms import Forms, FormTask, TaskDue
from tests.handlers.turning import incoming

MONDAY = datetime(2026, 11, 9, 8, 0, tzinfo=clock.VIETNAM)  # of week 46, whose report is due on the 16th
SHIPPED = load_forms()["campaign"]


def form(*own: FormTask) -> Forms:
    return Forms([msgspec.structs.replace(SHIPPED, use=True, tasks=own or SHIPPED.tasks)])


class Office:
    """An office with somebody who reports and a head."""

    def __init__(self, connection: Connection, bookcase: Bookcase, wording: Wording) -> None:
        self.connection, self.wording = connection, wording
        self.shelf = msgspec.structs.replace(bookcase.shelf(), forms=form())
        unit = insert(t.units).values(kind="office", name="xã Ứng Hòa, Hà Nội", commune="10402")
        self.unit = connection.scalar(unit.returning(t.units.c.id))
        self.reporter, self.head = self.person("Hạnh", "reporter"), self.person("Lâm", "head")

    def person(self, name: str, kind: str) -> int:
        person = msgspec.json.encode(Person(name=name, address="chị", lang="en")).decode()
        added = insert(t.conversations).values(person=person, touched=MONDAY)
        number = self.connection.scalar(added.returning(t.conversations.c.id))
        assert number is not None
        role = {"person": number, "kind": kind, "place": self.unit, "since": MONDAY}
        self.connection.execute(insert(t.roles).values(**role))
        return int(number)

    def turn(self, at: datetime = MONDAY, event: Incoming | Due | None = None) -> Turn:
        return Turn(
            event=event or incoming("report"),
            person=Person(id=self.reporter, name="Hạnh", lang="en"),
            talk=Talk(met=True),
            now=at,
            shelf=self.shelf,
            records=StoredRecords(self.connection, at),
            staff=True,
        )

    def case(self, turn: Turn, week: str = "2026-W46") -> Filing:
        found = filing.find(turn, f"{self.unit}:campaign:{week}")
        assert found is not None
        return filing.hold(turn, found)

    def kept(self) -> list[str]:
        c = t.tasks.c
        rows = self.connection.execute(select(c.origin, c.role, c.due, c.state, c.said).order_by(c.id))
        return [" ".join([row.origin.split(":", 2)[2], *row[1:]]).strip() for row in rows]

    def events(self) -> list[str]:
        return list(self.connection.scalars(select(t.task_events.c.what).order_by(t.task_events.c.id)))


@pytest.fixture
def office(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield Office(connection, bookcase, wording)
    database.close()


def test_a_unit_of_which_a_form_asks_nothing_is_given_none_of_its_tasks(office: Office) -> None:
    turn = office.turn()
    asks_schools = msgspec.structs.replace(SHIPPED, use=True, owed_by=("school",))
    turn.shelf = office.shelf = msgspec.structs.replace(office.shelf, forms=Forms([asks_schools]))
    reminders.plan(turn)
    assert not turn.laters
    tasks.put_of(turn, office.case(turn))
    assert office.kept() == []


def test_a_unit_is_given_the_tasks_of_a_period_once_with_owner_and_day(office: Office) -> None:
    for _time in range(2):
        turn = office.turn()
        tasks.put_of(turn, office.case(turn))
    assert office.kept() == [
        "2026-W46:campaign-plan reporter 2026-11-13 open",
        "2026-W46:campaign-stuck reporter 2026-11-13 open",
        "2026-W46:campaign-meeting head 2026-11-17 open",
    ]


def test_what_was_due_before_anybody_heard_of_it_is_not_given(office: Office) -> None:
    turn = office.turn(datetime(2026, 11, 16, 9, 0, tzinfo=clock.VIETNAM))
    tasks.put_of(turn, office.case(turn))
    assert office.kept() == ["2026-W46:campaign-meeting head 2026-11-17 open"]


def test_a_task_with_a_day_of_its_own_is_the_same_in_every_period(office: Office) -> None:
    day = msgspec.structs.replace(SHIPPED.tasks[0], due=TaskDue(day=date(2026, 11, 27)))
    office.shelf = msgspec.structs.replace(office.shelf, forms=form(day))
    for at, week in ((MONDAY, "2026-W46"), (MONDAY.replace(day=16), "2026-W47")):
        turn = office.turn(at)
        tasks.put_of(turn, office.case(turn, week))
    assert office.kept() == ["2026-11-27:campaign-plan reporter 2026-11-27 open"]
    (own,) = tasks.owned(turn)
    said = office.wording.word(tasks.own_line(turn, own), "en")
    assert said.startswith(
        "• Plan of next week's sessions: by Friday 27 November 2026, asked by the campaign"
    )


def test_what_the_report_says_of_a_task_holds_for_it_and_each_change_is_an_event(office: Office) -> None:
    turn = office.turn()
    case, plan = office.case(turn), SHIPPED.tasks[0]
    tasks.put_of(turn, case)
    for state in (TaskState("doing"), TaskState("done", "12/KH"), TaskState("done", "12/KH")):
        tasks.follow(turn, case, plan, state)
    assert office.kept()[0] == "2026-W46:campaign-plan reporter 2026-11-13 done 12/KH"
    tasks.follow(turn, case, plan, TaskState("todo"))
    assert office.kept()[0] == "2026-W46:campaign-plan reporter 2026-11-13 open"
    assert office.events() == ["given", "given", "given", "done", "reopened"]


def test_a_task_that_is_late_and_was_never_given_is_given_once_the_report_says_it_is_not_done(
    office: Office,
) -> None:
    turn = office.turn(datetime(2026, 11, 16, 9, 0, tzinfo=clock.VIETNAM))
    tasks.follow(turn, office.case(turn), SHIPPED.tasks[0], TaskState("done", "12/KH"))
    tasks.follow(turn, office.case(turn), SHIPPED.tasks[1], TaskState("todo"))
    assert office.kept() == ["2026-W46:campaign-stuck reporter 2026-11-13 open"]
    assert [one.id for one in tasks.overdue(turn, turn.person)] == [1]


def test_a_task_told_done_in_the_chat_changes_a_draft_that_says_otherwise_and_no_other(
    office: Office,
) -> None:
    turn = office.turn()
    case = office.case(turn)
    tasks.put_of(turn, case)
    told = {"campaign-plan": TaskState("doing")}
    turn.reports.save(msgspec.structs.replace(case.report, tasks=told))
    for one in tasks.owned(turn):
        tasks.into_report(turn, one, "12/KH")
    assert office.case(turn).report.tasks == {"campaign-plan": TaskState("done", "12/KH")}


def test_tasks_of_one_day_are_told_in_one_message_and_the_other_stage_finds_that_it_was_sent(
    office: Office,
) -> None:
    turn = office.turn()
    tasks.put_of(turn, office.case(turn))
    stages = [later for later in turn.laters if later.due.facts["stage"] == "due"]
    assert [later.due.about for later in stages] == ["tasks:1:reporter", "tasks:1:reporter", "tasks:1:head"]
    said: list[str] = []
    for later in stages[:2]:
        fired = office.turn(later.at, later.due)
        tasks.fire(fired)
        said += [office.wording.word(one.text, "en") for one in fired.said]
    (only,) = said
    assert only.splitlines()[:3] == [
        "Due today, 2 tasks:",
        "• Plan of next week's sessions",
        "• List of what people are stuck with",
    ]


def test_a_report_that_was_sent_gives_no_tasks(office: Office) -> None:
    turn = office.turn()
    case = office.case(turn)
    sent = msgspec.structs.replace(case, report=msgspec.structs.replace(case.report, state="submitted"))
    tasks.put_of(turn, sent)
    assert office.kept() == []
