"""Whoever helped somebody last is shown their next request a little before the others.

How long before is data beside the service levels.  Nothing urgent waits for it, nor does a mass of requests; the
others follow when that time is over, or as soon as whoever is before them leaves it to them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec

from handlers import cases, digests, watch
from handlers.records.requests import Outcome, Request, Why
from handlers.talk import Due
from handlers.text import _
from handlers.turn import Turn

LOOK = "former.look"
LATELY = timedelta(days=365)  # in which a helper is still remembered
HELPED: frozenset[Outcome] = frozenset(("solved", "partly"))
HEAD = _("New: **{code}**, {place}.")


def who(turn: Turn, request: Request) -> int:
    """Give who is shown a new request before the others, having helped this person last; 0 where nobody is."""
    if not turn.shelf.service.cards.ahead or watch.urgent(turn, request):
        return 0
    helped = (
        one for one in turn.requests.of(request.citizen) if one.state == "closed" and one.outcome in HELPED
    )
    last = next(helped, None)
    if last is None or last.closed is None or last.closed < turn.now - LATELY or last.rating == "poor":
        return 0
    there = {person.id for person in cases.helpers(turn, request)}
    if last.claimed_by not in there or len(there) == 1 or digests.many(turn, request):
        return 0
    return last.claimed_by


def show(turn: Turn, request: Request, first: int, why: Why) -> int:
    """Show a new request to one helper alone, see that the others follow, and give how many are shown it now."""
    wait = turn.shelf.service.cards.ahead
    cases.keep_route(turn, request, "helped", first, 1, then=why)
    minutes = int(wait.total_seconds() // 60)
    said = _("• You helped this person last time, so you see it {n} min before the others")(n=minutes)
    cases.show_card(turn, request, [turn.people.get(first)], HEAD, said)
    turn.later(f"{LOOK}:{request.id}", turn.now + wait, LOOK, cases.about(request))
    return 1


def show_others(turn: Turn, request: Request) -> Request:
    """Show a request to all but the one who has been shown it before them."""
    first = request.ahead
    kept = (one.then for one in turn.requests.routes(request) if one.why == "helped" and one.then)
    why: Why = next(kept, "commune")
    done = "shown to the others"
    turn.note(done, cases.about(request), 0)
    request = turn.requests.save(msgspec.structs.replace(request, ahead=0), done, 0)
    cases.send_cards(turn, request, why, HEAD, besides=first, who=first)
    return request


def look(turn: Turn) -> None:
    """Show a request to the others, where the one before them has not taken it in time."""
    number = turn.event.about.partition(":")[2] if isinstance(turn.event, Due) else ""
    request = turn.requests.by_number(int(number))
    if request is not None and request.state == "open" and request.ahead:
        show_others(turn, request)


DUE: dict[str, Callable[[Turn], None]] = {LOOK: look}
