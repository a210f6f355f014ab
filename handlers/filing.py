"""A report with all that belongs to it, and how it is spoken of: to its officer, to its head, in reminders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

import msgspec

from handlers.profile import named
from handlers.records.people import Person, RoleKind, Unit, UnitKind
from handlers.records.reports import Report, Submission
from handlers.rules import arrival, exporting, form_tasks, measures, periods, reporting, validation
from handlers.rules.form_tasks import TaskState
from handlers.rules.measures import Measures
from handlers.rules.periods import Period
from handlers.rules.validation import NO_DATA, Value
from handlers.talk import File
from handlers.text import Text, _, as_is
from handlers.turn import LABEL, Turn
from knowledge.folding import fold
from knowledge.forms import Every, Form, FormTask, Indicator, Level

DOING = "report"
TASK, PRODUCT = "task", "product"  # where a talk stands that asks how far a task is, or what came of it
CORRECTING = "correct-why"  # where a talk stands that waits for the reason of a correction
BESIDE = 11  # of them for the words around a name
NAMED = 4  # units whose place another took that are named
COMMUNE = 5  # digits of its code; that of a province has fewer
_RECEIPT = re.compile(
    r"\s*(\D+?)\s+([A-Za-zĐđ]{1,6}-[0-9A-Za-z]{2}-[A-Za-z0-9]{3,12})(?:[\s:,.]+(.*))?", re.S
)
_KEY = re.compile(r"(\d+):([a-z0-9-]+):(\d{4}[0-9A-Z-]{0,4})")


class Filing(msgspec.Struct, frozen=True):
    """One report: whose, of which form and period, what was entered, what last month's figures were."""

    unit: Unit
    form: Form
    period: Period
    report: Report
    last: dict[str, Value]  # of the period just before; empty where that was not sent
    name: str  # the unit as people of the place call it, without its province
    renewed: bool = False  # the form has had a new version since the draft was begun
    lang: str = "vi"  # of whoever is spoken to in this turn
    last_tasks: dict[str, TaskState] = {}  # how far the tasks were in the period just before

    @property
    def key(self) -> str:
        """The name of this report in buttons, talks and reminders."""
        return f"{self.unit.id}:{self.form.id}:{self.period.code}"

    @property
    def about(self) -> str:
        """What messages and audit rows about this report carry."""
        return f"report:{self.key}"

    @property
    def level(self) -> Level:
        """Whose day of sending counts for the unit."""
        return level_of(self.unit)

    @property
    def year_begins(self) -> bool:
        """Whether sums since the year began start anew with this report."""
        return periods.opens_the_year(self.form, self.period)

    @property
    def may_submit(self) -> bool:
        """Whether all is answered, tasks too, nothing impossible and everything unusual explained."""
        return not form_tasks.missing(self.form, self.report.tasks) and validation.may_submit(
            self.form, self.report.values, self.last, year_begins=self.year_begins
        )

    def troubles(self, one: Indicator, values: dict[str, Value] | None = None) -> list[validation.Trouble]:
        """Give what is impossible or unusual about an indicator as entered, or as it is among other values."""
        values = self.report.values if values is None else values
        if one.id not in values:
            return []
        together = validation.checked(self.form, values, self.lang)
        return [
            *self.alone(one, values[one.id]),
            *(each for each in together if each.indicator == one.id),
        ]

    def alone(self, one: Indicator, value: Value) -> list[validation.Trouble]:
        """Give what is impossible or unusual about one figure, whatever the others are."""
        return validation.troubles(one, value, self.last.get(one.id), year_begins=self.year_begins)

    @property
    def entered(self) -> int:
        """How many indicators and tasks have an answer, "no data" included."""
        return len(self.report.values) + len(self.report.tasks)


def together(person: int) -> str:
    """Give what a message about several reports of one person is about."""
    return f"reports:{person}"


class Named(msgspec.Struct, frozen=True):
    """What somebody typed of a report by its receipt: "trả lại UH-11-K4M: số 5 chưa khớp"."""

    verb: str  # without accents
    case: Filing | None  # None where no report has that receipt
    words: str


NO_HEAD = _("Nobody heads {unit} here yet who could approve it; whoever looks after Tổ Số invites the head.")
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
    period = periods.period_named(form, match[3]) if form and match else None
    unit = turn.people.unit(int(match[1])) if match and len(match[1]) < 18 else None
    if form is None or period is None or unit is None:
        return None
    return of(turn, unit, form, period)


