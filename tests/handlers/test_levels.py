"""By when a request is taken up and done, and who hears when it is late: two tables that an officer can check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from handlers.rules import levels
from handlers.rules.levels import ABOVE, CHAIN, Course, Pause, Step, alarms, hears, kind_of, may_tell, near
from handlers.rules.reporting import VIETNAM
from knowledge.calendar import Calendar
from knowledge.service import BadService, Closure, Desk, Service, Span, _hours

HERE = Path(__file__).parent
CALENDAR = Calendar.load()
SERVICE = Service.load()
WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
UNITS: dict[str, Any] = {"giờ": "hours", "ngày": "days"}
MINUTE = timedelta(minutes=1)


def moment(written: str) -> datetime:
    """Read "T2 09/11/2026 08:00"; the weekday must be right."""
    weekday, _, rest = written.partition(" ")
    form = "%d/%m/%Y %H:%M:%S" if rest.count(":") == 2 else "%d/%m/%Y %H:%M"
    at = datetime.strptime(rest, form).replace(tzinfo=VIETNAM)
    assert WEEKDAYS[at.weekday()] == weekday, written
    return at


def pauses(written: str) -> tuple[Pause, ...]:
    found = []
    for one in [] if written == "-" else written.split("; "):
        since, _, until = one.partition(" đến ")
        found.append(Pause(moment(since), None if until == "nay" else moment(until)))
    return tuple(found)


def desk(written: str) -> Desk:
    """Read what stands behind "@"."""
    given: dict[str, Any] = {"open": SERVICE.desk.open}
    closed = []
    for word, *rest in (part.split() for part in written.split("; ")):
        match word:
            case "open" | "saturday":
                given[word] = _hours(rest)
            case "closed":
                day = datetime.fromisoformat(rest[0]).date()
                closed.append(Closure(day, "", _hours(rest[1:], closed=True)))
            case "on-call":
                given["on_call"] = True
    return Desk(**given, closed=tuple(closed))


def cases() -> Iterator[Any]:
    now = Desk(())
    for number, line in enumerate((HERE / "levels.txt").read_text("utf-8").splitlines(), 1):
        if line.startswith("@ "):
            now = desk(line[2:])
        elif line and not line.startswith("#"):
            yield pytest.param(now, *line.split(" | "), id=f"line {number}")


CASES = list(cases())


def span(written: str) -> Span:
    number, unit = written.split()
    return Span(int(number), UNITS[unit])


def test_there_are_sixty_cases_and_more() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("desk", "limit", "start", "waits", "soon", "due", "why"), CASES)
def test_the_end_of_a_request_is_as_an_officer_would_count_it(
    desk: Desk, limit: str, start: str, waits: str, soon: str, due: str, why: str
) -> None:
    begin, paused = moment(start), pauses(waits)
    end = levels.after(begin, span(limit), desk, CALENDAR, paused, always=desk.on_call)
    assert (end, why) == (moment(due), why)
    share = near(begin, end, SERVICE.warning, desk, CALENDAR, paused, always=desk.on_call)
    assert share == moment(soon)


@pytest.mark.parametrize(
    ("desk", "limit", "start", "waits", "soon", "due", "why"),
    [case for case in CASES if "giờ" in str(case.values[1])],
)
def test_hours_are_what_counting_every_minute_gives(
    desk: Desk, limit: str, start: str, waits: str, soon: str, due: str, why: str
) -> None:
    at, left, paused = moment(start), span(limit).number * 60, pauses(waits)
    while left:
        spans = levels.opened(at.date(), desk, CALENDAR)
        runs = desk.on_call or any(begin <= at < end for begin, end in spans)
        waiting = any(pause.since <= at and (pause.until is None or at < pause.until) for pause in paused)
        left -= runs and not waiting
        at += MINUTE
    assert at == moment(due)


def told() -> Iterator[Any]:
    for number, line in enumerate((HERE / "levels-told.txt").read_text("utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            yield pytest.param(line.split(" | "), id=f"line {number}")


@pytest.mark.parametrize("line", list(told()))
def test_each_is_told_in_turn_once_a_request_is_late(line: list[str]) -> None:
    kind, begun, offered, claimed, waits, soon, due, *steps, _why = line
    course = Course(
        moment(begun), moment(offered), None if claimed == "chưa" else moment(claimed), pauses(waits)
    )
    found = alarms(course, SERVICE.levels[kind], SERVICE, SERVICE.desk, CALENDAR)
    wanted: dict[Step, str] = {"warning": soon, **dict(zip(CHAIN, steps, strict=True))}
    assert {alarm.step: alarm.at for alarm in found} == {
        step: moment(at) for step, at in wanted.items() if at != "-"
    }
    below = [alarm for alarm in found if alarm.step not in ABOVE]  # those above may have waited for long
    assert {alarm.due for alarm in below} == ({moment(due)} if due != "-" else set())
    for ranks in (below, [alarm for alarm in found if alarm.step in ABOVE]):
        assert [alarm.at for alarm in ranks] == sorted(alarm.at for alarm in ranks)


def widened() -> Iterator[Any]:
    for number, line in enumerate((HERE / "levels-widened.txt").read_text("utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            yield pytest.param(*line.split(" | "), id=f"line {number}")


@pytest.mark.parametrize(("kind", "start", "commune", "province", "asked", "free", "why"), list(widened()))
def test_whom_else_it_is_shown_and_when_it_is_freed_is_as_an_officer_would_count_it(
    kind: str, start: str, commune: str, province: str, asked: str, free: str, why: str
) -> None:
    level, begin = SERVICE.levels[kind], moment(start)
    always = kind == "urgent"
    rings = levels.widenings(Course(begin, begin), level, SERVICE.desk, CALENDAR, always=always)
    assert (rings, why) == ((("commune", moment(commune)), ("province", moment(province))), why)
    held = Course(begin, begin, begin)
    times = levels.idles(begin, None, held, level, SERVICE.desk, CALENDAR, always=always)
    assert (times, why) == ((moment(asked), moment(free)), why)


def test_nothing_is_widened_that_somebody_has_and_nothing_freed_that_nobody_has_or_that_waits() -> None:
    begin, level = moment("T2 09/11/2026 08:00"), SERVICE.levels["how-to"]
    free, held = Course(begin, begin), Course(begin, begin, begin)
    waits = Course(begin, begin, begin, (Pause(begin),))
    assert levels.widenings(held, level, SERVICE.desk, CALENDAR) == ()
    assert levels.idles(begin, None, free, level, SERVICE.desk, CALENDAR) is None
    assert levels.idles(begin, None, waits, level, SERVICE.desk, CALENDAR) is None


def test_whoever_is_asked_late_has_as_long_to_answer_as_anybody() -> None:
    begin, late = moment("T2 09/11/2026 08:00"), moment("T5 12/11/2026 08:00")
    course, level = Course(begin, begin, begin), SERVICE.levels["how-to"]
    times = levels.idles(begin, late, course, level, SERVICE.desk, CALENDAR)
    assert times == (moment("T3 10/11/2026 08:00"), moment("T5 12/11/2026 13:30"))


MAI, NAM, HUONG, SON, KHOA, LAM = range(1, 7)


@pytest.mark.parametrize(
    ("step", "holder", "leads", "officers", "province", "away", "rank", "heard", "why"),
    [
        ("warning", MAI, [HUONG], [KHOA], [LAM], {}, "lead", [HUONG], "nhắc trước chỉ tổ trưởng nghe"),
        ("warning", MAI, [], [KHOA], [LAM], {}, "lead", [], "chưa chậm thì không làm phiền cán bộ xã"),
        ("warning", MAI, [HUONG, SON], [KHOA], [], {}, "lead", [HUONG, SON], "hai tổ trưởng cùng nghe"),
        ("warning", MAI, [HUONG], [], [], {HUONG: SON}, "lead", [SON], "tổ trưởng nghỉ phép, có người thay"),
        ("warning", MAI, [HUONG], [], [], {HUONG: 0}, "lead", [], "tổ trưởng nghỉ phép, không ai thay"),
        ("holder", MAI, [HUONG], [KHOA], [LAM], {}, "holder", [MAI], "quá hạn: người giữ nghe trước"),
        ("holder", MAI, [HUONG], [KHOA], [LAM], {MAI: 0}, "lead", [HUONG], "người giữ nghỉ phép: báo tổ trưởng"),
        ("holder", MAI, [HUONG], [KHOA], [LAM], {MAI: NAM}, "holder", [NAM], "người giữ nghỉ, có người thay"),
        ("lead", MAI, [], [KHOA], [LAM], {}, "officer", [KHOA], "tổ không có tổ trưởng: lên cán bộ xã"),
        ("lead", MAI, [HUONG], [KHOA], [LAM], {HUONG: 0}, "officer", [KHOA], "tổ trưởng nghỉ, không ai thay"),
        ("lead", MAI, [HUONG], [KHOA], [LAM], {HUONG: SON, SON: 0}, "officer", [KHOA], "người thay cũng nghỉ"),
        ("lead", MAI, [MAI], [KHOA], [LAM], {}, "officer", [KHOA], "tổ trưởng tự giữ thì đã được báo rồi"),
        ("lead", MAI, [MAI, HUONG], [KHOA], [LAM], {}, "lead", [HUONG], "tổ có hai tổ trưởng, một người giữ"),
        ("warning", MAI, [MAI], [KHOA], [LAM], {}, "lead", [MAI], "tổ trưởng tự giữ vẫn được nhắc trước"),
        ("officer", MAI, [HUONG], [], [LAM], {}, "province", [LAM], "xã chưa có cán bộ: lên tỉnh"),
        ("province", MAI, [HUONG], [KHOA], [], {}, "province", [], "tỉnh chưa có ai: không còn ai để báo"),
        ("officer", MAI, [HUONG], [KHOA, LAM], [], {KHOA: LAM}, "officer", [LAM], "người thay đã là cán bộ xã"),
    ],
)  # fmt: skip
def test_who_is_away_is_stood_in_for_and_a_rank_without_anybody_is_passed_over(
    step: Step,
    holder: int,
    leads: list[int],
    officers: list[int],
    province: list[int],
    away: dict[int, int],
    rank: str,
    heard: list[int],
    why: str,
) -> None:
    ranks: dict[Step, list[int]] = {
        "holder": [holder],
        "lead": leads,
        "officer": officers,
        "province": province,
    }
    assert (hears(step, ranks, away), why) == ((rank, tuple(heard)), why)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("T2 09/11/2026 10:00", "T2 09/11/2026 10:00"),
        ("T2 09/11/2026 12:00", "T2 09/11/2026 12:00"),  # over lunch a line does no harm
        ("T2 09/11/2026 20:00", "T3 10/11/2026 07:30"),
        ("T2 09/11/2026 03:00", "T2 09/11/2026 07:30"),
        ("T7 07/11/2026 10:00", "T2 09/11/2026 07:30"),
        ("T3 17/02/2026 10:00", "T2 23/02/2026 07:30"),  # Tết
    ],
)
def test_nobody_is_told_at_night_or_on_a_day_off(at: str, then: str) -> None:
    assert may_tell(moment(at), SERVICE.desk, CALENDAR) == moment(then)


def test_the_kind_of_a_request_is_read_from_its_topic_and_where_it_lies() -> None:
    assert kind_of("safe.been-scammed", False, SERVICE) == "urgent"
    assert kind_of("vneid.activate", False, SERVICE) == "how-to"
    assert kind_of("", True, SERVICE) == "office"


def test_every_level_says_where_it_comes_from() -> None:
    assert all(level.source for level in SERVICE.levels.values())
    assert [step.number for step in SERVICE.steps] == [0, 4, 8, 7]


def test_an_office_says_otherwise_in_a_file_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "service.yaml"
    own.write_text(
        "levels:\n  how-to: {take_up: 4 hours, done: 1 day, source: Quyết định 12/QĐ-UBND}\n"
        'communes:\n  "10402":\n    saturday: ["07:30-11:30"]\n'
        "    closed:\n      - {day: 2026-11-12, why: bão}\n",
        "utf-8",
    )
    service = Service.load(own)
    assert service.levels["how-to"].take_up == Span(4, "hours")
    assert service.levels["urgent"] == SERVICE.levels["urgent"]
    assert service.levels["how-to"].widen == SERVICE.levels["how-to"].widen  # of which it says nothing
    assert service.levels["how-to"].untouched == SERVICE.levels["how-to"].untouched
    assert service.desk_of("10402").open == SERVICE.desk.open
    assert service.desk_of("10402").closure(date(2026, 11, 12)) is not None
    assert service.desk_of("00602") == SERVICE.desk


def test_an_office_may_have_nothing_widened_and_nothing_freed(tmp_path: Path) -> None:
    own = tmp_path / "service.yaml"
    own.write_text(
        "levels:\n  how-to: {take_up: 4 hours, done: 1 day, source: x, widen: {}, untouched: {}}\n"
        "  urgent: {take_up: 4 hours, done: 1 day, source: x, widen: {province: 30 minutes}}\n",
        "utf-8",
    )
    service = Service.load(own)
    assert (service.levels["how-to"].widen, service.levels["how-to"].untouched) == ((), None)
    assert service.levels["urgent"].widen == (("province", Span(30, "minutes")),)


def test_an_office_has_its_own_numbers_for_masses_and_silence(tmp_path: Path) -> None:
    own = tmp_path / "service.yaml"
    own.write_text(
        "incident: {people: 10}\ncards: {most: 5}\nidle: {days: 60}\nfast: {seconds: 10}\n", "utf-8"
    )
    service = Service.load(own)
    assert (service.incident.people, service.incident.within) == (10, timedelta(minutes=30))
    assert (service.cards.most, service.cards.digest) == (5, timedelta(minutes=15))
    assert (service.idle.after, service.idle.answer) == (timedelta(days=60), timedelta(days=14))
    assert (service.fast.most, service.fast.within) == (8, timedelta(seconds=10))


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        (
            "levels: {office: {take_up: 8 hours, done: 2 days, source: x, widen: {nation: 1 hour}}}",
            "“nation” is not known; write commune or province",
        ),
        (
            "levels: {office: {take_up: 8 hours, done: 2 days, source: x, untouched: {asked: 1 hour}}}",
            "“free” is missing",
        ),
        ("level: {}", ", line 1: “level” is not known. Write one of: hours, levels"),
        ("levels:\n  how-to:\n    take_up: 8 h\n    done: 2 days\n", ", line 3: “8 h” is no span"),
        ("levels:\n  how-to:\n    take_up: 8 hours\n    done: 2 days\n", ", line 2: “source” is missing"),
        ('warning: 75\ncommunes:\n  "1":\n    open: []\n', ", line 3: hours are a list"),
        ("warning: 75\nsteps: [\n  a\n}", ", line 4: "),
        ("levels: {how-to: {take_up: 8 h, done: 2 days, source: x}}", "“8 h” is no span; write 8 hours"),
        ("levels: {how-to: {take_up: 8 hours, done: 2 days}}", "“source” is missing"),
        ('communes: {"1": {open: []}}', "hours are a list such as"),
        ('communes: {"1": {open: ["13:00-17:00", "07:30-11:30"]}}', "does not come after"),
        ('communes: {"1": {open: ["07:30-31:30"]}}', "“07:30-31:30” is no span of hours"),
        ('communes: {"1": {lunch: 1}}', "“lunch” is not known of a desk"),
        ("incident:\n  people: 0\n", ", line 2: “0” is no number; write 1 or more"),
        ("cards:\n  ahead_minutes: -1\n", ", line 2: “-1” is no number of minutes; write 0 or more"),
        ("incident: {persons: 5}", "“persons” is not known here"),
        ("cards: {most: many}", "“many” is no number"),
        ("idle: {days: true}", "“True” is no number"),
        ("targets: {ask_at: 25:00}", "is no hour"),
        ("targets:\n  week_on: someday\n", ", line 2: “someday” is no weekday; write monday"),
        ("- a", "“name: value” is expected"),
        ("a: [", "Correct that"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_is_wrong(tmp_path: Path, written: str, wrong: str) -> None:
    own = tmp_path / "service.yaml"
    own.write_text(written, "utf-8")
    with pytest.raises(BadService) as told:
        Service.load(own)
    assert wrong in str(told.value)
    assert str(own) in str(told.value)
