"""A further language is a row and some folders: what it lacks is Vietnamese, what it has is used."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import knowledge
from bot.wording import LOCALES, Wording
from handlers.text import _, as_is
from knowledge.check import check
from knowledge.languages import LANGUAGES, Language
from knowledge.library import load
from knowledge.search import Index

TOPICS = Path(knowledge.__file__).parent / "topics"
CATALOGUE = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Deleted."\nmsgstr "Lồm dá."\n'
)
TOPIC = """---
id: help.team
code: H76
desk: true
title: Tổ slổ
questions:
  - boong tổ slổ hết lăng
  - slương xam tổ slổ chượng
  - cần tẩư chượng hẩư slíp
  - tổ slổ dú tẩư
  - lẻ xam cần chượng
  - boong hây lẻ xam tổ
  - tổ slổ chượng hết mòn lăng
  - dú bản mì tổ slổ bấu
owner: UBND
checked: 2026-11-21
expires: 2027-05-20
sources:
  - title: 793/BTTTT-THH
    url: https://example.gov.vn/793
---
Tổ slổ lẻ boong cần chượng hây.
"""


@pytest.fixture
def tay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third language."""
    days = ("thứ Slong", "thứ Slam", "thứ Slí", "thứ Hả", "thứ Hốc", "thứ Chất", "Chủ nhật")
    row = Language(name="tiếng Tày", asked=("tieng tay",), weekdays=days)
    monkeypatch.setitem(LANGUAGES, "tay", row)


@pytest.mark.usefixtures("tay")
def test_its_own_sentences_are_said_and_the_others_in_vietnamese(tmp_path: Path) -> None:
    for lang, text in (("vi", (LOCALES / "vi/LC_MESSAGES/toso.po").read_text("utf-8")), ("tay", CATALOGUE)):
        folder = tmp_path / lang / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "toso.po").write_text(text, "utf-8")
    wording = Wording(tmp_path)
    assert wording.word(_("Deleted."), "tay") == "Lồm dá."
    assert wording.word(_("My requests"), "tay") == wording.word(_("My requests"), "vi") != "My requests"
    assert wording.word(as_is("Mời {you}."), "tay", "bác") == "Mời bác."
    assert wording.word(_("{it}")(it=date(2026, 11, 17)), "tay") == "thứ Slam 17/11/2026"
    assert (
        wording.word(_("{it}")(it=datetime(2026, 11, 17, 1, tzinfo=UTC)), "tay")
        == "08:00 thứ Slam 17/11/2026"
    )
    assert wording.word(_("{it}")(it=1234), "tay") == "1.234"


@pytest.mark.usefixtures("tay")
def test_its_topics_are_checked_found_and_answered_and_the_others_in_vietnamese(tmp_path: Path) -> None:
    for path in (TOPICS / "vi").iterdir():
        (tmp_path / "vi").mkdir(exist_ok=True)
        (tmp_path / "vi" / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "tay").mkdir()
    (tmp_path / "tay" / "help.team.md").write_text(TOPIC, "utf-8")
    library = load(tmp_path)
    team, other = library.topic("help.team", "tay"), library.topic("pay.qr", "tay")
    assert team
    assert other
    assert (team.lang, team.answer, other.lang) == ("tay", "Tổ slổ lẻ boong cần chượng hây.", "vi")
    assert Index(library).search("boong hây xam tổ", "tay").hits[0].topic == "help.team"
    assert check(tmp_path, other.checked) == []
    (tmp_path / "tay" / "help.team.md").write_text(TOPIC.replace("id: help.team", "id: help.tean"), "utf-8")
    assert [problem.path.name for problem in check(tmp_path, other.checked)] == ["help.team.md"]
