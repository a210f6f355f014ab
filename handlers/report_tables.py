"""All reports of a province or commune as a table: asked for in a line, made after the turn, sent as a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from handlers import filing, overview
from handlers.made import ReportTable
from handlers.records.media import MADE, Thing
from handlers.records.people import Unit
from handlers.rules import periods, reporting, roles
from handlers.rules.periods import Period
from handlers.rules.reporting import local_day
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, UNSEEN, Choice, Turn
from knowledge.folding import fold
from knowledge.forms import Every, Form

TABLE = "reports"  # behind "made:"
EXPORTED = "exported reports"
SHOWN = 4  # offices to choose from
FORM = 20  # letters of a form's name within a button
_ASKED = re.compile(
    r"(?:cho (?:em|toi|anh|chi) )?(?:xuat|tai|ket xuat|export|download)(?: (?:bang|file|tep|excel|ra|the|a|table|of))*"
    r"(?: (?:tat ca|toan bo|cac|moi|all|the))*(?: ca)? (?:bao cao|reports?)"
    r"(?: (?:cua|cho|of|for|trong|in))?"
    r"(?: (?P<kind>thang|ky|quy|tuan|nam|month|quarter|week|year|q) ?)?"
    r"(?: ?(?:(?P<n>\d{1,2})(?:(?: nam)?[ /-](?P<year>20\d\d))?|(?P<alone>20\d\d)(?:[ -](?P<after>\d{1,2}))?))?"
)
_EVERY: dict[str, Every] = {
    "quy": "quarter",
    "q": "quarter",
    "quarter": "quarter",
    "tuan": "week",
    "week": "week",
}
_CODES: dict[str, str] = {"month": "{year}-{n:02}", "quarter": "{year}-Q{n}", "week": "{year}-W{n:02}"}
_KEPT = re.compile(r"(\d{1,17})/([a-z0-9-]+)/(\d{4}[0-9A-Z-]{0,4})/(\d{4}[0-9A-Z-]{0,4})")
NO_PERIOD = _(
    "There is no such period yet. Type it like this: export reports 10/2026, or export reports 2026."
)


class Span(msgspec.Struct, frozen=True):
    """The periods that are asked for."""

    form: Form
    first: Period
    last: Period

    @property
    def words(self) -> Text:
        """How they are called: 10/2026, or 1/2026 to 11/2026."""
        first, last = (filing.period_name(self.form, period) for period in (self.first, self.last))
        return first if self.first == self.last else _("{first} to {last}")(first=first, last=last)


def meant(turn: Turn) -> bool:
    """Say whether words ask for all reports as a table."""
    return _ASKED.fullmatch(fold(turn.text)) is not None


def typed_card(turn: Turn) -> bool:
    """Hear "xuất báo cáo", "xuất báo cáo tháng 10" and "xuất báo cáo 2026"; False for other words."""
    asked = _ASKED.fullmatch(fold(turn.text)) if turn.staff else None
    if asked is None:
        return False
    places = _places(turn)
    if not places:
        turn.say(_("All reports as a table are for officers and heads of a commune or province."))
        return True
    span = _span(turn, asked)
    if span is None:
        turn.say(NO_PERIOD)
    elif len(places) == 1:
        _make(turn, places[0], span)
    else:
        key = f"{span.form.id}/{span.first.code}/{span.last.code}"
        turn.say(
            _("The reports of which office?"),
            [
                Choice(
                    "export-reports",
                    filing.label(unit.name, as_is(unit.name[: LABEL - 1] + "…")),
                    f"{unit.id}/{key}",
                )
                for unit in places[:SHOWN]
            ],
        )
    return True


def give(turn: Turn, context: str) -> bool:
    """Have the table of the office that was chosen made."""
    read = _KEPT.fullmatch(context)
    form = turn.shelf.forms.get(read[2]) if read else None
    if read is None or form is None:
        return False
    unit = next((unit for unit in _places(turn) if str(unit.id) == read[1]), None)
    first, last = (periods.period_named(form, code) for code in (read[3], read[4]))
    if unit is None or first is None or last is None:
        return False
    _make(turn, unit, Span(form, first, last))
    return True


def _places(turn: Turn) -> list[Unit]:
    """Give the offices whose reports this person may have, one for each commune or province."""
    kinds = roles.RIGHTS["export"].who
    found: dict[str, Unit] = {}
    for role in turn.people.roles(turn.person.id):
        unit = turn.people.unit(role.place) if role.kind in kinds else None
        if unit is not None and unit.kind in ("office", "province") and not unit.village:
            found.setdefault(unit.commune, unit)
    return list(found.values())


def _make(turn: Turn, unit: Unit, span: Span) -> None:
    """Have the table made, and keep in the audit that it was asked for; say so where it would be empty."""
    if not _any(turn, unit, span):
        turn.say(_("{place}: nobody owed a report for {period}.")(place=as_is(unit.name), period=span.words))
        return
    name = span.first.code if span.first == span.last else f"{span.first.code}-{span.last.code}"
    turn.make(
        ReportTable(
            form=span.form.id,
            first=span.first.cutoff,
            last=span.last.cutoff,
            place=unit.commune,
            lang=turn.lang,
        ),
        f"bao-cao-{name}.xlsx",
        f"{MADE}:{TABLE}:{unit.id}/{span.form.id}/{span.first.code}/{span.last.code}",
    )
    turn.note(EXPORTED, f"reports {span.first.cutoff}..{span.last.cutoff} of {unit.commune}")
    turn.say(
        _("The table of the reports {period}, {place}, is being made and comes here in a moment.")(
            period=span.words, place=as_is(unit.name)
        )
    )


def show(turn: Turn, thing: Thing) -> None:
    """Send the table that was made, where its reader may still have it."""
    read = _KEPT.fullmatch(thing.about.split(":", 2)[2])
    unit = next((unit for unit in _places(turn) if read and str(unit.id) == read[1]), None)
    if unit is None:
        return
    if not (turn.shelf.office.opens or turn.media.shown(thing, turn.person.id)):
        turn.say(UNSEEN, name=thing.name)
        return
    turn.say(
        lines(
            _("A line for each office and period, what never came included. Nobody is named in it."),
            _("What stands in it is as of {at}.")(at=thing.at),
        ),
        media=thing.code,
    )


def refused(turn: Turn, thing: Thing | None) -> bool:
    """Tell whoever asked for a table that it is too long; False for other files and reasons."""
    if thing is None or thing.reason != "large" or not thing.about.startswith(f"{MADE}:{TABLE}:"):
        return False
    turn.say(_("That table is too long for a chat. Please ask for fewer periods, such as one month."))
    return True


# --- which periods ---


def _span(turn: Turn, asked: re.Match[str]) -> Span | None:
    """Give the periods that words name, the one now open where they name none; None where it is none, or to come."""
    every = _EVERY.get(asked["kind"] or "", "month")
    form = next(
        (
            form
            for form in sorted(turn.shelf.forms.in_use, key=overview.monthly)
            if form.period.every == every
        ),
        None,
    )
    if form is None or (asked["kind"] and not (asked["n"] or asked["alone"])):
        return None
    newest = periods.open_period(form, local_day(turn.now))
    number = asked["n"] or asked["after"]
    if number is None:
        return _year(form, int(asked["alone"]), newest) if asked["alone"] else Span(form, newest, newest)
    year = asked["year"] or asked["alone"]
    for tried in (int(year),) if year else (int(newest.code[:4]), int(newest.code[:4]) - 1):
        period = periods.period_named(form, _CODES[every].format(year=tried, n=int(number)))
        if period is not None and period.start <= newest.start:
            return Span(form, period, period)
    return None


def _year(form: Form, year: int, newest: Period) -> Span | None:
    """Give the periods of a year as far as they have come."""
    found = [period for period in _back(form, newest) if period.code.startswith(f"{year}-")]
    return Span(form, found[-1], found[0]) if found else None


def _back(form: Form, period: Period) -> Iterator[Period]:
    """Give a period and those before it, some years back."""
    for _n in range(10 * 53):
        yield period
        period = periods.before(form, period)


def _any(turn: Turn, unit: Unit, span: Span) -> bool:
    """Say whether an office of the place owed one of these reports, or sent one."""
    places = turn.shelf.places
    inside = {one.code for one in places.communes_of(unit.commune)} | {unit.commune}
    period, oldest = span.last, span.first
    while period.start >= oldest.start:
        for one, _ended in turn.publications.offices(
            turn.shelf.forms.on(span.form.id, period.start), period, *_bounds(turn, span.form, period)
        ):
            if one.commune in inside:
                return True
        period = periods.before(span.form, period)
    return False


def _bounds(turn: Turn, form: Form, period: Period) -> tuple[datetime, datetime]:
    of_then = turn.shelf.forms.on(form.id, period.start)
    return (
        reporting.day_begins(period.start),
        reporting.due_end(of_then, period, turn.shelf.calendar),
    )


CARDS: dict[str, Callable[[Turn, str], bool]] = {"export-reports": give}
