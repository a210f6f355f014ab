"""Every table; migrations bring a database here step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal,
    text,
)
from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: a timestamp with time zone, or microseconds since 1970 where there is none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column by database."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> object:
        """Refuse a moment without a zone; it would be somebody's guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        if dialect.name == "sqlite":
            return (value - EPOCH) // timedelta(microseconds=1)
        return value

    def process_result_value(self, value: object, dialect: Dialect) -> datetime | None:
        """Give the moment back in UTC."""
        if isinstance(value, int):
            return EPOCH + timedelta(microseconds=value)
        return value.astimezone(UTC) if isinstance(value, datetime) else None


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Ids are 64 bits everywhere; SQLite numbers its rows only under the plain type.
Number = BigInteger().with_variant(Integer(), "sqlite")


def among(column: Any, *states: int) -> ColumnElement[bool]:
    """Compare with states written out, as a partial index must see them to be of use."""
    return column.in_([literal(state, literal_execute=True) for state in states])  # type: ignore[no-any-return]


def _id() -> Column[int]:
    return Column("id", Number, primary_key=True)


NOT_ASKED, WANTED, UNWANTED, SOME = 0, 1, 2, 3  # announcements, by the person
# A conversation is a person's, or that of a thing the ticker speaks about (`about`).
conversations = Table(
    "conversations",
    metadata,
    _id(),
    Column("about", String(80), unique=True),
    Column("person", Text, nullable=False, server_default=""),  # handlers.records.people.Person
    Column("talk", Text, nullable=False, server_default=""),  # handlers.talk.Talk
    Column("touched", Moment, nullable=False),
    Column("consented", Boolean, nullable=False, server_default=text("false")),
    # Of the person, so that the people of a place can be found:
    Column("commune", String(5), nullable=False, server_default=""),
    Column("village", Text, nullable=False, server_default=""),
    Column("news", SmallInteger, nullable=False, server_default="0"),  # one of those above
    Column(
        "areas", String(120), nullable=False, server_default=""
    ),  # of which some is wanted: "/money/welfare/"
)
Index(
    "ix_conversations_commune",
    conversations.c.commune,
    conversations.c.news,
    conversations.c.id,
    sqlite_where=text("commune <> ''"),
    postgresql_where=text("commune <> ''"),
)
Index(
    "ix_conversations_forget",
    conversations.c.touched,
    sqlite_where=text("consented = 0"),
    postgresql_where=text("not consented"),
)

NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # when somebody was heard who has not written yet
OUTSIDE = ("mail", "zbs")  # accounts that only send, and are no chat; the one to be tried first stands first
contacts = Table(
    "contacts",
    metadata,
    _id(),
    Column("account", String(80), nullable=False),
    Column("chat", String(120), nullable=False),
    Column("conversation", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("last", Number, nullable=False, server_default="0"),  # number of the last message to this contact
    Column("heard", Moment, nullable=False),
    Column("gone", Boolean, nullable=False, server_default=text("false")),  # has blocked us or left
    UniqueConstraint("account", "chat"),
)

WAITING, DONE, PARKED = 0, 1, 2
inbox = Table(
    "inbox",
    metadata,
    _id(),
    Column("account", String(80), nullable=False),
    Column("key", String(200), nullable=False),
    Column("conversation", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("contact", ForeignKey("contacts.id"), index=True),  # where to answer; the ticker has none
    Column("event", Text, nullable=False),  # emptied by the commit of its turn
    Column("at", Moment, nullable=False),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("number", String(12)),  # what the citizen was told, when it was parked
    Column("error", Text),
    UniqueConstraint("account", "key"),
)
Index("ix_inbox_waiting", inbox.c.id, sqlite_where=text("state = 0"), postgresql_where=text("state = 0"))
Index("ix_inbox_parked", inbox.c.id, sqlite_where=text("state = 2"), postgresql_where=text("state = 2"))
Index(
    "ix_inbox_next",
    inbox.c.conversation,
    inbox.c.id,
    sqlite_where=text("state = 0"),
    postgresql_where=text("state = 0"),
)
Index("ix_inbox_at", inbox.c.at)

HELD, READY, SENDING, SENT, FAILED, WITHDRAWN, DOUBT = 0, 1, 2, 3, 4, 5, 6
outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("account", String(80), nullable=False),
    Column("contact", ForeignKey("contacts.id"), nullable=False),
    Column("number", Number),  # its place in this contact's order; none while held
    Column("about", String(80), nullable=False, server_default=""),
    Column("kind", String(12), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("message", Text, nullable=False),  # handlers.talk.Message
    Column("voice", String(120), nullable=False, server_default=""),
    Column("not_before", Moment),
    Column("until", Moment),
    Column("at", Moment, nullable=False),
    Column("sent", Moment),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("again", Boolean, nullable=False, server_default=text("false")),  # may have arrived twice
    Column("error", String(200)),
    Column("instead", Number),  # the message that could not be delivered and that this one repeats elsewhere
    UniqueConstraint("contact", "number"),
)
Index(
    "ix_outbox_open",
    outbox.c.account,
    outbox.c.state,
    outbox.c.priority,
    outbox.c.id,
    sqlite_where=text("state < 3"),
    postgresql_where=text("state < 3"),
)
Index(
    "ix_outbox_about",
    outbox.c.about,
    sqlite_where=text("state < 2"),
    postgresql_where=text("state < 2"),
)
Index(
    "ix_outbox_next",  # what still stands before a message in its reader's order
    outbox.c.contact,
    outbox.c.number,
    sqlite_where=text("state in (1, 2)"),
    postgresql_where=text("state in (1, 2)"),
)
Index(
    "ix_outbox_held",
    outbox.c.not_before,
    sqlite_where=text("state = 0"),
    postgresql_where=text("state = 0"),
)
Index(
    "ix_outbox_instead",
    outbox.c.instead,
    sqlite_where=text("instead is not null"),
    postgresql_where=text("instead is not null"),
)
Index("ix_outbox_at", outbox.c.at)
Index(
    "ix_outbox_announced",  # nobody is told an announcement twice on one chat
    outbox.c.about,
    outbox.c.contact,
    unique=True,
    sqlite_where=text("kind = 'broadcast' and about <> ''"),
    postgresql_where=text("kind = 'broadcast' and about <> ''"),
)

due = Table(
    "due",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("about", String(80), nullable=False),
    Column("event", Text, nullable=False),  # handlers.talk.Due
    Column("done", Boolean, nullable=False, server_default=text("false")),
)
Index(  # of what is still to come, however much has been
    "ix_due_open", due.c.at, due.c.key, sqlite_where=text("done = 0"), postgresql_where=text("not done")
)

web_talks = Table(
    "web_talks",
    metadata,
    Column("secret", String(64), primary_key=True),  # SHA-256 of the token; the token itself is the browser's
    Column("chat", String(120), nullable=False, unique=True),
    Column("at", Moment, nullable=False),
)

units = Table(
    "units",
    metadata,
    _id(),
    Column("kind", String(12), nullable=False),  # of handlers.records.people.UnitKind
    Column("name", String(200), nullable=False),
    Column("commune", String(5), nullable=False, index=True),
    Column("village", String(120), nullable=False, server_default=""),  # as its name says; see covers
    Column("parent", Number, nullable=False, server_default="0"),  # what supervises it; 0: as its place says
    Column("since", Moment),  # none: as long as anybody knows
    Column("until", Moment),
    Column("key", String(40), nullable=False, server_default=""),  # the office's own, from an imported list
    Column("became", Number, nullable=False, server_default="0", index=True),  # what took its place
)

villages = Table(
    "villages",  # and residential groups: each commune's own list, since no national code names them
    metadata,
    _id(),
    Column("commune", String(5), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("key", String(40), nullable=False, server_default=""),
    Column("since", Moment),  # none: as long as anybody knows
    Column("until", Moment),
    Column("became", Number, nullable=False, server_default="0", index=True),  # what took its place
)

village_edits = Table(
    "village_edits",  # who changed a commune's list in the chat; never edited
    metadata,
    _id(),
    Column(
        "entry", Number, nullable=False, server_default="0", index=True
    ),  # the first row of the same change
    Column("commune", String(5), nullable=False),
    Column("act", String(8), nullable=False),  # handlers.records.villages.Act
    Column("village", ForeignKey("villages.id"), nullable=False),  # that ended, or was added
    Column("heir", Number, nullable=False, server_default="0"),  # what took its place
    Column("name", String(120), nullable=False, server_default=""),  # of what goes on, or is new
    Column("day", String(10), nullable=False),  # the first on which it is so
    Column("by", Number, nullable=False, index=True),
    Column("at", Moment, nullable=False),
)
Index("ix_village_edits_commune", village_edits.c.commune, village_edits.c.id)

covers = Table(
    "covers",  # which villages a team helps in; a team without any helps in the whole commune
    metadata,
    _id(),
    Column("unit", ForeignKey("units.id"), nullable=False, index=True),
    Column("village", ForeignKey("villages.id"), nullable=False, index=True),
    Column("since", Moment),
    Column("until", Moment),
)

roles = Table(
    "roles",
    metadata,
    _id(),
    Column("person", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("place", ForeignKey("units.id"), nullable=False, index=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("asked", Moment),  # when whoever holds it was last asked whether they stay
    Column("idle", Boolean, nullable=False, server_default=text("false")),  # it ended since nobody used it
)

invitations = Table(
    "invitations",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("place", ForeignKey("units.id"), nullable=False),
    Column("name", String(120), nullable=False),
    Column("address", String(12), nullable=False, server_default=""),
    Column("lang", String(2), nullable=False, server_default="vi"),
    Column("used_by", Number),
    Column("until", Moment),  # the last moment at which it can be used
    Column("key", String(40), nullable=False, server_default=""),  # whose it is in an imported list
    Column("phone", String(16), nullable=False, server_default=""),  # such as +84912345678
    Column(
        "speaks", String(200), nullable=False, server_default=""
    ),  # languages beside Vietnamese: "Tày, Mông"
    Column("begins", Moment),  # from when to when the role is held, where that is known beforehand
    Column("ends", Moment),
    Column("staged", String(40), nullable=False, server_default=""),  # the list of which not all is here yet
)
Index("ix_invitations_place", invitations.c.place)
Index(
    "ix_invitations_staged",
    invitations.c.staged,
    sqlite_where=text("staged <> ''"),
    postgresql_where=text("staged <> ''"),
)

absences = Table(
    "absences",  # of people who hold roles
    metadata,
    _id(),
    Column("person", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),  # the first moment at which they are there again
    Column("stand_in", Number, nullable=False, server_default="0", index=True),  # a person of the same team
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Moment, nullable=False, index=True),
    Column("done", String(80), nullable=False),
    Column("about", String(80), nullable=False, index=True),
    Column("by", Number, nullable=False),
)

processes = Table(
    "processes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("started", Moment, nullable=False),
    Column("ended", Moment),  # none: it has not said goodbye
)

tokens = Table(
    "tokens",  # of accounts whose platform changes them; each pair is stored before it is used
    metadata,
    Column("account", String(80), primary_key=True),
    Column("access", Text, nullable=False),
    Column("refresh", Text, nullable=False),
    Column("until", Moment, nullable=False),  # when the access token ends
    Column("since", Moment, nullable=False),  # when the pair was given
    Column("before", Text, nullable=False, server_default=""),  # the refresh token used up for this pair
    Column("trouble", String(200), nullable=False, server_default=""),  # why the last refresh failed
    Column("tried", Moment),  # when the refresh token was last used; none for a new pair
    Column("version", Integer, nullable=False, server_default="1"),
)

spending = Table(
    "spending",  # messages a month, by what they cost
    metadata,
    Column("account", String(80), primary_key=True),
    Column("month", String(7), primary_key=True),  # such as 2026-11, by Vietnam's calendar
    Column("cost", String(20), primary_key=True),
    Column("messages", Number, nullable=False, server_default="0"),
    Column("remaining", Number),  # what the platform last said is left
    Column("at", Moment, nullable=False),
)

faults = Table(
    "faults",  # calls of a webhook that came without their proof, so that another process can say so
    metadata,
    Column("account", String(80), primary_key=True),
    Column("fault", String(20), primary_key=True),  # secret or signature
    Column("calls", Number, nullable=False),
    Column("at", Moment, nullable=False),  # of the last of them
)

media = Table(
    "media",  # what was sent and is kept outside the database
    metadata,
    Column("code", String(40), primary_key=True),
    Column("account", String(80), nullable=False),
    Column("ref", Text, nullable=False),  # the platform's own handle
    Column("conversation", Number, nullable=False, index=True),  # whose it is
    Column("about", String(80), nullable=False, server_default="", index=True),
    Column("kind", String(12), nullable=False),
    Column("name", String(200), nullable=False, server_default=""),
    Column("type", String(80), nullable=False, server_default=""),
    Column("size", Number, nullable=False, server_default="0"),
    Column("state", String(12), nullable=False),  # noted, wanted, kept, refused or gone
    Column("reason", String(80), nullable=False, server_default=""),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("at", Moment, nullable=False, index=True),
)
Index(
    "ix_media_to_do",
    media.c.at,
    sqlite_where=text("state in ('wanted', 'gone')"),
    postgresql_where=text("state in ('wanted', 'gone')"),
)

link_codes = Table(
    "link_codes",  # by which a person shows on one channel who they are on another
    metadata,
    Column("code", String(20), primary_key=True),
    Column("conversation", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("until", Moment, nullable=False, index=True),
    Column("used", Boolean, nullable=False, server_default=text("false")),
)

team_groups = Table(
    "team_groups",  # group chats in which a team's new requests are shown, and the codes that were asked for them
    metadata,
    _id(),
    Column("team", ForeignKey("units.id"), nullable=False),
    Column("code", String(20), nullable=False, unique=True),
    Column("by", Number, nullable=False, index=True),  # who asked for the code, and alone may use it
    Column("at", Moment, nullable=False),
    Column("chat", Number, nullable=False, server_default="0", index=True),  # the group's own conversation
    Column("linked", Boolean, nullable=False, server_default=text("false")),
    Column("since", Moment),
    Column("ended", Moment),
    Column("lang", String(3), nullable=False, server_default="vi"),
    Column(
        "beside", Boolean, nullable=False, server_default=text("false")
    ),  # cards go to private chats as well
)
Index(
    "ix_team_groups_team",  # a team has one group at a time
    team_groups.c.team,
    unique=True,
    sqlite_where=text("linked = 1 and ended is null"),
    postgresql_where=text("linked and ended is null"),
)

# --- requests for help ---

requests = Table(
    "requests",
    metadata,
    _id(),
    Column("code", String(12), nullable=False, unique=True),  # such as 4K7; never given twice
    Column("citizen", Number, nullable=False),  # conversation; 0 once the person has had it erased
    Column("state", String(12), nullable=False),
    Column("team", Number, nullable=False, server_default="0"),
    Column("commune", String(5), nullable=False, server_default=""),
    Column("claimed_by", Number, nullable=False, server_default="0"),
    Column("opened", Moment, nullable=False),
    Column("closed", Moment),
    Column("details", Text, nullable=False),  # handlers.records.requests.Request
    Column("version", Integer, nullable=False, server_default="1"),
    Column("asked_first", Number, nullable=False, server_default="0"),  # the team it was opened for
    Column("hour", SmallInteger),  # of day in Vietnam, when it was opened; none before 0008
    Column("waited", Integer),  # seconds until it was taken for the first time
    Column("alike", String(80), nullable=False, server_default=""),  # its matter, as handlers know it
    Column("incident", Number, nullable=False, server_default="0"),  # for whose end it waits, or has waited
)
Index("ix_requests_citizen", requests.c.citizen, requests.c.state)
Index("ix_requests_team", requests.c.team, requests.c.state, requests.c.commune)
Index("ix_requests_waits", requests.c.asked_first, requests.c.commune, requests.c.hour, requests.c.opened)
Index("ix_requests_claimed_by", requests.c.claimed_by, requests.c.state)
Index(
    "ix_requests_queue", requests.c.team, requests.c.state, requests.c.id
)  # the longest waiting stand first
Index("ix_requests_opened", requests.c.opened, requests.c.id)  # exports, by days
Index("ix_requests_closed", requests.c.commune, requests.c.closed)  # figures of a month
Index(
    "ix_requests_alike",
    requests.c.commune,
    requests.c.alike,
    requests.c.opened,
    sqlite_where=text("alike <> ''"),
    postgresql_where=text("alike <> ''"),
)
Index(
    "ix_requests_incident",
    requests.c.incident,
    requests.c.state,
    requests.c.id,
    sqlite_where=text("incident <> 0"),
    postgresql_where=text("incident <> 0"),
)

request_events = Table(
    "request_events",  # never edited
    metadata,
    _id(),
    Column("request", ForeignKey("requests.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("what", String(40), nullable=False),
    Column("by", Number, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)

widenings = Table(
    "widenings",  # free requests that a unit is shown as well, since nobody asked before has taken them
    metadata,
    Column("unit", Number, primary_key=True),
    Column("request", ForeignKey("requests.id"), primary_key=True, index=True),
)

incidents = Table(
    "incidents",  # many requests of one commune that ask the same at the same time
    metadata,
    _id(),
    Column("commune", String(5), nullable=False),
    Column("alike", String(80), nullable=False),
    Column("state", String(12), nullable=False),
    Column("details", Text, nullable=False),  # handlers.records.incidents.Incident
    Column("version", Integer, nullable=False, server_default="1"),
)
Index("ix_incidents_of", incidents.c.commune, incidents.c.alike, incidents.c.id)
Index(
    "ix_incidents_running",
    incidents.c.commune,
    incidents.c.id,
    sqlite_where=text("state = 'running'"),
    postgresql_where=text("state = 'running'"),
)

incident_events = Table(
    "incident_events",  # never edited
    metadata,
    _id(),
    Column("incident", ForeignKey("incidents.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("what", String(40), nullable=False),
    Column("by", Number, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),  # why
)

visits = Table(
    "visits",  # help at doors and at sessions, as its helpers told it; never edited, and without anybody's name
    metadata,
    _id(),
    Column("entry", Number, nullable=False, server_default="0"),  # the first row of the same line; 0 for that
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("village", String(120), nullable=False, server_default=""),  # as listed, else as it was told
    Column("kind", String(12), nullable=False),  # handlers.records.visits.Kind
    Column(
        "topic", String(40), nullable=False, server_default=""
    ),  # of the knowledge base, or a need not met
    Column("count", Number, nullable=False),
    Column("minutes", SmallInteger),  # of the whole line, in its first row only; none where it is not known
    Column("day", String(10), nullable=False),  # such as 2026-11-16
    Column("by", Number, nullable=False),  # who told it; 0 once they have had their data erased
    Column("at", Moment, nullable=False),
    Column("over", Moment),  # when it was taken back, which leaves it uncounted
    Column("sheet", Number, nullable=False, server_default="0"),  # the first row of the same message, or 0
)
Index("ix_visits_unit", visits.c.unit, visits.c.day)
Index("ix_visits_by", visits.c.by, visits.c.id)

# --- what a commune says of itself ---

card_lines = Table(
    "card_lines",  # never edited: a change ends one line and begins another, so the rows are the history
    metadata,
    _id(),
    Column("commune", String(5), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("words", Text, nullable=False),
    Column("day", String(10), nullable=False),  # the last one it holds on, such as 2026-12-31
    Column("by", Number, nullable=False),
    Column("at", Moment, nullable=False),
    Column("follows", Number, nullable=False, server_default="0"),  # the line whose place it took
    Column("told", String(12), nullable=False, server_default=""),  # what its author has been reminded of
    Column("over", Moment),  # none: it is on the card
    Column("over_by", Number, nullable=False, server_default="0"),
)
Index(
    "ix_card_lines_ending",
    card_lines.c.day,
    sqlite_where=text("over is null"),
    postgresql_where=text("over is null"),
)

# --- reports ---

reports = Table(
    "reports",
    metadata,
    _id(),
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("form", String(40), nullable=False),
    Column("period", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("receipt", String(30), unique=True),  # such as UH-11-K4M; none before the first sending
    Column("details", Text, nullable=False),  # handlers.records.reports.Report
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("unit", "form", "period"),
)

reminders = Table(
    "reminders",  # every decision, with its reason
    metadata,
    _id(),
    Column("unit", Number, nullable=False),
    Column("form", String(40), nullable=False),
    Column("period", String(12), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("decision", String(12), nullable=False),  # sent, held or skipped
    Column("reason", String(80), nullable=False),
)
Index("ix_reminders_of", reminders.c.unit, reminders.c.form, reminders.c.period)

# --- targets ---

targets = Table(
    "targets",
    metadata,
    _id(),
    Column("unit", ForeignKey("units.id"), nullable=False),  # the office that has set it
    Column("commune", String(5), nullable=False),
    Column("state", String(12), nullable=False),
    Column("first", String(10), nullable=False),  # such as 2026-11-16
    Column("last", String(10), nullable=False),
    Column("details", Text, nullable=False),  # handlers.records.targets.Target
    Column("version", Integer, nullable=False, server_default="1"),
)
Index(
    "ix_targets_running",
    targets.c.commune,
    targets.c.last,
    targets.c.id,
    sqlite_where=text("state = 'running'"),
    postgresql_where=text("state = 'running'"),
)

target_events = Table(
    "target_events",  # never edited
    metadata,
    _id(),
    Column("target", ForeignKey("targets.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("what", String(40), nullable=False),
    Column("by", Number, nullable=False, index=True),  # 0 once they have had their data erased
    Column("detail", Text, nullable=False, server_default=""),  # what it was before
)

target_figures = Table(
    "target_figures",  # never edited: of one place and day the newest counts, so the rows are the history
    metadata,
    _id(),
    Column("target", ForeignKey("targets.id"), nullable=False),
    Column("place", Number, nullable=False),  # a village; 0 for the commune as one
    Column("day", String(10), nullable=False),
    Column("value", Number, nullable=False),
    Column("by", Number, nullable=False, index=True),  # 0 once they have had their data erased
    Column("at", Moment, nullable=False),
)
Index(
    "ix_target_figures_of",
    target_figures.c.target,
    target_figures.c.day,
    target_figures.c.place,
    target_figures.c.id,
)

aims = Table(
    "aims",  # what an indicator of a report is to reach; never edited: of one indicator the newest row counts
    metadata,
    _id(),
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("form", String(40), nullable=False),
    Column("indicator", String(60), nullable=False),
    Column("hundredths", Integer, nullable=False),  # of a percent; 0 where it was taken back
    Column("last", String(10), nullable=False),
    Column("by", Number, nullable=False, index=True),  # 0 once they have had their data erased
    Column("at", Moment, nullable=False),
)
Index("ix_aims_of", aims.c.unit, aims.c.form)

target_followers = Table(
    "target_followers",  # who is told every week how a target stands
    metadata,
    Column("target", ForeignKey("targets.id"), primary_key=True),
    Column("person", Number, primary_key=True, index=True),
    Column("since", Moment, nullable=False),
)

# --- tasks ---

tasks = Table(
    "tasks",
    metadata,
    _id(),
    Column("unit", ForeignKey("units.id"), nullable=False),  # the office that gives it
    Column("commune", String(5), nullable=False),
    Column("giver", Number, nullable=False, index=True),  # 0 once they have had their data erased
    Column("person", Number, nullable=False, index=True),  # whose it is; 0 where it is a unit's
    Column("place", Number, nullable=False),  # the unit whose it is, or 0
    Column("role", String(12), nullable=False, server_default=""),  # who of that unit, where a form says so
    Column("origin", String(120)),  # what form of what period asked for it; none: somebody gave it
    Column("words", Text, nullable=False),
    Column("due", String(10), nullable=False),  # such as 2026-11-20
    Column("state", String(12), nullable=False),
    Column("said", Text, nullable=False),  # what its owner said of it when it was done
    Column("version", Integer, nullable=False, server_default="1"),
)
Index(
    "ix_tasks_open",
    tasks.c.commune,
    tasks.c.due,
    tasks.c.id,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)

Index("ix_tasks_origin", tasks.c.origin, unique=True)

task_events = Table(
    "task_events",  # never edited
    metadata,
    _id(),
    Column("task", ForeignKey("tasks.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("what", String(40), nullable=False),
    Column("by", Number, nullable=False, index=True),
    Column("detail", Text, nullable=False, server_default=""),
)

# --- what everybody may read ---

publications = Table(
    "publications",  # each time that a province has published a closed period, or withdrawn it
    metadata,
    _id(),
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("form", String(40), nullable=False),
    Column("period", String(12), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn", Boolean, nullable=False, server_default=text("false")),
    Column(
        "reason", Text, nullable=False, server_default=""
    ),  # why it was withdrawn; shown to nobody outside
    Column("content", Text, nullable=False, server_default=""),  # handlers.rules.published.Content
    UniqueConstraint("form", "period", "unit", "number"),
)

ranking_releases = Table(
    "ranking_releases",  # each time that a province has released a period's ranking, or held it back again
    metadata,
    _id(),
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("form", String(40), nullable=False),
    Column("period", String(12), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("held", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("form", "period", "unit", "number"),
)

# --- the base improves itself ---

misses = Table(
    "misses",  # questions without an answer, or with one that did not help; masked
    metadata,
    _id(),
    Column("at", Moment, nullable=False, index=True),
    Column("why", String(12), nullable=False),
    Column("words", Text, nullable=False),
    Column("lang", String(3), nullable=False),
    Column("commune", String(5), nullable=False, server_default=""),
    Column("shown", String(200), nullable=False, server_default=""),
    Column("person", Number, nullable=False, server_default="0"),  # who is to be told; nobody otherwise
    Column("agreed", Moment),  # when they said so
    Column("told", Moment),
    Column("answer", Number, nullable=False, server_default="0"),  # what settles it; 0 while open
)
Index(
    "ix_misses_open",
    misses.c.id,
    sqlite_where=text("answer = 0"),
    postgresql_where=text("answer = 0"),
)
Index("ix_misses_answer", misses.c.answer, misses.c.person)
Index(
    "ix_misses_person",
    misses.c.person,
    sqlite_where=text("person <> 0"),
    postgresql_where=text("person <> 0"),
)

answers = Table(
    "answers",  # by editors, each for a group of such questions
    metadata,
    _id(),
    Column("code", String(12), nullable=False, unique=True),
    Column("state", String(12), nullable=False),
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("author", Number, nullable=False),
    Column("judge", Number, nullable=False, server_default="0"),
    Column("decided", Moment, index=True),
    Column("details", Text, nullable=False),  # handlers.records.misses.Answer
    Column("version", Integer, nullable=False, server_default="1"),
)
Index("ix_answers_state", answers.c.state, answers.c.unit)

step_counts = Table(
    "step_counts",  # where guides lose people: counts only, nobody's
    metadata,
    Column("week", String(8), primary_key=True),  # such as 2026-W48, by Vietnam's calendar
    Column("guide", String(80), primary_key=True),
    Column("step", String(40), primary_key=True),
    Column("what", String(12), primary_key=True),
    Column("times", Number, nullable=False),
)

# --- announcements ---

announcements = Table(
    "announcements",
    metadata,
    _id(),
    Column("code", String(12), nullable=False, unique=True),  # such as 7K2; never given twice
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("state", String(12), nullable=False),
    Column("details", Text, nullable=False),  # handlers.records.announcements.Announcement
    Column("version", Integer, nullable=False, server_default="1"),
)
Index("ix_announcements_of", announcements.c.unit, announcements.c.id)
Index(
    "ix_announcements_under_way",
    announcements.c.unit,
    announcements.c.id,
    sqlite_where=text("state in ('running', 'stopping')"),
    postgresql_where=text("state in ('running', 'stopping')"),
)
