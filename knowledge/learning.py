"""Which matter a few words belong to, learned from examples of what people say about each.

Every word votes for the matters that it speaks for and against others.  The votes begin as counts; then the
examples are gone through, and wherever a wrong matter comes too near to the right one, the words of that
example are shifted from the one to the other by as much as is missing, at last by less and less (the
passive-aggressive algorithm of Crammer and others, 2006, with a falling rate).  So "căn cước" alone hardly
votes, and "mất" beside it does.  Nothing here knows what the words or the matters are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from heapq import nlargest
from math import log, sqrt

import msgspec

ROUNDS = 3  # how often all examples are gone through
ENOUGH = 24_000  # examples in all rounds; many examples need fewer rounds
MARGIN = 0.5  # by which the right matter shall win
MOST = 1.0  # that one example may shift
RIVALS = 6  # matters that an example is held against: those that its words fit best besides
EVERYWHERE = 25  # matters; a word of more of them does not choose rivals
FAINT = 0.01  # a vote that is not worth keeping
SPREAD = 200  # votes of a word that are kept
UNHEARD = 1.0  # the weight of a word that stands in no example
SHUFFLE = 2_654_435_761  # an odd number that strews the examples, the same way every time

Features = Mapping[str, float]
_Row = list[tuple[int, float]]


class Votes(msgspec.Struct, frozen=True):
    """What each word says about each matter."""

    weights: dict[str, float]  # of a word: 1 where it stands in one example, towards 0 where it stands in all
    votes: dict[str, list[tuple[int, float]]]

    def weigh(self, said: Features) -> dict[int, float]:
        """Give the votes of these words by matter, most of them none; about 1 where an example is repeated."""
        shares = [(key, times * self.weights.get(key, UNHEARD)) for key, times in said.items()]
        length = sqrt(sum([weight * weight for _, weight in shares])) or 1.0
        totals: dict[int, float] = defaultdict(float)
        for key, weight in shares:
            share = weight / length
            for matter, vote in self.votes.get(key, ()):
                totals[matter] += share * vote
        return totals

    def among(self, words: Iterable[str], matters: Set[int]) -> Votes:
        """Give what these words say about these matters: the same where no others are asked for, and quicker."""
        return Votes(
            self.weights,
            {key: [one for one in self.votes.get(key, ()) if one[0] in matters] for key in words},
        )


def learn(examples: Iterable[tuple[Features, int]], matters: int) -> Votes:
    """Learn from examples, each with the number of its matter."""
    said = [(features, matter) for features, matter in examples if features]
    keys: dict[str, int] = {}
    counts: list[int] = []
    for features, _ in said:
        for key in features:
            if key not in keys:
                keys[key] = len(counts)
                counts.append(0)
            counts[keys[key]] += 1
    most = log(len(said) + 1)
    rare = [log((len(said) + 1) / count) / most for count in counts]
    rows = [
        _unit([(keys[key], times * rare[keys[key]]) for key, times in features.items()])
        for features, _ in said
    ]
    owners = [matter for _, matter in said]
    votes = _counted(rows, owners, matters)
    _correct(rows, owners, votes, _rivals(rows, owners, votes, len(counts)))
    kept = _by_word(votes, len(counts))
    for number, theirs in enumerate(kept):
        if len(theirs) > SPREAD:
            kept[number] = nlargest(SPREAD, theirs, key=lambda vote: abs(vote[1]))
    return Votes(dict(zip(keys, rare, strict=True)), dict(zip(keys, kept, strict=True)))


def _unit(row: _Row) -> _Row:
    """Give the weights of an example as a vector of length one."""
    length = sqrt(sum([weight * weight for _, weight in row])) or 1.0
    return [(word, weight / length) for word, weight in row]


def _counted(rows: list[_Row], owners: list[int], matters: int) -> list[dict[int, float]]:
    """Give the votes that mere counting gives; a matter of many examples has no louder voice."""
    examples = [0] * matters
    for owner in owners:
        examples[owner] += 1
    votes: list[dict[int, float]] = [defaultdict(float) for _ in range(matters)]
    for row, owner in zip(rows, owners, strict=True):
        share, mine = 1 / sqrt(examples[owner]), votes[owner]
        for word, weight in row:
            mine[word] += share * weight
    return votes


def _rivals(
    rows: list[_Row], owners: list[int], votes: list[dict[int, float]], words: int
) -> list[list[int]]:
    """Give for each example the other matters that its words fit best."""
    spoken = _by_word(votes, words)
    found = []
    for row, owner in zip(rows, owners, strict=True):
        totals: dict[int, float] = defaultdict(float)
        for word, weight in row:
            if len(spoken[word]) <= EVERYWHERE:
                for matter, vote in spoken[word]:
                    totals[matter] += weight * vote
        totals.pop(owner, None)
        found.append(nlargest(RIVALS, totals, key=totals.__getitem__))
    return found


def _by_word(votes: list[dict[int, float]], words: int) -> list[list[tuple[int, float]]]:
    """Give for each word the votes that are worth keeping, with their matters."""
    found: list[list[tuple[int, float]]] = [[] for _ in range(words)]
    for matter, theirs in enumerate(votes):
        for word, vote in theirs.items():
            if vote > FAINT or vote < -FAINT:
                found[word].append((matter, vote))
    return found


def _correct(
    rows: list[_Row], owners: list[int], votes: list[dict[int, float]], rivals: list[list[int]]
) -> None:
    """Shift votes wherever a rival comes too near, by less and less, so that the last examples rule no more."""
    rounds = max(1, min(ROUNDS, ENOUGH // max(1, len(rows))))
    seen, all_seen = 0, rounds * len(rows)
    for turn in range(rounds):
        for number in sorted(
            range(len(rows)), key=lambda number: (number + 1) * (SHUFFLE + 2 * turn) % 2**32
        ):
            seen += 1
            row, owner = rows[number], owners[number]
            right = votes[owner]
            allowed = highest = sum([weight * right[word] for word, weight in row]) - MARGIN
            worst = -1
            near: list[int] = []
            for rival in rivals[number]:
                theirs = votes[rival]
                total = sum([weight * theirs[word] for word, weight in row if word in theirs])
                if total > allowed:
                    near.append(
                        rival
                    )  # one that is behind by the margin is held against this example no more
                if total > highest:
                    highest, worst = total, rival
            rivals[number] = near
            if worst < 0:
                continue
            step = min(MOST, (highest - allowed) / 2) * (1 - seen / all_seen)
            wrong = votes[worst]
            for word, weight in row:
                shift = step * weight
                right[word] += shift
                wrong[word] -= shift
