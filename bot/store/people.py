"""Keeps what `handlers.records.people.People` asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, String, and_, cast, delete, insert, literal, or_, select, true, update

from bot import codes
from bot.store import tables as t
from bot.store.media import let_go, things_of
from bot.store.requests import everything_of, unhook
from handlers.records.people import Invitation, Person, Role, RoleKind, Unit
from handlers.talk import Message, Talk

_person = msgspec.json.Decoder(Person)
_message = msgspec.json.Decoder(Message)
LOOKED_AT = 10  # messages among which the cards not yet answered are
NO_TALK = msgspec.json.encode(Talk()).decode()


def person_of(number: int, stored: str) -> Person:
    """Give a stored person; who is not known yet has only a number."""
    return msgspec.structs.replace(_person.decode(stored), id=number) if stored else Person(id=number)


_NEWS = {"": t.NOT_ASKED, "yes": t.WANTED, "no": t.UNWANTED}


def columns_of(person: Person) -> dict[str, Any]:
    """Give the columns by which the people of a place are found."""
    return {"commune": person.commune[:5], "village": person.village, "news": _NEWS[person.news]}


class StoredPeople:
    """People, roles, units and invitations inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._known: dict[int, Person] = {}

    def get(self, person: int) -> Person:
        """Give a person; an empty one where nobody has that number."""
        if person not in self._known:
            stored = self._connection.scalar(
                select(t.conversations.c.person).where(t.conversations.c.id == person)
            )
            self._known[person] = person_of(person, stored or "")
        return self._known[person]

    def roles(self, person: int) -> tuple[Role, ...]:
        """Give the roles a person holds now."""
        rows = self._connection.execute(
            select(t.roles).where(t.roles.c.person == person, self._current()).order_by(t.roles.c.id)
        )
        return tuple(Role(row.id, row.person, row.kind, row.place, row.since, row.until) for row in rows)

    def holding(self, kind: RoleKind, place: int) -> tuple[Person, ...]:
        """Give those who hold this role in a team or unit now, in fixed order."""
        rows = self._connection.execute(
            select(t.conversations.c.id, t.conversations.c.person)
            .join(t.roles, t.roles.c.person == t.conversations.c.id)
            .where(t.roles.c.place == place, t.roles.c.kind == kind, self._current())
            .order_by(t.conversations.c.id)
        )
        people = {row.id: person_of(row.id, row.person) for row in rows}
        self._known.update(people)
        return tuple(people.values())

    def unit(self, place: int) -> Unit | None:
        """Give a team or unit."""
        row = self._connection.execute(select(t.units).where(t.units.c.id == place)).first()
        return unit_of(row) if row else None

    def units(self, kind: Literal["team", "office"], commune: str = "") -> tuple[Unit, ...]:
        """Give the teams or offices of a commune (of all, where none is named), in fixed order."""
        wanted = t.units.c.commune == commune if commune else true()
        rows = self._connection.execute(
            select(t.units)
            .where(
                t.units.c.kind == kind, wanted, or_(t.units.c.until.is_(None), t.units.c.until > self._now)
            )
            .order_by(t.units.c.id)
        )
        return tuple(unit_of(row) for row in rows)

    def invitation(self, code: str) -> Invitation | None:
        """Give an invitation, used or not; on PostgreSQL nobody else uses it up before this turn ends."""
        row = self._connection.execute(
            select(t.invitations).where(t.invitations.c.code == code).with_for_update()
        ).first()
        if row is None:
            return None
        return Invitation(
            row.code, row.kind, row.place, row.name, row.address, row.lang, row.used_by or 0, row.until
        )

    def join(self, invitation: Invitation, person: int) -> bool:
        """Use an invitation up and give the role; False when somebody was quicker."""
        taken = self._connection.execute(
            update(t.invitations)
            .where(t.invitations.c.code == invitation.code, t.invitations.c.used_by.is_(None))
            .values(used_by=person)
        )
        if taken.rowcount == 0:
            return False
        self._connection.execute(
            insert(t.roles).values(
                person=person, kind=invitation.kind, place=invitation.place, since=self._now
            )
        )
        return True

    def invite(self, kind: RoleKind, place: int, name: str, address: str) -> str:
        """Make an invitation and give its code."""
        code = codes.invitation()
        self._connection.execute(
            insert(t.invitations).values(
                code=code, kind=kind, place=place, name=name, address=address, lang="vi"
            )
        )
        return code

    def leave(self, role: int) -> None:
        """End a role now."""
        self._connection.execute(update(t.roles).where(t.roles.c.id == role).values(until=self._now))

    def forget(self, person: int) -> None:
        """Erase a person's messages and roles, and unhook their requests; the turn empties the rest."""
        contacts = select(t.contacts.c.id).where(t.contacts.c.conversation == person)
        # What still waits would arrive without its words.
        waiting = t.among(t.outbox.c.state, t.HELD, t.READY)
        self._connection.execute(
            update(t.outbox).where(t.outbox.c.contact.in_(contacts), waiting).values(state=t.WITHDRAWN)
        )
        self._connection.execute(
            update(t.outbox).where(t.outbox.c.contact.in_(contacts)).values(message="", voice="")
        )
        self._connection.execute(
            update(t.roles).where(t.roles.c.person == person, self._current()).values(until=self._now)
        )
        self._connection.execute(
            update(t.invitations).where(t.invitations.c.used_by == person).values(name="")
        )
        # What others were told of their requests, words and all.
        own = self._connection.scalars(select(t.requests.c.id).where(t.requests.c.citizen == person)).all()
        self._connection.execute(
            update(t.outbox)
            .where(t.outbox.c.about.in_([f"request:{number}" for number in own]))
            .values(message="", voice="")
        )
        unhook(self._connection, self._now, person)
        # An address to which we only send is nothing but data about a person.
        erase_addresses(self._connection, person, t.OUTSIDE)
        self._connection.execute(delete(t.link_codes).where(t.link_codes.c.conversation == person))
        let_go(self._connection, t.media.c.conversation == person)
        self._known.pop(person, None)

    def cards(self, person: int) -> tuple[Message, ...]:
        """Give what has been shown to somebody unasked since they were answered last, and offers choices."""
        c, o = t.contacts.c, t.outbox.c
        heard = (
            select(c.id)
            .where(c.conversation == person, c.account.not_in(t.OUTSIDE))
            .order_by(c.heard.desc(), c.id)
            .limit(1)
        )
        rows = self._connection.execute(
            select(o.kind, o.voice, o.message)
            .where(o.contact == heard.scalar_subquery(), o.number.is_not(None), o.state != t.WITHDRAWN)
            .order_by(o.number.desc())
            .limit(LOOKED_AT)
        )
        found = []
        for row in rows:
            if row.kind in ("answer", "receipt") and not row.voice:
                break
            if row.message and (message := _message.decode(row.message)).choices:
                found.append(message)
        return tuple(found)

    def everything(self, person: int) -> dict[str, object]:
        """Give all that is kept about a person, ready to be exported."""
        contacts = self._connection.execute(
            select(t.contacts.c.account, t.contacts.c.heard).where(t.contacts.c.conversation == person)
        )
        sent = self._connection.execute(
            select(t.outbox.c.at, t.outbox.c.kind, t.outbox.c.message)
            .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
            .where(t.contacts.c.conversation == person, t.outbox.c.message != "")
            .order_by(t.outbox.c.id)
        )
        return {
            "channels": [{"account": row.account, "last_heard": row.heard} for row in contacts],
            "sent": [msgspec.to_builtins(thing) for thing in things_of(self._connection, person)],
            "requests": everything_of(self._connection, person),
            "roles": [msgspec.to_builtins(role) for role in self.roles(person)],
            "messages": [
                {"at": row.at, "kind": row.kind, **msgspec.json.decode(row.message, type=dict[str, Any])}
                for row in sent
            ],
        }

    def _current(self) -> Any:
        return and_(or_(t.roles.c.until.is_(None), t.roles.c.until > self._now))


def unit_of(row: Any) -> Unit:
    """Give a stored team or unit."""
    return Unit(row.id, row.kind, row.name, row.commune, row.village, row.parent)


def erase_addresses(connection: Connection, person: int, accounts: tuple[str, ...]) -> None:
    """Erase where a person is written to besides their chats; what was sent there keeps its row."""
    c = t.contacts.c
    connection.execute(
        update(t.contacts)
        .where(c.conversation == person, c.account.in_(accounts))
        .values(chat=literal("erased:").concat(cast(c.id, String)), gone=True)
    )
