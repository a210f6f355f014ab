"""A small province, played for two days, forgets nothing; and one that forgets is found out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from bot.shelf import Bookcase
from tests.simulate.picture import draw
from tests.simulate.province import Outcome, Province, Size, sqlite

SMALL = Size(teams=4, days=2, requests=12, burst=True, leaving=0.3)


def played(folder: Path, bookcase: Bookcase, seed: int) -> Outcome:
    province = Province(sqlite(folder), SMALL, seed, bookcase)
    try:
        province.settle()
        return province.run()
    finally:
        province.close()


def test_every_request_ends_or_is_escalated(tmp_path: Path, bookcase: Bookcase) -> None:
    outcome = played(tmp_path, bookcase, 2)
    assert outcome.requests >= 24
    assert outcome.over + outcome.escalated + outcome.in_time == outcome.requests
    assert (outcome.forgotten, outcome.parked) == ([], 0)
    assert outcome.left == 7
    assert outcome.told["officer"]  # some were late: people here are not as good as in a transcript


def test_a_province_that_forgets_is_found_out(
    tmp_path: Path, bookcase: Bookcase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.watch.watch", lambda _turn, _request: None)  # nobody ever looks again
    outcome = played(tmp_path, bookcase, 1)
    assert outcome.forgotten
    assert not outcome.told


def test_the_picture_shows_the_queue(tmp_path: Path, bookcase: Bookcase) -> None:
    outcome = played(tmp_path, bookcase, 2)
    path = tmp_path / "queue.png"
    draw(outcome.samples, "4 teams", path)
    with Image.open(path) as image:
        assert image.size == (1200, 640)
        colours = {colour for _count, colour in image.getcolors(1 << 24) or ()}
    assert {(15, 118, 110), (245, 158, 11), (185, 28, 28)} <= colours  # claimed, waiting, late
