"""Logs name rows and places in the code, never what anybody wrote."""

from __future__ import annotations

import logging

import pytest

from bot import clock
from bot.core import Core
from bot.shelf import Bookcase
from bot.store.database import Database
from bot.trouble import where
from bot.wording import Wording
from handlers.talk import Heard, Incoming
from handlers.turn import Turn

WORDS = "nhà bác Tư ở cuối xóm"


def test_an_error_is_told_by_its_kind_and_place_without_its_message() -> None:
    try:
        int(WORDS)
    except ValueError as error:
        told = where(error)
    assert told.startswith("ValueError at tests/bot/test_trouble.py:")
    assert WORDS not in told


def test_the_cause_of_an_error_is_told_as_well() -> None:
    try:
        try:
            int(WORDS)
        except ValueError as first:
            raise KeyError(WORDS) from first
    except KeyError as error:
        told = where(error)
    assert "KeyError at" in told
    assert "after ValueError at" in told
    assert WORDS not in told


def test_a_decision_that_fails_leaves_no_words_in_the_log(
    url: str, bookcase: Bookcase, wording: Wording, caplog: pytest.LogCaptureFixture
) -> None:
    def decide(turn: Turn) -> None:
        raise ValueError(turn.text)

    core = Core(Database(url), bookcase, wording, decide=decide)
    event = Incoming(account="web", chat="a", sender="a", sent=clock.now(), text=WORDS)
    with caplog.at_level(logging.DEBUG):
        core.intake.take_now([Heard("a:1", event)])
        core.turns.take()
        core.turns.take()
    core.close()
    assert "could not be decided: ValueError at" in caplog.text
    assert WORDS not in caplog.text
