"""How long people wait until their request is taken"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.add_column("requests", sa.Column("asked_first", NUMBER, server_default="0", nullable=False))
    op.add_column("requests", sa.Column("hour", sa.SmallInteger()))
    op.add_column("requests", sa.Column("waited", sa.Integer()))
    op.create_index("ix_requests_waits", "requests", ["asked_first", "commune", "hour", "opened"])
