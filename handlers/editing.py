"""The editor's side of questions without an answer: grouped, answered once, and approved by a second person.

Nothing here writes a file: an approved answer is a record, and every process lays it over its topics.
"""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec

from handlers import answers, forms, proposals, questions
from handlers.editing_form import FORM, changing, gathered, group_of
from handlers.records.misses import NOT_NEEDED, Answer, Miss
from handlers.records.people import Unit
from handlers.rules.losses import losses
from handlers.rules.reporting import local_day
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.draft import wordings
from knowledge.folding import fold
from knowledge.library import Topic

DOING = "editing"
PAGE = 3  # groups and answers on one list
EXAMPLES = 4  # wordings shown of a group
PLACES = 5  # steps shown where people get stuck
WEEKS = 4

POINT = Choice("point", _("There is an answer"))
WRITE = Choice("write", _("Write an answer"))
NEEDLESS = Choice("needless", _("Needs no answer"))
LATER = Choice("later", _("Not now"))
SEND, OTHER = Choice("send", _("Send for approval")), Choice("other", _("Another topic"))
_LEAVE_OUT = re.compile(r"(?:bo|bo cau|leave out) (\d{1,2})")


# --- what waits ---


def begin(turn: Turn, page: int = 0) -> bool:
    """List what waits for an editor; False where this person is none."""
    mine = proposals.offices(turn)
    if not mine:
        return False
    waiting = [
        answer
        for answer in turn.misses.waiting([unit.id for unit in mine])
        if answer.author != turn.person.id
    ]
    groups = _groups(turn, mine)
    every: list[tuple[Text, Choice]] = [
        (
            _("• To approve, {code}: {title}")(
                code=proposals.written(answer), title=proposals.title(turn, answer)
            ),
            Choice("answer-see", as_is(questions.short(f"{proposals.written(answer)}")), answer.code),
        )
        for answer in waiting
    ]
    for group in groups:
        words = _heading(turn, group)
        told = _("• {n} times: {words}")(n=len(group), words=words)
        every.append((told, Choice(f"miss-{group[0].id}", _short(turn, group))))
    shown = every[page * PAGE : (page + 1) * PAGE]
    if not shown:
        if turn.talk.doing == DOING:
            turn.end()
        turn.say(_("No question waits for an answer."))
        return True
    _stand(turn, "list", page=str(page))
    choices = [choice for _told, choice in shown]
    if len(every) > (page + 1) * PAGE:
        choices.append(Choice("further", _("Further questions")))
    turn.say(lines(_("Waiting for an answer:"), *(told for told, _choice in shown)), choices)
    return True


def _groups(turn: Turn, units: list[Unit]) -> list[tuple[Miss, ...]]:
    return group_of(turn.misses.open(["", *(unit.commune for unit in units)]))


def _heading(turn: Turn, group: tuple[Miss, ...]) -> Text:
    """Name a group by its first words, or by the topic that did not help."""
    words = next((miss.words for miss in group if miss.words), "")
    if words:
        return _("“{words}”")(words=as_is(words))
    return _("“{title}” did not help")(title=as_is(_named(turn, group[0].shown)))


def _short(turn: Turn, group: tuple[Miss, ...]) -> Text:
    words = next((miss.words for miss in group if miss.words), "") or _named(turn, group[0].shown)
    return as_is(questions.short(words))


def _named(turn: Turn, topics: str) -> str:
    topic = turn.topic(topics.partition(" ")[0])
    return topic.title if topic else topics


def _stand(turn: Turn, at: str, **kept: str) -> None:
    """Stand at a place of this conversation; what went on before waits."""
    if turn.talk.doing != DOING:
        turn.hold(DOING, at, **kept)
        turn.change(context=f"{DOING}.{at}")
        return
    turn.asks(DOING, at, context=f"{DOING}.{at}", **kept)


