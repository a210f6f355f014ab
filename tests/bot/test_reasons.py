"""Whatever a platform answers, the doctor says why in the reader's language, and never in English inside it."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import backup, clock, doctor
from bot.channels import Channel, Refused, TryLater, zalo_oa, zbs
from bot.channels.mail import MailChannel
from bot.channels.reasons import IN_THE_LOG, reason_of
from bot.channels.telegram_aiogram import AiogramChannel
from bot.channels.telegram_ptb import PtbChannel
from bot.channels.zalo_bot_client import ZaloBotChannel
from bot.channels.zalo_oa_client import ZaloOAChannel
from bot.channels.zbs import ZbsChannel
from bot.findings import Finding
from bot.outbox import REPEATED_IN_DOUBT
from bot.settings import Secret, Settings
from bot.store import tables as t
from bot.store.database import Database
from bot.tokens import TROUBLE
from bot.wording import Wording
from handlers.text import Text, _
from tests.bot.office import free_port
from tests.simulators.serving import Serving

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
TOKEN = "7001:AAHsimulated-token-of-thirty-five-chars"
QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|`[^`]*`|\S*/\S*")  # a platform's own words, commands and paths
ENGLISH = re.compile(r"\b(the|is|are|was|not|of|for|cannot|does|this|with|and|which|that|from|by|it)\b", re.I)


class OneToken:
    """A keeper with one token for ever."""

    async def access(self) -> str:
        return "access"

    async def renewed(self, used: str) -> str:
        return used

    def headers(self, access: str) -> dict[str, str]:
        return {"access_token": access}

    async def tend(self) -> None:
        """Do nothing."""


CHANNELS: dict[str, Callable[[str], Channel]] = {
    "telegram, aiogram": lambda url: AiogramChannel(TOKEN, api=url),
    "telegram, python-telegram-bot": lambda url: PtbChannel(TOKEN, api=url),
    "zalo bot": lambda url: ZaloBotChannel(TOKEN, api=url),
    "zalo official account": lambda url: ZaloOAChannel("1", OneToken(), app="2", secret="s", api=url),
    "zbs": lambda url: ZbsChannel(OneToken(), "7", ("a=words",), business=url, api=url),  # type: ignore[arg-type]
    "mail": lambda url: MailChannel(
        "127.0.0.1", int(url.rpartition(":")[2]), "a@example.vn", password=Secret(""), tls="none"
    ),
}
ANSWERS = {
    "a page": (502, b"<html>trouble</html>"),
    "no JSON": (200, b"hello"),
    "nothing like it": (200, b"[]"),
    "Telegram refuses": (400, b'{"ok":false,"error_code":400,"description":"Bad Request: it is not of this"}'),
    "Telegram's trouble": (500, b'{"ok":false,"error_code":500,"description":"Internal: it is not of this"}'),
    "too fast": (429, b'{"ok":false,"error_code":429,"description":"it is not","parameters":{"retry_after":9}}'),
    "Zalo's unknown error": (200, b'{"error":-999,"message":"it is not of this kind"}'),
}  # fmt: skip


def english(words: str) -> list[str]:
    return ENGLISH.findall(QUOTED.sub("", words))


def asked(make: Callable[[str], Channel], url: str) -> list[Finding]:
    async def ask() -> list[Finding]:
        channel = make(url)
        try:
            return list(await doctor._asked(channel))
        finally:
            await channel.close()

    return asyncio.run(ask())


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_line_that_is_dead_is_told_in_vietnamese(channel: str, wording: Wording) -> None:
    (finding,) = asked(CHANNELS[channel], f"http://127.0.0.1:{free_port()}")
    words = wording.word(finding.what, "vi")
    assert finding.state == "error"
    assert "không nối được với " in words
    assert english(words) == []
    assert "cannot be reached" in wording.word(finding.what, "en")


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("channel", [name for name in CHANNELS if name != "mail"])
def test_whatever_comes_as_an_answer_is_told_in_vietnamese(
    channel: str, answer: str, wording: Wording
) -> None:
    status, body = ANSWERS[answer]

    def give(_request: Request) -> Response:
        return Response(body, status, media_type="application/json")

    server = Serving(Starlette(routes=[Route("/{path:path}", give, methods=["GET", "POST"])]))
    try:
        findings = asked(CHANNELS[channel], server.url)
    finally:
        server.stop()
    assert [finding for finding in findings if finding.state != "ok"] != []
    for finding in findings:
        words = wording.word(finding.what, "vi")
        assert english(words) == []
        assert wording.word(IN_THE_LOG, "vi") not in words


@pytest.mark.parametrize(
    ("reason", "number"),
    [
        *((words, code) for code, (_kind, words) in zalo_oa.ERRORS.items()),
        *((words, code) for code, (_kind, words) in zbs.ERRORS.items()),
    ],
)
def test_every_error_of_zalos_has_its_words_and_its_number(
    reason: Text, number: int, wording: Wording
) -> None:
    told = wording.word(zalo_oa.WITH_CODE(what=reason, code=str(number)), "vi")
    assert english(told) == []
    assert told.endswith(f" (lỗi {number})")
    assert str(zalo_oa.WITH_CODE(what=reason, code=str(number))) == f"{reason.msgid} ({number})"


def test_a_reason_nobody_has_words_for_is_left_to_the_log() -> None:
    assert reason_of(TryLater("a batch without update ids")) == IN_THE_LOG
    assert reason_of(Refused(_("not at this hour"))) == _("not at this hour")
    assert str(Refused(_("{what} ({code})")(what=_("not at this hour"), code="-234"))) == (
        "not at this hour (-234)"
    )


@pytest.fixture
def still() -> Iterator[None]:
    clock.stop_at(NOW)
    yield
    clock.reset()


@pytest.mark.parametrize("state", TROUBLE)
def test_no_english_is_left_in_what_the_doctor_finds(
    state: str, sqlite_url: str, tmp_path: Path, wording: Wording, still: None
) -> None:
    settings = Settings(
        database=sqlite_url, backup_folder=str(tmp_path), channels=("web", "zalo_oa"), zalo_oa_id="1"
    )
    backup.daily(settings, NOW)
    database = Database(sqlite_url)
    with database.write() as connection:
        since = NOW - timedelta(hours=30)
        trouble = TROUBLE[state].format(words="it is not of this" if state == "refused" else "ConnectError")
        connection.execute(
            insert(t.tokens).values(
                account="zalo_oa:1", access="a", refresh="r", since=since, until=NOW, trouble=trouble
            )
        )
        person = connection.scalar(
            insert(t.conversations).values(touched=NOW).returning(t.conversations.c.id)
        )
        contact = connection.scalar(
            insert(t.contacts)
            .values(account="zalo_oa:1", chat="c", conversation=person, heard=NOW)
            .returning(t.contacts.c.id)
        )
        for number, kind in enumerate(REPEATED_IN_DOUBT):
            row = {"account": "zalo_oa:1", "contact": contact, "kind": kind, "priority": 0, "message": "m"}
            connection.execute(insert(t.outbox).values(number=number, state=t.FAILED, at=NOW, **row))
        connection.execute(insert(t.faults).values(account="zalo_oa:1", fault="signature", calls=9, at=NOW))
    database.close()
    found = list(doctor.examine(settings))
    assert len([finding for finding in found if finding.state != "ok"]) >= 2 + len(REPEATED_IN_DOUBT)
    for finding in found:
        for text in filter(None, (finding.what, finding.remedy)):
            assert english(wording.word(text, "vi")) == []
    told = [wording.word(finding.what, "vi") for finding in found]
    assert [words for words in told if "chưa đổi được cặp token" in words and "nhật ký" not in words]


def test_a_library_that_is_missing_is_told_in_vietnamese(
    sqlite_url: str, wording: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bot.channels.telegram_ptb", None)  # as where its library is not there
    settings = Settings(database=sqlite_url, channels=("telegram",), telegram_driver="ptb")
    (finding,) = doctor.ask(settings)
    assert wording.word(finding.what, "vi").startswith(
        "Telegram cần bot.channels.telegram_ptb mà máy chưa có"
    )
