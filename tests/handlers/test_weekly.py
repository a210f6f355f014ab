"""The week of a team: on which morning, to whom, what is counted, and never twice."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import msgspec
import pytest
from sqlalchemy import Connection

from bot import ticker
from bot.store import tables as t
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk, weekly
from handlers.records.people import Person
from handlers.rules.reporting import VIETNAM
from handlers.talk import Due, Talk
from handlers.turn import Shelf, Turn
from tests.handlers.test_late import DAY, HOUR, MONDAY, Commune
from tests.handlers.test_late import connection as connection
from tests.handlers.test_late import shelf as shelf

NEXT = datetime(2026, 11, 16, 7, 30, tzinfo=VIETNAM)  # the Monday after MONDAY


class Team(Commune):
    """A team with a lead and a member."""

    def __init__(self, connection: Connection, shelf: Shelf) -> None:
        super().__init__(connection, shelf)
        self.lead, self.member = self.person("lead", self.team), self.person("member", self.team)

    def due(self, name: str, at: datetime, **facts: str) -> Turn:
        turn = Turn(
            event=Due(name=name, about="weekly", at=at, facts=facts),
            person=Person(id=self.put("conversations", touched=at)),
            talk=Talk(),
            now=at,
            shelf=self.shelf,
            records=StoredRecords(self.connection, at),
        )
        desk.decide(turn)
        return turn

    def morning(self, at: datetime = NEXT) -> list[Turn]:
        """Give what is told on a morning."""
        return [self.due(weekly.TELL, at, **one.due.facts) for one in self.due(weekly.PLAN, at).laters]

    def ends(self, at: datetime, **fields: object) -> None:
        """Let a request be opened, and end at that time."""
        request = msgspec.structs.replace(
            self.open(), state="closed", outcome="solved", closed=at, claimed_by=self.member
        )
        request = msgspec.structs.replace(request, **fields)
        StoredRecords(self.connection, at).requests.save(request, "closed", self.member)


@pytest.fixture
def team(connection: Connection, shelf: Shelf) -> Team:
    return Team(connection, shelf)


def said(turns: list[Turn], wording: Wording, lang: str = "en") -> str:
    return "\n".join(wording.word(one.text, lang) for turn in turns for one in turn.said)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-11-16", True),  # a Monday
        ("2026-11-17", False),
        ("2026-11-22", False),  # a Sunday
        ("2026-01-05", True),
        ("2026-02-16", False),  # Tết, from Monday on
        ("2026-02-23", True),
        ("2026-04-27", False),  # the feast of the Hùng kings, moved to this Monday
        ("2026-04-28", True),  # so the week begins on Tuesday
    ],
)
def test_it_comes_on_the_first_working_day_of_a_week(team: Team, day: str, told: bool) -> None:
    at = datetime.fromisoformat(f"{day}T07:30").replace(tzinfo=VIETNAM)
    team.connection.execute(t.roles.update().values(since=at - 30 * DAY))
    assert bool(team.due(weekly.PLAN, at).laters) == told


def test_the_ticker_asks_for_it_every_morning() -> None:
    assert ticker.DAILY[weekly.PLAN] == time(7, 30)


def test_a_week_is_told_with_what_is_left_and_who_has_it(team: Team, wording: Wording) -> None:
    team.ends(MONDAY + DAY)
    team.open()
    late = team.open()
    StoredRecords(team.connection, MONDAY).requests.save(
        msgspec.structs.replace(late, told=("take-up:lead", "take-up:warning")), "late lead", 0
    )
    turns = team.morning()
    assert [one.to for turn in turns for one in turn.said] == [team.lead]
    told = said(turns, wording)
    assert told.startswith("**Week of ")
    assert "• New: 3. Solved: 1. Late: 1." in told
    assert "• Still under way: 2, the oldest YC-" in told
    assert "• Mới: 3. Xong: 1. Chậm: 1." in said(turns, wording, "vi")


def test_who_has_what_keeps_one_order_however_much_each_has(team: Team, wording: Wording) -> None:
    other = team.person("member", team.team)
    for _ in range(3):
        request = team.open()
        StoredRecords(team.connection, MONDAY).requests.save(
            msgspec.structs.replace(request, state="claimed", claimed_by=other, claimed=MONDAY),
            "claimed",
            other,
        )
    lines = [
        line for line in said(team.morning(), wording).split("\n") if line.startswith(("• Lead", "• Member"))
    ]
    assert [line.count("YC-") for line in lines] == [0, 0, 3]


def test_where_there_was_nothing_and_nothing_waits_nobody_is_written_to(team: Team) -> None:
    assert [one for turn in team.morning() for one in turn.said] == []
    team.ends(MONDAY + DAY)
    assert [one for turn in team.morning(NEXT + 7 * DAY) for one in turn.said] == []


def test_what_was_not_helped_with_is_not_solved(team: Team, wording: Wording) -> None:
    team.ends(MONDAY + DAY, outcome="unneeded")
    assert "• New: 1. Solved: 0. Late: 0." in said(team.morning(), wording)


def test_it_is_put_once_for_a_lead_and_a_week(team: Team) -> None:
    first, again = team.due(weekly.PLAN, NEXT).laters, team.due(weekly.PLAN, NEXT + HOUR).laters
    assert [one.key for one in first] == [one.key for one in again]


def test_a_morning_that_is_over_is_not_made_up_for(team: Team) -> None:
    team.open()
    (later,) = team.due(weekly.PLAN, NEXT).laters
    assert team.due(weekly.TELL, NEXT + DAY, **later.due.facts).said == []
    assert team.due(weekly.TELL, NEXT + 14 * HOUR, **later.due.facts).said == []


def test_whoever_is_on_leave_or_leads_no_more_is_left_alone(team: Team) -> None:
    team.open()
    (later,) = team.due(weekly.PLAN, NEXT).laters
    team.put("absences", person=team.lead, since=NEXT - DAY, until=NEXT + DAY, stand_in=0)
    assert team.due(weekly.TELL, NEXT, **later.due.facts).said == []
    team.connection.execute(t.absences.delete())
    team.connection.execute(t.roles.update().values(until=NEXT - HOUR))
    assert team.due(weekly.TELL, NEXT, **later.due.facts).said == []
    assert team.due(weekly.PLAN, NEXT).laters == []


def test_what_is_said_may_wait_until_the_evening_and_no_longer(team: Team) -> None:
    team.open()
    (one,) = [one for turn in team.morning() for one in turn.said]
    assert one.kind == "reminder"
    assert one.until is not None
    assert one.until - NEXT < timedelta(hours=15)
