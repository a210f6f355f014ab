"""Targets of a commune with a daily figure: whose they are, who tells what of them, and how they stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from handlers import card, filing
from handlers.records.people import Person, Unit
from handlers.records.targets import WHOLE, Target
from handlers.rules import pace, roles, still
from handlers.rules.pace import Plan, Standing, Told
from handlers.rules.reporting import local_day
from handlers.rules.roles import RightName
from handlers.text import Text, _, as_is
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold

SHOWN = 4  # targets to choose from
NAMED = 6  # villages named in one line
DAY = timedelta(days=1)


class Place(msgspec.Struct, frozen=True):
    """Where a figure of a target comes from."""

    id: int  # of a village; WHOLE for the commune as one
    name: str


class View(msgspec.Struct, frozen=True):
    """A target, and how it stands."""

    target: Target
    places: tuple[Place, ...]  # by their names
    told: tuple[Told, ...]
    upto: date  # the last day of which all have told, or yesterday
    standing: Standing
    silent: tuple[Place, ...]  # told nothing in the days by which the pace is taken
    lang: str  # of whoever reads of it

    @property
    def begun(self) -> bool:
        """Whether its first day has come."""
        return self.upto >= self.target.first


# --- whose ---


def mine(turn: Turn, right: RightName) -> list[tuple[str, Unit]]:
    """Give the roles by which somebody may do this, those of whoever they stand in for too, each with its unit."""
    found = []
    people = (turn.person.id, *(absence.person for absence in turn.people.standing_in(turn.person.id)))
    for person in people if turn.staff else ():
        for role in turn.people.roles(person):
            unit = turn.people.unit(role.place) if role.kind in roles.RIGHTS[right].who else None
            if unit is not None and unit.local and not (unit.kind == "office" and unit.village):
                found.append((str(role.kind), unit))
    return found


def theirs(turn: Turn, right: RightName) -> tuple[Target, ...]:
    """Give the targets that somebody may do this with, those that ended a few days ago too."""
    communes = tuple(dict.fromkeys(unit.commune for _kind, unit in mine(turn, right)))
    since = local_day(turn.now) - turn.shelf.service.targets.back * DAY
    return turn.targets.of_communes(communes, since) if communes else ()


def may(turn: Turn, right: RightName, target: Target) -> bool:
    """Say whether somebody may do this with a target now."""
    return any(unit.commune == target.commune for _kind, unit in mine(turn, right))


def places(turn: Turn, target: Target) -> tuple[Place, ...]:
    """Give the places of a target as the list of villages has them today, by their names."""
    if not target.every and not target.places:
        return (Place(WHOLE, card.place(turn, target.commune)),)
    listed = {
        village.id: village.name
        for village in turn.villages.listed(target.commune)
        if village.since is None or village.since <= turn.now
    }
    wanted = listed if target.every else {heir(turn, place) for place in target.places}
    found = (Place(number, listed[number]) for number in wanted if number in listed)
    return tuple(sorted(found, key=lambda place: card_order(place.name)))


def card_order(name: str) -> list[str]:
    """Give what villages are put in order by: their names, numbers as numbers."""
    return [word.zfill(4) if word.isdigit() else word for word in fold(name).split()]


def heir(turn: Turn, place: int) -> int:
    """Give what a village is part of today, or itself."""
    seen = set[int]()
    while place not in seen:
        seen.add(place)
        village = turn.villages.one(place) if place != WHOLE else None
        if village and village.became and village.until is not None and village.until <= turn.now:
            place = village.became
    return place


def tells(turn: Turn, target: Target) -> tuple[Place, ...]:
    """Give the places of a target whose figures somebody tells."""
    every = places(turn, target)
    found: dict[int, Place] = {}
    for kind, unit in mine(turn, "target-figure"):
        if unit.commune != target.commune:
            continue
        own = {village.id for village in unit.covers}
        whole = kind == "officer" or not (own or unit.ended)
        found |= {place.id: place for place in every if whole or place.id in own}
    return tuple(place for place in every if place.id in found)


def asked(turn: Turn, target: Target, place: Place) -> tuple[Person, ...]:
    """Give who is asked for a place: its leads who are there, else those of the whole commune, else its office."""
    teams = turn.people.units("team", target.commune)
    own = set(turn.villages.teams(place.id)) if place.id != WHOLE else set[int]()
    of_place = [team for team in teams if team.id in own]
    of_all = [team for team in teams if not (team.covers or team.ended)]
    for units in (of_place, of_all):
        leads = {lead.id: lead for unit in units for lead in filing.there(turn, "lead", unit)}
        if leads:
            return tuple(leads.values())
    return in_office(turn, target, "officer")


def in_office(turn: Turn, target: Target, *kinds: str) -> tuple[Person, ...]:
    """Give those of the first of these roles in the commune's office whom anybody has, and who are there."""
    offices = [unit for unit in turn.people.units("office", target.commune) if not unit.village]
    for kind in kinds:
        found = {
            person.id: person
            for unit in offices
            for person in filing.there(turn, "head" if kind == "head" else "officer", unit)
        }
        if found:
            return tuple(found.values())
    return ()


# --- how they stand ---


def view(turn: Turn, target: Target, reader: Person | None = None) -> View:
    """Give how a target stands now: by today where all have told, else by yesterday."""
    today, span = local_day(turn.now), turn.shelf.service.targets.pace
    where = places(turn, target)
    numbers = [place.id for place in where]
    told = _told(turn, target, numbers)
    here = {one.place for one in told if one.day == today} >= set(numbers)
    upto = min(today if here or today == target.first else today - DAY, target.last)
    quiet = pace.silent(told, numbers, max(target.first, upto - (span - 1) * DAY), max(upto, target.first))
    return View(
        target=target,
        places=where,
        told=told,
        upto=upto,
        standing=pace.standing(plan(turn, target), told, numbers, upto, span),
        silent=tuple(place for place in where if place.id in quiet),
        lang=(reader.lang or "vi") if reader else turn.lang,
    )


