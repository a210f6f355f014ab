"""Roles that nobody uses: who is asked, whose role ends, who gives it back, and each only once."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection

from bot import ticker
from bot.store import tables as t
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk, idle
from handlers.profile import CONSENT
from handlers.records.people import Person, Role
from handlers.rules.moves import stage_of
from handlers.rules.reporting import VIETNAM
from handlers.talk import Due, Incoming, Talk
from handlers.turn import Shelf, Turn
from tests.handlers.test_late import DAY, HOUR, MONDAY, Commune
from tests.handlers.test_late import connection as connection
from tests.handlers.test_late import shelf as shelf
from tests.handlers.turning import incoming

MORNING = timedelta(minutes=30)  # after MONDAY: 08:30
LATER = MONDAY + 91 * DAY + MORNING  # Monday 8 February 2027 is Tết
WORKING = datetime(2027, 2, 22, 8, 30, tzinfo=VIETNAM)


class Team(Commune):
    """A team and an office, all of whom were heard on MONDAY."""

    def __init__(self, connection: Connection, shelf: Shelf) -> None:
        super().__init__(connection, shelf)
        self.lead, self.member = self.person("lead", self.team), self.person("member", self.team)
        self.head, self.officer = self.person("head", self.office), self.person("officer", self.office)

    def person(self, kind: str, place: int) -> int:
        number = super().person(kind, place)
        self.put("contacts", account="web", chat=f"p{number}", conversation=number, heard=MONDAY)
        return number

    def heard(self, *people: int, at: datetime) -> None:
        for person in people:
            self.connection.execute(
                t.contacts.update().where(t.contacts.c.conversation == person).values(heard=at)
            )

    def due(self, name: str, at: datetime, about: str = "idle") -> Turn:
        return self._decided(Due(name=name, about=about, at=at, facts={}), 0, at)

    def does(self, person: int, choice: str = "", at: datetime = WORKING, text: str = "") -> Turn:
        self.heard(person, at=at)
        return self._decided(incoming(text, choice), person, at)

    def _decided(self, event: Incoming | Due, person: int, at: datetime) -> Turn:
        turn = Turn(
            event=event,
            person=Person(id=person, lang="en", consent=CONSENT),
            talk=Talk(met=True),
            now=at,
            shelf=self.shelf,
            records=StoredRecords(self.connection, at),
            staff=person != 0,
        )
        desk.decide(turn)
        return turn

    def planned(self, at: datetime = WORKING) -> list[tuple[str, int]]:
        """Give what a morning puts before whom."""
        return [(one.due.name, self.holder(one.due.about)) for one in self.due(idle.PLAN, at).laters]

    def holder(self, about: str) -> int:
        role = StoredRecords(self.connection, MONDAY).people.role(int(about.partition(":")[2]))
        assert role is not None
        return role.person

    def role(self, person: int, at: datetime = WORKING) -> Role | None:
        return next(iter(StoredRecords(self.connection, at).people.roles(person)), None)

    def about(self, person: int) -> str:
        role = self.role(person)
        assert role is not None
        return f"role:{role.id}"

    def asked(self) -> Turn:
        """Let the member be asked, everybody else having been heard."""
        self.heard(self.lead, self.head, self.officer, at=WORKING - DAY)
        return self.due(idle.ASK, WORKING, self.about(self.member))


@pytest.fixture
def team(connection: Connection, shelf: Shelf) -> Team:
    return Team(connection, shelf)


def to(turn: Turn) -> list[int]:
    return [said.to for said in turn.said]


def test_the_ticker_looks_every_morning() -> None:
    assert ticker.DAILY[idle.PLAN].hour == 8


def test_after_ninety_days_volunteers_are_asked_and_roles_of_officials_end(team: Team) -> None:
    assert team.planned(MONDAY + 85 * DAY) == []
    assert sorted(team.planned()) == sorted(
        [(idle.ASK, team.lead), (idle.ASK, team.member), (idle.END, team.head), (idle.END, team.officer)]
    )


def test_nobody_is_asked_on_a_day_off(team: Team) -> None:
    assert team.planned(LATER) == []


def test_a_word_on_any_channel_is_enough(team: Team) -> None:
    team.put("contacts", account="telegram:1", chat="x", conversation=team.member, heard=WORKING - 9 * DAY)
    assert team.member not in [person for _name, person in team.planned()]


def test_whoever_is_on_leave_keeps_their_role_and_is_not_asked(team: Team) -> None:
    for person in (team.member, team.officer):
        team.put("absences", person=person, since=MONDAY, until=WORKING + DAY, stand_in=0)
    assert sorted(team.planned()) == sorted([(idle.ASK, team.lead), (idle.END, team.head)])
    assert to(team.due(idle.ASK, WORKING, team.about(team.member))) == []
    assert to(team.due(idle.END, WORKING, team.about(team.officer))) == []


def test_a_role_that_is_new_does_not_rest(team: Team) -> None:
    team.connection.execute(t.roles.update().values(since=WORKING - 10 * DAY))
    assert team.planned() == []


def test_who_was_heard_between_plan_and_question_is_left_alone(team: Team) -> None:
    about = team.about(team.member)
    team.heard(team.member, at=WORKING - HOUR)
    assert to(team.due(idle.ASK, WORKING, about)) == []


def test_a_volunteer_is_asked_once_for_a_silence(team: Team) -> None:
    turn = team.asked()
    assert to(turn) == [team.member]
    assert [choice.name for choice in turn.said[0].choices] == ["idle-stay", "idle-leave"]
    assert to(team.due(idle.ASK, WORKING + HOUR, team.about(team.member))) == []
    assert team.planned(WORKING + DAY) == []


def test_whoever_stays_is_asked_again_only_after_another_silence(team: Team) -> None:
    team.asked()
    number = team.about(team.member).partition(":")[2]
    turn = team.does(team.member, f"idle-stay@{number}", WORKING + HOUR)
    assert to(turn) == [team.member, team.lead]
    assert team.planned(WORKING + 60 * DAY) == []
    later = datetime(2027, 6, 7, 8, 30, tzinfo=VIETNAM)
    assert (idle.ASK, team.member) in team.planned(later)


def test_whoever_stops_gives_back_what_they_had(team: Team) -> None:
    request = team.open()
    stored = StoredRecords(team.connection, WORKING).requests
    taken = msgspec.structs.replace(
        request, state="claimed", stage="claimed", claimed_by=team.member, claimed=MONDAY
    )
    stored.save(taken, "claimed", team.member)
    team.asked()
    turn = team.does(team.member, f"idle-quit@{team.about(team.member).partition(':')[2]}")
    assert team.role(team.member) is None
    free = StoredRecords(team.connection, WORKING).requests.by_number(request.id)
    assert free is not None
    assert stage_of(free) == "offered"
    assert set(to(turn)) == {team.member, team.lead, team.citizen}


def test_silence_is_told_to_the_lead_after_a_fortnight_and_answers_are_not(
    team: Team, wording: Wording
) -> None:
    (later,) = team.asked().laters
    assert later.at >= WORKING + 14 * DAY
    turn = team.due(idle.SILENT, later.at, later.due.about)
    assert to(turn) == [team.lead]
    assert "has not answered" in wording.word(turn.said[0].text, "en")
    team.heard(team.member, at=WORKING + DAY)
    assert to(team.due(idle.SILENT, later.at, later.due.about)) == []


def test_of_a_silent_lead_the_office_is_told(team: Team) -> None:
    team.heard(team.member, team.head, team.officer, at=WORKING - DAY)
    (later,) = team.due(idle.ASK, WORKING, team.about(team.lead)).laters
    assert set(to(team.due(idle.SILENT, later.at, later.due.about))) == {team.head, team.officer}


def test_a_role_that_ended_is_given_back_with_one_tap_and_only_once(team: Team) -> None:
    team.heard(team.head, at=WORKING - DAY)
    about = team.about(team.officer)
    number = about.partition(":")[2]
    turn = team.due(idle.END, WORKING, about)
    assert to(turn) == [team.officer, team.head]
    assert team.role(team.officer, WORKING + HOUR) is None
    assert to(team.due(idle.END, WORKING + HOUR, about)) == []
    back = team.does(team.head, f"idle-restore@{number}", WORKING + HOUR)
    assert to(back) == [team.head, team.officer]
    assert team.role(team.officer, WORKING + 2 * HOUR) is not None
    again = team.does(team.head, f"idle-restore@{number}", WORKING + 3 * HOUR)
    assert to(again) == [team.head]
    assert len(StoredRecords(team.connection, WORKING + 4 * HOUR).people.roles(team.officer)) == 1


def test_where_the_office_has_no_head_the_province_can(team: Team) -> None:
    above = team.person("officer", team.province)
    team.heard(team.officer, above, at=WORKING - DAY)
    number = team.about(team.head).partition(":")[2]
    assert to(team.due(idle.END, WORKING, team.about(team.head))) == [team.head, above]
    writes = team.person("editor", team.province)
    assert to(team.does(writes, f"idle-restore@{number}", WORKING + HOUR)) == [
        writes
    ]  # who answers for words
    assert to(team.does(above, f"idle-restore@{number}", WORKING + HOUR)) == [above, team.head]


def test_nobody_gives_back_what_ended_in_another_way_or_is_not_theirs_to_give(team: Team) -> None:
    team.heard(team.head, at=WORKING - DAY)
    role = team.role(team.officer)
    assert role is not None
    StoredRecords(team.connection, WORKING).people.leave(role.id)
    team.does(team.head, f"idle-restore@{role.id}", WORKING + HOUR)
    assert team.role(team.officer, WORKING + 2 * HOUR) is None
    head = team.role(team.head)
    assert head is not None
    team.due(idle.END, WORKING + 200 * DAY, f"role:{head.id}")
    team.does(team.member, f"idle-restore@{head.id}", WORKING + 201 * DAY)
    assert team.role(team.head, WORKING + 202 * DAY) is None


def test_an_old_button_of_a_role_that_is_over_says_so(team: Team, wording: Wording) -> None:
    team.asked()
    number = team.about(team.member).partition(":")[2]
    team.does(team.member, f"idle-quit@{number}")
    turn = team.does(team.member, f"idle-stay@{number}", WORKING + HOUR)
    assert [wording.word(said.text, "en") for said in turn.said] == ["That role is over by now."]


def test_stopping_is_asked_about_once_and_ends_nothing_before(team: Team) -> None:
    number = team.about(team.member).partition(":")[2]
    for words, choice in (
        ("", f"idle-leave@{number}"),
        (f"xin nghỉ {number}", ""),
        (f"I stop {number}", ""),
        ("em xin nghỉ hẳn", ""),
        ("tôi không làm tổ nữa", ""),
        ("chị không tham gia nữa nhé", ""),
        ("cho em ra khỏi tổ", ""),
        ("I would like to stop", ""),
    ):
        turn = team.does(team.member, choice, text=words)
        assert to(turn) == [team.member]
        assert [one.name for one in turn.said[0].choices] == ["idle-quit", "idle-stay"]
        assert team.role(team.member) is not None
    assert to(team.does(team.member, text=f"tôi nghỉ hẳn {number}")) == [team.member, team.lead]
    assert team.role(team.member) is None
    over = team.does(team.member, f"idle-leave@{number}")  # the old button once more
    assert to(over) == [team.member]
    assert not over.said[0].choices


@pytest.mark.parametrize(
    "words", ["xin nghỉ 999", "xin nghỉ {lead}", "xin nghỉ 3 ngày", "nghỉ 2 hôm", "leave 3 days"]
)
def test_a_few_days_off_are_no_end_of_a_role(team: Team, wording: Wording, words: str) -> None:
    lead = team.about(team.lead).partition(":")[2]
    turn = team.does(team.member, text=words.format(lead=lead))
    told = [wording.word(said.text, "en") for said in turn.said]
    assert told == ["Which days? Type them like this: on leave until 20/11."]
    assert team.role(team.member) is not None
    assert team.role(team.lead) is not None
