"""The picture of six periods: its words, and what of it is drawn."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import msgspec
import pytest
from PIL import Image
from sqlalchemy import update

from bot import making, picture
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.wording import Wording
from handlers import filing, trend
from handlers.made import Panel, Point, Trend
from handlers.rules import periods
from handlers.text import Text, as_is
from knowledge.folding import fold
from tests.bench.overview import fill, head_asks

LABELS = ("6/26", "7/26", "8/26", "9/26", "10/26", "11/26")
SHARES = (26.1, 27.5, None, 28.46, 28.72, 30.26)


def panel(values: tuple[float | None, ...] = SHARES, goal: float | None = 40.0, begins: int = -1) -> Panel:
    points = tuple(
        Point(
            label,
            value,
            "chưa có số liệu" if value is None else f"{value:.2f}%".replace(".", ","),
            place == begins,
        )
        for place, (label, value) in enumerate(zip(LABELS, values, strict=True))
    )
    name = "6. Tỷ lệ dịch vụ công trực tuyến có phát sinh hồ sơ"
    return Panel(name, points, goal, "" if goal is None else "Mục tiêu 40,00%")


def drawing(*panels: Panel, broken: str = "") -> Trend:
    return Trend("Báo cáo chuyển đổi số", "Xã Ứng Hòa, sáu kỳ đến tháng 11/2026", "Lúc 08:30", panels, broken)


def pixels(made: Trend) -> tuple[tuple[int, int], bytes]:
    with Image.open(io.BytesIO(picture.trend(made))) as page:
        return page.size, page.convert("L").tobytes()


def test_three_indicators_fit_on_a_telephone() -> None:
    (wide, high), _grey = pixels(
        drawing(panel(), panel(), panel(), broken="Từ tháng 9/2026 là chuỗi số liệu mới.")
    )
    assert wide == picture.WIDTH
    assert high <= 1600


@pytest.mark.parametrize(
    "other",
    [
        panel((26.1, 27.5, 28.0, 28.46, 28.72, 30.26)),  # a figure where there was none
        panel(goal=None),
        panel(begins=4),  # a series that breaks
    ],
)
def test_what_differs_is_seen_without_colours(other: Panel) -> None:
    assert pixels(drawing(panel())) != pixels(drawing(other))


def test_a_series_that_breaks_is_not_joined() -> None:
    """Between two dots of one height the line is dark, and white on both sides of where a series begins."""
    flat: tuple[float | None, ...] = (30.0,) * 6
    found = []
    for begins in (-1, 3):
        size, grey = pixels(drawing(panel(flat, None, begins)))
        x = round(picture.MARGIN + (picture.WIDTH - 2 * picture.MARGIN) / 6 * 2.8)  # beside the dot of 8/26
        bottom = size[1] - picture.MARGIN - 56
        y = bottom - picture.HIGH // 2 - 10
        found.append(grey[y * size[0] + x] < 128)
    assert found == [True, False]


@pytest.mark.parametrize(("figures", "least", "most"), [((60.0, 58.33), 5, 20), ((30.0, 60.0), 60, 100)])
def test_a_small_step_is_drawn_small(figures: tuple[float, float], least: int, most: int) -> None:
    (wide, high), grey = pixels(drawing(panel((None, None, None, None, *figures), None)))
    bottom = high - picture.MARGIN - 56
    each = (picture.WIDTH - 2 * picture.MARGIN) / 6
    dots = []
    for place, size in ((4, 9), (5, 13)):
        x = round(picture.MARGIN + each * (place + 0.5))
        below = next(y for y in range(bottom - 4, 0, -1) if grey[y * wide + x] < 128)
        dots.append(below - size)
    assert least <= abs(dots[0] - dots[1]) * 100 / picture.HIGH <= most


def test_nothing_known_is_drawn_as_empty() -> None:
    (_wide, high), grey = pixels(drawing(panel((None,) * 6, None)))
    assert high > picture.HIGH
    assert min(grey) < 128


def test_an_order_is_made_as_it_was_stored(wording: Wording) -> None:
    made = msgspec.structs.replace(drawing(panel()), title=as_is("Báo cáo"))
    order = making.ordered(made, lambda text: wording.word(text, "vi"))
    assert making.file(order).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "number", "unit"),
    [
        ("xem ảnh sáu tháng", None, None),
        ("ảnh 6 tháng chỉ tiêu 5", "5", None),
        ("biểu đồ 6 kỳ gần nhất của xã Vân Đình", None, "xa van dinh"),
        ("six months", None, None),
        ("show me the last six months of indicator 5", "5", None),
    ],
)
def test_the_words_are_heard(words: str, number: str | None, unit: str | None) -> None:
    asked = trend._ASKED.fullmatch(fold(words))
    assert asked is not None
    assert (asked["n"] or asked["number"], asked["unit"] or asked["of"]) == (number, unit)


@pytest.mark.parametrize("words", ["ảnh", "sáu tháng đầu năm", "báo cáo 6 tháng", "ảnh hộ chiếu"])
def test_other_words_are_left_alone(words: str) -> None:
    assert trend._ASKED.fullmatch(fold(words)) is None


def test_a_merger_cuts_the_series_and_is_said(url: str, bookcase: Bookcase, wording: Wording) -> None:
    """Commune 2 takes the place of 3 on 1 September and of 5 on 1 November; commune 4 goes on as it was."""
    database, shelf = Database(url), bookcase.shelf()
    with database.write() as connection:
        fill(connection, shelf, months=8, communes=4)
        for one, day in ((3, (2026, 8, 31)), (5, (2026, 10, 31))):
            ends = datetime(*day, 17, tzinfo=UTC)
            connection.execute(update(t.units).where(t.units.c.id == one).values(became=2, until=ends))
    with database.read() as connection:
        turn = head_asks(connection, shelf)
        form = shelf.forms.on("monthly", turn.now.date())
        begins, said = {}, {}
        for number, month in ((2, "2026-11"), (2, "2026-10"), (2, "2026-08"), (4, "2026-11")):
            period, unit = periods.period_named(form, month), turn.people.unit(number)
            assert period is not None
            assert unit is not None
            made = trend.chart(turn, filing.of(turn, unit, form, period))
            begins[number, month] = [point.label for point in made.panels[0].points if point.begins]
            said[number, month] = wording.word(made.broken, "vi") if isinstance(made.broken, Text) else ""
    database.close()
    assert begins == {
        (2, "2026-11"): ["9/26", "11/26"],
        (2, "2026-10"): ["9/26"],
        (2, "2026-08"): [],
        (4, "2026-11"): [],
    }
    assert said == {
        (2, "2026-11"): "Từ tháng 9/2026 và tháng 11/2026 là chuỗi số liệu mới, sau sáp nhập.",
        (2, "2026-10"): "Từ tháng 9/2026 là chuỗi số liệu mới, sau sáp nhập.",
        (2, "2026-08"): "",
        (4, "2026-11"): "",
    }
