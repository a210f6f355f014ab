"""The two words by which a helper is told from a swindler."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import codes
from knowledge.folding import fold, is_syllable

WORDS = [word for part in codes.WORDS for word in part]


@pytest.fixture(autouse=True)
def chance() -> Iterator[None]:
    codes.seed(7)
    yield
    codes.seed(None)


def test_each_word_is_one_short_syllable_without_digits() -> None:
    for word in WORDS:
        assert is_syllable(fold(word)), word
        assert word.isalpha()
        assert word.isupper()
        assert len(word) <= 5


def test_no_two_words_sound_alike_without_their_accents() -> None:
    assert len({fold(word) for word in WORDS}) == len(WORDS)


def test_two_words_are_drawn_one_of_each_list() -> None:
    for _time in range(300):
        first, second = codes.watchwords().split(" ")
        assert first in codes.WORDS[0]
        assert second in codes.WORDS[1]
