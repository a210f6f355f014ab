"""What one platform cannot show of what was sent on another: an address of ours, or honest words, never silence."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bot.channels import Carried, Channel
from bot.channels.shows import shows
from bot.channels.zalo_bot_client import ZaloBotChannel
from bot.channels.zalo_oa_client import ZaloOAChannel
from bot.play import Player
from bot.shelf import Bookcase
from bot.terminal import rendered
from bot.transcript import read
from bot.wording import Wording
from handlers.talk import Message
from handlers.turn import UNSHOWN
from tests.bot import things
from tests.bot.test_web_files import ADDRESS, asked, kept, passing_on
from tests.bot.test_web_server import Site
from tests.contract.stages import OneToken
from tests.simulators.zalo_bot import ZaloBotServer
from tests.simulators.zalo_oa import ZaloOAServer

FILES = {
    "photo": things.WEBP, "voice": things.AAC, "ogg": things.OGG, "pdf": things.PDF, "xlsx": things.XLSX,
}  # fmt: skip
OFFERED = re.compile(r"24 giờ: (https://\S+)$")


@pytest.fixture
def site(sqlite_url: str, bookcase: Bookcase, tmp_path: Path) -> Iterator[Site]:
    served = Site(
        sqlite_url, bookcase, passing_on, media_folder=str(tmp_path / "media"), public_address=ADDRESS
    )
    yield served
    served.stop()


def sends(channel: Channel, chat: str, message: Message, file: Carried) -> None:
    async def send() -> None:
        try:
            await channel.send(chat, message, file)
        finally:
            await channel.close()

    asyncio.run(send())


def words(wording: Wording) -> Message:
    return Message("(gửi tệp)", media="kept", unseen=wording.word(UNSHOWN, "vi"))


def opened(site: Site, text: str, file: Carried) -> bool:
    """Say whether the words offer an address; what it gives must be the file, to be saved."""
    if (offered := OFFERED.search(text)) is None:
        return False
    given = asked(site, offered[1])
    assert given.content == file.path.read_bytes()
    assert given.headers["content-disposition"].startswith("attachment")
    return True


def test_whatever_a_zalo_bot_does_not_show_can_be_opened_at_an_address(site: Site, wording: Wording) -> None:
    with ZaloBotServer() as zalo:
        zalo.public[ADDRESS] = f"http://127.0.0.1:{site.port}"
        huong = zalo.person("Chị Hường")
        huong.writes("chào")
        linked = set()
        for name, file in kept(site, **FILES).items():
            sends(ZaloBotChannel(zalo.token, api=zalo.url), huong.id, words(wording), file)
            shown = huong.hears("(gửi tệp)")
            if opened(site, shown.text, file):
                linked.add(name)
            elif name == "voice":
                voice = huong.hears().voice
                assert asked(site, voice).content == things.AAC
            else:
                assert shown.content == things.WEBP
        assert linked == {"ogg", "pdf", "xlsx"}


def test_whatever_an_official_account_does_not_show_can_be_opened_at_an_address(
    site: Site, wording: Wording
) -> None:
    with ZaloOAServer() as zalo:
        huong = zalo.person("Chị Hường")
        huong.spoke = zalo.seconds()
        linked = set()
        for name, file in kept(site, **FILES).items():
            channel = ZaloOAChannel(zalo.oa, OneToken(zalo), app=zalo.app, secret=zalo.secret, api=zalo.url)
            sends(channel, huong.id, words(wording), file)
            if opened(site, huong.hears("(gửi tệp)").text, file):
                linked.add(name)
        assert linked == {"photo", "voice", "ogg", "xlsx"}
        assert [shown.file for shown in huong.sees() if shown.file] == ["pdf.pdf"]


def test_a_terminal_prints_the_address(site: Site, wording: Wording) -> None:
    (file,) = kept(site, pdf=things.PDF).values()
    assert opened(site, rendered(words(wording), "Tổ Số", file.link).plain, file)
    assert OFFERED.search(rendered(words(wording), "Tổ Số").plain) is None


@pytest.mark.parametrize(
    ("account", "type_", "size", "itself"),
    [
        ("web", "application/pdf", 1, True),
        ("telegram:7001", "audio/ogg", 1, True),
        ("zalo_oa:1", "image/png", 2**20, True),
        ("zalo_oa:1", "image/png", 2**20 + 1, False),
        ("zalo_oa:1", "application/pdf", 1, True),
        ("zalo_oa:1", "audio/aac", 1, False),
        ("zalo_bot:1", "image/png", 1, False),
        ("terminal", "image/png", 1, False),
        ("", "image/png", 1, False),
    ],
)
def test_what_a_platform_shows_without_an_address_of_ours_is_known(
    account: str, type_: str, size: int, itself: bool
) -> None:
    assert shows(account, type_, size) == itself


class Unaddressed(Bookcase):
    """The knowledge of an office whose server nobody reaches from outside."""

    def __init__(self, bookcase: Bookcase) -> None:
        shelf = bookcase.shelf()
        office = msgspec.structs.replace(shelf.office, opens=False)
        self._shelf = msgspec.structs.replace(shelf, office=office)
        self.understand = bookcase.understand  # type: ignore[method-assign]


TALK = """
@ Cô Thắm  {citizen}  citizen of "tổ 7, phường Đông Ngạc, Hà Nội"
@ Chị Hường  {helper}  member of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"

