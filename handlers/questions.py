"""Answering from the knowledge base, and saying so when it does not know."""

from __future__ import annotations

import re

from handlers import (
    answers,
    card,
    cases,
    expiry,
    feedback,
    guides,
    misses,
    own_requests,
    requesting,
    steps,
    still_waiting,
)
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold
from knowledge.library import Topic

GO, MORE, PERSON = "go", "more", "person"
CLOSE = 3  # topics shown when two or more are alike
SURE = 0.9  # how likely the topic of words without the shape of a question must be to interrupt a guide
SAME = (
    0.1  # how likely words must be about what was just told to go on about it, though too unclear to answer
)
TOLD = 2  # paragraphs that answer what is asked of the topic at hand
SCREEN = 500  # letters of what is told at once
SOURCES = 3  # shown under an answer
FOR_STAFF = "cadre."  # topics that are not offered to citizens, who may still ask for them
# What names no matter is asked of the one at hand, "có mất tiền không"; and what a sentence says that answers it.
_GENERAL = (
    (
        r"(?:the |vay |con |roi )*(?:co )?(?:mat|ton|dong|nop|tra)(?: (?:bao nhieu|tien|phi|le phi|gi))+"
        r"(?: (?:khong|vay|the|a))*|(?:the |vay |het |phi |le phi |gia )*bao nhieu(?: tien)?(?: (?:vay|the|a))*"
        r"|is it free|does it cost(?: money| anything)?|how much(?: is it| does it cost)?",
        r"\bphí\b|nothing|\bfees?\b|\bVND\b|\bcosts?\b",
    ),
    (
        r"(?:the |vay )*(?:mat |phai )?(?:bao lau|may ngay)(?: (?:thi )?(?:co|xong|duoc|nua))*(?: (?:vay|the|a))*"
        r"|how long(?: does it take)?",
        r"(?:trong|quá|sau) \d+ (?:giờ|ngày)|thời hạn|(?:within|at most|takes|in) \d+ (?:working )?(?:hours|days)",
    ),
    (
        r"(?:the |vay )*(?:can|phai|mang|chuan bi|dem)(?: (?:can|mang|chuan bi|dem|theo|nhung))*(?: giay to)? gi"
        r"(?: (?:khong|vay|the|a))*|what (?:do i need|should i bring|do i bring|papers do i need)",
        r"chuẩn bị|cần có|mang|\bbring\b|\bprepare|have ready",
    ),
)
_CALLER = re.compile(  # somebody who says what to do
    r"\b(?:cong an|ngan hang|toa an|can bo|nhan vien|vien kiem sat|thue|dien luc|police|bank|court|officer)\b.{0,30}?"
    r"\b(?:goi|nhan tin|nhan (?:bao|cho|qua)|zalo|video|call\w*|text\w*|message\w*)\b.*"
    r"\b(?:cai|link|duong dan|chuyen|app|ung dung|otp|ma|mat khau|khoa|install|transfer|pay|code|password|money)\b"
)
_COMPLAINT = re.compile(
    r"\b(?:khieu nai|to cao|to giac|(?:nhan|an|doi) hoi lo|tham nhung|tham o|denounc\w*|bribe\w*|corrupt\w*"
    r"|(?:file|make|lodge) a complaint|complain about)\b"
)
FEEDBACK = "dvc.feedback"  # the topic about wishes and complaints; a denunciation is no wish
_SECRET = re.compile(r"\b(?:văn bản|tài liệu|công văn|báo cáo) (?:tối |tuyệt )?mật\b(?! khẩu| mã)", re.I)


def referred(turn: Turn) -> bool:
    """Say where a complaint, a denunciation or a secret belongs; none of them is taken here."""
    if _SECRET.search(turn.text):
        turn.say(_("Anything secret has no place here. Handle it as the office's own rules say."))
        return True
    found = turn.found
    if found is not None and found.verdict == "answer" and found.hits[0].topic != FEEDBACK:
        return False  # another matter, in which the word only occurs
    if _COMPLAINT.search(fold(turn.text)):
        turn.say(
            _(
                "Complaints and denunciations are not taken here. They belong to the officer who receives "
                "citizens at the People's Committee. If a procedure is late or made hard, write under "
                "**Phản ánh, kiến nghị** on dichvucong.gov.vn. In danger call 113."
            )
        )
    else:
        return False
    return True


