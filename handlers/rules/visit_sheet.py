"""Several lines about visits at once, as they stand on a sheet of paper: which lines there are, and what each says.

A line without a day is of the day above it, as on paper; a line that is nothing but a day is of those below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import msgspec

from handlers.rules import visits
from handlers.rules.guard import fold
from handlers.rules.visit_words import NOUNS
from handlers.rules.visits import Read

LEAST = 2  # lines that make a sheet

_NUMBERED = re.compile(r"\s*(\d{1,2})\s?[.)]\s+(?=\S)")
_NOUNS = "|".join(
    sorted((noun.strip() for nouns in NOUNS.values() for noun in nouns.split(",")), key=len)[::-1]
)
_NEW = re.compile(rf"\d+ (?:{_NOUNS})\b")
_CHANGE = re.compile(
    r"(?:(?:sửa|sua|dòng|dong|số|so|line|correct|change)\s+)*(\d{1,2})\s*[.):,]?\s+(\S.*)", re.I | re.S
)
_REMOVE = re.compile(r"(?:bo|xoa|go|remove|drop|delete)(?: (?:dong|so|line))? (\d{1,2})(?: di| nhe)?")


class Row(msgspec.Struct, frozen=True):
    """A line of a sheet, and what it says."""

    line: str
    read: Read
    undated: bool = False  # it names no day, and that of the line above is not known


def lines_of(text: str, today: date) -> list[str]:
    """Part a text into the lines of a sheet; numbers before each of them are left out."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(_NUMBERED.match(line) for line in lines):
        lines = [_NUMBERED.sub("", line, count=1) for line in lines]
    found: list[str] = []
    heading = ""
    for line in lines:
        said = visits.read(line, today)
        if said.dated and not said.counts:
            heading = line
        else:
            found.append(f"{heading} {line}" if heading and not said.dated else line)
            heading = ""
    return found


def told(text: str, today: date) -> bool:
    """Say whether words are several lines, most of which tell of visits."""
    if "\n" not in text:
        return False
    lines = lines_of(text, today)
    counted = [line for line in lines if visits.read(line, today).counts]
    return len(counted) >= LEAST and 2 * len(counted) > len(lines)


def rows(lines: Sequence[str], today: date, villages: Sequence[str]) -> list[Row]:
    """Read each line, with the day of the one above where it names none."""
    found: list[Row] = []
    above: date | None = today
    for line in lines:
        said = visits.read(line, today, villages)
        if said.dated:
            above = said.day
        elif said.fault in ("no-such-day", "several-days"):
            above = None
        else:
            said = msgspec.structs.replace(said, day=above or today, fault=_fault(said, above, today))
        found.append(Row(line, said, undated=above is None and not said.fault))
    return found


def _fault(said: Read, day: date | None, today: date) -> visits.Fault:
    if said.fault or day is None:
        return said.fault
    return visits.unfit(day, today)


def changed(lines: Sequence[str], text: str, today: date) -> list[str] | None:
    """Give the lines after "3 xóm trên 90p", "bỏ 3" or another line; None where words are none of these.

    What counts something takes the place of the line, anything else is added to it.
    """
    if removed := _REMOVE.fullmatch(fold(text)):
        number = int(removed[1])
        return [line for at, line in enumerate(lines, 1) if at != number] if number <= len(lines) else None
    more = lines_of(text, today)
    if len(more) > 1:
        return [*lines, *more]
    found = _CHANGE.fullmatch(" ".join(text.split()))
    if _NEW.match(fold(text)) or not found:
        return [*lines, *more] if visits.read(text, today).counts else None
    number, rest = int(found[1]), found[2]
    if number == len(lines) + 1 and visits.read(rest, today).counts:
        return [*lines, rest]
    if not 1 <= number <= len(lines):
        return None
    old = lines[number - 1]
    new = rest if visits.read(rest, today).counts else f"{old}, {rest}"
    return [*lines[: number - 1], new, *lines[number:]]
