"""Keeps what `handlers.records.announcements.Announcements` asks.

Whom an announcement is for is asked once more for every piece of it, so who leaves, joins or says no
meanwhile counts from then on.  The rows of a piece and the person up to whom it went are one commit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from bot import codes
from bot.store import spending
from bot.store import tables as t
from bot.store.database import Stale
from bot.store.people import formerly, lasting, person_of
from bot.store.platforms import PLATFORMS
from handlers.records.announcements import (
    Announcement,
    Piece,
    Platform,
    Progress,
    Reach,
    Recipient,
    Way,
    Whom,
)
from handlers.records.people import RoleKind
from handlers.rules.announcing import Chat, chat_for
from handlers.rules.routing import same_village
from handlers.text import as_is

SHOWN = 3
DRAWS = 8  # codes of one length drawn in vain before a longer one
LEFT = "wants no more announcements"  # why a message was withdrawn
_decode = msgspec.json.Decoder(Announcement).decode
_encode = msgspec.json.Encoder().encode
_o, _a, _c = t.outbox.c, t.announcements.c, t.conversations.c


def _written_out(value: object) -> Any:
    """Give a value as a partial index must see it to be of use."""
    return literal(value, literal_execute=True)


def _of(about: object) -> tuple[ColumnElement[bool], ...]:
    """Say which messages are an announcement's."""
    return (_o.about == about, _o.about != _written_out(""), _o.kind == _written_out("broadcast"))


class _Where(msgspec.Struct, frozen=True):
    """Where an announcement goes."""

    unit: int
    own: str  # the code of the unit's place
    communes: tuple[str, ...]  # that, and whatever else it reaches


CITIZENS = ("commune", "village")
_ROLES: dict[Whom, tuple[RoleKind, ...]] = {
    "teams": ("member", "lead"),
    "reporters": ("reporter",),
    "heads": ("head",),
    "officers": ("officer",),
}
UNDER_WAY = _a.state.in_([_written_out("running"), _written_out("stopping")])


