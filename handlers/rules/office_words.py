"""What those who report, head an office or look at those below ask in their own words: "sếp duyệt chưa", "xã nào chậm".

Plain functions of words.  Courtesies and names fall away, what means the same is written the same, and what is left is
looked up; nothing is guessed, so what is in no list is left to others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from typing import Literal

import msgspec

from knowledge.folding import fold, rows

TABLE = "office-words.tsv"  # what is asked, and words for it; beside them those of courtesy
Intent = Literal[
    "open",
    "status",
    "last",
    "correct",
    "template",
    "hand-over",
    "file",
    "later",
    "extension",
    "approve",
    "agree",
    "return",
    "ask",
    "undo",
    "situation",
    "missing",
    "year",
    "ranking",
    "export",
    "nudge",
    "unit",
]


class Asked(msgspec.Struct, frozen=True):
    """What is asked, and of what."""

    intent: Intent
    number: int = 0  # of an indicator; 0 where none is named
    period: str = (
        ""  # as people type it, such as "thang 10 2026"; "last" for the one before; nothing for the present
    )
    words: str = ""  # what follows, as it was typed: a reason, a question


_ALIKE = (
    (r"\b(?:chi tieu|chi so|muc|indicator|number|no)\b(?= \d)", "so"),
    (r"\b(?:nop|trinh|send|sent|submit|submitted)\b", "gui"),
    (r"\b(?:lanh dao|thu truong|chu tich|sep|boss|head)\b", "sep"),
    (r"\breport\b", "bao cao"),
    (r"\b(?:phuong|thon|don vi|noi|dia phuong|commune|village|unit|office|to dan pho)\b", "xa"),
    (r"\bcommunes|villages|units|offices\b", "cac xa"),
    (r"\b(?:tre|qua han|late)\b", "cham"),
    (r"\b(?:nhung|may|bao nhieu|how many)\b(?= xa)", "cac"),
    (r"\b(?:file|tep)\b", "file"),
    (r"\bkhong\b$", "khong"),
)
_PERIOD = re.compile(
    r"\b(?:cua |of |in )?(?:(?:ky|thang|month) (?:(?P<now>nay)|(?P<last>truoc|vua roi|vua qua)"
    r"|(?P<n>\d{1,2})(?: (?:nam )?(?P<year>20\d\d))?)|(?P<this>this month)|(?P<before>last month))\b"
)


def normal(tokens: Sequence[str], names: Collection[str] = ()) -> str:
    """Write words without courtesies and names, what means the same the same."""
    said = " ".join(word for word in tokens if word not in names)
    for pattern, word in _ALIKE:
        said = re.sub(pattern, word, said)
    return " ".join(word for word in said.split() if word not in _courtesy())


@cache
def _courtesy() -> frozenset[str]:
    """Give the words that ask nothing: forms of address, please, all right."""
    return frozenset(word for kind, word in rows(TABLE) if kind == "courtesy")


@cache
def _phrases() -> dict[str, frozenset[str]]:
    """Give the phrases of each intent as they are once normal, from `office-words.tsv`."""
    found: dict[str, set[str]] = {}
    for intent, words in rows(TABLE):
        if intent != "courtesy":
            found.setdefault(intent, set()).add(normal(words.split()))
    return {intent: frozenset(words) for intent, words in found.items()}


_PLAIN: tuple[Intent, ...] = (
    "template",
    "hand-over",
    "file",
    "later",
    "extension",
    "approve",
    "agree",
    "undo",
    "situation",
    "year",
    "ranking",
    "export",
    "open",
)
_COMPARES = re.compile(r"so\b|compare")
_MISSING = re.compile(
    r"(?:danh sach )?(?:con )?(?:ai|who|which xa|xa nao|cac xa|xa|nhung ai)(?: nao)?(?: con| has| have| is| are)*"
    r" (?:chua|not|chua gui|not gui|cham|gui cham|gui roi|da gui|gui|chua co)(?: nhat)?(?: bao cao)?"
    r"|chua gui|cham|chua gui bao cao|con xa nao|con ai"
)
_NUDGE = re.compile(
    r"(?:nhac|don doc|giuc|remind)(?: (?:cac )?xa)?(?: nao)?(?: (?:chua gui|cham|gui bao cao|gui))?"
)
_CORRECT = re.compile(
    r"(?:bi |muon |can )?(?:dem )?(?:nham|sai|sua|sua lai|doi|made mistake in|wrong|change)(?: so)?(?: (?P<n>\d{1,2}))?"
    r"|so (?P<of>\d{1,2}) (?:bi )?(?:dem )?(?:sai|nham|lon)(?: roi)?|rut lai|gui lai|lam lai|muon sua"
)
_BACK = (
    "khong duyet",
    "chua duoc",
    "chua dat",
    "tra lai",
    "tra ve",
    "chua on",
    "khong duoc",
    "sai roi",
    "not yet",
    "return",
)
_WRONG = re.compile(r"so (?P<n>\d{1,2}) (?:bi )?(?:sai|nham|chua dung|khong dung|is wrong|wrong)\b")
_WHY = re.compile(
    r"(?:so \d{1,2} )?(?:sao|vi sao|tai sao|why)\b.*|so \d{1,2} (?:lay (?:o )?dau|dau ra|o dau).*"
)
_TO_WHOM = ("hoi", "lai", "giup", "anh", "chi", "co", "chu", "bac", "em", "ask")
_ASK = re.compile(r"(?:hoi|hoi lai|hoi xem|hoi giup|ask)\b")


def asked(tokens: Sequence[str], names: Collection[str] = ()) -> Asked | None:
    """Give what words ask as whoever reports or looks at reports says it; None for other words."""
    said = normal(tokens, names)
    match = _PERIOD.search(said)
    period = _period(match) if match else ""
    rest = " ".join(f"{said[: match.start()]} {said[match.end() :]}".split()) if match else said
    bare = " ".join(rest.replace("bao cao", "").split())
    phrases = _phrases()
    if period == "last" and rest in phrases["last"]:
        return Asked("last", period=period)
    if rest in phrases["status"] or (bare and bare in phrases["status"]):
        return Asked("status", period=period)
    if _MISSING.fullmatch(rest):
        return Asked("missing", period=period)
    for intent in _PLAIN:
        if rest in phrases[intent]:
            if intent == "situation" and _COMPARES.match(rest):
                return Asked(intent)  # with the period before, which it tells as well
            return Asked(intent, period=period)
    if _NUDGE.fullmatch(rest):
        return Asked("nudge", period=period)
    if (wrong := _CORRECT.fullmatch(rest)) is not None:
        return Asked("correct", number=int(wrong["n"] or wrong["of"] or 0), period=period)
    return None


def of_unit(tokens: Sequence[str]) -> Asked | None:
    """Give what is asked of a unit whose name has been taken out of the words; None for other words."""
    said = normal(tokens)
    match = _PERIOD.search(said)
    rest = " ".join(f"{said[: match.start()]} {said[match.end() :]}".split()) if match else said
    rest = rest.removeprefix("cua ").removesuffix(" cua").removesuffix(" of")
    return Asked("unit", period=_period(match) if match else "") if rest in _phrases()["unit"] else None


def judging(text: str, tokens: Sequence[str], names: Collection[str] = ()) -> Asked | None:
    """Give what a head says of a report that waits: it goes back, or something is asked; None for other words."""
    said = normal(tokens, names)
    for beginning in _BACK:
        if said == beginning or said.startswith(f"{beginning} "):
            return Asked("return", words=_behind(text, beginning) if said != beginning else "")
    if (wrong := _WRONG.match(said)) is not None:
        return Asked("return", number=int(wrong["n"]), words=text.strip())
    if (hoi := _ASK.match(said)) is not None and said[hoi.end() :].strip():
        return Asked("ask", words=_question(text, names))
    if _WHY.fullmatch(said) and len(said.split()) > 1:
        return Asked("ask", words=text.strip())
    return None


def _question(text: str, names: Collection[str]) -> str:
    """Give a question without whom it is for: "hỏi lại chị Hạnh số 5 lấy đâu ra" asks "số 5 lấy đâu ra"."""
    words = text.split()
    while len(words) > 1 and ((word := fold(words[0])) in _TO_WHOM or word in names):
        words.pop(0)
    return " ".join(words)


def _behind(text: str, beginning: str) -> str:
    """Give what stands behind the words that send a report back, as it was typed."""
    words, last = text.split(), beginning.split()[-1]
    alike = {"gui": {"gui", "nop"}}.get(last, {last})
    for place, word in enumerate(words):
        if fold(word) in alike:
            return " ".join(words[place + 1 :]).lstrip(" ,:;.-–")
    return text.strip()


def _period(match: re.Match[str]) -> str:
    if match["last"] or match["before"]:
        return "last"
    if match["n"]:
        return f"thang {match['n']}" + (f"/{match['year']}" if match["year"] else "")
    return ""
