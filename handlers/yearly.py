"""What a year of an office's reports comes to, and who was its head meanwhile; for the office itself and those above.

Nobody who helps or reports is named or counted: heads alone, since they answer for what their office sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from handlers import filing, overview, stagnation
from handlers.filing import Filing
from handlers.records.people import Role, Unit
from handlers.records.reports import Report
from handlers.rules import arrival, measures, periods, published, reporting, vietnamese, yearly
from handlers.rules.measures import Measures
from handlers.rules.periods import Period
from handlers.rules.validation import Value
from handlers.rules.yearly import Judged, Tally
from handlers.turn import Turn
from knowledge.forms import Form

OLDEST = 10  # years back that are looked for


class Served(msgspec.Struct, frozen=True):
    """What a head's office owed while they were head, and what they decided."""

    person: int
    tally: Tally
    judged: Judged


class Year(msgspec.Struct, frozen=True):
    """A year of one office by one form, as far as it has come."""

    unit: Unit
    form: Form
    periods: tuple[Period, ...]  # that it owed, the oldest first
    tally: Tally
    late: tuple[Period, ...]
    missing: tuple[Period, ...]
    whole: dict[str, Value]  # of each indicator
    heads: tuple[Served, ...]  # in the order in which they came
    newest: Period | None  # of the last report that came

    @property
    def span(self) -> tuple[Period, Period]:
        """The first and the last period that was owed."""
        return self.periods[0], self.periods[-1]


def periods_of(turn: Turn, form: Form, year: int) -> tuple[Period, ...]:
    """Give the periods of a reporting year whose figures are complete, the oldest first; none of one to come."""
    period = periods.open_period(form, reporting.local_day(turn.now))
    if not period.year - OLDEST <= year <= period.year:
        return ()
    while period.year > year:
        period = periods.before(form, period)
    found = []
    while period.year == year:
        if periods.in_force(form, period):
            found.append(period)
        period = periods.before(form, period)
    return tuple(reversed(found))


def counted(turn: Turn, unit: Unit, form: Form, year: int) -> Year | None:
    """Give an office's own year by a form; None where it owed nothing."""
    found = _gathered(turn, form, year, [unit.commune], unit.id)
    return next((one for one in found if one.unit.id == unit.id), None)


def below(turn: Turn, over: Unit, form: Form, year: int) -> list[Year]:
    """Give the year of each unit below another that owed a form, those that ended amid it too, by name."""
    places = [over.commune, *(one.code for one in turn.shelf.places.communes_of(over.commune))]
    found = _gathered(turn, form, year, places, over.id)
    return [one for one in found if overview.reports_to(turn, over, one.unit)]


def aims(turn: Turn, year: Year) -> list[stagnation.Watched]:
    """Give the indicators that were to reach something, by the newest report of a year; none where none came."""
    if year.newest is None:
        return []
    case = filing.of(turn, year.unit, year.form, year.newest)
    return [one for one in stagnation.watched(turn, case) if one.rule.target is not None]


def _gathered(turn: Turn, form: Form, year: int, places: Sequence[str], under: int) -> list[Year]:
    """Give the year of each office of some places, or that names a supervisor, by name."""
    owed: dict[int, list[Period]] = {}
    units: dict[int, Unit] = {}
    for period in periods_of(turn, form, year):
        of_then = turn.shelf.forms.on(form.id, period.start)
        begun = reporting.day_begins(period.start)
        due = reporting.due_end(of_then, period, turn.shelf.calendar)
        for unit, _until in turn.publications.offices(of_then, period, begun, due, places, under):
            units[unit.id] = unit
            owed.setdefault(unit.id, []).append(period)
    if not owed:
        return []
    every = sorted({one for spans in owed.values() for one in spans}, key=lambda one: one.cutoff)
    codes = [periods.before(form, every[0]).code, *(one.code for one in every)]
    reports = turn.reports.of_units(list(owed), form.id, codes)
    since, until = reporting.day_begins(every[0].start), turn.now
    merged = turn.people.taken_over(*owed)
    heads: dict[int, list[Role]] = {}
    for role in turn.people.headed(list(owed), since, until):
        heads.setdefault(role.place, []).append(role)
    found = (
        _of_office(turn, form, units[number], spans, reports, heads.get(number, ()), merged.get(number, ()))
        for number, spans in owed.items()
    )
    return sorted(
        (one for one in found if one is not None),
        key=lambda one: (vietnamese.order(one.unit.name), one.unit.id),
    )


