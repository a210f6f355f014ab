"""Keeps what `handlers.records.media.Media` asks; the content itself lies outside the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Row,
    Select,
    and_,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from bot import codes
from bot.channels.shows import shows
from bot.store import tables as t
from handlers.made import Chart, Making, Progress, Trend
from handlers.records.media import MADE, Thing
from handlers.talk import Incoming

MANY = 20
BATCH = 500


class StoredMedia:
    """What was sent, inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self.changed = False  # something is wanted, or is to go

    def note(self, event: Incoming, person: int) -> str:
        """Remember what somebody has just sent without fetching it; give its code."""
        thing = event.attachment
        assert thing is not None
        code = codes.token()
        newest = select(func.max(t.media.c.at)).where(t.media.c.conversation == person)
        last = self._connection.scalar(newest)
        self._connection.execute(
            insert(t.media).values(
                code=code,
                account=event.account,
                ref=thing.ref,
                conversation=person,
                kind=thing.kind,
                name=thing.name[:200],
                size=thing.size,
                state="noted",
                # Several that came at one moment, such as an album, stay in their order.
                at=max(self._now, last + timedelta(microseconds=1)) if last else self._now,
            )
        )
        return code

    def want(self, code: str, about: str) -> None:
        """Have it fetched; what comes of it follows as an event about this."""
        self.changed = True
        self._connection.execute(
            update(t.media)
            .where(t.media.c.code == code, t.media.c.state == "noted")
            .values(state="wanted", about=about)
        )

    def get(self, code: str) -> Thing | None:
        """Give what has this code; None where it is gone."""
        row = self._connection.execute(
            select(t.media).where(t.media.c.code == code, t.media.c.state != "gone")
        ).first()
        return _thing(row) if row else None

    def of(self, about: str) -> tuple[Thing, ...]:
        """Give what belongs to something and is wanted or kept, the oldest first, at most twenty."""
        m = t.media.c
        rows = self._connection.execute(
            select(t.media)
            .where(m.about == about, m.state.in_(("wanted", "kept")))
            .order_by(m.at, m.code)
            .limit(MANY)
        )
        return tuple(map(_thing, rows))

    def newest(self, *about: str) -> tuple[Thing, ...]:
        """Give what was fetched last for each of these, in their order; nothing for what has nothing."""
        m = t.media.c
        rows = self._connection.execute(
            select(t.media).where(m.about.in_(about), m.state == "kept").order_by(m.at, m.code)
        )
        found = {row.about: _thing(row) for row in rows}
        return tuple(found[one] for one in about if one in found)

    def replace(self, code: str) -> None:
        """Have all else taken away that belongs to the same as this does."""
        self.changed = True
        m = t.media.c
        same = select(m.about).where(m.code == code).scalar_subquery()
        let_go(self._connection, and_(m.about == same, m.code != code, m.state == "kept"))

    def shown(self, thing: Thing, person: int, account: str = "") -> bool:
        """Say whether this person's platform shows it of itself: on this account, or where they were heard last."""
        c, m = t.contacts.c, t.media.c
        heard = (
            select(c.account)
            .where(c.conversation == person, ~c.gone, c.account.not_in(t.OUTSIDE))
            .order_by(c.heard.desc(), c.id)
            .limit(1)
        )
        found = self._connection.execute(select(m.type, m.size).where(m.code == thing.code)).one()
        return shows(account or self._connection.scalar(heard) or "", found.type, found.size)

    def drop(self, about: str) -> None:
        """Have all that belongs to something taken away, at once when this turn is kept."""
        self.changed = True
        let_go(self._connection, t.media.c.about == about)


def to_make(making: Making, order: str, now: datetime) -> Insert:
    """Ask for a file to be made of an order, as if it had been sent and were wanted."""
    return insert(t.media).values(
        code=codes.token(),
        account=MADE,
        ref=order,
        conversation=making.person,
        about=making.about,
        kind="photo" if isinstance(making.made, Chart | Progress | Trend) else "file",
        name=making.name,
        state="wanted",
        at=now,
    )


def let_go(connection: Connection, which: ColumnElement[bool]) -> None:
    """Give up what was sent: from now on nobody is given it, and its file goes before its row does."""
    connection.execute(update(t.media).where(which, t.media.c.state != "gone").values(state="gone", name=""))


def unused(before: datetime) -> Select[Any]:
    """Ask for codes of what was noted or refused before this moment, a batch at most: nobody passes it on."""
    m = t.media.c
    return select(m.code).where(m.at < before, m.state.in_(("noted", "refused"))).order_by(m.at).limit(BATCH)


def made(before: datetime) -> Select[Any]:
    """Ask for codes of what was made, or sent for a report, before this moment, a batch at most."""
    m = t.media.c
    which = or_(m.account == MADE, m.about.startswith("report:"))
    old = m.at < before, which, m.state.in_(("kept", "refused"))
    return select(m.code).where(*old).order_by(m.at).limit(BATCH)


def of_reports(periods: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """Say which media are about a report of one of these forms and periods."""
    about = t.media.c.about
    its = (about.contains(f":{form}:{period}/", autoescape=True) for form, period in periods)
    return and_(about.startswith("report:"), or_(false(), *its))


def let_go_of(connection: Connection, codes_: list[str]) -> None:
    """Give up what has these codes."""
    let_go(connection, t.media.c.code.in_(codes_))


def things_of(connection: Connection, person: int) -> list[Thing]:
    """Give what somebody has sent that is known of still."""
    m = t.media.c
    rows = connection.execute(
        select(t.media).where(m.conversation == person, m.state != "gone").order_by(m.at)
    )
    return [_thing(row) for row in rows]


def _thing(row: Row[Any]) -> Thing:
    return Thing(
        code=row.code,
        person=row.conversation,
        about=row.about,
        kind=row.kind,
        name=row.name,
        state=row.state,
        reason=row.reason,
        at=row.at,
    )
