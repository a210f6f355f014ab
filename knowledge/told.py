"""Sentences about files, said in English where they arise and in the reader's language where somebody reads them.

The catalogues belong to `bot`, so a sentence keeps its pattern and what was filled in beside its English words.
"""

from __future__ import annotations

from pathlib import Path


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


class Faulty(Exception):
    """A file that cannot be used: `said` tells where, what is wrong and what to do, in any language."""

    def __init__(self, said: Told) -> None:
        super().__init__(str(said))
        self.said = said


def at(path: Path, line: int, what: str, remedy: str) -> Told:
    """Say of a line of a file what is wrong with it and what to do; both may be told themselves."""
    return told("{path}, line {line}: {what}. {remedy}", path=path, line=line, what=what, remedy=remedy)
