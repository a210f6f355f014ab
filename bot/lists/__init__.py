"""Lists that an office keeps in a table program: read, checked whole, and kept whole or not at all."""
