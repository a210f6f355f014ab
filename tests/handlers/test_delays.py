"""What is late in one list, and letting somebody else see to it: who may, whom a name means, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, insert, select, update

from bot import clock
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import cases, delays, desk, filing, target_setting, visits
from handlers.records.people import Person, RoleKind
from handlers.records.reports import Submission
from handlers.records.requests import Request
from handlers.rules import adding, routing
from handlers.talk import Attachment, Button, Due, Incoming, Talk
from handlers.turn import Turn
from knowledge.forms import Forms, Words
from tests.handlers.turning import incoming

BEGAN = datetime(2026, 11, 1, 8, 0, tzinfo=clock.VIETNAM)
LATE = datetime(2026, 11, 17, 8, 20, tzinfo=clock.VIETNAM)  # villages send by Monday the 16th
COMMUNE = "10402"


class Place:
    """A commune's office with a head, and two villages that send reports."""

    def __init__(self, connection: Connection, bookcase: Bookcase, wording: Wording) -> None:
        self.connection, self.shelf, self.wording = connection, bookcase.shelf(), wording
        self.office = self.unit("office", "xã Ứng Hòa, Hà Nội")
        self.villages = {
            name: self.unit("office", f"thôn {name}, xã Ứng Hòa, Hà Nội", f"thôn {name}")
            for name in ("Đình", "Trung")
        }
        self.teams = {
            name: self.unit("team", f"thôn {name}, xã Ứng Hòa, Hà Nội", f"thôn {name}")
            for name in ("Đình", "Đoài")
        }
        self.head = self.person("Lâm", "head", self.office)
        self.reporter = self.person("Phú", "reporter", self.villages["Trung"])
        connection.execute(
            insert(t.invitations).values(
                code="moi-khoa", kind="reporter", place=self.villages["Đình"], name="Khoa", address="anh"
            )
        )

    def unit(self, kind: str, name: str, village: str = "") -> int:
        number = self.connection.scalar(
            insert(t.units)
            .values(kind=kind, name=name, commune=COMMUNE, village=village)
            .returning(t.units.c.id)
        )
        assert number is not None
        return int(number)

    def person(self, name: str, kind: RoleKind, place: int) -> int:
        person = msgspec.json.encode(Person(name=name, address="chị", lang="en")).decode()
        number = self.connection.scalar(
            insert(t.conversations).values(person=person, touched=BEGAN).returning(t.conversations.c.id)
        )
        assert number is not None
        self.connection.execute(insert(t.roles).values(person=number, kind=kind, place=place, since=BEGAN))
        return int(number)

    def records(self, at: datetime = LATE) -> StoredRecords:
        return StoredRecords(self.connection, at)

    def hears(
        self, person: int, event: Incoming | Due, talk: Talk | None = None, at: datetime = LATE
    ) -> Turn:
        turn = Turn(
            event=event,
            person=Person(id=person, name="Lâm", lang="en"),
            talk=talk or Talk(met=True),
            now=at,
            shelf=self.shelf,
            records=self.records(at),
            staff=True,
        )
        desk.decide(turn)
        for said in turn.said:
            if said.choices and said.to == person:
                offered = tuple(
                    Button(f"{choice.name}@{choice.context}", self.wording.word(choice.label, "en"))
                    for choice in said.choices
                )
                turn.talk = msgspec.structs.replace(turn.talk, offered=offered)
        return turn

    def says(self, person: int, *lines: str, at: datetime = LATE) -> Turn:
        """Let somebody type several lines, one after another; give the last turn."""
        talk: Talk | None = None
        for line in lines:
            turn = self.hears(person, incoming(line), talk, at)
            talk = turn.talk
        return turn

    def told(self, turn: Turn, to: int | None = None) -> str:
        wanted = turn.person.id if to is None else to
        return "\n".join(self.wording.word(said.text, "en", "chị") for said in turn.said if said.to == wanted)

    def sends(self, village: str, at: datetime) -> None:
        """Let a village have sent its report."""
        reports = self.records(at).reports
        held = reports.hold(self.villages[village], "monthly", "2026-11")
        sent = Submission(number=1, form_version=1, values={}, sha256="", at=at, by=self.reporter)
        reports.save(
            msgspec.structs.replace(held, state="submitted", receipt=f"UH-{village}", submissions=(sent,))
        )

    def reporters(self, village: str, at: datetime = LATE) -> list[int]:
        return [one.id for one in self.records(at).people.holding("reporter", self.villages[village])]


