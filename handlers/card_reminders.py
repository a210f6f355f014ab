"""Reminding the officer of a commune that lines of its card are about to end, or have ended: each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import msgspec

from handlers import card
from handlers.card_keeping import EDIT, about
from handlers.records.card import Line
from handlers.records.people import Person
from handlers.rules.reporting import local_day, may_send, next_allowed
from handlers.talk import Due
from handlers.text import Text, _, lines
from handlers.turn import Choice, Turn

AHEAD = timedelta(days=7)
DAY = timedelta(days=1)
SHOWN = 6  # lines that one message names


def plan(turn: Turn) -> None:
    """Put one reminder for each officer whose lines end soon or have ended."""
    today = local_day(turn.now)
    for officer in _by_officer(turn, today):
        turn.later(
            f"card:{officer}:{today}",
            next_allowed(turn.now, turn.shelf.calendar),
            "card.remind",
            f"person:{officer}",
            person=str(officer),
        )


def remind(turn: Turn) -> None:
    """Tell an officer of all lines that end soon or have ended, a message for each commune."""
    assert isinstance(turn.event, Due)
    person = int(turn.event.facts["person"])
    verdict = may_send(turn.now, turn.shelf.calendar)
    if not verdict.ok:  # the office's computer was off at the hour that had been chosen
        key = f"card:{person}:{verdict.then:%Y%m%d%H%M}"
        turn.later(key, verdict.then, "card.remind", f"person:{person}", person=str(person))
        return
    officer = turn.people.get(person)
    for commune, found in waiting(turn, person).items():
        told_of = words(turn, officer, commune, found)
        turn.say(told_of, [change(commune)], to=officer, kind="reminder", about=about(commune))
        told(turn, commune, found)


def waiting(turn: Turn, person: int) -> dict[str, tuple[Line, ...]]:
    """Give the lines that end soon or have ended and of which somebody is to be told, by commune."""
    found = _by_officer(turn, local_day(turn.now)).get(person, ())
    communes = dict.fromkeys(line.commune for line in found)
    return {commune: tuple(line for line in found if line.commune == commune) for commune in communes}


def told(turn: Turn, commune: str, found: tuple[Line, ...]) -> None:
    """Note that somebody has been told of these lines."""
    ended = tuple(line for line in found if not line.holds(local_day(turn.now)))
    turn.card.tell(tuple(line for line in found if line not in ended), "ending")
    turn.card.tell(ended, "ended")
    turn.note("reminded of the card", about(commune), 0)


def change(commune: str) -> Choice:
    """Give the button that opens a commune's card."""
    return msgspec.structs.replace(EDIT, context=commune)


def words(turn: Turn, officer: Person, commune: str, found: tuple[Line, ...]) -> Text:
    """Say to an officer which lines end soon or have ended."""
    lang, today = officer.lang or "vi", local_day(turn.now)
    said = [_("On the card of {place} this has to be looked at:")(place=card.place(turn, commune))]
    for line in found[:SHOWN]:
        ends = (
            _("• {label}: {words}; until {day}")
            if line.holds(today)
            else _("• {label}: {words}; ended {day}")
        )
        said.append(
            ends(
                label=card.LABELS[line.kind],
                words=card.words(turn, line, lang),
                day=card.on_day(line.day, lang),
            )
        )
    if len(found) > SHOWN:
        said.append(_("and {n} more")(n=len(found) - SHOWN))
    said.append(_("What is still right can be prolonged."))
    return lines(*said)


def _by_officer(turn: Turn, today: date) -> dict[int, tuple[Line, ...]]:
    """Give what is to be told, by the officer who is told it: the author, or else the commune's first officer."""
    found: dict[int, Line] = {line.id: line for line in turn.card.ending(today + AHEAD, "ending")}
    found |= {line.id: line for line in turn.card.ending(today - DAY, "ended")}
    officers: dict[str, list[int]] = {}
    whose_lines: dict[int, tuple[Line, ...]] = {}
    for line in sorted(found.values(), key=lambda line: (line.day, line.id)):
        if line.commune not in officers:
            officers[line.commune] = [
                person.id
                for unit in turn.people.units("office", line.commune)
                for person in turn.people.holding("officer", unit.id)
            ]
        here = officers[line.commune]
        if here:
            whose = line.by if line.by in here else here[0]
            whose_lines[whose] = (*whose_lines.get(whose, ()), line)
    return whose_lines


DUE: dict[str, Callable[[Turn], None]] = {"card.plan": plan, "card.remind": remind}
