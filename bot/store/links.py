"""Keeps what `handlers.records.links.Links` asks: two conversations become one, or one channel leaves.

The number of whoever asked for the code stays; the other conversation is left as an empty row,
to which nothing points any more.  Two turns that join each other never wait for each other: a turn
waits only for a higher number than its own, and begins again where a lower one is busy.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot import codes
from bot.store import groups, incidents, targets, tasks, villages, visits
from bot.store import tables as t
from bot.store.announcements import replace_author
from bot.store.card import sign_over
from bot.store.database import Stale
from bot.store.misses import hand_over as hand_over_misses
from bot.store.misses import replace_editor
from bot.store.people import erase_addresses, person_of
from bot.store.platforms import PLATFORMS
from bot.store.reports import replace_person
from bot.store.requests import hand_over
from bot.store.tables import Moment
from handlers.records.links import WRONG, Chat, Joined, Reach
from handlers.records.people import Person
from handlers.rules.reaching import reached
from handlers.talk import Due, Talk
from handlers.text import _, as_is

HOLDS = timedelta(minutes=15)
HOUR = timedelta(hours=1)

MAIL, TEMPLATES = t.OUTSIDE
TEMPLATED = "zalo_oa"  # the platform whose people can be sent templates
_PHONE = re.compile(r"0\d{9}")

_talk = msgspec.json.Decoder(Talk)
_due = msgspec.json.Decoder(Due)
_encode = msgspec.json.Encoder().encode


class StoredLinks:
    """Channels of people inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self.moved = False  # conversations are no longer what they were when this batch of turns began

    def code(self, person: int) -> str:
        """Make a one-time code for a person; it takes the place of any before it."""
        c = t.link_codes.c
        put = sqlite_insert if self._connection.dialect.name == "sqlite" else postgresql_insert
        self._connection.execute(
            delete(t.link_codes).where(or_(c.conversation == person, c.until < self._now - HOUR))
        )
        while True:
            made: str | None = self._connection.scalar(
                put(t.link_codes)
                .values(code=codes.linking(), conversation=person, until=self._now + HOLDS)
                .on_conflict_do_nothing()
                .returning(c.code)
            )
            if made is not None:
                return made

    def behind(self, code: str) -> int:
        """Give who asked for a code that still holds; 0 where it is wrong, used up or too old."""
        c = t.link_codes.c
        found = self._connection.scalar(
            select(c.conversation).where(c.code == code, ~c.used, c.until >= self._now).with_for_update()
        )
        return found or 0

    def wrong(self, person: int) -> int:
        """Count the wrong codes that a person has typed within the hour."""
        a = t.audit.c
        return (
            self._connection.scalar(
                select(func.count()).where(
                    a.about == f"person:{person}", a.done == WRONG, a.at > self._now - HOUR
                )
            )
            or 0
        )

    def chats(self, person: int) -> tuple[Chat, ...]:
        """Give a person's channels, the one heard last first."""
        c = t.contacts.c
        rows = self._connection.execute(
            select(c.id, c.account, c.heard, c.gone)
            .where(c.conversation == person, c.account.not_in(t.OUTSIDE))
            .order_by(c.heard.desc(), c.id)
        ).all()
        platforms = [row.account.partition(":")[0] for row in rows]
        chats = []
        for place, row in enumerate(rows):
            name = PLATFORMS.get(platforms[place], as_is(platforms[place]))
            before = platforms[:place].count(platforms[place])
            if before:
                name = _("{name} ({n})")(name=name, n=before + 1)
            chats.append(Chat(row.id, name, row.heard, platforms[place], row.gone))
        return tuple(chats)

    def join(self, code: str, person: int) -> Joined | None:
        """Move all that this person has to who asked for the code, and give that one; None if it holds no more."""
        asked = self._connection.scalar(
            select(t.link_codes.c.conversation).where(t.link_codes.c.code == code)
        )
        if asked is None or asked == person:
            return None
        self._hold(asked, person)
        if self.behind(code) != asked:  # looked at again under the lock
            return None
        row = self._connection.execute(
            select(t.conversations.c.person, t.conversations.c.talk).where(t.conversations.c.id == asked)
        ).one()
        self.moved = True
        self._move(person, asked)
        self._connection.execute(update(t.link_codes).where(t.link_codes.c.code == code).values(used=True))
        self._connection.execute(delete(t.link_codes).where(t.link_codes.c.conversation == person))
        self._connection.execute(
            update(t.conversations)
            .where(t.conversations.c.id == person)
            .values(
                person="",
                talk="",
                consented=False,
                commune="",
                village="",
                news=t.NOT_ASKED,
                areas="",
                touched=self._now,
            )
        )
        talk = _talk.decode(row.talk) if row.talk else Talk()
        return Joined(person_of(asked, row.person), talk)

    def _hold(self, other: int, own: int) -> None:
        """Keep other workers off a conversation besides one's own."""
        c = t.conversations.c
        held = self._connection.scalar(
            select(c.id).where(c.id == other).with_for_update(key_share=True, skip_locked=other < own)
        )
        if held is None:
            raise Stale(f"conversation {other} is being decided")

    def _move(self, old: int, new: int) -> None:
        execute = self._connection.execute
        hand_over(self._connection, self._now, old, new)
        hand_over_misses(self._connection, old, new)
        self._contacts(t.contacts.c.conversation == old, new)
        # Those that are done move too: a contact can only be erased with its events, in one talk.
        # Files first: whoever puts word of one before this talk holds its row, and has put it by then.
        execute(update(t.media).where(t.media.c.conversation == old).values(conversation=new))
        execute(update(t.inbox).where(t.inbox.c.conversation == old).values(conversation=new))
        r = t.roles.c
        units = self._connection.scalars(select(r.place).where(r.person == old).distinct()).all()
        if not units:
            return
        held = t.roles.alias()
        twice = (
            select(held.c.id)
            .where(
                held.c.person == new, held.c.kind == r.kind, held.c.place == r.place, held.c.until.is_(None)
            )
            .exists()
        )
        execute(update(t.roles).where(r.person == old, r.until.is_(None), twice).values(until=self._now))
        execute(update(t.roles).where(r.person == old).values(person=new))
        execute(update(t.absences).where(t.absences.c.person == old).values(person=new))
        execute(update(t.absences).where(t.absences.c.stand_in == old).values(stand_in=new))
        execute(update(t.invitations).where(t.invitations.c.used_by == old).values(used_by=new))
        replace_person(self._connection, list(units), old, new)
        sign_over(self._connection, old, new)
        visits.sign_over(self._connection, old, new)
        groups.sign_over(self._connection, old, new)
        villages.sign_over(self._connection, old, new)
        targets.sign_over(self._connection, old, new)
        tasks.sign_over(self._connection, old, new)
        incidents.replace_person(self._connection, self._now, list(units), old, new)
        replace_editor(self._connection, old, new)
        replace_author(self._connection, self._now, list(units), old, new)
        self._laters(old, new)

    def _contacts(self, which: Any, new: int) -> list[int]:
        """Point contacts to a conversation; intake, which reads where they point, waits meanwhile."""
        c = t.contacts.c
        held = list(
            self._connection.scalars(select(c.id).where(which).order_by(c.id).with_for_update()).all()
        )
        self._connection.execute(update(t.contacts).where(c.id.in_(held)).values(conversation=new))
        return held

    def _laters(self, old: int, new: int) -> None:
        """Let what is to come of a person come of the other number."""
        d = t.due.c
        rows = self._connection.execute(
            select(d.key, d.event).where(~d.done, d.event.contains(f'"person":"{old}"', autoescape=True))
        ).all()
        for row in rows:
            due = _due.decode(row.event)
            changed = msgspec.structs.replace(due, facts={**due.facts, "person": str(new)})
            self._connection.execute(
                update(t.due).where(d.key == row.key).values(event=_encode(changed).decode())
            )

    def staff(self, outside: Sequence[str]) -> tuple[Reach, ...]:
        """Give how each who holds a role now can be written to, with these ways besides chats; in fixed order."""
        return tuple(ways(self._connection, self._now, outside).values())

    def deserted(self, closes: Mapping[str, int], outside: Sequence[str]) -> tuple[int, ...]:
        """Give the teams and offices in which people hold roles, and none of them can be written to."""
        return tuple(number for number, _name in unreachable(self._connection, self._now, closes, outside))

    def outside(self, person: int, ways: Sequence[str]) -> bool:
        """Say whether a person can be written to in one of these ways besides their chats."""
        c = t.contacts.c
        if TEMPLATES in ways:
            self._last_resort(person)
        found = select(c.id).where(c.conversation == person, c.account.in_(ways), ~c.gone).limit(1)
        return self._connection.scalar(found) is not None

    def _last_resort(self, person: int) -> None:
        """Note how a template message finds a person: by the platform's name for them, or by telephone."""
        c = t.contacts.c
        user = self._connection.scalar(
            select(c.chat)
            .where(c.conversation == person, c.account.startswith(f"{TEMPLATED}:"))
            .order_by(c.heard.desc(), c.id)
            .limit(1)
        )
        stored = self._connection.scalar(
            select(t.conversations.c.person).where(t.conversations.c.id == person)
        )
        phone = person_of(person, stored or "").phone
        chat = f"oa:{user}" if user else f"84{phone[1:]}" if _PHONE.fullmatch(phone) else ""
        if chat:
            put = sqlite_insert if self._connection.dialect.name == "sqlite" else postgresql_insert
            self._connection.execute(
                put(t.contacts)
                .values(account=TEMPLATES, chat=chat, conversation=person, heard=self._now)
                .on_conflict_do_nothing()
            )

    def addresses(self, person: int) -> tuple[str, ...]:
        """Give the e-mail addresses of a person."""
        c = t.contacts.c
        return tuple(
            self._connection.scalars(
                select(c.chat).where(c.conversation == person, c.account == MAIL, ~c.gone).order_by(c.id)
            )
        )

    def keep_address(self, person: int, address: str) -> bool:
        """Keep an e-mail address in place of any other; False where it is somebody else's."""
        c = t.contacts.c
        whose = self._connection.scalar(select(c.conversation).where(c.account == MAIL, c.chat == address))
        if whose not in (None, person):
            return False
        if whose is None:
            self.drop_addresses(person)
            put = sqlite_insert if self._connection.dialect.name == "sqlite" else postgresql_insert
            kept = self._connection.scalar(
                put(t.contacts)
                .values(account=MAIL, chat=address, conversation=person, heard=self._now)
                .on_conflict_do_nothing()
                .returning(c.id)
            )
            return kept is not None
        # It may have been given up as unreachable; who names it once more believes in it.
        self._connection.execute(
            update(t.contacts).where(c.account == MAIL, c.chat == address).values(gone=False)
        )
        return True

    def drop_addresses(self, person: int) -> None:
        """Forget the e-mail addresses of a person."""
        erase_addresses(self._connection, person, (MAIL,))

    def part(self, contact: int, person: int, lang: str) -> int:
        """Give one channel of a person a conversation of its own, and its number; 0 if it is not theirs."""
        c = t.contacts.c
        theirs = and_(c.id == contact, c.conversation == person, c.account.not_in(t.OUTSIDE))
        if self._connection.scalar(select(c.id).where(theirs).with_for_update()) is None:
            return 0
        fresh: int | None = self._connection.scalar(
            insert(t.conversations)
            .values(person=_encode(Person(lang=lang)).decode(), talk='{"met":true}', touched=self._now)
            .returning(t.conversations.c.id)
        )
        assert fresh is not None
        self.moved = True
        self._contacts(theirs, fresh)
        self._connection.execute(
            update(t.inbox).where(t.inbox.c.contact == contact).values(conversation=fresh)
        )
        # A template finds its reader by the same name; it must not go to who is left behind.
        self._contacts(
            and_(c.account == TEMPLATES, c.chat.in_(select("oa:" + c.chat).where(c.id == contact))), fresh
        )
        self._connection.execute(delete(t.link_codes).where(t.link_codes.c.conversation == person))
        return fresh


