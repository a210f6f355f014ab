"""What goes wrong at a desk has its sentence: nothing is lost, and nobody is left waiting without being told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import cases, desk, villages
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.records.villages import Edit
from handlers.talk import Due, Incoming, Talk
from handlers.text import _
from handlers.turn import Turn
from tests.handlers.test_late import MONDAY
from tests.handlers.test_roles import Office
from tests.handlers.turning import incoming

YEAR = timedelta(days=366)


@pytest.fixture
def office(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    """A commune with a free request, and one that somebody has taken."""
    database = Database(sqlite_url)
    with database.write() as connection:
        yield Office(connection, bookcase.shelf(), wording)
    database.close()


def turn_of(office: Office, event: Incoming | Due, person: int, at: datetime = MONDAY) -> Turn:
    return Turn(
        event=event,
        person=Person(id=person, lang="en", name="Nam"),
        talk=Talk(met=True),
        now=at,
        shelf=office.shelf,
        records=StoredRecords(office.connection, at),
        staff=True,
    )


def stored(office: Office, request: Request) -> Request | None:
    return StoredRecords(office.connection, MONDAY).requests.by_number(request.id)


@pytest.mark.parametrize("after", [timedelta(hours=1), YEAR], ids=["today", "a year later"])
@pytest.mark.parametrize("pressed", [True, False], ids=["pressed", "typed"])
def test_a_closed_request_cannot_be_taken_and_says_so(
    office: Office, after: timedelta, pressed: bool
) -> None:
    closed = msgspec.structs.replace(office.free, state="closed", stage="closed", closed=MONDAY)
    closed = StoredRecords(office.connection, MONDAY).requests.save(closed, "closed", 0)
    event = incoming(choice=f"claim@{closed.code}") if pressed else incoming(f"claim {closed.code}")
    turn = turn_of(office, event, office.people["member"], MONDAY + after)
    desk.decide(turn)
    assert office.told(turn) == f"YC-{closed.code} is closed already; nothing is left to do."
    assert stored(office, closed) == closed


def test_a_card_of_last_year_that_nobody_took_can_still_be_taken(office: Office) -> None:
    event = incoming(choice=f"claim@{office.free.code}")
    turn = turn_of(office, event, office.people["member"], MONDAY + YEAR)
    desk.decide(turn)
    after = stored(office, office.free)
    assert after is not None
    assert after.claimed_by == office.people["member"]


def test_a_card_whose_request_is_known_no_more_says_that_it_is_over(office: Office) -> None:
    turn = turn_of(office, incoming(choice="claim@9Z9"), office.people["member"], MONDAY + YEAR)
    desk.decide(turn)
    assert office.told(turn) == "That belongs to something already finished."


def test_where_a_citizen_has_blocked_the_bot_amid_a_talk_the_helper_is_told(office: Office) -> None:
    facts = {"person": str(office.citizen), "kind": "notice", "message": "1"}
    event = Due(name="reach.failed", about=f"words:{office.taken.id}", at=MONDAY, facts=facts)
    turn = turn_of(office, event, 0)
    desk.decide(turn)
    said = {one.to: office.wording.word(one.text, "en") for one in turn.said}
    assert set(said) == {office.people["holder"]}
    assert "messages do not reach" in said[office.people["holder"]]
    assert "If you have a number, please call." in said[office.people["holder"]]


def test_what_comes_to_a_team_without_members_is_shown_to_the_office_and_why_is_kept(office: Office) -> None:
    people = StoredRecords(office.connection, MONDAY).people
    for standing in ("holder", "member", "lead"):
        for role in people.roles(office.people[standing]):
            people.leave(role.id)
    turn = turn_of(office, incoming("a person"), office.citizen)
    alone = msgspec.structs.replace(office.free, widened=())
    shown = cases.send_cards(turn, alone, "village", _("New: **{code}**, {place}."))
    assert shown == 2
    assert {said.to for said in turn.said} == {office.people["officer"], office.people["head"]}
    assert turn.requests.routes(office.free)[-1].why == "empty"


def test_a_village_renamed_during_a_request_leaves_it_where_it_is_and_tells_whoever_has_it(
    office: Office,
) -> None:
    records = StoredRecords(office.connection, MONDAY)
    commune, old = office.taken.commune, "thôn Cũ"
    village = office.put("villages", commune=commune, name=old)
    office.put("covers", unit=office.team, village=village)
    before = {}
    for request in (office.taken, office.free):
        moved = msgspec.structs.replace(stored(office, request) or request, village=old)
        before[request.id] = records.requests.save(moved, "moved", 0)
    edit = Edit(
        commune=commune, act="rename", ended=(village,), name="thôn Mới", day=MONDAY.date(), by=office.citizen
    )
    kept = records.villages.keep(edit)
    assert kept is not None
    turn = turn_of(
        office, Due(name=villages.CHANGED, about="villages", at=MONDAY, facts={"edit": str(kept.id)}), 0
    )
    desk.decide(turn)
    said = [(one.to, office.wording.word(one.text, "en")) for one in turn.said]
    sentence = "thôn Cũ is now called thôn Mới. The request stays yours, nothing else changes."
    assert said == [(office.people["holder"], f"YC-{office.taken.code}: {sentence}")]
    for number, request in before.items():
        after = records.requests.by_number(number)
        assert after == msgspec.structs.replace(request, village="thôn Mới", version=request.version + 1)
