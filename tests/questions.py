"""Questions that measure the understanding and stand nowhere in the base."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

QUESTIONS = (
    "TOSO_QUESTIONS"  # names a table: id, lang, kind, expected, also_ok (comma between several), query
)
OUT = "oos"  # the kind that no topic answers


class Asked(NamedTuple):
    """One question."""

    id: str
    kind: str
    right: tuple[str, ...]  # the expected topic, then those that are right too; none where nothing is held
    text: str


def table(path: Path) -> list[Asked]:
    """Read the questions of a table."""
    heading, *lines = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    rows = [dict(zip(heading, line, strict=True)) for line in lines]
    return [
        Asked(
            row["id"],
            row["kind"],
            tuple(filter(None, (row["expected"], *row["also_ok"].split(",")))),
            row["query"],
        )
        for row in rows
    ]