def of(turn: Turn, unit: Unit, form: Form, period: Period) -> Filing:
    """Give the report of a unit for a period as it stands now, under the version of the form that it has."""
    report = turn.reports.get(unit.id, form.id, period.code)
    form = turn.shelf.forms.on(form.id, period.start)
    if report.delivered and report.latest:
        form = turn.shelf.forms.version(form.id, report.latest.form_version) or form
    before = turn.reports.last(unit.id, form.id, period.code)
    sent = before.latest if before and before.period == periods.before(form, period).code else None
    if sent is not None and grew(unit, turn.people.taken_over(unit.id).get(unit.id, ()), form, period):
        sent = None
    known = {one.id: one for one in form.indicators}
    last = {key: value for key, value in (sent.values if sent else {}).items() if key in known}
    last_tasks = {key: state for key, state in (sent.tasks if sent else {}).items() if form.task(key)}
    place, whole = turn.shelf.places.commune(unit.commune), turn.shelf.places.province(unit.commune)
    province = turn.shelf.places.label(place).rpartition(", ")[2] if place else whole.name if whole else ""
    name = unit.name.removesuffix(f", {province}")
    case = Filing(unit, form, period, report, last, name, lang=turn.lang, last_tasks=last_tasks)
    return standing(case, report)


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
        tasks = {one.id: report.tasks[one.id] for one in filing.form.tasks if one.id in report.tasks}
        report = msgspec.structs.replace(report, values=fitting, tasks=tasks)
    return msgspec.structs.replace(filing, report=report, renewed=renewed and not report.delivered)


def _fits(one: Indicator, value: Value) -> bool:
    if value.of is not None and not one.two:
        return False
    return not any(trouble.level == "impossible" for trouble in validation.troubles(one, value))


def current(turn: Turn, unit: Unit) -> tuple[Filing, ...]:
    """Give the reports that a unit owes now: of each form's last period whose figures are complete."""
    today = reporting.local_day(turn.now)
    return tuple(
        of(turn, unit, form, period)
        for form in turn.shelf.forms.in_use
        if periods.in_force(form, period := periods.open_period(form, today))
        and owes(turn.shelf.forms.on(form.id, period.start), unit, period)
    )


def owes(form: Form, unit: Unit, period: Period) -> bool:
    """Say whether a form, in the version of a period, asks a unit: of a kind it names, and there at the cut-off."""
    return level_of(unit) in form.owed_by and not over(unit, period) and not_yet(unit, period) is None


def not_yet(unit: Unit, period: Period) -> date | None:
    """Give the first day of a unit that began after a period's figures were complete; None where it was there."""
    if unit.since is None or reporting.local_day(unit.since) <= period.cutoff:
        return None
    return reporting.local_day(unit.since)


def earlier(turn: Turn, units: Iterable[Unit]) -> list[Filing]:
    """Give the reports of earlier periods that offices were asked for, or began, and still owe, the oldest first."""
    today = reporting.local_day(turn.now)
    offices = {unit.id: unit for unit in units}
    found = []
    for form in turn.shelf.forms.in_use if offices else ():
        span = {period.code: period for period in periods.earlier(form, today, today - reporting.OWED_FOR)}
        for number, code in turn.reports.owing(form.id, tuple(span), tuple(offices)) if span else ():
            if owes(turn.shelf.forms.on(form.id, span[code].start), offices[number], span[code]):
                found.append(of(turn, offices[number], form, span[code]))
    return sorted(found, key=lambda case: (case.period.cutoff, case.unit.id))


def is_earlier(turn: Turn, case: Filing) -> bool:
    """Say whether a report is of a period before the one that is reported now."""
    newest = periods.open_period(case.form, reporting.local_day(turn.now))
    return case.period.start < newest.start


def still_taken(turn: Turn, case: Filing) -> bool:
    """Say whether a report of an earlier period may still be entered: for a year behind it, or where it was begun."""
    if not is_earlier(turn, case) or not periods.in_force(case.form, case.period):
        return False
    oldest = reporting.local_day(turn.now) - reporting.OWED_FOR
    return case.period.cutoff >= oldest or bool(case.entered or case.report.latest)


