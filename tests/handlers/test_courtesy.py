"""What people say that asks for nothing."""

from __future__ import annotations

import pytest

from handlers.courtesy import mood


@pytest.mark.parametrize(
    ("said", "felt"),
    [
        ("toi so qua", "frightened"),
        ("huhu cứu tôi với", "frightened"),
        ("trời ơi làm sao bây giờ", "frightened"),
        ("I'm scared", "frightened"),
        ("đồ ngu", "angry"),
        ("bot ngu vcl", "angry"),
        ("you are so stupid", "angry"),
        ("k hieu", "puzzled"),
        ("khó quá không hiểu", "puzzled"),
        ("là sao?", "puzzled"),
        ("???", "puzzled"),
        ("I don't understand", "puzzled"),
        ("không muốn sống nữa", "desperate"),
        ("toi muon tu sat", "desperate"),
        ("mày là người hay máy", "curious"),
        ("who are you", "curious"),
        ("are you a robot?", "curious"),
        ("ok hiểu rồi ạ", "content"),
        ("tạm biệt", "content"),
        ("tot qua", "content"),
        ("got it", "content"),
    ],
)
def test_a_message_of_nothing_but_feeling_is_heard(said: str, felt: str) -> None:
    assert mood(said) == felt


@pytest.mark.parametrize(
    "said",
    [
        "",
        "😀",
        "quên mật khẩu rồi",
        "không hiểu passcode là gì",
        "sợ bị lừa tiền qua mã qr",
        "cứu tôi, chuyển tiền nhầm rồi",
        "bot ngu thế, tạm trú làm ở đâu",
        "lỡ làm theo họ rồi",
        "đo điện",
        "mệt muốn chết",
        "tu tu",
        "1",
        "huhu " * 40,
    ],
)
def test_words_that_tell_or_ask_something_are_not(said: str) -> None:
    assert mood(said) is None
