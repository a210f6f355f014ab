"""What is wrong with a topic, as an operator or an editor reads it: file, line, what, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from handlers.text import Text, _, as_is
from knowledge.told import Faulty, Told

if TYPE_CHECKING:
    from knowledge.check import Problem


def told(problem: Problem) -> Text:
    """Give a problem for it to be worded in the reader's language."""
    return _("{path}, line {line}: {what}. {remedy}")(
        path=as_is(str(problem.path)),
        line=as_is(str(problem.line)),
        what=_text(problem.message),
        remedy=_text(problem.remedy),
    )


def of(fault: Faulty) -> Text:
    """Give what is wrong with a file that cannot be used at all."""
    return _text(fault.said)


def no_folder(place: Path) -> Text:
    """Say that there is nothing to look at."""
    return _("{folder} is no folder. Name the one that holds vi/ and en/.")(folder=as_is(str(place)))


def counted(files: int, errors: int, warnings: int) -> Text:
    """Say how many files were looked at, and what was found."""
    return _("{files} files, {errors} errors, {warnings} warnings")(
        files=files, errors=errors, warnings=warnings
    )


def _text(said: str) -> Text:
    """Give a sentence with its values; other words, such as a reader of files has for its errors, as they are."""
    if not isinstance(said, Told):
        return as_is(said)
    values = {
        name: _text(value) if isinstance(value, str) else as_is(str(value)) for name, value in said.values
    }
    return Text(said.pattern)(**values)
