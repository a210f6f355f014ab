"""Which day people mean who write of one to come: "31/12", "hết tháng 3", "thứ sáu tuần sau", "in 3 months".

A day without its year is the next one of that name, unless it has just passed: then that is what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import zip_longest

import msgspec

from handlers.rules.guard import fold

JUST_PASSED = timedelta(days=60)
DAY = timedelta(days=1)
LENGTHS = {"ngay": 1, "day": 1, "hom": 1, "tuan": 7, "week": 7}
NUMBERS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
           "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "nua": 0}  # fmt: skip
WEEKDAYS = {"hai": 0, "2": 0, "ba": 1, "3": 1, "tu": 2, "4": 2, "nam": 3, "5": 3, "sau": 4, "6": 4, "bay": 5, "7": 5,
            "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5,
            "sunday": 6}  # fmt: skip
MONTHS = {name: number for number, name in enumerate(
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
     "december"), 1)}  # fmt: skip


class Named(msgspec.Struct, frozen=True):
    """The days that words name, in their order."""

    days: tuple[date, ...] = ()
    unreal: tuple[str, ...] = ()  # what looks like a day and is none, such as 31/2

    @property
    def one(self) -> date | None:
        """Give the day where words name just one."""
        return self.days[0] if len(set(self.days)) == 1 and not self.unreal else None


_YEAR = r"(?P<y>20\d\d|\d\d)"
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS)
_COUNT = rf"(?P<n>\d{{1,3}}|{'|'.join(NUMBERS)})"
_LENGTH = r"(?P<length>ngay|hom|tuan|thang|nam|days?|weeks?|months?|years?)"
# The first that fits at a place is taken; what has a time beside it, such as 8-11h, is none.
_FORMS = (
    r"(?P<iso>20\d\d-\d{1,2}-\d{1,2})(?!\d)",
    rf"(?P<d>\d{{1,2}})\s?(?P<sep>[/.-])\s?(?P<m>\d{{1,2}})\s?(?P=sep)\s?{_YEAR}(?![\d:h])",
    r"(?P<d>\d\d)(?P<m>\d\d)(?P<y>20\d\d)(?!\d)",
    r"(?P<d>\d{1,2})\s?/\s?(?P<m>\d{1,2})(?![\d:h/])",
    r"(?P<d>\d{1,2}) thang (?P<m>\d{1,2})(?:(?: nam |[ ,/-]*)(?P<y>20\d\d))?(?!\d)",
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<name>{_MONTH})\b(?:,? (?P<y>20\d\d))?",
    rf"\b(?P<name>{_MONTH}) (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y>20\d\d))?(?![\d:h])",
    r"\b(?:cuoi|het) thang (?P<end>\d{1,2})(?:(?: nam |[ ,/-]*)(?P<y>20\d\d))?(?!\d)",
    r"\b(?P<end>(?:cuoi|het) thang(?: (?:nay|sau|toi))?|end of (?:this |the |next )?month)\b",
    r"\b(?:(?:cuoi|het) nam(?: nay)?|end of (?:the|this) year)(?: (?P<newyear>20\d\d))?(?! sau)\b(?P<year>)",
    r"\b(?P<today>hom nay|(?:sang|trua|chieu|toi) nay|bay gio|today|now)\b",
    r"\b(?P<tomorrow>(?:ngay |sang |chieu )?mai|tomorrow)\b",
    r"\b(?P<after>ngay (?:kia|mot)|the day after tomorrow)\b",
    rf"\b(?<!thu )(?:in )?{_COUNT} {_LENGTH}(?: nua| sau| toi)?\b",
    r"\b(?:thu |t(?=[2-7]))(?P<weekday>hai|ba|tu|nam|sau|bay|[2-7])\b(?P<week> tuan (?:sau|toi))?(?![:h])",
    r"\b(?P<sunday>chu nhat|cn)\b(?P<week> tuan (?:sau|toi))?",
    r"\b(?P<week>next )?(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
)
_READERS = tuple(re.compile(rf"(?<![\d:.,/-]){form}") for form in _FORMS)


def named(text: str, today: date) -> Named:
    """Read the days that words name."""
    read = _read(text)
    found = [
        (_day(match.groupdict(), today), text[slice(*match.span())].strip())
        for match, after in zip_longest(read, read[1:])
        if after is None or not _belongs(match, after)
    ]
    return Named(
        tuple(day for day, _words in found if day is not None),
        tuple(words for day, words in found if day is None),
    )


def without(text: str) -> str:
    """Give the words, folded, without the days that they name."""
    plain = fold(text)
    for match in reversed(_read(text)):
        plain = f"{plain[: match.start()]} {plain[match.end() :]}"
    return " ".join(re.sub(r"\W+", " ", plain).split())


def _belongs(weekday: re.Match[str], after: re.Match[str]) -> bool:
    """Say whether a weekday only names the day of the date behind it: "thứ năm 19/11"."""
    named = weekday.groupdict().get("weekday") or weekday.groupdict().get("sunday")
    dated = after.groupdict().get("d") or after.groupdict().get("iso")
    between = weekday.string[weekday.end() : after.start()]
    return bool(named and dated and re.fullmatch(r"[\s,(]*(?:ngay\s+)?", between))


def _read(text: str) -> list[re.Match[str]]:
    """Find what names a day, in the order of the words; nothing is read twice."""
    plain = fold(text)
    found: list[re.Match[str]] = []
    for reader in _READERS:
        for match in reader.finditer(plain):
            if not any(match.start() < other.end() and match.end() > other.start() for other in found):
                found.append(match)
    return sorted(found, key=lambda match: match.start())


def _day(part: dict[str, str | None], today: date) -> date | None:
    """Give the day of what was read; None where the calendar has none such."""
    for name, read in _WORDS.items():
        if part.get(name) is not None:
            return read(part, today)
    named_month = part.get("name")
    month = _month(named_month) if named_month else int(part.get("m") or 0)
    return _dated(int(part.get("d") or 0), month, part.get("y"), today)


def _month(name: str) -> int:
    return next(number for long, number in MONTHS.items() if long.startswith(name[:3]))


def _dated(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _real(int(year) + (2000 if len(year) == 2 else 0), month, day)
    here = _real(today.year, month, day)
    if here is not None and here >= today - JUST_PASSED:
        return here
    coming = (_real(today.year + more, month, day) for more in range(1, 5))  # 29/2 comes every four years
    return next(filter(None, coming), None)


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def later(day: date, months: int) -> date:
    """Give the same day so many months on, the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return min(date(year, month + 1, 1) + (day.day - 1) * DAY, last_of(date(year, month + 1, 1)))