def answer(turn: Turn) -> None:
    """Answer what was asked, offer what it may have meant, or say that nobody wrote it down yet."""
    if turn.talk.doing in ("topics", "unknown"):
        turn.end()
    found = turn.found
    if _asked_of_the_same(turn):
        return
    standing = steps.under_way(turn)
    if standing and not answers.asks(turn.text) and not _interrupts(turn, standing):
        if feedback.heard_after(turn):
            return
        steps.again(turn, _("Tổ Số is not sure what that means. Choose a line, or type “a person”."))
        return
    told = turn.topic(turn.talk.topic) if turn.talk.doing == "topic" else None
    nearest = found.hits[0] if found and found.hits and found.verdict != "answer" else None
    if told and nearest and nearest.topic == told.id and nearest.score >= SAME:
        encourage(turn, told, _("If it is still about this, go on here or ask a person."))
        return
    if found is None or found.verdict == "unknown" or not found.hits:
        unknown(turn)
        return
    if found.verdict == "choose":
        topics = [topic for hit in found.hits[:CLOSE] if (topic := turn.topic(hit.topic))]
        offer(turn, [topic for topic in topics if turn.staff or not topic.id.startswith(FOR_STAFF)])
        return
    topic = turn.topic(found.hits[0].topic)
    if topic is None:
        unknown(turn)
        return
    tell(turn, topic)


def _asked_of_the_same(turn: Turn) -> bool:
    """Answer what it costs, how long it takes or what to bring from the topic at hand."""
    topic = steps.under_way(turn) or turn.topic(turn.talk.topic)
    typed = " ".join(answers.tokens(turn.text))
    tells = next((tells for asked, tells in _GENERAL if re.fullmatch(asked, typed)), "")
    if not topic or not tells:
        return False
    sentences = re.split(
        r"(?<=[.?!])\s+", topic.answer
    )  # these have just been read; what else there is, whole
    parts = [" ".join(one for one in sentences if re.search(tells, one, re.I)), *topic.more]
    told = "\n".join([part for part in parts if re.search(tells, part, re.I)][:TOLD])
    if not told:
        unknown(turn)
    elif steps.under_way(turn):
        turn.say(as_is(told))
        steps.again(turn, _("Back to where we were:"))
    else:
        _open(turn, topic, turn.text)
        turn.say(expiry.dated(turn, topic, as_is(told)), [*_ways(topic, more=bool(topic.more)), misses.WRONG])
    return True


def _interrupts(turn: Turn, standing: Topic) -> bool:
    """Say whether words that ask nothing are about another matter all the same: "quên mật khẩu rồi"."""
    found = turn.found
    if found is None or found.verdict != "answer":
        return False
    return found.hits[0].score >= SURE and found.hits[0].topic != standing.id


def tell(turn: Turn, topic: Topic) -> None:
    """Give a topic's answer, and the ways on; what was interrupted just now is offered again."""
    standing = steps.under_way(turn)
    turn.change(topic=topic.id)
    if standing is not None:
        own = standing.id == topic.id
        told = expiry.dated(turn, topic, as_is(topic.answer)) if own else steps.brief(turn, topic)
        turn.say(card.with_desk(turn, told, wanted=topic.desk))
        steps.again(turn, _("Back to where we were:"))
        return
    _open(turn, topic, turn.text)
    told = card.with_desk(turn, expiry.dated(turn, topic, as_is(topic.answer)), wanted=topic.desk)
    turn.say(told, [*_ways(topic, more=bool(topic.more)), misses.WRONG])


