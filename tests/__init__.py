"""Mirrors the rooms; may import anything."""
