"""How long somebody will have to wait, told from how long others waited; nothing where too few did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from handlers.records.requests import Wait

LEAST = 20  # cases from which something can be said

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def usual(waits: Sequence[Wait]) -> timedelta | None:
    """Give the wait within which half of all were taken; None where they are too few, or too few of them were.

    Who still waits may wait for any time yet, and so counts as longer than whoever has been taken.
    """
    taken, middle = sorted(wait.span for wait in waits if wait.taken), len(waits) // 2
    return taken[middle] if len(waits) >= LEAST and middle < len(taken) else None


def rounded(wait: timedelta) -> tuple[int, Literal["minutes", "hours", "days"]]:
    """Give a wait as one says it, never less than it is: to the minute up to ten, else to five, hours or days."""
    minutes = max(1, -(-wait // MINUTE))
    if minutes > 10:
        minutes = -(-minutes // 5) * 5
    if minutes < 60:
        return minutes, "minutes"
    return (-(-wait // HOUR), "hours") if wait <= 23 * HOUR else (-(-wait // DAY), "days")
