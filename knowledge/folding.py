"""What is left of words when accents, capitals, chat spelling and haste are taken away.

People write `mat cccd`, `mất căn cước`, `maats cccd` and mean the same.  Nothing here knows the topics.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources

# Each accented Latin letter and the letter below its accents; Vietnamese needs no other alphabet.
_PLAIN = {
    code: unicodedata.normalize("NFD", chr(code))[0]
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if unicodedata.decomposition(chr(code))
} | {ord("đ"): "d", ord("Đ"): "D"}
_GAP = re.compile(r"[\W_]+")
_STRETCHED = re.compile(r"([^\W\d_bcdghklmnpqrstvwxzđ])\1{2,}")  # vowels: cccd and www stay
# "hoá" and "hóa", "huỷ" and "hủy" are one word; the tone is read where it was put of old.
_OLD_TONES = {
    unicodedata.normalize("NFC", a + b + tone): unicodedata.normalize("NFC", a + tone + b)
    for a, b in ("oa", "oe", "uy")
    for tone in "\u0300\u0301\u0309\u0303\u0323"
}
_NEW_TONES = re.compile(rf"(?<!q)(?:{'|'.join(_OLD_TONES)})\b")
_ENDINGS = [("ss", "ss"), ("ies", "y"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")]
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?"
    r"(?:uye|uya|ieu|yeu|uoi|uou|oai|oay|oeo|uay|uyu|ua|uo|ue|uy|ui|uu|ia|ie|iu|ye|oa|oe|oi|oo|ai|ao|au|ay|eo|eu|[aeiouy])"
    r"(?:ch|ng|nh|[cmnpt])?"
)


def fold(text: str) -> str:
    """Give the text in small letters without accents or punctuation, one space between words."""
    return _STRETCHED.sub(r"\1", " ".join(words(text)).translate(_PLAIN))  # "AAÀ" is held down too


def words(text: str) -> tuple[str, ...]:
    """Give the words in small letters, accents kept, letters held down too long shortened to one."""
    if not text:
        return ()
    lowered = unicodedata.normalize("NFC", text).lower()
    said = _STRETCHED.sub(r"\1", _GAP.sub(" ", lowered))
    return tuple(_NEW_TONES.sub(lambda found: _OLD_TONES[found[0]], said).split())


@lru_cache(20_000)
def plain(word: str) -> str:
    """Give a small-letter word without accents."""
    return word.translate(_PLAIN)


class Phrases(dict[tuple[str, ...], tuple[str, ...]]):
    """Words, and the words they stand for."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        """Take what is written and what is meant."""
        super().__init__((tuple(written.split()), tuple(meant.split())) for written, meant in rows)
        self._first = frozenset(written[0] for written in self)
        self._longest = max(map(len, self), default=0)

    def replaced(self, said: tuple[str, ...]) -> tuple[str, ...]:
        """Put what is meant for what is written; the longest that fits wins."""
        if self._first.isdisjoint(said):
            return said
        meant: list[str] = []
        at = 0
        while at < len(said):
            lengths = range(self._longest if said[at] in self._first else 0, 0, -1)
            length = next((length for length in lengths if said[at : at + length] in self), 0)
            meant += self[said[at : at + length]] if length else [said[at]]
            at += length or 1
        return tuple(meant)


def expand(said: tuple[str, ...]) -> tuple[str, ...]:
    """Spell out abbreviations, chat and dialect spellings."""
    return abbreviations().replaced(said)


@lru_cache(20_000)
def stem(word: str) -> str:
    """Give an English word without its ending, so that applying, applied and applies are one."""
    if len(word) < 5 or not word.isascii() or word in common("en"):
        return word
    for end, kept in _ENDINGS:
        if word.endswith(end):
            word = word.removesuffix(end) + kept
            break
    if word[-1] == word[-2] and word[-1] in "bdgmnprt":  # stopped, scanning
        return word[:-1]
    return word.removesuffix("e") if len(word) > 4 else word


def is_syllable(plain_word: str) -> bool:
    """Say whether an unaccented word has the shape of a Vietnamese syllable."""
    return _SYLLABLE.fullmatch(plain_word) is not None


@cache
def common(lang: str) -> frozenset[str]:
    """Give the words that say nothing about the matter; unaccented only where no other word is hidden."""
    return frozenset(word for word, of in rows("common-words.tsv") if of == lang)


@cache
def abbreviations() -> Phrases:
    """Give what each abbreviation means in Vietnamese."""
    return Phrases((written, meant) for written, meant in rows("abbreviations.tsv"))


@cache
def synonyms(lang: str) -> Phrases:
    """Give the one name that a thing of several names is known by in questions, however the names are accented."""
    named = [(written, meant) for written, meant, of in rows("synonyms.tsv") if of == lang]
    # One word without accents may be another word; two or more hardly are.
    bare = [(plain(written), meant) for written, meant in named if " " in written]
    return Phrases([*bare, *named])


def rows(name: str) -> list[list[str]]:
    """Give the rows of a data file, without its heading."""
    text = resources.files("knowledge").joinpath("data", name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]
