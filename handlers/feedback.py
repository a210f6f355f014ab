"""Once a request is over: whether it works now, how the help was, and opening it again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from handlers import answers, cases, leave, own_requests, steps, watch
from handlers.own_requests import DOING, LONGEST
from handlers.records.requests import Outcome, Rating, Request, Why
from handlers.rules import moves
from handlers.talk import Due
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.library import Topic

SETTLE = "request.settle"
LABEL = 2  # words of a mark's label at the most
JUST_NOW = timedelta(hours=1)  # after which words are no longer for who has just closed it
GUIDED: Outcome = "partly"  # what was in the way is, and the guide goes on
AGAIN = _("Open again: **{code}**, {place}.")

RATINGS: dict[Rating, Text] = {"good": _("Good"), "fair": _("All right"), "poor": _("Not good")}
_THANKS = re.compile(r"(?<=\w)[\s,.;!]+(?:cảm ơn|cám ơn|cam on|thanks|thank you)\b.*", re.I | re.S)


def works(turn: Turn, code: str) -> bool:
    """Hear that it works, and ask how the help was."""
    request = own_requests.find(turn, code)
    if request is None:
        return False
    if request.state != "closed" or request.rating:
        own_requests.show(turn, request)
        return True
    _confirmed(turn, request)
    _rated_now(turn)
    if not request.claimed_by:  # an incident that is over: nobody is to be marked for it
        own_requests.back(
            turn,
            _("Good to hear. {code} is closed; type “reopen {short}” within 7 days if needed.")(
                code=cases.written(request), short=request.code
            ),
        )
        return True
    _ask_rating(turn, request, _("Good to hear. {Helper} helped: how was it?"))
    return True


def _ask_rating(turn: Turn, request: Request, asked: Text) -> None:
    turn.hold(DOING, "rating", code=request.code)
    turn.change(context=request.code)
    turn.say(
        asked(Helper=cases.helper_first(turn, request.claimed_by)),
        [Choice(name, label) for name, label in RATINGS.items()],
    )


def given_back(turn: Turn, code: str) -> Request | None:
    """Hear that it works where a helper has given somebody back to the guide they still stand in; None elsewhere."""
    request = own_requests.find(turn, code)
    topic = steps.current(turn)
    if request is None or topic is None or (request.topic, request.outcome) != (topic.id, GUIDED):
        return None
    standing = topic.step(turn.talk.at) is not None and topic.step(request.step) is not None
    if not standing or moves.stage_of(request) != "resolved" or not request.claimed_by:
        return None
    return _confirmed(turn, request)


def asked_at_end(turn: Turn, topic: Topic) -> bool:
    """Ask how the help was that led on through this guide, now that its end is reached; False where none did."""
    for request in turn.requests.of(turn.person.id):
        if (
            (request.topic, request.outcome) == (topic.id, GUIDED)
            and moves.stage_of(request) == "closed"
            and not request.rating
            and request.claimed_by
            and own_requests.fresh(turn, request)
        ):
            _ask_rating(turn, request, _("All done. {Helper} helped: how was it?"))
            return True
    return False


def _confirmed(turn: Turn, request: Request) -> Request:
    """Keep that its citizen is content; give the request as it stands then."""
    if moves.stage_of(request) != "resolved":
        return request
    request = cases.move(turn, request, "confirm")
    _tell_giver(turn, request)
    return request


def _tell_giver(turn: Turn, request: Request) -> None:
    """Tell the official who gave it to its helper that it is done and works."""
    given = next((one for one in turn.requests.routes(request) if one.why == "reassigned"), None)
    if given is None or given.who == request.claimed_by:
        return
    if not cases.standings(turn, given.who, request).isdisjoint(cases.OFFICIALS):
        turn.say(
            _("{code}: {helper} has done it, and {name} says that it works.")(
                code=cases.written(request),
                helper=cases.helper(turn, request.claimed_by),
                name=cases.citizen(request),
            ),
            to=given.who,
            kind="notice",
            about=cases.about(request),
        )


def settle_later(turn: Turn, request: Request) -> None:
    """See that what is done is closed for good once it can no longer be opened again."""
    if moves.stage_of(request) == "resolved":
        key = f"settle:{request.id}:{turn.now:%Y%m%d%H%M%S}"
        turn.later(key, turn.after(own_requests.AGAIN), SETTLE, cases.about(request))


def settle(turn: Turn) -> None:
    """Close for good what was done a week ago and nobody objected to."""
    number = turn.event.about.partition(":")[2] if isinstance(turn.event, Due) else ""
    request = turn.requests.by_number(int(number))
    if request is None or moves.stage_of(request) != "resolved":
        return
    if request.closed is not None and turn.now - request.closed >= own_requests.AGAIN:
        cases.move(turn, request, "settle")


def asked_to_rate(turn: Turn) -> bool:
    """Say whether the question how the help was is open."""
    return (turn.talk.doing, turn.talk.at) == (DOING, "rating")


def _rated_now(turn: Turn) -> None:
    """Close the question of how the help was, where it is open."""
    if asked_to_rate(turn):
        turn.end()


def heard_after(turn: Turn) -> bool:
    """Keep words that came just after a helper closed a request, and ask whether it works; False where none did."""
    closed = next(
        (
            request
            for request in turn.requests.of(turn.person.id)
            if moves.stage_of(request) == "resolved"
            and request.claimed_by
            and request.closed
            and turn.now - request.closed <= JUST_NOW
        ),
        None,
    )
    if closed is None or not (turn.talk.doing.startswith("guide ") or _still_asked(turn, closed)):
        return False
    request = own_requests.find(turn, closed.code)
    if request is None or moves.stage_of(request) != "resolved":
        return False
    request = own_requests.more_words(turn, request, turn.text)
    told = _(
        "{code}: {helper} has just closed it, so this has not reached them; it is kept. Does it work now?"
    )
    turn.say(
        told(code=cases.written(request), helper=cases.helper(turn, request.claimed_by)),
        [cases.at(choice, request) for choice in (own_requests.WORKS, own_requests.NOT_YET)],
    )
    return True


def _still_asked(turn: Turn, request: Request) -> bool:
    """Say whether nothing has been answered since it was asked whether this request works now."""
    shown = [button for card in turn.people.cards(turn.person.id) for button in card.choices]
    asked = f"{own_requests.NOT_YET.name}@{request.code}"
    return any(button.data == asked for button in (*turn.talk.offered, *shown))


def asked_whether(turn: Turn) -> Request | None:
    """Give the request of which it was asked last whether it works now; None where that is not the question."""
    offered = [button.data.partition("@") for button in turn.talk.offered]
    code = next((code for name, _at, code in offered if name == own_requests.NOT_YET.name), "")
    return own_requests.find(turn, code) if code else None


def not_yet(turn: Turn, code: str) -> bool:
    """Hear that it does not work yet: the request is open again."""
    request = own_requests.find(turn, code)
    if request is None:
        return False
    if request.state == "closed":
        return reopen(turn, code)
    own_requests.show(turn, request)
    return True


def reopen(turn: Turn, code: str) -> bool:
    """Open a finished request again within seven days: for whoever had it, else for all of the team."""
    request = own_requests.find(turn, code)
    if request is None:
        return False
    if request.state in ("open", "claimed", "held"):
        own_requests.show(turn, request)
        return True
    if not own_requests.fresh(turn, request):
        turn.say(
            _("{code} has been finished for more than 7 days. Type “a person” to ask anew.")(
                code=cases.written(request)
            )
        )
        return True
    before, absence = request.claimed_by, turn.people.absence(request.claimed_by)
    away = absence if absence is not None and absence.since <= turn.now else None
    fresh = {"closed": None, "outcome": "", "begun": turn.now, "told": ()}
    if before and not away and cases.helps(turn, before, request):
        _return(turn, request, before, **fresh)
        return True
    why: Why = "reopened" if not before else "on-leave" if away is not None else "left"
    request = cases.release(turn, request, "reopen", AGAIN, *_noted(request), why=why, **fresh)
    _rated_now(turn)
    told = _("{code} is open again and the team has been told. The two words now: **{words}**.")(
        code=cases.written(request), words=request.watchwords
    )
    if not before:
        turn.say(told)
        return True
    name = cases.helper_first(turn, before)
    if away is not None:
        because = _("{Helper} is on leave until {day}.")(Helper=name, day=leave.last_day(away))
    else:
        because = _("{Helper} is no longer with the team.")(Helper=name)
    turn.say(lines(told, because))
    return True


def _noted(request: Request) -> list[Text]:
    return [_("• Noted last time: “{remark}”")(remark=request.remark)] if request.remark else []


def _return(turn: Turn, request: Request, helper: int, **fresh: object) -> None:
    """Open a request again and give it to the one who had it, who need not be told what it is about."""
    resumed = {**fresh, **watch.resumption(turn, request), "offered": turn.now, "proposed": ""}
    resumed["arranged"] = turn.now if request.way else None
    request = cases.move(turn, request, "reopen", claimed_by=0, claimed=None, attended=False, **resumed)
    request = cases.move(turn, request, "return", claimed_by=helper, claimed=turn.now)
    cases.keep_route(turn, request, "returned", helper, 1)
    watch.watch(turn, request)
    _rated_now(turn)
    lang = turn.people.get(helper).lang or "vi"
    turn.say(
        lines(
            _("Open again and back with you: **{code}**, {place}.")(
                code=cases.written(request), place=cases.place(turn, request)
            ),
            *cases.facts(turn, request, lang),
            *_noted(request),
        ),
        [
            cases.at(Choice("talk", _("Answer {code}")(code=cases.written(request))), request),
            cases.at(cases.GIVE_BACK, request),
        ],
        to=helper,
        kind="notice",
        about=cases.about(request),
    )
    turn.say(
        _("{code} is open again, with {helper} who knows it. The two words stay: **{words}**.")(
            code=cases.written(request), helper=cases.helper(turn, helper), words=request.watchwords
        )
    )


def beside(turn: Turn) -> tuple[str, str]:
    """Part "1 cảm ơn chị Hường" into what it chooses and the words that are for the helper."""
    sign, words = answers.parts(turn.text)
    if sign:
        return sign, words
    thanked = _THANKS.search(turn.text)
    return (
        (turn.text[: thanked.start()], turn.text[thanked.start() :].strip()) if thanked else (turn.text, "")
    )


def rate(rating: Rating) -> Callable[[Turn, str], bool]:
    """Give what hears this mark for a request."""

    def heard(turn: Turn, code: str) -> bool:
        request = own_requests.find(turn, code)
        if request is None:
            return False
        _rated_now(turn)
        if request.rating or request.state != "closed":
            own_requests.back(turn, _("{code} is rated already. Thank you.")(code=cases.written(request)))
            return True
        request = cases.change(turn, _confirmed(turn, request), f"rated {rating}", rating=rating)
        told = _("{code}: {name} says that it is done, and marked the help: {mark}.")(
            name=cases.citizen(request), code=cases.written(request), mark=RATINGS[rating]
        )
        said = turn.text if len(turn.text.split()) > LABEL and marked(turn.text) else ""
        words = (beside(turn)[1] or said)[:LONGEST]
        turn.say(
            lines(told, as_is(f"“{words}”")) if words else told,
            to=request.claimed_by,
            kind="notice",
        )
        own_requests.back(
            turn,
            _("Thank you, it is passed on. {code} is closed; type “reopen {short}” within 7 days if needed.")(
                code=cases.written(request), short=request.code
            ),
        )
        return True

    return heard


# How people say it, where they are asked for a mark and give none of the three words.
_MARKS: dict[Rating, re.Pattern[str]] = {
    "poor": re.compile(
        r"\b(?:khong|chua|chang|not)(?: \w+){0,2} (?:tot|hai long|nhiet tinh|vui|good|happy|helpful)\b"
        r"|\b(?:kem|te|cham qua|cau gat|coc can|tho o|bad|poor|rude|too slow)\b"
    ),
    "fair": re.compile(r"\b(?:tam duoc|tam on|binh thuong|cung duoc|cung on|cung tot|so so|average)\b"),
    "good": re.compile(
        r"\b(?:tot|nhiet tinh|tan tinh|chu dao|hai long|tuyet|gioi|good|great|excellent|very kind|helpful)\b"
    ),
}
IN_WORDS = 80  # letters of a mark that is said in words


def marked(text: str) -> str:
    """Give the mark that free words mean; nothing where they mean none, or are a question."""
    said = fold(text)
    if len(said) > IN_WORDS or answers.asks(text):
        return ""
    return next((mark for mark, words in _MARKS.items() if words.search(said)), "")


def rating_meant(turn: Turn) -> str:
    """Give the mark that words behind or before a thank-you mean; nothing where they mean none."""
    said = beside(turn)[0]
    offered = [(button.data, button.label) for button in turn.talk.offered]
    meant = answers.chosen(offered, said) or next(
        (data for data, label in offered if f"{fold(said)} ".startswith(f"{fold(label)} ")), ""
    )  # "tốt lắm"
    return meant.partition("@")[0] or marked(turn.text)


DUE: dict[str, Callable[[Turn], None]] = {SETTLE: settle}