def over(unit: Unit, period: Period) -> date | None:
    """Give the last day of a unit that was no more when a period's figures were complete; None where it still was."""
    if unit.until is None or reporting.local_day(unit.until) > period.cutoff:
        return None
    return reporting.local_day(unit.until) - timedelta(days=1)


def no_more(turn: Turn, case: Filing, person: int = 0) -> Text:
    """Say that a unit has ended amid a period, where its reports go on, and what becomes of the figures."""
    heir = heir_of(turn, case.unit)
    words = (
        _("{unit} ended on {day}, so it sends no report {month}. {heir} took its place and sends it.")
        if heir
        else _("{unit} ended on {day}, so it sends no report {month}. Whatever took its place sends it.")
    )
    values = {"heir": as_is(capital(heir.name.rpartition(", ")[0] or heir.name))} if heir else {}
    told = words(
        unit=as_is(capital(case.name)), day=over(case.unit, case.period), month=month(case), **values
    )
    kept = _("What was entered is kept: {n} of {all}.")(n=case.entered, all=case.form.asked)
    return lines(
        told, _goes_on(turn, heir, person or turn.person.id) if heir else None, kept if case.entered else None
    )


def _goes_on(turn: Turn, heir: Unit, reader: int) -> Text:
    """Say to somebody who reports for what took a unit's place."""
    people = turn.people.holding("reporter", heir.id)
    if any(person.id == reader for person in people):
        return _("You report for it too: type “report”.")
    if people:
        return _("Whoever reports there: {who}.")(who=who(turn, people[0].id))
    return _("Nobody has taken the invitation to report there yet.")


def heir_of(turn: Turn, unit: Unit) -> Unit | None:
    """Give what took the place of a unit, and in turn of that; None where nothing is known."""
    seen, heir = {unit.id}, unit
    while heir.became and heir.became not in seen:
        following = turn.people.unit(heir.became)
        if following is None:
            break
        seen.add(following.id)
        heir = following
    return heir if heir.id != unit.id else None


def joined(unit: Unit, one: Unit) -> date | None:
    """Give the first day of a unit with what it took the place of; None where no day of it is known."""
    return max((reporting.local_day(at) for at in (one.until, unit.since) if at is not None), default=None)


def took_in(unit: Unit, old: Sequence[Unit], form: Form, period: Period) -> list[Unit]:
    """Give those whose place a unit took within a period; a merger before or after it is another one."""
    before = periods.before(form, period).cutoff
    days = [(joined(unit, one), one) for one in old]
    return [one for day, one in days if day is not None and before < day <= period.cutoff]


def grew(unit: Unit, old: Sequence[Unit], form: Form, period: Period) -> bool:
    """Say whether a unit took the place of others in a period, so that what it had before is no measure of it."""
    return bool(took_in(unit, old, form, period))


def series(turn: Turn, case: Filing) -> Text | None:
    """Say of the first report of a unit that took the place of others that its figures begin anew; else None."""
    every = turn.people.taken_over(case.unit.id).get(case.unit.id, ())
    if not every:
        return None
    if turn.reports.last(case.unit.id, case.form.id, case.period.code) is None:
        days = [(joined(case.unit, one), one) for one in every]
        old = [one for day, one in days if day is None or day <= case.period.cutoff]
        told = _(
            "The series of {unit} begins with this report. Figures of before are those of {old}, not counted in."
        )
    else:
        old = took_in(case.unit, every, case.form, case.period)
        told = _(
            "With this report the figures of {unit} hold those of {old} as well. Those of before are not compared."
        )
    if not old:
        return None
    names = ", ".join(one.name.rpartition(", ")[0] or one.name for one in old[:NAMED])
    return told(unit=as_is(case.name), old=as_is(names + (", …" if old[NAMED:] else "")))


def read_by(case: Filing, person: Person) -> Filing:
    """Give a report as somebody else than the person of this turn reads it."""
    return msgspec.structs.replace(case, lang=person.lang or "vi")


CALLED: dict[Level, Text] = {
    "village": _("villages and residential groups"),
    "commune": _("communes"),
    "province": _("the province"),
    "department": _("departments"),
    "party": _("Party committees"),
    "front": _("the Front"),
    "union": _("unions"),
    "school": _("schools"),
}
_BODIES: dict[UnitKind, Level] = {
    "province": "province",
    "department": "department",
    "party": "party",
    "front": "front",
    "union": "union",
    "school": "school",
}


