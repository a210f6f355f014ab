"""What words ask of reminders: why they came or are to come, of which unit, of which period or on which days."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

import msgspec

from handlers.rules import days, period_words
from handlers.rules.guard import fold as with_signs
from knowledge.folding import fold

AHEAD = timedelta(days=14)  # of a plan where no days are named
LONGEST = timedelta(days=92)  # of a plan that is told
_WHY = re.compile(
    r"(?:vi |tai )?sao (?:(?:toi|em|minh|chung toi) )?(?:lai |khong |chua )*(?:duoc |bi )?nhac(?: (?P<rest>.+))?"
    r"|why (?:was |is |were |am |are |did |no |not |i |we )*remind(?:ed|er|ers)?(?: (?P<also>.+))?"
)
_WHEN = re.compile(
    r"(?:xem )?(?:lich nhac|bao gio (?:lai )?nhac|khi nao (?:lai )?nhac|ke hoach nhac)(?: (?P<rest>.+))?"
    r"|(?:reminder plan|(?:plan of )?reminders|when (?:to )?remind)(?: (?P<also>.+))?"
)
_ALL = re.compile(r" ?\b(?:tat ca|day du|everything|all)$")
_BETWEEN = re.compile(r" (?:ky|of|for|cua|bao cao|report)$")
_DAY_WORDS = re.compile(r"(?: (?:tu|from|on|in|trong|vao|ngay|den|het|toi|to|until|till|and|va))+$")
_MONTH = re.compile(r"(?<!\d )(?<!\d)\b(?:thang|month) (?P<m>\d{1,2})(?:[ /-](?P<y>\d{4}))?(?![\d/])")
DAY = timedelta(days=1)


class Asked(msgspec.Struct, frozen=True):
    """What is asked of reminders."""

    what: Literal["why", "when"]
    rest: str = ""  # what stands behind it, folded but for the signs within dates
    everything: bool = False  # however long it is


class Span(msgspec.Struct, frozen=True):
    """The days of a plan, or what is wrong with those that were named."""

    first: date
    last: date
    wrong: Literal["", "unreal", "backwards", "past", "long"] = ""
    unreal: str = ""


def asked(text: str) -> Asked | None:
    """Give what words ask of reminders; None for other words."""
    plain = " ".join(re.sub(r"[?!.]+\s*$", "", with_signs(text)).split())
    for what, pattern in (("why", _WHY), ("when", _WHEN)):
        if (match := pattern.fullmatch(plain)) is not None:
            rest = match["rest"] or match["also"] or ""
            short = _ALL.sub("", rest)
            return Asked("why" if what == "why" else "when", short, short != rest)
    return None


def period(rest: str) -> tuple[re.Match[str] | None, str]:
    """Give the period that words end with, for `period_words`, and what stands before it."""
    plain = f" {fold(rest)}"
    match = re.search(rf" {period_words.NAMED}$", plain)
    if match is None:
        return None, plain.strip()
    return match, _BETWEEN.sub("", plain[: match.start()]).strip()


def span(rest: str, today: date) -> tuple[Span, str]:
    """Give the days that words name, without any the next two weeks, and what else the words say."""
    month = _MONTH.search(rest)
    named = days.named(rest, today)
    if month is not None and not named.days and not named.unreal:
        return _of_month(month, today), _besides(f"{rest[: month.start()]} {rest[month.end() :]}")
    besides = _besides(days.without(rest))
    if named.unreal:
        return Span(today, today, "unreal", named.unreal[0]), besides
    if not named.days:
        return Span(today, today + AHEAD), besides
    first, last = named.days[0], named.days[-1]
    if len(named.days) == 1:
        if re.search(r"\b(?:tu|from)\b", rest):
            last = first + AHEAD
        elif re.search(r"\b(?:den|toi|until|till|to)\b", rest):
            first = today
    return _checked(first, last, today), besides


def _besides(words: str) -> str:
    return _DAY_WORDS.sub("", f" {' '.join(words.split())}").strip()


def _of_month(match: re.Match[str], today: date) -> Span:
    number, year = int(match["m"]), int(match["y"] or today.year)
    if not 1 <= number <= 12:
        return Span(today, today, "unreal", match[0])
    first = date(year, number, 1)
    if match["y"] is None and days.last_of(first) < today:
        first = date(year + 1, number, 1)
    return _checked(first, days.last_of(first), today)


def _checked(first: date, last: date, today: date) -> Span:
    if last < first:
        return Span(first, last, "backwards")
    if last < today:
        return Span(first, last, "past")
    first = max(first, today)
    return Span(first, last, "long" if last - first > LONGEST else "")
