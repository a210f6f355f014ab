"""How an office's own shares stand beside last period's, what they are to reach, and the middle of its like.

Told to its head with "tình hình", short: what is to reach a target, then what moved most.
Counts are left out, since offices differ in size.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from handlers import filing, overview, ranking
from handlers.filing import Filing, lines
from handlers.records.people import Unit
from handlers.rules import periods, reporting, still
from handlers.rules.ranking import Figure, hundredths, middle
from handlers.rules.validation import Value
from handlers.text import Text, _, as_is
from handlers.turn import Turn
from knowledge.forms import Indicator

FEWEST = 3  # other offices with a figure; of fewer the middle would tell whose it is
SHOWN = 3  # indicators that are named


class Beside(msgspec.Struct, frozen=True):
    """One share of an office: its own, the one before, and the middle of the others."""

    one: Indicator
    now: Fraction
    last: Fraction | None
    middle: Fraction | None  # None where too few others have a figure
    others: int

    @property
    def moved(self) -> Fraction:
        """How far it went since the period before, up or down."""
        return Fraction(0) if self.last is None else abs(self.now - self.last)


def told(turn: Turn, unit: Unit) -> tuple[Text, Filing] | None:
    """Say how an office's newest report stands, and which it is.

    None where none was sent, or there is nothing to set it beside.
    """
    case = _newest(turn, unit)
    if case is None:
        return None
    targets = _targets(turn, case)
    rows = [
        row
        for row in compared(turn, case)
        if row.middle is not None or row.last is not None or row.one.id in targets
    ]
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: (row.one.id not in targets, -row.moved, row.one.number))
    first = ordered[:SHOWN]
    rest = [row.one.number for row in rows if row not in first]
    said = lines(
        _heading(case, max(row.others for row in rows)),
        *(_line(row, targets.get(row.one.id), turn.lang) for row in first),
        _("  The rest: indicator {list}.")(list=", ".join(str(n) for n in rest)) if rest else None,
    )
    return said, case


def _heading(case: Filing, others: int) -> Text:
    values = {"month": filing.month(case), "unit": as_is(case.name)}
    if others < FEWEST:
        return _("• Report {month} of {unit}, its shares:")(**values)
    return _("• Report {month} of {unit}, beside others ({n}):")(**values, n=others)


def compared(turn: Turn, case: Filing) -> Iterator[Beside]:
    """Give each share of a report, with the middle where at least three others of its kind have sent theirs."""
    if case.report.latest is None:
        return
    others = [one.id for one in ranking.peers(turn, case.unit) if one.id != case.unit.id]
    reports = turn.reports.of_units(others, case.form.id, [case.period.code]) if others[FEWEST - 1 :] else {}
    sent = [one.latest.values for one in reports.values() if one.latest is not None]
    for one in case.form.indicators:
        own = _share(one, case.report.latest.values.get(one.id))
        if own is None or own.rate is None:
            continue
        theirs = [figure for values in sent if (figure := _share(one, values.get(one.id))) is not None]
        among = middle(theirs) if theirs[FEWEST - 1 :] else None
        last = _share(one, case.last.get(one.id))
        yield Beside(one, own.rate, last.rate if last else None, among.rate if among else None, len(theirs))


def _newest(turn: Turn, unit: Unit) -> Filing | None:
    """Give the newest report of an office that was sent, of its monthly form where it has one."""
    for form in sorted(turn.shelf.forms.owed_by(filing.level_of(unit)), key=overview.monthly):
        period = periods.open_period(form, reporting.local_day(turn.now))
        case = filing.of(turn, unit, form, period)
        if case.report.delivered:
            return case
        before = turn.reports.last(unit.id, form.id, period.code)
        named = periods.period_named(form, before.period) if before else None
        if named is not None:
            return filing.of(turn, unit, form, named)
    return None


def _share(one: Indicator, value: Value | None) -> Figure | None:
    """Give the numerator and denominator of a share; None of a count, and where nothing arose."""
    if one.shape not in ("part", "ratio") or value is None or value.value is None or not value.of:
        return None
    return Figure(value.value, value.of)


def _targets(turn: Turn, case: Filing) -> dict[str, int]:
    """Give what shares are to reach, in hundredths of a percent: as the office has set it, else as the form has."""
    of_form = {
        each.of: int(Fraction(str(each.target)) * 100) for each in case.form.still if each.target is not None
    }
    kept = turn.targets.aims(case.unit.id, case.form.id)
    own = {of: aim.hundredths for of, aim in kept.items() if aim.last >= case.period.start}
    return of_form | own


def _line(row: Beside, target: int | None, lang: str) -> Text:
    words = _("  {n}. {name}: {now}")(
        n=row.one.number, name=as_is(row.one.name.of(lang)), now=_percent(row.now)
    )
    if row.last is not None:
        words = _("{line}, before it {last}")(line=words, last=_percent(row.last))
    if row.middle is not None:
        words = _("{line}, in the middle {middle}")(line=words, middle=_percent(row.middle))
    if target is None:
        return words
    return _("{line}, target {target}")(line=words, target=still.aimed(target))


def _percent(share: Fraction) -> Text:
    return _("{percent}%")(percent=hundredths(share * 100))
