"""How fast one account may send, and who has to wait: rates, back-off and what the platform asked for.

Counted on the clock that nobody moves; nothing here knows what is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot import clock, codes
from bot.channels import Limits, TryLater

PATIENCE = 16  # attempts, of which the last is some 70 minutes after the first
TROUBLE = 3  # chats that fail one after another before the account is taken to be in trouble
LONGEST_PAUSE = 60.0  # seconds between two looks whether an account in trouble works again
PROBES = 2  # calls at a time by which that is found out
REMEMBERED = 5_000  # chats whose last messages are counted
AT_ONCE = (
    2 / 3
)  # of the burst a platform allows: what is held up on its way arrives together with what follows


def next_attempt(error: TryLater, attempts: int) -> timedelta | None:
    """Say how long to wait after so many attempts; None to give up."""
    if attempts >= PATIENCE:
        return None
    return error.wait or timedelta(seconds=min(2.0 ** (attempts - 1), 600))


class Bucket:
    """So many a second, and a few at once."""

    def __init__(self, rate: float, burst: float, *, full: bool = False) -> None:
        self._rate, self._burst = rate, burst
        self._left = burst if full else 0.0  # after a take-over nobody knows what the one before has used up
        self._at = clock.ticks()

    def left(self) -> int:
        """Give how many are allowed now."""
        now = clock.ticks()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        return int(self._left)

    def wait(self) -> float:
        """Give the seconds until one more is allowed; 0 for now."""
        return 0.0 if self.left() >= 1 else (1 - self._left) / self._rate

    def take(self) -> None:
        """Use one up."""
        self._left -= 1

    @property
    def full(self) -> bool:
        """Whether nothing tells it from a new one."""
        self.left()
        return self._left >= self._burst


class Pace:
    """Says what may leave now: for the account, for each chat, for a group."""

    def __init__(self, limits: Limits, group: Callable[[str], bool]) -> None:
        self._limits = limits
        self._group = group
        self._account = Bucket(limits.rate, max(1.0, limits.burst * AT_ONCE))
        self._chats: dict[int, Bucket] = {}
        self._resting: dict[int, float] = {}  # contacts that have to wait, until when
        self._asked: dict[int, float] = {}  # those of them of which the platform has said so
        self._failing: set[int] = set()  # contacts that failed since anything went well
        self._trouble = 0  # pauses in a row after which nothing went well
        self._paused = 0.0  # until when nobody may be written to

    def begin(self) -> None:
        """Begin to send, with nothing in hand: whoever sent before may have used it up."""
        self._account = Bucket(self._limits.rate, max(1.0, self._limits.burst * AT_ONCE))

    @property
    def troubled(self) -> bool:
        """Whether the account as a whole does not get through."""
        return self._trouble > 0

    def left(self, under_way: int, at_once: int) -> int:
        """Give how many messages may leave now, beside those under way."""
        if clock.ticks() < self._paused:
            return 0
        room = (PROBES if self.troubled else at_once) - under_way
        return max(0, min(room, self._account.left()))

    def wait(self) -> float:
        """Give the seconds until the account allows one more."""
        return max(self._paused - clock.ticks(), self._account.wait(), 0.0)

    def resting(self) -> list[int]:
        """Give the contacts that have to wait."""
        now = clock.ticks()
        for waiting in (self._resting, self._asked):
            for contact in [contact for contact, until in waiting.items() if until <= now]:
                del waiting[contact]
        return list(self._resting)

    def rest_ends(self) -> float:
        """Give the seconds until the first of them may be written to again; much where nobody waits."""
        now = clock.ticks()
        return max(0.0, min(self._resting.values(), default=now + LONGEST_PAUSE) - now)

    def take(self, contact: int, chat: str) -> bool:
        """Use one up for this chat; False, and the chat waits, when it has had its share."""
        bucket = self._chats.get(contact)
        if bucket is None:
            group = self._group(chat)
            rate = self._limits.group_rate if group else self._limits.chat_rate
            burst = self._limits.group_burst if group else self._limits.chat_burst
            bucket = self._chats[contact] = Bucket(rate, burst, full=True)
        if (wait := bucket.wait()) > 0:
            self._resting[contact] = clock.ticks() + wait
            return False
        bucket.take()
        self._account.take()
        if len(self._chats) > REMEMBERED:
            self._chats = {contact: bucket for contact, bucket in self._chats.items() if not bucket.full}
        return True

    def went_well(self) -> None:
        """Note that the platform has answered, be it with a refusal."""
        self._failing.clear()
        self._trouble = 0

    def failed(self, contact: int, wait: timedelta, *, asked: bool, everybody: bool) -> bool:
        """Let a contact wait, and all of them where the platform means the account or nothing gets through.

        True where it is taken to be about all of them, so that it is no attempt of the one message.
        """
        now, seconds = clock.ticks(), wait.total_seconds()
        until = now + seconds + codes.spread(seconds / 5)
        self._resting[contact] = until
        if asked:
            # One chat may have been written to too fast.  With a second it is the account, whatever was meant,
            # unless the wait is so long that it must be about the messages: a quota, the hour.
            others = any(other != contact for other, end in self._asked.items() if end > now)
            account = everybody or (others and seconds <= LONGEST_PAUSE)
            if account:
                self._paused = max(self._paused, until)
            self._asked[contact] = until
            return account
        self._failing.add(contact)
        if (everybody or len(self._failing) >= TROUBLE) and now >= self._paused:
            pause = min(2.0**self._trouble, LONGEST_PAUSE)
            self._trouble += 1
            self._paused = now + pause + codes.spread(pause / 5)
        return everybody or self.troubled
