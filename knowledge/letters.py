"""Letters that look like others: what remains of an address when every disguise is taken off.

Swindlers write `vnеid` with a Cyrillic е, `vneld` with an l, `VNE1D` with a 1.  Nothing here knows a domain.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters of other alphabets, each under the Latin one that it is taken for; accents and wide forms fall away before.
_ALIKE = {
    "a": "аαɑ⍺ᴀ",
    "b": "ьвʙƄᏏ",
    "c": "сϲᴄⅽ",
    "d": "ԁɗđɖⅾᏧ",
    "e": "еєεҽ℮ᴇ",
    "f": "ғƒſ",
    "g": "ɡɢցǥԍ",
    "h": "һհнħʜ",
    "i": "іıɩιӏɪ¡ⅰ",
    "j": "јϳʝ",
    "k": "кκĸᴋ",
    "l": "ⅼ∣ǀłʟ|",
    "m": "мⅿᴍ",
    "n": "ոпηɴƞ",
    "o": "оοօσᴏøθ",
    "p": "рρᴘþ",
    "q": "ԛզɋ",
    "r": "гᴦʀɾ",
    "s": "ѕꜱʂ",
    "t": "тτᴛŧ",
    "u": "υսᴜʋ",
    "v": "νѵᴠⅴ",
    "w": "ԝωᴡѡ",
    "x": "хχⅹ×",
    "y": "уүγʏ",
    "z": "ᴢʐƶ",
}
_LATIN = {ord(other): latin for latin, others in _ALIKE.items() for other in others}
_DOTS = str.maketrans("。．｡․‧∙·", ".......")
# Marks that nobody sees: joiners, direction marks, soft hyphens, variation selectors, tags.
_MARKS = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_UNSEEN = re.compile(f"[{_MARKS}]")
_AROUND = re.compile(rf"^[\s{_MARKS}<>\"'“”‘’«»‹›`*,;!…]+|[\s{_MARKS}<>\"'“”‘’«»‹›`*,;!…]+$")
# Signs of one alphabet that are taken for each other; both sides of a comparison are written so.
_PAIRS = (("rn", "m"), ("vv", "w"))
_SIGNS = str.maketrans("0134578l", "oieastbi")


def seen(text: str) -> str:
    """Give the text without the marks that nobody sees."""
    return _UNSEEN.sub("", text)


def trimmed(text: str) -> str:
    """Give the text without gaps, quotes, brackets and unseen marks around it."""
    text = _AROUND.sub("", text)
    for opening, closing in ("()", "[]", "{}"):
        if closing in text[-1:] and opening not in text:
            text = text[:-1]
        elif text[:1] == opening and text[-1:] == closing and ":" not in text[:4]:
            text = text[1:-1]
    return _AROUND.sub("", text)


def undisguised(text: str) -> str:
    """Give the small Latin letters that a text seems to be written with; dots of other scripts become dots."""
    plain = unicodedata.normalize("NFKD", seen(text).translate(_DOTS).lower())
    shown = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return shown.translate(_LATIN)


@lru_cache(2_000)
def blurred(word: str) -> str:
    """Give the word as a hasty eye reads it: 0 is o, 1 and l are i, rn is m."""
    for pair, letter in _PAIRS:
        word = word.replace(pair, letter)
    return word.translate(_SIGNS)
