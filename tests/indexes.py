"""Indexes that many tests share: the same topics are indexed once in a process, however many tests ask."""

from __future__ import annotations

from knowledge.library import Library
from knowledge.search import Index

_made: dict[str, Index] = {}


def once(library: Library) -> Index:
    """Give the index of a library, made where no other test has made it."""
    if library.version not in _made:
        _made[library.version] = Index(library)
    return _made[library.version]