@pytest.fixture
def place(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Place]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield Place(connection, bookcase, wording)
    database.close()


def test_a_village_whose_reporter_never_came_is_late_with_its_reason(place: Place) -> None:
    told = place.told(place.says(place.head, "what is late"))
    assert "nobody could be reminded: anh Khoa has not come with the code" in told
    assert "thôn Trung" in told


def test_a_village_with_nobody_invited_is_not_called_late(place: Place) -> None:
    place.connection.execute(t.invitations.delete())
    assert "thôn Đình" not in place.told(place.says(place.head, "what is late"))


def test_nothing_is_late_for_a_village_before_anybody_of_the_commune_was_here(place: Place) -> None:
    place.connection.execute(update(t.roles).values(since=LATE))
    assert place.told(place.says(place.head, "what is late")) == "Nothing is late any more."


def test_somebody_sends_for_a_village_for_one_period_only(place: Place) -> None:
    hien = place.person("Hiền", "member", place.teams["Đình"])
    turn = place.says(place.head, "thon dinh giao chi Hien", "agreed")
    assert place.reporters("Đình") == [hien]
    assert place.told(turn, hien).splitlines()[0] == (
        "Lâm asks you to send the 11/2026 report of thôn Đình, xã Ứng Hòa."
    )
    last = datetime(2026, 12, 14, 23, 59, tzinfo=clock.VIETNAM)
    assert place.reporters("Đình", last) == [hien]
    assert place.reporters("Đình", last + timedelta(minutes=1)) == []


def test_whoever_is_asked_to_send_reads_the_forms_short_name_in_their_language(place: Place) -> None:
    hien = place.person("Hiền", "member", place.teams["Đình"])
    place.connection.execute(
        update(t.conversations)
        .where(t.conversations.c.id == hien)
        .values(person=msgspec.json.encode(Person(name="Hiền", address="chị", lang="vi")).decode())
    )
    called = Words(vi="hộ dân", en="households")
    forms = [msgspec.structs.replace(form, called=called) for form in place.shelf.forms.values()]
    place.shelf = msgspec.structs.replace(place.shelf, forms=Forms(forms))
    turn = place.says(place.head, "thon dinh giao chi Hien", "agreed")
    said = next(said.text for said in turn.said if said.to == hien)
    assert "báo cáo hộ dân tháng 11/2026" in place.wording.word(said, "vi", "chị")


def test_nobody_sends_before_it_is_agreed_and_another_can_be_chosen(place: Place) -> None:
    place.person("Hiền", "member", place.teams["Đình"])
    nga = place.person("Nga", "lead", place.teams["Đoài"])
    turn = place.says(place.head, "thon dinh giao chi Hien")
    assert place.reporters("Đình") == []
    turn = place.hears(place.head, incoming(choice=f"other@{turn.talk.context}"), turn.talk)
    turn = place.hears(place.head, incoming("chị Nga"), turn.talk)
    place.hears(place.head, incoming(choice=f"agreed@{turn.talk.context}"), turn.talk)
    assert place.reporters("Đình") == [nga]


def test_of_two_with_one_name_the_one_of_the_village_is_meant(place: Place) -> None:
    place.person("Hiền", "member", place.teams["Đoài"])
    ours = place.person("Hiền", "member", place.teams["Đình"])
    assert place.says(place.head, "thon dinh giao chi Hien").talk.kept["to"] == str(ours)


@pytest.mark.parametrize(("name", "told"), [("Hoa", "Several are called so."), ("Xuân", "called “xuan”")])
def test_a_name_that_is_of_several_or_nobody_is_asked_about(place: Place, name: str, told: str) -> None:
    place.person("Hoa", "member", place.teams["Đoài"])
    place.person("Hoa", "lead", place.teams["Đoài"])
    turn = place.says(place.head, f"giao thôn Đình cho {name}")
    assert told in place.told(turn)
    assert "to" not in turn.talk.kept


def test_whoever_is_on_leave_is_not_chosen(place: Place) -> None:
    hien = place.person("Hiền", "member", place.teams["Đình"])
    place.records().people.go(hien, LATE - timedelta(days=1), LATE + timedelta(days=3))
    place.person("Nga", "lead", place.teams["Đoài"])
    assert "Nobody there is called" in place.told(place.says(place.head, "thon dinh giao chi Hien"))


def test_whoever_reports_lets_somebody_else_send_their_next_report(place: Place) -> None:
    nga = place.person("Nga", "lead", place.teams["Đoài"])
    early = datetime(2026, 11, 11, 9, 0, tzinfo=clock.VIETNAM)
    turn = place.says(place.reporter, "somebody else sends", "Nga", "agreed", at=early)
    assert "may send it now" in place.told(turn)
    assert place.reporters("Trung", early) == [place.reporter, nga]


