"""What Telegram keeps for us (webhook, commands), what it is asked, and what it delivers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import httpx
import pytest

from bot import clock
from bot.channels import Post, Refused
from bot.channels.telegram import ALLOWED_UPDATES
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_ptb import PtbChannel
from bot.wording import Wording, shortcuts
from handlers.talk import Button, Message
from knowledge.languages import LANGUAGES
from tests.simulators.telegram import Seat, TelegramServer

Done = TypeVar("Done")
ADDRESS = "https://toso.example.vn/hooks/telegram"
SECRET = "sen-hong_2026"
HOOK: dict[str, Any] = {"address": ADDRESS, "secret": SECRET}
PROOF = {"x-telegram-bot-api-secret-token": SECRET}


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture
def tham(telegram: TelegramServer) -> Seat:
    person = telegram.person("Cô Thắm")
    person.writes("xin chào")
    return person


def with_channel(
    telegram: TelegramServer, act: Callable[[TelegramChannel], Awaitable[Done]], **settings: Any
) -> Done:
    async def run() -> Done:
        channel = PtbChannel(telegram.token, api=telegram.url, **settings)
        try:
            return await act(channel)
        finally:
            await channel.close()

    return asyncio.run(run())


def tend(telegram: TelegramServer, times: int = 1, **settings: Any) -> None:
    async def act(channel: TelegramChannel) -> None:
        for _time in range(times):
            await channel.tend()

    with_channel(telegram, act, **settings)


def found(telegram: TelegramServer, wording: Wording, **settings: Any) -> list[tuple[str, str]]:
    findings = with_channel(telegram, lambda channel: channel.check(), **settings)
    return [(one.state, wording.word(one.what, "vi")) for one in findings]


def calls(telegram: TelegramServer) -> list[str]:
    return [call.method for call in telegram.calls]


# --- the webhook that Telegram keeps ---


def test_a_missing_webhook_is_set_once(telegram: TelegramServer) -> None:
    tend(telegram, times=3, **HOOK)
    assert telegram.webhook["url"] == ADDRESS
    assert telegram.webhook["secret_token"] == SECRET
    assert set(telegram.webhook["allowed_updates"]) == set(ALLOWED_UPDATES)
    assert calls(telegram).count("setWebhook") == 1


def test_a_webhook_that_another_has_set_is_set_back(
    telegram: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def act(channel: TelegramChannel) -> None:
        await channel.tend()
        other = {"url": "https://other.example.vn/x"}
        httpx.post(f"{telegram.url}/bot{telegram.token}/setWebhook", json=other)
        await channel.tend()

    with_channel(telegram, act, **HOOK)
    assert telegram.webhook["url"] == ADDRESS
    assert caplog.text.count("missing or another's") == 2


def test_an_older_secret_is_replaced_at_the_start(telegram: TelegramServer) -> None:
    tend(telegram, address=ADDRESS, secret="older")
    tend(telegram, **HOOK)
    assert telegram.webhook["secret_token"] == SECRET


def test_whoever_polls_removes_the_webhook(telegram: TelegramServer) -> None:
    tend(telegram, **HOOK)
    tend(telegram)
    assert telegram.webhook == {}


def test_with_a_webhook_nobody_polls(telegram: TelegramServer, tham: Seat) -> None:
    async def act(channel: TelegramChannel) -> None:
        async def take(heard: object) -> bool:
            raise AssertionError

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(channel.receive(take), 0.05)

    with_channel(telegram, act, **HOOK)
    assert calls(telegram) == []


# --- what is delivered there ---


def delivered(telegram: TelegramServer, headers: dict[str, str], body: bytes, **settings: Any) -> Post:
    async def act(channel: TelegramChannel) -> Post:
        post = channel.post(headers, body)
        await channel.acknowledged(post)
        return post

    return with_channel(telegram, act, **(HOOK | settings))


def body(telegram: TelegramServer) -> bytes:
    return json.dumps(telegram.updates[-1]).encode()


def test_a_delivery_with_the_secret_is_heard(telegram: TelegramServer, tham: Seat) -> None:
    post = delivered(telegram, PROOF, body(telegram))
    assert (post.status, post.fault) == (200, "")
    assert [one.incoming.text for one in post.heard] == ["xin chào"]
    assert post.heard[0].key == str(telegram.updates[-1]["update_id"])


@pytest.mark.parametrize(
    "headers", [{}, {"x-telegram-bot-api-secret-token": "sen"}, {"x-telegram-bot-api-secret-token": "sên"}]
)
def test_a_delivery_without_the_secret_is_nobodys(
    telegram: TelegramServer, tham: Seat, headers: dict[str, str]
) -> None:
    post = delivered(telegram, headers, body(telegram))
    assert (post.status, post.fault, post.heard) == (401, "secret", ())


def test_where_no_webhook_is_wanted_an_empty_secret_opens_nothing(
    telegram: TelegramServer, tham: Seat
) -> None:
    post = delivered(telegram, {}, body(telegram), address="", secret="")
    assert (post.status, post.heard) == (401, ())


@pytest.mark.parametrize(
    ("words", "status", "fault"),
    [
        (b"", 400, "shape"),
        (b"{", 400, "shape"),
        (b"\xff", 400, "shape"),
        (b"[" * 100_000, 400, "shape"),
        (b'{"update_id":' + b"9" * 5000 + b"}", 400, "shape"),
        (b"[]", 200, "shape"),
        (b"{}", 200, "shape"),
        (b'{"update_id":"1"}', 200, "shape"),
        (b'{"update_id":true}', 200, "shape"),
        (b'{"update_id":' + b"9" * 30 + b',"message":{}}', 200, ""),
        (b'{"update_id":1,"message":{"text":5}}', 200, ""),
        (b'{"update_id":1,"telepathy":{}}', 200, ""),
        (b'{"update_id":1,"callback_query":{"id":5,"message":7}}', 200, ""),
    ],
)
def test_what_cannot_be_read_is_no_traceback_and_comes_again_only_where_that_helps(
    telegram: TelegramServer, words: bytes, status: int, fault: str
) -> None:
    post = delivered(telegram, PROOF, words)
    assert (post.status, post.fault, post.heard) == (status, fault, ())


def test_a_delivered_press_is_answered_and_shown_once_it_is_stored(
    telegram: TelegramServer, tham: Seat
) -> None:
    async def act(channel: TelegramChannel) -> None:
        await channel.send(tham.id, Message("Đúng không?", (Button("yes", "Có"),)))
        tham.presses("Có")
        post = channel.post(PROOF, body(telegram))
        assert [one.incoming.choice for one in post.heard] == ["yes"]
        assert telegram.unanswered
        await channel.acknowledged(post)

    with_channel(telegram, act, **HOOK)
    assert not telegram.unanswered
    assert tham.hears("Đúng không?").text == "Đúng không?\n\n✓ Có"


# --- the menu of commands ---


def test_commands_are_set_for_each_language_and_only_when_they_differ(
    telegram: TelegramServer, wording: Wording
) -> None:
    tend(telegram, times=2, menu=lambda: shortcuts(wording))
    assert calls(telegram).count("setMyCommands") == len(LANGUAGES)
    assert [one["command"] for one in telegram.commands[""]] == [
        "menu", "nguoi_that", "yeu_cau_cua_toi", "huy", "rieng_tu",
    ]  # fmt: skip
    assert telegram.commands["en"][1] == {"command": "a_person", "description": "Talk to a person"}


# --- what is counted, and what the doctor hears ---


def test_what_waits_and_what_cannot_be_read_is_counted(telegram: TelegramServer, tham: Seat) -> None:
    async def act(channel: TelegramChannel) -> dict[str, float]:
        tham.writes("alo")
        await channel.tend()
        channel.post(PROOF, b'{"update_id":1,"message":{"text":5}}')
        return dict(channel.figures())

    assert with_channel(telegram, act, **HOOK) == {"unreadable": 1, "waiting_there": 2}


def test_all_is_well(telegram: TelegramServer, wording: Wording) -> None:
    assert found(telegram, wording) == [("ok", "Telegram trả lời, bot là @to_so_bot, tự hỏi lấy tin")]
    tend(telegram, **HOOK)
    assert found(telegram, wording, **HOOK) == [
        ("ok", "Telegram trả lời, bot là @to_so_bot, nhận tin qua webhook")
    ]


def test_a_wrong_token_is_told(telegram: TelegramServer, wording: Wording) -> None:
    async def act(channel: TelegramChannel) -> list[str]:
        telegram.token = "7001:AAHanother-token-of-thirty-five-chars"
        return [wording.word(one.what, "vi") for one in await channel.check()]

    assert with_channel(telegram, act) == ["Telegram không nhận token này"]


def test_a_dead_line_is_told_without_the_token(telegram: TelegramServer, wording: Wording) -> None:
    telegram.down = True
    ((state, words),) = found(telegram, wording)
    assert state == "error"
    assert words.startswith("không hỏi được Telegram: không nối được với Telegram (")


def test_a_webhook_that_is_not_ours_is_told(telegram: TelegramServer, wording: Wording) -> None:
    assert found(telegram, wording, **HOOK) == [
        ("ok", "Telegram trả lời, bot là @to_so_bot"),
        ("error", "Telegram không gọi webhook của máy này"),
    ]
    tend(telegram, **HOOK)
    assert found(telegram, wording)[1:] == [
        ("warning", "Telegram đang gọi một webhook, nên máy này không nhận được tin")
    ]


def test_deliveries_that_fail_are_told(telegram: TelegramServer, tham: Seat, wording: Wording) -> None:
    tend(telegram, **HOOK)
    for _number in range(100):
        tham.writes("alo")
    assert telegram.waits_until(lambda: bool(telegram.delivery_failure))
    told = found(telegram, wording, **HOOK)[1:]
    assert told[0] == ("warning", "Telegram: 101 tin đang chờ nhận")
    when = datetime.fromtimestamp(telegram.failed_at, clock.VIETNAM)
    assert told[1][1].startswith(f"Telegram không gọi được máy này lúc {when:%H:%M}")
    assert "Failed to resolve host" in told[1][1]


def test_a_secret_that_telegram_has_wrong_is_set_anew(telegram: TelegramServer) -> None:
    async def act(channel: TelegramChannel) -> None:
        await channel.tend()
        telegram.failed_delivery("Wrong response from the webhook: 401 Unauthorized")
        await channel.tend()

    with_channel(telegram, act, **HOOK)
    assert calls(telegram).count("setWebhook") == 2


def test_a_file_without_a_plain_path_is_not_fetched(telegram: TelegramServer) -> None:
    class Strange(PtbChannel):
        path = ""

        async def _call(self, call: Any, seconds: float) -> Any:
            return {"file_path": self.path}

    async def act() -> None:
        channel = Strange(telegram.token, api=telegram.url)
        for channel.path in ("", "/etc/passwd", "../getMe", "a/../../b"):
            with pytest.raises(Refused):
                await anext(channel.fetch("F1"))
        await channel.close()

    asyncio.run(act())