def level_of(unit: Unit) -> Level:
    """Give as what a unit reports: which forms it is asked for, and whose day of sending counts for it."""
    return _BODIES.get(unit.kind) or ("village" if unit.village else "commune")


def owed(turn: Turn, case: Filing) -> bool:
    """Say whether this person is to hear of a report: it was due since they came, or somebody has begun it."""
    ends = reporting.due_end(case.form, case.period, turn.shelf.calendar, case.level)
    since = [
        role.since
        for person in (turn.person.id, *_stood_in_for(turn))
        for role in turn.people.roles(person)
        if role.place == case.unit.id
    ]
    return bool(case.entered or case.report.latest) or any(at < ends for at in since)


def with_us(turn: Turn, case: Filing) -> bool:
    """Say whether an office was here while a report was due: somebody who is there now, or a figure of it."""
    return bool(case.entered or case.report.latest) or _there_in_time(turn, case, case.unit)


def _there_in_time(turn: Turn, case: Filing, unit: Unit) -> bool:
    """Say whether anybody of a unit who is there now was before the last day for a report was over."""
    ends = reporting.due_end(case.form, case.period, turn.shelf.calendar, case.level)
    kinds: tuple[RoleKind, ...] = ("reporter", "head")
    return any(
        role.since < ends
        for kind in kinds
        for person in turn.people.holding(kind, unit.id)
        for role in turn.people.roles(person.id)
        if role.place == unit.id
    )


def expected(turn: Turn, case: Filing) -> bool:
    """Say whether a report counts as missing: somebody was there in time, or is invited where the unit above was."""
    if with_us(turn, case):
        return True
    over = above(turn, case.unit) if case.unit.village else None
    if over is None or not invited(turn, case.unit):
        return False
    return _there_in_time(turn, case, over)


def invited(turn: Turn, unit: Unit) -> tuple[str, ...]:
    """Name who is invited to report for an office, or to head it, and has not come."""
    guests = (guest for guest in turn.rollout.guests(unit.id) if guest.kind in ("reporter", "head"))
    return tuple(named(guest.address, guest.name) for guest in guests)


WORKING = "working"  # what an officer who said so is kept as, among the decisions about reminders


AGAIN = "again"  # and of an officer who has it put off, with the person's number
UNTIL = "until "  # before the moment that was chosen, as the reason that is kept


def worked_on(turn: Turn, case: Filing, day: date | None = None) -> bool:
    """Say whether an officer who works on a report is to be left in peace today, or on another day.

    They are until the day on which it is due, and from then on for the rest of the day on which they say so.
    """
    day = day or reporting.local_day(turn.now)
    said = [
        reporting.local_day(row.at) for row in turn.reports.decisions(case.report) if row.stage == WORKING
    ]
    return day in said or (bool(said) and day < due_day(turn, case))


def units(turn: Turn, kind: str) -> tuple[Unit, ...]:
    """Give the offices in which the person of this turn has this role, or takes the place of somebody on leave."""
    return _units_of(turn, turn.person.id, kind)


def _units_of(turn: Turn, person: int, kind: str) -> tuple[Unit, ...]:
    people = (person, *(absence.person for absence in turn.people.standing_in(person)))
    places = dict.fromkeys(
        role.place for one in people for role in turn.people.roles(one) if role.kind == kind
    )
    return tuple(unit for place in places if (unit := turn.people.unit(place)) is not None)


def holds(turn: Turn, kind: str, unit: Unit) -> bool:
    """Say whether the person of this turn has this role in that office now."""
    return any(role.kind == kind and role.place == unit.id for role in turn.people.roles(turn.person.id))


def acts(turn: Turn, kind: RoleKind, unit: Unit) -> bool:
    """Say whether the person of this turn has this role there, or stands in for somebody on leave who has it."""
    return holds(turn, kind, unit) or any(
        role.kind == kind and role.place == unit.id
        for person in _stood_in_for(turn)
        for role in turn.people.roles(person)
    )


def _stood_in_for(turn: Turn) -> tuple[int, ...]:
    return tuple(absence.person for absence in turn.people.standing_in(turn.person.id))


JUDGING_ABOVE: tuple[RoleKind, ...] = (
    "head",
    "officer",
)  # who judges for a village without a head of its own


