"""What words give a task, tell that it is done, and when its owner is reminded."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from handlers.rules import tasking
from handlers.rules.reporting import VIETNAM
from knowledge.calendar import Calendar

TUESDAY = date(2026, 11, 17)
CALENDAR = Calendar.load()


@pytest.mark.parametrize(
    ("text", "who", "what"),
    [
        ("giao một cửa: chỉ ra 10 dịch vụ, thứ sáu báo lại", "một cửa", "chỉ ra 10 dịch vụ, thứ sáu báo lại"),
        ("Giao việc cho chị Hoa: lập danh sách", "chị Hoa", "lập danh sách"),
        ("giao viec", "", ""),
        ("giao việc: lập danh sách", "", "lập danh sách"),
        ("give a task to Hạnh: list the services", "Hạnh", "list the services"),
        ("give Hạnh a task: list the services", "Hạnh", "list the services"),
        ("assign a task", "", ""),
        ("give a task to Hạnh", "Hạnh", ""),
    ],
)
def test_a_line_gives_a_task(text: str, who: str, what: str) -> None:
    assert tasking.given(text) == tasking.Given(who, what)


@pytest.mark.parametrize(
    "text",
    [
        "giao anh Sơn",
        "giao lại 7P3: anh Sơn",
        "giao 7P3",
        "giao việc 7P3 cho anh Sơn",
        "giao dịch là gì",
        "giao dịch trực tuyến: 1.284",
        "giao: x",
        "task",
    ],
)
def test_other_lines_give_none(text: str) -> None:
    assert tasking.given(text) is None


@pytest.mark.parametrize(
    ("words", "what", "day"),
    [
        ("chỉ ra 10 dịch vụ, thứ sáu báo lại", "chỉ ra 10 dịch vụ", date(2026, 11, 20)),
        ("chi ra 10 dich vu chua ai nop, thu sau bao lai", "chi ra 10 dich vu chua ai nop", date(2026, 11, 20)),
        ("lập danh sách. Hạn 24/11", "lập danh sách", date(2026, 11, 24)),
        ("list the services, report back on Friday", "list the services", date(2026, 11, 20)),
        ("lập danh sách trước thứ sáu", "lập danh sách trước thứ sáu", date(2026, 11, 20)),
        ("họp tổ, thứ sáu dân đến đông", "họp tổ, thứ sáu dân đến đông", date(2026, 11, 20)),
        ("lập danh sách", "lập danh sách", None),
        ("thứ tư hoặc thứ sáu họp", "thứ tư hoặc thứ sáu họp", None),
    ],
)  # fmt: skip
def test_the_day_is_parted_from_the_task(words: str, what: str, day: date | None) -> None:
    assert tasking.parted(words, TUESDAY) == (what, day)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("xong việc: 45/BC", "45/BC"),
        ("em xong viec duoc giao, da lap", "da lap"),
        ("đã làm xong việc được giao", ""),
        ("task done: list sent", "list sent"),
        ("xong 4K7", None),
        ("xong rồi", None),
        ("xong viecthu hai", None),
    ],
)
def test_a_line_says_that_a_task_is_done(text: str, said: str | None) -> None:
    assert tasking.done(text) == said


@pytest.mark.parametrize(
    ("text", "lists"),
    [("Việc được giao?", True), ("viec toi giao", True), ("my tasks", True), ("việc của tôi", False)],
)
def test_words_ask_for_the_tasks(text: str, lists: bool) -> None:
    assert tasking.lists(text) is lists


def moment(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("due", "now", "stages"),
    [
        (20, (17, 9), {"before": (19, 8), "due": (20, 8), "missed": (20, 16)}),
        (18, (17, 9), {"due": (18, 8), "missed": (18, 16)}),  # the working day before it has begun
        (17, (17, 9), {"missed": (17, 16)}),
        (17, (17, 17), {"missed": (18, 8)}),  # given when its hour had passed
        (20, (20, 17), {"missed": (23, 8)}),  # and no message on a day off
        (22, (17, 9), {"before": (19, 8), "due": (20, 8), "missed": (23, 8)}),  # a Sunday
        (23, (17, 9), {"before": (20, 8), "due": (23, 8), "missed": (23, 16)}),  # a Monday
    ],
)
def test_what_is_told_of_a_task_and_when(
    due: int, now: tuple[int, int], stages: dict[str, tuple[int, int]]
) -> None:
    found = tasking.stages(date(2026, 11, due), CALENDAR, moment(*now))
    assert {stage.name: stage.at for stage in found} == {name: moment(*at) for name, at in stages.items()}
