"""A commune's list of villages edited in the chat: what is kept, who helps where, and lists imported afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from bot import clock
from bot.lists import keeping
from bot.lists.kinds import Kind
from bot.store import tables as t
from bot.store.announcements import StoredAnnouncements
from bot.store.database import Database
from bot.store.people import StoredPeople
from bot.store.villages import StoredVillages, edited_by, sign_over
from bot.wording import Wording
from handlers.records.villages import Act, Edit
from handlers.rules.routing import route, village_of
from knowledge.places import Places

NOW = datetime(2026, 11, 9, 2, tzinfo=UTC)
TODAY = date(2026, 11, 9)
COMMUNE = "10402"
VILLAGES = "mã;tên;địa bàn\nD;thôn Đoài;10402\nN;thôn Đình;10402\n;tổ dân phố 7;10402\n"
TEAMS = "tên;địa bàn;thôn, tổ phụ trách\nthôn Đoài;10402;\nđội Đình;10402;thôn Đình\nxã Ứng Hòa;10402;\n"
PLACES, WORDING = Places.load(), Wording()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A commune with three villages, a team in each of two, and one of the whole commune."""
    clock.stop_at(NOW)
    opened = Database(url)
    assert bring(opened, "villages", VILLAGES) == (3, 0, [])
    assert bring(opened, "teams", TEAMS) == (3, 0, [])
    yield opened
    opened.close()
    clock.reset()


def bring(database: Database, kind: Kind, content: str) -> tuple[int, int, list[str]]:
    """Import a list; give how much was new and changed, and what was told."""
    done = keeping.bring(database, kind, content.encode(), WORDING, PLACES)
    told = [*(problem.text for problem in done.problems), *done.notices]
    return done.added, done.changed, [WORDING.word(text, "vi") for text in told]


def edit(database: Database, act: Act, *ended: int, name: str = "", heir: int = 0) -> Edit | None:
    """Change the list from today on."""
    change = Edit(commune=COMMUNE, act=act, ended=ended, heir=heir, name=name, day=TODAY, by=7)
    with database.write() as connection:
        return StoredVillages(connection, NOW).keep(change)


def teams_of(database: Database, *names: str) -> list[tuple[str, str]]:
    """Give the team to which each name leads, and what it calls the village."""
    with database.read() as connection:
        teams = StoredPeople(connection, NOW).units("team", COMMUNE)
    found = [(route(teams, name).team, name) for name in names]
    return [(team.name, village_of(team, name)) if team else ("", "") for team, name in found]


def everything(database: Database) -> dict[str, list[Any]]:
    with database.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))]
            for table in (t.villages, t.covers, t.units, t.village_edits, t.audit)
        }


def test_a_renamed_village_keeps_its_team_and_is_known_by_both_names(database: Database) -> None:
    kept = edit(database, "rename", 1, name="thôn Mới")
    assert kept is not None
    assert (kept.ended, kept.heir, kept.at) == ((1,), 4, NOW)
    assert teams_of(database, "thon doai", "thôn Mới") == [("thôn Đoài", "thôn Mới")] * 2
    with database.write() as connection:
        StoredVillages(connection, NOW).rename_teams(kept)
        assert connection.scalar(select(t.units.c.village).where(t.units.c.name == "thôn Đoài")) == "thôn Mới"


def test_of_two_villages_made_one_the_team_of_the_first_goes_on(database: Database) -> None:
    assert edit(database, "merge", 1, 2, name="thôn Thống Nhất") is not None
    told = teams_of(database, "thôn Đoài", "thôn Đình", "thôn Thống Nhất")
    assert told == [("thôn Đoài", "thôn Thống Nhất")] * 3


def test_a_village_merged_into_another_is_helped_by_that_ones_team(database: Database) -> None:
    assert edit(database, "merge", 1, name="thôn Đình", heir=2) is not None
    assert teams_of(database, "thôn Đoài", "thôn Đình") == [("đội Đình", "thôn Đình")] * 2


def test_a_team_whose_villages_have_all_ended_is_none_of_the_whole_commune(database: Database) -> None:
    assert edit(database, "end", 1) is not None
    assert teams_of(database, "thôn Đoài", "thôn Xa") == [("xã Ứng Hòa", "")] * 2
    with database.read() as connection:
        teams = {unit.name: unit.ended for unit in StoredPeople(connection, NOW).units("team", COMMUNE)}
    assert teams == {"thôn Đoài": True, "đội Đình": False, "xã Ứng Hòa": False}


@pytest.mark.parametrize("name", ["thôn Đình", "thon dinh", "Đình", "tổ 7", "tdp 07"])
def test_a_name_that_the_commune_has_is_not_kept_twice(database: Database, name: str) -> None:
    assert edit(database, "rename", 1, name=name) is None
    assert edit(database, "add", name=name) is None
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(t.villages)) == 3


def test_of_two_who_change_the_same_village_the_second_changes_nothing(database: Database) -> None:
    assert edit(database, "rename", 1, name="thôn Mới") is not None
    before = everything(database)
    assert edit(database, "end", 1) is None
    assert edit(database, "merge", 2, name="thôn Đoài", heir=1) is None
    assert everything(database) == before


