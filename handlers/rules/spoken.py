"""Numbers that people write out in Vietnamese, turned into digits: "ba mươi", "2tr5", "một trăm linh năm".

What is said short and may mean two things ("một nghìn hai": 1.200 or 1.002) is left as both, for the
conversation to ask.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from handlers.rules.guard import fold

_DIGITS = {
    "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
}  # fmt: skip
_SCALES = {"nghin": 1000, "ngan": 1000, "trieu": 1_000_000}
_TENS = ("muoi", "chuc")
_JOINTS = ("linh", "le", "khong")
_WORDS = {*_DIGITS, *_SCALES, *_TENS, "tram", "linh", "le", "ruoi"}
# With accents it has to be this very word: tám is eight, tầm is about.
_ACCENTED = {
    "một", "mốt", "hai", "ba", "bốn", "tư", "năm", "lăm", "sáu", "bảy", "bẩy", "tám", "chín", "mười", "mươi", "chục",
    "trăm", "nghìn", "ngàn", "triệu", "linh", "lẻ", "rưỡi", "rưởi",
}  # fmt: skip
# Alone and without accents these are other words as well: năm (year), sau (after), tầm (about), tư (private), làm (do).
_UNSURE_ALONE = {"nam", "sau", "tam", "tu", "lam"}
# Never the first word of a number.
_NEVER_FIRST = {"linh", "le", "ruoi", "lam", "trieu", "nghin", "ngan"}
_NOT_FIVE = re.compile(r"nam (?:nay|ngoai|truoc|sau)\b")
_SHORT = re.compile(
    r"\b(\d{1,3})\s?(tr|trieu|k|nghin|ngan)\s?(\d{1,3})(?!\d)(?!\s?(?:k|tr|nghin|ngan|trieu)\b)(?![.,]\d)"
)
_HALF = re.compile(r"\b(\d{1,6})\s?(tr|trieu|k|nghin|ngan|tram)\s?ruoi\b")
_TENFOLD = re.compile(r"\b(\d{1,4})\s?(chuc|tram)\b(?!\s?ruoi)")
_TIMES = {
    "tr": 1_000_000,
    "trieu": 1_000_000,
    "k": 1000,
    "nghin": 1000,
    "ngan": 1000,
    "tram": 100,
    "chuc": 10,
}


def written(text: str) -> tuple[str, ...]:
    """Give a text with its numbers in digits, folded as `guard.fold` does; twice where one may mean two numbers."""
    text = unicodedata.normalize("NFC", text).lower()
    words = re.findall(r"\w+|[^\w\s]+|\s+", text)
    done: list[str] = [""]
    place = 0
    while place < len(words):
        run = _run(words, place)
        if run:
            readings = _readings([word for word in words[place : place + run] if not word.isspace()])
            if readings:
                done = [f"{before}{value}" for before in done for value in readings]
                place += run
                continue
        done = [
            before + fold(words[place]) if not words[place].isspace() else f"{before} " for before in done
        ]
        place += 1
    return tuple(dict.fromkeys(each for before in done for each in _shorthand(before)))


def _run(words: list[str], start: int) -> int:
    """Give how many parts from here on write out one number; 0 where none begins here."""
    before = next((word for word in reversed(words[:start]) if not word.isspace()), "")
    if words[start].isspace() or before.isdigit():
        return 0  # "2 trăm": digits with a scale are read elsewhere
    end, last = start, start
    while end < len(words) and (words[end].isspace() or _counts(words[end]) or _zero(words, end)):
        end += 1
        if not words[end - 1].isspace():
            last = end
    found = [word for word in words[start:last] if not word.isspace()]
    if not found or fold(found[0]) in _NEVER_FIRST or _NOT_FIVE.match(fold("".join(words[start:]))):
        return 0
    bare = fold(found[0]) == found[0]  # without accents
    if len(found) == 1 and (fold(found[0]) == "tram" or (bare and fold(found[0]) in _UNSURE_ALONE)):
        return 0  # "phần trăm" is no hundred
    return last - start


def _readings(words: list[str]) -> list[int]:
    """Give what a written-out number can mean; without accents "tam muoi" is 80, or about ten."""
    values = _values([fold(word) for word in words])
    about = _values([fold(word) for word in words[1:]]) if words[0] == "tam" else []
    return [*values, *about] if values else []


def _counts(word: str) -> bool:
    return word in _ACCENTED or (word in _WORDS and fold(word) == word)


def _zero(words: list[str], place: int) -> bool:
    """Whether this is the nought of "một nghìn không trăm linh năm"."""
    return fold(words[place]) == "khong" and fold("".join(words[place + 1 : place + 3])).strip() == "tram"


def _values(words: list[str]) -> list[int]:
    """Give what written-out words can mean: one number, two where the end is said short, none where they are none."""
    total = group = digit = 0
    have_digit, scale, joint = False, 0, False
    for place, word in enumerate(words):
        if word in _DIGITS:
            if have_digit:
                return []
            digit, have_digit = _DIGITS[word], True
            continue
        if word in _TENS:
            group += (digit if have_digit else 1) * 10
            scale = 10
        elif word == "tram":
            group += (digit if have_digit or joint else 1) * 100
            scale = 100
        elif word in _SCALES:
            group += digit
            total += (group or 1) * _SCALES[word]
            group, scale = 0, _SCALES[word]
        elif word == "ruoi":
            if have_digit or place + 1 < len(words) or scale < 100:
                return []
            return [total + group + scale // 2]
        joint = word in _JOINTS
        digit, have_digit = 0, False
    exact = total + group + digit
    # "một nghìn hai" is 1.200 to most and 1.002 to some; after "mươi" and "linh" there is no doubt.
    if have_digit and not joint and scale >= 100 and len(words) > 1:
        return [total + group + digit * scale // 10, exact]
    return [exact]


def _shorthand(text: str) -> list[str]:
    """Give a text with "2tr5", "2 triệu rưỡi" and "5 chục" in digits; twice where it may mean two numbers."""
    text = re.sub(r"\s+", " ", text)
    text = _HALF.sub(lambda said: str(int(Decimal(said[1]) * _TIMES[said[2]] + _TIMES[said[2]] // 2)), text)
    text = _TENFOLD.sub(lambda said: str(int(said[1]) * _TIMES[said[2]]), text)
    short = _SHORT.search(text)
    if short is None:
        return [text]
    times, end = _TIMES[short[2]], short[3]
    whole = int(short[1]) * times
    usual = whole + int(end) * times // 10 ** len(end)
    values = [usual]
    if times == 1000 and len(end) > 1 and whole + int(end) != usual:
        values.append(whole + int(end))  # "1k25" may be 1.250 or 1.025
    return [f"{text[: short.start()]}{value}{text[short.end() :]}" for value in values]
