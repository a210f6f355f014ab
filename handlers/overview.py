"""How the offices below one's own stand with a report: in words at once, and as a picture a moment later.

An office counts from the first period that somebody of it has reported; in the present one also where somebody was
there while the report was due.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

import msgspec

from handlers import filing
from handlers.filing import Filing
from handlers.made import Chart, Count, Month, Office, State
from handlers.records.media import MADE, Thing
from handlers.records.people import Unit
from handlers.records.reports import Report
from handlers.rules import arrival, measures, period_words, periods, reporting, vietnamese
from handlers.rules.measures import Measures
from handlers.rules.periods import Period
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.forms import OWING, Form, Level

PICTURE = "situation"  # behind "made:"
NAMED = 20  # offices that are named in the picture: more could not be read on a telephone
MONTHS = 24
SAID = 3  # offices that are named in words while they correct what they sent, or owe an earlier period
ORDER: tuple[State, ...] = ("missing", "late", "awaited", "on-time")  # in which offices are named
_MORE = re.compile(
    r"(?:(?:xem )?(?:tinh hinh )?(?:tiep )?(?:cac|nhung) (?:don vi|xa|phuong|thon) (?:con lai|khac)"
    r"|(?:xem )?tinh hinh tiep|(?:see )?(?:the )?other offices|(?:the )?overview further)"
    rf"(?: (?:cua |of |in )?(?P<period>{period_words.NAMED}))?"
)
NOBODY = _(
    "No office below {unit} is in Tổ Số yet. Whoever looks after Tổ Số imports the list of offices and people."
)
LABELS: dict[State, Text] = {
    "on-time": _("on time"),
    "late": _("sent late"),
    "missing": _("not sent, late"),
    "awaited": _("not sent, not due yet"),
}


class Standing(msgspec.Struct, frozen=True):
    """How one office stands with a report."""

    unit: Unit
    state: State
    late: int = 0  # working days too late that it came, or is by now
    reworked: bool = False  # what was sent is being corrected


def told(turn: Turn, unit: Unit, named: tuple[Form, Period] | None = None) -> Text | None:
    """Say how the units below one stand, each kind for itself, now or for a period that is named; None without any.

    It is drawn as well: the picture shows the kind that is told first.
    """
    now = below(turn, unit)
    said: list[Text] = []
    for level in OWING:
        asked = _asked(turn, level, named)
        group = of_level(turn, unit, level, *asked, now) if asked is not None else []
        if asked is None or not group:
            continue
        kind = None if not said and level == "commune" else filing.CALLED[level]
        words = _told(turn, unit, asked, group, kind, older=named is None, draw=not said)
        if words is not None:
            said.append(words)
    return lines(said[0], *said[1:]) if said else None


def _asked(turn: Turn, level: Level, named: tuple[Form, Period] | None) -> tuple[Form, Period] | None:
    """Give of which report a kind of unit is told: its first form's newest, or the one that is named.

    A kind that the named form does not ask is told of its own form for the same period.
    """
    forms = sorted(turn.shelf.forms.owed_by(level), key=monthly)
    if named is None:
        today = reporting.local_day(turn.now)
        return next(((form, periods.open_period(form, today)) for form in forms), None)
    if level in named[0].owed_by:
        return named
    alike = next((form for form in forms if form.period.every == named[0].period.every), None)
    period = periods.period_named(alike, named[1].code) if alike else None
    return (alike, period) if alike and period and periods.in_force(alike, period) else None


def _told(
    turn: Turn,
    unit: Unit,
    asked: tuple[Form, Period],
    offices: list[Unit],
    kind: Text | None,
    *,
    older: bool,
    draw: bool,
) -> Text | None:
    """Say how units of one kind stand, and have it drawn; None where none of them counts."""
    form, period = asked
    case = filing.of(turn, unit, form, period)
    reports = turn.reports.of_units([one.id for one in offices], form.id, past(form, period))
    standings = [
        standing
        for one in offices
        if (standing := _standing(turn, case, one, reports.get((one.id, period.code)))) is not None
    ]
    if not standings:
        return None
    if draw:
        turn.make(
            _chart(turn, case, standings, reports),
            f"tinh-hinh-{form.id}-{period.code}.png",
            f"{MADE}:{PICTURE}:{case.key}",
        )
    count = _counted(standings)
    come = count["on-time"] + count["late"]
    words = (
        _("• {month}: {n} of {all} offices have sent ({timely} on time, {late} late); not yet: {missing}.")
        if kind is None
        else _(
            "• {month}, {kind}: {n} of {all} have sent ({timely} on time, {late} late); not yet: {missing}."
        )
    )
    counted = words(
        **({} if kind is None else {"kind": kind}),
        month=_period(case),
        n=come,
        all=len(standings),
        timely=count["on-time"],
        late=count["late"],
        missing=len(standings) - come,
    )
    sums = _measured(turn, case, standings, reports)
    owed = _older(turn, form, offices) if older else ()
    begun = _series(turn, form, period, [one.unit for one in standings])
    four = (_four(sums),) if sums.reports else ()
    return lines(counted, *_absent(standings), *four, *begun, *_reworked(standings), *owed)


def _absent(standings: list[Standing]) -> Iterator[Text]:
    """Name the offices that have not sent where they are few, and say how to see them where they are many."""
    missing = _ordered(one for one in standings if one.state in ("missing", "awaited"))
    if missing[SAID:]:
        yield _("  Who has not sent: type “who has not sent”.")
    elif missing:
        near = (one.unit.village or one.unit.body for one in missing)  # its commune is where it is asked
        names = ", ".join(
            one.unit.name.partition(", ")[0] if inside else called(one.unit)
            for one, inside in zip(missing, near, strict=True)
        )
        yield _("  Not sent yet: {names}.")(names=as_is(names))


def _series(turn: Turn, form: Form, period: Period, units: list[Unit]) -> Iterator[Text]:
    """Name the units that took the place of others and whose figures begin with a period."""
    names = [called(unit) for unit, _first in begun(turn, form, units, periods.before(form, period), period)]
    if names:
        shown = ", ".join(names[:SAID]) + (", …" if names[SAID:] else "")
        yield _("  A new series begins here, of merged units: {names}.")(names=as_is(shown))


def begun(
    turn: Turn, form: Form, units: Sequence[Unit], since: Period, upto: Period
) -> Iterator[tuple[Unit, Period]]:
    """Give the units that took the place of others after one period and by another, with each first period."""
    merged = turn.people.taken_over(*(unit.id for unit in units))
    for unit in units:
        first = since
        while unit.id in merged and first.cutoff < upto.cutoff:
            first = periods.after(form, first)
            if filing.grew(unit, merged[unit.id], form, first):
                yield unit, first


def _reworked(standings: Iterable[Standing]) -> Iterator[Text]:
    """Name the offices whose report has come and waits to be sent again."""
    names = [called(one.unit) for one in standings if one.reworked]
    if names:
        shown = ", ".join(names[:SAID]) + (", …" if names[SAID:] else "")
        yield _("  Being corrected, to be sent again: {n} ({names}).")(n=len(names), names=as_is(shown))


def _older(turn: Turn, form: Form, offices: list[Unit]) -> Iterator[Text]:
    """Name the offices that still owe an earlier period, the oldest of these first."""
    today = reporting.local_day(turn.now)
    span = {one.code: one for one in periods.earlier(form, today, today - reporting.OWED_FOR)}
    known = {unit.id: unit for unit in offices}
    owing = turn.reports.owing(form.id, tuple(span), tuple(known)) if span else ()
    for code, period in sorted(span.items(), key=lambda one: one[1].cutoff):
        of_then = turn.shelf.forms.on(form.id, period.start)
        names = [
            called(known[unit])
            for unit, owed in owing
            if owed == code and filing.owes(of_then, known[unit], period)
        ]
        if names:
            shown = ", ".join(names[:SAID]) + (", …" if names[SAID:] else "")
            yield _("  Still to be sent of {month}: {n} ({names}).")(
                month=filing.period_name(form, period), n=len(names), names=as_is(shown)
            )


def called(unit: Unit) -> str:
    """Give the name of a unit without its place."""
    return unit.name.rpartition(", ")[0] or unit.name


def _four(sums: Measures) -> Text:
    """Say đúng, đủ, sạch and sống of all reports that came, as sums."""
    return _(
        "  Of these: checks passed {right}/{all}, complete {full}/{all}, never corrected {clean}/{n}, "
        "on time {alive}/{n}."
    )(
        right=sums.right,
        full=sums.full,
        all=sums.indicators,
        clean=sums.clean,
        alive=sums.alive,
        n=sums.reports,
    )


def _measured(
    turn: Turn, case: Filing, standings: list[Standing], reports: dict[tuple[int, str], Report]
) -> Measures:
    """Sum the four measures of the reports that have come for a period."""
    before = periods.before(case.form, case.period).code
    known = {one.id for one in case.form.indicators}
    merged = turn.people.taken_over(*(one.unit.id for one in standings))
    found = []
    for one in standings:
        report = reports.get((one.unit.id, case.period.code))
        if report is None or report.latest is None:
            continue
        grew = filing.grew(one.unit, merged.get(one.unit.id, ()), case.form, case.period)
        last = None if grew else reports.get((one.unit.id, before))
        values = last.latest.values if last is not None and last.latest is not None else {}
        own = msgspec.structs.replace(
            case,
            unit=one.unit,
            report=report,
            last={key: value for key, value in values.items() if key in known},
        )
        found.append(filing.measured(turn, own, report.latest))
    return measures.together(found)


def show(turn: Turn, thing: Thing) -> None:
    """Send the picture where it can be seen; its figures have been told in words."""
    case = filing.find(turn, thing.about.split(":", 2)[2])
    if case is None or case.unit not in watched(turn):
        return
    drawn = _drawn(turn, case)
    more = [_from(case, NAMED)] if drawn[NAMED:] else []
    if turn.shelf.office.opens or turn.media.shown(thing, turn.person.id):
        turn.say(_("{month} as a picture.")(month=_period(case)), more, media=thing.code)
    elif drawn:
        turn.say(_("{month}: each office by its name.")(month=_period(case)), [_from(case, 0)])


def _from(case: Filing, first: int) -> Choice:
    """Give the tap that names offices from one on."""
    label = _("The other offices") if first else _("The offices one by one")
    return Choice("offices-more", label, f"{case.key}/{first}")


def further(turn: Turn, context: str) -> bool:
    """Name the offices of a period from one on, those missing first, as the picture does, and offer the next."""
    read = re.fullmatch(r"([^/]+)/(\d{1,4})", context)
    case = filing.find(turn, read[1]) if read else None
    if read is None or case is None or case.unit not in watched(turn):
        return False
    _name(turn, case, int(read[2]))
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {"offices-more": further}


def meant(turn: Turn) -> bool:
    """Say whether words ask for the offices that a picture has no room for."""
    return _MORE.fullmatch(fold(turn.text).strip(" .!?")) is not None


def typed_card(turn: Turn) -> bool:
    """Hear "tình hình các xã còn lại"; False for other words, and for whoever looks at nobody."""
    asked = _MORE.fullmatch(fold(turn.text).strip(" .!?"))
    if not turn.staff or asked is None:
        return False
    for unit in watched(turn):
        case = asked_of(turn, unit, asked["period"] or "")
        if case is not None:
            _name(turn, case, NAMED if _drawn(turn, case)[NAMED:] else 0)
            return True
    if (nobody := nobody_below(turn)) is not None:
        turn.say(nobody)
    return nobody is not None


def asked_of(turn: Turn, unit: Unit, period: str = "") -> Filing | None:
    """Give the report of which a unit's picture is drawn, of a period as it is typed; None where nobody is below."""
    for level in OWING:
        asked = _asked(turn, level, None)
        case = filing.of(turn, unit, *asked) if asked else None
        if case is None or not _drawn(turn, case):
            continue
        match = re.fullmatch(period_words.WHICH, fold(period))
        today = reporting.local_day(turn.now)
        named = period_words.period_meant(case.form, match, today) if match else None
        return filing.of(turn, unit, case.form, named) if named is not None else case
    return None


