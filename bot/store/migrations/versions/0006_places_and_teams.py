"""Villages of each commune, the places that a team covers, lists that are imported, and leave"""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op

from bot import clock
from bot.store.tables import Moment
from handlers.talk import Due

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DUE = sa.table(
    "due",
    sa.column("key", sa.String),
    sa.column("at", Moment),
    sa.column("about", sa.String),
    sa.column("event", sa.Text),
)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this release; what a team's name says of its village becomes a village that it covers."""
    op.create_table(
        "villages",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=40), server_default="", nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=True),
        sa.Column("until", Moment(timezone=True), nullable=True),
        sa.Column("became", NUMBER, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_villages")),
    )
    op.create_index(op.f("ix_villages_commune"), "villages", ["commune"], unique=False)
    op.create_index(op.f("ix_villages_became"), "villages", ["became"], unique=False)
    op.create_table(
        "covers",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("unit", NUMBER, nullable=False),
        sa.Column("village", NUMBER, nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=True),
        sa.Column("until", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name=op.f("fk_covers_unit")),
        sa.ForeignKeyConstraint(["village"], ["villages.id"], name=op.f("fk_covers_village")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covers")),
    )
    op.create_index(op.f("ix_covers_unit"), "covers", ["unit"], unique=False)
    op.create_index(op.f("ix_covers_village"), "covers", ["village"], unique=False)
    op.create_table(
        "absences",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("person", NUMBER, nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.Column("until", Moment(timezone=True), nullable=False),
        sa.Column("stand_in", NUMBER, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person"], ["conversations.id"], name=op.f("fk_absences_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_person"), "absences", ["person"], unique=False)

    key = sa.Column("key", sa.String(length=40), server_default="", nullable=False)
    op.add_column("units", key)
    for column in (
        sa.Column("key", sa.String(length=40), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=16), server_default="", nullable=False),
        sa.Column("begins", Moment(timezone=True), nullable=True),
        sa.Column("ends", Moment(timezone=True), nullable=True),
        sa.Column("staged", sa.String(length=40), server_default="", nullable=False),
    ):
        op.add_column("invitations", column)
    op.create_index("ix_invitations_place", "invitations", ["place"], unique=False)
    op.create_index(
        "ix_invitations_staged",
        "invitations",
        ["staged"],
        unique=False,
        sqlite_where=sa.text("staged <> ''"),
        postgresql_where=sa.text("staged <> ''"),
    )

    op.execute(
        "insert into villages (commune, name) "
        "select distinct commune, village from units where kind = 'team' and village <> ''"
    )
    op.execute(
        "insert into covers (unit, village) select u.id, v.id from units u "
        "join villages v on v.commune = u.commune and v.name = u.village where u.kind = 'team'"
    )
    _watch_open_requests()


def _watch_open_requests() -> None:
    """Have every request that is under way looked at, as those that are opened from now on will be."""
    now = clock.now()
    under_way = op.get_bind().scalars(
        sa.text("select id from requests where state in ('open', 'claimed') order by id")
    )
    rows = []
    for number in under_way.all():
        due = Due(name="late.look", about=f"request:{number}", at=now, facts={})
        event = msgspec.json.encode(due).decode()
        rows.append({"key": f"late:{number}:0006", "at": now, "about": due.about, "event": event})
    if rows:
        op.bulk_insert(DUE, rows)
