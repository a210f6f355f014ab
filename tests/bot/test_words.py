"""Texts for platforms without buttons."""

from __future__ import annotations

import pytest

from bot.channels.words import numbered, parts
from handlers.talk import Button, Message

YES, NO = Button("yes", "Đúng"), Button("no", "Không phải")


def test_choices_are_numbered_under_the_words() -> None:
    assert numbered(Message("Đúng chưa?", (YES, NO))) == "Đúng chưa?\n1. Đúng\n2. Không phải"


def test_where_a_figure_is_due_choices_are_letters() -> None:
    assert numbered(Message("Bao nhiêu?", (YES, NO), letters=True)) == "Bao nhiêu?\na. Đúng\nb. Không phải"


def test_a_card_says_what_to_type() -> None:
    card = Message("Việc mới **YC-4K7**", (Button("claim@4K7", "Nhận", "NHẬN 4K7"),))
    assert numbered(card) == "Việc mới **YC-4K7**\n• Nhận: NHẬN 4K7"


def test_a_link_is_written_once() -> None:
    assert numbered(Message("Xem", link="https://a.vn")) == "Xem\nhttps://a.vn"
    assert numbered(Message("Xem https://a.vn", link="https://a.vn")) == "Xem https://a.vn"


WORDS = "chữ " * 480 + "hết"  # 1,923 letters


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("ngắn", [4]),
        (f"{WORDS}\n\n{WORDS}", [1923, 1923]),
        (f"{'a' * 1200}\n\n{'b' * 1200}\n\n{'c' * 400}", [1200, 1602]),
        (f"{'a' * 1200}\n{'b' * 600} {'c' * 600}", [1200, 1201]),
        (f"Chào cô.\n\n{WORDS} {WORDS}", [1997, 1859]),  # and not a message of its own for the greeting
        (f"Chào.\n{'a' * 1999}", [5, 1999]),
        ("a" * 4001, [2000, 2000, 1]),
    ],
)
def test_a_long_text_is_cut_where_nobody_minds_and_not_after_its_first_words(
    text: str, lengths: list[int]
) -> None:
    assert [end - start for start, end in parts(text, 2000)] == lengths
