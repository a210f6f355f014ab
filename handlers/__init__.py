"""Decisions: what is said and what changes, as plain functions of a turn."""
