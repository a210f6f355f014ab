"""The first day of a unit"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this release."""
    op.add_column("units", sa.Column("since", Moment(timezone=True), nullable=True))
