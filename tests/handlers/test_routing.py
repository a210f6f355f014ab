"""Which team a request goes to."""

from __future__ import annotations

import pytest

from handlers.records.people import Unit, Village
from handlers.rules.routing import Route, route, same_village, team_for, village_of


def team(number: int, *villages: str, formerly: str = "") -> Unit:
    """A team that covers these villages, the first of which had another name."""
    covers = tuple(Village(10 * number + place, name) for place, name in enumerate(villages))
    before = (Village(10 * number, formerly),) if formerly else ()
    return Unit(number, "team", f"team {number}", "00001", covers=covers, formerly=before)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tổ dân phố 7", "tổ 7"),
        ("tổ dân phố 7", "to 7"),
        ("tổ dân phố 7", "TDP 7"),
        ("tổ dân phố 7", "tdp7"),
        ("tổ dân phố 7", "tổ dân phố số 7"),
        ("tổ dân phố 7", "Tổ 07"),
        ("tổ dân phố 7", "7"),
        ("tổ dân phố 7", "residential group 7"),
        ("tổ dân phố 7", "group 7, ward"),
        ("thôn Đoài", "thon doai"),
        ("thôn Đoài", "Đoài"),
        ("thôn Đoài", "thôn đoài"),
        ("khu phố 3", "KP 3"),
        ("khu phố 3", "kp3"),
        ("ấp Bình Hòa 1", "ap binh hoa 1"),
        ("buôn Ea Pốk", "buon ea pok"),
        ("thôn Toàn Thắng", "Toan Thang"),  # no "tổ" in it
        ("thôn Làng Vạc", "làng Vạc"),
        ("thôn Đình", "thôn Dinh"),  # typed without accents it may well be meant
    ],
)
def test_a_village_is_known_by_its_name_however_it_is_written(one: str, other: str) -> None:
    assert same_village(one, other)
    assert same_village(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tổ dân phố 7", "tổ 17"),
        ("tổ dân phố 7", "tổ 70"),
        ("tổ dân phố 7", "khu phố 7"),
        ("thôn 7", "tổ 7"),
        ("thôn Đình", "thôn Định"),
        ("thôn Đoài", ""),
        ("", ""),
        ("", "tổ 7"),
    ],
)
def test_other_villages_stay_others(one: str, other: str) -> None:
    assert not same_village(one, other)
    assert not same_village(other, one)


@pytest.mark.parametrize(
    ("village", "number"),
    [
        ("tổ 7", 2),
        ("to 8", 3),
        ("tổ 9", 1),  # no team of its own: the commune's
        ("", 1),
        ("thôn Đình", 4),
        ("thôn Định", 5),
        ("thon dinh", 1),  # may be either of two: nobody guesses
    ],
)
def test_a_request_goes_to_the_village_and_else_to_the_commune(village: str, number: int) -> None:
    teams = [
        team(1),
        team(2, "tổ dân phố 7"),
        team(3, "tổ dân phố 8"),
        team(4, "thôn Đình"),
        team(5, "thôn Định"),
    ]
    found = team_for(teams, village)
    assert found is not None
    assert found.id == number


def test_where_nobody_helps_there_is_no_team() -> None:
    assert team_for([], "tổ 7") is None
    assert route([], "tổ 7") == Route(None, "office")
    assert team_for([team(2, "tổ dân phố 7")], "tổ 8") is None
    assert team_for([team(2, "tổ dân phố 7")], "") is None


@pytest.mark.parametrize(
    ("village", "number", "today", "why"),
    [
        ("thôn Đông", 2, "thôn Đông", "village"),
        ("thon tay", 2, "thôn Tây", "village"),  # one team helps in both
        ("xóm Cầu", 2, "thôn Đông", "formerly"),  # called so before the villages were rearranged
        ("tổ 3", 4, "tổ dân phố 3", "village"),  # an old name that is another village's today means today's
        ("thôn Nam", 1, "", "commune"),
    ],
)
def test_a_team_covers_several_villages_by_their_old_names_too_and_it_is_said_why(
    village: str, number: int, today: str, why: str
) -> None:
    teams = [
        team(1),
        team(2, "thôn Đông", "thôn Tây", formerly="xóm Cầu"),
        team(3, "thôn Bắc", formerly="tổ 3"),
        team(4, "tổ dân phố 3"),
    ]
    found = team_for(teams, village)
    assert found is not None
    assert (found.id, village_of(found, village)) == (number, today)
    assert route(teams, village) == Route(found, why)  # type: ignore[arg-type]