def plan(turn: Turn, target: Target) -> Plan:
    """Give what is to be reached, and on which days."""
    calendar = turn.shelf.calendar
    return Plan(
        goal=target.goal,
        base=target.base,
        first=target.first,
        last=target.last,
        counts=target.counts,
        works=lambda day: target.days_off or calendar.is_working_day(day),
    )


def _told(turn: Turn, target: Target, numbers: Iterable[int]) -> tuple[Told, ...]:
    """Give the figures by today's villages: what one told that is part of another by now stands with that one."""
    known, sums = set(numbers), dict[tuple[int, date], int]()
    heirs: dict[int, int] = {}
    for figure in turn.targets.figures(target.id):
        if figure.place not in known and figure.place not in heirs:
            heirs[figure.place] = heir(turn, figure.place)
        key = heirs.get(figure.place, figure.place), figure.day
        sums[key] = sums.get(key, 0) + figure.value
    return tuple(Told(place, day, value) for (place, day), value in sums.items())


# --- in words ---


def name(turn: Turn, target: Target, lang: str = "") -> Text:
    """Give what a target counts, in this language or that of the person of the turn."""
    form = turn.shelf.forms.get(target.form) if target.form else None
    one = form.indicator(target.indicator) if form else None
    return as_is(one.name.of(lang or turn.lang) if one else target.name)


def title(turn: Turn, target: Target, lang: str = "") -> Text:
    """Give what a target counts and how much of it is wanted: "500 hộ cài VNeID"."""
    called = name(turn, target, lang)
    if fold(called.msgid).startswith(fold(target.measure)):
        return _("{goal} {name}")(goal=target.goal, name=called)
    return _("{goal} {measure}: {name}")(goal=target.goal, measure=as_is(target.measure), name=called)


def where(turn: Turn, target: Target) -> Text:
    """Give the commune of a target as people there say it."""
    return as_is(card.place(turn, target.commune))


def span(target: Target, lang: str) -> Text:
    """Give from when to when a target runs."""
    return _("{first} to {last}")(first=card.on_day(target.first, lang), last=card.on_day(target.last, lang))


def joined(names: Iterable[str]) -> Text:
    """Name places one after another, and say how many more there are."""
    every = list(names)
    told = as_is(", ".join(every[:NAMED]))
    return _("{names} and {n} more")(names=told, n=len(every) - NAMED) if every[NAMED:] else told


def so_far(turn: Turn, seen: View) -> Text:
    """Say in one line how far a target has come, and how far it should have."""
    target = seen.target
    values: dict[str, object] = {
        "name": name(turn, target, seen.lang),
        "place": where(turn, target),
        "n": seen.standing.reached,
        "goal": target.goal,
        "measure": as_is(target.measure),
        "day": card.on_day(seen.upto, seen.lang),
        "wanted": seen.standing.wanted,
        "first": card.on_day(target.first, seen.lang),
    }
    if not seen.begun:
        return _("**{name}**, {place}: begins on {first}, {goal} {measure} wanted.")(**values)
    return _("**{name}**, {place}, by {day}: {n} of {goal} {measure}; {wanted} were to be reached by then.")(
        **values
    )


def at_this_pace(turn: Turn, seen: View) -> Text:
    """Say in one line what colour a target has, and why."""
    return _("• {what}")(what=coloured(turn, seen))


def coloured(turn: Turn, seen: View) -> Text:
    """Say what colour a target has, and why, within another line."""
    return _("{colour}: {why}")(colour=still.WORDS[seen.standing.seen.colour], why=why(turn, seen))


def why(turn: Turn, seen: View) -> Text:
    """Say where a target will be at its end at this pace, or why nobody can tell."""
    target, now = seen.target, seen.standing
    last = card.on_day(target.last, seen.lang)
    match now.seen.reason:
        case "reached":
            return _("The target of {target} is reached.")(target=target.goal)
        case "moving" if now.expected is not None:
            return _("At this pace it will be {expected} on {day}.")(expected=now.expected, day=last)
        case "moving":
            return _("It is going up.")
        case "paused":
            return _("It has not gone up since the day before.")
        case "behind":
            return _("At this pace it will be {expected} on {day}, below {target}.")(
                expected=now.expected, day=last, target=target.goal
            )
        case "missed":
            return _("The day for {target} was {day}, and it was not reached.")(target=target.goal, day=last)
        case "still":
            return _("It has not gone up for {n} days.")(n=turn.shelf.service.targets.pace)
        case "too-few":
            return _("Too few days have a figure to tell the pace.")


def without_figure(seen: View) -> Text | None:
    """Name the places that told nothing lately, by their names; None where there are none."""
    if not seen.begun or not seen.silent:
        return None
    names = joined(place.name for place in seen.silent)
    return _("• No figure in the last days: {names}.")(names=names)


def told(turn: Turn, seen: View) -> Text:
    """Say how a target stands: two lines, and who has told nothing."""
    ahead = [at_this_pace(turn, seen)] if seen.begun else []
    return filing.lines(so_far(turn, seen), *ahead, without_figure(seen))


def choices(turn: Turn, choice: str, found: Iterable[Target]) -> list[Choice]:
    """Offer targets to choose from."""
    return [
        Choice(choice, as_is(target.name[:LABEL].strip()), str(target.id)) for target in list(found)[:SHOWN]
    ]
