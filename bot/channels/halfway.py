"""What a message that goes out in several parts needs: what its parts come to.

It knows no platform.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.channels import Sent


def together(parts: Sequence[Sent]) -> Sent:
    """Give what a platform has said of several parts as of one message; of none it counts nothing."""
    by_cost: dict[str, Sent] = {}
    for part in parts:
        before = by_cost.pop(part.cost, Sent("", messages=0))
        left = before.left if part.left is None else part.left
        by_cost[part.cost] = msgspec.structs.replace(
            part, left=left, messages=before.messages + part.messages
        )
    if not by_cost:
        return Sent("", messages=0)
    *others, last = by_cost.values()
    return msgspec.structs.replace(last, others=tuple(others))
