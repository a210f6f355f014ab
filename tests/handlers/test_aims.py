"""What an indicator is to reach: the words that say so, what is refused, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import aims
from handlers.records.targets import Aim
from handlers.rules import aiming
from handlers.talk import Talk
from handlers.turn import Turn
from tests.handlers.test_late import MONDAY
from tests.handlers.test_roles import Office
from tests.handlers.turning import incoming

THURSDAY = date(2026, 11, 12)
YEAR_END = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "number", "hundredths", "day"),
    [
        ("đặt chỉ tiêu 6 40% đến 31/12", 6, 4000, YEAR_END),
        ("dat chi tieu 6 la 40% den 31/12/2026", 6, 4000, YEAR_END),
        ("đặt mục tiêu 40,5% cho chỉ tiêu 6 đến hết năm", 6, 4050, YEAR_END),
        ("Mục tiêu chỉ tiêu số 6: 40.25 phần trăm, trước 31/12", 6, 4025, YEAR_END),
        ("set indicator 6 to 40% by 31/12", 6, 4000, YEAR_END),
        ("set a target of 40% for indicator 6 by December 31", 6, 4000, YEAR_END),
        ("đặt chỉ tiêu 6 40%", 6, 4000, None),
        ("đặt chỉ tiêu 6 0% đến 31/12", 6, 0, YEAR_END),
        ("đặt chỉ tiêu 6 140% đến 31/12", 6, 14000, YEAR_END),
    ],
)
def test_a_line_says_what_an_indicator_is_to_reach(
    text: str, number: int, hundredths: int, day: date | None
) -> None:
    assert aiming.read(text, THURSDAY) == aiming.Aimed(number, hundredths, day)


@pytest.mark.parametrize(
    "text",
    [
        "đặt mục tiêu 500 chỉ tiêu 6",  # a count, with a daily figure
        "đặt mục tiêu 500 hộ cài VNeID",
        "chỉ tiêu 6: 40%",
        "chỉ tiêu 6 có nhích lên không",
        "đặt chỉ tiêu 6 từ 30% lên 40%",
        "đặt lịch khám chỉ tiêu 6 40%",
        "mục tiêu 12",
    ],
)
def test_other_lines_say_no_such_thing(text: str) -> None:
    assert aiming.read(text, THURSDAY) is None


def test_a_line_takes_it_back() -> None:
    assert [
        aiming.dropped(text) for text in ("bỏ mục tiêu chỉ tiêu 6", "drop the target of indicator 12")
    ] == [
        6,
        12,
    ]
    assert [aiming.dropped(text) for text in ("bỏ mục tiêu vneid", "bỏ chỉ tiêu 6")] == [0, 0]


@pytest.fixture
def office(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield Office(connection, bookcase.shelf(), wording)
    database.close()


def read_back(office: Office, text: str) -> Turn:
    turn = office.says("head", text)
    assert "Is that right?" in office.told(turn)
    return turn


def pressed(office: Office, turn: Turn, choice: str) -> str:
    """Press a choice of what was said, as its contexts are carried."""
    (context,) = [way.context for said in turn.said for way in said.choices if way.name == choice]
    assert aims.CARDS[choice](turn, context)
    return office.told(turn)


def kept(office: Office) -> dict[str, Aim]:
    return StoredRecords(office.connection, MONDAY).targets.aims(office.office, "monthly")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("set indicator 6 to 140% by 31/12", "at most 100"),
        ("set indicator 6 to 0% by 31/12", "above 0"),
        ("set indicator 6 to 40%", "Until which day?"),
        ("set indicator 6 to 40% by 1/11/2026", "Until which day?"),
        ("set indicator 6 to 40% by 31/12/2036", "Until which day?"),
        ("set indicator 5 to 40% by 31/12", "asks for a percentage of number 5"),
        ("set indicator 99 to 40% by 31/12", "asks for a percentage of number 99"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(office: Office, text: str, said: str) -> None:
    assert said in office.told(office.says("head", text))
    assert kept(office) == {}


def test_it_is_kept_by_a_tap_and_by_a_second_one_not_again(office: Office) -> None:
    turn = read_back(office, "set indicator 6 to 40% by 31/12")
    assert "Kept: 40% by" in pressed(office, turn, "aim-set")
    assert kept(office) == {
        "services-used-online": Aim("services-used-online", 4000, YEAR_END, turn.person.id)
    }
    assert len(turn.notes) == 1
    pressed(office, turn, "aim-set")
    assert len(turn.notes) == 1


def test_the_newest_counts_until_it_is_taken_back(office: Office) -> None:
    for percent in ("40", "35.5"):
        pressed(office, read_back(office, f"set indicator 6 to {percent}% by 31/12"), "aim-set")
    assert kept(office)["services-used-online"].hundredths == 3550
    assert "Taken back: 35.5%" in office.told(office.says("officer", "drop the target of indicator 6"))
    assert kept(office) == {}
    assert "Nothing was set" in office.told(office.says("officer", "drop the target of indicator 6"))


def test_what_is_left_as_it_was_keeps_nothing(office: Office) -> None:
    turn = read_back(office, "set indicator 6 to 40% by 31/12")
    assert "nothing was changed" in pressed(office, turn, "aim-leave")
    assert kept(office) == {}


@pytest.mark.parametrize(
    "context", ["x", "1/monthly/6", "1/monthly/6/4000/20261399", "999/monthly/6/4000/20261231"]
)
def test_a_button_that_names_nothing_changes_nothing(office: Office, context: str) -> None:
    turn = Turn(
        event=incoming(choice=f"aim-set@{context}"),
        person=office.says("head", "menu").person,
        talk=Talk(met=True),
        now=MONDAY,
        shelf=office.shelf,
        records=StoredRecords(office.connection, MONDAY),
        staff=True,
    )
    aims.keep(turn, context)
    assert kept(office) == {}
    assert turn.notes == []
