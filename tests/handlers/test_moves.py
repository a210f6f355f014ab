"""The table of where a request can stand, tried in full: every stage, every move, everybody who might make it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from bot.rights import MOVERS, moves_page
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.store.requests import unhook
from bot.wording import Wording
from handlers import behalf, cases, feedback
from handlers.records.people import Person
from handlers.records.requests import Appointment, Note, Request, Stage
from handlers.rules.moves import MOVES, STAGES, Astray, MoveName, moved, stage_of
from handlers.rules.roles import STANDINGS, Standing
from handlers.talk import Button, Due, Talk
from handlers.turn import Turn
from tests.handlers.test_late import DAY, MONDAY
from tests.handlers.test_roles import Office

HELD = ("claimed", "waiting")
# How each comes about, from the stage before.
WAYS: dict[Stage, tuple[MoveName, ...]] = {
    "new": (),
    "offered": ("offer",),
    "claimed": ("offer", "claim"),
    "waiting": ("offer", "claim", "wait"),
    "passed-on": ("offer", "claim", "pass-on"),
    "held": ("offer", "hold"),
    "resolved": ("offer", "claim", "resolve"),
    "closed": ("offer", "claim", "resolve", "confirm"),
    "reopened": ("offer", "claim", "resolve", "reopen"),
    "withdrawn": ("offer", "withdraw"),
}
# What somebody types to make a move; where the first line opens no form, nothing more is typed.
TYPED: dict[MoveName, tuple[str, ...]] = {
    "claim": ("claim {code}",),
    "wait": ("waiting {code}",),
    "go-on": ("it still says wrong password",),
    "pass-on": ("pass on {code}", "the phone is broken", "Others in my team"),
    "give-back": ("give back {code}",),
    "reassign": ("reassign {code}", "lead"),
    "resolve": ("done {code}", "Solved", "a new password was set"),
    "drop": ("done {code}", "No longer needed", "it went by itself"),
    "confirm": ("works {code}",),
    "withdraw": ("withdraw {code}",),
    "reopen": ("reopen {code}",),
    "apart": ("another matter {code}",),
}
ITSELF: set[MoveName] = {name for name, move in MOVES.items() if move.right is None}


@pytest.fixture
def office(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    database = Database(sqlite_url)
    with database.write() as connection:
        made = Office(connection, bookcase.shelf(), wording)
        for table in ("request_events", "widenings", "requests"):
            connection.exec_driver_sql(f"delete from {table}")
        yield made
    database.close()


def standing_at(office: Office, stage: Stage) -> Request:
    """Give a request that stands there, and has come by moves of the table."""
    stored = StoredRecords(office.connection, MONDAY).requests
    request = office.open(widened=(office.wider,))
    holder = office.people["holder"]
    for name in WAYS[stage]:
        request = moved(request, name)
        held = request.state == "claimed"
        over = request.state in ("closed", "withdrawn")
        request = msgspec.structs.replace(
            request,
            claimed_by=holder if held or request.state == "closed" else 0,
            claimed=MONDAY if held or over else None,
            attended=held,
            paused=MONDAY if request.stage == "waiting" else None,
            closed=MONDAY if over else None,
            outcome="solved" if request.state == "closed" else "",
        )
        request = stored.save(request, MOVES[name].done, holder)
    assert stage_of(request) == stage
    return request


def types(office: Office, standing: Standing, request: Request, lines: tuple[str, ...]) -> None:
    """Let somebody type what makes a move."""
    talk = Talk(met=True)
    for place, line in enumerate(lines):
        if place and not talk.doing.startswith("form "):
            return
        turn = office.says(standing, line.format(code=request.code), talk)
        talk = turn.talk
        for said in turn.said:
            if said.to == turn.person.id and said.choices:
                buttons = [
                    Button(f"{one.name}@{one.context}", office.wording.word(one.label, "en"))
                    for one in said.choices
                ]
                talk = msgspec.structs.replace(talk, offered=tuple(buttons))


def happened(office: Office, request: Request, since: int = 0) -> list[str]:
    """Give the moves that were kept of a request, in order, beyond so many events."""
    e = t.request_events.c
    kept = office.connection.scalars(select(e.what).where(e.request == request.id).order_by(e.id)).all()
    return [what for what in kept[since:] if what in {move.done for move in MOVES.values()}]


def stage_now(office: Office, request: Request) -> Stage:
    stored = StoredRecords(office.connection, MONDAY).requests.by_number(request.id)
    assert stored is not None
    return stage_of(stored)


def expected(name: MoveName, stage: Stage, standing: Standing) -> tuple[Stage, list[str]]:
    """Give where a request stands after somebody has tried a move, and the event that is kept first."""
    stands = {standing} if standing != "holder" else {"holder", "member"} if stage in HELD else {"member"}
    move = MOVES[name]
    if stage in move.before and not move.who.isdisjoint(stands):
        # Whoever had it is still there, so it goes on to them.
        returned = name == "reopen" and stage in ("resolved", "closed")
        return MOVES["return"].after if returned else move.after, [move.done]
    if standing == "citizen" and stage == "waiting" and MOVES[name].right in ("finish", "reassign"):
        return "claimed", [MOVES["go-on"].done]  # not a citizen's word, so it is one for the helper
    return stage, []


@pytest.mark.parametrize("stage", STAGES)
def test_a_request_moves_as_the_table_says_and_no_other_way(office: Office, stage: Stage) -> None:
    wrong = []
    for name, lines in TYPED.items():
        for standing in STANDINGS:
            point = office.connection.begin_nested()
            request = standing_at(office, stage)
            types(office, standing, request, lines)
            found = (stage_now(office, request), happened(office, request, len(WAYS[stage]) + 1)[:1])
            if found != expected(name, stage, standing):
                wrong.append((name, standing, found))
            point.rollback()
    assert wrong == []


def test_every_move_is_tried() -> None:
    assert TYPED.keys() | ITSELF | {"erase"} == MOVES.keys()
    assert WAYS.keys() == STAGES.keys()


def test_every_stage_can_be_reached_and_left() -> None:
    assert {move.after for move in MOVES.values()} == STAGES.keys() - {"new"}
    assert {stage for move in MOVES.values() for stage in move.before} == STAGES.keys()


def test_what_the_table_does_not_have_is_refused_wherever_it_comes_from(office: Office) -> None:
    taken = standing_at(office, "claimed")
    turn = office.says("nobody", "menu")
    with pytest.raises(Astray):
        cases.move(turn, taken, "resolve")
    with pytest.raises(Astray):
        moved(taken, "claim")


def test_a_request_is_new_until_somebody_could_be_shown_it() -> None:
    assert MOVES["offer"].before == {"new"}


def test_whoever_asked_has_it_taken_back_by_having_their_data_erased(office: Office) -> None:
    for stage in WAYS:
        point = office.connection.begin_nested()
        request = standing_at(office, stage)
        unhook(office.connection, MONDAY, office.citizen)
        after = "withdrawn" if stage in MOVES["erase"].before else stage
        assert stage_now(office, request) == after
        point.rollback()


@pytest.mark.parametrize("stage", STAGES)
def test_what_nobody_objected_to_in_a_week_is_closed_for_good(office: Office, stage: Stage) -> None:
    request = standing_at(office, stage)
    for after, settled in ((timedelta(days=6), stage), (7 * DAY, "closed" if stage == "resolved" else stage)):
        feedback.settle(due(office, request, MONDAY + after))
        assert stage_now(office, request) == settled


def test_closing_sees_to_that(office: Office) -> None:
    request = standing_at(office, "claimed")
    turn = office.says("holder", f"done {request.code}")
    talk = msgspec.structs.replace(turn.talk, kept={**turn.talk.kept, "outcome": "solved"}, at="remark")
    turn = office.says("holder", "a new password was set", talk)
    assert [(one.due.name, one.at) for one in turn.laters] == [(feedback.SETTLE, MONDAY + 7 * DAY)]


def due(office: Office, request: Request, at: datetime) -> Turn:
    return Turn(
        event=Due(name=feedback.SETTLE, about=f"request:{request.id}", at=at, facts={}),
        person=Person(id=office.people["nobody"]),
        talk=Talk(),
        now=at,
        shelf=office.shelf,
        records=StoredRecords(office.connection, at),
    )


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        ({"state": "open"}, "offered"),
        ({"state": "claimed"}, "claimed"),
        ({"state": "claimed", "paused": MONDAY}, "waiting"),
        ({"state": "closed", "outcome": "solved"}, "resolved"),
        ({"state": "closed", "outcome": "solved", "rating": "good"}, "closed"),
        ({"state": "closed", "outcome": "unneeded"}, "closed"),
        ({"state": "withdrawn"}, "withdrawn"),
        ({"state": "held"}, "held"),
    ],
)
def test_a_request_from_before_stages_were_kept_has_one_all_the_same(
    fields: dict[str, object], stage: Stage
) -> None:
    assert stage_of(msgspec.convert(msgspec.to_builtins(fields), Request)) == stage


def test_the_page_is_written_from_the_table_as_it_is(wording: Wording) -> None:
    path = Path(__file__).parents[2] / "docs/vi/trang-thai.md"
    assert path.read_text("utf-8") == moves_page(wording, "vi"), "run: make roles"
    assert moves_page(wording, "en").count("✓") == sum(
        len(move.who.intersection(MOVERS)) or 1 for move in MOVES.values()
    )


def test_what_is_opened_and_taken_back_for_somebody_moves_as_the_table_says(office: Office) -> None:
    other = standing_at(office, "claimed")
    asked = office.says("holder", "on behalf: the pension")
    asked.talk = msgspec.structs.replace(asked.talk, kept={**asked.talk.kept, "aloud": "aloud-yes"})
    behalf.BEHALF.done(asked)
    stored = StoredRecords(office.connection, MONDAY).requests
    (request,) = [one for one in stored.held_by(office.people["holder"]) if one.behalf]
    assert request.stage == "claimed"
    meeting = Appointment(number=1, at=MONDAY + DAY, way="visit", by="helper", agreed=MONDAY)
    stored.save(
        msgspec.structs.replace(request, meeting=meeting, notes=(Note(1, MONDAY, "x"),)), "changed", 0
    )
    elsewhere = Talk(met=True, doing=f"help {other.code}")
    turn = office.says("holder", f"withdraw {request.code}", elsewhere)
    after = stored.by_number(request.id)
    assert after is not None
    assert (after.stage, after.meeting, after.notes, after.words) == ("withdrawn", None, (), "")
    assert turn.talk.doing == elsewhere.doing  # the talk with somebody else goes on
