"""What an office lays over the shipped topics: answers of its own, and its people's words for what is there.

Its folder holds vi/ and en/ as the shipped one does, with topics whose ids begin with `office.`;
`questions.tsv`: a row for each wording that leads to a topic, with topic, language, question and origin; and
`dates.tsv`: a row for each topic that was found to hold still, with topic, day of the check, next one and origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from knowledge.languages import LANGUAGES
from knowledge.told import Faulty, at
from knowledge.told import told as _

QUESTIONS = "questions.tsv"
DATES = "dates.tsv"
AREA = "office."  # what the ids of an office's own topics begin with
COLUMNS = 4


class BadRow(Faulty):
    """A row that cannot be read; the message says where, what is wrong and what to do."""

    def __init__(self, path: Path, line: int, what: str, remedy: str) -> None:
        super().__init__(at(path, line, what, remedy))
        self.line, self.what, self.remedy = line, what, remedy


class Wording(msgspec.Struct, frozen=True):
    """A question in people's own words, and the topic that answers it."""

    topic: str
    lang: str
    question: str
    origin: str  # the code of the answer it came with, such as TL-4K7
    line: int = 0


class Renewal(msgspec.Struct, frozen=True):
    """A topic that was compared with its sources again, and until when it holds now."""

    topic: str
    checked: date
    expires: date
    origin: str
    line: int = 0


def is_own(topic: str) -> bool:
    """Say whether a topic is an office's own."""
    return topic.startswith(AREA)


def wordings(folder: Path) -> list[Wording]:
    """Give the wordings that an office has added, none where it has no such file; raise BadRow."""
    found, path = [], folder / QUESTIONS
    for number, (topic, lang, question, origin) in _rows(path, _("topic, language, question and origin")):
        if lang not in LANGUAGES:
            raise BadRow(
                path,
                number,
                _('the language is "{lang}"', lang=lang),
                _("Write one of {names}.", names=", ".join(LANGUAGES)),
            )
        found.append(Wording(topic, lang, question, origin, number))
    return found


def renewals(folder: Path) -> list[Renewal]:
    """Give the new dates of topics, none where an office has no such file; raise BadRow."""
    found, path = [], folder / DATES
    for number, (topic, checked, expires, origin) in _rows(path, _("topic, two days and origin")):
        try:
            days = date.fromisoformat(checked), date.fromisoformat(expires)
        except ValueError as error:
            raise BadRow(path, number, str(error), _("Write days as 2027-06-30.")) from error
        found.append(Renewal(topic, *days, origin, number))
    return found


def _rows(path: Path, columns: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of a table with their lines, none where there is no such file; raise BadRow."""
    if not path.is_file():
        return
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRow(path, 1, _("the file is not UTF-8"), _("Save it again as UTF-8.")) from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != COLUMNS or not all(cells):
            what = _("there are not {n} columns", n=COLUMNS)
            raise BadRow(path, number, what, _("Write {columns} with a tab between them.", columns=columns))
        yield number, cells
