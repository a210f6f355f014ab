"""What the base holds, at a glance: a table of all topics, made from them alone."""

from __future__ import annotations

from knowledge.languages import DEFAULT
from knowledge.library import Library, Topic

INTRODUCTION = """# What the knowledge base holds

Made from `knowledge/topics/` by `make topics`; a test refuses a table that is not as made. There are {guides} guides,
with {steps:,} steps, and {answers} answers; {english} of the {all} topics are in English as well. "Longest" counts the
steps of the longest way from the first step to an end that passes none twice.

| Topic | Title | Kind | Steps | Longest | Sources | Checked | Expires |
|---|---|---|---|---|---|---|---|
"""


def table(library: Library) -> str:
    """Give the page that lists every topic: guide or answer, steps, sources and dates."""
    topics = library.topics(DEFAULT)
    guides = sum(bool(topic.steps) for topic in topics)
    introduction = INTRODUCTION.format(
        guides=guides,
        answers=len(topics) - guides,
        steps=sum(len(topic.steps) for topic in topics),
        all=len(topics),
        english=len(library.topics("en")),
    )
    return introduction + "".join(_row(topic) for topic in topics)


def longest_way(topic: Topic) -> int:
    """Count the steps of the longest way from the first to an end that passes none twice."""
    return 1 + topic.steps[0].longest_left if topic.steps else 0


def _row(topic: Topic) -> str:
    cells = [
        topic.id,
        topic.title,
        "guide" if topic.steps else "answer",
        str(len(topic.steps) or "–"),
        str(longest_way(topic) or "–"),
        str(len(topic.sources)),
        topic.checked.isoformat(),
        topic.expires.isoformat(),
    ]
    return f"| {' | '.join(cells)} |\n"
