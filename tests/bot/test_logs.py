"""The log tells where something failed, and never what somebody wrote."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pytest
from sqlalchemy import insert

from bot.logs import Discreet
from bot.store import tables as t
from bot.store.database import Database

WORDS = "tôi là Nguyễn Thị Lan"


def reading(_url: str) -> None:
    int(WORDS)


def storing(url: str) -> None:
    database = Database(url)
    try:
        with database.write() as connection:
            connection.execute(insert(t.web_talks).values(chat=WORDS, secret=WORDS, at=None))
    finally:
        database.close()


def one_after_another(url: str) -> None:
    try:
        reading(url)
    except ValueError as error:
        raise KeyError(WORDS) from error


@pytest.mark.parametrize("fails", [reading, storing, one_after_another])
def test_a_librarys_error_is_logged_with_its_place_and_without_words(
    fails: Callable[[str], None], url: str
) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Discreet("%(message)s"))
    log = logging.Logger("of a library")
    log.addHandler(handler)
    try:
        fails(url)
    except Exception:
        log.exception("a job failed")
    told = written.getvalue()
    assert told.startswith("a job failed\n")
    assert f" {fails.__name__}" in told
    assert "Error" in told
    assert "Lan" not in told
