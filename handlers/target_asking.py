"""Asking for the figures of a day: once, in one message to each who has told none, and never at night.

Each decision is kept with its reason, as those about the reminders of reports are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import msgspec

from handlers import target_figures, targets
from handlers.records.people import Person
from handlers.records.targets import Target
from handlers.rules.reporting import HOURS, VIETNAM, end_of_day, local_day
from handlers.talk import Due
from handlers.targets import Place
from handlers.text import Text, _, as_is, lines
from handlers.turn import Kind, Turn

ASK = "targets.ask"


class Wanted(msgspec.Struct, frozen=True):
    """Whom the figures of a day are wanted from: one target's, of these places."""

    target: Target
    places: tuple[Place, ...]


def put(turn: Turn, commune: str, day: date) -> None:
    """Have a commune asked for the figures of a day at its hour; once, however often that is put."""
    at = datetime.combine(day, turn.shelf.service.targets.ask_at, VIETNAM)
    if at > turn.now:
        turn.later(f"targets:{commune}:{day}", at, ASK, f"targets:{commune}", commune=commune, day=str(day))


def ask(turn: Turn) -> None:
    """Ask each who has told no figure of today; whoever has is left in peace."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    day = date.fromisoformat(facts["day"])
    wanted: dict[int, tuple[Person, list[Wanted]]] = {}
    for target in turn.targets.of_communes((facts["commune"],), day):
        reason = unfit(turn, target, day)
        if reason:
            turn.targets.decided(target, day.isoformat(), "ask", "skipped", reason)
            continue
        of_whom: dict[int, tuple[Person, list[Place]]] = {}
        every = targets.places(turn, target)
        left = target_figures.missing(turn, target, day, every)
        for place in left:
            for person in targets.asked(turn, target, place):
                of_whom.setdefault(person.id, (person, []))[1].append(place)
        if not of_whom:
            reason = "no-reporter" if left else "submitted"
            turn.targets.decided(target, day.isoformat(), "ask", "skipped", reason)
        for person, places in of_whom.values():
            turn.targets.decided(target, day.isoformat(), f"ask-{person.id}", "sent", "due")
            wanted.setdefault(person.id, (person, []))[1].append(Wanted(target, tuple(places)))
    # A campaign goes on over days off, on which no reminder goes out: there it is a notice of its own day.
    kind: Kind = "reminder" if turn.shelf.calendar.is_working_day(day) else "notice"
    for person, found in wanted.values():
        turn.say(
            question(turn, found, person.lang or "vi"),
            to=person,
            kind=kind,
            about=f"figures:{person.id}",
            until=end_of_day(turn.now),
        )


def unfit(turn: Turn, target: Target, day: date) -> str:
    """Say why nobody is asked for a target's figure of a day now; nothing where they are."""
    local = turn.now.astimezone(VIETNAM)
    if not target.first <= day <= target.last or local_day(turn.now) != day:
        return "period-over"
    if not target.days_off and not turn.shelf.calendar.is_working_day(day):
        return "day-off"
    return "" if HOURS.start <= local.time() < HOURS.end else "quiet-hours"


def question(turn: Turn, found: list[Wanted], lang: str) -> Text:
    """Ask for the figures of today in one message, and say how to answer in one."""
    first = found[0]
    if len(found) == 1 and len(first.places) == 1:
        asked = _("How many today in {place}: **{name}**? Just the number is enough, such as 12; 0 for none.")
        if first.target.counts == "total":
            asked = _(
                "How many in all by today in {place}: **{name}**? Just the number is enough, such as 120."
            )
        return asked(place=as_is(first.places[0].name), name=targets.name(turn, first.target, lang))
    listed = [
        _("• {name}: {places}")(
            name=targets.name(turn, one.target, lang),
            places=targets.joined(place.name for place in one.places),
        )
        for one in found
    ]
    example = as_is(", ".join(f"{place.name} {n}" for place, n in zip(first.places, (12, 7), strict=False)))
    if len(found) > 1:
        telling = as_is(first.target.name)
        example = _("target {name} {figures}")(name=telling, figures=example)
    return lines(
        _("Figures of today that are still missing:"),
        *listed,
        _("One line does it: {example}.")(example=example),
    )


DUE: dict[str, Callable[[Turn], None]] = {ASK: ask}