def last_of(day: date) -> date:
    """Give the last day of a month."""
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


Part = dict[str, str | None]


def _ending(part: Part, today: date) -> date | None:
    said = part["end"] or ""
    if said.isdigit():
        first = _dated(1, int(said), part.get("y"), today - timedelta(days=31))
        return last_of(first) if first else None
    following = bool(re.search(r"sau|toi|next", said))
    return last_of(later(today.replace(day=1), 1 if following else 0))


def _length(part: Part, today: date) -> date | None:
    count = part["n"] or ""
    number = int(count) if count.isdigit() else NUMBERS[count]
    length = (part["length"] or "").removesuffix("s")
    if not number:
        return None
    if length in LENGTHS:
        return today + LENGTHS[length] * number * DAY
    return later(today, number * (12 if length in ("nam", "year") else 1))


def _weekday(part: Part, today: date) -> date:
    wanted = 6 if part.get("sunday") else WEEKDAYS[part["weekday"] or "2"]
    if part.get("week"):
        return today + (7 - today.weekday() + wanted) * DAY
    return today + (wanted - today.weekday()) % 7 * DAY


def _iso(part: Part, today: date) -> date | None:
    year, month, day = map(int, (part["iso"] or "").split("-"))
    return _real(year, month, day)


_WORDS: dict[str, Callable[[Part, date], date | None]] = {
    "iso": _iso,
    "end": _ending,
    "year": lambda part, today: date(int(part["newyear"] or today.year), 12, 31),
    "today": lambda part, today: today,
    "tomorrow": lambda part, today: today + DAY,
    "after": lambda part, today: today + 2 * DAY,
    "length": _length,
    "weekday": _weekday,
    "sunday": _weekday,
}
