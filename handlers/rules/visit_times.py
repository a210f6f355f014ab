"""When a visit was and how long it took, as its helper says: "hôm kia", "thứ tư tuần trước", "tiếng rưỡi", "8h30-10h".

Words come without accents and with their numbers in digits; what was read is cut out of them.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

BACK = 31  # days that a visit may lie back: a month of villages without coverage
DAY = timedelta(days=1)

Unfit = Literal["", "to-come", "too-old", "no-such-day", "several-days"]

_WEEKDAYS = {"2": 0, "hai": 0, "3": 1, "ba": 1, "4": 2, "tu": 2, "5": 3, "nam": 3, "6": 4, "sau": 4, "7": 5, "bay": 5,
             "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5,
             "sunday": 6}  # fmt: skip
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_PART = r"(?:sang|trua|chieu|toi|dem)"
_DAYS = tuple(
    re.compile(rf"(?<![\w/.]){form}")
    for form in (
        r"(?:ngay )?(?P<d>\d{1,2})[/-](?P<m>\d{1,2})(?:[/-](?P<y>20\d\d|\d\d))?(?![\d/])(?! (?:ho|nha)\b)",
        r"(?:ngay |mung |mong )?(?P<d>\d{1,2}) thang (?P<m>\d{1,2})(?: nam (?P<y>20\d\d))?(?!\d)",
        r"(?P<d>\d{1,2}) (?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?: (?P<y>20\d\d))?\b",
        r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* (?P<d>\d{1,2})(?:,? (?P<y>20\d\d))?(?!\d)",
        r"(?P<ago>\d{1,3}) (?:hom|ngay) (?:truoc|roi)|(?P<days>\d{1,3}) days? ago",
        r"(?<!thu )(?P<weeks>\d) tuan truoc|(?P<wago>\d|a) weeks? ago",
        rf"(?:{_PART} )?(?:hom )?(?P<two>kia)\b|(?P<twoen>the day before yesterday)\b",
        rf"(?:{_PART} )?(?:hom|ngay) (?P<one>qua)\b|{_PART} (?P<part>qua)\b|(?P<oneen>yesterday|last night)\b",
        rf"(?:{_PART} )?hom (?P<none>nay)\b|{_PART} (?P<now>nay)\b"
        r"|(?P<nowen>today|this (?:morning|afternoon|evening))\b",
        rf"(?:{_PART} )?(?:ngay |hom )?(?P<soon>mai|mot)\b(?! (?:ho|nha|lop|buoi|nguoi))|(?P<soonen>tomorrow)\b",
        rf"(?:{_PART} )?(?:thu |t)(?P<weekday>[2-7]|hai|ba|tu|nam|sau|bay)\b(?P<before> (?:tuan truoc|tuan roi))?"
        r"(?: (?:tuan nay|vua roi|vua qua|truoc|roi))?",
        rf"(?:{_PART} )?(?P<sunday>chu nhat|cn)\b(?P<before> (?:tuan truoc|tuan roi))?"
        r"(?: (?:tuan nay|vua roi|vua qua|truoc|roi))?",
        r"(?P<last>last |on |this )?(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
        r"(?:ngay|hom) (?P<dom>\d{1,2})(?! ?(?:hom|ngay|p\b|ho\b|nha\b))(?![\d/])",
    )
)


def day_in(text: str, today: date) -> tuple[str, date | None, Unfit]:
    """Give the words without the day they name, the day, and why it cannot be one of a visit."""
    found: list[re.Match[str]] = []
    for form in _DAYS:
        for match in form.finditer(text):
            if not any(match.start() < other.end() and match.end() > other.start() for other in found):
                found.append(match)
    dated = [match for match in found if match.groupdict().get("d")]
    weekdays = [
        match for match in found if match.groupdict().get("weekday") or match.groupdict().get("sunday")
    ]
    named = [match for match in found if not (dated and match in weekdays)]  # "thứ hai 16/11" is one day
    days = [_meant(match, today) for match in named]
    for match in sorted(found, key=lambda match: match.start(), reverse=True):
        text = f"{text[: match.start()]} ; {text[match.end() :]}"
    if not days:
        return text, None, ""
    if None in days:
        return text, None, "no-such-day"
    real = {day for day in days if day is not None}
    if len(real) > 1:
        return text, None, "several-days"
    day = real.pop()
    return text, day, "to-come" if day > today else "too-old" if today - day > BACK * DAY else ""


def _meant(match: re.Match[str], today: date) -> date | None:
    """Give the day of what was found; None where the calendar has none such."""
    part = {name: value for name, value in match.groupdict().items() if value}
    if part.keys() & {"none", "now", "nowen"}:
        return today
    if part.keys() & {"one", "part", "oneen"}:
        return today - DAY
    if part.keys() & {"two", "twoen"}:
        return today - 2 * DAY
    if part.keys() & {"soon", "soonen"}:
        return today + DAY
    if ago := part.get("ago") or part.get("days"):
        return today - int(ago) * DAY
    if weeks := part.get("weeks") or part.get("wago"):
        return today - (1 if weeks == "a" else int(weeks)) * 7 * DAY
    if "weekday" in part or "sunday" in part:
        wanted = 6 if "sunday" in part else _WEEKDAYS[part["weekday"]]
        if part.get("before"):
            return today - (today.weekday() + 7 - wanted) * DAY
        back = (today.weekday() - wanted) % 7
        return today - (back or (7 if part.get("last") == "last " else 0)) * DAY
    if "dom" in part:
        return _latest(int(part["dom"]), today)
    month = _MONTHS.index(part["name"]) + 1 if "name" in part else int(part["m"])
    year = int(part["y"]) if "y" in part else 0
    if year:
        return _real(year + (2000 if year < 100 else 0), month, int(part["d"]))
    here = _real(today.year, month, int(part["d"]))
    if here is None or here - today <= 180 * DAY:
        return here
    return _real(today.year - 1, month, int(part["d"]))  # "28/12", told in January


def _latest(day: int, today: date) -> date | None:
    """Give the last day of this number, today's month or the one before."""
    if day <= today.day:
        return _real(today.year, today.month, day)
    before = today.replace(day=1) - DAY
    return _real(before.year, before.month, day)


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# --- how long ---