def judged_above(turn: Turn, unit: Unit) -> Unit | None:
    """Give the office that judges the reports of a village in which nobody is head; None for any other."""
    if not unit.village or unit.body or turn.people.holding("head", unit.id):
        return None
    return above(turn, unit)


def may_judge(turn: Turn, unit: Unit) -> bool:
    """Say whether the person of this turn judges the reports of an office: its head, or whoever stands in for one.

    Those of a village without a head are judged by the head and the officer of the office above it.
    """
    if acts(turn, "head", unit):
        return True
    over = judged_above(turn, unit)
    return over is not None and any(acts(turn, kind, over) for kind in JUDGING_ABOVE)


def in_place_of(turn: Turn, unit: Unit) -> int:
    """Give the head on leave in whose place the person of this turn judges reports of an office; 0 for a head."""
    if holds(turn, "head", unit):
        return 0
    heads = {person.id for person in turn.people.holding("head", unit.id)}
    return next((person for person in _stood_in_for(turn) if person in heads), 0)


def judges(turn: Turn, unit: Unit, sender: int) -> tuple[Person, ...]:
    """Give who judges what somebody sends: the heads, and whoever stands in for those on leave.

    Nobody judges their own report in another's place; where that leaves none, the heads hear of it on leave too.
    For a village without a head it is the office above; there only its head judges what they have sent themselves.
    """
    heads = turn.people.holding("head", unit.id)
    if (over := None if heads else judged_above(turn, unit)) is not None:
        own = {head.id for head in turn.people.holding("head", over.id)}
        found = {one.id: one for kind in JUDGING_ABOVE for one in there(turn, kind, over)}
        return tuple(one for one in found.values() if one.id != sender or one.id in own)
    own = {head.id for head in heads}
    acting = there(turn, "head", unit)
    return tuple(one for one in acting if one.id in own or one.id != sender) or heads


def waiting(turn: Turn, person: int) -> tuple[Report, ...]:
    """Give the reports that somebody is to judge, as head or in the place of one, by office and period."""
    held = turn.people.roles(person)
    own = {role.place for role in held if role.kind == "head"}
    others = (
        role for absence in turn.people.standing_in(person) for role in turn.people.roles(absence.person)
    )
    roles = (*held, *others)
    places = dict.fromkeys(role.place for role in roles if role.kind in ("head", *JUDGING_ABOVE))
    units = {place: unit for place in places if (unit := turn.people.unit(place)) is not None}
    heading = dict.fromkeys(role.place for role in roles if role.kind == "head" and role.place in units)
    reports = {
        report.id: report
        for place in heading
        for report in turn.reports.waiting(place)
        if place in own or report.latest is None or report.latest.by != person
    }
    above_it = dict.fromkeys(role.place for role in roles if role.kind in JUDGING_ABOVE)
    for office in (units[place] for place in above_it if place in units):
        for report in _waiting_below(turn, office):
            if office.id in own or report.latest is None or report.latest.by != person:
                reports[report.id] = report
    return tuple(reports.values())


def _waiting_below(turn: Turn, office: Unit) -> Iterator[Report]:
    """Give the reports of the villages under a commune's office that wait and that no head of theirs can judge."""
    if office.kind != "office" or office.village:
        return
    others = turn.people.units("office", office.commune)
    villages = {unit.id: unit for unit in others if unit.village}
    for report in turn.reports.waiting(*villages) if villages else ():
        over = judged_above(turn, villages[report.unit])
        if over is not None and over.id == office.id:
            yield report


def above(turn: Turn, unit: Unit) -> Unit | None:
    """Give the unit that supervises an office: as it is kept, else its commune's office, or the province's."""
    if unit.parent:
        return turn.people.unit(unit.parent)
    place = place_above(turn, unit)
    if len(place) == COMMUNE:
        offices = turn.people.units("office", place)
        return next((office for office in offices if not office.village), None)
    return next(iter(turn.people.units("province", place)), None) if place else None


def place_above(turn: Turn, unit: Unit) -> str:
    """Give the commune or province whose office supervises a unit where none is kept; nothing for a province."""
    if unit.village or unit.body:
        return unit.commune
    commune = turn.shelf.places.commune(unit.commune)
    return commune.province if commune else ""


