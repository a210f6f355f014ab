"""Our search beside three others: one run, the same base, the same questions, each with its best threshold.

`python -m tests.bench.understanding` measures this alone.  Times are those of the processor, so that what else the
machine does counts little.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
import tracemalloc
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from unittest.mock import patch

import bm25s
import msgspec
import numpy as np
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

import knowledge
from knowledge import search
from knowledge.folding import fold, words
from knowledge.library import Library, Topic, gather, load
from knowledge.search import Index, Said
from tests.questions import OUT, QUESTIONS, Asked, table

LEFT_OUT = 5  # every fifth question, where there is no table
MANY = 100_000
SHOWN = 3  # topics in a choice
NOTHING = -1.0
FIRST = {"real": 0.92, "noisy": 0.90, "en": 0.92, "mixed": 0.92}  # right at first, also_ok counted
AMONG, REFUSED = 0.96, 0.96  # among what is shown; out of scope

Say = Callable[..., None]
Scores = dict[str, float]  # by subject


class Searcher(Protocol):
    """One side of the comparison."""

    name: str

    def build(self, rows: list[Said]) -> None:
        """Take what people say of each subject."""

    def scores(self, text: str) -> Scores:
        """Score the subjects that come into question."""


class Result(NamedTuple):
    """What a side makes of a question."""

    asked: Asked
    ranked: list[str]  # topics only
    score: float  # of the first; NOTHING where something that the base does not hold is nearer

    @property
    def right(self) -> bool:
        """Whether the first topic is right, or one that is right too."""
        return bool(self.ranked) and self.ranked[0] in self.asked.right


# --- the sides ---


class Ours:
    """The search of the product; its score is how likely a topic is."""

    name = "ours"

    def __init__(self, library: Library) -> None:
        self._library = library
        self.index: Index

    def build(self, rows: list[Said]) -> None:
        """Build the index as the product does."""
        own = set(said_of(self._library))
        tables = tuple(row for row in rows if row not in own)
        with patch.object(search, "tables", lambda: tables):
            self.index = Index(self._library)

    def scores(self, text: str) -> Scores:
        """Give the likelihoods; nothing where the search says that it does not know."""
        found = self.index.search(text, most=90)
        return {hit.topic: hit.score for hit in found.hits}


class Rows:
    """What the others have in common: a score for every row, the best of a subject counts."""

    def build(self, rows: list[Said]) -> None:
        """Keep the rows."""
        self._subjects = np.array([row.subject for row in rows])
        self._names, self._of = np.unique(self._subjects, return_inverse=True)
        self.index_texts([fold(row.text) for row in rows])

    def index_texts(self, texts: list[str]) -> None:
        """Make an index of the texts."""
        raise NotImplementedError

    def row_scores(self, text: str) -> Any:
        """Score every row."""
        raise NotImplementedError

    def scores(self, text: str) -> Scores:
        """Give each subject the score of its best row."""
        best = np.zeros(len(self._names))
        np.maximum.at(best, self._of, self.row_scores(fold(text[: search.HEARD])))
        return dict(zip(self._names.tolist(), best.tolist(), strict=True))


class Likeness(Rows):
    """rapidfuzz's WRatio over all rows."""

    name = "WRatio"

    def index_texts(self, texts: list[str]) -> None:
        """Keep them."""
        self._texts = texts

    def row_scores(self, text: str) -> Any:
        """Compare with each."""
        return process.cdist([text], self._texts, scorer=fuzz.WRatio)[0]


class Bm25(Rows):
    """bm25s over words without accents."""

    name = "bm25s"

    def index_texts(self, texts: list[str]) -> None:
        """Index the words."""
        self._index = bm25s.BM25()
        self._index.index([text.split() for text in texts], show_progress=False)

    def row_scores(self, text: str) -> Any:
        """Score by the words."""
        said = [word for word in text.split() if word in self._index.vocab_dict]
        return self._index.get_scores(said) if said else np.zeros(len(self._of))


class Grams(Rows):
    """TF-IDF of character n-grams."""

    name = "TF-IDF"

    def index_texts(self, texts: list[str]) -> None:
        """Weigh two to four letters of a word."""
        self._grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
        self._rows = self._grams.fit_transform(texts)

    def row_scores(self, text: str) -> Any:
        """Give the cosines."""
        return (self._rows @ self._grams.transform([text]).T).toarray().ravel()


# --- the questions ---


def said_of(library: Library) -> list[Said]:
    """Give the topics' questions and titles."""
    topics = [topic for lang in library.shelves for topic in library.topics(lang)]
    return [Said(topic.id, topic.lang, text) for topic in topics for text in (*topic.questions, topic.title)]


def base(library: Library) -> list[Said]:
    """Give all that people say: the topics' questions and titles, and the tables."""
    return [*said_of(library), *search.tables()]


