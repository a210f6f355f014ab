"""Keeps what `handlers.records.groups.Groups` asks.

A group's chat has a conversation of its own, so what is said to it is sent like what is said to a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot import codes
from bot.store import tables as t
from handlers.records.groups import TOLD, Asked, Group
from handlers.records.people import Person

HOLDS = timedelta(minutes=15)

_g = t.team_groups.c
_LINKED = _g.linked & _g.ended.is_(None)


class StoredGroups:
    """Group chats of teams inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def of(self, team: int) -> Group | None:
        """Give the group in which a team's requests are shown; None where there is none, or none is reached."""
        c = t.contacts.c
        reached = select(c.id).where(c.conversation == _g.chat, ~c.gone).exists()
        return self._first(select(t.team_groups).where(_g.team == team, _LINKED, reached))

    def within(self, chat: int) -> tuple[Group, ...]:
        """Give the teams that a group chat is linked with, in fixed order."""
        rows = self._connection.execute(select(t.team_groups).where(_g.chat == chat, _LINKED).order_by(_g.id))
        return tuple(_group(row) for row in rows)

    def chat(self, account: str, name: str) -> int:
        """Give the number of a group's conversation by what the platform calls it."""
        c = t.contacts.c
        found = self._connection.scalar(select(c.conversation).where(c.account == account, c.chat == name))
        return found or 0

    def code(self, team: int, person: int) -> str:
        """Make a one-time code for a team's group; it takes the place of any before it of this person."""
        self._connection.execute(
            update(t.team_groups)
            .where(_g.by == person, ~_g.linked, _g.ended.is_(None))
            .values(ended=self._now)
        )
        put = sqlite_insert if self._connection.dialect.name == "sqlite" else postgresql_insert
        while True:
            made: str | None = self._connection.scalar(
                put(t.team_groups)
                .values(team=team, by=person, code=codes.grouping(), at=self._now)
                .on_conflict_do_nothing()
                .returning(_g.code)
            )
            if made is not None:
                return made

    def asked(self, code: str) -> Asked | None:
        """Give what a code was asked for; None where it is wrong, used up or too old."""
        return self._asked(_g.code == code)

    def pending(self, chat: int, person: int) -> Asked | None:
        """Give the newest code that this person has typed in this group, and not answered for yet."""
        return self._asked((_g.chat == chat) & (_g.by == person))

    def _asked(self, which: ColumnElement[bool]) -> Asked | None:
        row = self._connection.execute(
            select(t.team_groups)
            .where(which, ~_g.linked, _g.ended.is_(None), _g.at >= self._now - HOLDS)
            .order_by(_g.id.desc())
            .limit(1)
            .with_for_update()
        ).first()
        return Asked(row.id, row.team, row.by, row.chat) if row else None

    def bring(self, asked: Asked, chat: int, lang: str) -> None:
        """Keep in which group a code has been typed; it is spoken to in this language from then on."""
        self._connection.execute(update(t.team_groups).where(_g.id == asked.id).values(chat=chat, lang=lang))
        spoken = msgspec.json.encode(Person(lang=lang)).decode()
        self._connection.execute(
            update(t.conversations).where(t.conversations.c.id == chat).values(person=spoken)
        )

    def drop(self, asked: Asked) -> None:
        """Let a code hold no more."""
        self._connection.execute(update(t.team_groups).where(_g.id == asked.id).values(ended=self._now))

    def link(self, asked: Asked) -> None:
        """Link the group in which a code was typed with its team; the team has no other then."""
        self._connection.execute(
            update(t.team_groups).where(_g.team == asked.team, _LINKED).values(ended=self._now)
        )
        self._connection.execute(
            update(t.team_groups).where(_g.id == asked.id).values(linked=True, since=self._now)
        )

    def end(self, group: Group) -> None:
        """Link a team and a group no longer."""
        self._connection.execute(update(t.team_groups).where(_g.id == group.id).values(ended=self._now))

    def set_beside(self, group: Group, beside: bool) -> None:
        """Keep whether new cards go to private chats as well."""
        self._connection.execute(update(t.team_groups).where(_g.id == group.id).values(beside=beside))

    def moves(self, chat: int, account: str, name: str) -> None:
        """Keep what the platform calls a group from now on."""
        c = t.contacts.c
        self._connection.execute(
            update(t.contacts).where(c.conversation == chat, c.account == account).values(gone=True)
        )
        here = (c.account == account) & (c.chat == name)
        known = self._connection.scalar(select(c.id).where(here).with_for_update())
        values = {"conversation": chat, "heard": self._now, "gone": False}
        if known is None:
            self._connection.execute(insert(t.contacts).values(account=account, chat=name, **values))
        else:
            self._connection.execute(update(t.contacts).where(c.id == known).values(**values))

    def there(self, chat: int, people: Iterable[int]) -> frozenset[int]:
        """Give who of these people can be in a group: they write to us in private where the group is."""
        c, group = t.contacts.c, t.contacts.alias("its")
        accounts = select(group.c.account).where(group.c.conversation == chat)
        return frozenset(
            self._connection.scalars(
                select(c.conversation).where(
                    c.conversation.in_(list(people)), c.account.in_(accounts), ~c.gone, c.heard > t.NEVER
                )
            )
        )

    def reachable(self, person: int) -> bool:
        """Say whether somebody has written to us in private, and can be answered there."""
        c = t.contacts.c
        found = select(c.id).where(
            c.conversation == person, ~c.gone, c.heard > t.NEVER, c.account.not_in(t.OUTSIDE)
        )
        return self._connection.scalar(found.limit(1)) is not None

    def told(self, chat: int, since: datetime) -> bool:
        """Say whether a group has been told since then how people begin."""
        a = t.audit.c
        found = select(a.id).where(a.about == f"group:{chat}", a.done == TOLD, a.at > since)
        return self._connection.scalar(found.limit(1)) is not None

    def _first(self, statement: Select[tuple[object, ...]]) -> Group | None:
        row = self._connection.execute(statement).first()
        return _group(row) if row else None


def _group(row: Row[tuple[object, ...]]) -> Group:
    return Group(row.id, row.team, row.chat, row.since, row.lang, row.beside)


def sign_over(connection: Connection, old: int, new: int) -> None:
    """Let one number stand for another: a person has joined two channels."""
    connection.execute(update(t.team_groups).where(_g.by == old).values(by=new))


def asked_by(connection: Connection, person: int) -> list[dict[str, object]]:
    """Give the group chats that somebody has linked with a team, or asked a code for, ready to be exported."""
    rows = connection.execute(
        select(_g.team, _g.at, _g.linked, _g.since, _g.ended).where(_g.by == person).order_by(_g.id)
    )
    return [dict(row) for row in rows.mappings()]


def forget(connection: Connection, now: datetime, person: int) -> None:
    """Let no code of somebody who has had their data erased hold, and a team's group be linked by nobody."""
    own = _g.by == person
    connection.execute(update(t.team_groups).where(own, ~_g.linked, _g.ended.is_(None)).values(ended=now))
    connection.execute(update(t.team_groups).where(own).values(by=0))
