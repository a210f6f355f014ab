"""Events are decided in order, each once; those that cannot be decided stand in nobody's way."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import OperationalError

from bot import clock, turns
from bot.core import Core
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.turns import BATCH, HANGED, TRIES, WAITS, Done
from handlers.talk import Incoming
from handlers.text import as_is
from handlers.turn import Office, Turn
from knowledge.search import Found
from tests.bot.crash_worker import TOPICS
from tests.bot.rig import ACCOUNT, change, core_on, echo, hang_up, heard, noted, rows, said

HOUSE = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    """Give the clock back after a test that has moved it."""
    yield
    clock.reset()


def awkward(turn: Turn) -> None:
    """Fail at "bad", and at "bad row" only when it is written; repeat the rest."""
    if turn.text == "bad":
        raise ZeroDivisionError
    echo(turn)
    if turn.text == "bad row":
        turn.notes.append((None, "nothing", 0))  # type: ignore[arg-type]


def waiting(core: Core) -> list[tuple[int, int]]:
    """Give state and attempts of every event, in order."""
    return [
        (row.state, row.attempts)
        for row in rows(core, select(t.inbox.c.state, t.inbox.c.attempts).order_by(t.inbox.c.id))
    ]


# --- order ---


@pytest.mark.parametrize("threads", [1, 4])
def test_each_conversation_is_decided_in_its_order(threads: int, url: str, shelf_of_three: Bookcase) -> None:
    each = 150
    decided = 0
    finished = threading.Event()
    counting = threading.Lock()

    def after(done: Done) -> None:
        nonlocal decided
        with counting:
            decided += done.events
            if decided == 3 * each:
                finished.set()

    with core_on(url, shelf_of_three, echo, threads=threads, after=after) as core:
        core.start()
        for number in range(each):
            core.intake.take_now([heard(f"chat {place}", f"tin {number}") for place in range(3)])
        assert finished.wait(120)
        assert core.workers is not None
        core.workers.stop()
        by_talk: dict[str, list[str]] = defaultdict(list)
        for row in rows(core, select(t.audit).order_by(t.audit.c.id)):
            by_talk[row.about].append(row.done)
        assert list(by_talk.values()) == [[f"tin {number}" for number in range(each)]] * 3
        for place in range(3):
            assert said(core, f"chat {place}") == [f"tin {number}" for number in range(each)]


def test_intake_adds_to_a_conversation_whose_turn_is_under_way(
    postgresql_url: str, shelf_of_three: Bookcase
) -> None:
    stored: list[str] = []

    def decide(turn: Turn) -> None:
        if turn.text == "1":
            core.intake.take_now([heard("Lan", "2")])
            stored.append("while the turn was open")
        echo(turn)

    with core_on(postgresql_url, shelf_of_three, decide) as core:
        core.intake.take_now([heard("Lan", "1")])
        core.run_waiting()
        assert stored == ["while the turn was open"]
        assert noted(core) == ["1", "2"]


# --- what cannot be decided ---


@pytest.mark.parametrize("failing", ["bad", "bad row"])
def test_after_three_failures_an_event_is_parked_with_an_apology_and_a_number(
    failing: str, url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, awkward) as core:
        clock.ticks_at(100.0)
        core.intake.take_now([heard("Lan", "1"), heard("Lan", failing), heard("Lan", "3")])
        core.intake.take_now([heard(f"chat {place}", "tin") for place in range(20)])
        core.run_waiting()
        others = ["1", *["tin"] * 20]
        assert sorted(noted(core)) == sorted(others)
        tried = [(t.DONE, 0), (t.WAITING, 1), (t.WAITING, 0)]
        assert waiting(core)[:3] == tried
        for failures, wait in ((2, WAITS[1]), (3, WAITS[2])):
            clock.ticks_at(clock.ticks() + wait - 0.01)
            assert core.run_waiting() == 0
            assert waiting(core)[1] == (t.WAITING, failures - 1)
            clock.ticks_at(clock.ticks() + 0.01)
            core.run_waiting()
        assert waiting(core)[:3] == [(t.DONE, 0), (t.PARKED, 2), (t.DONE, 0)]
        assert noted(core)[-1] == "3"
        number = rows(core, select(t.inbox.c.number).where(t.inbox.c.state == t.PARKED))[0].number
        first, sorry, last = said(core, "Lan")
        assert (first, last) == ("1", "3")
        assert number in sorry
        assert core.turns.parked == 1


def test_the_waits_are_those_of_the_design() -> None:
    assert WAITS == (0.0, 2.0, 10.0)
    assert TRIES == 3


def test_what_cannot_be_read_any_more_is_parked_like_any_other_failure(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, echo) as core:
        core.intake.take_now([heard("Lan", "1"), heard("Minh", "2")])
        with core.database.write() as connection:
            lans = select(t.contacts.c.conversation).where(t.contacts.c.chat == "Lan").scalar_subquery()
            connection.execute(update(t.inbox).where(t.inbox.c.conversation == lans).values(event="{"))
        _let_all_tries_pass(core)
        assert waiting(core) == [(t.PARKED, 2), (t.DONE, 0)]
        assert said(core, "Minh") == ["2"]


class Stumbling(Bookcase):
    """Knowledge whose search has a bug."""

    def understand(self, text: str) -> Found:
        """Give what a text asks for, if it is not the one."""
        if text == "bad":
            raise ZeroDivisionError
        return super().understand(text)


def test_words_that_cannot_be_searched_are_parked_like_any_other_failure(url: str) -> None:
    with core_on(url, Stumbling(Office(), TOPICS), echo) as core:
        core.intake.take_now([heard("Lan", "bad"), heard("Minh", "good")])
        _let_all_tries_pass(core)
        assert waiting(core) == [(t.PARKED, 2), (t.DONE, 0)]
        assert said(core, "Minh") == ["good"]


def test_a_resting_conversation_hides_nobody_behind_it(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, awkward) as core:
        clock.ticks_at(0.0)
        core.intake.take_now([heard("Lan", "bad"), *(heard("Lan", "1") for _ in range(BATCH + 10))])
        core.intake.take_now([heard("Minh", "2")])
        core.run_waiting()
        assert noted(core) == ["2"]


def test_a_statement_that_no_database_understands_counts_as_a_failed_decision(
    url: str, shelf_of_three: Bookcase
) -> None:
    def decide(turn: Turn) -> None:
        if turn.text == "bad":
            turn.people._connection.execute(text("select * from nowhere"))  # type: ignore[attr-defined]
        echo(turn)

    with core_on(url, shelf_of_three, decide) as core:
        core.intake.take_now([heard("Lan", "bad"), heard("Minh", "2")])
        _let_all_tries_pass(core)
        assert waiting(core) == [(t.PARKED, 2), (t.DONE, 0)]


def test_a_database_that_goes_away_amid_a_decision_counts_against_nobody(
    postgresql_url: str, shelf_of_three: Bookcase
) -> None:
    hangings = 3

    def decide(turn: Turn) -> None:
        nonlocal hangings
        turn.people.roles(turn.person.id)
        if hangings:
            hangings -= 1
            hang_up(postgresql_url)
            turn.people.roles(turn.person.id)
        echo(turn)

    with core_on(postgresql_url, shelf_of_three, decide) as core:
        core.intake.take_now([heard("Lan", "1")])
        for _ in range(3):
            with pytest.raises(OperationalError):
                core.turns.take()
            assert waiting(core) == [(t.WAITING, 0)]
        core.run_waiting()
        assert noted(core) == ["1"]


def test_turns_go_on_by_themselves_when_the_database_is_back(
    postgresql_url: str, shelf_of_three: Bookcase
) -> None:
    told = threading.Event()
    with core_on(postgresql_url, shelf_of_three, echo, after=lambda done: told.set()) as core:
        core.start()
        for words in ("1", "2", "3"):
            hang_up(postgresql_url)
            told.clear()
            core.intake.take_now([heard("Lan", words)])
            assert told.wait(60)
        assert noted(core) == ["1", "2", "3"]
        assert core.workers is not None
        core.workers.stop()


# --- events that end their process ---


def test_a_turn_that_hangs_ends_its_process_and_is_then_taken_carefully(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, echo) as core:
        core.intake.take_now([heard("Lan", "1"), heard("Minh", "2")])
    hanging = subprocess.run(
        [sys.executable, "-m", "tests.bot.hanging_worker", url, "0.3"], cwd=HOUSE, timeout=120, check=False
    )
    assert hanging.returncode == HANGED
    decided = threading.Semaphore(0)

    def after(done: Done) -> None:
        decided.release(done.events)

    with core_on(url, shelf_of_three, echo, after=after) as core:
        core.start()
        assert core.dead
        core.intake.take_now([heard("Thu", "3")])
        for _ in range(3):
            assert decided.acquire(timeout=60)
        assert waiting(core) == [(t.DONE, 1), (t.DONE, 1), (t.DONE, 0)]
        core.intake.take_now([heard("Thu", "4")])
        assert decided.acquire(timeout=60)
        assert core.turns.careful_to == 0
        core.stop()
    with core_on(url, shelf_of_three, echo) as core:
        core.start()
        assert not core.dead  # the one before has said goodbye
        core.stop()


def test_no_event_is_blamed_for_a_process_that_dies_while_it_gets_ready(
    url: str, shelf_of_three: Bookcase
) -> None:
    class Died(Exception):
        """The process is killed before any event is touched."""

    def die() -> None:
        raise Died

    with core_on(url, shelf_of_three, echo) as core:
        core.intake.take_now([heard("Lan", "tin 1")])
        core.turns.careful_to = 1_000_000
        core.turns.ready = die
        for _ in range(TRIES + 1):
            with pytest.raises(Died):
                core.run_waiting()
        assert waiting(core) == [(t.WAITING, 0)]
        core.turns.ready = shelf_of_three.prepare
        core.run_waiting()
        assert waiting(core) == [(t.DONE, 1)]


def test_with_care_what_was_in_hand_at_the_fewest_deaths_comes_first(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, echo) as core:
        core.intake.take_now([heard(name, f"tin của {name}") for name in ("Lan", "Mai", "Nga", "Lan")])
        blame = update(t.inbox).where(t.inbox.c.id == 1).values(attempts=2)
        core.writer.submit(lambda connection: connection.execute(blame)).result()
        core.turns.careful_to = 1_000_000
        core.run_waiting()
        assert [row.done for row in rows(core, select(t.audit).order_by(t.audit.c.id))] == [
            "tin của Mai",
            "tin của Nga",
            "tin của Lan",
            "tin của Lan",
        ]


def test_a_neighbour_that_is_alive_is_no_reason_for_care(
    postgresql_url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(postgresql_url, shelf_of_three, echo) as one, core_on(
        postgresql_url, shelf_of_three, echo
    ) as two, core_on(postgresql_url, shelf_of_three, echo) as three:  # fmt: skip
        one.intake.take_now([heard("Lan", "1")])
        one.run_waiting()
        one.start()
        two.start()
        assert not two.dead
        assert one.workers is not None
        one.workers.stop()
        hang_up(postgresql_url)  # as if both had died
        three.start()
        assert len(three.dead) == 2
        assert two.workers is not None
        two.workers.stop()
        three.stop()


def test_care_counts_each_event_once_however_many_are_careful(
    postgresql_url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(postgresql_url, shelf_of_three, echo) as one, core_on(
        postgresql_url, shelf_of_three, echo
    ) as two:  # fmt: skip
        one.intake.take_now([heard(f"chat {n % 7}", f"tin {n}") for n in range(60)])
        one.turns.careful_to = two.turns.careful_to = 1_000_000
        takers = [threading.Thread(target=core.run_waiting) for core in (one, one, one, two, two, two)]
        for taker in takers:
            taker.start()
        for taker in takers:
            taker.join()
        one.run_waiting()
        assert waiting(one) == [(t.DONE, 1)] * 60


# --- several turns in one commit ---


def test_a_later_turn_of_a_batch_sees_what_an_earlier_one_did(url: str, shelf_of_three: Bookcase) -> None:
    def decide(turn: Turn) -> None:
        match turn.text.split():
            case ["call", name]:
                turn.know(name=name)
                turn.say(as_is("nice to meet you"))
            case ["who", number]:
                turn.note(f"that is {turn.people.get(int(number)).name}", "test")
            case ["join"]:
                invitation = turn.people.invitation("MOI-1")
                assert invitation is not None
                turn.people.join(invitation, turn.person.id)
            case ["staff"]:
                turn.note(f"staff {turn.staff}", "test")
            case ["forget"]:
                turn.people.forget(turn.person.id)

    with core_on(url, shelf_of_three, decide) as core:
        with core.database.write() as connection:
            unit = connection.scalar(
                insert(t.units).values(kind="team", name="Tổ 1", commune="00001").returning(t.units.c.id)
            )
            connection.execute(
                insert(t.invitations).values(code="MOI-1", kind="member", place=unit, name="Hường")
            )
        core.intake.take_now([heard("Lan", "1")])
        core.run_waiting()
        lan = rows(core, select(t.contacts.c.conversation).where(t.contacts.c.chat == "Lan"))[0][0]
        core.intake.take_now(
            [
                heard("Lan", "call Lan"),
                heard("Minh", f"who {lan}"),
                heard("Minh", "staff"),
                heard("Minh", "join"),
                heard("Minh", "staff"),
                heard("Lan", "forget"),
            ]
        )
        core.run_waiting()
        assert noted(core) == ["that is Lan", "staff False", "staff True"]
        assert said(core, "Lan") == []


def test_one_event_that_cannot_be_written_undoes_no_other_of_its_batch(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, awkward) as core:
        clock.ticks_at(0.0)
        core.intake.take_now([heard(f"chat {n}", "bad row" if n % 10 == 5 else str(n)) for n in range(30)])
        core.run_waiting()
        assert sorted(noted(core), key=int) == [str(n) for n in range(30) if n % 10 != 5]


def test_what_is_asked_again_is_searched_in_the_knowledge_of_that_day(url: str, tmp_path: Path) -> None:
    topics = tmp_path / "topics"
    shutil.copytree(TOPICS, topics)
    bookcase = Bookcase(Office(), topics)
    seen = []

    def decide(turn: Turn) -> None:
        seen.append(turn.found == bookcase.understand(turn.text))

    with core_on(url, bookcase, decide) as core:
        core.intake.take_now([heard("Lan", "mất thẻ thư viện")])
        core.run_waiting()
        before = bookcase.understand("mất thẻ thư viện")
        for lang in ("vi", "en"):
            (topics / lang / "library.lost.md").unlink()
        assert bookcase.look()
        assert bookcase.understand("mất thẻ thư viện") != before
        core.intake.take_now([heard("Minh", "mất thẻ thư viện")])
        core.run_waiting()
        assert seen == [True, True]


def _let_all_tries_pass(core: Core) -> None:
    clock.ticks_at(0.0)
    core.run_waiting()
    for seconds in (2.0, 12.0):
        clock.ticks_at(seconds)
        core.run_waiting()


# --- people whom no chat reaches ---


def outside_or_not(turn: Turn) -> None:
    """Say the words to a chat, and once more outside."""
    if isinstance(turn.event, Incoming):
        turn.say(as_is(turn.text))
        turn.say(as_is(f"{turn.text} outside"), kind="notice", outside=True)


@pytest.mark.parametrize(
    ("addresses", "written"),
    [
        ((), None),
        ((("zbs", "84900000001", False),), "zbs"),
        ((("zbs", "84900000001", False), ("mail", "lan@example.vn", False)), "mail"),
        ((("zbs", "84900000001", False), ("mail", "lan@example.vn", True)), "zbs"),
        ((("mail", "lan@example.vn", True),), None),
    ],
)
def test_what_is_said_outside_goes_to_an_address_and_no_chat_is_ever_one(
    addresses: tuple[tuple[str, str, bool], ...], written: str | None, url: str
) -> None:
    office = Bookcase(Office(outside=("mail", "zbs")), TOPICS)
    with core_on(url, office, outside_or_not) as core:
        core.intake.take_now([heard("Lan", "one")])
        person = rows(core, select(t.contacts.c.conversation))[0].conversation
        later = clock.now() + timedelta(days=1)  # an address noted after the last word is no chat for it
        for account, chat, gone in addresses:
            change(
                core,
                insert(t.contacts).values(
                    account=account, chat=chat, conversation=person, heard=later, gone=gone
                ),
            )
        core.run_waiting()
        told = {row.account: row.message for row in rows(core, select(t.outbox).order_by(t.outbox.c.id))}
        assert '"one"' in told.pop(ACCOUNT)
        assert list(told) == ([written] if written else [])
        assert noted(core) == ([] if written else ["could not be reached"])


def test_who_is_told_something_by_another_is_told_in_a_chat(url: str, shelf_of_three: Bookcase) -> None:
    def to_lan(turn: Turn) -> None:
        if turn.text == "tell Lan":
            turn.say(as_is("for Lan"), to=1, kind="notice")

    with core_on(url, shelf_of_three, to_lan) as core:
        core.intake.take_now([heard("Lan", "one")])
        core.run_waiting()
        address = insert(t.contacts).values(
            account="mail", chat="lan@example.vn", conversation=1, heard=clock.now() + timedelta(days=1)
        )
        change(core, address)
        core.intake.take_now([heard("Minh", "tell Lan")])
        core.run_waiting()
        assert said(core, "Lan") == ["for Lan"]


@pytest.mark.parametrize(("knocking", "decided"), [(0, [5]), (1, [1, 1, 1, 1, 1])])
def test_a_commit_ends_early_where_somebody_waits_to_be_let_in(
    knocking: int,
    decided: list[int],
    sqlite_url: str,
    shelf_of_three: Bookcase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "SHORT", -1.0)  # every moment is too long
    with core_on(sqlite_url, shelf_of_three, echo) as core:
        core.turns.knocking = lambda: knocking
        core.intake.take_now([heard(f"chat {place}", "1") for place in range(5)])
        assert [core.turns.take() for _ in decided] == decided
        assert core.turns.take() == 0


@pytest.mark.parametrize("ends", [True, False], ids=["a rush that ends", "a rush without end"])
def test_turns_let_a_rush_in_first_and_go_on_even_so(
    ends: bool, sqlite_url: str, shelf_of_three: Bookcase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "GIVEN", 1.0)
    looked: list[int] = []
    # However long a look takes, five of them are what is given.
    monkeypatch.setattr(clock, "ticks", lambda: len(looked) * 0.2)
    decided = threading.Event()

    def knocking() -> int:
        looked.append(1)
        return 0 if ends and len(looked) > 3 else turns.RUSH + 1

    with core_on(sqlite_url, shelf_of_three, lambda _turn: decided.set()) as core:
        core.turns.knocking = knocking
        core.intake.take_now([heard("Lan", "1")])
        core.start()
        assert decided.wait(60)
        assert len(looked) > 3
        assert core.workers
        core.workers.stop()