def land(turn: Turn, code: str) -> bool:
    """Give the answer with this code; False when none has it."""
    found = turn.shelf.library.step(code)
    topic = turn.topic(found[0]) if found else None
    if topic is None or topic.steps:
        return False
    tell(turn, topic)
    return True


def interrupting(turn: Turn) -> Topic | None:
    """Give the topic of a question put while something else is asked for; None where it may be an answer."""
    found = turn.found
    if found is None or found.verdict != "answer":
        return None
    sure = answers.asks(turn.text) or found.hits[0].score >= SURE
    return turn.topic(found.hits[0].topic) if sure else None


def encourage(turn: Turn, topic: Topic, text: Text) -> None:
    """Say something to who was told about a topic, and offer its ways on once more."""
    _open(turn, topic)
    turn.say(text, _ways(topic, more=False))


def _open(turn: Turn, topic: Topic, asked: str = "") -> None:
    """Make a topic's answer the open question, with the words it answers; a guide left long ago waits meanwhile."""
    if turn.talk.doing.startswith("guide ") and turn.talk.at != "end":
        turn.hold("topic", topic.id)
    kept = {"asked": asked[: misses.LONGEST]} if asked else {}
    turn.asks("topic", topic.id, context=topic.id, **kept)
    turn.change(topic=topic.id)


def _ways(topic: Topic, *, more: bool) -> list[Choice]:
    choices = [Choice(GO, _("Step by step"))] if topic.steps else []
    if more:
        choices.append(Choice(MORE, _("Tell me more")))
    return [*choices, Choice(PERSON, _("Ask a person"))]


def offer(turn: Turn, topics: list[Topic]) -> None:
    """Ask which of a few topics was meant."""
    if not topics:
        unknown(turn)
        return
    if turn.talk.doing.startswith("guide "):
        turn.hold("topics", "which", words=turn.text[:500])
    else:
        turn.asks("topics", "which", words=turn.text[:500])
    choices = [Choice(topic.id, as_is(short(topic.title))) for topic in topics]
    turn.say(_("Which of these is it?"), [*choices, Choice(PERSON, _("None of these"))])


def unknown(turn: Turn) -> None:
    """Say that it is not known, and offer a person; the question is kept, without who asked it."""
    caller = bool(_CALLER.search(fold(turn.text)))
    if not caller and feedback.heard_after(turn):
        return
    miss = str(misses.keep(turn, "unknown", turn.text))
    if steps.under_way(turn):
        does_not_know = _("Tổ Số does not know about that. Type “a person” and a helper will answer.")
        steps.again(turn, lines(does_not_know, _("Back to where we were:")))
        return
    waits = None if caller else still_waiting.unread(turn)
    kept = {"words": turn.text[:500], "miss": miss, "code": waits.code if waits else ""}
    if turn.talk.doing.startswith("guide "):
        turn.hold("unknown", "person", **kept)
    else:
        turn.asks("unknown", "person", **kept)
    if waits is not None:
        told = _("{code} waits to be taken, so nobody has read this yet. Shall it be added to {code}?")
        turn.say(
            told(code=cases.written(waits)), [Choice("yes", _("Yes, add it")), Choice("no", _("No, thanks"))]
        )
        return
    told = _("Tổ Số does not know that one. Shall it be passed on to a person?")
    if caller:
        told = lines(_("Install nothing, send no money and read out no code because a caller says so."), told)
    turn.say(told, [Choice("yes", _("Yes, pass it on")), Choice("no", _("No, thanks"))])


