"""What a supervising unit hears of the reports below it: which are late, and which were approved.

Each in one message for all units below, and never outside the hours in which people are written to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from handlers import filing, overview
from handlers.filing import Filing, lines
from handlers.records.people import Person, Unit
from handlers.records.reports import Report
from handlers.rules import arrival, periods, published, reporting, vietnamese
from handlers.rules.reporting import local_day
from handlers.talk import Due
from handlers.text import Text, _, as_is
from handlers.turn import Turn

TOGETHER = timedelta(minutes=10)  # by then the stage of every unit has been decided
APPROVED = (
    "approved"  # what is kept among the decisions about a report, with the version, once those above know
)
BEFORE = timedelta(days=1)  # a press may be decided long after it was made
SHOWN = 8  # reports that one message names
NEVER = _("Still not sent:")
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
            until=reporting.end_of_day(turn.now),
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
        return _("• Report {month}, {unit}: {first}")(
            month=filing.month(case), unit=as_is(case.name), first=filing.first_version(turn, case)
        )
    late = filing.late_by(turn, case, turn.now)
    reporter, head = (turn.people.holding(kind, case.unit.id) for kind in ("reporter", "head"))
    words = _("• Report {month}, {unit}: {days} late; whoever reports and the head have been reminded")
    if not head:
        words = _(
            "• Report {month}, {unit}: {days} late; whoever reports has been reminded, it has no head here yet"
        )
    if not reporter:
        words = _("• Report {month}, {unit}: {days} late; nobody there is asked to report yet")
    return words(month=filing.month(case), unit=as_is(case.name), days=filing.workdays(late))


def _decided(turn: Turn, case: Filing, stage: str, decision: str, reason: str) -> None:
    turn.reports.decided(case.report, stage, decision, reason)
    turn.note(f"reminder {stage} {decision} ({reason})", case.about)


# --- approved ---


def approved(turn: Turn, case: Filing) -> tuple[Unit, datetime] | None:
    """Have the unit above told of an approved report together with others; give it, and when it will be told.

    None where nobody is there to be told but whoever has just approved it, or it was approved there.
    """
    over = filing.above(turn, case.unit)
    if over is None or filing.judged_above(turn, case.unit) is not None:
        return None
    if all(person.id == turn.person.id for person in filing.supervising(turn, over)):
        return None
    at = reporting.gathered_at(turn.now, turn.shelf.calendar, TOGETHER)
    turn.later(
        f"approved:{over.id}:{at:%Y%m%d%H%M}",
        at,
        "reports.approved",
        f"unit:{over.id}",
        unit=str(over.id),
        since=turn.now.isoformat(),
    )
    return over, at


def tell_approved(turn: Turn) -> None:
    """Tell a supervising unit which reports below it were approved that it has not heard of."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    unit = turn.people.unit(int(facts["unit"]))
    if unit is None:
        return
    verdict = reporting.may_send(turn.now, turn.shelf.calendar)
    if not verdict.ok:
        at = reporting.gathered_at(turn.now, turn.shelf.calendar, timedelta())
        turn.later(
            f"approved:{unit.id}:{at:%Y%m%d%H%M}:later",
            at,
            "reports.approved",
            f"unit:{unit.id}",
            **facts,
        )
        return
    groups = list(_not_told(turn, unit, datetime.fromisoformat(facts["since"]) - BEFORE))
    if not groups:
        return
    for cases, _every in groups:
        for case in cases:
            turn.reports.decided(case.report, _stage(case.report), "sent", APPROVED)
    for person in filing.supervising(turn, unit):
        others = [([case for case in cases if not _by(case, person)], every) for cases, every in groups]
        if not any(cases for cases, _every in others):
            continue
        turn.say(
            lines(
                _("Approved by the heads below {unit}:")(unit=as_is(unit.name)),
                *(line for cases, every in others if cases for line in _group(turn, person, cases, every)),
                _("How all of them stand: type “situation”."),
            ),
            to=person,
            kind="notice",
            about=f"approved:{unit.id}",
            until=reporting.end_of_day(turn.now),
        )
    turn.note(
        f"told of approved reports: {sum(len(cases) for cases, _every in groups)}", f"unit:{unit.id}", 0
    )


def _not_told(turn: Turn, unit: Unit, since: datetime) -> Iterator[tuple[list[Filing], int]]:
    """Give the reports of each form and period that were approved since then, and how many of it are in all."""
    below = {one.id: one for one in overview.below(turn, unit)}
    for form in turn.shelf.forms.in_use:
        newest = periods.open_period(form, local_day(turn.now))
        reports = turn.reports.of_units(list(below), form.id, overview.past(form, newest))
        for code in sorted({report.period for report in reports.values()}, reverse=True):
            named = periods.period_named(form, code)
            every = [report for report in reports.values() if report.period == code and _approved(report)]
            fresh = [one for one in every if _approved(one, since) and not _was_told(turn, one)]
            if named is not None and fresh:
                cases = [filing.of(turn, below[report.unit], form, named) for report in fresh]
                yield sorted(cases, key=lambda case: vietnamese.order(case.name)), len(every)


def _approved(report: Report, since: datetime | None = None) -> bool:
    """Say whether the version that stands is approved, perhaps only since a moment."""
    sent = published.standing(report)
    if sent is None or sent.verdict != "approved" or sent.decided is None:
        return False
    return since is None or sent.decided >= since


def _by(case: Filing, person: Person) -> bool:
    """Say whether somebody approved the version that stands themselves."""
    sent = published.standing(case.report)
    return sent is not None and sent.decided_by == person.id


def _was_told(turn: Turn, report: Report) -> bool:
    return any(row.stage == _stage(report) for row in turn.reports.decisions(report))


def _was_told_before(turn: Turn, report: Report) -> bool:
    """Say whether an earlier version of a report was told as approved."""
    earlier = (row.stage for row in turn.reports.decisions(report) if row.reason == APPROVED)
    return any(stage != _stage(report) for stage in earlier)


def _stage(report: Report) -> str:
    sent = published.standing(report)
    return f"{APPROVED}-{sent.number if sent else 0}"


def _group(turn: Turn, person: Person, cases: list[Filing], every: int) -> Iterator[Text]:
    month = filing.month(filing.read_by(cases[0], person))
    again = sum(_was_told_before(turn, case.report) for case in cases)
    words = _("• Reports {month}: {n} more, {all} in all.")
    if again:
        words = _("• Reports {month}: {n} more and {again} corrected, {all} in all.")
    if again == len(cases):
        words = _("• Reports {month}: {again} corrected, still {all} in all.")
    yield words(month=month, n=len(cases) - again, again=again, all=every)
    names = []
    for case in cases[:SHOWN]:
        version = max(
            (sent.number for sent in case.report.submissions if sent.verdict == "approved"), default=1
        )
        name = as_is(case.name)
        names.append(_("{unit} (version {n})")(unit=name, n=version) if version > 1 else name)
    words = names[0]
    for name in names[1:]:
        words = _("{first}, {second}")(first=words, second=name)
    yield (
        _("  {list}, and {n} more")(list=words, n=len(cases) - SHOWN)
        if cases[SHOWN:]
        else _("  {list}")(list=words)
    )
    late = sum(bool(filing.late_by(turn, case, case.report.submissions[0].at)) for case in cases)
    if late:
        yield _("  Of these sent late: {n}.")(n=late)


DUE: dict[str, Callable[[Turn], None]] = {"reports.above": tell, "reports.approved": tell_approved}
