"""Whoever helped somebody last is shown their next request a little before the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk, former, own_requests, team, why
from handlers.profile import CONSENT
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.talk import Due, Incoming, Talk
from handlers.turn import Shelf, Turn
from tests.handlers.test_late import DAY, HOUR, MONDAY, Commune, to
from tests.handlers.turning import incoming, told

MINUTE = timedelta(minutes=1)
FIRST = "You helped this person last time, so you see it 3 min before the others"


class Team(Commune):
    """A team of three, one of whom has helped a citizen before."""

    def __init__(self, connection: Connection, shelf: Shelf, wording: Wording) -> None:
        super().__init__(connection, shelf)
        self.wording = wording
        self.helper = self.person("member", self.team)
        self.others = [self.person("member", self.team), self.person("lead", self.team)]

    def turn(self, now: datetime, event: Incoming | Due, person: int = 0, **talk: object) -> Turn:
        return Turn(
            event=event,
            person=Person(id=person or self.citizen, lang="en", commune="10402", consent=CONSENT),
            talk=msgspec.structs.replace(Talk(met=True), **talk),
            now=now,
            shelf=self.shelf,
            records=StoredRecords(self.connection, now),
            staff=bool(person),
        )

    def helped(self, at: datetime = MONDAY - 30 * DAY, **fields: object) -> Request:
        """Keep a request that was closed at this time."""
        requests = StoredRecords(self.connection, at).requests
        done = {"state": "closed", "stage": "closed", "outcome": "solved", "claimed_by": self.helper}
        request = requests.open(Request(citizen=self.citizen, commune="10402", team=self.team))
        return requests.save(msgspec.structs.replace(request, closed=at, **{**done, **fields}), "closed", 0)

    def sends(self, at: datetime = MONDAY, **kept: str) -> Turn:
        """Let the citizen send a request."""
        kept = {"words": "quên passcode", **kept}
        turn = self.turn(
            at,
            incoming("yes"),
            doing="form request",
            at="confirm",
            context="request.confirm",
            kept=kept,
        )
        desk.decide(turn)
        return turn

    def newest(self) -> Request:
        return StoredRecords(self.connection, MONDAY).requests.of(self.citizen)[0]

    def others_due(self, at: datetime = MONDAY + 3 * MINUTE) -> Turn:
        turn = self.turn(at, Due(name=former.LOOK, about=f"request:{self.newest().id}", at=at))
        desk.decide(turn)
        return turn

    def shown(self, turn: Turn) -> list[int]:
        """Give who of the team is told something."""
        return [person for person in to(turn) if person in (self.helper, *self.others)]

    def why(self, person: int) -> str:
        turn = self.turn(MONDAY + HOUR, incoming(), person)
        assert why.explain(turn, self.newest().code)
        return told(turn, self.wording)


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[Connection]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield connection
    database.close()


@pytest.fixture
def three(connection: Connection, bookcase: Bookcase, wording: Wording) -> Team:
    made = Team(connection, bookcase.shelf(), wording)
    made.helped()
    return made


def test_the_former_helper_is_shown_it_at_once_and_the_others_three_minutes_later(three: Team) -> None:
    sent = three.sends()
    assert three.shown(sent) == [three.helper]
    (card,) = [said for said in sent.said if said.to == three.helper]
    assert FIRST in three.wording.word(card.text, "en", "")
    assert [later.at for later in sent.laters if later.due.name == former.LOOK] == [MONDAY + 3 * MINUTE]
    assert three.newest().stage == "offered"
    assert sorted(three.shown(three.others_due())) == sorted(three.others)
    assert to(three.others_due()) == []  # a second look does nothing


def test_each_is_told_for_which_reason_they_were_shown_it(three: Team) -> None:
    three.sends()
    three.others_due()
    assert "you helped this person last time" in three.why(three.helper)
    assert "no team helps there alone" in three.why(three.others[0])


def test_skipping_shows_it_to_the_others_at_once(three: Team) -> None:
    three.sends()
    skipped = three.turn(MONDAY + MINUTE, incoming(), three.helper)
    assert team.skip(skipped, three.newest().code)
    assert sorted(to(skipped)) == sorted([*three.others, three.helper])
    assert to(three.others_due()) == []


def test_whoever_of_the_others_skips_leaves_the_time_as_it_is(three: Team) -> None:
    three.sends()
    skipped = three.turn(MONDAY + MINUTE, incoming(), three.others[0])
    assert team.skip(skipped, three.newest().code)
    assert to(skipped) == [three.others[0]]
    assert three.newest().ahead == three.helper


def test_once_it_is_taken_the_others_hear_nothing_of_what_they_never_saw(three: Team) -> None:
    three.sends()
    taken = three.turn(MONDAY + MINUTE, incoming(), three.helper)
    assert team.claim(taken, three.newest().code)
    assert three.shown(taken) == [three.helper]
    assert to(three.others_due()) == []


def test_whoever_finds_it_in_the_queue_may_take_it_and_the_former_helper_is_told(three: Team) -> None:
    three.sends()
    taken = three.turn(MONDAY + MINUTE, incoming(), three.others[0])
    assert team.claim(taken, three.newest().code)
    assert three.shown(taken) == [three.helper, three.others[0]]


def test_taken_back_in_time_it_is_no_news_for_the_others(three: Team) -> None:
    three.sends()
    gone = three.turn(MONDAY + MINUTE, incoming())
    assert own_requests.withdraw(gone, three.newest().code)
    assert three.shown(gone) == [three.helper]
    assert to(three.others_due()) == []


def test_given_back_it_is_shown_to_all_others_and_the_clock_adds_nothing(three: Team) -> None:
    three.sends()
    taken = three.turn(MONDAY + MINUTE, incoming(), three.helper)
    team.claim(taken, three.newest().code)
    back = three.turn(MONDAY + 2 * MINUTE, incoming(), three.helper)
    assert team.give_back(back, three.newest().code)
    assert {*three.others} <= set(to(back))
    assert to(three.others_due()) == []


@pytest.mark.parametrize(
    "last",
    [
        {"outcome": "unneeded"},
        {"rating": "poor"},
        {"claimed_by": 0},
        {"at": MONDAY - 366 * DAY},
        {"state": "withdrawn", "stage": "withdrawn", "outcome": ""},
    ],
    ids=["was not needed", "did not like it", "nobody had it", "long ago", "taken back"],
)
def test_where_nobody_helped_lately_all_are_shown_it_at_once(
    connection: Connection, bookcase: Bookcase, wording: Wording, last: dict[str, object]
) -> None:
    new = Team(connection, bookcase.shelf(), wording)
    new.helped(**last)  # type: ignore[arg-type]
    assert len(new.shown(new.sends())) == 3


def test_nobody_in_danger_waits_for_the_former_helper(three: Team) -> None:
    assert len(three.shown(three.sends(topic="safe.been-scammed"))) == 3


def test_who_is_on_leave_is_not_waited_for(three: Team) -> None:
    people = StoredRecords(three.connection, MONDAY).people
    people.go(three.helper, MONDAY - DAY, MONDAY + DAY)
    assert sorted(three.shown(three.sends())) == sorted(three.others)


def test_an_office_may_switch_it_off(three: Team) -> None:
    cards = msgspec.structs.replace(three.shelf.service.cards, ahead=timedelta(0))
    service = msgspec.structs.replace(three.shelf.service, cards=cards)
    three.shelf = msgspec.structs.replace(three.shelf, service=service)
    assert len(three.shown(three.sends())) == 3


def test_amid_a_mass_of_requests_nobody_is_before_the_others(three: Team) -> None:
    requests = StoredRecords(three.connection, MONDAY).requests
    for _place in range(three.shelf.service.cards.most):
        requests.open(Request(citizen=99, commune="10402", team=three.team))
    assert three.shown(three.sends()) == []  # one message tells how many wait


def test_the_card_in_the_team_s_group_comes_when_the_others_are_shown_it(three: Team) -> None:
    chat = three.put("conversations", touched=MONDAY)
    three.put("contacts", conversation=chat, account="telegram", chat="-7", heard=MONDAY)
    link = {"code": "K4M7-P2T9", "by": three.helper, "at": MONDAY, "linked": True, "since": MONDAY}
    three.put("team_groups", team=three.team, chat=chat, **link)
    assert chat not in to(three.sends())
    assert chat in to(three.others_due())
