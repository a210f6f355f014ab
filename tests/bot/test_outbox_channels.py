"""A message goes the way its reader can still be reached, and what that costs is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, insert, select, update

from bot import clock
from bot.channels import Carried, Limits, Refused, Sent, TryLater
from bot.core import Core
from bot.elsewhere import FRESH, Moved
from bot.outbox import AWAY, FOLDED, Sender
from bot.shelf import Bookcase
from bot.store import spending
from bot.store import tables as t
from handlers.talk import Button, Due, Message
from handlers.text import as_is
from handlers.turn import Choice, Kind, Office, Turn
from tests.bot.crash_worker import TOPICS
from tests.bot.rig import ACCOUNT, change, core_on, heard, rows
from tests.bot.test_outbox import (
    FAST,
    MORNING,
    NIGHT,
    Platform,
    let_go,
    say,
    send,
    sender_of,
    states,
    stop,
    tell,
)  # fmt: skip

OTHER = "other:1"
WEEK = timedelta(days=7)
LAN = 1  # the conversation of who wrote first

Row = dict[str, Any]


@pytest.fixture(autouse=True)
def working_hours() -> Iterator[None]:
    """Let it be a Monday morning."""
    clock.stop_at(MORNING)
    yield
    clock.reset()


class Strict(Platform):
    """A platform with a window, where each message costs something."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self.left = 100

    def refuses(self, silent: timedelta, kind: Kind) -> str:
        """Refuse everything a week after the last word."""
        return "no word for 7 days" if silent > WEEK else ""

    def narrow(self, silent: timedelta) -> bool:
        """Count single messages after two days."""
        return silent > timedelta(days=2)

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Take it as it came, and name its price."""
        await super().send(chat, message)
        self.messages.append(message)
        self.left -= 1
        return Sent(str(len(self.calls)), "billed", self.left)


def also(core: Core, account: str, *, silent: timedelta = timedelta(hours=1), gone: bool = False) -> None:
    """Give Lan another contact, which was last heard so long ago."""
    change(
        core,
        insert(t.contacts).values(
            account=account, chat="Lan too", conversation=LAN, heard=clock.now() - silent, gone=gone
        ),
    )


def silent_for(core: Core, time: timedelta) -> None:
    """Let everybody have been silent for so long."""
    change(core, update(t.contacts).values(heard=clock.now() - time))


def outbox(core: Core) -> list[Row]:
    """Give every message, in the order in which they were stored."""
    return [dict(row._mapping) for row in rows(core, select(t.outbox).order_by(t.outbox.c.id))]


def events(core: Core) -> list[tuple[str, Due]]:
    """Give what was put before the talks and waits there."""
    found = rows(core, select(t.inbox).where(t.inbox.c.account == "ticker").order_by(t.inbox.c.id))
    return [(row.key, msgspec.json.decode(row.event, type=Due)) for row in found]


def until_settled(core: Core, platform: Platform, **more: Any) -> Sender:
    """Run a sender until nothing waits for it."""
    sender = Sender(
        platform, core.database, core.writer, lambda: core.bookcase.shelf().calendar, FAST, **more
    )
    open_ones = select(func.count()).where(
        t.outbox.c.state.in_((t.READY, t.SENDING)), t.outbox.c.account == platform.account
    )

    async def run() -> None:
        task = asyncio.create_task(sender.run())
        async with asyncio.timeout(60):
            while rows(core, open_ones)[0][0]:
                await asyncio.sleep(0.01)
        await stop(task)

    asyncio.run(run())
    return sender


# --- the window is looked at before a call ---


@pytest.mark.parametrize(
    ("silent", "state", "calls"),
    [(timedelta(days=6), t.SENT, 1), (timedelta(days=7, minutes=1), t.FAILED, 0)],
)
def test_what_the_platform_would_refuse_is_never_sent(
    silent: timedelta, state: int, calls: int, url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "answer Lan 1")
        silent_for(core, silent)
        platform = Strict()
        sender = until_settled(core, platform)
        assert len(platform.calls) == calls
        assert states(core) == [state]
        assert sender.failed == 1 - calls
        assert outbox(core)[0]["error"] == (None if calls else "no word for 7 days")
        assert outbox(core)[0]["attempts"] == calls


# --- several bubbles in a narrow window ---

TWO_DAYS_AND_MORE = timedelta(days=3)


def bubbles(turn: Turn) -> None:
    """Say each word as a message of its own; "?" has choices, "…" is somebody's own word."""
    for word in turn.text.split()[1:]:
        choices = (Choice("yes", as_is("Yes")),) if "?" in word else ()
        turn.say(
            as_is(word),
            choices,
            voice="Dung" if "…" in word else "",
            link="https://a.vn" if "@" in word else "",
        )
    turn.say(as_is("news"), kind="broadcast")


