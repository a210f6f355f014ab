"""What Tổ Số has counted itself, offered where a report asks for it, so that nothing is typed twice.

It is offered and never entered: whoever files the report confirms it, or types another figure.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import msgspec

from handlers import figures
from handlers.filing import Filing, beside
from handlers.rules.helping import LEAST
from handlers.rules.reporting import VIETNAM
from handlers.text import Text, _
from handlers.turn import Choice, Turn
from knowledge.forms import Indicator


class Offer(msgspec.Struct, frozen=True):
    """A figure, and what is said of it."""

    words: Text
    ways: tuple[Choice, ...]


def offer(turn: Turn, case: Filing, one: Indicator) -> Offer | None:
    """Give what has been counted for an indicator, as its source says; None where nothing is, or too little."""
    if one.source == "last-period":
        return from_before(case, one)
    if case.unit.kind != "office":
        return None
    if not one.source:
        return _from_target(turn, case, one)
    if case.unit.village:
        return None  # what is counted is the commune's
    period = case.period
    counted = figures.counted(turn, case.unit, _midnight(period.start), _midnight(period.cutoff, 1))
    return of_help(one.source, counted.people, counted.households)


def of_help(source: str, people: int, households: int) -> Offer | None:
    """Give what a source makes of the help that was counted; None where that is too little to be told."""
    people = people if source != "households-visited" else 0
    households = households if source != "people-helped" else 0
    number = people + households
    if number < LEAST:
        return None
    words = _("Tổ Số counted {persons} helped through requests and {homes} at home.")
    if not households:
        words = _("Tổ Số counted {people} people helped through requests.")
    elif source == "households-visited":
        words = _("Tổ Số counted {households} households helped at home.")
    several = _("Where several are of one household, type a smaller number.")
    return Offer(
        beside(
            words(
                people=people,
                households=households,
                persons=_("1 person") if people == 1 else _("{n} people")(n=people),
                homes=_("1 household") if households == 1 else _("{n} households")(n=households),
            ),
            several if source == "help-given" else None,
        ),
        (Choice(f"is-{number}", _("Take {n}")(n=number)),),
    )


def from_before(case: Filing, one: Indicator) -> Offer | None:
    """Give what stood at the cut-off before, for whoever has nothing new to count; None where no figure came."""
    last = case.last.get(one.id)
    if last is None or last.value is None:
        return None
    return Offer(
        _("If nothing has changed since the period before, it is still {n}.")(n=last.value),
        (Choice(f"is-{last.value}", _("Take {n}")(n=last.value)),),
    )


def _from_target(turn: Turn, case: Filing, one: Indicator) -> Offer | None:
    """Give what the daily figures of a target that counts the same make in the period; None where there are none."""
    period = case.period
    for target in (
        turn.targets.of_communes((case.unit.commune,), period.start) if one.shape == "count" else ()
    ):
        if target.indicator != one.id or case.unit.village:
            continue
        told = [each for each in turn.targets.figures(target.id) if each.day <= period.cutoff]
        number = sum(each.value for each in told if each.day >= period.start)
        if target.counts == "total":
            number = sum({each.place: each.value for each in told}.values())
        if told and told[-1].day >= period.start:
            return Offer(
                _("The daily figures of the target make {n}.")(n=number),
                (Choice(f"is-{number}", _("Take {n}")(n=number)),),
            )
    return None


def _midnight(day: date, later: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=later), time(), VIETNAM)
