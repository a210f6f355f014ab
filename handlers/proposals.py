"""Answers that wait for a second person: whose they are, how they are called, and who is told of a new one."""

from __future__ import annotations

import msgspec

from handlers import filing
from handlers.records.misses import Answer, Miss
from handlers.records.people import Person, Unit
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.library import Topic


def offices(turn: Turn) -> list[Unit]:
    """Give the offices whose editor this person is."""
    roles = turn.people.roles(turn.person.id) if turn.staff else ()
    units = (turn.people.unit(role.place) for role in roles if role.kind == "editor")
    return [unit for unit in units if unit is not None]


def propose(turn: Turn, answer: Answer, group: tuple[Miss, ...], code: str = "") -> None:
    """Send an answer to a group of questions for approval, and tell those who may approve it."""
    if group and offices(turn):
        put_forward(turn, answer, group, code)
    else:
        turn.say(_("Somebody has answered that one meanwhile."))


def put_forward(turn: Turn, answer: Answer, group: tuple[Miss, ...] = (), code: str = "") -> None:
    """Send for approval what an office's editor wrote, anew after it was returned."""
    mine = offices(turn)
    place = {unit.commune: unit for unit in mine}
    unit = place.get(group[0].commune if group else turn.person.commune, mine[0])
    before = turn.misses.by_code(code) if code else None
    answer = msgspec.structs.replace(answer, unit=unit.id, author=turn.person.id, owner=unit.name)
    if before is not None and before.state == "returned" and before.author == turn.person.id:
        answer = msgspec.structs.replace(
            answer, id=before.id, code=before.code, version=before.version, at=turn.now
        )
        answer = turn.misses.save(answer)
    else:
        answer = turn.misses.propose(answer)
        turn.misses.settle([miss.id for miss in group], answer.id)
    turn.note("sent for approval", about(answer))
    judges = _judges(turn, answer)
    for judge in judges:
        turn.say(
            lines(_told(turn, answer, group), _("A second person has to approve it.")),
            [Choice("answer-see", _("See it"), answer.code, _("SEE {code}")(code=written(answer)))],
            to=judge,
            kind="notice",
            about=about(answer),
        )
    told = _("Sent for approval as **{code}**.")(code=written(answer))
    if judges:
        turn.say(told)
    else:
        alone = _(
            "Nobody else may approve it yet. Ask your office for a second editor: `toso invite editor`."
        )
        turn.say(lines(told, alone))


def _told(turn: Turn, answer: Answer, group: tuple[Miss, ...]) -> Text:
    who, named = filing.who(turn, turn.person.id, first=True), title(turn, answer)
    if answer.kind == "date":
        return _("{who} has compared with its sources again: {title}.")(who=who, title=named)
    if not group:
        return _("{who} adds a question to: {title}.")(who=who, title=named)
    return _("{who} has answered what people asked {n} times: {title}.")(who=who, n=len(group), title=named)


def _judges(turn: Turn, answer: Answer) -> list[Person]:
    return [one for one in turn.people.holding("editor", answer.unit) if one.id != answer.author]


def named(turn: Turn, words: str) -> Topic | None:
    """Give the topic that a code or an id names; None where words name none."""
    coded = turn.shelf.library.step(fold(words).replace(" ", "").upper())
    return turn.topic(coded[0]) if coded else turn.topic(words.strip().lower())


def written(answer: Answer) -> str:
    return f"TL-{answer.code}"


def about(answer: Answer) -> str:
    return f"answer:{answer.id}"


def title(turn: Turn, answer: Answer) -> Text:
    topic = turn.topic(answer.topic) if answer.kind != "topic" else None
    return as_is(topic.title if topic else answer.title)
