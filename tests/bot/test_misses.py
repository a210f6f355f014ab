"""Questions, answers and counts are kept by the store, on both databases, and listed by the command."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert, select, update

from bot.shelf import Bookcase
from bot.store import misses as stored
from bot.store import tables as t
from bot.store.database import Database, Stale
from bot.store.misses import StoredMisses, add_up
from bot.store.records import StoredRecords
from handlers import misses
from handlers.records.misses import NOT_NEEDED, Answer, Miss
from handlers.records.people import Person
from handlers.rules.reporting import local_day
from handlers.talk import Due, Talk
from handlers.turn import Turn
from tests.bot.office import Office
from tests.bot.rig import ACCOUNT, core_on, heard, rows

NOON = datetime(2026, 11, 9, 5, 0, tzinfo=UTC)
TOPIC = "help.hotlines"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A store with one office."""
    opened = Database(url)
    with opened.write() as connection:
        connection.execute(insert(t.units).values(kind="office", name="phường Đông Ngạc", commune="00001"))
    yield opened
    opened.close()


def people(database: Database, count: int) -> list[int]:
    with database.write() as connection:
        return [
            number
            for _ in range(count)
            if (
                number := connection.scalar(
                    insert(t.conversations).values(touched=NOON).returning(t.conversations.c.id)
                )
            )
        ]


def test_an_answer_takes_open_questions_and_gives_them_back_when_it_is_dropped(database: Database) -> None:
    with database.write() as connection:
        store = StoredMisses(connection, NOON)
        numbers = [
            store.keep(Miss(words=words, commune=c)) for words, c in (("a", ""), ("b", "00001"), ("c", "2"))
        ]
        assert [miss.id for miss in store.open(["", "00001"])] == [numbers[1], numbers[0]]
        answer = store.propose(Answer(unit=1, author=1))
        store.settle(numbers[:2], answer.id)
        assert store.open(["", "00001"]) == ()
        assert [miss.words for miss in store.taken(answer.id)] == ["a", "b"]
        store.release(answer.id)
        assert len(store.open(["", "00001"])) == 2
        store.settle(numbers, NOT_NEEDED)
        store.settle(numbers, answer.id)  # what was decided before stays
        assert store.taken(answer.id) == ()


def test_a_change_over_an_old_version_of_an_answer_is_refused(database: Database) -> None:
    with database.write() as connection:
        store = StoredMisses(connection, NOON)
        first = store.propose(Answer(unit=1, author=1))
        store.save(msgspec.structs.replace(first, state="approved", judge=2))
        with pytest.raises(Stale):
            store.save(msgspec.structs.replace(first, state="returned", judge=3))
        again = store.by_code(first.code.lower())
        assert again is not None
        assert (again.state, again.judge, again.version) == ("approved", 2, 2)


def test_only_who_agreed_is_to_be_told_and_nobody_else_takes_their_place(database: Database) -> None:
    with database.write() as connection:
        store = StoredMisses(connection, NOON)
        number = store.keep(Miss(words="a"))
        assert store.promise(number, 7)
        assert store.promise(number, 7)
        assert not store.promise(number, 8)
        assert not store.promise(999, 7)
        store.settle([number], 1)
        assert [miss.person for miss in store.promised(1, 10)] == [7]
        store.told(1, [7])
        assert store.promised(1, 10) == ()
        assert not store.promise(number, 7)  # it was told
        assert connection.scalar(select(t.misses.c.person)) == 0


def test_whoever_joins_two_channels_is_told_and_known_as_an_editor_on_the_one_that_stays(
    database: Database,
) -> None:
    with database.write() as connection:
        store = StoredMisses(connection, NOON)
        store.promise(store.keep(Miss(words="a")), 7)
        answer = store.propose(Answer(unit=1, author=7))
        other = store.save(msgspec.structs.replace(store.propose(Answer(unit=1, author=1)), judge=7))
        stored.hand_over(connection, 7, 8)
        stored.replace_editor(connection, 7, 8)
        assert connection.scalar(select(t.misses.c.person)) == 8
        for one, who in ((answer, (8, 0)), (other, (1, 8))):
            after = store.by_number(one.id)
            assert after is not None
            assert (after.author, after.judge) == who


def test_everybody_is_told_once_in_turns_of_a_few_and_only_when_the_answer_is_in_use(
    database: Database, bookcase: Bookcase
) -> None:
    count = misses.BATCH + 5
    askers = people(database, count)
    library = bookcase.library
    topic = library.topic(TOPIC, "vi")
    assert topic is not None
    with database.write() as connection:
        records = StoredRecords(connection, NOON)
        store = records.misses
        answer = store.propose(Answer(unit=1, author=1, topic=TOPIC, wordings=(("vi", "chưa ai hỏi"),)))
        answer = store.save(msgspec.structs.replace(answer, state="approved", decided=NOON))
        for person in (*askers, askers[0]):  # one has asked twice
            number = store.keep(Miss(words="gọi số nào"))
            store.promise(number, person)
            store.settle([number], answer.id)

        def tell(now: datetime = NOON, waited: int = 0) -> Turn:
            facts = {"answer": str(answer.id), "waited": str(waited)}
            due = Due(name="misses.tell", about=f"answer:{answer.id}", at=now, facts=facts)
            turn = Turn(
                event=due, person=Person(), talk=Talk(), now=now, shelf=bookcase.shelf(), records=records
            )
            misses.tell(turn)
            return turn

        early = tell()
        assert early.said == []  # the wording is in no topic yet
        assert early.laters[0].at == NOON + timedelta(minutes=1)
        assert tell(waited=100).laters[0].at == NOON + timedelta(minutes=60)
        answer = store.save(msgspec.structs.replace(answer, wordings=(("vi", topic.questions[0]),)))
        night = tell(NOON + timedelta(hours=9))
        assert night.said == []
        assert night.laters[0].at > NOON + timedelta(hours=9)
        told = []
        while (turn := tell()).said:
            told += [said.to for said in turn.said]
            assert {said.kind for said in turn.said} == {"notice"}
            assert bool(turn.laters) == (len(turn.said) == misses.BATCH)
        assert sorted(told) == sorted(askers)


