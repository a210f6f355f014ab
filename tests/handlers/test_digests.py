"""A mass of cards is folded into one message, and nothing that waits is left unsaid."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Connection

from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import cases, desk, digests
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.talk import Due, Talk
from handlers.text import as_is
from handlers.turn import Shelf, Turn
from tests.handlers.test_incidents import plan_of
from tests.handlers.test_late import DAY, HOUR, MONDAY, Commune
from tests.handlers.test_late import connection as connection
from tests.handlers.test_late import shelf as shelf
from tests.handlers.turning import incoming

MINUTE = timedelta(minutes=1)


class Desk(Commune):
    """A team of two to whom requests come."""

    def __init__(self, connection: Connection, shelf: Shelf) -> None:
        super().__init__(connection, shelf)
        self.helpers = [self.person("member", self.team), self.person("lead", self.team)]

    def turn(self, at: timedelta, event: Due | None = None) -> Turn:
        return Turn(
            event=event or incoming("send"),
            person=Person(id=self.citizen, lang="en"),
            talk=Talk(met=True),
            now=MONDAY + at,
            shelf=self.shelf,
            records=StoredRecords(self.connection, MONDAY + at),
        )

    def sends(self, at: timedelta = timedelta(0), **fields: object) -> Turn:
        """Let somebody send a request."""
        turn = self.turn(at)
        request = msgspec.structs.replace(
            Request(citizen=self.citizen, commune="10402", team=self.team), **fields
        )
        cases.send_cards(turn, turn.requests.open(request), "village", as_is("New {code}, {place}"))
        return turn

    def digest(self, at: timedelta, team: int | None = None) -> Turn:
        about = f"cards:{self.team if team is None else team}:10402"
        turn = self.turn(at, Due(name=digests.DIGEST, about=about, at=MONDAY + at))
        desk.decide(turn)
        return turn


@pytest.fixture
def hall(connection: Connection, shelf: Shelf) -> Desk:
    return Desk(connection, shelf)


def to(turn: Turn) -> list[int]:
    return sorted(said.to for said in turn.said)


def test_the_twentieth_in_an_hour_has_no_card_and_a_digest_comes_at_once(hall: Desk) -> None:
    for place in range(19):
        assert to(hall.sends(place * MINUTE)) == sorted(hall.helpers)
    folded = hall.sends(20 * MINUTE)
    assert to(folded) == []
    at = [later.at - MONDAY for later in folded.laters]
    assert at == [20 * MINUTE, 35 * MINUTE]
    assert {later.due.about for later in folded.laters} == {f"cards:{hall.team}:10402"}


def test_what_comes_in_the_same_span_adds_no_further_digest(hall: Desk) -> None:
    for _ in range(19):
        hall.sends()
    first, second = hall.sends(MINUTE), hall.sends(9 * MINUTE)
    assert [later.key for later in first.laters] == [later.key for later in second.laters]
    third = hall.sends(16 * MINUTE)
    assert third.laters[0].key == first.laters[1].key  # the end of one span is the beginning of the next


def test_an_hour_later_each_has_its_card_again(hall: Desk) -> None:
    for _ in range(25):
        hall.sends()
    assert to(hall.sends(HOUR + MINUTE)) == sorted(hall.helpers)


def test_what_is_urgent_always_has_its_card(hall: Desk) -> None:
    for _ in range(25):
        hall.sends()
    assert to(hall.sends(topic="safe.been-scammed")) == sorted(hall.helpers)


def test_other_teams_have_their_cards(hall: Desk) -> None:
    for _ in range(25):
        hall.sends()
    other = hall.put("units", kind="team", name="thôn Hạ", commune="10402")
    member = hall.person("member", other)
    assert to(hall.sends(team=other)) == [member]


def test_the_digest_tells_whoever_is_there_how_many_wait_and_leads_to_them(
    hall: Desk, wording: Wording
) -> None:
    for _ in range(25):
        hall.sends()
    hall.put("absences", person=hall.helpers[0], since=MONDAY - DAY, until=MONDAY + DAY, stand_in=0)
    turn = hall.digest(MINUTE)
    assert to(turn) == [hall.helpers[1]]
    (said,) = turn.said
    assert wording.word(said.text, "en").startswith("**25 requests wait for the digital team of thôn Đoài.**")
    assert wording.word(said.text, "vi").startswith("**25 yêu cầu đang chờ tổ công nghệ số thôn Đoài.**")
    (choice,) = said.choices
    assert (choice.name, choice.context) == ("menu-cases", "menu")
    assert choice.typed is not None
    assert wording.word(choice.typed, "vi") == "VIỆC CỦA TÔI"


def test_those_to_whom_it_was_widened_have_their_card_since_that_digest_is_not_theirs(hall: Desk) -> None:
    whole = hall.put("units", kind="team", name="xã Ứng Hòa", commune="10402")
    wider = hall.person("member", whole)
    for _ in range(25):
        hall.sends()
    assert to(hall.sends(widened=(whole,))) == [wider]


def test_where_nothing_waits_any_more_nothing_is_said(hall: Desk) -> None:
    hall.sends()
    hall.connection.execute(t.requests.update().values(state="closed"))
    assert to(hall.digest(MINUTE)) == []


def test_an_office_without_a_team_has_its_own(hall: Desk) -> None:
    officer = hall.person("officer", hall.office)
    for _ in range(19):
        assert to(hall.sends(team=0)) == [officer]
    assert to(hall.sends(team=0)) == []
    assert to(hall.digest(MINUTE, team=0)) == [officer]


def test_plans_read_no_table_whole(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as connection:
        requests = StoredRecords(connection, MONDAY).requests
        one = Request(team=1, commune="10402")
        asked = plan_of(connection, lambda: requests.newly(one, MONDAY - HOUR, 20))
        asked += plan_of(connection, lambda: requests.waiting(1, "10402"))
        asked += plan_of(connection, lambda: requests.waiting(0, "10402"))
    database.close()
    assert asked
    assert not [step for step in asked if step.startswith("SCAN requests")]
