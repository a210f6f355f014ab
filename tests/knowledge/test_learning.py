"""Votes of words, learned from examples."""

from __future__ import annotations

import pytest

from knowledge.learning import learn

LOST, RENEWED, TRAVEL = range(3)
EXAMPLES = [
    ("lost my card", LOST),
    ("card lost what now", LOST),
    ("my card is gone", LOST),
    ("renew my card", RENEWED),
    ("card too old", RENEWED),
    ("when to renew the card", RENEWED),
    ("card for the bus", TRAVEL),
]


def heard(text: str) -> dict[str, float]:
    return dict.fromkeys(text.split(), 1.0)


VOTES = learn([(heard(text), matter) for text, matter in EXAMPLES], 3)


@pytest.mark.parametrize(("text", "matter"), EXAMPLES)
def test_every_example_is_won_by_its_own_matter(text: str, matter: int) -> None:
    totals = VOTES.weigh(heard(text))
    assert max(totals, key=totals.__getitem__) == matter


def test_the_word_that_differs_tells_more_than_the_word_that_all_have() -> None:
    lost = dict(VOTES.votes["lost"])
    assert lost[LOST] > max(vote for _, vote in VOTES.votes["card"])
    assert lost[LOST] > 0 > lost.get(RENEWED, -1)


def test_words_that_nobody_said_take_away_from_the_others() -> None:
    assert VOTES.weigh(heard("lost card"))[LOST] > VOTES.weigh(heard("lost card of an unheard sort"))[LOST]
    assert VOTES.weigh(heard("unheard words")) == {}
    assert VOTES.weigh({}) == {}


def test_the_same_examples_give_the_same_votes() -> None:
    assert learn([(heard(text), matter) for text, matter in EXAMPLES], 3) == VOTES


def test_fewer_matters_get_the_same_votes() -> None:
    among = VOTES.among(["lost", "card", "unheard"], {LOST})
    assert among.weigh(heard("lost card")) == {LOST: VOTES.weigh(heard("lost card"))[LOST]}


def test_nothing_is_learned_from_nothing() -> None:
    assert learn([], 0).weigh(heard("lost")) == {}
