"""Logging visits where one person works for several villages or teams."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Connection, insert, update

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk
from handlers.records.people import Person
from handlers.talk import Button, Talk
from handlers.turn import Turn
from tests.handlers.turning import NOW, incoming, told

HELPER = Person(id=1, lang="vi", name="Sơn", address="anh")


class Helper:
    """Somebody of one team with two villages, and of another without any."""

    def __init__(self, connection: Connection, bookcase: Bookcase, wording: Wording) -> None:
        self.connection, self.records = connection, StoredRecords(connection, NOW)
        self._shelf, self._wording = bookcase.shelf(), wording
        self._talk = Talk(met=True)

    def says(self, text: str) -> str:
        """Take a turn of these words and give the answer."""
        turn = Turn(
            event=incoming(text),
            person=HELPER,
            talk=self._talk,
            now=NOW,
            shelf=self._shelf,
            records=self.records,
            staff=True,
        )
        desk.decide(turn)
        offered = tuple(
            Button(f"{choice.name}@{choice.context}", self._wording.word(choice.label, "vi"))
            for choice in (turn.said[-1].choices if turn.said else ())
        )
        self._talk = msgspec.structs.replace(turn.talk, offered=offered)
        return told(turn, self._wording)


@pytest.fixture
def helper(url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Helper]:
    database = Database(url)
    with database.write() as connection:
        connection.execute(insert(t.conversations).values(id=1, touched=NOW))
        for number, name in ((1, "thôn Đoài và thôn Đình"), (2, "xã Ứng Hòa")):
            connection.execute(insert(t.units).values(id=number, kind="team", name=name, commune="10387"))
            connection.execute(
                insert(t.roles).values(person=1, kind="member", place=number, since=NOW - timedelta(days=9))
            )
        for number, name in ((1, "thôn Đoài"), (2, "thôn Đình")):
            connection.execute(insert(t.villages).values(id=number, commune="10387", name=name))
            connection.execute(insert(t.covers).values(unit=1, village=number))
        yield Helper(connection, bookcase, wording)
    database.close()


def test_a_village_of_the_list_tells_the_team(helper: Helper) -> None:
    assert "thôn Đình: **3 hộ**" in helper.says("hôm qua 3 hộ vneid ở thôn Dinh 30p")
    assert "Đã ghi" in helper.says("1")
    last = helper.records.visits.last(1)
    assert last is not None
    assert (last.unit, last.village, last.minutes) == (1, "thôn Đình", 30)


def test_where_no_village_is_told_team_and_village_are_asked_for(helper: Helper) -> None:
    assert helper.says("hôm qua 3 hộ vneid 30p") == "Ghi cho tổ nào?"
    assert helper.says("1") == "Ở thôn hay tổ dân phố nào?"
    assert "danh sách" in helper.says("thôn Trung")
    assert "thôn Đoài: **3 hộ**" in helper.says("doai")
    helper.says("đúng")
    last = helper.records.visits.last(1)
    assert last is not None
    assert (last.unit, last.village) == (1, "thôn Đoài")


def test_a_team_without_a_list_of_villages_keeps_the_place_as_it_was_told(helper: Helper) -> None:
    assert helper.says("hôm qua 3 hộ vneid xóm Trại 30p") == "Ghi cho tổ nào?"
    assert "xóm Trại: **3 hộ**" in helper.says("2")


def test_whose_role_has_ended_meanwhile_keeps_nothing(helper: Helper) -> None:
    helper.says("hôm qua 3 hộ vneid ở thôn Đình 30p")
    for role in helper.records.people.roles(1):
        helper.records.people.leave(role.id)
    assert "trong tổ công nghệ số" in helper.says("1")
    assert helper.records.visits.last(1) is None


# --- a sheet of several lines ---


def test_a_line_that_names_no_village_waits_for_its_own_and_the_others_stay(helper: Helper) -> None:
    said = helper.says("8/11 3 hộ vneid thôn Đình 30p\n8/11 2 hộ bhyt 20p")
    assert "1. 08/11, thôn Đình: 3 hộ" in said
    assert "2. **Chưa rõ**" in said
    assert "ghi thêm tên thôn" in said
    assert "2. 08/11, thôn Đoài: 2 hộ" in helper.says("2 thôn Đoài")
    assert "Đã ghi 2 dòng: 5 hộ." in helper.says("1")
    assert {visit.village for visit in helper.records.visits.on(1, NOW.date() - timedelta(days=1))} == {
        "thôn Đình",
        "thôn Đoài",
    }


def test_more_lines_than_fit_are_said_to_be_left_over(helper: Helper) -> None:
    said = helper.says("\n".join(f"8/11 {n} hộ vneid thôn Đình 30p" for n in range(1, 24)))
    assert "20. 08/11, thôn Đình: 20 hộ" in said
    assert "21." not in said
    assert "Còn 3 dòng chưa đọc" in said


def test_a_line_that_stands_twice_on_a_sheet_is_pointed_out_and_kept_once(helper: Helper) -> None:
    said = helper.says("8/11 3 hộ vneid thôn Đình 30p\n8/11 3 hộ vneid thôn Đình 45p")
    assert "2. 08/11, thôn Đình: 3 hộ, VNeID 3, 45 phút (trùng dòng 1)" in said
    assert "Đã ghi 1 dòng" in helper.says("Chỉ ghi dòng mới")


def test_of_a_sheet_nothing_is_kept_once_the_role_has_ended(helper: Helper) -> None:
    helper.says("8/11 3 hộ vneid thôn Đình 30p\n8/11 2 hộ bhyt thôn Đoài")
    for role in helper.records.people.roles(1):
        helper.records.people.leave(role.id)
    assert "trong tổ công nghệ số" in helper.says("1")
    assert helper.records.visits.last(1) is None


def test_a_sheet_goes_on_from_the_question_for_one_line(helper: Helper) -> None:
    helper.says("sổ thăm")
    assert "Tờ sổ có 2 dòng" in helper.says("8/11 3 hộ vneid thôn Đình 30p\n8/11 2 hộ bhyt thôn Đoài")


def test_the_old_name_of_a_village_is_understood_in_the_log(helper: Helper) -> None:
    v = t.villages
    helper.connection.execute(insert(v).values(id=3, commune="10387", name="thôn Thống Nhất"))
    helper.connection.execute(update(v).where(v.c.id == 2).values(until=NOW - timedelta(days=1), became=3))
    helper.connection.execute(insert(t.covers).values(unit=1, village=3))
    assert "thôn Thống Nhất: **3 hộ**" in helper.says("hôm qua 3 hộ vneid ở thôn Thống Nhất 30p")
    helper.says("3")
    assert helper.says("hôm qua 3 hộ vneid ở thôn Đình 30p") == "Ghi cho tổ nào?"
    assert "thôn Thống Nhất: **3 hộ**" in helper.says("1")