def _of_office(
    turn: Turn,
    form: Form,
    unit: Unit,
    spans: Sequence[Period],
    reports: dict[tuple[int, str], Report],
    roles: Iterable[Role],
    old: Sequence[Unit],
) -> Year | None:
    level, calendar = filing.level_of(unit), turn.shelf.calendar
    each: list[tuple[Period, Tally]] = []
    sent: list[tuple[Period, Report]] = []
    for period in spans:
        report = reports.get((unit.id, period.code))
        came = report is not None and bool(report.submissions)
        of_then = turn.shelf.forms.on(form.id, period.start)
        ends = reporting.due_end(of_then, period, calendar, level)
        if not came and (turn.now < ends or not filing.owes(of_then, unit, period)):
            continue  # it can still come in time, or will not since the unit had ended by then
        if came and report is not None:
            sent.append((period, report))
        timely = arrival.in_time(report, ends)
        four = _measured(turn, form, unit, period, reports, old, timely=timely) if came else Measures()
        each.append((period, yearly.tallied(report, in_time=timely, measures=four)))
    if not each:
        return None
    return Year(
        unit=unit,
        form=form,
        periods=tuple(period for period, _tally in each),
        tally=sum((tally for _period, tally in each), Tally()),
        late=tuple(period for period, tally in each if tally.late),
        missing=tuple(period for period, tally in each if tally.missing),
        whole=_whole(form, [report for _period, report in sent]),
        heads=_served(turn, form, unit, each, [report for _period, report in sent], roles),
        newest=sent[-1][0] if sent else None,
    )


def _measured(
    turn: Turn,
    form: Form,
    unit: Unit,
    period: Period,
    reports: dict[tuple[int, str], Report],
    old: Sequence[Unit],
    *,
    timely: bool,
) -> Measures:
    """Measure a report as it stands, under the form as it was when it was sent."""
    report = reports[unit.id, period.code]
    sent = published.standing(report) or report.submissions[-1]
    of_then = turn.shelf.forms.version(form.id, sent.form_version) or form
    grew = filing.grew(unit, old, of_then, period)
    before = None if grew else reports.get((unit.id, periods.before(of_then, period).code))
    last = before.latest.values if before is not None and before.latest is not None else {}
    known = {one.id for one in of_then.indicators}
    return measures.measured(
        of_then,
        sent.values,
        {name: value for name, value in last.items() if name in known},
        versions=len(report.submissions),
        in_time=timely,
        year_begins=periods.opens_the_year(of_then, period),
    )


def _whole(form: Form, reports: Sequence[Report]) -> dict[str, Value]:
    values = [(published.standing(report) or report.submissions[-1]).values for report in reports]
    return {
        one.id: yearly.whole(one, [each[one.id] for each in values if one.id in each])
        for one in form.indicators
    }


def _served(
    turn: Turn,
    form: Form,
    unit: Unit,
    each: Sequence[tuple[Period, Tally]],
    reports: Sequence[Report],
    roles: Iterable[Role],
) -> tuple[Served, ...]:
    """Give who was head, each with the periods that were due meanwhile; none of whom nothing is to be told."""
    level, calendar = filing.level_of(unit), turn.shelf.calendar
    found: dict[int, Served] = {}
    for role in sorted(roles, key=lambda one: (one.since, one.id)):
        tally = Tally()
        for period, one in each:
            ends = reporting.due_end(turn.shelf.forms.on(form.id, period.start), period, calendar, level)
            if role.since < ends and (role.until is None or role.until >= ends):
                tally += one
        before = found.get(role.person)
        decided = sum(
            (yearly.judged(report.submissions, role.person, calendar) for report in reports), Judged()
        )
        found[role.person] = Served(role.person, tally + (before.tally if before else Tally()), decided)
    return tuple(one for one in found.values() if one.tally.owed or one.judged.all)


def case_of(turn: Turn, year: Year) -> Filing:
    """Give the last report that an office owed in a year, by which it is spoken of."""
    return filing.of(turn, year.unit, year.form, year.periods[-1])
