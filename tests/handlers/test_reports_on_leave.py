"""Who is reminded while somebody is on leave: a table that an officer can read, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, insert

from bot import clock
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from handlers import filing, reminders, standing_in, templates
from handlers.records.people import Person
from handlers.records.reports import Report, Submission, Verdict
from handlers.rules.form_tasks import TaskState
from handlers.talk import Due, Talk
from handlers.turn import Turn

GOLDEN = Path(__file__).parent / "golden"
PEOPLE = {"Hạnh": 1, "Lâm": 2, "Sơn": 3}
ROLES = {"Hạnh": "reporter", "Lâm": "head", "Sơn": "officer"}


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=clock.VIETNAM)


def table(name: str) -> list[list[str]]:
    lines = (GOLDEN / name).read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]
    return rows[1:]


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Connection]:
    database = Database(sqlite_url)
    with database.write() as connection:
        connection.execute(insert(t.units).values(kind="office", name="xã Ứng Hòa, Hà Nội", commune="10402"))
        since = moment("2026-11-01 08:00")
        for name in PEOPLE:
            person = msgspec.json.encode(Person(name=name)).decode()
            connection.execute(insert(t.conversations).values(person=person, touched=since))
            connection.execute(
                insert(t.roles).values(person=PEOPLE[name], kind=ROLES[name], place=1, since=since)
            )
        yield connection
    database.close()


def leave(store: Connection, name: str, stand_in: str = "") -> None:
    store.execute(
        insert(t.absences).values(
            person=PEOPLE[name],
            since=moment("2026-11-10 00:00"),
            until=moment("2026-11-21 00:00"),
            stand_in=PEOPLE.get(stand_in, 0),
        )
    )


def turn_of(store: Connection, bookcase: Bookcase, at: datetime, event: Due, person: int = 99) -> Turn:
    return Turn(
        event=event,
        person=Person(id=person),
        talk=Talk(),
        now=at,
        shelf=bookcase.shelf(),
        records=StoredRecords(store, at),
    )


@pytest.mark.parametrize("row", table("reminded-on-leave.txt"), ids=lambda row: " ".join(row[:4]))
def test_whoever_is_there_is_reminded(store: Connection, bookcase: Bookcase, row: list[str]) -> None:
    now, stage, away, stand_in, told, reason, _why = row
    for name in filter(None, away.split(", ")):
        leave(store, name, stand_in if name == "Hạnh" else "")
    due = Due(name="reports.stage", about="report:1:monthly:2026-11", at=moment(now), facts={"stage": stage})
    turn = turn_of(store, bookcase, moment(now), due)
    reminders.fire(turn)
    assert [said.to for said in turn.said] == [PEOPLE[name] for name in filter(None, told.split(", "))]
    rows = turn.reports.decisions(Report(unit=1, form="monthly", period="2026-11"))
    assert [(row.stage, row.decision, row.reason) for row in rows] == [
        (stage, "sent" if told else "skipped", reason)
    ]


def test_whoever_stands_in_may_send_the_report_until_the_leave_is_over(
    store: Connection, bookcase: Bookcase
) -> None:
    leave(store, "Hạnh", "Sơn")
    for now, may in (
        ("2026-11-09 08:00", False),
        ("2026-11-20 23:59", True),
        ("2026-11-21 00:00", False),
    ):
        turn = turn_of(store, bookcase, moment(now), Due(name="x", about="", at=moment(now)), PEOPLE["Sơn"])
        unit = turn.people.unit(1)
        assert unit is not None
        assert filing.acts(turn, "reporter", unit) is may
        assert [each.id for each in filing.units(turn, "reporter")] == ([1] if may else [])


JUDGED = (
    # who is away, who stands in for Lâm, who sends it | who is told of it, and may judge it
    ("", "", "Hạnh", "Lâm"),
    ("Lâm", "Sơn", "Hạnh", "Sơn"),
    ("Lâm", "Sơn", "Sơn", "Lâm"),  # nobody judges their own report in another's place
    ("Lâm", "", "Hạnh", "Lâm"),
    ("Lâm, Sơn", "Sơn", "Hạnh", "Lâm"),
)


@pytest.mark.parametrize(("away", "stand_in", "sender", "told"), JUDGED, ids=str)
def test_a_report_comes_to_whoever_may_judge_it(
    store: Connection, bookcase: Bookcase, away: str, stand_in: str, sender: str, told: str
) -> None:
    for name in filter(None, away.split(", ")):
        leave(store, name, stand_in if name == "Lâm" else "")
    now = moment("2026-11-16 08:00")
    turn = turn_of(store, bookcase, now, Due(name="x", about="", at=now))
    unit = turn.people.unit(1)
    assert unit is not None
    assert [person.id for person in filing.judges(turn, unit, PEOPLE[sender])] == [PEOPLE[told]]
    sent = Submission(number=1, form_version=1, values={}, sha256="", at=now, by=PEOPLE[sender])
    held = turn.reports.hold(1, "monthly", "2026-11")
    turn.reports.save(msgspec.structs.replace(held, state="submitted", submissions=(sent,)))
    assert [report.period for report in filing.waiting(turn, PEOPLE[told])] == ["2026-11"]
    if sender == "Sơn":
        assert filing.waiting(turn, PEOPLE["Sơn"]) == ()


def test_a_head_is_told_once_what_was_decided_in_their_place(store: Connection, bookcase: Bookcase) -> None:
    leave(store, "Lâm", "Sơn")
    now = moment("2026-11-16 08:00")
    turn = turn_of(store, bookcase, now, Due(name="x", about="", at=now))
    sent = Submission(
        number=1,
        form_version=1,
        values={},
        sha256="",
        at=now,
        by=PEOPLE["Hạnh"],
        verdict="approved",
        decided=now,
        decided_by=PEOPLE["Sơn"],
        decided_for=PEOPLE["Lâm"],
    )
    held = turn.reports.hold(1, "monthly", "2026-11")
    turn.reports.save(msgspec.structs.replace(held, state="approved", submissions=(sent,)))
    head = msgspec.structs.replace(turn.people.get(PEOPLE["Lâm"]), id=PEOPLE["Lâm"])
    done = standing_in.done_for(turn, head)
    assert [(one.case.period.code, one.sent.number) for one in done] == [("2026-11", 1)]
    standing_in.told(turn, head, done)
    assert standing_in.done_for(turn, head) == ()


def test_versions_are_told_in_their_order_whatever_their_channels_say_of_the_moment(
    store: Connection, bookcase: Bookcase
) -> None:
    leave(store, "Lâm", "Sơn")
    now = moment("2026-11-17 08:00")
    turn = turn_of(store, bookcase, now, Due(name="x", about="", at=now))

    def judged(number: int, at: datetime, verdict: Verdict) -> Submission:
        return Submission(
            number=number,
            form_version=1,
            values={},
            sha256="",
            at=at,
            by=PEOPLE["Hạnh"],
            verdict=verdict,
            decided=at,
            decided_by=PEOPLE["Sơn"],
            decided_for=PEOPLE["Lâm"],
        )

    second = timedelta(seconds=1)
    for period, versions in (
        ("2026-11", (judged(1, now + second, "returned"), judged(2, now, "approved"))),
        ("2026-10", (judged(1, now + second, "approved"),)),
    ):
        held = turn.reports.hold(1, "monthly", period)
        turn.reports.save(msgspec.structs.replace(held, state="approved", submissions=versions))
    head = msgspec.structs.replace(turn.people.get(PEOPLE["Lâm"]), id=PEOPLE["Lâm"])
    done = [(one.case.period.code, one.sent.number) for one in standing_in.done_for(turn, head)]
    assert done == [("2026-11", 1), ("2026-11", 2), ("2026-10", 1)]


def test_whoever_stands_in_for_a_head_has_a_morning_too(store: Connection, bookcase: Bookcase) -> None:
    now = moment("2026-11-16 08:00")
    store.execute(insert(t.conversations).values(person="{}", touched=now))  # of nobody's office
    store.execute(
        insert(t.absences).values(
            person=PEOPLE["Lâm"],
            since=moment("2026-11-10 00:00"),
            until=moment("2026-11-21 00:00"),
            stand_in=len(PEOPLE) + 1,
        )
    )
    officials = PEOPLE["Lâm"], PEOPLE["Sơn"]
    for at, others in (("2026-11-16 07:30", (len(PEOPLE) + 1,)), ("2026-11-23 07:30", ())):
        turn = turn_of(store, bookcase, moment(at), Due(name="x", about="", at=moment(at)))
        assert turn.people.in_offices() == (*officials, *others)


OF_A_VILLAGE = (
    # who heads the village, who is away, who sends it | who is told of it, and may judge it
    ("", "", 99, ["Lâm", "Sơn"]),
    ("", "", "Sơn", ["Lâm"]),  # an officer does not judge what they sent themselves
    ("", "", "Lâm", ["Lâm", "Sơn"]),
    ("", "Lâm", 99, ["Sơn"]),
    ("Hạnh", "", 99, ["Hạnh"]),
)


@pytest.mark.parametrize(("head", "away", "sender", "told"), OF_A_VILLAGE, ids=str)
def test_the_report_of_a_village_without_a_head_comes_to_its_commune(
    store: Connection, bookcase: Bookcase, head: str, away: str, sender: str | int, told: list[str]
) -> None:
    village = {"kind": "office", "name": "thôn Đoài, xã Ứng Hòa, Hà Nội", "village": "thôn Đoài"}
    store.execute(insert(t.units).values(**village, commune="10402"))
    now = moment("2026-11-16 08:00")
    if head:
        store.execute(insert(t.roles).values(person=PEOPLE[head], kind="head", place=2, since=now))
    if away:
        leave(store, away)
    by = PEOPLE.get(str(sender), 99)
    sent = Submission(number=1, form_version=1, values={}, sha256="", at=now, by=by)
    turn = turn_of(store, bookcase, now, Due(name="x", about="", at=now))
    unit = turn.people.unit(2)
    assert unit is not None
    assert [person.id for person in filing.judges(turn, unit, by)] == [PEOPLE[name] for name in told]
    held = turn.reports.hold(2, "monthly", "2026-11")
    turn.reports.save(msgspec.structs.replace(held, state="submitted", submissions=(sent,)))
    for name, person in PEOPLE.items():
        waits = [report.unit for report in filing.waiting(turn, person)]
        assert waits == ([2] if name in told or name == away else []), name
        seen = turn_of(store, bookcase, now, Due(name="x", about="", at=now), person)
        assert filing.may_judge(seen, unit) is (name in told or name in (away, sender))


REPORT = "report:1:monthly:2026-11"


@pytest.mark.parametrize("about", (f"{REPORT}/1", f"{REPORT}/e3", f"{REPORT}/task"))
@pytest.mark.parametrize("away", (False, True), ids=("there", "on leave"))
@pytest.mark.parametrize("account", ("telegram", "zalo_bot"))
def test_whoever_judges_a_report_sees_its_pictures_or_its_sender_hears_of_it(
    store: Connection, bookcase: Bookcase, account: str, away: bool, about: str
) -> None:
    if away:
        leave(store, "Lâm", "Sơn")
    judge = PEOPLE["Sơn" if away else "Lâm"]
    now = moment("2026-11-16 08:00")
    store.execute(insert(t.contacts).values(account=account, chat="a", conversation=judge, heard=now))
    picture = {"ref": "r", "kind": "photo", "type": "image/webp", "size": 9, "state": "kept", "at": now}
    store.execute(
        insert(t.media).values(
            code="c", account="web", conversation=PEOPLE["Hạnh"], about=about, name="", **picture
        )
    )
    due = Due(name="media.kept", about=about, at=now, facts={"code": "c"})
    turn = turn_of(store, bookcase, now, due)
    shelf = turn.shelf
    turn.shelf = msgspec.structs.replace(shelf, office=msgspec.structs.replace(shelf.office, opens=False))
    sent = Submission(
        number=1,
        form_version=1,
        values={},
        sha256="",
        at=now,
        by=PEOPLE["Hạnh"],
        tasks={"plan": TaskState("done", "", "c")},
    )
    held = turn.reports.hold(1, "monthly", "2026-11")
    kept = msgspec.structs.replace(held, state="submitted", submissions=(sent,), receipt="UH-11-K4M")
    turn.reports.save(kept)
    templates.kept(turn)
    told = [(said.to, said.media) for said in turn.said]
    assert told == [(judge, "c"), *([(PEOPLE["Hạnh"], "")] if account == "zalo_bot" else [])]
