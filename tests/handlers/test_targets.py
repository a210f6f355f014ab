"""Targets: how figures are read, how the trend is reckoned, and what stands in the picture."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import cast

import msgspec
import pytest
from PIL import Image

from bot import picture, ticker
from bot.making import file, ordered
from bot.shelf import Bookcase
from bot.wording import Wording
from handlers import target_asking, target_following
from handlers.made import Progress, Stand
from handlers.records.targets import Target
from handlers.rules import daily, pace, still
from handlers.rules.daily import Goal
from handlers.rules.figures import Figure
from handlers.rules.pace import Plan, Told
from handlers.rules.reporting import VIETNAM, local_day
from handlers.talk import Due, Talk
from handlers.target_asking import Wanted
from handlers.targets import Place
from handlers.text import _
from handlers.turn import Records, Turn
from tests.handlers.turning import SOMEBODY

TODAY = date(2026, 12, 1)  # a Tuesday
BEFORE = TODAY - timedelta(days=1)
VILLAGES = ("thôn Đoài", "thôn Trung", "tổ dân phố 7", "thôn Mai", "thôn 3")
TARGETS = ("hộ cài VNeID", "hồ sơ trực tuyến")


def figures_of(line: daily.Line) -> list[tuple[str, int | None]]:
    return [
        (piece.place, int(piece.reading.value) if isinstance(piece.reading, Figure) else None)
        for piece in line.pieces
    ]


@pytest.mark.parametrize(
    ("words", "day", "told"),
    [
        ("12", TODAY, [("", 12)]),
        ("mười hai", TODAY, [("", 12)]),
        ("mục tiêu vneid hôm nay 12", TODAY, [("", 12)]),
        ("chiến dịch 12", TODAY, [("", 12)]),
        ("target 12", TODAY, [("", 12)]),
        ("thôn Đoài 12, thôn Trung 7", TODAY, [("thôn Đoài", 12), ("thôn Trung", 7)]),
        ("Đoài: 12\nTrung: 7", TODAY, [("thôn Đoài", 12), ("thôn Trung", 7)]),
        ("doai 12 trung 7", TODAY, [("thôn Đoài", 12), ("thôn Trung", 7)]),
        ("12 Đoài 7 Trung", TODAY, [("thôn Đoài", 12), ("thôn Trung", 7)]),
        ("to 7 12", TODAY, [("tổ dân phố 7", 12)]),
        ("tdp 07: 5", TODAY, [("tổ dân phố 7", 5)]),
        ("thôn 3 12", TODAY, [("thôn 3", 12)]),
        ("thôn mai 4", TODAY, [("thôn Mai", 4)]),  # and not tomorrow
        ("sửa hôm qua 9", BEFORE, [("", 9)]),
        ("sửa thôn Đoài hôm qua 9", BEFORE, [("thôn Đoài", 9)]),
        ("correct yesterday 9", BEFORE, [("", 9)]),
        ("mục tiêu 30/11: thôn Đoài 1.200", BEFORE, [("thôn Đoài", 1200)]),
        ("thôn Đoài 12 hộ", TODAY, [("thôn Đoài", 12)]),
        ("mục tiêu thôn Trung khoảng 7", TODAY, [("thôn Trung", None)]),  # asked back
        ("thôn Đoài chưa có số", TODAY, [("thôn Đoài", None)]),
    ],
)
def test_figures_are_read_as_people_write_them(words: str, day: date, told: list[tuple[str, int]]) -> None:
    line = daily.read(words, TODAY, VILLAGES, TARGETS, 7)
    assert (line.day, figures_of(line), line.unfit, line.clear) == (day, told, "", True)


@pytest.mark.parametrize(
    "words",
    ["bao giờ xong", "hôm qua 5 hộ bhyt xóm trên 90p", "gọi 4K7", "thôn Đoài họp 3 buổi tối nay", "P19"],
)
def test_words_that_hold_more_than_figures_are_none(words: str) -> None:
    assert not daily.read(words, TODAY, VILLAGES, TARGETS, 7).clear


@pytest.mark.parametrize(
    ("words", "unfit"),
    [
        ("mục tiêu 20/11 9", "too-old"),
        ("mục tiêu ngày mai 9", "to-come"),  # though a village is called so
        ("mục tiêu 31/2 9", "no-such-day"),
        ("mục tiêu hôm qua 9 hôm nay 12", "several-days"),
        ("mục tiêu 24/11 9", ""),
    ],
)
def test_a_day_that_can_have_no_figure_is_named(words: str, unfit: str) -> None:
    assert daily.read(words, TODAY, VILLAGES, TARGETS, 7).unfit == unfit


@pytest.mark.parametrize(
    ("words", "which"),
    [("mục tiêu vneid 12", (0,)), ("mục tiêu trực tuyến 4", (1,)), ("mục tiêu 12", (0, 1))],
)
def test_a_target_is_known_by_a_word_of_its_name(words: str, which: tuple[int, ...]) -> None:
    assert daily.read(words, TODAY, VILLAGES, TARGETS, 7).which == which


@pytest.mark.parametrize(
    ("words", "goal", "measure"),
    [
        ("500 hộ cài VNeID", Goal(500, "hộ cài VNeID"), "hộ"),
        ("hộ cài VNeID: 1.500", Goal(1500, "hộ cài VNeID"), "hộ"),
        ("5.000 lượt người tập huấn", Goal(5000, "lượt người tập huấn"), "lượt người"),
        ("500 chỉ tiêu 6", Goal(500, "", 6), ""),
        ("500 households using VNeID", Goal(500, "households using VNeID"), "households"),
        ("cài VNeID cho 2 nghìn hộ", Goal(2000, "cài VNeID cho hộ"), ""),
        ("100% hộ", None, ""),
        ("500", None, ""),
        ("hộ cài VNeID", None, ""),
        ("0 hộ cài VNeID", None, ""),
    ],
)
def test_a_target_is_read_from_one_line(words: str, goal: Goal | None, measure: str) -> None:
    found = daily.goal_in(words)
    assert found == goal
    assert found is None or daily.measure_of(found.name) == measure


# --- the trend ---


def plan(goal: int = 450, base: int = 0, counts: str = "new", *, weekends: bool = True) -> Plan:
    """Nine days, of which 28 and 29 November are a weekend."""
    return Plan(
        goal=goal,
        base=base,
        first=date(2026, 11, 23),
        last=date(2026, 12, 1),
        counts="total" if counts == "total" else "new",
        works=lambda day: weekends or day.weekday() < 5,
    )


def each_day(*values: int, place: int = 1) -> list[Told]:
    return [
        Told(place, date(2026, 11, 23) + timedelta(days=number), value) for number, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "reached", "wanted", "expected", "reason"),
    [
        ((50, 50, 50, 50), 200, 200, 450, "moving"),
        ((50, 50, 50, 20), 170, 200, 382, "behind"),  # 170 + 170/4 × 5
        ((10, 0, 0, 0), 10, 200, 22, "behind"),
        ((500,), 500, 50, None, "reached"),
        ((50, 50), 100, 100, None, "too-few"),
        ((50,) * 9, 450, 450, 450, "reached"),
        ((40,) * 9, 360, 450, 360, "missed"),
    ],
)
def test_the_trend_is_reckoned_from_what_each_day_brought(
    values: tuple[int, ...], reached: int, wanted: int, expected: int | None, reason: str
) -> None:
    upto = date(2026, 11, 22) + timedelta(days=len(values))
    found = pace.standing(plan(), each_day(*values), [1], upto, 7)
    told = found.reached, found.wanted, found.expected, found.seen.reason
    assert told == (reached, wanted, expected, reason)


def test_a_week_without_anything_new_stands_still() -> None:
    found = pace.standing(plan(), each_day(50, 0, 0, 0, 0, 0, 0, 0), [1], date(2026, 11, 30), 7)
    assert (found.seen.reason, found.seen.colour, found.alarms) == ("still", "red", True)


def test_nobody_is_alarmed_before_half_of_the_days_have_passed() -> None:
    early = pace.standing(plan(), each_day(1, 1, 1, 1), [1], date(2026, 11, 26), 7)
    later = pace.standing(plan(), each_day(1, 1, 1, 1, 1), [1], date(2026, 11, 27), 7)
    assert (early.seen.alarms, early.alarms, later.alarms) == (True, False, True)


def test_a_day_without_a_figure_counts_as_none_and_is_no_gap() -> None:
    told = [each_day(50)[0], *each_day(0, 0, 0, 30)[3:]]
    assert pace.standing(plan(), told, [1], date(2026, 11, 26), 7).series == (0, 50, 50, 50, 80)


def test_on_working_days_only_days_off_are_neither_wanted_nor_left() -> None:
    found = pace.standing(
        plan(goal=350, weekends=False), each_day(50, 50, 50, 50, 50), [1], date(2026, 11, 29), 7
    )
    assert (found.wanted, found.expected, len(found.series)) == (250, 350, 6)


def test_what_was_told_on_a_day_off_counts_with_the_last_day_before_it() -> None:
    told = [*each_day(50, 50, 50, 50, 50), Told(1, date(2026, 11, 28), 7)]
    assert pace.standing(plan(weekends=False), told, [1], date(2026, 11, 29), 7).series[-1] == 257


def test_of_running_totals_a_day_is_known_once_every_place_has_told() -> None:
    total = plan(goal=800, base=300, counts="total")
    told = [*each_day(150, 160), *each_day(0, 200, 210, place=2)[1:]]
    found = pace.standing(total, told, [1, 2], date(2026, 11, 25), 7)
    assert found.series == (300, None, 360, 370)
    assert (found.reached, found.wanted) == (370, 467)


def test_the_expected_figure_is_the_one_by_which_it_is_judged() -> None:
    values = [Fraction(value) for value in (0, 50, 100, 150, 170)]
    seen = still.judged(values, 7, Fraction(450), 5)
    assert (seen.reason, seen.expected) == ("behind", still.expected(values, 7, 5))


def test_whoever_told_nothing_lately_is_named_and_a_nought_is_a_figure() -> None:
    told = [Told(1, date(2026, 11, 20), 5), Told(2, date(2026, 11, 29), 0)]
    assert pace.silent(told, [1, 2, 3], date(2026, 11, 24), date(2026, 11, 30)) == (1, 3)


@pytest.mark.parametrize(("counts", "value"), [("new", 12), ("total", 7)])
def test_a_place_has_the_sum_of_what_is_new_or_its_newest_total(counts: str, value: int) -> None:
    told = [Told(1, date(2026, 11, 24), 7), Told(1, date(2026, 11, 23), 5), Told(2, date(2026, 11, 23), 90)]
    assert pace.of_place(told, 1, "total" if counts == "total" else "new", TODAY) == value
    assert pace.of_place(told, 3, "new", TODAY) is None


# --- the picture ---


def made(villages: int) -> Progress:
    return Progress(
        title=_("{goal} {measure}: {name}")(goal=500, measure="hộ", name="hộ cài VNeID"),
        whose="xã Ứng Hòa, 9/11/2026 đến 23/12/2026",
        at="Số đến hết 29/11/2026",
        colour="amber",
        why="Với đà này đến 23/12/2026 mới được 420, chưa tới 500.",
        numbers=(("213", "đã được"), ("234", "đến lúc đó cần"), ("420", "đà này, đến 23/12")),
        goal=500,
        base=0,
        series=(0, *(10 * day for day in range(1, 22))),
        days=45,
        labels=("09/11", "01/12", "23/12"),
        key=("đã được", "cần đạt theo ngày"),
        places=tuple(Stand(f"thôn Kim Đường {number}", "17", number % 5 == 0) for number in range(villages)),
        silent="mấy ngày qua chưa có số",
        more="",
    )


@pytest.mark.parametrize("villages", [1, 8, 16])
def test_the_picture_of_a_target_fits_on_a_telephone(villages: int, wording: Wording) -> None:
    drawn = file(ordered(made(villages), lambda text: wording.word(text, "vi")))
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.size[0] == picture.WIDTH
        assert image.size[1] <= 1600
    assert len(drawn) < 150_000


# --- asking ---


@pytest.mark.parametrize(
    ("hour", "days_off", "first", "why"),
    [
        ("2026-11-13 17:00", True, "2026-11-09", ""),
        ("2026-11-14 17:00", True, "2026-11-09", ""),  # a Saturday of a campaign
        ("2026-11-14 17:00", False, "2026-11-09", "day-off"),
        ("2026-11-13 20:00", True, "2026-11-09", "quiet-hours"),  # after a power cut, say
        ("2026-11-13 07:00", True, "2026-11-09", "quiet-hours"),
        ("2026-11-13 17:00", True, "2026-11-16", "period-over"),  # it was put off meanwhile
    ],
)
def test_nobody_is_asked_at_night_on_a_day_that_does_not_count_or_outside_the_days(
    bookcase: Bookcase, hour: str, first: str, why: str, *, days_off: bool
) -> None:
    now = datetime.fromisoformat(hour).replace(tzinfo=VIETNAM).astimezone(UTC)
    target = Target(
        unit=1,
        commune="10402",
        name="hộ cài VNeID",
        measure="hộ",
        goal=500,
        first=date.fromisoformat(first),
        last=date(2026, 12, 23),
        every=True,
        days_off=days_off,
    )
    due = Due(name="targets.ask", about="targets:10402", at=now)
    turn = Turn(
        event=due,
        person=SOMEBODY,
        talk=Talk(),
        now=now,
        shelf=bookcase.shelf(),
        records=cast("Records", None),  # nothing that is kept is asked for
    )
    assert target_asking.unfit(turn, target, local_day(now)) == why


def test_whoever_is_asked_for_several_figures_answers_in_one_line(
    bookcase: Bookcase, wording: Wording
) -> None:
    now = datetime(2026, 11, 13, 10, tzinfo=UTC)
    base = Target(
        unit=1, commune="10402", name="hộ cài VNeID", measure="hộ", goal=500, first=BEFORE, last=TODAY
    )
    other = msgspec.structs.replace(base, name="hồ sơ trực tuyến", measure="hồ sơ")
    turn = Turn(
        event=Due(name="targets.ask", about="targets:10402", at=now),
        person=SOMEBODY,
        talk=Talk(),
        now=now,
        shelf=bookcase.shelf(),
        records=cast("Records", None),
    )
    here = (Place(1, "thôn Đoài"), Place(2, "thôn Trung"))
    asked = target_asking.question(turn, [Wanted(base, here), Wanted(other, here[:1])], "vi")
    assert wording.word(asked, "vi") == (
        "Hôm nay còn chờ số:\n"
        "• hộ cài VNeID: thôn Đoài, thôn Trung\n"
        "• hồ sơ trực tuyến: thôn Đoài\n"
        "Gõ một dòng là xong, như: mục tiêu hộ cài VNeID thôn Đoài 12, thôn Trung 7."
    )


def test_what_is_due_for_targets_is_put_every_night() -> None:
    assert ticker.DAILY[target_following.PLAN].hour == 0
