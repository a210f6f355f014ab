"""What an office wants the indicators of its reports to reach; which languages an invited person speaks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.add_column(
        "invitations", sa.Column("speaks", sa.String(length=200), server_default="", nullable=False)
    )
    op.create_table(
        "aims",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("unit", NUMBER, nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("hundredths", sa.Integer(), nullable=False),
        sa.Column("last", sa.String(length=10), nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name=op.f("fk_aims_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aims")),
    )
    op.create_index("ix_aims_of", "aims", ["unit", "form"])
    op.create_index(op.f("ix_aims_by"), "aims", ["by"])