class StoredAnnouncements:
    """Announcements inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def hand_in(self, announcement: Announcement) -> Announcement:
        """Keep a new one; give it with its number and code."""
        announcement = msgspec.structs.replace(announcement, code=self._code())
        number = self._connection.scalar(
            insert(t.announcements).values(**_columns(announcement)).returning(_a.id)
        )
        assert number is not None
        return msgspec.structs.replace(announcement, id=number)

    def _code(self) -> str:
        tried = 0
        while True:
            code = codes.request(3 + tried // DRAWS)
            if not self._connection.scalar(select(exists().where(_a.code == code))):
                return code
            tried += 1

    def by_code(self, code: str) -> Announcement | None:
        """Give the one with this code; nobody else changes it before the turn ends."""
        return self._one(_a.code == code.upper())

    def by_number(self, number: int) -> Announcement | None:
        """Give the one with this number; nobody else changes it before the turn ends."""
        return self._one(_a.id == number)

    def _one(self, which: ColumnElement[bool]) -> Announcement | None:
        row = self._connection.execute(select(t.announcements).where(which).with_for_update()).first()
        return _read(row) if row else None

    def save(self, announcement: Announcement) -> Announcement:
        """Keep a change over the version that was read."""
        changed = self._connection.execute(
            update(t.announcements)
            .where(_a.id == announcement.id, _a.version == announcement.version)
            .values(**_columns(announcement) | {"version": announcement.version + 1})
        )
        if changed.rowcount == 0:
            raise Stale(f"announcement {announcement.id} was changed since it was read")
        return msgspec.structs.replace(announcement, version=announcement.version + 1)

    def running(self, unit: int) -> Announcement | None:
        """Give the one that is under way; no other of the unit begins before the turn ends."""
        self._connection.execute(select(t.units.c.id).where(t.units.c.id == unit).with_for_update())
        row = self._connection.execute(
            select(t.announcements).where(_a.unit == unit, UNDER_WAY).limit(1)
        ).first()
        return _read(row) if row else None

    def last(self, units: tuple[int, ...]) -> tuple[Announcement, ...]:
        """Give the newest of these units, at most three, the newest first."""
        rows = self._connection.execute(
            select(t.announcements).where(_a.unit.in_(units)).order_by(_a.id.desc()).limit(SHOWN)
        )
        return tuple(map(_read, rows))

    # --- whom it reaches ---

    def reach(
        self,
        unit: int,
        whom: Whom,
        village: str,
        platforms: Mapping[str, Platform],
        communes: Collection[str] = (),
        area: str = "",
    ) -> Reach:
        """Count whom it reaches now in these communes; in the unit's own where none is named."""
        where = self._where(unit, communes)
        people: dict[str, int] = {}
        paid: dict[str, int] = {}
        closed = 0
        for _person, chats in self._people(where, whom, village, area):
            chosen = chat_for(chats, platforms, self._now)
            if chosen is None:
                closed += 1
            else:
                people[chosen.platform] = people.get(chosen.platform, 0) + 1
                paid[chosen.platform] = paid.get(chosen.platform, 0) + chosen.paid
        ways = [
            Way(
                name,
                PLATFORMS.get(name, as_is(name)),
                people[name],
                paid[name],
                self._left(name, platforms.get(name)),
            )
            for name in sorted(people, key=lambda name: (-people[name], name))
        ]
        return Reach(tuple(ways), closed, *self._others(where, whom, village, area))

    def areas(self, unit: int, communes: Collection[str] = ()) -> tuple[str, ...]:
        """Give the areas of which citizens there have asked for news, what most have asked for first."""
        rows = self._connection.execute(
            select(_c.areas, func.count().label("people"))
            .where(self._here(self._where(unit, communes)), _c.news == t.SOME)
            .group_by(_c.areas)
        )
        counted: dict[str, int] = {}
        for row in rows:
            for area in row.areas.strip("/").split("/"):
                counted[area] = counted.get(area, 0) + row.people
        return tuple(sorted(counted, key=lambda area: (-counted[area], area)))

    def _left(self, name: str, platform: Platform | None) -> int | None:
        """Give how many messages of the month are left, where the platform counts them."""
        if platform is None or not (platform.quota or platform.free):
            return None
        s = t.spending.c
        month = spending.month_of(self._now)
        account = or_(s.account == name, s.account.startswith(f"{name}:"))
        if platform.quota:
            used = select(func.sum(s.messages)).where(account, s.month == month)
            return max(0, platform.quota - (self._connection.scalar(used) or 0))
        told = select(s.remaining).where(account, s.remaining.is_not(None)).order_by(s.at.desc()).limit(1)
        return self._connection.scalar(told)

    def next(
        self,
        announcement: Announcement,
        most: int,
        platforms: Mapping[str, Platform],
        communes: Collection[str] = (),
    ) -> Piece:
        """Give the next people, each with the chat that takes it; who has it already is left out."""
        where = self._where(announcement.unit, communes)
        wanted = self._wanted(where, announcement.whom, announcement.area)
        numbers = self._connection.scalars(
            select(_c.id).where(wanted, _c.id > announcement.cursor).order_by(_c.id).limit(most)
        ).all()
        found, missed = [], 0
        if numbers:
            told = self._told(announcement, numbers)
            people = self._people(
                where,
                announcement.whom,
                announcement.village,
                announcement.area,
                (numbers[0], numbers[-1]),
            )
            for person, chats in people:
                if person.id in told:
                    continue
                chosen = chat_for(chats, platforms, self._now)
                if chosen is None:
                    missed += 1
                else:
                    lang = person_of(person.id, person.person).lang
                    found.append(Recipient(person.id, lang, chosen.contact))
        cursor = numbers[-1] if numbers else announcement.cursor
        return Piece(tuple(found), missed, cursor, len(numbers) < most)

    def _told(self, announcement: Announcement, numbers: Any) -> set[int]:
        """Give who has it already: their talk was joined with an earlier one."""
        contact = t.contacts.c
        return set(
            self._connection.scalars(
                select(contact.conversation)
                .join(t.outbox, _o.contact == contact.id)
                .where(contact.conversation.in_(numbers), *_of(announcement.about))
            )
        )

    def _people(
        self, where: _Where, whom: Whom, village: str, area: str, between: tuple[int, int] | None = None
    ) -> Iterator[tuple[Any, list[Chat]]]:
        """Give those whom it is for, in order, each with the chats that we know of."""
        contact = t.contacts.c
        query = (
            select(_c.id, _c.village, contact.id.label("contact"), contact.account, contact.heard)
            .outerjoin(
                t.contacts,
                (contact.conversation == _c.id) & ~contact.gone & contact.account.not_in(t.OUTSIDE),
            )
            .where(self._wanted(where, whom, area))
            .order_by(_c.id, contact.id)
        )
        if between:
            query = query.add_columns(_c.person).where(_c.id >= between[0], _c.id <= between[1])
        here: dict[str, bool] = {}
        names = self._called(where, village) if whom == "village" else ()
        rows = self._connection.execute(query)
        for _number, group in groupby(rows, key=lambda row: row.id):
            own = list(group)
            name = own[0].village
            if whom == "village" and not here.setdefault(name, _of_those(names, name)):
                continue
            chats = [
                Chat(row.contact, row.account.partition(":")[0], row.heard)
                for row in own
                if row.contact is not None
            ]
            yield own[0], chats

    def _where(self, unit: int, communes: Collection[str]) -> _Where:
        """Give where an announcement goes: the unit's own place is always among it."""
        own = self._connection.scalar(select(t.units.c.commune).where(t.units.c.id == unit)) or ""
        return _Where(unit, own, tuple(dict.fromkeys((own, *communes))))

    def _wanted(self, where: _Where, whom: Whom, area: str) -> ColumnElement[bool]:
        """Say who wants it: of citizens who has asked for all news, or for those of its area."""
        if whom not in CITIZENS:
            return _c.id.in_(self._staff(where, whom)) & (_c.news != t.UNWANTED)
        if not area:
            return self._here(where) & (_c.news == t.WANTED)
        named = or_(_c.news == t.WANTED, _c.areas.contains(f"/{area}/", autoescape=True))
        return and_(self._here(where), _c.news.in_([t.WANTED, t.SOME]), named)

    def _here(self, where: _Where) -> ColumnElement[bool]:
        return and_(_c.commune.in_(where.communes), _c.commune != _written_out(""))

    def _called(self, where: _Where, village: str) -> tuple[str, ...]:
        """Give what a village of the unit's commune is and was called; people may know it by any of these."""
        v = t.villages.c
        rows = self._connection.execute(
            select(v.id, v.name).where(v.commune == where.own, lasting(t.villages, self._now))
        )
        meant = {row.id for row in rows if same_village(row.name, village)}
        before = formerly(self._connection, meant)
        return (village, *(old.name for names in before.values() for old in names))

    def _staff(self, where: _Where, whom: Whom) -> Any:
        """Ask for those who hold the role in these communes, or in what the unit supervises."""
        r, u = t.roles.c, t.units.c
        team = u.kind == "team" if whom == "teams" else u.kind != "team"
        places = select(u.id).where(team, or_(u.commune.in_(where.communes), u.parent == where.unit))
        current = or_(r.until.is_(None), r.until > self._now)
        return select(r.person).where(r.kind.in_(_ROLES[whom]), r.place.in_(places), current)

    def _others(self, where: _Where, whom: Whom, village: str, area: str) -> tuple[int, int, int]:
        """Count who of the place or role has said no, and the citizens who have not asked or for other areas alone."""
        if whom not in CITIZENS:
            no = _c.id.in_(self._staff(where, whom)) & (_c.news == t.UNWANTED)
            return self._connection.scalar(select(func.count()).where(no)) or 0, 0, 0
        counted = {t.UNWANTED: 0, t.NOT_ASKED: 0, t.SOME: 0}
        # Who names no area has an empty one, so only those who have named others are left of them.
        named = _c.areas.contains(f"/{area}/", autoescape=True) if area else false()
        rows = self._connection.execute(
            select(_c.news, _c.village, func.count().label("people"))
            .where(self._here(where), _c.news != t.WANTED, ~named)
            .group_by(_c.news, _c.village)
        )
        names = self._called(where, village) if whom == "village" else ()
        for row in rows:
            if whom == "commune" or _of_those(names, row.village):
                counted[row.news] += row.people
        return counted[t.UNWANTED], counted[t.NOT_ASKED], counted[t.SOME]

    # --- what becomes of it ---

    def progress(self, announcement: Announcement) -> Progress:
        """Count what has become of its messages."""
        rows = self._connection.execute(
            select(_o.state, (_o.error == _written_out(LEFT)).label("left"), func.count().label("messages"))
            .where(*_of(announcement.about))
            .group_by(_o.state, _o.error == _written_out(LEFT))
        )
        counted: dict[str, int] = {}
        for row in rows:
            name = "left" if row.state == t.WITHDRAWN and row.left else _STATES[row.state]
            counted[name] = counted.get(name, 0) + row.messages
        return Progress(**counted)

    def withdraw(self, announcement: Announcement, most: int) -> int:
        """Take back at most so many that have not left; give how many there were."""
        waiting = (
            select(_o.id)
            .where(_o.about == announcement.about, t.among(_o.state, t.HELD, t.READY), _o.state < _UNSENT)
            .limit(most)
        )
        return self._take_back(_o.id.in_(waiting))

    def leave(self, person: int, area: str = "") -> int:
        """Take back all announcements that still wait for a person, or those of an area; give how many there were."""
        contact = t.contacts.c
        theirs = _o.contact.in_(select(contact.id).where(contact.conversation == person))
        under_way: Any = select(literal("announcement:").concat(cast(_a.id, String))).where(UNDER_WAY)
        if area:
            rows = self._connection.execute(select(t.announcements).where(UNDER_WAY))
            under_way = [one.about for one in map(_read, rows) if one.area == area]
        return self._take_back(
            theirs, _o.about.in_(under_way), _o.about != _written_out(""),
            _o.kind == _written_out("broadcast"), error=LEFT,
        )  # fmt: skip

    def _take_back(self, *which: ColumnElement[bool], **values: str) -> int:
        waiting = t.among(_o.state, t.HELD, t.READY)
        return self._connection.execute(
            update(t.outbox).where(*which, waiting).values(state=t.WITHDRAWN, **values)
        ).rowcount


