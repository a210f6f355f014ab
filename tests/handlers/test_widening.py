"""Who else is shown what nobody takes, and what becomes of what its helper leaves untouched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, select

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database, Stale
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import cases, untouched, watch, widening
from handlers.records.people import Person
from handlers.records.requests import Appointment, Request
from handlers.rules.roles import Standing
from handlers.talk import Due, Talk
from handlers.turn import Shelf, Turn
from tests.handlers.test_late import DAY, HOUR, MONDAY, Commune, to
from tests.handlers.test_roles import Office

TO_COMMUNE = MONDAY + 5.5 * HOUR  # four hours of the desk later
PAIR: tuple[Standing, ...] = ("wider", "member")  # of the team it was widened to, of the first one
TO_PROVINCE = MONDAY + 2 * DAY


class Rings(Commune):
    """A commune with a village's team, its own team, an office and a province above."""

    def __init__(self, connection: Connection, shelf: Shelf) -> None:
        super().__init__(connection, shelf)
        village = self.put("villages", commune="10402", name="thôn Đoài", since=MONDAY - DAY)
        self.put_cover(self.team, village)
        self.whole = self.put("units", kind="team", name="xã Ứng Hòa", commune="10402")
        self.first = self.person("member", self.team)

    def put_cover(self, unit: int, village: int) -> None:
        self.connection.execute(t.covers.insert().values(unit=unit, village=village, since=MONDAY - DAY))

    def widen(self, request: Request, at: datetime) -> Turn:
        """Let the clock look at a request."""
        return self.due(widening.look, watch.WIDEN, request, at)

    def idle(self, request: Request, at: datetime) -> Turn:
        return self.due(untouched.look, watch.IDLE, request, at)

    def due(self, look: Any, name: str, request: Request, at: datetime) -> Turn:
        turn = Turn(
            event=Due(name=name, about=f"request:{request.id}", at=at, facts={}),
            person=Person(id=self.put("conversations", touched=at)),
            talk=Talk(),
            now=at,
            shelf=self.shelf,
            records=StoredRecords(self.connection, at),
        )
        look(turn)
        return turn

    def now(self, request: Request) -> Request:
        stored = StoredRecords(self.connection, MONDAY).requests.by_number(request.id)
        assert stored is not None
        return stored

    def events(self, request: Request) -> list[str]:
        e = t.request_events.c
        return list(self.connection.scalars(select(e.what).where(e.request == request.id).order_by(e.id)))

    def taken(self, **fields: object) -> Request:
        records = StoredRecords(self.connection, MONDAY)
        fields = {
            "state": "claimed",
            "stage": "claimed",
            "claimed_by": self.first,
            "claimed": MONDAY,
            **fields,
        }
        return records.requests.save(msgspec.structs.replace(self.open(), **fields), "claimed", self.first)


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[Connection]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield connection
    database.close()


@pytest.fixture
def rings(connection: Connection, bookcase: Bookcase) -> Rings:
    return Rings(connection, bookcase.shelf())


@pytest.fixture
def office(connection: Connection, bookcase: Bookcase, wording: Wording) -> Office:
    """A commune in which somebody has had a request for an hour."""
    made = Office(connection, bookcase.shelf(), wording)
    earlier = msgspec.structs.replace(made.taken, stage="claimed", claimed=MONDAY - HOUR)
    made.taken = StoredRecords(connection, MONDAY).requests.save(earlier, "claimed", made.people["holder"])
    return made


def test_each_ring_is_shown_it_once_and_the_citizen_is_told_once(rings: Rings) -> None:
    helper, above = rings.person("member", rings.whole), rings.person("officer", rings.province)
    request = rings.open()
    assert to(rings.widen(request, TO_COMMUNE - HOUR)) == []
    assert to(rings.widen(request, TO_COMMUNE)) == [helper, rings.citizen]
    assert to(rings.widen(request, TO_COMMUNE)) == []
    assert to(rings.widen(request, TO_PROVINCE)) == [above]
    assert to(rings.widen(request, TO_PROVINCE + DAY)) == []
    assert rings.events(request) == [
        "opened",
        "offered",
        "widened to commune",
        "routed",
        "widened to province",
        "routed",
    ]


