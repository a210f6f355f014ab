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
        ("dở quá", "angry"),
        ("bot dốt thế", "angry"),
        ("nhảm nhí", "angry"),
        ("im đi", "angry"),
        ("trả lời vớ vẩn quá", "angry"),
        ("shut up", "angry"),
        ("đồ khốn", "angry"),
        ("nói linh tinh gì vậy", "angry"),
        ("you're an idiot", "angry"),
        ("óc lợn", "angry"),
        ("good job", "content"),
        ("chúc mừng năm mới", "content"),
        ("you suck", "angry"),
        ("k hieu", "puzzled"),
        ("khó quá không hiểu", "puzzled"),
        ("là sao?", "puzzled"),
        ("???", "puzzled"),
        ("I don't understand", "puzzled"),
        ("không muốn sống nữa", "desperate"),
        ("toi muon tu sat", "desperate"),
        ("mày là người hay máy", "curious"),
        ("who are you", "curious"),
        ("bạn tên gì", "curious"),
        ("mày mấy tuổi rồi", "curious"),
        ("are you ChatGPT", "curious"),
        ("are you a robot?", "curious"),
        ("ok hiểu rồi ạ", "content"),
        ("tạm biệt", "content"),
        ("tot qua", "content"),
        ("got it", "content"),
        ("giỏi quá", "content"),
        ("hahaha", "content"),
        ("chúc ngủ ngon nhé", "content"),
        ("sorry", "content"),
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
        "đổ rác",
        "xử lý rác ở đâu",
        "đồ lừa đảo gọi cho tôi",
        "chán quá, hồ sơ mãi chưa xong",
        "dốt công nghệ thì học ở đâu",
        "bị công an giả gọi, im đi không dám nói",
        "cc",
        "mệt muốn chết",
        "tu tu",
        "1",
        "huhu " * 40,
    ],
)
def test_words_that_tell_or_ask_something_are_not(said: str) -> None:
    assert mood(said) is None
