"""The aiogram driver against a server that answers as Telegram does, over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

import httpx
import pytest

from bot.channels import Refused, TryLater
from bot.channels.telegram_aiogram import AiogramChannel
from handlers.talk import Button, File, Heard, Message
from tests.simulators.telegram import Limits, Seat, TelegramServer
from tests.simulators.telegram_schema import Uploaded

Done = TypeVar("Done")
CHOICES = (Button("yes", "Có"), Button("no", "Không"))


class Office:
    """An inbox that keeps what it is given, or says "not now" a number of times first."""

    def __init__(self, telegram: TelegramServer, not_now: int = 0) -> None:
        self.telegram = telegram
        self.not_now = not_now
        self.kept: list[Heard] = []
        self.spinning: list[bool] = []  # at each offer: does the pressed button still spin
        self.pauses: list[timedelta] = []

    async def take(self, heard: Sequence[Heard]) -> bool:
        with self.telegram.changed:
            self.telegram.changed.notify_all()
            self.spinning.append(bool(self.telegram.unanswered))
            if len(self.spinning) <= self.not_now:
                return False
            known = {one.key for one in self.kept}
            self.kept += [one for one in heard if one.key not in known]
            return True

    async def pause(self, time: timedelta) -> None:
        with self.telegram.changed:
            self.pauses.append(time)
            self.telegram.changed.notify_all()
        await asyncio.sleep(0)

    @property
    def words(self) -> list[str]:
        return [one.incoming.text or one.incoming.choice for one in self.kept]


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
    telegram: TelegramServer, act: Callable[[AiogramChannel], Awaitable[Done]], **settings: Any
) -> Done:
    async def run() -> Done:
        channel = AiogramChannel(telegram.token, api=telegram.url, **settings)
        try:
            return await act(channel)
        finally:
            await channel.close()

    return asyncio.run(run())


def hear(telegram: TelegramServer, office: Office, until: Callable[[], bool]) -> AiogramChannel:
    """Let a new channel receive until the server's side of something has happened."""

    async def act(channel: AiogramChannel) -> AiogramChannel:
        receiving = asyncio.create_task(channel.receive(office.take))
        happened = await asyncio.to_thread(telegram.waits_until, until)
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving
        assert happened
        return channel

    return with_channel(telegram, act, poll=timedelta(seconds=5), pause=office.pause)


def send(telegram: TelegramServer, seat: Seat, *messages: Message) -> list[str]:
    async def act(channel: AiogramChannel) -> list[str]:
        return [(await channel.send(str(seat.chat.id), message)).id for message in messages]

    return with_channel(telegram, act)


def test_what_was_written_before_the_start_is_heard_and_then_acknowledged(
    telegram: TelegramServer, tham: Seat
) -> None:
    tham.writes("kích hoạt vneid")
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert office.words == ["xin chào", "kích hoạt vneid"]
    assert office.kept[0].incoming.account == "telegram:7001"
    assert office.kept[0].incoming.chat == tham.id


def test_what_is_written_during_a_poll_is_heard(telegram: TelegramServer, tham: Seat) -> None:
    office = Office(telegram)

    def wrote_when_all_was_heard() -> bool:
        if office.words == ["xin chào"]:
            tham.writes("còn đó không")
        return len(office.words) == 2

    hear(telegram, office, wrote_when_all_was_heard)
    assert office.words == ["xin chào", "còn đó không"]


def test_nothing_is_acknowledged_while_the_inbox_says_not_now(telegram: TelegramServer, tham: Seat) -> None:
    office = Office(telegram, not_now=3)
    hear(telegram, office, lambda: not telegram.waiting)
    assert len(office.spinning) == 4
    assert office.pauses == [timedelta(seconds=seconds) for seconds in (1, 2, 4)]
    assert office.words == ["xin chào"]


def test_an_update_that_was_not_stored_comes_again_after_a_restart(
    telegram: TelegramServer, tham: Seat
) -> None:
    full = Office(telegram, not_now=10**9)
    hear(telegram, full, lambda: len(full.spinning) > 2)
    assert telegram.waiting
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert (full.words, office.words) == ([], ["xin chào"])


