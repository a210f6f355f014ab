"""What is still due, found without what has been"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this release."""
    op.create_index(
        "ix_due_open",
        "due",
        ["at", "key"],
        sqlite_where=sa.text("done = 0"),
        postgresql_where=sa.text("not done"),
    )
