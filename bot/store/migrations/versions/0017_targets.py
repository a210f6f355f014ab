"""Targets with a daily figure"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.create_table(
        "targets",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("unit", NUMBER, nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("first", sa.String(length=10), nullable=False),
        sa.Column("last", sa.String(length=10), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name=op.f("fk_targets_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
    )
    running = sa.text("state = 'running'")
    op.create_index(
        "ix_targets_running",
        "targets",
        ["commune", "last", "id"],
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_table(
        "target_events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("target", NUMBER, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name=op.f("fk_target_events_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_events")),
    )
    op.create_index(op.f("ix_target_events_target"), "target_events", ["target"])
    op.create_index(op.f("ix_target_events_by"), "target_events", ["by"])
    op.create_table(
        "target_figures",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("target", NUMBER, nullable=False),
        sa.Column("place", NUMBER, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name=op.f("fk_target_figures_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_figures")),
    )
    op.create_index("ix_target_figures_of", "target_figures", ["target", "day", "place", "id"])
    op.create_index(op.f("ix_target_figures_by"), "target_figures", ["by"])
    op.create_table(
        "target_followers",
        sa.Column("target", NUMBER, nullable=False),
        sa.Column("person", NUMBER, nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name=op.f("fk_target_followers_target")),
        sa.PrimaryKeyConstraint("target", "person", name=op.f("pk_target_followers")),
    )
    op.create_index(op.f("ix_target_followers_person"), "target_followers", ["person"])
