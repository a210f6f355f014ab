"""What nobody takes is shown to more people in turn: the commune's team or office, then the province.

Whoever was shown it first still may take it; whoever takes it first has it.  A ring in which nobody is there is
passed over at once.  The citizen is told once.  What nobody of its commune can take goes to the province at once.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from handlers import cases, former, watch
from handlers.records.people import Person, Unit
from handlers.records.requests import Request, Routed, Why
from handlers.rules import levels, moves
from handlers.talk import Due
from handlers.text import Text, _, lines
from handlers.turn import Turn
from knowledge.service import Ring

HEAD = _("Nobody has taken **{code}** ({place}) yet. Can you help?")


def look(turn: Turn) -> None:
    """Widen a request as far as it is due by now, and see that the next look comes."""
    number = turn.event.about.partition(":")[2] if isinstance(turn.event, Due) else ""
    request = turn.requests.by_number(int(number))
    if request is None:
        return
    rings = watch.widenings(turn, request)
    if not rings or rings[0][1] > turn.now:
        watch.watch(turn, request)
        return
    if not watch.urgent(turn, request):
        allowed = levels.may_tell(turn.now, watch.desk(turn, request), turn.shelf.calendar)
        if allowed > turn.now:
            key = f"widen:{request.id}:{rings[0][0]}:{allowed:%Y%m%d%H%M%S}"
            turn.later(key, allowed, watch.WIDEN, cases.about(request))
            return
    if request.ahead:
        request = former.show_others(turn, request)
    first, reached = not request.widened, True
    if not request.rings:  # a card in a group is easily passed over
        cases.show_besides(turn, request, HEAD)
    for ring, at in rings:
        if at > turn.now and reached:
            break
        request, reached = _widen(turn, request, ring)
    if first and request.widened:
        _tell_citizen(turn, request)
    watch.watch(turn, request)


def _widen(turn: Turn, request: Request, ring: Ring) -> tuple[Request, bool]:
    """Show a request to those of a ring who have not been shown it; say whether anybody is there at all."""
    there = _there(turn, request, ring)
    shown = {person.id for person in cases.helpers(turn, request)}
    new = {unit: [one for one in people if one.id not in shown] for unit, people in there.items()}
    unit, reached = next(((unit, people) for unit, people in new.items() if people), (None, []))
    rings = (*request.rings, ring)
    if unit is None:
        request = msgspec.structs.replace(request, rings=rings)
        return turn.requests.save(request, f"nobody new to widen to, {ring}", 0), bool(there)
    request = _spread(turn, request, ring, "widened", unit, len(reached))
    cases.show_card(turn, request, reached, HEAD)
    return request, True


def _spread(turn: Turn, request: Request, ring: Ring, why: Why, unit: Unit, shown: int) -> Request:
    """Let those of a unit take a request as well, and keep why."""
    before, since = request.team, request.offered or request.begun or request.opened
    rings, widened = (*request.rings, ring), (*request.widened, unit.id)
    request = msgspec.structs.replace(request, rings=rings, widened=widened)
    if moves.stage_of(request) == "new":  # nobody could be shown it so far
        request = cases.move(turn, request, "offer")
    request = turn.requests.save(request, f"widened to {ring}", 0)
    away = tuple((one.person, one.until) for one in turn.people.absent(unit.id))
    routed = Routed(why, unit.id, shown=shown, away=away, before=before, since=since)
    turn.requests.keep_route(request, routed)
    turn.note(f"widened to {ring}", cases.about(request), 0)
    return request


def beyond(turn: Turn, request: Request) -> Unit | None:
    """Give the province's office that sees at once what nobody of its commune can take; None where one can."""
    if cases.helpers(turn, request):
        return None
    return next(iter(_there(turn, request, "province")), None)


def at_once(turn: Turn, request: Request, unit: Unit, head: Text) -> Request:
    """Show a new request, which nobody of its commune can take, to those of the province's office."""
    people = _there(turn, request, "province")[unit]
    request = _spread(turn, request, "province", "province", unit, len(people))
    cases.show_card(turn, request, people, head, _("• Nobody there can take it on Tổ Số now"))
    return request


def _there(turn: Turn, request: Request, ring: Ring) -> dict[Unit, list[Person]]:
    """Give the teams and offices of a ring in which anybody is there, with those people, each once."""
    found = {}
    for unit in _units(turn, request, ring):
        people = {one.id: one for one in cases.those_of(turn, unit) if one.id != request.citizen}
        if people:
            found[unit] = list(people.values())
    return found


def _units(turn: Turn, request: Request, ring: Ring) -> tuple[Unit, ...]:
    if ring == "commune":
        # A team whose villages have all ended is none of the whole commune.
        known = turn.people.units("team", request.commune)
        teams = tuple(unit for unit in known if not (unit.covers or unit.ended))
        return (*teams, *cases.offices(turn, request.commune))
    commune = turn.shelf.places.commune(request.commune)
    return turn.people.units("province", commune.province) if commune else ()


def others(turn: Turn, request: Request) -> list[Text]:
    """Give those to whom a request was widened, as citizens know them."""
    units = (turn.people.unit(place) for place in request.widened)
    return [cases.unit_named(turn, unit) for unit in units if unit]


def _tell_citizen(turn: Turn, request: Request) -> None:
    told = [
        _("Nobody could take {code} yet, so {others} has been asked too.")(
            code=cases.written(request),
            others=joined(others(turn, request)),
        ),
        _("There is nothing for you to do; the two words stay the same."),
    ]
    if watch.urgent(turn, request) and turn.shelf.office.hotline:
        told.append(_("In a hurry, call {hotline}.")(hotline=turn.shelf.office.hotline))
    cases.tell_citizen(turn, request, lines(*told), cases.MORE)


def joined(names: list[Text]) -> Text:
    """Give names as one, for a sentence."""
    text, *more = names
    for name in more:
        text = _("{one} and {other}")(one=text, other=name)
    return text


DUE: dict[str, Callable[[Turn], None]] = {watch.WIDEN: look}
