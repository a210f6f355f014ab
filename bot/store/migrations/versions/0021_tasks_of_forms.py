"""Tasks that a form asks for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this release."""
    op.add_column("tasks", sa.Column("role", sa.String(length=12), server_default="", nullable=False))
    op.add_column("tasks", sa.Column("origin", sa.String(length=120), nullable=True))
    op.create_index("ix_tasks_origin", "tasks", ["origin"], unique=True)