def test_what_nobody_of_its_commune_can_take_is_shown_to_the_province_at_once(rings: Rings) -> None:
    above = rings.person("officer", rings.province)
    request = rings.open(team=0)

    def first(turn: Turn) -> None:
        unit = widening.beyond(turn, request)
        assert unit is not None
        widening.at_once(turn, request, unit, widening.HEAD)

    assert to(rings.due(first, "first", request, MONDAY)) == [above]
    assert rings.now(request).stage == "offered"
    assert rings.now(request).widened == (rings.province,)
    assert rings.events(request) == ["opened", "offered", "widened to province", "routed"]
    assert to(rings.widen(request, TO_PROVINCE)) == []  # it is not shown to them once more
    later = rings.person("officer", rings.office)
    assert later in {
        one.id for one in cases.helpers(rings.due(lambda turn: None, "", request, MONDAY), request)
    }


def test_where_anybody_of_the_commune_is_there_the_province_waits_for_its_turn(rings: Rings) -> None:
    rings.person("officer", rings.province)
    turn = rings.due(lambda turn: None, "", rings.open(), MONDAY)
    assert widening.beyond(turn, rings.open()) is None  # a member of the team
    assert widening.beyond(turn, rings.open(team=0)) == turn.people.unit(rings.province)
    rings.person("head", rings.office)
    assert widening.beyond(turn, rings.open(team=0)) is None


def test_where_the_commune_has_no_team_its_office_is_asked(rings: Rings) -> None:
    officer = rings.person("officer", rings.office)
    assert to(rings.widen(rings.open(), TO_COMMUNE)) == [officer, rings.citizen]


def test_a_team_whose_village_has_ended_is_not_the_commune_s(rings: Rings) -> None:
    gone = rings.put("villages", commune="10402", name="thôn Hạ", until=MONDAY)
    left = rings.put("units", kind="team", name="thôn Hạ", commune="10402")
    rings.put_cover(left, gone)
    rings.person("member", left)
    helper = rings.person("member", rings.whole)
    request = rings.open()
    rings.connection.execute(t.units.update().where(t.units.c.id == rings.whole).values(until=MONDAY))
    officer = rings.person("officer", rings.office)
    assert to(rings.widen(request, TO_COMMUNE)) == [officer, rings.citizen]
    assert helper


def test_a_ring_in_which_nobody_is_there_is_passed_over_at_once(rings: Rings) -> None:
    above = rings.person("officer", rings.province)
    away = rings.person("member", rings.whole)
    rings.put("absences", person=away, since=MONDAY - DAY, until=MONDAY + 9 * DAY)
    request = rings.open()
    assert to(rings.widen(request, TO_COMMUNE)) == [above, rings.citizen]
    assert rings.now(request).rings == ("commune", "province")


def test_an_officer_on_leave_is_shown_nothing_while_another_is_there(rings: Rings) -> None:
    away, there = rings.person("officer", rings.office), rings.person("officer", rings.office)
    rings.put("absences", person=away, since=MONDAY - DAY, until=MONDAY + 9 * DAY)
    request = rings.open(team=0)
    turn = rings.widen(request, MONDAY)
    assert [one.id for one in cases.helpers(turn, request)] == [there]
    rings.put("absences", person=there, since=MONDAY - DAY, until=MONDAY + 9 * DAY)
    assert [one.id for one in cases.helpers(turn, request)] == [away, there]  # somebody has to see it


def test_where_those_of_a_ring_have_it_already_the_next_one_waits_for_its_time(rings: Rings) -> None:
    rings.person("officer", rings.office)
    above = rings.person("officer", rings.province)
    request = rings.open(team=0)
    assert to(rings.widen(request, TO_COMMUNE)) == []
    assert to(rings.widen(request, TO_PROVINCE)) == [above, rings.citizen]