def replace_author(connection: Connection, now: datetime, units: list[int], old: int, new: int) -> None:
    """Let another number stand for who has written, judged or stopped announcements of these units.

    Otherwise somebody who joins two channels could approve what they wrote on the other.
    """
    stored = StoredAnnouncements(connection, now)
    rows = connection.execute(
        select(t.announcements).where(_a.unit.in_(units)).order_by(_a.id).with_for_update()
    ).all()
    for announcement in map(_read, rows):
        people = {
            name: new for name in ("author", "approver", "stopped_by") if getattr(announcement, name) == old
        }
        if people:
            stored.save(msgspec.structs.replace(announcement, **people))


_UNSENT = _written_out(t.SENDING)
_STATES = {
    t.HELD: "waiting",
    t.READY: "waiting",
    t.SENDING: "waiting",
    t.SENT: "sent",
    t.FAILED: "failed",
    t.WITHDRAWN: "withdrawn",
    t.DOUBT: "doubtful",
}


def _read(row: Any) -> Announcement:
    return msgspec.structs.replace(_decode(row.details), id=row.id, version=row.version)


def _columns(announcement: Announcement) -> dict[str, Any]:
    return {
        "code": announcement.code,
        "unit": announcement.unit,
        "state": announcement.state,
        "details": _encode(announcement).decode(),
    }


def _of_those(names: tuple[str, ...], village: str) -> bool:
    """Say whether somebody's own word for their village is one of its names."""
    return bool(village) and any(same_village(name, village) for name in names)
