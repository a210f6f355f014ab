"""One question and what the base makes of it, as a line of facts for measuring."""

from __future__ import annotations

from typing import Any

from knowledge.search import Index

SHOWN = 3  # topics that a person chooses from


def answer_line(index: Index, question: str) -> dict[str, Any]:
    """Give question, language, topic, score and the others; topic None where nothing would be shown.

    The topic is the one that is said at once, or the first of the choices that are offered; the others are the
    further choices, or the runners-up.
    """
    found = index.search(question)
    shown = [
        {"topic": hit.topic, "score": hit.score}
        for hit in found.hits[: 0 if found.verdict == "unknown" else SHOWN]
    ]
    return {
        "question": question,
        "lang": found.lang,
        "topic": shown[0]["topic"] if shown else None,
        "score": found.hits[0].score if found.hits else 0.0,
        "others": shown[1:],
    }