def name(turn: Turn, case: Filing, first: int) -> bool:
    """Name how offices stand from one on, those missing first; False where nobody is below."""
    if not _drawn(turn, case):
        return False
    _name(turn, case, first)
    return True


def _name(turn: Turn, case: Filing, first: int) -> None:
    ordered = _drawn(turn, case)
    page = ordered[first : first + NAMED]
    if not page:
        turn.say(_("All offices have been named."))
        return
    told = []
    for state in ORDER:
        names = [
            f"{called(one.unit)} ({one.late})" if one.late else called(one.unit)
            for one in page
            if one.state == state
        ]
        if names:
            told.append(_("• {state}: {names}")(state=LABELS[state], names=as_is(", ".join(names))))
    turn.say(
        lines(
            _page(case, first, len(page), len(ordered)),
            *told,
            *([_("In brackets: working days late.")] if any(one.late for one in page) else []),
        ),
        [_from(case, first + NAMED)] if ordered[first + NAMED :] else [],
    )


def _page(case: Filing, first: int, shown: int, every: int) -> Text:
    if shown == every:
        return _("{month}, {unit}, units: {all}.")(month=_period(case), unit=as_is(case.name), all=every)
    return _("{month}, {unit}: offices {first} to {last} of {all}.")(
        month=_period(case), unit=as_is(case.name), first=first + 1, last=first + shown, all=every
    )


