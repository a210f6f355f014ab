"""Cadres' own words: each line of the table means what stands behind it, and citizens' questions mean nothing here."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers import answers
from handlers.rules import office_words

NAMES = {"lam", "hanh", "nga"}  # of the officer and the heads, as they are typed
TABLE = (Path(__file__).parent / "golden/office-words.txt").read_text("utf-8").splitlines()
ROWS = [line.split(" | ") for line in TABLE if line and not line.startswith("#")]


@pytest.mark.parametrize(("words", "meant"), ROWS, ids=[row[0] for row in ROWS])
def test_words_mean_what_the_table_says(words: str, meant: str) -> None:
    asked = office_words.asked(answers.tokens(words), NAMES)
    said = "-"
    if asked is not None:
        said = asked.intent + (f" {asked.number}" if asked.number else "")
        said += f" ({asked.period})" if asked.period else ""
    assert said == meant


def test_the_table_is_long_enough_and_holds_questions_of_citizens() -> None:
    assert len(ROWS) >= 140
    assert sum(meant == "-" for _words, meant in ROWS) >= 18


@pytest.mark.parametrize(
    ("words", "intent", "behind"),
    [
        ("chưa được, số 6 sai", "return", "số 6 sai"),
        ("trả lại: số 6 sai", "return", "số 6 sai"),
        ("không duyệt", "return", ""),
        ("trả lại", "return", ""),
        ("số 6 sai", "return", "số 6 sai"),
        ("not yet, number 6 is wrong", "return", "number 6 is wrong"),
        ("hỏi lại chị Hạnh số 5 lấy đâu ra", "ask", "số 5 lấy đâu ra"),
        ("số 5 sao cao thế", "ask", "số 5 sao cao thế"),
        ("sao 1284", "ask", "sao 1284"),
    ],
)
def test_a_head_judges_in_half_sentences(words: str, intent: str, behind: str) -> None:
    said = office_words.judging(words, answers.tokens(words), NAMES)
    assert said is not None
    assert (said.intent, said.words) == (intent, behind)


@pytest.mark.parametrize("words", ["duyệt", "ok em", "tình hình", "căn cước làm ở đâu", "số 6", "sao", "hỏi"])
def test_other_words_of_a_head_judge_nothing(words: str) -> None:
    assert office_words.judging(words, answers.tokens(words), NAMES) is None


@pytest.mark.parametrize(
    ("words", "period"),
    [("tình hình", ""), ("nộp chưa", ""), ("xem báo cáo của", ""), ("báo cáo tháng 10", "thang 10")],
)
def test_what_is_asked_of_a_unit_stands_beside_its_name(words: str, period: str) -> None:
    asked = office_words.of_unit(answers.tokens(words))
    assert asked is not None
    assert (asked.intent, asked.period) == ("unit", period)
    assert office_words.of_unit(answers.tokens("họp tối nay")) is None
