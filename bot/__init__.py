"""Channels, storage and the command: everything that does what the handlers decide."""
