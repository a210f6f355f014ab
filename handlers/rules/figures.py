"""Figures as people write them: read into numbers, and written back.

"0" and "no data yet" are kept apart, and what may mean two things is given back as two things:
the conversation asks.  Numerator and denominator are kept; a percentage is always computed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from typing import Literal

import msgspec

from handlers.rules import spoken
from handlers.rules.guard import fold
from handlers.text import Text, _

Kind = Literal["count", "ratio", "decimal", "percent"]
"""count: a whole number, perhaps out of another; ratio: the same, shown as a percentage;
decimal and percent: a number that may have decimals."""


class Figure(msgspec.Struct, frozen=True):
    """A number that was understood; `of` is what it is out of, where that was said."""

    value: Decimal
    of: Decimal | None = None


class Ambiguous(msgspec.Struct, frozen=True):
    """A number that must be asked back, with what it may mean."""

    why: Literal["thousand-or-decimal", "about", "zero-or-none", "two-readings", "sum"]
    readings: tuple[Decimal, ...]
    ask: Text
    of: Decimal | None = None  # what "about 9/11" is out of


class NoData(msgspec.Struct, frozen=True):
    """The cadre has no figure; not the same as 0."""


class Problem(msgspec.Struct, frozen=True):
    """Why this cannot be the figure; "unreadable" may just as well be a question."""

    name: Literal[
        "unreadable",
        "not-whole",
        "negative",
        "percent-given",
        "over-hundred",
        "percent-differs",
        "one-expected",
        "too-fine",
    ]
    why: Text


Reading = Figure | Ambiguous | NoData | Problem

UNREADABLE = Problem("unreadable", _("I could not read that as a figure."))
NOT_WHOLE = Problem("not-whole", _("This is counted in whole numbers. Please write one without decimals."))
NEGATIVE = Problem("negative", _("A count is never below 0. Please check the figure."))
PERCENT_GIVEN = Problem(
    "percent-given", _("Please write the two counts, such as 24/30. I compute the percentage.")
)
OVER_HUNDRED = Problem("over-hundred", _("A percentage is never above 100. Please check the figure."))
TOO_FINE = _("Please write it with {n} decimals at the most.")
ONE_EXPECTED = Problem("one-expected", _("This asks for one number, not two."))
PERCENT_DIFFERS = _("{part} of {whole} is {computed}%, not {said}%. Which counts are right?")
ASK_THOUSAND = _("Is that {whole}, or {part} with decimals?")
ASK_EITHER = _("Is that {first} or {second}?")
ASK_SUM = _("Together that makes {value}. Is that the figure?")
ASK_EXACT_PAIR = _("The report needs exact counts. Is it exactly {part} of {whole}?")
ASK_EXACT = _("The report needs the exact count. Is it exactly {value}?")
ASK_ZERO = _("Is the figure 0, or is there no data yet?")

_NUMBER = r"\d+(?:[., ]\d+)*"
_TIMES = {"nghin": 3, "ngan": 3, "k": 3, "thousand": 3, "trieu": 6, "tr": 6, "million": 6}
_TERM = rf"({_NUMBER})(?:\s?(nghin|ngan|k|thousand|trieu|tr|million)\b)?"
_THINGS = (
    r"(?:cuoc hop|cuoc|van ban|ho so|giao dich|dich vu|nguoi|luot|cai|may tinh|may|thu tuc|ho"
    r"|meetings?|documents?|files?|transactions?|services?|people|persons?|machines?|computers?)"
)
_BEFORE = (
    r"(?:(?:da|co|la|ky nay|thang nay|tong cong|tong so|tong|tat ca|dung|it is|it's|this month|total)[ :]+)*"
)
_AFTER = r"(?:\s+(?:a|nhe|nha|em|chi|anh|chau|thoi|dung roi|please))*"
_OVER = r"\s*(?:/|\b(?:tren tong so|tren tong|trong tong so|trong so|tren|out of|of)\b)\s*"
_ONE = re.compile(
    rf"{_BEFORE}(?P<sign>[-−–])?\s?{_TERM}\s*(?P<percent>%|phan tram|percent)?(?:\s*{_THINGS})?{_AFTER}"
)
_TWO = re.compile(
    rf"{_BEFORE}(?P<sign>[-−–])?\s?{_TERM}(?:\s*{_THINGS})?{_OVER}(?P<sign2>[-−–])?\s?{_TERM}(?:\s*{_THINGS})?"
    rf"(?:\s*(?:=|\(|,|tuc|la|is)\s*({_NUMBER})\s*%\)?)?{_AFTER}"
)
_ABOUT = re.compile(
    rf"{_BEFORE}(?:(?:khoang|tam|chung|co|do|uoc|hon|gan|tren|duoi|about|around|roughly|over|nearly|almost"
    rf"|at least|~|≈|>|<|≥|≤)\s*)+{_TERM}(?:\s*{_THINGS})?{_AFTER}"
    rf"|{_BEFORE}{_TERM}\s?(?:-|–|den|toi|to|hoac|or)\s?{_TERM}(?:\s*{_THINGS})?{_AFTER}"
    rf"|{_BEFORE}{_TERM}\s?(?:hon|tro len|\+|or so)(?:\s*{_THINGS})?{_AFTER}"
)
_ABOUT_TWO = re.compile(
    rf"{_BEFORE}(?:(?:khoang|tam|chung|do|uoc|hon|gan|about|around|roughly|nearly|almost|~|≈)\s*)+"
    rf"{_TERM}(?:\s*{_THINGS})?{_OVER}{_TERM}(?:\s*{_THINGS})?{_AFTER}"
)
_SUM = re.compile(
    rf"{_BEFORE}(?P<parts>{_NUMBER}(?:\s?\+\s?{_NUMBER})+)(?:\s?(?:=|bang|la)\s?(?P<total>{_NUMBER}))?"
    rf"(?:\s*{_THINGS})?{_AFTER}"
)
_WIDE = {
    "．": ".",
    "，": ",",
    "／": "/",
    "％": "%",
    "：": ":",
    "－": "-",
    "\u3000": " ",
    "\xa0": " ",
    "\u202f": " ",
}
_NO_DATA = re.compile(
    r"(?:da |hien |ky nay |em |chi |anh )*(?:chua|chua co(?: so(?: lieu)?)?"
    r"|(?:khong|ko|k|kg|hong) co so(?: lieu)?|chua (?:tong hop|thong ke)(?: duoc)?"
    r"|no data(?: yet)?|not yet|none yet|n/?a)"
    rf"(?: gi| nao)?{_AFTER}"
)
_NOTHING_AROSE = re.compile(rf"(?:khong|ko|k) (?:co )?phat sinh(?: gi)?{_AFTER}|nothing arose|none arose")
_ZERO_OR_NONE = re.compile(
    rf"(?:khong|ko|k)(?: co)?(?: {_THINGS})?(?: nao| gi)?{_AFTER}|none|nothing|no|zero\?"
)
_LINE = re.compile(
    r"\s*[-•*+]?\s*(?:ct|chi tieu|chi so|so|muc|indicator|no\.?)?\s*(?P<number>\d{1,2})\s?"
    r"(?P<mark>[:=]|\)|\.(?=\s)|\s[-–](?=\s))\s*(?P<rest>\S.*)"
)
_NEXT_ON_LINE = re.compile(r"[\n;]|,\s+(?=(?:ct|chi tieu)?\s*\d{1,2}\s?[:=])")
_MARKED_AGAIN = {  # "1) 9/11 2) 214/218": what the next one on the line begins with, by the mark of the first
    ":": re.compile(r",?\s+(?=\d{1,2}\s?:\s*\w)"),
    "=": re.compile(r",?\s+(?=\d{1,2}\s?=\s*\w)"),
    ")": re.compile(r",?\s+(?=\d{1,2}\s?\)\s*\w)"),
    ".": re.compile(r",?\s+(?=\d{1,2}\.\s+\w)"),
}
_SPOKEN = r"(?:ct|chi tieu|chi so|so|muc|cau|indicator|number|no\.?)\s+\d{1,2}\s+"
_SPOKEN_AGAIN = re.compile(rf"(?:,|\s+(?:va|con|and))\s+(?={_SPOKEN})")
_SPOKEN_LINE = re.compile(  # "số 2 là 214/218", and "số 3 mới 2 tổng 46" beside another one
    r"(?:ct|chi tieu|chi so|so|muc|cau|indicator|number|no\.?)\s+(?P<number>\d{1,2})\s+(?P<is>la|is)?\s*"
    rf"(?!(?:tren|trong|out|of|{_THINGS})\b)(?P<rest>\S.*)"
)
_UNSURE = re.compile(  # between a name and its number
    r"(?:^|\s)[-−–]$|[~≈<>≥≤]"
    r"|\b(?:khoang|tam|chung|uoc|hon|gan|duoi|about|around|roughly|over|nearly|almost|at least)\b"
)
_LISTED = re.compile(r"[\n;]|,\s+")
_LONE = re.compile(r"\d+(?:[.,]\d+)*(?:\s?/\s?\d+(?:[.,]\d+)*)?")
SEVERAL = 3  # figures in one message that are more than one indicator asks for
_MISTAKEN = re.compile(
    r"\W*(?:(?:ua|a|o|oi|chet|da|thoi|xin loi|em|chi|anh|co|toi|minh|bi|go|ghi|nhap|danh|viet|dua|cho|oops|oh|i)"
    r"\b[\W_]*)*"
    r"(?:(?:nham|lon|sai|sua lai|sua|khong phai|a khong|khong(?=\s*[,.:;])|sorry|wrong|mistake|i mean|mean|actually"
    r"|no(?=\s*[,.:;])|phai la|dung ra la|dung la|chinh xac la|correction|should be|it should be)\b[\W_]*"
    r"(?:(?:so|roi|mat|thanh|la|a|nhe|em|chi|anh|toi|minh|phai|dung|typo|it|is|should be)\b[\W_]*)*)+",
)


def read(text: str, kind: Kind = "count") -> Reading:
    """Give what a message says where a figure of that kind was asked for."""
    if not text.strip() or len(text) > 300:  # nobody writes a figure that long
        return UNREADABLE
    readings = [_read(_trimmed(words), kind) for words in spoken.written(_marked(text))]
    if len(readings) == 1:
        return readings[0]
    figures = [one for one in readings if isinstance(one, Figure) and one.of is None]
    if len(figures) < len(readings):
        return UNREADABLE
    first, second, *_more = (one.value for one in figures)
    return Ambiguous("two-readings", (first, second), ASK_EITHER(first=first, second=second))


def _read(words: str, kind: Kind) -> Reading:
    """Give what a folded message says, its numbers in digits."""
    if not words:
        return UNREADABLE
    if _NO_DATA.fullmatch(words):
        return NoData()
    if _NOTHING_AROSE.fullmatch(words):
        return Figure(Decimal(0), Decimal(0) if kind == "ratio" else None)
    if _ZERO_OR_NONE.fullmatch(words):
        return Ambiguous("zero-or-none", (Decimal(0),), ASK_ZERO)
    if two := _TWO.fullmatch(words):
        return _two(two, kind)
    if one := _ONE.fullmatch(words):
        return _one(one, kind)
    if about := _ABOUT.fullmatch(words):
        return _about(about, kind)
    if about := _ABOUT_TWO.fullmatch(words):
        return _about_two(about, kind)
    if added := _SUM.fullmatch(words):
        return _sum(added, kind)
    return UNREADABLE


def too_fine(decimals: int) -> Problem:
    """Give what to say of a number with more decimals than are kept."""
    return Problem("too-fine", TOO_FINE(n=decimals)) if decimals else NOT_WHOLE


def _marked(text: str) -> str:
    # "50 mấy" is fifty and some, "50 máy" is fifty machines: the last chance to tell them apart.
    text = unicodedata.normalize("NFC", text).lower().replace("mấy", "+")
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else _WIDE.get(letter, letter)
        for letter in _without_parts(text)
    )


def _without_parts(text: str) -> str:
    """Put a letter for signs such as "½" and "²", so that what they stand in is not read as another number."""
    return "".join("x" if letter.isnumeric() and not letter.isdecimal() else letter for letter in text)


def _trimmed(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip(" .!")


def _sum(said: re.Match[str], kind: Kind) -> Reading:
    """Ask whether numbers that were added up are the figure; with their right total behind them they are."""
    if kind in ("decimal", "percent"):
        return UNREADABLE
    parts = [_readings(number, None, kind) for number in re.findall(_NUMBER, said["parts"])]
    numbers = [max(part) for part in parts if not isinstance(part, Problem)]
    if len(numbers) < len(parts):
        return NOT_WHOLE
    together = sum(numbers, Decimal(0))
    if said["total"] and together in _values(said["total"]):
        return Figure(together)
    return Ambiguous("sum", (together,), ASK_SUM(value=together))


def _one(said: re.Match[str], kind: Kind) -> Reading:
    if said["percent"] and kind in ("count", "ratio"):
        return PERCENT_GIVEN
    readings = _readings(said[2], said[3], kind)
    if isinstance(readings, Problem):
        return readings
    if said["sign"] and any(readings):
        return NEGATIVE
    if len(readings) > 1:
        whole, part = max(readings), min(readings)
        return Ambiguous("thousand-or-decimal", readings, ASK_THOUSAND(whole=whole, part=part))
    return Figure(readings[0])


def _two(said: re.Match[str], kind: Kind) -> Reading:
    if kind in ("decimal", "percent"):
        return ONE_EXPECTED
    part, whole = _readings(said[2], said[3], kind), _readings(said[5], said[6], kind)
    if isinstance(part, Problem):
        return part
    if isinstance(whole, Problem):
        return whole
    if said["sign"] or said["sign2"]:
        return NEGATIVE
    # Two counts are never ambiguous unless a multiplier follows ("1.234 nghìn"); then take them as written.
    figure = Figure(max(part), max(whole))
    if said[7]:
        claimed = _values(said[7])
        computed = share(figure.value, figure.of or Decimal(0))
        close = computed is not None and any(
            computed.quantize(Decimal(1).scaleb(_exponent(claim)), ROUND_HALF_UP) == claim
            for claim in claimed
        )
        if claimed and not close and computed is not None:
            words = PERCENT_DIFFERS(part=figure.value, whole=figure.of, computed=computed, said=min(claimed))
            return Problem("percent-differs", words)
    return figure


def _about(said: re.Match[str], kind: Kind) -> Reading:
    terms = [(said[at], said[at + 1]) for at in (1, 3, 5, 7) if said[at]]
    values: list[Decimal] = []
    for number, times in terms:
        readings = _readings(number, times, kind)
        if isinstance(readings, Problem):
            return readings
        values.append(max(readings))
    return Ambiguous("about", tuple(values), ASK_EXACT(value=values[-1]))


def _about_two(said: re.Match[str], kind: Kind) -> Reading:
    if kind in ("decimal", "percent"):
        return ONE_EXPECTED
    part, whole = _readings(said[1], said[2], kind), _readings(said[3], said[4], kind)
    if isinstance(part, Problem):
        return part
    if isinstance(whole, Problem):
        return whole
    ask = ASK_EXACT_PAIR(part=max(part), whole=max(whole))
    return Ambiguous("about", (max(part),), ask, max(whole))


def _readings(number: str, times: str | None, kind: Kind) -> tuple[Decimal, ...] | Problem:
    """Give what a written number can mean where that kind is asked."""
    values = [value.scaleb(_TIMES[times]) if times else value for value in _values(number)]
    if not values:
        return UNREADABLE
    if kind in ("count", "ratio"):
        whole = [value for value in values if value == value.to_integral_value()]
        return tuple(value.quantize(Decimal(1)) for value in whole) or NOT_WHOLE
    if kind == "percent":
        return tuple(value for value in values if value <= 100) or OVER_HUNDRED
    return tuple(values)


def _values(number: str) -> list[Decimal]:
    """Give every number that the digits and their separators can stand for."""
    number = number.strip()
    if " " in number:
        if not re.fullmatch(r"\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?", number):
            return []
        number = number.replace(" ", "")
    if number.isdigit():
        return [Decimal(number)]
    found = []
    for thousands, point in (".,", ",."):
        grouped = re.fullmatch(rf"[1-9]\d{{0,2}}(?:\{thousands}\d{{3}})+(?:\{point}\d+)?", number)
        plain = re.fullmatch(rf"\d+\{point}\d+", number)
        if grouped or plain:
            found.append(Decimal(number.replace(thousands, "").replace(point, ".")))
    return found


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def read_lines(text: str) -> list[tuple[int, str]]:
    """Give (number of the indicator, what was said of it) a line; nothing when no line is such a one.

    A line that names no indicator comes with number 0, so that nothing written is lost.
    """
    lines = [
        one.strip()
        for line in _NEXT_ON_LINE.split(unicodedata.normalize("NFC", text))
        for one in _parted(line.strip())
        if one.strip()
    ]
    found = []
    for line in lines:
        folded = fold(line)
        match = _LINE.fullmatch(folded)
        told = None if match else _SPOKEN_LINE.fullmatch(folded)
        if told and (told["is"] or len(lines) > 1) and re.search(r"\d|chua|khong|no ", told["rest"]):
            found.append((int(told["number"]), line[told.start("rest") :].strip()))
            continue
        # "2. 214" or "2 - 5" alone is one figure badly written rather than an answer to indicator 2.
        sure = match and (match["mark"] in ":=" or len(lines) > 1 or "/" in match["rest"])
        found.append(
            (int(match["number"]), line[match.start("rest") :].strip()) if match and sure else (0, line)
        )
    return found if any(number for number, _rest in found) else []


def _parted(line: str) -> list[str]:
    """Part a line that holds several marked figures; any other stays as it is."""
    folded = fold(line)
    first = _LINE.fullmatch(folded)
    if first:
        again: re.Pattern[str] | None = _MARKED_AGAIN.get(first["mark"].strip())
    else:
        again = _SPOKEN_AGAIN if re.match(_SPOKEN, folded) else None
    if again is None:
        return [line]
    parts, at = [], 0
    for found in again.finditer(folded, first.start("rest") if first else 0):
        parts.append(line[at : found.start()])
        at = found.end()
    return [*parts, line[at:]]


def listed(text: str) -> list[str]:
    """Give the parts of a list such as "9/11, 214/218, 58", as they were written."""
    return [part.strip() for part in _LISTED.split(unicodedata.normalize("NFC", text)) if part.strip()]


def holds_several(text: str) -> bool:
    """Say whether words hold more figures than one indicator asks for."""
    return len(_LONE.findall(text)) >= SEVERAL


def is_figure(text: str) -> bool:
    """Say whether words are a number or two and nothing else."""
    return isinstance(read(text), Figure)


def corrected(text: str) -> str | None:
    """Give what stands behind a word that takes back: "9/11" of "ủa nhầm, 9/11"; None where there is no such word."""
    text = unicodedata.normalize("NFC", text)
    found = _MISTAKEN.match(fold(text))
    return None if found is None else text[found.end() :].strip()


def named(text: str, names: Mapping[str, tuple[str, ...]]) -> dict[str, Decimal]:
    """Give the whole numbers that stand beside a name: "cài mới 2, tổng 46" with the words for each name.

    A number below 0, or one that is only about so great, is left out: it is to be asked for.
    """
    words = re.sub(r"\s+", " ", fold(_without_parts(unicodedata.normalize("NFC", text[:400]))))
    unsure: set[str] = set()
    found: dict[str, Decimal] = {}
    for part, (name, called) in product(re.split(r"[;\n]|,(?!\d)| va | and ", words), names.items()):
        tongue = "|".join(re.escape(fold(word)) for word in sorted(called, key=len, reverse=True))
        ways = [
            rf"\b(?:{tongue})\b(?P<gap>\D{{0,12}}?)\b(?P<number>{_NUMBER})(?!\s?%)",
            rf"(?P<gap>[-−–~≈<>≥≤]?)\b(?P<number>{_NUMBER})\s(?:{tongue})\b(?!\s?%)",
        ]
        if re.match(r"\D{0,3}\d", part):  # "2 mới 46 tổng" puts the number first, "mới 2 tổng 46" the name
            ways.reverse()
        matches = [match for way in ways for match in re.finditer(way, part)]
        if any(_UNSURE.search(match["gap"]) for match in matches):
            unsure.add(name)
        whole = [v for match in matches for v in _values(match["number"]) if v == v.to_integral_value()]
        if whole:
            found.setdefault(name, whole[0].quantize(Decimal(1)))
    return {name: value for name, value in found.items() if name not in unsure}


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Give the percentage with two decimals, half rounded up; None where nothing arose."""
    if not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def times(now: Decimal | int, before: Decimal | int) -> Decimal | None:
    """Say how many times as much it is, with one decimal; None where there was nothing before."""
    return (Decimal(now) / Decimal(before)).quantize(Decimal("0.1"), ROUND_HALF_UP) if before else None


def grouped(value: Decimal | int, lang: str) -> str:
    """Write a number as the language does: 1.284 in Vietnamese, 1,284 in English."""
    written = f"{value:,}"
    return written.translate(str.maketrans(",.", ".,")) if lang == "vi" else written


def percentage(part: Decimal | int, whole: Decimal | int, lang: str) -> str:
    """Write the percentage, such as 98,17%; nothing where nothing arose."""
    value = share(part, whole)
    return "" if value is None else f"{grouped(value, lang)}%"
