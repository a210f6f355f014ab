"""What the documents show is so: commands, files and the transcript on their pages."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
import typer

from bot.cli import app
from bot.play import Player
from bot.shelf import Bookcase
from bot.transcript import read
from bot.wording import Wording, read_catalogue
from knowledge.check import NEVER

HOUSE = Path(__file__).parents[1]
DESIGN = (HOUSE / "docs/design.md").read_text("utf-8")
GUIDES = sorted(path.relative_to(HOUSE).as_posix() for path in HOUSE.glob("docs/vi/*.md"))
PAGES = {
    name: (HOUSE / name).read_text("utf-8")
    for name in ("README.md", "deploy/README.md", "docs/design.md", *GUIDES)
}
LATER = DESIGN.partition("## Still to come")[2]
# What is put into a message while the program runs: a figure's or a setting's name before it, a number behind it.
ADDED = re.compile(r"^(toso_|fault=|[A-Z_]{5,} )| ?\(?[0-9][0-9. )]*$")
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


def said_by_the_house() -> str:
    """All that the programs say: their code, with sentences over several lines joined, and the catalogue."""
    code = "\n".join(path.read_text("utf-8") for path in sorted((HOUSE / "bot").rglob("*.py")))
    words = (HOUSE / "bot/web/static/words.js").read_text("utf-8")
    catalogue = "\n".join(str(entry.string) for entry in read_catalogue("vi"))
    return re.sub(r'"\n\s*f?"', "", code) + words + catalogue


def seen(page: str) -> set[str]:
    """What a page's tables of troubles show as seen on the screen, each piece between dots."""
    shown, inside = set(), False
    for line in page.splitlines():
        inside = line.startswith("| Thấy |") or (inside and line.startswith("|"))
        if inside:
            for quoted in re.findall("`([^`]+)`", line.split("|")[1]):
                shown |= {piece.strip() for piece in quoted.split("…") if len(piece.strip()) > 3}
    return shown


@pytest.mark.parametrize("page", GUIDES)
def test_every_message_that_a_guide_explains_is_said(page: str) -> None:
    said = said_by_the_house()
    found = {piece: ADDED.sub("", piece) for piece in seen(PAGES[page])}
    assert [piece for piece, own in found.items() if own not in said] == []


def test_the_first_guide_leads_to_every_other() -> None:
    names = {Path(page).name for page in GUIDES} - {"bat-dau.md"}
    assert names <= set(re.findall(r"\]\(([\w-]+\.md)\)", PAGES["docs/vi/bat-dau.md"]))


@pytest.mark.parametrize("page", GUIDES)
def test_every_page_that_a_guide_leads_to_exists(page: str) -> None:
    places = [place for place in re.findall(r"\]\(([^)#]+)\)", PAGES[page]) if "://" not in place]
    assert [place for place in places if not (HOUSE / "docs/vi" / place).exists()] == []


@pytest.mark.parametrize("page", GUIDES)
def test_a_guide_speaks_as_the_house_speaks(page: str) -> None:
    assert unicodedata.normalize("NFC", PAGES[page]) == PAGES[page]
    assert [never for never in NEVER if re.search(never, PAGES[page], re.IGNORECASE)] == []


def test_messages_in_tables_are_looked_up() -> None:
    page = "| Thấy | Làm |\n|---|---|\n| `A long … of a` | b |\n\n| `other` | c |"
    assert seen(page) == {"A long", "of a"}


def test_every_room_that_is_listed_exists() -> None:
    assert len(rooms()) > 30
    assert {path for path in rooms() if not (HOUSE / path).exists()} == set()


def test_the_transcript_on_the_page_plays(sqlite_url: str, bookcase: Bookcase, wording: Wording) -> None:
    block = re.search(r"(?:    .*\n|\n)+", DESIGN[DESIGN.index("    # What stands behind") :])
    assert block
    Player(sqlite_url, bookcase, wording, lambda _line: None).play(
        read(re.sub("^ {4}", "", block[0], flags=re.M))
    )
