"""Announcements as talks: from the first word to the result, on both databases."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bot.play import OFFICE, play_file
from bot.shelf import Bookcase
from bot.wording import Wording
from tests.indexes import once

# What was sent is known at once only where nobody sends, so these are not played on other channels.
FOLDER = Path(__file__).parents[1] / "conversations" / "announcements"
SAMPLE = Path(__file__).parents[1] / "knowledge" / "topics-sample"
TALKS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("talk", TALKS, ids=lambda path: path.stem)
def test_the_talk_happens_as_written(talk: Path, url: str, bookcase: Bookcase, wording: Wording) -> None:
    if talk.stem in ("phanh", "brake-in-english"):
        bookcase = Bookcase(msgspec.structs.replace(OFFICE, brake=2), SAMPLE, make=once)
    play_file(talk, url, bookcase, wording)
