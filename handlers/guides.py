"""Walking somebody through a topic step by step, and never losing their place."""

from __future__ import annotations

import msgspec

from handlers import answers, expiry, misses, requesting, steps
from handlers.records.misses import What
from handlers.talk import Talk
from handlers.text import _, as_is
from handlers.turn import Choice, Turn
from knowledge.library import Option, Step, Topic

HELPED, NOT_YET = Choice("helped", _("Yes, it helped")), Choice("not-helped", _("Not yet"))
FAR = 30  # steps remembered for "back"


def start(turn: Turn, topic: Topic, step: str = "") -> None:
    """Begin a guide, or land on one of its steps; another one that goes on now waits for its end."""
    first = topic.step(step) or topic.steps[0]
    _enter(turn, topic, first.id)
    turn.count(topic.id, first.id, "shown")
    steps.show(turn, topic, first)


def _enter(turn: Turn, topic: Topic, step: str) -> None:
    waiting = _other(turn, topic)
    turn.hold(steps.doing(topic.id), step)
    turn.change(topic=topic.id, held=waiting)


def _other(turn: Turn, topic: Topic) -> Talk | None:
    """Give the guide to come back to: one other than this, and only one, or there would be no end to it."""
    for talk in (turn.talk, turn.talk.held):
        guide = talk is not None and talk.doing.startswith("guide ") and talk.at != "end"
        if talk and guide and talk.doing != steps.doing(topic.id):
            return msgspec.structs.replace(talk, held=None)
    return None


def land(turn: Turn, code: str) -> bool:
    """Go to the step with this code; False when there is none."""
    found = turn.shelf.library.step(code)
    topic = turn.topic(found[0]) if found else None
    if not found or topic is None or not topic.steps:
        return False
    start(turn, topic, found[1])
    return True


def take(turn: Turn) -> bool:
    """Move on, go back or call for help; False when the person said something else."""
    topic = steps.current(turn)
    if topic is None or not topic.steps:
        turn.say(
            _("That guide has been rewritten since, so it cannot go on where it stood. Ask again, please.")
        )
        turn.end()
        return True
    step = topic.step(turn.talk.at)
    if turn.talk.at == "end":
        return _thanked(turn, topic)
    if step is None:
        turn.count(topic.id, topic.steps[0].id, "shown")
        steps.show(
            turn,
            topic,
            topic.steps[0],
            before=_("This guide has changed since, so it starts again from the top."),
        )
        return True
    match answers.command(turn):
        case "back":
            back(turn, topic)
            return True
        case "pause":
            turn.say(
                _("Kept at this step. Type “continue” any time, or {code} to come straight here.")(
                    code=step.code
                )
            )
            turn.change(kept={**turn.talk.kept, "paused": "yes"})
            return True
        case "resume":
            steps.show(turn, topic, step)
            return True
        case "person":
            turn.count(topic.id, step.id, "help")
            requesting.open_from(turn, topic, step, turn.text)
            return True
    if _elsewhere(turn, topic):
        return False
    pressed = answers.pressed(turn, loosely=True)
    if pressed is None:
        return False
    name, context = pressed
    if context and context != step.code:
        return False
    option = step.option(name)
    if option is None:
        return False
    _asked_too(turn, topic)
    follow(turn, topic, step, option)
    return True


def _elsewhere(turn: Turn, topic: Topic) -> bool:
    """Say whether free words ask about another matter, whatever label they remind of."""
    found = turn.found
    if not answers.asks(turn.text) or found is None or found.verdict != "answer":
        return False
    return found.hits[0].topic != topic.id and not answers.parts(turn.text)[0] and not answers.pressed(turn)


def _asked_too(turn: Turn, topic: Topic) -> None:
    """Answer what was asked in the same breath as a choice was made."""
    rest = answers.parts(turn.text)[1]
    if not rest or not answers.asks(rest):
        return
    found = turn.found
    other = turn.topic(found.hits[0].topic) if found and found.verdict == "answer" else None
    if other is None:
        misses.keep(turn, "unknown", rest)
        turn.say(_("Tổ Số does not know about that. Type “a person” and a helper will answer."))
    elif other.id != topic.id:
        turn.say(steps.brief(turn, other))
        turn.change(topic=other.id)