def supervising(turn: Turn, unit: Unit) -> tuple[Person, ...]:
    """Give who is told in a supervising unit: its officers who are there or stood in for, else its heads."""
    return there(turn, "officer", unit) or there(turn, "head", unit)


def there(turn: Turn, kind: RoleKind, unit: Unit) -> tuple[Person, ...]:
    """Give who is told in a role of an office now: whoever is there, and who stands in for those on leave.

    Of whoever stands in and is on leave as well nobody takes the place.
    """
    away = {absence.person: absence.stand_in for absence in turn.people.absent(unit.id)}
    found: dict[int, Person] = {}
    for person in turn.people.holding(kind, unit.id):
        if person.id not in away:
            found[person.id] = person
        elif (other := away[person.id]) and not on_leave(turn, other):
            found[other] = turn.people.get(other)
    return tuple(found.values())


def on_leave(turn: Turn, person: int) -> bool:
    """Say whether somebody is on leave now."""
    absence = turn.people.absence(person)
    return absence is not None and absence.since <= turn.now


def officers(turn: Turn, filing: Filing) -> tuple[Person, ...]:
    """Give who is to hear about this report: whoever sent it, else all who report for the unit."""
    holding = turn.people.holding("reporter", filing.unit.id)
    sent = filing.report.latest
    known = {person.id: person for person in (*holding, *there(turn, "reporter", filing.unit))}
    sender = (known[sent.by],) if sent and sent.by in known else ()
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


def capital(name: str) -> str:
    """Give a name as it stands where a sentence begins."""
    return name[:1].upper() + name[1:]


def first_title(filing: Filing) -> Text:
    """Name a report where the sentence begins with it."""
    return _("Report {month}, {unit}")(month=month(filing), unit=as_is(filing.name))


def title(filing: Filing) -> Text:
    """Name a report: the 11/2026 report of xã Ứng Hòa."""
    return _("the {month} report of {unit}")(month=month(filing), unit=as_is(filing.name))


_NAMED = {
    "week": _("week {n}/{year}"),
    "month": _("{n}/{year}"),
    "quarter": _("Q{n}/{year}"),
    "nine-months": _("nine months of {year}"),
    "year": _("year {year}"),
}
_HALVES = {"1": _("first half of {year}"), "2": _("second half of {year}")}


def month(filing: Filing) -> Text:
    """Name the period, such as 11/2026; with what tells the form from the monthly one."""
    if filing.form.called is None:
        return period_name(filing.form, filing.period)
    called = as_is(filing.form.called.of(filing.lang))
    return _("{called} {period}")(called=called, period=period_name(filing.form, filing.period))


def period_name(form: Form, period: Period) -> Text:
    """Name a period by itself: 11/2026, week 46/2026, Q4/2026."""
    return called(form.period.every, period.code)


def called(every: Every, code: str) -> Text:
    """Name the period of a code by itself, such as 11/2026."""
    number = code[4:].strip("-WQH").lstrip("0")
    words = _HALVES[number] if every == "half-year" else _NAMED[every]
    return words(year=code[:4], **({"n": number} if "{n}" in words.msgid else {}))


def short_period(form: Form, period: Period) -> str:
    """Name a period under a column of a picture: 11/26, or its own number in that year."""
    number = period.code[4:].strip("-WQH").lstrip("0")
    return f"{number}/{period.code[2:4]}" if number else period.code


def span(filing: Filing) -> str:
    """Give the days whose figures count, such as 15/10–14/11/2026."""
    first, last = filing.period.start, filing.period.cutoff
    return f"{first.day}/{first.month}–{last.day}/{last.month}/{last.year}"


def due_day(turn: Turn, filing: Filing) -> date:
    """Give the last day for sending."""
    return reporting.due(filing.form, filing.period, turn.shelf.calendar, filing.level)


def until_when(turn: Turn, filing: Filing) -> Text:
    """Say by when a report is to be sent: its due day, that it is over, or how long it has been opened again."""
    opened = [one.until for one in filing.report.reopenings if one.until is not None and turn.now < one.until]
    if opened:
        return _("open until the end of {day}")(day=reporting.local_day(max(opened) - timedelta(seconds=1)))
    words = _("it was due {day}") if late_by(turn, filing, turn.now) else _("due {day}")
    return words(day=due_day(turn, filing))