def take(turn: Turn) -> bool:
    """Take a choice or words within this conversation; False when something else was said."""
    command = answers.command(turn)
    if command in ("stop", "pause"):
        _leave(turn, _("All right. The questions are kept."))
        return True
    if command:
        return False
    pressed = answers.pressed(turn, loosely=turn.talk.at != "topic")
    if pressed and pressed[1] not in ("", turn.talk.context):
        return False
    name = pressed[0] if pressed else ""
    if name == LATER.name:
        return begin(turn)
    match turn.talk.at:
        case "list" if name.startswith("miss-"):
            return _show(turn, int(name.removeprefix("miss-")))
        case "list" if name == "further":
            return begin(turn, int(turn.talk.kept.get("page", "0")) + 1)
        case "group" if name:
            return _chosen(turn, name)
        case "topic":
            return _point(turn, name)
        case "sure":
            return _sure(turn, name)
    return False


def _leave(turn: Turn, told: Text) -> None:
    turn.end()
    turn.say(told)


def _group(turn: Turn, first: int) -> tuple[Miss, ...]:
    """Give the group as it is now that holds a question; nothing where it has been answered meanwhile."""
    for group in _groups(turn, proposals.offices(turn)):
        if any(miss.id == first for miss in group):
            return group
    return ()


def _show(turn: Turn, first: int) -> bool:
    group = _group(turn, first)
    if not group:
        turn.say(_("Somebody has answered that one meanwhile."))
        return begin(turn)
    told = _("Asked {n} times since {day}:")(n=len(group), day=local_day(group[0].at or turn.now))
    said = list(dict.fromkeys(miss.words for miss in group if miss.words))
    parts = [_("• “{words}”")(words=as_is(words)) for words in said[:EXAMPLES]]
    shown = dict.fromkeys(topic for miss in group for topic in miss.shown.split())
    if titles := "; ".join(_named(turn, topic) for topic in list(shown)[:EXAMPLES]):
        parts.append(_("Shown for it: {title}.")(title=as_is(titles)))
    if waits := len({miss.person for miss in group if miss.person}):
        parts.append(_("To be told: {n}.")(n=waits))
    _stand(turn, "group", miss=str(first))
    turn.say(lines(told, *parts), [POINT, WRITE, NEEDLESS, LATER])
    return True


def _chosen(turn: Turn, name: str) -> bool:
    first = int(turn.talk.kept["miss"])
    group = _group(turn, first)
    if not group:
        return _show(turn, first)
    match name:
        case POINT.name:
            ask_topic(turn, first)
        case WRITE.name:
            english = "yes" if group[0].lang == "en" else "no"
            turn.end()
            forms.begin(turn, FORM, miss=str(first), english=english)
        case NEEDLESS.name:
            turn.misses.settle([miss.id for miss in group], NOT_NEEDED)
            turn.note("decided that no answer is needed", f"miss:{first}")
            turn.say(_("Noted: it needs no answer."))
            return begin(turn)
        case _:
            return False
    return True


# --- an answer that is there already ---


def ask_topic(turn: Turn, first: int, answer: str = "") -> None:
    """Ask which topic answers a group of questions, or those of an answer that was returned."""
    _stand(turn, "topic", miss=str(first), answer=answer, out="")
    shown = [topic for miss in _group(turn, first) for topic in miss.shown.split()]
    near = [found for topic in dict.fromkeys(shown) if (found := turn.topic(topic))]
    choices = [Choice(found.id, as_is(questions.short(found.title))) for found in near[:PAGE]]
    turn.say(_("Which topic answers it? Type a few words of it, or its code."), [*choices, LATER])


def _point(turn: Turn, name: str) -> bool:
    """Find the topic that is meant by words or by a code, and read back what would be sent."""
    topic = (turn.topic(name) if name else None) or proposals.named(turn, turn.text)
    if topic is not None:
        _read_back(turn, topic)
        return True
    hits = turn.found.hits[:PAGE] if turn.found else ()
    near = [found for hit in hits if (found := turn.topic(hit.topic))]
    _stand(turn, "topic")
    if not near:
        turn.say(_("No topic is near that. Other words, or its code?"), [LATER])
        return True
    choices = [Choice(found.id, as_is(questions.short(found.title))) for found in near]
    turn.say(_("Which of these? Or type other words."), [*choices, LATER])
    return True


