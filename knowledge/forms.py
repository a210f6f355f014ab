"""Report forms as data: what a province asks each period, and when.

Which indicators, which definitions, which checks, which days: all of it is the province's to
change, in files (`knowledge.form_files` reads them).  A changed form is a new version; what was
filed under an old one keeps it.  Calendars and the figures themselves are not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from typing import Literal

import msgspec

Kind = Literal["flow", "stock"]
Shape = Literal["count", "part", "ratio", "pair"]
Every = Literal["week", "month", "quarter", "half-year", "nine-months", "year"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Level = Literal["village", "commune", "province", "department", "party", "front", "union", "school"]
Shift = Literal["next", "previous", "none"]
Owner = Literal["officer", "head"]  # of the unit that reports
# What Tổ Số counts itself and may offer for the one number, or the first of two; "" in a file offers nothing of these.
SOURCES = ("help-given", "people-helped", "households-visited", "last-period")

WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
LEVELS: tuple[Level, ...] = ("village", "commune", "province")  # each sends to the one behind it
OWING: tuple[Level, ...] = (
    *LEVELS,
    "department",
    "party",
    "front",
    "union",
    "school",
)  # whoever may owe a form


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same words in each language."""

    vi: str
    en: str

    def of(self, lang: str) -> str:
        """Give the words in this language; Vietnamese where there is no other."""
        return self.en if lang == "en" else self.vi


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One figure of a form, with what is asked, shown and checked."""

    id: str
    name: Words
    definition: Words  # how to count, as the cadre reads it
    kind: Kind  # arose in the period, or stands at the cut-off
    shape: Shape  # one count; a part of a whole; the same shown as %; new ones and their total
    unit: Words
    ask: Words  # the question for the one number, or for the numerator
    ask_of: Words | None = None  # the question for the denominator, or for the total
    source: str = ""  # of SOURCES; offered where it is asked, to be confirmed
    of_kept: bool = False  # the denominator is offered again from last month
    of_never_falls: bool = False  # a smaller denominator than last month needs a reason
    total_of: Literal["standing", "year"] = "standing"  # a pair's total: all there are, or this year's so far
    decimals: int = 0  # of one count, such as points; figures are kept as whole numbers of the last place
    least: int = 0  # fewer is a slip of the finger
    most: int = 1_000_000  # more is one too
    jump: float = 2  # so many times last month, or less than that part of it, needs a reason; 0: never
    jump_from: int = 10  # but not while both figures are below this
    full_above: int = 0  # exactly 100% of more than so many needs a reason; 0: never
    new_words: tuple[str, ...] = ()  # how people name the first number of a pair
    total_words: tuple[str, ...] = ()  # and the second
    number: int = 0  # its place in the form, from 1; given by the form and never written

    @property
    def two(self) -> bool:
        """Whether two numbers are asked for."""
        return self.shape != "count"


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What several figures of one report have to do with each other.

    A term is an indicator's id, for its one number, its numerator or what is new; with "/of"
    behind it for its denominator or its total.  Each side is the sum of its terms.
    """

    id: str
    says: Words  # what a cadre reads when it does not hold
    left: tuple[str, ...]
    rule: Literal["equals", "not-above"]
    right: tuple[str, ...]
    level: Literal["must", "reason"] = "must"  # it cannot be sent so; or it needs a reason

    @property
    def terms(self) -> tuple[str, ...]:
        """Both sides' terms."""
        return (*self.left, *self.right)


class TaskDue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The day by which a task is to be done: one of day and working_days."""

    day: date | None = None  # the same in every period
    working_days: int | None = None  # so many behind the report's due day; below 0 before it


class FormTask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that is to be done in a period, and told of beside the figures."""

    id: str
    name: Words
    product: Words  # what is to come of it
    owner: Owner
    due: TaskDue
    number: int = 0  # its place behind the indicators; given by the form and never written


class PeriodRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The span whose figures one report holds: how long, and the last day that counts."""

    every: Every
    cutoff: int | Literal["end"] | Weekday = "end"  # day of the last month; of a week the day's name


class DueRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The day by which a report is to be sent: one of day, weekday and working_days."""

    day: int | Literal["end"] | None = None  # of a month
    month: Literal["same", "next"] = "same"  # the last month of the period, or the one after
    shift: Shift = "next"  # where it falls on a day off
    weekday: Weekday | None = None  # the first such day after the cut-off
    working_days: int | None = None  # so many after the cut-off
    grace: int = 0  # working days after it that still count as on time


class StageRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reminder, counted in working days from the cut-off or from the due day."""

    name: str
    counted_from: Literal["cutoff", "due"]
    days: int
    at: time  # in Vietnam
    to: Literal["officer", "officer+head", "head", "supervisor"] = "officer"
    weeks: int = 0  # so many times more, a week apart


ON_TIME = "on-time"  # what a ranking may count besides indicators


class RankPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a ranking counts, and for how much: the numerator's share of the denominator is the share of the points."""

    of: str  # an indicator with two numbers, or on-time: reports sent in time of those that were due
    points: int


class RankRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How offices are ranked by a form, and who may see it."""

    parts: tuple[RankPart, ...]
    over: Literal["period", "year"] = "period"  # one period, or the reporting year so far
    seen_by: Literal["heads", "officers"] = "heads"  # heads and those above; or whoever reports as well
    released: Literal["province", "due"] = "province"  # to communes: when it says so; or once all were due


class StillRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An indicator that is to move upwards, and after how many periods it is red where it has not."""

    of: str
    periods: int = 3
    target: float | None = None  # in percent where the indicator is a share
    by: date | None = None  # the day for the target


class LockRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When what was sent for a period can no longer be corrected."""

    after: int  # working days behind the last day in time
    open_for: int = 3  # working days for which a report that is opened again stays open


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A report form of one version."""

    id: str
    version: int
    use: bool = True  # whether offices are asked for it
    title: Words
    called: Words | None = None  # what tells it from the monthly one in a sentence, such as "campaign"
    source: str  # where the indicators and the days come from
    definitions_note: Words  # says whose definitions these are
    period: PeriodRule
    due: DueRule  # for the commune; levels may say otherwise
    levels: dict[Level, DueRule] = {}
    owed_by: tuple[Level, ...] = ("village", "commune")  # who is asked for it
    stages: tuple[StageRule, ...]
    indicators: tuple[Indicator, ...]
    checks: tuple[Check, ...] = ()
    tasks: tuple[FormTask, ...] = ()  # asked behind the indicators, and numbered on
    ranking: RankRule | None = None  # none: offices are not ranked by it
    still: tuple[StillRule, ...] = ()
    lock: LockRule | None = None  # none: it can be corrected for ever
    valid_from: date | None = None  # periods that begin earlier have the version before, or no report
    valid_until: date | None = None  # periods that begin later have none

    def indicator(self, key: str | int) -> Indicator | None:
        """Find an indicator by its id or number; None when the form has no such one."""
        return next((one for one in self.indicators if key in (one.id, one.number)), None)

    def task(self, key: str | int) -> FormTask | None:
        """Find a task by its id or number; None when the form has no such one."""
        return next((one for one in self.tasks if key in (one.id, one.number)), None)

    @property
    def asked(self) -> int:
        """How much is asked in all: indicators and tasks."""
        return len(self.indicators) + len(self.tasks)

    def due_of(self, level: Level) -> DueRule:
        """Give the rule for the day by which this level sends."""
        return self.levels.get(level, self.due)


class Forms(Mapping[str, Form]):
    """Every version of every form; by its id a form is the newest version."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._versions: dict[str, dict[int, Form]] = {}
        for form in sorted(forms, key=lambda form: (form.id, form.version)):
            self._versions.setdefault(form.id, {})[form.version] = form

    def __getitem__(self, form: str) -> Form:
        return next(reversed(self._versions[form].values()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)

    def version(self, form: str, version: int) -> Form | None:
        """Give one version of a form; None where no file has it any more."""
        return self._versions.get(form, {}).get(version)

    def versions(self, form: str) -> tuple[Form, ...]:
        """Give the versions of a form, the oldest first."""
        return tuple(self._versions.get(form, {}).values())

    def on(self, form: str, start: date) -> Form:
        """Give the version for a period that begins on that day: the newest one that was valid then."""
        versions = self.versions(form)
        valid = [one for one in versions if one.valid_from is None or one.valid_from <= start]
        return (valid or versions)[-1]

    @property
    def all(self) -> tuple[Form, ...]:
        """Every version of every form."""
        return tuple(form for versions in self._versions.values() for form in versions.values())

    @property
    def in_use(self) -> tuple[Form, ...]:
        """The forms that offices are asked for, in the order of their ids."""
        return tuple(form for form in self.values() if form.use)

    def owed_by(self, level: Level) -> tuple[Form, ...]:
        """Give the forms in use that offices of this level are asked for, in the order of their ids."""
        return tuple(form for form in self.in_use if level in form.owed_by)
