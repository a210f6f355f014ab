"""What a helped person says goes to the helper; to which of several is never guessed."""

from __future__ import annotations

import msgspec

from handlers import answers, appointments, cases, own_requests, things, to_whom
from handlers.own_requests import DOING, fitted
from handlers.records.requests import Request
from handlers.rules import guard
from handlers.talk import Incoming
from handlers.text import _
from handlers.turn import Choice, Turn

# Where the person stands there, typed words are an answer to something else.
_ASKED_ELSEWHERE = ("form", "help", "report", "own-data", "channels", "reach", DOING)


def carry(turn: Turn) -> bool:
    """Pass on what a helped person says to the helper; False when it is meant for somebody else."""
    waits = (turn.talk.doing, turn.talk.at) == (DOING, "whom")
    if answers.pressed(turn) if waits else turn.talk.doing.partition(" ")[0] in _ASKED_ELSEWHERE:
        return False
    helped = turn.requests.helping(turn.person.id)
    if not helped:
        return False
    event = turn.event
    assert isinstance(event, Incoming)
    if event.attachment and event.attachment.kind not in cases.KINDS:
        return False
    words = turn.text or (event.contact.phone if event.contact else cases.where(event))
    thing = things.noted(turn)
    if not (words or thing):
        return True
    if len(helped) == 1:
        _pass_on(turn, helped[0], words, thing)
        return True
    since = max(request.claimed for request in helped if request.claimed)
    spoke = turn.talk.spoke
    same = [request for request in helped if request.code == turn.talk.spoke_in]
    if same and spoke and spoke >= since and turn.now - spoke < to_whom.SILENCE:
        request = same[0]
        turn.change(spoke=turn.now)
        _pass_on(turn, request, words, thing)
        _says_to(turn, request)
        return True
    if waits:  # they go on writing before they choose
        kept = turn.talk.kept
        words = "\n".join(filter(None, (kept.get("words"), words)))
        turn.change(kept={"words": words, "things": f"{kept.get('things', '')} {thing}".strip()})
    else:
        turn.hold(DOING, "whom", words=words, things=thing)
    turn.change(context="requests.whom")
    turn.say(
        _("Who is this for?"),
        [
            Choice("tell", cases.helper_first(turn, request.claimed_by), request.code)
            for request in helped[:4]
        ],
    )
    return True


def asked(turn: Turn) -> guard.Awaited:
    """Say what the helpers of this person asked for last; a secret where any of them did."""
    wanted = {request.asked for request in turn.requests.helping(turn.person.id)}
    return "secret" if "secret" in wanted else "number" if "number" in wanted else "words"


def tell(turn: Turn, code: str) -> bool:
    """Hear for which helper words are meant, and pass on those that waited for it."""
    request = own_requests.find(turn, code)
    if request is None or request.state != "claimed":
        return own_requests.see(turn, code)
    request = cases.change(turn, request, "chosen")
    turn.change(spoke=turn.now, spoke_in=request.code)
    if turn.talk.doing == DOING and turn.talk.at == "whom":
        words, things_sent = turn.talk.kept.get("words", ""), turn.talk.kept.get("things", "").split()
        turn.end()
        for thing in things_sent or [""]:
            _pass_on(turn, request, words, thing)
            words = ""
    _says_to(turn, request)
    return True


def _says_to(turn: Turn, request: Request) -> None:
    turn.say(_("→ {name}, {code}")(name=cases.helper(turn, request.claimed_by), code=cases.written(request)))


def _pass_on(turn: Turn, request: Request, words: str, thing: str) -> None:
    if not cases.helps(turn, request.claimed_by, request):
        locked = turn.requests.by_code(request.code)
        if locked is not None and locked.state == "claimed":
            cases.gone(turn, msgspec.structs.replace(locked, words=fitted(locked.words, words)))
            if thing:
                turn.media.want(thing, cases.about(locked))
        return
    if words and not thing and appointments.heard(turn, request, words):
        return
    if words:
        cases.to_helper(turn, request, cases.passed_on(turn, words))
        appointments.asked_again(turn, request)
    if thing:
        things.on_its_way(turn, request, thing)
    cases.answered(turn, request)
