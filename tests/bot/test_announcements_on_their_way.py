"""An announcement goes on over nights, failures and stops, and always comes to an end, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, insert, select, update

from bot import clock
from bot.core import Core
from bot.play import pass_time
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.announcements import StoredAnnouncements
from handlers import broadcasts, desk
from handlers.records.announcements import Announcement
from handlers.talk import Due
from handlers.turn import Turn
from tests.bot.rig import change, core_on, noted, rows, said
from tests.bot.test_announcements_kept import office, role, somebody, written

EVENING = datetime(2026, 11, 9, 19, 59, 59, tzinfo=clock.VIETNAM)  # a Monday; nothing goes out from 20:00 on
MORNING = datetime(2026, 11, 10, 7, 30, tzinfo=clock.VIETNAM)
MINE = t.outbox.c.kind == "broadcast"


def decide(turn: Turn) -> None:
    """Decide as ever, but lay down 20 people in a turn and be half a second about it, and take back 25."""
    if isinstance(turn.event, Due) and turn.event.name == "announce.lay":
        broadcasts.lay(turn, 20)
        clock.stop_at(clock.now() + timedelta(seconds=0.5))
    elif isinstance(turn.event, Due) and turn.event.name == "announce.look":
        broadcasts.look(turn, 25)
    else:
        desk.decide(turn)


@contextmanager
def under_way(
    url: str, bookcase: Bookcase, people: int, account: str, at: datetime
) -> Iterator[tuple[Core, Announcement]]:
    """Let an announcement to so many be approved at that moment; its author has a chat called "author"."""
    clock.stop_at(at)
    try:
        with core_on(url, bookcase, decide) as core:
            with core.database.write() as connection:
                unit = office(connection)
                author = somebody(connection, ("web", 0), news="")
                connection.execute(
                    update(t.contacts).where(t.contacts.c.conversation == author).values(chat="author")
                )
                role(connection, author, "officer", unit)
                for _person in range(people):
                    somebody(connection, (account, 0))
                announcement = StoredAnnouncements(connection, at).hand_in(
                    written(unit, author=author, begun=at.isoformat())
                )
                due = Due(name="announce.lay", about=announcement.about, at=at)
                connection.execute(
                    insert(t.due).values(
                        key="first", at=at, about=due.about, event=msgspec.json.encode(due).decode()
                    )
                )
            yield core, announcement
    finally:
        clock.reset()


def pass_to(core: Core, moment: datetime) -> None:
    def work() -> None:
        core.run_waiting()

    pass_time(core, moment, work)


def stored(core: Core, unit: int) -> Announcement:
    with core.database.read() as connection:
        return StoredAnnouncements(connection, clock.now()).last((unit,))[0]


def test_what_the_evening_leaves_goes_on_in_the_morning_and_nobody_is_told_twice(
    url: str, bookcase: Bookcase
) -> None:
    with under_way(url, bookcase, 90, "web", EVENING) as (core, announcement):
        pass_to(core, EVENING + timedelta(hours=1))
        evening = rows(core, select(t.outbox.c.contact).where(MINE))
        assert 0 < len(evening) < 90
        pass_to(core, MORNING - timedelta(seconds=1))
        assert rows(core, select(t.outbox.c.contact).where(MINE)) == evening
        pass_to(core, MORNING + timedelta(minutes=5))
        told = Counter(row.contact for row in rows(core, select(t.outbox.c.contact).where(MINE)))
        assert (len(told), set(told.values())) == (90, {1})
        assert stored(core, announcement.unit).state == "over"
        assert said(core, "author")[-1].endswith("đã gửi xong.\n• Đã gửi: 90")


def test_what_has_not_left_after_a_week_is_taken_back_and_said(url: str, bookcase: Bookcase) -> None:
    with under_way(url, bookcase, 3, "telegram:1", EVENING - timedelta(hours=1)) as (core, announcement):
        pass_to(core, EVENING + timedelta(days=6))
        assert stored(core, announcement.unit).state == "running"
        pass_to(core, EVENING + timedelta(days=7, hours=1))
        assert [row.state for row in rows(core, select(t.outbox.c.state).where(MINE))] == [t.WITHDRAWN] * 3
        assert said(core, "author")[-1].endswith("\n• Đã gửi: 0\n• Đã rút lại: 3")


def test_a_great_number_is_taken_back_in_pieces_and_what_is_under_way_is_waited_for(
    url: str, bookcase: Bookcase
) -> None:
    with under_way(url, bookcase, 80, "telegram:1", EVENING - timedelta(hours=1)) as (core, announcement):
        pass_to(core, EVENING - timedelta(minutes=58))
        first = select(func.min(t.outbox.c.id)).where(MINE).scalar_subquery()
        change(core, update(t.outbox).where(t.outbox.c.id == first).values(state=t.SENDING))
        with core.database.write() as connection:
            kept = StoredAnnouncements(connection, clock.now())
            found = kept.by_number(announcement.id)
            assert found is not None
            kept.save(msgspec.structs.replace(found, state="stopping", stopped_by=found.author))
        pass_to(core, EVENING - timedelta(minutes=30))
        states = Counter(row.state for row in rows(core, select(t.outbox.c.state).where(MINE)))
        assert states == {t.WITHDRAWN: 79, t.SENDING: 1}
        assert "over" not in noted(core)
        change(core, update(t.outbox).where(t.outbox.c.id == first).values(state=t.SENT))
        pass_to(core, EVENING)
        assert (
            said(core, "author")[-1]
            == f"Thông báo **{announcement.written}** đã dừng.\n• Đã gửi: 1\n• Đã rút lại: 79"
        )