def left_out(library: Library) -> tuple[Library, list[Said], list[Asked]]:
    """Take every fifth question of each topic, and of what is not held, out of the base and ask it."""
    asked: list[Asked] = []
    topics = []
    for lang in library.shelves:
        for topic in library.topics(lang):
            asked += [Asked("", f"{lang}", (topic.id,), text) for text in topic.questions[::LEFT_OUT]]
            kept = tuple(text for number, text in enumerate(topic.questions) if number % LEFT_OUT)
            topics.append(msgspec.structs.replace(topic, questions=kept))
    rest = gather(topics)
    held = {topic.id for topic in topics}
    others = [row for row in search.tables() if row.subject not in held]
    taken = set(others[::LEFT_OUT])
    asked += [Asked("", OUT, (), row.text) for row in others[::LEFT_OUT]]
    return rest, [row for row in base(rest) if row not in taken], asked


# --- measuring ---


def main(library: Library, say: Say) -> None:
    """Compare all sides, then measure ours at a size that no commune will reach."""
    given = os.environ.get(QUESTIONS)
    if given:
        rows, asked = base(library), table(Path(given))
        say(f"Understanding: {len(asked)} questions of {QUESTIONS}, which stand in no side's base")
    else:
        library, rows, asked = left_out(library)
        say(
            f"Understanding: {QUESTIONS} is not given, so {len(asked)} questions are left out of the base and asked"
        )
    held = {topic.id for lang in library.shelves for topic in library.topics(lang)}
    outside = sum(row.subject not in held for row in rows)
    say(f"  The base of every side: {len(rows):,} rows, {outside:,} of matters not held")
    kinds = list(dict.fromkeys(one.kind for one in asked))
    for side in (Ours(library), Likeness(), Bm25(), Grams()):
        begin = time.process_time()
        side.build(rows)
        built = time.process_time() - begin
        results, took = measured(side, asked, held)
        best = best_threshold(results)
        say(
            f"  {side.name}: built in {built:.2f} s, {megabytes(side, rows):.0f} MB; "
            f"p50 {took[0]:.2f} ms, p95 {took[1]:.2f} ms; threshold {best:.3g}"
        )
        for kind in kinds:
            say(f"    {kind:8}{line([one for one in results if one.asked.kind == kind], best)}")
        if isinstance(side, Ours):
            shipped(side.index, asked, say)
            unaccented(side.index, asked, say)
    say(f"  Ours over {MANY:,} questions")
    for name, larger in (
        ("of as many topics", more_questions(library)),
        ("of so many more topics", more_topics(library)),
    ):
        begin = time.process_time()
        index = Index(larger)
        built = time.process_time() - begin
        took = latencies(index.search, [one.text for one in asked])
        reached = "yes" if took[1] < 20 else "NO"
        say(
            f"    {name:24}built in {built:.1f} s, p50 {took[0]:.2f} ms, p95 {took[1]:.2f} ms   goal 20: {reached}"
        )


def measured(side: Searcher, asked: list[Asked], held: set[str]) -> tuple[list[Result], tuple[float, float]]:
    """Ask everything, and time it."""
    results, took = [], []
    for one in asked:
        begin = time.process_time()
        scores = side.scores(one.text)
        took.append(time.process_time() - begin)
        ranked = sorted((name for name in scores if name in held), key=lambda name: (-scores[name], name))
        best = scores[ranked[0]] if ranked else NOTHING
        other = max((score for name, score in scores.items() if name not in held), default=NOTHING)
        results.append(Result(one, ranked, best if best > other else NOTHING))
    return results, (statistics.median(took) * 1000, statistics.quantiles(took, n=20)[-1] * 1000)


def latencies(find: Callable[[str], object], texts: Iterable[str]) -> tuple[float, float]:
    """Give median and p95 in milliseconds."""
    took = []
    for text in texts:
        begin = time.process_time()
        find(text)
        took.append(time.process_time() - begin)
    return statistics.median(took) * 1000, statistics.quantiles(took, n=20)[-1] * 1000


def best_threshold(results: list[Result]) -> float:
    """Find the score from which on answering gives most right answers and right refusals."""

    def good(threshold: float) -> int:
        answered = [one for one in results if one.score >= threshold]
        outside = sum(not one.asked.right for one in results)
        return sum(one.right for one in answered) + outside - sum(not one.asked.right for one in answered)

    return max(sorted({max(one.score, 1e-9) for one in results}), key=good)


def line(results: list[Result], threshold: float) -> str:
    """Give the figures of one kind."""
    count = len(results)
    answered = [one for one in results if one.score >= threshold]
    if not results[0].asked.right:
        return f"{count:4}   refused {1 - len(answered) / count:.3f}, answered wrongly {len(answered) / count:.3f}"
    first = sum(bool(one.ranked) and one.ranked[0] == one.asked.right[0] for one in results) / count
    either = sum(one.right for one in results) / count
    ranks = [
        next((1 / place for place, name in enumerate(one.ranked, 1) if name in one.asked.right), 0.0)
        for one in results
    ]
    wrong = sum(not one.right for one in answered) / count
    return (
        f"{count:4}   top-1 {first:.3f}, with also_ok {either:.3f}, MRR {sum(ranks) / count:.3f}, "
        f"answered rightly {len(answered) / count - wrong:.3f}, wrongly {wrong:.3f}"
    )


