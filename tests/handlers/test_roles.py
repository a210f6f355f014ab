"""The table of who may see and do what, tried in full: each right by each who might claim it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from bot.rights import page
from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import cases, desk, late, watch
from handlers.profile import CONSENT
from handlers.records.incidents import Incident
from handlers.records.people import Person
from handlers.records.reports import Submission
from handlers.records.requests import Request
from handlers.records.targets import Target
from handlers.records.tasks import Task
from handlers.rules.roles import RIGHTS, STANDINGS, RightName, Standing, may
from handlers.talk import Due, Talk
from handlers.turn import Shelf, Turn
from knowledge.search import Found
from tests.handlers.test_late import DAY, HOUR, MONDAY, Commune
from tests.handlers.turning import incoming

PHONE, NAME = "0912345678", "Tư Bí Mật"
ELSEWHERE = "00602"


class Office(Commune):
    """A commune in which somebody stands in each way to a request that is free, and to one that is taken."""

    def __init__(self, connection: object, shelf: Shelf, wording: Wording) -> None:
        super().__init__(connection, shelf)  # type: ignore[arg-type]
        self.wording = wording
        other = self.put("units", kind="team", name="tổ khác", commune="10402")
        self.wider = self.put("units", kind="team", name="tổ chung", commune="10402")
        self.people: dict[Standing, int] = {
            "citizen": self.citizen,
            "holder": self.person("member", self.team),
            "member": self.person("member", self.team),
            "lead": self.person("lead", self.team),
            "officer": self.person("officer", self.office),
            "head": self.person("head", self.office),
            "reporter": self.person("reporter", self.office),
            "province": self.person("officer", self.province),
            "wider": self.person("member", self.wider),
            "nobody": self.person("member", other),
        }
        widened = (self.wider,)
        self.free = self.open(name=NAME, phone=PHONE, words="quên passcode", widened=widened)
        self.taken = self.open(name=NAME, phone=PHONE, words="quên passcode", widened=widened)
        self.taken = StoredRecords(self.connection, MONDAY).requests.save(
            msgspec.structs.replace(
                self.taken, state="claimed", claimed_by=self.people["holder"], claimed=MONDAY, attended=True
            ),
            "claimed",
            self.people["holder"],
        )

    def says(self, standing: Standing, text: str, talk: Talk | None = None, choice: str = "") -> Turn:
        """Let somebody type something."""
        number = self.people[standing]
        turn = Turn(
            event=incoming(text, choice),
            person=Person(id=number, lang="en", name=standing, consent=CONSENT),
            talk=talk or Talk(met=True),
            now=MONDAY,
            shelf=self.shelf,
            records=StoredRecords(self.connection, MONDAY),
            found=Found("en", (), "unknown"),
            helped=standing == "citizen",
            staff=standing != "citizen",
        )
        desk.decide(turn)
        return turn

    def heard(self, request: Request, after: timedelta) -> set[int]:
        """Give who is told, once a request has been left alone for so long."""
        turn = self.look(request, MONDAY + after)
        return {said.to for said in turn.said}

    def told(self, turn: Turn) -> str:  # type: ignore[override]
        """Give what somebody reads."""
        own = [said for said in turn.said if said.to == turn.person.id]
        return "\n".join(self.wording.word(said.text, "en") for said in own)


NOT_THEIRS = "You are not with them"


def _card(office: Office, standing: Standing) -> bool:
    told = office.told(office.says(standing, f"skip {office.free.code}"))
    return f"YC-{office.free.code}" in told and NOT_THEIRS not in told and "knows no request" not in told


def _claim(office: Office, standing: Standing) -> bool:
    return f"YC-{office.free.code} is yours" in office.told(
        office.says(standing, f"claim {office.free.code}")
    )


def _person(office: Office, standing: Standing) -> bool:
    typed = ("talk", "done", "pass on", "how", "give back", "skip", "why me", "waiting", "claim", "see")
    told = "".join(office.told(office.says(standing, f"{verb} {office.taken.code}")) for verb in typed)
    return NAME in told or PHONE in told


def _answer(office: Office, standing: Standing) -> bool:
    talk = Talk(met=True, doing=f"help {office.taken.code}") if standing == "holder" else None
    turn = office.says(standing, "hello there", talk)
    other = office.people["citizen"] if standing == "holder" else office.people["holder"]
    return any(said.to == other and said.voice for said in turn.said)


def _hand_over(office: Office, standing: Standing) -> bool:
    turn = Turn(
        event=incoming(choice=f"hand-over@{office.office}:monthly:2026-10"),
        person=Person(id=office.people[standing], lang="en", name=standing, consent=CONSENT),
        talk=Talk(met=True),
        now=MONDAY,
        shelf=office.shelf,
        records=StoredRecords(office.connection, MONDAY),
        staff=standing != "citizen",
    )
    desk.decide(turn)
    return turn.talk.doing == "form handing"


def _finish(office: Office, standing: Standing) -> bool:
    done = office.says(standing, f"done {office.taken.code}")
    waits = office.says(standing, f"waiting {office.taken.code}")
    assert (done.talk.doing == "form outcome") == ("stands still" in office.told(waits))
    return done.talk.doing == "form outcome"


def _queue(office: Office, standing: Standing) -> bool:
    # A request without a team is the office's.
    alone = office.open(team=0, words="chưa có tổ", citizen=0)
    told = office.told(office.says(standing, "my work"))
    return office.free.code in told or (alone.code in told)


def _warned(office: Office, standing: Standing) -> bool:
    return office.people[standing] in office.heard(office.taken, 2 * DAY + 4 * HOUR)


def _late(office: Office, standing: Standing) -> bool:
    # Officer and head are one rank: the head hears where there is no officer.
    if standing == "head":
        office.connection.exec_driver_sql(f"delete from roles where person = {office.people['officer']}")
    return office.people[standing] in office.heard(office.taken, 30 * DAY)


def _load(office: Office, standing: Standing) -> bool:
    return f"YC-{office.taken.code}" in office.told(office.says(standing, "who has what"))


def _reassign(office: Office, standing: Standing) -> bool:
    asked = office.says(standing, f"reassign {office.taken.code}")
    return asked.talk.doing == "form reassigning"


def _note(office: Office, standing: Standing) -> bool:
    written = office.told(office.says(standing, f"note {office.taken.code}: came twice"))
    read = office.told(office.says(standing, f"note {office.taken.code}"))
    assert ("never sees it" in written) == ("came twice" in read)
    return "came twice" in read


def _own(office: Office, standing: Standing) -> bool:
    seen = office.told(office.says(standing, f"see {office.taken.code}"))
    added = office.says(standing, f"add {office.taken.code}")
    assert ("two words" in seen) == (added.talk.at == "words" and added.talk.doing == "requests")
    return "two words" in seen


def offered(office: Office, standing: Standing) -> set[str]:
    """Name the ways in that somebody is shown."""
    return {choice.name for said in office.says(standing, "menu").said for choice in said.choices}


def _report(office: Office, standing: Standing) -> bool:
    return "menu-report" in offered(office, standing)


def _approve(office: Office, standing: Standing) -> bool:
    return "menu-situation" in offered(office, standing)


def _leave(office: Office, standing: Standing) -> bool:
    return "Noted: on leave" in office.told(office.says(standing, "on leave until 20/11"))


def _figures(office: Office, standing: Standing) -> bool:
    return "Figures of 11/2026" in office.told(office.says(standing, "figures of november"))


def _visit(office: Office, standing: Standing) -> bool:
    return "Visits, " in office.told(office.says(standing, "5 households vneid 20 minutes thôn Đoài"))


def _villages(office: Office, standing: Standing) -> bool:
    return office.says(standing, "list of villages").talk.doing == "form villages"


def _meet(office: Office, standing: Standing) -> bool:
    return "Asked. You get the two words" in office.told(office.says(standing, f"call {office.taken.code}"))


def _behalf(office: Office, standing: Standing) -> bool:
    return office.says(standing, "on behalf").talk.doing == "form behalf"


def _incident(office: Office, standing: Standing) -> bool:
    asked = Incident(commune="10402", alike="vneid.activate", at=MONDAY, since=MONDAY, people=15)
    incident = StoredRecords(office.connection, MONDAY).incidents.propose(asked, "")
    begun = office.says(standing, f"incident SC-{incident.id}").talk.doing == "form incident"
    office.says(standing, f"no incident SC-{incident.id}")
    decided = StoredRecords(office.connection, MONDAY).incidents.by_number(incident.id)
    assert decided is not None
    assert begun == (decided.state == "refused")
    return begun


def _restore(office: Office, standing: Standing) -> bool:
    idle = office.person("officer", office.office)
    people = StoredRecords(office.connection, MONDAY).people
    (role,) = people.roles(idle)
    StoredRecords(office.connection, MONDAY + HOUR).people.rest(role.id)
    return "is the officer in charge of" in office.told(office.says(standing, f"restore {role.id}"))


def _document(office: Office, standing: Standing) -> bool:
    reports = StoredRecords(office.connection, MONDAY).reports
    report = reports.hold(office.office, "monthly", "2026-10")
    sent = Submission(number=1, form_version=1, values={}, sha256="0", at=MONDAY, by=1, verdict="approved")
    approved = msgspec.structs.replace(
        report, state="approved", form_version=1, receipt="UH-10-K4M", submissions=(sent,)
    )
    reports.save(approved)
    return bool(office.says(standing, "docx UH-10-K4M").makings)


def _group(office: Office, standing: Standing) -> bool:
    turn = office.says(standing, "our group")
    asked = "Type there yourself" in office.told(turn)
    assert asked == (turn.notes == [("asked for a group's code", f"unit:{office.team}", turn.person.id)])
    return asked


def _group_end(office: Office, standing: Standing) -> bool:
    groups = StoredRecords(office.connection, MONDAY).groups
    asked = groups.asked(groups.code(office.team, office.people["lead"]))
    assert asked is not None
    chat = office.put("conversations", consented=False, touched=MONDAY)
    office.put("contacts", account="telegram:1", chat="-100", conversation=chat, heard=MONDAY)
    groups.bring(asked, chat, "en")
    groups.link(asked)
    assert groups.of(office.team) is not None
    office.says(standing, "", choice=f"group-off@{office.team}")
    return groups.of(office.team) is None


def _publish(office: Office, standing: Standing) -> bool:
    reports = StoredRecords(office.connection, MONDAY).reports
    report = reports.hold(office.office, "monthly", "2026-08")
    sent = Submission(number=1, form_version=1, values={}, sha256="0", at=MONDAY, by=1, verdict="approved")
    reports.save(msgspec.structs.replace(report, state="approved", receipt="UH-08-K4M", submissions=(sent,)))
    return "Nobody is named in it. Publish?" in office.told(office.says(standing, "publish 8/2026"))


def _release(office: Office, standing: Standing) -> bool:
    reports = StoredRecords(office.connection, MONDAY).reports
    report = reports.hold(office.office, "monthly", "2026-08")
    sent = Submission(number=1, form_version=1, values={}, sha256="0", at=MONDAY, by=1, verdict="approved")
    reports.save(msgspec.structs.replace(report, state="approved", receipt="UH-08-K4M", submissions=(sent,)))
    asked = office.told(office.says(standing, "release the ranking 8/2026"))
    return "the heads below see the whole table" in asked


def _export(office: Office, standing: Standing) -> bool:
    reports = StoredRecords(office.connection, MONDAY).reports
    report = reports.hold(office.office, "monthly", "2026-08")
    sent = Submission(number=1, form_version=1, values={}, sha256="0", at=MONDAY, by=1)
    reports.save(msgspec.structs.replace(report, state="submitted", receipt="UH-08-K4M", submissions=(sent,)))
    turn = office.says(standing, "export reports 8/2026")
    assert bool(turn.makings) == ("is being made" in office.told(turn))
    return bool(turn.makings)


def _evaluation(office: Office, standing: Standing) -> bool:
    reports = StoredRecords(office.connection, MONDAY).reports
    village = office.put("units", kind="office", name="thôn Đoài", commune="10402", village="thôn Đoài")
    sent = Submission(number=1, form_version=1, values={}, sha256="0", at=MONDAY, by=1)
    for unit in (office.office, village):
        report = reports.hold(unit, "monthly", "2026-08")
        kept = msgspec.structs.replace(
            report, state="submitted", receipt=f"UH-08-{unit}", submissions=(sent,)
        )
        reports.save(kept)
    told = office.told(office.says(standing, "yearly evaluation 2026"))
    return "Evaluation of 2026" in told


def _running(office: Office) -> int:
    kept = StoredRecords(office.connection, MONDAY).targets.keep(
        Target(
            unit=office.office,
            commune="10402",
            name="VNeID",
            measure="households",
            goal=200,
            first=MONDAY.date() - DAY,
            last=MONDAY.date() + 30 * DAY,
        ),
        by=office.people["officer"],
    )
    return kept.id


def _target(office: Office, standing: Standing) -> bool:
    _running(office)
    told = office.told(office.says(standing, "set a target 200 households using VNeID"))
    return "From which day to which?" in told


def _target_figure(office: Office, standing: Standing) -> bool:
    _running(office)
    return "**12** households" in office.told(office.says(standing, "target 12"))


def _target_see(office: Office, standing: Standing) -> bool:
    _running(office)
    return "of 200" in office.told(office.says(standing, "targets"))


def _aim(office: Office, standing: Standing) -> bool:
    told = office.told(office.says(standing, "set indicator 6 to 40% by 31/12"))
    return "Is that right?" in told


def _task(office: Office, standing: Standing) -> bool:
    turn = office.says(standing, "give a task")
    assert (turn.talk.doing == "form task") == ("Who is to do it?" in office.told(turn))
    return turn.talk.doing == "form task"


def _task_own(office: Office, standing: Standing) -> bool:
    tasks = StoredRecords(office.connection, MONDAY).tasks
    given = tasks.keep(
        Task(
            unit=office.office,
            commune="10402",
            giver=office.people["head"],
            person=office.people[standing],
            words="list",
            due=MONDAY.date(),
        )
    )
    told = office.told(office.says(standing, "task done: list sent"))
    after = tasks.one(given.id)
    assert after is not None
    assert (after.state == "done") == ("Kept, and" in told)
    return after.state == "done"


TRIED: dict[RightName, Callable[[Office, Standing], bool]] = {
    "card": _card,
    "claim": _claim,
    "person": _person,
    "answer": _answer,
    "finish": _finish,
    "queue": _queue,
    "warned": _warned,
    "late": _late,
    "load": _load,
    "reassign": _reassign,
    "note": _note,
    "own": _own,
    "hand-over": _hand_over,
    "report": _report,
    "approve": _approve,
    "document": _document,
    "leave": _leave,
    "figures": _figures,
    "visit": _visit,
    "villages": _villages,
    "meet": _meet,
    "behalf": _behalf,
    "incident": _incident,
    "restore": _restore,
    "group": _group,
    "group-end": _group_end,
    "publish": _publish,
    "release": _release,
    "evaluation": _evaluation,
    "export": _export,
    "target": _target,
    "target-figure": _target_figure,
    "target-see": _target_see,
    "aim": _aim,
    "task": _task,
    "task-own": _task_own,
}
# Whoever holds a request is a member of its team as well, and so may what any member may.
ALSO: dict[Standing, Standing] = {"holder": "member", "nobody": "nobody"}


@pytest.fixture
def office(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Office]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield Office(connection, bookcase.shelf(), wording)
    database.close()


def test_every_right_is_tried() -> None:
    assert TRIED.keys() == RIGHTS.keys()


@pytest.mark.parametrize("right", RIGHTS)
def test_a_right_is_had_by_those_of_the_table_and_by_nobody_else(office: Office, right: RightName) -> None:
    found: dict[Standing, bool] = {}
    for standing in STANDINGS:
        point = office.connection.begin_nested()
        found[standing] = TRIED[right](office, standing)
        point.rollback()
    leaves = right in ("leave", "visit", "behalf")  # whoever is somewhere may do so, wherever the request is
    wanted = {
        standing: may(right, {standing, ALSO.get(standing, standing)})
        or (leaves and standing in ("wider", "nobody"))
        for standing in STANDINGS
    }
    assert found == wanted


def test_how_somebody_stands_is_read_from_their_roles_of_today(office: Office) -> None:
    turn = office.says("lead", "menu")
    for standing, person in office.people.items():
        found = cases.standings(turn, person, office.taken)
        assert standing in found or (standing, found) == ("province", {"nobody"})
        assert found <= {standing, ALSO.get(standing, standing), "nobody"}


def test_the_page_is_written_from_the_table_as_it_is(wording: Wording) -> None:
    path = Path(__file__).parents[2] / "docs/vi/quyen.md"
    assert path.read_text("utf-8") == page(wording, "vi"), "run: make roles"
    assert page(wording, "en").count("✓") == page(wording, "vi").count("✓")


def test_a_look_is_an_event_of_the_clock() -> None:
    assert {watch.LOOK: late.look} == late.DUE
    assert Due(name=watch.LOOK, about="request:1", at=MONDAY, facts={}).name in desk.DUE
