"""What a channel is: it hears, it sends, and it fails in one of two ways."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Protocol

from handlers.talk import Heard, Message

Take = Callable[[Sequence[Heard]], Awaitable[bool]]
"""Store what was heard; True when it is kept (or was known), False for "not now, repeat it"."""


class TryLater(Exception):
    """The platform may accept the same message later."""

    def __init__(self, reason: str, wait: timedelta | None = None) -> None:
        super().__init__(reason)
        self.wait = wait  # what the platform asked for, where it did


class Refused(Exception):
    """The platform will never accept this message."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone  # the person has blocked us or no longer exists


class Channel(Protocol):
    """One account of one platform."""

    account: str  # such as "telegram:7001"; the part before the colon names the platform

    async def receive(self, take: Take) -> None:
        """Hear until cancelled; acknowledge an update only after `take` has said True."""

    async def send(self, chat: str, message: Message) -> str:
        """Send one message and give the platform's id of it, or raise TryLater or Refused."""

    async def close(self) -> None:
        """Let go of connections."""
