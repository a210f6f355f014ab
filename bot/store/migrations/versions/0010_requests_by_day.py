"""Requests by day, and queues in their order"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this release."""
    op.create_index("ix_requests_queue", "requests", ["team", "state", "id"])
    op.create_index("ix_requests_opened", "requests", ["opened", "id"])
    op.create_index("ix_requests_closed", "requests", ["commune", "closed"])
