"""Indicators that stand still or will miss their target: told to the head once a period, and whenever asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction

import msgspec

from handlers import filing, overview, target_following, task_giving
from handlers.filing import Filing, lines
from handlers.records.people import Person, Unit
from handlers.records.reports import Report
from handlers.records.targets import Aim
from handlers.rules import periods, still
from handlers.rules.periods import Period
from handlers.rules.ranking import hundredths
from handlers.rules.still import Colour, Seen
from handlers.rules.validation import Value, exact
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.forms import Form, Indicator, StillRule

TREND = "see-trend"  # the tap that leads to handlers.trend
REVIEW = "head-review"  # where a head has a report before them, as handlers.approvals names it
SHOWN = 8  # offices below that one answer names
TOLD = "still"  # what an alert is kept as among the decisions about a report, with the reader's number
_ORDER: tuple[Colour, ...] = ("red", "amber", "green", "unknown")
_ALL = re.compile(
    r"(?:xem |co |cac )?(?:chi tieu(?: nao)? )?(?:dung yen|giam chan tai cho|canh bao)(?: chi tieu)?(?: ko| khong)?"
    r"|(?:(?:which|what) indicators? |indicators that )?stand(?:ing|s)? still|stagnation|alerts?"
)
_ONE = re.compile(
    r"(?:chi tieu|chi so|so) (?P<n>\d{1,2}) (?:co|da|dang) (?:nhich|len|tang|dung yen|tien)\b.*(?:ko|khong|chua)"
    r"|(?:is|has|does) (?:indicator|number) (?P<number>\d{1,2}) (?:moving|moved|move|going up|gone up|go up)"
)
_NOTHING = _("No report has come yet of which it could be said how its indicators move.")


class Watched(msgspec.Struct, frozen=True):
    """One indicator that is watched: its last figures, and how it stands."""

    one: Indicator
    rule: StillRule
    values: tuple[Value | None, ...]  # one a period, the newest last
    seen: Seen
    setter: Text | None = None  # who of the office has set its target; None where the form did


# --- told once a period ---


def waiting(turn: Turn, person: Person, units: list[Unit]) -> Iterator[tuple[Filing, list[Watched]]]:
    """Give the reports whose indicators stand still or will miss their target, where this person has not been told.

    They are told to the heads of the office, and to its officers where nobody heads it or all who do are away.
    """
    for unit in units:
        heads = filing.there(turn, "head", unit)
        acting = heads or filing.there(turn, "officer", unit)
        if all(one.id != person.id for one in acting):
            continue
        for case in filing.current(turn, unit):
            if not case.report.delivered or _was_told(turn, case, person):
                continue
            found = [each for each in watched(turn, case, person.id) if each.seen.alarms]
            if found:
                yield filing.read_by(case, person), found


def _was_told(turn: Turn, case: Filing, person: Person) -> bool:
    return any(row.stage == f"{TOLD}-{person.id}" for row in turn.reports.decisions(case.report))


def told(turn: Turn, case: Filing, person: Person, found: list[Watched]) -> None:
    """Keep that somebody was told, and of what."""
    reason = " ".join(
        f"{colour} {','.join(str(each.one.number) for each in of)}"
        for colour in ("red", "amber")
        if (of := [each for each in found if each.seen.colour == colour])
    )
    turn.reports.decided(case.report, f"{TOLD}-{person.id}", "sent", f"{TOLD} {reason}"[:80])
    turn.note(f"told what stands still: {reason}", case.about, 0)


def line(case: Filing, found: list[Watched]) -> Text:
    """Say in one line how many indicators stand still, and which is the worst."""
    worst = min(found, key=lambda each: _ORDER.index(each.seen.colour))
    values = {"month": filing.month(case), "name": name(worst.one, case.lang)}
    red = sum(each.seen.colour == "red" for each in found)
    amber = len(found) - red
    if len(found) == 1:
        one = _("• One indicator of {month} is red: {name}")
        return (one if red else _("• One indicator of {month} is amber: {name}"))(**values)
    if not amber:
        return _("• {red} indicators of {month} are red; the first to look at: {name}")(red=red, **values)
    if not red:
        return _("• {amber} indicators of {month} are amber; the first to look at: {name}")(
            amber=amber, **values
        )
    return _("• Indicators of {month}: {red} red, {amber} amber; the first to look at: {name}")(
        red=red, amber=amber, **values
    )


def listed(case: Filing, found: list[Watched]) -> Text:
    """Say how each of these indicators stands, the worst first, and why it has its colour."""
    ordered = sorted(found, key=lambda each: (_ORDER.index(each.seen.colour), each.one.number))
    return lines(
        _("How the indicators of {unit} move, up to {month}:")(
            unit=as_is(case.name), month=filing.month(case)
        ),
        *(said(each, case.lang) for each in ordered),
    )


def button(case: Filing) -> Choice:
    """Give the tap that leads to all the indicators of a report that are watched."""
    return Choice("still", _("How indicators move"), case.key, _("STAND STILL"))


def picture(case: Filing, number: int = 0) -> Choice:
    """Give the tap that leads to the picture of six periods, or to that of one indicator."""
    key = f"{case.key}/{number}" if number else case.key
    return Choice(TREND, _("Picture of six months"), key, _("SIX MONTHS"))


# --- asked for ---


def show(turn: Turn, context: str) -> bool:
    """Say how the watched indicators of a report stand, to whoever heads its office or reports for it."""
    case = filing.find(turn, context)
    if case is None or not _concerns(turn, case.unit):
        return False
    found = watched(turn, case)
    turn.say(
        listed(case, found) if found else _("No indicator is watched by this form."),
        [*task_giving.offered(turn), *([picture(case)] if found else [])],
    )
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {"still": show}


def meant(turn: Turn) -> bool:
    """Say whether words ask which indicators stand still."""
    words = fold(turn.text).rstrip("?").strip()
    return bool(_ONE.fullmatch(words) or _ALL.fullmatch(words))


def asked_number(turn: Turn) -> int:
    """Give the number of the indicator of which words ask whether it moves; 0 for other words."""
    one = _ONE.fullmatch(fold(turn.text).rstrip("?").strip())
    return int(one["n"] or one["number"]) if one else 0


def typed_card(turn: Turn) -> bool:
    """Answer "chỉ tiêu đứng yên" and "chỉ tiêu 6 có nhích lên không"; False for other words and people."""
    words = fold(turn.text).rstrip("?").strip()
    one = _ONE.fullmatch(words)
    filling = turn.talk.doing.startswith(f"{filing.DOING} ") and turn.talk.at != REVIEW
    if not turn.staff or filling or not (one or _ALL.fullmatch(words)):
        return False
    units = {unit.id: unit for kind in ("head", "reporter") for unit in filing.units(turn, kind)}
    places = (role.place for role in turn.people.roles(turn.person.id) if role.kind == "officer")
    units |= {unit.id: unit for place in places if (unit := turn.people.unit(place)) is not None}
    number = int(one["n"] or one["number"]) if one else 0
    below = [part for unit in units.values() if (part := _told_below(turn, unit, number)) is not None]
    if below:
        turn.say(lines(*below))
        return True
    case = next((each for unit in units.values() if (each := _newest(turn, unit)) is not None), None)
    daily = [] if one else target_following.listed(turn)
    if case is None:
        if daily:
            turn.say(lines(*daily))
        elif units and not one:
            turn.say(overview.nobody_below(turn) or _NOTHING)
        return bool(daily or (units and not one))
    found = watched(turn, case)
    if one:
        found = [each for each in found if each.one.number == number]
        if not found:
            return False  # not watched: how it went is told all the same (`trend`)
    turn.say(
        lines(listed(case, found), *daily),
        [*task_giving.offered(turn), *([picture(case, number)] if found else [])],
    )
    return True


def _told_below(turn: Turn, unit: Unit, number: int) -> Text | None:
    """Say what stands still in the offices below a province, or how one indicator does; None of any other office."""
    offices = overview.below(turn, unit) if unit.kind == "province" else []
    cases = [case for one in offices if (case := _newest(turn, one)) is not None and case.report.delivered]
    judged = [
        (case, [each for each in watched(turn, case) if number in (0, each.one.number)]) for case in cases
    ]
    if not any(found for _case, found in judged):
        return None
    alarms = [
        (colour, case, numbers)
        for colour in _ORDER[:2]
        for case, found in judged
        if (numbers := [str(each.one.number) for each in found if each.seen.colour == colour])
    ]
    alarms.sort(key=lambda one: (_ORDER.index(one[0]), -len(one[2])))
    return lines(
        _("Offices below: {n}. By their newest reports, red: {red}, amber: {amber}.")(
            n=len(judged),
            red=sum(colour == "red" for colour, *_rest in alarms),
            amber=sum(colour == "amber" for colour, *_rest in alarms),
        ),
        *(
            _("• {colour}: {unit}, {month}: number {numbers}")(
                colour=still.WORDS[colour],
                unit=as_is(case.name),
                month=filing.month(case),
                numbers=as_is(", ".join(numbers)),
            )
            for colour, case, numbers in alarms[:SHOWN]
        ),
        _("• And {n} more.")(n=len(alarms) - SHOWN) if alarms[SHOWN:] else None,
    )


def _concerns(turn: Turn, unit: Unit) -> bool:
    return any(filing.acts(turn, kind, unit) for kind in ("head", "officer", "reporter"))


def _newest(turn: Turn, unit: Unit) -> Filing | None:
    """Give the newest report that was sent of a form that watches anything; the present one where none was."""
    for case in filing.current(turn, unit):
        if case.form.still or turn.targets.aims(unit.id, case.form.id):
            before = turn.reports.last(unit.id, case.form.id, case.period.code)
            period = periods.period_named(case.form, before.period) if before else None
            if case.report.delivered or period is None:
                return case
            return filing.of(turn, unit, case.form, period)
    return None


# --- judged ---


def watched(turn: Turn, case: Filing, reader: int = 0) -> list[Watched]:
    """Judge the indicators that a form or the office itself watches, by the report and those before it."""
    aims = _aims(turn, case)
    rules = [*case.form.still, *(StillRule(of=of) for of in aims if not _rule(case.form, of))]
    if not rules:
        return []
    span = [case.period]
    while len(span) <= max(rule.periods for rule in rules):
        span.insert(0, periods.before(case.form, span[0]))
    codes = [period.code for period in span]
    kept = turn.reports.of_units([case.unit.id], case.form.id, codes)
    reports = [kept.get((case.unit.id, code)) for code in codes]
    found = []
    for rule in rules:
        one = case.form.indicator(rule.of)
        if one is not None:
            values = tuple(value(report, rule.of) for report in reports[-rule.periods - 1 :])
            aim = aims.get(rule.of)
            if aim is not None:
                rule = msgspec.structs.replace(rule, target=aim.hundredths / 100, by=aim.last)
            target = None if rule.target is None else Fraction(str(rule.target))
            left = None if rule.by is None else _left(case.form, case.period, rule.by)
            seen = still.judged([number(one, value) for value in values], rule.periods, target, left)
            setter = _setter(turn, aim, reader or turn.person.id) if aim else None
            found.append(Watched(one, rule, values, seen, setter))
    return found


def _aims(turn: Turn, case: Filing) -> dict[str, Aim]:
    """Give what the office itself wants reached; what was to be reached before this period counts no more."""
    kept = turn.targets.aims(case.unit.id, case.form.id)
    return {of: aim for of, aim in kept.items() if aim.last >= case.period.start}


def _rule(form: Form, of: str) -> StillRule | None:
    return next((rule for rule in form.still if rule.of == of), None)


def _setter(turn: Turn, aim: Aim, reader: int) -> Text:
    if not aim.by:
        return _("of the office")
    return _("set by you") if aim.by == reader else _("set by {who}")(who=filing.who(turn, aim.by))


def so_far(turn: Turn, unit: Unit, form: str, one: Indicator) -> Text | None:
    """Say how one indicator of an office stands by its newest report; None where none was sent."""
    case = _newest(turn, unit)
    if case is None or case.form.id != form or not case.report.delivered:
        return None
    found = [each for each in watched(turn, case) if each.one.id == one.id]
    return said(found[0], turn.lang) if found else None


def value(report: Report | None, of: str) -> Value | None:
    """Give what a report says of an indicator, in the version that was sent last."""
    sent = report.latest if report is not None else None
    return sent.values.get(of) if sent else None


def number(one: Indicator, given: Value | None) -> Fraction | None:
    """Give what is compared: the percentage of a share, the total of a pair, else the count."""
    if given is None or given.value is None:
        return None
    if one.shape in ("part", "ratio"):
        return Fraction(given.value * 100, given.of) if given.of else None
    counted = given.of if one.shape == "pair" and given.of is not None else given.value
    return Fraction(counted, 10**one.decimals)


def _left(form: Form, period: Period, by: date) -> int:
    """Count the periods after this one that are complete by a day."""
    left = 0
    while (period := periods.after(form, period)).cutoff <= by:
        left += 1
    return left


# --- in words ---


def name(one: Indicator, lang: str) -> Text:
    """Give an indicator as it is listed: its number and its name."""
    return _("{n}. {name}")(n=one.number, name=as_is(one.name.of(lang)))


def said(each: Watched, lang: str) -> Text:
    """Say how one indicator stands: its colour, its figures, and why."""
    known = [value for value in each.values if number(each.one, value) is not None]
    series = figure(each.one, known[0]) if known else _("no figure came")
    for value in known[1:]:
        series = _("{list} · {one}")(list=series, one=figure(each.one, value))
    return _("• {colour}: {name}: {series}. {why}")(
        colour=still.WORDS[each.seen.colour], name=name(each.one, lang), series=series, why=_why(each)
    )


def figure(one: Indicator, given: Value | None) -> Text:
    """Give the figure of a period that has one, as it is written."""
    known = number(one, given)
    assert known is not None
    if one.shape in ("part", "ratio"):
        return _("{percent}%")(percent=hundredths(known))
    assert given is not None
    counted = given.of if one.shape == "pair" and given.of is not None else given.value
    return _("{value}")(value=exact(one, counted or 0))


def _why(each: Watched) -> Text:
    seen, rule = each.seen, each.rule
    unit = _("%") if each.one.shape in ("part", "ratio") else as_is("")
    target = (
        as_is("")
        if rule.target is None
        else _("{n}{unit}")(n=hundredths(Fraction(str(rule.target))), unit=unit)
    )
    if each.setter is not None and rule.target is not None:
        goal = still.aimed(int(Fraction(str(rule.target)) * 100))
        target = _("{target} {setter}")(target=goal, setter=each.setter)
    match seen.reason:
        case "reached":
            return _("The target of {target} is reached.")(target=target)
        case "moving":
            return _("It is going up.")
        case "paused":
            return _("It has not gone up since the period before.")
        case "behind":
            return _("At this pace it will be {expected} on {day}, below {target}.")(
                expected=_("{n}{unit}")(n=hundredths(seen.expected or Fraction(0)), unit=unit),
                day=rule.by,
                target=target,
            )
        case "missed":
            return _("The day for {target} was {day}, and it was not reached.")(target=target, day=rule.by)
        case "still":
            return _("It has not gone up for {n} periods.")(n=rule.periods)
        case "too-few":
            return _("Too few periods have a figure to tell.")


def kept_reason(kept: str) -> Text | None:
    """Say what is kept as the reason of an alert; None of another reason."""
    found = re.fullmatch(rf"{TOLD}(?: red (?P<red>[\d,]+))?(?: amber (?P<amber>[\d,]+))?", kept)
    if found is None:
        return None
    said = [
        words(list=as_is((found[name] or "").replace(",", ", ")))
        for name, words in (("red", _("red: indicator {list}")), ("amber", _("amber: indicator {list}")))
        if found[name]
    ]
    whole = said[0] if said else as_is(kept)
    for one in said[1:]:
        whole = _("{list}; {one}")(list=whole, one=one)
    return whole