def test_a_volunteer_gives_nothing_away_by_such_words(place: Place) -> None:
    hien = place.person("Hiền", "member", place.teams["Đình"])
    turn = place.says(hien, "thon trung giao chi Hien")
    assert turn.talk.doing != "form handing"


def test_what_was_sent_meanwhile_needs_nobody(place: Place) -> None:
    place.person("Hiền", "member", place.teams["Đình"])
    turn = place.says(place.head, "thon dinh giao chi Hien")
    place.sends("Đình", LATE)
    turn = place.hears(place.head, incoming("agreed"), turn.talk)
    assert place.told(turn) == "The report has been sent; there is nothing left to remind of."
    assert place.reporters("Đình") == []


def test_words_behind_the_yes_that_mean_nothing_are_said_so(place: Place) -> None:
    place.person("Hiền", "member", place.teams["Đình"])
    turn = place.says(place.head, "thon dinh giao chi Hien", "1, việc kia giao anh Sơn")
    assert "Not understood: “việc kia giao anh Sơn”" in place.told(turn)


@pytest.mark.parametrize(
    "words", ["chị Lâm giao chị Hiền việc nhà", "giao", "thôn Nào giao anh Sơn", "give up"]
)
def test_other_words_are_left_to_other_conversations(place: Place, words: str) -> None:
    assert place.says(place.head, words).talk.doing != "form handing"


def test_who_heads_a_village_is_no_official_of_the_commune(place: Place) -> None:
    minh = place.person("Minh", "head", place.villages["Trung"])
    turn = place.says(place.head, "menu")
    request = place.records().requests.open(Request(citizen=99, commune=COMMUNE, words="quên mật khẩu"))
    assert cases.standings(turn, minh, request) == {"nobody"}
    assert cases.standings(turn, place.head, request) == {"head"}
    assert [one.id for one in cases.office(turn, COMMUNE)] == [place.head]


# --- all are here ---


def arrive(place: Place, village: str, at: datetime) -> str:
    """Give what the head hears once this village has sent."""
    place.sends(village, at)
    turn = place.hears(place.reporter, incoming("menu"), at=at)
    case = filing.find(turn, f"{place.villages[village]}:monthly:2026-11")
    assert case is not None
    turn.said.clear()
    delays.arrived(turn, case)
    return place.told(turn, place.head)


def test_the_head_hears_once_the_last_late_one_has_come(place: Place) -> None:
    assert arrive(place, "Trung", LATE) == ""
    said = arrive(place, "Đình", LATE + timedelta(hours=5))
    assert said.splitlines()[0] == "All offices have sent 11/2026: 2."
    assert [line.split(":")[0] for line in said.splitlines()[2:]] == ["• thôn Trung", "• thôn Đình"]


def test_nothing_is_told_where_all_came_in_time(place: Place) -> None:
    assert arrive(place, "Trung", LATE - timedelta(days=1)) == ""
    assert arrive(place, "Đình", LATE - timedelta(days=1)) == ""


def test_a_village_that_began_later_is_not_waited_for(place: Place) -> None:
    began = update(t.units).where(t.units.c.id == place.villages["Đình"]).values(since=LATE)
    place.connection.execute(began)
    assert arrive(place, "Trung", LATE).splitlines()[0] == "All offices have sent 11/2026: 1."


def test_a_form_that_only_schools_owe_is_neither_a_villages_month_nor_a_communes_target(place: Place) -> None:
    turn = place.hears(place.head, incoming("menu"))
    day = date(2026, 11, 20)
    assert target_setting._forms(turn, 5) == ["monthly"]
    assert visits._period(turn, day) == (date(2026, 11, 15), date(2026, 12, 14))
    monthly = msgspec.structs.replace(turn.shelf.forms["monthly"], owed_by=("school",))
    turn.shelf = msgspec.structs.replace(turn.shelf, forms=Forms([monthly]))
    assert target_setting._forms(turn, 5) == []
    assert visits._period(turn, day) == (date(2026, 11, 1), date(2026, 11, 30))


# --- a sum, and a picture beside an answer ---