def shipped(index: Index, asked: list[Asked], say: Say) -> None:
    """Print what people get with the limits that are shipped: an answer, a choice of a few, or neither."""
    kinds: dict[str, list[tuple[Asked, list[str], str]]] = defaultdict(list)
    for one in asked:
        found = index.search(one.text)
        kinds[one.kind].append((one, [hit.topic for hit in found.hits], found.verdict))
    say("    as shipped:")
    for kind, seen in kinds.items():
        count = len(seen)
        if kind == OUT:
            refused = sum(verdict == "unknown" for *_, verdict in seen) / count
            answered = sum(verdict == "answer" for *_, verdict in seen) / count
            say(
                f"    {kind:8}{count:4}   refused {refused:.3f}{goal(refused, REFUSED)}, answered {answered:.3f}"
            )
            continue
        top = sum(v != "unknown" and t[0] in one.right for one, t, v in seen) / count
        shown = sum(
            v != "unknown" and bool({*t[: 1 if v == "answer" else SHOWN]} & {*one.right})
            for one, t, v in seen
        )
        said = sum(v == "answer" and t[0] in one.right for one, t, v in seen) / count
        wrong = sum(v == "answer" and t[0] not in one.right for one, t, v in seen) / count
        say(
            f"    {kind:8}{count:4}   first {top:.3f}{goal(top, FIRST.get(kind, 0))}, "
            f"among what is shown {shown / count:.3f}{goal(shown / count, AMONG)}, "
            f"answered at once {said:.3f}, wrongly {wrong:.3f}"
        )


def goal(value: float, wanted: float) -> str:
    """Say whether a share is what was promised."""
    return f" (goal {wanted:.2f}: {'yes' if value >= wanted else 'NO'})" if wanted else ""


def unaccented(index: Index, asked: list[Asked], say: Say) -> None:
    """Print what it costs when people leave their accents out: the same questions, typed with and without."""
    typed = [one for one in asked if one.right and bare(one.text) != one.text]
    if not typed:
        return
    ways = {"with": [one.text for one in typed], "without": [bare(one.text) for one in typed]}
    right = {}
    for way, texts in ways.items():
        found = [index.search(text) for text in texts]
        right[way] = sum(
            one.verdict != "unknown" and one.hits[0].topic in asked.right
            for one, asked in zip(found, typed, strict=True)
        )
    lost = 100 * (right["with"] - right["without"]) / len(typed)
    say(
        f"    {len(typed)} questions typed with accents: first {right['with'] / len(typed):.3f}, "
        f"without them {right['without'] / len(typed):.3f}, lost {lost:.1f} points   "
        f"goal 2: {'yes' if lost <= 2 else 'NO'}"
    )


def bare(text: str) -> str:
    """Give a text as a keyboard without Vietnamese types it."""
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def megabytes(side: Searcher, rows: list[Said]) -> float:
    """Give what a second build allocates and keeps."""
    gc.collect()
    tracemalloc.start()
    side.build(rows)
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    return kept


# --- a large base ---


def more_questions(library: Library) -> Library:
    """Give the same topics with 100,000 questions, each with a name behind it."""
    topics = library.topics("vi")
    each, names = MANY // len(topics), _names(library)
    return gather(
        msgspec.structs.replace(
            topic,
            questions=tuple(
                f"{text} {name}"
                for text, name in zip(islice(cycle(topic.questions), each), names, strict=False)
            ),
        )
        for topic in topics
    )


def more_topics(library: Library) -> Library:
    """Give 100,000 questions of thousands of topics, which differ by a name only."""
    topics, names = library.topics("vi"), iter(_names(library))
    found: list[Topic] = []
    count = 0
    while count < MANY:
        name = next(names)
        for topic in topics:
            asked = tuple(f"{text} {name}" for text in topic.questions)
            found.append(
                msgspec.structs.replace(
                    topic, id=f"{topic.id}-{len(found)}", title=f"{topic.title} {name}", questions=asked
                )
            )
            count += len(asked)
    return gather(found)


def _names(library: Library) -> list[str]:
    """Give names of two words, from the words of the base."""
    said = list(
        dict.fromkeys(
            word for topic in library.topics("vi") for text in topic.questions for word in words(text)
        )
    )
    return [f"{a} {b}" for a, b in zip(said, said[7:], strict=False)]


if __name__ == "__main__":
    main(load(Path(knowledge.__file__).parent / "topics"), print)
