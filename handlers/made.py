"""Files that are made for somebody: all that stands in them, ready for whoever writes or draws them.

A conversation says what is in a file; its words are worded with the turn, and the file itself is made after it,
since drawing takes longer than anybody's turn may.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from handlers.rules.still import Colour
from handlers.text import Text

Phrase = Text | str
"""Words: a sentence while the turn lasts, and what its reader sees of it from then on."""

Style = Literal["text", "title", "heading", "entry", "quiet", "plain", "number"]


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """One cell of a table."""

    words: Phrase = ""
    style: Style = "text"  # entry: where people type; plain: runs on beside; number: to reckon with


class Sheet(msgspec.Struct, frozen=True, omit_defaults=True, tag="sheet"):
    """A table as an XLSX file of one sheet."""

    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...]  # letters of each column
    hidden_rows: int = 0  # so many of the first, for our own eyes
    hidden_columns: int = 0  # so many of the last
    fixed: int = 0  # rows that stay in sight


State = Literal["on-time", "late", "missing", "awaited"]


class Count(msgspec.Struct, frozen=True):
    """How many offices stand so."""

    state: State
    label: Phrase
    number: int


class Office(msgspec.Struct, frozen=True):
    """One office of a picture, and how it stands."""

    state: State
    name: str
    words: Phrase


class Month(msgspec.Struct, frozen=True):
    """A period of a picture: how many offices reported, and how."""

    label: str
    on_time: int
    late: int
    missing: int


class Chart(msgspec.Struct, frozen=True, tag="chart"):
    """A picture for a telephone: how offices stand with a report, and how they stood before."""

    title: Phrase
    whose: Phrase
    at: Phrase  # as of when
    counts: tuple[Count, ...]
    offices: tuple[Office, ...]  # those that are named
    more: Phrase  # how many more there are; nothing where all are named
    past: Phrase  # heading of the months
    key: tuple[Phrase, ...]  # what the parts of their columns are: on time, late, missing
    months: tuple[Month, ...]


class Stand(msgspec.Struct, frozen=True):
    """A place of a picture, and its figure."""

    name: str
    words: Phrase
    silent: bool  # nothing came from there lately


class Progress(msgspec.Struct, frozen=True, tag="progress", kw_only=True):
    """A picture for a telephone: how far a target has come day by day, and what each place has told."""

    title: Phrase
    whose: Phrase
    at: Phrase  # up to when
    colour: Colour
    why: Phrase
    numbers: tuple[tuple[Phrase, Phrase], ...]  # the great numbers, each with what it is
    goal: int
    base: int
    series: tuple[int | None, ...]  # what was reached, the day before the first in front
    days: int  # from the first to the last
    labels: tuple[str, str, str]  # the first day, one amid them, the last
    key: tuple[Phrase, Phrase]  # what the columns and the line are
    places: tuple[Stand, ...]  # by their names
    silent: Phrase  # what the mark of a silent place means; nothing where none is
    more: Phrase  # how many more places there are; nothing where all are named


class Point(msgspec.Struct, frozen=True):
    """A period of an indicator, and its figure."""

    label: str
    value: float | None  # None where there is no figure
    words: Phrase
    begins: bool = False  # a new series begins here


class Panel(msgspec.Struct, frozen=True):
    """One indicator of a picture of periods."""

    title: Phrase
    points: tuple[Point, ...]
    goal: float | None
    goal_words: Phrase  # nothing where there is no target


class Trend(msgspec.Struct, frozen=True, tag="trend"):
    """A picture for a telephone: how an office's indicators moved from period to period."""

    title: Phrase
    whose: Phrase
    at: Phrase  # as of when
    panels: tuple[Panel, ...]
    broken: Phrase  # that a new series begins; nothing where none does


class Letter(msgspec.Struct, frozen=True, tag="letter", kw_only=True):
    """An administrative document as a DOCX file, laid out to be signed; what is not known is left for the office."""

    nation: Phrase
    motto: Phrase
    office: tuple[Phrase, ...]  # lines
    number: Phrase  # and sign of the document
    place_and_date: Phrase
    kind: Phrase  # such as "BÁO CÁO"
    subject: Phrase
    opening: Phrase
    columns: tuple[Phrase, ...]
    rows: tuple[tuple[Phrase, ...], ...]
    tasks_heading: Phrase = ""  # of a second table; nothing where there is none
    task_columns: tuple[Phrase, ...] = ()
    tasks: tuple[tuple[Phrase, ...], ...] = ()
    recipients: tuple[Phrase, ...]  # the heading first
    signer: tuple[Phrase, ...]  # lines
    foot: Phrase  # whence the figures are


class ReportTable(msgspec.Struct, frozen=True, tag="report-table", kw_only=True):
    """All reports of some periods as an XLSX file: what is in it is read when it is made, since it may be long."""

    form: str
    first: date  # periods that end from this day
    last: date  # to this one
    place: str  # official code of a commune or province
    lang: str


Made = Sheet | Chart | Progress | Trend | Letter | ReportTable


class Making(msgspec.Struct, frozen=True):
    """A file that a turn asks for, and for whom."""

    person: int
    made: Made
    name: str  # of the file
    about: str  # what its event will be about; see `handlers.records.media`
