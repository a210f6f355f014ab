"""`toso export reports`, "xuất báo cáo" in a chat: every report of some periods, a line for each office and period.

Offices are taken some at a time, each with all its periods, so that a nation's year needs no more memory than
a province's.  What never came has its line too.  Nobody is named; reasons given for figures, and what came of
tasks, stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, insert

from bot import clock
from bot.long_tables import MOST, Cell, begun, table
from bot.scope import Scope, scope_of
from bot.settings import Unusable
from bot.store import tables as t
from bot.store.database import Database
from bot.store.publications import StoredPublications
from bot.store.reports import StoredReports
from bot.wording import Wording
from handlers import overview
from handlers.filing import level_of
from handlers.records.people import Unit
from handlers.records.reports import Report, Submission
from handlers.rules import figures, periods, published, reporting
from handlers.rules.form_tasks import STAGES
from handlers.rules.periods import Period
from handlers.rules.validation import Value, exact
from handlers.text import Text, _
from knowledge.calendar import Calendar
from knowledge.forms import Form, Forms, FormTask, Indicator, Level
from knowledge.places import Places

EXPORTED = "exported reports"
PIECE = 50  # offices read at a time, with all their periods
STATES = {
    "": _("not sent"),
    "draft": _("being corrected"),
    "submitted": _("waits for approval"),
    "returned": _("returned"),
    "approved": _("approved"),
}
HEADINGS = (
    (_("Commune code"), 9),
    (_("Unit"), 34),
    (_("Period"), 12),
    (_("State"), 16),
    (_("Version"), 8),
    (_("Receipt"), 16),
    (_("Sent"), 16),
    (_("Working days late"), 9),
    (_("Approved"), 16),
    (_("Document"), 20),
)


class Wanted(msgspec.Struct, frozen=True):
    """What is to be exported."""

    first: date
    last: date
    form: str = ""  # the monthly one where none is named
    unit: str = ""


class Knowledge(msgspec.Struct, frozen=True):
    """What an export has to know besides the rows."""

    forms: Forms
    places: Places
    calendar: Calendar


class Plan(msgspec.Struct, frozen=True):
    """Which offices owed or sent which periods, and when these were due."""

    form: Form  # the newest version
    periods: tuple[Period, ...]
    offices: Mapping[int, Unit]
    owed: Mapping[int, frozenset[str]]  # codes of periods, by office
    ends: Mapping[tuple[str, Level], datetime]  # the first moment at which it is late
    tasks: tuple[FormTask, ...] = ()  # that one of these periods asked, in the newest version's order


def write(
    database: Database, wanted: Wanted, path: Path, knowledge: Knowledge, wording: Wording, lang: str
) -> int:
    """Write the file and give how many lines are in it; Unusable where it cannot be written or holds none."""
    ending, part = begun(path, wanted.first, wanted.last)
    form = _form(knowledge.forms, wanted.form)
    part.touch(mode=0o600)
    try:
        with database.read() as connection:
            scope = scope_of(connection, knowledge.places, wanted.unit)
        count = fill(database, wanted, scope, part, ending, knowledge, wording, lang)
        if not count:
            where = f" in “{wanted.unit}”" if wanted.unit else ""
            raise Unusable(
                f"No office owed a “{form.id}” report from {wanted.first} to {wanted.last}{where}. "
                "Name other days, another --form or another --unit."
            )
        _record(database, wanted, scope)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def fill(
    database: Database,
    wanted: Wanted,
    scope: Scope,
    path: Path,
    ending: str,
    knowledge: Knowledge,
    wording: Wording,
    lang: str,
    most: int = MOST,
) -> int:
    """Write a table at a path and give how many lines are in it; Unusable where a sheet would have too many."""
    form, count = _form(knowledge.forms, wanted.form), 0
    with ExitStack() as stack:
        connection = stack.enter_context(database.read())
        sheet = stack.enter_context(table(path, ending))
        plan = _plan(connection, form, wanted, scope, knowledge)
        asked = _asked(knowledge.forms, plan)

        def say(text: Text) -> str:
            return wording.word(text, lang)

        columns = [(say(words), width) for words, width in HEADINGS]
        columns += [(heading, 14) for one in asked for heading in _headings(one, lang)]
        columns += [(task.name.of(lang), 14) for task in plan.tasks]
        sheet.begin([heading for heading, _width in columns], [width for _heading, width in columns])
        states = {state: say(words) for state, words in (*STATES.items(), *STAGES.items())}
        for row in _rows(connection, plan, asked, knowledge.calendar, states):
            count += 1
            if count > most and ending == ".xlsx":
                raise Unusable(f"A sheet holds {most:,} rows. Write {path.stem}.csv, or fewer days.")
            sheet.row(row)
    return count


def _form(forms: Forms, named: str) -> Form:
    if named:
        found = forms.get(named)
        if found is None:
            raise Unusable(f"“{named}” is no form. Known: {', '.join(sorted(forms))}.")
        return found
    return min(forms.in_use, key=overview.monthly)


def _plan(connection: Connection, form: Form, wanted: Wanted, scope: Scope, knowledge: Knowledge) -> Plan:
    """Find who owed what: by each period the offices that somebody was in then, or that sent."""
    spans, period = [], periods.period_of(form, wanted.first)
    while period.cutoff <= wanted.last:
        spans.append(period)
        period = periods.after(form, period)
    stored = StoredPublications(connection, clock.now())
    offices: dict[int, Unit] = {}
    owed: dict[int, set[str]] = {}
    ends: dict[tuple[str, Level], datetime] = {}
    for period in spans:
        of_then = knowledge.forms.on(form.id, period.start)
        due = reporting.due_end(of_then, period, knowledge.calendar)
        for unit, _until in stored.offices(of_then, period, reporting.day_begins(period.start), due):
            if scope.team and unit.id != scope.team:
                continue
            if scope.communes and unit.commune not in scope.communes:
                continue
            offices[unit.id] = unit
            owed.setdefault(unit.id, set()).add(period.code)
            key = (period.code, level_of(unit))
            if key not in ends:
                ends[key] = reporting.due_end(of_then, period, knowledge.calendar, key[1])
    tasks: dict[str, FormTask] = {}
    for version in [form, *(knowledge.forms.on(form.id, period.start) for period in reversed(spans))]:
        for task in version.tasks:
            tasks.setdefault(task.id, task)
    owing = {unit: frozenset(codes) for unit, codes in owed.items()}
    return Plan(form, tuple(spans), offices, owing, ends, tuple(tasks.values()))


def _asked(forms: Forms, plan: Plan) -> tuple[Indicator, ...]:
    """Give every indicator that one of these periods asked, in the newest version's order, others behind."""
    versions = [plan.form, *(forms.on(plan.form.id, period.start) for period in reversed(plan.periods))]
    found: dict[str, Indicator] = {}
    for version in versions:
        for one in version.indicators:
            found.setdefault(one.id, one)
    return tuple(found.values())


