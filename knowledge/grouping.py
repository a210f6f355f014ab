"""Which questions ask the same thing, so that an editor answers them once.

Questions are compared by the words that name a matter, abbreviations spelt out, in any order.  Whoever
types accents means them: "mất" and "mật" are one word only where one of the two was typed without.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from rapidfuzz import fuzz, process

from knowledge.folding import common, expand, plain, stem, words

ALIKE = 76.0  # of 100: how alike the letters of two questions must be, their words in order of the alphabet
LOOKED_AT = 5  # groups that are near enough by their letters, and are looked at for accents


class Asked(msgspec.Struct, frozen=True):
    """A question as it was asked; without words where only the topic is known that did not help."""

    id: int
    words: str
    lang: str
    shown: str = ""  # ids of the topics that were shown for it


class _Group:
    def __init__(self, first: Asked, accents: dict[str, str]) -> None:
        self.asked = [first]
        self.accents = accents

    def takes(self, accents: dict[str, str]) -> bool:
        """Say whether no word stands here with other accents."""
        return all(self.accents.get(word, form) == form for word, form in accents.items())


def groups(asked: Iterable[Asked]) -> list[tuple[Asked, ...]]:
    """Put questions that ask the same together, the oldest first in each; the largest group comes first."""
    found: dict[str, dict[str, _Group]] = {}
    for one in sorted(asked, key=lambda one: one.id):
        known = found.setdefault(one.lang, {})
        key, accents = _key(one)
        near = process.extract(key, list(known), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=LOOKED_AT)
        group = next((known[name] for name, _score, _place in near if known[name].takes(accents)), None)
        if group is None:
            known.setdefault(key if key not in known else f"{key} {one.id}", _Group(one, accents))
        else:
            group.asked.append(one)
            group.accents |= accents
    every = [tuple(group.asked) for known in found.values() for group in known.values()]
    return sorted(every, key=lambda group: (-len(group), group[0].id))


def same(one: str, other: str) -> bool:
    """Say whether two questions in one language ask the same."""
    return len(groups((Asked(1, one, "vi"), Asked(2, other, "vi")))) == 1


def _key(one: Asked) -> tuple[str, dict[str, str]]:
    """Give what a question is compared by, and its accented words by what they are without accents."""
    if not one.words:
        return f"topic {one.shown}", {}
    said = words(one.words)
    said = tuple(map(stem, said)) if one.lang == "en" else expand(said)
    telling = [word for word in said if word not in common(one.lang)] or list(said)
    accented = any(not word.isascii() for word in words(one.words))
    forms = {plain(word): word for word in telling} if accented else {}
    return " ".join(sorted({plain(word) for word in telling})), forms
