"""Questions without an answer, what editors answer, and what is counted at the steps of guides"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.create_table(
        "misses",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=3), nullable=False),
        sa.Column("commune", sa.String(length=5), server_default="", nullable=False),
        sa.Column("shown", sa.String(length=200), server_default="", nullable=False),
        sa.Column("person", NUMBER, server_default="0", nullable=False),
        sa.Column("agreed", Moment(timezone=True), nullable=True),
        sa.Column("told", Moment(timezone=True), nullable=True),
        sa.Column("answer", NUMBER, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misses")),
    )
    op.create_index(op.f("ix_misses_at"), "misses", ["at"])
    for name, column, where in (
        ("ix_misses_open", "id", "answer = 0"),
        ("ix_misses_person", "person", "person <> 0"),
    ):
        op.create_index(
            name, "misses", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_index("ix_misses_answer", "misses", ["answer", "person"])
    op.create_table(
        "answers",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("unit", NUMBER, nullable=False),
        sa.Column("author", NUMBER, nullable=False),
        sa.Column("judge", NUMBER, server_default="0", nullable=False),
        sa.Column("decided", Moment(timezone=True), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name=op.f("fk_answers_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("code", name=op.f("uq_answers_code")),
    )
    op.create_index(op.f("ix_answers_decided"), "answers", ["decided"])
    op.create_index("ix_answers_state", "answers", ["state", "unit"])
    op.create_table(
        "step_counts",
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("guide", sa.String(length=80), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("times", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("week", "guide", "step", "what", name=op.f("pk_step_counts")),
    )
