"""What could not be delivered goes to another chat of the person; where none is left, it is put before the talks.

Nothing here decides who should know then, or in which words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from bot.inbox import put_before
from bot.store import tables as t
from bot.turns import MAILBOXES, QUIET_AT_NIGHT, TELL
from handlers.talk import Due
from handlers.turn import Kind

# An answer belongs where the question was asked, and of a broadcast nobody waits for.
REPEATED: tuple[Kind, ...] = ("notice", "reminder", "receipt")
FRESH = timedelta(days=30)  # who has not opened the web page for longer does not read it

LOST = select(t.outbox, t.contacts.c.conversation).join(t.contacts).where(t.outbox.c.id == bindparam("lost"))
TRIED = select(t.outbox.c.contact).where(
    or_(t.outbox.c.id == bindparam("first"), t.outbox.c.instead == bindparam("first"))
)
# Locked by ascending id, as turns lock them.
CONTACTS_OF = (
    select(t.contacts)
    .where(t.contacts.c.conversation == bindparam("person"))
    .order_by(t.contacts.c.id)
    .with_for_update(key_share=True)
)


@dataclass
class Moved:
    """Who has something new by this."""

    accounts: set[str] = field(default_factory=set)
    mailboxes: set[int] = field(default_factory=set)
    events: int = 0

    def __bool__(self) -> bool:
        return bool(self.accounts or self.mailboxes or self.events)


def repeat(
    connection: Connection,
    lost: int,
    moved: Moved,
    now: datetime,
    allowed: datetime,
    served: Callable[[str], bool],
    *,
    chats_only: bool = False,
) -> bool:
    """Say a message that has failed for good once more on another channel that we serve; False if there is none.

    `allowed` is from when on people may be reminded.  Where none is left, the talks are told, once;
    with `chats_only` they are not, and the message may go on waiting where it is.
    """
    row = connection.execute(LOST, {"lost": lost}).one()
    if row.kind not in REPEATED or (row.until is not None and row.until < now):
        return False
    first = row.instead or row.id
    people = connection.execute(CONTACTS_OF, {"person": row.conversation}).all()
    tried = set(connection.scalars(TRIED, {"first": first}))
    left = [contact for contact in people if contact.id not in tried and not contact.gone]
    outside = row.account in t.OUTSIDE
    if outside:
        left = [contact for contact in left if contact.account in t.OUTSIDE and served(contact.account)]
        left.sort(key=lambda contact: t.OUTSIDE.index(contact.account))
    else:
        left = [contact for contact in left if _is_read(contact, now, served)]
        left.sort(key=lambda contact: (not _mailbox(contact), contact.heard), reverse=True)
    if left:
        _put(connection, row, left[0], first, moved, now, allowed)
    elif not outside and not chats_only:
        # Written to outside by those who are told now: their own failure would come round in a circle.
        facts = {"person": str(row.conversation), "kind": row.kind, "message": str(row.id)}
        if row.voice:
            facts["passed_on"] = "yes"  # somebody's words, who believes that they have arrived
        about = row.about or f"person:{row.conversation}"
        due = Due(name="reach.failed", about=about, at=now, facts=facts)
        put_before(connection, f"undelivered:{row.id}", due, now)
        moved.events += 1
    return bool(left)


def _mailbox(contact: Row[Any]) -> bool:
    return contact.account.partition(":")[0] in MAILBOXES


def _is_read(contact: Row[Any], now: datetime, served: Callable[[str], bool]) -> bool:
    if _mailbox(contact):
        return bool(now - contact.heard <= FRESH)
    return contact.account not in t.OUTSIDE and served(contact.account)


def _put(
    connection: Connection,
    row: Row[Any],
    contact: Row[Any],
    first: int,
    moved: Moved,
    now: datetime,
    allowed: datetime,
) -> None:
    mailbox = _mailbox(contact)
    held = mailbox and row.kind in QUIET_AT_NIGHT and allowed > now  # elsewhere the sender looks at the hours
    number = None if held else contact.last + 1
    if number is not None:
        connection.execute(update(t.contacts).where(t.contacts.c.id == contact.id).values(last=number))
    connection.execute(
        insert(t.outbox).values(
            account=contact.account,
            contact=contact.id,
            number=number,
            about=row.about,
            kind=row.kind,
            priority=row.priority,
            state=t.HELD if held else t.SENT if mailbox else t.READY,
            message=row.message,
            voice=row.voice,
            not_before=allowed if held else None,
            until=row.until,
            at=now,
            sent=now if mailbox and not held else None,
            instead=first,
        )
    )
    if held:
        return
    (moved.mailboxes.add(contact.id) if mailbox else moved.accounts.add(contact.account))
    if connection.dialect.name != "sqlite":
        words = f"mail {contact.id}" if mailbox else contact.account
        connection.execute(TELL, {"words": words})
