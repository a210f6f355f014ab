"""Requests for help as the conversations know them."""

from __future__ import annotations

from typing import Protocol


class Requests(Protocol):
    """What a conversation may ask about requests."""
