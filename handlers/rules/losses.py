"""Where guides lose people, from what was counted at their steps: nobody's talk is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from handlers.records.misses import StepCount, What

LEAVING: tuple[What, ...] = ("on", "stuck", "back", "help", "done")


class Loss(msgspec.Struct, frozen=True):
    """One step of a guide, in a week or in several (then without a week)."""

    week: str
    guide: str
    step: str
    shown: int  # how often it was come to
    stuck: int  # another choice was taken than the one that goes on
    left: int  # it was not gone on from, up to now
    help: int  # a person was asked for
    done: int  # the guide ended well here

    @property
    def lost(self) -> int:
        """How many did not get further by themselves."""
        return self.stuck + self.left + self.help


def weekly(counts: Iterable[StepCount]) -> list[Loss]:
    """Give each step of each week, the latest week first and in it the guides by name, their worst steps first."""
    found = _losses((one.week, one) for one in counts)
    found.sort(key=lambda loss: (loss.guide, -loss.lost, loss.step))
    return sorted(found, key=lambda loss: loss.week, reverse=True)


def losses(counts: Iterable[StepCount]) -> list[Loss]:
    """Give each step over all weeks, the worst first."""
    found = _losses(("", one) for one in counts)
    return sorted(found, key=lambda loss: (-loss.lost, loss.guide, loss.step))


def _losses(counts: Iterable[tuple[str, StepCount]]) -> list[Loss]:
    steps: dict[tuple[str, str, str], Counter[What]] = {}
    for week, one in counts:
        steps.setdefault((week, one.guide, one.step), Counter())[one.what] += one.count
    return [
        Loss(
            week=week,
            guide=guide,
            step=step,
            shown=happened["shown"],
            stuck=happened["stuck"],
            left=max(0, happened["shown"] - sum(happened[what] for what in LEAVING)),
            help=happened["help"],
            done=happened["done"],
        )
        for (week, guide, step), happened in steps.items()
    ]