def old_press(turn: Turn, code: str, name: str) -> bool:
    """Do what a button of an earlier step said, if that is still possible; False when no step has that code."""
    found = turn.shelf.library.step(code)
    topic = turn.topic(found[0]) if found else None
    step = topic.step(found[1]) if topic and found else None
    if topic is None or step is None:
        return False
    option = step.option(name)
    if turn.talk.doing.startswith("form "):
        return False
    if turn.talk.doing != steps.doing(topic.id):
        _enter(turn, topic, step.id)
        turn.count(topic.id, step.id, "shown")
    elif turn.talk.at not in (step.id, "end"):
        turn.count(topic.id, turn.talk.at, "back")
        turn.count(topic.id, step.id, "shown")
    if option is None:
        steps.show(
            turn,
            topic,
            step,
            before=_("That choice is no longer part of this guide. This is the step as it is now."),
        )
    else:
        been = turn.talk.trail
        turn.change(at=step.id, trail=been[: been.index(step.id)] if step.id in been else been)
        follow(turn, topic, step, option)
    return True


def follow(turn: Turn, topic: Topic, step: Step, option: Option) -> None:
    """Do what a choice says."""
    turn.count(topic.id, step.id, _what(step, option))
    match option.kind:
        case "help":
            requesting.open_from(turn, topic, step, option.label)
        case "done":
            turn.change(at="end", context=f"end.{step.code}", trail=(), kept={"last": step.id})
            if steps.last(topic, step):
                turn.say(_("All done. Did this guide help?"), [HELPED, NOT_YET])
            else:
                again = _("All right. To go on from here some day, type {code}. Did this guide help so far?")
                turn.say(again(code=step.code), [HELPED, NOT_YET])
        case "topic":
            other = turn.topic(option.target)
            if other is None:
                steps.show(turn, topic, step)
            elif other.steps:
                start(turn, other)
            else:
                turn.say(expiry.dated(turn, other, as_is(other.answer)))
                turn.change(topic=other.id)
                turn.count(topic.id, step.id, "shown")
                steps.show(turn, topic, step)
        case _:
            after = topic.step(option.target)
            if after is None:
                steps.show(turn, topic, step)
                return
            been = (*turn.talk.trail, step.id)[-FAR:]
            turn.change(trail=been[: been.index(after.id)] if after.id in been else been)
            turn.count(topic.id, after.id, "shown")
            steps.show(turn, topic, after)


def _what(step: Step, option: Option) -> What:
    """Say what a choice counts as."""
    if option.kind == "help" or option.kind == "done":
        return option.kind
    return "on" if option == step.onward else "stuck"


def back(turn: Turn, topic: Topic) -> None:
    """Go to the step before; the first step stays where it is."""
    trail = turn.talk.trail
    if not trail and turn.talk.held:
        turn.end()
        steps.again(turn)
        return
    before = (topic.step(trail[-1]) if trail else None) or topic.steps[0]
    if before.id != turn.talk.at:
        turn.count(topic.id, turn.talk.at, "back")
        turn.count(topic.id, before.id, "shown")
    turn.change(trail=trail[:-1])
    steps.show(turn, topic, before)


def _thanked(turn: Turn, topic: Topic) -> bool:
    pressed = answers.pressed(turn, loosely=True)
    if (pressed and pressed[0] == HELPED.name) or (
        pressed is None and (answers.yes(turn) or answers.thanks(turn))
    ):
        turn.note("guide helped", f"topic:{topic.id}")
        turn.end()
        if steps.current(turn):
            steps.again(turn, _("Good. Back to where we were:"))
        else:
            turn.say(_("Good. Write any time you need something else."))
        return True
    if (pressed and pressed[0] == NOT_YET.name) or (pressed is None and answers.no(turn)):
        turn.note("guide did not help", f"topic:{topic.id}")
        last = topic.step(turn.talk.kept.get("last", "")) or topic.steps[-1]
        requesting.open_from(turn, topic, last, turn.text)
        return True
    turn.end()
    return False