def _drawn(turn: Turn, case: Filing) -> list[Standing]:
    """Give how the offices stand that the picture of a period is about: those missing first, then by lateness."""
    now = below(turn, case.unit)
    for level in OWING:
        if level not in case.form.owed_by:
            continue
        group = of_level(turn, case.unit, level, case.form, case.period, now)
        if not group:
            continue
        reports = turn.reports.of_units([one.id for one in group], case.form.id, [case.period.code])
        found = [_standing(turn, case, one, reports.get((one.id, case.period.code))) for one in group]
        if any(found):
            return _ordered(one for one in found if one is not None)
    return []


def _ordered(standings: Iterable[Standing]) -> list[Standing]:
    return sorted(
        standings, key=lambda one: (ORDER.index(one.state), -one.late, vietnamese.order(one.unit.name))
    )


def watched(turn: Turn) -> tuple[Unit, ...]:
    """Give the offices for which this person looks at those below: as head or as officer."""
    return tuple(dict.fromkeys(filing.units(turn, "head") + filing.units(turn, "officer")))


def nobody_below(turn: Turn) -> Text | None:
    """Say to whoever looks after a province that none of its offices is here yet; None where one is, and to others."""
    for unit in watched(turn):
        if unit.kind == "province":
            return None if below(turn, unit) else NOBODY(unit=as_is(unit.name))
    return None


