"""Vietnamese that arrived as the keys that were pressed: `ddaawng kys`, `d9a8ng ky1`.

Telex puts letters, VNI digits behind the vowel or at the end of the syllable.  Nothing here knows the topics.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from knowledge.folding import is_syllable, plain, words

_TONES = {"f": "\u0300", "s": "\u0301", "r": "\u0309", "x": "\u0303", "j": "\u0323"} | {
    "2": "\u0300", "1": "\u0301", "3": "\u0309", "4": "\u0303", "5": "\u0323"
}  # fmt: skip
_HATS = {"a": "â", "e": "ê", "o": "ô"}
_HORNS = {"o": "ơ", "u": "ư"}
_MARKED = "âêôơưă"
_VOWELS = "aeiouy" + _MARKED
LONGEST = 12  # keys of a syllable: "nghieengx" and some that were pressed twice


@lru_cache(20_000)
def syllable(typed: str) -> str:
    """Give the syllable that these keys write; nothing where they write none, or hold no mark at all."""
    if not typed.isascii() or not typed[:1].isalpha() or len(typed) > LONGEST:
        return ""
    letters: list[str] = []
    tone = ""
    for key in typed:
        vowels = [at for at, letter in enumerate(letters) if letter in _VOWELS]
        if key in _TONES and vowels and not tone:
            tone = _TONES[key]
        elif not _mark(letters, vowels, key):
            letters.append(key)
    written = re.sub("ươ$", "uơ", "".join(letters))  # thuở
    if (written == typed and not tone) or not is_syllable(plain(written)):
        return ""
    return _with_tone(written, tone)


def _mark(letters: list[str], vowels: list[int], key: str) -> bool:
    """Give a letter its hat, horn, breve or bar; False where the key is a letter of its own."""
    last = letters[vowels[-1]] if vowels else ""
    horned = [at for at in vowels if letters[at] in _HORNS and letters[max(0, at - 1)] != "q"]
    if key in "d9" and letters[:1] == ["d"] and (key == "9" or letters[-1] == "d" or vowels):
        letters[0] = "đ"
    elif key in _HATS and last == key and vowels[-1] == len(letters) - 1:
        letters[-1] = _HATS[key]
    elif key == "6" and (hatted := [at for at in vowels if letters[at] in _HATS]):
        letters[hatted[-1]] = _HATS[letters[hatted[-1]]]
    elif last == "a" and (key == "8" or (key == "w" and "u" not in [letters[at] for at in horned])):
        letters[vowels[-1]] = "ă"
    elif key in "w7" and horned:
        letters[horned[-1]] = _HORNS[letters[horned[-1]]]
        if [letters[at] for at in horned[-2:]] == ["u", "ơ"]:
            letters[horned[-2]] = "ư"  # the horn of ươ is typed once
    elif key == "w" and not vowels:
        letters.append("ư")
    else:
        return False
    return True


def _with_tone(written: str, tone: str) -> str:
    """Put the tone on the vowel that bears it."""
    if not tone:
        return written
    start = 2 if written[:2] in ("qu", "gi") and any(letter in _VOWELS for letter in written[2:]) else 0
    vowels = [at for at in range(start, len(written)) if written[at] in _VOWELS]
    marked = [at for at in vowels if written[at] in _MARKED]
    if marked:
        at = marked[-1]
    elif len(vowels) == 3 or (len(vowels) == 2 and vowels[-1] < len(written) - 1):
        at = vowels[1]  # khuỷu, toán
    else:
        at = vowels[0]  # hóa, của
    return words(unicodedata.normalize("NFC", written[: at + 1] + tone + written[at + 1 :]))[0]
