"""A question that had no answer, or the wrong one: kept without its asker, who may be told once there is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from handlers import answers, expiry
from handlers.records.misses import Answer, Miss, Why
from handlers.rules import guard
from handlers.rules.reporting import may_send, next_allowed
from handlers.talk import Due
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.library import Topic

DOING = "missed"
WRONG = Choice("wrong", _("Not what I meant"))
TELL, LEAVE = Choice("yes", _("Yes, write to me")), Choice("no", _("No, thanks"))
TERMS = "2026-11"  # version of the words by which somebody agrees to be told
LONGEST = 300  # letters that are kept of a question
SHOWN = 3  # topics that were shown, kept with it
BATCH = 40  # people told in one turn
_PRIVATE = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d(?:[ .-]?\d){5,}")  # addresses, numbers of anybody


def masked(words: str) -> str:
    """Give words as they may outlive their talk: without secrets, telephone numbers and addresses."""
    return _PRIVATE.sub(guard.DOTS, guard.mask(" ".join(words.split())).text)[:LONGEST]


def keep(turn: Turn, why: Why, words: str, shown: Sequence[str] = ()) -> int:
    """Keep a question, masked and nobody's; give its number."""
    lang = turn.found.lang if turn.found and turn.text else turn.lang
    return turn.misses.keep(
        Miss(
            why=why,
            words=masked(words),
            lang=lang,
            commune=turn.person.commune or turn.shelf.office.commune,
            shown=" ".join(shown[:SHOWN])[:200],
        )
    )


def offer(turn: Turn, miss: int, before: Text) -> None:
    """Ask, in one tap, whether the person wants to be told once there is an answer."""
    turn.hold(DOING, "tell", miss=str(miss))
    ask = _(
        "Shall Tổ Số write to you once there is an answer? Until then it keeps the question and where to "
        "write to, 12 months at most. “Delete my data” removes it at once."
    )
    turn.say(lines(before, ask), [TELL, LEAVE])


def take(turn: Turn) -> bool:
    """Take the answer to that; False when something else was said."""
    pressed = answers.pressed(turn, loosely=True)
    miss = int(turn.talk.kept.get("miss", "0"))
    agreed = (pressed and pressed[0] == TELL.name) or (not pressed and answers.yes(turn))
    declined = (pressed and pressed[0] == LEAVE.name) or (not pressed and answers.no(turn))
    turn.end()
    if agreed and turn.misses.promise(miss, turn.person.id):
        turn.note(f"agreed to be told (terms {TERMS})", f"miss:{miss}")
        turn.say(_("All right. The answer will come here. Ask anything else, any time."))
    elif agreed or declined:
        turn.say(_("All right. Ask anything, any time."))
    return bool(agreed or declined)


def wrong(turn: Turn, topic: Topic, words: str) -> None:
    """Keep that an answer was not what was meant, and offer to write once there is a better one."""
    miss = keep(turn, "unhelpful", words, [topic.id])
    offer(turn, miss, _("Thank you, that is noted."))


# --- once there is an answer ---


def tell(turn: Turn) -> None:
    """Tell everybody who asked and agreed, once each; first the answer has to be in use."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    answer = turn.misses.by_number(int(facts["answer"]))
    if answer is None or answer.state != "approved":
        return
    verdict = may_send(turn.now, turn.shelf.calendar)
    if not verdict.ok:
        later(turn, answer, verdict.then - turn.now)
        return
    if not in_use(turn, answer):
        waited = int(facts.get("waited", "0")) + 1
        later(turn, answer, timedelta(minutes=min(60, waited)), waited)
        return
    asked = turn.misses.promised(answer.id, BATCH)
    told: dict[int, Miss] = {}
    for miss in asked:
        told.setdefault(miss.person, miss)
    for person, miss in told.items():
        _tell(turn, answer, person, miss)
    if asked:
        turn.misses.told(answer.id, list(told))
        turn.note(f"told {len(told)} who had asked", f"answer:{answer.id}", 0)
    if len(asked) == BATCH:
        later(turn, answer, timedelta(seconds=5))


def later(turn: Turn, answer: Answer, wait: timedelta, waited: int = 0) -> None:
    """Have the askers of an answer told in allowed hours, not before so long."""
    at = next_allowed(turn.now + wait, turn.shelf.calendar)
    turn.later(
        f"answer:{answer.id}:{at.isoformat()}",
        at,
        "misses.tell",
        f"answer:{answer.id}",
        answer=str(answer.id),
        waited=str(waited),
    )


def in_use(turn: Turn, answer: Answer) -> bool:
    """Say whether the knowledge in use has this answer already."""
    library = turn.shelf.library
    return all(
        (topic := library.topic(answer.topic, lang)) is not None and question in topic.questions
        for lang, question in answer.wordings
    ) and any(answer.topic in shelf for shelf in library.shelves.values())


def _tell(turn: Turn, answer: Answer, person: int, miss: Miss) -> None:
    asker = turn.people.get(person)
    topic = turn.shelf.library.topic(answer.topic, asker.lang or miss.lang)
    if topic is None:
        return
    if miss.words:
        told = _("You asked: “{words}”. Now there is an answer:")(words=as_is(miss.words))
    else:
        told = _("About “{title}” there is a better answer now:")(title=as_is(topic.title))
    told = lines(told, expiry.dated(turn, topic, as_is(topic.answer)))
    choices = []
    if topic.steps:
        code = topic.steps[0].code
        choices.append(Choice("go", _("Step by step"), topic.id, as_is(code)))
    turn.say(
        told,
        choices,
        to=asker,
        kind="notice",
        about=f"answer:{answer.id}",
        not_before=next_allowed(turn.now, turn.shelf.calendar),
    )


DUE: dict[str, Callable[[Turn], None]] = {"misses.tell": tell}
