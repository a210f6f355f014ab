"""Channels that hear by webhook, change their tokens, carry files and join"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this release."""
    op.create_table(
        "media",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("conversation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("about", sa.String(length=80), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("type", sa.String(length=80), server_default="", nullable=False),
        sa.Column(
            "size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=80), server_default="", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_media")),
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_about"), ["about"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_conversation"), ["conversation"], unique=False)
        batch_op.create_index(
            "ix_media_to_do",
            ["at"],
            unique=False,
            sqlite_where=sa.text("state in ('wanted', 'gone')"),
            postgresql_where=sa.text("state in ('wanted', 'gone')"),
        )

    op.create_table(
        "spending",
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("cost", sa.String(length=20), nullable=False),
        sa.Column(
            "messages",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("remaining", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "month", "cost", name=op.f("pk_spending")),
    )
    op.create_table(
        "tokens",
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("refresh", sa.Text(), nullable=False),
        sa.Column("until", Moment(timezone=True), nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.Column("before", sa.Text(), server_default="", nullable=False),
        sa.Column("trouble", sa.String(length=200), server_default="", nullable=False),
        sa.Column("tried", Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_tokens")),
    )
    op.create_table(
        "link_codes",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("conversation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("until", Moment(timezone=True), nullable=False),
        sa.Column("used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"], ["conversations.id"], name=op.f("fk_link_codes_conversation")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_link_codes")),
    )
    with op.batch_alter_table("link_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_codes_conversation"), ["conversation"], unique=False)
        batch_op.create_index(batch_op.f("ix_link_codes_until"), ["until"], unique=False)

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("instead", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.drop_index("ix_outbox_open")
        batch_op.create_index(
            "ix_outbox_open",
            ["account", "state", "priority", "id"],
            unique=False,
            sqlite_where=sa.text("state < 3"),
            postgresql_where=sa.text("state < 3"),
        )
        batch_op.create_index(
            "ix_outbox_instead",
            ["instead"],
            unique=False,
            sqlite_where=sa.text("instead is not null"),
            postgresql_where=sa.text("instead is not null"),
        )
