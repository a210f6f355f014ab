"""When many who ask the same are one incident, who is asked, and what survives a race or a crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, select

from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk, incidents, requesting
from handlers.profile import CONSENT
from handlers.records.incidents import Incident
from handlers.records.people import Person
from handlers.records.requests import WORDS, Request
from handlers.rules.moves import stage_of
from handlers.talk import Due, Incoming, Talk
from handlers.turn import Shelf, Turn
from tests.handlers.test_late import HOUR, MONDAY, Commune
from tests.handlers.test_late import connection as connection
from tests.handlers.test_late import shelf as shelf
from tests.handlers.turning import incoming

MINUTE = timedelta(minutes=1)
TOPIC = "vneid.activate"
SAMPLE = "may tinh bao loi ket noi"


class Street(Commune):
    """A commune in which people ask, one after another."""

    def __init__(self, connection: Connection, shelf: Shelf) -> None:
        super().__init__(connection, shelf)
        self.lead = self.person("lead", self.team)

    def asks(self, at: datetime = MONDAY, **fields: object) -> Request:
        """Let somebody new ask."""
        request = Request(
            citizen=self.put("conversations", touched=at),
            commune="10402",
            team=self.team,
            topic=TOPIC,
            alike=TOPIC,
        )
        return StoredRecords(self.connection, at).requests.open(msgspec.structs.replace(request, **fields))

    def many(self, count: int, at: datetime = MONDAY, **fields: object) -> list[Request]:
        return [self.asks(at, **fields) for _ in range(count)]

    def due(self, name: str, about: str, at: datetime, **facts: str) -> Turn:
        """Let something be due, in a conversation of its own."""
        turn = self._turn(Due(name=name, about=about, at=at, facts=facts), 0, at)
        desk.decide(turn)
        return turn

    def looks(self, request: Request, at: datetime = MONDAY) -> Turn:
        return self.due(incidents.LOOK, f"alike:10402:{request.alike}", at, request=str(request.id))

    def does(
        self, person: int, text: str = "", choice: str = "", at: datetime = MONDAY, talk: Talk | None = None
    ) -> Turn:
        """Let somebody type or press something."""
        turn = self._turn(incoming(text, choice), person, at, talk)
        desk.decide(turn)
        return turn

    def _turn(self, event: Incoming | Due, person: int, at: datetime, talk: Talk | None = None) -> Turn:
        return Turn(
            event=event,
            person=Person(id=person, lang="en", consent=CONSENT),
            talk=talk or Talk(met=True),
            now=at,
            shelf=self.shelf,
            records=StoredRecords(self.connection, at),
            staff=bool(person) and person in {self.lead},
        )

    def begun(self, count: int = 15) -> tuple[Incident, list[Request]]:
        """Give an incident that runs, and what is about it."""
        requests = self.many(count)
        self.looks(requests[-1])
        asked = self.does(self.lead, choice="incident-yes@1")
        self.does(self.lead, "We are on it", talk=asked.talk)
        return self.incident(), requests

    def incident(self, number: int = 1) -> Incident:
        found = StoredRecords(self.connection, MONDAY).incidents.by_number(number)
        assert found is not None
        return found

    def stages(self, requests: list[Request]) -> set[str]:
        stored = StoredRecords(self.connection, MONDAY).requests
        return {stage_of(found) for one in requests if (found := stored.by_number(one.id))}


@pytest.fixture
def street(connection: Connection, shelf: Shelf) -> Street:
    return Street(connection, shelf)


def to(turn: Turn) -> list[int]:
    return [said.to for said in turn.said]


def test_fifteen_in_half_an_hour_are_proposed_once_to_the_lead(street: Street) -> None:
    requests = street.many(14)
    assert to(street.looks(requests[-1])) == []
    requests.append(street.asks(MONDAY + 29 * MINUTE))
    at = MONDAY + 29 * MINUTE
    first = street.looks(requests[-1], at)
    assert to(first) == [street.lead]
    assert [choice.name for choice in first.said[0].choices] == ["incident-yes", "incident-no"]
    # Whatever looks again, after a crash or for the next request, finds it proposed.
    assert to(street.looks(requests[-1], at)) == []
    assert to(street.looks(street.asks(at), at)) == []


def test_what_is_spread_over_more_time_is_no_incident(street: Street) -> None:
    street.many(10)
    later = street.many(10, MONDAY + 31 * MINUTE)
    assert to(street.looks(later[-1], MONDAY + 31 * MINUTE)) == []


def test_one_person_who_asks_fifteen_times_is_one_person(street: Street) -> None:
    requests = street.many(15, citizen=street.citizen)
    assert to(street.looks(requests[-1])) == []


def test_what_was_taken_back_or_is_elsewhere_does_not_count(street: Street) -> None:
    street.many(14, commune="00602")
    street.many(14, alike="bank.biometrics")
    street.many(14, alike="")
    assert to(street.looks(street.asks())) == []


@pytest.mark.parametrize(("topic", "alike"), [(TOPIC, TOPIC), ("safe.been-scammed", "")])
def test_nobody_in_danger_is_one_of_many(street: Street, topic: str, alike: str) -> None:
    person = Person(id=street.citizen, lang="en", commune="10402", consent=CONSENT)
    kept = {"topic": topic, "words": "they have my password", "whom": "me", "confirm": "send"}
    turn = street.does(street.citizen, "menu")
    turn.person, turn.talk = person, Talk(met=True, doing="form request", kept=kept)
    requesting.REQUEST.done(turn)
    assert [one.alike for one in turn.requests.of(street.citizen)] == [alike]


def test_a_look_is_due_before_the_last_one_could_be_missed(street: Street) -> None:
    """Two who send at the same moment do not see each other, so half as many are reason to look."""
    street.many(6)
    turn = street.does(0, "menu")
    incidents.opened(turn, street.asks())
    assert turn.laters == []
    incidents.opened(turn, one := street.asks())
    assert [(later.due.name, later.due.about, later.due.facts) for later in turn.laters] == [
        (incidents.LOOK, f"alike:10402:{TOPIC}", {"request": str(one.id)})
    ]


def test_a_look_that_comes_late_counts_as_it_would_have_in_time(street: Street) -> None:
    requests = street.many(15)
    street.many(3, MONDAY + 2 * HOUR)
    assert to(street.looks(requests[-1], MONDAY + 3 * HOUR)) == [street.lead]


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        (["may tinh bao loi ket noi", "máy tính báo lỗi kết nối", "bao loi ket noi may tinh"], True),
        (["may tinh bao loi ket noi", "xin giấy xác nhận cư trú", "mat the bao hiem y te"], False),
    ],
)
def test_without_a_topic_the_words_tell(street: Street, words: list[str], proposed: bool) -> None:
    last = [street.asks(topic="", alike=WORDS, words=words[place % 3]) for place in range(15)][-1]
    assert to(street.looks(last)) == ([street.lead] if proposed else [])


def test_the_words_of_what_was_no_incident_are_forgotten_once_it_may_be_proposed_again(
    street: Street,
) -> None:
    first = street.looks(street.many(15, topic="", alike=WORDS, words=SAMPLE)[-1])
    (later,) = first.laters
    assert later.at == MONDAY + 12 * HOUR
    street.does(street.lead, choice="incident-no@1", at=MONDAY + HOUR)
    street.due(incidents.FORGET, "incident:1", later.at)
    assert street.incident().words  # refused an hour later, so it is to be known for an hour more
    street.due(incidents.FORGET, "incident:1", later.at + HOUR)
    assert street.incident().words == ""


def test_of_an_incident_that_runs_the_words_are_forgotten_with_its_end(street: Street) -> None:
    street.looks(street.many(15, topic="", alike=WORDS, words=SAMPLE)[-1])
    asked = street.does(street.lead, choice="incident-yes@1")
    street.does(street.lead, "We are on it", talk=asked.talk)
    street.due(incidents.FORGET, "incident:1", MONDAY + 12 * HOUR)
    assert street.incident().words == SAMPLE
    street.does(street.lead, "over SC-1")
    street.due(incidents.OVER, "incident:1", MONDAY, told="0")
    assert street.incident().words == ""


def test_nobody_reads_the_words_of_another_once_the_lead_has_written_a_notice(
    street: Street, wording: Wording
) -> None:
    others = street.many(14, topic="", alike=WORDS, words="máy tính báo lỗi kết nối")
    street.looks(street.asks(topic="", alike=WORDS, words=SAMPLE))
    asked = street.does(street.lead, choice="incident-yes@1")
    street.does(street.lead, "We are on it", talk=asked.talk)
    held = street.due(incidents.HOLD, "incident:1", MONDAY, after="0")
    street.does(street.lead, "over SC-1")
    told = street.due(incidents.OVER, "incident:1", MONDAY, told="0")
    own = [said for turn in (held, told) for said in turn.said if said.to == others[0].citizen]
    read = [wording.word(said.text, "en") for said in own]
    assert len(read) == 2
    assert "We are on it" in read[0]
    assert others[0].words in read[1]
    assert not any(SAMPLE in words for words in read)


def test_whose_data_is_erased_leaves_no_words_in_an_incident(street: Street) -> None:
    others = street.many(14, topic="", alike=WORDS, words="máy tính báo lỗi kết nối")
    own = street.asks(topic="", alike=WORDS, words=SAMPLE)
    street.looks(own)
    assert street.incident().words == SAMPLE
    people = StoredRecords(street.connection, MONDAY).people
    asked = street.does(street.lead, choice="incident-yes@1")
    street.does(street.lead, "We are on it", talk=asked.talk)
    street.due(incidents.HOLD, "incident:1", MONDAY, after="0")
    people.forget(own.citizen)
    assert street.incident().words == others[0].words  # it goes on by the words of who still waits
    for one in others:
        people.forget(one.citizen)
    assert street.incident().words == ""


def test_what_was_refused_is_not_proposed_again_for_a_while(street: Street) -> None:
    requests = street.many(15)
    street.looks(requests[-1])
    street.does(street.lead, choice="incident-no@1")
    assert street.incident().state == "refused"
    assert to(street.looks(street.many(15, MONDAY + HOUR)[-1], MONDAY + HOUR)) == []
    later = MONDAY + 13 * HOUR
    assert to(street.looks(street.many(15, later)[-1], later)) == [street.lead]


def test_what_nobody_answered_is_proposed_anew_after_a_while(street: Street) -> None:
    street.looks(street.many(15)[-1])
    later = MONDAY + 13 * HOUR
    assert to(street.looks(street.many(15, later)[-1], later)) == [street.lead]
    assert (street.incident(1).state, street.incident(2).state) == ("lapsed", "proposed")


def test_who_leads_the_team_of_the_whole_commune_is_asked_before_anybody_else(street: Street) -> None:
    village = street.put("villages", commune="10402", name="thôn Đoài")
    other = street.put("units", kind="team", name="thôn Đoài", commune="10402")
    street.put("covers", unit=other, village=village)
    street.person("lead", other)
    assert to(street.looks(street.many(15, team=other)[-1])) == [street.lead]


def test_where_nobody_leads_the_office_is_asked_and_else_it_is_noted(street: Street) -> None:
    street.connection.execute(t.roles.delete())
    requests = street.many(15)
    alone = street.looks(requests[-1])
    assert [note[0] for note in alone.notes] == ["many alike, nobody to ask"]
    officer = street.person("officer", street.office)
    assert to(street.looks(requests[-1])) == [officer]


def test_a_lead_on_leave_has_whoever_stands_in_asked_who_may_then_decide(street: Street) -> None:
    member = street.person("member", street.team)
    street.put("absences", person=street.lead, since=MONDAY - HOUR, until=MONDAY + 9 * HOUR, stand_in=member)
    assert to(street.looks(street.many(15)[-1])) == [member]
    assert street.does(member, choice="incident-yes@1").talk.doing == "form incident"


def test_nobody_else_decides(street: Street, wording: Wording) -> None:
    street.looks(street.many(15)[-1])
    stranger = street.person("member", street.team)
    turn = street.does(stranger, choice="incident-yes@1")
    assert turn.talk.doing == ""
    assert street.incident().state == "proposed"


def test_of_two_who_decide_the_second_is_told(street: Street, wording: Wording) -> None:
    street.looks(street.many(15)[-1])
    asked = street.does(street.lead, choice="incident-yes@1")
    street.does(street.lead, choice="incident-no@1")
    turn = street.does(street.lead, "We are on it", talk=asked.talk)
    assert street.incident().state == "refused"
    assert "is no incident" in wording.word(turn.said[-1].text, "en")


def test_those_who_wait_are_told_once_and_held_in_pieces(street: Street) -> None:
    incident, requests = street.begun(incidents.PIECE + 5)
    first = street.due(incidents.HOLD, "incident:1", MONDAY, after="0")
    assert len(to(first)) == incidents.PIECE
    (following,) = first.laters
    second = street.due(incidents.HOLD, "incident:1", MONDAY, **following.due.facts)
    assert len(to(second)) == 5
    assert sorted(to(first) + to(second)) == sorted(one.citizen for one in requests)
    assert to(street.due(incidents.HOLD, "incident:1", MONDAY, after="0")) == []
    assert street.stages(requests) == {"held"}
    assert incident.notice == "We are on it"


def test_what_somebody_has_taken_stays_with_them(street: Street) -> None:
    _incident, requests = street.begun()
    street.does(street.lead, f"claim {requests[0].code}")
    assert requests[0].citizen not in to(street.due(incidents.HOLD, "incident:1", MONDAY, after="0"))
    assert street.stages(requests[:1]) == {"claimed"}


def test_its_end_is_told_once_and_a_no_leads_into_the_queue(street: Street) -> None:
    _incident, requests = street.begun()
    street.due(incidents.HOLD, "incident:1", MONDAY, after="0")
    over = street.does(street.lead, "over SC-1")
    assert [later.due.name for later in over.laters] == [incidents.OVER]
    told = street.due(incidents.OVER, "incident:1", MONDAY, told="0")
    assert sorted(to(told)) == sorted([*(one.citizen for one in requests), street.lead])
    assert street.stages(requests) == {"resolved"}
    again = street.due(incidents.OVER, "incident:1", MONDAY, told="0")
    assert to(again) == [street.lead]  # nobody who waited is told twice
    street.does(requests[0].citizen, choice=f"works@{requests[0].code}")
    street.does(requests[1].citizen, choice=f"not-yet@{requests[1].code}")
    assert street.stages(requests[:1]) == {"closed"}
    assert street.stages(requests[1:2]) == {"reopened"}


def test_who_would_wait_for_what_has_just_ended_is_asked_whether_to_send_it(street: Street) -> None:
    incident, _requests = street.begun()
    street.does(street.lead, "over SC-1")
    draft = Request(citizen=street.citizen, commune="10402", topic=TOPIC, alike=TOPIC)
    assert incidents.join(street.does(0, "menu"), draft, incident) is None


def test_a_lead_who_writes_with_a_citizen_ends_it_and_the_line_goes_to_nobody_else(street: Street) -> None:
    _incident, requests = street.begun()
    street.does(street.lead, f"claim {requests[0].code}")
    turn = street.does(street.lead, "over SC-1", talk=Talk(met=True, doing=f"help {requests[0].code}"))
    assert to(turn) == [street.lead]
    assert street.incident().state == "ended"


def test_another_matter_goes_back_before_the_team(street: Street) -> None:
    _incident, requests = street.begun()
    street.due(incidents.HOLD, "incident:1", MONDAY, after="0")
    turn = street.does(requests[0].citizen, f"another matter {requests[0].code}")
    assert street.lead in to(turn)
    assert street.stages(requests[:1]) == {"offered"}
    assert requests[0].citizen not in to(street.due(incidents.HOLD, "incident:1", MONDAY, after="0"))


def test_whoever_said_yes_is_asked_whether_it_still_goes_on_until_it_is_over(street: Street) -> None:
    street.begun()
    asked = street.due(incidents.STILL, "incident:1", MONDAY + 4 * HOUR)
    assert to(asked) == [street.lead]
    assert [later.due.name for later in asked.laters] == [incidents.STILL]
    street.does(street.lead, "over SC-1")
    assert to(street.due(incidents.STILL, "incident:1", MONDAY + 8 * HOUR)) == []


def test_where_whoever_said_yes_is_there_no_more_the_others_are_asked_whether_it_goes_on(
    street: Street,
) -> None:
    street.begun()
    officer = street.person("officer", street.office)
    street.put("absences", person=street.lead, since=MONDAY, until=MONDAY + 9 * HOUR, stand_in=0)
    assert to(street.due(incidents.STILL, "incident:1", MONDAY + 4 * HOUR)) == [officer]
    street.connection.execute(t.absences.delete())
    street.connection.execute(t.roles.update().where(t.roles.c.person == street.lead).values(until=MONDAY))
    assert to(street.due(incidents.STILL, "incident:1", MONDAY + 8 * HOUR)) == [officer]
    street.does(officer, choice="incident-over@1")
    assert street.incident().state == "ended"


def test_all_that_happened_is_kept_with_who_and_why(street: Street) -> None:
    street.begun()
    street.does(street.lead, "over SC-1")
    street.due(incidents.OVER, "incident:1", MONDAY, told="0")
    e = t.incident_events.c
    rows = street.connection.execute(select(e.what, e.by, e.detail).order_by(e.id)).all()
    assert [tuple(row) for row in rows] == [
        ("proposed", 0, "15 people, 15 requests"),
        ("begun", street.lead, "We are on it"),
        ("ended", street.lead, "said to be over"),
        ("told", 0, "0 people"),
    ]


def test_plans_read_no_table_whole(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as connection:
        records = StoredRecords(connection, MONDAY)
        asked: list[str] = []
        for call in (
            lambda: records.requests.alike("10402", TOPIC, MONDAY),
            lambda: records.requests.free_alike("10402", TOPIC, MONDAY, 0, 5),
            lambda: records.requests.held_for(1, 5),
            lambda: records.incidents.running("10402"),
            lambda: records.incidents.last("10402", TOPIC),
        ):
            asked += plan_of(connection, call)
    database.close()
    assert len(asked) == 5
    assert all("USING INDEX" in step or "USING COVERING INDEX" in step for step in asked)


def plan_of(connection: Connection, call: Callable[[], object]) -> list[str]:
    """Say how SQLite goes about what a call asks."""
    seen: list[str] = []
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.set_trace_callback(seen.append)
    call()
    raw.set_trace_callback(None)
    steps: list[str] = []
    for statement in seen:
        if statement.lstrip().upper().startswith("SELECT"):
            steps += [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}")]
    return [step for step in steps if step.startswith(("SCAN", "SEARCH"))]


def test_whoever_is_told_in_the_words_of_another_is_told_so_that_erasing_them_reaches_it(
    street: Street, wording: Wording
) -> None:
    requests = street.many(15, topic="", alike=WORDS, words=SAMPLE)
    officer = street.person("officer", street.office)
    proposed = street.looks(requests[-1])
    incident = street.incident()
    street.connection.execute(t.incidents.update().values(details=_asked_of(incident, street.lead, officer)))
    asked = street.does(street.lead, choice="incident-yes@1")
    turns = [
        proposed,
        asked,
        street.does(street.lead, choice="use-notice@incident.words", talk=asked.talk),
        street.due(incidents.HOLD, "incident:1", MONDAY, after="0"),
        street.does(street.lead, "incidents"),
        street.due(incidents.STILL, "incident:1", MONDAY + 4 * HOUR),
        street.does(street.lead, "over SC-1", at=MONDAY + 5 * HOUR),
        street.due(incidents.OVER, "incident:1", MONDAY + 5 * HOUR, told="0"),
    ]
    own = {request.citizen for request in requests}
    told = [said for turn in turns for said in turn.said]
    quoting = [said for said in told if SAMPLE in wording.word(said.text, "en")]
    assert {said.about for said in quoting if said.to not in own} == {"incident:1"}
    assert {said.to for said in quoting} >= {street.lead, requests[0].citizen}
    # What is not about oneself alone, as the question at its end is, can be taken back.
    assert {said.about for said in turns[3].said} == {"incident:1"}
    assert officer in to(turns[2])
    assert officer in to(turns[6])
    assert {said.about for turn in turns for said in turn.said if said.to == officer} == {"incident:1"}


def test_a_list_of_several_repeats_nobodys_own_words(street: Street, wording: Wording) -> None:
    street.begun()
    requests = street.many(15, topic="", alike=WORDS, words=SAMPLE)
    street.looks(requests[-1])
    asked = street.does(street.lead, choice="incident-yes@2")
    street.does(street.lead, choice="use-notice@incident.words", talk=asked.talk)
    (said,) = street.does(street.lead, "incidents").said
    words = wording.word(said.text, "en")
    assert SAMPLE not in words
    assert "SC-2: 15 people, each in their own words" in words


def _asked_of(incident: Incident, *people: int) -> str:
    return msgspec.json.encode(msgspec.structs.replace(incident, asked=people)).decode()