@pytest.mark.parametrize(
    ("words", "figures", "parts"),
    [
        ("Sổ thu vệ sinh 872 lượt, cộng 412 lượt như mọi tháng.", [1284], (872, 412)),
        ("872 + 412", [1284], (872, 412)),
        ("1.000 cong them 284", [1284], (1000, 284)),
        ("872 lượt cộng 412 lượt cộng 16 lượt", [1300], (872, 412, 16)),
        ("872 plus 412", [1284], (872, 412)),
        ("872 lượt, cộng 400 lượt", [1284], None),  # it does not add up: nothing is said
        ("872 lượt và 412 lượt", [1284], None),  # no word of a sum
        ("ngày 16/11 cộng 5", [21], None),  # a day is no number
        ("98,17% cộng 2", [100], None),
        ("3 cộng 4", [7], None),  # so small a figure fits by chance
        ("số này lấy ở sổ", [1284], None),
    ],
)
def test_a_sum_in_a_sentence_is_told_where_it_makes_a_figure(
    words: str, figures: list[int], parts: tuple[int, ...] | None
) -> None:
    found = adding.fitting(words, figures)
    assert (found.parts if found else None) == parts


def answering(place: Place) -> Turn:
    place.sends("Trung", LATE - timedelta(days=2))
    place.person("Minh", "head", place.villages["Trung"])
    key = f"{place.villages['Trung']}:monthly:2026-11/1"
    return place.hears(place.reporter, incoming(choice=f"answer-head@{key}"))


def photo(words: str = "") -> Incoming:
    return msgspec.structs.replace(incoming(words), attachment=Attachment(kind="photo", ref="p1"))


def test_a_photo_goes_with_the_answer_and_the_answer_is_still_waited_for(place: Place) -> None:
    turn = answering(place)
    turn = place.hears(place.reporter, photo(), turn.talk)
    assert place.told(turn).splitlines() == [
        "It goes to the head as well.",
        "Type the answer; it goes to the head as you write it.",
    ]
    row = place.connection.execute(select(t.media)).one()
    assert (row.state, row.about) == ("wanted", f"report:{place.villages['Trung']}:monthly:2026-11/1")


def test_a_photo_with_words_is_the_answer_and_so_is_one_that_follows_it(place: Place) -> None:
    turn = answering(place)
    turn = place.hears(place.reporter, photo("Trang tổng của sổ đây ạ"), turn.talk)
    assert place.told(turn) == "Passed on."
    turn = place.hears(place.reporter, photo(), turn.talk)
    assert place.told(turn) == "It goes to the head as well."
    assert place.hears(place.reporter, incoming("hello"), turn.talk).talk.at != "officer-answered"


@pytest.mark.parametrize(
    ("event", "told"), [("media.kept", "(sent a photo)"), ("media.refused", "could not be fetched")]
)
def test_what_was_fetched_reaches_the_head_and_what_was_not_its_sender(
    place: Place, event: str, told: str
) -> None:
    turn = answering(place)
    head = place.records().people.holding("head", place.villages["Trung"])[0].id
    place.hears(place.reporter, photo(), turn.talk)
    row = place.connection.execute(select(t.media)).one()
    due = Due(name=event, about=row.about, at=LATE, facts={"code": row.code})
    turn = place.hears(99, due)
    assert told in place.told(turn, head if event == "media.kept" else place.reporter)


# --- the bare word ---


def test_duyet_approves_only_what_the_head_has_before_them(place: Place) -> None:
    place.sends("Trung", LATE - timedelta(days=2))
    minh = place.person("Minh", "head", place.villages["Trung"])
    shown = place.says(minh, "duyệt")
    assert "has sent" in place.told(shown)  # shown first, approved with the next word
    turn = place.hears(minh, incoming("duyệt"), shown.talk)
    assert place.told(turn).startswith("Approved at")


def test_duyet_under_a_list_of_what_waits_only_shows(place: Place) -> None:
    place.sends("Trung", LATE - timedelta(days=2))
    minh = place.person("Minh", "head", place.villages["Trung"])
    turn = place.says(minh, "situation", "duyệt")
    report = place.records().reports.get(place.villages["Trung"], "monthly", "2026-11")
    assert report.state == "submitted", place.told(turn)


@pytest.mark.parametrize(
    ("name", "village"),
    [("thôn Đoài", True), ("Tổ dân phố 7", True), ("tổ 7", True), ("bản Pá Hốc", True), ("ấp 3", True),
     ("Ban Chỉ huy quân sự", False), ("Phòng Văn hóa", False), ("tổ công tác", False), ("", False)],
)  # fmt: skip
def test_a_village_is_known_by_how_its_name_begins(name: str, village: bool) -> None:
    assert routing.is_village(name) is village
