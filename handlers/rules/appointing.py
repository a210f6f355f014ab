"""When a call or a visit is to be, as two people say it to each other: "hẹn 7h tối", "mai 8h sáng em qua".

Nothing is guessed: an hour that can be of the morning or the evening, one that has passed, two of them, or a day of
another year is given back as what has to be asked.  Moments go in and come out in UTC.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import msgspec

from handlers.records.requests import Way
from handlers.rules import days, spoken
from handlers.rules.guard import fold
from handlers.rules.reporting import VIETNAM, local_day

FARTHEST = timedelta(days=31)  # that people agree on ahead
DAY = timedelta(days=1)
FEW = 5  # words beside a time that can still name a place

Fault = Literal[
    "",
    "no-hour",
    "which-half",  # 7h: of the morning or of the evening
    "which",  # several hours or days
    "past",
    "year",  # a day without its year that has to be of the next one
    "far",
    "unread",  # something that looks like a day or an hour, and is none
]


class Read(msgspec.Struct, frozen=True):
    """What words say of an appointment."""

    at: datetime | None = None  # where nothing has to be asked
    fault: Fault = "no-hour"
    ways: tuple[datetime, ...] = ()  # what may be meant, to choose from
    way: Way = ""  # where the words say it
    asked: bool = False  # they begin with "hẹn"
    only: bool = False  # they name a time, and beside it nothing but small words
    few: bool = False  # beside the time they say little, and deny nothing: a place, perhaps
    day: bool = False  # they name a day to come
    agreed: bool = (
        False  # they tell of a call that has been made, and of the time named in it: "gọi rồi, hẹn 7h tối"
    )


_CALLS = re.compile(r"\b(?:goi|dien thoai|alo|a lo|call|phone|ring)\b")
_VISITS = re.compile(r"\b(?:qua|den|sang|ghe|gap|xuong|len|visit|come|drop by|meet)\b")
_BEGINS = re.compile(
    r"^\W*(?:(?:da|em|anh|chi|co|chu|bac|chau|minh|toi|xin|cho|de) )*(?:hen|appointment)\b(?! ho\b)"
)
# "Gọi rồi, bác đang ngoài đồng, hẹn 7h tối": what stands before the time is told to Tổ Số.
_CALLED = re.compile(
    r"^\W*(?:(?:da|em|anh|chi|toi|minh|chau|vua|moi|just|i|have|ve|spoke|already) )*"
    r"(?:(?:goi|alo|a lo|dien thoai)(?: dien)?(?: cho)?(?: (?:bac|co|chu|anh|chi|ong|ba|cu|em)(?: \w+)?)? roi|called)\b"
)
_TIME_IN_IT = re.compile(r"[,.;:\n]\s*(?=(?:bác |cô |chú |anh |chị |ông |bà |và |bac |co |chu |chi |ong |ba |va )?"
                         r"(?:hẹn|hen|appointment)\b)")  # fmt: skip
_PAST = re.compile(r"\b(?:hom qua|toi qua|hom kia|hom truoc|tuan truoc|vua roi|luc nay|yesterday|last)\b")
_BESIDE = (  # small words that stand beside a time and change nothing
    "a ah oi nhe nha nhi vay thi the la se duoc khong ko k chac co ranh hen lai luc vao khoang tam do dung "
    "ok oke da vang u um em anh chi co bac chu chau con toi minh ong ba di cau qua den sang ghe gap xuong "
    "len tan nha noi goi dien thoai cho alo lo voi de nay do ay gio hoi som luon i we you he she will ill "
    "can could may would shall call phone ring come visit drop by meet me your us at on by in the around "
    "about ok okay yes please then is it be to over free there see good fine lets let appointment for "
)
_SMALL = frozenset(_BESIDE.split())
_DENIES = {
    "khong",
    "ko",
    "chua",
    "ma",
    "sao",
    "quen",
    "tre",
    "not",
    "but",
    "why",
    "never",
    "late",
    "forgot",
    "nobody",
}
_AT = re.compile(r"\b(at|luc)\s+(\d{1,2})\b(?!\s?(?:h|g|gio|:|[ap]\.?m|/|-|\.\d|\d|thang|o.?clock))")
_IN = re.compile(
    r"\b(?:(?:sau|in)\s+)?(?P<n>\d{1,3}|nua|half an|an)\s*(?P<unit>phut|p|tieng|gio|minutes?|mins?|hours?)"
    r"(?P<after>\s+(?:nua|sau))?\b"
)
_HOUR = re.compile(
    r"(?<![\d/.,-])(?P<h>\d{1,2})\s?"
    r"(?:(?:h|gio|:|g(?=[\s\d]|$))\s?(?P<m>[0-5]\d)?(?!\d)(?:\s?(?P<half>ruoi))?(?:\s?kem\s?(?P<less>\d{1,2}))?"
    r"(?:\s?o'?clock)?(?:\s?(?P<half_of>[ap])\.?m\b)?|\s?(?P<en>[ap])\.?m\b\.?|\s?o'?clock)"
)
_ALONE = re.compile(r"\b(?P<word>noon|midday)\b")
_PART = {"sang": "sang", "trua": "trua", "chieu": "chieu", "toi": "toi", "dem": "toi",
         "morning": "sang", "afternoon": "chieu", "evening": "toi", "tonight": "toi"}  # fmt: skip
_ACCENTED = re.compile(r"\b(sáng|trưa|chiều|tối|đêm)\b")
_ENGLISH = re.compile(r"\b(morning|afternoon|evening|tonight)\b")
_SAID_PART = re.compile(r"\b(?:sang|trua|chieu|toi|dem|morning|afternoon|evening|tonight|noon|midday|this)\b")
_NEXT = r"(?:nay|mai|mot|kia|thu|chu nhat|cn|hom|ngay|luc|t[2-7]|\d)"
_GOES = r"(?:qua|den|ghe|goi|sang|se|ra|nha|cho|ben|giup|gap|em|anh|chi|bac|co|chu|ong|ba)"
# Without its accent "toi" is tôi (I) as well, and "sang" comes over: a part of the day only beside hour or day.
_BARE_BEFORE = re.compile(rf"\b(sang|trua|chieu|toi|dem)\s+{_NEXT}")
_BARE_AFTER = re.compile(
    rf"(?:\d\s?(?:h|gio|g)?\d*(?:\sruoi)?)\s?(sang|trua|chieu|toi|dem)\b(?!\s+{_GOES}\b)"
)
_WEEKDAY = re.compile(r"\b(thứ\s+(?:hai|ba|tư|năm|sáu|bảy|bẩy))\b")
_MOT = re.compile(r"\b(?:ngày|hôm|bữa|ngay|hom)\s+(?:mốt|mot|kia)\b")
_DATED = re.compile(r"\d\s?[/.-]\s?\d|thang \d|" + "|".join(name[:3] for name in days.MONTHS))
_YEARED = re.compile(r"\b20\d\d\b|\d[/.-]\d{1,2}[/.-]\d\d\b")


def read(words: str, now: datetime) -> Read:
    """Read what words say of a time to meet; without one the fault is "no-hour"."""
    called = _CALLED.match(fold(unicodedata.normalize("NFC", words)))
    parts = _TIME_IN_IT.split(words, maxsplit=1) if called else ()
    if len(parts) == 2:
        found = read(parts[1], now)
        denied = _DENIES & set(re.sub(r"[^\w]+", " ", fold(parts[0])).split())
        return msgspec.structs.replace(found, agreed=found.asked and not denied, way=found.way or "call")
    return _read_whole(words, now)


def _read_whole(words: str, now: datetime) -> Read:
    raw = re.sub(r"(?<=\d):(?=\d\d)", "h", unicodedata.normalize("NFC", words).lower())
    raw = _MOT.sub("ngày kia", _WEEKDAY.sub(r"\1 ,", raw))
    plain = fold(raw)
    text = spoken.written(raw)[0] if not re.search(r"\bbay gio\b", raw) else plain
    text = _AT.sub(r"\1 \2h", re.sub(r"\s*,\s*", " , ", text))
    parts = _parts(raw)
    said = Read(
        way="call" if _CALLS.search(text) else "visit" if _VISITS.search(_without_parts(text, parts)) else "",
        asked=bool(_BEGINS.match(plain)),
        only=False,
    )
    if _PAST.search(plain):
        return said
    if (soon := _IN.search(text)) and _relative(soon):
        at = _minute(now) + _length(soon)
        rest = f"{text[: soon.start()]} {text[soon.end() :]}"
        return msgspec.structs.replace(said, at=at, fault="", only=_small(rest), few=_few(rest), day=True)
    return _read(text, now, parts, said)


def _read(text: str, now: datetime, parts: set[str], said: Read) -> Read:
    today = local_day(now)
    hours = list(_HOUR.finditer(text))
    alone = _ALONE.search(text)
    for match in reversed(hours):
        text = f"{text[: match.start()]} ; {text[match.end() :]}"
    named = days.named(text, today)
    rest = _SAID_PART.sub(" ", days.without(text))
    said = msgspec.structs.replace(
        said,
        only=bool(hours or alone) and _small(rest),
        few=bool(hours or alone) and _few(rest),
        day=bool(named.days) or bool(re.search(r"\btonight\b", text)),
    )
    if not hours and not alone:
        return said
    if named.unreal or re.search(r"\d", rest):
        return msgspec.structs.replace(said, fault="unread")
    if len(set(named.days)) > 1 or len({_clock(match) for match in hours}) > 1 or len(parts) > 1:
        return msgspec.structs.replace(said, fault="which")
    day = named.one or (today if re.search(r"\btonight\b", text) else None)
    clock = _clock(hours[0]) if hours else (12, 0)
    halves = {match["en"] or match["half_of"] for match in hours} - {None}
    clocks = _clocks(clock, next(iter(parts), ""), next(iter(halves), "") or "")
    if not clocks:
        return msgspec.structs.replace(said, fault="unread")
    dated = bool(_DATED.search(text)) and not _YEARED.search(text)
    return _when(clocks, day, now, said, dated=dated)


def _when(clocks: tuple[time, ...], day: date | None, now: datetime, said: Read, *, dated: bool) -> Read:
    """Put hours and day together, and say what has to be asked of them."""
    today = local_day(now)
    if day is None:
        coming = tuple(
            sorted(
                at if (at := _moment(today, clock)) > now else _moment(today + DAY, clock) for clock in clocks
            )
        )
        if len(coming) > 1:
            return msgspec.structs.replace(said, fault="which-half", ways=coming)
        passed = local_day(coming[0]) != today
        if passed:  # "7h sáng", said at nine
            return msgspec.structs.replace(said, fault="past", ways=coming)
        return msgspec.structs.replace(said, at=coming[0], fault="")
    moments = tuple(_moment(day, clock) for clock in clocks)
    ahead = tuple(at for at in moments if at > now)
    if not ahead:
        return msgspec.structs.replace(said, fault="past")
    if len(moments) > 1 and day != today:
        return msgspec.structs.replace(said, fault="which-half", ways=moments)
    if ahead[0] - now > FARTHEST and not (dated and day.year != today.year):
        return msgspec.structs.replace(said, fault="far")
    if dated and day.year != today.year:
        ways = ahead if ahead[0] - now <= FARTHEST else ()
        return msgspec.structs.replace(said, fault="year", ways=ways)
    return msgspec.structs.replace(said, at=ahead[0], fault="")  # "hôm nay 7h", said at noon


def other_times(at: datetime, now: datetime) -> tuple[datetime, ...]:
    """Give a few times to propose instead of one: an hour later, and the same hour of the next two days."""
    local = max(at, now).astimezone(VIETNAM)
    later = (at + timedelta(hours=1)).astimezone(VIETNAM)
    days_on = [local.date() + DAY, local.date() + 2 * DAY]
    clock = at.astimezone(VIETNAM).time()
    same = [datetime.combine(day, clock, VIETNAM) for day in days_on]
    found = [later, *same] if later > local and later.hour > 5 and later.hour < 21 else same
    return tuple(one.astimezone(UTC) for one in found if one > now)


def part_of(at: datetime) -> Literal["sang", "trua", "chieu", "toi"]:
    """Give the part of the day in which people here call an hour: 11 is at noon, 18 in the evening."""
    hour = at.astimezone(VIETNAM).hour
    return "sang" if hour < 11 else "trua" if hour < 13 else "chieu" if hour < 18 else "toi"


def _parts(raw: str) -> set[str]:
    """Give the parts of the day that are named."""
    plain = fold(raw)
    found = {fold(word) for word in _ACCENTED.findall(raw)} | set(_ENGLISH.findall(plain))
    if not found:
        # Of accented words the letters below stand for others: tôi, tới, sáng.
        bare = re.sub(r"\b(?:tôi|tới|tỏi|sàng|đem)\b", "minh", raw)
        bare = fold(bare)
        found = set(_BARE_BEFORE.findall(bare)) | set(_BARE_AFTER.findall(bare))
    return {_PART[word] for word in found}


def _without_parts(text: str, parts: set[str]) -> str:
    """Leave "sang" out where it is the morning, so that it is no coming over."""
    return re.sub(r"\bsang\b", " ", text, count=1) if "sang" in parts else text


def _relative(match: re.Match[str]) -> bool:
    """Say whether a length of time is one from now: "30 phút nữa", "in two hours"."""
    return bool(match["after"]) or match[0].startswith(("sau ", "in "))


def _length(match: re.Match[str]) -> timedelta:
    count = {"nua": 0.5, "half an": 0.5, "an": 1.0}.get(match["n"]) or float(match["n"])
    minutes = match["unit"].startswith(("p", "min"))
    return timedelta(minutes=count) if minutes else timedelta(hours=count)


def _clock(match: re.Match[str]) -> tuple[int, int]:
    hour, minute = int(match["h"]), 30 if match["half"] else int(match["m"] or 0)
    less = int(match["less"] or 0)
    return (hour - 1, 60 - less) if 0 < less < 60 and hour else (hour, minute)


def _clocks(clock: tuple[int, int], part: str, half: str) -> tuple[time, ...]:
    """Give the times of day that an hour can mean, with the part of the day that is named beside it."""
    hour, minute = clock
    if hour > 23:
        return ()
    if half:
        if not 1 <= hour <= 12:
            return ()
        return (time(hour % 12 + (12 if half == "p" else 0), minute),)
    if part == "sang":
        return (time(hour, minute),) if hour < 12 else ()
    if part in ("trua", "chieu", "toi"):
        first = {"trua": 10, "chieu": 12, "toi": 17}[part]
        fits = [each for each in (hour, hour + 12) if first <= each < 24]
        return (time(fits[0], minute),) if fits and hour > 0 else ()
    if hour >= 10 or hour == 0:
        return (time(hour, minute),) if hour else ()
    if hour < 6:
        return (time(hour + 12, minute),)  # nobody comes at 3 in the morning
    return (time(hour, minute), time(hour + 12, minute))


def _small(rest: str) -> bool:
    return all(word in _SMALL for word in re.sub(r"[^\w]+", " ", rest).split())


def _few(rest: str) -> bool:
    said = re.sub(r"[^\w]+", " ", rest).split()
    return sum(word not in _SMALL for word in said) <= FEW and not _DENIES & set(said)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, VIETNAM).astimezone(UTC)