def task_due(turn: Turn, filing: Filing, task: FormTask) -> date:
    """Give the day by which a task of the form is to be done."""
    return form_tasks.due(task, due_day(turn, filing), turn.shelf.calendar)


def at_task(turn: Turn) -> bool:
    """Say whether the talk asks about a task of a form, so that a document's number is what came of it."""
    return turn.talk.doing.startswith(f"{DOING} ") and turn.talk.at.partition(".")[0] in (TASK, PRODUCT)


def late_by(turn: Turn, filing: Filing, sent: datetime) -> int:
    """Give how many working days too late a report is that is sent then."""
    return reporting.days_late(filing.form, filing.period, turn.shelf.calendar, sent, filing.level)


def corrected(why: str) -> Text | None:
    """Say why a version took the place of the one before; None where nothing was said."""
    return _("Reason for the correction: “{why}”")(why=as_is(why)) if why else None


def workdays(n: int) -> Text:
    """Say how many working days, of one as of one."""
    return _("1 working day") if n == 1 else _("{n} working days")(n=n)


def counted(n: int) -> Text:
    """Give so many indicators in words."""
    return _("1 indicator") if n == 1 else _("{n} indicators")(n=n)


def see_all(case: Filing) -> Text:
    """Give the label of the button that shows every figure of a report."""
    n = len(case.form.indicators)
    return _("See the indicator") if n == 1 else _("See all {n} indicators")(n=n)


def came_in(turn: Turn, filing: Filing, sent: datetime) -> Text:
    """Say whether a report that came first then was in time."""
    late = late_by(turn, filing, sent)
    return _("{days} late")(days=workdays(late)) if late else _("on time")


def timely(turn: Turn, filing: Filing) -> Text:
    """Say whether a report that was sent was in time; of one that was corrected later its first version counts."""
    first = filing.report.submissions[0].at
    came = came_in(turn, filing, first)
    if not late_by(turn, filing, filing.report.submissions[-1].at) or len(filing.report.submissions) == 1:
        return came
    return _("counted {timely}, since version 1 came at {at}")(at=first, timely=came)


def first_version(turn: Turn, case: Filing, *, begins: bool = False) -> Text:
    """Say whether the first version of a report that has come was in time; with a capital where that is wanted."""
    came = arrival.came(case.report)
    late = late_by(turn, case, came) if came else 0
    if begins:
        return _("Version 1 came {days} late")(days=workdays(late)) if late else _("Version 1 came on time")
    return _("version 1 came {days} late")(days=workdays(late)) if late else _("version 1 came on time")


def reworked(turn: Turn, case: Filing) -> Text:
    """Say of a report that was taken back or returned that it waits to be sent again, and how it came first."""
    return _("It is being corrected and waits to be sent again; {first}.")(first=first_version(turn, case))


def locked(turn: Turn, filing: Filing) -> bool:
    """Say whether what was sent can no longer be corrected, since its period is closed and nobody opened it again."""
    since = reporting.locked_from(filing.form, filing.period, turn.shelf.calendar, filing.level)
    if since is None or turn.now < since or filing.report.latest is None:
        return False
    return not opened_again(turn, filing)


def opened_again(turn: Turn, filing: Filing) -> bool:
    """Say whether the unit above has opened a report again, and it is not over yet."""
    return any(one.until is not None and turn.now < one.until for one in filing.report.reopenings)


def who(turn: Turn, person: int, *, first: bool = False) -> Text:
    """Name somebody of the office, such as chị Hạnh; with a capital where the sentence begins."""
    known = turn.person if person == turn.person.id else turn.people.get(person)
    name = named(known.address, known.name) if known.name else ""
    if not name:
        return _("Somebody of the office") if first else _("somebody of the office")
    return as_is(name[0].upper() + name[1:] if first else name)


def decider(turn: Turn, sent: Submission, *, first: bool = False) -> Text:
    """Name who approved or returned a version, and in whose place: anh Sơn thay anh Lâm."""
    name = who(turn, sent.decided_by, first=first)
    if not sent.decided_for:
        return name
    return _("{who} (for {head})")(who=name, head=who(turn, sent.decided_for))


def label(text: str, otherwise: Text) -> Text:
    """Give words for a button where they fit on one, else the shorter sentence."""
    return as_is(text) if len(text) <= LABEL else otherwise


