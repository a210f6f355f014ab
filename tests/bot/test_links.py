"""Two conversations become one, and one channel leaves again: nothing is lost, mixed up or taken along."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import func, insert, select

from bot import clock
from bot.core import Core
from bot.shelf import Bookcase
from bot.store import tables as t
from handlers.links import one_person, one_talk
from handlers.records.incidents import Incident
from handlers.records.people import Person
from handlers.records.requests import Request
from handlers.talk import Incoming, Talk
from handlers.text import as_is
from handlers.turn import Turn
from tests.bot.rig import ACCOUNT, change, core_on, heard, noted, rows, said
from tests.bot.test_concurrency import processes

PAIRS = 200
EACH = 6  # events of each side; one of them joins
BEFORE, AFTER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC)


def joining(turn: Turn) -> None:
    """Note which event was decided for whom; a code joins, a number is a contact that leaves."""
    if not isinstance(turn.event, Incoming):
        return
    words, _, code = turn.text.partition(" ")
    if code.startswith("NOI-"):
        before = turn.person.id
        joined = turn.links.join(code, before)
        if joined is not None:
            turn.person, turn.talk = one_person(joined.person, turn.person), joined.talk
            turn.note("joined", f"person:{turn.person.id}", before)
    elif code.isdigit():
        fresh = turn.links.part(int(code), turn.person.id, "")
        turn.note(f"parted {fresh}", f"person:{turn.person.id}")
    turn.note(f"{turn.event.chat} {words}", f"person:{turn.person.id}")
    turn.say(as_is(words))


def conversation_of(core: Core, chat: str) -> int:
    (row,) = rows(core, select(t.contacts.c.conversation).where(t.contacts.c.chat == chat))
    return int(row.conversation)


def give_code(core: Core, code: str, person: int) -> None:
    change(
        core,
        insert(t.link_codes).values(
            code=code, conversation=person, until=clock.now() + timedelta(minutes=15)
        ),
    )


def test_two_hundred_joins_lose_no_event_of_either_side_and_keep_their_order(
    url: str, shelf_of_three: Bookcase, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = [f"{side}{pair}" for pair in range(PAIRS) for side in "ab"]
    with processes(url, shelf_of_three, joining, len(sides) * (EACH + 1)) as (cores, finished):
        cores[0].intake.take_now([heard(chat, "first") for chat in sides])
        cores[0].run_waiting()
        people = {chat: conversation_of(cores[0], chat) for chat in sides}
        for pair in range(PAIRS):
            give_code(cores[0], f"NOI-A{pair}", people[f"a{pair}"])
            if pair % 3 == 0:  # both have asked, and each types the other's at once
                give_code(cores[0], f"NOI-B{pair}", people[f"b{pair}"])
        for core in cores:
            core.start()

        def write(side: str, core: Core) -> None:
            for number in range(EACH):
                for start in range(0, PAIRS, 10):
                    pairs = range(start, start + 10)
                    codes = {pair: f" NOI-{'AB'[side == 'a']}{pair}" if number == 2 else "" for pair in pairs}
                    core.intake.take_now([heard(f"{side}{pair}", f"{number}{codes[pair]}") for pair in pairs])

        writers = [
            threading.Thread(target=write, args=(side, cores[place % len(cores)]))
            for place, side in enumerate("ab")
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert finished.wait(120)
        decided: dict[str, list[str]] = defaultdict(list)
        for words in noted(cores[0]):
            chat, _, number = words.partition(" ")
            if chat != "joined":
                decided[chat].append(number)
        assert decided == {chat: ["first", *map(str, range(EACH))] for chat in sides}
        for pair in range(PAIRS):
            one = {conversation_of(cores[0], f"{side}{pair}") for side in "ab"}
            assert len(one) == 1
            assert one <= {people[f"a{pair}"], people[f"b{pair}"]}
        assert [said(cores[0], chat) for chat in ("a0", "b0", "b1")] == [
            ["first", *map(str, range(EACH))]
        ] * 3
        joins = rows(cores[0], select(func.count()).where(t.audit.c.done == "joined"))[0][0]
        assert joins == PAIRS
        assert rows(cores[0], select(func.sum(t.inbox.c.attempts)))[0][0] == 0
    with capsys.disabled():
        print(f"\n{url.partition(':')[0]}: {joins} joins amid {len(sides) * EACH} events, none lost")


def test_what_waits_moves_with_its_channel_and_is_decided_in_the_order_in_which_it_came(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, joining) as core:
        # Words that have been understood before wait for nothing: all of what follows is one batch.
        core.intake.take_now([heard("a", "first"), heard("b", "join NOI-A"), heard("b", "part 2")])
        core.run_waiting()
        one, other = conversation_of(core, "a"), conversation_of(core, "b")
        before = len(noted(core))
        give_code(core, "NOI-A", one)
        core.intake.take_now(
            [
                heard("b", "join NOI-A"), heard("a", "1"), heard("b", "2"), heard("a", "3"),
                heard("b", "part 2"), heard("b", "4"), heard("a", "5"),
            ]
        )  # fmt: skip
        core.run_waiting()
        fresh = conversation_of(core, "b")
        assert fresh not in (one, other)
        assert conversation_of(core, "a") == one
        assert noted(core)[before:] == [
            "joined", "b join", "a 1", "b 2", "a 3", f"parted {fresh}", "b part", "b 4", "a 5",
        ]  # fmt: skip
        whose = rows(core, select(t.audit.c.done, t.audit.c.about).order_by(t.audit.c.id))
        assert [int(row.about.removeprefix("person:")) for row in whose[before + 1 :]] == [
            one, one, one, one, one, one, fresh, one,
        ]  # fmt: skip


def test_no_channel_of_somebody_else_is_parted(url: str, shelf_of_three: Bookcase) -> None:
    with core_on(url, shelf_of_three, joining) as core:
        core.intake.take_now([heard("a", "first"), heard("b", "part 1")])
        core.run_waiting()
        assert "parted 0" in noted(core)
        assert conversation_of(core, "a") != conversation_of(core, "b")


def test_an_address_that_only_receives_is_neither_shown_nor_parted(
    url: str, shelf_of_three: Bookcase
) -> None:
    def decide(turn: Turn) -> None:
        turn.note(f"{len(turn.links.chats(turn.person.id))} {turn.links.part(2, turn.person.id, '')}", "")

    with core_on(url, shelf_of_three, decide) as core:
        core.intake.take_now([heard("a", "first")])
        mail = {"account": "mail", "chat": "a@example.vn", "conversation": 1, "heard": clock.now()}
        change(core, insert(t.contacts).values(**mail))
        core.run_waiting()
        assert noted(core) == ["1 0"]


def test_requests_reports_roles_and_what_is_to_come_have_the_number_that_stays(
    url: str, shelf_of_three: Bookcase
) -> None:
    with core_on(url, shelf_of_three, joining) as core:
        core.intake.take_now([heard("a", "first"), heard("b", "first")])
        core.run_waiting()
        one, other = conversation_of(core, "a"), conversation_of(core, "b")
        _work_of(core, other, one)
        give_code(core, "NOI-A", one)
        core.intake.take_now([heard("b", "join NOI-A")])
        core.run_waiting()
        requests = rows(core, select(t.requests.c.citizen, t.requests.c.claimed_by, t.requests.c.details))
        assert [tuple(row)[:2] for row in requests] == [(one, 0), (0, one)]
        assert f'"citizen":{one}' in requests[0].details
        assert f'"claimed_by":{one}' in requests[1].details
        roles = rows(core, select(t.roles.c.person, t.roles.c.until).order_by(t.roles.c.id))
        assert [row.person for row in roles] == [one, one, one]
        assert [row.until is None for row in roles] == [True, False, True]  # the same role is held once
        (report,) = rows(core, select(t.reports.c.details))
        assert f'"by":{one}' in report.details
        (due,) = rows(core, select(t.due.c.event))
        assert f'"person":"{one}"' in due.event
        assert [row.used_by for row in rows(core, select(t.invitations.c.used_by))] == [one]
        assert [row.conversation for row in rows(core, select(t.media.c.conversation))] == [one]
        (incident,) = rows(core, select(t.incidents.c.details))
        known = msgspec.json.decode(incident.details, type=Incident)
        assert (known.asked, known.by, known.ended_by) == ((one,), one, one)


def _work_of(core: Core, person: int, other: int) -> None:
    """Give somebody requests, roles (one of which the other holds too), a report, a file and something to come."""
    now = clock.now()
    report = (
        '{"unit":2,"form":"monthly","period":"2026-11","submissions":'
        f'[{{"number":1,"form_version":1,"values":{{}},"sha256":"","at":"2026-11-09T02:00:00Z","by":{person}}}]}}'
    )
    due = (
        '{"name":"reports.again","about":"report:2","at":"2026-11-09T02:00:00Z",'
        f'"facts":{{"person":"{person}"}}}}'
    )
    incident = Incident(
        commune="00001", alike="vneid.activate", state="ended", at=now, since=now,
        asked=(person, other), by=person, ended_by=person,
    )  # fmt: skip
    for statement in (
        insert(t.units).values(id=1, kind="team", name="Tổ 7", commune="00001"),
        insert(t.units).values(id=2, kind="office", name="UBND", commune="00001"),
        insert(t.roles).values(person=other, kind="member", place=1, since=now),
        insert(t.roles).values(person=person, kind="member", place=1, since=now),
        insert(t.roles).values(person=person, kind="reporter", place=2, since=now),
        insert(t.invitations).values(code="MOI-1", kind="member", place=1, name="Lan", used_by=person),
        *(
            insert(t.requests).values(
                code=request.code, citizen=request.citizen, claimed_by=request.claimed_by, state=request.state,
                opened=now, details=msgspec.json.encode(request).decode(),
            )
            for request in (
                Request(code="4K7", citizen=person, opened=now, version=1),
                Request(code="5K7", claimed_by=person, state="claimed", opened=now, version=1),
            )
        ),
        insert(t.incidents).values(
            commune="00001", alike="vneid.activate", state="ended", details=msgspec.json.encode(incident).decode()
        ),
        insert(t.reports).values(
            unit=2, form="monthly", period="2026-11", state="submitted", details=report
        ),
        insert(t.due).values(key="again", at=now + timedelta(days=1), about="report:2", event=due),
        insert(t.media).values(
            code="m", account=ACCOUNT, ref="r", conversation=person, kind="photo", state="kept", at=now
        ),
    ):  # fmt: skip
        change(core, statement)


LAN = Person(id=1, name="Lan", lang="vi", consent="2", consented=AFTER)


@pytest.mark.parametrize(
    ("asked", "typed", "one"),
    [
        (Person(id=1), Person(id=2, name="Lan", phone="0900"), Person(id=1, name="Lan", phone="0900")),
        (LAN, Person(id=2, name="Hoa", address="cô"), Person(id=1, name="Lan", lang="vi", address="cô",
                                                            consent="2", consented=AFTER)),
        (Person(id=1), LAN, LAN),
        (LAN, Person(id=2, consent="1", consented=BEFORE), Person(id=1, name="Lan", lang="vi", consent="1",
                                                                 consented=BEFORE)),
        (Person(id=1, commune="00001"), Person(id=2, commune="00002", village="tổ 7"),
         Person(id=1, commune="00001")),
    ],
)  # fmt: skip
def test_what_is_known_of_one_of_them_is_known_of_both(asked: Person, typed: Person, one: Person) -> None:
    assert one_person(asked, typed) == one


GUIDE, FORM, HELP = Talk(doing="guide a"), Talk(doing="form b", met=True), Talk(doing="help 4K7")


@pytest.mark.parametrize(
    ("asked", "typed", "doing"),
    [
        (Talk(), Talk(), []),
        (Talk(met=True), GUIDE, ["guide a"]),
        (GUIDE, Talk(), ["guide a"]),
        (GUIDE, FORM, ["guide a", "form b"]),
        (Talk(doing="help 4K7", held=GUIDE), FORM, ["help 4K7", "guide a", "form b"]),
        (HELP, Talk(doing="form b", held=GUIDE), ["help 4K7", "form b", "guide a"]),
    ],
)
def test_of_two_talks_the_one_where_the_code_was_asked_for_goes_on(
    asked: Talk, typed: Talk, doing: list[str]
) -> None:
    talk: Talk | None = one_talk(asked, typed)
    found = []
    while talk is not None:
        found.append(talk.doing)
        talk = talk.held
    assert [name for name in found if name] == doing