def monthly(form: Form) -> tuple[bool, bool, str]:
    """Give by what forms are ordered so that the monthly one comes first, of several that of the communes."""
    return form.period.every != "month", "commune" not in form.owed_by, form.id


def _period(case: Filing) -> Text:
    return _("Reports {month}")(month=filing.month(case))


def below(turn: Turn, unit: Unit, *, empty: bool = False) -> list[Unit]:
    """Give the units that report to this one: whoever names it; else a province's communes, a commune's villages.

    What stands beside the office of a place, such as a school, reports to that office unless it names another.
    Of a commune's those too in which nobody is there yet, where they are wanted.
    """
    offices = turn.reports.offices()
    if empty and unit.kind == "office":
        here = (*turn.people.units("office", unit.commune), *turn.people.bodies(unit.commune))
        offices = tuple({other.id: other for other in (*offices, *here)}.values())
    return [other for other in offices if reports_to(turn, unit, other)]


def of_level(
    turn: Turn, unit: Unit, level: Level, form: Form, period: Period, now: Sequence[Unit]
) -> list[Unit]:
    """Give those of one kind below a unit for a period: of those below it now, and those ended after its cut-off."""
    places = [unit.commune, *(one.code for one in turn.shelf.places.communes_of(unit.commune))]
    begun, due = reporting.day_begins(period.start), reporting.due_end(form, period, turn.shelf.calendar)
    owed = turn.publications.offices(form, period, begun, due, places, unit.id)
    ended = (one for one, until in owed if until is not None and not filing.over(one, period))
    found = {one.id: one for one in now}
    found |= {one.id: one for one in ended if one.id not in found and reports_to(turn, unit, one)}
    return [one for one in found.values() if filing.level_of(one) == level]


