"""Showing a step of a guide, and finding the one a talk stands at."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers import card, expiry, step_media
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.library import Step, Topic

RESTED = timedelta(hours=12)  # after this a new question is not taken for an interruption


def doing(topic: str) -> str:
    """Say what a talk in this guide is doing."""
    return f"guide {topic}"


def current(turn: Turn) -> Topic | None:
    """Give the guide this talk stands in, as it is today."""
    name, _, topic = turn.talk.doing.partition(" ")
    return turn.topic(topic) if name == "guide" else None


def show(turn: Turn, topic: Topic, step: Step, before: Text | None = None, *, anew: bool = False) -> None:
    """Say a step with its ways on; it becomes the open question.

    What stands before it is said of a step that only comes back, unless it is come to anew.
    """
    turn.asks(
        doing(topic.id), step.id, context=step.code, shown=turn.now.isoformat(timespec="minutes"), paused=""
    )
    text = card.with_desk(turn, expiry.dated(turn, topic, as_is(step.text)), wanted=step.desk)
    parts = _("{head}\n{text}")(head=head(turn, topic, step), text=text)
    if before is None or anew:
        step_media.show(turn, step.code)  # not once more where the step only comes back
    if before is not None:
        parts = _("{before}\n{ask}")(before=before, ask=parts)
    turn.say(parts, [Choice(option.name, as_is(option.label)) for option in step.options])


def head(turn: Turn, topic: Topic, step: Step) -> Text:
    """Name a step and say how far it is: exactly where the guide is straight, about where it branches."""
    title = as_is(step.title)
    if topic.straight:
        return _("**Step {n}/{all}. {title}**")(n=step.position, all=len(topic.steps), title=title)
    n = max(len(turn.talk.trail) + 1, step.position)  # a step code leads right into the middle
    if last(topic, step):
        return _("**Step {n}, the last. {title}**")(n=n, title=title)
    left = len(topic.way(step)) - 1  # one less with every step of whoever gets stuck at none
    if left == 0 or step.longest_left == 0:  # a side way, which ends or leads back
        return _("**Step {n}. {title}**")(n=n, title=title)
    return _("**Step {n}. {title}** (about {left} more)")(n=n, title=title, left=left)


def last(topic: Topic, step: Step) -> bool:
    """Say whether who stands here has gone all the way."""
    return step.id == topic.steps[-1].id and step.options[0].kind == "done"


def again(turn: Turn, before: Text | None = None) -> None:
    """Offer once more the step this talk stands at, after something else was answered."""
    topic = current(turn)
    step = topic.step(turn.talk.at) if topic else None
    if topic and step:
        show(turn, topic, step, before)


def under_way(turn: Turn) -> Topic | None:
    """Give the guide that somebody is in the middle of; None where it is left for now, or has ended."""
    kept = turn.talk.kept
    shown = kept.get("shown", "")
    if turn.talk.at == "end" or kept.get("paused"):
        return None
    if shown and turn.now - datetime.fromisoformat(shown) > RESTED:
        return None
    return current(turn)


def brief(turn: Turn, topic: Topic) -> Text:
    """Give an answer alone, for someone who is in the middle of something else."""
    answer = expiry.dated(turn, topic, as_is(topic.answer))
    if not topic.steps:
        return answer
    return _("{answer}\nFor this step by step, type {code}.")(answer=answer, code=topic.steps[0].code)
