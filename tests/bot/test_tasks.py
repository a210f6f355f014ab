"""Tasks as they are kept: versions, events that stay, and who is one person or is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import msgspec
import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from bot.store import tables as t
from bot.store.database import Database, Stale
from bot.store.tasks import StoredTasks, forget, sign_over, told_by
from handlers.records.tasks import Task

NOW = datetime(2026, 11, 17, 2, tzinfo=UTC)
COMMUNE = "10402"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A commune's office."""
    opened = Database(url)
    with opened.write() as connection:
        connection.execute(insert(t.units).values(id=1, kind="office", name="xã Ứng Hòa", commune=COMMUNE))
    yield opened
    opened.close()


def task(day: int = 20, person: int = 8) -> Task:
    return Task(
        unit=1, commune=COMMUNE, giver=7, person=person, words="lập danh sách", due=date(2026, 11, day)
    )


def test_a_task_is_changed_over_the_version_that_was_read_and_each_step_is_an_event(
    database: Database,
) -> None:
    with database.write() as connection:
        stored = StoredTasks(connection, NOW)
        later, first = stored.keep(task(24)), stored.keep(task())
        assert stored.open_in((COMMUNE,)) == (first, later)  # the earlier day first
        done = msgspec.structs.replace(first, state="done", said="45/BC")
        saved = stored.save(done, "done", 8, "45/BC")
        assert stored.one(first.id) == saved
        assert stored.open_in((COMMUNE,)) == (later,)
        assert [(one.what, one.by, one.detail) for one in stored.history(first.id)] == [
            ("given", 7, ""),
            ("done", 8, "45/BC"),
        ]
        with pytest.raises(Stale):
            stored.save(done, "done", 8, "46/BC")


def test_a_task_of_a_form_is_kept_once_and_found_by_what_asked_for_it(database: Database) -> None:
    asked = msgspec.structs.replace(
        task(), giver=0, person=0, place=1, role="reporter", origin="1:form:2026-W46:plan"
    )
    with database.write() as connection:
        stored = StoredTasks(connection, NOW)
        kept = stored.keep(asked)
        assert stored.of_origin(asked.origin) == kept
        assert (kept.role, kept.origin) == ("reporter", asked.origin)
        assert stored.of_origin("1:form:2026-W47:plan") is None
        stored.keep(task())
        stored.keep(task())  # as many as one likes that no form asked for
    with pytest.raises(IntegrityError), database.write() as connection:
        StoredTasks(connection, NOW).keep(asked)


def test_reminders_of_a_task_are_kept_with_their_reason(database: Database) -> None:
    with database.write() as connection:
        stored = StoredTasks(connection, NOW)
        one, other = stored.keep(task()), stored.keep(task())
        stored.decided(one, "due", "sent", "due")
        assert [(each.stage, each.reason) for each in stored.decisions(one)] == [("due", "due")]
        assert stored.decisions(other) == ()


def test_two_numbers_that_are_one_person_have_the_tasks_of_both(database: Database) -> None:
    with database.write() as connection:
        stored = StoredTasks(connection, NOW)
        given = stored.keep(task())
        sign_over(connection, 8, 18)
        sign_over(connection, 7, 17)
        changed = stored.one(given.id)
        assert changed is not None
        assert (changed.giver, changed.person) == (17, 18)
        assert stored.history(given.id)[0].by == 17
        assert [row["words"] for row in told_by(connection, 18)] == ["lập danh sách"]


def test_whoever_is_forgotten_has_no_task_and_gave_none(database: Database) -> None:
    with database.write() as connection:
        stored = StoredTasks(connection, NOW)
        own, others = stored.keep(task()), stored.keep(task(person=9))
        forget(connection, 8)
        after = stored.one(own.id)
        assert after is not None
        assert (after.person, after.state) == (0, "dropped")
        assert stored.open_in((COMMUNE,)) == (others,)
        forget(connection, 7)
        assert told_by(connection, 7) == []
