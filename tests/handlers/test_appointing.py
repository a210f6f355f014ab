"""When people mean to meet, as they say it; what can mean two things, or has passed, is asked about."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from handlers.rules.appointing import Fault, other_times, part_of, read
from handlers.rules.reporting import VIETNAM

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=VIETNAM)  # a Monday morning


def written(at: datetime | None) -> str:
    return f"{at.astimezone(VIETNAM):%a %d/%m %H:%M}" if at else ""


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("hẹn 7h tối", "Mon 30/11 19:00"),
        ("hen 7h toi", "Mon 30/11 19:00"),
        ("bảy giờ tối nay chị gọi em", "Mon 30/11 19:00"),
        ("hẹn 15h", "Mon 30/11 15:00"),
        ("3 giờ chiều nay", "Mon 30/11 15:00"),
        ("hẹn 12h trưa", "Mon 30/11 12:00"),
        ("30 phút nữa em gọi", "Mon 30/11 09:30"),
        ("in 2 hours I will call you", "Mon 30/11 11:00"),
        ("tonight at 7", "Mon 30/11 19:00"),
        ("mai 8h sáng em qua", "Tue 01/12 08:00"),
        ("tomorrow 8am", "Tue 01/12 08:00"),
        ("noon tomorrow", "Tue 01/12 12:00"),
        ("tối mai 7 giờ kém 15", "Tue 01/12 18:45"),
        ("chiều mai 3h cháu gọi bác nhé", "Tue 01/12 15:00"),
        ("hẹn 8h30 sáng thứ tư", "Wed 02/12 08:30"),
        ("14:30 ngày kia em ghé", "Wed 02/12 14:30"),
        ("ngày mốt 8h sáng em xuống", "Wed 02/12 08:00"),
        ("thứ năm tám giờ rưỡi sáng cháu đến", "Thu 03/12 08:30"),
        ("hẹn 8h sáng 5/12", "Sat 05/12 08:00"),
        ("chủ nhật 9h sáng em sang", "Sun 06/12 09:00"),
        ("thứ 2 tuần sau 2h chiều", "Mon 07/12 14:00"),
        ("next monday 3 pm call me", "Mon 07/12 15:00"),
    ],
)
def test_a_time_is_read(words: str, at: str) -> None:
    assert written(read(words, NOW).at) == at


@pytest.mark.parametrize(
    ("words", "fault", "ways"),
    [
        ("hẹn 7h", "which-half", ["Mon 30/11 19:00", "Tue 01/12 07:00"]),
        ("mai 7h", "which-half", ["Tue 01/12 07:00", "Tue 01/12 19:00"]),
        ("7h toi qua nha bac", "no-hour", []),  # "tối qua" was yesterday, and tôi is no evening
        ("mai 7h toi qua", "no-hour", []),
        ("hẹn 7h sáng", "past", ["Tue 01/12 07:00"]),
        ("8h sáng nay", "past", []),
        ("hẹn 8h sáng 20/11", "past", []),
        ("hẹn 8h sáng 5/1", "year", []),
        ("hẹn 8h sáng 5/1/2027", "far", []),
        ("8h hoặc 9h sáng mai", "which", []),
        ("hẹn 8h sáng mai hay ngày kia", "which", []),
        ("hẹn 30/2 8h sáng", "unread", []),
        ("hẹn ngày 5 8h sáng", "unread", []),
        ("hẹn 25h", "unread", []),
        ("hẹn gặp lại bác", "no-hour", []),
        ("máy bác đơ từ 7h tối hôm qua", "no-hour", []),
        ("yesterday 7pm", "no-hour", []),
    ],
)
def test_what_is_not_clear_is_asked(words: str, fault: Fault, ways: list[str]) -> None:
    found = read(words, NOW)
    assert (found.at, found.fault, [written(one) for one in found.ways]) == (None, fault, ways)


def test_a_day_of_next_year_is_offered_where_it_is_near() -> None:
    late = NOW.replace(day=20) + timedelta(days=30)
    assert written(read("hẹn 8h sáng 5/1", late).at) == ""
    assert [written(one) for one in read("hẹn 8h sáng 5/1", late).ways] == ["Tue 05/01 08:00"]
    assert written(read("hẹn 8h sáng mai", NOW.replace(month=12, day=31)).at) == "Fri 01/01 08:00"


@pytest.mark.parametrize(
    ("words", "only"),
    [
        ("mai 8h sáng em qua", True),
        ("tomorrow 8am", True),
        ("9h sáng mai em qua nhà bác nhé, nhớ cầm theo căn cước", False),
        ("mã gửi lúc 9h sáng mai hết hạn", False),
        ("tôi gọi 113 lúc 7h tối", False),
    ],
)
def test_a_sentence_with_more_in_it_than_a_time_is_no_appointment(words: str, only: bool) -> None:
    assert read(words, NOW).only is only


@pytest.mark.parametrize(
    ("words", "way"),
    [
        ("hẹn gọi 7h tối", "call"),
        ("mai 8h sáng em qua", "visit"),
        ("mai 8h sáng em sang", "visit"),
        ("8h sáng mai", ""),
        ("tomorrow 8am call me", "call"),
        ("tomorrow 8am come to me", "visit"),
    ],
)
def test_a_call_is_told_from_a_visit(words: str, way: str) -> None:
    assert read(words, NOW).way == way


def test_other_times_are_to_come_and_at_hours_of_the_day() -> None:
    eight = NOW.replace(hour=20)
    assert [written(one) for one in other_times(eight, NOW)] == ["Tue 01/12 20:00", "Wed 02/12 20:00"]
    passed = other_times(NOW.replace(hour=7), NOW)
    assert [written(one) for one in passed] == ["Tue 01/12 07:00", "Wed 02/12 07:00"]


@pytest.mark.parametrize(
    ("hour", "part"),
    [(7, "sang"), (10, "sang"), (11, "trua"), (12, "trua"), (13, "chieu"), (17, "chieu"), (18, "toi")],
)
def test_the_parts_of_a_day_are_called_as_people_call_them(hour: int, part: str) -> None:
    assert part_of(NOW.replace(hour=hour)) == part


@pytest.mark.parametrize(
    ("words", "agreed", "at"),
    [
        ("goi roi, bac dang ngoai dong, hen 7h toi", True, "Mon 30/11 19:00"),
        ("Gọi bác Tư rồi, bác hẹn 8h sáng mai", True, "Tue 01/12 08:00"),
        ("vừa gọi cho bác rồi. hẹn 3h chiều mai nhé", True, "Tue 01/12 15:00"),
        ("called her, appointment 7pm", True, "Mon 30/11 19:00"),
        ("gọi rồi, hẹn 7h", True, ""),  # which half of the day is still asked
        ("gọi rồi mà không nghe máy, hẹn 7h tối", False, "Mon 30/11 19:00"),
        ("hẹn gọi 7h tối", False, "Mon 30/11 19:00"),
        ("gọi rồi nhé bác", False, ""),
    ],
)
def test_a_time_that_was_agreed_on_by_telephone_is_told(words: str, agreed: bool, at: str) -> None:
    found = read(words, NOW)
    assert (found.agreed, written(found.at)) == (agreed, at)
