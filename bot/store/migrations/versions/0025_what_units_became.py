"""What took the place of a unit"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Number

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this release."""
    op.add_column("units", sa.Column("became", Number, server_default="0", nullable=False))
    op.create_index(op.f("ix_units_became"), "units", ["became"], unique=False)
