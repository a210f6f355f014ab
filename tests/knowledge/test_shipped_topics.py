"""The topics that are shipped: they have no fault, and every question of theirs finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

import knowledge
from knowledge.check import check
from knowledge.library import Library, load
from knowledge.search import Index

TOPICS = Path(knowledge.__file__).parent / "topics"


@pytest.fixture(scope="module")
def library() -> Library:
    return load(TOPICS)


@pytest.fixture(scope="module")
def index(library: Library) -> Index:
    return Index(library)


def test_the_shipped_topics_have_no_problem(library: Library) -> None:
    last_checked = max(topic.checked for lang in ("vi", "en") for topic in library.topics(lang))
    assert [str(problem) for problem in check(TOPICS, last_checked, release=True)] == []


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_shipped_question_finds_its_topic_first(library: Library, index: Index, lang: str) -> None:
    asked = [(question, topic.id) for topic in library.topics(lang) for question in topic.questions]
    assert [(question, index.search(question, lang).hits[0].topic) for question, _ in asked] == asked


def test_what_the_base_does_not_hold_is_never_answered(library: Library, index: Index) -> None:
    held = {topic.id for topic in library.topics("vi")}
    data = Path(knowledge.__file__).parent / "data" / "elsewhere.tsv"
    rows = [line.split("\t") for line in data.read_text().splitlines()[1:]]
    asked = [question for subject, lang, question in rows if subject not in held and lang == "vi"]
    assert len(asked) > 300
    assert [question for question in asked if index.search(question, "vi").verdict == "answer"] == []
