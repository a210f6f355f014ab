"""What a team's group reads of a matter."""

from __future__ import annotations

from typing import cast

import msgspec

from bot.shelf import Bookcase
from handlers import group_cards
from handlers.records.requests import Request
from handlers.text import _
from handlers.turn import Shelf, Turn


class _Shelved(msgspec.Struct):
    """As much of a turn as a card in a group is made of."""

    shelf: Shelf


def test_neighbours_do_not_read_that_somebody_was_cheated_and_read_what_else_it_is(
    bookcase: Bookcase,
) -> None:
    turn = cast("Turn", _Shelved(bookcase.shelf()))
    cheated = Request(citizen=1, team=1, topic="safe.been-scammed")
    assert group_cards.matter(turn, cheated, "vi") == _("• Somebody needs help")
    topic = turn.shelf.library.topic("health.insurance", "vi")
    assert topic is not None
    told = group_cards.matter(turn, Request(citizen=1, team=1, topic=topic.id), "vi")
    assert told == _("• {topic}")(topic=topic.title)


def test_what_a_neighbour_would_not_want_to_be_read_of_is_not_named(bookcase: Bookcase) -> None:
    shelf = bookcase.shelf()
    turn = cast("Turn", _Shelved(shelf))
    assert {topic for topic in shelf.service.unnamed if shelf.library.topic(topic, "vi") is None} == set()
    for topic in ("justice.criminal-record", "social.allowance"):
        told = group_cards.matter(turn, Request(citizen=1, team=1, topic=topic), "vi")
        assert told == _("• Somebody needs help")
