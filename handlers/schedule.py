"""What becomes of reminders, told to officers: what was decided and why, and what is still to go out, to whom.

Nothing is sent or put here.  The command line asks the same questions as the chat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

import msgspec

from handlers import filing, stagnation, standing_in, supervision
from handlers.filing import Filing
from handlers.records.people import Person, RoleKind, Unit
from handlers.records.reports import Decision
from handlers.rules import periods, reaching, reporting
from handlers.rules.reaching import Cost
from handlers.rules.reporting import Stage
from handlers.text import Text, _, as_is
from handlers.turn import Turn
from knowledge.forms import Form, StageRule

_REMINDED: tuple[RoleKind, ...] = ("reporter", "head")

_DECISIONS = {"sent": _("reminded"), "held": _("put off"), "skipped": _("not reminded")}
_NOBODY = _("**red**, nobody to remind")
_RED = ("no-reporter", "on-leave", "no-supervisor")  # reasons that are no decision to leave somebody in peace
REASONS = {
    "due": _("as planned"),
    "together": _("in one message with another report"),
    "asked-for": _("somebody asked for it"),
    "submitted": _("the report had been sent"),
    "quiet-hours": _("outside the hours in which people are written to"),
    "day-off": _("a day off"),
    "newer-stage": _("a later reminder took its place"),
    "too-early": _("the clock was not there yet"),
    "no-such-stage": _("the form no longer has it"),
    "period-over": _("the next period has begun"),
    "no-reporter": _("nobody has taken the invitation to report yet"),
    "working-on-it": _("no more that day"),
    "stand-in": _("to whoever stands in during leave"),
    "above": _("to the supervising unit"),
    "no-supervisor": _("nobody of the supervising unit is here"),
    "on-leave": _("whoever reports is on leave, and nobody stands in"),
    "head-instead": _("the head instead, since whoever reports is on leave and nobody stands in"),
    standing_in.BACK: _("told to the head who is back"),
    "head-only": _("only the head, since the officer was working on it"),
    "unit-over": _("the unit ended before the figures were complete"),
    "unit-not-yet": _("the unit began after the figures were complete"),
    "not-owed": _("the form does not ask this kind of unit"),
    "before-their-time": _("it was due before anybody of the office was here"),
}


OUTSIDE = {"zbs": _("template message of Zalo")}  # ways besides the chats that have a name


class Coming(msgspec.Struct, frozen=True):
    """One message of reminders that would go out, if nothing is sent in before."""

    at: datetime
    person: Person
    cases: tuple[Filing, ...]
    platform: str
    cost: Cost


def when(rule: StageRule) -> Text:
    """Say when a stage goes out, counted from the cut-off or the due day."""
    if rule.counted_from == "cutoff":
        words = _("{days} before the cut-off") if rule.days < 0 else _("{days} after the cut-off")
    elif rule.days:
        words = _("{days} before it is due") if rule.days < 0 else _("{days} late")
    else:
        return _("on the due day")
    return words(days=filing.workdays(abs(rule.days)))


# --- what was decided ---


def explained(turn: Turn, unit: Unit, code: str) -> list[Text]:
    """Give what was decided about the reminders of a unit's reports of a period, and why; then what is to come.

    Nothing where no form has a period of that code.
    """
    return [text for title, rows in of_reports(turn, unit, code) for text in (title, *rows)]


def of_reports(turn: Turn, unit: Unit, code: str) -> list[tuple[Text, list[Text]]]:
    """Give the same, each report for itself: what it is, and a line for each decision."""
    told: list[tuple[Text, list[Text]]] = []
    for form in turn.shelf.forms.values():
        period = periods.period_named(form, code)
        if period is None:
            continue
        case = filing.of(turn, unit, form, period)
        decided = turn.reports.decisions(case.report)
        if not decided and not (form.use and case.level in case.form.owed_by):
            continue
        title = _("Report {month}, {unit}, due {due}:")(
            month=filing.month(case), unit=as_is(case.name), due=filing.due_day(turn, case)
        )
        rows = [*(_row(case, row) for row in decided), *_ahead(turn, case, decided)]
        told.append((title, rows or [_("• Nothing was decided, and nothing is to come.")]))
    return told


def _row(case: Filing, row: Decision) -> Text:
    if row.reason == supervision.APPROVED:
        return _("• {at}: the unit above was told that it is approved")(at=row.at)
    red = row.decision == "skipped" and row.reason in _RED
    return _("• {at}: {what}: {decision} ({reason})")(
        at=row.at,
        what=_named(case.form, row.stage),
        decision=_NOBODY if red else _DECISIONS[row.decision],
        reason=_reason(row.reason),
    )


def _ahead(turn: Turn, case: Filing, rows: Iterable[Decision]) -> list[Text]:
    """Give what is still to come of a report's reminders, or why nothing is."""
    if case.report.delivered:
        return [_("• The report has been sent; nothing more is to come.")]
    if not any(turn.people.holding(kind, case.unit.id) for kind in _REMINDED):
        return [_("• **Red**: nobody is here to be reminded. Type “who has joined”.")]
    decided = {row.stage for row in rows if row.decision != "held"}
    plan = reporting.plan_of(case.form, case.period, turn.shelf.calendar, case.level)
    coming = [stage for stage in plan if stage.at > turn.now and stage.name not in decided]
    if filing.is_earlier(turn, case) and (weekly := _next_weekly(turn, case)) is not None:
        coming.append(weekly)
    return [_("• {at}: {what}: to come")(at=stage.at, what=_named(case.form, stage.name)) for stage in coming]


