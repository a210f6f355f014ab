"""Service levels and desk hours: by when a request is taken up and done, and when a commune's desk is open.

The shipped file is data/service.yaml; what an office writes in a file of its own comes before it.
"""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

FILE = Path(__file__).parent / "data" / "service.yaml"
OWN = "service.yaml"  # beside an office's own topics
_SPAN = re.compile(r"([0-9]{1,3}) (hours?|days?)")
_HOURS = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")


class BadService(Exception):
    """The file cannot be used; the message says what is wrong and what to do."""


class Span(msgspec.Struct, frozen=True):
    """A time to be counted: in hours of an open desk, or in working days."""

    number: int
    unit: Literal["hours", "days"]


class Level(msgspec.Struct, frozen=True):
    """By when a kind of request is taken up, and by when it is done."""

    take_up: Span
    done: Span
    source: str
    topics: tuple[str, ...] = ()  # that make a request one of this kind


Hours = tuple[tuple[time, time], ...]


class Closure(msgspec.Struct, frozen=True):
    """A day on which a commune's desk is closed, or open at other hours."""

    day: date
    why: str
    open: Hours = ()


class Desk(msgspec.Struct, frozen=True):
    """When a commune's desk is open."""

    open: Hours  # on working days
    saturday: Hours = ()  # on Saturdays of a common week
    on_call: bool = False  # urgent requests are looked after at any hour
    closed: tuple[Closure, ...] = ()

    def closure(self, day: date) -> Closure | None:
        """Give what differs on a day; None for a day like others."""
        return next((closure for closure in self.closed if closure.day == day), None)


class Service(msgspec.Struct, frozen=True):
    """All of it."""

    desk: Desk  # of communes that say nothing else
    levels: dict[str, Level]
    warning: int  # of 100
    steps: tuple[
        Span, ...
    ]  # after the end: for whoever has it, the lead, the commune's officer, the province
    communes: dict[str, Desk]  # by official code

    def desk_of(self, commune: str) -> Desk:
        """Give when a commune's desk is open."""
        return self.communes.get(commune, self.desk)

    @classmethod
    def load(cls, own: Path | None = None) -> Service:
        """Read the shipped file, and before it the office's own where there is one; BadService says what is wrong."""
        written = _read(FILE)
        if own is not None and own.is_file():
            mine = _read(own)
            for name, value in mine.items():
                if name not in written:
                    raise BadService(f"{own}: “{name}” is not known. Write one of: {', '.join(written)}.")
                kept = written[name]
                written[name] = kept | value if isinstance(kept, dict) and isinstance(value, dict) else value
            return _service(written, own)
        return _service(written, FILE)


def _read(file: Path) -> dict[str, Any]:
    try:
        written = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadService(f"{file}: {error}. Correct that, or put the file back from the release.") from error
    if not isinstance(written, dict):
        raise BadService(f"{file}: “name: value” is expected. Compare it with {FILE.name} of the release.")
    return written


def _service(written: dict[str, Any], file: Path) -> Service:
    try:
        usual = _hours(written["hours"]["open"])
        return Service(
            desk=Desk(usual),
            levels={name: _level(level) for name, level in written["levels"].items()},
            warning=int(written["warning"]),
            steps=tuple(_span(step) for step in written["steps"]),
            communes={str(code): _desk(desk, usual) for code, desk in (written["communes"] or {}).items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else error
        raise BadService(f"{file}: {what}. Compare it with {FILE.name} of the release.") from error


def _level(written: dict[str, Any]) -> Level:
    return Level(
        _span(written["take_up"]),
        _span(written["done"]),
        str(written["source"]),
        tuple(str(topic) for topic in written.get("topics", ())),
    )


def _desk(written: dict[str, Any], usual: Hours) -> Desk:
    unknown = set(written) - {"open", "saturday", "on_call", "closed"}
    if unknown:
        raise ValueError(f"“{min(unknown)}” is not known of a desk")
    return Desk(
        _hours(written["open"]) if "open" in written else usual,
        _hours(written.get("saturday", ()), closed=True),
        bool(written.get("on_call", False)),
        tuple(
            Closure(_day(one["day"]), str(one["why"]), _hours(one.get("open", ()), closed=True))
            for one in written.get("closed", ())
        ),
    )


def _day(written: object) -> date:
    return written if isinstance(written, date) else date.fromisoformat(str(written))


def _span(written: object) -> Span:
    found = _SPAN.fullmatch(str(written))
    if found is None:
        raise ValueError(f"“{written}” is no span; write 8 hours, or 2 days")
    return Span(int(found[1]), "hours" if found[2].startswith("hour") else "days")


def _hours(written: object, *, closed: bool = False) -> Hours:
    """Read hours such as 07:30-11:30, in order; none where it may be closed."""
    if not isinstance(written, list | tuple) or not (written or closed):
        raise ValueError('hours are a list such as ["07:30-11:30", "13:00-17:00"]')
    found: list[tuple[time, time]] = []
    for one in written:
        part = _HOURS.fullmatch(str(one))
        if part is None:
            raise ValueError(f"“{one}” is no span of hours; write 07:30-11:30")
        begin, end = time(int(part[1]), int(part[2])), time(int(part[3]), int(part[4]))
        if begin >= end or (found and begin < found[-1][1]):
            raise ValueError(f"“{one}” does not come after what stands before it")
        found.append((begin, end))
    return tuple(found)
