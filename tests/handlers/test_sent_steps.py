"""What a helper types to the citizen and Tổ Số hears: a step to be sent, and that the guide goes on."""

from __future__ import annotations

from typing import cast

import msgspec
import pytest

from handlers import canned, published
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.talk import Talk
from handlers.team import hands_back
from handlers.turn import Turn


class _Asked(msgspec.Struct):
    """As much of a turn as is looked at before anything is sent."""

    person: Person


def is_no_step(words: str, address: str = "chị", citizen: str = "bác") -> bool:
    """Say that these words go to the citizen as they are; whatever is a step asks the turn for more than it has."""
    turn = cast("Turn", _Asked(Person(id=2, address=address)))
    try:
        return not canned.sent(turn, Request(citizen=1, address=citizen), words)
    except AttributeError:
        return False


@pytest.mark.parametrize(
    "words",
    [
        "gửi bước B71",
        "gửi bước B71 cho bác ấy",
        "gui buoc b71 cho bac ay nhe",
        "Gửi bước này cho bác Tư xem nhé",
        "gửi bác ấy bước B71",
        "send step B71 to her",
        "send him this step",
    ],
)
def test_a_step_is_sent_at_a_line_that_asks_for_nothing_else(words: str) -> None:
    assert not is_no_step(words)


@pytest.mark.parametrize(
    "words",
    [
        "gửi bước B71 cho bác ấy, bác bấm vào rồi đọc to cho cháu nghe nhé",
        "gửi bước B71 cho bác ấy, gọi lại số 0912345678",
        "gửi bước đó cho chị xem nhé",  # she is the helper, and asks for a picture of it
        "gửi bước này cho tôi",
        "send this step to me",
    ],
)
def test_words_with_more_in_them_lose_nothing_and_go_to_the_citizen(words: str) -> None:
    assert is_no_step(words)


def test_who_is_called_like_the_helper_gets_the_step_all_the_same() -> None:
    assert not is_no_step("gửi bước B71 cho chị", address="chị", citizen="chị")
    assert not is_no_step("gửi bước B71 cho chị ấy", address="chị", citizen="bác")


def test_of_several_lines_that_waited_only_the_one_that_asks_for_a_step_becomes_one() -> None:
    waited = "gửi bước B71 cho bác ấy\nbác bấm vào đó nhé"
    assert canned.line_by_line(waited) == ["gửi bước B71 cho bác ấy", "bác bấm vào đó nhé"]
    assert canned.line_by_line("dòng một\ndòng hai") == ["dòng một\ndòng hai"]
    assert canned.line_by_line("gửi bước B71") == ["gửi bước B71"]


@pytest.mark.parametrize(
    ("words", "now"),
    [
        ("Chị trả lại cho Tổ Số hướng dẫn tiếp nhé.", True),
        ("Khi nào bị mắc thì gọi chị. Chị giao lại cho Tổ Số hướng dẫn tiếp.", True),
        ("Now I am giving you back to the guide.", True),
        ("Khi nào xong chị mới trả lại cho Tổ Số hướng dẫn tiếp", False),
        ("Nếu được rồi thì để Tổ Số hướng dẫn tiếp nhé", False),
        ("Lát nữa chị chuyển cho Tổ Số chỉ tiếp", False),
        ("When this works, Tổ Số will guide you on", False),
        ("Chưa chuyển cho Tổ Số hướng dẫn tiếp đâu bác", False),
    ],
)
def test_the_guide_goes_on_when_that_is_said_of_now(words: str, now: bool) -> None:
    assert hands_back(words) is now


class _Typed(msgspec.Struct):
    """As much of a turn as is looked at where words are none of ours."""

    text: str
    talk: Talk = Talk()
    event: None = None
    staff: bool = True


@pytest.mark.parametrize("doing", ["help 4K7", "form outcome"])
def test_a_helper_who_types_open_amid_their_talk_says_it_to_the_citizen(doing: str) -> None:
    assert not canned.opened(cast("Turn", _Typed("mở B71", Talk(doing=doing))))


def test_a_bare_withdraw_is_about_no_published_figures() -> None:
    assert not published.typed_card(cast("Turn", _Typed("withdraw")))
