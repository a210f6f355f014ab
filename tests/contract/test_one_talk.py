"""One talk that starts on Zalo and goes on on the web, with a helper on Telegram and photos crossing."""

from __future__ import annotations

from pathlib import Path

from bot.channels.telegram_ptb import PtbChannel
from bot.channels.zalo_oa_client import ZaloOAChannel
from bot.play import play_file
from bot.shelf import Bookcase
from bot.wording import Wording
from tests.contract.stages import Mixed, OneToken, OnTelegram, OnWeb, OnZaloOA
from tests.contract.test_every_channel import SHORT
from tests.simulators.telegram import TelegramServer
from tests.simulators.zalo_oa import ZaloOAServer

TALK = Path(__file__).with_name("mot-cau-chuyen.txt")


def test_a_talk_crosses_three_channels_with_its_photos(
    sqlite_url: str, bookcase: Bookcase, wording: Wording
) -> None:
    with ZaloOAServer() as zalo, TelegramServer() as telegram:

        def account() -> ZaloOAChannel:
            return ZaloOAChannel(
                zalo.oa, OneToken(zalo), app=zalo.app, secret=zalo.secret, api=zalo.url, hosts=(zalo.url,)
            )

        stages = {
            "zalo_oa": OnZaloOA(zalo, account),
            "telegram": OnTelegram(
                telegram, lambda: PtbChannel(telegram.token, api=telegram.url, poll=SHORT)
            ),
            "web": OnWeb(sqlite_url),
        }
        stage = Mixed(stages)
        try:
            play_file(TALK, sqlite_url, bookcase, wording, stage=stage)
        finally:
            for each in stages.values():
                each.stop()
        assert stage.carried == [(stages["telegram"].account, "image/png"), ("web", "image/png")]
        (photo,) = telegram.called("sendPhoto")
        assert photo.status == 200
