"""What reaches people unasked can be answered without buttons."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from bot.play import play_file
from bot.scratch import empty_store
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.terminal import rendered
from bot.wording import Wording
from handlers.talk import Button, Message

TALKS = Path(__file__).parent.parent / "conversations"


@pytest.mark.parametrize(
    "talk", ["ho-tro-go-ma", "ho-tro-hai-viec", "ho-tro-thoi-vai", "bao-cao-tra-lai", "bao-cao-nhac-han"]
)
def test_every_button_of_a_card_says_what_to_type_instead(
    talk: str, bookcase: Bookcase, wording: Wording
) -> None:
    with empty_store() as url:
        play_file(TALKS / f"{talk}.txt", url, bookcase, wording)
        database = Database(url)
        with database.read() as connection:
            rows = connection.execute(
                select(t.outbox.c.kind, t.outbox.c.voice, t.outbox.c.message).where(t.outbox.c.message != "")
            ).all()
        database.close()
    cards = [
        msgspec.json.decode(row.message, type=Message)
        for row in rows
        if row.kind in ("notice", "reminder") or row.voice
    ]
    buttons = [button for card in cards for button in card.choices]
    assert buttons
    assert not [button.data for button in buttons if not button.typed]


def test_a_terminal_gives_numbers_to_the_open_question_and_words_to_a_card() -> None:
    question = Message("Chọn:", (Button("yes", "Có"), Button("no", "Không")))
    card = Message("Việc mới", (Button("claim@4K7", "Nhận", "NHẬN 4K7"),))
    assert rendered(question, "Tổ Số").plain.splitlines()[1:] == ["  1. Có", "  2. Không"]
    assert rendered(card, "Tổ Số").plain.splitlines()[1:] == ["  • Nhận (gõ / type: NHẬN 4K7)"]
