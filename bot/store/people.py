"""Keeps what `handlers.records.people.People` asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    String,
    Table,
    and_,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from bot import codes
from bot.store import groups, incidents, misses, targets, tasks, villages, visits
from bot.store import tables as t
from bot.store.card import written_by
from bot.store.media import let_go, things_of
from bot.store.requests import everything_of, unhook
from handlers.records.people import (
    BODIES,
    Absence,
    Invitation,
    Person,
    Resting,
    Role,
    RoleKind,
    Unit,
    UnitKind,
    Village,
)
from handlers.talk import Message, Talk

_person = msgspec.json.Decoder(Person)
_message = msgspec.json.Decoder(Message)
LOOKED_AT = 10  # messages among which the cards not yet answered are
MERGED = 4  # times over that a village may have been merged or renamed and still be known by its first name
NO_TALK = msgspec.json.encode(Talk()).decode()


def person_of(number: int, stored: str) -> Person:
    """Give a stored person; who is not known yet has only a number."""
    return msgspec.structs.replace(_person.decode(stored), id=number) if stored else Person(id=number)


def _role(row: Row[Any]) -> Role:
    return Role(row.id, row.person, row.kind, row.place, row.since, row.until)


_NEWS = {"": t.NOT_ASKED, "yes": t.WANTED, "no": t.UNWANTED, "some": t.SOME}


def columns_of(person: Person) -> dict[str, Any]:
    """Give the columns by which the people of a place are found."""
    areas = f"/{'/'.join(person.areas)}/" if person.areas else ""
    return {
        "commune": person.commune[:5],
        "village": person.village,
        "news": _NEWS[person.news],
        "areas": areas,
    }


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
        return tuple(map(_role, rows))

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

    def headed(self, places: Sequence[int], since: datetime, until: datetime) -> tuple[Role, ...]:
        """Give who was head of some units at any time of a span, over or not, in the order in which they came."""
        r = t.roles.c
        rows = self._connection.execute(
            select(t.roles)
            .where(
                r.place.in_(places),
                r.kind == "head",
                r.since < until,
                or_(r.until.is_(None), r.until > since),
            )
            .order_by(r.since, r.id)
        )
        return tuple(map(_role, rows))

    def in_offices(self) -> tuple[int, ...]:
        """Give who is head, officer or editor of a commune's office now, or stands in for one, in fixed order."""
        a = t.absences.c
        own = (
            select(t.roles.c.person)
            .join(t.units, t.units.c.id == t.roles.c.place)
            .where(
                t.units.c.kind == "office",
                t.units.c.commune != "",
                or_(t.units.c.until.is_(None), t.units.c.until > self._now),
                t.roles.c.kind.in_(("head", "officer", "editor")),
                self._current(),
            )
            .distinct()
        )
        others = select(a.stand_in).where(
            a.person.in_(own), a.stand_in != 0, a.since <= self._now, a.until > self._now
        )
        return tuple(sorted({*self._connection.scalars(own), *self._connection.scalars(others)}))

    def resting(self, before: datetime, role: int = 0) -> tuple[Resting, ...]:
        """Give the roles (or this one) of whom nothing has been heard since then, by number."""
        r, c = t.roles.c, t.contacts.c
        heard = func.max(c.heard)
        query = (
            select(t.roles, heard.label("heard"))
            .join(t.contacts, c.conversation == r.person)
            .where(self._current(), r.since < before, c.account.not_in(t.OUTSIDE))
            .group_by(*t.roles.c)
            .having(heard < before)
            .order_by(r.id)
        )
        rows = self._connection.execute(query.where(r.id == role) if role else query)
        return tuple(Resting(_role(row), row.heard, row.asked) for row in rows)

    def ask_whether(self, role: int) -> None:
        """Keep that somebody has just been asked whether they stay."""
        self._connection.execute(update(t.roles).where(t.roles.c.id == role).values(asked=self._now))

    def role(self, role: int) -> Role | None:
        """Give a role, held or over."""
        row = self._connection.execute(select(t.roles).where(t.roles.c.id == role)).first()
        return _role(row) if row else None

    def rest(self, role: int) -> None:
        """End a role now since nobody uses it; it can be given back."""
        self._connection.execute(
            update(t.roles).where(t.roles.c.id == role, self._current()).values(until=self._now, idle=True)
        )

    def restore(self, role: int) -> bool:
        """Give back a role that ended so; False where it did not, or has been given back."""
        r = t.roles.c
        row = self._connection.execute(
            update(t.roles)
            .where(r.id == role, r.idle)
            .values(idle=False)
            .returning(r.person, r.kind, r.place)
        ).first()
        if row is None:
            return False
        self._connection.execute(
            insert(t.roles).values(person=row.person, kind=row.kind, place=row.place, since=self._now)
        )
        return True

    def leading(self) -> tuple[tuple[int, int], ...]:
        """Give who leads a team now, and which, in fixed order."""
        r, u = t.roles.c, t.units.c
        rows = self._connection.execute(
            select(r.person, r.place)
            .join(t.units, u.id == r.place)
            .where(
                u.kind == "team",
                or_(u.until.is_(None), u.until > self._now),
                r.kind == "lead",
                self._current(),
            )
            .distinct()
            .order_by(r.place, r.person)
        )
        return tuple((row.person, row.place) for row in rows)

    def unit(self, place: int) -> Unit | None:
        """Give a team or unit."""
        row = self._connection.execute(select(t.units).where(t.units.c.id == place)).first()
        return next(iter(self._with_villages([row])), None) if row else None

    def units(self, kind: UnitKind, commune: str = "") -> tuple[Unit, ...]:
        """Give the teams or offices of a commune or province (of all, where none is named), in fixed order."""
        return self._units(t.units.c.kind == kind, t.units.c.commune == commune if commune else true())

    def taken_over(self, *units: int) -> dict[int, tuple[Unit, ...]]:
        """Give what units took the place of, by unit; those that took nothing's are left out."""
        found: dict[int, tuple[Unit, ...]] = {}
        rows = self._connection.execute(
            select(t.units).where(t.units.c.became.in_(units), t.units.c.became != 0).order_by(t.units.c.id)
        )
        for row in rows:
            found[row.became] = (*found.get(row.became, ()), unit_of(row))
        return found

    def bodies(self, commune: str) -> tuple[Unit, ...]:
        """Give what stands beside the office of a commune, or of a province by its code, in fixed order."""
        return self._units(t.units.c.kind.in_(BODIES), t.units.c.commune == commune)

    def _units(self, *wanted: ColumnElement[bool]) -> tuple[Unit, ...]:
        rows = self._connection.execute(
            select(t.units).where(*wanted, lasting(t.units, self._now)).order_by(t.units.c.id)
        ).all()
        return self._with_villages(rows)

    def _with_villages(self, rows: Sequence[Row[Any]]) -> tuple[Unit, ...]:
        """Give units with the villages they cover now, and what those were called before."""
        teams = [row.id for row in rows if row.kind == "team"]
        covered: dict[int, list[Village]] = {}
        ended: set[int] = set()
        if teams:
            v, c = t.villages.c, t.covers.c
            found = self._connection.execute(
                select(c.unit, v.id, v.name, v.since, v.until)
                .join(t.villages, v.id == c.village)
                .where(c.unit.in_(teams), lasting(t.covers, self._now))
                .order_by(v.id)
            )
            for row in found:
                if row.until is not None and row.until <= self._now:
                    ended.add(row.unit)
                elif row.since is None or row.since <= self._now:
                    covered.setdefault(row.unit, []).append(Village(row.id, row.name))
        before = formerly(
            self._connection,
            {village.id for places in covered.values() for village in places},
        )
        return tuple(
            unit_of(
                row,
                tuple(covered.get(row.id, ())),
                tuple(old for village in covered.get(row.id, ()) for old in before.get(village.id, ())),
                ended=row.id in ended and row.id not in covered,
            )
            for row in rows
        )

    def invitation(self, code: str) -> Invitation | None:
        """Give an invitation, used or not; on PostgreSQL nobody else uses it up before this turn ends."""
        row = self._connection.execute(
            select(t.invitations)
            .where(t.invitations.c.code == code, t.invitations.c.staged == "")
            .with_for_update()
        ).first()
        if row is None:
            return None
        return Invitation(
            row.code,
            row.kind,
            row.place,
            row.name,
            row.address,
            row.lang,
            row.used_by or 0,
            row.until,
            row.begins,
            row.ends,
            tuple(filter(None, row.speaks.split(", "))),
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
                person=person,
                kind=invitation.kind,
                place=invitation.place,
                since=max(self._now, invitation.begins or self._now),
                until=invitation.ends,
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

    def lend(self, kind: RoleKind, place: int, person: int, until: datetime) -> None:
        """Give somebody a role that ends by itself."""
        self._connection.execute(
            insert(t.roles).values(person=person, kind=kind, place=place, since=self._now, until=until)
        )

    def leave(self, role: int) -> None:
        """End a role now."""
        self._connection.execute(update(t.roles).where(t.roles.c.id == role).values(until=self._now))

    def absence(self, person: int) -> Absence | None:
        """Give somebody's leave, the present one or else the next; None where there is none."""
        a = t.absences.c
        row = self._connection.execute(
            select(t.absences).where(a.person == person, a.until > self._now).order_by(a.since, a.id).limit(1)
        ).first()
        return Absence(row.id, row.person, row.since, row.until, row.stand_in) if row else None

    def absent(self, place: int) -> tuple[Absence, ...]:
        """Give who holds a role in a team or unit and is on leave now, in fixed order."""
        a = t.absences.c
        theirs = select(t.roles.c.person).where(t.roles.c.place == place, self._current())
        rows = self._connection.execute(
            select(t.absences)
            .where(a.person.in_(theirs), a.since <= self._now, a.until > self._now)
            .order_by(a.person, a.id)
        )
        return tuple(Absence(row.id, row.person, row.since, row.until, row.stand_in) for row in rows)

    def standing_in(self, person: int) -> tuple[Absence, ...]:
        """Give the leave in which somebody stands in for others now, in fixed order."""
        a = t.absences.c
        rows = self._connection.execute(
            select(t.absences)
            .where(a.stand_in == person, a.since <= self._now, a.until > self._now)
            .order_by(a.person, a.id)
        )
        return tuple(Absence(row.id, row.person, row.since, row.until, row.stand_in) for row in rows)

    def go(self, person: int, since: datetime, until: datetime) -> Absence:
        """Keep somebody's leave in place of any that is not over."""
        self.back(person)
        number = self._connection.scalar(
            insert(t.absences).values(person=person, since=since, until=until).returning(t.absences.c.id)
        )
        assert number is not None
        return Absence(number, person, since, until)

    def stand_in(self, absence: int, person: int) -> None:
        """Name who stands in for somebody on leave."""
        self._connection.execute(update(t.absences).where(t.absences.c.id == absence).values(stand_in=person))

    def back(self, person: int) -> None:
        """End somebody's leave now, and drop any that was to come."""
        a = t.absences.c
        self._connection.execute(delete(t.absences).where(a.person == person, a.since >= self._now))
        self._connection.execute(
            update(t.absences).where(a.person == person, a.until > self._now).values(until=self._now)
        )

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
            update(t.invitations)
            .where(t.invitations.c.used_by == person)
            .values(name="", phone="", key="", speaks="")
        )
        self._connection.execute(delete(t.absences).where(t.absences.c.person == person))
        # What others were told of their requests, words and all.
        own = self._connection.scalars(select(t.requests.c.id).where(t.requests.c.citizen == person)).all()
        told = t.outbox.c.about.in_([f"{what}:{number}" for number in own for what in ("request", "words")])
        self._connection.execute(update(t.outbox).where(told, waiting).values(state=t.WITHDRAWN))
        self._connection.execute(update(t.outbox).where(told).values(message="", voice=""))
        incidents.forget(self._connection, self._now, person)
        unhook(self._connection, self._now, person)
        # An address to which we only send is nothing but data about a person.
        erase_addresses(self._connection, person, t.OUTSIDE)
        self._connection.execute(delete(t.link_codes).where(t.link_codes.c.conversation == person))
        misses.forget(self._connection, person)
        visits.sign_over(self._connection, person, 0)
        targets.forget(self._connection, person)
        groups.forget(self._connection, self._now, person)
        tasks.forget(self._connection, person)
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
            "card_lines": [msgspec.to_builtins(line) for line in written_by(self._connection, person)],
            "visits": visits.told_by(self._connection, person),
            "figures_of_targets": targets.told_by(self._connection, person),
            "changes_of_targets": targets.done_by(self._connection, person),
            "aims_of_indicators": targets.aimed_by(self._connection, person),
            "targets_followed": targets.followed_by(self._connection, person),
            "groups_of_teams": groups.asked_by(self._connection, person),
            "tasks": tasks.told_by(self._connection, person),
            "changes_of_villages": villages.edited_by(self._connection, person),
            "questions_to_be_answered": misses.asked_by(self._connection, person),
            "roles": [msgspec.to_builtins(role) for role in self.roles(person)],
            "messages": [
                {"at": row.at, "kind": row.kind, **msgspec.json.decode(row.message, type=dict[str, Any])}
                for row in sent
            ],
        }

    def _current(self) -> ColumnElement[bool]:
        return lasting(t.roles, self._now)