def test_what_was_so_before_can_still_be_read_with_who_changed_it(database: Database) -> None:
    edit(database, "rename", 1, name="thôn Mới")
    edit(database, "merge", 4, 2, name="thôn Thống Nhất")
    edit(database, "add", name="thôn Xa")
    with database.write() as connection:
        listed = StoredVillages(connection, NOW).listed(COMMUNE)
        history = StoredVillages(connection, NOW).history(COMMUNE, 8)
        assert [village.name for village in listed] == ["tổ dân phố 7", "thôn Thống Nhất", "thôn Xa"]
        assert [(one.act, one.ended, one.name, one.by, one.day) for one in history] == [
            ("add", (), "thôn Xa", 7, TODAY),
            ("merge", (4, 2), "thôn Thống Nhất", 7, TODAY),
            ("rename", (1,), "thôn Mới", 7, TODAY),
        ]
        sign_over(connection, 7, 8)
        assert [one["name"] for one in edited_by(connection, 8)] == ["thôn Mới", "thôn Thống Nhất", "thôn Xa"]
        assert edited_by(connection, 7) == []


# --- lists imported afterwards ---

NEWER = (
    # with a row for the old name and one for the new, as the page about lists says
    "mã;tên;địa bàn;đến ngày;nhập vào\nD;thôn Đoài;10402;8/11/2026;thôn Mới\n;thôn Mới;10402;;\nN;thôn Đình;10402;;\n",
    # with the new name in the place of the old one
    "mã;tên;địa bàn\nD;thôn Mới;10402\nN;thôn Đình;10402\n",
)


def test_a_list_from_before_changes_nothing_that_the_chat_has_changed(database: Database) -> None:
    edit(database, "rename", 1, name="thôn Mới")
    edit(database, "end", 2)
    before = everything(database)
    told = [
        'Dòng 2: "thôn Đoài" thành "thôn Mới" từ thứ Hai 9/11/2026, đã ghi qua tin nhắn. Giữ nguyên như vậy.',
        'Dòng 3: "thôn Đình" không còn từ thứ Hai 9/11/2026, đã ghi qua tin nhắn. Giữ nguyên như vậy.',
    ]
    assert bring(database, "villages", VILLAGES) == (0, 0, told)
    assert everything(database) == before


@pytest.mark.parametrize("newer", NEWER, ids=["two-rows", "one-row"])
def test_a_list_that_knows_the_change_agrees_with_it_and_twice_changes_nothing(
    database: Database, newer: str
) -> None:
    edit(database, "rename", 1, name="thôn Mới")
    added, _changed, told = bring(database, "villages", newer)
    assert (added, told) == (0, [])
    before = everything(database)
    assert bring(database, "villages", newer) == (0, 0, [])
    assert everything(database) == before
    with database.read() as connection:
        listed = {one.name: one for one in StoredVillages(connection, NOW).listed(COMMUNE)}
    assert set(listed) == {"thôn Mới", "thôn Đình", "tổ dân phố 7"}
    assert listed["thôn Mới"].since == datetime(2026, 11, 8, 17, tzinfo=UTC)
    assert teams_of(database, "thôn Đoài", "thôn Mới") == [("thôn Đoài", "thôn Mới")] * 2


def test_a_list_of_teams_from_before_leaves_each_where_it_helps_now(database: Database) -> None:
    kept = edit(database, "rename", 1, name="thôn Mới")
    assert kept is not None
    with database.write() as connection:
        StoredVillages(connection, NOW).rename_teams(kept)
    assert edit(database, "merge", 2, name="tổ dân phố 7", heir=3) is not None
    assert bring(database, "teams", TEAMS)[2] == []
    before = everything(database)
    assert bring(database, "teams", TEAMS) == (0, 0, [])
    assert everything(database) == before
    assert teams_of(database, "thôn Đoài", "thôn Đình") == [
        ("thôn Đoài", "thôn Mới"),
        ("đội Đình", "tổ dân phố 7"),
    ]


def test_an_ended_village_makes_its_team_none_of_the_whole_commune_by_an_import(database: Database) -> None:
    edit(database, "end", 1)
    assert bring(database, "teams", TEAMS) == (0, 0, [])
    assert teams_of(database, "thôn Đoài") == [("xã Ứng Hòa", "")]


def test_a_list_judged_before_the_chat_changed_it_is_judged_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = keeping.JUDGES["villages"]
    done: list[Edit | None] = []

    def meanwhile(*known: Any) -> Any:
        found = judged(*known)
        if not done:
            done.append(edit(database, "rename", 1, name="thôn Mới"))
        return found

    monkeypatch.setitem(keeping.JUDGES, "villages", meanwhile)
    added, changed, told = bring(database, "villages", VILLAGES + "X;thôn Xa;10402\n")
    assert (added, changed, len(told)) == (1, 0, 1)
    assert teams_of(database, "thôn Mới") == [("thôn Đoài", "thôn Mới")]


# --- people ---


def test_news_of_a_renamed_village_reaches_whoever_knows_it_by_its_old_name(database: Database) -> None:
    edit(database, "rename", 1, name="thôn Mới")
    with database.write() as connection:
        for number, village in enumerate(("thôn Đoài", "thon moi", "thôn Đình"), 50):
            values = {"id": number, "touched": NOW, "commune": COMMUNE, "village": village, "news": t.WANTED}
            connection.execute(insert(t.conversations).values(values))
            connection.execute(
                insert(t.contacts).values(account="web", chat=village, conversation=number, heard=NOW)
            )
        reach = StoredAnnouncements(connection, NOW).reach(1, "village", "thôn Mới", {})
    assert reach.people == 2
