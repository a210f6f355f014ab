"""A citizen's own requests: how far each is, adding to it, taking it back."""

from __future__ import annotations

from datetime import timedelta

from handlers import cases, group_cards, progress, steps
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.rules import roles
from handlers.rules.moves import stage_of
from handlers.rules.roles import Standing
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn

DOING = "requests"
AGAIN = timedelta(days=7)  # how long a finished request may be opened again
LONGEST = 1000  # letters of a citizen's own words on a card
WHO_HAS = (
    "ai giu",
    "ai giu viec",
    "ai dang giu",
    "ai dang giu viec",
    "ai lam",
    "ai dang lam",
    "ai nhan",
    "who has",
)  # before a code
CUT = "…"  # at their end, where there were more
SHOWN = 4  # requests in one list

WORKS, NOT_YET = Choice("works", _("Yes, it works now")), Choice("not-yet", _("Not yet"))
WITHDRAW, REOPEN = Choice("withdraw", _("Withdraw it")), Choice("reopen", _("Open it again"))


def mine(turn: Turn) -> None:
    """List a person's requests and how far they are."""
    requests = turn.requests.of(turn.person.id)
    if not requests:
        turn.say(_("There are no requests yet. Type “a person” whenever something is stuck."))
        return
    if len(requests) == 1:
        show(turn, requests[0])
        return
    told = [
        _("• {code}, {topic}: {state}")(
            code=cases.written(request), topic=_title(turn, request), state=progress.state(turn, request)
        )
        for request in requests[:SHOWN]
    ]
    turn.say(
        lines(_("Your requests, the newest first:"), *told),
        [Choice("see", as_is(cases.written(request)), request.code) for request in requests[:SHOWN]],
    )


def how_far(turn: Turn) -> None:
    """Say how far what is under way is; what is over where nothing is."""
    requests = turn.requests.of(turn.person.id)
    under_way = [request for request in requests if stage_of(request) not in ("closed", "withdrawn")]
    if len(under_way) == 1:
        show(turn, under_way[0])
    else:
        mine(turn)


def _title(turn: Turn, request: Request) -> str:
    topic = turn.topic(request.topic) if request.topic else None
    if topic is not None:
        return topic.title
    return request.words if len(request.words) <= 40 else request.words[:39].rstrip() + "…"


def show(turn: Turn, request: Request, before: Text | None = None) -> None:
    """Say how far a request is, and offer what its citizen can do with it."""
    told = [before] if before is not None else []
    told.append(
        _("**{code}**, {topic}: {state}.")(
            code=cases.written(request), topic=_title(turn, request), state=progress.state(turn, request)
        )
    )
    told += progress.ahead(turn, request)
    choices: tuple[Choice, ...] = ()
    if request.state in ("open", "claimed"):
        told.append(_("The two words: **{words}**.")(words=request.watchwords))
        choices = (cases.MORE, WITHDRAW)
    elif request.state == "held":
        choices = (cases.APART, WITHDRAW)
    elif stage_of(request) == "resolved":
        choices = (WORKS, NOT_YET)
    elif fresh(turn, request):
        choices = (REOPEN,)
    turn.say(lines(*told), [cases.at(choice, request) for choice in choices])


def fresh(turn: Turn, request: Request) -> bool:
    """Say whether a finished request may still be opened again."""
    return request.closed is not None and turn.now - request.closed <= AGAIN


def newest_over(turn: Turn) -> Request | None:
    """Give the newest request of this person where it is over and may still be opened again; None elsewhere."""
    newest = next(iter(turn.requests.of(turn.person.id)), None)
    over = newest is not None and newest.state in ("closed", "withdrawn") and fresh(turn, newest)
    return newest if over else None


def find(turn: Turn, code: str) -> Request | None:
    """Give the request of this code where it is the own one of this person; None otherwise."""
    request = cases.find(turn, code)
    if request is None:
        return None
    standing: Standing = "citizen" if request.citizen == turn.person.id else "nobody"
    return request if roles.may("own", (standing,)) else None


