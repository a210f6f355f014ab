"""What is not words, on its way between the two sides of a request: photos, voice notes, videos, files.

Words go at once; what has to be fetched follows when it is here, so a caption may arrive before its
picture.  Nothing here knows what a picture shows: identity papers are known by the words around them.
"""

from __future__ import annotations

from collections.abc import Callable

from handlers import cases
from handlers.records.media import Thing
from handlers.records.requests import Request
from handlers.rules import papers
from handlers.talk import Incoming
from handlers.text import Text, _
from handlers.turn import Turn

CARRIED = ("voice", "photo", "video", "file")
UNCROSSED = _(
    "{code}: {kind} did not get across: it cannot be opened where {name} reads. Please write a few words instead."
)
NO_PAPERS = _("Please send no picture of identity papers here. Tổ Số passes none on; nobody needs it.")
REFUSED: dict[str, Text] = {
    "large": _("{code}: {kind} is too large to be passed on. A smaller one, or a few words, will do."),
    "kind": _("{code}: that kind of file is not passed on. Photos, voice notes, PDF, Word and Excel are."),
    "lost": _("{code}: {kind} could not be fetched, so it was not passed on. Please send it once more."),
}


def noted(turn: Turn) -> str:
    """Remember what was sent just now and give its code; nothing where it is not passed on, which is then said."""
    event = turn.event
    assert isinstance(event, Incoming)
    thing = event.attachment
    if thing is None or thing.kind not in CARRIED:
        return ""
    if papers.pictures_card(event.text) or papers.pictures_card(thing.name):
        turn.say(NO_PAPERS)
        return ""
    if not thing.ref:
        turn.say(
            _("Nothing came of {kind} but its name. Please send it once more.")(kind=cases.KINDS[thing.kind])
        )
        return ""
    return turn.media.note(event, turn.person.id)


def on_its_way(turn: Turn, request: Request, code: str) -> None:
    """Have something fetched for the helper; the first time the person hears so, and what not to send."""
    thing = turn.media.get(code)
    if thing is None:
        return
    known = turn.media.of(cases.about(request))
    turn.media.want(code, cases.about(request))
    if not any(other.person == turn.person.id for other in known):
        turn.say(
            _("Passing {kind} on to {name}. Only identity papers are never to be sent.")(
                kind=cases.KINDS[thing.kind], name=cases.helper(turn, request.claimed_by)
            )
        )


def hand_over(turn: Turn, request: Request) -> None:
    """Give whoever has just taken a request what its citizen has sent so far."""
    things = [
        thing
        for thing in turn.media.of(cases.about(request))
        if thing.state == "kept" and thing.person == request.citizen
    ]
    lost = {thing.kind: thing for thing in things if not _to_helper(turn, request, thing)}
    for thing in lost.values():
        _uncrossed(turn, request, thing, cases.helper(turn, request.claimed_by))


def kept(turn: Turn) -> None:
    """Pass on what has been fetched: to the helper, or from them to the citizen."""
    thing, request = _found(turn)
    if thing is None or request is None or request.state == "withdrawn":
        return
    if thing.person == request.citizen:
        # Nobody has it yet, or it was closed meanwhile: it waits for whoever takes the request.
        helped = request.state == "claimed" and cases.helps(turn, request.claimed_by, request)
        if helped and not _to_helper(turn, request, thing):
            _uncrossed(turn, request, thing, cases.helper(turn, request.claimed_by))
    elif request.citizen:
        turn.say(
            _sent(thing),
            to=request.citizen,
            voice=cases.voice_of(turn, thing.person),
            media=thing.code,
            kind="notice",
            about=cases.words_of(request),
        )
        if not _crosses(turn, thing, request.citizen):
            _uncrossed(turn, request, thing, cases.citizen(request))
            return
        turn.say(
            _("→ {name}, {code}: {kind}")(
                name=cases.citizen(request), code=cases.written(request), kind=cases.KINDS[thing.kind]
            ),
            to=thing.person,
        )
        turn.note(f"{thing.kind} passed on", cases.about(request), by=thing.person)


def refused(turn: Turn) -> None:
    """Tell whoever sent something that it was not passed on, and what to do."""
    thing, request = _found(turn)
    if thing is None or request is None or request.state not in ("open", "claimed"):
        return
    why = REFUSED[thing.reason or "lost"]
    turn.say(why(code=cases.written(request), kind=cases.KINDS[thing.kind]), to=thing.person)


def _found(turn: Turn) -> tuple[Thing | None, Request | None]:
    """Give what an event is about, as it stands now."""
    assert not isinstance(turn.event, Incoming)
    number = turn.event.about.partition(":")[2]
    return turn.media.get(turn.event.facts["code"]), turn.requests.by_number(int(number))


def _to_helper(turn: Turn, request: Request, thing: Thing) -> bool:
    """Give a thing to the helper; False where they get no more than word of it."""
    cases.to_helper(turn, request, _sent(thing), thing.code)
    if not _crosses(turn, thing, request.claimed_by):
        return False
    turn.note(f"{thing.kind} passed on", cases.about(request), by=thing.person)
    return True


def _crosses(turn: Turn, thing: Thing, reader: int) -> bool:
    """Say whether a reader can open it: their platform shows it, or there is an address for it."""
    here = turn.event.account if isinstance(turn.event, Incoming) and reader == turn.person.id else ""
    return turn.shelf.office.opens or turn.media.shown(thing, reader, here)


def _uncrossed(turn: Turn, request: Request, thing: Thing, name: Text) -> None:
    """Tell whoever sent something that it has not arrived, though word of it has."""
    values = {"code": cases.written(request), "kind": cases.KINDS[thing.kind], "name": name}
    turn.say(UNCROSSED(**values), to=thing.person, kind="notice")
    turn.note(f"{thing.kind} not opened there", cases.about(request), by=thing.person)


def _sent(thing: Thing) -> Text:
    return _("(sent {kind})")(kind=cases.KINDS[thing.kind])


DUE: dict[str, Callable[[Turn], None]] = {"media.kept": kept, "media.refused": refused}
