"""Whether a month's end went as promised, judged by what is stored: decisions, messages, reports.

The rows carry the time of the clock that all processes shared; from when that jumped follows the real time at
which a row was written.  While the play lets no time be lived through twice, that is one moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

import msgspec
from sqlalchemy import select

from bot.clock import VIETNAM
from bot.store import tables as t
from bot.store.database import Database
from handlers.rules import periods, reporting
from handlers.turn import Shelf
from tests.simulate.nation import FORM, PERIOD

IN_TIME = 60.0  # seconds from the hour of a reminder to its decision
TAKEN_OVER = 5.0  # seconds from a kill to the next message
REACHED = 0.95  # of the permitted rate, while enough waits
UNDER_WAY = 2.0  # seconds that a call may be under way when a report is sent or the clock jumps
LAG = 0.5  # seconds for which a process may go by the time before a jump
BACKLOG = 2  # seconds' worth of messages that wait, so that one second's are surely there


class Jump(msgspec.Struct, frozen=True):
    """The clock was put to so many seconds ahead of the machine's."""

    real: float
    ahead: float


class Kill(msgspec.Struct, frozen=True):
    """A process was killed."""

    real: float
    sender: bool  # whether it was the one that sends


class Happened(msgspec.Struct):
    """What the play did, and what the platform saw."""

    jumps: list[Jump] = []
    kills: list[Kill] = []
    offices: tuple[int, ...] = ()
    cadres: int = 0
    sent: int = 0  # reports
    too_fast: int = 0  # calls answered with 429
    accepted: int = 0
    ended: float = 0.0


class Decided(msgspec.Struct, frozen=True):
    """A stored decision on a reminder."""

    unit: int
    stage: str
    at: datetime
    decision: str
    reason: str


class Stored(msgspec.Struct, frozen=True):
    """A stored message."""

    contact: int
    about: str
    kind: str
    state: int
    at: datetime
    sent: datetime | None = None
    not_before: datetime | None = None
    error: str = ""


class Noted(msgspec.Struct, frozen=True):
    """A stored note: a reminder that was decided to go out, or a report that was sent; in the order of the rows."""

    about: str
    done: str
    at: datetime


class Rows(msgspec.Struct, frozen=True):
    """All that is judged."""

    decisions: list[Decided]
    messages: list[Stored]
    notes: list[Noted]
    reports: int = 0  # that were sent
    parked: int = 0


class Outcome(msgspec.Struct):
    """What came of it."""

    decided: Counter[str] = msgspec.field(default_factory=Counter)
    latest: float = 0.0  # seconds after its hour at which the last reminder was decided
    rate: float = 1.0  # of the permitted
    seconds: int = 0  # in which enough waited
    take_overs: list[float] = []
    states: Counter[str] = msgspec.field(default_factory=Counter)  # of reminders
    messages: int = 0
    breaches: list[str] = []


def rows_of(url: str) -> Rows:
    """Read all of it."""
    database = Database(url)
    r, o, a = t.reminders.c, t.outbox.c, t.audit.c
    with database.read() as connection:
        decisions = [
            Decided(*row)
            for row in connection.execute(
                select(r.unit, r.stage, r.at, r.decision, r.reason)
                .where(r.form == FORM, r.period == PERIOD)
                .order_by(r.id)
            )
        ]
        messages = [
            Stored(*row[:-1], error=row.error or "")
            for row in connection.execute(
                select(o.contact, o.about, o.kind, o.state, o.at, o.sent, o.not_before, o.error).order_by(
                    o.id
                )
            )
        ]
        notes = [
            Noted(*row)
            for row in connection.execute(
                select(a.about, a.done, a.at)
                .where(a.about.like("report:%"), a.done.like("submitted%") | a.done.like("reminder%sent%"))
                .order_by(a.id)
            )
        ]
        sent = len(connection.execute(select(t.reports.c.id).where(t.reports.c.state == "submitted")).all())
        parked = len(connection.execute(select(t.inbox.c.id).where(t.inbox.c.state == t.PARKED)).all())
    database.close()
    return Rows(decisions, messages, notes, sent, parked)


