"""Both Telegram drivers against a server that answers as Telegram does, over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

import httpx
import pytest

from bot import clock, codes
from bot.channels import Carried, Refused, TryLater
from bot.channels.telegram import Call
from bot.channels.telegram_aiogram import AiogramChannel
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_ptb import PtbChannel
from handlers.talk import Button, File, Heard, Message
from tests.simulators.dripping import Dripping
from tests.simulators.proxy import Proxy
from tests.simulators.telegram import Limits, Seat, Shown, TelegramServer
from tests.simulators.telegram_schema import Uploaded

Done = TypeVar("Done")
Kind = Literal["voice", "photo", "video", "file"]
CHOICES = (Button("yes", "Có"), Button("no", "Không"))


class Office:
    """An inbox that keeps what it is given, or says "not now" a number of times first."""

    def __init__(self, telegram: Driven, not_now: int = 0) -> None:
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


DRIVERS = pytest.mark.parametrize("driver", [AiogramChannel, PtbChannel], ids=["aiogram", "ptb"])


class Driven(TelegramServer):
    """A server, and which driver talks to it."""

    def __init__(self, driver: type[TelegramChannel]) -> None:
        super().__init__()
        self.driver = driver


@pytest.fixture(params=[AiogramChannel, PtbChannel], ids=["aiogram", "ptb"])
def telegram(request: pytest.FixtureRequest) -> Iterator[Driven]:
    with Driven(request.param) as server:
        yield server


@pytest.fixture
def tham(telegram: Driven) -> Seat:
    person = telegram.person("Cô Thắm")
    person.writes("xin chào")
    return person


def with_channel(
    telegram: Driven, act: Callable[[TelegramChannel], Awaitable[Done]], **settings: Any
) -> Done:
    async def run() -> Done:
        channel = telegram.driver(telegram.token, api=telegram.url, **settings)
        try:
            return await act(channel)
        finally:
            await channel.close()

    return asyncio.run(run())


def hear(telegram: Driven, office: Office, until: Callable[[], bool]) -> TelegramChannel:
    """Let a new channel receive until the server's side of something has happened."""

    async def act(channel: TelegramChannel) -> TelegramChannel:
        receiving = asyncio.create_task(channel.receive(office.take))
        happened = await asyncio.to_thread(telegram.waits_until, until)
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving
        assert happened
        return channel

    return with_channel(telegram, act, poll=timedelta(seconds=5), pause=office.pause)


def send(telegram: Driven, seat: Seat, *messages: Message) -> list[str]:
    async def act(channel: TelegramChannel) -> list[str]:
        return [(await channel.send(str(seat.chat.id), message)).id for message in messages]

    return with_channel(telegram, act)


def test_what_was_written_before_the_start_is_heard_and_then_acknowledged(
    telegram: Driven, tham: Seat
) -> None:
    tham.writes("kích hoạt vneid")
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert office.words == ["xin chào", "kích hoạt vneid"]
    assert office.kept[0].incoming.account == "telegram:7001"
    assert office.kept[0].incoming.chat == tham.id


def test_what_is_written_during_a_poll_is_heard(telegram: Driven, tham: Seat) -> None:
    office = Office(telegram)
    later = ["còn đó không"]

    def wrote_when_all_was_heard() -> bool:
        if office.words and later:
            tham.writes(later.pop())
        return len(office.words) == 2

    hear(telegram, office, wrote_when_all_was_heard)
    assert office.words == ["xin chào", "còn đó không"]


def test_every_code_that_is_handed_out_goes_into_a_link_to_the_bot(telegram: Driven, tham: Seat) -> None:
    handed_out = ["B71", codes.invitation(), codes.linking(), codes.request(), codes.receipt()]
    for code in handed_out:
        tham.opens(code)
    office = Office(telegram)
    hear(telegram, office, lambda: len(office.words) >= len(handed_out))
    assert office.words[-len(handed_out) :] == handed_out
    for parameter in ("", "a b", "mã", "B71?", "x" * 65):
        with pytest.raises(AssertionError, match="no start parameter"):
            tham.opens(parameter)