def test_where_nobody_else_is_there_nobody_is_told_and_it_is_not_tried_again(rings: Rings) -> None:
    request = rings.open()
    turn = rings.widen(request, TO_COMMUNE)
    assert (to(turn), [later.due.name for later in turn.laters]) == ([], [watch.LOOK])
    assert rings.now(request).widened == ()


def test_what_nobody_could_be_shown_is_new_no_more_once_somebody_was(rings: Rings) -> None:
    rings.person("member", rings.whole)
    request = rings.open(stage="new")
    rings.widen(request, TO_COMMUNE)
    assert rings.now(request).stage == "offered"


def test_at_night_it_waits_for_the_morning_and_what_is_urgent_does_not(rings: Rings) -> None:
    helper = rings.person("member", rings.whole)
    calm, urgent = rings.open(), rings.open(topic="safe.been-scammed")
    night = MONDAY + 15 * HOUR
    waits = rings.widen(calm, night)
    assert (to(waits), [later.at for later in waits.laters]) == ([], [MONDAY + DAY - HOUR / 2])
    assert to(rings.widen(urgent, MONDAY + HOUR / 4)) == [helper, rings.citizen]
    assert to(rings.widen(urgent, night))[:1] == []


def test_what_somebody_has_taken_meanwhile_is_widened_to_nobody(rings: Rings) -> None:
    rings.person("member", rings.whole)
    request = rings.taken()
    assert to(rings.widen(request, TO_PROVINCE)) == []


def test_a_claim_over_a_request_widened_meanwhile_begins_again_and_one_wins(rings: Rings) -> None:
    rings.person("member", rings.whole)
    before = rings.open()
    rings.widen(before, TO_COMMUNE)
    stored = StoredRecords(rings.connection, TO_COMMUNE).requests
    with pytest.raises(Stale):
        stored.save(msgspec.structs.replace(before, state="claimed"), "claimed", rings.first)


def test_it_is_found_by_those_it_was_widened_to_while_it_is_free(rings: Rings) -> None:
    rings.person("member", rings.whole)
    request = rings.open()
    rings.widen(request, TO_COMMUNE)
    stored = StoredRecords(rings.connection, TO_COMMUNE).requests
    assert [one.id for one in stored.widened_to(rings.whole)] == [request.id]
    assert stored.widened_to(rings.team) == ()
    held = msgspec.structs.replace(rings.now(request), state="claimed", stage="claimed")
    held = stored.save(held, "claimed", 1)
    assert stored.widened_to(rings.whole) == ()
    stored.save(msgspec.structs.replace(held, state="open", stage="offered"), "given back", 1)
    assert [one.id for one in stored.widened_to(rings.whole)] == [request.id]


@pytest.mark.parametrize("standing", PAIR)
def test_whoever_takes_it_takes_it_for_their_team_and_the_first_ones_still_may(
    office: Office, standing: Standing
) -> None:
    team = office.wider if standing == "wider" else office.team
    office.says(standing, f"claim {office.free.code}")
    taken = StoredRecords(office.connection, MONDAY).requests.by_number(office.free.id)
    assert taken is not None
    assert (taken.team, taken.claimed_by) == (team, office.people[standing])
    turn = office.says("nobody", "menu")
    assert all(cases.helps(turn, office.people[other], taken) for other in PAIR)


# --- left untouched ---

ASKED, FREE = MONDAY + DAY, MONDAY + DAY + 5.5 * HOUR


def test_whoever_leaves_it_untouched_is_asked_and_then_it_is_free_again(rings: Rings) -> None:
    other = rings.person("member", rings.team)
    request = rings.taken()
    assert to(rings.idle(request, ASKED - HOUR)) == []
    assert to(rings.idle(request, ASKED)) == [rings.first]
    assert to(rings.idle(request, FREE - HOUR)) == []
    assert to(rings.idle(request, FREE)) == [other, rings.first, rings.citizen]
    free = rings.now(request)
    assert (free.state, free.stage, free.claimed_by) == ("open", "offered", 0)
    assert to(rings.idle(request, FREE + DAY)) == []
    assert "left untouched" in rings.events(request)


