"""What the doctor says of one thing looked at, for it to be worded in the operator's language."""

from __future__ import annotations

from typing import Literal

import msgspec

from handlers.text import Text


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at; `what` and `remedy` stand in the catalogues, a platform's own words are values in them."""

    state: Literal["ok", "warning", "error"]
    what: Text
    remedy: Text | None = None
