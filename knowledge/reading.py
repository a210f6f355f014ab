"""How a question is read: in which language, behind which keys and mistakes, in which words of the base.

A reader knows the words of the base and the pairs of neighbours in it, so that a word nobody wrote there
may be read as the one that was meant.  It does not know what the words are about.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from heapq import nlargest
from itertools import pairwise

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.folding import abbreviations, common, expand, is_syllable, plain, stem, synonyms, words
from knowledge.keys import syllable
from knowledge.languages import DEFAULT, LANGUAGES

LONGEST = 20  # letters of a word that is worth mending
MENDED = 6  # words of a question that are mended; who types worse than that is not understood
SHORT, LONG = 3, 8  # letters from which on a word may have one mistake, and two
_DOUBLED = re.compile(r"(.)\1+")
_PARTS = re.compile(r"[a-z]+|\d+")
_VOWELS = re.compile("[aeiouy]")
_CLAUSES = re.compile(r"[,;:!?\n…]+|\.(?=\s|$)")
_NUMBER = re.compile(r"\d{6,}|•{2,}")  # of a card or a telephone, masked or not
_NAMES_OF_NUMBERS = frozenset(
    words("so cua toi em minh la cccd cmnd cmt can cuoc dien thoai dt sdt stk tai khoan ma ho so")
    + words("my id card phone number is")
)


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
        elif is_syllable(word) or (
            (word,) in abbreviations() and (len(word) < 3 or not _VOWELS.search(word))
        ):
            votes["vi"] += 0.5
        elif syllable(word):  # "lost" could be a mistyped "lót"
            votes["vi"] += 0.25
        elif word.isalpha() and len(word) > 2:
            votes["en"] += 0.25
    first, second = nlargest(2, votes, key=votes.__getitem__)
    return first if votes[first] > votes[second] else None


def spelled_out(said: tuple[str, ...], lang: str) -> tuple[str, ...]:
    """Give the words without abbreviations, endings and second names for the same thing."""
    if lang == "en":
        return tuple(map(stem, synonyms("en").replaced(said)))
    meant = synonyms(lang).replaced(expand(said))
    return tuple(stem(word) if word.isascii() and not is_syllable(word) else word for word in meant)


def _tells_a_number(clause: str) -> bool:
    """Say whether nothing but a number is told, "cccd 001085012345": that is not what is asked about."""
    if not (found := _NUMBER.search(clause)):
        return False
    beside = words(clause[: found.start()] + clause[found.end() :])
    return _NAMES_OF_NUMBERS.issuperset(map(plain, beside))


class Read(msgspec.Struct, frozen=True):
    """What was read."""

    clauses: tuple[tuple[str, ...], ...]
    lang: str

    @property
    def said(self) -> tuple[str, ...]:
        """All words in their order."""
        return tuple(word for clause in self.clauses for word in clause)


class Reader:
    """Reads questions in the words of the base."""

    def __init__(self, rows: Iterable[tuple[str, ...]]) -> None:
        self._seen: Counter[str] = Counter()
        self._forms: set[str] = set()
        self._pairs: set[tuple[str, str]] = set()
        for row in (*rows, *(written for lang in LANGUAGES for written in synonyms(lang))):
            bare = [plain(word) for word in row]
            self._seen.update(bare)
            self._forms.update(row)
            self._pairs.update(pairwise(bare))
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._seen:
            if word.isalpha():
                self._by_length[len(word)].append(word)

    def read(self, text: str, lang: str | None = None) -> Read:
        """Give the words that were meant, clause by clause, and the language that they are taken to be in."""
        clauses = _CLAUSES.split(unicodedata.normalize("NFKC", text))
        asking = [clause for clause in clauses if not _tells_a_number(clause)] or clauses
        typed = self._typed([part for clause in asking if (part := words(clause))])
        said = [word for part in typed for word in part]
        # One word may be of either language: "VNeID", "OTP", "QR".
        tongue = lang or (language(" ".join(said)) if len(said) > 1 else None) or DEFAULT
        return Read(tuple(self._meant(spelled_out(part, tongue), tongue) for part in typed), tongue)

    def _typed(self, parts: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Read Telex and VNI keys: all of them where they are many, else those that make a word of the base."""
        said = {word for part in parts for word in part}
        keyed = {word: form for word in said if (form := syllable(word))}
        if not keyed or language(" ".join(word for part in parts for word in part)) == "en":
            return parts
        odd = {
            word for word in keyed if not (is_syllable(word) or word in self._seen or word in common("en"))
        }
        if len(odd) < 2 or len(odd) * 4 < len(said):
            known = {word for word in odd if word.isalpha() and plain(keyed[word]) in self._seen}
            keyed = {
                word: form
                for word, form in keyed.items()
                if word in known or (word in odd and form in self._forms)
            }
        return [tuple(keyed.get(word, word) for word in part) for part in parts]

    def _meant(self, said: tuple[str, ...], lang: str) -> tuple[str, ...]:
        """Mend words, and give what is known by a second name the first one, now that it can be read."""
        mended = self._mended(said, lang)
        return mended if mended == said else synonyms(lang).replaced(mended)

    def _mended(self, said: tuple[str, ...], lang: str) -> tuple[str, ...]:
        """Read words that the base does not know as known ones, where they are near enough."""
        good: list[str] = []
        left = MENDED
        for at, word in enumerate(said):
            key = plain(word)
            if key in self._seen or word in common(lang) or not SHORT <= len(key) <= LONGEST or not left:
                good.append(word)
                continue
            left -= 1
            before = plain(good[-1]) if good else ""
            after = plain(said[at + 1]) if at + 1 < len(said) else ""
            once = _DOUBLED.sub(r"\1", key)
            if once in self._seen:
                good.append(once)
            else:
                good += (
                    self._parted(key) or (not is_syllable(key) and self._near(key, before, after)) or (word,)
                )
        return tuple(good)

    def _parted(self, key: str) -> tuple[str, ...]:
        """Part words that are written together, `matkhau`, `muc2`; nothing where they are not."""
        pieces = _PARTS.findall(key)
        if len(pieces) > 1 and "".join(pieces) == key and all(piece in self._seen for piece in pieces):
            return tuple(pieces)
        best: list[tuple[str, ...]] = [()] * (len(key) + 1)  # the fewest known words up to each letter
        for end in range(2, len(key) + 1):
            for start in range(max(0, end - 7), end - 1):
                piece, way = key[start:end], best[start]
                if (
                    piece not in self._seen
                    or (start and not way)
                    or (way and (way[-1], piece) not in self._pairs)
                ):
                    continue
                if not best[end] or len(way) + 1 < len(best[end]):
                    best[end] = (*way, piece)
        return best[-1] if len(best[-1]) > 1 else ()

    def _near(self, key: str, before: str, after: str) -> tuple[str, ...]:
        """Find the known word that was meant: the one that goes with its neighbours, then the most usual."""
        if not key.isalpha():
            return ()
        allowed = 2 if len(key) >= LONG else 1
        lengths = range(len(key) - 1, len(key) + 2)
        known = [word for length in lengths for word in self._by_length.get(length, ())]
        found = process.extract(key, known, scorer=OSA.distance, score_cutoff=allowed, limit=20)
        if not found:
            return ()

        def beside(word: str) -> int:
            return ((before, word) in self._pairs) + ((word, after) in self._pairs)

        word = max(found, key=lambda one: (-one[1], beside(one[0]), one[0][0] == key[0], self._seen[one[0]]))[
            0
        ]
        return (word,) if beside(word) or len(key) > 4 else ()
