"""The talks of tests/conversations/ happen just so on every channel, each through its real client."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from bot.channels.telegram_aiogram import AiogramChannel
from bot.channels.telegram_ptb import PtbChannel
from bot.channels.zalo_bot_client import ZaloBotChannel
from bot.channels.zalo_oa import MOST_BUTTONS
from bot.channels.zalo_oa_client import ZaloOAChannel
from bot.play import play_file
from bot.shelf import Bookcase
from bot.wording import Wording
from tests.contract.stages import (
    PUBLIC,
    Everywhere,
    OneToken,
    OnPolledZaloBot,
    OnTelegram,
    OnTerminal,
    OnTestApi,
    OnWeb,
    OnZaloBot,
    OnZaloOA,
    Turnstile,
)
from tests.npm import CACHE, NotInstallable
from tests.simulators.telegram import TelegramServer
from tests.simulators.telegram_test_api import TelegramTestApi
from tests.simulators.zalo_bot import Modes, ZaloBotServer
from tests.simulators.zalo_oa import ZaloOAServer

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
def on_telegram_test_api(_url: str) -> Iterator[Everywhere]:
    try:
        server = another_server()
    except NotInstallable as reason:
        pytest.skip(str(reason))
    yield OnTestApi(server, lambda: PtbChannel(server.token, api=server.url, poll=SHORT))


@cache
def another_server() -> TelegramTestApi:
    """Start it once, for it takes a while."""
    return TelegramTestApi(CACHE / "telegram-test-api").__enter__()


@pytest.fixture(scope="module", autouse=True)
def the_end() -> Iterator[None]:
    """End that server with the tests that need it."""
    yield
    if another_server.cache_info().currsize:
        another_server().__exit__(None, None, None)
        another_server.cache_clear()


@contextmanager
def on_zalo_bot(_url: str) -> Iterator[Everywhere]:
    with ZaloBotServer(Modes(wrapped=False)) as server:
        yield OnZaloBot(
            server,
            lambda: ZaloBotChannel(
                server.token, api=server.url, webhook=f"{PUBLIC}/hooks/zalo_bot", secret="s" * 20
            ),
        )


@contextmanager
def on_polled_zalo_bot(_url: str) -> Iterator[Everywhere]:
    with ZaloBotServer(Modes(replays="again", photo="photo", as_list=True)) as server:
        turnstile = Turnstile()
        yield OnPolledZaloBot(
            server,
            turnstile,
            lambda: ZaloBotChannel(server.token, api=server.url, poll=SHORT, pause=turnstile.wait),
        )


@contextmanager
def on_zalo_oa(_url: str, *, buttons: bool = False) -> Iterator[Everywhere]:
    with ZaloOAServer(buttons=buttons) as server:
        yield OnZaloOA(server, lambda: official_account(server, buttons=buttons))


@contextmanager
def on_zalo_oa_that_refuses_buttons(_url: str) -> Iterator[Everywhere]:
    with ZaloOAServer(buttons=False) as server:
        stage = OnZaloOA(server, lambda: official_account(server, buttons=True))
        yield stage
        refused = sum(call.error == -233 for call in server.calls)
        few_enough = any(len(message.choices) <= MOST_BUTTONS for message in stage.offered())
        assert refused == few_enough  # tried once, and then never again


def official_account(server: ZaloOAServer, *, buttons: bool) -> ZaloOAChannel:
    return ZaloOAChannel(
        server.oa,
        OneToken(server),
        app=server.app,
        secret=server.secret,
        api=server.url,
        buttons=buttons,
    )


@contextmanager
def on_zalo_oa_with_buttons(url: str) -> Iterator[Everywhere]:
    with on_zalo_oa(url, buttons=True) as stage:
        yield stage


@contextmanager
def on_web(url: str) -> Iterator[Everywhere]:
    yield OnWeb(url)


@contextmanager
def on_terminal(_url: str) -> Iterator[Everywhere]:
    yield OnTerminal()


CHANNELS = {
    "telegram, aiogram": on_telegram_aiogram,
    "telegram, python-telegram-bot": on_telegram_ptb,
    "telegram-test-api": on_telegram_test_api,
    "zalo bot": on_zalo_bot,
    "zalo bot, polled": on_polled_zalo_bot,
    "zalo official account": on_zalo_oa,
    "zalo official account, buttons on": on_zalo_oa_with_buttons,
    "zalo official account, buttons refused": on_zalo_oa_that_refuses_buttons,
    "web": on_web,
    "terminal": on_terminal,
}

# What a platform has no way to carry, and is put into the inbox directly; anything else is a fault of ours.
TELEGRAM = {"official"}  # nobody writes in a bot's place there
ZALO_BOT = {"came", "contact", "file", "left", "official", "old button"}
WORDS_ONLY = {"came", "contact", "file", "left", "official", "photo", "sticker", "voice"}
PUT_IN_DIRECTLY = {
    "telegram, aiogram": TELEGRAM,
    "telegram, python-telegram-bot": TELEGRAM,
    "telegram-test-api": WORDS_ONLY,
    "zalo bot": ZALO_BOT,
    "zalo bot, polled": ZALO_BOT,
    "zalo official account": {"old button"},
    "zalo official account, buttons on": set(),
    "zalo official account, buttons refused": {"old button"},
    "web": {"came", "contact", "left", "official"},
    "terminal": WORDS_ONLY | {"old button"},
}


# One platform, heard or served in several ways behind one reading and writing: these take the talks in turn.
IN_TURN = (
    ("telegram, aiogram", "telegram, python-telegram-bot", "telegram-test-api"),
    ("zalo bot", "zalo bot, polled"),
    (
        "zalo official account",
        "zalo official account, buttons on",
        "zalo official account, buttons refused",
    ),
    ("web",),
    ("terminal", "", ""),  # it writes plain words and reads lines: every third talk shows that
)
ALL = "TOSO_CONTRACT"  # "all": every talk on every stage


def plays_on(number: int, channel: str) -> bool:
    """Say whether the talk with this number plays on a stage."""
    return os.environ.get(ALL) == "all" or channel in {group[number % len(group)] for group in IN_TURN}


PLAYS = [
    pytest.param(talk, channel, id=f"{talk.stem}-{channel}")
    for number, talk in enumerate(TALKS)
    for channel in CHANNELS
    if plays_on(number, channel)
]


@pytest.mark.parametrize(("talk", "channel"), PLAYS)
def test_the_talk_happens_as_written_on(
    talk: Path,
    channel: str,
    sqlite_url: str,
    bookcase: Bookcase,
    wording: Wording,
    record_property: Callable[[str, object], None],
) -> None:
    with CHANNELS[channel](sqlite_url) as stage:
        try:
            play_file(talk, sqlite_url, bookcase, wording, stage=stage)
        finally:
            stage.stop()
    assert set(stage.direct) <= PUT_IN_DIRECTLY[channel]
    assert stage.carried
    record_property("channel", channel)
    record_property("carried", stage.carried)
    record_property("direct", stage.direct)
