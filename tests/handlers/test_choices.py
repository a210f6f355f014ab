"""What a press of a button means: one room answers to a name, and no other takes it away."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import defaultdict

import handlers
from handlers import desk, reports


def test_one_room_alone_answers_to_the_name_of_a_choice() -> None:
    answering: dict[str, set[object]] = defaultdict(set)
    for module in pkgutil.iter_modules(handlers.__path__):
        room = importlib.import_module(f"handlers.{module.name}")
        for name, act in getattr(room, "CARDS", {}).items():
            answering[name].add(inspect.unwrap(act))
    assert {name: acts for name, acts in answering.items() if len(acts) > 1} == {}
    assert len(answering) > 100
    assert set(reports.CARDS) <= set(desk.CARDS) <= set(answering)