Cô Thắm: người thật
bot > Cô Thắm: …
Cô Thắm: màn hình báo lỗi đỏ
bot > Cô Thắm: … [yes | no]
Cô Thắm (voice)
bot > Cô Thắm: … [yes | no]
Cô Thắm [yes]
bot > Cô Thắm: … [send | edit | drop | way]
Cô Thắm [send]
bot > Cô Thắm: Đã gửi, mã **YC-6R3**. …
bot > Chị Hường: Việc mới **YC-6R3** … [claim | skip]
Chị Hường [claim]
bot > Cô Thắm: Chị Hường, tổ công nghệ số tổ dân phố 7, đã nhận YC-6R3. …
bot > Chị Hường: Chị đã nhận YC-6R3. … [how-to | finish | pass-on]
YC-6R3 > Chị Hường: (gửi tin thoại)
{lost}
Cô Thắm (photo)
YC-6R3 > Chị Hường: (gửi ảnh)
{lost_again}
Chị Hường (voice)
Chị Hường > Cô Thắm: (gửi tin thoại)
{back}
"""
LOST = "bot > {to}: YC-6R3: {what} chưa sang được, vì chỗ {other} đọc tin không mở được. {You} gõ vài chữ thay nhé."


@pytest.mark.parametrize(
    ("citizen", "helper", "lost", "back_lost"),
    [
        ("zalo_bot", "telegram", (), True),
        ("telegram", "zalo_bot", ("tin thoại", "ảnh"), False),
        ("telegram", "zalo_oa", ("tin thoại",), False),
        ("web", "telegram", (), False),
    ],
)
def test_whoever_sent_what_did_not_get_across_is_told_so(
    citizen: str,
    helper: str,
    lost: tuple[str, ...],
    back_lost: bool,
    sqlite_url: str,
    bookcase: Bookcase,
    wording: Wording,
) -> None:
    def told(what: str) -> str:
        return LOST.format(to="Cô Thắm", what=what, other="chị Hường", You="Anh/chị") if what in lost else ""

    back = LOST.format(to="Chị Hường", what="tin thoại", other="người nhờ", You="Chị")
    script = TALK.format(
        citizen=citizen,
        helper=helper,
        lost=told("tin thoại"),
        lost_again=told("ảnh"),
        back=back if back_lost else "bot > Chị Hường: → người nhờ, YC-6R3: tin thoại",
    )
    Player(sqlite_url, Unaddressed(bookcase), wording, lambda _line: None).play(read(script))
