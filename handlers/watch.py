"""The clocks of a request: by which level it is counted, and when somebody is to be told next.

What is said then stands in `late.py`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.records.requests import Request
from handlers.rules import levels
from handlers.rules.levels import Alarm, Clock, Course, Pause, Step
from handlers.turn import Turn
from knowledge.service import Desk, Level, Ring

LOOK = "late.look"
WIDEN = "widen.look"
IDLE = "idle.look"
FRESH = timedelta(minutes=15)  # in which what a helper does is kept once


def kind(turn: Turn, request: Request) -> str:
    """Give the kind of a request, by which its level is found."""
    return levels.kind_of(request.danger or request.topic, not request.team, turn.shelf.service)


def urgent(turn: Turn, request: Request) -> bool:
    """Say whether a request cannot wait for the morning."""
    return kind(turn, request) == "urgent"


def desk(turn: Turn, request: Request) -> Desk:
    """Give the desk by whose hours a request is counted."""
    return turn.shelf.service.desk_of(request.commune)


def course(request: Request) -> Course:
    """Give the times by which a request is counted."""
    opened = request.begun or request.opened
    assert opened is not None
    pauses = tuple(Pause(since, until) for since, until in request.pauses)
    if request.paused is not None:
        pauses = (*pauses, Pause(request.paused))
    pauses += tuple(Pause(since, until) for since, until in agreed(request))
    return Course(opened, request.offered or opened, request.claimed, pauses)


def ahead(turn: Turn, request: Request) -> list[Alarm]:
    """Give who is yet to be told of a request, soonest first; nothing for one that is over or waits for its citizen."""
    waiting = [alarm for alarm in _alarms(turn, request) if alarm.name not in request.told]
    return sorted(waiting, key=lambda alarm: alarm.at)


def due(turn: Turn, request: Request) -> datetime | None:
    """Give by when a request is due to whoever has it; None for one that is over or waits for its citizen."""
    return next((alarm.due for alarm in _alarms(turn, request)), None)


def _alarms(turn: Turn, request: Request) -> tuple[Alarm, ...]:
    if request.state not in ("open", "claimed"):
        return ()
    service, here = turn.shelf.service, desk(turn, request)
    return levels.alarms(
        course(request),
        _level(turn, request),
        service,
        here,
        turn.shelf.calendar,
        always=here.on_call and urgent(turn, request),
    )


def ended(turn: Turn, request: Request) -> bool:
    """Say whether the time to take or to do a request has passed."""
    by = due(turn, request)
    return by is not None and by <= turn.now


def told(request: Request, step: Step) -> bool:
    """Say whether those of a step have been told that a request is late, by the clock that runs now."""
    clock: Clock = "done" if request.state == "claimed" else "take-up"
    return f"{clock}:{step}" in request.told


def watch(turn: Turn, request: Request) -> None:
    """See that a request is looked at when the next thing is due; a look that comes in vain does no harm."""
    for alarm in ahead(turn, request)[:1]:
        _look(turn, request, LOOK, "late", alarm.name, alarm.at)
    for ring, at in widenings(turn, request)[:1]:
        _look(turn, request, WIDEN, "widen", ring, at)
    if times := idles(turn, request):
        asked, free = times
        if nudged(request):
            _look(turn, request, IDLE, "idle", "free", free)
        else:
            _look(turn, request, IDLE, "idle", "asked", asked)


def _look(turn: Turn, request: Request, name: str, key: str, step: str, at: datetime) -> None:
    begun = request.offered or request.begun or request.opened
    key = f"{key}:{request.id}:{begun:%Y%m%d%H%M%S}:{step}:{at:%Y%m%d%H%M%S}"
    turn.later(key, max(at, turn.now), name, f"request:{request.id}")


def widenings(turn: Turn, request: Request) -> list[tuple[Ring, datetime]]:
    """Give whom else a request is still to be shown, and when; nobody for one that somebody has, or that is over."""
    if request.state != "open":
        return []
    hasty = urgent(turn, request)
    found = levels.widenings(
        course(request), _level(turn, request), desk(turn, request), turn.shelf.calendar, always=hasty
    )
    return [(ring, at) for ring, at in found if ring not in request.rings]


def idles(turn: Turn, request: Request) -> tuple[datetime, datetime] | None:
    """Give when whoever has a request is asked whether they are on it, and when it is free again.

    None where nobody has it, where it waits for its citizen, and where only its helper can reach its citizen.
    """
    touched = last_touched(request)
    if request.state != "claimed" or request.behalf or touched is None:
        return None
    hasty = urgent(turn, request)
    return levels.idles(
        touched,
        request.nudged if nudged(request) else None,
        course(request),
        _level(turn, request),
        desk(turn, request),
        turn.shelf.calendar,
        always=hasty,
    )


def last_touched(request: Request) -> datetime | None:
    """Give when whoever has a request did something about it last; None where nobody has it."""
    if request.claimed is None:
        return None
    return max(request.claimed, request.touched or request.claimed)


def nudged(request: Request) -> bool:
    """Say whether whoever has a request has been asked, since they did something, whether they are on it."""
    last = last_touched(request)
    return request.nudged is not None and last is not None and request.nudged >= last


def touch(turn: Turn, request: Request) -> dict[str, object]:
    """Give what changes in a request when its helper does something about it; nothing where they just did."""
    last = last_touched(request)
    if last is not None and turn.now - last < FRESH and not nudged(request):
        return {}
    return {"touched": turn.now, "nudged": None}


def _level(turn: Turn, request: Request) -> Level:
    return turn.shelf.service.levels[kind(turn, request)]


def agreed(request: Request) -> tuple[tuple[datetime, datetime], ...]:
    """Give the time until an appointment that stands, in which it waits for the hour its citizen has agreed to."""
    meeting = request.meeting
    return ((meeting.agreed, meeting.at),) if meeting is not None and meeting.agreed else ()


def parted(turn: Turn, request: Request) -> dict[str, object]:
    """Give what changes in a request whose appointment is over or off.

    How long its clock stood for it is kept; a call or visit that was agreed to only for that time is off with it.
    """
    meeting = request.meeting
    alone = {} if meeting is None or meeting.stood else {"arranged": None, "way": ""}
    spent = tuple((since, min(until, turn.now)) for since, until in agreed(request))
    return {"meeting": None, "offer": None, "pauses": (*request.pauses, *spent), **alone}


def resumption(turn: Turn, request: Request) -> dict[str, object]:
    """Give what changes in a request when its clock goes on; nothing where it did not stand still."""
    if request.paused is None:
        return {}
    return {"paused": None, "pauses": (*request.pauses, (request.paused, turn.now))}
