"""The ways in which one sentence is typed: without accents, with the keys of Telex left in, in chat spelling."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_SHAPES = {"â": "aa", "ê": "ee", "ô": "oo", "ă": "aw", "ơ": "ow", "ư": "uw", "đ": "dd"}
_CHAT = {
    "không": ("ko", "k", "kh", "hok"),
    "được": ("dc", "đc"),
    "mật khẩu": ("mk", "mkhẩu", "pass"),
    "rồi": ("r", "rùi"),
    "tôi": ("t", "tui"),
    "mình": ("mik", "m"),
    "em": ("e",),
    "anh": ("a",),
    "chị": ("c", "chj"),
    "với": ("vs",),
    "biết": ("bít", "bik"),
    "gì": ("j", "zì"),
    "vậy": ("z", "v"),
    "nhé": ("nha", "nhoé", "ná"),
    "số điện thoại": ("sdt", "sđt"),
    "điện thoại": ("đt", "dt"),
    "tài khoản": ("tk",),
    "bao nhiêu": ("bn", "bao nhiu"),
    "cái này": ("cái ni", "cái nầy"),
    "thế nào": ("sao", "răng"),
    "nhắn tin": ("nt",),
    "xác nhận": ("xn",),
}
_REGIONAL = {
    "không": ("hông", "hổng", "nỏ"),
    "thế nào": ("răng", "làm răng"),
    "này": ("ni", "nầy"),
    "bố": ("tía", "ba"),
    "mẹ": ("má", "u"),
    "nhé": ("nghen", "hen"),
    "đâu": ("mô",),
}


def as_it_is(words: str, chance: random.Random) -> str:
    """With all accents, as a patient person types."""
    return words


def without_accents(words: str, chance: random.Random) -> str:
    """With none."""
    plain = unicodedata.normalize("NFD", words.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize(
        "NFC", "".join(letter for letter in plain if not unicodedata.combining(letter))
    )


def telex(words: str, chance: random.Random) -> str:
    """With the keys of Telex, as where the keyboard was not switched over."""
    return re.sub(r"\w+", lambda word: _keys(word[0]), words)


def _keys(word: str) -> str:
    tone, typed = "", ""
    for letter in word:
        parts = unicodedata.normalize("NFD", letter)
        tone += "".join(_TONES.get(mark, "") for mark in parts)
        bare = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
        shape = _SHAPES.get(bare.lower(), bare)
        typed += shape.capitalize() if bare.isupper() and bare.lower() in _SHAPES else shape
    return typed + tone


def chat(words: str, chance: random.Random) -> str:
    """With the abbreviations of chats, accents or none."""
    for written, ways in _CHAT.items():
        if chance.random() < 0.7:
            words = re.sub(rf"(?<!\w){written}(?!\w)", chance.choice(ways), words)
    return words if chance.random() < 0.5 else without_accents(words, chance)


def regional(words: str, chance: random.Random) -> str:
    """With the words of the south and the middle, accents or none."""
    for written, ways in _REGIONAL.items():
        words = re.sub(rf"(?<!\w){written}(?!\w)", chance.choice(ways), words)
    return words if chance.random() < 0.5 else without_accents(words, chance)


def small(words: str, chance: random.Random) -> str:
    """In small letters and without commas."""
    return words.lower().replace(",", "")


def decomposed(words: str, chance: random.Random) -> str:
    """With all accents, which the telephone sends as signs of their own."""
    return words


def shouted(words: str, chance: random.Random) -> str:
    """In capitals."""
    return words.upper()


Habit = Callable[[str, random.Random], str]
VIETNAMESE: tuple[tuple[Habit, int], ...] = (
    (as_it_is, 32),
    (without_accents, 34),
    (chat, 12),
    (small, 8),
    (telex, 5),
    (regional, 4),
    (decomposed, 3),
    (shouted, 2),
)
ENGLISH: tuple[tuple[Habit, int], ...] = ((as_it_is, 55), (small, 40), (shouted, 5))
