"""A report with all that belongs to it, and how it is spoken of: to its officer, to its head, in reminders."""

from __future__ import annotations

import re
from datetime import date, datetime

import msgspec

from handlers.profile import named
from handlers.records.people import Person, Unit
from handlers.records.reports import Report, Submission
from handlers.rules import exporting, reporting, validation
from handlers.rules.reporting import Period
from handlers.rules.validation import Value
from handlers.talk import File
from handlers.text import Text, _, as_is
from handlers.turn import Turn
from knowledge.folding import fold
from knowledge.forms import Form, Indicator

DOING = "report"
MONTHLY = "monthly"
LABEL = 25  # letters of a choice
BESIDE = 11  # of them for the words around a name
_RECEIPT = re.compile(r"\s*(\D+?)\s+([A-Za-zĐđ]{1,6}-\d\d-[A-Za-z0-9]{3,12})(?:[\s:,.]+(.*))?", re.S)
_KEY = re.compile(r"(\d+):([a-z0-9-]+):(\d{4}-\d\d)")


class Filing(msgspec.Struct, frozen=True):
    """One report: whose, of which form and period, what was entered, what last month's figures were."""

    unit: Unit
    form: Form
    period: Period
    report: Report
    last: dict[str, Value]  # of the period just before; empty where that was not sent
    name: str  # the unit as people of the place call it, without its province
    renewed: bool = False  # the form has had a new version since the draft was begun

    @property
    def key(self) -> str:
        """The name of this report in buttons, talks and reminders."""
        return f"{self.unit.id}:{self.form.id}:{self.period.code}"

    @property
    def about(self) -> str:
        """What messages and audit rows about this report carry."""
        return f"report:{self.key}"

    def troubles(self, one: Indicator) -> list[validation.Trouble]:
        """Give what is impossible or unusual about an indicator as entered."""
        value = self.report.values.get(one.id)
        return validation.troubles(one, value, self.last.get(one.id)) if value is not None else []

    @property
    def entered(self) -> int:
        """How many indicators have an answer, "no data" included."""
        return len(self.report.values)


class Named(msgspec.Struct, frozen=True):
    """What somebody typed of a report by its receipt: "trả lại UH-11-K4M: số 5 chưa khớp"."""

    verb: str  # without accents
    case: Filing | None  # None where no report has that receipt
    words: str


NO_SUCH = _("Tổ Số knows no report with that receipt. Please check its letters and digits.")


def key_of(report: Report) -> str:
    """Give the name of a stored report in buttons, talks and reminders."""
    return f"{report.unit}:{report.form}:{report.period}"


def naming(turn: Turn) -> Named | None:
    """Give what a line says that names a receipt behind its verb; None where it names none."""
    match = _RECEIPT.fullmatch(turn.text)
    if match is None:
        return None
    report = turn.reports.by_receipt(match[2].upper())
    return Named(fold(match[1]), find(turn, key_of(report)) if report else None, match[3] or "")


def find(turn: Turn, key: str) -> Filing | None:
    """Give the report of that name as it stands now; None where there can be none."""
    match = _KEY.fullmatch(key)
    form = turn.shelf.forms.get(match[2]) if match else None
    period = reporting.period_named(form, match[3]) if form and match else None
    unit = turn.people.unit(int(match[1])) if match and len(match[1]) < 18 else None
    if form is None or period is None or unit is None:
        return None
    return of(turn, unit, form, period)


def of(turn: Turn, unit: Unit, form: Form, period: Period) -> Filing:
    """Give the report of a unit for a period as it stands now."""
    before = turn.reports.last(unit.id, form.id, period.code)
    sent = before.latest if before and before.period == reporting.before(form, period).code else None
    known = {one.id: one for one in form.indicators}
    last = {key: value for key, value in (sent.values if sent else {}).items() if key in known}
    place = turn.shelf.places.commune(unit.commune)
    province = turn.shelf.places.label(place).rpartition(", ")[2] if place else ""
    name = unit.name.removesuffix(f", {province}")
    filing = Filing(unit, form, period, Report(unit=unit.id, form=form.id, period=period.code), last, name)
    return standing(filing, turn.reports.get(unit.id, form.id, period.code))


def hold(turn: Turn, filing: Filing) -> Filing:
    """Give the same report as it stands now; nobody else changes it before this turn ends."""
    return standing(filing, turn.reports.hold(filing.unit.id, filing.form.id, filing.period.code))


def standing(filing: Filing, report: Report) -> Filing:
    """Put what the store has; of a draft begun under another form the figures that still fit."""
    renewed = bool(report.form_version) and report.form_version != filing.form.version
    if renewed and not report.delivered:
        fitting = {
            one.id: report.values[one.id]
            for one in filing.form.indicators
            if one.id in report.values and _fits(one, report.values[one.id])
        }
        report = msgspec.structs.replace(report, values=fitting)
    return msgspec.structs.replace(filing, report=report, renewed=renewed and not report.delivered)


def _fits(one: Indicator, value: Value) -> bool:
    if value.of is not None and not one.two:
        return False
    return not any(trouble.level == "impossible" for trouble in validation.troubles(one, value))


def current(turn: Turn, unit: Unit) -> Filing:
    """Give the report that a unit owes now: of the last period whose figures are complete."""
    form = turn.shelf.forms[MONTHLY]
    return of(turn, unit, form, reporting.open_period(form, reporting.local_day(turn.now)))


def owed(turn: Turn, case: Filing) -> bool:
    """Say whether this person is to hear of a report: it was due since they came, or somebody has begun it."""
    ends = reporting.due_end(case.form, case.period, turn.shelf.calendar)
    since = [role.since for role in turn.people.roles(turn.person.id) if role.place == case.unit.id]
    return bool(case.entered or case.report.latest) or any(at < ends for at in since)