_CLOCK = r"(\d{1,2})\s?(?:h|g|gio|:)\s?(\d\d)?(?: (?:sang|trua|chieu|toi))?"
_FROM_TO = re.compile(rf"\b(?:tu |from )?{_CLOCK}\s?(?:den|toi|-|to)\s?{_CLOCK}(?!\d)")
_AT = re.compile(
    r"\b(?:luc|at) \d{1,2}\s?(?:h|gio|:)\s?(?:\d\d)?|\b\d{1,2}\s?(?:h|gio)\s?(?:\d\d)? (?:sang|trua|chieu|toi)\b"
)
_HOURS = re.compile(
    r"(?:khoang |tam |chung |mat |het |gan |hon |about )*"
    r"\b(\d{1,2}(?:[.,]\d)?)\s?(?:h|g|gio|tieng(?: dong ho)?|hours?)\b ?"
    r"(?:(\d{1,2})(?:\s?(?:p|ph|phut|mins?|minutes?)\b|(?! ?\w))|(ruoi)|(?:and )?(a half))?"
)
_HOURS_TIGHT = re.compile(r"\b(\d{1,2})h(\d\d)\b")
_MINUTES = re.compile(
    r"(?:khoang |tam |chung |mat |het |gan |hon |about )*\b(\d{1,4})\s?(?:(?:p|ph|phut|mins?|minutes?)\b|['′])"
)
_HALF = re.compile(r"\b(?:nua (?:tieng|gio)|half an hour)\b")
_HALF_MORE = re.compile(r"\b(?:tieng|gio) ruoi\b|\ban hour and a half\b")
_ONE = re.compile(r"\ban hour\b")
_EACH = re.compile(r"\b(?:moi|1) (?:ho|nha|noi|household|house)(?: (?:khoang|het|mat))?\s*$|\beach\b")
_EACH_AFTER = re.compile(r" ?(?:moi|1|/) ?(?:ho|nha)\b| each\b")


def time_in(text: str) -> tuple[str, int | None, bool]:
    """Give the words without the time they name, its minutes, and whether each household took so long."""
    if found := _FROM_TO.search(text):
        start, end = int(found[1]) * 60 + int(found[2] or 0), int(found[3]) * 60 + int(found[4] or 0)
        if "chieu" in found[0].rpartition("den")[2] and end < 12 * 60:
            end += 12 * 60
        if end - start > 0:
            return _cut(text, found), end - start, False
    text = _AT.sub(" ", text)
    for form, minutes in ((_HALF_MORE, 90), (_HALF, 30), (_ONE, 60)):
        if (found := form.search(text)) and not re.search(r"\d\s?$", text[: found.start()]):
            return _cut(text, found), minutes, False
    if found := _HOURS_TIGHT.search(text):
        return _cut(text, found), int(found[1]) * 60 + int(found[2]), False
    if found := _HOURS.search(text):
        hours = Decimal(found[1].replace(",", "."))
        more = 30 if found[3] or found[4] else int(found[2] or 0)
        return _cut(text, found), int(hours * 60) + more, False
    if found := _MINUTES.search(text):
        before, after = text[: found.start()], text[found.end() :]
        each = bool(_EACH.search(before) or _EACH_AFTER.match(after))
        if each:
            before, after = _EACH.sub(" ", before), _EACH_AFTER.sub(" ", after)
        return f"{before} , {after}", int(found[1]), each
    return text, None, False


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} , {text[found.end() :]}"
