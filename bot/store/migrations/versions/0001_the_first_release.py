"""The first release"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this release."""
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("done", sa.String(length=80), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_about"), ["about"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)

    op.create_table(
        "conversations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=True),
        sa.Column("person", sa.Text(), server_default="", nullable=False),
        sa.Column("talk", sa.Text(), server_default="", nullable=False),
        sa.Column("touched", Moment(timezone=True), nullable=False),
        sa.Column("consented", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("about", name=op.f("uq_conversations_about")),
    )
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.create_index(
            "ix_conversations_forget",
            ["touched"],
            unique=False,
            sqlite_where=sa.text("consented = 0"),
            postgresql_where=sa.text("not consented"),
        )

    op.create_table(
        "due",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_due")),
    )
    with op.batch_alter_table("due", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_due_at"), ["at"], unique=False)

    op.create_table(
        "processes",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("started", Moment(timezone=True), nullable=False),
        sa.Column("ended", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
    )
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.create_index("ix_reminders_of", ["unit", "form", "period"], unique=False)

    op.create_table(
        "requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("citizen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column(
            "team", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("commune", sa.String(length=5), server_default="", nullable=False),
        sa.Column(
            "claimed_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("opened", Moment(timezone=True), nullable=False),
        sa.Column("closed", Moment(timezone=True), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("code", name=op.f("uq_requests_code")),
    )
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.create_index("ix_requests_citizen", ["citizen", "state"], unique=False)
        batch_op.create_index("ix_requests_claimed_by", ["claimed_by", "state"], unique=False)
        batch_op.create_index("ix_requests_team", ["team", "state", "commune"], unique=False)

    op.create_table(
        "units",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("village", sa.String(length=120), server_default="", nullable=False),
        sa.Column(
            "parent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("until", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
    )
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_units_commune"), ["commune"], unique=False)

    op.create_table(
        "web_talks",
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("chat", sa.String(length=120), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("secret", name=op.f("pk_web_talks")),
        sa.UniqueConstraint("chat", name=op.f("uq_web_talks_chat")),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("chat", sa.String(length=120), nullable=False),
        sa.Column("conversation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "last", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("heard", Moment(timezone=True), nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"], ["conversations.id"], name=op.f("fk_contacts_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("account", "chat", name=op.f("uq_contacts_account_chat")),
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_conversation"), ["conversation"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=12), server_default="", nullable=False),
        sa.Column("lang", sa.String(length=2), server_default="vi", nullable=False),
        sa.Column("used_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("until", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["place"], ["units.id"], name=op.f("fk_invitations_place")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_invitations")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("receipt", sa.String(length=30), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name=op.f("fk_reports_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("receipt", name=op.f("uq_reports_receipt")),
        sa.UniqueConstraint("unit", "form", "period", name=op.f("uq_reports_unit_form_period")),
    )
    op.create_table(
        "request_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name=op.f("fk_request_events_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_events")),
    )
    with op.batch_alter_table("request_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_events_request"), ["request"], unique=False)

    op.create_table(
        "roles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.Column("until", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["conversations.id"], name=op.f("fk_roles_person")),
        sa.ForeignKeyConstraint(["place"], ["units.id"], name=op.f("fk_roles_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
    )
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roles_person"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("ix_roles_place"), ["place"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("conversation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("number", sa.String(length=12), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["contact"], ["contacts.id"], name=op.f("fk_inbox_contact")),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name=op.f("fk_inbox_conversation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("account", "key", name=op.f("uq_inbox_account_key")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_at", ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_inbox_contact"), ["contact"], unique=False)
        batch_op.create_index(batch_op.f("ix_inbox_conversation"), ["conversation"], unique=False)
        batch_op.create_index(
            "ix_inbox_parked",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 2"),
            postgresql_where=sa.text("state = 2"),
        )
        batch_op.create_index(
            "ix_inbox_next",
            ["conversation", "id"],
            unique=False,
            sqlite_where=sa.text("state = 0"),
            postgresql_where=sa.text("state = 0"),
        )
        batch_op.create_index(
            "ix_inbox_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 0"),
            postgresql_where=sa.text("state = 0"),
        )

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("contact", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("about", sa.String(length=80), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("voice", sa.String(length=120), server_default="", nullable=False),
        sa.Column("not_before", Moment(timezone=True), nullable=True),
        sa.Column("until", Moment(timezone=True), nullable=True),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("sent", Moment(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("again", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["contact"], ["contacts.id"], name=op.f("fk_outbox_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("contact", "number", name=op.f("uq_outbox_contact_number")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_about",
            ["about"],
            unique=False,
            sqlite_where=sa.text("state < 2"),
            postgresql_where=sa.text("state < 2"),
        )
        batch_op.create_index("ix_outbox_at", ["at"], unique=False)
        batch_op.create_index(
            "ix_outbox_held",
            ["not_before"],
            unique=False,
            sqlite_where=sa.text("state = 0"),
            postgresql_where=sa.text("state = 0"),
        )
        batch_op.create_index(
            "ix_outbox_next",
            ["contact", "number"],
            unique=False,
            sqlite_where=sa.text("state in (1, 2)"),
            postgresql_where=sa.text("state in (1, 2)"),
        )
        batch_op.create_index(
            "ix_outbox_open",
            ["account", "state", "id"],
            unique=False,
            sqlite_where=sa.text("state < 3"),
            postgresql_where=sa.text("state < 3"),
        )