def take(turn: Turn) -> bool:
    """Take a choice under an answer; False when the person said something else."""
    doing, pressed = turn.talk.doing, answers.pressed(turn, loosely=True)
    if doing == "unknown":
        if (pressed and pressed[0] == "yes") or (not pressed and answers.yes(turn)):
            words, code = turn.talk.kept.get("words", ""), turn.talk.kept.get("code", "")
            turn.end()
            if code:
                own_requests.add_words(turn, own_requests.find(turn, code), words)
            else:
                requesting.open_free(turn, words)
            return True
        if (pressed and pressed[0] == "no") or (not pressed and answers.no(turn)):
            miss = int(turn.talk.kept.get("miss", "0"))
            turn.end()
            misses.offer(turn, miss, _("All right."))
            return True
        return False
    if pressed is None:
        return False
    if doing == "topics":
        if pressed[0] == PERSON:
            return to_a_person(turn)
        words = turn.talk.kept.get("words", "")
        turn.end()
        topic = turn.topic(pressed[0])
        if topic is None:
            return False
        tell(turn, topic)
        turn.change(kept={**turn.talk.kept, "asked": words[: misses.LONGEST]})
        return True
    return choose(turn, pressed[0], turn.talk.topic)


def to_a_person(turn: Turn) -> bool:
    """Pass on the question of which several topics were offered; False where none is open."""
    if turn.talk.doing != "topics":
        return False
    words = turn.talk.kept.get("words", "")
    offered = [name for button in turn.talk.offered if "." in (name := button.data.partition("@")[0])]
    turn.end()
    misses.keep(turn, "none", words, offered)
    requesting.open_free(turn, words)
    return True


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
            requesting.open_topic(turn, topic)
        case misses.WRONG.name:
            wrong(turn, topic)
        case _:
            return False
    return True


def wrong(turn: Turn, topic: Topic) -> None:
    """Take that an answer was not what was meant; amid a guide its step comes back."""
    asked = turn.talk.kept.get("asked", "") if turn.talk.topic == topic.id else ""
    if steps.under_way(turn):
        misses.keep(turn, "unhelpful", asked, [topic.id])
        steps.again(turn, lines(_("Thank you, that is noted."), _("Back to where we were:")))
        return
    if turn.talk.doing == "topic":
        turn.end()
    misses.wrong(turn, topic, asked)


def more(turn: Turn, topic: Topic) -> None:
    """Tell what else there is to a topic, as much at a time as a small screen shows."""
    parts = screens(topic)
    told, _sep, count = turn.talk.kept.get("told", "").partition(" ")
    here = int(count) if told == topic.id and int(count) < len(parts) else 0
    left = here + 1 < len(parts)
    words = parts[here]
    if steps.under_way(turn):
        turn.say(_("{words}\n(Type “more” for the rest.)")(words=words) if left else words)
        steps.again(turn, _("Back to where we were:"))
    else:
        _open(turn, topic)
        turn.say(expiry.dated(turn, topic, words), [*_ways(topic, more=left), misses.WRONG])
    turn.change(kept={**turn.talk.kept, "told": f"{topic.id} {here + 1}"})


def screens(topic: Topic) -> list[Text]:
    """Part what else there is to a topic into as much as a small screen shows."""
    parts: list[str] = []
    for paragraph in topic.more or (topic.answer,):
        if parts and len(parts[-1]) + len(paragraph) < SCREEN:
            parts[-1] += f"\n{paragraph}"
        else:
            parts.append(paragraph)
    return [as_is(part) for part in parts]


def source(turn: Turn) -> None:
    """Say where the last answer comes from, and when it was checked."""
    topic = turn.topic(turn.talk.topic)
    if topic is None:
        turn.say(_("Ask something first; then “source” tells where the answer comes from."))
        return
    turn.say(sources(topic))
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


def sources(topic: Topic, most: int = SOURCES) -> Text:
    """Name what an answer is taken from, when it was checked and who keeps it."""
    listed = "\n".join(
        f"• {entry.title}: {entry.url}" if entry.url else f"• {entry.title}" for entry in topic.sources[:most]
    )
    return _("{title}\n{sources}\nChecked on {day}; kept by {owner}.")(
        title=as_is(f"**{topic.title}**"), sources=as_is(listed), day=topic.checked, owner=as_is(topic.owner)
    )


def short(title: str) -> str:
    """Give a title that fits on a button."""
    if len(title) <= LABEL:
        return title
    cut = title[:LABEL]
    return cut[: cut.rindex(" ")].rstrip(" ,;:") + "…" if " " in cut else cut[:-1] + "…"
