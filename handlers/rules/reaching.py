"""Until when somebody can be written to, and when they are asked for a word so that it stays so.

Plain functions of what each chat last heard and of the days after which its platform closes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from handlers.records.links import Reach
from handlers.rules.reporting import WorkingDays, next_allowed

ASKED = (5, 6, 4, 3, 2, 1)  # days after the last word on which to ask, the best first
SPARE = timedelta(hours=2)  # left for the answer, before a chat closes
SHORTEST, LONGEST = 4, 14  # days that a chat stays open, for a tap a week to be of use


def closing(reach: Reach, closes: Mapping[str, int]) -> datetime | None:
    """Give when the last chat of somebody closes; None where one stays open for good.

    For who has no chat at all that was before anything happened.
    """
    ends = [
        heard + timedelta(days=closes[platform]) if platform in closes else None
        for platform, heard in reach.chats
    ]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return None
    return max(known, default=datetime.min.replace(tzinfo=reach.now.tzinfo))


def reached(reach: Reach, closes: Mapping[str, int]) -> bool:
    """Say whether a message to somebody arrives now, in a chat or outside."""
    end = closing(reach, closes)
    return bool(reach.outside) or end is None or end > reach.now


def open_until(reach: Reach, closes: Mapping[str, int]) -> datetime | None:
    """Give when the chat heard last closes, which is where somebody is asked; None where it does not."""
    platform, heard = max(reach.chats, key=lambda chat: chat[1])
    return heard + timedelta(days=closes[platform]) if platform in closes else None


def asked(days: int) -> bool:
    """Say whether a tap a week keeps such a chat open: neither a daily nuisance nor without need."""
    return SHORTEST <= days <= LONGEST


def asks_at(reach: Reach, closes: Mapping[str, int], calendar: WorkingDays) -> datetime | None:
    """Give when to ask for a word: in working hours, once before the chat closes; None where there is no need.

    Before a holiday longer than the chat stays open that is earlier than usual.
    """
    if not reach.chats or closing(reach, closes) is None:
        return None
    end = open_until(reach, closes)
    heard = max(heard for _, heard in reach.chats)
    if end is None or end <= reach.now or not asked((end - heard).days):
        return None
    moments = (next_allowed(heard + timedelta(days=days), calendar) for days in ASKED)
    return next((at for at in moments if heard < at < end - SPARE), None)


Cost = Literal["free", "billed", "outside", "nobody"]


def way(
    reach: Reach, at: datetime, closes: Mapping[str, int], free: Mapping[str, int], *, pays: bool
) -> tuple[str, Cost]:
    """Give by which way a reminder reaches somebody at that moment, if they say nothing before, and its cost.

    The chat heard last comes first; one that is closed by then, or costs what is not paid, leaves it to the next.
    Behind the chats come letters, and templates of Zalo, each of which is charged.
    """
    for platform, heard in sorted(reach.chats, key=lambda chat: chat[1], reverse=True):
        silent = at - heard
        if platform in closes and silent >= timedelta(days=closes[platform]):
            continue
        if platform not in free or silent <= timedelta(days=free[platform]):
            return platform, "free"
        if pays:
            return platform, "billed"
    if reach.outside == "zbs":
        return reach.outside, "billed"
    return reach.outside, "outside" if reach.outside else "nobody"
