"""Messages with secrets, and messages that only look so, each labelled with what has to be hidden."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.guard import habits, world

Templates = Mapping[str, Sequence[str]]
_PART = re.compile(r"\{(\w+)\}")
ASKED = " >> "  # what stands before it was asked by a helper; by a report where it is REPORT
REPORT = "(report)"


@dataclass(frozen=True)
class Message:
    """What somebody sends, and what of it is secret."""

    kind: str  # under which it is counted
    text: str
    secrets: tuple[tuple[int, int, str], ...]  # from, to, kind
    asked: str = ""  # the words of the helper that this answers; REPORT where a figure is awaited
    decomposed: bool = False

    @property
    def sent(self) -> str:
        """Give the text as the telephone sends it."""
        return unicodedata.normalize("NFD", self.text) if self.decomposed else self.text


def messages(seed: int, number: int, secret: Templates, innocent: Templates) -> Iterator[Message]:
    """Give so many messages, half of them with a secret; the kinds take turns."""
    chance = random.Random(seed)
    for place in range(number):
        kinds = innocent if place % 2 else secret
        kind = list(kinds)[place // 2 % len(kinds)]
        yield written(chance, kind, chance.choice(kinds[kind]))


def written(chance: random.Random, kind: str, template: str) -> Message:
    """Fill a template and type it as somebody would."""
    asked, _, answer = template.rpartition(ASKED)
    known = habits.ENGLISH if kind.endswith(" (en)") else habits.VIETNAMESE
    habit = chance.choices([way for way, _ in known], [weight for _, weight in known])[0]
    text, secrets = "", []
    for place, part in enumerate(_PART.split(answer)):
        if place % 2 == 0:
            text += habit(part, chance)
        elif part in world.SECRETS:
            secret, make = world.SECRETS[part]
            made = make(chance)
            if part == "spelt" and habit in (habits.without_accents, habits.telex, habits.shouted):
                made = habit(made, chance)
            secrets.append((len(text), len(text) + len(made), secret))
            text += made
        else:
            text += world.FACTS[part](chance)
    return Message(kind, text, tuple(secrets), asked, habit is habits.decomposed)