def test_nothing_is_acknowledged_while_the_inbox_says_not_now(telegram: Driven, tham: Seat) -> None:
    office = Office(telegram, not_now=3)
    hear(telegram, office, lambda: not telegram.waiting)
    assert len(office.spinning) == 4
    assert office.pauses == [timedelta(seconds=seconds) for seconds in (1, 2, 4)]
    assert office.words == ["xin chào"]


def test_an_update_that_was_not_stored_comes_again_after_a_restart(telegram: Driven, tham: Seat) -> None:
    full = Office(telegram, not_now=10**9)
    hear(telegram, full, lambda: len(full.spinning) > 2)
    assert telegram.waiting
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert (full.words, office.words) == ([], ["xin chào"])


def test_an_inbox_that_breaks_is_asked_again(
    telegram: Driven, tham: Seat, caplog: pytest.LogCaptureFixture
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


def test_an_update_delivered_again_has_the_same_key(telegram: Driven, tham: Seat) -> None:
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    telegram.repeats()
    hear(telegram, office, lambda: not telegram.waiting)
    assert len(office.spinning) == 2
    assert office.words == ["xin chào"]


def test_strange_updates_do_not_keep_the_others_of_their_batch_away(
    telegram: Driven, tham: Seat, caplog: pytest.LogCaptureFixture
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


def test_polling_goes_on_after_trouble(telegram: Driven, tham: Seat) -> None:
    telegram.fails("getUpdates", times=2)
    telegram.fails("getUpdates", retry_after=7)
    telegram.loses_answers("getUpdates")
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert office.words == ["xin chào"]
    assert office.pauses == [timedelta(seconds=seconds) for seconds in (1, 2, 7, 8)]


def test_a_second_poller_is_named_in_the_log(telegram: Driven, caplog: pytest.LogCaptureFixture) -> None:
    office = Office(telegram)

    async def act(channel: TelegramChannel) -> None:
        other = asyncio.create_task(channel.receive(office.take))
        await asyncio.to_thread(hear, telegram, office, lambda: len(office.pauses) > 2)
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)

    with_channel(telegram, act, poll=timedelta(seconds=5), pause=office.pause)
    assert "another program polls with the same token" in caplog.text


def test_polling_removes_a_webhook_that_is_in_its_way(
    telegram: Driven, tham: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    httpx.post(f"{telegram.url}/bot{telegram.token}/setWebhook", json={"url": "https://example.org"})
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert office.words == ["xin chào"]
    assert "a webhook was in the way of polling, and is removed now" in caplog.text


def test_a_press_is_answered_once_it_is_stored(telegram: Driven, tham: Seat) -> None:
    send(telegram, tham, Message("Đúng không?", CHOICES))
    tham.presses("Không")
    office = Office(telegram, not_now=2)
    hear(telegram, office, lambda: not telegram.waiting and not telegram.unanswered)
    assert office.words == ["xin chào", "no"]
    assert office.spinning == [True, True, True]


def test_a_press_too_old_to_be_answered_still_counts(telegram: Driven, tham: Seat) -> None:
    send(telegram, tham, Message("Đúng không?", CHOICES))
    tham.presses("yes")
    telegram.passes(timedelta(hours=1))
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert office.words == ["xin chào", "yes"]
    assert telegram.called("answerCallbackQuery")[0].status == 400


def pressed(telegram: Driven, tham: Seat, message: Message, *buttons: str) -> Shown:
    """Send a message, press its buttons before anybody hears, and give it as it looks when all is heard."""
    send(telegram, tham, message)
    whole = tham.hears()
    for button in buttons:
        tham.presses(button, on=whole)
    hear(telegram, Office(telegram), lambda: not telegram.waiting and not telegram.unanswered)
    return next(one for one in tham.sees() if one.id == whole.id)


def test_a_pressed_message_shows_what_was_chosen_and_keeps_its_bold_words(
    telegram: Driven, tham: Seat
) -> None:
    shown = pressed(telegram, tham, Message("Bấm **Đăng nhập** 😀 **được** chưa?", CHOICES), "Không")
    assert shown.text == "Bấm Đăng nhập 😀 được chưa?\n\n✓ Không"
    assert shown.bold == ("Đăng nhập", "được")
    assert shown.rows == ()


def test_of_two_presses_the_first_is_shown(telegram: Driven, tham: Seat) -> None:
    assert pressed(telegram, tham, Message("?", CHOICES), "Không", "Có").text == "?\n\n✓ Không"


def test_words_under_a_file_show_what_was_chosen(telegram: Driven, tham: Seat) -> None:
    message = Message("Của **bác** đây.", CHOICES, file=File("a.json", "application/json", b"{}"))
    shown = pressed(telegram, tham, message, "Có")
    assert (shown.text, shown.bold, shown.rows) == ("Của bác đây.\n\n✓ Có", ("bác",), ())


def test_where_there_is_no_room_for_a_mark_the_buttons_go(telegram: Driven, tham: Seat) -> None:
    shown = pressed(telegram, tham, Message("x" * 4096, CHOICES), "Có")
    assert (shown.text, shown.rows) == ("x" * 4096, ())


def test_an_edit_that_fails_loses_no_press(
    telegram: Driven, tham: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    telegram.fails("editMessageText", status=500)
    send(telegram, tham, Message("?", CHOICES))
    tham.presses("Có")
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting and not telegram.unanswered)
    assert office.words == ["xin chào", "yes"]
    assert "editMessageText after a press" in caplog.text


def test_in_a_group_the_buttons_stay_for_the_others(telegram: Driven, tham: Seat) -> None:
    seat = telegram.group("Tổ dân phố 7").seat(tham)
    send(telegram, seat, Message("Ai nhận?", CHOICES))
    seat.presses("Có")
    hear(telegram, Office(telegram), lambda: not telegram.waiting and not telegram.unanswered)
    assert [one.rows for one in seat.sees()] == [(("Có", "Không"),)]
    assert telegram.called("answerCallbackQuery")[0].params["text"] == "✓ Có"


def test_a_message_is_shown_with_bold_words_and_buttons(telegram: Driven, tham: Seat) -> None:
    (sent,) = send(telegram, tham, Message("Bấm **Đăng nhập** <ngay> & chờ.", CHOICES))
    shown = tham.hears()
    assert shown.id == int(sent)
    assert shown.text == "Bấm Đăng nhập <ngay> & chờ."
    assert shown.bold == ("Đăng nhập",)
    assert shown.rows == (("Có", "Không"),)


def test_a_file_arrives_byte_for_byte(telegram: Driven, tham: Seat) -> None:
    content = bytes(range(256)) + b"\r\n--\r\n"
    send(
        telegram,
        tham,
        Message("Của bác đây.", CHOICES, file=File("dữ liệu.json", "application/json", content)),
    )
    shown = tham.hears("Của bác đây.")
    assert shown.file == Uploaded("dữ liệu.json", content)
    assert shown.labels == ("Có", "Không")


def test_a_long_message_that_stops_halfway_goes_on_where_it_stopped(telegram: Driven, tham: Seat) -> None:
    telegram.limits = Limits(chat_burst=2)
    telegram.clock = lambda: 0
    long = Message("a" * 4096 + "b" * 4096 + "c", CHOICES)

    async def act(channel: TelegramChannel) -> None:
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
    telegram: Driven, tham: Seat, where: Callable[[Seat], str]
) -> None:
    async def act(channel: TelegramChannel) -> None:
        with pytest.raises(Refused) as refused:
            await channel.send(where(tham), Message("Chào."))
        assert refused.value.gone

    with_channel(telegram, act)


def test_after_a_block_is_taken_back_messages_arrive(telegram: Driven, tham: Seat) -> None:
    tham.blocks()
    tham.unblocks()
    send(telegram, tham, Message("Chào cô."))
    assert tham.hears().text == "Chào cô."


@pytest.mark.parametrize(
    "message",
    [Message(""), Message("?", (Button("x" * 65, "Có"),)), Message("?", (Button("yes", ""),))],
)
def test_what_telegram_never_takes_is_refused_and_nobody_is_gone(
    telegram: Driven, tham: Seat, message: Message
) -> None:
    async def act(channel: TelegramChannel) -> None:
        with pytest.raises(Refused) as refused:
            await channel.send(tham.id, message)
        assert not refused.value.gone

    with_channel(telegram, act)
    assert len(telegram.violations) == 1
    telegram.violations.clear()


def test_a_message_follows_its_group_to_the_new_id(telegram: Driven, tham: Seat) -> None:
    group = telegram.group("Tổ dân phố 7")
    old = group.seat(tham)
    group.becomes_supergroup()
    send(telegram, old, Message("Có yêu cầu mới.", CHOICES))
    assert group.seat(tham).hears().text == "Có yêu cầu mới."


def test_a_group_is_followed_without_asking_twice(telegram: Driven, tham: Seat) -> None:
    group = telegram.group("Tổ dân phố 7")
    old = group.seat(tham)
    group.becomes_supergroup()
    send(telegram, old, Message("một"), Message("hai"))
    assert [call.status for call in telegram.called("sendMessage")] == [400, 200, 200]


def test_a_press_in_a_group_tells_who_and_where(telegram: Driven, tham: Seat) -> None:
    seat = telegram.group("Tổ dân phố 7").seat(tham)
    send(telegram, seat, Message("Ai nhận?", CHOICES))
    seat.presses("Có")
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    pressed = office.kept[-1].incoming
    assert (pressed.chat, pressed.sender) == (str(seat.chat.id), tham.id)


def test_who_blocks_and_unblocks_the_bot_is_known(telegram: Driven, tham: Seat) -> None:
    tham.blocks()
    tham.unblocks()
    office = Office(telegram)
    hear(telegram, office, lambda: not telegram.waiting)
    assert [one.incoming.sign for one in office.kept] == ["", "left", "came"]
    assert {one.incoming.chat for one in office.kept} == {tham.id}


JPEG, OGG, MP4 = b"\xff\xd8\xff\xe0 hai", b"OggS", b"\0\0\0\x18ftypmp42"


def carried(folder: Path, kind: Kind, type_: str, content: bytes, size: int = 0) -> Carried:
    path = folder / "K47"
    path.write_bytes(content)
    return Carried(path, kind, "cong van.bin", type_, size or len(content))


@pytest.mark.parametrize(
    ("kind", "type_", "content", "method"),
    [
        ("photo", "image/jpeg", JPEG, "sendPhoto"),
        ("photo", "image/heic", b"heic", "sendDocument"),
        ("voice", "audio/ogg", OGG, "sendVoice"),
        ("voice", "audio/amr", b"#!AMR", "sendDocument"),
        ("video", "video/mp4", MP4, "sendVideo"),
        ("video", "video/3gpp", b"3gp", "sendDocument"),
        ("file", "application/pdf", b"%PDF-", "sendDocument"),
    ],
)
def test_a_kept_file_arrives_as_what_telegram_can_show(
    telegram: Driven, tham: Seat, tmp_path: Path, kind: Kind, type_: str, content: bytes, method: str
) -> None:
    async def act(channel: TelegramChannel) -> None:
        await channel.send(tham.id, Message("Ảnh của bác.", CHOICES), carried(tmp_path, kind, type_, content))

    with_channel(telegram, act)
    (call,) = telegram.called(method)
    assert call.params[method.removeprefix("send").lower()] == Uploaded("cong van.bin", content)
    shown = tham.hears("Ảnh của bác.")
    assert shown.labels == ("Có", "Không")


def test_a_picture_that_cannot_be_shown_arrives_as_a_file(
    telegram: Driven, tham: Seat, tmp_path: Path
) -> None:
    async def act(channel: TelegramChannel) -> None:
        await channel.send(tham.id, Message("Đây."), carried(tmp_path, "photo", "image/jpeg", b"broken"))

    with_channel(telegram, act)
    assert tham.hears("Đây.").file == Uploaded("cong van.bin", b"broken")


@pytest.mark.parametrize(
    ("size", "method"), [(10 * 2**20, "sendPhoto"), (10 * 2**20 + 1, "sendDocument"), (50 * 2**20 + 1, "")]
)
def test_a_picture_too_large_to_be_shown_is_a_file_and_a_larger_one_is_refused(
    telegram: Driven, tham: Seat, tmp_path: Path, size: int, method: str
) -> None:
    large = carried(tmp_path, "photo", "image/jpeg", JPEG, size)

    async def act(channel: TelegramChannel) -> None:
        if method:
            await channel.send(tham.id, Message(""), large)
            return
        with pytest.raises(Refused, match="Telegram takes 52428800 at most"):
            await channel.send(tham.id, Message(""), large)

    with_channel(telegram, act)
    assert [call.method for call in telegram.calls] == ([method] if method else [])


def test_a_file_that_is_no_longer_kept_is_refused(telegram: Driven, tham: Seat, tmp_path: Path) -> None:
    purged = carried(tmp_path, "photo", "image/jpeg", JPEG)
    purged.path.unlink()

    async def act(channel: TelegramChannel) -> None:
        with pytest.raises(Refused, match="no longer kept"):
            await channel.send(tham.id, Message(""), purged)

    with_channel(telegram, act)


@pytest.mark.parametrize("kind", ["url", "socks"])
def test_everything_goes_through_the_proxy(telegram: Driven, tham: Seat, kind: str) -> None:
    tham.sends_file("don.pdf", b"content")
    with Proxy() as proxy:

        async def act(channel: TelegramChannel) -> bytes:
            await channel.send(tham.id, Message("Chào cô."))
            return await fetched(channel, next(iter(telegram.files)))

        assert with_channel(telegram, act, proxy=getattr(proxy, kind)) == b"content"
        assert set(proxy.passed) == {telegram.url.removeprefix("http://")}
    assert tham.hears().text == "Chào cô."


def test_a_dead_proxy_means_later(telegram: Driven, tham: Seat) -> None:
    with Proxy() as proxy:
        pass

    async def act(channel: TelegramChannel) -> None:
        with pytest.raises(TryLater, match="cannot be reached"):
            await channel.send(tham.id, Message("Chào cô."))

    with_channel(telegram, act, proxy=proxy.url)
    with_channel(telegram, act, proxy=proxy.socks)


async def fetched(channel: TelegramChannel, ref: str) -> bytes:
    return b"".join([piece async for piece in channel.fetch(ref)])


def test_what_somebody_sent_is_fetched_byte_for_byte(telegram: Driven, tham: Seat) -> None:
    content = bytes(range(256)) * 1000
    tham.sends_file("don.pdf", content)
    ref = next(iter(telegram.files))
    assert with_channel(telegram, lambda channel: fetched(channel, ref)) == content


def test_a_file_that_does_not_end_in_time_means_later(telegram: Driven, tham: Seat) -> None:
    tham.sends_file("don.pdf", bytes(10**6))
    ref = next(iter(telegram.files))

    async def act(channel: TelegramChannel) -> None:
        pieces = channel.fetch(ref)
        assert await anext(pieces)
        clock.ticks_at(clock.ticks() + 61)
        with pytest.raises(TryLater, match="took too long"):
            await anext(pieces)

    try:
        with_channel(telegram, act)
    finally:
        clock.reset()


def gone_file(telegram: Driven) -> None:
    telegram.files.clear()


def moved_file(telegram: Driven) -> None:
    telegram.files_lead_to = f"{telegram.url}/elsewhere"


def no_line(telegram: Driven) -> None:
    telegram.down = True


def large_file(telegram: Driven) -> None:
    telegram.files["file1"] = Uploaded("a", bytes(20 * 2**20 + 1))


@pytest.mark.parametrize(
    ("trouble", "error", "words"),
    [
        (gone_file, Refused, "file_id"),
        (large_file, Refused, "(?i)file is too big"),
        (moved_file, TryLater, "does not give this file .302."),
        (no_line, TryLater, "cannot be reached"),
    ],
)
def test_a_file_that_cannot_be_had_is_told_without_the_token(
    telegram: Driven,
    tham: Seat,
    trouble: Callable[[Driven], None],
    error: type[Exception],
    words: str,
) -> None:
    tham.sends_file("don.pdf", b"x")
    trouble(telegram)

    async def act(channel: TelegramChannel) -> None:
        with pytest.raises(error, match=words) as failed:
            await fetched(channel, "file1")
        assert telegram.token not in "".join(traceback.format_exception(failed.value))

    with_channel(telegram, act)


def offline(telegram: Driven) -> None:
    telegram.down = True


def bad_gateway(telegram: Driven) -> None:
    telegram.fails("sendMessage")


def lost_answer(telegram: Driven) -> None:
    telegram.loses_answers("sendMessage")


def other_token(telegram: Driven) -> None:
    telegram.token = "7001:AAHanother-token-of-thirty-five-chars"


def too_fast(telegram: Driven) -> None:
    telegram.fails("sendMessage", retry_after=30)


def broken(telegram: Driven) -> None:
    telegram.fails("sendMessage", status=500)


@pytest.mark.parametrize(
    ("trouble", "wait", "everybody"),
    [
        (offline, None, False),
        (bad_gateway, None, True),
        (broken, None, False),
        (lost_answer, None, False),
        (other_token, None, True),
        (too_fast, timedelta(seconds=30), False),
    ],
)
def test_trouble_means_later_and_never_tells_the_token(
    telegram: Driven,
    tham: Seat,
    trouble: Callable[[Driven], None],
    wait: timedelta | None,
    everybody: bool,
) -> None:
    secret = telegram.token

    async def act(channel: TelegramChannel) -> None:
        trouble(telegram)
        with pytest.raises(TryLater) as later:
            await channel.send(tham.id, Message("Chào."))
        assert (later.value.wait, later.value.everybody) == (wait, everybody)
        assert secret not in "".join(traceback.format_exception(later.value))
        assert later.value.__context__ is None

    with_channel(telegram, act)


def test_the_log_of_a_dead_line_never_tells_the_token(
    telegram: Driven, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    telegram.down = True
    office = Office(telegram)
    hear(telegram, office, lambda: len(office.pauses) > 9)
    assert max(office.pauses) == timedelta(minutes=1)
    assert "Telegram cannot be reached" in caplog.text
    assert telegram.token not in caplog.text


@DRIVERS
@pytest.mark.parametrize("api", ["api.telegram.org", "http://[::1", "http://127.0.0.1:99999"])
def test_a_wrong_address_never_tells_the_token_in_its_error(driver: type[TelegramChannel], api: str) -> None:
    token = "7001:AAHsimulated-token-of-thirty-five-chars"

    async def act() -> None:
        channel = driver(token, api=api)
        with pytest.raises(TryLater) as later:
            await channel.send("42", Message("Chào."))
        assert token not in "".join(traceback.format_exception(later.value))
        await channel.close()

    asyncio.run(act())


@DRIVERS
def test_an_answer_that_does_not_end_is_not_waited_for(driver: type[TelegramChannel]) -> None:
    async def act(url: str) -> None:
        channel = driver("7001:AAHsimulated-token-of-thirty-five-chars", api=url)
        try:
            with pytest.raises(TryLater, match="Telegram cannot be reached") as later:
                await channel._call(Call("getMe", {}), 2.0)
            assert not later.value.everybody
        finally:
            await channel.close()

    with Dripping() as url:
        asyncio.run(act(url))


@DRIVERS
@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:9", "socks5://127.0.0.1:9"])
def test_a_line_that_does_not_come_about_is_no_messages_fault(
    driver: type[TelegramChannel], proxy: str
) -> None:
    async def act() -> None:
        channel = driver(
            "7001:AAHsimulated-token-of-thirty-five-chars", api="http://127.0.0.1:9", proxy=proxy
        )
        with pytest.raises(TryLater, match="Telegram cannot be reached") as later:
            await channel.send("42", Message("Chào."))
        await channel.close()
        assert later.value.everybody

    asyncio.run(act())


@DRIVERS
@pytest.mark.parametrize("token", ["", "tô-ken", "7001", "7001:"])
def test_what_cannot_be_a_token_is_said_at_once(driver: type[TelegramChannel], token: str) -> None:
    with pytest.raises(ValueError, match="BotFather") as wrong:
        driver(token)
    assert wrong.value.__context__ is None
