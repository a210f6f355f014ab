"""Telex and VNI keys that no keyboard turned into letters."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.folding import words
from knowledge.keys import syllable

TELEX = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j",
         "\u0302": None, "\u0306": "w", "\u031b": "w"}  # fmt: skip
VNI = {"\u0300": "2", "\u0301": "1", "\u0309": "3", "\u0303": "4", "\u0323": "5",
       "\u0302": "6", "\u0306": "8", "\u031b": "7"}  # fmt: skip
SENTENCE = words(
    "mất thẻ căn cước thì đăng ký lại ở đâu, quên mật khẩu rồi, người già không có điện thoại, thuở trước đường "
    "huyện, nghiêng khuỷu tay, quý khách hủy hóa đơn, giấy tờ giả, gì nữa, tiền nước, ước muốn, xe khách, uống rượu"
)


def keyed(word: str, keys: dict[str, str | None]) -> str:
    """Write a word with its marks as keys behind the letters, the tone at the end."""
    typed, tone = "", ""
    for letter in unicodedata.normalize("NFD", word.replace("đ", "d9" if keys is VNI else "dd")):
        key = keys.get(letter, letter)
        if letter in "\u0300\u0301\u0309\u0303\u0323":
            tone = str(key)
        else:
            typed += key or typed[-1]
    return typed + tone


@pytest.mark.parametrize("keys", [TELEX, VNI], ids=["telex", "vni"])
def test_every_word_is_read_back_from_its_keys(keys: dict[str, str | None]) -> None:
    marked = [word for word in dict.fromkeys(SENTENCE) if not word.isascii()]
    assert [syllable(keyed(word, keys)) for word in marked] == marked


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ddieejn", "điện"),
        ("nguwowif", "người"),
        ("nguoiwf", "người"),
        ("tieesng", "tiếng"),
        ("dieend", "điên"),
        ("wowcs", "ước"),
        ("giaays", "giấy"),
        ("quys", "quý"),
        ("huyr", "hủy"),
        ("toans", "toán"),
        ("d9a8ng", "đăng"),
        ("ca8n", "căn"),
        ("cuo71c", "cước"),
        ("ky1", "ký"),
    ],
)
def test_marks_may_stand_behind_the_vowel_or_at_the_end(typed: str, meant: str) -> None:
    assert syllable(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "vneid", "scan", "lam", "for", "ct07", "2fa", "cccd", "the", "mất", "www", "hộ"]
)
def test_what_holds_no_mark_or_is_no_syllable_is_left_alone(typed: str) -> None:
    assert syllable(typed) == ""


@given(st.text(alphabet="abcdeghiklmnopqrstuvxyfjwz0123456789", max_size=12))
def test_whatever_is_read_is_one_word_with_a_mark(typed: str) -> None:
    read = syllable(typed)
    assert read == "" or (words(read) == (read,) and not read.isascii())
