"""An answer that an office writes itself: whether it may be shown, and the file that holds it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from knowledge.check import LONGEST_PARAGRAPH, LONGEST_SENTENCE, MARKUP, NEVER, SENTENCE_END, SYLLABLE
from knowledge.folding import fold
from knowledge.own import AREA
from knowledge.page import Source

LONGEST_TITLE = 80
LONGEST_SLUG = 40  # letters of an id that come from the title
LONGEST_WORDING = 120
_TELLING = re.compile(r"[^\s“”\"'(]*\d[^\s“”\"')]*")  # a figure with what is written to it, such as 55.000
_BOLD = re.compile(r"\*\*([^*]+)\*\*")

Unfit = Literal["empty", "long", "sentence", "never", "markup"]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a topic file of an office says."""

    id: str
    title: str
    questions: tuple[str, ...]
    owner: str
    checked: date
    expires: date
    source: Source
    answer: str


def clean(text: str) -> str:
    """Give words as a file keeps them: composed letters, on one line."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def unfit(text: str, lang: str, longest: int = LONGEST_PARAGRAPH) -> tuple[Unfit, str] | None:
    """Say what the checker would find wrong with a text, and where; None where it may be shown."""
    if sum(letter.isalpha() for letter in text) < 2:
        return "empty", ""
    if len(text) > longest:
        return "long", str(len(text))
    if MARKUP.search(_BOLD.sub("", text)) or text.count("**") % 2 or re.search(r"[{}#]", text):
        return "markup", ""
    if lang != "vi":
        return None
    for pattern in NEVER:
        if found := re.search(pattern, _BOLD.sub("", text).lower()):
            return "never", found[0]
    for sentence in SENTENCE_END.split(text):
        if len(SYLLABLE.findall(sentence.replace("*", ""))) > LONGEST_SENTENCE:
            return "sentence", " ".join(sentence.split()[:5])
    return None


def telling(*texts: str) -> tuple[str, ...]:
    """Give the figures and the names in bold that a text has from its source; a second person compares them."""
    figures = [found.strip(".,;:?!…*") for text in texts for found in _TELLING.findall(text)]
    return tuple(dict.fromkeys([*figures, *(name for text in texts for name in _BOLD.findall(text))]))


def wordings(asked: Sequence[str], most: int = 12) -> tuple[str, ...]:
    """Give the questions that can stand in a topic: short, whole, and each worded differently."""
    found: dict[str, str] = {}
    for words in map(clean, asked):
        if 0 < len(words) <= LONGEST_WORDING and not re.search(r"[•{}#]", words) and fold(words):
            found.setdefault(fold(words), words)
    return tuple(found.values())[:most]


def topic_id(title: str, code: str) -> str:
    """Give the id of a new topic: of its title for who reads a list of files, and of a code that nothing else has."""
    slug = re.sub(r"[^a-z0-9]+", "-", fold(title))[:LONGEST_SLUG].strip("-")
    return f"{AREA}{slug}-{code.lower()}" if slug else f"{AREA}{code.lower()}"


def written(draft: Draft) -> str:
    """Give the topic file."""
    asked = [f"  - {_quoted(question)}" for question in draft.questions or (draft.title,)]
    source = [f"  - title: {_quoted(draft.source.title)}"]
    if draft.source.url:
        source.append(f"    url: {_quoted(draft.source.url)}")
    if draft.source.holds:
        source.append(f"    holds: [{', '.join(map(_quoted, draft.source.holds))}]")
    return "\n".join(
        [
            "---",
            f"id: {draft.id}",
            f"title: {_quoted(draft.title)}",
            "questions:",
            *asked,
            f"owner: {_quoted(draft.owner)}",
            f"checked: {draft.checked}",
            f"expires: {draft.expires}",
            "sources:",
            *source,
            "---",
            draft.answer,
            "",
        ]
    )


def _quoted(words: str) -> str:
    """Put words into quotes as YAML reads them; JSON's are the same."""
    return json.dumps(words, ensure_ascii=False)
