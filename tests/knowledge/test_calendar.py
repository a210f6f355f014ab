"""Which days are worked, and where a deadline falls."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from knowledge.calendar import BadCalendar, Calendar, Shift
from knowledge.check import check


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar.load()


def days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


@pytest.mark.parametrize(
    ("first", "last", "what"),
    [
        (date(2025, 1, 25), date(2025, 2, 2), "Tết 2025"),
        (date(2025, 4, 30), date(2025, 5, 4), "30 April 2025 with the swapped Friday"),
        (date(2025, 8, 30), date(2025, 9, 2), "National Day 2025"),
        (date(2026, 1, 1), date(2026, 1, 4), "New Year 2026 with the swapped Friday"),
        (date(2026, 2, 14), date(2026, 2, 22), "Tết 2026"),
        (date(2026, 4, 25), date(2026, 4, 27), "Hùng Kings 2026, made up for on Monday"),
        (date(2026, 4, 30), date(2026, 5, 3), "30 April 2026"),
        (date(2026, 8, 29), date(2026, 9, 2), "National Day 2026 with the swapped Monday"),
        (date(2027, 2, 4), date(2027, 2, 10), "Tết 2027"),
        (date(2028, 1, 22), date(2028, 1, 30), "Tết 2028"),
    ],
)
def test_offices_are_closed_on_these_days_and_open_around_them(
    calendar: Calendar, first: date, last: date, what: str
) -> None:
    assert [day for day in days(first, last) if calendar.is_working_day(day)] == [], what
    assert calendar.previous_working_day(first) == calendar.add_working_days(first, -1) < first
    assert calendar.next_working_day(first) == calendar.add_working_days(first, 1) == last + timedelta(days=1)


@pytest.mark.parametrize("day", [date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)])
def test_a_saturday_that_was_swapped_is_worked(calendar: Calendar, day: date) -> None:
    assert day.strftime("%A") == "Saturday"
    assert calendar.is_working_day(day)
    assert calendar.why_off(day) is None


@pytest.mark.parametrize("day", [date(2025, 4, 25), date(2026, 1, 5), date(2026, 2, 13), date(2026, 11, 16)])
def test_an_ordinary_weekday_is_worked(calendar: Calendar, day: date) -> None:
    assert calendar.is_working_day(day)


def test_culture_day_2026_is_worked_until_a_document_is_entered(calendar: Calendar) -> None:
    day = date(2026, 11, 24)
    assert calendar.is_working_day(day)
    assert [decision.day for decision in calendar.decisions if decision.unverified] == [day]


@pytest.mark.parametrize(
    ("day", "rule", "due"),
    [
        (date(2026, 2, 15), "next", date(2026, 2, 23)),
        (date(2026, 2, 15), "previous", date(2026, 2, 13)),
        (date(2026, 2, 15), "none", date(2026, 2, 15)),
        (date(2026, 11, 15), "next", date(2026, 11, 16)),
        (date(2026, 11, 17), "next", date(2026, 11, 17)),
        (date(2026, 11, 17), "previous", date(2026, 11, 17)),
        (date(2026, 1, 10), "next", date(2026, 1, 10)),
        (date(2026, 1, 2), "next", date(2026, 1, 5)),
        (date(2026, 1, 2), "previous", date(2025, 12, 31)),
        (date(2027, 8, 15), "next", date(2027, 8, 16)),
    ],
)
def test_a_deadline_on_a_day_off_moves_by_its_rule(
    calendar: Calendar, day: date, rule: Shift, due: date
) -> None:
    assert calendar.shift(day, rule) == due


@pytest.mark.parametrize(
    ("day", "n", "result"),
    [
        (date(2026, 11, 17), 0, date(2026, 11, 17)),
        (date(2026, 11, 15), 0, date(2026, 11, 15)),
        (date(2026, 11, 13), 1, date(2026, 11, 16)),
        (date(2026, 11, 16), -1, date(2026, 11, 13)),
        (date(2026, 2, 13), 1, date(2026, 2, 23)),
        (date(2026, 2, 23), -1, date(2026, 2, 13)),
        (date(2026, 1, 9), 2, date(2026, 1, 12)),
        (date(2025, 12, 31), 5, date(2026, 1, 9)),
        (date(2026, 11, 14), 3, date(2026, 11, 18)),
    ],
)
def test_working_days_are_counted_past_days_off(calendar: Calendar, day: date, n: int, result: date) -> None:
    assert calendar.add_working_days(day, n) == result


@pytest.mark.parametrize(
    ("day", "lang", "why"),
    [
        (date(2026, 2, 17), "vi", "Tết Nguyên Đán"),
        (date(2026, 2, 17), "en", "Lunar New Year"),
        (date(2026, 11, 15), "vi", "ngày nghỉ cuối tuần"),
        (date(2026, 11, 15), "en", "weekend"),
        (date(2026, 1, 2), "vi", "nghỉ Tết Dương lịch, làm bù thứ Bảy 10/1/2026"),
        (date(2026, 1, 2), "fr", "nghỉ Tết Dương lịch, làm bù thứ Bảy 10/1/2026"),
        (date(2026, 11, 16), "vi", None),
    ],
)
def test_a_day_off_says_why(calendar: Calendar, day: date, lang: str, why: str | None) -> None:
    assert calendar.why_off(day, lang) == why


WEEKEND = "weekend:\n  vi: cuối tuần\n"
ENTRY = "  - day: 2026-11-23\n    why:\n      vi: bão\n    by: tỉnh\n    document: 1/CĐ\n"


def test_an_administrator_closes_and_opens_days_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "calendar.yaml"
    saturday = ENTRY.replace("2026-11-23", "2026-11-28")
    file.write_text(f"{WEEKEND}off:\n{ENTRY}worked:\n{saturday}", encoding="utf-8")
    calendar = Calendar.read(file)
    assert calendar.why_off(date(2026, 11, 23), "en") == "bão"
    assert calendar.is_working_day(date(2026, 11, 28))
    # The shipped line about Culture Day is not in this file, so the package's rule holds.
    assert calendar.why_off(date(2026, 11, 24)) == "Ngày Văn hóa Việt Nam"


def laid_over(tmp_path: Path, text: str) -> Calendar:
    file = tmp_path / "calendar.yaml"
    file.write_text(text, encoding="utf-8")
    return Calendar.load(file)


def test_what_an_office_decides_is_laid_over_the_shipped_days(tmp_path: Path) -> None:
    culture, saturday = (ENTRY.replace("2026-11-23", day) for day in ("2026-11-24", "2026-01-10"))
    calendar = laid_over(tmp_path, f"off:\n{ENTRY}{culture}{saturday}")
    assert calendar.why_off(date(2026, 11, 23), "en") == "bão"
    assert not calendar.is_working_day(date(2026, 11, 24))  # the shipped file has it as worked
    assert not calendar.is_working_day(date(2026, 1, 10))  # a Saturday that the shipped file has as worked
    assert not calendar.is_working_day(date(2026, 1, 2))  # and what is not in it stays as shipped
    assert calendar.why_off(date(2026, 11, 22)) == "ngày nghỉ cuối tuần"
    assert Calendar.of(calendar.written).decisions == calendar.decisions


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "off: []\n", "weekend:\n  vi: nghỉ tuần\n"])
def test_an_own_file_needs_no_more_than_it_changes(tmp_path: Path, text: str) -> None:
    assert laid_over(tmp_path, text).decisions == Calendar.load().decisions
    assert Calendar.load(tmp_path / "nowhere.yaml").decisions == Calendar.load().decisions


def test_an_own_file_is_checked_as_the_shipped_one(tmp_path: Path) -> None:
    with pytest.raises(BadCalendar) as caught:
        laid_over(tmp_path, f"off:\n{ENTRY.replace('2026-11-23', '2026-11-22')}")
    assert (caught.value.path, caught.value.line) == (tmp_path / "calendar.yaml", 2)
    problems = check(tmp_path, date(2026, 11, 16))
    assert [(one.path, one.line, one.severity) for one in problems if "off anyway" in one.message] == [
        (tmp_path / "calendar.yaml", 2, "error")
    ]


def test_lists_may_be_empty(tmp_path: Path) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text(f"{WEEKEND}off:\nworked: []\n", encoding="utf-8")
    assert Calendar.read(file).decisions == ()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, '"weekend: …" is expected'),
        (f"{WEEKEND}off: []\n", 1, "“worked” is missing. Add it"),
        (f"{WEEKEND}off: []\nworked: []\nhalf: []\n", 5, "“half” is not known. Write one of"),
        (f"{WEEKEND}off: bão\nworked: []\n", 3, 'Begin each entry with "- day:"'),
        (f"{WEEKEND}worked: []\noff:\n{ENTRY.replace('2026-11-23', '23/11/2026')}", 5, "year-month-day"),
        (f"{WEEKEND}worked: []\noff:\n{ENTRY.replace('2026-11-23', '2026-02-30')}", 5, "year-month-day"),
        (f"{WEEKEND}worked: []\noff:\n{ENTRY.replace('2026-11-23', '2026-11-22')}", 5, "off anyway"),
        (f"{WEEKEND}worked: []\noff:\n{ENTRY.replace('    by: tỉnh', '')}", 5, "“by” is missing"),
        (f"{WEEKEND}worked: []\noff:\n{ENTRY.replace('tỉnh', '')}", 8, "words are missing"),
        (f"{WEEKEND}worked: []\noff:\n{ENTRY}    unverified: maybe\n", 10, "neither true nor false"),
        (f"{WEEKEND}worked: []\noff:\n{ENTRY}    by: xã\n", 10, "“by” is written twice"),
        (f"{WEEKEND}worked:\n{ENTRY}off:\n{ENTRY}", 4, "twice. Keep one"),
        (f"{WEEKEND}worked: [\noff:\n", 5, "Compare its spaces and colons"),
        (f"{WEEKEND}off:\n\t- day\n", 4, "Compare its spaces and colons"),
        (f"{WEEKEND}\x00", 1, "Compare its spaces and colons"),
    ],
)
def test_a_bad_file_is_refused_with_file_line_and_remedy(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadCalendar) as caught:
        Calendar.read(file)
    assert str(caught.value).startswith(f"{file}, line {line}: ")
    assert says in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadCalendar, match=r"nowhere\.yaml, line 1: it cannot be read .* Put the file back"):
        Calendar.read(tmp_path / "nowhere.yaml")


def test_the_slow_package_waits_until_a_day_is_asked_about() -> None:
    program = (
        "import sys; from knowledge.calendar import Calendar; c = Calendar.load(); "
        "assert 'holidays' not in sys.modules; import datetime; "
        "c.is_working_day(datetime.date(2026, 11, 16)); assert 'holidays' in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("day", "weekend"),
    [("2026-11-14", True), ("2026-11-13", False), ("2027-05-01", False), ("2026-01-10", False)],
)
def test_a_weekend_is_told_from_a_holiday_that_falls_on_one(
    calendar: Calendar, day: str, weekend: bool
) -> None:
    assert calendar.is_weekend(date.fromisoformat(day)) == weekend


def test_what_nobody_has_confirmed_about_a_day_is_said(calendar: Calendar) -> None:
    assert "chưa thấy văn bản" in (calendar.doubt(date(2026, 11, 24)) or "")
    assert calendar.doubt(date(2026, 11, 23)) is None
