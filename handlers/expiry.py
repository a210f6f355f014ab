"""Answers past their date: a word of caution to who reads one, and a reminder to who can check it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from handlers.rules.reporting import local_day, may_send, next_allowed
from handlers.talk import Due
from handlers.text import Text, _, as_is, lines
from handlers.turn import Turn
from knowledge.languages import DEFAULT
from knowledge.library import Topic

AHEAD = timedelta(days=30)  # so long before its date an answer is named to editors
NAMED = 5  # of them in one message
REMEMBERED = 20  # topics of which a talk remembers that it was told


def dated(turn: Turn, topic: Topic, text: Text) -> Text:
    """Give words of a topic, with a word of caution where its date has passed: once a talk and topic."""
    if topic.expires >= local_day(turn.now) or topic.id in turn.talk.warned:
        return text
    turn.change(warned=(*turn.talk.warned, topic.id)[-REMEMBERED:])
    caution = _("This was last checked on {day} and may have changed; better ask {owner} again.")
    return lines(text, caution(day=topic.checked, owner=as_is(topic.owner)))


def plan(turn: Turn) -> None:
    """Put one collected reminder a week before the editors of each office, where answers are near their date."""
    if not near(turn):
        return
    week = f"{local_day(turn.now):%G-W%V}"
    for unit in turn.people.units("office", ""):
        if turn.people.holding("editor", unit.id):
            at = next_allowed(turn.now, turn.shelf.calendar)
            turn.later(f"expiry:{unit.id}:{week}", at, "expiry.remind", f"unit:{unit.id}", unit=str(unit.id))


def remind(turn: Turn) -> None:
    """Name to the editors of an office the answers that are near their date, or past it."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    verdict = may_send(turn.now, turn.shelf.calendar)
    soon = near(turn)
    if not soon:
        return
    unit = int(facts["unit"])
    if not verdict.ok:  # the office's computer was off at the hour that had been chosen
        key = f"expiry:{unit}:{local_day(verdict.then):%Y%m%d}"
        turn.later(key, verdict.then, "expiry.remind", f"unit:{unit}", **facts)
        return
    for editor in turn.people.holding("editor", unit):
        turn.say(listed(soon), to=editor, kind="reminder", about=f"expiry:{unit}")
    turn.note("reminded of answers near their date", f"unit:{unit}", 0)


def listed(near: list[Topic]) -> Text:
    """Name the answers that are near their date, and what is to be done."""
    named = [
        _("• {code} {title} ({day})")(
            code=topic.code or topic.id, title=as_is(topic.title), day=as_is(f"{topic.expires:%d/%m/%Y}")
        )
        for topic in near[:NAMED]
    ]
    if len(near) > NAMED:
        more = _("• and {n} more; once these are done, type “answers to check” for the next")
        named.append(more(n=len(near) - NAMED))
    code = near[0].code or near[0].id
    told = lines(_("Answers to be checked again within 30 days:"), *named)
    return lines(
        told, _("Compare each with its sources. If it still holds, type “new date {code}”.")(code=code)
    )


def near(turn: Turn) -> list[Topic]:
    """Give the answers that are near their date or past it, the nearest first."""
    until = local_day(turn.now) + AHEAD
    found = [topic for topic in turn.shelf.library.topics(DEFAULT) if topic.expires <= until]
    return sorted(found, key=lambda topic: (topic.expires, topic.id))


DUE: dict[str, Callable[[Turn], None]] = {"expiry.plan": plan, "expiry.remind": remind}
