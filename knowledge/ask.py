"""One question and what the base makes of it, as a line of facts for measuring."""

from __future__ import annotations

from typing import Any

from knowledge.search import Index


def answer_line(index: Index, question: str) -> dict[str, Any]:
    """Give question, language, topic, score and the runners-up; topic None unless it would be answered.

    A person is also offered topics to choose from; a measure counts only what would be said at once.
    """
    found = index.search(question)
    answered = found.verdict == "answer"
    hits = [{"topic": hit.topic, "score": hit.score} for hit in found.hits]
    return {
        "question": question,
        "lang": found.lang,
        "topic": found.hits[0].topic if answered else None,
        "score": found.hits[0].score if found.hits else 0.0,
        "others": hits[1:] if answered else hits,
    }
