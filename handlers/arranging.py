"""How help comes: by message, or by a call or a visit that the person who asked has agreed to.

Two everyday words tell a helper from a swindler.  Whoever took the request reads them only once a call or a visit is
arranged, and says them first.
"""

from __future__ import annotations

import re

from handlers import answers, cases, forms, steps, watch
from handlers.forms import Checked, Form, Question
from handlers.records.requests import Request, Way
from handlers.rules import roles
from handlers.text import Text, _, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold

WAY = Choice("way", _("A call or a visit"))
MESSAGE, CALL, VISIT = (
    Choice("message", _("A message here")),
    Choice("call", _("A call")),
    Choice("visit", _("A visit")),
)
WAYS: dict[str, Way] = {MESSAGE.name: "", CALL.name: "call", VISIT.name: "visit"}
AGREE, DECLINE = Choice("meet-yes", _("Yes, I agree")), Choice("meet-no", _("No, by message"))
NO_CALL = Choice("no-call", _("A message will do"))

# --- while a request is opened ---


def way_of(kept: dict[str, str]) -> Way:
    """Give how somebody wants to be helped, by the answers of the open form; a call needs a number."""
    way = WAYS.get(kept.get("way", ""), "call" if kept.get("call") and "way" not in kept else "")
    return "" if way == "call" and not kept.get("phone", "x").strip() else way


def how(turn: Turn, draft: Request) -> Text:
    """Say how help will come, at the end of what is about to be sent."""
    if draft.way == "call" and draft.phone:
        return _("They call {phone}, or answer here. Send it?")(phone=draft.phone)
    if draft.way == "visit":
        return _("They agree with you here when to come; no phone number is needed. Send it?")
    return _("They answer here, by message; no phone number is needed. Send it?")


_NAMED = {
    VISIT.name: re.compile(
        r"\b(?:den|toi|qua|ghe|sang|xuong|vao|len)(?: tan)? nha\b"
        r"|\b(?:come|visit)\b(?: \w+){0,2} (?:me|my house|home)\b"
    ),
    CALL.name: re.compile(
        r"\b(?:goi(?! y| la)|alo|dien)\b(?: \w+)?(?: (?:cho|lai|toi|tui|em|co|bac|chu|chau|minh|con|dien|thoai)\b)"
        r"|\b(?:call|ring|phone) me\b"
    ),
}
_NOT = re.compile(r"\b(?:khong|ko|dung|khoi|not|don t|never)\b")


def way_in(words: str) -> str:
    """Give the way of help that words ask for ("đến nhà tôi với"), as WAYS names it; empty where they name none."""
    said = fold(words)
    if _NOT.search(said):
        return ""
    return next((way for way, named in _NAMED.items() if named.search(said)), "")


def chosen(turn: Turn) -> bool:
    """Take over which way was chosen before sending; False where none was."""
    kept = turn.talk.kept
    if kept.get("confirm") != WAY.name:
        return False
    left = {name: value for name, value in kept.items() if name not in ("confirm", "new-way")}
    if left.get("phone") == " ":
        del left["phone"]  # asked for again, where a call is wanted after all
    turn.change(kept={**left, "way": kept["new-way"]})
    return True


WAY_QUESTION = Question(
    "new-way",
    ask=lambda turn: _("How shall they help? The number is asked for a call only."),
    check=forms.one_of(*WAYS),
    otherwise=_("Please choose one of these."),
    choices=lambda turn: (MESSAGE, CALL, VISIT),
    needed=lambda turn: turn.talk.kept.get("confirm") == WAY.name,
)


