"""Tasks that are given, and for whom somebody stands in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.create_index(op.f("ix_absences_stand_in"), "absences", ["stand_in"])
    op.create_table(
        "tasks",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("unit", NUMBER, nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("giver", NUMBER, nullable=False),
        sa.Column("person", NUMBER, nullable=False),
        sa.Column("place", NUMBER, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("due", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name=op.f("fk_tasks_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(op.f("ix_tasks_giver"), "tasks", ["giver"])
    op.create_index(op.f("ix_tasks_person"), "tasks", ["person"])
    is_open = sa.text("state = 'open'")
    op.create_index(
        "ix_tasks_open",
        "tasks",
        ["commune", "due", "id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "task_events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("task", NUMBER, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name=op.f("fk_task_events_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_events")),
    )
    op.create_index(op.f("ix_task_events_task"), "task_events", ["task"])
    op.create_index(op.f("ix_task_events_by"), "task_events", ["by"])
