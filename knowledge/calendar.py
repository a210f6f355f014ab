"""Which days are worked in the offices of Viet Nam.

Public holidays are computed by the package `holidays`; what the yearly notices decide besides stands in
data/calendar.yaml.  An office's own file of that name is laid over it, day by day, and outlives a release.
Office hours and closures of one commune are not known here, but in service.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from knowledge.told import Faulty, at
from knowledge.told import told as _

FILE = Path(__file__).parent / "data" / "calendar.yaml"
OWN = "calendar.yaml"  # among what an office adds, or beside its own topics
DAY = timedelta(days=1)
_LANGUAGES = {"vi": "vi", "en": "en_US"}  # ours, and the package's names of them
_NEEDED = ("day", "why", "by", "document")

Shift = Literal["next", "previous", "none"]


class BadCalendar(Faulty):
    """The file cannot be used; the message says where, what is wrong and what to do."""

    def __init__(self, path: Path, line: int, what: str, remedy: str) -> None:
        super().__init__(at(path, line, what, remedy))
        self.path, self.line, self.what, self.remedy = path, line, what, remedy


class Decision(msgspec.Struct, frozen=True):
    """One day that somebody decided about."""

    day: date
    working: bool
    why: dict[str, str]  # by language
    by: str
    document: str
    unverified: bool = False


class Written(msgspec.Struct, frozen=True):
    """What a calendar was made of."""

    decisions: tuple[Decision, ...]
    weekend: dict[str, str]


class Calendar:
    """The working days, with what was decided about some of them."""

    def __init__(self, decisions: Iterable[Decision], weekend: dict[str, str]) -> None:
        """Take the decisions and what a weekend is called in each language."""
        self._decided = {decision.day: decision for decision in decisions}
        self._weekend = weekend

    @classmethod
    def load(cls, own: Path | None = None) -> Calendar:
        """Read the shipped file, and over it the office's own where there is one; BadCalendar says what is wrong."""
        shipped = cls.read(FILE)
        if own is None or not own.is_file():
            return shipped
        mine = _Reader(own, shipped).written()
        decided = {decision.day: decision for decision in (*shipped.decisions, *mine.decisions)}
        return cls(decided.values(), shipped.written.weekend | mine.weekend)

    @classmethod
    def read(cls, file: Path) -> Calendar:
        """Read one whole file, as the shipped one is; BadCalendar says what is wrong with it."""
        return cls.of(_Reader(file).written())

    @classmethod
    def of(cls, written: Written) -> Calendar:
        """Give the calendar that was made of this."""
        return cls(written.decisions, written.weekend)

    @property
    def written(self) -> Written:
        """Give what it was made of."""
        return Written(self.decisions, self._weekend)

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
        for _step in range(abs(n)):
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
    """Reads one file, keeping the line of every word for the messages.

    One that is laid over another may have only some of the parts, and turn any of its days around.
    """

    def __init__(self, file: Path, over: Calendar | None = None) -> None:
        self.file, self.over = file, over

    def written(self) -> Written:
        try:
            root = yaml.compose(self.file.read_text("utf-8"), Loader=yaml.SafeLoader)
        except OSError as error:
            what, remedy = _("it cannot be read ({why})", why=error.strerror), _("Put the file back.")
            raise BadCalendar(self.file, 1, what, remedy) from error
        except UnicodeDecodeError as error:
            raise BadCalendar(self.file, 1, _("it is not UTF-8"), _("Save it again as UTF-8.")) from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "this is no YAML"
            remedy = _("Compare its spaces and colons with the entries above it.")
            raise BadCalendar(self.file, mark.line + 1 if mark else 1, problem, remedy) from error
        parts = ("weekend", "off", "worked")
        if root is None and self.over is not None:
            return Written((), {})  # nothing but comments
        top = self.mapping(root, parts, parts, all_of_them=self.over is None)
        decisions: dict[date, Decision] = {}
        for part in [name for name in ("off", "worked") if name in top]:
            for entry, decision in self.entries(top[part], working=part == "worked"):
                if decision.day in decisions:
                    twice = _("{day} stands here twice", day=decision.day)
                    raise self.bad(entry, twice, _("Keep one of the two entries."))
                decisions[decision.day] = decision
        return Written(tuple(decisions.values()), self.words(top["weekend"]) if "weekend" in top else {})

    def entries(self, node: yaml.Node, *, working: bool) -> Iterator[tuple[yaml.Node, Decision]]:
        if isinstance(node, yaml.ScalarNode) and not node.value:
            return  # "off:" with nothing below it
        if not isinstance(node, yaml.SequenceNode):
            raise self.bad(node, _("a list is expected"), _('Begin each entry with "- day:".'))
        for entry in node.value:
            fields = self.mapping(entry, _NEEDED, (*_NEEDED, "unverified"))
            day = self.day(fields["day"])
            worked = self.over is not None and self.over.is_working_day(day)
            if not working and day.weekday() >= 5 and not worked:
                off = _("{day} is a weekend and off anyway", day=day)
                raise self.bad(fields["day"], off, _("Correct the date or remove the entry."))
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
        self,
        node: yaml.Node | None,
        needed: tuple[str, ...],
        known: tuple[str, ...],
        *,
        all_of_them: bool = True,
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            remedy = _("Write {names}, each with a colon.", names=", ".join(needed))
            raise self.bad(node, _('"{name}: …" is expected', name=needed[0]), remedy)
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in known:
                remedy = _("Write one of: {names}.", names=", ".join(known))
                raise self.bad(key, _("“{name}” is not known", name=key.value), remedy)
            if key.value in found:
                raise self.bad(key, _("“{name}” is written twice", name=key.value), _("Keep one of the two."))
            found[key.value] = value
        for name in needed if all_of_them else ():
            if name not in found:
                raise self.bad(node, _("“{name}” is missing", name=name), _("Add it to this entry."))
        return found

    def day(self, node: yaml.Node) -> date:
        try:
            return date.fromisoformat(self.text(node))
        except ValueError:
            what = _("“{words}” is not a day", words=node.value)
            raise self.bad(node, what, _("Write it as year-month-day: 2026-01-02.")) from None

    def words(self, node: yaml.Node) -> dict[str, str]:
        return {
            lang: self.text(words) for lang, words in self.mapping(node, ("vi",), tuple(_LANGUAGES)).items()
        }

    def text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self.bad(node, _("words are missing"), _("Write them behind the colon."))
        return str(node.value).strip()

    def yes(self, node: yaml.Node) -> bool:
        if node.value not in ("true", "false"):
            what = _("“{words}” is neither true nor false", words=node.value)
            raise self.bad(node, what, _("Write one of the two."))
        return bool(node.value == "true")

    def bad(self, node: yaml.Node | None, what: str, remedy: str) -> BadCalendar:
        return BadCalendar(self.file, node.start_mark.line + 1 if node else 1, what, remedy)
