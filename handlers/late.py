"""What is late: leads are told before, then whoever has it, the lead, the commune and the province, each once.

Nobody is told at night or on a day off, unless the matter is urgent.  The citizen hears once that it takes
longer, and by when the next one steps in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from handlers import cases, watch
from handlers.records.requests import Request
from handlers.rules import levels
from handlers.rules.levels import CHAIN, Alarm, Step
from handlers.talk import Due
from handlers.text import Text, _, lines
from handlers.turn import Choice, Turn


def look(turn: Turn) -> None:
    """Tell who is to be told of a request by now, and see that the next look comes."""
    number = turn.event.about.partition(":")[2] if isinstance(turn.event, Due) else ""
    request = turn.requests.by_number(int(number))
    if request is None:
        return
    due = [alarm for alarm in watch.ahead(turn, request) if alarm.at <= turn.now]
    if due and not watch.urgent(turn, request):
        allowed = levels.may_tell(turn.now, watch.desk(turn, request), turn.shelf.calendar)
        if allowed > turn.now:
            key = f"late:{request.id}:{due[0].name}:{allowed:%Y%m%d%H%M%S}"
            turn.later(key, allowed, watch.LOOK, cases.about(request))
            return
    told = {*request.told, *(alarm.name for alarm in due if len(due) > 1 and alarm.step == "warning")}
    ranks, away = _ranks(turn, request), _away(turn, request)
    for alarm in due:
        if alarm.name not in told:  # what is late already needs no warning any more
            told |= _tell(turn, request, alarm, ranks, away)
    if due:
        request = msgspec.structs.replace(request, told=tuple(sorted(told)))
        request = turn.requests.save(request, f"late {due[-1].step}", 0)
    watch.watch(turn, request)


def _ranks(turn: Turn, request: Request) -> dict[Step, tuple[int, ...]]:
    """Give who is of each rank for a request; its own citizen is none of them."""
    offices = cases.offices(turn, request.commune)
    commune = turn.shelf.places.commune(request.commune)
    above = turn.people.units("province", commune.province) if commune else ()

    def of(units: tuple[int, ...], *kinds: str) -> tuple[int, ...]:
        found = (
            tuple(
                person.id
                for unit in units
                for person in turn.people.holding(kind, unit)  # type: ignore[arg-type]
                if person.id != request.citizen
            )
            for kind in kinds
        )
        return next((people for people in found if people), ())

    return {
        "holder": (request.claimed_by,) if request.claimed_by else (),
        "lead": of((request.team,), "lead") if request.team else (),
        "officer": of(tuple(unit.id for unit in offices), "officer", "head"),
        "province": of(tuple(unit.id for unit in above), "officer", "head"),
    }


def _away(turn: Turn, request: Request) -> dict[int, int]:
    units = [request.team] if request.team else []
    units += [unit.id for unit in cases.offices(turn, request.commune)]
    return {absence.person: absence.stand_in for unit in units for absence in turn.people.absent(unit)}


def _tell(
    turn: Turn,
    request: Request,
    alarm: Alarm,
    ranks: Mapping[Step, tuple[int, ...]],
    away: Mapping[int, int],
) -> set[str]:
    """Tell those of one step, and the citizen where it is the first that is late; give what is told by this."""
    rank, heard = levels.hears(alarm.step, ranks, away)
    told = {alarm.name}
    if alarm.step != "warning":
        passed = CHAIN[CHAIN.index(alarm.step) : CHAIN.index(rank) + 1]
        told |= {f"{alarm.clock}:{step}" for step in passed}
    for person in heard:
        text, choices = _words(turn, request, alarm, rank, person)
        turn.say(text, choices, to=person, kind="notice", about=cases.about(request))
    if alarm.step == "warning":
        if heard:
            turn.note("nearly late, told lead", cases.about(request), 0)
        return told
    turn.note(f"late, told {rank}" if heard else "late, nobody to tell", cases.about(request), 0)
    if f"{alarm.clock}:citizen" not in request.told and alarm.step == _first(request):
        by = None if f"{alarm.clock}:officer" in told else _officers_at(turn, request, ranks, away)
        _tell_citizen(turn, request, by, asked=bool(heard))
        told.add(f"{alarm.clock}:citizen")
    return told


def _first(request: Request) -> Step:
    return "holder" if request.state == "claimed" else "lead"


def _officers_at(
    turn: Turn, request: Request, ranks: Mapping[Step, tuple[int, ...]], away: Mapping[int, int]
) -> datetime | None:
    """Give when the commune's office will be told, if it is still late then; None where nobody is there."""
    rank, heard = levels.hears("officer", ranks, away)
    nexts = [alarm for alarm in watch.ahead(turn, request) if alarm.step == "officer"]
    return nexts[0].at if nexts and heard and rank == "officer" and request.team else None


