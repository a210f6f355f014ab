"""Desk hours: what an officer's words say of the week, and when the desk opens next.

The week is the desk's own; which days are off for everybody is the calendar's, and wins.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Protocol

import msgspec

from handlers.rules.guard import fold
from handlers.rules.reporting import VIETNAM

DAY = timedelta(days=1)
AHEAD = 60  # days in which the next opening is looked for; Tết is shorter
WORKDAYS = (0, 1, 2, 3, 4)  # what hours without a day are for
EARLIEST = 6  # an hour before this is one of the afternoon: "1h30-5h"


class Span(msgspec.Struct, frozen=True, order=True):
    """From when to when a desk is open."""

    start: time
    end: time


Week = tuple[tuple[Span, ...], ...]  # from Monday on


class Days(Protocol):
    """What these rules ask of a calendar."""

    def is_working_day(self, day: date, /) -> bool: ...
    def is_weekend(self, day: date, /) -> bool: ...


# --- what is written ---

_NAMES = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5, "nhat": 6,
          "2": 0, "3": 1, "4": 2, "5": 3, "6": 4, "7": 5, "8": 6, "cn": 6,
          "mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}  # fmt: skip
_TO = r"\s*(?:-|–|—|\bden\b|\btoi\b|\bto\b|\buntil\b|\bthrough\b)\s*"
_ENGLISH = r"\b(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?s?\b"
_NAME = (
    r"(?:\bthu\s?(?:hai|ba|tu|nam|sau|bay|[2-7])\b|\bt\s?[2-8]\b|\bchu nhat\b|\bcn\b"
    rf"|(?!thu (?:hai|ba|tu|nam|sau|bay|\d)){_ENGLISH})"
)
_MORE = r"(?:hai|ba|tu|nam|sau|bay|cn|chu nhat|[2-7](?!\s*[-–:hg.]\s*\d|\d|\s*[hg]\b))\b"  # "2, 4, 6"
_CLOCK = r"(?P<{0}h>\d{{1,2}})\s*(?:(?P<{0}mark>gio|h|g|:|\.)\s*(?P<{0}m>\d{{2}}(?!\d)|ruoi)?)?\s*(?P<{0}half>am|pm)?"
_TOKEN = re.compile(
    r"(?P<every>\b(?:(?:hang|moi|tat ca cac) ngay(?: trong tuan)?|ca tuan|every ?day|daily)\b)"
    rf"|(?P<work>\b(?:cac )?ngay (?:lam viec|thuong)\b|\bngay trong tuan\b|\b(?:working |week)days\b)"
    rf"|(?P<first>{_NAME}){_TO}(?P<last>{_NAME}|{_MORE})"
    rf"|(?P<days>{_NAME}(?:\s*(?:,|va|and|&)\s*(?:{_NAME}|{_MORE}))*)"
    rf"|(?P<off>\b(?:nghi|tru|dong cua|khong lam viec|khong mo|closed|except|off)\b)"
    rf"|(?P<part>\b(?:sang|trua|chieu|toi)\b(?!\s*\d{{1,2}}\s*(?:,|$)))"
    rf"|(?<![\d:])(?:\b(?:tu|luc|from)\s+)?{_CLOCK.format('a')}{_TO}(?:luc )?{_CLOCK.format('b')}(?![\d:])"
)


def week_of(text: str) -> Week | None:
    """Read the hours of a week; None where a figure in the words could not be understood."""
    plain = fold(text)
    week: list[list[Span]] = [[] for _day in range(7)]
    days: tuple[int, ...] = ()
    told, closed, part, done = False, False, "", 0
    left = ""
    for token in _TOKEN.finditer(plain):
        left += plain[done : token.start()] + " "
        if re.search(r"[;\n]|\.(?:\s|$)", plain[done : token.start()]):
            closed = False
        done = token.end()
        if token["off"]:
            if days and not told:  # "thứ 7, CN nghỉ"
                days, told = (), True
            closed = True
        elif token["part"]:
            part = token["part"]
        elif token["ah"] is None:
            named = _days(token)
            if not closed:
                days = named if told or not days else (*days, *named)
                told = False
            part = ""
        else:
            span = _span(token, part)
            if span is None:
                return None
            for day in days or WORKDAYS:
                week[day] = _without(week[day], span) if closed and told else [*week[day], span]
            told, closed, part = True, closed and told, ""
    left += plain[done:]
    if re.search(r"\d", left) or not any(week):
        return None
    found = tuple(tuple(sorted(set(spans))) for spans in week)
    return None if any(_overlap(spans) for spans in found) else found


def _days(token: re.Match[str]) -> tuple[int, ...]:
    if token["every"]:
        return tuple(range(7))
    if token["work"]:
        return WORKDAYS
    if token["first"]:
        first, last = _day(token["first"]), _day(token["last"])
        return tuple(range(first, last + 1)) if first <= last else (*range(first, 7), *range(last + 1))
    return tuple(map(_day, re.findall(rf"{_NAME}|{_MORE}", token["days"])))


def _day(name: str) -> int:
    word = name.split()[-1]
    if word in _NAMES:
        return _NAMES[word]
    return _NAMES[word[-1]] if word[-1].isdigit() else _NAMES[word[:3]]


def _span(token: re.Match[str], part: str) -> Span | None:
    start = _time(token, "a", part)
    end = _time(token, "b", part)
    if start and end and end <= start and end.hour < 12 and not token["bhalf"]:
        end = end.replace(hour=end.hour + 12)  # 7h-5h
    return Span(start, end) if start and end and start < end else None


def _time(token: re.Match[str], end: str, part: str) -> time | None:
    hour, minute = int(token[f"{end}h"]), token[f"{end}m"] or "0"
    half = token[f"{end}half"] or token["bhalf"] if end == "a" and part == "" else token[f"{end}half"]
    if half == "pm" or (not half and hour < 12 and (hour < EARLIEST or part in ("chieu", "toi"))):
        late = token["bhalf"] == "pm" and not token[f"{end}half"] and hour > int(token["bh"])
        hour += 0 if hour >= 12 or late else 12  # 8-5pm begins in the morning
    try:
        return time(hour, 30 if minute == "ruoi" else int(minute))
    except ValueError:
        return None


def _without(spans: list[Span], pause: Span) -> list[Span]:
    """Take a break out of the hours: "7h30-17h, nghỉ trưa 11h30-13h30"."""
    kept = []
    for span in spans:
        if pause.end <= span.start or pause.start >= span.end:
            kept.append(span)
            continue
        if span.start < pause.start:
            kept.append(Span(span.start, pause.start))
        if pause.end < span.end:
            kept.append(Span(pause.end, span.end))
    return kept


def _overlap(spans: tuple[Span, ...]) -> bool:
    return any(one.end > other.start for one, other in pairwise(spans))


# --- what follows from it ---


def on(week: Week, day: date, calendar: Days) -> tuple[Span, ...]:
    """Give the hours of one day; none on a day off, unless it is a weekend on which this desk is open."""
    if calendar.is_working_day(day):
        if day.weekday() in WORKDAYS:
            return week[day.weekday()]
        return week[day.weekday()] or next(filter(None, week[:5]), ())  # made up for a day off
    return week[day.weekday()] if calendar.is_weekend(day) else ()


def next_opening(week: Week, now: datetime, calendar: Days) -> datetime | None:
    """Give when the desk opens after this moment; None where that is further off than anybody would wait."""
    local = now.astimezone(VIETNAM)
    for ahead in range(AHEAD):
        day = local.date() + ahead * DAY
        for span in on(week, day, calendar):
            start = datetime.combine(day, span.start, VIETNAM)
            if start > local:
                return start
    return None


def open_until(week: Week, now: datetime, calendar: Days) -> time | None:
    """Give when the desk closes that is open now; None where it is not."""
    local = now.astimezone(VIETNAM)
    hour = local.time()
    return next((s.end for s in on(week, local.date(), calendar) if s.start <= hour < s.end), None)


def grouped(week: Week) -> tuple[tuple[int, int, tuple[Span, ...]], ...]:
    """Part the week into runs of days with the same hours: first day, last day, hours; closed days are left out."""
    runs: list[tuple[int, int, tuple[Span, ...]]] = []
    for day, spans in enumerate(week):
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == spans:
            runs[-1] = (runs[-1][0], day, spans)
        elif spans:
            runs.append((day, day, spans))
    return tuple(runs)
