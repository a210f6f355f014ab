"""Many officers at one report at once: nothing is lost, and there is one receipt."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime

import msgspec
import pytest
from sqlalchemy import func, insert, select, text

from bot import clock
from bot.core import Core
from bot.inbox import put_before
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.reports import StoredReports
from bot.wording import Wording
from handlers.records.people import Person
from handlers.records.reports import Report
from handlers.rules import periods
from handlers.rules.validation import Value, fingerprint
from handlers.talk import Due, Heard, Incoming, Message, Talk

MANY = 50
UNIT = "xã Ứng Hòa, Hà Nội"
FIGURES = {
    "paperless-meetings": Value(9, 11),
    "signed-documents": Value(214, 218),
    "malware-protection": Value(2, 46),
    "official-email": Value(58, 61),
    "online-transactions": Value(430),
    "services-used-online": Value(118, 390),
    "files-handled-online": Value(612, 640),
}


@pytest.fixture
def core(url: str, bookcase: Bookcase, wording: Wording) -> Iterator[Core]:
    clock.stop_at(datetime(2026, 11, 16, 9, 0, tzinfo=clock.VIETNAM))
    core = Core(Database(url), bookcase, wording)
    yield core
    core.close()
    clock.reset()


def seat(core: Core, talk: Talk | None = None) -> int:
    """Put fifty officers into one office; give its number."""
    matches = core.bookcase.shelf().places.find(UNIT)
    assert matches.one is not None
    with core.database.write() as connection:
        unit: int | None = connection.scalar(
            insert(t.units).values(kind="office", name=UNIT, commune=matches.one.code).returning(t.units.c.id)
        )
        assert unit is not None
        encoded = msgspec.json.encode(talk or Talk(met=True)).decode().replace("{unit}", str(unit))
        for place in range(MANY):
            person = connection.scalar(
                insert(t.conversations)
                .values(
                    person=msgspec.json.encode(Person(name=f"Số {place}", lang="vi")).decode(),
                    talk=encoded,
                    touched=clock.now(),
                )
                .returning(t.conversations.c.id)
            )
            connection.execute(
                insert(t.contacts).values(
                    account="web", chat=str(place), conversation=person, heard=clock.now()
                )
            )
            connection.execute(
                insert(t.roles).values(person=person, kind="reporter", place=unit, since=clock.now())
            )
    return unit


def all_at_once(core: Core, events: list[Incoming]) -> None:
    """Store what was heard, and let several workers take it."""
    core.intake.take_now([Heard(str(place), event) for place, event in enumerate(events)])

    def work(_worker: int) -> None:
        while core.turns.take():
            pass

    with ThreadPoolExecutor(1 if core.database.sqlite else 4) as workers:
        list(workers.map(work, range(4)))


def kept(core: Core, unit: int) -> Report:
    with core.database.read() as connection:
        return StoredReports(connection, clock.now()).get(unit, "monthly", "2026-11")


def said(core: Core) -> list[Message]:
    with core.database.read() as connection:
        return [msgspec.json.decode(m, type=Message) for m in connection.scalars(select(t.outbox.c.message))]


def test_fifty_who_send_at_once_make_one_report_and_get_one_receipt(core: Core) -> None:
    unit = seat(core)
    form = core.bookcase.shelf().forms["monthly"]
    period = periods.period_named(form, "2026-11")
    assert period is not None
    with core.database.write() as connection:
        reports = StoredReports(connection, clock.now())
        draft = reports.hold(unit, "monthly", "2026-11")
        reports.save(msgspec.structs.replace(draft, form_version=form.version, values=FIGURES))
    mark = f"1.{fingerprint(form, UNIT, period, FIGURES)[:8]}"
    press = f"send-report@{unit}:monthly:2026-11/{mark}"
    all_at_once(
        core, [Incoming(account="web", chat=str(n), sender=str(n), choice=press) for n in range(MANY)]
    )

    report = kept(core, unit)
    assert report.state == "submitted"
    assert [sent.number for sent in report.submissions] == [1]
    with core.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(t.reports)) == 1
    messages = said(core)
    assert all(f"**{report.receipt}**" in message.text for message in messages)
    answers = [message for message in messages if "khỏi gửi" not in message.text]
    assert len(answers) == MANY
    assert len(messages) - MANY == MANY - 1  # and the others hear once that it was sent
    assert len({message.file for message in answers}) == 1


def test_figures_entered_at_once_by_many_are_all_kept(core: Core) -> None:
    talk = Talk(doing="report {unit}:monthly:2026-11", at="value.paperless-meetings", met=True)
    unit = seat(core, talk)
    typed = ["1: 9/11", "2: 214/218", "3: mới 2, tổng 46", "4: 58/61", "5: 430", "6: 118/390", "7: 612/640"]
    all_at_once(
        core, [Incoming(account="web", chat=str(n), sender=str(n), text=typed[n % 7]) for n in range(MANY)]
    )
    assert kept(core, unit).values == FIGURES


def test_whoever_decides_on_a_reminder_waits_for_a_report_that_is_being_sent(
    postgresql_url: str, bookcase: Bookcase, wording: Wording
) -> None:
    clock.stop_at(datetime(2026, 11, 16, 9, 0, tzinfo=clock.VIETNAM))
    core = Core(Database(postgresql_url), bookcase, wording)
    unit = seat(core)
    about = f"report:{unit}:monthly:2026-11"
    due = Due(name="reports.stage", about=about, at=clock.now(), facts={"stage": "before-due"})
    with core.database.write() as connection:
        put_before(connection, f"{about}:before-due", due, clock.now())
    waits = text("select count(*) from pg_locks where not granted")
    with ThreadPoolExecutor(1) as worker:
        with core.database.write() as connection:
            reports = StoredReports(connection, clock.now())
            draft = reports.hold(unit, "monthly", "2026-11")
            reports.save(msgspec.structs.replace(draft, state="submitted"))
            turn = worker.submit(core.turns.take)
            while not connection.scalar(waits) and not wait([turn], timeout=0.05).done:
                pass
        assert turn.result() == 1
    with core.database.read() as connection:
        decided = StoredReports(connection, clock.now()).decisions(kept(core, unit))
    assert [(row.decision, row.reason) for row in decided] == [("skipped", "submitted")]
    assert said(core) == []
    core.close()
    clock.reset()
