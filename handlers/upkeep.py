"""What editors do to topics that are there: a further question that leads to one, and a new date for one.

Both wait for a second person, as answers do; `judging` has that side.  A topic's own words are changed in its file.
"""

from __future__ import annotations

import re
from datetime import date

from handlers import answers, forms, proposals, questions
from handlers.editing_form import new_day
from handlers.forms import Checked, Form, Pick, Question
from handlers.misses import masked
from handlers.records.misses import Answer
from handlers.rules.reporting import local_day
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.draft import LONGEST_WORDING, clean, wordings
from knowledge.folding import fold
from knowledge.library import Topic

EVERY = 20  # sources named to whoever compares them
NEAR = 3  # topics offered where words name none
SEND, STOP = Choice("send", _("Send for approval")), forms.STOP
_WORDING = re.compile(
    r"(?:th[eê]m|add)(?: (?:m[oộ]t|a))? (?:(?:c[aâ]u|c[aá]ch|l[oờ]i) h[oỏ]i|question)"
    r"(?: (?:cho|v[aà]o|to|for))?(?P<topic> [^:]+?)? *(?::(?P<words>.*))?",
    re.I | re.S,
)
_DATE = re.compile(
    r"(?:gia h[aạ]n|new date(?: for)?)(?P<topic> .+?)?(?: (?:[dđ][eế]n|until) (?P<day>.+))?", re.I | re.S
)


def typed(turn: Turn) -> bool:
    """Begin what an editor asks for, "thêm câu hỏi B71: …" or "gia hạn B71 đến 30/6/2027"; False for other words."""
    text = clean(turn.text)
    wording, renewal = _WORDING.fullmatch(text), _DATE.fullmatch(text)
    found = wording or renewal
    if found is None or not turn.staff or not proposals.offices(turn):
        return False
    kept = {"lang": turn.found.lang if turn.found else turn.lang}
    topic = proposals.named(turn, found["topic"] or "") if found["topic"] else None
    if found["topic"] and topic is None:
        return False  # "thêm câu hỏi thì sao": words of somebody who asks
    if topic is not None:
        kept["topic"] = topic.id
    form, name, check = (WORDING, "words", _words) if wording else (DATE, "expires", new_day)
    said = clean(found["words" if wording else "day"] or "")
    value = check(turn, said) if said and topic else None
    if isinstance(value, str):
        kept[name] = value
    turn.hold(form.doing, "", **kept)
    forms.ask_next(turn, form, value.ask if isinstance(value, Pick) else None)
    return True


def _topic(turn: Turn, text: str) -> Checked:
    topic = proposals.named(turn, text)
    if topic is not None:
        return topic.id
    hits = turn.found.hits[:NEAR] if turn.found else ()
    near = [found for hit in hits if (found := turn.topic(hit.topic))]
    if not near:
        return None
    choices = [Choice(f"pick={found.id}", as_is(questions.short(found.title))) for found in near]
    return Pick(_("Which of these? Or type other words."), tuple(choices))


def _chosen(turn: Turn) -> Topic | None:
    return turn.topic(turn.talk.kept.get("topic", ""))


def _sure(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn, loosely=True)
    agreed = (pressed and pressed[0] == SEND.name) or (not pressed and answers.yes(turn))
    return SEND.name if agreed else None


ASK_TOPIC = Question(
    "topic",
    ask=lambda turn: _("Which topic? Type a few words of it, or its code."),
    check=_topic,
    otherwise=_("No topic is near that. Other words, or its code?"),
)


# --- a further question ---


def _words(turn: Turn, text: str) -> Checked:
    said = masked(text)
    if not wordings([said]):
        return None
    for lang in turn.shelf.library.shelves:
        for topic in turn.shelf.library.topics(lang):
            if any(fold(question) == fold(said) for question in topic.questions):
                told = _("That question leads to “{title}” already. Another one?")
                return Pick(told(title=as_is(topic.title)), ())
    return said


def _read_wording(turn: Turn) -> Text:
    topic = _chosen(turn)
    return lines(
        _("“{words}” will lead to **{title}**:")(
            words=as_is(turn.talk.kept["words"]), title=as_is(topic.title if topic else "")
        ),
        as_is(topic.answer if topic else ""),
        _("Send it for approval?"),
    )


def _wording_done(turn: Turn) -> None:
    kept, topic = turn.talk.kept, _chosen(turn)
    turn.end()
    if topic is None:
        turn.say(_("That topic is no more."))
        return
    lang = kept["lang"] if topic.id in turn.shelf.library.shelves.get(kept["lang"], {}) else "vi"
    answer = Answer(
        kind="wording", topic=topic.id, title=topic.title, wordings=((lang, clean(kept["words"])),)
    )
    proposals.put_forward(turn, answer, code=kept.get("answer", ""))


WORDING = Form(
    "wording",
    (
        ASK_TOPIC,
        Question(
            "words",
            ask=lambda turn: _("How do people ask it? One question, in their own words."),
            check=_words,
            otherwise=_("One question, of at most {n} letters, without names and numbers of anybody.")(
                n=LONGEST_WORDING
            ),
        ),
        Question(
            "sure",
            ask=_read_wording,
            check=_sure,
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (SEND, STOP),
        ),
    ),
    _wording_done,
)


# --- a new date ---


def _ask_date(turn: Turn) -> Text:
    topic = _chosen(turn)
    if topic is None:
        return _("That topic is no more.")
    return lines(
        questions.sources(topic, EVERY),
        as_is(topic.answer),
        _("It holds until {day}. Compare it with its sources. If all is still so: until when?")(
            day=topic.expires
        ),
    )


def _read_date(turn: Turn) -> Text:
    topic = _chosen(turn)
    return _("**{title}** was compared today and holds until {day}. Send it for approval?")(
        title=as_is(topic.title if topic else ""), day=date.fromisoformat(turn.talk.kept["expires"])
    )


def _date_done(turn: Turn) -> None:
    kept, topic = turn.talk.kept, _chosen(turn)
    turn.end()
    if topic is None:
        turn.say(_("That topic is no more."))
        return
    answer = Answer(
        kind="date", topic=topic.id, title=topic.title, expires=date.fromisoformat(kept["expires"])
    )
    proposals.put_forward(turn, answer, code=kept.get("answer", ""))


DATE = Form(
    "renewal",
    (
        ASK_TOPIC,
        Question(
            "expires",
            ask=_ask_date,
            check=new_day,
            otherwise=_("A date such as 30/6/2027, or “6 months”."),
        ),
        Question(
            "sure",
            ask=_read_date,
            check=_sure,
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (SEND, STOP),
        ),
    ),
    _date_done,
)


def again(turn: Turn, answer: Answer) -> None:
    """Ask an author anew for what was returned: the question, or the date."""
    lang = answer.wordings[0][0] if answer.wordings else turn.lang
    form = DATE if answer.kind == "date" else WORDING
    forms.begin(turn, form, topic=answer.topic, lang=lang, answer=answer.code)


def held(turn: Turn, answer: Answer) -> Text:
    """Read a topic back that would hold longer, with the pages to compare it with."""
    topic = turn.topic(answer.topic)
    if topic is None:
        return _("That topic is no more.")
    told = _("Holds until {day}.")(day=answer.expires or local_day(turn.now))
    return lines(questions.sources(topic, EVERY), as_is(topic.answer), told)


FORMS = (WORDING, DATE)
