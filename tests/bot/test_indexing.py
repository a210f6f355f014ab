"""The index is made in a process of its own, and made all the same where there can be none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.app import App
from bot.indexing import made_apart
from bot.settings import Settings
from bot.shelf import Bookcase
from handlers.turn import Office
from knowledge.library import Library, load
from knowledge.search import Index

SAMPLE = Path(__file__).parents[1] / "knowledge" / "topics-sample"
ASKED = ("mất thẻ thư viện", "mat the thu vien thi lam sao", "I lost my card", "hôm nay trời đẹp")


def test_an_index_made_apart_finds_what_one_made_here_finds(caplog: pytest.LogCaptureFixture) -> None:
    library = load(SAMPLE)
    here, apart = Index(library), made_apart(library)
    assert [apart.search(asked) for asked in ASKED] == [here.search(asked) for asked in ASKED]
    assert not caplog.records


@pytest.mark.parametrize("python", ["/bin/false", "/bin/echo", "/no/such/python"])
def test_where_no_process_makes_it_it_is_made_here_and_told(
    python: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", python)
    index = made_apart(load(SAMPLE))
    assert index.search("mất thẻ thư viện").hits[0].topic == "library.lost"
    assert "made in the service itself" in caplog.text


def test_a_changed_topic_is_taken_in_the_same_way(tmp_path: Path) -> None:
    made = []

    def make(library: Library) -> Index:
        made.append(library)
        return Index(library)

    own = tmp_path / "own"
    shelved = Bookcase(Office(), SAMPLE, make=make).laid_over(own)
    shelved.prepare()
    (own / "vi").mkdir(parents=True)
    topic = (SAMPLE / "vi" / "library.lost.md").read_text("utf-8")
    (own / "vi" / "library.lost.md").write_text(topic, "utf-8")
    assert shelved.look()
    assert len(made) == 2


def test_a_service_lets_it_be_made_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def noted(library: Library) -> Index:
        asked.append(library)
        return Index(library)

    monkeypatch.setattr("bot.app.made_apart", noted)
    settings = Settings(
        database=f"sqlite:///{tmp_path}/toso.db", knowledge=str(SAMPLE), own_knowledge=str(tmp_path / "own")
    )
    app = App(settings)
    try:
        app.bookcase.prepare()
        assert asked == [app.bookcase.library]
    finally:
        app.database.close()
        assert app._lock
        app._lock.release()
