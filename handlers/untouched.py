"""What somebody has taken and leaves untouched: they are asked, and then it is free for the others again.

Touched is what a helper does about it here: writes, sends something, asks to call or come, lets the clock stand
still, writes a note, or says that they are still on it.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from handlers import cases, watch
from handlers.records.requests import Request
from handlers.rules import levels
from handlers.talk import Due
from handlers.text import _, lines
from handlers.turn import Turn


def look(turn: Turn) -> None:
    """Ask whoever has left a request untouched, or free it, as is due by now; see that the next look comes."""
    number = turn.event.about.partition(":")[2] if isinstance(turn.event, Due) else ""
    request = turn.requests.by_number(int(number))
    times = watch.idles(turn, request) if request else None
    if request is None or times is None:
        return
    asked, free = times
    due = free if watch.nudged(request) else asked
    if due <= turn.now and not watch.urgent(turn, request):
        allowed = levels.may_tell(turn.now, watch.desk(turn, request), turn.shelf.calendar)
        if allowed > turn.now:
            key = f"idle:{request.id}:{due:%Y%m%d%H%M%S}:{allowed:%Y%m%d%H%M%S}"
            turn.later(key, allowed, watch.IDLE, cases.about(request))
            return
    if due > turn.now:
        watch.watch(turn, request)
    elif watch.nudged(request):
        _free(turn, request)
    else:
        _ask(turn, request)


def _ask(turn: Turn, request: Request) -> None:
    """Ask whoever has a request whether they are on it; nothing is freed without that."""
    request = msgspec.structs.replace(request, nudged=turn.now)
    request = turn.requests.save(request, "asked whether on it", 0)
    times = watch.idles(turn, request)
    assert times is not None
    turn.say(
        lines(
            _("Since {since} you have not written to {name} about **{code}**. Are you still on it?")(
                name=cases.citizen(request), code=cases.written(request), since=watch.last_touched(request)
            ),
            _("If nothing is heard by {free}, it goes back to the others.")(free=times[1]),
        ),
        [cases.at(choice, request) for choice in (cases.ON_IT, cases.GIVE_BACK)],
        to=request.claimed_by,
        kind="notice",
        about=cases.about(request),
    )
    turn.note("asked whether on it", cases.about(request), 0)
    watch.watch(turn, request)


def _free(turn: Turn, request: Request) -> None:
    helper, since = request.claimed_by, watch.last_touched(request)
    name, ended = cases.helper_first(turn, helper), cases.off(turn, request)
    turn.withdraw(cases.about(request))
    request = cases.release(
        turn,
        request,
        "free",
        _("Free again: **{code}**, {place}. {Helper} could not get to it.")(Helper=name),
    )
    turn.note("left untouched, freed", cases.about(request), 0)
    turn.say(
        _("Nothing was heard about **{code}** since {since}, so it is with the others again. Free now?")(
            code=cases.written(request), since=since
        ),
        [cases.at(cases.CLAIM, request)],
        to=helper,
        kind="notice",
        about=cases.about(request),
    )
    cases.tell_citizen(
        turn,
        request,
        lines(
            _("{Helper} could not get to {code}, sorry. It is with {team} again; nothing is lost.")(
                Helper=name, code=cases.written(request), team=cases.team(turn, request)
            ),
            *ended,
            cases.words_now(request),
        ),
        cases.MORE,
    )


def on_it(turn: Turn, code: str) -> bool:
    """Hear that whoever has a request is still on it."""
    request = cases.find(turn, code)
    if request is None:
        return False
    if request.state != "claimed" or request.claimed_by != turn.person.id:
        turn.say(cases.finished(turn, request))
        return True
    request = cases.change(turn, request, "still on it", touched=turn.now, nudged=None)
    watch.watch(turn, request)
    turn.say(
        _("Good. {code} stays with you. Type “give back {short}” if it is too much.")(
            code=cases.written(request), short=request.code
        )
    )
    return True


DUE: dict[str, Callable[[Turn], None]] = {watch.IDLE: look}
CARDS: dict[str, Callable[[Turn, str], bool]] = {cases.ON_IT.name: on_it}
