"""What a channel is: it hears, it sends, and it fails in one of two ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from bot.findings import Finding
from handlers.talk import Heard, Message
from handlers.text import Text
from handlers.turn import Kind

Take = Callable[[Sequence[Heard]], Awaitable[bool]]
"""Store what was heard; True when it is kept (or was known), False for "not now, repeat it"."""


AWAY_CODES = (502, 503, 504)  # what HTTP says where the platform behind a gateway is away, whatever was sent


class TryLater(Exception):
    """The platform may accept the same message later; what the doctor may have to say is a Text."""

    taken: Sent | None = None  # what the platform has taken of it before, and counts

    def __init__(self, reason: str | Text, wait: timedelta | None = None, *, everybody: bool = False) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.wait = wait  # what the platform asked for, where it did
        self.everybody = everybody  # it is about the account and no chat: a spent quota, a dead token


class Unpaired(TryLater):
    """An operator has yet to bring the account's first token pair; the doctor reads that from the database."""


class Refused(Exception):
    """The platform will never accept this message; what the doctor may have to say is a Text."""

    taken: Sent | None = None  # as above: its first parts may have arrived

    def __init__(self, reason: str | Text, *, gone: bool = False) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.gone = gone  # the person has blocked us or no longer exists


class Limits(msgspec.Struct, frozen=True):
    """What a platform allows."""

    rate: float = 30.0  # messages a second, over all chats
    burst: float = 30.0
    chat_rate: float = 1.0
    chat_burst: float = 3.0
    group_rate: float = 20 / 60
    group_burst: float = 3.0


class Carried(msgspec.Struct, frozen=True):
    """A kept file that goes with a message."""

    path: Path
    kind: Literal["voice", "photo", "video", "file"]
    name: str
    type: str  # media type, known from the content
    size: int  # bytes
    # Both are nothing without PUBLIC_ADDRESS:
    url: str = ""  # where a platform fetches a photo, or a voice note that it plays, itself; for an hour
    link: str = (
        ""  # where its reader opens what the platform does not show; for a day, as the words beside it say
    )


class Sent(msgspec.Struct, frozen=True):
    """What a platform says of a message it has taken."""

    id: str  # its own name of the message, or of its last part
    cost: str = ""  # under which name the month's account counts it, such as "free" or "billed"
    left: int | None = None  # of the month's quota, where the platform tells
    messages: int = 1  # that the platform counts: a long text may have gone out as several
    others: tuple[Sent, ...] = ()  # parts of the same message that came at another cost


class Post(msgspec.Struct, frozen=True):
    """What a call of our webhook came to."""

    status: int  # to answer with, once everything heard is stored
    heard: tuple[Heard, ...] = ()
    fault: str = (
        ""  # why nothing of it counts: such as "secret", "signature" or "shape"; counted by that name
    )
    body: bytes = b"{}"


class Channel(Protocol):
    """One account of one platform; what stands here with a body holds for whoever does not say otherwise."""

    account: str  # such as "telegram:7001"; the part before the colon names the platform
    limits: Limits = Limits()
    hook: str = ""  # last part of the address of its webhook; nothing where it polls
    proof: str = ""  # the settings by which calls of its webhook are known
    hook_breaks: bool = (
        False  # its platform may repeat a call only where the line has failed, so "not now" breaks it
    )

    async def receive(self, take: Take) -> None:
        """Hear until cancelled; acknowledge an update only after `take` has said True.

        With a webhook there is nothing to hear here: this waits until it is cancelled.
        """

    def post(self, headers: Mapping[str, str], body: bytes) -> Post:
        """Read a call of the webhook (names of headers in small letters); believe nothing without its proof."""
        return Post(404)

    async def acknowledged(self, post: Post) -> None:
        """Do what the platform awaits once an update is stored, such as ending a button's spinning."""
        return

    async def tend(self) -> None:
        """Look after what the platform keeps for us; called at the start and every ten minutes, by one process."""
        return

    def refuses(self, silent: timedelta, kind: Kind) -> str:
        """Say why nothing of this kind may be sent so long after the person's last word; empty when it may."""
        return ""

    def narrow(self, silent: timedelta) -> bool:
        """Say whether each single message counts now, so that several had better be folded into one."""
        return False

    def group(self, chat: str) -> bool:
        """Say whether a chat is a group's."""
        return False

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Send one message, or raise TryLater or Refused."""

    def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Give the content behind a handle of this platform, piece by piece, or raise TryLater or Refused."""
        raise Refused("this channel has no files")

    async def check(self) -> Sequence[Finding]:
        """Ask the platform about this account, for whoever runs the doctor."""
        return ()

    def figures(self) -> Mapping[str, float]:
        """Give what this account counts for whoever watches the service, by name."""
        return {}

    async def close(self) -> None:
        """Let go of connections."""
        return
