"""The card of a request in its team's group chat, and who reads of the request there alone.

Everybody in a group reads along, so a card there holds nothing of the person who asked: a code, a village's name
from the office's own list, a topic's title.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers import watch
from handlers.records.groups import Group
from handlers.records.people import Person
from handlers.records.requests import Request, Routed, Why
from handlers.text import Text, _, lines
from handlers.turn import Choice, Turn

# Shown for the first time; whatever comes later is no news for a group alone, since something has gone wrong.
FIRST: frozenset[Why] = frozenset(("village", "formerly", "commune", "office", "apart"))


def of(turn: Turn, request: Request) -> Group | None:
    """Give the group of a request's team."""
    return turn.groups.of(request.team) if request.team else None


def standing(turn: Turn, request: Request, lost: Group | None = None) -> tuple[Group, Routed] | None:
    """Give the group in which the card of a request stands, and with which choice of the router it came there.

    A group that is not reached any more has to be named.
    """
    group = lost or of(turn, request)
    routes = turn.requests.routes(request) if group else ()
    newest = next((one for one in routes if one.why != "widened"), None)
    return (group, newest) if group and newest and newest.group == group.chat else None


def enough(turn: Turn, request: Request, group: Group, why: Why) -> bool:
    """Say whether those who are in a group need no card of a request besides, when it is shown there now."""
    return not (group.beside or why not in FIRST or watch.urgent(turn, request))


def alone(
    turn: Turn, request: Request, people: Iterable[Person], lost: Group | None = None
) -> frozenset[int]:
    """Give who of these people has been shown a free request in the group, and nowhere else."""
    found = standing(turn, request, lost)
    if found is None or not found[1].alone or request.rings:
        return frozenset()
    return turn.groups.there(found[0].chat, [person.id for person in people])


def show(turn: Turn, request: Request, group: Group, why: Why, place: str, choices: Sequence[Choice]) -> None:
    """Show a request in a group, with nothing of the person who asked."""
    head = _("New: **{code}**, {place}.") if why in FIRST else _("Free again: **{code}**, {place}.")
    turn.say(
        lines(
            head(code=f"YC-{request.code}", place=place),
            matter(turn, request, group.lang),
            _("• Waiting since {since}")(since=request.opened or turn.now),
        ),
        choices,
        to=group.chat,
        kind="notice",
        about=f"request:{request.id}",
    )


def matter(turn: Turn, request: Request, lang: str) -> Text:
    """Say what a request is about by the knowledge base alone.

    That somebody has been cheated, or was fined, is nothing for the neighbours: the topics that are not named are data
    beside the service levels.  What is urgent has its card in private chats too.
    """
    if watch.urgent(turn, request) or request.topic in turn.shelf.service.unnamed:
        return _("• Somebody needs help")
    topic = turn.shelf.library.topic(request.topic, lang) if request.topic else None
    step = topic.step(request.step) if topic else None
    if topic and step:
        return _("• {topic}, stopped at “{step}”")(topic=topic.title, step=step.title)
    return _("• {topic}")(topic=topic.title) if topic else _("• Somebody needs help")


def tell(turn: Turn, found: tuple[Group, Routed] | None, text: Text) -> None:
    """Say what has become of a request where its card stands."""
    if found is not None:
        turn.say(text, to=found[0].chat, kind="notice")
