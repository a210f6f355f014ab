"""The tasks that a form asks for beside its figures: how far one is, as a cadre says it, and its day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Literal, Protocol

import msgspec

from handlers.rules.guard import fold
from handlers.text import Text, _, as_is
from knowledge.forms import Form, FormTask

LONGEST = 300  # letters of what came of a task
Stage = Literal["todo", "doing", "done"]

_SPEAKER = (
    r"(?:(?:da|vang|ok)\b[\s,.]*(?=(?:em|anh|chi|toi|chau|chua|dang|van|xong|da|lam)\b))?"
    r"(?:(?:em|anh|chi|toi|chau|bac|co|chu|i|we)\b\s*(?:have\s+|are\s+|am\s+)?)?"
)
_SAYS: tuple[tuple[Stage, str], ...] = (
    ("doing", r"(?:van\s+)?(?:con\s+)?(?:dang\s+(?:lam|do|trien khai|thuc hien)(?:\s+do)?|chua\s+xong|lam\s+do)"
              r"|(?:still\s+)?(?:doing(?:\s+it)?|under\s?way|in\s+progress|working\s+on\s+it|not\s+finished)"),
    ("todo", r"(?:van\s+)?chua(?:\s+(?:lam|bat\s+dau|trien\s+khai|thuc\s+hien|co))?(?:\s+gi)?"
             r"|(?:still\s+)?not\s+(?:begun|started|yet|done)(?:\s+yet)?"),
    ("done", r"(?:da\s+)?(?:lam\s+)?(?:xong(?:\s+viec)?|hoan\s+thanh)(?:\s+(?:roi|het|ca))*"
             r"|(?:task\s+)?(?:is\s+)?(?:done|finished|completed?)"),
)  # fmt: skip
_TAIL = r"(?:\s+(?:a|ah|nhe|nha|em|anh|chi))*\s*(?:[:,.;(–-]+\s*|$|\s(?=\S))(?P<said>.*)"
_READ = [
    (stage, re.compile(rf"\s*{_SPEAKER}(?:{words})\b{_TAIL}", re.S)) for stage, words in _SAYS
]  # the longer words first: "chưa xong" is not "chưa"
_DOCUMENT = re.compile(r"\s*(?:số|so|no\.?)?\s*\d{1,6}\s?/\s?[A-ZĐ][A-ZĐ0-9]{0,9}.*", re.I | re.S)
_TOLD = re.compile(r"\s*(?:đã|da)\s+\S+\s+\S.*", re.I | re.S)


class TaskState(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a task of a form is, as it was told."""

    stage: Stage
    said: str = ""  # what came of it: a document's number, a sentence; or why it is not done
    photo: str = ""  # the code of a picture that shows it


class WorkingDays(Protocol):
    """What is asked of the calendar."""

    def add_working_days(self, day: date, n: int, /) -> date: ...
    def previous_working_day(self, day: date, /) -> date: ...


def due(task: FormTask, report_due: date, calendar: WorkingDays) -> date:
    """Give the day by which a task is to be done, where the report is due on that one."""
    if task.due.day is not None:
        return task.due.day
    days = task.due.working_days or 0
    return calendar.add_working_days(report_due, days) if days else report_due


def read(text: str) -> TaskState | None:
    """Give what words say of a task: "đang làm", "xong, 12/KH-UBND", "đã họp sáng nay"; None where they say nothing."""
    text = unicodedata.normalize("NFC", text)
    for stage, words in _READ:
        if found := words.fullmatch(fold(text)):
            return TaskState(stage, tidy(text[found.start("said") :]))
    if _DOCUMENT.fullmatch(text) or (_TOLD.fullmatch(text) and not text.rstrip().endswith("?")):
        return TaskState("done", tidy(text))
    return None


def tidy(words: str) -> str:
    """Give what came of a task as it is kept."""
    words = " ".join(words.split()).strip(" ,;:–-")[:LONGEST]
    return words if "(" in words else words.rstrip(")")


def missing(form: Form, states: Mapping[str, TaskState]) -> list[FormTask]:
    """Give the tasks of which nothing was told."""
    return [one for one in form.tasks if one.id not in states]


def shown(state: TaskState) -> Text:
    """Say how far a task is, and what came of it."""
    told = STAGES[state.stage]
    if state.said:
        told = _("{state} ({words})")(state=told, words=as_is(state.said))
    return _("{state} (with a photo)")(state=told) if state.photo else told


STAGES: dict[Stage, Text] = {
    "todo": _("not begun yet"),
    "doing": _("under way"),
    "done": _("done"),
}
OWNERS = {"officer": _("the officer"), "head": _("the head")}


def content(states: Mapping[str, TaskState]) -> dict[str, list[str]]:
    """Give what a receipt covers of the tasks, each as its state and its words."""
    return {
        key: [state.stage, unicodedata.normalize("NFC", state.said).strip()] for key, state in states.items()
    }
