"""Finding the topic that a citizen means, or finding that there is none.

Everything happens on this machine with counts of words: no model, no network.  A topic is known by the
questions that people ask about it, by its title and, with less weight, by its answer.  What the base
does not hold is known by questions too (`data/elsewhere.tsv`), since a passport reads much like an
identity card and "I do not know" is a good answer only where it is true.
"""

from __future__ import annotations

from collections import defaultdict
from heapq import nlargest
from importlib import resources
from itertools import pairwise
from math import log, sqrt
from typing import Literal

import msgspec
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from knowledge.folding import common, expand, language, plain, stem, untelex, words
from knowledge.languages import LANGUAGES
from knowledge.library import Library, Topic

Verdict = Literal["answer", "choose", "unknown"]
NEAR = 0.79  # the likeness of a mistyped word and the one that was meant
MISSED = 0.6  # what a matter found only in a piece of a story is worth in the whole
NAME = 3  # words at most that may be the mere name of a matter
HEARD = 2_000  # characters; whoever writes more has asked by then
RANKED = 10  # the matters whose letters are compared too


class Tuning(msgspec.Struct, frozen=True):
    """The weights and limits of a search; found by trying, on questions that no topic holds."""

    # What a word weighs: 1 where only one matter has it, towards 0 where all have it.
    usual: float = 0.13  # at most this is nothing: the word stands nearly everywhere
    unseen: float = 1.0  # a word that stands nowhere: it asks for something else
    figure: float = 0.3  # an unseen one of digits: an amount, a day
    pair: float = 1.3  # two neighbours, against the mean of the two
    other_accents: float = 0.3  # of that, where mật was said and mất is written
    body: float = 0.5  # of that, where only the answer or the steps have it
    heading: float = 0.5  # a step's title, against a question that people ask
    passing: float = 0.1  # a matter that only mentions a word, when those are counted in which it stands
    # What the score is made of.
    likeness: float = 0.25  # how near the nearest question is
    support: float = 0.25  # how near all questions and passages together are
    coverage: float = 0.3  # how much of what was said the topic knows
    letters: float = 0.2  # how alike the letters are
    # Stories: longer texts are also read piece by piece.
    long: int = 14  # words
    piece: int = 10  # words
    pieces: int = 12  # at most
    telling: float = 1.0  # the weight of words at which a piece counts half
    piece_share: float = 0.5  # the best piece, against the whole
    # What is said of a score.
    floor: float = 0.55  # below this nothing is answered
    lead: float = 0.04  # a smaller lead leaves the choice to the person
    choose: float = 0.46  # below this nothing is even offered
    elsewhere: float = 1.06  # a matter the base does not hold wins ties
    offered: float = (
        0.64  # so near a topic it is offered all the same: "bé" and "bà" are one word without accents
    )


class Hit(msgspec.Struct, frozen=True):
    """A topic that may be meant."""

    topic: str
    score: float  # 0 to 1
    question: str  # the question of the topic that is nearest


class Found(msgspec.Struct, frozen=True):
    """What a search gives: the best first."""

    lang: str
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

    def search(self, text: str, lang: str | None = None, most: int = 5) -> Found:
        """Find the topics nearest to a text, and say whether the first may be given as the answer."""
        heard = text[:HEARD]
        # One word may be of either language: "VNeID", "OTP", "QR".
        asked = lang or (language(heard) if len(words(heard)) > 1 else None)
        found = [self._shelves[each].search(heard, most) for each in ((asked,) if asked else LANGUAGES)]
        return max(found, key=lambda each: (each.verdict != "unknown", _best(each)))


def _best(found: Found) -> float:
    return found.hits[0].score if found.hits else 0.0


class _Term(msgspec.Struct, frozen=True):
    """A word or two neighbours."""

    key: str  # without accents
    form: str  # with the accents that were written
    weight: float


class _Row(msgspec.Struct, frozen=True):
    """A question that people ask, or the title of a topic or a step."""

    owner: int
    said: tuple[str, ...]
    shown: str  # the question, or the topic's title
    share: float  # 1 for a question

    @property
    def letters(self) -> str:
        """Give the words without accents."""
        return plain(" ".join(self.said))


class _Score(msgspec.Struct, frozen=True):
    value: float
    row: int  # the nearest


