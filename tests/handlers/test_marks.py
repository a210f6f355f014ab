"""How the help was, in people's own words."""

from __future__ import annotations

import pytest

from handlers.feedback import marked


@pytest.mark.parametrize(
    ("words", "mark"),
    [
        ("chị giúp rất tốt", "good"),
        ("cháu nhiệt tình lắm", "good"),
        ("bình thường thôi", "fair"),
        ("cũng được", "fair"),
        ("chưa tốt lắm", "poor"),
        ("tôi không hài lòng", "poor"),
        ("chậm quá, thái độ kém", "poor"),
        ("she was very kind", "good"),
        ("not very helpful", "poor"),
        ("thế nào là tốt?", ""),
        ("mai tôi ra phường", ""),
    ],
)
def test_a_mark_is_heard_in_words(words: str, mark: str) -> None:
    assert marked(words) == mark