@pytest.mark.parametrize(
    ("words", "calls"),
    [
        ("a", ["a"]),
        ("a b c?", ["a\n\nb\n\nc?"]),
        ("a b? c d", ["a\n\nb?", "c\n\nd"]),
        ("a b@ c", ["a\n\nb@", "c"]),
        ("a b… c", ["a", "b…", "c"]),
        (" ".join("abcdefghij"), ["\n\n".join("abcdefgh"), "i\n\nj"]),
    ],
)
def test_in_a_narrow_window_what_is_read_together_is_one_message(
    words: str, calls: list[str], url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, bubbles) as core:
        core.intake.take_now([heard("Lan", f"say {words}")])
        core.run_waiting()
        silent_for(core, TWO_DAYS_AND_MORE)
        platform = Strict()
        sender = until_settled(core, platform)
        assert [call for call in platform.calls if call != "news"] == calls
        assert states(core) == [t.SENT] * (len(words.split()) + 1)
        assert sender.sent == len(words.split()) + 1
        with_choices = [message for message in platform.messages if message.choices]
        assert all(message.choices == (Button("yes", "Yes"),) for message in with_choices)
        assert len(with_choices) == ("?" in words)
        assert max(len(call.split("\n\n")) for call in calls) <= FOLDED


def test_in_a_wide_window_each_message_stays_as_it_is(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, bubbles) as core:
        core.intake.take_now([heard("Lan", "say a b c")])
        core.run_waiting()
        platform = Strict()
        until_settled(core, platform)
        assert [call for call in platform.calls if call != "news"] == ["a", "b", "c"]


def test_messages_in_one_share_its_fate(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "notice Lan 1", "notice Lan 2")
        silent_for(core, TWO_DAYS_AND_MORE)
        platform = Strict()
        together = "Lan 1\n\nLan 2"
        platform.answers[together] = lambda: None if len(platform.calls) > 1 else TryLater("busy")
        platform.slow[together] = asyncio.Event()

        async def run() -> None:
            task = asyncio.create_task(sender_of(core, platform).run())
            await platform.called(1)
            assert states(core) == [t.SENDING, t.SENDING]
            platform.slow[together].set()
            await platform.called(2)
            await stop(task)

        asyncio.run(run())
        assert platform.calls == [together, together]
        assert [(row["state"], row["attempts"]) for row in outbox(core)] == [(t.SENT, 2), (t.SENT, 2)]
        # After a crash both are in doubt, and both go again.
        change(core, update(t.outbox).values(state=t.SENDING))
        platform = Strict()
        until_settled(core, platform)
        assert platform.calls == [together]
        assert all(row["again"] for row in outbox(core))


