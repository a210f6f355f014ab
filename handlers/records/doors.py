"""Help that was given at a door, as figures need it; whoever keeps visits hands them over in this shape."""

from __future__ import annotations

import msgspec


class Door(msgspec.Struct, frozen=True):
    """Households that were helped in one village with one thing, on one day or over several."""

    village: str  # as teams call it; nothing where it is not known
    area: str  # one of handlers.rules.areas.AREAS
    households: int
