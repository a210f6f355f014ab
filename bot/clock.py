"""The one place that reads the time; the demo and the tests move it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

_ahead = timedelta(0)
_fixed: datetime | None = None
_ticks: float | None = None


def now() -> datetime:
    """Give the present moment in UTC, moved where somebody moved it."""
    return _fixed if _fixed is not None else datetime.now(UTC) + _ahead


def ticks() -> float:
    """Give seconds that only ever grow: for time-outs, rates and back-off."""
    return time.monotonic() if _ticks is None else _ticks


def stop_at(moment: datetime) -> None:
    """Let the clock stand still at this moment."""
    global _fixed
    _fixed = moment.astimezone(UTC)


def go_to(moment: datetime) -> None:
    """Let the clock run on from this moment."""
    global _ahead, _fixed
    _fixed = None
    _ahead = moment.astimezone(UTC) - datetime.now(UTC)


def ticks_at(seconds: float) -> None:
    """Let the seconds stand still at this many."""
    global _ticks
    _ticks = seconds


def reset() -> None:
    """Give back the machine's own time."""
    global _ahead, _fixed, _ticks
    _ahead, _fixed, _ticks = timedelta(0), None, None
