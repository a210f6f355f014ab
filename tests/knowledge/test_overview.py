"""The table of all topics is made from the topics and from nothing else."""

from __future__ import annotations

from pathlib import Path

import knowledge
from knowledge.library import load
from knowledge.overview import longest_way, table

SAMPLE = Path(__file__).parent / "topics-sample"
HOUSE = Path(knowledge.__file__).parents[1]


def test_the_table_in_the_documents_is_as_made() -> None:
    made = table(load(HOUSE / "knowledge" / "topics"))
    assert (HOUSE / "docs" / "topics.md").read_text("utf-8") == made, "Run: make topics"


def test_each_topic_has_a_row() -> None:
    rows = table(load(SAMPLE)).splitlines()
    assert rows[-3:] == [
        "| library.card | Làm thẻ thư viện | guide | 4 | 3 | 1 | 2026-11-01 | 2027-05-01 |",
        "| library.lost | Mất sách hoặc mất thẻ thư viện | answer | – | – | 1 | 2026-11-01 | 2027-05-01 |",
        "| sport.field | Đặt sân bóng của nhà văn hóa | guide | 2 | 2 | 1 | 2026-11-01 | 2027-05-01 |",
    ]
    assert "There are 2 guides,\nwith 6 steps, and 1 answers; 3 of the 3 topics" in "\n".join(rows)


def test_the_longest_way_passes_no_step_twice() -> None:
    card, lost, field = load(SAMPLE).topics("vi")
    assert [longest_way(topic) for topic in (card, lost, field)] == [3, 0, 2]
