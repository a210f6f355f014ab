"""Reports of a unit for a period as the conversations know them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from handlers.records.people import Unit
from handlers.rules.form_tasks import TaskState
from handlers.rules.validation import Value

State = Literal["draft", "submitted", "returned", "approved"]
Verdict = Literal["", "approved", "returned"]


class Submission(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A report as it was sent once; only the verdict is added later."""

    number: int  # 1 for the first, then one more each time
    form_version: int
    values: dict[str, Value]
    tasks: dict[str, TaskState] = {}
    sha256: str  # of the content, as handlers.rules.validation.fingerprint gives it
    at: datetime  # when the person sent it; lateness counts from here
    by: int
    verdict: Verdict = ""
    decided: datetime | None = None
    decided_by: int = 0
    decided_for: int = 0  # the head on leave in whose place that was; 0 where whoever decided is head
    reason: str = ""  # why it was returned, in the head's words
    approved_by: int = 0  # who had approved it before it was returned after all; 0 where nobody had
    document: str = ""  # number and sign of the document that was signed of it, such as 512/BC-UBND
    dated: date | None = None  # the day on that document
    corrected: str = ""  # why it took the place of the version before, in the words of whoever sent it


class Reopening(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A report of a closed period that somebody wants to correct, and what became of that."""

    reason: str
    asked: datetime | None = None  # none: the unit above opened it without being asked
    asked_by: int = 0
    at: datetime | None = None  # none: it has not been opened
    by: int = 0
    until: datetime | None = None  # the first moment at which it is locked once more


class Report(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a unit has entered for a period, and all that it has sent."""

    id: int = 0  # 0 while nothing is kept
    unit: int
    form: str
    period: str
    form_version: int = 0  # the form the values were entered under; 0 while there are none
    state: State = "draft"
    values: dict[str, Value] = {}
    tasks: dict[str, TaskState] = {}  # how far those of the form are
    receipt: str = ""  # such as UH-11-K4M; the same for every version that is sent
    submissions: tuple[Submission, ...] = ()
    reopenings: tuple[Reopening, ...] = ()
    correcting: str = ""  # why what was sent is being corrected; until the next version is sent
    version: int = 0

    @property
    def latest(self) -> Submission | None:
        """What was sent last; None while nothing was."""
        return self.submissions[-1] if self.submissions else None

    @property
    def delivered(self) -> bool:
        """Whether it lies with the head or is approved: nobody needs to be reminded."""
        return self.state in ("submitted", "approved")


class Decision(msgspec.Struct, frozen=True):
    """What became of one reminder, and why."""

    stage: str
    at: datetime
    decision: Literal["sent", "held", "skipped"]
    reason: str


class Reports(Protocol):
    """What a conversation may ask about reports."""

    def get(self, unit: int, form: str, period: str) -> Report:
        """Give a report as it stands; an empty draft where nobody has entered anything."""

    def hold(self, unit: int, form: str, period: str) -> Report:
        """Give a report as it stands; nobody else changes it before this turn ends."""

    def save(self, report: Report) -> Report:
        """Keep a change over the version that was read."""

    def last(self, unit: int, form: str, period: str) -> Report | None:
        """Give the newest report of an earlier period that was sent; None where none was."""

    def of_units(
        self, units: Sequence[int], form: str, periods: Sequence[str]
    ) -> dict[tuple[int, str], Report]:
        """Give what is kept of these units' reports for these periods, by unit and period."""

    def owing(
        self, form: str, periods: Sequence[str], units: Sequence[int] | None = None
    ) -> tuple[tuple[int, str], ...]:
        """Give unit and period of reports that were begun, or that somebody was reminded of, and that do not lie
        with the head; of all units, or of these."""

    def waiting(self, *units: int) -> tuple[Report, ...]:
        """Give the reports of these units that wait to be judged, the oldest period first."""

    def by_receipt(self, receipt: str) -> Report | None:
        """Give the report with this receipt."""

    def receipt(self, beginning: str) -> str:
        """Draw a receipt with this beginning that no report has."""

    def offices(self) -> tuple[Unit, ...]:
        """Give the offices in which somebody reports or is head now, in fixed order."""

    def decided(self, report: Report, stage: str, decision: str, reason: str) -> None:
        """Keep what became of a reminder, and why."""

    def decisions(self, report: Report) -> tuple[Decision, ...]:
        """Give what became of the reminders of a report, the oldest first."""
