"""Report forms as data: what a province asks each month, and when.

A form is one YAML file.  Which indicators, which definitions, which days: all of it is the
province's to change, in the file.  A changed form gets a new version; old reports keep theirs.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from pathlib import Path
from typing import Literal

import msgspec
import yaml

try:
    from yaml import CSafeLoader as SafeLoader  # ten times faster, where PyYAML was built with it
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

Kind = Literal["flow", "stock"]
Shape = Literal["count", "part", "ratio", "pair"]


class FormError(Exception):
    """A form that cannot be used: the file, the line, what is wrong and what to do."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same words in each language."""

    vi: str
    en: str

    def of(self, lang: str) -> str:
        """Give the words in this language; Vietnamese where there is no other."""
        return self.en if lang == "en" else self.vi


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One figure of a form, with what is asked, shown and checked."""

    number: int
    id: str
    name: Words
    definition: Words  # how to count, as the cadre reads it
    kind: Kind  # arose in the period, or stands at the cut-off
    shape: Shape  # one count; a part of a whole; the same shown as %; new ones and their total
    unit: Words
    ask: Words  # the question for the one number, or for the numerator
    ask_of: Words | None = None  # the question for the denominator, or for the total
    of_kept: bool = False  # the denominator is offered again from last month
    of_never_falls: bool = False  # a smaller denominator than last month needs a reason
    most: int = 1_000_000  # more is a slip of the finger
    jump: float = 2  # so many times last month, or less than that part of it, needs a reason; 0: never
    jump_from: int = 10  # but not while both figures are below this
    full_above: int = 0  # exactly 100% of more than so many needs a reason; 0: never
    new_words: tuple[str, ...] = ()  # how people name the first number of a pair
    total_words: tuple[str, ...] = ()  # and the second

    @property
    def two(self) -> bool:
        """Whether two numbers are asked for."""
        return self.shape != "count"


class DueRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The day by which a report is to be sent."""

    day: int
    month: Literal["same", "next"] = "same"  # as the reporting month, or the one after
    shift: Literal["next", "previous", "none"] = "next"  # where it falls on a day off


class StageRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reminder, counted in working days from the cut-off or from the due day."""

    name: str
    counted_from: Literal["cutoff", "due"]
    days: int
    at: time  # in Vietnam
    to: Literal["officer", "officer+head", "head"] = "officer"


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A report form of one version."""

    id: str
    version: int
    title: Words
    source: str  # where the indicators and the days come from
    definitions_note: Words  # says whose definitions these are
    period: Literal["mid-month", "calendar-month"]  # the 15th before to the 14th, or the month itself
    due: DueRule
    stages: tuple[StageRule, ...]
    indicators: tuple[Indicator, ...]
    valid_from: date | None = None

    def indicator(self, key: str | int) -> Indicator | None:
        """Find an indicator by its id or number; None when the form has no such one."""
        return next((one for one in self.indicators if key in (one.id, one.number)), None)


def load_form(path: Path) -> Form:
    """Read a form; raise FormError with file, line and remedy when it cannot be used."""
    text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
    try:
        node = yaml.compose(text, Loader=SafeLoader)
        data = yaml.load(text, Loader=SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 1
        what = error.problem or "this is not YAML"
        raise FormError(f"{path}, line {line}: {what}. Check colons, quotes and indentation.") from error
    if node is None:
        raise FormError(f"{path}, line 1: the file is empty. Copy another form and change it.")
    try:
        form = msgspec.convert(data, Form)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `")
        if unknown := re.search(r"unknown field `(\w+)`", what):
            where = f"{where.rstrip('`') or '$'}.{unknown[1]}"
        raise FormError(f"{path}, line {_line(node, where.rstrip('`'))}: {what}. {_remedy(what)}") from error
    for where, what, remedy in _faults(form):
        raise FormError(f"{path}, line {_line(node, where)}: {what}. {remedy}")
    return form


def load_forms(folder: Path) -> dict[str, Form]:
    """Read every form of a folder, by id; raise FormError at the first that cannot be used."""
    forms: dict[str, Form] = {}
    for path in sorted(folder.glob("*.yaml")):
        form = load_form(path)
        if form.id in forms:
            raise FormError(f'{path}, line 1: the id "{form.id}" is taken. Give this form its own.')
        forms[form.id] = form
    return forms


def _line(node: yaml.Node, where: str) -> int:
    """Find the line of a path such as $.indicators[2].unit, or of the nearest part above it."""
    line = node.start_mark.line + 1
    for name, place in re.findall(r"\.(\w+)|\[(\d+)\]", where):
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == name), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and place and int(place) < len(node.value):
            node = node.value[int(place)]
            line = node.start_mark.line + 1
    return line


def _remedy(what: str) -> str:
    if "missing required field" in what:
        return "Add it; the shipped monthly form shows how."
    if "unknown field" in what:
        return "Remove it or correct its spelling."
    return "Correct the value; the shipped monthly form shows each kind."


def _faults(form: Form) -> list[tuple[str, str, str]]:
    """List what a well-formed form still has wrong: (where, what, remedy)."""
    faults: list[tuple[str, str, str]] = []
    if not form.indicators:
        faults.append(("$.indicators", "the form asks nothing", "List at least one indicator."))
    if not 1 <= form.due.day <= 28:
        faults.append(("$.due.day", f"the due day {form.due.day} is not in every month", "Take 1 to 28."))
    cutoff = 14 if form.period == "mid-month" else 31
    if form.due.month == "same" and form.due.day <= cutoff:
        what = f"the due day {form.due.day} comes before the figures are complete"
        faults.append(("$.due.day", what, "Take a later day, or month: next."))
    names = [stage.name for stage in form.stages]
    for place, stage in enumerate(form.stages):
        if names.index(stage.name) != place:
            where = f"$.stages[{place}].name"
            faults.append((where, f'the stage "{stage.name}" stands twice', "Rename or remove one."))
    ids = [one.id for one in form.indicators]
    for place, one in enumerate(form.indicators):
        where = f"$.indicators[{place}]"
        if one.number != place + 1:
            remedy = f"Number the indicators from 1; this one is {place + 1}."
            faults.append((f"{where}.number", f"the number {one.number} is out of order", remedy))
        if ids.index(one.id) != place:
            faults.append((f"{where}.id", f'the id "{one.id}" is taken', "Give it another."))
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,30}", one.id):
            faults.append((f"{where}.id", f'the id "{one.id}" is not a plain name', "Use a-z, 0-9 and -."))
        if one.two and one.ask_of is None:
            faults.append((where, f'"{one.id}" needs a second number but "ask_of" is missing', "Write it."))
        if not one.two and (one.ask_of or one.of_kept or one.of_never_falls):
            what = f'"{one.id}" is one count but says something of a second number'
            faults.append((where, what, "Remove ask_of and of_…, or change the shape."))
        if one.shape == "pair" and not (one.new_words and one.total_words):
            what = f'"{one.id}" is a pair without names for its two numbers'
            faults.append((where, what, "Write new_words and total_words."))
        if one.jump and one.jump <= 1:
            faults.append(
                (f"{where}.jump", f"{one.jump:g} times is no jump", "Take more than 1, or 0 for never.")
            )
        for name in ("name", "definition", "unit", "ask", "ask_of"):
            words = getattr(one, name)
            if words is not None and not (words.vi.strip() and words.en.strip()):
                faults.append((f"{where}.{name}", f'"{name}" lacks a language', "Write both vi and en."))
    return faults
