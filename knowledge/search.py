"""Finding the topic that a citizen means, or finding that there is none.

Everything happens on this machine with counts of words: no model, no network.  A matter is known by what
people say about it: the questions and titles of the topics, and further wordings (`data/wordings.tsv`).  What
the base does not hold is a matter too (`data/elsewhere.tsv`), since a passport reads much like an identity
card and "I do not know" is a good answer only where it is true.  `reading` gives the words that were meant,
`learning` what each of them votes for; here the votes become an answer, a choice of a few, or neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from functools import cache
from heapq import nlargest
from importlib import resources
from itertools import pairwise
from math import exp, log
from typing import Literal, NamedTuple

import msgspec

from knowledge.folding import common, plain, words
from knowledge.languages import LANGUAGES
from knowledge.learning import Votes, learn
from knowledge.library import Library, Topic
from knowledge.reading import Read, Reader, spelled_out

Verdict = Literal["answer", "choose", "unknown"]
NAME = 3  # words at most that may be the mere name of a matter
JOINTS = {"và", "va", "hay", "hoặc", "hoac", "and", "or"}  # between two matters
HEARD = 2_000  # characters; whoever writes more has asked by then
LIKELY = 40  # matters that the pieces of a story are held against: those that the whole fits best
SPREAD = 400  # matters; a word that more of them know tells nothing


class Tuning(msgspec.Struct, frozen=True):
    """The weights and limits of a search; found by trying, on questions that no table and no topic holds."""

    # What is heard in words, beside the words themselves, which weigh 1 before their rarity.
    pair: float = 1.0  # two neighbours; the beginning and the end are neighbours too
    accented: float = 0.5  # a word as it was accented: mật, mất or mặt
    # What the words that a topic's answer and steps hold add to the votes.
    known: float = 0.3  # all that was said is known to the topic
    body: float = 0.6  # of that, where only the answer or the steps have it
    # Stories: longer texts are also heard piece by piece, and the best piece counts beside the whole.
    long: int = 12  # words
    piece: int = 8  # words
    pieces: int = 12  # at most, each of clauses and of windows
    share: float = 0.3  # the best piece, against the whole
    # What is said of a score.
    floor: float = 0.28  # votes; with fewer nothing is even offered
    ahead: float = 0.08  # votes by which a topic must win over what the base does not hold
    spread: float = 0.06  # votes that make one matter 2.7 times as likely as another
    silence: float = 0.25  # votes for having meant nothing at all
    sure: float = 0.75  # as likely as this it is the answer; a smaller lead leaves the choice to the person
    sure_of_two: float = 0.9  # the same where only two words tell something


class Hit(msgspec.Struct, frozen=True):
    """A topic that may be meant."""

    topic: str
    score: float  # 0 to 1: how likely it is to be the right one


class Found(msgspec.Struct, frozen=True):
    """What a search gives: the best first."""

    lang: str
    hits: tuple[Hit, ...]
    verdict: Verdict


class Said(NamedTuple):
    """Something that people say of a matter."""

    subject: str  # a topic's id, or the name of a matter that the base does not hold
    lang: str
    text: str


class Index:
    """All topics, ready to be searched; built once for a library."""

    def __init__(self, library: Library, tuning: Tuning | None = None) -> None:
        self._tuning = tuning or Tuning()
        topics = [topic for lang in LANGUAGES for topic in library.topics(lang)]
        said = [
            Said(topic.id, topic.lang, text) for topic in topics for text in (*topic.questions, topic.title)
        ]
        said += tables()
        self._subjects = list(
            dict.fromkeys([*(topic.id for topic in topics), *(one.subject for one in said)])
        )
        self._held = len({topic.id for topic in topics})  # the first so many subjects are topics
        numbers = {subject: number for number, subject in enumerate(self._subjects)}
        examples = [(spelled_out(words(one.text), one.lang), numbers[one.subject]) for one in said]
        bodies = [(spelled_out(words(_body(topic)), topic.lang), numbers[topic.id]) for topic in topics]
        self._titles: dict[str, str] = defaultdict(str)
        for topic in topics:
            self._titles[topic.id] += f" {plain(' '.join(spelled_out(words(topic.title), topic.lang)))} "
        self._reader = Reader([row for row, _ in (*examples, *bodies)])
        self._votes = learn([(self._heard(row), owner) for row, owner in examples], len(self._subjects))
        self._known = self._knowledge(examples, bodies)
        most = log(len(self._subjects) + 1)
        self._rare = {
            word: log((len(self._subjects) + 1) / len(who)) / most for word, who in self._known.items()
        }

    def _knowledge(
        self, examples: list[tuple[tuple[str, ...], int]], bodies: list[tuple[tuple[str, ...], int]]
    ) -> dict[str, dict[int, float]]:
        """Say for each word which matters know it, and how well."""
        known: dict[str, dict[int, float]] = defaultdict(dict)
        for row, owner in examples:
            for word in row:
                known[plain(word)][owner] = 1.0
        for row, owner in bodies:
            for word in set(row):
                known[plain(word)].setdefault(owner, self._tuning.body)
        return {word: who for word, who in known.items() if len(who) <= SPREAD}

    def search(self, text: str, lang: str | None = None, most: int = 5) -> Found:
        """Find the topics nearest to a text, and say whether the first may be given as the answer."""
        read = self._reader.read(text[:HEARD], lang)
        votes = self._weigh_all(read)
        if named := self._named(read):
            return Found(read.lang, self._hits(votes, named, most), "choose")
        hits = self._hits(votes, range(self._held), most)
        verdict = self._verdict(read, votes, hits)
        if verdict == "answer" and (two := self._two(read)):
            return Found(
                read.lang,
                (*two, *(hit for hit in hits if hit.topic not in {one.topic for one in two}))[:most],
                "choose",
            )
        return Found(read.lang, hits, verdict)

    def _heard(self, said: tuple[str, ...]) -> dict[str, float]:
        """Give what the votes are given for: words and pairs of neighbours without accents, words with them."""
        bare = [plain(word) for word in said]
        heard = dict.fromkeys(bare, 1.0)
        if bare:
            heard |= {f"{a} {b}": self._tuning.pair for a, b in pairwise(("^", *bare, "$"))}
        return heard | {word: self._tuning.accented for word in said if not word.isascii()}

    def _weigh(
        self, said: tuple[str, ...], votes: Votes, known: dict[str, dict[int, float]]
    ) -> dict[int, float]:
        """Give each matter its votes and what its knowing of the words adds to them."""
        # An accent that nobody writes there is a slip of the finger, not another word.
        heard = {
            key: times
            for key, times in self._heard(said).items()
            if key.isascii() or key in self._votes.votes
        }
        totals = votes.weigh(heard)
        bare = {plain(word) for word in said}
        mass = sum([self._rare.get(word, 1.0) for word in bare])
        for word in bare & known.keys():
            worth = self._tuning.known * self._rare[word] / mass
            for matter, share in known[word].items():
                totals[matter] += worth * share
        return totals

    def _weigh_all(self, read: Read) -> dict[int, float]:
        """Weigh the whole, and the pieces of a story: the question may stand in any of them."""
        tuning, said = self._tuning, read.said
        whole = self._weigh(said, self._votes, self._known)
        if len(said) <= tuning.long:
            return whole
        pieces: list[tuple[str, ...]] = []
        for clause in read.clauses:
            if len(clause) > 2:
                pieces += self._windows(clause) if len(clause) > tuning.long else [clause]
        pieces = [*pieces[: tuning.pieces], *self._windows(said)]
        likely = set(nlargest(LIKELY, whole, key=whole.__getitem__))
        votes = self._votes.among({key for piece in pieces for key in self._heard(piece)}, likely)
        known = {
            word: {matter: self._known[word][matter] for matter in likely & self._known[word].keys()}
            for word in self._known.keys() & {plain(word) for word in said}
        }
        weighed = [self._weigh(piece, votes, known) for piece in pieces]
        return {
            matter: tuning.share * max([piece.get(matter, 0.0) for piece in weighed])
            + (1 - tuning.share) * whole[matter]
            for matter in likely
        }

    def _windows(self, said: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Give pieces that overlap by half, or fewer of them where there would be too many."""
        size = self._tuning.piece
        stride = max(size // 2, -(-len(said) // self._tuning.pieces))
        return [said[at : at + size] for at in range(0, len(said) - size + stride, stride)]

    def _hits(self, votes: dict[int, float], among: Container[int], most: int) -> tuple[Hit, ...]:
        """Give the first of these topics, each with its likelihood among all matters and silence."""
        highest = max([self._tuning.silence, *votes.values()])
        total = sum(
            [exp((vote - highest) / self._tuning.spread) for vote in [self._tuning.silence, *votes.values()]]
        )
        spoken = [(vote, -matter) for matter, vote in votes.items() if matter in among]
        return tuple(
            Hit(self._subjects[-matter], round(exp((vote - highest) / self._tuning.spread) / total, 4))
            for vote, matter in nlargest(most, spoken)
        )

    def _verdict(self, read: Read, votes: dict[int, float], hits: tuple[Hit, ...]) -> Verdict:
        tuning = self._tuning
        best = max([vote for matter, vote in votes.items() if matter < self._held], default=0.0)
        elsewhere = max([vote for matter, vote in votes.items() if matter >= self._held], default=0.0)
        telling = {word for word in read.said if word not in common(read.lang)}
        if best < tuning.floor or best < elsewhere + tuning.ahead or not telling:
            return "unknown"
        sure = (1.0, 1.0, tuning.sure_of_two)[len(telling)] if len(telling) < NAME else tuning.sure
        return "answer" if hits[0].score >= sure else "choose"

    def _two(self, read: Read) -> list[Hit]:
        """Give the topics of two matters asked about at once, "tạm trú và khai sinh"; nothing where it is one."""
        for at, word in enumerate(read.said):
            if word in JOINTS:
                sides = [self._sure(read.said[:at], read.lang), self._sure(read.said[at + 1 :], read.lang)]
                found = [side for side in sides if side]
                if len({hit.topic for hit in found}) > 1:
                    return sorted(found, key=lambda hit: -hit.score)
        return []

    def _sure(self, said: tuple[str, ...], lang: str) -> Hit | None:
        """Give the topic that these words would be answered with."""
        votes = self._weigh(said, self._votes, self._known)
        hits = self._hits(votes, range(self._held), 1)
        return hits[0] if self._verdict(Read((said,), lang), votes, hits) == "answer" else None

    def _named(self, read: Read) -> set[int]:
        """Give the topics of a matter that was only named, "vneid" or "chuyển tiền": it asks for any of them."""
        said = read.said
        if not 0 < len(said) <= NAME or any(word in common(read.lang) for word in said):
            return set()
        name = plain(" ".join(said))
        of = {
            number
            for number, topic in enumerate(self._subjects[: self._held])
            if f" {name} " in self._titles[topic] or name in topic.split(".")
        }
        return of if len(of) > 1 else set()


def _body(topic: Topic) -> str:
    """Give all that a topic says, but for its title."""
    labels = (option.label for step in topic.steps for option in step.options)
    told = (part for step in topic.steps for part in (step.title, step.text))
    return " ".join((topic.answer, *topic.more, *told, *labels))


@cache
def tables() -> tuple[Said, ...]:
    """Give what people say of topics beside their questions, and of what the base does not hold.

    A subject that the base has learned, or has lost, is the one or the other without a change of the tables.
    """
    return tuple(Said(*row) for name in ("wordings.tsv", "elsewhere.tsv") for row in _rows(name))


def _rows(name: str) -> Iterable[list[str]]:
    text = resources.files("knowledge").joinpath("data", name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines()[1:])
