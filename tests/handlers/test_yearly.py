"""A year of reports by which offices and their heads are evaluated: counts that one can check by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, insert, select, update

from bot import making
from bot.lists import xlsx
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import evaluation, yearly
from handlers.made import Sheet
from handlers.records.people import Person
from handlers.records.reports import Report, Submission
from handlers.rules import periods
from handlers.rules import yearly as rule
from handlers.rules.measures import Measures
from handlers.rules.validation import NO_DATA, Value
from handlers.rules.yearly import Judged, Tally
from handlers.talk import Incoming, Talk
from handlers.turn import Turn
from knowledge.calendar import Calendar
from knowledge.form_files import load_forms
from tests.bench.overview import HEAD, LONG_AGO, NOW, OFFICE, fill

MONTHLY = load_forms()["monthly"]
YEAR = 2026
DUE = 11  # periods of that year that nobody can send in time any more on 20 November
FIRST, SECOND = 201, 202  # two heads of one commune, one after the other
SUMMER = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def province(database: Database, bookcase: Bookcase) -> Iterator[Connection]:
    """Ten communes, 2 to 11, over 14 months: 9 is always a day late, 7 has not sent the last one."""
    with database.write() as connection:
        fill(connection, bookcase.shelf(), months=14, communes=10)
        yield connection


def asks(
    connection: Connection, bookcase: Bookcase, text: str = "", person: int = HEAD, *, lang: str = "vi"
) -> Turn:
    return Turn(
        event=Incoming(account="web", chat="a", sender="a", text=text),
        person=Person(id=person, lang=lang),
        talk=Talk(met=True),
        now=NOW,
        shelf=bookcase.shelf(),
        records=StoredRecords(connection, NOW),
        staff=True,
    )


def change(connection: Connection, unit: int, period: str, *submissions: Submission) -> None:
    """Let a report have been sent so."""
    which = t.reports.c.unit == unit, t.reports.c.period == period
    details = connection.execute(select(t.reports.c.details).where(*which)).scalar_one()
    report = msgspec.structs.replace(msgspec.json.decode(details, type=Report), submissions=submissions)
    connection.execute(update(t.reports).where(*which).values(details=msgspec.json.encode(report).decode()))


def sent(at: datetime, number: int = 1, **more: object) -> Submission:
    values = {one.id: Value(9, 11 if one.two else None) for one in MONTHLY.indicators}
    return Submission(number=number, form_version=1, values=values, sha256="0", at=at, by=1, **more)  # type: ignore[arg-type]


def heads(connection: Connection, unit: int, *roles: tuple[int, datetime, datetime | None]) -> None:
    """Let people have been head of a unit."""
    for person, since, until in roles:
        connection.execute(insert(t.conversations).values(id=person, person="", talk="", touched=LONG_AGO))
        connection.execute(
            insert(t.roles).values(person=person, kind="head", place=unit, since=since, until=until)
        )


def below(turn: Turn) -> dict[int, yearly.Year]:
    unit = turn.people.unit(OFFICE)
    assert unit is not None
    return {one.unit.id: one for one in yearly.below(turn, unit, MONTHLY, YEAR)}


# --- by hand ---


def test_the_year_of_each_office_is_what_one_counts_by_hand(province: Connection, bookcase: Bookcase) -> None:
    found = below(asks(province, bookcase))
    assert sorted(found) == list(range(2, 12))
    counts = {number: (one.tally.owed, one.tally.timely, one.tally.late) for number, one in found.items()}
    assert counts.pop(9) == (DUE, 0, DUE)
    assert counts.pop(7) == (DUE, DUE - 1, 0)
    assert set(counts.values()) == {(DUE, DUE, 0)}
    assert [one.code for one in found[7].missing] == ["2026-11"]
    assert len(found[9].late) == DUE
    assert [one.code for one in found[2].span] == ["2026-01", "2026-11"]
    together = sum((one.tally for one in found.values()), Tally())
    assert (together.owed, together.timely, together.late, together.missing) == (110, 98, 11, 1)
    # What arose is summed: eleven times 9 of 11.  Of the unit's own services it is 9 of 11 each time as well.
    assert found[2].whole["signed-documents"] == Value(99, 121)
    assert found[7].whole["signed-documents"] == Value(90, 110)
    assert found[2].whole["online-transactions"] == Value(99)
    assert found[2].whole["malware-protection"] == Value(99, 11)  # new ones are summed, all there are stand


def test_the_year_before_is_counted_from_what_is_kept_of_it(province: Connection, bookcase: Bookcase) -> None:
    turn = asks(province, bookcase)
    unit = turn.people.unit(2)
    assert unit is not None
    last = yearly.counted(turn, unit, MONTHLY, YEAR - 1)
    assert last is not None
    # Somebody was there all the while; only the last three months of that year came.
    assert (last.tally.owed, last.tally.timely, last.tally.missing) == (12, 3, 9)
    assert yearly.counted(turn, unit, MONTHLY, YEAR + 1) is None


def test_what_was_returned_and_what_was_corrected_are_told_apart(
    province: Connection, bookcase: Bookcase
) -> None:
    day = datetime(2026, 9, 16, 3, 0, tzinfo=UTC)
    change(
        province,
        3,
        "2026-09",
        sent(day, 1, verdict="returned", decided=day, decided_by=FIRST),
        sent(day + timedelta(days=5), 2, verdict="approved", decided=day + timedelta(days=5)),
        sent(day + timedelta(days=9), 3, verdict="approved", decided=day + timedelta(days=9)),
    )
    one = below(asks(province, bookcase))[3]
    assert (one.tally.returned, one.tally.corrected) == (1, 1)
    assert one.tally.timely == DUE  # the first version says whether it came in time
    assert (one.tally.measures.clean, one.tally.measures.reports) == (DUE - 1, DUE)


def test_each_head_answers_for_what_was_due_while_they_were_head(
    province: Connection, bookcase: Bookcase
) -> None:
    heads(province, 9, (FIRST, LONG_AGO, SUMMER), (SECOND, SUMMER, None))
    first = datetime(2026, 3, 16, 3, 0, tzinfo=UTC)  # a Monday
    change(
        province,
        9,
        "2026-03",
        sent(first, 1, verdict="approved", decided=first + timedelta(days=1), decided_by=FIRST),
    )
    change(
        province,
        9,
        "2026-08",
        sent(first, 1, verdict="returned", decided=first + timedelta(days=4), decided_by=SECOND),
        sent(first, 2, verdict="approved", decided=first, decided_by=FIRST, decided_for=SECOND),
    )
    one = below(asks(province, bookcase))[9]
    assert [served.person for served in one.heads] == [FIRST, SECOND]
    before, after = one.heads
    # January to May were due before June began, June to November after.
    assert (before.tally.owed, before.tally.timely, before.tally.late) == (5, 1, 4)
    assert (after.tally.owed, after.tally.timely, after.tally.late) == (6, 1, 5)
    assert before.judged == Judged(1, 1)  # what was decided in another's place is neither's
    assert after.judged == Judged(1, 0)  # on the fourth day


def test_a_unit_that_ended_amid_the_year_owes_what_was_complete_before(
    province: Connection, bookcase: Bookcase
) -> None:
    province.execute(update(t.units).where(t.units.c.id == 11).values(until=datetime(2026, 9, 1, tzinfo=UTC)))
    province.execute(t.reports.delete().where(t.reports.c.unit == 11, t.reports.c.period >= "2026-09"))
    one = below(asks(province, bookcase))[11]
    assert [period.code for period in one.span] == ["2026-01", "2026-08"]
    assert one.tally.missing == 0


def test_what_can_still_come_in_time_is_not_counted(province: Connection, bookcase: Bookcase) -> None:
    turn = asks(province, bookcase)
    turn.now = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
    found = below(turn)
    assert found[7].tally.owed == DUE - 1
    assert found[2].tally.owed == DUE  # it has come already


# --- the parts ---


@pytest.mark.parametrize(
    ("name", "values", "whole"),
    [
        ("signed-documents", [Value(1, 1), Value(1, 99)], Value(2, 100)),
        ("signed-documents", [Value(1, 1), NO_DATA], Value(1, 1)),
        ("signed-documents", [NO_DATA], NO_DATA),
        ("signed-documents", [], NO_DATA),
        ("official-email", [Value(50, 60), Value(58, 61)], Value(58, 61)),
        ("services-used-online", [Value(112, 390), Value(118, 390)], Value(118, 390)),
        ("malware-protection", [Value(2, 40), Value(3, 43)], Value(5, 43)),
        ("online-transactions", [Value(400), Value(0)], Value(400)),
    ],
)
def test_figures_of_a_year_are_summed_or_stand(name: str, values: Sequence[Value], whole: Value) -> None:
    one = MONTHLY.indicator(name)
    assert one is not None
    assert rule.whole(one, values) == whole


def test_what_never_came_counts_as_owed_and_nothing_else() -> None:
    assert rule.tallied(None, in_time=False, measures=Measures()) == Tally(owed=1)
    begun = Report(unit=1, form="monthly", period="2026-11", values={"x": Value(1)})
    assert rule.tallied(begun, in_time=False, measures=Measures()) == Tally(owed=1)


@pytest.mark.parametrize(
    ("decided", "prompt"),
    [
        (datetime(2026, 11, 16, 8, 0, tzinfo=UTC), 1),  # Monday, of what was sent on Friday
        (datetime(2026, 11, 17, 1, 0, tzinfo=UTC), 0),
    ],
)
def test_promptly_is_within_a_working_day(decided: datetime, prompt: int) -> None:
    friday = sent(datetime(2026, 11, 13, 3, 0, tzinfo=UTC), decided=decided, decided_by=5)
    assert rule.judged([friday], 5, Calendar.load()) == Judged(1, prompt)
    assert rule.judged([friday], 6, Calendar.load()) == Judged()


def test_a_year_that_is_to_come_or_long_gone_has_no_periods(province: Connection, bookcase: Bookcase) -> None:
    turn = asks(province, bookcase)
    assert yearly.periods_of(turn, MONTHLY, YEAR + 1) == ()
    assert yearly.periods_of(turn, MONTHLY, YEAR - yearly.OLDEST - 1) == ()
    codes = [one.code for one in yearly.periods_of(turn, MONTHLY, YEAR)]
    assert codes == [f"2026-{month:02}" for month in range(1, 12)]
    assert periods.period_named(MONTHLY, codes[0]) is not None


# --- told, and as a table ---


def test_those_of_whom_most_is_missing_are_named_first(
    province: Connection, bookcase: Bookcase, wording: Wording
) -> None:
    turn = asks(province, bookcase, "Đánh giá năm 2026")
    assert evaluation.typed_card(turn)
    (said,) = turn.said
    lines = wording.word(said.text, "vi").splitlines()
    assert lines[1] == "• Phải gửi 110 báo cáo: đúng hạn 98, chậm 11, chưa gửi 1."
    assert ": phải gửi 11, đúng hạn 10, chậm 0, chưa gửi 1" in lines[4]
    assert ": phải gửi 11, đúng hạn 0, chậm 11, chưa gửi 0" in lines[5]
    assert lines[6] == "• 8 đơn vị còn lại: đều đúng hạn."
    assert [choice.name for choice in said.choices] == ["evaluation-table"]


def test_the_table_has_a_line_for_each_unit_with_its_heads(
    province: Connection, bookcase: Bookcase, wording: Wording
) -> None:
    heads(province, 7, (FIRST, LONG_AGO, None))
    turn = asks(province, bookcase, lang="en")
    assert evaluation.give(turn, f"{OFFICE}/monthly/{YEAR}")
    (made,) = turn.makings
    assert isinstance(made.made, Sheet)
    assert made.name == "danh-gia-monthly-2026.xlsx"
    file = making.file(making.ordered(made.made, lambda text: wording.word(text, "en")))
    rows = [row for _number, row in xlsx.read(file)]
    at = next(place for place, row in enumerate(rows) if row[:1] == ["Unit"])
    heading, lines = rows[at], rows[at + 1 :]
    assert len(lines) == 10
    assert all(len(line) == len(heading) for line in lines)
    seven = dict(zip(heading, next(line for line in lines if line[-1] != "nobody"), strict=True))
    assert (seven["Reports due"], seven["on time"], seven["not sent"]) == ("11", "10", "1")
    signed = "2. Share of documents digitally signed"
    assert (seven[signed], seven[f"{signed}: the whole"]) == ("90", "110")
    assert "11 (10, 0, 1); 0 (0)" in seven[heading[-1]]


@pytest.mark.parametrize(
    ("text", "person", "told"),
    [
        ("đánh giá năm", 2, "Đánh giá năm dành cho lãnh đạo đơn vị và cấp trên"),
        ("đánh giá năm 2026 xã Không Có", HEAD, "không thấy đơn vị báo cáo nào tên “xã Không Có”"),
        ("đánh giá năm 1999", HEAD, None),
        ("đánh giá năm 2031", HEAD, "Năm 2031 của Hà Nội chưa đến"),
        ("đánh giá hài lòng", HEAD, None),
    ],
)
def test_who_may_not_and_what_is_not_known_is_said(
    province: Connection, bookcase: Bookcase, wording: Wording, text: str, person: int, told: str | None
) -> None:
    turn = asks(province, bookcase, text, person)
    assert evaluation.typed_card(turn) == (told is not None)
    words = "\n".join(wording.word(said.text, "vi") for said in turn.said)
    assert (told or "") in words


def test_the_button_of_somebody_else_gives_nothing(province: Connection, bookcase: Bookcase) -> None:
    turn = asks(province, bookcase, person=2)
    assert evaluation.give(turn, f"{OFFICE}/monthly/{YEAR}")
    assert not turn.makings
    assert not evaluation.give(turn, "nonsense")
