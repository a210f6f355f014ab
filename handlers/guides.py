"""Walking somebody through a topic step by step, and never losing their place."""

from __future__ import annotations

import msgspec

from handlers import answers, card, expiry, feedback, misses, requesting, steps, whom
from handlers.records.misses import What
from handlers.talk import Talk
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.library import Option, Step, Topic

HELPED, NOT_YET = Choice("helped", _("Yes, it helped")), Choice("not-helped", _("Not yet"))
FAR = 30  # steps remembered for "back"
TELLING = 4  # words that a label has not, from which on somebody tells what is the matter
LONGEST = 500  # letters of what is told so
SCREEN = 300  # letters of steps passed on the way, beside which the next one still fits a small screen
FURTHER = 3  # steps that "all done, level 2 is shown" can lead over


def start(turn: Turn, topic: Topic, step: str = "") -> None:
    """Begin a guide, or land on one of its steps; another one that goes on now waits for its end."""
    first = topic.step(step) or topic.steps[0]
    _enter(turn, topic, first.id)
    turn.count(topic.id, first.id, "shown")
    steps.show(turn, topic, first)


def _enter(turn: Turn, topic: Topic, step: str) -> None:
    waiting = _other(turn, topic)
    asked = turn.talk.kept.get("asked", "") if turn.talk.doing == "topic" else ""
    named = whom.named(asked)
    turn.hold(steps.doing(topic.id), step, **({"whom": named} if named else {}))
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
            requesting.open_from(turn, topic, step, "")
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
    _keep_said(turn, option)
    passed, step, option = _run_on(turn, topic, step, option)
    follow(turn, topic, step, option, passed)
    return True


def _keep_said(turn: Turn, option: Option) -> None:
    """Keep what was said beside a choice, for whoever helps if it comes to that; a bare choice to go on ends it."""
    first, rest = answers.parts(turn.text)
    words = rest if first.isdigit() else turn.text
    told = "" if answers.pressed(turn) or answers.beyond(option.label, words) < TELLING else words
    before = turn.talk.kept.get("said", "")
    stays = told or option.kind == "help"
    said = "; ".join(filter(None, (before, told)))[:LONGEST] if stays else ""
    _said(turn, said)


def _said(turn: Turn, words: str) -> None:
    kept = {name: value for name, value in turn.talk.kept.items() if name != "said"}
    turn.change(kept={**kept, "said": words} if words else kept)


def _run_on(turn: Turn, topic: Topic, step: Step, option: Option) -> tuple[tuple[Step, ...], Step, Option]:
    """Give the steps that the same words have answered as well, and what they choose at the last one."""
    if answers.chosen(_labels(step), turn.text) == option.name:  # a label with a comma in it is one answer
        return (), step, option
    passed: list[Step] = []
    words = turn.text
    while option.kind == "step" and (after := topic.step(option.target)) and after not in passed:
        first, rest = answers.parts(words)
        alone = answers.chosen(_labels(step), first) or answers.meant(_labels(step), first)
        if alone != option.name or len(answers.tokens(rest)) < 3 or answers.asks(rest):
            break
        way = [after]
        chosen = _meant(after, rest)
        while chosen is None and answers.finished(first) and (further := _onward(topic, way[-1])):
            if further in way or len(way) == FURTHER:
                break
            way.append(further)
            chosen = _meant(further, rest)
        if chosen is None or sum(len(one.text) for one in (*passed, *way)) > SCREEN:
            break
        passed += way
        step, option, words = way[-1], chosen, rest
    return tuple(passed), step, option


def _labels(step: Step) -> list[tuple[str, str]]:
    return [(option.name, option.label) for option in step.options]


def _meant(step: Step, words: str) -> Option | None:
    """Give the way on that words choose at a step; None where they lead to a person or to another matter."""
    option = step.option(answers.meant(_labels(step), words) or "")
    return option if option and option.kind in ("step", "done") else None


def _onward(topic: Topic, step: Step) -> Step | None:
    return topic.step(step.onward.target) if step.onward and step.onward.kind == "step" else None


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
        _said(turn, "")
        turn.change(at=step.id, trail=been[: been.index(step.id)] if step.id in been else been)
        follow(turn, topic, step, option)
    return True


def follow(turn: Turn, topic: Topic, step: Step, option: Option, passed: tuple[Step, ...] = ()) -> None:
    """Do what a choice says; what the steps say that were passed on the way is not lost."""
    before = _pass(turn, topic, passed)
    turn.count(topic.id, step.id, _what(step, option))
    match option.kind:
        case "help":
            requesting.open_from(turn, topic, step, option.label)
        case "done":
            whose = {name: value for name, value in turn.talk.kept.items() if name == "whom"}
            kept = {"last": step.id, **whose}
            turn.change(at="end", context=f"end.{step.code}", trail=(), kept=kept)
            if before is not None:
                turn.say(before)
            if steps.last(topic, step):
                if not feedback.asked_at_end(turn, topic):
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
            _come(turn, step, after)
            turn.count(topic.id, after.id, "shown")
            steps.show(turn, topic, after, before, anew=True)


def _come(turn: Turn, step: Step, after: Step) -> None:
    """Remember the step that somebody comes from."""
    been = (*turn.talk.trail, step.id)[-FAR:]
    turn.change(trail=been[: been.index(after.id)] if after.id in been else been)


def _pass(turn: Turn, topic: Topic, passed: tuple[Step, ...]) -> Text | None:
    """Go through steps that are answered already; give what they say, None where there are none."""
    told = []
    at = topic.step(turn.talk.at)
    for step in passed:
        if at is not None:
            turn.count(topic.id, at.id, "on" if at.onward and at.onward.target == step.id else "stuck")
            _come(turn, at, step)
        turn.count(topic.id, step.id, "shown")
        told.append(card.with_desk(turn, as_is(step.text), wanted=step.desk))
        at = step
    return lines(*told) if told else None


def go_on(turn: Turn, topic: Topic, step: Step, before: Text) -> None:
    """Go on behind a step at which somebody was stuck, now that a helper has seen to it."""
    after = _onward(topic, step)
    if after is None:
        steps.show(turn, topic, step, before)
        return
    turn.count(topic.id, step.id, "on")
    _come(turn, step, after)
    turn.count(topic.id, after.id, "shown")
    steps.show(turn, topic, after, before, anew=True)


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
