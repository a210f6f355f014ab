"""The order of Vietnamese words: Đ behind D, Ă and Â behind A, Ư behind U; tones count last (TCVN 6909 letters)."""

from __future__ import annotations

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PLACE = {letter: f"{place + 10:02}" for place, letter in enumerate(_LETTERS)}
_TONES = {
    "\u0300": "1",
    "\u0309": "2",
    "\u0303": "3",
    "\u0301": "4",
    "\u0323": "5",
}  # huyền, hỏi, ngã, sắc, nặng


def order(words: str) -> tuple[str, str]:
    """Give by what words are sorted as a Vietnamese reader looks for them; numbers stand before letters."""
    letters, tones = [], []
    for sign in unicodedata.normalize("NFC", words).lower():
        apart = unicodedata.normalize("NFD", sign)
        tone = next((mark for mark in apart if mark in _TONES), "")
        letter = unicodedata.normalize("NFC", apart.replace(tone, "", 1)) if tone else sign
        letters.append(_PLACE.get(letter, letter))
        tones.append(_TONES.get(tone, "0"))
    return "".join(letters), "".join(tones)
