"""What the documents show is so: commands, files and the transcript on their pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from bot.cli import app
from bot.play import Player
from bot.shelf import Bookcase
from bot.transcript import read
from bot.wording import Wording

HOUSE = Path(__file__).parents[1]
DESIGN = (HOUSE / "docs/design.md").read_text("utf-8")
GUIDES = sorted(path.relative_to(HOUSE).as_posix() for path in HOUSE.glob("docs/vi/*.md"))
PAGES = {
    name: (HOUSE / name).read_text("utf-8")
    for name in ("README.md", "deploy/README.md", "docs/design.md", *GUIDES)
}
LATER = DESIGN.partition("## Still to come")[2]
PATH = re.compile(r"\b(?:bot|handlers|knowledge|deploy|docs|locales|tests)/[\w./-]*\w(?:\.\w+)?/?")


def rooms() -> set[str]:
    """Every file that the list of rooms names; one line may name several of one folder."""
    listed = DESIGN.partition("    bot/__main__.py")[1:]
    named = set()
    for line in "".join(listed).partition("\n\n- ")[0].splitlines():
        if found := re.match(r" {4}((?:\w+/)+)?([\w]+\.py(?:, [\w]+\.py)*)? ", line):
            named |= {f"{found[1] or ''}{name}" for name in (found[2] or "").split(", ")}
    return named


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_named_exists(page: str) -> None:
    commands = typer.main.get_command(app)
    known = set(commands.commands)  # type: ignore[attr-defined]
    said = PAGES[page].replace(LATER, "")
    assert set(re.findall(r"`toso ([a-z]+)", said)) <= known


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_exists(page: str) -> None:
    named = {path for path in PATH.findall(PAGES[page]) if "<" not in path}
    assert {path for path in named if not (HOUSE / path).exists()} == set()


def test_every_room_that_is_listed_exists() -> None:
    assert len(rooms()) > 30
    assert {path for path in rooms() if not (HOUSE / path).exists()} == set()


def test_the_transcript_on_the_page_plays(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> None:
    block = re.search(r"(?:    .*\n|\n)+", DESIGN[DESIGN.index("    # What stands behind") :])
    assert block
    Player(sqlite_url, bookcase, wording, lambda _line: None).play(
        read(re.sub("^ {4}", "", block[0], flags=re.M))
    )
