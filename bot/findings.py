"""What the doctor says of one thing looked at."""

from __future__ import annotations

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at."""

    state: Literal["ok", "warning", "error"]
    what: str
    remedy: str = ""