def _words(turn: Turn, request: Request, alarm: Alarm, rank: Step, person: int) -> tuple[Text, list[Choice]]:
    """Give what somebody of a rank is told, and what they can do at once."""
    values = {"code": cases.written(request), "place": cases.place(turn, request), "due": alarm.due}
    if person == request.claimed_by:
        soon = _("{code} should be done by {due}. Is it? Then type “done {short}”.")
        late = _("{code} should have been done by {due}. Is it? Then type “done {short}”.")
        return (
            lines(
                (soon if alarm.step == "warning" else late)(short=request.code, **values),
                _("Waiting for {name}? Type “waiting {short}”, and the clock stands still.")(
                    name=cases.citizen(request), short=request.code
                ),
            ),
            [],
        )
    if request.state == "open":
        soon = _("Nobody has taken **{code}** ({place}) yet; it should be taken by {due}.")
        late = _("Nobody has taken **{code}** ({place}), which should have been taken by {due}.")
        choices = [cases.at(cases.CLAIM, request)] if rank in ("lead", "officer") else []
    else:
        soon = _("**{code}** ({place}) should be done by {due}; {helper} has it.")
        late = _("**{code}** ({place}) should have been done by {due}; {helper} has it.")
        values["helper"] = cases.helper(turn, request.claimed_by)
        choices = [cases.at(cases.REASSIGN, request)] if rank in ("lead", "officer") else []
    head = (soon if alarm.step == "warning" else late)(**values)
    lang = turn.people.get(person).lang or "vi"
    free = request.state == "open" and choices
    return lines(head, *cases.facts(turn, request, lang)) if free else head, choices


def _tell_citizen(turn: Turn, request: Request, by: datetime | None, *, asked: bool) -> None:
    """Say that it takes longer, and by when the commune's office steps in, where somebody is there to do so."""
    code = cases.written(request)
    if request.state == "claimed":
        helper = cases.helper_first(turn, request.claimed_by)
        told = [
            _("{code} takes longer than planned, sorry. {Helper} still has it.")(code=code, Helper=helper)
        ]
    else:
        told = [_("Nobody has taken {code} yet, sorry.")(code=code)]
        if asked:
            told.append(_("It has been brought up again."))
    if by is not None:
        told.append(_("If that is still so at {by}, the commune's office looks into it.")(by=by))
    if watch.urgent(turn, request) and turn.shelf.office.hotline:
        told.append(_("In a hurry, call {hotline}.")(hotline=turn.shelf.office.hotline))
    cases.tell_citizen(turn, request, lines(*told), cases.MORE)


# --- waiting for the citizen ---


def wait(turn: Turn, code: str) -> bool:
    """Let the clock of one's own request stand still until its citizen answers, and ask the citizen."""
    request = cases.find(turn, code)
    if request is None:
        return False
    if request.state != "claimed" or request.claimed_by != turn.person.id:
        turn.say(cases.finished(turn, request))
        return True
    name = cases.citizen(request)
    if request.paused is None:
        request = cases.move(turn, request, "wait", paused=turn.now, **watch.touch(turn, request))
        cases.tell_citizen(
            turn,
            request,
            _("{Helper} waits for a word from you about {code}. Please type it here.")(
                Helper=cases.helper_first(turn, turn.person.id), code=cases.written(request)
            ),
            cases.MORE,
        )
    cases.look(turn, request)
    turn.say(
        _("The clock of {code} stands still until {name} writes; that was asked for just now.")(
            code=cases.written(request), name=name
        )
    )
    return True


DUE: dict[str, Callable[[Turn], None]] = {watch.LOOK: look}
