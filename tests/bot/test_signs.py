"""Coming, leaving and an official's words: who may be written to, and where the bot keeps quiet."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from bot import clock
from bot.core import Core
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.tables import NEVER
from handlers import desk, signs
from handlers.records.people import Person
from handlers.talk import Incoming, Quiet, Talk
from handlers.turn import Turn
from tests.bot.rig import ACCOUNT, core_on, heard, rows
from tests.handlers.turning import NOW

ELSEWHERE = "platform:2"


def contact(core: Core) -> tuple[bool, bool]:
    """Say whether Lan is gone, and whether she has been heard since the clock stood at NOW."""
    [row] = rows(core, select(t.contacts.c.gone, t.contacts.c.heard).where(t.contacts.c.chat == "lan"))
    return row.gone, row.heard > NOW


@pytest.mark.parametrize(
    ("done", "gone", "heard_since"),
    [
        (("left",), True, False),
        (("left", "came"), False, True),
        (("left", "words"), False, True),
        (("left", "official"), True, False),
        (("official",), False, False),
        (("called",), False, False),
        (("left", "called"), True, False),
        (("left", "spoke"), False, True),
        (("came",), False, True),
        (("came", "left"), True, True),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
def test_a_contact_is_gone_from_leaving_to_the_next_sign_of_life(
    done: tuple[str, ...], gone: bool, heard_since: bool, together: bool, url: str, bookcase: Bookcase
) -> None:
    clock.stop_at(NOW)
    try:
        with core_on(url, bookcase, desk.decide) as core:
            core.intake.take_now([heard("lan", "quen mat khau vneid")])
            core.run_waiting()
            clock.stop_at(NOW + timedelta(hours=1))
            events = [
                heard("lan", "menu", str(place))
                if what == "words"
                else msgspec.structs.replace(
                    heard("lan", "", str(place)),
                    incoming=Incoming(account=ACCOUNT, chat="lan", sender="lan", sign=what),  # type: ignore[arg-type]
                )
                for place, what in enumerate(done)
            ]
            for batch in [events] if together else [[event] for event in events]:
                core.intake.take_now(batch)
                core.run_waiting()
            assert contact(core) == (gone, heard_since)
    finally:
        clock.reset()


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
@pytest.mark.parametrize(("left", "gone"), [(4, True), (2, False)])
def test_a_sign_that_comes_late_counts_from_when_it_was_given(
    left: int, gone: bool, together: bool, url: str, bookcase: Bookcase
) -> None:
    """A platform repeats what was not acknowledged, up to an hour later and after newer words."""
    clock.stop_at(NOW + timedelta(minutes=5))
    said = heard("lan", "menu", "1")
    sign = Incoming(
        account=ACCOUNT, chat="lan", sender="lan", sign="left", sent=NOW + timedelta(minutes=left)
    )
    events = [
        msgspec.structs.replace(
            said, incoming=msgspec.structs.replace(said.incoming, sent=NOW + timedelta(minutes=3))
        ),
        msgspec.structs.replace(said, key="2", incoming=sign),
    ]
    try:
        with core_on(url, bookcase, desk.decide) as core:
            for batch in [events] if together else [[event] for event in events]:
                core.intake.take_now(batch)
                core.run_waiting()
            [row] = rows(core, select(t.contacts.c.gone, t.contacts.c.heard))
            # A platform's window begins with the person's word, not with our hearing of it.
            assert (row.gone, row.heard) == (gone, NOW + timedelta(minutes=3))
    finally:
        clock.reset()


def test_whom_only_an_official_has_written_to_has_not_been_heard(url: str, bookcase: Bookcase) -> None:
    sign = Incoming(account=ACCOUNT, chat="lan", sender="lan", sign="official", sent=NOW)
    with core_on(url, bookcase, desk.decide) as core:
        core.intake.take_now([msgspec.structs.replace(heard("lan", "", "1"), incoming=sign)])
        assert [row.heard for row in rows(core, select(t.contacts.c.heard))] == [NEVER]


def test_an_official_keeps_the_bot_quiet_from_when_they_wrote(bookcase: Bookcase) -> None:
    turn = Turn(
        event=Incoming(account=ACCOUNT, chat="lan", sender="lan", sign="official", sent=NOW),
        person=Person(id=1),
        talk=Talk(),
        now=NOW + timedelta(hours=2),
        shelf=bookcase.shelf(),
        records=None,  # type: ignore[arg-type]
    )
    signs.heed(turn, "official")
    assert turn.talk.quiet == Quiet(ACCOUNT, NOW + signs.QUIET)


@pytest.mark.parametrize(
    ("account", "minutes", "text", "kept"),
    [
        (ACCOUNT, 0, "quen mat khau vneid", True),
        (ACCOUNT, 29, "1", True),
        (ACCOUNT, 30, "quen mat khau vneid", False),
        (ACCOUNT, 5, "MENU", False),
        (ELSEWHERE, 5, "quen mat khau vneid", False),
    ],
)
def test_the_bot_keeps_quiet_where_and_while_an_official_writes(
    account: str, minutes: int, text: str, kept: bool, bookcase: Bookcase
) -> None:
    turn = Turn(
        event=Incoming(account=account, chat="lan", sender="lan", text=text),
        person=Person(id=1),
        talk=Talk(quiet=Quiet(ACCOUNT, NOW + signs.QUIET)),
        now=NOW + timedelta(minutes=minutes),
        shelf=bookcase.shelf(),
        records=None,  # type: ignore[arg-type]
    )
    assert signs.quiet(turn) is kept
    assert turn.said == []


def test_quiet_outlives_what_is_held_and_ended_meanwhile(bookcase: Bookcase) -> None:
    quiet = Quiet(ACCOUNT, NOW)
    turn = Turn(
        event=Incoming(account=ACCOUNT, chat="lan", sender="lan"),
        person=Person(id=1),
        talk=Talk(doing="guide vneid.activate", quiet=quiet),
        now=NOW,
        shelf=bookcase.shelf(),
        records=None,  # type: ignore[arg-type]
    )
    turn.hold("requests", "whom")
    assert turn.talk.quiet == quiet
    turn.end()
    assert turn.talk.quiet == quiet
    turn.end()
    assert turn.talk.quiet == quiet


@pytest.mark.parametrize(
    ("hotline", "quiet", "says"),
    [
        ("", False, ["cannot answer telephone calls"]),
        ("1900 1234", False, ["cannot answer telephone calls", "In a hurry, call {hotline}."]),
        ("1900 1234", True, []),  # the official sees who has called
    ],
)
def test_who_calls_in_vain_is_told_what_to_do(
    hotline: str, quiet: bool, says: list[str], bookcase: Bookcase
) -> None:
    shelf = bookcase.shelf()
    turn = Turn(
        event=Incoming(account=ACCOUNT, chat="lan", sender="lan", sign="called"),
        person=Person(id=1),
        talk=Talk(quiet=Quiet(ACCOUNT, NOW + signs.QUIET) if quiet else None),
        now=NOW,
        shelf=msgspec.structs.replace(shelf, office=msgspec.structs.replace(shelf.office, hotline=hotline)),
        records=None,  # type: ignore[arg-type]
    )
    desk.decide(turn)
    assert [words in said.text.msgid for words, said in zip(says, turn.said, strict=True)] == [True] * len(
        says
    )
