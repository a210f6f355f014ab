"""How offices stand with a report: counted as one would by hand, on both databases, and drawn so that it is read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from PIL import Image
from sqlalchemy import delete, insert, select, update

from bot import making, picture
from bot.lists.sheets import LETTERS
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.wording import Wording
from handlers import overview
from handlers.made import Chart, Count, Month, Office, State
from handlers.records.media import MADE, Thing
from handlers.talk import Incoming
from handlers.text import Text
from handlers.turn import Turn
from tests.bench.overview import HEAD, NOW, OFFICE, fill, head_asks, take_back

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
    counted, absent, four = told.splitlines()
    assert absent.startswith("  Chưa gửi: ")
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
        f"  Chưa gửi: {names[7]}.",
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


# --- those for which a picture has no room ---


def presses(database: Database, bookcase: Bookcase, context: str, person: int = HEAD) -> Turn | None:
    """Press the tap behind a picture; None where it leads nowhere."""
    with database.read() as connection:
        turn = head_asks(connection, bookcase.shelf())
        turn.person = msgspec.structs.replace(turn.person, id=person)
        return turn if overview.further(turn, context) else None


def test_every_office_of_a_province_is_named_once_page_after_page(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=2)
        units = connection.execute(select(t.units.c.name).where(t.units.c.id != OFFICE))
        names = sorted(name.partition(",")[0] for (name,) in units)
    context, named, pages = f"{OFFICE}:monthly:2026-11/0", [], 0
    while context:
        turn = presses(database, bookcase, context)
        assert turn is not None
        (said,) = turn.said
        head, *rows = wording.word(said.text, "vi").splitlines()
        first, last = overview.NAMED * pages + 1, min(overview.NAMED * (pages + 1), len(names))
        assert head == f"Báo cáo tháng 11/2026, Hà Nội: đơn vị {first} đến {last} trên 126."
        for row in rows:
            if row.startswith("• "):
                named += [one.partition(" (")[0] for one in row.partition(": ")[2].split(", ")]
        pages += 1
        context = said.choices[0].context if said.choices else ""
    assert sorted(named) == names
    assert pages == 7
    # Those missing come first, those in time last.
    assert named[:2] != sorted(named)[:2]


@pytest.mark.parametrize(
    ("communes", "named"), [(126, "đơn vị 21 đến 40 trên 126."), (10, "Hà Nội, 10 đơn vị.")]
)
def test_the_others_are_named_when_somebody_asks_for_them(
    database: Database, bookcase: Bookcase, wording: Wording, communes: int, named: str
) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=1, communes=communes)
    with database.read() as connection:
        turn = head_asks(connection, bookcase.shelf())
        event = turn.event
        assert isinstance(event, Incoming)
        turn.event = msgspec.structs.replace(event, text="Tình hình các xã còn lại")
        assert overview.typed_card(turn)
    (said,) = turn.said
    assert named in wording.word(said.text, "vi")


def test_whoever_looks_at_nobody_below_is_named_none(database: Database, bookcase: Bookcase) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=1, communes=10)
    assert presses(database, bookcase, f"{OFFICE}:monthly:2026-11/0", person=3) is None
    assert presses(database, bookcase, "nonsense") is None
    turn = presses(database, bookcase, f"{OFFICE}:monthly:2026-11/20")
    assert turn is not None
    assert [said.text.msgid for said in turn.said] == ["All offices have been named."]


@pytest.mark.parametrize(
    ("communes", "opens", "offered"),
    [(126, True, "/20"), (10, True, ""), (126, False, "/0"), (10, False, "/0")],
)
def test_a_picture_offers_those_it_has_no_room_for_and_all_where_it_cannot_be_seen(
    database: Database, bookcase: Bookcase, communes: int, opens: bool, offered: str
) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=1, communes=communes)
        about = f"{MADE}:{overview.PICTURE}:{OFFICE}:monthly:2026-11"
        thing = Thing(code="abc", person=HEAD, kind="photo", about=about, name="a.png", at=NOW)
        kept = {"code": "abc", "account": "made", "ref": "", "conversation": HEAD, "state": "kept", "at": NOW}
        connection.execute(insert(t.media).values(about=about, kind="photo", name="a.png", size=9, **kept))
        # The Bot Platform shows no picture of itself.
        connection.execute(
            insert(t.contacts).values(account="zalo_bot:1", chat="a", conversation=HEAD, heard=NOW)
        )
    with database.read() as connection:
        turn = head_asks(connection, bookcase.shelf())
        office = msgspec.structs.replace(turn.shelf.office, opens=opens)
        turn.shelf = msgspec.structs.replace(turn.shelf, office=office)
        overview.show(turn, thing)
    (said,) = turn.said
    assert bool(said.media) == opens
    assert [choice.context.partition("/")[1:] for choice in said.choices] == (
        [("/", offered.strip("/"))] if offered else []
    )
