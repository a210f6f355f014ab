"""Every talk of tests/conversations/ happens as it is written, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.play import play_file
from bot.shelf import Bookcase
from bot.wording import Wording

TALKS = sorted((Path(__file__).parent / "conversations").glob("*.txt"))


@pytest.mark.parametrize("talk", TALKS, ids=lambda path: path.stem)
def test_the_talk_happens_as_written(talk: Path, url: str, bookcase: Bookcase, wording: Wording) -> None:
    play_file(talk, url, bookcase, wording)