def test_of_several_in_one_the_rest_waits_when_one_is_taken_back(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "notice Lan 1", "notice Lan 2")
        silent_for(core, TWO_DAYS_AND_MORE)
        sender = sender_of(core, Strict())
        parcels, _ = sender._choose(sender._waiting(10, 9, []), 10)
        assert [len(parcel.rows) for parcel in parcels] == [2]
        change(core, update(t.outbox).where(t.outbox.c.number == 2).values(state=t.WITHDRAWN))
        with core.database.write() as connection:
            assert sender._write(connection, [], parcels)[0] == []
        assert [(row["state"], row["attempts"]) for row in outbox(core)] == [(t.READY, 0), (t.WITHDRAWN, 0)]


# --- somewhere else ---


def refusing(*texts: str, gone: bool = False) -> Platform:
    """Give a platform that refuses these words for good."""
    platform = Platform()
    for text in texts:
        platform.answers[text] = lambda: Refused("blocked", gone=gone)
    return platform


@pytest.mark.parametrize("kind", ["notice", "reminder", "receipt"])
def test_what_cannot_be_delivered_goes_to_another_chat_of_the_person(
    kind: str, url: str, shelf_of_three: Bookcase
) -> None:
    moved: list[Moved] = []
    with core_on(url, shelf_of_three, say) as core:
        tell(core, f"{kind} Lan 1")
        also(core, OTHER)
        until_settled(core, refusing("Lan 1"), moved=moved.append)
        first, second = outbox(core)
        assert (first["state"], first["error"]) == (t.FAILED, "blocked")
        same = ("about", "kind", "priority", "message", "voice", "until")
        assert {name: second[name] for name in same} == {name: first[name] for name in same}
        assert (second["account"], second["number"], second["state"]) == (OTHER, 1, t.READY)
        assert second["instead"] == first["id"]
        assert [found.accounts for found in moved] == [{OTHER}]
        assert events(core) == []
        # What is withdrawn is withdrawn there as well.
        tell(core, "withdraw report:1")
        assert [row["state"] for row in outbox(core)] == [t.FAILED, t.WITHDRAWN]


@pytest.mark.parametrize("kind", ["answer", "broadcast"])
def test_an_answer_belongs_where_the_question_came_from(
    kind: str, url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, f"{kind} Lan 1")
        also(core, OTHER)
        until_settled(core, refusing("Lan 1"))
        assert states(core) == [t.FAILED]
        assert events(core) == []


def test_words_passed_on_come_by_another_chat_and_their_loss_is_known_as_such(
    url: str, shelf_of_three: Bookcase
) -> None:
    def pass_on(turn: Turn) -> None:
        turn.say(as_is(turn.text), to=LAN, kind="notice", about="words:1", voice="chị Hường")

    for other in (True, False):
        with core_on(url, shelf_of_three, pass_on) as core:
            core.intake.take_now([heard("Lan", "wait for me" if other else "and then")])
            if other:
                also(core, OTHER)
            else:
                change(core, update(t.contacts).where(t.contacts.c.account == OTHER).values(gone=True))
            core.run_waiting()
            until_settled(core, refusing("wait for me", "and then"))
            if other:
                assert [row["account"] for row in outbox(core)] == [ACCOUNT, OTHER]
                assert outbox(core)[1]["voice"] == "chị Hường"
            else:
                assert events(core)[0][1].facts["passed_on"] == "yes"


def test_what_was_folded_once_is_tried_again_as_it_was(url: str, shelf_of_three: Bookcase) -> None:
    """Of a message in parts some may have arrived: nothing may come before the others then."""
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "notice Lan 1", "notice Lan 2")
        silent_for(core, timedelta(days=3))
        strict = Strict()

        def later() -> TryLater | None:
            if len(strict.calls) > 1:
                return None
            core.intake.take_now([heard("Lan", "notice Lan 3")])  # which opens the window, too
            core.run_waiting()
            return TryLater("halfway", timedelta(seconds=0.01))

        strict.answers["Lan 1\n\nLan 2"] = later
        until_settled(core, strict)
        assert [message.text for message in strict.messages] == ["Lan 1\n\nLan 2", "Lan 3"]


