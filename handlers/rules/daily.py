"""What a line about a target says: the figures of a day, "thôn Đoài 12, thôn Trung 7"; or a target to be set.

Plain functions of the words, the day they were written, and the names that may stand in them.  Nothing is guessed:
what is no figure is given back as what has to be asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from handlers.rules import figures
from handlers.rules.figures import UNREADABLE, Ambiguous, Figure, Reading
from handlers.rules.guard import fold
from handlers.rules.routing import spellings
from handlers.rules.visit_times import day_in
from knowledge.folding import fold as folded

LONGEST = 300  # letters of a line
MOST = 100_000_000  # of a goal, or of a day; more is a slip of the finger

Unfit = Literal["", "to-come", "too-old", "no-such-day", "several-days"]


class Piece(msgspec.Struct, frozen=True):
    """What is said of one place."""

    place: str  # as the list calls it; nothing where none is named
    words: str  # without place and day: the figure
    reading: Reading


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a line says."""

    pieces: tuple[Piece, ...]
    day: date  # today where none is named
    unfit: Unfit = ""  # why the day can be none of a figure
    named: bool = False  # it speaks of a target or a campaign
    corrects: bool = False
    which: tuple[int, ...] = ()  # the targets that its words may name; all, where it names none

    @property
    def clear(self) -> bool:
        """Whether there is nothing in it but figures and places."""
        return bool(self.pieces) and all(piece.reading != UNREADABLE for piece in self.pieces)


_HEAD = re.compile(
    r"^\W*(?:(?:cho|xin|em|anh|chi|toi|da|ghi|bao|nhap|gui|so|so lieu|ket qua|cua|the|for|report|enter) )*"
    r"(?:muc tieu|chien dich|targets?|campaign)\b"
)
_CORRECTS = re.compile(
    r"^\W*(?:(?:cho|xin|em|anh|chi|toi|da|please) )*"
    r"(?:sua lai|sua|chinh lai|dinh chinh|correct|change|fix)\b(?! (?:danh sach|mau|muc tieu\W*$))"
)
_FILLER = re.compile(
    r"^(?:(?:la|duoc|co|them|moi|ngay|cua|o|tai|thanh|so|to|at|in|is|for|on|the|we have)\b\s*)+"
)
_SMALL = {
    "cac",
    "cua",
    "trong",
    "cho",
    "chua",
    "hom",
    "nay",
    "voi",
    "theo",
    "the",
    "of",
    "and",
    "with",
    "for",
    "in",
    "mot",
    "moi",
}
_PLACE = 0xE000  # the first of the letters that nobody types; each stands for a place while a line is read


def read(text: str, today: date, places: Sequence[str], targets: Sequence[str], back: int) -> Line:
    """Read a line: which target, which day, and what of which place; `back` is how many days a figure may lie back."""
    line = fold(unicodedata.normalize("NFC", text[:LONGEST])).lower()
    corrects = _CORRECTS.match(line)
    line = line[corrects.end() :] if corrects else line
    head = _HEAD.match(line)
    line = f" {line[head.end() :] if head else line} "
    line = _marked(line, places)
    line, which = _named(line, targets)
    line, day, unfit = day_in(line.replace(";", "\n"), today)
    line = line.replace(" ; ", " ")  # where the day stood
    if day is not None and not unfit and today - day > timedelta(days=back):
        unfit = "too-old"
    elif unfit == "too-old" and day is not None and today - day <= timedelta(days=back):
        unfit = ""
    return Line(
        pieces=tuple(_piece(words, places) for words in _parted(line)),
        day=day or today,
        unfit=unfit,
        named=head is not None,
        corrects=corrects is not None,
        which=which,
    )


def _marked(line: str, places: Sequence[str]) -> str:
    """Put a letter that nobody types in the place of each name; what may be two places stays as it is."""
    ways: dict[str, set[int]] = {}
    for number, place in enumerate(places):
        for way in spellings(place):
            ways.setdefault(way, set()).add(number)
    for way in sorted(ways, key=lambda way: (-len(way), way)):
        if len(ways[way]) == 1:
            (number,) = ways[way]
            spelt = r"\s+".join(
                rf"(?:so\s+)?0*{word}" if word.isdigit() else re.escape(word) for word in way.split()
            )
            line = re.sub(rf"(?<!\w)(?<!ngay ){spelt}(?!\w)", f" {chr(_PLACE + number)} ", line)
    return line


def _named(line: str, targets: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    """Cut out the words of a target's name, and give the targets that most of them name."""
    for measure in filter(None, dict.fromkeys(folded(measure_of(target)) for target in targets)):
        line = re.sub(rf"(?<=\d)\s*{measure}(?!\w)", " ", line)
    names = [_telling(target) for target in targets]
    found = [sum(_has(line, word) for word in name) for name in names]
    most = max(found, default=0)
    which = tuple(number for number, count in enumerate(found) if count == most)
    if most:
        for word in {word for number in which for word in names[number]}:
            line = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " ", line)
    return line, which


def _telling(name: str) -> tuple[str, ...]:
    return tuple(
        word
        for word in dict.fromkeys(folded(name).split())
        if len(word) > 2 and not word.isdigit() and word not in _SMALL
    )


