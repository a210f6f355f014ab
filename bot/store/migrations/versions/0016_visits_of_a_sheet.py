"""Which visits were told in one message, so that a sheet can be taken back as a whole"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.add_column("visits", sa.Column("sheet", NUMBER, server_default="0", nullable=False))