def _next_weekly(turn: Turn, case: Filing) -> Stage | None:
    """Give the next weekly reminder of a report of an earlier period; None where it is asked for no more."""
    if all(each.key != case.key for each in filing.earlier(turn, [case.unit])):
        return None
    today = reporting.local_day(turn.now)
    weeks = (reporting.weekly(today + timedelta(weeks=n), turn.shelf.calendar) for n in (0, 1))
    return next((stage for stage in weeks if stage.at > turn.now), None)


def _reason(kept: str) -> Text:
    if kept.startswith(filing.UNTIL):
        return _("until {at}")(at=datetime.fromisoformat(kept.removeprefix(filing.UNTIL)))
    return stagnation.kept_reason(kept) or REASONS.get(kept, as_is(kept))


def _named(form: Form, stage: str) -> Text:
    if stage.partition("-")[0] == stagnation.TOLD:
        return _("indicators that stand still")
    if stage.partition("-")[0] == filing.AGAIN:
        return _("put off by the officer")
    if stage.partition("-")[0] == standing_in.TOLD:
        return _("what was decided in the head's place")
    if stage == filing.WORKING:
        return _("the officer said they are working on it")
    if stage.startswith(reporting.WEEKLY):
        return _("once a week, since it never came")
    if stage == "nudge":
        return _("the head asked")
    name, _week, week = stage.partition("-week-")
    rule = next((rule for rule in form.stages if rule.name == name), None)
    if rule is None:
        return as_is(stage)
    if not week:
        return when(rule)
    later = _("a week after “{when}”") if week == "1" else _("{n} weeks after “{when}”")(n=int(week))
    return later(when=when(rule))


# --- what is to come ---


def coming(turn: Turn, units: Iterable[Unit], first: date, last: date) -> list[Coming]:
    """Give every message of reminders that would go out on these days, in order; nothing is sent."""
    office = turn.shelf.office
    reaches = {reach.person: reach for reach in turn.links.staff(office.outside)}
    found: dict[tuple[datetime, int, bool], tuple[Person, list[Filing]]] = {}
    for unit in units:
        for case, stage in _stages(turn, unit, first, last):
            at_it = filing.worked_on(turn, case, reporting.local_day(stage.at))
            asked = "officer" in stage.audience and not at_it
            officers = filing.there(turn, "reporter", unit) if asked else ()
            heads = filing.there(turn, "head", unit) if "head" in stage.audience else ()
            if stage.audience == "supervisor" and (over := filing.above(turn, unit)) is not None:
                heads = filing.supervising(turn, over)
            for leads, people in ((False, officers), (True, heads)):
                for person in people:
                    found.setdefault((stage.at, person.id, leads), (person, []))[1].append(case)
    told = []
    for (at, number, _leads), (person, cases) in sorted(found.items(), key=lambda one: one[0]):
        reach = reaches.get(number)
        platform, cost = (
            reaching.way(reach, at, office.closes, office.free, pays=office.pays) if reach else ("", "nobody")
        )
        told.append(Coming(at, person, tuple(cases), platform, cost))
    return told


def _stages(turn: Turn, unit: Unit, first: date, last: date) -> Iterator[tuple[Filing, Stage]]:
    for form in turn.shelf.forms.in_use:
        period = periods.before(form, periods.open_period(form, first))
        while period.start <= last:
            valid = turn.shelf.forms.on(form.id, period.start)
            if not filing.owes(valid, unit, period):
                period = periods.after(form, period)
                continue
            plan = reporting.plan_of(valid, period, turn.shelf.calendar, filing.level_of(unit))
            stages = [stage for stage in plan if first <= reporting.local_day(stage.at) <= last]
            if stages and periods.in_force(form, period):
                case = filing.of(turn, unit, form, period)
                if not case.report.delivered and filing.with_us(turn, case):
                    yield from ((case, stage) for stage in stages if stage.at > turn.now)
            period = periods.after(form, period)
    for case in filing.earlier(turn, [unit]):
        if filing.with_us(turn, case):
            yield from ((case, stage) for stage in _weeklies(turn, first, last))


def _weeklies(turn: Turn, first: date, last: date) -> Iterator[Stage]:
    """Give the weekly reminders of some days that are still to come."""
    day = first
    while day - timedelta(days=day.weekday()) <= last:
        stage = reporting.weekly(day, turn.shelf.calendar)
        if first <= reporting.local_day(stage.at) <= last and stage.at > turn.now:
            yield stage
        day += timedelta(weeks=1)


def line(turn: Turn, message: Coming) -> Text:
    """Say of one message when it goes out, to whom, about what, by which channel, at what cost."""
    named = {chat.platform: chat.name for chat in reversed(turn.links.chats(message.person.id))}
    by = {
        "free": _("{channel}, free of charge"),
        "billed": _("{channel}, charged"),
        "outside": _("by e-mail"),
        "nobody": _("no way to reach them"),
    }[message.cost]
    if "{channel}" in by.msgid:
        by = by(channel=named.get(message.platform, OUTSIDE.get(message.platform, as_is(message.platform))))
    about = filing.title(message.cases[0])
    for case in message.cases[1:]:
        about = _("{list}; {one}")(list=about, one=filing.title(case))
    return _("• {at}: {who}, {about} ({by})")(
        at=message.at, who=filing.who(turn, message.person.id), about=about, by=by
    )


def counted(messages: Iterable[Coming], prices: Mapping[str, int]) -> Text:
    """Say how many messages there are, how many of them cost, and how much where their prices are known."""
    listed = list(messages)
    costs = [message.cost for message in listed]
    said = _("Messages: {n} (charged: {billed}, reaching nobody: {nobody})")(
        n=len(costs), billed=costs.count("billed"), nobody=costs.count("nobody")
    )
    charged = [prices.get(message.platform, 0) for message in listed if message.cost == "billed"]
    if not charged or not all(charged):
        return said
    return _("{line}: about {sum} đồng")(line=said, sum=sum(charged))
