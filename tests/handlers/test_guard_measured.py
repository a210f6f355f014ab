"""Of two thousand generated messages the guard finds what is secret, and hides next to nothing else."""

from __future__ import annotations

from types import ModuleType

import pytest

from handlers.rules import guard
from tests.guard import overheard, retold, told, unseen
from tests.guard.figures import FALSE, RECALL, measure
from tests.guard.messages import messages

SEED = 2026


@pytest.mark.parametrize("sentences", [told, retold, overheard, unseen], ids=lambda module: module.__name__)
def test_secrets_are_found_and_little_else_is_hidden(sentences: ModuleType) -> None:
    figures = measure(messages(SEED, 2_000, sentences.SECRET, sentences.INNOCENT))
    assert figures.recall >= RECALL, figures.missed[:10]
    assert figures.false <= FALSE, figures.touched[:10]


def test_the_generator_gives_the_same_messages_every_time_and_all_its_kinds() -> None:
    once, again = (list(messages(SEED, 400, told.SECRET, told.INNOCENT)) for _ in range(2))
    assert once == again
    assert {message.kind for message in once} == {*told.SECRET, *told.INNOCENT}
    for message in once:
        assert bool(message.secrets) == (message.kind in told.SECRET), message


@pytest.mark.parametrize(
    ("asked", "awaited"),
    [
        ("", ""),
        ("Mã nó gửi về là bao nhiêu bác?", "secret"),
        ("bac doc ma cho em", "secret"),
        ("mk bác đặt là gì", "secret"),
        ("What is the code?", "secret"),
        ("Nhà bác số nhà bao nhiêu ạ", "number"),
        ("mã hồ sơ của bác là bao nhiêu", "number"),
        ("mấy giờ bác ở nhà", "number"),
        ("Chào bác, em là Hường ở tổ 7.", "words"),
        ("Bác xem lại giúp em", "words"),
    ],
)
def test_what_an_answer_will_be_is_read_from_the_question(asked: str, awaited: str) -> None:
    assert guard.asks(asked) == awaited


@pytest.mark.parametrize(
    ("said", "awaited", "kept"),
    [
        ("482913", "", "••••••"),
        ("482913", "words", "••••••"),
        ("482913", "secret", "••••••"),
        ("482913", "number", "482913"),
        ("dạ 4829 ạ", "secret", "dạ •••••• ạ"),
        ("có rồi, nó ghi 482913", "words", "có rồi, nó ghi ••••••"),
        ("nhà 1234 ngõ 5", "words", "nhà 1234 ngõ 5"),
        ("Hoa@1950", "secret", "••••••"),
        ("hoa1950 đó", "secret", "•••••• đó"),
        ("bốn tám hai chín một ba", "secret", "••••••"),
        ("gọi em số 0912345678", "secret", "gọi em số 0912345678"),
        ("em sinh năm 1990", "secret", "em sinh năm 1990"),
    ],
)
def test_a_bare_number_is_judged_by_what_was_asked(said: str, awaited: guard.Awaited, kept: str) -> None:
    assert guard.judged(said, awaited).text == kept
