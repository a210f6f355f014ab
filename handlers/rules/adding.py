"""A sum that somebody tells in a sentence: "872 lượt, cộng 412 lượt như mọi tháng"."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from knowledge.folding import fold

LEAST = 10  # below it a figure fits by chance
_NUMBER = r"(?<![\d/.,-])(?:\d{1,3}(?:[.]\d{3})+|\d{1,9})(?![\d/%]|[.,]\d)"
_PLUS = r"[^\d+]{0,40}?(?:\+|\b(?:cong|plus)\b)[^\d+]{0,40}?"
_CHAIN = re.compile(rf"{_NUMBER}(?:{_PLUS}{_NUMBER}){{1,5}}")


class Sum(msgspec.Struct, frozen=True):
    """Numbers that were told as a sum, and what they make."""

    parts: tuple[int, ...]
    total: int


def fitting(text: str, figures: Iterable[int]) -> Sum | None:
    """Give the sum in a sentence that makes one of these figures; None where none does."""
    wanted = {figure for figure in figures if figure >= LEAST}
    for chain in _CHAIN.finditer(_plain(text)):
        parts = tuple(int(number.replace(".", "")) for number in re.findall(_NUMBER, chain[0]))
        if sum(parts) in wanted:
            return Sum(parts, sum(parts))
    return None


def _plain(text: str) -> str:
    """Give a text without accents, its signs and digits as they are."""
    return re.sub(r"[^\W\d_]+", lambda word: fold(word[0]), text)
