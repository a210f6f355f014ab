"""Both Telegram drivers against a Bot API server that others have written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.telegram_aiogram import AiogramChannel
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_ptb import PtbChannel
from handlers.talk import Button, Heard, Message
from tests.npm import NotInstallable
from tests.simulators.telegram_test_api import TelegramTestApi

INSTALLED = Path(__file__).parents[2] / ".cache" / "telegram-test-api"


@pytest.mark.parametrize("driver", [AiogramChannel, PtbChannel])
def test_a_short_talk_goes_both_ways(driver: type[TelegramChannel]) -> None:
    try:
        server = TelegramTestApi(INSTALLED)
    except NotInstallable as reason:
        pytest.skip(str(reason))
    with server as telegram:
        kept = asyncio.run(talk(telegram, driver))
    assert kept == ["xin chào", "yes"]
    assert "answerCallbackQuery" in telegram.called


async def talk(telegram: TelegramTestApi, driver: type[TelegramChannel]) -> list[str]:
    kept: dict[str, str] = {}
    channel = driver(telegram.token, api=telegram.url, poll=timedelta(seconds=5))

    async def take(heard: Sequence[Heard]) -> bool:
        for one in heard:
            kept[one.key] = one.incoming.text or one.incoming.choice
            if one.incoming.text:
                await channel.send(one.incoming.chat, Message("Đúng **không**?", (Button("yes", "Có"),)))
        return True

    def person() -> bool:
        telegram.writes(42, "xin chào")
        question = telegram.hears(42, "Đúng không?")
        telegram.presses(42, question.data[question.labels.index("Có")])
        return telegram.waits_until(lambda: "answerCallbackQuery" in telegram.called)

    receiving = asyncio.create_task(channel.receive(take))
    assert await asyncio.to_thread(person)
    receiving.cancel()
    await asyncio.gather(receiving, return_exceptions=True)
    await channel.close()
    return list(kept.values())
