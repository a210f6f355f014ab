"""Telephone numbers that offices have made known, and those that stand in what people write.

A number on a screen proves nothing: it can be shown by whoever calls.  So a known number is only one to call back.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "data" / "hotlines.tsv"
_NUMBER = re.compile(
    r"(?<![\d.])(?:(?:\+|00)?84[ .-]?(?=[235789])|0)\d(?:[ .-]?\d){7,9}(?!\d)|(?<![\d.])1[89]00(?:[ .-]?\d){4,6}(?!\d)"
    r"|(?:\b(?:số|so|tổng đài|tong dai|đầu số|dau so|number|hotline)\s+)(\d{3,4})(?![ .-]?\d)",
    re.I,
)


class Hotline(msgspec.Struct, frozen=True):
    """A number, and whose it is."""

    number: str  # digits only
    vi: str
    en: str
    source: str
    date: str

    def whose(self, lang: str) -> str:
        """Give whose it is, in a language."""
        return self.en if lang == "en" else self.vi


def numbers_in(text: str) -> list[str]:
    """Give the telephone numbers in a text, as digits dialled in Vietnam."""
    found = []
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"\D", "", match[1] or match[0])
        digits = re.sub(r"^(?:00)?84(?=\d{9})", "0", digits)
        if digits not in found:
            found.append(digits)
    return found


def hotline(number: str) -> Hotline | None:
    """Give the office that has made a number known; None for any other."""
    return _known().get(number)


@cache
def _known() -> dict[str, Hotline]:
    rows = (line.split("\t") for line in FILE.read_text("utf-8").splitlines()[1:])
    return {cells[0]: Hotline(*cells) for cells in rows}
