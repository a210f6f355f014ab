"""The week of a team, for its lead: once, on the morning of the first working day after it, where there was something.

What each member has is listed in one fixed order: volunteers are never ranked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import msgspec

from handlers import cases, filing, leading
from handlers.records.people import Unit
from handlers.records.requests import Request
from handlers.rules.histories import helped
from handlers.rules.reporting import VIETNAM, end_of_day, local_day, may_send
from handlers.talk import Due
from handlers.text import Text, _, lines
from handlers.turn import Choice, Turn

PLAN, TELL = "weekly.plan", "weekly.tell"
WEEK = timedelta(days=7)


class Week(msgspec.Struct, frozen=True):
    """What a team's week was."""

    first: date  # its Monday
    opened: int
    solved: int
    late: tuple[Request, ...]  # of which somebody was told that they are late
    left: tuple[Request, ...]  # still under way, the oldest first


def plan(turn: Turn) -> None:
    """Put the summary of each team before its leads, on the first working day of a week."""
    today = local_day(turn.now)
    monday = today - timedelta(days=today.weekday())
    days = turn.shelf.calendar
    before = (monday + timedelta(days=number) for number in range(today.weekday()))
    if not days.is_working_day(today) or any(days.is_working_day(day) for day in before):
        return
    for person, team in turn.people.leading():
        key = f"weekly:{team}:{person}:{monday}"
        turn.later(
            key,
            turn.now,
            TELL,
            f"weekly:{team}",
            person=str(person),
            team=str(team),
            monday=monday.isoformat(),
            day=today.isoformat(),
        )


def tell(turn: Turn) -> None:
    """Tell one lead of the week before; nothing where that morning is over, or nothing was and nothing waits."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    person, unit = turn.people.get(int(facts["person"])), turn.people.unit(int(facts["team"]))
    in_time = facts["day"] == local_day(turn.now).isoformat() and may_send(turn.now, turn.shelf.calendar).ok
    if not in_time or unit is None or filing.on_leave(turn, person.id):
        return
    if person.id not in {lead.id for lead in turn.people.holding("lead", unit.id)}:
        return
    week = week_of(turn, unit, date.fromisoformat(facts["monday"]) - WEEK)
    if not (week.opened or week.solved or week.left):
        return
    turn.say(
        lines(*_said(turn, unit, week)),
        [Choice("menu-load", _("Who has what"), "menu", _("WHO HAS WHAT"))] if week.left else [],
        to=person,
        kind="reminder",
        about=f"weekly:{unit.id}",
        until=end_of_day(turn.now),
    )
    turn.note("told of the week", f"unit:{unit.id}", 0)


def week_of(turn: Turn, unit: Unit, monday: date) -> Week:
    """Count what happened to a team's requests in a week, and what is left of them now."""
    since = datetime.combine(monday, time(), VIETNAM)
    until = since + WEEK
    lived = [one.request for one in turn.histories.of_team(unit.id, since, until)]

    def within(moment: datetime | None) -> bool:
        return moment is not None and since <= moment < until

    return Week(
        first=monday,
        opened=sum(within(one.opened) for one in lived),
        solved=sum(helped(one) and within(one.closed) for one in lived),
        late=tuple(one for one in lived if _late(one)),
        left=tuple(one for one in lived if one.state in ("open", "claimed", "held")),
    )


def _late(request: Request) -> bool:
    return any(not told.endswith((":warning", ":citizen")) for told in request.told)


def _said(turn: Turn, unit: Unit, week: Week) -> list[Text]:
    told = [
        _("**Week of {first} to {last}**, {team}:")(
            first=week.first, last=week.first + WEEK - timedelta(days=1), team=cases.team_named(unit)
        ),
        _("• New: {opened}. Solved: {solved}. Late: {late}.")(
            opened=week.opened, solved=week.solved, late=len(week.late)
        ),
    ]
    if week.left:
        oldest = week.left[0]
        told.append(
            _("• Still under way: {n}, the oldest {code}, since {day}.")(
                n=len(week.left), code=cases.written(oldest), day=local_day(oldest.opened or turn.now)
            )
        )
        told += leading.loads(turn, unit)
    return told


DUE: dict[str, Callable[[Turn], None]] = {PLAN: plan, TELL: tell}
