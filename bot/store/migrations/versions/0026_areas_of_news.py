"""The areas of which somebody wants news"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this release."""
    op.add_column(
        "conversations", sa.Column("areas", sa.String(length=120), nullable=False, server_default="")
    )
