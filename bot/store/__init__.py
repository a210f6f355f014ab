"""The database: its tables, its migrations, and what conversations ask of it."""
