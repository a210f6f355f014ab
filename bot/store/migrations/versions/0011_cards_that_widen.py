"""Cards that widen while nobody takes them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.create_table(
        "widenings",
        sa.Column("unit", NUMBER, nullable=False),
        sa.Column("request", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name=op.f("fk_widenings_request")),
        sa.PrimaryKeyConstraint("unit", "request", name=op.f("pk_widenings")),
    )
    op.create_index(op.f("ix_widenings_request"), "widenings", ["request"])