def test_an_inbox_that_breaks_is_asked_again(
    telegram: TelegramServer, tham: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Office):
        async def take(self, heard: Sequence[Heard]) -> bool:
            if not self.pauses:
                raise RuntimeError("xin chào is what the citizen said")
            return await super().take(heard)

    office = Broken(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert office.words == ["xin chào"]
    assert "RuntimeError in take, line" in caplog.text
    assert "xin chào" not in caplog.text


def test_an_update_delivered_again_has_the_same_key(telegram: TelegramServer, tham: Seat) -> None:
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    telegram.repeats()
    hear(telegram, office, lambda: not telegram.waiting)
    assert len(office.spinning) == 2
    assert office.words == ["xin chào"]


def test_strange_updates_do_not_keep_the_others_of_their_batch_away(
    telegram: TelegramServer, tham: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.pushes({"telepathy": {"thought": "bí mật"}})
    broken = telegram.pushes({"message": {"message_id": "một", "text": "bí mật"}})
    telegram.pushes({"message": {"message_id": 3, "date": 1, "chat": {"id": 1, "type": "nebula"}, "new": {}}})
    tham.sends("sticker")
    tham.writes("cuối")
    office = Office(telegram)
    channel = hear(telegram, office, lambda: not telegram.waiting)
    assert office.words == ["xin chào", "", "cuối"]
    assert channel.malformed == 1
    assert f"update {broken} cannot be read" in caplog.text
    assert "bí mật" not in caplog.text


def test_polling_goes_on_after_trouble(telegram: TelegramServer, tham: Seat) -> None:
    telegram.fails("getUpdates", times=2)
    telegram.fails("getUpdates", retry_after=7)
    telegram.loses_answers("getUpdates")
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert office.words == ["xin chào"]
    assert office.pauses == [timedelta(seconds=seconds) for seconds in (1, 2, 7, 8)]


def test_a_second_poller_is_named_in_the_log(
    telegram: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(telegram)

    async def act(channel: AiogramChannel) -> None:
        other = asyncio.create_task(channel.receive(office.take))
        await asyncio.to_thread(hear, telegram, office, lambda: len(office.pauses) > 2)
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)

    with_channel(telegram, act, poll=timedelta(seconds=5), pause=office.pause)
    assert "another program polls with the same token" in caplog.text


def test_a_webhook_in_the_way_is_named_in_the_log(
    telegram: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    httpx.post(f"{telegram.url}/bot{telegram.token}/setWebhook", json={"url": "https://example.org"})
    office = Office(telegram)
    hear(telegram, office, lambda: bool(office.pauses))
    assert "telegram:7001: a webhook is set for this bot" in caplog.text


def test_a_press_is_answered_once_it_is_stored(telegram: TelegramServer, tham: Seat) -> None:
    send(telegram, tham, Message("Đúng không?", CHOICES))
    tham.presses("Không")
    office = Office(telegram, not_now=2)
    hear(telegram, office, lambda: not telegram.waiting and not telegram.unanswered)
    assert office.words == ["xin chào", "no"]
    assert office.spinning == [True, True, True]


def test_a_press_too_old_to_be_answered_still_counts(telegram: TelegramServer, tham: Seat) -> None:
    send(telegram, tham, Message("Đúng không?", CHOICES))
    tham.presses("yes")
    telegram.passes(timedelta(hours=1))
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert office.words == ["xin chào", "yes"]
    assert telegram.called("answerCallbackQuery")[0].status == 400


def test_a_message_is_shown_with_bold_words_and_buttons(telegram: TelegramServer, tham: Seat) -> None:
    (sent,) = send(telegram, tham, Message("Bấm **Đăng nhập** <ngay> & chờ.", CHOICES))
    shown = tham.hears()
    assert shown.id == int(sent)
    assert shown.text == "Bấm Đăng nhập <ngay> & chờ."
    assert shown.bold == ("Đăng nhập",)
    assert shown.rows == (("Có", "Không"),)


def test_a_file_arrives_byte_for_byte(telegram: TelegramServer, tham: Seat) -> None:
    content = bytes(range(256)) + b"\r\n--\r\n"
    send(
        telegram,
        tham,
        Message("Của bác đây.", CHOICES, file=File("dữ liệu.json", "application/json", content)),
    )
    shown = tham.hears("Của bác đây.")
    assert shown.file == Uploaded("dữ liệu.json", content)
    assert shown.labels == ("Có", "Không")


def test_a_long_message_that_stops_halfway_goes_on_where_it_stopped(
    telegram: TelegramServer, tham: Seat
) -> None:
    telegram.limits = Limits(chat_burst=2)
    telegram.clock = lambda: 0
    long = Message("a" * 4096 + "b" * 4096 + "c", CHOICES)

    async def act(channel: AiogramChannel) -> None:
        with pytest.raises(TryLater) as slow:
            await channel.send(tham.id, long)
        assert slow.value.wait == timedelta(seconds=1)
        telegram.limits = None
        await channel.send(tham.id, long)
        await channel.send(tham.id, Message("xong"))

    with_channel(telegram, act)
    shown = [one for one in tham.sees() if not one.mine]
    assert [one.text[0] for one in shown] == ["a", "b", "c", "x"]
    assert [bool(one.rows) for one in shown] == [False, False, True, False]


def gone(tham: Seat) -> str:
    tham.vanishes()
    return tham.id


def blocked(tham: Seat) -> str:
    tham.blocks()
    return tham.id


def unknown(tham: Seat) -> str:
    return "1"


def silent(tham: Seat) -> str:
    return tham.server.person("chưa từng viết").id


@pytest.mark.parametrize("where", [gone, blocked, unknown, silent])
def test_where_nobody_is_reached_the_person_is_gone(
    telegram: TelegramServer, tham: Seat, where: Callable[[Seat], str]
) -> None:
    async def act(channel: AiogramChannel) -> None:
        with pytest.raises(Refused) as refused:
            await channel.send(where(tham), Message("Chào."))
        assert refused.value.gone

    with_channel(telegram, act)


def test_after_a_block_is_taken_back_messages_arrive(telegram: TelegramServer, tham: Seat) -> None:
    tham.blocks()
    tham.unblocks()
    send(telegram, tham, Message("Chào cô."))
    assert tham.hears().text == "Chào cô."


@pytest.mark.parametrize(
    "message",
    [Message(""), Message("?", (Button("x" * 65, "Có"),)), Message("?", (Button("yes", ""),))],
)
def test_what_telegram_never_takes_is_refused_and_nobody_is_gone(
    telegram: TelegramServer, tham: Seat, message: Message
) -> None:
    async def act(channel: AiogramChannel) -> None:
        with pytest.raises(Refused) as refused:
            await channel.send(tham.id, message)
        assert not refused.value.gone

    with_channel(telegram, act)
    assert len(telegram.violations) == 1
    telegram.violations.clear()


def test_a_message_follows_its_group_to_the_new_id(telegram: TelegramServer, tham: Seat) -> None:
    group = telegram.group("Tổ dân phố 7")
    old = group.seat(tham)
    group.becomes_supergroup()
    send(telegram, old, Message("Có yêu cầu mới.", CHOICES))
    assert group.seat(tham).hears().text == "Có yêu cầu mới."


def test_a_press_in_a_group_tells_who_and_where(telegram: TelegramServer, tham: Seat) -> None:
    seat = telegram.group("Tổ dân phố 7").seat(tham)
    send(telegram, seat, Message("Ai nhận?", CHOICES))
    seat.presses("Có")
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    pressed = office.kept[-1].incoming
    assert (pressed.chat, pressed.sender) == (str(seat.chat.id), tham.id)


def offline(telegram: TelegramServer) -> None:
    telegram.down = True


def bad_gateway(telegram: TelegramServer) -> None:
    telegram.fails("sendMessage")


def lost_answer(telegram: TelegramServer) -> None:
    telegram.loses_answers("sendMessage")


def other_token(telegram: TelegramServer) -> None:
    telegram.token = "7001:AAHanother-token-of-thirty-five-chars"


def too_fast(telegram: TelegramServer) -> None:
    telegram.fails("sendMessage", retry_after=30)


@pytest.mark.parametrize(
    ("trouble", "wait"),
    [
        (offline, None),
        (bad_gateway, None),
        (lost_answer, None),
        (other_token, None),
        (too_fast, timedelta(seconds=30)),
    ],
)
def test_trouble_means_later_and_never_tells_the_token(
    telegram: TelegramServer, tham: Seat, trouble: Callable[[TelegramServer], None], wait: timedelta | None
) -> None:
    secret = telegram.token

    async def act(channel: AiogramChannel) -> None:
        trouble(telegram)
        with pytest.raises(TryLater) as later:
            await channel.send(tham.id, Message("Chào."))
        assert later.value.wait == wait
        assert secret not in "".join(traceback.format_exception(later.value))
        assert later.value.__context__ is None

    with_channel(telegram, act)


def test_the_log_of_a_dead_line_never_tells_the_token(
    telegram: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    telegram.down = True
    office = Office(telegram)
    hear(telegram, office, lambda: len(office.pauses) > 9)
    assert max(office.pauses) == timedelta(minutes=1)
    assert "Telegram cannot be reached" in caplog.text
    assert telegram.token not in caplog.text


@pytest.mark.parametrize("api", ["api.telegram.org", "http://[::1", "http://127.0.0.1:99999"])
def test_a_wrong_address_never_tells_the_token_in_its_error(api: str) -> None:
    token = "7001:AAHsimulated-token-of-thirty-five-chars"

    async def act() -> None:
        channel = AiogramChannel(token, api=api)
        with pytest.raises(TryLater) as later:
            await channel.send("42", Message("Chào."))
        assert token not in "".join(traceback.format_exception(later.value))
        await channel.close()

    asyncio.run(act())


@pytest.mark.parametrize("token", ["", "tô-ken", "7001", "7001:"])
def test_what_cannot_be_a_token_is_said_at_once(token: str) -> None:
    with pytest.raises(ValueError, match="BotFather") as wrong:
        AiogramChannel(token)
    assert wrong.value.__suppress_context__
