"""What is left of words when accents, capitals, chat spelling and haste are taken away.

People write `mat cccd`, `mất căn cước`, `maats cccd` and mean the same.  Nothing here knows the topics.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from heapq import nlargest
from importlib import resources

from knowledge.languages import LANGUAGES

# Each accented Latin letter and the letter below its accents; Vietnamese needs no other alphabet.
_PLAIN = {
    code: unicodedata.normalize("NFD", chr(code))[0]
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if unicodedata.decomposition(chr(code))
} | {ord("đ"): "d", ord("Đ"): "D"}
_GAP = re.compile(r"[\W_]+")
_STRETCHED = re.compile(r"([^\W\d_bcdghklmnpqrstvwxzđ])\1{2,}")  # vowels: cccd and www stay
_TELEX = [("dd", "d"), ("aa", "a"), ("ee", "e"), ("oo", "o"), ("aw", "a"), ("ow", "o"), ("uw", "u")]
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
    return tuple(_STRETCHED.sub(r"\1", _GAP.sub(" ", lowered)).split())


@lru_cache(20_000)
def plain(word: str) -> str:
    """Give a small-letter word without accents."""
    return word.translate(_PLAIN)


def expand(said: tuple[str, ...]) -> tuple[str, ...]:
    """Spell out abbreviations, chat and dialect spellings; the longest that fits wins."""
    table = abbreviations()
    first = _abbreviating()
    if first.isdisjoint(said):
        return said
    meant: list[str] = []
    at = 0
    while at < len(said):
        if said[at] not in first:
            meant.append(said[at])
            at += 1
            continue
        for length in (3, 2, 1):
            found = table.get(said[at : at + length])
            if found and at + length <= len(said):
                meant.extend(found)
                at += length
                break
        else:
            meant.append(said[at])
            at += 1
    return tuple(meant)


def untelex(word: str) -> str:
    """Give the plain word behind leftover Telex keys (`ddawng` is dang), or the word itself."""
    found = word
    for typed, letter in _TELEX:
        found = found.replace(typed, letter)
    # The tone key stands at the end or behind the vowel; a w alone is ư or the horn of ươ.
    found = re.sub(r"(?<=[aeiouy])w|w(?=[aeiou])", "", found) if "w" in found else found
    found = re.sub(
        r"(?<=[aeiouy])[sfrxj](?=(?:ch|ng|nh|[cmnptiuyoae])*$)|(?<=[a-z])[sfrxj]$", "", found, count=1
    )
    return found if found != word and is_syllable(found) else word


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


def language(text: str) -> str | None:
    """Decide from accents, small words and shapes of syllables; None when that is not clear."""
    votes = dict.fromkeys(LANGUAGES, 0.0)
    for word in words(text):
        if theirs := [lang for lang in votes if lang not in ("vi", "en") and word in common(lang)]:
            votes[theirs[0]] += 4  # Vietnamese has no such word, though others may look like its own
        elif not word.isascii():
            votes["vi"] += 2
        elif word in common("vi"):
            votes["vi"] += word not in common("en")
        elif word in common("en"):  # "may", "can" and "so" are words of both
            votes["en"] += 0.25 if is_syllable(word) else 1
        elif is_syllable(word) or (len(word) < 3 and (word,) in abbreviations()):
            votes["vi"] += 0.5
        elif is_syllable(untelex(word)):  # "lost" could be a mistyped "lót"
            votes["vi"] += 0.25
        elif word.isalpha() and len(word) > 2:
            votes["en"] += 0.25
    first, second = nlargest(2, votes, key=votes.__getitem__)
    return first if votes[first] > votes[second] else None


@cache
def common(lang: str) -> frozenset[str]:
    """Give the words that say nothing about the matter; unaccented only where no other word is hidden."""
    return frozenset(word for word, of in _rows("common-words.tsv") if of == lang)


@cache
def abbreviations() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Give what each abbreviation means, both as words."""
    return {tuple(written.split()): tuple(meant.split()) for written, meant in _rows("abbreviations.tsv")}


@cache
def _abbreviating() -> frozenset[str]:
    """Give the words that an abbreviation begins with."""
    return frozenset(written[0] for written in abbreviations())


def _rows(name: str) -> list[tuple[str, str]]:
    """Give the rows of a data file of two columns, without its heading."""
    text = resources.files("knowledge").joinpath("data", name).read_text("utf-8")
    return [(row[0], row[1]) for row in (line.split("\t") for line in text.splitlines()[1:])]
