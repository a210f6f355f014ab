"""Closed periods that a province has published, as the conversations know them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from handlers.records.people import Unit
from handlers.rules.periods import Period
from handlers.rules.published import Content
from knowledge.forms import Form


class Edition(msgspec.Struct, frozen=True):
    """One time that a period was published, or withdrawn."""

    number: int  # 1 for the first, then one more each time
    at: datetime
    withdrawn: bool = False  # nothing is shown any more, until the next one


class Publications(Protocol):
    """What a conversation may ask about what is published."""

    def editions(self, unit: int, form: str, period: str) -> tuple[Edition, ...]:
        """Give when a period was published and withdrawn, the first time first."""

    def shown(self, unit: int, form: str, period: str) -> Content | None:
        """Give what was published last, withdrawn or not; None where nothing ever was."""

    def publish(self, unit: int, number: int, content: Content) -> None:
        """Keep a new edition; nobody else can keep one of that number."""

    def withdraw(self, unit: int, form: str, period: str, number: int, reason: str) -> None:
        """Keep that a period is not shown any more, and why."""

    def releases(self, unit: int, form: str, period: str) -> tuple[Edition, ...]:
        """Give when a province released a period's ranking and held it back again, the first time first."""

    def release(self, unit: int, form: str, period: str, number: int, *, held: bool = False) -> None:
        """Keep that a ranking is shown from now on, or no longer; nobody else can keep one of that number."""

    def offices(
        self,
        form: Form,
        period: Period,
        begun: datetime,
        due: datetime,
        places: Sequence[str] = (),
        under: int = 0,
    ) -> tuple[tuple[Unit, datetime | None], ...]:
        """Give the units that the form asks and somebody reported for or headed when due, or that sent a report.

        Those that have ended since the period began are among them, each with the moment of its end.  Where places
        are named, only units of these, and those that name this supervisor.
        """