def short(case: Filing, among: Sequence[Filing]) -> Text:
    """Name a report on a button among others: by its period, unit or form, or by both of these where they differ."""
    if any(
        (each.unit.id, each.form.id) == (case.unit.id, case.form.id) and each.period != case.period
        for each in among
    ):
        return month(case)
    unit = label(case.unit.name, as_is(case.unit.name[: LABEL - 1] + "…"))
    if len({each.form.id for each in among}) == 1:
        return unit
    words = case.form.called or case.form.title
    form = label(words.of(case.lang), period_name(case.form, case.period))
    if len({each.unit.id for each in among}) == 1:
        return form
    return _("{form}, {unit}")(form=form, unit=as_is(case.name))


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
    if not filing.troubles(one, values):
        return _("• {n}. {name}: {figure}")(n=one.number, name=name, figure=figure)
    marked = _("▲ {n}. {name}: **{figure}**")(n=one.number, name=name, figure=figure)
    if last is not None:
        marked = _("{line}, before it {last}")(line=marked, last=validation.shown(one, last))
    if value.reason:
        marked = _("{line}. Reason: {reason}")(line=marked, reason=as_is(value.reason))
    return marked


def task_line(one: FormTask, states: dict[str, TaskState], lang: str) -> Text:
    """Show how far a task is as a line of a summary; one that is not done is marked."""
    state, name = states.get(one.id), as_is(one.name.of(lang))
    if state is None:
        return _("• {n}. {name}: not answered yet")(n=one.number, name=name)
    words = _("• {n}. {name}: {figure}") if state.stage == "done" else _("▲ {n}. {name}: {figure}")
    return words(n=one.number, name=name, figure=form_tasks.shown(state))


def unusual(filing: Filing, values: dict[str, Value]) -> list[Indicator]:
    """Give the indicators of a report that differ from what one would expect."""
    return [one for one in filing.form.indicators if filing.troubles(one, values)]


def empty(filing: Filing, values: dict[str, Value]) -> list[Indicator]:
    """Give the indicators of a report for which no figure was given."""
    return [one for one in filing.form.indicators if values.get(one.id, NO_DATA).value is None]


def without_figure(indicators: Iterable[Indicator]) -> Text:
    """Say of which indicators there is no figure."""
    return _("▲ No data yet: indicator {list}.")(list=", ".join(str(one.number) for one in indicators))


def measured(turn: Turn, filing: Filing, sent: Submission) -> Measures:
    """Measure a version of a report: whether it passes its checks, is complete, was corrected, came in time."""
    return measures.measured(
        filing.form,
        sent.values,
        filing.last,
        versions=sent.number,
        in_time=not late_by(turn, filing, filing.report.submissions[0].at),
        year_begins=filing.year_begins,
    )


def four_measures(one: Measures) -> Text:
    """Say đúng, đủ, sạch and sống of one report."""
    clean = _("not corrected") if one.clean else _("corrected")
    alive = _("on time") if one.alive else _("late")
    return _("Checks passed {right}/{all}, complete {full}/{all}, {clean}, {alive}.")(
        right=one.right, full=one.full, all=one.indicators, clean=clean, alive=alive
    )


def proof(filing: Filing, sent: Submission) -> File:
    """Give the file that proves what was sent."""
    return exporting.proof(filing.form, filing.unit.name, filing.period, filing.report, sent)


def sheet(turn: Turn, filing: Filing, sent: Submission) -> File:
    """Give the file that is signed in the document system."""
    by = call(turn, sent.decided_by) if sent.decided_by else ""
    if sent.decided_for:
        by = f"{by} thay {call(turn, sent.decided_for)}"  # as all of this file, in the office's language
    return exporting.sheet(filing.form, filing.unit.name, filing.period, filing.report, sent, by)


def beginning(turn: Turn, filing: Filing) -> str:
    """Give what a receipt begins with: the initials of the commune, and the month."""
    place = turn.shelf.places.commune(filing.unit.commune)
    words = fold(place.name if place else filing.name).split()
    return f"{''.join(word[0] for word in words).upper()[:6]}-{filing.period.code[-2:]}"


def enter(turn: Turn, doing: str) -> None:
    """Begin to talk of a report; what went on before waits."""
    if not turn.talk.doing.startswith(DOING):
        turn.hold(doing)
    turn.asks(doing)
    turn.change(kept={})
