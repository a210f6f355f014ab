"""Keeps what `handlers.records.misses.Misses` asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot import codes
from bot.store import tables as t
from bot.store.database import Stale
from handlers.records.misses import Answer, Miss, StepCount

_decode = msgspec.json.Decoder(Answer).decode
_encode = msgspec.json.Encoder().encode
MANY = 1000
FEW = 20
BATCH = 500
LENGTHS = (3, 5)

StepKey = tuple[str, str, str, str]  # week, guide, step and what happened there


class StoredMisses:
    """Unanswered questions and their answers inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def keep(self, miss: Miss) -> int:
        """Keep a question; give its number."""
        values = msgspec.structs.asdict(miss) | {"at": self._now}
        del values["id"]
        number: int | None = self._connection.scalar(
            insert(t.misses).values(**values).returning(t.misses.c.id)
        )
        assert number is not None
        return number

    def promise(self, miss: int, person: int) -> bool:
        """Note who agreed to be told; False where the question is no more."""
        m = t.misses.c
        changed = self._connection.execute(
            update(t.misses)
            .where(m.id == miss, m.person.in_((0, person)), m.told.is_(None))
            .values(person=person, agreed=self._now)
        )
        return changed.rowcount > 0

    def open(self, communes: Sequence[str]) -> tuple[Miss, ...]:
        """Give the questions of these communes that nobody has answered yet, the newest first, at most a thousand."""
        m = t.misses.c
        return self._all(
            select(t.misses).where(m.answer == 0, m.commune.in_(communes)).order_by(m.id.desc()).limit(MANY)
        )

    def settle(self, misses: Sequence[int], answer: int) -> None:
        """Let an answer take open questions; NOT_NEEDED says that they need none."""
        m = t.misses.c
        self._connection.execute(
            update(t.misses).where(m.id.in_(list(misses)), m.answer == 0).values(answer=answer)
        )

    def release(self, answer: int) -> None:
        """Open the questions of an answer again."""
        self._connection.execute(update(t.misses).where(t.misses.c.answer == answer).values(answer=0))

    def taken(self, answer: int) -> tuple[Miss, ...]:
        """Give the questions that an answer has taken, the oldest first, at most a thousand."""
        m = t.misses.c
        return self._all(select(t.misses).where(m.answer == answer).order_by(m.id).limit(MANY))

    def promised(self, answer: int, most: int) -> tuple[Miss, ...]:
        """Give the questions of an answer whose askers are yet to be told, the oldest first."""
        m = t.misses.c
        return self._all(select(t.misses).where(m.answer == answer, m.person != 0).order_by(m.id).limit(most))

    def told(self, answer: int, people: Sequence[int]) -> None:
        """Note that people were told of an answer; from now on all that they asked of it is nobody's."""
        m = t.misses.c
        self._connection.execute(
            update(t.misses)
            .where(m.answer == answer, m.person.in_(list(people)))
            .values(person=0, told=self._now)
        )

    def propose(self, answer: Answer) -> Answer:
        """Keep a new answer; give it with its number and code."""
        put = sqlite_insert if self._connection.dialect.name == "sqlite" else postgresql_insert
        while True:
            for length in LENGTHS:
                new = msgspec.structs.replace(
                    answer, code=codes.request(length), state="waiting", at=self._now, version=1
                )
                number = self._connection.scalar(
                    put(t.answers)
                    .values(**_columns(new))
                    .on_conflict_do_nothing(index_elements=[t.answers.c.code])
                    .returning(t.answers.c.id)
                )
                if number is not None:
                    return msgspec.structs.replace(new, id=number)

    def by_code(self, code: str) -> Answer | None:
        """Give the answer with this code; nobody else changes it before the turn ends."""
        return self._one(select(t.answers).where(t.answers.c.code == code.upper()))

    def by_number(self, number: int) -> Answer | None:
        """Give the answer with this number; nobody else changes it before the turn ends."""
        return self._one(select(t.answers).where(t.answers.c.id == number))

    def save(self, answer: Answer) -> Answer:
        """Keep a change over the version that was read; Stale when it is old."""
        after = msgspec.structs.replace(answer, version=answer.version + 1)
        changed = self._connection.execute(
            update(t.answers)
            .where(t.answers.c.id == answer.id, t.answers.c.version == answer.version)
            .values(**_columns(after))
        )
        if changed.rowcount == 0:
            raise Stale(f"answer {answer.id}")
        return after

    def waiting(self, units: Sequence[int]) -> tuple[Answer, ...]:
        """Give the answers of these offices that wait for approval, the oldest first, at most twenty."""
        a = t.answers.c
        rows = self._connection.execute(
            select(t.answers).where(a.state == "waiting", a.unit.in_(list(units))).order_by(a.id).limit(FEW)
        )
        return tuple(map(answer_of, rows))

    def steps(self, since: str) -> tuple[StepCount, ...]:
        """Give what was counted at the steps of guides since a week, such as 2026-W48."""
        return counted(self._connection, since)

    def _all(self, asked: Select[Any]) -> tuple[Miss, ...]:
        return tuple(map(miss_of, self._connection.execute(asked)))

    def _one(self, asked: Select[Any]) -> Answer | None:
        row = self._connection.execute(asked.with_for_update()).first()
        return answer_of(row) if row else None


