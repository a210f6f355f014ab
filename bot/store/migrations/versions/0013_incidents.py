"""Many requests that ask the same: incidents; roles that nobody uses"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release."""
    op.add_column("requests", sa.Column("alike", sa.String(length=80), server_default="", nullable=False))
    op.add_column("requests", sa.Column("incident", NUMBER, server_default="0", nullable=False))
    op.create_index(
        "ix_requests_alike",
        "requests",
        ["commune", "alike", "opened"],
        sqlite_where=sa.text("alike <> ''"),
        postgresql_where=sa.text("alike <> ''"),
    )
    op.create_index(
        "ix_requests_incident",
        "requests",
        ["incident", "state", "id"],
        sqlite_where=sa.text("incident <> 0"),
        postgresql_where=sa.text("incident <> 0"),
    )
    op.add_column("roles", sa.Column("asked", Moment(timezone=True), nullable=True))
    op.add_column("roles", sa.Column("idle", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "incidents",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("alike", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index("ix_incidents_of", "incidents", ["commune", "alike", "id"])
    op.create_index(
        "ix_incidents_running",
        "incidents",
        ["commune", "id"],
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "incident_events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("incident", NUMBER, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_incident_events_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_events")),
    )
    op.create_index(op.f("ix_incident_events_incident"), "incident_events", ["incident"])
