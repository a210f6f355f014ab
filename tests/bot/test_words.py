"""Texts for platforms without buttons."""

from __future__ import annotations

from bot.channels.words import numbered
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
