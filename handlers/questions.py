"""Answering from the knowledge base, and saying so when it does not know."""

from __future__ import annotations

from handlers import answers, guides, steps, support
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.library import Topic

GO, MORE, PERSON = "go", "more", "person"
CLOSE = 3  # topics shown when two or more are alike
LONGEST = 25  # letters of a choice


def answer(turn: Turn) -> None:
    """Answer what was asked, offer what it may have meant, or say that nobody wrote it down yet."""
    found = turn.found
    if found is None or found.verdict == "unknown" or not found.hits:
        unknown(turn)
        return
    if found.verdict == "choose":
        topics = [topic for hit in found.hits[:CLOSE] if (topic := turn.topic(hit.topic))]
        offer(turn, topics)
        return
    topic = turn.topic(found.hits[0].topic)
    if topic is None:
        unknown(turn)
        return
    tell(turn, topic)


def tell(turn: Turn, topic: Topic) -> None:
    """Give a topic's answer, and the ways on; what was interrupted is offered again."""
    standing = steps.current(turn) if turn.talk.at != "end" else None
    turn.change(topic=topic.id)
    if standing is not None and standing.id != topic.id:
        turn.say(brief(topic))
        steps.again(turn, _("Back to where we were:"))
        return
    if standing is not None:
        steps.again(turn, as_is(topic.answer))
        return
    turn.asks("topic", topic.id, context=topic.id)
    choices = []
    if topic.steps:
        choices.append(Choice(GO, _("Step by step")))
    if topic.more:
        choices.append(Choice(MORE, _("Tell me more")))
    choices.append(Choice(PERSON, _("Ask a person")))
    turn.say(as_is(topic.answer), choices)


def offer(turn: Turn, topics: list[Topic]) -> None:
    """Ask which of a few topics was meant."""
    if not topics:
        unknown(turn)
        return
    if turn.talk.doing.startswith("guide "):
        turn.hold("topics", "which")
    else:
        turn.asks("topics", "which")
    choices = [Choice(topic.id, as_is(short(topic.title))) for topic in topics]
    turn.say(_("Which of these is it?"), [*choices, Choice(PERSON, _("None of these"))])


def unknown(turn: Turn) -> None:
    """Say that it is not known, and offer a person."""
    if turn.talk.doing.startswith("guide ") and turn.talk.at != "end":
        steps.again(
            turn,
            _(
                "Tổ Số does not know about that. Type “a person” and a helper will answer. Back to where we were:"
            ),
        )
        return
    turn.asks("unknown", "person", words=turn.text[:500])
    turn.say(
        _("Tổ Số does not know that one. Shall it be passed on to a person?"),
        [Choice("yes", _("Yes, pass it on")), Choice("no", _("No, thanks"))],
    )


def take(turn: Turn) -> bool:
    """Take a choice under an answer; False when the person said something else."""
    doing, pressed = turn.talk.doing, answers.pressed(turn)
    if doing == "unknown":
        if (pressed and pressed[0] == "yes") or (not pressed and answers.yes(turn)):
            words = turn.talk.kept.get("words", "")
            turn.end()
            support.open_free(turn, words)
            return True
        if (pressed and pressed[0] == "no") or (not pressed and answers.no(turn)):
            turn.end()
            turn.say(_("All right. Ask anything, any time."))
            return True
        return False
    if pressed is None:
        return False
    if doing == "topics":
        turn.end()
        if pressed[0] == PERSON:
            support.open_free(turn, "")
            return True
        topic = turn.topic(pressed[0])
        if topic is None:
            return False
        tell(turn, topic)
        return True
    return choose(turn, pressed[0], turn.talk.topic)


def choose(turn: Turn, name: str, topic_id: str) -> bool:
    """Do what a choice under an answer says, now or long after; False when it is none of these."""
    topic = turn.topic(topic_id)
    if topic is None:
        return False
    match name:
        case "go" if topic.steps:
            guides.start(turn, topic)
        case "more":
            more(turn, topic)
        case "person":
            support.open_topic(turn, topic)
        case _:
            return False
    return True


def more(turn: Turn, topic: Topic) -> None:
    """Tell what else there is to a topic."""
    words = "\n\n".join(topic.more) if topic.more else topic.answer
    standing = steps.current(turn) if turn.talk.at != "end" else None
    if standing is not None:
        turn.say(as_is(words))
        steps.again(turn, _("Back to where we were:"))
        return
    turn.asks("topic", topic.id, context=topic.id)
    choices = [Choice(GO, _("Step by step"))] if topic.steps else []
    turn.say(as_is(words), [*choices, Choice(PERSON, _("Ask a person"))])


def source(turn: Turn) -> None:
    """Say where the last answer comes from, and when it was checked."""
    topic = turn.topic(turn.talk.topic)
    if topic is None:
        turn.say(_("Ask something first; then “source” tells where the answer comes from."))
        return
    lines = "\n".join(f"• {entry.title}: {entry.url}" for entry in topic.sources)
    turn.say(
        _("{title}\n{sources}\nChecked on {day}; kept by {owner}."),
        title=as_is(f"**{topic.title}**"),
        sources=as_is(lines),
        day=topic.checked,
        owner=as_is(topic.owner),
    )
    steps.again(turn)


def brief(topic: Topic) -> Text:
    """Give the answer alone, for someone who is in the middle of something else."""
    if not topic.steps:
        return as_is(topic.answer)
    return _("{answer}\nFor this step by step, type {code}.")(
        answer=as_is(topic.answer), code=topic.steps[0].code
    )


def short(title: str) -> str:
    """Give a title that fits on a button."""
    return title if len(title) <= LONGEST else title[: LONGEST - 1].rstrip() + "…"