def _read_back(turn: Turn, topic: Topic) -> None:
    """Show where the questions of a group would lead, and which they are."""
    group = _group(turn, int(turn.talk.kept["miss"])) or _own(turn)
    out = set(turn.talk.kept.get("out", "").split())
    said = wordings([miss.words for miss in group])
    _stand(turn, "sure", topic=topic.id)
    listed = [
        _("{n}. “{words}”")(n=n, words=as_is(words)) for n, words in enumerate(said, 1) if str(n) not in out
    ]
    turn.say(
        lines(
            _("These questions will lead to **{title}**:")(title=as_is(topic.title)),
            *listed,
            _("Names somebody? “Leave out 2” takes line 2 out. Send it for approval?"),
        ),
        [SEND, OTHER, LATER],
    )


def _own(turn: Turn) -> tuple[Miss, ...]:
    """Give the questions of the answer that was returned and is being changed."""
    answer = turn.misses.by_code(turn.talk.kept.get("answer", "") or "-")
    return turn.misses.taken(answer.id) if answer else ()


def _sure(turn: Turn, name: str) -> bool:
    topic = turn.topic(turn.talk.kept.get("topic", ""))
    if topic is None:
        return False
    if found := _LEAVE_OUT.fullmatch(fold(turn.text)):
        turn.change(kept={**turn.talk.kept, "out": f"{turn.talk.kept.get('out', '')} {found[1]}".strip()})
        _read_back(turn, topic)
        return True
    if name == OTHER.name:
        ask_topic(turn, int(turn.talk.kept["miss"]), turn.talk.kept.get("answer", ""))
        return True
    if name != SEND.name:
        return False
    kept = turn.talk.kept
    group = _group(turn, int(kept["miss"])) or _own(turn)
    out = set(kept.get("out", "").split())
    said = wordings([miss.words for miss in group])
    chosen = [words for n, words in enumerate(said, 1) if str(n) not in out]
    langs = {miss.words: miss.lang for miss in reversed(group)}
    answer = Answer(
        kind="wording",
        topic=topic.id,
        title=topic.title,
        wordings=tuple((_language(turn, topic.id, langs.get(words, "vi")), words) for words in chosen),
    )
    turn.end()
    proposals.propose(turn, answer, group, kept.get("answer", ""))
    return True


def _language(turn: Turn, topic: str, lang: str) -> str:
    """Give the language under which a wording stands: its own, where the topic is written in it."""
    return lang if topic in turn.shelf.library.shelves.get(lang, {}) else "vi"


def written(turn: Turn) -> None:
    """Send the answer that the form has gathered."""
    if changing(turn):
        return
    kept = turn.talk.kept
    group = _group(turn, int(kept["miss"])) or _own(turn)
    answer = gathered(turn, group)
    turn.end()
    proposals.propose(turn, answer, group, kept.get("answer", ""))


# --- where guides lose people ---


def lost(turn: Turn) -> bool:
    """Name the steps at which most people got no further these weeks; False where this person is no editor."""
    if not proposals.offices(turn):
        return False
    since = local_day(turn.now) - timedelta(weeks=WEEKS - 1)
    counted = losses(turn.misses.steps(f"{since:%G-W%V}"))
    steps = [loss for loss in counted if loss.lost]
    parts = []
    for loss in steps[:PLACES]:
        topic = turn.topic(loss.guide)
        step = topic.step(loss.step) if topic else None
        told = _("• {title}, {step}: {shown} came, {stuck} stuck, {left} left, {help} asked for help")
        parts.append(
            told(
                title=as_is(topic.title if topic else loss.guide),
                step=as_is(f"{step.code} {step.title}" if step else loss.step),
                shown=loss.shown,
                stuck=loss.stuck,
                left=loss.left,
                help=loss.help,
            )
        )
    head = _("Where people got stuck in {n} weeks:")(n=WEEKS)
    turn.say(lines(head, *parts) if parts else _("Nobody has got stuck in a guide in {n} weeks.")(n=WEEKS))
    return True


FORMS = (msgspec.structs.replace(FORM, done=written),)
