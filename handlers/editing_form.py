"""An answer that an office writes itself, asked for piece by piece and read back before it is sent."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from handlers import answers, forms
from handlers.forms import Check, Checked, Form, Pick, Question
from handlers.records.misses import Answer, Miss
from handlers.rules.reporting import local_day
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.check import LONGEST_PARAGRAPH, LONGEST_SENTENCE
from knowledge.draft import LONGEST_TITLE, clean, topic_id, unfit, wordings
from knowledge.folding import fold
from knowledge.grouping import Asked, groups

SEND, STOP = Choice("send", _("Send for approval")), forms.STOP
CHANGE = Choice("change", _("Change something"))
PARTS = {
    "title": Choice("pick=title", _("Title")),
    "text": Choice("pick=text", _("The answer")),
    "source": Choice("pick=source", _("Source")),
    "expires": Choice("pick=expires", _("Date")),
}
TOGETHER = {"title": ("title", "title_en"), "text": ("text", "text_en")}
LONGEST_SOURCE = 200
FURTHEST = timedelta(days=2 * 366)  # nothing holds for longer without being looked at
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_MONTH = re.compile(r"(?:(?:tháng|thang) )?(\d{1,2})[/.-](\d{4})")
_MONTHS = re.compile(r"(\d{1,2}) (?:thang|months?)")


def group_of(asked: Iterable[Miss]) -> list[tuple[Miss, ...]]:
    """Put questions that ask the same together, the largest group first."""
    known = {miss.id: miss for miss in asked}
    alike = groups(Asked(miss.id, miss.words, miss.lang, miss.shown) for miss in known.values())
    return [tuple(known[one.id] for one in group) for group in alike]


# --- what counts as an answer ---


def _fits(lang: str, longest: int = LONGEST_PARAGRAPH) -> Check:
    def check(turn: Turn, text: str) -> Checked:
        typed = clean(text)
        if not typed:
            return None
        fault = unfit(typed, lang, longest)
        return Pick(_fault(*fault, longest), ()) if fault else typed

    return check


def _fault(kind: str, where: str, longest: int) -> Text:
    """Say what to change in a text, so that it may be shown."""
    match kind:
        case "long":
            return _("That has {n} letters; at most {most} fit on a small screen. Shorter?")(
                n=int(where), most=longest
            )
        case "sentence":
            return _("The sentence “{words} …” is long. Make it two, of at most {most} words each.")(
                words=as_is(where), most=LONGEST_SENTENCE
            )
        case "never":
            return _("Tổ Số never says “{words}”. Other words?")(words=as_is(where))
        case "markup":
            return _("Only plain words and **bold** are shown. Please take other signs out.")
    return _("A few words, please.")


def _source(turn: Turn, text: str) -> Checked:
    typed = clean(text)
    if len(typed) > LONGEST_SOURCE or sum(letter.isalpha() for letter in typed) < 5:
        return Pick(
            _("Name the document or the page, in one line of at most {n} letters.")(n=LONGEST_SOURCE), ()
        )
    return typed


def new_day(turn: Turn, text: str) -> Checked:
    """Take a day to come, within two years."""
    day, today = day_of(text, local_day(turn.now)), local_day(turn.now)
    if day is None:
        return Pick(_("A date such as 30/6/2027, or “6 months”."), ())
    if not today < day <= today + FURTHEST:
        return Pick(_("A day to come, within two years: by then it has to be looked at again."), ())
    return day.isoformat()


def day_of(text: str, today: date) -> date | None:
    """Give the day that words name: 30/6/2027, 6/2027 (its last day), "6 tháng"; None where they name none."""
    typed = text.strip().lower()
    try:
        if found := _DAY.fullmatch(typed):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _MONTH.fullmatch(typed):
            return date(int(found[2]), int(found[1]), monthrange(int(found[2]), int(found[1]))[1])
        if re.fullmatch(r"\d{4}-\d\d-\d\d", typed):
            return date.fromisoformat(typed)
    except ValueError:
        return None
    plain = fold(text)
    if plain in ("mot nam", "1 nam", "one year", "a year", "1 year"):
        plain = "12 thang"
    if found := _MONTHS.fullmatch(plain):
        month = today.month - 1 + int(found[1])
        year, month = today.year + month // 12, month % 12 + 1
        return date(year, month, min(today.day, monthrange(year, month)[1]))
    return None


def _sure(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn, loosely=True)
    if pressed and pressed[0] == CHANGE.name:
        return Pick(_("What is to be changed?"), tuple(PARTS.values()))
    if (pressed and pressed[0] == SEND.name) or (not pressed and answers.yes(turn)):
        return SEND.name
    return None


# --- the questions ---


def _english(turn: Turn) -> bool:
    return turn.talk.kept.get("english") == "yes"


def _read_back(turn: Turn) -> Text:
    kept = turn.talk.kept
    parts = [as_is(f"**{kept['title']}**"), as_is(kept["text"])]
    if kept.get("text_en"):
        parts += [as_is(f"**{kept['title_en']}**"), as_is(kept["text_en"])]
    parts.append(_("Source: {source}")(source=as_is(kept["source"])))
    parts.append(_("Holds until {day}.")(day=date.fromisoformat(kept["expires"])))
    return lines(*parts, _("Send it for approval?"))


TITLE = _("What is the matter called? A few words, such as “Waste collection in group 7”.")
FORM = Form(
    "answer",
    (
        Question(
            "title",
            ask=lambda turn: TITLE,
            check=_fits("vi", LONGEST_TITLE),
            otherwise=_("A few words, please."),
        ),
        Question(
            "text",
            ask=lambda turn: _("What is the answer? Short sentences, {n} letters at most.")(
                n=LONGEST_PARAGRAPH
            ),
            check=_fits("vi"),
            otherwise=_("A few words, please."),
        ),
        Question(
            "title_en",
            ask=lambda turn: _("It was asked in English. What is the matter called in English?"),
            check=_fits("en", LONGEST_TITLE),
            otherwise=_("A few words, please."),
            needed=_english,
        ),
        Question(
            "text_en",
            ask=lambda turn: _("And the answer in English, {n} letters at most?")(n=LONGEST_PARAGRAPH),
            check=_fits("en"),
            otherwise=_("A few words, please."),
            needed=_english,
        ),
        Question(
            "source",
            ask=lambda turn: _(
                "Where does it stand? Name the document or the page, with its address if it has one."
            ),
            check=_source,
            otherwise=_("A few words, please."),
        ),
        Question(
            "expires",
            ask=lambda turn: _("Until when does it hold, before somebody looks again? Such as 30/6/2027."),
            check=new_day,
            otherwise=_("A date such as 30/6/2027, or “6 months”."),
        ),
        Question(
            "sure",
            ask=_read_back,
            check=_sure,
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (SEND, CHANGE, STOP),
        ),
    ),
    lambda turn: None,  # what happens then is decided where the form is begun
)


def changing(turn: Turn) -> bool:
    """Ask for a part anew that the person wants to change; False where the answer is to be sent."""
    kept = turn.talk.kept
    chosen = kept["sure"]
    if chosen not in PARTS:
        return False
    again = {"sure", *TOGETHER.get(chosen, (chosen,))}
    turn.change(kept={name: value for name, value in kept.items() if name not in again})
    forms.ask_next(turn, FORM)
    return True


def resume(turn: Turn, answer: Answer, first: str) -> None:
    """Take up an answer that was returned, at its read-back."""
    kept = {
        "miss": first,
        "answer": answer.code,
        "english": "yes" if answer.title_en else "no",
        "title": answer.title,
        "text": answer.text,
        "title_en": answer.title_en,
        "text_en": answer.text_en,
        "source": f"{answer.source} {answer.url}".strip(),
        "expires": answer.expires.isoformat() if answer.expires else "",
    }
    forms.begin(turn, FORM, **{name: value for name, value in kept.items() if value})


def gathered(turn: Turn, group: tuple[Miss, ...]) -> Answer:
    """Give the answer as the form has it, with the questions that lead to it."""
    kept = turn.talk.kept
    source, url = kept["source"], ""
    if link := re.search(r"https?://[^\s/]+\.\S+", source):
        url = link[0].rstrip(".,;)")
        source = clean(source.replace(link[0], " ")).strip(" ,;:-–") or url.split("/")[2]
    english = bool(kept.get("text_en"))
    langs = {miss.words: miss.lang for miss in reversed(group)}
    said = wordings([miss.words for miss in group])
    return Answer(
        kind="topic",
        topic=topic_id(kept["title"], kept["miss"]),
        title=kept["title"],
        text=kept["text"],
        title_en=kept.get("title_en", ""),
        text_en=kept.get("text_en", ""),
        source=source,
        url=url,
        expires=date.fromisoformat(kept["expires"]),
        wordings=tuple(
            (lang if lang == "vi" or (lang == "en" and english) else "vi", words)
            for words in said
            for lang in (langs.get(words, "vi"),)
        ),
    )
