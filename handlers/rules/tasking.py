"""What words give a task and tell that one is done, and when its owner is reminded; pure, the day is given."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Literal, Protocol

import msgspec

from handlers.rules import days
from handlers.rules.reporting import VIETNAM
from knowledge.folding import fold

LONGEST = 300  # letters of a task, and of what is said when it is done
MORNING, AFTERNOON = time(8), time(16)

StageName = Literal["before", "due", "missed"]
_GIVES = re.compile(
    r"\s*(?:giao(?P<plain> việc| viec)?"
    r"|(?P<english>(?:give|assign) (?:a |the )?task|(?:give|assign) (?P<whom>[^:\n]{1,40}?) (?:a|the) task))\b"
    r"(?:\s+(?:cho|to)\b)?\s*(?P<who>[^:\n]{0,60}?)\s*(?P<colon>:\s*(?P<what>.*))?",
    re.I | re.S,
)
_OTHER = re.compile(r"(?:lai|dich|thong|luu|nhan|hang|ban|ca|tiep)\b")  # "giao dịch: 412" is a figure
_DONE = re.compile(
    r"\s*(?:(?:em|anh|chị|chi|tôi|toi|bác|bac|cô|co|chú|chu|đã|da|làm|lam)\s+)*"
    r"(?:xong\s+(?:việc|viec)(?:\s+(?:được giao|duoc giao|giao))?(?:\s+(?:xong|rồi|roi))?"
    r"|(?:the )?task (?:is )?done)\b\s*[:,.-]*\s*(?P<said>.*)",
    re.I | re.S,
)
_LISTS = re.compile(
    r"(?:xem |cac |nhung |danh sach )*(?:viec|nhiem vu) (?:duoc giao|da giao|toi giao|em giao|minh giao|giao)"
    r"|(?:show )?(?:my |the |given )*tasks(?: given)?"
)
_TAKES_BACK = re.compile(
    r"(?:thoi|huy|rut|bo)(?: lai)? (?:giao viec|viec (?:toi |da |em )?giao)(?: nay)?|take (?:the|that|my) task back"
)
# Around a day these words only say that it is the day: "thứ sáu báo lại".
_AROUND = re.compile(
    r"(?:\b(?:bao|lai|cao|han|xong|phai|truoc|den|ngay|la|cham|nhat|vao|nop|gui|trong|cuoi|het|muon|tra|loi|roi|cho|toi"
    r"|anh|chi|em|nhe|a|by|due|before|report|back|on|until|at|latest|the|and|it|me|please)\b\s*)*"
)


class WorkingDays(Protocol):
    """What is asked of the calendar."""

    def next_working_day(self, day: date) -> date: ...
    def previous_working_day(self, day: date) -> date: ...
    def add_working_days(self, day: date, n: int) -> date: ...


class Given(msgspec.Struct, frozen=True):
    """What a line says of a task that it gives; each part may be missing."""

    who: str = ""
    what: str = ""


class Stage(msgspec.Struct, frozen=True):
    """A moment at which a task that is still open is told of: to its owner, or once to whoever gave it."""

    name: StageName
    at: datetime


def given(text: str) -> Given | None:
    """Read "giao một cửa: lập danh sách, thứ sáu báo lại"; None where nothing is given."""
    found = _GIVES.fullmatch(text)
    if found is None:
        return None
    who, what = " ".join((found["whom"] or found["who"]).split()), " ".join((found["what"] or "").split())
    begins = bool(found["english"]) or bool(found["plain"] and not who)
    if not (begins or (found["colon"] and who)) or _OTHER.match(fold(who)):
        return None  # "giao anh Sơn" alone is about a request or a report
    return Given(who, what)


def lists(text: str) -> bool:
    """Say whether words ask for the tasks that were given."""
    return _LISTS.fullmatch(fold(text).rstrip("?").strip()) is not None


def takes_back(text: str) -> bool:
    """Say whether words take back a task that was given."""
    return _TAKES_BACK.fullmatch(fold(text)) is not None


def done(text: str) -> str | None:
    """Give what is said of a task that is done, perhaps nothing; None where the words say no such thing."""
    found = _DONE.fullmatch(text)
    return " ".join(found["said"].split()) if found else None


def parted(words: str, today: date) -> tuple[str, date | None]:
    """Part a task from the day for it: "lập danh sách, thứ sáu báo lại"."""
    words = words.strip(" ,;.")
    cut = max(words.rfind(mark) for mark in ",;.")
    tail = words[cut + 1 :]
    day = days.named(tail, today).one if cut > 0 else None
    if day is not None and _AROUND.fullmatch(days.without(tail)):
        return words[:cut].strip(" ,;."), day
    return words, days.named(words, today).one


def stages(due: date, calendar: WorkingDays, now: datetime) -> tuple[Stage, ...]:
    """Give what is still ahead: a working day before at 8:00, the day at 8:00, and at 16:00 for whoever gave it.

    Where the day is off, its owner is reminded on the working day before it; whoever gave it hears on the one after.
    """
    day = calendar.previous_working_day(due)
    after = calendar.next_working_day(due)
    missed = _moment(after, AFTERNOON if after == due else MORNING)
    if missed <= now:
        today = now.astimezone(VIETNAM).date()
        missed = _moment(calendar.add_working_days(today, 1), MORNING)
    found = (
        Stage("before", _moment(calendar.add_working_days(day, -1), MORNING)),
        Stage("due", _moment(day, MORNING)),
        Stage("missed", missed),
    )
    return tuple(stage for stage in found if stage.at > now)


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, VIETNAM)
