"""What people send that is not words, as the conversations know it: never the content, only that it is there."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from handlers.talk import Incoming

FILLED = "filled"  # about a table that somebody filled in: its event has the cells among its facts
MADE = "made"  # about a file that was made for somebody
OWN = (FILLED, MADE)  # what begins so is told in its person's own talk, not in that of a thing

State = Literal["noted", "wanted", "kept", "refused", "gone"]
Reason = Literal["", "large", "kind", "lost"]
"""Why something is not kept: it is too large, of a kind that is not passed on, or could not be fetched."""


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """A photo, voice note, video or file that somebody sent."""

    code: str  # by which a message carries it
    person: int  # who sent it
    about: str  # what it belongs to, such as "request:17"; nothing while it is only noted
    kind: Literal["voice", "photo", "video", "file"]
    name: str = ""
    state: State = "noted"
    reason: Reason = ""
    at: datetime


class Media(Protocol):
    """What a conversation may ask about what was sent; whatever it wants comes as an event of its own later."""

    def note(self, event: Incoming, person: int) -> str:
        """Remember what somebody has just sent without fetching it; give its code."""

    def want(self, code: str, about: str) -> None:
        """Have it fetched; `media.kept` or `media.refused` about this follows, with the code in its facts."""

    def get(self, code: str) -> Thing | None:
        """Give what has this code; None where it is gone."""

    def of(self, about: str) -> tuple[Thing, ...]:
        """Give what belongs to something and is wanted or kept, the oldest first, at most twenty."""

    def newest(self, *about: str) -> tuple[Thing, ...]:
        """Give what was fetched last for each of these, in their order; nothing for what has nothing."""

    def replace(self, code: str) -> None:
        """Have all else taken away that belongs to the same as this does."""

    def shown(self, thing: Thing, person: int, account: str = "") -> bool:
        """Say whether this person's platform shows it of itself: on this account, or where they were heard last."""

    def drop(self, about: str) -> None:
        """Have all that belongs to something taken away, at once when this turn is kept."""
