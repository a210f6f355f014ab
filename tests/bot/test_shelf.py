"""The knowledge is taken in while everything runs, and never a broken piece of it."""

from __future__ import annotations

import logging
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.settings import Unusable
from bot.shelf import Bookcase
from handlers.turn import Office as Named
from knowledge.links import judge
from tests.bot.office import Office

SAMPLE = Path(__file__).parents[1] / "knowledge" / "topics-sample"
TOPIC = "vi/library.lost.md"


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "topics"))


def change(path: Path, old: str, new: str) -> None:
    """Change a file as an editor does; its time moves on even where the disk counts in seconds."""
    text = path.read_text("utf-8")
    assert old in text
    before = path.stat().st_mtime_ns
    path.write_text(text.replace(old, new), "utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def title(shelved: Bookcase) -> str:
    topic = shelved.library.topic("library.lost", "vi")
    return topic.title if topic else ""


def test_a_changed_file_is_in_use_at_the_next_look(topics: Path) -> None:
    shelved = Bookcase(Named(), topics)
    held = shelved.shelf()  # by a turn under way
    before = title(shelved)
    assert not shelved.look()
    change(topics / TOPIC, before, "Mất thẻ rồi làm sao")
    assert shelved.look()
    assert title(shelved) == "Mất thẻ rồi làm sao"
    found = shelved.understand("mất thẻ rồi làm sao")
    assert found.hits[0].topic == "library.lost"
    topic = held.library.topic("library.lost", "vi")
    assert topic is not None
    assert topic.title == before
    assert not shelved.look()


def test_a_topic_that_is_added_is_found_and_one_that_is_removed_is_not(topics: Path) -> None:
    files = [topics / lang / "library.lost.md" for lang in ("vi", "en")]
    kept = [file.read_text("utf-8") for file in files]
    for file in files:
        file.unlink()
    shelved = Bookcase(Named(), topics)
    assert title(shelved) == ""
    for file, words in zip(files, kept, strict=True):
        file.write_text(words, "utf-8")
    assert shelved.look()
    assert title(shelved)
    for file in files:
        file.unlink()
    assert shelved.look()
    assert title(shelved) == ""


def test_an_offices_domains_are_in_use_at_the_next_look_and_a_broken_row_is_not(
    topics: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelved = Bookcase(Named(), topics)
    row = "dongngac.vn\tUBND phường Đông Ngạc\tthe office\tofficial\thttps://dongngac.vn\t2026-11\n"
    (topics / "domains.tsv").write_text(row, "utf-8")
    assert shelved.look()
    assert judge("dongngac.vn", shelved.shelf().domains).answer == "official"
    change(topics / "domains.tsv", "official", "thật")
    with caplog.at_level(logging.ERROR):
        assert not shelved.look()
    assert 'domains.tsv, line 1: the kind is "thật". Write official or false.' in caplog.text
    assert judge("dongngac.vn", shelved.shelf().domains).answer == "official"


def test_a_broken_file_leaves_the_last_good_one_and_is_named_with_its_line(
    topics: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelved = Bookcase(Named(), topics)
    before = title(shelved)
    change(topics / TOPIC, "title: ", "tilte: ")
    with caplog.at_level(logging.INFO):
        assert not shelved.look()
        assert not shelved.look()
    (record,) = caplog.records  # said once, not at every look
    assert record.getMessage().startswith(f"the knowledge stays as it was: {topics / TOPIC}, line ")
    assert title(shelved) == before
    change(topics / TOPIC, "tilte: ", "title: Mới ")
    assert shelved.look()
    assert title(shelved) == f"Mới {before}"


def test_a_broken_file_at_the_start_is_told_in_one_line(topics: Path) -> None:
    change(topics / TOPIC, "title: ", "tilte: ")
    with pytest.raises(Unusable, match=r"library\.lost\.md, line \d+: ") as told:
        Bookcase(Named(), topics)
    assert "\n" not in str(told.value)


def test_a_running_process_takes_a_changed_topic_in(topics: Path, tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert office.toso("db", "upgrade").status == 0
    with office.running(knowledge=str(topics)) as running:
        change(topics / TOPIC, "title: ", "tilte: ")
        running.says(f"the knowledge stays as it was: {topics / TOPIC}, line ")
        change(topics / TOPIC, "tilte: ", "title: Mới ")
        running.says("is in use")
        running.stop()
    assert running.logged("Traceback") == 0


CLOSED = "off:\n  - {day: 2026-11-23, why: {vi: bão}, by: tỉnh, document: 1/CĐ}\n"


def test_the_days_that_an_office_decided_come_from_its_own_folder_and_the_last_good_ones_stay(
    topics: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (topics / "calendar.yaml").write_text(CLOSED, "utf-8")  # beside its own topics, as its desk hours are
    shelved = Bookcase(Named(), topics, own=own)
    assert not shelved.shelf().calendar.is_working_day(date(2026, 11, 23))
    (own / "calendar.yaml").write_text(CLOSED.replace("11-23", "11-25"), "utf-8")
    assert shelved.look()
    assert shelved.shelf().calendar.is_working_day(date(2026, 11, 23))
    assert not shelved.shelf().calendar.is_working_day(date(2026, 11, 25))
    (own / "calendar.yaml").write_text("off: bão\n", "utf-8")
    assert not shelved.look()
    assert not shelved.shelf().calendar.is_working_day(date(2026, 11, 25))
    again = Bookcase(Named(), topics, own=own)
    assert not again.shelf().calendar.is_working_day(date(2026, 11, 25))
    (own / "last-good-calendar.json").unlink()
    with pytest.raises(Unusable, match="a list is expected"):
        Bookcase(Named(), topics, own=own)
