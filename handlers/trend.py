"""The last six periods of an office's indicators: in words at once, and as a picture a moment later.

A period without a figure stays empty, and figures of before a merger are not joined to those after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction

from handlers import filing, overview, stagnation
from handlers.filing import Filing, lines
from handlers.made import Panel, Point, Trend
from handlers.records.media import MADE, Thing
from handlers.records.people import Unit
from handlers.rules import periods
from handlers.rules.periods import Period
from handlers.rules.ranking import hundredths
from handlers.text import Text, _, as_is
from handlers.turn import Turn
from knowledge.folding import fold
from knowledge.forms import Indicator

PICTURE = "trend"  # behind "made:"
PERIODS = 6
SHOWN = 3  # indicators of one picture: more could not be read on a telephone
_ASKED = re.compile(
    r"(?:cho )?(?:toi |em |anh |chi )?(?:xem )?(?:lai )?(?:anh|hinh|bieu do) (?:cua )?"
    r"(?:sau|6) (?:thang|ky)(?: qua| gan nhat| gan day)?"
    r"(?: (?:cua )?(?:chi tieu|chi so|so) (?P<n>\d{1,2}))?"
    r"(?: (?:cua )?(?P<unit>(?:xa|phuong|thon|to|dac khu) .+))?"
    r"|(?:show |see |view )?(?:me )?(?:the )?(?:picture of )?(?:the )?(?:last )?"
    r"(?:six|6) (?:months|periods)(?: as a picture)?"
    r"(?: (?:of |for )?(?:indicator|number) (?P<number>\d{1,2}))?(?: (?:of|for) (?P<of>.+))?"
)


def meant(turn: Turn) -> bool:
    """Say whether words ask for the picture of six periods."""
    return _ASKED.fullmatch(fold(turn.text).strip(" .!?")) is not None


def typed_card(turn: Turn) -> bool:
    """Hear "xem ảnh sáu tháng" and "ảnh 6 tháng chỉ tiêu 5"; False for other words, and for whoever has no office."""
    asked = _ASKED.fullmatch(fold(turn.text).strip(" .!?"))
    filling = turn.talk.doing.startswith(f"{filing.DOING} ") and turn.talk.at != stagnation.REVIEW
    if asked is None or filling or not turn.staff:
        return False
    own = _own(turn)
    if not own:
        return False
    name, number = asked["unit"] or asked["of"], int(asked["n"] or asked["number"] or 0)
    units = _named(turn, own, name) if name else own
    if not units:
        turn.say(_("No office of that name is yours or below yours."))
        return True
    cases = [case for unit in units if (case := _newest(turn, unit, number)) is not None]
    if not cases:
        below = [one for above in overview.watched(turn) for one in overview.below(turn, above)]
        nothing = _("No report has come yet of which six periods could be shown.")
        of_one = _("Type whose, such as: six months of {unit}.")
        turn.say(of_one(unit=as_is(_short(below[0]))) if below and not name else nothing)
    elif not _tell(turn, cases[0], number):
        turn.say(_("That indicator is not in the report."))
    return True


def unwatched(turn: Turn) -> bool:
    """Tell how an indicator went that is asked about and that no form watches; False for other words."""
    number = stagnation.asked_number(turn)
    filling = turn.talk.doing.startswith(f"{filing.DOING} ") and turn.talk.at != stagnation.REVIEW
    if not number or filling or not turn.staff:
        return False
    cases = (_newest(turn, unit, number) for unit in _own(turn))
    case = next((case for case in cases if case is not None), None)
    if case is None:
        return False
    if not _tell(turn, case, number, _("The form does not watch that indicator. This is how it went:")):
        turn.say(_("That indicator is not in the report."))
    return True


def see(turn: Turn, context: str) -> bool:
    """Tell and draw the last six periods of a report's office, or of one indicator, to whoever sees its reports."""
    read = re.fullmatch(r"([^/]+)(?:/(\d{1,2}))?", context)
    case = filing.find(turn, read[1]) if read else None
    return (
        read is not None
        and case is not None
        and _sees(turn, case.unit)
        and _tell(turn, case, int(read[2] or 0))
    )


CARDS: dict[str, Callable[[Turn, str], bool]] = {stagnation.TREND: see}


def show(turn: Turn, thing: Thing) -> None:
    """Send the picture where it can be seen; its figures have been told in words."""
    case = filing.find(turn, thing.about.split(":", 2)[2])
    seen = turn.shelf.office.opens or turn.media.shown(thing, turn.person.id)
    if case is not None and seen and _sees(turn, case.unit):
        turn.say(
            _("{unit}, six periods as a picture.")(unit=as_is(filing.capital(case.name))), media=thing.code
        )


# --- whose ---


def _own(turn: Turn) -> list[Unit]:
    kinds = ("head", "officer", "reporter")
    return list(dict.fromkeys(unit for kind in kinds for unit in filing.units(turn, kind)))


def _sees(turn: Turn, unit: Unit) -> bool:
    """Say whether an office is one's own, or lies below one for which this person is head or officer."""
    return unit in _own(turn) or any(
        overview.reports_to(turn, above, unit) for above in overview.watched(turn)
    )


def _named(turn: Turn, own: Sequence[Unit], name: str) -> list[Unit]:
    below = [unit for above in overview.watched(turn) for unit in overview.below(turn, above)]
    found = [unit for unit in dict.fromkeys((*own, *below)) if _called(unit) == name]
    return found or [unit for unit in dict.fromkeys((*own, *below)) if fold(unit.name) == name]


