"""What went wrong, told without what anybody wrote: the kind of error and where, never its message.

An error's message may quote the words or the row it failed on, and logs name rows, never people.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

ROOT = Path(__file__).parent.parent
DEEPEST = 8  # places of ours, the innermost last


def where(error: BaseException) -> str:
    """Give an error's kind and the places it came through, on one line: ours, and a library's innermost."""
    frames = [(_short(frame.filename), frame) for frame in traceback.extract_tb(error.__traceback__)]
    ours = [(place, frame) for place, frame in frames if "site-packages" not in place][-DEEPEST:]
    shown = ours if frames[-1:] == ours[-1:] else [*ours, frames[-1]]
    places = [f"{place}:{frame.lineno} {frame.name}" for place, frame in shown]
    cause = f", after {where(error.__cause__)}" if error.__cause__ is not None else ""
    return f"{type(error).__name__} at {' > '.join(places) or 'an unknown place'}{cause}"


def reason(error: DBAPIError) -> str:
    """Give the first line of what a database says of itself; only for one that is away, when it quotes nobody."""
    said = str(error.orig).strip().splitlines()
    return (said[0] if said else type(error.orig).__name__).rstrip(".")


def _short(path: str) -> str:
    try:
        return str(Path(path).relative_to(ROOT))
    except ValueError:
        return path.rpartition("/lib/")[2]