def _headings(one: Indicator, lang: str) -> list[str]:
    name = one.name.of(lang)
    if not one.two:
        return [name]
    return [name, f"{name} /", *([f"{name} %"] if one.shape == "ratio" else [])]


def _rows(
    connection: Connection,
    plan: Plan,
    asked: tuple[Indicator, ...],
    calendar: Calendar,
    states: Mapping[str, str],
) -> Iterator[list[Cell]]:
    stored = StoredReports(connection, clock.now())
    codes = [period.code for period in plan.periods]
    ordered = sorted(plan.offices.values(), key=lambda unit: (unit.commune, unit.name, unit.id))
    for place in range(0, len(ordered), PIECE):
        piece = ordered[place : place + PIECE]
        reports = stored.of_units([unit.id for unit in piece], plan.form.id, codes)
        for unit in piece:
            for period in plan.periods:
                if period.code in plan.owed[unit.id]:
                    report = reports.get((unit.id, period.code))
                    yield _row(plan, unit, period, report, asked, calendar, states)


def _row(
    plan: Plan,
    unit: Unit,
    period: Period,
    report: Report | None,
    asked: tuple[Indicator, ...],
    calendar: Calendar,
    states: Mapping[str, str],
) -> list[Cell]:
    sent = published.standing(report) or (report.latest if report else None)
    first: list[Cell] = [unit.commune, unit.name, period.code]
    if report is None or sent is None:
        return [*first, states[""]]
    begun = report.submissions[0].at
    level = level_of(unit)
    late = begun >= plan.ends[period.code, level]
    row = [
        *first,
        states[report.state],
        sent.number,
        report.receipt,
        begun,
        reporting.days_late(plan.form, period, calendar, begun, level) if late else 0,
        _approved(report),
        f"{sent.document} {sent.dated or ''}".strip(),
    ]
    for one in asked:
        row += _cells(one, sent.values.get(one.id))
    told = [sent.tasks.get(task.id) for task in plan.tasks]
    return [*row, *(states[state.stage] if state else None for state in told)]


def _approved(report: Report) -> datetime | None:
    sent: Submission | None = published.standing(report)
    return sent.decided if sent is not None and sent.verdict == "approved" else None


def _cells(one: Indicator, value: Value | None) -> list[Cell]:
    """Give the cells of a figure; empty ones for "no data"."""
    if value is None or value.value is None:
        return [None] * len(_headings(one, "vi"))
    if not one.two:
        return [exact(one, value.value)]
    cells: list[Cell] = [value.value, value.of]
    if one.shape == "ratio":
        cells.append(figures.share(value.value, value.of) if value.of else None)
    return cells


def _record(database: Database, wanted: Wanted, scope: Scope) -> None:
    """Keep that it was exported, before there is a file to be opened."""
    about = f"reports {wanted.first}..{wanted.last} of {scope.about}"[:80]
    with database.write() as connection:
        connection.execute(insert(t.audit).values(at=clock.now(), done=EXPORTED, about=about, by=0))
