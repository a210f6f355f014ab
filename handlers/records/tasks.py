"""Tasks that an office gives to somebody of its commune: what, to whom, until which day, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Literal, Protocol

import msgspec

from handlers.records.reports import Decision
from handlers.records.targets import Happened


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task; only its state changes, and what was answered is added."""

    id: int = 0
    unit: int  # the office that gives it
    commune: str
    giver: int  # who gives it; 0 once they have had their data erased
    person: int = 0  # whose it is; 0 where it is a unit's
    place: int = 0  # the unit whose it is
    role: Literal["", "reporter", "head"] = ""  # who of that unit is to do it; nothing: the first role it has
    origin: str = ""  # of a task that a form asks for: unit, form, period (or its one day) and task
    words: str
    due: date
    state: Literal["open", "done", "dropped"] = "open"
    said: str = ""  # what the owner said of it when it was done
    version: int = 0


class Tasks(Protocol):
    """What a conversation may ask about tasks."""

    def keep(self, task: Task) -> Task:
        """Keep a new task; give it with its number."""

    def one(self, number: int) -> Task | None:
        """Give the task with this number."""

    def save(self, task: Task, what: str, by: int, detail: str) -> Task:
        """Keep a change over the version that was read, and what was done."""

    def of_origin(self, origin: str) -> Task | None:
        """Give the task that a form asked for; None where nobody was given it."""

    def open_in(self, communes: tuple[str, ...]) -> tuple[Task, ...]:
        """Give what is open there, the earliest day first."""

    def history(self, task: int) -> tuple[Happened, ...]:
        """Give what was done to a task, the oldest first."""

    def decided(self, task: Task, stage: str, decision: str, reason: str) -> None:
        """Keep what became of a reminder of a task, and why."""

    def decisions(self, task: Task) -> tuple[Decision, ...]:
        """Give what became of the reminders of a task, the oldest first."""
