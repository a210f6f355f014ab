"""Visits at doors and sessions, as helpers tell them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.create_table(
        "visits",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("entry", NUMBER, server_default="0", nullable=False),
        sa.Column("unit", NUMBER, nullable=False),
        sa.Column("village", sa.String(length=120), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("topic", sa.String(length=40), server_default="", nullable=False),
        sa.Column("count", NUMBER, nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=True),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("over", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name=op.f("fk_visits_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_unit", "visits", ["unit", "day"])
    op.create_index("ix_visits_by", "visits", ["by", "id"])
