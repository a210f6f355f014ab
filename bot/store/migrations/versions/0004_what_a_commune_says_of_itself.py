"""What a commune says of itself"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this release."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "card_lines",
        sa.Column("id", number, nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("by", number, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("follows", number, server_default="0", nullable=False),
        sa.Column("told", sa.String(length=12), server_default="", nullable=False),
        sa.Column("over", Moment(timezone=True), nullable=True),
        sa.Column("over_by", number, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_lines")),
    )
    op.create_index(op.f("ix_card_lines_commune"), "card_lines", ["commune"], unique=False)
    op.create_index(
        "ix_card_lines_ending",
        "card_lines",
        ["day"],
        unique=False,
        sqlite_where=sa.text("over is null"),
        postgresql_where=sa.text("over is null"),
    )