class _Shelf:
    """The matters of one language: the topics, and what the base does not hold."""

    def __init__(
        self, topics: tuple[Topic, ...], elsewhere: list[tuple[str, str]], lang: str, tuning: Tuning
    ) -> None:
        self._lang = lang
        self._tuning = tuning
        held = [topic.id for topic in topics]
        others = [(subject, question) for subject, question in elsewhere if subject not in held]
        names = [*held, *(subject for subject, _ in others)]
        owners = {name: number for number, name in enumerate(dict.fromkeys(names))}
        self._topics = {owners[topic.id]: topic.id for topic in topics}
        rows = [_Row(owners[subject], self._words(question), question, 1.0) for subject, question in others]
        for topic in topics:
            rows += self._rows_of(topic, owners[topic.id])
        # Where a plain word stands, and how well it speaks for the matter.
        self._places: dict[str, dict[int, float]] = defaultdict(dict)
        for row in rows:
            for word in row.said:
                self._places[plain(word)][row.owner] = 1.0
        for topic in topics:
            self._read_body(topic, owners[topic.id])
        most = log(1 + len(owners))
        # A word that guides use in passing stays telling where only few matters are asked about in it.
        self._rare = {
            word: log((1 + len(owners)) / sum(self._asked_in(value) for value in where.values())) / most
            for word, where in self._places.items()
        }
        self._titles = {topic.id: plain(" ".join(self._words(topic.title))) for topic in topics}
        self._owner = [row.owner for row in rows]
        self._shown = [row.shown for row in rows]
        self._letters = [row.letters for row in rows]
        self._postings: dict[str, list[tuple[int, float, str]]] = defaultdict(list)
        for number, row in enumerate(rows):
            terms = self._terms(row.said)
            length = _length(terms)
            for term in terms:
                self._postings[term.key].append((number, row.share * term.weight / length, term.form))
        self._long_words = [word for word in self._rare if len(word) > 3]

    def _asked_in(self, value: float) -> float:
        return 1.0 if value == 1.0 else self._tuning.passing

    def _rows_of(self, topic: Topic, owner: int) -> list[_Row]:
        asked = [_Row(owner, self._words(text), text, 1.0) for text in (*topic.questions, topic.title)]
        headings = [step.title for step in topic.steps]
        read = [_Row(owner, self._words(text), topic.title, self._tuning.heading) for text in headings]
        return asked + read

    def _read_body(self, topic: Topic, owner: int) -> None:
        labels = (option.label for step in topic.steps for option in step.options)
        passages = (topic.answer, *topic.more, *(step.text for step in topic.steps), *labels)
        for word in set(self._words(" ".join(passages))):
            self._places[plain(word)].setdefault(owner, self._tuning.body)

    def _words(self, text: str) -> tuple[str, ...]:
        return tuple(map(stem, words(text))) if self._lang == "en" else expand(words(text))

    def _terms(self, said: tuple[str, ...]) -> list[_Term]:
        """Weigh the words that name a matter and the pairs of neighbours that hold one."""
        usual = common(self._lang)
        weights = {form: 0.0 if form in usual else self._weight(plain(form)) for form in said}
        share = self._tuning.pair / 2
        pairs = {f"{a} {b}": share * (weights[a] + weights[b]) for a, b in pairwise(said)}
        return [_Term(plain(form), form, weight) for form, weight in (weights | pairs).items() if weight]

    def _weight(self, key: str) -> float:
        unseen = self._tuning.figure if key.isdigit() else self._tuning.unseen
        weight = self._rare.get(key, unseen)
        return weight if weight > self._tuning.usual else 0.0

    def search(self, text: str, most: int) -> Found:
        """Find the nearest topics of this language."""
        said = self._repaired(self._words(text))
        scores = self._score(said)
        if len(said) > self._tuning.long:
            scores = self._with_pieces(said, scores)
        ranked = sorted(scores.items(), key=lambda item: (-item[1].value, item[0]))
        hits = tuple(
            Hit(self._topics[owner], round(score.value, 4), self._shown[score.row])
            for owner, score in ranked
            if owner in self._topics
        )
        other = max((score.value for owner, score in ranked if owner not in self._topics), default=0.0)
        verdict = self._verdict(hits, other)
        named = self._named(said, hits)
        if named and (verdict != "answer" or len(named) > 1):
            return Found(self._lang, named[:most], "choose")
        return Found(self._lang, hits[:most], verdict)

    def _named(self, said: tuple[str, ...], hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        """Give the topics of a matter that was only named, "vneid" or "chuyển tiền": it asks for any of them."""
        if not said or len(said) > NAME or any(word in common(self._lang) for word in said):
            return ()
        name = plain(" ".join(said))
        return tuple(hit for hit in hits if name in hit.topic.split(".") or name in self._titles[hit.topic])

    def _verdict(self, hits: tuple[Hit, ...], other: float) -> Verdict:
        """Judge the hits, beside the best of the matters that the base does not hold."""
        tuning = self._tuning
        best, second = (*(hit.score for hit in hits[:2]), 0.0, 0.0)[:2]
        elsewhere = best < other * tuning.elsewhere
        if best < tuning.choose or (elsewhere and best < tuning.offered):
            return "unknown"
        clear = not elsewhere and best >= tuning.floor and best - max(second, other) >= tuning.lead
        return "answer" if clear else "choose"

    def _repaired(self, said: tuple[str, ...]) -> tuple[str, ...]:
        """Read mistyped words as known ones where one is near."""
        short = len(said) <= self._tuning.long  # a story says more than its typing mistakes
        good: list[str] = []
        for word in said:
            key = plain(word)
            if key in self._places or word in common(self._lang) or not word.isalpha() or len(key) < 3:
                good.append(word)
            elif self._lang == "vi" and untelex(key) in self._places:
                good.append(untelex(key))
            else:
                good += self._parted(key) or (short and self._near(key)) or (word,)
        return tuple(good)

    def _parted(self, key: str) -> tuple[str, ...]:
        """Part a word that is two written together (`matkhau`); nothing when it is not."""
        for at in range(2, len(key) - 1):
            if f"{key[:at]} {key[at:]}" in self._postings:
                return key[:at], key[at:]
        return ()

    def _near(self, key: str) -> tuple[str, ...]:
        """Find the known word that a longer one was meant to be; nothing when none is near."""
        if len(key) < 5:
            return ()
        scorer = Levenshtein.normalized_similarity
        found = process.extractOne(key, self._long_words, scorer=scorer, score_cutoff=NEAR)
        return (found[0],) if found else ()

    def _with_pieces(self, said: tuple[str, ...], whole: dict[int, _Score]) -> dict[int, _Score]:
        """Let the piece of a story that says most count beside the whole."""
        tuning = self._tuning
        best: dict[int, _Score] = {}
        stride = max(tuning.piece // 2, len(said) // tuning.pieces)
        for at in range(0, len(said) - 3, stride):
            piece = said[at : at + tuning.piece]
            mass = sum(term.weight for term in self._terms(piece))
            told = mass / (mass + tuning.telling)  # a piece of two words is easily matched
            for owner, score in self._score(piece).items():
                if owner not in best or score.value * told > best[owner].value:
                    best[owner] = _Score(score.value * told, score.row)
        share = tuning.piece_share
        mixed = dict(whole)
        for owner, score in best.items():
            other = max(whole[owner].value if owner in whole else 0.0, score.value * MISSED)
            mixed[owner] = _Score(share * score.value + (1 - share) * other, score.row)
        return mixed

    def _score(self, said: tuple[str, ...]) -> dict[int, _Score]:
        """Score the matters nearest to what was said, each from 0 to 1."""
        tuning = self._tuning
        terms = self._terms(said)
        length = _length(terms)
        dots: dict[int, float] = defaultdict(float)
        for term in terms:
            plainly = term.form.isascii()
            weight = term.weight / length
            for row, share, form in self._postings.get(term.key, ()):
                # Whoever writes without accents may mean any; a wrong accent may be another word.
                same = plainly or form == term.form or form.isascii()
                dots[row] += weight * share if same else weight * share * tuning.other_accents
        nearest: dict[int, int] = {}
        support: dict[int, float] = defaultdict(float)
        for row, dot in dots.items():
            owner = self._owner[row]
            support[owner] += dot**4
            if owner not in nearest or dot > dots[nearest[owner]]:
                nearest[owner] = row
        known = self._coverage(terms)
        rough = {
            owner: tuning.likeness * dots[row]
            + tuning.support * min(1.0, support[owner] ** 0.25)
            + tuning.coverage * known[owner]
            for owner, row in nearest.items()
        }
        letters = plain(" ".join(said))
        return {
            owner: _Score(
                min(
                    1.0,
                    value
                    + tuning.letters * fuzz.token_sort_ratio(letters, self._letters[nearest[owner]]) / 100,
                ),
                nearest[owner],
            )
            for owner, value in nlargest(RANKED, rough.items(), key=lambda item: item[1])
        }

    def _coverage(self, terms: list[_Term]) -> dict[int, float]:
        """Say for each matter how much of the words' weight it knows, wherever they stand."""
        singles = [term for term in terms if " " not in term.key]
        total = sum(term.weight for term in singles)
        known: dict[int, float] = defaultdict(float)
        for term in singles:
            for owner, value in self._places.get(term.key, {}).items():
                known[owner] += value * term.weight / total
        return known


def _length(terms: list[_Term]) -> float:
    """Give the length of the weights as a vector; 1 where there is nothing to divide."""
    return sqrt(sum(term.weight * term.weight for term in terms)) or 1.0


def _elsewhere() -> dict[str, list[tuple[str, str]]]:
    """Give what the base does not hold: subject and question, by language."""
    text = resources.files("knowledge").joinpath("data", "elsewhere.tsv").read_text("utf-8")
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in text.splitlines()[1:]:
        subject, lang, question = line.split("\t")
        found[lang].append((subject, question))
    return found
