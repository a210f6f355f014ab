"""A message that stopped on its way goes on where it stopped, and what its parts cost is added up."""

from __future__ import annotations

import pytest

from bot.channels import Sent
from bot.channels.halfway import KEPT, Halfway, together
from bot.channels.words import parts
from handlers.talk import Button, Message

LONG = Message("chữ " * 1500 + "hết")


@pytest.mark.parametrize(
    ("chat", "message", "arrived"),
    [
        ("Lan", LONG, 2),
        ("Lan", Message(f"{LONG.text}\n\nViệc mới."), 2),
        ("Lan", Message(f"{LONG.text}\n\nViệc mới.", (Button("yes", "Có"),)), 2),
        ("Lan", Message(f"{LONG.text} Việc mới."), 0),
        ("Lan", Message("Việc mới."), 0),
        ("Minh", Message(f"{LONG.text}\n\nViệc mới."), 0),
        ("Minh", LONG, 0),
    ],
)
def test_a_message_is_known_again_alone_and_with_what_was_folded_into_it(
    chat: str, message: Message, arrived: int
) -> None:
    halfway = Halfway()
    halfway.put("Lan", LONG, 2)
    assert halfway.take(chat, message) == arrived
    assert halfway.take(chat, message) == 0


def test_what_asks_for_something_at_its_end_is_not_the_beginning_of_another() -> None:
    halfway = Halfway()
    halfway.put("Lan", Message("Có không?", (Button("yes", "Có"),)), 1)
    assert halfway.take("Lan", Message("Có không?\n\nViệc mới.")) == 0


@pytest.mark.parametrize("paragraphs", [1, 3, 40])
def test_the_parts_that_have_arrived_are_the_same_with_what_follows(paragraphs: int) -> None:
    text = "\n\n".join(["chữ " * (2400 // paragraphs) + "hết"] * paragraphs)
    alone, more = list(parts(text, 2000)), list(parts(f"{text}\n\n{text}", 2000))
    assert alone[:-1] == more[: len(alone) - 1]


def test_of_too_many_the_oldest_is_forgotten() -> None:
    halfway = Halfway()
    for number in range(KEPT + 1):
        halfway.put("Lan", Message(str(number)), 1)
    assert [halfway.take("Lan", Message(str(number))) for number in (0, 1, KEPT)] == [0, 1, 1]


def test_parts_are_added_up_by_their_cost() -> None:
    assert together([]) == Sent("", messages=0)
    assert together([Sent("1", "free"), Sent("2", "free")]) == Sent("2", "free", messages=2)
    mixed = together([Sent("1", "quota", 1), Sent("2", "quota", 0), Sent("3", "billed"), Sent("4", "quota")])
    assert mixed == Sent("4", "quota", 0, 3, others=(Sent("3", "billed"),))