def ways(connection: Connection, now: datetime, outside: Sequence[str]) -> dict[int, Reach]:
    """Give how each who holds a role now can be written to, by person, in fixed order."""
    r, c = t.roles.c, t.contacts.c
    holding = select(r.person).where(or_(r.until.is_(None), r.until > now)).distinct()
    rows = connection.execute(
        select(c.conversation, c.account, c.heard)
        .where(c.conversation.in_(holding), ~c.gone)
        .order_by(c.conversation, c.id)
    ).all()
    contacts: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for row in rows:
        contacts[row.conversation].append((row.account, row.heard))
    found = {}
    for person in sorted(connection.scalars(holding)):
        chats: list[tuple[str, datetime]] = []
        besides = set()
        for account, heard in contacts[person]:
            if account in t.OUTSIDE:
                besides.add(account)
            else:
                chats.append((account.partition(":")[0], heard))
                if chats[-1][0] == TEMPLATED:
                    besides.add(TEMPLATES)
        first = next((way for way in t.OUTSIDE if way in besides and way in outside), "")
        found[person] = Reach(person, tuple(chats), first, now)
    return found


def unreachable(
    connection: Connection, now: datetime, closes: Mapping[str, int], outside: Sequence[str]
) -> list[tuple[int, str]]:
    """Give the teams and offices (number, name) in which people hold roles, and none of them can be written to."""
    r = t.roles.c
    staff = ways(connection, now, outside)
    rows = connection.execute(
        select(t.units.c.id, t.units.c.name, r.person)
        .join(t.roles, r.place == t.units.c.id)
        .where(or_(r.until.is_(None), r.until > now), or_(t.units.c.until.is_(None), t.units.c.until > now))
        .order_by(t.units.c.id)
    ).all()
    names = {row.id: row.name for row in rows}
    open_ = {row.id for row in rows if reached(staff[row.person], closes)}
    return [(number, name) for number, name in names.items() if number not in open_]


def open_templates(connection: Connection, account: str, now: datetime) -> None:
    """Let templates reach everybody whom this account knows, in whatever conversation they are by now."""
    c, template = t.contacts.c, t.contacts.alias("template")
    name = literal("oa:").concat(c.chat)
    known = select(literal("zbs"), name, c.conversation, literal(now, Moment)).where(
        c.account == account,
        ~c.gone,
        ~select(template.c.id).where(template.c.account == "zbs", template.c.chat == name).exists(),
    )
    connection.execute(
        insert(t.contacts).from_select(
            ["account", "chat", "conversation", "heard"], known, include_defaults=False
        )
    )
    owner = t.contacts.alias("owner")
    theirs = (
        select(owner.c.conversation)
        .where(owner.c.account == account, owner.c.chat == func.substr(c.chat, len("oa:") + 1))
        .scalar_subquery()
    )
    connection.execute(
        update(t.contacts)
        .where(c.account == "zbs", c.chat.like("oa:%"), theirs.is_not(None), c.conversation != theirs)
        .values(conversation=theirs)
    )
