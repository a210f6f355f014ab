"""Reminding cadres of the report, and heads of what is late."""

from __future__ import annotations

from collections.abc import Callable

from handlers.turn import Turn

DUE: dict[str, Callable[[Turn], None]] = {"reports.plan": lambda turn: None}
