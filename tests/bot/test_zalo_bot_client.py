"""The client of the Zalo Bot Platform against a server that answers as Zalo is said to, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

import pytest

from bot import clock
from bot.channels import Carried, Refused, TryLater
from bot.channels.zalo_bot_client import ZaloBotChannel
from bot.findings import Finding
from bot.wording import Wording
from handlers.talk import Button, Heard, Message
from handlers.turn import Kind
from tests.simulators.dripping import Dripping
from tests.simulators.zalo_bot import Modes, Seat, ZaloBotServer

Done = TypeVar("Done")
CHOICES = (Button("yes", "Có"), Button("no", "Không"))
ADDRESS = "https://toso.example.vn/hooks/zalo_bot"
SECRET = "sen-hong-2026"


class Office:
    """An inbox that keeps what it is given, or says "not now" a number of times first."""

    def __init__(self, zalo: ZaloBotServer, not_now: int = 0) -> None:
        self.zalo = zalo
        self.not_now = not_now
        self.kept: list[Heard] = []
        self.offered = 0
        self.polled: list[int] = []  # at each offer: how many polls there had been
        self.pauses: list[timedelta] = []

    async def take(self, heard: Sequence[Heard]) -> bool:
        with self.zalo.changed:
            self.zalo.changed.notify_all()
            self.offered += 1
            self.polled.append(len(self.zalo.called("getUpdates")))
            if self.offered <= self.not_now:
                return False
            known = {one.key for one in self.kept}
            self.kept += [one for one in heard if one.key not in known]
            return True

    async def pause(self, time: timedelta) -> None:
        with self.zalo.changed:
            self.pauses.append(time)
            self.zalo.changed.notify_all()
        await asyncio.sleep(0)

    @property
    def words(self) -> list[str]:
        return [one.incoming.text for one in self.kept]


@pytest.fixture
def zalo() -> Iterator[ZaloBotServer]:
    with ZaloBotServer() as server:
        server.pace = 0  # pauses take no time here
        yield server


@pytest.fixture
def tham(zalo: ZaloBotServer) -> Seat:
    person = zalo.person("Cô Thắm")
    person.writes("xin chào")
    return person


def with_channel(
    zalo: ZaloBotServer, act: Callable[[ZaloBotChannel], Awaitable[Done]], **settings: Any
) -> Done:
    async def run() -> Done:
        channel = ZaloBotChannel(zalo.token, api=zalo.url, **settings)
        try:
            return await act(channel)
        finally:
            await channel.close()

    return asyncio.run(run())


def hear(zalo: ZaloBotServer, office: Office, until: Callable[[], bool]) -> None:
    """Let a new channel receive until something has happened; its pauses take no time."""
    listen(zalo, office, until, pause=office.pause)


def listen(zalo: ZaloBotServer, office: Office, until: Callable[[], bool], **settings: Any) -> None:
    """Let a new channel receive until something has happened."""

    async def act(channel: ZaloBotChannel) -> None:
        receiving = asyncio.create_task(channel.receive(office.take))
        happened = await asyncio.to_thread(zalo.waits_until, until)
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving
        assert happened

    with_channel(zalo, act, poll=timedelta(seconds=1), **settings)


def send(zalo: ZaloBotServer, seat: Seat, *messages: Message, carried: Carried | None = None) -> list[Any]:
    chat = seat.chat.id if seat.chat.kind == "PRIVATE" else f"group:{seat.chat.id}"

    async def act(channel: ZaloBotChannel) -> list[Any]:
        return [await channel.send(chat, message, carried) for message in messages]

    return with_channel(zalo, act)


# --- polling ---


@pytest.mark.parametrize("as_list", [False, True])
@pytest.mark.parametrize("replays", ["again", "cursor"])
def test_what_is_written_is_heard_once_however_zalo_gives_it(
    replays: Literal["again", "cursor"], as_list: bool
) -> None:
    with ZaloBotServer(Modes(replays=replays, as_list=as_list)) as zalo:
        zalo.pace = 0
        tham = zalo.person("Cô Thắm")
        tham.writes("xin chào")
        tham.writes("kích hoạt vneid")
        office = Office(zalo)

        def heard_and_polled_on() -> bool:
            return len(office.kept) == 2 and len(zalo.called("getUpdates")) > 5

        if replays == "cursor":
            hear(zalo, office, lambda: len(office.kept) == 2)
        else:
            hear(zalo, office, heard_and_polled_on)
        assert office.words == ["xin chào", "kích hoạt vneid"]
        assert office.offered == 2  # what is known again costs the inbox nothing
        assert office.kept[0].incoming.account == "zalo_bot:388613280878808645"
        assert office.kept[0].incoming.chat == tham.id


def test_an_idle_poll_is_no_error(zalo: ZaloBotServer, caplog: pytest.LogCaptureFixture) -> None:
    office = Office(zalo)
    hear(zalo, office, lambda: len(zalo.called("getUpdates")) >= 2)
    assert {call.status for call in zalo.called("getUpdates")} == {408}
    assert "polling again" not in caplog.text


def test_no_two_polls_begin_within_a_second() -> None:
    with ZaloBotServer(Modes(replays="again")) as zalo:  # whose answers come at once, over and over
        zalo.person("Cô Thắm").writes("xin chào")
        office = Office(zalo)
        listen(zalo, office, lambda: len(zalo.called("getUpdates")) >= 3)


def test_nothing_more_is_asked_for_while_the_inbox_says_not_now(zalo: ZaloBotServer, tham: Seat) -> None:
    tham.writes("còn đó không")
    office = Office(zalo, not_now=3)
    hear(zalo, office, lambda: len(office.kept) == 1)
    assert office.words[0] == "xin chào"
    assert office.polled[:4] == [1, 1, 1, 1]
    assert [pause.total_seconds() for pause in office.pauses[1:4]] == [1, 2, 4]  # after the one before a poll


def test_an_update_that_was_not_stored_comes_again_where_zalo_repeats() -> None:
    with ZaloBotServer(Modes(replays="again")) as zalo:
        zalo.pace = 0
        zalo.person("Cô Thắm").writes("xin chào")
        full = Office(zalo, not_now=10**9)
        hear(zalo, full, lambda: full.offered > 2)
        office = Office(zalo)
        hear(zalo, office, lambda: bool(office.kept))
        assert (full.words, office.words) == ([], ["xin chào"])


def test_where_zalo_gives_nothing_twice_only_what_comes_while_nobody_asks_is_lost() -> None:
    with ZaloBotServer(Modes(replays="lost")) as zalo:
        zalo.pace = 0
        tham = zalo.person("Cô Thắm")

        def says(office: Office, words: str) -> None:
            def written() -> bool:
                if asked := zalo.asked:  # no poll ends between the look and the writing: both hold one lock
                    tham.writes(words)
                return asked

            async def act(channel: ZaloBotChannel) -> None:
                receiving = asyncio.create_task(channel.receive(office.take))
                assert await asyncio.to_thread(zalo.waits_until, written)
                assert await asyncio.to_thread(zalo.waits_until, lambda: words in office.words)
                receiving.cancel()
                with suppress(asyncio.CancelledError):
                    await receiving

            with_channel(zalo, act, poll=timedelta(seconds=1), pause=office.pause)

        busy = Office(zalo, not_now=3)
        says(busy, "xin chào")
        assert busy.offered == 4  # given once, and held until the inbox took it
        assert len(set(busy.polled)) == 1
        assert zalo.waits_until(lambda: not zalo.asked)
        tham.writes("còn đó không")
        office = Office(zalo)
        says(office, "vẫn chờ đây")
        assert (busy.words, office.words) == (["xin chào"], ["vẫn chờ đây"])
        assert [update["message"]["text"] for update in zalo.lost] == ["còn đó không"]


def test_an_inbox_that_breaks_is_not_told_of_in_a_citizens_words(
    zalo: ZaloBotServer, tham: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Office):
        async def take(self, heard: Sequence[Heard]) -> bool:
            await super().take(heard)
            raise RuntimeError(heard[0].incoming.text)

    office = Broken(zalo)
    hear(zalo, office, lambda: len(office.pauses) > 1)
    assert "RuntimeError at" in caplog.text
    assert "xin chào" not in caplog.text


def test_a_webhook_in_the_way_is_told_and_taken_away(
    zalo: ZaloBotServer, tham: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    zalo.webhook = "https://old.example/hook"
    office = Office(zalo)
    hear(zalo, office, lambda: any(pause >= timedelta(seconds=2) for pause in office.pauses))
    assert "a webhook is set for this bot" in caplog.text
    with_channel(zalo, lambda channel: channel.tend())
    assert not zalo.webhook
    hear(zalo, office, lambda: bool(office.kept))


def test_strange_updates_do_not_keep_the_next_away(
    zalo: ZaloBotServer, caplog: pytest.LogCaptureFixture
) -> None:
    zalo.pushes({"event_name": "message.telepathy.received", "message": {"thought": "bí mật"}})
    zalo.pushes({"event_name": "message.text.received", "message": {"text": "bí mật"}})
    zalo.pushes({"hello": ["bí mật"]})
    zalo.person("Cô Thắm").writes("cuối")
    office = Office(zalo)
    hear(zalo, office, lambda: bool(office.kept))
    assert office.words == ["cuối"]
    assert caplog.text.count("an update cannot be read") == 2
    assert "bí mật" not in caplog.text


# --- the webhook ---


@pytest.fixture
def channel() -> Iterator[ZaloBotChannel]:
    made = ZaloBotChannel("7001:x", webhook=ADDRESS, secret=SECRET)
    yield made
    asyncio.run(made.close())


def text(words: str, ident: str = "m1") -> dict[str, Any]:
    sender = {"id": "u1", "is_bot": False}
    chat = {"id": "u1", "chat_type": "PRIVATE"}
    return {
        "event_name": "message.text.received",
        "message": {"from": sender, "chat": chat, "message_id": ident, "text": words},
    }


SHOWN = {"x-bot-api-secret-token": SECRET}


@pytest.mark.parametrize("said", [text("chào"), {"ok": True, "result": text("chào")}])
def test_a_call_with_the_secret_is_heard_wrapped_or_bare(channel: ZaloBotChannel, said: Any) -> None:
    post = channel.post(SHOWN, json.dumps(said).encode())
    assert (post.status, post.fault, post.body) == (200, "", b'{"message":"Success"}')
    assert [(one.key, one.incoming.text) for one in post.heard] == [("m1", "chào")]


@pytest.mark.parametrize(
    "shown",
    [{}]
    + [{"x-bot-api-secret-token": words} for words in ("", SECRET + "x", SECRET[:-1], "sén-hồng", "\udc80")],
)
def test_a_call_without_the_secret_counts_for_nothing(channel: ZaloBotChannel, shown: dict[str, str]) -> None:
    post = channel.post(shown, json.dumps(text("chào")).encode())
    assert (post.status, post.heard, post.fault) == (401, (), "secret")


@pytest.mark.parametrize("shown", [{}, SHOWN])
def test_a_call_with_nothing_in_it_is_answered(channel: ZaloBotChannel, shown: dict[str, str]) -> None:
    post = channel.post(shown, b" \n")
    assert (post.status, post.heard, post.fault) == (200, (), "")


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"7", b'"x"', b"null", b"9" * 10_000,
     json.dumps({"hello": 1}).encode(), json.dumps([text(""), 7]).encode()],
)  # fmt: skip
def test_a_body_of_no_use_is_answered_and_counted(channel: ZaloBotChannel, body: bytes) -> None:
    post = channel.post(SHOWN, body)
    assert (post.status, post.heard, post.fault) == (200, (), "shape")


def test_what_can_be_read_beside_what_cannot_is_kept(channel: ZaloBotChannel) -> None:
    body = json.dumps({"ok": True, "result": [text(""), text("chào"), {"event_name": "user.follow"}]})
    post = channel.post(SHOWN, body.encode())
    assert [one.incoming.text for one in post.heard] == ["chào"]
    assert post.fault == "shape"


def test_the_webhook_is_told_once_looked_after_and_told_again_when_it_is_lost(zalo: ZaloBotServer) -> None:
    async def act(channel: ZaloBotChannel) -> None:
        await channel.tend()
        assert (zalo.webhook, zalo.secret) == (ADDRESS, SECRET)
        await channel.tend()
        assert len(zalo.called("setWebhook")) == 1
        zalo.forgets_webhook()
        await channel.tend()
        assert (zalo.webhook, zalo.secret) == (ADDRESS, SECRET)

    with_channel(zalo, act, webhook=ADDRESS, secret=SECRET)


def test_a_new_secret_is_told_though_the_address_is_the_old_one(zalo: ZaloBotServer) -> None:
    zalo.webhook, zalo.secret = ADDRESS, "the old secret"
    with_channel(zalo, lambda channel: channel.tend(), webhook=ADDRESS, secret=SECRET)
    assert zalo.secret == SECRET


# --- sending ---


def test_a_message_is_shown_with_bold_words_and_numbers(zalo: ZaloBotServer, tham: Seat) -> None:
    (sent,) = send(zalo, tham, Message("Bấm **Đăng nhập** <ngay> & chờ.", CHOICES))
    shown = tham.hears()
    assert (sent.id, sent.cost, sent.messages) == (shown.id, "message", 1)
    assert shown.text == "Bấm Đăng nhập <ngay> & chờ.\n1. Có\n2. Không"
    assert shown.bold == ("Đăng nhập",)
    tham.picks("Không")
    assert tham.sees()[-1].text == "2"


def test_where_markup_is_refused_the_words_go_plain(zalo: ZaloBotServer, tham: Seat) -> None:
    zalo.markdown = False
    send(zalo, tham, Message("Bấm **Đăng nhập**."))
    assert tham.hears().text == "Bấm Đăng nhập."
    assert [call.status for call in zalo.called("sendMessage")] == [400, 200]


def test_refusals_that_http_calls_a_success_are_refusals(tham: Seat, zalo: ZaloBotServer) -> None:
    zalo.modes = Modes(errors="200")
    zalo.markdown = False
    send(zalo, tham, Message("Bấm **Đăng nhập**."))
    assert tham.hears().text == "Bấm Đăng nhập."
    with pytest.raises(Refused, match="chat not found"):
        send(zalo, zalo.person("chưa từng viết"), Message("Chào."))


def test_a_long_message_that_stops_halfway_goes_on_where_it_stopped(zalo: ZaloBotServer, tham: Seat) -> None:
    long = Message("a" * 2000 + "b" * 2000 + "c")
    zalo.quota = 2

    async def act(channel: ZaloBotChannel) -> None:
        with pytest.raises(TryLater) as told:
            await channel.send(tham.id, long)
        assert told.value.taken
        assert (told.value.taken.cost, told.value.taken.messages) == ("message", 2)
        zalo.quota = 3000
        assert (await channel.send(tham.id, long)).messages == 1
        assert (await channel.send(tham.id, Message("xong"))).messages == 1

    with_channel(zalo, act)
    shown = [one for one in tham.sees() if not one.mine]
    assert [one.text[0] for one in shown] == ["a", "b", "c", "x"]


def carried(kind: Literal["photo", "voice"], name: str) -> Carried:
    url, link = (f"https://toso.example.vn/{way}/{name}" for way in ("media", "files"))
    return Carried(Path("x"), kind, name, "", 1, url, link)


def test_a_photo_goes_by_its_address(zalo: ZaloBotServer, tham: Seat) -> None:
    send(zalo, tham, Message("Chị Hường gửi ảnh."), carried=carried("photo", "k1"))
    shown = tham.hears("Chị Hường")
    assert shown.photo == "https://toso.example.vn/media/k1"


def test_a_photo_that_zalo_cannot_fetch_becomes_a_link(zalo: ZaloBotServer, tham: Seat) -> None:
    zalo.public["https://toso.example.vn"] = zalo.url  # where there is no such file
    send(zalo, tham, Message("Chị Hường gửi ảnh."), carried=carried("photo", "k1"))
    assert tham.hears().text == "Chị Hường gửi ảnh.\nhttps://toso.example.vn/files/k1"


def test_a_voice_note_goes_to_a_person_and_as_a_link_to_a_group(zalo: ZaloBotServer, tham: Seat) -> None:
    seat = zalo.group("Tổ 7").seat(tham)
    for where in (tham, seat):
        send(zalo, where, Message("Nghe nhé."), carried=carried("voice", "k1.aac"))
    assert tham.hears("Nghe").text == "Nghe nhé."
    assert tham.hears().voice == "https://toso.example.vn/media/k1.aac"
    assert seat.hears("Nghe").text == "Nghe nhé.\nhttps://toso.example.vn/files/k1.aac"


def test_a_group_is_known_as_one_and_written_to(zalo: ZaloBotServer) -> None:
    seat = zalo.group("Tổ 7").seat(zalo.person("Chị Hường"))
    seat.writes("ai đó?", mention=False)
    seat.writes("NHẬN 9M2")
    office = Office(zalo)
    hear(zalo, office, lambda: bool(office.kept))
    incoming = office.kept[0].incoming
    assert (incoming.sender, incoming.chat) == (seat.id, f"group:{seat.chat.id}")

    async def act(channel: ZaloBotChannel) -> None:
        assert channel.group(incoming.chat)
        assert not channel.group(incoming.sender)
        await channel.send(incoming.chat, Message("Chị Hường nhận."))

    with_channel(zalo, act)
    assert seat.hears().text == "Chị Hường nhận."


@pytest.mark.parametrize("message", [Message(""), Message("  ")])
def test_a_message_without_words_is_refused(zalo: ZaloBotServer, tham: Seat, message: Message) -> None:
    with pytest.raises(Refused):
        send(zalo, tham, message)
    assert not zalo.called("sendMessage")


def offline(zalo: ZaloBotServer) -> None:
    zalo.down = True


def bad_gateway(zalo: ZaloBotServer) -> None:
    zalo.fails("sendMessage")


def lost_answer(zalo: ZaloBotServer) -> None:
    zalo.loses_answers("sendMessage")


def other_token(zalo: ZaloBotServer) -> None:
    zalo.token = "388613280878808645:another"


def not_allowed(zalo: ZaloBotServer) -> None:
    zalo.fails("sendMessage", status=403, words="not allowed")


def no_json(zalo: ZaloBotServer) -> None:
    zalo.fails("sendMessage", status=200)


def spent(zalo: ZaloBotServer) -> None:
    zalo.quota = 0


@pytest.mark.parametrize(
    ("status", "words", "gone"),
    [
        (400, "Bad Request: chat not found", True),
        (400, "User not found", True),
        (400, "text is too long", False),
        (404, "Not Found", False),
    ],
)
def test_what_zalo_never_takes_is_refused_and_nobody_is_gone_without_a_word_of_it(
    status: int, words: str, gone: bool, zalo: ZaloBotServer, tham: Seat
) -> None:
    zalo.fails("sendMessage", status=status, words=words)
    with pytest.raises(Refused, match=words) as refused:
        send(zalo, tham, Message("Chào."))
    assert refused.value.gone is gone


def test_what_is_not_there_for_any_method_is_a_wrong_token(zalo: ZaloBotServer, tham: Seat) -> None:
    for method in ("sendMessage", "getMe"):
        zalo.fails(method, status=404, words="Not Found")
    with pytest.raises(TryLater, match="Copy ZALO_BOT_TOKEN again") as later:
        send(zalo, tham, Message("Chào."))
    assert later.value.everybody


@pytest.mark.parametrize(
    ("trouble", "says", "everybodys"),
    [
        (offline, "Zalo cannot be reached", False),
        (bad_gateway, "Zalo cannot be reached (502)", True),
        (lost_answer, "Zalo cannot be reached", False),
        (other_token, "Zalo does not let this bot in (401). Copy ZALO_BOT_TOKEN again.", True),
        (not_allowed, "Zalo says “sendMessage: 403 not allowed”", False),
        (no_json, "the answer is not Zalo's: it cannot be read (sendMessage, 200)", False),
        (spent, "Zalo says “429 ", True),
    ],
)
def test_trouble_means_later_and_never_tells_the_token(
    zalo: ZaloBotServer,
    tham: Seat,
    trouble: Callable[[ZaloBotServer], None],
    says: str,
    everybodys: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = zalo.token

    async def act(channel: ZaloBotChannel) -> None:
        trouble(zalo)
        with pytest.raises(TryLater) as later:
            await channel.send(tham.id, Message("Chào."))
        assert says in str(later.value)
        assert later.value.everybody is everybodys
        assert secret not in "".join(traceback.format_exception(later.value))
        assert later.value.__context__ is None
        assert secret not in repr(channel.__dict__)

    with_channel(zalo, act)
    assert secret not in caplog.text
    assert "Chào." not in caplog.text


@pytest.mark.parametrize(
    ("api", "everybody"), [("http://127.0.0.1:9", True), ("ftp://127.0.0.1:9", True), ("dripping", False)]
)
def test_a_line_that_does_not_come_about_is_no_messages_fault(api: str, everybody: bool) -> None:
    async def act(url: str) -> None:
        channel = ZaloBotChannel("7001:very-secret", api=url if api == "dripping" else api, seconds=2.0)
        with pytest.raises(TryLater, match="Zalo cannot be reached") as later:
            await channel.send("u1", Message("Chào."))
        assert later.value.everybody is everybody
        await channel.close()

    with Dripping() as url:
        asyncio.run(act(url))


@pytest.mark.parametrize("api", ["http://[::1", "http://127.0.0.1:9", "bot-api.zaloplatforms.com", "http://"])
def test_a_wrong_address_never_tells_the_token(api: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def act() -> None:
        channel = ZaloBotChannel("7001:very-secret", api=api)
        with pytest.raises(TryLater) as later:
            await channel.send("u1", Message("Chào."))
        assert "very-secret" not in "".join(traceback.format_exception(later.value))
        await channel.close()

    asyncio.run(act())
    assert "very-secret" not in caplog.text


def test_a_rate_that_stays_refused_is_waited_for_longer_and_told_the_operator(
    zalo: ZaloBotServer, tham: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    zalo.quota = 0
    waits: list[timedelta | None] = []
    everybodys: list[bool] = []

    async def act(channel: ZaloBotChannel) -> None:
        for attempt in range(6):
            clock.ticks_at(10.0 * attempt)
            with pytest.raises(TryLater) as later:
                await channel.send(tham.id, Message("Chào."))
            waits.append(later.value.wait)
            everybodys.append(later.value.everybody)

    try:
        with_channel(zalo, act)
    finally:
        clock.reset()
    assert [wait and wait.total_seconds() for wait in waits] == [4, 8, 16, 32, 60, 60]
    assert everybodys == [True, True, True, True, False, False]
    assert caplog.text.count("the month's messages may be used up") == 1


def test_calls_that_are_refused_together_for_their_speed_are_one_refusal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with ZaloBotServer(Modes(rate=2)) as zalo:
        zalo.clock = lambda: 0.0  # all in one moment, however long it takes
        clock.ticks_at(0.0)
        people = [zalo.person(f"Cô {number}") for number in range(12)]
        for person in people:
            person.writes("xin chào")

        async def act(channel: ZaloBotChannel) -> list[Any]:
            sending = (channel.send(person.chat.id, Message("Chào.")) for person in people)
            return await asyncio.gather(*sending, return_exceptions=True)

        try:
            results = with_channel(zalo, act)
        finally:
            clock.reset()
    late = [result for result in results if isinstance(result, TryLater)]
    assert len(late) == 10
    assert {(error.everybody, error.wait) for error in late} == {(True, timedelta(seconds=4))}
    assert "used up" not in caplog.text


def test_the_month_may_be_used_up_by_what_people_write() -> None:
    with ZaloBotServer(Modes(counts="both")) as zalo:
        zalo.quota = 3
        tham = zalo.person("Cô Thắm")
        tham.writes("xin chào")
        tham.writes("có ai không")
        send(zalo, tham, Message("Chào."))
        with pytest.raises(TryLater, match="Quota exceeded"):
            send(zalo, tham, Message("Chào."))


@pytest.mark.parametrize("beyond", ["unheard", "refused"])
def test_one_person_too_many_for_the_plan_is_no_wrong_token(beyond: Literal["unheard", "refused"]) -> None:
    with ZaloBotServer(Modes(users=2, beyond=beyond)) as zalo:
        zalo.pace = 0
        people = [zalo.person(name) for name in ("Thắm", "Minh", "Lan")]
        for person in people:
            person.writes(f"{person.name} đây")
        heard = 3 if beyond == "refused" else 2
        office = Office(zalo)
        hear(zalo, office, lambda: len(office.kept) == heard)
        assert office.words == ["Thắm đây", "Minh đây", "Lan đây"][:heard]
        send(zalo, people[1], Message("Chào."))
        with pytest.raises(TryLater, match="sendMessage: 403 ") as later:
            send(zalo, people[2], Message("Chào."))
        assert not later.value.everybody


def test_groups_beyond_the_plan_are_not_heard() -> None:
    with ZaloBotServer(Modes(groups=1)) as zalo:
        zalo.pace = 0
        tham = zalo.person("Cô Thắm")
        first, second = zalo.group("Tổ 7"), zalo.group("Tổ 8")
        second.seat(tham).writes("không ai nghe")
        first.seat(tham).writes("có người nghe")
        office = Office(zalo)
        hear(zalo, office, lambda: len(office.kept) == 1)
        assert office.words[0].endswith("có người nghe")


def test_what_zalo_says_of_a_new_webhook_is_in_the_log_without_the_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with ZaloBotServer(Modes(probes=False, outcome=True)) as zalo:
        zalo.public["https://toso.example.vn"] = "http://127.0.0.1:9"
        with_channel(zalo, lambda channel: channel.tend(), webhook=ADDRESS, secret=SECRET)
    assert 'it says of that: {"check": {"passed": false, "status_code": 0}}' in caplog.text
    assert SECRET not in caplog.text


def test_a_photo_that_somebody_sent_is_fetched_from_an_allowed_host_only(
    zalo: ZaloBotServer, tham: Seat
) -> None:
    tham.sends_photo(b"\xff\xd8photo")
    office = Office(zalo)
    hear(zalo, office, lambda: len(office.kept) == 2)
    attachment = office.kept[1].incoming.attachment
    assert attachment is not None

    async def act(channel: ZaloBotChannel) -> bytes:
        return b"".join([piece async for piece in channel.fetch(attachment.ref)])

    assert with_channel(zalo, act, hosts=(zalo.url,)) == b"\xff\xd8photo"
    with pytest.raises(Refused):
        with_channel(zalo, act, hosts=("*.zdn.vn",))
    zalo.passes(timedelta(days=1))
    with pytest.raises(Refused, match="no longer there"):
        with_channel(zalo, act, hosts=(zalo.url,))


# --- the doctor ---


def told(zalo: ZaloBotServer, **settings: Any) -> list[tuple[str, str]]:
    findings = with_channel(zalo, lambda channel: channel.check(), **settings)
    return [(finding.state, Wording().word(finding.what, "en")) for finding in findings]


def test_the_doctor_tells_the_bot_and_what_is_left_of_the_month(zalo: ZaloBotServer) -> None:
    assert told(zalo, quota=3000, spent=lambda account: 2700) == [
        ("ok", "Zalo Bot: the bot is “Bot Tổ Số”"),
        ("ok", "Zalo Bot: Zalo lets it into groups"),
        ("ok", "Zalo Bot: 2,700 of 3,000 messages of this month are used"),
    ]
    zalo.modes = Modes(groups=0)
    assert told(zalo)[1] == ("ok", "Zalo Bot: Zalo does not let it into groups")
    assert told(zalo, quota=3000, spent=lambda account: 2701)[-1][0] == "warning"


@pytest.mark.parametrize(("used", "left"), [(2700, 300), (3100, 0)])
def test_what_is_left_of_the_month_is_shown_to_whoever_watches(
    used: int, left: int, zalo: ZaloBotServer
) -> None:
    async def figures(channel: ZaloBotChannel) -> Mapping[str, float]:
        return channel.figures()

    shown = with_channel(zalo, figures, quota=3000, spent=lambda account: used)
    assert shown == {"unreadable": 0, "month_quota": 3000, "month_left": left}


def test_the_doctor_tells_of_another_webhook_and_of_a_wrong_token(zalo: ZaloBotServer) -> None:
    zalo.webhook = "https://old.example/hook"
    old = "Zalo Bot: Zalo calls https://old.example/hook"
    assert ("warning", f"{old} and cannot be asked meanwhile") in told(zalo)
    assert ("warning", f"{old}, not {ADDRESS}") in told(zalo, webhook=ADDRESS, secret=SECRET)
    zalo.forgets_webhook()
    assert ("warning", f"Zalo Bot: Zalo does not yet call {ADDRESS}") in told(
        zalo, webhook=ADDRESS, secret=SECRET
    )
    zalo.token = "1:other"

    async def act() -> Sequence[Finding]:
        channel = ZaloBotChannel("7001:very-secret", api=zalo.url)
        try:
            return await channel.check()
        finally:
            await channel.close()

    (finding,) = asyncio.run(act())
    words = Wording().word(finding.what, "en")
    assert (finding.state, words) == ("error", "Zalo Bot: Zalo does not know this token")


def test_the_kinds_a_bot_may_send_know_no_window() -> None:
    channel = ZaloBotChannel("7001:x")
    kinds: tuple[Kind, ...] = ("answer", "notice", "reminder", "broadcast")
    assert {channel.refuses(timedelta(days=400), kind) for kind in kinds} == {""}
    asyncio.run(channel.close())
