"""The languages that people of Vietnam speak beside Vietnamese, read from words.

The names are those of the larger groups of the country's census, as neighbours call them; a list of names, no claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from knowledge.folding import fold

TONGUES = (
    "Tày", "Nùng", "Thái", "Mường", "Mông", "Dao", "Khmer", "Hoa", "Gia Rai", "Ê Đê", "Ba Na", "Xơ Đăng", "Cơ Ho",
    "Chăm", "Sán Chay", "Sán Dìu", "Hrê", "Raglai", "Mnông", "Xtiêng", "Bru", "Thổ", "Giáy", "Cơ Tu", "Hà Nhì", "Lào",
)  # fmt: skip
OTHERWISE = {
    "hmong": "Mông",
    "h mong": "Mông",
    "meo": "Mông",
    "kho me": "Khmer",
    "kho mer": "Khmer",
    "ede": "Ê Đê",
    "jarai": "Gia Rai",
    "jrai": "Gia Rai",
    "gia lai": "Gia Rai",
    "bahnar": "Ba Na",
    "bana": "Ba Na",
    "co ho": "Cơ Ho",
    "kho": "Cơ Ho",
    "stieng": "Xtiêng",
    "m nong": "Mnông",
    "ra glai": "Raglai",
    "cao lan": "Sán Chay",
    "cham": "Chăm",
}
_NAMES = {**{fold(name): name for name in TONGUES}, **OTHERWISE}
_ANY = "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True))
# "Tiếng Thái", and in English "Thai language"; a bare "Thái" is a name of people and of places.
_MENTIONED = re.compile(rf"\b(?:tieng (?:dan toc )?({_ANY})|({_ANY}) (?:language|dialect))\b")
_SPEAKS = re.compile(
    r"(?:(?:toi|minh|em|chau|con|anh|chi|co|chu|bac) )?(?:(?:cung|con|biet) )*noi (?:duoc |ca )?"
    r"tieng (.+?)(?: (?:nua|a|nhe))?"
    r"|i (?:also )?speak (.+)"
)
_NONE = re.compile(
    r"(?:(?:toi|minh|em|anh|chi|co|chu|bac) )?chi (?:biet )?noi (?:duoc )?tieng (?:viet|kinh)|i only speak vietnamese"
)
_BETWEEN = re.compile(r"\s*(?:,|;|/|\+|\bvà\b|\bva\b|\band\b)\s*", re.I)


class Told(msgspec.Struct, frozen=True):
    """What somebody says they speak."""

    tongues: tuple[str, ...]
    unknown: tuple[str, ...] = ()  # as they were typed


def mentioned(words: str) -> tuple[str, ...]:
    """Give the languages that words speak of, each once, in the order in which they do."""
    found = (_NAMES[one[1] or one[2]] for one in _MENTIONED.finditer(fold(words)))
    return tuple(dict.fromkeys(found))


def told(words: str) -> Told | None:
    """Give which languages somebody says they speak; no language for Vietnamese alone, None for other words."""
    if _NONE.fullmatch(fold(words)):
        return Told(())
    pieces = [fold(piece) for piece in _BETWEEN.split(words.strip(" .!")) if fold(piece)]
    first = _SPEAKS.fullmatch(pieces[0]) if pieces else None
    if first is None:
        return None
    return named([first[1] or first[2], *pieces[1:]])


def listed(words: str) -> Told:
    """Give the languages of a list such as "Tày, tiếng Mông"; Vietnamese is none of them."""
    return named([fold(piece) for piece in _BETWEEN.split(words.strip(" .!")) if fold(piece)])


def named(pieces: Iterable[str]) -> Told:
    """Give what each of these words, without accents, names."""
    bare = [re.sub(r"^(?:ca )?(?:tieng )?(?:dan toc )?", "", name) for name in pieces]
    rest = [name for name in bare if name not in ("viet", "kinh", "vietnamese")]
    return Told(
        tuple(dict.fromkeys(_NAMES[name] for name in rest if name in _NAMES)),
        tuple(name for name in rest if name not in _NAMES),
    )
