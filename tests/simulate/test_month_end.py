"""A small month's end, played with real processes, keeps its promises; and a broken one is found out."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from bot.clock import VIETNAM
from bot.shelf import Bookcase
from bot.store import tables as t
from tests.simulate.judging import Decided, Happened, Judge, Jump, Kill, Noted, Outcome, Rows, Stored, rows_of
from tests.simulate.month_end import Hour, MonthEnd, Size

RATE = 4
SPEED = ("after its hour", "take-over", "permitted rate")
SMALL = Size(
    communes=8,
    provinces=2,
    hours=(Hour("2026-11-17 07:30"), Hour("2026-11-17 08:00", sending=0.25, kills=1, shaken=True)),
    rate=RATE,
    driver="ptb",
)


def test_the_last_day_of_a_month_keeps_its_promises(
    postgresql_url: str, tmp_path: Path, bookcase: Bookcase
) -> None:
    shelf = bookcase.shelf()
    happened = MonthEnd(postgresql_url, tmp_path, shelf, SMALL, 1, lambda _words: None).play()
    outcome = Judge(happened, rows_of(postgresql_url), shelf, RATE).judge()
    # How fast it is says more of the machine, where other tests run beside it; make simulate judges that too.
    assert [breach for breach in outcome.breaches if not any(word in breach for word in SPEED)] == []
    assert happened.sent == 2
    assert len(happened.kills) == 1
    assert outcome.decided["sent (due)"] >= 6
    assert outcome.states["sent"] + outcome.states["withdrawn"] + outcome.states["in doubt"] >= 18


# --- the judge ---

BEGIN = datetime(2026, 11, 17, 7, 59, tzinfo=VIETNAM)
HOUR = datetime(2026, 11, 17, 8, 0, tzinfo=VIETNAM)
ABOUT = "report:5:monthly:2026-11"
GOOD = Rows(
    [Decided(5, "due-morning", HOUR + timedelta(seconds=2), "sent", "due")],
    [
        Stored(7, ABOUT, "reminder", t.SENT, HOUR + timedelta(seconds=2), HOUR + timedelta(seconds=3)),
    ],
    [Noted(ABOUT, "reminder due-morning sent (due)", HOUR + timedelta(seconds=2))],
)
PLAYED = Happened(jumps=[Jump(1_000_000, BEGIN.timestamp() - 1_000_000)], offices=(5,), ended=1_000_600)


def judged(bookcase: Bookcase, rows: Rows, happened: Happened = PLAYED) -> Outcome:
    return Judge(happened, rows, bookcase.shelf(), RATE).judge()


def test_what_went_well_has_no_breach(bookcase: Bookcase) -> None:
    outcome = judged(bookcase, GOOD)
    assert outcome.breaches == []
    assert outcome.latest == pytest.approx(2)


def later(row: Decided, seconds: float) -> Decided:
    return msgspec.structs.replace(row, at=row.at + timedelta(seconds=seconds))


DECISION, MESSAGE = GOOD.decisions[0], GOOD.messages[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decisions": []}, "decided 0 times"),
        ({"decisions": [DECISION, later(DECISION, 5)]}, "decided 2 times"),
        ({"decisions": [later(DECISION, 120)]}, "decided 122 s after its hour"),
        ({"messages": []}, "a decision without a message"),
        ({"messages": [MESSAGE, MESSAGE]}, "is told 2 times"),
        ({"messages": [msgspec.structs.replace(MESSAGE, state=t.FAILED, error="x")]}, "is failed: x"),
        ({"messages": [msgspec.structs.replace(MESSAGE, sent=None, state=t.READY)]}, "is left over"),
        ({"notes": [Noted(ABOUT, "submitted version 1", HOUR), *GOOD.notes]}, "after it was submitted"),
        ({"notes": [*GOOD.notes, Noted(ABOUT, "submitted version 1", HOUR - timedelta(seconds=9))]},
         "a reminder sent 12.0 s after it was submitted"),
        ({"reports": 1}, "0 reports were sent, and 1 are stored as sent"),
        ({"parked": 1}, "1 events are parked"),
    ],
)  # fmt: skip
def test_each_broken_promise_is_found_out(bookcase: Bookcase, changes: dict[str, object], said: str) -> None:
    outcome = judged(bookcase, msgspec.structs.replace(GOOD, **changes))
    assert any(said in breach for breach in outcome.breaches), outcome.breaches


def test_a_reminder_in_the_evening_is_found_out_unless_the_clock_has_just_jumped(bookcase: Bookcase) -> None:
    evening = datetime(2026, 11, 17, 20, 30, tzinfo=VIETNAM)
    jumps = [*PLAYED.jumps, Jump(1_000_100, evening.timestamp() - 1_000_100)]
    happened = msgspec.structs.replace(PLAYED, jumps=jumps)
    for seconds, found in ((1, False), (9, True)):
        message = msgspec.structs.replace(MESSAGE, sent=evening + timedelta(seconds=seconds))
        breaches = judged(bookcase, msgspec.structs.replace(GOOD, messages=[message]), happened).breaches
        assert any("when nobody is written to" in breach for breach in breaches) == found


def sending(gap: float, pause: float = 0.0) -> Rows:
    """Give a hundred notices that wait together and leave one after the other, with a pause amid them."""
    leave = [HOUR + timedelta(seconds=number * gap + pause * (number >= 50)) for number in range(100)]
    notices = [Stored(7, "x", "notice", t.SENT, HOUR, at) for at in leave]
    return msgspec.structs.replace(GOOD, messages=[*GOOD.messages, *notices])


def test_slow_sending_and_a_slow_take_over_are_found_out(bookcase: Bookcase) -> None:
    assert judged(bookcase, sending(1 / RATE)).breaches == []
    assert any("of the permitted rate" in breach for breach in judged(bookcase, sending(1.2 / RATE)).breaches)
    killed = msgspec.structs.replace(PLAYED, kills=[Kill(1_000_060 + 12.3, sender=True)])
    quick, slow = (judged(bookcase, sending(1 / RATE, pause), killed) for pause in (3, 9))
    assert quick.breaches == []
    assert quick.take_overs == [pytest.approx(3.2, abs=0.3)]
    assert slow.breaches == ["a take-over took 9.2 s"]


def test_what_a_clock_that_falls_back_delays_is_counted_from_when_it_came_round(bookcase: Bookcase) -> None:
    # Eight o'clock comes after 60 s; at 65 s the clock falls back to 7:50, at 80 s it jumps to 8:20.
    jumps = [
        *PLAYED.jumps,
        Jump(1_000_065, datetime(2026, 11, 17, 7, 50, tzinfo=VIETNAM).timestamp() - 1_000_065),
        Jump(1_000_080, datetime(2026, 11, 17, 8, 20, tzinfo=VIETNAM).timestamp() - 1_000_080),
    ]
    at = datetime(2026, 11, 17, 8, 20, 4, tzinfo=VIETNAM)
    rows = msgspec.structs.replace(
        GOOD,
        decisions=[msgspec.structs.replace(DECISION, at=at)],
        messages=[msgspec.structs.replace(MESSAGE, at=at, sent=at)],
    )
    outcome = judged(bookcase, rows, msgspec.structs.replace(PLAYED, jumps=jumps))
    assert outcome.breaches == []
    assert outcome.latest == pytest.approx(4)