def _number(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    if pressed and pressed[0] == NO_CALL.name:
        return " "
    return answers.phone(text) or None


# The only question for a number; whoever asks it says when it is needed.
NUMBER = Question(
    "phone",
    ask=lambda turn: _("Which number is to be called? Only the helper who takes it on sees it."),
    check=_number,
    otherwise=_("Please type a number such as 0912 345 678, or choose:"),
    choices=lambda turn: (NO_CALL,),
    asks="phone",
)

# --- once it is taken ---

AGREED: dict[Way, Text] = {
    "call": _("They want to be called. First say **{words}**, then your name and your team."),
    "visit": _("They want you to come: type “appointment 8am tomorrow”. At the door first say **{words}**."),
}
COMES: dict[Way, Text] = {
    "call": _("{Helper} may call you. Whoever calls must first say **{words}**; if not, hang up."),
    "visit": _("{Helper} may come once you agree when. Whoever comes must first say **{words}**."),
}


def to_helper(request: Request) -> Text:
    """Tell whoever took a request how to reach the person who asked, with the two words where they are needed."""
    if request.behalf:
        return _("They have no smartphone: go there. At the door first say **{words}**.")(
            words=request.watchwords
        )
    if request.arranged:
        return AGREED[request.way](words=request.watchwords)
    return _(
        "What you type here goes to them. To call or to come, type “call {short}” or “visit {short}”: "
        "they are asked first."
    )(short=request.code)


def to_citizen(turn: Turn, request: Request, taken: Text) -> Text:
    """Say who has taken a request, and that they call or come where that was wanted."""
    if not request.arranged:
        return taken
    helper = cases.helper_first(turn, request.claimed_by)
    return lines(taken, COMES[request.way](Helper=helper, words=request.watchwords))


def propose_call(turn: Turn, code: str) -> bool:
    """Ask whether a helper may call."""
    return _propose(turn, code, "call")


def propose_visit(turn: Turn, code: str) -> bool:
    """Ask whether a helper may come."""
    return _propose(turn, code, "visit")


ASKED: dict[Way, Text] = {
    "call": _(
        "{Helper}, {team}, would like to call you about {code}. Do you agree? "
        "Whoever calls must first say **{words}**."
    ),
    "visit": _(
        "{Helper}, {team}, would like to come to you about {code}. Do you agree? "
        "Whoever comes must first say **{words}**."
    ),
}


def _propose(turn: Turn, code: str, way: Way) -> bool:
    request = cases.find(turn, code)
    if request is None:
        return False
    if request.behalf:
        turn.say(to_helper(request))
        return True
    if not roles.may("meet", cases.standings(turn, turn.person.id, request)):
        turn.say(cases.finished(turn, request))
        return True
    if request.arranged and request.way == way:
        cases.look(turn, request)
        turn.say(_reached(request))
        return True
    request = cases.change(turn, request, f"proposed a {way}", proposed=way, **watch.touch(turn, request))
    cases.tell_citizen(
        turn,
        request,
        ASKED[way](
            Helper=cases.helper_first(turn, turn.person.id),
            team=cases.side(turn, request),
            code=cases.written(request),
            words=request.watchwords,
        ),
        AGREE,
        DECLINE,
    )
    turn.say(_("Asked. You get the two words once {name} agrees.")(name=cases.citizen(request)))
    return True


def _reached(request: Request) -> Text:
    told = AGREED[request.way](words=request.watchwords)
    number = _("{code}: {phone}.")(code=cases.written(request), phone=request.phone)
    return lines(number, told) if request.phone and request.way == "call" else told


# --- the answer ---


def agree(turn: Turn, code: str) -> bool:
    """Hear that a helper may call or come; a call needs a number."""
    request = _proposed(turn, code)
    if request is None:
        return True
    if request.proposed == "call" and not request.phone:
        forms.begin(turn, MEETING, code=request.code)
    else:
        _arrange(turn, request)
    return True


def decline(turn: Turn, code: str) -> bool:
    """Hear that somebody wants to be helped by message only; what they had agreed to holds no more."""
    request = _proposed(turn, code, taken_back=True)
    if request is not None:
        _declined(turn, request)
    return True


def _declined(turn: Turn, request: Request) -> None:
    if request.proposed:  # what had been agreed to before stays
        request = cases.change(turn, request, "declined", proposed="")
    else:
        over = watch.parted(turn, request)
        request = cases.change(turn, request, "taken back", **(over | {"way": "", "arranged": None}))
        watch.watch(turn, request)
    turn.say(
        _("{Name}, {code}: not that way, please; by message.")(
            Name=cases.citizen_first(request), code=cases.written(request)
        ),
        to=request.claimed_by,
        kind="notice",
    )
    turn.say(_("All right. If anybody calls or comes for that all the same, it is not arranged."))


def _proposed(turn: Turn, code: str, *, taken_back: bool = False) -> Request | None:
    """Give one's own request that waits for such an answer; where none does, say so."""
    request = cases.find(turn, code)
    if request is not None and request.citizen == turn.person.id:
        if request.state == "claimed" and (request.proposed or (taken_back and request.arranged)):
            return request
        turn.say(cases.finished(turn, request))
    else:
        turn.say(_("That belongs to something already finished."))
    return None


def _arrange(turn: Turn, request: Request, **fields: object) -> None:
    request = cases.change(
        turn,
        request,
        f"agreed to a {request.proposed}",
        way=request.proposed,
        proposed="",
        arranged=turn.now,
        **fields,
    )
    turn.say(
        lines(
            _("{Name}, {code}, agrees.")(Name=cases.citizen_first(request), code=cases.written(request)),
            _reached(request),
        ),
        to=request.claimed_by,
        kind="notice",
    )
    turn.say(
        COMES[request.way](Helper=cases.helper_first(turn, request.claimed_by), words=request.watchwords)
    )


def _given(turn: Turn) -> None:
    phone = turn.talk.kept["phone"].strip()
    request = _proposed(turn, turn.talk.kept["code"])
    turn.end()
    if request is not None and phone:
        _arrange(turn, request, phone=phone)
    elif request is not None:
        _declined(turn, request)
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


MEETING = Form("meeting", (NUMBER,), _given)

_SAID = re.compile(
    rf"(?P<yes>(?:toi |em |co |bac |chau )?dong y|i agree|agree)(?: {cases.CODE})?(?: nhe| a| di)?"
    rf"|(?:(?:toi |em |co |bac |chau )?khong dong y|decline|i do not agree)(?: {cases.CODE})?(?: nhe| a)?"
)


def typed_card(turn: Turn) -> bool:
    """Hear "đồng ý 4K7" from whoever a helper would like to call; False for other words."""
    found = _SAID.fullmatch(fold(turn.text)) if turn.helped else None
    if found is None:
        return False
    code = next((group for group in found.groups()[1:] if group), "")
    asked = [
        request
        for request in turn.requests.helping(turn.person.id)
        if request.proposed
        or (request.arranged and not found["yes"])
        or (
            request.offer is not None and request.offer.by == "helper"
        )  # which of them is meant is not guessed
    ]
    if code:
        asked = [request for request in asked if request.code == code.upper()]
    if len(asked) != 1:
        return False
    return agree(turn, asked[0].code) if found["yes"] else decline(turn, asked[0].code)


CARDS = {AGREE.name: agree, DECLINE.name: decline}
FORMS = (MEETING,)