def _has(line: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line) is not None


_MARK = f"[{chr(_PLACE)}-\uf8ff]"


def _parted(line: str) -> list[str]:
    """Give what is said of each place."""
    chunks: list[str] = []
    for chunk in re.split(r"[\n;]|,(?!\d)|(?<!\d)\.(?=\s)|\s(?:va|and)\s", line):
        marks = re.findall(_MARK, chunk)
        if len(marks) > 1:  # "Đoài 12 Trung 7", or "12 Đoài 7 Trung"
            first = re.match(rf"\W*{_MARK}", chunk) is not None
            chunks += re.split(rf"(?={_MARK})" if first else rf"(?<={_MARK})", chunk)
        else:
            chunks.append(chunk)
    return [chunk for chunk in chunks if re.search(rf"\w|{_MARK}", chunk)]


def _piece(chunk: str, places: Sequence[str]) -> Piece:
    mark = re.search(_MARK, chunk)
    words = re.sub(_MARK, " ", chunk)
    words = re.sub(r"^[\s:=.,•*+–-]+|[\s:=.,]+$", "", re.sub(r"\s+", " ", words))
    words = _FILLER.sub("", words).strip()
    return Piece(places[ord(mark[0]) - _PLACE] if mark else "", words, figures.read(words))


def value_in(text: str) -> Reading:
    """Read the answer to a question for one figure."""
    return figures.read(_FILLER.sub("", fold(unicodedata.normalize("NFC", text)).lower().strip()))


# --- a target to be set ---


class Goal(msgspec.Struct, frozen=True):
    """What is counted, and how much of it is wanted."""

    goal: int
    name: str = ""  # in the words that were typed
    number: int = 0  # of an indicator, where one is named


_SETS = re.compile(
    r"^\W*(?:(?:dat|them|lap|tao|giao|ra|set|add|new|make) )+(?:a |an |mot )?"
    r"(?:muc tieu|chien dich|target|campaign)\b[\s:,.-]*"
)
_INDICATOR = re.compile(r"(?:chi tieu|chi so|indicator|number)\s+(?:so\s+)?(\d{1,2})\b")
_GOAL = re.compile(
    r"(?<![\w/.,-])(\d[\d.,]*(?:\s\d{3})*(?:\s?(?:nghin|ngan|k|trieu|tr)\b)?)(?![\w/-]|[.,]\d)"
)


def sets(text: str) -> str | None:
    """Give what follows the words that set a target; None where they set none."""
    line = unicodedata.normalize("NFC", text)
    found = _SETS.match(fold(line).lower())
    return line[found.end() :].strip() if found else None


def goal_in(text: str) -> Goal | None:
    """Read "500 hộ cài VNeID" or "500 chỉ tiêu 6"; None where it names no number or nothing to count."""
    line = " ".join(unicodedata.normalize("NFC", text[:LONGEST]).split()).strip(" .,;:“”\"'")
    plain = fold(line).lower()
    number = 0
    if indicator := _INDICATOR.search(plain):
        number = int(indicator[1])
        line = f"{line[: indicator.start()]} {line[indicator.end() :]}"
        plain = f"{plain[: indicator.start()]} {plain[indicator.end() :]}"
    found = _GOAL.search(plain)
    if found is None or re.match(r"\s*(?:%|phan tram|percent)", plain[found.end() :]):
        return None
    reading = figures.read(found[1])
    goal = reading.value if isinstance(reading, Figure) else Decimal(0)
    if isinstance(reading, Ambiguous) and reading.why == "thousand-or-decimal":
        goal = max(reading.readings)  # it is read back
    if not 0 < goal <= MOST:
        return None
    name = f"{line[: found.start()]} {line[found.end() :]}"
    name = re.sub(r"^\W*(?:được|đạt|là|đến|lên|of|reach|to)\s+", "", " ".join(name.split()), flags=re.I)
    name = name.strip(" .,;:“”\"'()-")
    if not number and not re.search(r"[^\W\d_]", name):
        return None
    return Goal(int(goal), "" if number else name, number)


_NOUNS = (
    "hộ gia đình", "hộ kinh doanh", "hộ", "người dân", "người", "lượt người", "lượt", "hồ sơ", "tài khoản", "cửa hàng",
    "máy", "buổi", "lớp", "cuộc", "giao dịch", "doanh nghiệp", "cơ sở", "điểm", "mã", "văn bản", "sản phẩm", "thủ tục",
    "households", "household", "people", "persons", "files", "accounts", "shops", "machines", "sessions", "classes",
    "businesses", "transactions", "documents", "products",
)  # fmt: skip


def measure_of(name: str) -> str:
    """Give by what something is counted, where its words begin with that: "hộ" of "hộ cài VNeID"; else nothing."""
    plain = folded(name)
    found = next(
        (
            noun
            for noun in sorted(_NOUNS, key=len, reverse=True)
            if f"{plain} ".startswith(f"{folded(noun)} ")
        ),
        "",
    )
    return " ".join(name.split()[: len(found.split())]).lower() if found else ""
