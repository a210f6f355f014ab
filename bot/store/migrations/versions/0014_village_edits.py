"""Changes of the lists of villages, made in the chat"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.create_table(
        "village_edits",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("entry", NUMBER, server_default="0", nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("village", NUMBER, nullable=False),
        sa.Column("heir", NUMBER, server_default="0", nullable=False),
        sa.Column("name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["village"], ["villages.id"], name=op.f("fk_village_edits_village")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_village_edits")),
    )
    op.create_index("ix_village_edits_commune", "village_edits", ["commune", "id"])
    op.create_index(op.f("ix_village_edits_by"), "village_edits", ["by"])
    op.create_index(op.f("ix_village_edits_entry"), "village_edits", ["entry"])
