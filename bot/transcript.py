"""The grammar of a transcript: what each line says happens, or is to happen."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import msgspec

from bot.clock import VIETNAM
from handlers.talk import Sign

CHANNELS = ("web", "zalo_oa", "zalo_bot", "telegram", "terminal")
SIGNS: dict[str, Sign] = {
    "follows": "came",
    "leaves": "left",
    "official": "official",
    "added": "added",  # a group takes us in
    "removed": "removed",
}

_NAME = r"(?P<name>[^:\[\](>@]+?)(?: @(?P<channel>\w+))?"
_PERSON = re.compile(r"@ (?P<name>[^@]+?)  +(?P<channel>\w+)  +(?P<role>.+)")
_REPORT = re.compile(
    r'@ report (?P<form>[a-z-]+) (?P<period>\d{4}[0-9A-Z-]{0,4}) of "(?P<unit>[^"]+)"  +(?P<figures>.+)'
)
_ENDS = re.compile(
    r'--- unit "(?P<unit>[^"]+)" ends (?P<day>\d{4}-\d\d-\d\d)(?: and becomes "(?P<heir>[^"]+)")?'
)
_SAYS = re.compile(_NAME + r": (?P<text>.*)", re.S)
_PRESSES = re.compile(_NAME + r" \[(?P<choice>\S+)(?: (?P<context>[^\]]+))?\]")
_SENDS = re.compile(_NAME + r" \((?P<kind>\w+)(?: (?P<file>[^)]+))?\)(?P<cells>(?:\n[A-Z][1-9]\d{0,2}:.*)*)")
_EXPECTS = re.compile(r"(?:bot|(?P<voice>[^>:]+?)) > (?P<name>[^:]+?): (?P<text>.*)", re.S)
_CHOICES = re.compile(r"\s*\[(?P<names>[^\[\]]*)\]\s*$")
_BY = re.compile(r"--- \+(?P<n>\d+) (?P<unit>minute|hour|day|week)s?")
_TO = re.compile(r"--- at (?P<when>\d{4}-\d\d-\d\d \d\d:\d\d)")


class Wrong(Exception):
    """A transcript cannot be read; says line and remedy."""


class Line(msgspec.Struct, frozen=True):
    """A line with those that are indented under it; `number` is where it begins."""

    number: int
    text: str


class Takes(msgspec.Struct, frozen=True):
    """Somebody takes part."""

    name: str
    channel: str
    role: str


class Filed(msgspec.Struct, frozen=True):
    """An office has sent a report in time, and it is approved, before anything happens."""

    form: str
    period: str
    unit: str
    figures: tuple[str, ...]  # of its indicators in their order: "9/11", "412", "-" where there is no data


class Ends(msgspec.Struct, frozen=True):
    """An office has its last day, as a list of units would say, and may have become another one."""

    unit: str
    day: str  # 2026-10-31
    heir: str  # nothing: none took its place


class Says(msgspec.Struct, frozen=True):
    """Somebody writes."""

    name: str
    channel: str  # nothing: their own
    text: str


class Presses(msgspec.Struct, frozen=True):
    """Somebody presses a button."""

    name: str
    channel: str
    choice: str
    context: str  # nothing: the newest button of that name


class Sends(msgspec.Struct, frozen=True):
    """Somebody sends what is not words, or does one of SIGNS."""

    name: str
    channel: str
    kind: str
    file: str
    cells: str = ""  # what they typed into the cells of a table they were sent, a line each: "C8: 9/11"


class Expects(msgspec.Struct, frozen=True):
    """Somebody is to be told this; "…" stands for any words."""

    name: str
    voice: str  # whose words; nothing: the bot's
    text: str
    choices: tuple[str, ...] | None  # exactly these, where they are written


class Moves(msgspec.Struct, frozen=True):
    """The clock moves on by so much, or to a moment."""

    by: timedelta | None
    to: datetime | None


class Effect(msgspec.Struct, frozen=True):
    """Something has been done."""

    text: str


Event = Takes | Filed | Ends | Says | Presses | Sends | Expects | Moves | Effect


def read(text: str) -> list[Line]:
    """Give the lines of a transcript; what is indented belongs to the line above it."""
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.startswith("#"):
            continue
        if raw[0] in " \t" and lines and not raw.strip().startswith("=>"):
            lines[-1] = Line(lines[-1].number, f"{lines[-1].text}\n{raw.strip()}")
        else:
            lines.append(Line(number, raw.strip()))
    return lines


def parse(line: Line) -> Event:
    """Give what a line says; raise Wrong where it says nothing."""
    try:
        return _parsed(line)
    except ValueError as error:  # of a day or an hour that no calendar has
        raise Wrong(f"line {line.number}: {error}. Write a day that there is.") from error


def _parsed(line: Line) -> Event:
    text = line.text
    if filed := _REPORT.fullmatch(text):
        return Filed(filed["form"], filed["period"], filed["unit"], tuple(filed["figures"].split()))
    if ends := _ENDS.fullmatch(text):
        return Ends(ends["unit"], str(date.fromisoformat(ends["day"])), ends["heir"] or "")
    if text.startswith("@"):
        found = _PERSON.fullmatch(text)
        if not found or found["channel"] not in CHANNELS:
            raise Wrong(
                f"line {line.number}: write “@ Name  channel  role” with two spaces between; "
                f"the channel is one of {', '.join(CHANNELS)}."
            )
        return Takes(found["name"].strip(), found["channel"], found["role"].strip())
    if text.startswith("=>"):
        return Effect(text.removeprefix("=>").strip())
    if text.startswith("---"):
        if found := _BY.fullmatch(text):
            return Moves(timedelta(**{f"{found['unit']}s": int(found["n"])}), None)
        if found := _TO.fullmatch(text):
            return Moves(None, datetime.fromisoformat(found["when"]).replace(tzinfo=VIETNAM))
        raise Wrong(
            f"line {line.number}: write “--- +15 minutes” (hours, days, weeks), “--- at 2026-11-16 08:00” "
            'or “--- unit "xã A, tỉnh B" ends 2026-10-31 and becomes "xã C, tỉnh B"”.'
        )
    if found := _EXPECTS.fullmatch(text):
        return _expected(found)
    if found := _PRESSES.fullmatch(text):
        return Presses(found["name"].strip(), found["channel"] or "", found["choice"], found["context"] or "")
    if found := _SENDS.fullmatch(text):
        name, channel = found["name"].strip(), found["channel"] or ""
        return Sends(name, channel, found["kind"], found["file"] or "", found["cells"].strip())
    if found := _SAYS.fullmatch(text):
        return Says(found["name"].strip(), found["channel"] or "", found["text"])
    raise Wrong(
        f"line {line.number}: write “name: words”, “name [choice]”, “name (voice)”, “bot > name: words”, "
        "“--- +1 hour”, “--- at 2026-11-16 08:00” or “=> effect”."
    )


def _expected(found: re.Match[str]) -> Expects:
    text, choices = found["text"], _CHOICES.search(found["text"])
    names = None
    if choices:
        text = text[: choices.start()]
        names = tuple(name.strip() for name in choices["names"].split("|"))
    return Expects(found["name"].strip(), (found["voice"] or "").strip(), text, names)


def fits(written: str, happened: str) -> bool:
    """Say whether words are as written; "…" stands for any, and runs of white space are one."""
    parts = [re.escape(" ".join(part.split())) for part in written.split("…")]
    return re.fullmatch(r"\s*.*\s*".join(parts), " ".join(happened.split()), re.S) is not None
