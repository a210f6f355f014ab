"""The monthly report in chat: filing, correcting, approving."""

from __future__ import annotations

from collections.abc import Callable

from handlers.turn import Turn

DOING = "report"
CARDS: dict[str, Callable[[Turn, str], bool]] = {}


def begin(turn: Turn) -> bool:
    """Begin the report of the unit this person reports for; False where there is none."""
    return False


def situation(turn: Turn) -> bool:
    """Tell a head what waits; False where the person heads nothing."""
    return False


def take(turn: Turn) -> bool:
    """Take an answer in the report; False when it was none."""
    return False