class Judge:
    """Judges one play."""

    def __init__(self, happened: Happened, rows: Rows, shelf: Shelf, rate: int) -> None:
        self._happened, self._rows, self._shelf, self._rate = happened, rows, shelf, rate
        ends = [jump.real for jump in happened.jumps[1:]] + [happened.ended + LAG]
        self._lived = list(zip(happened.jumps, ends, strict=True))
        self.outcome = Outcome()

    def judge(self) -> Outcome:
        """Give what came of it, every breach in words."""
        self._decisions()
        self._messages()
        self._after_submission()
        self._speed()
        happened, rows = self._happened, self._rows
        if rows.reports != happened.sent:
            self._breach(f"{happened.sent} reports were sent, and {rows.reports} are stored as sent")
        if rows.parked:
            self._breach(f"{rows.parked} events are parked")
        return self.outcome

    def _breach(self, words: str) -> None:
        self.outcome.breaches.append(words)

    # --- time ---

    def real(self, moment: datetime) -> float:
        """Give the real time at which the shared clock showed this; the latest where it did so twice."""
        found = 0.0
        for slack in (0.0, LAG):
            for jump, end in self._lived:
                at = moment.timestamp() - jump.ahead
                if jump.real <= at < end + slack:
                    found = at
            if found:
                return found
        raise ValueError(f"{moment} was never lived through")

    def _reached(self, moment: datetime, before: float) -> float:
        """Give when the clock last came to a moment from below, by running or by a jump, until a real time."""
        wanted, reached, below = moment.timestamp(), self._lived[0][0].real, True
        for jump, end in self._lived:
            if jump.real > before:
                break
            if jump.real + jump.ahead >= wanted:
                reached, below = (jump.real if below else reached), False
            elif min(end, before) + jump.ahead >= wanted:
                reached, below = wanted - jump.ahead, False
            else:
                below = True
        return reached

    # --- what was promised ---

    def _decisions(self) -> None:
        """Each stage of each report is decided once, in time and not at night."""
        form, calendar = self._shelf.forms[FORM], self._shelf.calendar
        period = periods.period_named(form, PERIOD)
        assert period is not None
        last = self._happened.jumps[-1].ahead + self._happened.ended - UNDER_WAY
        plan = {
            stage.name: stage.at
            for stage in reporting.plan_of(form, period, calendar)
            if self._planned(stage.at) and stage.at.timestamp() < last
        }
        found: dict[tuple[int, str], list[Decided]] = defaultdict(list)
        held: dict[tuple[int, str], datetime] = {}
        for row in self._rows.decisions:
            key = row.unit, row.stage
            self.outcome.decided[f"{row.decision} ({row.reason})"] += 1
            if row.decision == "held":
                if row.reason in ("quiet-hours", "day-off"):
                    held[key] = reporting.next_allowed(row.at, calendar)
                continue
            found[key].append(row)
            if row.decision == "sent" and not reporting.may_send(row.at, calendar).ok:
                self._breach(f"{_said(row)} decided at {_told(row.at)}, when nobody is written to")
            if row.stage not in plan:
                self._breach(f"{_said(row)} is no stage of these hours")
                continue
            decided = self.real(row.at)
            late = decided - self._reached(held.get(key, plan[row.stage]), decided)
            self.outcome.latest = max(self.outcome.latest, late)
            if late > IN_TIME:
                self._breach(f"{_said(row)} decided {late:.0f} s after its hour")
        for unit in self._happened.offices:
            for stage in plan:
                if len(found[unit, stage]) != 1:
                    self._breach(f"unit {unit}, {stage} decided {len(found[unit, stage])} times")

    def _planned(self, at: datetime) -> bool:
        """Say whether a stage was still to come when the play began."""
        first = self._happened.jumps[0]
        return at.timestamp() > first.real + first.ahead

    def _messages(self) -> None:
        """Each decision tells a person once; nothing unasked is sent when people are not written to."""
        calendar = self._shelf.calendar
        told: Counter[tuple[str, int, datetime]] = Counter()
        names = {t.SENT: "sent", t.WITHDRAWN: "withdrawn", t.DOUBT: "in doubt", t.FAILED: "failed"}
        for row in self._rows.messages:
            state = names.get(row.state, "left over")
            self.outcome.messages += row.state == t.SENT
            if state in ("failed", "left over"):
                self._breach(f"a {row.kind} about {row.about} is {state}: {row.error}")
            if row.kind != "reminder":
                continue
            self.outcome.states[state] += 1
            told[row.about, row.contact, row.at] += 1
            if row.sent is not None and not reporting.may_send(row.sent, calendar).ok:
                real = self.real(row.sent)
                if not any(0 <= real - jump.real < UNDER_WAY for jump in self._happened.jumps):
                    self._breach(
                        f"a reminder about {row.about} sent at {_told(row.sent)}, when nobody is written to"
                    )
        for (about, contact, at), times in told.items():
            if times > 1:
                self._breach(f"contact {contact} is told {times} times at {_told(at)} about {about}")
        decided = {
            (f"report:{row.unit}:{FORM}:{PERIOD}", row.at)
            for row in self._rows.decisions
            if row.decision == "sent" and row.reason != "above"
        }
        reached = {(about, at) for about, _contact, at in told if about.startswith("report:")}
        for about, at in decided ^ reached:
            self._breach(f"{about}, {_told(at)}: a decision without a message, or a message without one")

    def _after_submission(self) -> None:
        """Nothing is decided or sent of a report that has been sent."""
        submitted: dict[str, float] = {}
        for note in self._rows.notes:
            if note.done.startswith("submitted"):
                submitted[note.about] = self.real(note.at)
            elif note.about in submitted:
                self._breach(f"{note.about}: {note.done} after it was submitted")
        for row in self._rows.messages:
            if row.kind == "reminder" and row.sent is not None and row.about in submitted:
                late = self.real(row.sent) - submitted[row.about]
                if late > UNDER_WAY:
                    self._breach(f"{row.about}: a reminder sent {late:.1f} s after it was submitted")

    def _speed(self) -> None:
        """As fast as permitted while enough waits; whoever takes over from a killed process is quick."""
        sent = sorted(self.real(row.sent) for row in self._rows.messages if row.sent is not None)
        ready = sorted(self._ready())
        out = self.outcome
        pauses = []
        for kill in (kill for kill in self._happened.kills if kill.sender):
            place = bisect_right(sent, kill.real)
            if bisect_right(ready, kill.real) <= place:
                continue  # nothing waited for whoever takes over
            took = sent[place] - kill.real if place < len(sent) else float("inf")
            out.take_overs.append(took)
            pauses.append((kill.real, kill.real + took))
            if took >= TAKEN_OVER:
                self._breach(f"a take-over took {took:.1f} s")
        counted = 0
        for second in _seconds(sent):
            before, after = bisect_right(sent, second), bisect_right(sent, second + 1)
            enough = (
                min(bisect_right(ready, second) - before, bisect_right(ready, second + 1) - after)
                >= BACKLOG * self._rate
            )
            if enough and not any(begin - 1 < second < end for begin, end in pauses):
                out.seconds += 1
                counted += after - before
        if out.seconds:
            out.rate = counted / out.seconds / self._rate
        if out.rate < REACHED:
            self._breach(f"sent at {out.rate:.1%} of the permitted rate")

    def _ready(self) -> Iterator[float]:
        for row in self._rows.messages:
            if row.sent is not None:
                yield self.real(max(row.at, row.not_before or row.at))


def _seconds(sent: list[float]) -> Iterator[float]:
    second = sent[0] if sent else 0.0
    while sent and second < sent[-1]:
        yield second
        place = bisect_right(sent, second + 1)
        second = (
            second + 1 if place < len(sent) and sent[place] < second + 60 else sent[min(place, len(sent) - 1)]
        )


def _said(row: Decided) -> str:
    return f"unit {row.unit}, {row.stage} {row.decision} ({row.reason})"


def _told(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m %H:%M:%S}"
