"""Group chats in which a team's requests are shown"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.create_table(
        "team_groups",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("team", NUMBER, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("chat", NUMBER, server_default="0", nullable=False),
        sa.Column("linked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("since", Moment(timezone=True)),
        sa.Column("ended", Moment(timezone=True)),
        sa.Column("lang", sa.String(length=3), server_default="vi", nullable=False),
        sa.Column("beside", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["team"], ["units.id"], name=op.f("fk_team_groups_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_groups")),
        sa.UniqueConstraint("code", name=op.f("uq_team_groups_code")),
    )
    op.create_index(op.f("ix_team_groups_by"), "team_groups", ["by"])
    op.create_index(op.f("ix_team_groups_chat"), "team_groups", ["chat"])
    op.create_index(
        "ix_team_groups_team",
        "team_groups",
        ["team"],
        unique=True,
        sqlite_where=sa.text("linked = 1 and ended is null"),
        postgresql_where=sa.text("linked and ended is null"),
    )
