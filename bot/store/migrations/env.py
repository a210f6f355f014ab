"""Runs migrations on the connection that `bot.store.schema` hands over."""

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite alters a table by copying it
    user_module_prefix="",
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