# --- counts ---


def test_counts_add_up_however_many_write_at_once(database: Database) -> None:
    keys = [("2026-W46", f"a.{n}", "one", what) for n in range(5) for what in ("shown", "on")]

    def write(turned: bool) -> None:
        for _ in range(20):
            with database.write() as connection:
                add_up(connection, Counter(dict.fromkeys(reversed(keys) if turned else keys, 2)))

    threads = [threading.Thread(target=write, args=(n % 2 == 0,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert {one.count for one in stored.counted(connection, "2026-W46")} == {160}
        assert stored.counted(connection, "2026-W47") == ()


def test_what_is_counted_is_kept_with_its_turn_and_not_without_it(url: str, bookcase: Bookcase) -> None:
    def decide(turn: Turn) -> None:
        turn.count("a.b", "one", "shown")
        if turn.text == "fail":
            raise ValueError("a decision that fails")

    with core_on(url, bookcase, decide) as core:
        core.intake.take_now([heard("an", "hello"), heard("binh", "fail"), heard("chi", "hello")])
        core.run_waiting()
        kept = rows(core, select(t.step_counts))
        assert [(row.guide, row.step, row.what, row.times) for row in kept] == [("a.b", "one", "shown", 2)]
        names = {column.name for column in t.step_counts.columns}
        assert names == {"week", "guide", "step", "what", "times"}  # nobody is in it


# --- the command ---


def fill(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        store = StoredMisses(connection, NOON)
        store.promise(store.keep(Miss(words="lịch gom rác tổ 7", commune="00001")), 7)
        store.keep(Miss(words="lich gom rac to 7", why="none", shown=TOPIC))
        store.keep(Miss(words="gia hạn hộ chiếu"))
        store.settle([store.keep(Miss(words="xong rồi"))], NOT_NEEDED)
        connection.execute(update(t.misses).where(t.misses.c.id == 3).values(at=NOON - timedelta(days=40)))
        week = f"{local_day(datetime.now(UTC)):%G-W%V}"
        add_up(
            connection,
            Counter(
                {
                    (week, "vneid.activate", "ask", "shown"): 9,
                    (week, "vneid.activate", "ask", "on"): 4,
                    (week, "vneid.activate", "ask", "stuck"): 3,
                    ("2020-W01", "vneid.activate", "ask", "shown"): 5,
                }
            ),
        )
    database.close()


def test_the_command_lists_groups_by_frequency(tmp_path: Path, sqlite_url: str) -> None:
    fill(sqlite_url)
    here = Office(tmp_path)
    done = here.toso("knowledge", "misses", "--since", "2026-11-01", database=sqlite_url)
    assert done.out.splitlines() == [
        "asked  to tell  last        question",
        f"    2        1  2026-11-09  lịch gom rác tổ 7  [{TOPIC}]",
        "                            lich gom rac to 7",
        "2 questions in 1 groups",
    ]
    every = here.toso("knowledge", "misses", "--since", "2026-01-01", "--json", database=sqlite_url)
    groups = [msgspec.json.decode(line) for line in every.out.splitlines()]
    assert [(group["count"], group["questions"][0]) for group in groups] == [
        (2, "lịch gom rác tổ 7"),
        (1, "gia hạn hộ chiếu"),
    ]
    assert groups[0]["why"] == {"none": 1, "unknown": 1}
    assert "person" not in every.out
    one = here.toso(
        "knowledge", "misses", "--since", "2026-11-01", "--commune", "00001", "--json", database=sqlite_url
    )
    assert [msgspec.json.decode(line)["count"] for line in one.out.splitlines()] == [1]
    wrong = here.toso("knowledge", "misses", "--since", "hôm qua", database=sqlite_url)
    assert (wrong.status, wrong.err) == (1, "--since is “hôm qua”. Write a day such as 2026-11-01.\n")


def test_the_command_lists_steps_by_week(tmp_path: Path, sqlite_url: str) -> None:
    fill(sqlite_url)
    here = Office(tmp_path)
    done = here.toso("knowledge", "steps", database=sqlite_url)
    heading, columns, step = done.out.splitlines()
    assert heading.endswith("  vneid.activate")
    assert columns.split() == ["shown", "stuck", "left", "help", "done", "step"]
    assert step.split()[:5] == ["9", "3", "2", "0", "0"]
    line = here.toso("knowledge", "steps", "--json", "--weeks", "1", database=sqlite_url)
    row = msgspec.json.decode(line.out)
    assert (row["guide"], row["step"], row["shown"], row["stuck"], row["left"]) == (
        "vneid.activate", "ask", 9, 3, 2,
    )  # fmt: skip
    assert ACCOUNT not in line.out
