"""What a citizen sends without words: it is noted on a request, or offered to become one."""

from __future__ import annotations

from handlers import answers, cases, forms, own_requests, requesting, steps, things
from handlers.own_requests import fitted
from handlers.requesting import REQUEST
from handlers.talk import Incoming
from handlers.text import _, lines
from handlers.turn import Choice, Turn

TYPE, PASS = Choice("type", _("I type it")), Choice("tell-team", _("Tell the team"))
NOT_PAPERS = _("Pictures of identity papers are not passed on.")


def attached(turn: Turn) -> None:
    """Offer to make a request of what came without words; nobody here can listen or look."""
    event = turn.event
    assert isinstance(event, Incoming)
    if event.contact is not None:
        _phone(turn, event.contact.phone)
        return
    kind = event.attachment.kind if event.attachment else "place"
    thing = things.noted(turn)
    if event.attachment and not thing:
        if turn.talk.doing == REQUEST.doing:
            forms.ask_next(turn, REQUEST)
        else:
            steps.again(turn)
        return
    if (turn.talk.doing, turn.talk.at) == (own_requests.DOING, "words") and _thing_added(turn, kind, thing):
        return
    kept = turn.talk.kept
    if turn.talk.doing == REQUEST.doing:
        turn.change(
            kept={
                **kept,
                "attached": f"{kept.get('attached', '')} {kind}".strip(),
                "things": f"{kept.get('things', '')} {thing}".strip(),
            }
        )
        forms.ask_next(turn, REQUEST, _("Tổ Số notes that you sent {kind}.")(kind=cases.KINDS[kind]))
        return
    turn.hold(own_requests.DOING, "attached", kind=kind, thing=thing, words=fitted(turn.text))
    turn.change(context="requests.attached")
    asked = _(
        "Tổ Số cannot listen or look: this was {kind}. Type a few words, or shall it be passed on to the team?"
    )(kind=cases.KINDS[kind])
    turn.say(lines(asked, NOT_PAPERS) if kind == "photo" else asked, (TYPE, PASS))


def _thing_added(turn: Turn, kind: str, thing: str) -> bool:
    """Add what was sent to a request that is under way; False where that one is over."""
    request = own_requests.find(turn, turn.talk.kept.get("code", ""))
    if request is None or request.state not in ("open", "claimed", "held"):
        return False
    turn.end()
    attached = (*request.attached, kind)
    words = fitted(request.words, turn.text)
    request = cases.change(turn, request, "words added", attached=attached, words=words)
    if thing:
        turn.media.want(thing, cases.about(request))
    if request.state == "claimed" and turn.text:
        cases.to_helper(turn, request, cases.passed_on(turn, turn.text))
    own_requests.back(turn, _("Added to {code}.")(code=cases.written(request)))
    return True


def _phone(turn: Turn, phone: str) -> None:
    """Put a shared number on the requests that are under way; only who claims one sees it."""
    if turn.talk.doing == REQUEST.doing:
        turn.change(kept={**turn.talk.kept, "phone": phone})
        forms.ask_next(turn, REQUEST, _("Noted; only the helper who takes it on sees the number."))
        return
    under_way = [
        entry for entry in turn.requests.of(turn.person.id) if entry.state in ("open", "claimed", "held")
    ]
    for entry in under_way:
        request = turn.requests.by_code(entry.code)
        if request is not None:
            request = cases.change(turn, request, "phone given", phone=phone)
            if request.claimed_by:
                told = _("{name}, {code}: reached at {phone}.")
                turn.say(
                    told(name=cases.citizen(request), code=cases.written(request), phone=phone),
                    to=request.claimed_by,
                    kind="notice",
                )
    if under_way:
        turn.say(_("Noted; only the helper who takes it on sees the number."))
    else:
        turn.say(_("A number is only passed on with a request. Type “a person” to make one."))


def decided(turn: Turn) -> bool:
    """Hear whether it shall be passed on; False where that was no answer."""
    pressed = answers.pressed(turn)
    sent = turn.talk.kept
    turn.end()
    if not pressed or pressed[0] not in (TYPE.name, PASS.name):
        return False
    standing = steps.current(turn)
    step = standing.step(turn.talk.at) if standing else None
    kept = {"words": sent["words"]} if sent.get("words") else {}
    if pressed[0] == PASS.name:
        kept |= {"attached": sent.get("kind", "file"), "things": sent.get("thing", "")}
    if standing and step:
        kept |= {"topic": standing.id, "step": step.id, "step_title": step.title}
    requesting.begin(turn, **kept)
    return True
