"""What heads see: ranking, indicators that stand still, the four measures; tables that an officer can check by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, insert, select, update

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database, Stale
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import beside, overview, ranking, stagnation
from handlers.records.people import Person
from handlers.records.reports import Report
from handlers.rules import measures, periods, reporting, still
from handlers.rules.measures import Measures
from handlers.rules.ranking import NONE_GIVEN, Figure, middle, most_lost, ranked, summed
from handlers.rules.validation import NO_DATA, Value
from handlers.talk import Incoming, Talk
from handlers.turn import Turn
from knowledge.form_files import SHIPPED, examined, load_forms
from knowledge.forms import Forms, RankPart
from tests.bench.overview import OFFICE, fill, head_asks, take_back

GOLDEN = Path(__file__).parent / "golden"
PARTS = (RankPart("on-time", 40), RankPart("signed", 30), RankPart("services", 30))
COLOURS = {"xanh": "green", "vàng": "amber", "đỏ": "red", "chưa xét": "unknown"}
MONTHLY = load_forms()["monthly"]


def table(name: str) -> list[list[str]]:
    """Read a table: cells between bars; the first line names the columns."""
    lines = (GOLDEN / name).read_text("utf-8").splitlines()
    return [line.split(" | ") for line in lines if not line.startswith("#")][1:]


def number(written: str) -> Fraction | None:
    return None if written == "-" else Fraction(written.replace(",", "."))


@pytest.mark.parametrize("row", table("stagnation.txt"), ids=lambda row: row[-1])
def test_an_indicator_has_the_colour_of_the_table(row: list[str]) -> None:
    span, values, target, left, colour, reason, told, _why = row
    seen = still.judged(
        [number(one) for one in values.split()], int(span), number(target), None if left == "-" else int(left)
    )
    assert (seen.colour, seen.reason, seen.alarms) == (COLOURS[colour], reason, told == "có")


def figure(written: str) -> Figure:
    if written == "-":
        return NONE_GIVEN
    part, whole = written.split("/")
    return Figure(int(part), int(whole))


@pytest.mark.parametrize("row", table("ranking.txt"), ids=lambda row: row[-1])
def test_offices_have_the_places_of_the_table(row: list[str]) -> None:
    offices, wanted, _why = row
    entries, names = {}, {}
    for place, written in enumerate(offices.split("; ")):
        name, *figures = written.split()
        names[place] = name
        entries[place] = {part.of: figure(one) for part, one in zip(PARTS, figures, strict=True)}
    placed = ranked(PARTS, entries)
    assert (
        "; ".join(f"{names[one.unit]} {one.place} {one.score}".replace(".", ",") for one in placed) == wanted
    )
    assert [one.tied for one in placed] == [
        sum(other.place == one.place for other in placed) - 1 for one in placed
    ]


def test_together_are_sums_and_no_averages_of_percentages() -> None:
    # 1/1 = 100 % and 1/99 = 1.01 %: the average would be 50.5 %, the truth is 2 of 100.
    assert summed([Figure(1, 1), Figure(1, 99), NONE_GIVEN]) == Figure(2, 100)
    assert summed([NONE_GIVEN]) == NONE_GIVEN


def test_in_the_middle_is_what_half_of_the_offices_reach() -> None:
    assert middle([Figure(1, 10), Figure(9, 10), Figure(5, 10), Figure(0, 0), NONE_GIVEN]) == Figure(5, 10)
    assert middle([Figure(1, 10), Figure(2, 10), Figure(8, 10), Figure(9, 10)]) == Figure(2, 10)
    assert middle([NONE_GIVEN, Figure(0, 0)]) is None


def test_the_points_that_are_shown_add_up_to_the_score_that_is_shown() -> None:
    parts = tuple(RankPart(of=str(place), points=20) for place in range(5))
    thirds = {part.of: Figure(2, 3) for part in parts}  # 13.333… each, 66.666… together
    (one,) = ranked(parts, {1: thirds})
    assert one.score == Decimal("66.67")
    assert [str(got) for got in one.got.values()] == ["13.34", "13.34", "13.33", "13.33", "13.33"]
    for part in range(1, 60):
        shares = {each.of: Figure(part + place, 97 + place) for place, each in enumerate(parts)}
        (one,) = ranked(parts, {1: shares | {"4": Figure(97, 97)}})
        assert sum(got for got in one.got.values() if got is not None) == one.score


def test_it_is_said_where_most_points_were_lost() -> None:
    (one,) = ranked(PARTS, {1: {"on-time": Figure(1, 1), "signed": Figure(9, 10), "services": Figure(1, 4)}})
    assert most_lost(PARTS, one) == PARTS[2]
    (whole,) = ranked(PARTS, {1: {part.of: Figure(1, 1) for part in PARTS}})
    assert most_lost(PARTS, whole) is None


# --- the on-time rate, counted by hand ---


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.mark.parametrize("over", ["period", "year"])
def test_the_rate_of_reports_in_time_is_what_one_counts_by_hand(
    database: Database, bookcase: Bookcase, over: str
) -> None:
    """Ten communes, 2 to 11, over three months: 9 is always a day late, 7 has not sent the last one.

    What is being corrected since (3, and 4 in the month before) or was returned (5) came when it came.
    """
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=3, communes=10)
        take_back(connection, 3, "2026-11", "draft")
        take_back(connection, 4, "2026-10", "draft")
        take_back(connection, 5, "2026-11", "returned")
    with database.read() as connection:
        turn = head_asks(connection, bookcase.shelf())
        unit = turn.people.unit(OFFICE)
        assert unit is not None
        rule = MONTHLY.ranking
        assert rule is not None
        form = msgspec.structs.replace(MONTHLY, ranking=msgspec.structs.replace(rule, over=over))
        board = ranking.counted(turn, form, overview.below(turn, unit))
    assert board is not None
    assert board.period.code == "2026-11"
    in_time = {number: each["on-time"] for number, each in board.entries.items()}
    every = 1 if over == "period" else 3
    assert in_time[2] == Figure(every, every)
    assert in_time[3] == in_time[4] == in_time[5] == Figure(every, every)
    assert in_time[9] == Figure(0, every)
    assert {each["signed-documents"] for each in (board.entries[3], board.entries[5])} == {
        Figure(9 * every, 11 * every)
    }
    assert in_time[7] == Figure(every - 1, every)  # an office owes from its first report on
    assert summed(in_time.values()) == (Figure(8, 10) if over == "period" else Figure(26, 30))


def test_who_came_after_the_day_owed_nothing(database: Database, bookcase: Bookcase) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=1, communes=10)
        period = periods.period_named(MONTHLY, "2026-11")
        assert period is not None
        over = reporting.due_end(MONTHLY, period, bookcase.shelf().calendar)
        connection.execute(update(t.roles).where(t.roles.c.place == 7).values(since=over))
    with database.read() as connection:
        turn = head_asks(connection, bookcase.shelf())
        unit = turn.people.unit(OFFICE)
        assert unit is not None
        board = ranking.counted(turn, MONTHLY, overview.below(turn, unit))
    assert board is not None
    assert 7 not in board.entries
    assert len(board.placed) == 9


def test_where_nobody_has_sent_nobody_is_ranked(database: Database, bookcase: Bookcase) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=2, communes=10)
        connection.execute(delete(t.reports).where(t.reports.c.period == "2026-11"))
    with database.read() as connection:
        turn = head_asks(connection, bookcase.shelf())
        unit = turn.people.unit(OFFICE)
        assert unit is not None
        offices = overview.below(turn, unit)
        now = ranking.counted(turn, MONTHLY, offices)
        before = ranking.counted(turn, MONTHLY, offices, periods.period_named(MONTHLY, "2026-10"))
    assert now is not None
    assert before is not None
    assert now.empty
    assert len(now.entries) == 10  # each of them owed one
    assert len(before.placed) == 10


@pytest.mark.parametrize(
    ("seen_by", "released", "told", "held"),
    [
        ("heads", "province", "dành cho lãnh đạo", False),
        ("officers", "province", "**thứ 1 trên 10**", True),
        ("officers", "due", "**thứ 1 trên 10**", False),
    ],
)
def test_who_reports_sees_the_ranking_only_where_the_form_says_so(
    database: Database,
    bookcase: Bookcase,
    wording: Wording,
    seen_by: str,
    released: str,
    told: str,
    held: bool,
) -> None:
    rule = MONTHLY.ranking
    assert rule is not None
    rule = msgspec.structs.replace(rule, seen_by=seen_by, released=released)
    form = msgspec.structs.replace(MONTHLY, ranking=rule)
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=2, communes=10)
    with database.read() as connection:
        asked = head_asks(connection, bookcase.shelf())
        turn = Turn(
            event=Incoming(account="web", chat="a", sender="a", text="Xã mình đứng thứ mấy?"),
            person=Person(id=2, lang="vi"),
            talk=Talk(met=True),
            now=asked.now,
            shelf=msgspec.structs.replace(bookcase.shelf(), forms=Forms([form])),
            records=StoredRecords(connection, asked.now),
            staff=True,
        )
        assert ranking.typed_card(turn)
    (said,) = turn.said
    words = wording.word(said.text, "vi")
    assert told in words
    assert ("chưa công bố bảng xếp hạng kỳ này" in words) == held
    assert any(choice.name == "rank-table" for choice in said.choices) == (seen_by == "officers" and not held)


def test_the_province_hears_what_stands_still_in_its_communes(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    """Ten communes sent the same figures five times: more than one answer names, and not the province itself."""
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=5, communes=10)
    with database.read() as connection:
        asked = head_asks(connection, bookcase.shelf())
        turn = Turn(
            event=Incoming(account="web", chat="a", sender="a", text="Chỉ tiêu đứng yên?"),
            person=asked.person,
            talk=Talk(met=True),
            now=asked.now,
            shelf=bookcase.shelf(),
            records=StoredRecords(connection, asked.now),
            staff=True,
        )
        assert stagnation.typed_card(turn)
    (said,) = turn.said
    head, *rows = wording.word(said.text, "vi").splitlines()
    assert head.startswith("Trong 10 đơn vị cấp dưới, theo báo cáo mới nhất: đỏ ở 10")
    assert len(rows) == 9
    assert all(row.startswith("• **đỏ**: ") for row in rows[:8])
    assert rows[8].startswith("• Và ")


def test_of_two_who_release_a_ranking_at_once_one_is_too_late(database: Database, bookcase: Bookcase) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=1, communes=3)
        kept = StoredRecords(connection, head_asks(connection, bookcase.shelf()).now).publications
        kept.release(OFFICE, "monthly", "2026-11", 1)
        kept.release(OFFICE, "monthly", "2026-11", 2, held=True)
        with pytest.raises(Stale):
            kept.release(OFFICE, "monthly", "2026-11", 2)
        said = kept.releases(OFFICE, "monthly", "2026-11")
        assert [(one.number, one.withdrawn) for one in said] == [(1, False), (2, True)]
        assert kept.releases(OFFICE, "monthly", "2026-10") == ()


@pytest.mark.parametrize(("communes", "told"), [(4, True), (3, False)])
def test_a_head_sees_the_own_shares_beside_those_before_and_at_least_three_others(
    database: Database, bookcase: Bookcase, wording: Wording, communes: int, told: bool
) -> None:
    """Commune 2 signed 5 of 11 after 9 of 11, and nothing else moved; the others have 9 of 11."""
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=2, communes=communes)
        which = t.reports.c.unit == 2, t.reports.c.period == "2026-11"
        details = connection.execute(select(t.reports.c.details).where(*which)).scalar_one()
        report = msgspec.json.decode(details, type=Report)
        (sent,) = report.submissions
        values = {**sent.values, "signed-documents": Value(5, 11)}
        report = msgspec.structs.replace(
            report, submissions=(msgspec.structs.replace(sent, values=values),), values=values
        )
        connection.execute(
            update(t.reports).where(*which).values(details=msgspec.json.encode(report).decode())
        )
    with database.read() as connection:
        turn = head_asks(connection, bookcase.shelf())
        unit = turn.people.unit(2)
        assert unit is not None
        told_of = beside.told(turn, unit)
    assert told_of is not None
    head, first, *rest = wording.word(told_of[0], "vi").splitlines()
    # Of fewer than three others the middle would tell whose it is; the period before is one's own.
    assert ("bên cạnh 3 đơn vị khác" in head) == told
    assert first.endswith("45,45%, kỳ trước 81,82%" + (", mức giữa 81,82%" if told else ""))
    assert len(rest) == 3
    assert rest[-1].startswith("  Còn lại: chỉ tiêu ")


# --- the four measures ---


OCTOBER = {
    "paperless-meetings": Value(7, 12),
    "signed-documents": Value(201, 210),
    "malware-protection": Value(4, 44),
    "official-email": Value(57, 61),
    "online-transactions": Value(412),
    "services-used-online": Value(112, 390),
    "files-handled-online": Value(598, 631),
}
NOVEMBER = {
    **OCTOBER,
    "paperless-meetings": Value(9, 11),
    "signed-documents": NO_DATA,
    "malware-protection": Value(2, 46),
    "online-transactions": Value(1284, reason="thu tiền vệ sinh qua mã QR"),
    "files-handled-online": Value(612, 640),
}


def test_the_four_measures_of_a_report_are_counts() -> None:
    # Of seven one has no figure, so nothing of it can be right.  Two are unusual: 1,284 is three times 412, and
    # services-used-online is a flow with the same figures.
    found = measures.measured(MONTHLY, NOVEMBER, OCTOBER, versions=1, in_time=True)
    assert found == Measures(reports=1, indicators=7, right=4, full=6, clean=1, alive=1)
    again = measures.measured(MONTHLY, NOVEMBER, OCTOBER, versions=2, in_time=False)
    assert (again.clean, again.alive) == (0, 0)
    assert measures.together([found, again]) == Measures(2, 14, 8, 12, 1, 1)


# --- as data ---


def faults(tmp_path: Path, written: str) -> list[str]:
    (tmp_path / "monthly.yaml").write_text(f"like: monthly\nversion: 2\n{written}", encoding="utf-8")
    return [fault.name for fault in examined(SHIPPED, tmp_path)[1]]


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("ranking: {parts: [{of: nothing, points: 10}]}", "unknown-indicator"),
        ("ranking: {parts: [{of: online-transactions, points: 10}]}", "no-share"),
        ("ranking: {parts: [{of: on-time, points: 10}, {of: on-time, points: 5}]}", "asked-twice"),
        ("ranking: {parts: [{of: on-time, points: 0}]}", "points"),
        ("ranking: {parts: [{of: on-time, points: 1}], seen_by: everybody}", "unfit"),
        ("still: [{of: nothing}]", "unknown-indicator"),
        ("still: [{of: signed-documents, periods: 0}]", "still-periods"),
        ("still: [{of: signed-documents, target: 90}]", "target-half"),
        ("lock: {after: -1}", "lock"),
    ],
)
def test_what_a_form_says_of_ranking_and_locks_is_checked(tmp_path: Path, written: str, fault: str) -> None:
    assert faults(tmp_path, written) == [fault]


def test_a_form_that_asks_less_ranks_and_watches_less(tmp_path: Path) -> None:
    assert faults(tmp_path, "asks: [signed-documents]") == []
    form = load_forms(SHIPPED, tmp_path)["monthly"]
    assert form.ranking is not None
    assert [part.of for part in form.ranking.parts] == ["on-time", "signed-documents"]
    assert [rule.of for rule in form.still] == ["signed-documents"]


def test_a_period_is_locked_after_so_many_working_days(bookcase: Bookcase) -> None:
    calendar, period = bookcase.shelf().calendar, periods.period_named(MONTHLY, "2026-12")
    assert period is not None
    # Due Thursday 17/12; ten working days behind it, over New Year's Day and weekends, are up on Monday 4/1.
    assert reporting.last_in_time(MONTHLY, period, calendar) == date(2026, 12, 17)
    locked = reporting.locked_from(MONTHLY, period, calendar)
    assert locked is not None
    assert reporting.local_day(locked) == calendar.add_working_days(date(2026, 12, 17), 10) + timedelta(
        days=1
    )
    assert reporting.locked_from(msgspec.structs.replace(MONTHLY, lock=None), period, calendar) is None


def test_the_score_of_a_place_has_two_decimals(wording: Wording) -> None:
    (one,) = ranked(PARTS, {1: {"on-time": Figure(1, 3), "signed": Figure(2, 3), "services": Figure(0, 0)}})
    assert one.score == Decimal("47.62")  # (40/3 + 20) of 70
    assert wording.word(ranking._shown(Figure(1, 3)), "vi") == "1/3 = 33,33%"


# --- a merged unit's series begins anew ---


def test_that_the_series_of_a_merged_unit_begins_is_told_in_its_first_period(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=2, communes=10)
        old = {"kind": "office", "name": "xã Cũ, Hà Nội", "commune": "10402", "until": date_at("2026-11-01")}
        connection.execute(insert(t.units).values(id=99, **old, became=2))
        connection.execute(update(t.units).where(t.units.c.id == 2).values(since=date_at("2026-11-01")))
    with database.read() as connection:
        turn = head_asks(connection, bookcase.shelf())
        unit, own = turn.people.unit(OFFICE), turn.people.unit(2)
        assert unit is not None
        assert own is not None
        name = overview.called(own)
        now = overview.told(turn, unit)
        assert now is not None
        assert f"Chuỗi số mới bắt đầu từ kỳ này, do nhập đơn vị: {name}." in wording.word(now, "vi", "anh")
        october = periods.period_named(MONTHLY, "2026-10")
        assert october is not None
        before = overview.told(turn, unit, (MONTHLY, october))
        assert before is not None
        assert "Chuỗi số" not in wording.word(before, "vi", "anh")
        turn.event = msgspec.structs.replace(turn.event, text="xếp hạng")
        turn.said.clear()
        assert ranking.typed_card(turn)
        shown = wording.word(turn.said[-1].text, "vi", "anh")
        assert f"{name} do nhập đơn vị mà có: chuỗi số bắt đầu từ tháng 11/2026." in shown


def date_at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=reporting.VIETNAM)
