"""Sentences about files, said in English where they arise and in the reader's language where somebody reads them.

The catalogues belong to `bot`, so a sentence keeps its pattern and what was filled in beside its English words.
"""

from __future__ import annotations


class Told(str):
    """An English sentence, with the pattern and the values by which a catalogue says it in another language."""

    pattern: str
    values: tuple[tuple[str, object], ...]

    __slots__ = ("pattern", "values")


def told(pattern: str, **values: object) -> Told:
    """Fill in a sentence; `{name}` in the pattern stands for a value, which may be told itself."""
    said = Told(pattern.format_map(values) if values else pattern)
    said.pattern, said.values = pattern, tuple(values.items())
    return said