def miss_of(row: Row[Any]) -> Miss:
    """Give a stored question."""
    return Miss(
        id=row.id,
        at=row.at,
        why=row.why,
        words=row.words,
        lang=row.lang,
        commune=row.commune,
        shown=row.shown,
        person=row.person,
        answer=row.answer,
    )


def answer_of(row: Row[Any]) -> Answer:
    """Give a stored answer."""
    return msgspec.structs.replace(_decode(row.details), id=row.id, version=row.version)


def _columns(answer: Answer) -> dict[str, Any]:
    return {
        "code": answer.code,
        "state": answer.state,
        "unit": answer.unit,
        "author": answer.author,
        "judge": answer.judge,
        "decided": answer.decided,
        "details": _encode(answer).decode(),
        "version": answer.version,
    }


# --- what other parts of the store ask ---


def open_since(connection: Connection, since: datetime, commune: str = "") -> list[Miss]:
    """Give the questions without an answer that were asked since a moment, in one commune or in all."""
    m = t.misses.c
    where = [m.answer == 0, m.at >= since, *([m.commune == commune] if commune else [])]
    return [miss_of(row) for row in connection.execute(select(t.misses).where(*where).order_by(m.id))]


def counted(connection: Connection, since: str) -> tuple[StepCount, ...]:
    """Give what was counted at the steps of guides since a week, by week, guide and step."""
    c = t.step_counts.c
    rows = connection.execute(
        select(t.step_counts).where(c.week >= since).order_by(c.week, c.guide, c.step, c.what)
    )
    return tuple(StepCount(row.week, row.guide, row.step, row.what, row.times) for row in rows)


def add_up(connection: Connection, counts: Counter[StepKey]) -> None:
    """Add to what was counted; keys in fixed order, so that two turns wait for each other and never cross."""
    put = (sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert)(t.step_counts)
    c = t.step_counts.c
    connection.execute(
        put.on_conflict_do_update(
            index_elements=[c.week, c.guide, c.step, c.what], set_={"times": c.times + put.excluded.times}
        ),
        [
            {"week": week, "guide": guide, "step": step, "what": what, "times": times}
            for (week, guide, step, what), times in sorted(counts.items())
        ],
    )


def approved(connection: Connection) -> list[Answer]:
    """Give the answers that a second person has approved, in the order of their approval."""
    a = t.answers.c
    rows = connection.execute(select(t.answers).where(a.state == "approved").order_by(a.decided, a.id))
    return [answer_of(row) for row in rows]


def approved_so_far(connection: Connection) -> tuple[int, datetime | None]:
    """Give how many are approved and when the last of them was: what differs once another one is."""
    a = t.answers.c
    row = connection.execute(select(func.count(), func.max(a.decided)).where(a.state == "approved")).one()
    return row[0], row[1]


def _of(person: int) -> ColumnElement[bool]:
    """Ask for a person's questions; that it is somebody is said so that the partial index is of use."""
    m = t.misses.c
    return and_(m.person == person, m.person != 0)


def asked_by(connection: Connection, person: int) -> list[dict[str, Any]]:
    """Give the questions about which somebody is to be told."""
    m = t.misses.c
    rows = connection.execute(select(m.at, m.words).where(_of(person)).order_by(m.id))
    return [{"at": row.at, "words": row.words} for row in rows]


def forget(connection: Connection, person: int) -> None:
    """Erase the questions about which somebody is to be told."""
    connection.execute(delete(t.misses).where(_of(person)))


def hand_over(connection: Connection, old: int, new: int) -> None:
    """Let what a person is to be told about be told to another number."""
    connection.execute(update(t.misses).where(_of(old)).values(person=new))


def replace_editor(connection: Connection, old: int, new: int) -> None:
    """Let what an editor wrote and approved be another number's."""
    rows = connection.execute(
        select(t.answers).where((t.answers.c.author == old) | (t.answers.c.judge == old)).with_for_update()
    ).all()
    for answer in map(answer_of, rows):
        moved = msgspec.structs.replace(
            answer,
            author=new if answer.author == old else answer.author,
            judge=new if answer.judge == old else answer.judge,
        )
        connection.execute(update(t.answers).where(t.answers.c.id == answer.id).values(**_columns(moved)))


def old(before: datetime) -> Select[Any]:
    """Ask for questions from before this moment, a batch at most."""
    return select(t.misses.c.id).where(t.misses.c.at < before).order_by(t.misses.c.at).limit(BATCH)
