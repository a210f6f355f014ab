"""An appointment is kept, waited for, reminded of once, and ends with the helper; an old button does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, insert, update

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import appointments, cases, idle, incidents, leave, watch
from handlers.records.people import Person
from handlers.records.requests import Appointment, Request
from handlers.rules.reporting import VIETNAM
from handlers.talk import Due, Talk
from handlers.text import _
from handlers.turn import Shelf, Turn
from tests.handlers.turning import incoming

MONDAY = datetime(2026, 11, 9, 8, 0, tzinfo=VIETNAM)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Desk:
    """A helper, a citizen, and the request between them."""

    def __init__(self, connection: Connection, shelf: Shelf, wording: Wording) -> None:
        self.connection, self.shelf, self.wording = connection, shelf, wording
        self.team = self._put("units", kind="team", name="thôn Đoài", commune="10402")
        self.citizen, self.helper = self._person("Tư", "bác"), self._person("Hường", "chị")
        self._put("roles", person=self.helper, kind="member", place=self.team, since=MONDAY)
        opened = self.records(MONDAY).requests.open(
            Request(citizen=self.citizen, commune="10402", team=self.team)
        )
        self.code = opened.code
        self.save(opened, state="claimed", stage="claimed", claimed_by=self.helper, claimed=MONDAY)

    def _put(self, table: str, **values: object) -> int:
        made = t.metadata.tables[table]
        return int(self.connection.scalar(insert(made).values(**values).returning(made.c.id)) or 0)

    def _person(self, name: str, address: str) -> int:
        person = msgspec.json.encode(Person(name=name, address=address, lang="vi")).decode()
        return self._put("conversations", touched=MONDAY, person=person)

    def records(self, at: datetime) -> StoredRecords:
        return StoredRecords(self.connection, at)

    def save(self, request: Request, **fields: object) -> Request:
        changed = msgspec.structs.replace(request, **fields)
        return self.records(MONDAY).requests.save(changed, "changed", 0)

    @property
    def request(self) -> Request:
        found = self.records(MONDAY).requests.by_code(self.code)
        assert found is not None
        return found

    def turn(self, person: int, at: datetime, event: object = None) -> Turn:
        return Turn(
            event=event or incoming("x"),  # type: ignore[arg-type]
            person=msgspec.structs.replace(self.records(at).people.get(person), id=person),
            talk=Talk(),
            now=at,
            shelf=self.shelf,
            records=self.records(at),
            helped=person == self.citizen,
            staff=person == self.helper,
        )

    def says(self, person: int, words: str, at: datetime) -> Turn:
        turn = self.turn(person, at)
        assert appointments.heard(turn, self.request, words)
        return turn

    def agreed(self, words: str = "hẹn đến 3h chiều mai") -> Turn:
        self.says(self.helper, words, MONDAY)
        turn = self.turn(self.citizen, MONDAY)
        assert appointments.agree(turn, f"{self.code}:1")
        return turn

    def due(self, name: str, number: int, at: datetime) -> Turn:
        event = Due(name=name, about=cases.about(self.request), at=at, facts={"number": str(number)})
        turn = self.turn(self.citizen, at, event)
        appointments.DUE[name](turn)
        return turn

    def words(self, turn: Turn, to: int) -> str:
        return "\n".join(self.wording.word(said.text, "vi") for said in turn.said if said.to == to)


@pytest.fixture
def desk(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Desk]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield Desk(connection, bookcase.shelf(), wording)
    database.close()


def test_both_are_reminded_once_and_nobody_of_what_was_called_off(desk: Desk) -> None:
    turn = desk.agreed()
    at = MONDAY + DAY + 7 * HOUR
    assert [(later.due.name, later.at) for later in turn.laters if later.due.name.startswith("meeting")] == [
        (appointments.REMIND, at - HOUR / 2),
        (appointments.ASK_AFTER, at + 2 * HOUR),
    ]
    assert [later.key for later in turn.laters].count(f"meeting:{desk.request.id}:1:remind") == 1
    reminded = desk.due(appointments.REMIND, 1, at - HOUR / 2)
    assert {said.to for said in reminded.said} == {desk.citizen, desk.helper}
    assert desk.request.watchwords in desk.words(reminded, desk.citizen)
    assert desk.due(appointments.REMIND, 1, at + HOUR).said == []  # the clock stood still until it was over
    assert appointments.call_off(desk.turn(desk.citizen, MONDAY + HOUR), f"{desk.code}:1")
    assert desk.due(appointments.REMIND, 1, at - HOUR / 2).said == []
    assert desk.due(appointments.ASK_AFTER, 1, at + 2 * HOUR).said == []


def test_a_helper_who_has_left_comes_to_nobody(desk: Desk) -> None:
    desk.agreed()
    desk.connection.execute(update(t.roles).values(until=MONDAY + HOUR))
    reminded = desk.due(appointments.REMIND, 1, MONDAY + DAY + 6 * HOUR)
    assert (desk.request.state, desk.request.meeting) == ("open", None)
    assert "không còn ở tổ" in desk.words(reminded, desk.citizen)
    assert desk.words(reminded, desk.helper) == ""


def test_whether_they_met_late_in_the_evening_is_asked_in_the_morning(desk: Desk) -> None:
    asked = [later.at for later in desk.agreed("hẹn đến 7h tối mai").laters if later.key.endswith(":after")]
    assert asked == [MONDAY + 2 * DAY - HOUR / 2]  # Wednesday 7:30


def test_an_appointment_of_a_request_that_is_over_reminds_nobody(desk: Desk) -> None:
    desk.agreed()
    cases.move(desk.turn(desk.citizen, MONDAY + HOUR), desk.request, "withdraw", closed=MONDAY + HOUR)
    assert desk.request.meeting is None
    assert desk.due(appointments.REMIND, 1, MONDAY + DAY + 6 * HOUR).said == []


def test_a_moved_appointment_reminds_of_its_new_time_alone(desk: Desk) -> None:
    desk.agreed()
    moved = desk.says(desk.citizen, "hẹn 4h chiều mai", MONDAY + HOUR)
    assert desk.request.meeting is not None
    assert desk.request.meeting.number == 1  # until the other side has agreed
    assert "giữ giờ cũ" in desk.words(moved, desk.helper)
    assert appointments.agree(desk.turn(desk.helper, MONDAY + 2 * HOUR), f"{desk.code}:2")
    assert desk.request.meeting.number == 2
    assert desk.due(appointments.REMIND, 1, MONDAY + DAY + 6 * HOUR).said == []
    assert desk.due(appointments.REMIND, 2, MONDAY + DAY + 7 * HOUR).said
    assert desk.request.pauses == ((MONDAY, MONDAY + 2 * HOUR),)


def test_an_old_button_agrees_to_nothing_newer(desk: Desk) -> None:
    desk.says(desk.helper, "hẹn đến 3h chiều mai", MONDAY)
    desk.says(desk.helper, "hẹn đến 4h chiều mai", MONDAY)
    pressed = desk.turn(desk.citizen, MONDAY)
    assert appointments.agree(pressed, f"{desk.code}:1")
    assert desk.request.meeting is None
    assert "4 giờ chiều mai" in desk.words(pressed, desk.citizen)


def test_nobody_agrees_to_what_they_have_proposed_or_what_is_not_theirs(desk: Desk) -> None:
    desk.says(desk.helper, "hẹn đến 3h chiều mai", MONDAY)
    assert appointments.agree(desk.turn(desk.helper, MONDAY), f"{desk.code}:1")
    stranger = desk._person("Lan", "cô")
    pressed = desk.turn(stranger, MONDAY)
    assert appointments.agree(pressed, f"{desk.code}:1")
    assert appointments.call_off(pressed, desk.code)
    assert desk.request.meeting is None
    assert desk.request.offer is not None
    assert desk.request.watchwords not in desk.words(pressed, stranger)


def test_the_same_time_from_both_sides_is_agreed_to(desk: Desk) -> None:
    desk.says(desk.helper, "hẹn đến 3h chiều mai", MONDAY)
    desk.says(desk.citizen, "15h mai cháu đến nhé", MONDAY)
    assert desk.request.meeting is not None


def test_a_time_that_passes_before_the_answer_is_asked_for_anew(desk: Desk) -> None:
    desk.says(desk.helper, "30 phút nữa em qua", MONDAY)
    late = desk.turn(desk.citizen, MONDAY + HOUR)
    assert appointments.agree(late, f"{desk.code}:1")
    assert desk.request.meeting is None
    assert late.talk.doing == "form time"


def test_the_clock_of_a_request_waits_for_the_time_agreed_to_and_no_longer(desk: Desk) -> None:
    due = watch.due(desk.turn(desk.helper, MONDAY), desk.request)
    assert due == MONDAY + 2 * DAY + 9 * HOUR  # Wednesday 17:00
    desk.agreed("hẹn đến 8h sáng thứ năm")
    later = watch.due(desk.turn(desk.helper, MONDAY), desk.request)
    assert later == MONDAY + 4 * DAY + 9 * HOUR  # the closings of Tuesday and Wednesday do not count
    assert appointments.call_off(desk.turn(desk.helper, MONDAY + DAY + 10 * HOUR), desk.code)
    assert watch.due(desk.turn(desk.helper, MONDAY), desk.request) == MONDAY + 3 * DAY + 9 * HOUR


def test_a_clock_that_waits_for_the_citizen_goes_on_with_a_time_they_name(desk: Desk) -> None:
    cases.move(desk.turn(desk.helper, MONDAY), desk.request, "wait", paused=MONDAY)
    desk.says(desk.citizen, "mai 3h chiều cháu qua nhé", MONDAY + HOUR)
    assert (desk.request.stage, desk.request.paused) == ("claimed", None)
    assert desk.request.pauses == ((MONDAY, MONDAY + HOUR),)
    assert desk.request.offer is not None


def test_a_call_agreed_to_for_one_time_is_no_leave_to_call_at_any_time(desk: Desk) -> None:
    desk.save(desk.request, phone="0912345678")
    desk.agreed("hẹn gọi 3h chiều mai")
    assert (desk.request.way, desk.request.arranged) == ("call", MONDAY)
    appointments.call_off(desk.turn(desk.citizen, MONDAY), desk.code)
    assert (desk.request.way, desk.request.arranged) == ("", None)


def test_what_was_agreed_to_before_the_time_outlives_it(desk: Desk) -> None:
    desk.save(desk.request, way="visit", arranged=MONDAY)
    desk.agreed("hẹn 3h chiều mai")
    appointments.call_off(desk.turn(desk.helper, MONDAY), desk.code)
    assert (desk.request.way, desk.request.arranged) == ("visit", MONDAY)


def test_whoever_helps_next_has_other_words_and_no_appointment(desk: Desk) -> None:
    desk.agreed()
    before = desk.request.watchwords
    cases.release(desk.turn(desk.helper, MONDAY), desk.request, "give-back", _("x"))
    after = desk.request
    assert (after.meeting, after.offer, after.arranged) == (None, None, None)
    assert after.watchwords.count(" ") == 1
    assert after.watchwords != before


def test_words_that_stand_on_paper_stay(desk: Desk) -> None:
    desk.save(desk.request, behalf=desk.helper, citizen=0)
    before = desk.request.watchwords
    cases.release(desk.turn(desk.helper, MONDAY), desk.request, "give-back", _("x"))
    assert desk.request.watchwords == before


def test_for_somebody_without_a_smartphone_a_time_stands_at_once(desk: Desk) -> None:
    desk.save(desk.request, behalf=desk.helper, citizen=0, way="visit", arranged=MONDAY)
    turn = desk.says(desk.helper, "hẹn 3h chiều mai", MONDAY)
    assert desk.request.meeting is not None
    assert {said.to for said in turn.said} == {desk.helper}


CALLED = "gọi rồi, bác đang ngoài đồng, hẹn 7h tối"


def test_a_time_agreed_on_by_telephone_stands_at_once_and_both_are_told(desk: Desk) -> None:
    desk.save(desk.request, way="call", arranged=MONDAY, phone="0912345678")
    turn = desk.says(desk.helper, CALLED, MONDAY)
    assert desk.request.meeting is not None
    assert desk.request.meeting.at == MONDAY + 11 * HOUR
    assert {said.to for said in turn.said} == {desk.citizen, desk.helper}
    assert "ngoài đồng" not in desk.words(turn, desk.citizen)
    assert {choice.name for said in turn.said for choice in said.choices} == {"time-other", "time-off"}


def test_where_no_call_is_arranged_a_helper_settles_no_time_alone(desk: Desk) -> None:
    desk.save(desk.request, phone="0912345678")
    desk.says(desk.helper, CALLED, MONDAY)
    assert (desk.request.meeting, desk.request.offer is None) == (None, False)


def test_a_citizen_settles_no_time_by_telling_of_a_call(desk: Desk) -> None:
    desk.save(desk.request, way="call", arranged=MONDAY, phone="0912345678")
    desk.says(desk.citizen, CALLED, MONDAY)
    assert desk.request.meeting is None


def test_whether_they_met_is_asked_of_the_helper_who_still_has_it(desk: Desk) -> None:
    desk.agreed()
    at = MONDAY + DAY + 9 * HOUR
    assert [said.to for said in desk.due(appointments.ASK_AFTER, 1, at).said] == [desk.helper, desk.citizen]
    assert appointments.met(desk.turn(desk.helper, at), f"{desk.code}:1")
    assert desk.request.meeting is None
    assert desk.due(appointments.ASK_AFTER, 1, at).said == []


def test_words_that_are_no_time_go_on_as_words(desk: Desk) -> None:
    turn = desk.turn(desk.citizen, MONDAY)
    for words in ("7h tối", "mai cháu qua nhé", "9h sáng mai em qua, nhớ cầm theo căn cước và điện thoại"):
        assert not appointments.heard(turn, desk.request, words)
    desk.save(desk.request, way="visit", arranged=MONDAY)  # now it is spoken of, "7h tối" is an answer
    assert appointments.heard(turn, desk.request, "7h tối")
    assert desk.request.offer == Appointment(
        number=1, at=MONDAY + 11 * HOUR, way="visit", by="citizen", stood=True
    )


def test_no_number_for_a_call_that_was_called_off_meanwhile_ends_nothing(desk: Desk) -> None:
    desk.says(desk.helper, "hẹn gọi 3h chiều mai", MONDAY)
    asked = desk.turn(desk.citizen, MONDAY)
    assert appointments.agree(asked, f"{desk.code}:1")
    assert appointments.call_off(desk.turn(desk.helper, MONDAY), f"{desk.code}:1")
    answer = desk.turn(desk.citizen, MONDAY)
    answer.talk = msgspec.structs.replace(asked.talk, kept={**asked.talk.kept, "phone": " "})
    appointments.NUMBER.done(answer)
    assert "không có lịch hẹn" in desk.words(answer, desk.citizen).lower()


@pytest.mark.parametrize(
    "when", ["", "²", "soon", "9999-12-31T23:59", "2027-01-31T08:00", "2026-11-10T08:00+00:00"]
)
def test_a_time_that_no_button_carried_is_proposed_to_nobody(desk: Desk, when: str) -> None:
    turn = desk.turn(desk.citizen, MONDAY)
    kept = {"code": desk.code, "side": "citizen", "way": "visit", "when": when}
    turn.talk = Talk(doing="form time", kept=kept)
    appointments.TIME.done(turn)
    assert {said.to for said in turn.said} == {desk.citizen}
    assert desk.request.offer is None


@pytest.mark.parametrize("number", ["²", "x", "9" * 5000])
def test_a_button_that_nobody_was_shown_does_nothing(desk: Desk, number: str) -> None:
    desk.says(desk.helper, "hẹn gọi 3h chiều mai", MONDAY)
    for act in (*appointments.CARDS.values(), incidents.yes, idle.restore):
        act(desk.turn(desk.citizen, MONDAY), f"{desk.code}:{number}")
        act(desk.turn(desk.citizen, MONDAY), number)
    assert desk.request.state == "claimed"


@pytest.mark.parametrize(("words", "told"), [("nghỉ đến 15/11", True), ("nghỉ từ 12/11 đến 15/11", False)])
def test_whoever_goes_on_leave_is_told_of_the_appointment_in_those_days(
    desk: Desk, words: str, told: bool
) -> None:
    desk.agreed()
    turn = desk.turn(desk.helper, MONDAY, incoming(words))
    assert leave.typed_card(turn)
    assert (f"đổi hẹn {desk.code}" in desk.words(turn, desk.helper)) == told


def test_whoever_asked_is_asked_too_and_a_no_reaches_the_lead_once(desk: Desk) -> None:
    lead = desk._person("Lan", "cô")
    desk._put("roles", person=lead, kind="lead", place=desk.team, since=MONDAY)
    desk.agreed()
    after = MONDAY + DAY + 9 * HOUR
    asked = desk.due(appointments.ASK_AFTER, 1, after)
    assert [said.to for said in asked.said] == [desk.helper, desk.citizen]
    assert [choice.name for choice in asked.said[1].choices] == ["met-yes", "met-no"]
    # The helper's word ends the appointment and does not answer for the citizen.
    appointments.met(desk.turn(desk.helper, after), f"{desk.code}:1")
    assert desk.request.meeting is None
    first, again = (desk.turn(desk.citizen, after) for _ in range(2))
    assert appointments.not_met(first, f"{desk.code}:1")
    assert appointments.not_met(again, f"{desk.code}:1")
    (told,) = first.laters
    assert again.laters[0].key == told.key  # kept once
    turn = desk.turn(0, after, told.due)
    appointments.DUE[told.due.name](turn)
    assert [said.to for said in turn.said] == [lead, desk.helper]
    assert "chị Hường" in desk.words(turn, lead)
    assert {said.about for said in turn.said} == {f"words:{desk.request.id}"}


def test_nobody_complains_of_a_time_that_is_still_to_come_or_is_not_theirs(desk: Desk) -> None:
    desk.agreed()
    early = desk.turn(desk.citizen, MONDAY + HOUR)
    assert appointments.not_met(early, f"{desk.code}:1")
    stranger = desk.turn(desk._person("Ba", "chú"), MONDAY + 2 * DAY)
    assert appointments.not_met(stranger, f"{desk.code}:1")
    invented = desk.turn(desk.citizen, MONDAY + 2 * DAY)
    assert appointments.not_met(invented, f"{desk.code}:7")
    assert [turn.laters for turn in (early, stranger, invented)] == [[], [], []]


def test_a_yes_of_whoever_asked_is_kept_and_leaves_the_helper_to_answer(desk: Desk) -> None:
    desk.agreed()
    turn = desk.turn(desk.citizen, MONDAY + 2 * DAY)
    assert appointments.met(turn, f"{desk.code}:1")
    assert desk.request.meeting is not None
    assert turn.laters == []
    assert ("met, says who asked", f"request:{desk.request.id}", desk.citizen) in turn.notes


def test_a_lead_who_is_whoever_asked_hears_nothing_of_their_own_no(desk: Desk) -> None:
    desk._put("roles", person=desk.citizen, kind="lead", place=desk.team, since=MONDAY)
    other = desk._person("Lan", "cô")
    desk._put("roles", person=other, kind="lead", place=desk.team, since=MONDAY)
    desk.agreed()
    pressed = desk.turn(desk.citizen, MONDAY + DAY + 9 * HOUR)
    assert appointments.not_met(pressed, f"{desk.code}:1")
    (told,) = pressed.laters
    turn = desk.turn(0, MONDAY + DAY + 9 * HOUR, told.due)
    appointments.DUE[told.due.name](turn)
    assert [said.to for said in turn.said] == [other, desk.helper]
