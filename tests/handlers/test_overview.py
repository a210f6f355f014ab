"""How offices stand with a report: counted as one would by hand, on both databases, and drawn so that it is read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PIL import Image
from sqlalchemy import delete, select, update

from bot import making, picture
from bot.lists.sheets import LETTERS
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.wording import Wording
from handlers import overview
from handlers.made import Chart, Count, Month, Office, State
from handlers.text import Text
from tests.bench.overview import OFFICE, fill, head_asks, take_back

AFTERWARDS = datetime(2026, 11, 19, tzinfo=UTC)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


def asked(database: Database, bookcase: Bookcase, wording: Wording) -> tuple[str, Chart | None]:
    """Give what the head of the province is told, and what is drawn."""
    with database.read() as connection:
        turn = head_asks(connection, bookcase.shelf())
        unit = turn.people.unit(OFFICE)
        assert unit is not None
        told = overview.told(turn, unit)
    made = turn.makings[0].made if turn.makings else None
    assert made is None or isinstance(made, Chart)
    return (wording.word(told, "vi") if told else ""), made


def test_the_count_is_what_one_counts_by_hand(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    # Ten communes, 2 to 11: 7 has not sent, 9 sent a day late, the other eight were in time.
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=3, communes=10)
    told, chart = asked(database, bookcase, wording)
    counted, four = told.splitlines()
    assert counted == "• Báo cáo tháng 11/2026: 9 trên 10 đơn vị đã gửi (8 trong hạn, 1 chậm), 1 chưa gửi."
    # All figures are those of the month before, which needs a reason but for one of seven: a stock may stand still.
    assert four == "  Trong đó: đúng 9/63 chỉ tiêu, đủ 63/63, sạch 9/9 bản, sống 8/9."
    assert chart is not None
    assert [(count.state, count.number) for count in chart.counts] == [
        ("on-time", 8), ("late", 1), ("missing", 1),
    ]  # fmt: skip
    assert [office.state for office in chart.offices] == ["missing", "late", *["on-time"] * 8]
    assert chart.months == (Month("9/26", 9, 1, 0), Month("10/26", 9, 1, 0), Month("11/26", 8, 1, 1))


def test_an_office_counts_from_its_first_report_on_and_not_where_nobody_was(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=3, communes=10)
        of = t.reports.c
        connection.execute(delete(t.reports).where(of.unit == 3, of.period < "2026-11"))
        connection.execute(update(t.roles).where(t.roles.c.place == 7).values(since=AFTERWARDS))
        connection.execute(delete(t.reports).where(of.unit == 7))
    told, chart = asked(database, bookcase, wording)
    assert "9 trên 9 đơn vị đã gửi (8 trong hạn, 1 chậm), 0 chưa gửi" in told
    assert chart is not None
    assert chart.months == (Month("9/26", 7, 1, 0), Month("10/26", 7, 1, 0), Month("11/26", 8, 1, 0))


def test_a_report_that_is_corrected_or_was_returned_has_come_all_the_same(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    # As above; 3 came in time and is taken back, 4 came in time and was returned, 9 came late and was returned.
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=3, communes=10)
        take_back(connection, 3, "2026-11", "draft")
        take_back(connection, 4, "2026-11", "returned")
        take_back(connection, 9, "2026-11", "returned")
        take_back(connection, 4, "2026-10", "draft")
        units = connection.execute(select(t.units.c.id, t.units.c.name))
        names = {number: name.partition(",")[0] for number, name in units}
    told, chart = asked(database, bookcase, wording)
    corrected = ", ".join(names[number] for number in (3, 4, 9))
    assert told.splitlines() == [
        "• Báo cáo tháng 11/2026: 9 trên 10 đơn vị đã gửi (8 trong hạn, 1 chậm), 1 chưa gửi.",
        "  Trong đó: đúng 9/63 chỉ tiêu, đủ 63/63, sạch 9/9 bản, sống 8/9.",
        f"  Đang sửa, chờ gửi lại: 3 ({corrected}).",
        f"  Kỳ tháng 10/2026 còn phải gửi: 1 ({names[4]}).",
    ]
    assert chart is not None
    words = [wording.word(office.words, "vi") for office in chart.offices if isinstance(office.words, Text)]
    assert words.count("đang sửa") == 3
    assert [office.state for office in chart.offices] == ["missing", "late", *["on-time"] * 8]
    assert chart.months == (Month("9/26", 9, 1, 0), Month("10/26", 9, 1, 0), Month("11/26", 8, 1, 1))


def test_who_has_no_office_below_gets_no_picture(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=1, communes=1)
        connection.execute(update(t.units).where(t.units.c.id == 2).values(commune="48999"))
    assert asked(database, bookcase, wording) == ("", None)


def test_a_province_of_126_fits_on_one_picture_for_a_telephone(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf())
    _told, chart = asked(database, bookcase, wording)
    assert chart is not None
    assert len(chart.offices) == overview.NAMED
    assert len(chart.months) == overview.MONTHS
    drawn = making.file(making.ordered(chart, lambda text: wording.word(text, "vi")))
    with Image.open(io.BytesIO(drawn)) as page:
        assert page.width == 1080
        assert page.height <= 1600
    assert len(drawn) < 300_000  # some telephones pay by the megabyte


# --- the picture ---


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [picture.INK, picture.QUIET, *picture.COLOURS.values()])
def test_every_colour_has_enough_contrast_on_white(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_the_letters_have_every_mark() -> None:
    font = picture._font(picture.SMALL)
    nothing = bytes(font.getmask("\uffff"))
    letters = sorted(LETTERS | {letter.upper() for letter in LETTERS} | set("…–“”"))
    assert [letter for letter in letters if bytes(font.getmask(letter)) == nothing] == []
    assert bytes(font.getmask("ế")) != bytes(font.getmask("ê"))


def states_in_grey(chart: Chart) -> bytes:
    with Image.open(io.BytesIO(picture.drawn(chart))) as page:
        return page.convert("L").point(lambda value: 255 * (value > 200)).tobytes()


def test_states_differ_without_their_colours() -> None:
    def chart(state: State) -> Chart:
        return Chart("t", "w", "a", (Count(state, "x", 3),), (Office(state, "xã", ""),), "", "", (), ())

    assert len({states_in_grey(chart(state)) for state in picture.COLOURS}) == len(picture.COLOURS)


def test_a_name_that_is_too_long_is_cut_with_a_mark() -> None:
    assert picture._cut("phường Văn Miếu - Quốc Tử Giám", picture.SMALL, 200).endswith("…")
    assert picture._cut("xã Ô Diên", picture.SMALL, 200) == "xã Ô Diên"
