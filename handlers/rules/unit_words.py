"""Units within a line: whether words look like the name of one, and which of some names they begin with."""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.folding import fold

_BEFORE = re.compile(r"(?:(?:bao cao|reports?|the|of|for|about|ve) )+(?:cua )?|cua ")
_UNIT = re.compile(
    r"(?:xa|phuong|thi tran|dac khu|thon|ban|khu|khu pho|to dan pho|to|ap|so|phong|ubnd|tinh|thanh pho|don vi|truong"
    r"|commune|ward|village|unit|department|school) .+"
)


def names_unit(rest: str) -> bool:
    """Say whether words look like the name of a unit, known or not."""
    return _UNIT.fullmatch(_BEFORE.sub("", rest, count=1)) is not None


def of_unit(rest: str, names: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Give the longest of some names with which words begin, in all its spellings, and what follows it."""
    for words in dict.fromkeys((rest, _BEFORE.sub("", rest, count=1))):
        said = [word.strip(",;:") for word in words.split()]
        found = [name for name in names if (own := _spelt(name)) and said[: len(own)] == own]
        if found:
            longest = max(len(_spelt(name)) for name in found)
            same = tuple(name for name in found if len(_spelt(name)) == longest)
            return same, " ".join(words.split()[longest:])
    return (), rest


def _spelt(name: str) -> list[str]:
    return fold(name).split()


def as_typed(text: str, words: str) -> str:
    """Give folded words as they stand in a text, with their accents."""
    typed, length = text.split(), len(words.split())
    every = (" ".join(typed[at : at + length]) for at in range(len(typed)))
    return next((one.strip(" ,.?!") for one in every if fold(one) == fold(words)), words)
