"""Reports of a unit for a period as the conversations know them."""

from __future__ import annotations

from typing import Protocol


class Reports(Protocol):
    """What a conversation may ask about reports."""