@pytest.mark.parametrize("gone", [False, True])
def test_when_no_chat_is_left_the_talks_are_told_once(gone: bool, url: str, shelf_of_three: Bookcase) -> None:
    moved: list[Moved] = []
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "notice Lan 1")
        also(core, "mail")  # no chat
        also(core, "gone:1", gone=True)
        also(core, "off:1")
        until_settled(
            core, refusing("Lan 1", gone=gone), moved=moved.append, served=[OTHER, "mail"].__contains__
        )
        assert states(core) == [t.FAILED]
        number = str(outbox(core)[0]["id"])
        due = Due(
            name="reach.failed",
            about="report:1",
            at=MORNING,
            facts={"person": str(LAN), "kind": "notice", "message": number},
        )
        assert events(core) == [(f"undelivered:{number}", due)]
        assert [found.events for found in moved] == [1]


def test_every_chat_is_tried_once_and_then_the_talks_are_told(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "notice Lan 1")
        also(core, "b:1", silent=timedelta(days=2))
        also(core, "c:1", silent=timedelta(days=1))
        also(core, "web", silent=timedelta(minutes=1))
        for account in (ACCOUNT, "c:1", "b:1"):
            platform = refusing("Lan 1")
            platform.account = account
            until_settled(core, platform)
        tried = [(row["account"], row["state"], row["instead"]) for row in outbox(core)]
        first = outbox(core)[0]["id"]
        assert tried == [
            (ACCOUNT, t.FAILED, None),
            ("c:1", t.FAILED, first),
            ("b:1", t.FAILED, first),
            ("web", t.SENT, first),  # whoever opens the page finds it
        ]
        assert events(core) == []


def test_a_page_that_nobody_has_opened_for_a_month_reaches_nobody(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "notice Lan 1")
        also(core, "web", silent=FRESH + timedelta(minutes=1))
        until_settled(core, refusing("Lan 1"))
        assert states(core) == [t.FAILED]
        assert [due.name for _, due in events(core)] == ["reach.failed"]


def test_a_page_gets_a_reminder_in_the_hours_only(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "reminder Lan 1")
        also(core, "web")
        platform = refusing("Lan 1")
        platform.slow["Lan 1"] = asyncio.Event()

        async def run() -> None:
            sender = sender_of(core, platform)
            task = asyncio.create_task(sender.run())
            await platform.called(1)
            clock.stop_at(NIGHT)  # it takes the platform all day to say no
            platform.slow["Lan 1"].set()
            while len(outbox(core)) < 2:
                await asyncio.sleep(0.01)
            await stop(task)

        asyncio.run(run())
        there = outbox(core)[1]
        assert (there["account"], there["state"], there["number"]) == ("web", t.HELD, None)
        assert there["not_before"] is not None


def test_outside_one_address_follows_another_and_nothing_goes_round_in_a_circle(url: str) -> None:
    def outside(turn: Turn) -> None:
        turn.say(as_is(turn.text), kind="notice", outside=True)

    with core_on(url, Bookcase(Office(outside=("mail", "zbs")), TOPICS), outside) as core:
        core.intake.take_now([heard("Lan", "word")])
        also(core, "zbs")
        also(core, "mail")
        core.run_waiting()
        for account in ("mail", "zbs"):
            platform = refusing("word")
            platform.account = account
            until_settled(core, platform)
        assert [(row["account"], row["state"]) for row in outbox(core)] == [
            ("mail", t.FAILED),
            ("zbs", t.FAILED),
        ]
        assert events(core) == []


def test_who_has_left_is_not_called_and_is_told_elsewhere(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "notice Lan 1", "notice Lan 2", "answer Lan 3")
        also(core, OTHER)
        platform = refusing("Lan 1", gone=True)
        until_settled(core, platform)
        assert platform.calls == ["Lan 1"]
        assert [(row["account"], row["state"], row["number"]) for row in outbox(core)] == [
            (ACCOUNT, t.FAILED, 1),
            (ACCOUNT, t.FAILED, 2),
            (ACCOUNT, t.FAILED, 3),
            (OTHER, t.READY, 1),
            (OTHER, t.READY, 2),
        ]


