"""The second person's side of an answer: reads it back whole, approves it, or returns it with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import msgspec

from handlers import answers, editing, filing, misses, proposals, upkeep
from handlers.editing_form import group_of, resume
from handlers.records.misses import Answer
from handlers.rules.reporting import local_day
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.draft import telling
from knowledge.folding import fold

DOING = "judging"
LONGEST = 500  # letters of a reason
EXAMPLES = 8  # questions shown of an answer
AFTER = timedelta(seconds=10)  # in which processes take an approved answer in, before anybody is told of it
_CODE = r"\d[a-z]\d(?:[a-z]\d)*[a-z]?"
_TYPED = re.compile(rf"(?P<verb>[a-z ]+?) tl (?P<code>{_CODE})")


def _whole(turn: Turn, answer: Answer) -> Text:
    """Read an answer back, with all that a second person has to look at."""
    if answer.kind == "date":
        return upkeep.held(turn, answer)
    parts: list[Text] = [as_is(f"**{answer.title}**")]
    topic = turn.topic(answer.topic) if answer.kind == "wording" else None
    if topic is not None:
        parts.append(as_is(topic.answer))
    if answer.kind == "topic":
        parts.append(as_is(answer.text))
        if answer.title_en:
            parts += [as_is(f"**{answer.title_en}**"), as_is(answer.text_en)]
        parts.append(_("Source: {source}")(source=as_is(f"{answer.source} {answer.url}".strip())))
        if figures := telling(answer.title, answer.text, answer.title_en, answer.text_en):
            told = _("Compare with the source: {figures}.")
            parts.append(told(figures=as_is(", ".join(figures))))
        parts.append(_("Holds until {day}.")(day=answer.expires or local_day(turn.now)))
    said = ", ".join(f"“{words}”" for _lang, words in answer.wordings[:EXAMPLES])
    if said:
        parts.append(_("Questions that lead here: {questions}")(questions=as_is(said)))
    return lines(*parts)


def _of(turn: Turn, code: str) -> Answer | None:
    """Give the answer of a card, where this person is an editor of its office."""
    answer = turn.misses.by_code(code)
    return answer if answer and any(unit.id == answer.unit for unit in proposals.offices(turn)) else None


def see(turn: Turn, code: str) -> bool:
    """Show an answer whole; who may judge it gets the ways to do so."""
    answer = _of(turn, code)
    if answer is None:
        return False
    if answer.state != "waiting":
        turn.say(_STATES[answer.state](code=proposals.written(answer)))
        return True
    may = answer.author != turn.person.id
    ways = [
        Choice("answer-approve", _("Approve"), answer.code),
        Choice("answer-return", _("Return with a reason"), answer.code),
    ]
    own = _("It waits for a second person.")
    turn.say(_whole(turn, answer) if may else lines(_whole(turn, answer), own), ways if may else ())
    return True


_STATES: dict[str, Text] = {
    "waiting": _("{code} waits for approval."),
    "approved": _("{code} has been approved already."),
    "returned": _("{code} was returned and is with its author."),
    "dropped": _("{code} was dropped by its author."),
}


def _may_judge(turn: Turn, answer: Answer) -> bool:
    if answer.state != "waiting":
        turn.say(_STATES[answer.state](code=proposals.written(answer)))
        return False
    if answer.author == turn.person.id:
        turn.say(_("A second person has to approve it, not its author."))
        return False
    return True


def approve(turn: Turn, code: str) -> bool:
    """Approve an answer: it is laid over the topics, and who asked is told once it is in use."""
    answer = _of(turn, code)
    if answer is None:
        return False
    if not _may_judge(turn, answer):
        return True
    answer = turn.misses.save(
        msgspec.structs.replace(answer, state="approved", judge=turn.person.id, decided=turn.now)
    )
    _take_late(turn, answer)
    turn.note("approved", proposals.about(answer))
    misses.later(turn, answer, AFTER)
    waits = len({miss.person for miss in turn.misses.promised(answer.id, misses.BATCH)})
    told = _("Approved. {code} is in use within a minute.")(code=proposals.written(answer))
    turn.say(lines(told, _("To be told: {n}.")(n=waits)) if waits else told)
    turn.say(
        _("{who} has approved {code}: {title}."),
        to=answer.author,
        kind="notice",
        about=proposals.about(answer),
        who=filing.who(turn, turn.person.id, first=True),
        code=proposals.written(answer),
        title=proposals.title(turn, answer),
    )
    return True


def _take_late(turn: Turn, answer: Answer) -> None:
    """Take the questions too that were asked like these since the answer was written."""
    unit = turn.people.unit(answer.unit)
    taken = turn.misses.taken(answer.id)
    ours = {miss.id for miss in taken}
    late = turn.misses.open(["", unit.commune if unit else ""])
    same = [
        miss.id
        for group in group_of((*taken, *late))
        if any(miss.id in ours for miss in group)
        for miss in group
        if miss.id not in ours
    ]
    if same:
        turn.misses.settle(same, answer.id)


def send_back(turn: Turn, code: str) -> bool:
    """Ask for the reason without which nothing is returned."""
    answer = _of(turn, code)
    if answer is None:
        return False
    if _may_judge(turn, answer):
        turn.hold(DOING, "reason", answer=answer.code)
        turn.say(
            _("What is to be put right? One sentence; {who} will read it. “Stop” leaves all as it is."),
            who=filing.who(turn, answer.author),
        )
    return True


def take(turn: Turn) -> bool:
    """Take the reason for returning an answer; False when something else was said."""
    command = answers.command(turn)
    if command in ("stop", "back", "pause"):
        turn.end()
        turn.say(_("All right. It still waits for approval."))
        return True
    if command or not turn.text:
        return False
    return _send_back(turn, turn.text[:LONGEST])


def _send_back(turn: Turn, words: str) -> bool:
    answer = _of(turn, turn.talk.kept.get("answer", ""))
    turn.end()
    if answer is None or not _may_judge(turn, answer):
        return answer is not None
    answer = turn.misses.save(
        msgspec.structs.replace(
            answer, state="returned", judge=turn.person.id, decided=turn.now, reason=words
        )
    )
    turn.note("returned", proposals.about(answer))
    turn.say(
        _("{code} is returned; {who} is being told."),
        code=proposals.written(answer),
        who=filing.who(turn, answer.author),
    )
    turn.say(
        lines(
            _("{who} has returned {code}, {title}:")(
                who=filing.who(turn, turn.person.id, first=True),
                code=proposals.written(answer),
                title=proposals.title(turn, answer),
            ),
            as_is(f"“{words}”"),
        ),
        [
            Choice(
                "answer-edit",
                _("Correct it"),
                answer.code,
                _("CORRECT {receipt}")(receipt=proposals.written(answer)),
            ),
            Choice(
                "answer-drop", _("Drop it"), answer.code, _("DROP {code}")(code=proposals.written(answer))
            ),
        ],
        to=answer.author,
        kind="notice",
        about=proposals.about(answer),
    )
    return True


def _returned(turn: Turn, code: str) -> Answer | None:
    answer = _of(turn, code)
    if answer is not None and (answer.state != "returned" or answer.author != turn.person.id):
        turn.say(_STATES[answer.state](code=proposals.written(answer)))
        return None
    return answer


def edit(turn: Turn, code: str) -> bool:
    """Let the author change an answer that was returned."""
    if _of(turn, code) is None:
        return False
    answer = _returned(turn, code)
    if answer is None:
        return True
    taken = turn.misses.taken(answer.id)
    first = str(taken[0].id) if taken else "0"
    if answer.kind == "date" or (answer.kind == "wording" and not taken):
        upkeep.again(turn, answer)
    elif answer.kind == "wording":
        editing.ask_topic(turn, int(first), answer.code)
    else:
        resume(turn, answer, first)
    return True


def drop(turn: Turn, code: str) -> bool:
    """Let the author give an answer up; its questions are open again."""
    if _of(turn, code) is None:
        return False
    answer = _returned(turn, code)
    if answer is not None:
        turn.misses.save(msgspec.structs.replace(answer, state="dropped"))
        turn.misses.release(answer.id)
        turn.note("dropped", proposals.about(answer))
        turn.say(_("Dropped. Its questions wait for an answer again."))
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "answer-see": see,
    "answer-approve": approve,
    "answer-return": send_back,
    "answer-edit": edit,
    "answer-drop": drop,
}
_VERBS = {
    "answer-see": {"xem", "see"},
    "answer-approve": {"duyet", "approve"},
    "answer-return": {"tra", "tra lai", "return"},
    "answer-edit": {"sua", "correct"},
    "answer-drop": {"bo", "drop"},
}


def meant(turn: Turn) -> bool:
    """Say whether words are about an answer by its code."""
    return (found := _TYPED.fullmatch(fold(turn.text))) is not None and any(
        found["verb"] in verbs for verbs in _VERBS.values()
    )


def typed_card(turn: Turn) -> bool:
    """Hear "duyệt TL-4K7" and the like, where there are no buttons to press."""
    found = _TYPED.fullmatch(fold(turn.text)) if turn.staff else None
    if found is None:
        return False
    name = next((name for name, verbs in _VERBS.items() if found["verb"] in verbs), "")
    if not name or not proposals.offices(turn):
        return False
    code = found["code"].upper()
    if name == "answer-approve" and not any(button.data == f"{name}@{code}" for button in turn.talk.offered):
        name = "answer-see"  # nobody approves what they have not just been read
    if not CARDS[name](turn, code):
        turn.say(_("No answer of your office has that code."))
    return True
