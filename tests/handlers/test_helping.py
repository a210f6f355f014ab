"""The figures of help: counted from what happened, naming nobody, and kept back where somebody might be recognised."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from bot.shelf import Bookcase
from bot.wording import Wording
from handlers.figures import said
from handlers.records.doors import Door
from handlers.records.histories import Happened, Lived
from handlers.records.people import Unit, Village
from handlers.records.requests import Request
from handlers.rules import levels
from handlers.rules.areas import AREAS, OTHER, Villages, area_of
from handlers.rules.helping import Figures, Share, Spread, Told, figures, kept_back, spread
from handlers.rules.histories import History, Reader
from handlers.rules.levels import Pause
from handlers.rules.months import bounds, month_named
from handlers.rules.worktime import Worktime
from knowledge.calendar import Calendar
from knowledge.service import Service

CALENDAR, SERVICE = Calendar.load(), Service.load()
NOVEMBER = date(2026, 11, 1)
SINCE, UNTIL = bounds(NOVEMBER)
MONDAY = datetime(2026, 11, 9, 1, 30, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ANY = History(person=1, kind="how-to", opened=MONDAY)

# --- working time ---


@pytest.mark.parametrize("always", [False, True])
def test_minutes_are_those_by_which_requests_are_late(always: bool) -> None:
    drawn = random.Random(11)  # Tết of 2027 and its swapped days lie within
    hours = Worktime(SERVICE.desk, CALENDAR)

    def moment(after: datetime, days: float) -> datetime:
        return after + timedelta(minutes=drawn.randrange(int(days * 24 * 60)))

    for _ in range(300):
        start = moment(datetime(2026, 12, 1, tzinfo=UTC), 90)
        end = moment(start, drawn.choice((0.2, 3, 40)))
        pauses = tuple(
            Pause(since, moment(since, 2) if drawn.random() < 0.9 else None)
            for since in (moment(start, 3) for _ in range(drawn.randrange(3)))
        )
        exact = levels.between(start, end, SERVICE.desk, CALENDAR, pauses, always=always)
        assert hours.minutes(start, end, pauses, always=always) == exact // MINUTE


# --- what is counted ---


def request(number: int, **fields: Any) -> Request:
    closed = {"state": "closed", "outcome": "solved", "topic": "vneid.activate", "rating": "good"}
    return Request(**{"id": number, "citizen": number, "opened": MONDAY, **closed, **fields})


def told(number: int, village: str = "thôn Đoài", **fields: Any) -> Told:
    times = {"person": number, "taken": MONDAY + HOUR, "closed": MONDAY + 2 * HOUR}
    kept = {name: fields.pop(name) for name in list(fields) if name in History.__struct_fields__}
    history = msgspec.structs.replace(
        ANY, **{**times, "first_response": number, "solution": 10 * number, **kept}
    )
    return Told(request(number, **fields), history, village)


def test_each_figure_belongs_to_the_month_of_its_event() -> None:
    october = SINCE - HOUR
    counted = figures(
        [
            told(1, opened=october),
            told(2, opened=october, taken=october),
            told(3, reopened=(october, MONDAY)),
            told(4, closed=UNTIL),
            told(5, closed=None, state="open", outcome="", rating=""),
            told(6, outcome="unneeded", rating="fair"),
            told(7, person=1),  # somebody was helped twice
            told(8, person=0),
            told(9, person=0),
        ],
        SINCE,
        UNTIL,
    )
    assert (counted.opened, counted.people, counted.solved, counted.reopened) == (7, 5, 6, 1)
    assert counted.ratings == {"good": 6, "fair": 1}
    assert counted.first_response == Spread(5, 9)  # of all but the one taken in October
    assert counted.solution == Spread(30, 90)
    assert counted.villages == (Share("thôn Đoài", 5),)


def test_nobody_who_helps_is_in_the_figures() -> None:
    assert {"by", "helper", "member", "claimed_by"}.isdisjoint(Figures.__struct_fields__)


def test_doors_are_counted_as_households_beside_the_people_of_requests() -> None:
    doors = [Door("thôn Đoài", "vneid", 4), Door("thôn Đoài", "money", 3), Door("thôn Hạ", "vneid", 9)]
    counted = figures([told(n) for n in range(1, 6)], SINCE, UNTIL, doors)
    assert (counted.people, counted.households) == (5, 16)
    assert counted.villages == (Share("thôn Đoài", 5, 7), Share("thôn Hạ", 0, 9))
    assert counted.areas == (Share("vneid", 5, None), Share("money", 0, None))


@pytest.mark.parametrize(
    ("counts", "back"),
    [
        ({}, ""),
        ({"a": 5, "b": 9}, ""),
        ({"a": 0, "b": 9}, ""),  # where nobody was helped nobody is recognised
        ({"a": 4, "b": 9, "c": 20}, "a b"),  # alone, a would be the total without b and c
        ({"a": 1, "b": 1, "c": 20, "d": 9}, "a b d"),  # two of a village each
        ({"a": 3, "b": 2, "c": 20}, "a b"),
        ({"a": 4}, "a"),
        ({"a": 1, "b": 1}, "a b"),
    ],
)
def test_under_five_is_kept_back_and_so_is_what_would_tell_it(counts: dict[str, int], back: str) -> None:
    assert kept_back(counts) == set(back.split())


def test_times_of_fewer_than_five_are_about_somebody() -> None:
    assert spread([1, 2, 3, 4]) is None
    assert spread([5, 1, 4, 2, 3]) == Spread(3, 5)
    assert spread(list(range(1, 101))) == Spread(50, 90)


# --- where, what and when ---


def test_every_topic_has_an_area(bookcase: Bookcase) -> None:
    strange = {
        topic.id.partition(".")[0] for topic in bookcase.library.topics("vi") if area_of(topic.id) == OTHER
    }
    assert strange <= {"help", "cadre"}
    assert area_of("") == OTHER
    assert OTHER in AREAS


def test_a_village_is_called_as_its_team_calls_it_and_never_in_somebodys_own_words() -> None:
    both = (Village(1, "thôn Đoài"), Village(2, "tổ dân phố 7"))
    villages = Villages(
        [
            Unit(1, "team", "tổ liên thôn", "10402", covers=both, formerly=(Village(2, "xóm Đình"),)),
            Unit(2, "team", "thôn Hạ", "10402", covers=(Village(3, "thôn Hạ"),)),
        ]
    )

    def of(team: int, words: str, commune: str = "10402") -> str:
        return villages.of(Request(team=team, commune=commune, village=words))

    assert [of(1, "to 7"), of(1, "xom dinh"), of(1, "")] == ["tổ dân phố 7", "tổ dân phố 7", ""]
    assert [of(2, ""), of(0, "thon doai"), of(0, "thon doai", "00602")] == ["thôn Hạ", "thôn Đoài", ""]
    assert [of(1, "cạnh nhà bà Tư"), of(0, "xóm nhà cô Chín")] == ["", ""]


def test_what_was_told_under_an_old_name_counts_for_the_village_of_today() -> None:
    new = Village(4, "thôn Thống Nhất")
    villages = Villages(
        [
            Unit(
                1,
                "team",
                "t",
                "10402",
                covers=(new,),
                formerly=(Village(4, "thôn Đoài"), Village(4, "thôn Đình")),
            ),
            Unit(2, "team", "u", "10402", covers=(Village(5, "thôn Hạ"),)),
            Unit(3, "team", "v", "00602", covers=(Village(6, "thôn Đoài"),)),
        ]
    )
    told = ("thôn Đoài", "thôn Đình", "thôn Thống Nhất", "thôn Hạ", "", "xóm Mới")
    doors = villages.at_doors("10402", [Door(name, "vneid", 4) for name in told])
    assert [door.village for door in doors] == [new.name, new.name, new.name, "thôn Hạ", "", "xóm Mới"]
    assert villages.today("00602", "thôn Đoài") == "thôn Đoài"
    sums = figures([], SINCE, UNTIL, doors[:3])
    assert [(share.name, share.households) for share in sums.villages] == [(new.name, 12)]
    # So do requests of the whole commune that were closed before the village was renamed.
    assert villages.of(Request(team=0, commune="10402", village="thôn Đoài")) == new.name


TODAY = date(2026, 11, 9)


@pytest.mark.parametrize(
    ("words", "month"),
    [
        ("", "2026-11"), ("tháng này", "2026-11"), ("tháng trước", "2026-10"), ("last month", "2026-10"),
        ("tháng 10", "2026-10"), ("10", "2026-10"), ("tháng 12", "2025-12"), ("tháng 11", "2026-11"),
        ("10/2025", "2025-10"), ("tháng 3 năm 2026", "2026-03"), ("2026-01", "2026-01"), ("12/2026", "2026-12"),
        ("October", "2026-10"), ("dec", "2025-12"), ("october 2024", "2024-10"),
        ("tháng 13", ""), ("dân số", ""), ("của xã", ""), ("00/2026", ""),
    ],
)  # fmt: skip
def test_the_month_that_is_meant_is_read(words: str, month: str) -> None:
    found = month_named(words, TODAY)
    assert (f"{found:%Y-%m}" if found else "") == month


def test_a_month_is_vietnams() -> None:
    assert (SINCE.astimezone(UTC).isoformat(), UNTIL.astimezone(UTC).isoformat()) == (
        "2026-10-31T17:00:00+00:00",
        "2026-11-30T17:00:00+00:00",
    )


# --- histories ---


def lived(state: str, *events: tuple[str, int], **fields: Any) -> Lived:
    happened = tuple(Happened(MONDAY + hours * HOUR, what, 9) for what, hours in events)
    return Lived(Request(citizen=5, commune="10402", team=1, state=state, opened=MONDAY, **fields), happened)  # type: ignore[arg-type]


def test_a_history_tells_the_first_taking_the_last_closing_and_who_asked() -> None:
    reader = Reader(SERVICE, CALENDAR)
    events = (("opened", 0), ("claimed", 1), ("closed", 2), ("reopened", 24), ("claimed", 25), ("closed", 26))
    history = reader.read(lived("closed", *events))
    assert (history.taken, history.closed) == (MONDAY + HOUR, MONDAY + 26 * HOUR)
    assert (history.first_response, history.solution) == (60, 4 * 60)  # closed from 10:30 to 08:30 next day
    open_again = reader.read(lived("open", *events[:4]))
    assert (open_again.closed, open_again.solution, open_again.first_response) == (None, None, 60)
    erased = reader.read(
        Lived(Request(citizen=0, state="withdrawn", opened=MONDAY), (Happened(MONDAY, "opened", 5),))
    )
    assert erased.person == 5


# --- in words ---


@pytest.fixture(scope="module")
def november() -> Figures:
    some = [told(n, "thôn Đoài", opened=MONDAY) for n in range(1, 21)]
    some += [told(n, "thôn Trung", topic="pay.receive-qr") for n in range(21, 28)]
    some += [told(n, "thôn Đình", topic="", rating="fair") for n in range(28, 30)]
    some += [told(n, "", topic="safe.links", rating="poor") for n in range(30, 36)]
    return figures(some, SINCE, UNTIL, [Door("thôn Đoài", "vneid", 18)])


def read(lang: str, counted: Figures, **how: Any) -> Iterator[str]:
    wording = Wording()
    return (wording.word(line, lang) for line in said(counted, NOVEMBER, "xã Ứng Hòa", **how))


VIETNAMESE = """**Số liệu tháng 11/2026**, xã Ứng Hòa:
• Đã giúp được: 35 người, 35 yêu cầu. Yêu cầu mới: 35.
• Giúp tại nhà: 18 hộ.
• Theo nơi: thôn Đoài 20, thôn Trung 7; không ghi số: chưa rõ nơi, thôn Đình.
• Theo việc: VNeID 20, thanh toán và ngân hàng 7; không ghi số: việc khác, lừa đảo và an toàn mạng.
• Có người nhận: một nửa trong 18 phút, chín phần mười trong 32 phút (giờ làm việc).
• Xong việc: một nửa trong 3 giờ, chín phần mười trong 5 giờ 20 phút (giờ làm việc).
• Mở lại: 0. Chấm tốt: 27, tạm được: 2, chưa tốt: 6.
Nơi nào, việc nào có dưới 5 người thì không ghi số, để không ai bị nhận ra."""

ENGLISH = """**Figures of 11/2026**, xã Ứng Hòa:
• People helped: 35; requests solved: 35, new: 35.
• Households helped at home: 18.
• Where: thôn Đoài 20, 1 more; no figure: village not known.
• With what: VNeID 20, 1 more; no figure: something else.
• Taken up: half within 18 minutes, nine of ten within 32 minutes (working hours).
• Done: half within 3 hours, nine of ten within 5 h 20 min (working hours).
• Opened again: 0. Marked good: 27, all right: 2, not good: 6.
Where fewer than five were helped no figure is given, so that nobody is recognised."""


def test_a_month_of_a_commune_reads_so(november: Figures) -> None:
    assert "\n".join(read("vi", november, small=False)) == VIETNAMESE
    assert "\n".join(read("en", november, small=False, most=1)) == ENGLISH


def test_in_one_village_no_number_under_five_is_said(november: Figures) -> None:
    text = "\n".join(read("vi", november, small=True))
    assert "tạm được: dưới 5" in text
    assert "Theo nơi" not in text
    few = figures([told(n) for n in range(1, 5)], SINCE, UNTIL)
    assert list(read("vi", few, small=True))[1:] == [
        "Có dưới 5 người được giúp ở đó. Ít như vậy thì Tổ Số không ghi số, để không ai bị nhận ra."
    ]