# --- limits ---


def test_a_reminder_or_broadcast_lets_the_talk_of_its_chat_pass(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "broadcast Lan 1", "reminder Lan 2", "notice Lan 3", "answer Lan 4")
        platform = Platform()
        send(core, platform, 4, Limits(rate=1000, burst=1, chat_rate=1000, chat_burst=1000))
        assert platform.calls == ["Lan 3", "Lan 4", "Lan 2", "Lan 1"]


def test_a_slow_platform_keeps_room_for_answers(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, *(f"broadcast chat{number} news{number}" for number in range(40)))
        platform = Platform()
        for number in range(40):
            platform.slow[f"chat{number} news{number}"] = asyncio.Event()

        async def run() -> None:
            sender = sender_of(core, platform, Limits(rate=30, burst=1000, chat_rate=1000, chat_burst=1000))
            task = asyncio.create_task(sender.run())
            await platform.called(12)
            await asyncio.to_thread(tell, core, "answer Lan 1")
            sender.wake()
            while platform.calls[-1] != "Lan 1":
                await platform.called(len(platform.calls) + 1)
            assert len(platform.calls) == 13
            for slow in platform.slow.values():
                slow.set()
            await stop(task)

        asyncio.run(run())


def test_a_platform_that_is_away_costs_no_message_its_attempts(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, *(f"answer chat{number} 1" for number in range(8)))
        platform = Platform()
        away = TryLater("no network", timedelta(milliseconds=1), everybody=True)

        def back() -> Exception | None:
            return away if len(platform.calls) < 30 else None

        for number in range(8):
            platform.answers[f"chat{number} 1"] = back
        until_settled(core, platform)
        assert states(core) == [t.SENT] * 8
        assert {row["attempts"] for row in outbox(core)} == {1}


def test_what_has_to_wait_for_hours_keeps_no_later_message_from_leaving(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "notice Lan 1", "answer Lan 2")
        platform = Platform()
        platform.answers["Lan 1"] = lambda: TryLater("not at this hour", timedelta(hours=8))
        until_settled(core, platform)
        assert platform.calls == ["Lan 1", "Lan 2"]
        held = outbox(core)[0]
        assert (held["state"], held["number"]) == (t.HELD, None)
        assert held["not_before"] == MORNING + timedelta(hours=8)
        clock.stop_at(MORNING + timedelta(hours=8))
        assert let_go(core) == {ACCOUNT}
        platform.answers.clear()
        until_settled(core, platform)
        assert platform.calls == ["Lan 1", "Lan 2", "Lan 1"]
        assert states(core) == [t.SENT, t.SENT]


def test_what_waits_too_long_for_a_platform_that_is_away_goes_to_another(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "notice Lan 1", "answer Lan 2", "notice Minh 3")
        also(core, OTHER)
        tell(core, *(f"answer chat{number} 1" for number in range(3)))
        platform = Platform()
        for text in ("Lan 1", "Minh 3", *(f"chat{number} 1" for number in range(3))):
            platform.answers[text] = lambda: TryLater("no network")

        async def run() -> None:
            sender = sender_of(core, platform)
            task = asyncio.create_task(sender.run())
            while not sender._pace.troubled:
                await asyncio.sleep(0.01)
            assert len(outbox(core)) == 6  # it may be back in a moment
            clock.stop_at(MORNING + AWAY + timedelta(seconds=1))
            sender._look_again = 0.0
            while len(outbox(core)) < 7:
                sender.wake()
                await asyncio.sleep(0.01)
            await stop(task)

        asyncio.run(run())
        by_text = {(row["account"], msgspec.json.decode(row["message"])["text"]): row for row in outbox(core)}
        assert by_text[ACCOUNT, "Lan 1"]["state"] == t.FAILED
        assert by_text[OTHER, "Lan 1"]["instead"] == by_text[ACCOUNT, "Lan 1"]["id"]
        assert by_text[ACCOUNT, "Lan 2"]["state"] != t.FAILED  # an answer waits where it was asked for
        assert by_text[ACCOUNT, "Minh 3"]["state"] != t.FAILED  # who has no other chat is not given up
        assert events(core) == []


