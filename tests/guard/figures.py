"""How much of what is secret the guard finds, and how often it hides what is none."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from handlers.rules import guard
from tests.guard.messages import REPORT, Message

RECALL, FALSE = 0.99, 0.005  # what was promised: at least, at most


@dataclass
class Figures:
    """Counts by kind, and a few of the messages that went wrong."""

    secrets: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    innocent: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[Message, str]] = field(default_factory=list)
    touched: list[tuple[Message, str]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Give the share of secrets of which nothing stays."""
        return self.found.total() / self.secrets.total()

    @property
    def false(self) -> float:
        """Give the share of innocent messages in which something was hidden."""
        return self.alarms.total() / self.innocent.total()


def measure(messages: Iterable[Message]) -> Figures:
    """Send messages through the guard, as intake and the turn do, and count."""
    figures = Figures()
    for message in messages:
        stays = kept(message)
        if not message.secrets:
            figures.innocent[message.kind] += 1
            if stays != message.text:
                figures.alarms[message.kind] += 1
                figures.touched.append((message, stays))
            continue
        covered = hidden(message.text, stays)
        for start, end, _ in message.secrets:
            figures.secrets[message.kind] += 1
            if all(place in covered for place in range(start, end) if message.text[place].isalnum()):
                figures.found[message.kind] += 1
            else:
                figures.missed.append((message, stays))
    return figures


def kept(message: Message) -> str:
    """Give what is left of a message after intake and after its turn."""
    text = guard.mask(message.sent).text
    awaited = "number" if message.asked == REPORT else guard.asks(message.asked)
    return unicodedata.normalize("NFC", guard.judged(text, awaited).text)


def hidden(text: str, stays: str) -> set[int]:
    """Give the places of a text that were hidden."""
    parts = [re.escape(part) for part in stays.split(guard.DOTS)]
    found = re.fullmatch("(.+?)".join(parts), text, re.DOTALL)
    assert found, "the rest of the words stays as it was written"
    return {place for number in range(1, len(parts)) for place in range(*found.span(number))}
