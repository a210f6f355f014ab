"""What a supervising unit hears of reports that are late: once for all units below it, in one message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from handlers import filing
from handlers.filing import Filing, lines
from handlers.records.people import Unit
from handlers.reminder_words import end_of_day
from handlers.rules import arrival, reporting
from handlers.rules.reporting import local_day
from handlers.talk import Due
from handlers.text import Text, _, as_is
from handlers.turn import Turn

TOGETHER = timedelta(minutes=10)  # by then the stage of every unit has been decided
SHOWN = 8  # reports that one message names
NEVER = _("Still not sent, and whoever reports and the head have been reminded:")
AGAIN = _("Sent, being corrected and not sent again yet:")


def note(turn: Turn, case: Filing, stage: str) -> None:
    """Keep that a report is late for those above, and have them told of all such reports together."""
    unit = filing.above(turn, case.unit)
    if unit is None or not filing.supervising(turn, unit):
        _decided(turn, case, stage, "skipped", "no-supervisor")
        return
    day = local_day(turn.now).isoformat()
    key = f"above:{unit.id}:{day}"
    turn.later(key, turn.now + TOGETHER, "reports.above", f"unit:{unit.id}", unit=str(unit.id), day=day)
    _decided(turn, case, stage, "sent", "above")


def tell(turn: Turn) -> None:
    """Tell a supervising unit which of the reports noted that day are still not sent."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    unit = turn.people.unit(int(facts["unit"]))
    if unit is None:
        return
    verdict = reporting.may_send(turn.now, turn.shelf.calendar)
    if not verdict.ok:  # the office's computer was off meanwhile
        key = f"above:{unit.id}:{facts['day']}:{verdict.then:%Y%m%d%H%M}"
        turn.later(key, verdict.then, "reports.above", f"unit:{unit.id}", **facts)
        return
    late = list(_noted(turn, unit, facts["day"]))
    if not late:
        return
    for person in filing.supervising(turn, unit):
        cases = [filing.read_by(case, person) for case in late]
        never = [case for case in cases if not arrival.reworked(case.report)]
        again = [case for case in cases if arrival.reworked(case.report)]
        turn.say(
            lines(
                *_listed(turn, never, NEVER),
                *_listed(turn, again, AGAIN),
            ),
            to=person,
            kind="reminder",
            about=f"above:{unit.id}",
            until=end_of_day(turn.now),
        )
    turn.note(f"told of late reports: {len(late)}", f"unit:{unit.id}", 0)


def _noted(turn: Turn, unit: Unit, day: str) -> Iterator[Filing]:
    """Give the reports below a unit that were noted for it on a day and are not sent."""
    below = {commune.code for commune in turn.shelf.places.communes_of(unit.commune)} | {unit.commune}
    for office in turn.reports.offices():
        if office.id == unit.id or not (office.parent == unit.id or office.commune in below):
            continue
        for case in filing.current(turn, office):
            rows = turn.reports.decisions(case.report)
            noted = any(row.reason == "above" and local_day(row.at).isoformat() == day for row in rows)
            supervisor = filing.above(turn, office) if noted and not case.report.delivered else None
            if supervisor is not None and supervisor.id == unit.id:
                yield case


def _listed(turn: Turn, cases: list[Filing], heading: Text) -> Iterator[Text]:
    if cases:
        yield heading
        yield from (_line(turn, case) for case in cases[:SHOWN])
    if cases[SHOWN:]:
        yield _("• And {n} more.")(n=len(cases) - SHOWN)


def _line(turn: Turn, case: Filing) -> Text:
    if arrival.reworked(case.report):
        return _("• {month}, {unit}: {first}")(
            month=filing.month(case), unit=as_is(case.name), first=filing.first_version(turn, case)
        )
    late = filing.late_by(turn, case, turn.now)
    return _("• {month}, {unit}: {days} late")(
        month=filing.month(case), unit=as_is(case.name), days=filing.workdays(late)
    )


def _decided(turn: Turn, case: Filing, stage: str, decision: str, reason: str) -> None:
    turn.reports.decided(case.report, stage, decision, reason)
    turn.note(f"reminder {stage} {decision} ({reason})", case.about)


DUE: dict[str, Callable[[Turn], None]] = {"reports.above": tell}
