"""Whoever files the shipped monthly report writes, on average, at most one message a value: counted over the talks."""

from __future__ import annotations

import re
from pathlib import Path

from bot import transcript
from bot.transcript import Effect, Expects, Presses, Says, Sends
from knowledge.folding import fold
from knowledge.form_files import load_forms

TALKS = sorted((Path(__file__).parent / "conversations").glob("*.txt"))
VALUES = len(load_forms()["monthly"].indicators)
OPENS = {"bao cao", "lam bao cao", "report"}
SENT = re.compile(r"report \d+:monthly:\S+ submitted version 1 by (.+)")
FIRST = f"**1/{VALUES}. "
RECEIPT = re.compile(r"(?:Đã gửi lúc|Sent at) [^\n]*(?:bản|version) 1\.")


def messages(text: str) -> list[int]:
    """Give of each report sent in a talk how many messages its sender wrote, from opening it to sending it.

    What was asked, put off or sent amid it counts too: a question about a definition, a photo, the last tap.
    """
    written: dict[str, int] = {}
    found = []
    for line in transcript.read(text):
        match transcript.parse(line):
            case Presses(name=name, choice="file-report"):
                written.setdefault(name, 0)
                written[name] += 1
            case Says(name=name, text=words) if name in written or fold(words) in OPENS:
                written[name] = written.get(name, 0) + 1
            case Presses(name=name) | Sends(name=name) if name in written:
                written[name] += 1
            case Effect(text=effect) if (sent := SENT.fullmatch(effect)) and sent[1] in written:
                found.append(written.pop(sent[1]))
            case Expects(name=name, text=told) if FIRST in told:
                written.setdefault(name, 1)  # it was opened by a letter or a digit
            case Expects(name=name, text=told) if name in written and RECEIPT.match(told):
                found.append(written.pop(name))
    return found


def test_a_value_takes_at_most_one_message_on_average() -> None:
    counted = [count for talk in TALKS for count in messages(talk.read_text("utf-8"))]
    assert len(counted) >= 20
    assert max(counted) > VALUES  # those who answer question by question are among them
    assert sum(counted) <= VALUES * len(counted), counted


def test_what_is_asked_and_pressed_on_the_way_counts_too() -> None:
    talk = """
Chị Hạnh [file-report]
Chị Hạnh: nghĩa là gì
Chị Hạnh: 9/11
Chị Hạnh (photo)
Chị Hạnh [send-report]
=> report 1:monthly:2026-11 submitted version 1 by Chị Hạnh
Chị Hạnh: đính chính
"""
    assert messages(talk) == [5]
