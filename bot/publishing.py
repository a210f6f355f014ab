"""Lays approved answers over the topics: what the database holds, written into the office's own folder.

The rows are the truth, since processes share a database and perhaps no disk; each writes what its folder
lacks.  What has been written once is an officer's from then on: a file that was changed or removed by
hand stays so, because `written.txt` remembers the codes.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from bot import clock
from bot.store import misses
from bot.store.database import Database
from handlers.records.misses import Answer
from handlers.rules.reporting import local_day
from knowledge.draft import Draft, telling, written
from knowledge.own import DATES, QUESTIONS
from knowledge.page import Source

log = logging.getLogger(__name__)

WRITTEN = "written.txt"  # the codes of answers that this folder has taken in


class Publisher:
    """Writes what has been approved since it last looked."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._seen: tuple[int, datetime | None] = (0, None)

    def publish(self) -> bool:
        """Write approved answers that the folder lacks; False where it lacks none."""
        with self._database.read() as connection:
            state = misses.approved_so_far(connection)
            if state == self._seen:
                return False
            answers = misses.approved(connection)
        done = written_codes(self._folder)
        new = [answer for answer in answers if answer.code not in done]
        for answer in new:
            write(self._folder, answer)
            log.info("answer %s is written into %s", answer.code, self._folder)
        self._seen = state
        return bool(new)


def written_codes(folder: Path) -> set[str]:
    """Give the codes of the answers that a folder has taken in."""
    path = folder / WRITTEN
    return set(path.read_text("utf-8").split()) if path.is_file() else set()


def write(folder: Path, answer: Answer) -> None:
    """Write one answer, then remember it: whatever is cut short is written again."""
    if answer.kind == "topic":
        for lang, draft in _drafts(answer):
            put(folder / lang / f"{draft.id}.md", written(draft))
    elif answer.kind == "date":
        checked = _checked(answer)
        _add(folder / DATES, [f"{answer.topic}\t{checked}\t{answer.expires or checked}\tTL-{answer.code}"])
    else:
        rows = [f"{answer.topic}\t{lang}\t{words}\tTL-{answer.code}" for lang, words in answer.wordings]
        _add(folder / QUESTIONS, rows)
    codes = written_codes(folder) | {answer.code}
    put(folder / WRITTEN, "\n".join([*sorted(codes), ""]))


def _add(table: Path, rows: list[str]) -> None:
    before = table.read_text("utf-8").splitlines() if table.is_file() else []
    put(table, "\n".join([*before, *(row for row in rows if row not in before), ""]))


def _checked(answer: Answer) -> date:
    return local_day(answer.decided or clock.now())


def _drafts(answer: Answer) -> Iterator[tuple[str, Draft]]:
    texts = {"vi": (answer.title, answer.text), "en": (answer.title_en, answer.text_en)}
    checked = _checked(answer)
    for lang, (title, text) in texts.items():
        if not text:
            continue
        held = telling(answer.title, answer.text, answer.title_en, answer.text_en)
        yield (
            lang,
            Draft(
                id=answer.topic,
                title=title,
                questions=tuple(words for its, words in answer.wordings if its == lang),
                owner=answer.owner,
                checked=checked,
                expires=answer.expires or checked,
                source=Source(answer.source, answer.url, held),
                answer=text,
            ),
        )


def put(path: Path, text: str) -> None:
    """Write a file whole or not at all, for whoever reads it and for whoever pulls the plug."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
