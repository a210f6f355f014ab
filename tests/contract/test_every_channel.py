"""The talks of tests/conversations/ happen just so on every channel, each through its real client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.telegram_aiogram import AiogramChannel
from bot.channels.telegram_ptb import PtbChannel
from bot.play import play_file
from bot.shelf import Bookcase
from bot.wording import Wording
from tests.contract.stages import Everywhere, OnTelegram, OnTerminal, OnWeb
from tests.simulators.telegram import TelegramServer

TALKS = sorted((Path(__file__).parents[1] / "conversations").glob("*.txt"))
SHORT = timedelta(seconds=5)


@contextmanager
def on_telegram_aiogram(_url: str) -> Iterator[Everywhere]:
    with TelegramServer() as server:
        yield OnTelegram(server, lambda: AiogramChannel(server.token, api=server.url, poll=SHORT))


@contextmanager
def on_telegram_ptb(_url: str) -> Iterator[Everywhere]:
    with TelegramServer() as server:
        yield OnTelegram(server, lambda: PtbChannel(server.token, api=server.url, poll=SHORT))


@contextmanager
def on_web(url: str) -> Iterator[Everywhere]:
    yield OnWeb(url)


@contextmanager
def on_terminal(_url: str) -> Iterator[Everywhere]:
    yield OnTerminal()


CHANNELS = {
    "telegram, aiogram": on_telegram_aiogram,
    "telegram, ptb": on_telegram_ptb,
    "web": on_web,
    "terminal": on_terminal,
}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("talk", TALKS, ids=lambda path: path.stem)
def test_the_talk_happens_as_written_on(
    talk: Path, channel: str, sqlite_url: str, bookcase: Bookcase, wording: Wording
) -> None:
    with CHANNELS[channel](sqlite_url) as stage:
        try:
            play_file(talk, sqlite_url, bookcase, wording, stage=stage)
        finally:
            stage.stop()
