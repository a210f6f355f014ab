"""What words want an indicator to reach, and by when: "đặt chỉ tiêu 6 40% đến 31/12"; pure, the day is given."""

from __future__ import annotations

import re
from datetime import date

import msgspec

from handlers.rules import days
from handlers.rules.guard import fold

_SETS = re.compile(
    r"\W*(?:(?:cho|xin|anh|chi|em|toi|please|i|want to) )*(?:dat|muc tieu|muc|set|aim|targets?)\b(?! lich)"
)
_NUMBER = re.compile(
    r"\b(?:chi tieu|chi so|indicator)(?: so| number)? (?P<n>\d{1,2})\b(?!\s*(?:%|phan tram))"
)
_PERCENT = re.compile(
    r"(?<![\d.,])(?P<whole>\d{1,5})(?:[.,](?P<part>\d{1,2}))?\s*(?:%|phan tram\b|per ?cent\b)"
)
_DROPS = re.compile(
    r"\W*(?:bo|huy|thoi|xoa|drop|remove)(?: dat)?(?: the)? (?:muc tieu|muc|aim|target)(?: cua| cho| of| for)?"
    r" (?:chi tieu|chi so|indicator)(?: so| number)? (?P<n>\d{1,2})\W*"
)


class Aimed(msgspec.Struct, frozen=True):
    """What a line wants an indicator to reach."""

    number: int
    hundredths: int  # of a percent
    day: date | None  # None where it names none, or more than one


def read(text: str, today: date) -> Aimed | None:
    """Read "đặt chỉ tiêu 6 40% đến 31/12"; None where no indicator and percentage are named."""
    plain = fold(text)
    number = _NUMBER.search(plain)
    if not _SETS.match(plain) or number is None:
        return None
    rest = f"{plain[: number.start()]} {plain[number.end() :]}"
    percents = list(_PERCENT.finditer(rest))
    if len(percents) != 1:
        return None
    (percent,) = percents
    value = int(percent["whole"]) * 100 + int((percent["part"] or "").ljust(2, "0"))
    left = f"{rest[: percent.start()]} ; {rest[percent.end() :]}"
    return Aimed(int(number["n"]), value, days.named(left, today).one)


def dropped(text: str) -> int:
    """Give the number of the indicator that is to have no target any more; 0 where words say no such thing."""
    found = _DROPS.fullmatch(fold(text))
    return int(found["n"]) if found else 0
