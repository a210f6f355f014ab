"""A helper who blocks us is still reached while another of their channels is open."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from handlers.records.links import Chat
from handlers.signs import _elsewhere
from handlers.text import as_is
from handlers.turn import Turn
from tests.bot.races import MONDAY

LEAVING = Chat(1, as_is("Zalo"), MONDAY, "zalo_oa")
OPEN = Chat(2, as_is("Telegram"), MONDAY, "telegram")
BLOCKED = Chat(3, as_is("web"), MONDAY, "web", gone=True)


@pytest.mark.parametrize(
    ("chats", "mail", "reached"),
    [
        ((LEAVING,), False, False),
        ((LEAVING, OPEN), False, True),
        ((LEAVING, BLOCKED), False, False),
        ((LEAVING, BLOCKED), True, True),
    ],
    ids=["the only one", "another is open", "the other was blocked before", "there is a way besides"],
)
def test_what_was_blocked_before_reaches_nobody(chats: tuple[Chat, ...], mail: bool, reached: bool) -> None:
    links = SimpleNamespace(chats=lambda person: chats, outside=lambda person, ways: mail)
    shelf = SimpleNamespace(office=SimpleNamespace(outside=("mail",)))
    turn = SimpleNamespace(person=SimpleNamespace(id=7), links=links, shelf=shelf)
    assert _elsewhere(cast("Turn", turn)) is reached