def lasting(table: Table, now: datetime) -> ColumnElement[bool]:
    """Say that a row holds now: it has begun, where a beginning is known, and has not ended."""
    c = table.c
    return and_(or_(c.since.is_(None), c.since <= now), or_(c.until.is_(None), c.until > now))


def formerly(connection: Connection, today: set[int]) -> dict[int, list[Village]]:
    """Give the old names of villages, those of what was merged into them included."""
    v = t.villages.c
    names: dict[int, list[Village]] = {}
    leads_to = {number: number for number in today}
    for _ in range(MERGED):
        if not leads_to:
            break
        rows = connection.execute(
            select(v.id, v.name, v.became).where(v.became.in_(leads_to)).order_by(v.id)
        ).all()
        leads_to = {row.id: leads_to[row.became] for row in rows}
        for row in rows:
            names.setdefault(leads_to[row.id], []).append(Village(leads_to[row.id], row.name))
    return names


def unit_of(
    row: Any, covers: tuple[Village, ...] = (), before: tuple[Village, ...] = (), *, ended: bool = False
) -> Unit:
    """Give a stored team or unit."""
    return Unit(
        row.id,
        row.kind,
        row.name,
        row.commune,
        row.village,
        row.parent,
        covers,
        before,
        ended,
        row.until,
        row.since,
        row.became,
    )


def erase_addresses(connection: Connection, person: int, accounts: tuple[str, ...]) -> None:
    """Erase where a person is written to besides their chats; what was sent there keeps its row."""
    c = t.contacts.c
    connection.execute(
        update(t.contacts)
        .where(c.conversation == person, c.account.in_(accounts))
        .values(chat=literal("erased:").concat(cast(c.id, String)), gone=True)
    )
