"""Keeps what `handlers.records.tasks.Tasks` asks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, or_, select, text, update

from bot.store import tables as t
from bot.store.database import Stale
from handlers.records.reports import Decision
from handlers.records.targets import Happened
from handlers.records.tasks import Task


class StoredTasks:
    """Tasks inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def keep(self, task: Task) -> Task:
        """Keep a new task; give it with its number."""
        task = msgspec.structs.replace(task, version=1)
        number = self._connection.scalar(insert(t.tasks).values(**_columns(task)).returning(t.tasks.c.id))
        task = msgspec.structs.replace(task, id=number)
        self._happened(task, "given", task.giver, "")
        return task

    def one(self, number: int) -> Task | None:
        """Give the task with this number."""
        row = self._connection.execute(select(t.tasks).where(t.tasks.c.id == number)).first()
        return _task(row) if row else None

    def save(self, task: Task, what: str, by: int, detail: str) -> Task:
        """Keep a change over the version that was read, and what was done; Stale when it is old."""
        after = msgspec.structs.replace(task, version=task.version + 1)
        changed = self._connection.execute(
            update(t.tasks)
            .where(t.tasks.c.id == task.id, t.tasks.c.version == task.version)
            .values(**_columns(after))
        )
        if changed.rowcount == 0:
            raise Stale(f"task {task.id}")
        self._happened(after, what, by, detail)
        return after

    def _happened(self, task: Task, what: str, by: int, detail: str) -> None:
        self._connection.execute(
            insert(t.task_events).values(task=task.id, at=self._now, what=what, by=by, detail=detail)
        )

    def of_origin(self, origin: str) -> Task | None:
        """Give the task that a form asked for; None where nobody was given it."""
        row = self._connection.execute(select(t.tasks).where(t.tasks.c.origin == origin)).first()
        return _task(row) if row else None

    def open_in(self, communes: tuple[str, ...]) -> tuple[Task, ...]:
        """Give what is open there, the earliest day first."""
        c = t.tasks.c
        rows = self._connection.execute(
            select(t.tasks).where(c.commune.in_(communes), text("state = 'open'")).order_by(c.due, c.id)
        )
        return tuple(map(_task, rows))

    def history(self, task: int) -> tuple[Happened, ...]:
        """Give what was done to a task, the oldest first."""
        e = t.task_events.c
        rows = self._connection.execute(select(t.task_events).where(e.task == task).order_by(e.id))
        return tuple(Happened(row.at, row.what, row.by, row.detail) for row in rows)

    def decided(self, task: Task, stage: str, decision: str, reason: str) -> None:
        """Keep what became of a reminder of a task, and why."""
        self._connection.execute(
            insert(t.reminders).values(
                unit=task.unit,
                form=_named(task),
                period=task.due.isoformat(),
                stage=stage,
                at=self._now,
                decision=decision,
                reason=reason,
            )
        )

    def decisions(self, task: Task) -> tuple[Decision, ...]:
        """Give what became of the reminders of a task, the oldest first."""
        c = t.reminders.c
        rows = self._connection.execute(
            select(t.reminders)
            .where(c.unit == task.unit, c.form == _named(task), c.period == task.due.isoformat())
            .order_by(c.id)
        )
        return tuple(Decision(row.stage, row.at, row.decision, row.reason) for row in rows)


def told_by(connection: Connection, person: int) -> list[dict[str, object]]:
    """Give the tasks that somebody has given or been given, the oldest first, ready to be exported."""
    c = t.tasks.c
    rows = connection.execute(
        select(c.words, c.due, c.state, c.said)
        .where(or_(c.giver == person, c.person == person))
        .order_by(c.id)
    )
    return [dict(row) for row in rows.mappings()]


def sign_over(connection: Connection, old: int, new: int) -> None:
    """Let one number stand for another in all that was given and done: the two turned out to be one person."""
    for table, column in ((t.tasks, "giver"), (t.tasks, "person"), (t.task_events, "by")):
        connection.execute(update(table).where(table.c[column] == old).values({column: new}))


def forget(connection: Connection, person: int) -> None:
    """End the open tasks of somebody who has had their data erased, and let what they gave be nobody's."""
    c = t.tasks.c
    connection.execute(
        update(t.tasks)
        .where(c.person == person, text("state = 'open'"))
        .values(state="dropped", version=c.version + 1)
    )
    connection.execute(update(t.tasks).where(c.person == person).values(said=""))
    sign_over(connection, person, 0)


def _named(task: Task) -> str:
    """Give what stands for a task among the decisions, where reports have the name of their form."""
    return f"task-{task.id}"


def _task(row: Row[Any]) -> Task:
    return Task(
        id=row.id,
        unit=row.unit,
        commune=row.commune,
        giver=row.giver,
        person=row.person,
        place=row.place,
        role=row.role,
        origin=row.origin or "",
        words=row.words,
        due=date.fromisoformat(row.due),
        state=row.state,
        said=row.said,
        version=row.version,
    )


def _columns(task: Task) -> dict[str, Any]:
    columns = {**msgspec.structs.asdict(task), "due": task.due.isoformat(), "origin": task.origin or None}
    del columns["id"]
    return columns