def units(turn: Turn, kind: str) -> tuple[Unit, ...]:
    """Give the offices in which the person of this turn reports, or is head."""
    places = dict.fromkeys(role.place for role in turn.people.roles(turn.person.id) if role.kind == kind)
    return tuple(unit for place in places if (unit := turn.people.unit(place)) is not None)


def holds(turn: Turn, kind: str, unit: Unit) -> bool:
    """Say whether the person of this turn has this role in that office now."""
    return any(role.kind == kind and role.place == unit.id for role in turn.people.roles(turn.person.id))


def officers(turn: Turn, filing: Filing) -> tuple[Person, ...]:
    """Give who is to hear about this report: whoever sent it, else all who report for the unit."""
    holding = turn.people.holding("reporter", filing.unit.id)
    sent = filing.report.latest
    sender = tuple(person for person in holding if sent and person.id == sent.by)
    return sender or holding


# --- words ---


def lines(*parts: Text | None) -> Text:
    """Put sentences below each other, leaving out those that are None."""
    given = [part for part in parts if part is not None]
    whole = given[0]
    for part in given[1:]:
        whole = _("{before}\n{ask}")(before=whole, ask=part)
    return whole


def beside(first: Text, second: Text | None) -> Text:
    """Put a second sentence behind the first."""
    return first if second is None else _("{first} {second}")(first=first, second=second)


def title(filing: Filing) -> Text:
    """Name a report: the 11/2026 report of xã Ứng Hòa."""
    return _("the {month} report of {unit}")(month=month(filing), unit=as_is(filing.name))


def month(filing: Filing) -> str:
    """Give the reporting month, such as 11/2026."""
    year, of_year = filing.period.code.split("-")
    return f"{int(of_year)}/{year}"


def span(filing: Filing) -> str:
    """Give the days whose figures count, such as 15/10–14/11/2026."""
    first, last = filing.period.start, filing.period.cutoff
    return f"{first.day}/{first.month}–{last.day}/{last.month}/{last.year}"


def due_day(turn: Turn, filing: Filing) -> date:
    """Give the last day for sending."""
    return reporting.due(filing.form, filing.period, turn.shelf.calendar)


def timely(turn: Turn, filing: Filing, sent: datetime) -> Text:
    """Say whether a report sent then was in time."""
    late = reporting.days_late(filing.form, filing.period, turn.shelf.calendar, sent)
    return _("{n} working days late")(n=late) if late else _("on time")


def who(turn: Turn, person: int, *, first: bool = False) -> Text:
    """Name somebody of the office, such as chị Hạnh; with a capital where the sentence begins."""
    known = turn.person if person == turn.person.id else turn.people.get(person)
    name = named(known.address, known.name) if known.name else ""
    if not name:
        return _("Somebody of the office") if first else _("somebody of the office")
    return as_is(name[0].upper() + name[1:] if first else name)


def label(text: str, otherwise: Text) -> Text:
    """Give words for a button where they fit on one, else the shorter sentence."""
    return as_is(text) if len(text) <= LABEL else otherwise


def call(turn: Turn, person: int) -> str:
    """Give what fits on a button of a name: chị Hạnh."""
    known = turn.person if person == turn.person.id else turn.people.get(person)
    return named(known.address, known.name)


def name_fits(turn: Turn, person: int) -> bool:
    """Say whether somebody's name fits on a button beside "send to" or "ask"."""
    return len(call(turn, person)) <= LABEL - BESIDE


def line(filing: Filing, one: Indicator, values: dict[str, Value], lang: str) -> Text:
    """Show one indicator as a line of a summary; what is unusual is marked and has its reason."""
    value = values.get(one.id)
    name = as_is(one.name.of(lang))
    if value is None:
        return _("• {n}. {name}: not answered yet")(n=one.number, name=name)
    figure = validation.shown(one, value)
    last = filing.last.get(one.id)
    if not validation.troubles(one, value, last):
        return _("• {n}. {name}: {figure}")(n=one.number, name=name, figure=figure)
    marked = _("▲ {n}. {name}: **{figure}**")(n=one.number, name=name, figure=figure)
    if last is not None:
        marked = _("{line}, last month {last}")(line=marked, last=validation.shown(one, last))
    if value.reason:
        marked = _("{line}. Reason: {reason}")(line=marked, reason=as_is(value.reason))
    return marked


def unusual(filing: Filing, values: dict[str, Value]) -> list[Indicator]:
    """Give the indicators of a report that differ from what one would expect."""
    return [
        one
        for one in filing.form.indicators
        if one.id in values and validation.troubles(one, values[one.id], filing.last.get(one.id))
    ]


def proof(filing: Filing, sent: Submission) -> File:
    """Give the file that proves what was sent."""
    return exporting.proof(filing.form, filing.unit.name, filing.period, filing.report, sent)


def sheet(turn: Turn, filing: Filing, sent: Submission) -> File:
    """Give the file that is signed in the document system."""
    by = call(turn, sent.decided_by) if sent.decided_by else ""
    return exporting.sheet(filing.form, filing.unit.name, filing.period, filing.report, sent, by)


def beginning(turn: Turn, filing: Filing) -> str:
    """Give what a receipt begins with: the initials of the commune, and the month."""
    place = turn.shelf.places.commune(filing.unit.commune)
    words = fold(place.name if place else filing.unit.name).split()
    return f"{''.join(word[0] for word in words).upper()[:6]}-{filing.period.code[-2:]}"
