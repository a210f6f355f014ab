"""Showing a step of a guide, and finding the one a talk stands at."""

from __future__ import annotations

from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.library import Step, Topic


def doing(topic: str) -> str:
    """Say what a talk in this guide is doing."""
    return f"guide {topic}"


def current(turn: Turn) -> Topic | None:
    """Give the guide this talk stands in, as it is today."""
    name, _, topic = turn.talk.doing.partition(" ")
    return turn.topic(topic) if name == "guide" else None


def show(turn: Turn, topic: Topic, step: Step, before: Text | None = None) -> None:
    """Say a step with its ways on; it becomes the open question."""
    turn.asks(doing(topic.id), step.id, context=step.code)
    parts = _("{progress} {title}\n{text}")(
        progress=progress(turn, topic, step), title=as_is(f"**{step.title}**"), text=as_is(step.text)
    )
    if before is not None:
        parts = _("{before}\n{ask}")(before=before, ask=parts)
    turn.say(parts, [Choice(option.name, as_is(option.label)) for option in step.options])


def progress(turn: Turn, topic: Topic, step: Step) -> Text:
    """Say how far it is: exactly where the guide is straight, about where it branches."""
    if topic.straight:
        return _("**Step {n}/{all}.**")(n=step.position, all=len(topic.steps))
    if step.longest_left == 0:
        return _("**Last step.**")
    return _("**Step {n}** (about {left} more).")(
        n=len(turn.talk.trail) + 1, left=max(1, round((step.shortest_left + step.longest_left) / 2))
    )


def again(turn: Turn, before: Text | None = None) -> None:
    """Offer once more the step this talk stands at, after something else was answered."""
    topic = current(turn)
    step = topic.step(turn.talk.at) if topic else None
    if topic and step:
        show(turn, topic, step, before)
