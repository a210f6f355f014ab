"""Announcements, and whom to write to by place"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNDER_WAY = sa.text("state in ('running', 'stopping')")
HERE = sa.text("commune <> ''")
ANNOUNCED = sa.text("kind = 'broadcast' and about <> ''")


def upgrade() -> None:
    """Go to this release."""
    op.create_table(
        "announcements",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("unit", NUMBER, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name=op.f("fk_announcements_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
        sa.UniqueConstraint("code", name=op.f("uq_announcements_code")),
    )
    op.create_index("ix_announcements_of", "announcements", ["unit", "id"])
    op.create_index(
        "ix_announcements_under_way",
        "announcements",
        ["unit", "id"],
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.add_column("conversations", sa.Column("commune", sa.String(5), server_default="", nullable=False))
    op.add_column("conversations", sa.Column("village", sa.Text(), server_default="", nullable=False))
    op.add_column("conversations", sa.Column("news", sa.SmallInteger(), server_default="0", nullable=False))
    conversations = sa.table("conversations", *map(sa.column, ("person", "commune", "village")))
    sqlite = op.get_bind().dialect.name == "sqlite"

    def of_the_person(name: str) -> sa.ColumnElement[str]:
        if sqlite:
            found = sa.func.json_extract(conversations.c.person, f"$.{name}")
        else:
            found = sa.cast(conversations.c.person, sa.JSON)[name].as_string()
        return sa.func.coalesce(found, "")

    op.execute(
        conversations.update()
        .where(conversations.c.person != "")
        .values(commune=of_the_person("commune"), village=of_the_person("village"))
    )
    op.create_index(
        "ix_conversations_commune",
        "conversations",
        ["commune", "news", "id"],
        sqlite_where=HERE,
        postgresql_where=HERE,
    )
    op.create_index(
        "ix_outbox_announced",
        "outbox",
        ["about", "contact"],
        unique=True,
        sqlite_where=ANNOUNCED,
        postgresql_where=ANNOUNCED,
    )