def see(turn: Turn, code: str) -> bool:
    """Show one request of one's own; False when it is not."""
    request = find(turn, code)
    if request is None:
        return False
    show(turn, request)
    return True


def withdraw(turn: Turn, code: str) -> bool:
    """Take a request back; whoever has it, or might take it, is told."""
    request = find(turn, code)
    if request is None:
        return False
    if request.state not in ("open", "claimed", "held"):
        turn.say(cases.finished(turn, request))
        return True
    turn.withdraw(cases.about(request))
    turn.media.drop(cases.about(request))
    told = _looking_after(turn, request)
    group = group_cards.standing(turn, request) if request.state == "open" else None
    request = cases.move(turn, request, "withdraw", closed=turn.now, attended=False)
    news = cases.finished(turn, request)
    group_cards.tell(turn, group, news)
    for person in told:
        turn.say(news, to=person, kind="notice")
    turn.say(
        _("{code} is withdrawn. If you change your mind, type “reopen {short}” within 7 days.")(
            code=cases.written(request), short=request.code
        )
    )
    return True


def _looking_after(turn: Turn, request: Request) -> list[Person]:
    """Give whoever has a request, or was shown it in their own chat; nobody while it is held for an incident."""
    if request.state == "held":
        return []
    return (
        [turn.people.get(request.claimed_by)] if request.state == "claimed" else cases.told_of(turn, request)
    )


def add(turn: Turn, code: str) -> bool:
    """Ask for more words about a request that is under way."""
    request = find(turn, code)
    if request is None:
        return False
    if request.state not in ("open", "claimed", "held"):
        show(turn, request)
        return True
    turn.hold(DOING, "words", code=request.code)
    turn.change(context="requests.words")
    turn.say(_("What shall be added to {code}?")(code=cases.written(request)))
    return True


def added(turn: Turn) -> bool:
    """Take the words that were asked for; False where none were typed."""
    code = turn.talk.kept.get("code", "")
    if not turn.text:
        return False
    turn.end()
    request = find(turn, code)
    add_words(turn, request, turn.text)
    return True


def more_words(turn: Turn, request: Request, words: str) -> Request:
    """Keep more of a citizen's words with a request, for whoever reads it next."""
    return cases.change(turn, request, "words added", words=fitted(request.words, words))


def fitted(*parts: str) -> str:
    """Give words as a card has room for them, with their end cut off visibly."""
    words = "; ".join(part for part in parts if part)
    return words if len(words) <= LONGEST else words[: LONGEST - len(CUT)] + CUT


def cut(words: str) -> bool:
    """Say whether a card had no room for all of these."""
    return len(words) == LONGEST and words.endswith(CUT)


FULL = _(
    "The card has room for {n} letters, so the end of your words is not on it. Tell it to whoever takes the request."
)(n=LONGEST)


def add_words(turn: Turn, request: Request | None, words: str) -> None:
    """Add words to a request that is under way; whoever has it, or might take it, reads them."""
    if request is None or request.state not in ("open", "claimed", "held"):
        back(turn, cases.finished(turn, request) if request else _("That request is no longer there."))
        return
    if request.state == "claimed":
        cases.to_helper(turn, request, cases.passed_on(turn, words))
        cases.answered(turn, request)
    else:
        request = more_words(turn, request, words)
        for person in _looking_after(turn, request):
            turn.say(
                _("Added to {code}: “{words}”")(code=cases.written(request), words=fitted(words)),
                [cases.at(cases.CLAIM, request)],
                to=person,
                kind="notice",
                about=cases.about(request),
            )
    told = _("Added to {code}.")(code=cases.written(request))
    back(turn, lines(told, FULL) if request.state != "claimed" and cut(request.words) else told)


def back(turn: Turn, text: Text) -> None:
    """Say something, and offer again the step that waited."""
    if steps.current(turn) and turn.talk.at != "end":
        turn.say(text)
        steps.again(turn, _("Back to where we were:"))
    else:
        turn.say(text)
