"""Walking somebody through a topic step by step, and never losing their place."""

from __future__ import annotations

from handlers import answers, steps, support
from handlers.text import _, as_is
from handlers.turn import Choice, Turn
from knowledge.library import Option, Step, Topic

HELPED, NOT_YET = Choice("helped", _("Yes, it helped")), Choice("not-helped", _("Not yet"))
FAR = 30  # steps remembered for "back"


def start(turn: Turn, topic: Topic, step: str = "") -> None:
    """Begin a guide, or land on one of its steps."""
    first = topic.step(step) or topic.steps[0]
    turn.hold(steps.doing(topic.id), first.id)
    turn.change(topic=topic.id, held=None)
    steps.show(turn, topic, first)


def land(turn: Turn, code: str) -> bool:
    """Go to the step with this code; False when there is none."""
    found = turn.shelf.library.step(code)
    topic = turn.topic(found[0]) if found else None
    if not found or topic is None:
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
            turn.change(offered=turn.talk.offered)
            return True
        case "resume":
            steps.show(turn, topic, step)
            return True
        case "person":
            support.open_from(turn, topic, step, turn.text)
            return True
    pressed = answers.pressed(turn)
    if pressed is None:
        return False
    name, context = pressed
    if context and context != step.code:
        return False
    option = step.option(name)
    if option is None:
        return False
    follow(turn, topic, step, option)
    return True


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
        turn.hold(steps.doing(topic.id), step.id)
        turn.change(held=None, topic=topic.id)
    if option is None:
        steps.show(
            turn,
            topic,
            step,
            before=_("That choice is no longer part of this guide. This is the step as it is now."),
        )
    else:
        turn.change(at=step.id)
        follow(turn, topic, step, option)
    return True


def follow(turn: Turn, topic: Topic, step: Step, option: Option) -> None:
    """Do what a choice says."""
    match option.kind:
        case "help":
            support.open_from(turn, topic, step, option.label)
        case "done":
            turn.change(at="end", context=f"end.{step.code}", trail=())
            turn.say(_("All done. Did this guide help?"), [HELPED, NOT_YET])
        case "topic":
            other = turn.topic(option.target)
            if other is None:
                steps.show(turn, topic, step)
            elif other.steps:
                start(turn, other)
            else:
                turn.say(as_is(other.answer))
                turn.change(topic=other.id)
                steps.show(turn, topic, step)
        case _:
            after = topic.step(option.target)
            if after is None:
                steps.show(turn, topic, step)
                return
            turn.change(trail=(*turn.talk.trail, step.id)[-FAR:])
            steps.show(turn, topic, after)


def back(turn: Turn, topic: Topic) -> None:
    """Go to the step before; the first step stays where it is."""
    trail = turn.talk.trail
    before = topic.step(trail[-1]) if trail else topic.steps[0]
    turn.change(trail=trail[:-1])
    steps.show(turn, topic, before or topic.steps[0])


def _thanked(turn: Turn, topic: Topic) -> bool:
    pressed = answers.pressed(turn)
    if (pressed and pressed[0] == HELPED.name) or (pressed is None and answers.yes(turn)):
        turn.note("guide helped", f"topic:{topic.id}")
        turn.end()
        turn.say(_("Good. Write any time you need something else."))
        return True
    if (pressed and pressed[0] == NOT_YET.name) or (pressed is None and answers.no(turn)):
        turn.note("guide did not help", f"topic:{topic.id}")
        last = topic.steps[-1]
        support.open_from(turn, topic, last, turn.text)
        return True
    turn.end()
    return False
