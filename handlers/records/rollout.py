"""How far the teams and offices of some communes are with joining, as the conversations know it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from handlers.records.people import RoleKind, UnitKind


class Joining(msgspec.Struct, frozen=True):
    """A team or office: who is invited, who has joined, and of whom nothing is heard."""

    unit: int
    kind: UnitKind
    name: str
    commune: str  # official code
    invited: int = 0  # who has a code and has not come
    joined: int = 0  # who holds a role now
    silent: int = 0  # of those, who has not written a word for a while
    reached: bool = False  # somebody who is reminded, or takes requests, can be written to

    @property
    def empty(self) -> bool:
        """Whether nobody there can be told anything: what is due there reaches no one."""
        return not self.reached


class Guest(msgspec.Struct, frozen=True):
    """Somebody who has been invited and has not come."""

    mark: str  # by which a button names the invitation without holding its code
    code: str
    kind: RoleKind
    name: str
    address: str
    lang: str
    until: datetime | None = None


class Rollout(Protocol):
    """What a conversation may ask about joining."""

    def joining(
        self, communes: Collection[str], closes: Mapping[str, int], silent: datetime, asking: int = 0
    ) -> tuple[Joining, ...]:
        """Give how far each team and office of these communes (of all, where none is named) is, in fixed order.

        `closes` are the days after which a platform takes no more messages; silent is who was heard before that
        moment, but not whoever is asking.
        """

    def guests(self, unit: int) -> tuple[Guest, ...]:
        """Give who is invited to a team or office and has not come, in fixed order."""

    def anew(self, guest: Guest) -> str:
        """Give somebody a new code in place of the old one, which holds no more; "" where they have come meanwhile."""