def test_whatever_they_do_about_it_counts_anew(rings: Rings) -> None:
    request = rings.taken()
    rings.idle(request, ASKED)
    stored = StoredRecords(rings.connection, ASKED).requests
    stored.save(msgspec.structs.replace(rings.now(request), touched=ASKED, nudged=None), "wrote", 1)
    assert to(rings.idle(request, FREE)) == []
    assert to(rings.idle(request, ASKED + DAY)) == [rings.first]


def test_after_an_outage_nothing_is_freed_before_they_were_asked(rings: Rings) -> None:
    request = rings.taken()
    late = MONDAY + 4 * DAY
    assert to(rings.idle(request, late)) == [rings.first]
    assert rings.now(request).state == "claimed"
    assert to(rings.idle(request, late + HOUR)) == []


def test_what_waits_for_its_citizen_or_was_opened_for_somebody_is_left_with_its_helper(rings: Rings) -> None:
    for fields in ({"paused": MONDAY, "stage": "waiting"}, {"behalf": rings.first}):
        assert to(rings.idle(rings.taken(**fields), MONDAY + 5 * DAY)) == []


def test_what_is_done_within_a_quarter_of_an_hour_is_kept_once(rings: Rings) -> None:
    request = rings.taken()
    soon = rings.idle(request, MONDAY + timedelta(minutes=14))
    assert watch.touch(soon, request) == {}
    later = rings.idle(request, MONDAY + timedelta(minutes=15))
    assert watch.touch(later, request) == {"touched": later.now, "nudged": None}


def test_what_is_freed_keeps_no_appointment_of_its_helper_and_says_the_new_words(
    rings: Rings, wording: Wording
) -> None:
    meeting = Appointment(number=1, at=MONDAY + HOUR, way="visit", by="helper", agreed=MONDAY)
    offer = Appointment(number=2, at=MONDAY + 9 * DAY, way="call", by="helper")
    request = rings.taken(meeting=meeting, offer=offer, way="visit", arranged=MONDAY)
    rings.idle(request, ASKED + DAY)
    told = rings.idle(request, FREE + 2 * DAY)
    free = rings.now(request)
    assert (free.claimed_by, free.meeting, free.offer, free.way) == (0, None, None, "")
    assert free.pauses == ((MONDAY, MONDAY + HOUR),)
    (said,) = [said for said in told.said if said.to == rings.citizen]
    words = wording.word(said.text, "en")
    assert free.watchwords != request.watchwords
    assert free.watchwords in words
    assert "is off" in words  # the time that was proposed


@pytest.mark.parametrize(
    "typed", ["hello there", "note {code}: came twice", "waiting {code}", "call {code}", "still on {code}"]
)
def test_whatever_a_helper_does_about_it_here_is_kept(office: Office, typed: str) -> None:
    talk = Talk(met=True, doing=f"help {office.taken.code}")
    office.says("holder", typed.format(code=office.taken.code), talk)
    assert kept(office).touched == MONDAY


@pytest.mark.parametrize(
    ("standing", "typed"), [("lead", "note {code}: came twice"), ("citizen", "hello there")]
)
def test_what_others_do_about_it_is_not_the_helper_s(office: Office, standing: Standing, typed: str) -> None:
    office.says(standing, typed.format(code=office.taken.code))
    assert kept(office).touched is None


def test_whoever_says_too_late_that_they_are_on_it_hears_how_it_stands(office: Office) -> None:
    free = msgspec.structs.replace(office.taken, state="open", stage="offered", claimed_by=0, claimed=None)
    StoredRecords(office.connection, MONDAY).requests.save(free, "left untouched", 0)
    told = office.told(office.says("holder", f"still on {office.taken.code}"))
    assert told == f"YC-{office.taken.code} is open; nobody has taken it yet."
    assert kept(office).state == "open"


def kept(office: Office) -> Request:
    stored = StoredRecords(office.connection, MONDAY).requests.by_number(office.taken.id)
    assert stored is not None
    return stored
