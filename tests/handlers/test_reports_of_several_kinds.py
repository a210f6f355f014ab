"""Talks of offices that are asked for other reports than the monthly one; on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.play import OFFICE, play_file
from bot.shelf import TOPICS, Bookcase
from bot.wording import Wording
from tests.indexes import once

TALKS = sorted((Path(__file__).parent / "offices").glob("*/*.txt"))  # each beside its office's own forms


@pytest.mark.parametrize("talk", TALKS, ids=lambda path: path.stem)
def test_the_talk_happens_as_written(talk: Path, url: str, wording: Wording) -> None:
    play_file(talk, url, Bookcase(OFFICE, TOPICS, talk.parent, make=once), wording)
