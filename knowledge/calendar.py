"""Which days are worked in the offices of Viet Nam.

Public holidays are computed by the package `holidays`; what the yearly notices decide besides stands in
data/calendar.yaml, which an administrator edits.  Office hours and local closures are not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import yaml

FILE = Path(__file__).parent / "data" / "calendar.yaml"
DAY = timedelta(days=1)
_LANGUAGES = {"vi": "vi", "en": "en_US"}  # ours, and the package's names of them
_NEEDED = ("day", "why", "by", "document")

Shift = Literal["next", "previous", "none"]


class BadCalendar(Exception):
    """The file cannot be used; the message says where, what is wrong and what to do."""


class Decision(msgspec.Struct, frozen=True):
    """One day that somebody decided about."""

    day: date
    working: bool
    why: dict[str, str]  # by language
    by: str
    document: str
    unverified: bool = False


class Calendar:
    """The working days, with the decisions of one file."""

    def __init__(self, decisions: Iterable[Decision], weekend: dict[str, str]) -> None:
        """Take the decisions and what a weekend is called in each language."""
        self._decided = {decision.day: decision for decision in decisions}
        self._weekend = weekend

    @classmethod
    def load(cls, file: Path = FILE) -> Calendar:
        """Read a file of decisions, by default the shipped one; BadCalendar says what is wrong with it."""
        return _Reader(file).calendar()

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Give what was decided, in the order of the days."""
        return tuple(self._decided[day] for day in sorted(self._decided))

    def is_working_day(self, day: date) -> bool:
        """Say whether offices work on that day."""
        if decision := self._decided.get(day):
            return decision.working
        if day.weekday() >= 5:
            return day in _worked_weekends(day.year)
        return day not in _holidays(day.year, "vi")

    def is_weekend(self, day: date) -> bool:
        """Say whether a day is off for being a weekend and nothing else."""
        off = not self.is_working_day(day) and day not in self._decided
        return off and day not in _holidays(day.year, "vi")

    def doubt(self, day: date, lang: str = "vi") -> str | None:
        """Say what nobody has confirmed about a day, in that language or else in Vietnamese; None for most."""
        decision = self._decided.get(day)
        return decision.why.get(lang, decision.why["vi"]) if decision and decision.unverified else None

    def next_working_day(self, day: date) -> date:
        """Give that day if it is worked, else the first worked one after it."""
        while not self.is_working_day(day):
            day += DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """Give that day if it is worked, else the last worked one before it."""
        while not self.is_working_day(day):
            day -= DAY
        return day

    def add_working_days(self, day: date, n: int) -> date:
        """Give the n-th working day after a day, before it when n is negative; for 0 the day itself."""
        step = DAY if n > 0 else -DAY
        for _ in range(abs(n)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def shift(self, day: date, rule: Shift) -> date:
        """Give the day on which something due that day is due, by the rule for days off."""
        match rule:
            case "next":
                return self.next_working_day(day)
            case "previous":
                return self.previous_working_day(day)
            case "none":
                return day

    def why_off(self, day: date, lang: str = "vi") -> str | None:
        """Say why a day is off, in that language or else in Vietnamese; None for a working day."""
        if self.is_working_day(day):
            return None
        if decision := self._decided.get(day):
            return decision.why.get(lang, decision.why["vi"])
        if name := _holidays(day.year, lang).get(day):
            return name
        return self._weekend.get(lang, self._weekend["vi"])


@lru_cache(maxsize=64)
def _holidays(year: int, lang: str) -> dict[date, str]:
    """Give the package's holidays of a year with their names."""
    # Imported late: it takes longer than all the rest of this package, and not every command asks for a day.
    from holidays import country_holidays

    return dict(country_holidays("VN", years=year, language=_LANGUAGES.get(lang, "vi")))


@lru_cache(maxsize=64)
def _worked_weekends(year: int) -> frozenset[date]:
    from holidays import country_holidays

    found = country_holidays("VN", years=year).weekend_workdays
    return frozenset(day for day in found if day.year == year)


class _Reader:
    """Reads one file, keeping the line of every word for the messages."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def calendar(self) -> Calendar:
        try:
            root = yaml.compose(self.file.read_text("utf-8"), Loader=yaml.SafeLoader)
        except OSError as error:
            raise BadCalendar(
                f"{self.file}: cannot be read ({error.strerror}). Put the file back from the release."
            ) from error
        except UnicodeDecodeError as error:
            raise BadCalendar(f"{self.file}: is not UTF-8. Save it again as UTF-8.") from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "this is no YAML"
            raise BadCalendar(
                f"{self.file}, line {mark.line + 1 if mark else 1}: {problem}. "
                "Compare its spaces and colons with the entries above it."
            ) from error
        top = self.mapping(root, ("weekend", "off", "worked"), ("weekend", "off", "worked"))
        decisions: dict[date, Decision] = {}
        for part in ("off", "worked"):
            for entry, decision in self.entries(top[part], working=part == "worked"):
                if decision.day in decisions:
                    raise self.bad(entry, f"{decision.day} stands here twice. Keep one of the two entries.")
                decisions[decision.day] = decision
        return Calendar(decisions.values(), self.words(top["weekend"]))

    def entries(self, node: yaml.Node, *, working: bool) -> Iterator[tuple[yaml.Node, Decision]]:
        if isinstance(node, yaml.ScalarNode) and not node.value:
            return  # "off:" with nothing below it
        if not isinstance(node, yaml.SequenceNode):
            raise self.bad(node, 'a list is expected. Begin each entry with "- day:".')
        for entry in node.value:
            fields = self.mapping(entry, _NEEDED, (*_NEEDED, "unverified"))
            day = self.day(fields["day"])
            if not working and day.weekday() >= 5:
                raise self.bad(
                    fields["day"], f"{day} is a weekend and off anyway. Correct the date or remove the entry."
                )
            yield (
                entry,
                Decision(
                    day,
                    working,
                    self.words(fields["why"]),
                    self.text(fields["by"]),
                    self.text(fields["document"]),
                    "unverified" in fields and self.yes(fields["unverified"]),
                ),
            )

    def mapping(
        self, node: yaml.Node | None, needed: tuple[str, ...], known: tuple[str, ...]
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.bad(
                node, f'"{needed[0]}: …" is expected. Write {", ".join(needed)}, each with a colon.'
            )
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in known:
                raise self.bad(key, f'"{key.value}" is not known. Write one of: {", ".join(known)}.')
            if key.value in found:
                raise self.bad(key, f'"{key.value}" is written twice. Keep one of the two.')
            found[key.value] = value
        for name in needed:
            if name not in found:
                raise self.bad(node, f'"{name}" is missing. Add it to this entry.')
        return found

    def day(self, node: yaml.Node) -> date:
        try:
            return date.fromisoformat(self.text(node))
        except ValueError:
            raise self.bad(
                node, f'"{node.value}" is not a day. Write it as year-month-day: 2026-01-02.'
            ) from None

    def words(self, node: yaml.Node) -> dict[str, str]:
        return {
            lang: self.text(words) for lang, words in self.mapping(node, ("vi",), tuple(_LANGUAGES)).items()
        }

    def text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self.bad(node, "words are missing. Write them behind the colon.")
        return str(node.value).strip()

    def yes(self, node: yaml.Node) -> bool:
        if node.value not in ("true", "false"):
            raise self.bad(node, f'"{node.value}" is neither true nor false. Write one of the two.')
        return bool(node.value == "true")

    def bad(self, node: yaml.Node | None, problem: str) -> BadCalendar:
        line = node.start_mark.line + 1 if node else 1
        return BadCalendar(f"{self.file}, line {line}: {problem}")