def _called(unit: Unit) -> str:
    return fold(_short(unit))


def _short(unit: Unit) -> str:
    return unit.name.partition(", ")[0]


def _newest(turn: Turn, unit: Unit, number: int) -> Filing | None:
    """Give the newest report that was sent, of the form asked most often; None where none was."""
    cases = sorted(filing.current(turn, unit), key=lambda case: overview.monthly(case.form))
    found = []
    for case in cases:
        before = turn.reports.last(unit.id, case.form.id, case.period.code)
        period = periods.period_named(case.form, before.period) if before else None
        if case.report.delivered:
            found.append(case)
        elif period is not None:
            found.append(filing.of(turn, unit, case.form, period))
    having = [case for case in found if any(one.number == number for one in case.form.indicators)]
    return next(iter(having or found), None)


# --- told and drawn ---


def _tell(turn: Turn, case: Filing, number: int, before: Text | None = None) -> bool:
    """Say the figures of six periods and have them drawn; False where the report has no such indicator."""
    made = chart(turn, case, number)
    if not made.panels:
        return False
    turn.say(
        lines(
            before,
            _("{unit}, six periods up to {month}:")(
                unit=as_is(filing.capital(case.name)), month=filing.month(case)
            ),
            *(_said(panel) for panel in made.panels),
            *([made.broken] if isinstance(made.broken, Text) else []),
        )
    )
    turn.make(made, f"sau-ky-{case.form.id}-{case.period.code}.png", f"{MADE}:{PICTURE}:{case.key}")
    return True


def _said(panel: Panel) -> Text:
    """Say the figures of an indicator, those periods that have none at the end."""
    series: Text | None = None
    for point in panel.points:
        if point.value is not None:
            one = _("{month}: {figure}")(month=as_is(point.label), figure=_text(point.words))
            series = one if series is None else _("{list} · {one}")(list=series, one=one)
    empty = ", ".join(point.label for point in panel.points if point.value is None)
    if series is None:
        return _("• {name}: no figure yet.")(name=_text(panel.title))
    told = _("• {name}: {series}.")(name=_text(panel.title), series=series)
    if empty:
        told = _("{line} No figure yet: {months}.")(line=told, months=as_is(empty))
    return _("{line} {more}.")(line=told, more=_text(panel.goal_words)) if panel.goal is not None else told


def _text(words: Text | str) -> Text:
    return as_is(words) if isinstance(words, str) else words


def chart(turn: Turn, case: Filing, number: int = 0) -> Trend:
    """Give the picture of six periods: of one indicator, or of those that are watched and the form's first shares."""
    span = [case.period]
    while len(span) < PERIODS:
        span.insert(0, periods.before(case.form, span[0]))
    codes = [period.code for period in span]
    kept = turn.reports.of_units([case.unit.id], case.form.id, codes)
    begun = [at for _unit, at in overview.begun(turn, case.form, [case.unit], span[0], case.period)]
    seen = stagnation.watched(turn, case)
    goals = {each.one.id: each for each in seen}
    first_seen = sorted(seen, key=lambda each: (each.setter is None, not each.seen.alarms))
    panels = []
    for one in _chosen(case, number, [each.one for each in first_seen]):
        points = []
        for period in span:
            value = stagnation.value(kept.get((case.unit.id, period.code)), one.id)
            figure = stagnation.number(one, value)
            points.append(
                Point(
                    filing.short_period(case.form, period),
                    None if figure is None else float(figure),
                    _("no figure yet") if figure is None else stagnation.figure(one, value),
                    period in begun,
                )
            )
        rule = goals[one.id].rule if one.id in goals else None
        target = None if rule is None or rule.target is None else Fraction(str(rule.target))
        panels.append(
            Panel(
                stagnation.name(one, case.lang),
                tuple(points),
                None if target is None else float(target),
                "" if target is None else _goal(one, target),
            )
        )
    return Trend(
        title=as_is(case.form.title.of(turn.lang)),
        whose=_("{unit}, six periods up to {month}")(
            unit=as_is(filing.capital(case.name)), month=filing.period_name(case.form, case.period)
        ),
        at=_("As of {at}")(at=turn.now),
        panels=tuple(panels),
        broken=_broken(case, begun),
    )


def _broken(case: Filing, begun: list[Period]) -> Text | str:
    if not begun:
        return ""
    months = filing.period_name(case.form, begun[0])
    for one in begun[1:]:
        months = _("{one} and {other}")(one=months, other=filing.period_name(case.form, one))
    return _("A new series begins with {month}, after a merger.")(month=months)


def _goal(one: Indicator, target: Fraction) -> Text:
    if one.shape in ("part", "ratio"):
        return _("Target {percent}%")(percent=hundredths(target))
    return _("Target {n}")(n=hundredths(target))


def _chosen(case: Filing, number: int, watched: Sequence[Indicator]) -> list[Indicator]:
    """Give what is drawn: what the office set a target for, what stands still, what is watched, other shares."""
    every = case.form.indicators
    if number:
        return [one for one in every if one.number == number]
    shares = [one for one in every if one.shape in ("part", "ratio")]
    found = list({one.id: one for one in (*watched, *shares, *every)}.values())
    return sorted(found[:SHOWN], key=lambda one: one.number)