def reports_to(turn: Turn, unit: Unit, other: Unit) -> bool:
    """Say whether another unit reports to this one, by what it names or by its place, today's or that of its end."""
    if other.id == unit.id:
        return False
    if other.parent:
        return other.parent == unit.id
    if unit.village or unit.body:
        return False
    if other.body or other.village or len(unit.commune) == filing.COMMUNE:
        return other.commune == unit.commune and (other.body or bool(other.village))
    places = turn.shelf.places
    place = places.commune(other.commune)
    if place is None and other.until is not None:
        place = places.commune(other.commune, reporting.local_day(other.until) - timedelta(days=1))
    return place is not None and place.province == unit.commune


def past(form: Form, period: Period) -> tuple[str, ...]:
    """Give the codes of the last periods, this one included, the oldest first."""
    codes = [period.code]
    while len(codes) < MONTHS:
        period = periods.before(form, period)
        codes.append(period.code)
    return tuple(reversed(codes))


def _standing(turn: Turn, case: Filing, unit: Unit, report: Report | None) -> Standing | None:
    """Give how an office stands; None where nobody of it was there while the report was due."""
    level, calendar = filing.level_of(unit), turn.shelf.calendar
    if report is not None and (came := arrival.came(report)) is not None:
        late = reporting.days_late(case.form, case.period, calendar, came, level)
        return Standing(unit, "late" if late else "on-time", late, arrival.reworked(report))
    if report is None and not filing.owes(case.form, unit, case.period):
        return None
    if report is None and not filing.with_us(turn, msgspec.structs.replace(case, unit=unit)):
        return None
    late = reporting.days_late(case.form, case.period, calendar, turn.now, level)
    return Standing(unit, "missing" if late else "awaited", late)


def _counted(standings: Iterable[Standing]) -> dict[State, int]:
    counts: dict[State, int] = dict.fromkeys(LABELS, 0)
    for standing in standings:
        counts[standing.state] += 1
    return counts


def _chart(
    turn: Turn, case: Filing, standings: list[Standing], reports: dict[tuple[int, str], Report]
) -> Chart:
    counts = _counted(standings)
    ordered = _ordered(standings)
    named = ordered[:NAMED]
    months = _months(turn, case, standings, reports)
    return Chart(
        title=as_is(case.form.title.of(turn.lang)),
        whose=_("{month}, {unit}, offices: {n}")(
            month=filing.period_name(case.form, case.period), unit=as_is(case.name), n=len(standings)
        ),
        at=_("As of {at}")(at=turn.now),
        counts=tuple(
            Count(state, label, counts[state])
            for state, label in LABELS.items()
            if counts[state] or state in ("on-time", "late")
        ),
        offices=tuple(
            Office(
                one.state,
                called(one.unit),
                _("being corrected")
                if one.reworked
                else (_("1 day") if one.late == 1 else _("{n} days")(n=one.late))
                if one.late
                else "",
            )
            for one in named
        ),
        more=_("More offices: {n}.")(n=len(ordered) - NAMED) if ordered[NAMED:] else "",
        past=_("The last {n} periods")(n=len(months)),
        key=(LABELS["on-time"], LABELS["late"], _("not sent")),
        months=months if len(months) > 1 else (),
    )


def _months(
    turn: Turn, case: Filing, standings: list[Standing], reports: dict[tuple[int, str], Report]
) -> tuple[Month, ...]:
    """Give the periods since anybody reported; an office counts from its first report on."""
    units = [one.unit for one in standings]
    begun: set[int] = set()
    months = []
    for code in past(case.form, case.period):
        period = periods.period_named(case.form, code)
        if period is None:
            continue
        ends = {
            level: reporting.due_end(case.form, period, turn.shelf.calendar, level)
            for level in {filing.level_of(unit) for unit in units}
        }
        come = {
            unit.id: arrival.in_time(report, ends[filing.level_of(unit)])
            for unit in units
            if arrival.came(report := reports.get((unit.id, code))) is not None
        }
        begun |= come.keys()
        expected = len(units) if code == case.period.code else len(begun)
        if expected:
            timely = sum(come.values())
            label = filing.short_period(case.form, period)
            months.append(Month(label, timely, len(come) - timely, expected - len(come)))
    return tuple(months)
