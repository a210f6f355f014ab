"""Every talk of tests/conversations/ happens as it is written, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import transcript
from bot.play import play_file
from bot.shelf import Bookcase
from bot.wording import Wording

TALKS = sorted((Path(__file__).parent / "conversations").glob("*.txt"))


@pytest.mark.parametrize("talk", TALKS, ids=lambda path: path.stem)
def test_the_talk_happens_as_written(talk: Path, url: str, bookcase: Bookcase, wording: Wording) -> None:
    play_file(talk, url, bookcase, wording)


SCREEN, LINES, WIDTH = 640, 16, 40  # what a small telephone shows at once: letters, lines, letters of a line


@pytest.mark.parametrize("talk", ["ba-cu-kich-hoat-vneid", "mot-ngay-cua-anh-son", "kich-hoat-vneid"])
def test_no_message_is_longer_than_the_screen_of_a_telephone(talk: str) -> None:
    text = (Path(__file__).parent / "conversations" / f"{talk}.txt").read_text("utf-8")
    said = [
        event
        for line in transcript.read(text)
        if isinstance(event := transcript.parse(line), transcript.Expects)
    ]
    assert len(said) > 10
    for one in said:
        rows = sum(max(1, -(-len(row) // WIDTH)) for row in one.text.split("\n"))
        assert (len(one.text) <= SCREEN, rows <= LINES) == (True, True), one.text
