"""Finding the topic that a citizen means, or finding that there is none.

Everything happens on this machine with counts of words: no model, no network.  A topic is known by the
questions that people ask about it, by its title and, with less weight, by its answer.  What the base
does not hold is known by questions too (`data/elsewhere.tsv`), since a passport reads much like an
identity card and "I do not know" is a good answer only where it is true.
"""

from __future__ import annotations

from collections import defaultdict
from importlib import resources
from itertools import pairwise
from math import log, sqrt
from typing import Literal

import msgspec
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from knowledge.folding import Language, common, expand, language, plain, untelex, words
from knowledge.library import Library, Topic

Verdict = Literal["answer", "choose", "unknown"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")


class Tuning(msgspec.Struct, frozen=True):
    """The weights and limits of a search; found by trying, on questions that no topic holds."""

    common: float = 0.15  # what a word like "how" weighs beside one that names the matter
    unseen: float = 0.7  # what a word weighs that stands in no topic: it asks for something else
    other_accents: float = 0.45  # mật said, mất written
    pair: float = 0.9  # two words in the same order, against the mean of the two alone
    body: float = 0.6  # a word that stands only in the answer or the steps
    likeness: float = 0.5  # share of the nearest question
    coverage: float = 0.3  # share of the words that the topic knows
    letters: float = 0.2  # share of the likeness of letters
    long: int = 14  # words; longer texts are also read piece by piece
    piece: int = 10  # words in a piece
    piece_share: float = 0.5  # what the best piece of a story weighs beside the whole
    floor: float = 0.5  # below this nothing is answered
    lead: float = 0.04  # a smaller lead over the next topic leaves the choice to the person
    choose: float = 0.4  # below this nothing is even offered
    elsewhere: float = 1.0  # how near a question the base does not hold must be to refuse


class Hit(msgspec.Struct, frozen=True):
    """A topic that may be meant."""

    topic: str
    score: float  # 0 to 1
    question: str  # the question of the topic that is nearest


class Found(msgspec.Struct, frozen=True):
    """What a search gives: the best first."""

    lang: Language
    hits: tuple[Hit, ...]
    verdict: Verdict


class Index:
    """All topics, ready to be searched; built once for a library."""

    def __init__(self, library: Library, tuning: Tuning | None = None) -> None:
        self._tuning = tuning or Tuning()
        elsewhere = _elsewhere()
        self._shelves = {
            lang: _Shelf(library.topics(lang), elsewhere[lang], lang, self._tuning) for lang in LANGUAGES
        }

    def search(self, text: str, lang: Language | None = None, most: int = 5) -> Found:
        """Find the topics nearest to a text, and say whether the first may be given as the answer."""
        asked = lang or language(text)
        found = [self._shelves[each].search(text, most) for each in ((asked,) if asked else LANGUAGES)]
        return max(found, key=lambda each: (each.verdict != "unknown", _best(each)))


def _best(found: Found) -> float:
    return found.hits[0].score if found.hits else 0.0


class _Term(msgspec.Struct, frozen=True):
    key: str  # one plain word or two
    form: str  # the same with the accents that were written
    weight: float


class _Shelf:
    """The topics of one language.  Rows are single questions; owners say whose they are."""

    def __init__(
        self, topics: tuple[Topic, ...], elsewhere: list[tuple[str, str]], lang: Language, tuning: Tuning
    ) -> None:
        self._lang = lang
        self._tuning = tuning
        self._names: list[str] = []  # by owner; "" is a matter that the base does not hold
        self._rows: list[tuple[int, str, str]] = []  # owner, the question, the question folded
        self._body: dict[str, dict[int, float]] = defaultdict(dict)  # where a plain word stands, and how well
        rows: list[tuple[str, ...]] = []
        subjects: dict[str, int] = {}
        for topic in topics:
            owner = len(self._names)
            self._names.append(topic.id)
            for question in (*topic.questions, topic.title):
                rows.append(self._row(owner, question))
            shown = [topic.answer, *topic.more, *(f"{step.title} {step.text}" for step in topic.steps)]
            for word in self._words(" ".join(shown)):
                self._body[plain(word)].setdefault(owner, tuning.body)
        held = {topic.id for topic in topics}
        for subject, question in elsewhere:
            if subject in held:  # the base has learned it since
                continue
            owner = subjects.setdefault(subject, len(self._names))
            if owner == len(self._names):
                self._names.append("")
            rows.append(self._row(owner, question))
        self._rare = self._rarity(rows)
        self._postings: dict[str, list[tuple[int, float, str]]] = defaultdict(list)
        for number, said in enumerate(rows):
            terms = self._terms(said)
            length = _length(terms)
            for term in terms:
                self._postings[term.key].append((number, term.weight / length, term.form))
        self._vocabulary = sorted(word for word in self._rare if len(word) > 3)

    def _row(self, owner: int, question: str) -> tuple[str, ...]:
        said = self._words(question)
        self._rows.append((owner, question, plain(" ".join(said))))
        for word in said:
            self._body[plain(word)][owner] = 1.0
        return said

    def _words(self, text: str) -> tuple[str, ...]:
        return expand(words(text)) if self._lang == "vi" else words(text)

    def _rarity(self, rows: list[tuple[str, ...]]) -> dict[str, float]:
        """Weigh each plain word by how few matters it stands in, from 0 to 1."""
        owners: dict[str, set[int]] = defaultdict(set)
        for (owner, _, _), said in zip(self._rows, rows, strict=True):
            for word in said:
                owners[plain(word)].add(owner)
        most = log(1 + len(self._names))
        return {word: log((1 + len(self._names)) / len(where)) / most for word, where in owners.items()}

    def _terms(self, said: tuple[str, ...]) -> list[_Term]:
        """Weigh the words and the pairs of neighbours."""
        tuning = self._tuning
        singles = []
        for form in dict.fromkeys(said):
            key = plain(form)
            weight = self._rare.get(key, 0.0) or (0.0 if key in self._body else tuning.unseen)
            if form in common(self._lang):
                weight = min(weight, tuning.common) if key in self._rare else 0.05
            singles.append(_Term(key, form, max(weight, 0.02)))
        weights = {term.form: term.weight for term in singles}
        pairs = {
            f"{plain(a)} {plain(b)}": _Term(
                f"{plain(a)} {plain(b)}", f"{a} {b}", tuning.pair * (weights[a] + weights[b]) / 2
            )
            for a, b in pairwise(said)
        }
        return [*singles, *pairs.values()]

    def _repaired(self, said: tuple[str, ...]) -> tuple[str, ...]:
        """Read mistyped words as known ones where only one reading is near."""
        good: list[str] = []
        for word in said:
            key = plain(word)
            if key in self._body or word in common(self._lang) or not word.isalpha() or len(key) < 3:
                good.append(word)
            elif self._lang == "vi" and (untelex(key)) in self._body:
                good.append(untelex(key))
            elif parted := self._parted(key):
                good.extend(parted)
            elif len(key) > 4 and (
                near := process.extractOne(
                    key, self._vocabulary, scorer=Levenshtein.normalized_similarity, score_cutoff=0.79
                )
            ):
                good.append(near[0])
            else:
                good.append(word)
        return tuple(good)

    def _parted(self, key: str) -> tuple[str, str] | None:
        """Part a word that is two written together (`matkhau`)."""
        for at in range(2, len(key) - 1):
            if f"{key[:at]} {key[at:]}" in self._postings:
                return key[:at], key[at:]
        return None

    def search(self, text: str, most: int) -> Found:
        """Find the nearest topics of this language."""
        tuning = self._tuning
        said = self._repaired(self._words(text))
        scores = self._score(said)
        if len(said) > tuning.long:
            scores = self._with_pieces(said, scores)
        ranked = sorted(scores.items(), key=lambda item: -item[1][0])
        hits = tuple(
            Hit(self._names[owner], round(score, 4), self._rows[row][1])
            for owner, (score, row) in ranked
            if self._names[owner]
        )[:most]
        other = max((score for owner, (score, _) in ranked if not self._names[owner]), default=0.0)
        return self._judged(hits, other)

    def _judged(self, hits: tuple[Hit, ...], other: float) -> Found:
        tuning = self._tuning
        if not hits or hits[0].score < tuning.choose or other * tuning.elsewhere > hits[0].score:
            return Found(self._lang, hits, "unknown")
        second = hits[1].score if len(hits) > 1 else 0.0
        clear = hits[0].score >= tuning.floor and hits[0].score - second >= tuning.lead
        return Found(self._lang, hits, "answer" if clear else "choose")

    def _with_pieces(
        self, said: tuple[str, ...], whole: dict[int, tuple[float, int]]
    ) -> dict[int, tuple[float, int]]:
        """Let the clause of a long story that says most count beside the whole."""
        tuning = self._tuning
        best = {owner: (0.0, row) for owner, (_, row) in whole.items()}
        pieces = [said[at : at + tuning.piece] for at in range(0, len(said) - 3, tuning.piece // 2)]
        for piece in pieces:
            for owner, (score, row) in self._score(piece).items():
                if score > best.get(owner, (0.0, 0))[0]:
                    best[owner] = (score, row)
        share = tuning.piece_share
        return {
            owner: (share * score + (1 - share) * max(whole.get(owner, (0.0, 0))[0], score * 0.6), row)
            for owner, (score, row) in best.items()
        }

    def _score(self, said: tuple[str, ...]) -> dict[int, tuple[float, int]]:
        """Score each matter that shares a word with what was said; with its nearest question."""
        tuning = self._tuning
        terms = self._terms(said)
        length = _length(terms)
        if not terms or not length:
            return {}
        dots: dict[int, float] = defaultdict(float)
        for term in terms:
            accented = not term.form.isascii()
            for row, weight, form in self._postings.get(term.key, ()):
                same = not accented or form == term.form or form.isascii()
                dots[row] += term.weight * weight * (1.0 if same else tuning.other_accents)
        nearest: dict[int, tuple[float, int]] = {}
        for row, dot in dots.items():
            owner = self._rows[row][0]
            if dot > nearest.get(owner, (0.0, 0))[0]:
                nearest[owner] = (dot, row)
        singles = [term for term in terms if " " not in term.key]
        total = sum(term.weight for term in singles)
        known: dict[int, float] = defaultdict(float)
        for term in singles:
            for owner, value in self._body.get(term.key, {}).items():
                known[owner] += value * term.weight / total
        letters = plain(" ".join(said))
        rough = sorted(
            (
                (tuning.likeness * dot / length + tuning.coverage * known[owner], owner, row)
                for owner, (dot, row) in nearest.items()
            ),
            reverse=True,
        )
        return {
            owner: (score + tuning.letters * fuzz.token_sort_ratio(letters, self._rows[row][2]) / 100, row)
            for score, owner, row in rough[:10]
        }


def _length(terms: list[_Term]) -> float:
    return sqrt(sum(term.weight * term.weight for term in terms))


def _elsewhere() -> dict[str, list[tuple[str, str]]]:
    """Give what the base does not hold: subject and question, by language."""
    text = resources.files("knowledge").joinpath("data", "elsewhere.tsv").read_text("utf-8")
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in text.splitlines()[1:]:
        subject, lang, question = line.split("\t")
        found[lang].append((subject, question))
    return found
