"""Why a request was shown to somebody: what the router chose and its reason, as it was kept."""

from __future__ import annotations

import msgspec

from handlers import cases, group_cards, leave
from handlers.records.requests import Request, Routed, Why
from handlers.text import Text, _, lines
from handlers.turn import Turn

WHY: dict[Why, Text] = {
    "village": _("Because the person lives in {village}, where {team} helps."),
    "formerly": _("Because the person named {village} as it was called before; {team} helps there now."),
    "commune": _("Because no team helps there alone, so it goes to {team}."),
    "office": _("Because no digital team there is on Tổ Số yet."),
    "empty": _("Because nobody of {team} was there to take it."),
    "province": _("Because nobody of {place} could take it."),
    "helped": _("Because you helped this person last time; you were shown it before the others."),
    "passed-on": _("Because {helper} passed it on."),
    "given-back": _("Because {helper} gave it back."),
    "left": _("Because {helper}, who had it, is no longer with the team."),
    "on-leave": _("Because it was opened again, and {helper}, who had it, is on leave."),
    "reopened": _("Because it was opened again."),
    "reassigned": _("Because {helper} decided who takes it."),
    "widened": _("Because {before} was shown it at {since} and nobody had taken it."),
    "idle": _("Because {helper} had it and could not get to it."),
    "apart": _("Because who asked says that it is no part of the incident."),
    "returned": _("Because it was opened again, and {helper} had helped before."),
}

BEYOND: frozenset[Why] = frozenset(
    ("widened", "province")
)  # by which others than those first asked were shown it


def explain(turn: Turn, code: str) -> bool:
    """Say why a request was shown to this person: the reason that was kept when it was."""
    request = cases.find(turn, code)
    if request is None:
        return False
    routed = _concerning(turn, request)
    values = {"code": cases.written(request), "team": cases.team(turn, request)}
    told = []
    if routed is not None:
        told.append(
            WHY[routed.why](
                village=request.village or cases.place(turn, request),
                place=cases.place(turn, request),
                team=cases.team(turn, request),
                helper=cases.helper(turn, routed.who),
                before=cases.team(turn, msgspec.structs.replace(request, team=routed.before)),
                since=routed.since or request.opened or turn.now,
            )
        )
    widened = turn.people.unit(routed.team) if routed is not None and routed.why in BEYOND else None
    if widened is not None:
        so = _("So {unit} is shown {code} too. Whoever takes it first has it.")
        if routed is not None and routed.why == "province":
            so = _("So {unit} was shown {code} at once. Whoever takes it first has it.")
        told.append(so(unit=cases.unit_named(turn, widened), code=cases.written(request)))
    elif routed is None or routed.why not in ("returned", "reassigned"):
        own = request.claimed_by == turn.person.id
        told.append(
            _("{code} is for {team}, and everybody there is shown it; you were the first to take it.")(
                **values
            )
            if own
            else _("{code} is for {team}, and everybody there is shown it.")(**values)
        )
    away = routed.away if routed is not None else ()
    told += [
        _("Not shown to {name}, on leave until {day}.")(
            name=cases.helper(turn, person), day=leave.day_before(until)
        )
        for person, until in away[:3]
    ]
    turn.say(lines(*told))
    return True


def _concerning(turn: Turn, request: Request) -> Routed | None:
    """Give the last choice by which this person was shown a request: not one by which only others were."""
    places = {role.place for role in turn.people.roles(turn.person.id)}
    return next((one for one in turn.requests.routes(request) if _shown(turn, one, places)), None)


def _shown(turn: Turn, routed: Routed, places: set[int]) -> bool:
    """Say whether this person, who has roles in these places, was among those that the router chose."""
    if routed.why in BEYOND:
        return routed.team in places
    if routed.why == "helped":
        return routed.who == turn.person.id
    # Who was shown it alone had their card before the others had theirs.
    return routed.why not in group_cards.FIRST or routed.who != turn.person.id
