"""The day on which the platforms sent what is spoilt here; from later on some of it would be too old to count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot import clock


@pytest.fixture(autouse=True)
def the_day() -> Iterator[None]:
    """Let it be that day."""
    clock.stop_at(datetime(2026, 11, 19, 3, 0, tzinfo=UTC))
    yield
    clock.reset()
