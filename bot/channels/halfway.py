"""What a message that goes out in several parts needs: how far it got, and what its parts come to.

It knows no platform.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.channels import Sent
from handlers.talk import Message

KEPT = 1000  # messages of which it is remembered how far they got


class Halfway:
    """Remembers how far messages got that stopped on their way, so that no part arrives twice."""

    def __init__(self) -> None:
        self._begun: dict[tuple[str, Message], int] = {}

    def take(self, chat: str, message: Message) -> int:
        """Give how many parts of a message have arrived before, and forget it.

        What stopped may meanwhile have been folded with what came after it.  Its beginning is the same
        then, and so are its parts: a text is cut without a look at what follows.
        """
        arrived = self._begun.pop((chat, message), None)
        if arrived is not None:
            return arrived
        for other, begun in self._begun:
            words_only = other == chat and begun == Message(begun.text)
            if words_only and message.text.startswith(f"{begun.text}\n\n"):
                return self._begun.pop((other, begun))
        return 0

    def put(self, chat: str, message: Message, arrived: int) -> None:
        """Remember that so many parts have arrived; of too many the oldest is forgotten."""
        self._begun[chat, message] = arrived
        while len(self._begun) > KEPT:
            del self._begun[next(iter(self._begun))]


def together(parts: Sequence[Sent]) -> Sent:
    """Give what a platform has said of several parts as of one message; of none it counts nothing."""
    by_cost: dict[str, Sent] = {}
    for part in parts:
        before = by_cost.pop(part.cost, Sent("", messages=0))
        left = before.left if part.left is None else part.left
        by_cost[part.cost] = msgspec.structs.replace(
            part, left=left, messages=before.messages + part.messages
        )
    if not by_cost:
        return Sent("", messages=0)
    *others, last = by_cost.values()
    return msgspec.structs.replace(last, others=tuple(others))