# --- what it costs ---


def test_each_message_is_counted_in_its_month_with_what_is_left(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "answer Lan 1", "answer Lan 2", "answer Minh 1")
        platform = Strict()
        until_settled(core, platform)
        with core.database.read() as connection:
            spent = spending.month(connection, ACCOUNT, "2026-11")
            assert [(one.cost, one.messages, one.remaining) for one in spent] == [("billed", 3, 97)]
            assert spending.month(connection, ACCOUNT, "2026-12") == []
            assert spending.month(connection, OTHER, "2026-11") == []


class Halving(Strict):
    """A platform that takes a message in two parts, the first of which costs something else."""

    def __init__(self, *ends: str) -> None:
        super().__init__()
        self.ends = list(ends)

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Take a part, and then what the next of these ends says."""
        end = self.ends.pop(0)
        error: TryLater | Refused = TryLater("busy") if end == "later" else Refused("no")
        if end == "whole":
            return Sent("2", "billed", others=(Sent("1", "quota", 0),))
        error.taken = Sent("1", "quota", 5)
        raise error


@pytest.mark.parametrize(
    ("ends", "counted"),
    [
        (("later", "later", "whole"), [("billed", 1, None), ("quota", 3, 0)]),
        (("later", "never"), [("quota", 2, 5)]),
    ],
)
def test_parts_that_were_taken_are_counted_however_the_message_ends(
    ends: tuple[str, ...], counted: list[tuple[str, int, int | None]], url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "answer Lan 1")
        until_settled(core, Halving(*ends))
        with core.database.read() as connection:
            spent = spending.month(connection, ACCOUNT, "2026-11")
    assert [(one.cost, one.messages, one.remaining) for one in spent] == counted


@pytest.mark.parametrize(
    ("hour", "month"), [("2026-11-30T16:59:59+00:00", "2026-11"), ("2026-11-30T17:00:00+00:00", "2026-12")]
)
def test_a_month_ends_at_midnight_in_vietnam(hour: str, month: str) -> None:
    assert spending.month_of(msgspec.convert(hour, type=type(MORNING))) == month


def test_what_costs_nothing_leaves_no_row(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, say) as core:
        tell(core, "answer Lan 1")
        until_settled(core, Platform())
        assert rows(core, select(t.spending)) == []


def test_costs_are_counted_apart_and_the_last_word_on_what_is_left_stays(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, say) as core:
        first: list[tuple[str, int | None, int]] = [("free", None, 1), ("billed", 9, 1)]
        for sent in (first, [("billed", 7, 1), ("billed", None, 2), ("free", None, 1)]):
            with core.database.write() as connection:
                spending.count(connection, ACCOUNT, clock.now(), sent)
        with core.database.read() as connection:
            spent = spending.month(connection, ACCOUNT, "2026-11")
        assert [(one.cost, one.messages, one.remaining) for one in spent] == [
            ("billed", 4, 7),
            ("free", 2, None),
        ]
        with core.database.read() as connection:
            assert spending.used(connection, ACCOUNT, clock.now()) == 6


def test_what_was_heard_in_a_month_is_counted_where_a_platform_counts_it(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, say) as core:
        core.intake.take_now([heard("Lan", "một", "1"), heard("Minh", "hai", "2")])
        change(core, update(t.inbox).where(t.inbox.c.key == "1").values(at=MORNING - timedelta(days=31)))
        with core.database.read() as connection:
            assert spending.heard(connection, ACCOUNT, clock.now()) == 1
            assert spending.heard(connection, OTHER, clock.now()) == 0
