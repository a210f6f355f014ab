"""The Official Account's client against a server that answers as Zalo does, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import httpx
import pytest

from bot.channels import Carried, Refused, Sent, TryLater
from bot.channels.zalo_oa_client import ZaloOAChannel
from bot.inbox import Intake
from bot.settings import Secret
from bot.tokens import proof_of
from bot.web.hooks import Hooks
from bot.wording import Wording
from handlers.talk import LINK, Button, File, Heard, Message
from handlers.turn import Kind
from tests.simulators.dripping import Dripping
from tests.simulators.serving import Serving
from tests.simulators.zalo_oa import PNG, Modes, Seat, ZaloOAServer
from tests.simulators.zalo_tokens import APP_SECRET

Done = TypeVar("Done")
YES, NO = Button("yes@q", "Đúng"), Button("no@q", "Không phải")
NOTHING = datetime.min.replace(tzinfo=UTC)
ASKED = Message("Đúng chưa?", (YES, NO))


class Pocket:
    """A keeper whose tokens come from the simulator by hand."""

    def __init__(self, zalo: ZaloOAServer) -> None:
        self._zalo = zalo
        self._held = zalo.tokens.access
        self.renewals = 0
        self.tended = 0
        self.proof: dict[str, str] = {}

    async def access(self) -> str:
        return self._held

    async def renewed(self, used: str) -> str:
        if self._held == used:
            self.renewals += 1
            self._held, _refresh = self._zalo.tokens.pair()
        return self._held

    def headers(self, access: str) -> dict[str, str]:
        return {"access_token": access, **self.proof}

    async def tend(self) -> None:
        self.tended += 1


@pytest.fixture
def zalo() -> Iterator[ZaloOAServer]:
    with ZaloOAServer() as server:
        yield server


@pytest.fixture
def tham(zalo: ZaloOAServer) -> Seat:
    person = zalo.person("Cô Thắm")
    person.writes("xin chào")
    return person


def channel_of(zalo: ZaloOAServer, **more: Any) -> ZaloOAChannel:
    keys = {"app": zalo.app, "secret": zalo.secret, "app_secret": APP_SECRET}
    given = {**keys, "api": zalo.url, "hosts": (zalo.url,), **more}
    return ZaloOAChannel(zalo.oa, given.pop("keeper", Pocket(zalo)), **given)


def doing(zalo: ZaloOAServer, act: Callable[[ZaloOAChannel], Awaitable[Done]], **more: Any) -> Done:
    async def run() -> Done:
        channel = channel_of(zalo, **more)
        try:
            return await act(channel)
        finally:
            await channel.close()

    return asyncio.run(run())


def send(
    zalo: ZaloOAServer, seat: Seat, message: Message, carried: Carried | None = None, **more: Any
) -> Sent:
    return doing(zalo, lambda channel: channel.send(seat.id, message, carried), **more)


class Inbox:
    """The address that Zalo calls: what the channel reads is kept, what it answers is answered."""

    def __init__(self, channel: ZaloOAChannel) -> None:
        self.channel = channel
        self.heard: list[Heard] = []
        self.not_now = 0
        self.hooks = Hooks([channel], cast("Intake", self))
        self.came = threading.Condition()

    async def take(self, heard: Sequence[Heard]) -> bool:
        """Keep what is not known yet, or say "not now"."""
        with self.came:
            if self.not_now:
                self.not_now -= 1
                return False
            known = {one.key for one in self.heard}
            self.heard += [one for one in heard if one.key not in known]
        return True

    @property
    def faults(self) -> list[str]:
        return sorted(fault for _, fault in self.hooks.faults.elements())


@contextmanager
def called(zalo: ZaloOAServer, **more: Any) -> Iterator[Inbox]:
    channel = channel_of(zalo, **more)
    inbox = Inbox(channel)
    serving = Serving(inbox.hooks)
    zalo.calls_to(f"{serving.url}/hooks/zalo_oa")
    try:
        yield inbox
    finally:
        serving.stop()
        asyncio.run(channel.close())


def settled(zalo: ZaloOAServer) -> None:
    assert zalo.waits_until(lambda: zalo.delivered)


# --- sending ---


def test_a_text_is_sent_plainly_with_numbers_to_choose_by(zalo: ZaloOAServer, tham: Seat) -> None:
    sent = send(zalo, tham, Message("**Bước 1.** Đúng chưa?", (YES, NO)))
    shown = tham.hears()
    assert shown.text == "Bước 1. Đúng chưa?\n1. Đúng\n2. Không phải"
    assert shown.labels == ("Đúng", "Không phải")
    assert (sent.cost, sent.left, sent.messages) == ("free", None, 1)
    assert sent.id
    assert zalo.calls[-1].body["recipient"] == {"user_id": tham.id}


def test_a_long_text_goes_in_parts_that_are_counted(zalo: ZaloOAServer, tham: Seat) -> None:
    sent = send(zalo, tham, Message("chữ👋 " * 1500))
    assert sent.messages == len(tham.sees()) - 1 == 5


def stopped_at(zalo: ZaloOAServer, part: int, code: int) -> None:
    """Have Zalo answer one part of the next message with an error."""
    zalo.fails(code, after=part - 1)


def test_a_message_that_stopped_halfway_goes_on_there(zalo: ZaloOAServer, tham: Seat) -> None:
    message = Message("chữ " * 1500)

    async def act(channel: ZaloOAChannel) -> tuple[Sent | None, Sent]:
        stopped_at(zalo, 3, -32)
        with pytest.raises(TryLater) as told:
            await channel.send(tham.id, message)
        return told.value.taken, await channel.send(tham.id, message)

    first, rest = doing(zalo, act)
    words = [shown.text for shown in tham.sees() if not shown.mine]
    assert len(words) == 3
    assert first
    assert [(one.cost, one.messages) for one in (first, rest)] == [("free", 2), ("free", 1)]


def test_what_was_folded_into_a_message_that_stopped_halfway_repeats_no_part(
    zalo: ZaloOAServer, tham: Seat
) -> None:
    long = "chữ " * 1500

    async def act(channel: ZaloOAChannel) -> Sent:
        stopped_at(zalo, 2, -32)
        with pytest.raises(TryLater):
            await channel.send(tham.id, Message(long))
        return await channel.send(tham.id, Message(f"{long}\n\nViệc mới.", (YES, NO)))

    sent = doing(zalo, act)
    words = [shown.text for shown in tham.sees() if not shown.mine]
    assert [len(words), sent.messages] == [4, 3]
    assert " ".join(words).split() == f"{long} Việc mới. 1. Đúng 2. Không phải".split()


def test_what_was_taken_is_told_when_the_rest_is_refused(zalo: ZaloOAServer, tham: Seat) -> None:
    zalo.package = 1
    zalo.passes(timedelta(hours=50))
    stopped_at(zalo, 4, -230)
    with pytest.raises(Refused) as told:
        send(zalo, tham, Message("chữ " * 1900))
    assert told.value.taken
    assert [(one.cost, one.messages, one.left) for one in (told.value.taken, *told.value.taken.others)] == [
        ("billed", 2, None),
        ("quota", 1, 0),
    ]
    stopped_at(zalo, 1, -230)
    with pytest.raises(Refused) as told:
        send(zalo, tham, Message("chữ"))
    assert told.value.taken is None


@pytest.mark.parametrize("allowed", [True, False], ids=["taken", "refused"])
def test_buttons_are_given_up_for_good_where_zalo_refuses_them(
    allowed: bool, zalo: ZaloOAServer, tham: Seat
) -> None:
    zalo.buttons = allowed

    async def act(channel: ZaloOAChannel) -> None:
        await channel.send(tham.id, ASKED)
        await channel.send(tham.id, ASKED)

    doing(zalo, act, buttons=True)
    shown = [message for message in tham.sees() if not message.mine]
    assert [message.labels for message in shown] == [("Đúng", "Không phải")] * 2
    assert [message.data for message in shown] == [("yes@q", "no@q") if allowed else ()] * 2
    assert [call.error for call in zalo.calls] == ([0, 0] if allowed else [-233, 0, 0])


def carried(tmp_path: Path, name: str, content: bytes, type_: str, link: str = "") -> Carried:
    path = tmp_path / "kept"
    path.write_bytes(content)
    return Carried(path, "file", name, type_, len(content), link=link)


def test_a_photo_goes_with_the_words(zalo: ZaloOAServer, tham: Seat, tmp_path: Path) -> None:
    send(zalo, tham, Message("Lan gửi ảnh"), carried(tmp_path, "a.png", PNG, "image/png"))
    shown = tham.hears("Lan gửi ảnh")
    assert shown.image == PNG


@pytest.mark.parametrize("bearer", ["a kept file", "a file of the message"])
def test_a_document_goes_beside_the_words(
    bearer: str, zalo: ZaloOAServer, tham: Seat, tmp_path: Path
) -> None:
    pdf = b"%PDF-1.7 " + bytes(2000)
    if bearer == "a kept file":
        send(zalo, tham, Message("Đơn đây"), carried(tmp_path, "don.pdf", pdf, "application/pdf"))
    else:
        send(zalo, tham, Message("Đơn đây", file=File("don.pdf", "application/pdf", pdf)))
    assert [(shown.file, shown.text) for shown in tham.sees() if not shown.mine] == [
        ("don.pdf", ""),
        ("", "Đơn đây"),
    ]


UNSEEN = f"(ở đây chưa mở được)\n24 giờ: {LINK}"
FILE = "https://toso.example.vn/files/x"


@pytest.mark.parametrize(
    ("link", "unseen", "shown"),
    [
        (FILE, UNSEEN, f"(ở đây chưa mở được)\n24 giờ: {FILE}"),
        ("", UNSEEN, "(ở đây chưa mở được)"),
        ("", "", "📎 tin.aac (1 kB)"),
    ],
)
def test_what_zalo_does_not_carry_is_told_in_the_words(
    link: str, unseen: str, shown: str, zalo: ZaloOAServer, tham: Seat, tmp_path: Path
) -> None:
    voice = carried(tmp_path, "tin.aac", b"\xff\xf1", "audio/aac", link)
    send(zalo, tham, Message("Tin thoại:", media="x", unseen=unseen), voice)
    assert tham.hears("Tin thoại:").text == f"Tin thoại:\n{shown}"


def test_a_file_that_is_gone_is_told_in_the_words(zalo: ZaloOAServer, tham: Seat) -> None:
    send(zalo, tham, Message("Ảnh:", media="x", unseen=UNSEEN))
    assert tham.hears().text == "Ảnh:\n(ở đây chưa mở được)"


@pytest.mark.parametrize("refused", [False, True])
def test_a_number_is_asked_for_with_zalos_own_form_where_it_is_taken(
    refused: bool, zalo: ZaloOAServer, tham: Seat
) -> None:
    zalo.forms = not refused
    message = Message("Gọi lại vào số nào?", (YES,), asks="phone")
    send(zalo, tham, message, picture="https://toso.example.vn/icon.png")
    assert [(shown.text, shown.asks_info) for shown in tham.sees() if not shown.mine] == [
        ("Gọi lại vào số nào?\n1. Đúng", False),
        *([] if refused else [("Gọi lại vào số nào?\nGọi lại vào số nào?", True)]),
    ]


def test_an_upload_outlives_a_failure_of_its_message_and_is_repeated_once_it_has_expired(
    zalo: ZaloOAServer, tham: Seat, tmp_path: Path
) -> None:
    photo, message = carried(tmp_path, "a.png", PNG, "image/png"), Message("ảnh")

    async def act(channel: ZaloOAChannel) -> None:
        async def tries() -> None:
            zalo.breaks(502)
            with pytest.raises(TryLater):
                await channel.send(tham.id, message, photo)

        await channel._carry(message, photo)
        await tries()
        await channel.send(tham.id, message, photo)
        await channel._carry(message, photo)
        zalo.passes(timedelta(days=8))
        tham.writes("còn đây")
        with pytest.raises(TryLater, match="-100"):
            await channel.send(tham.id, message, photo)
        await channel.send(tham.id, message, photo)

    doing(zalo, act)
    assert sum(call.path == "/v2.0/oa/upload/image" for call in zalo.calls) == 3


@pytest.mark.parametrize("trouble", ["the month", "the package", "the file"])
@pytest.mark.parametrize("bearer", ["a kept file", "a file of the message"])
def test_a_file_that_zalo_does_not_take_costs_no_word(
    trouble: str, bearer: str, zalo: ZaloOAServer, tham: Seat, tmp_path: Path
) -> None:
    match trouble:
        case "the month":
            zalo.uploads = 0
        case "the package":
            zalo.fails(-224)
        case "the file":
            zalo.fails(-201)
    unseen = "(don.pdf chưa gửi được)"
    if bearer == "a kept file":
        send(
            zalo,
            tham,
            Message("Đơn đây", media="x", unseen=unseen),
            carried(tmp_path, "don.pdf", b"%PDF-", "application/pdf"),
        )
    else:
        send(
            zalo,
            tham,
            Message("Đơn đây", file=File("don.pdf", "application/pdf", b"%PDF-"), unseen=unseen),
        )
    assert [shown.text for shown in tham.sees() if not shown.mine] == [f"Đơn đây\n{unseen}"]


@pytest.mark.parametrize(("lacks", "code"), [("verified", -221), ("packaged", -224)])
def test_an_account_that_may_write_nothing_waits_for_the_office(
    lacks: str, code: int, zalo: ZaloOAServer, tham: Seat, tmp_path: Path
) -> None:
    setattr(zalo, lacks, False)
    for given in (None, carried(tmp_path, "a.png", PNG, "image/png")):
        with pytest.raises(TryLater, match=str(code)) as later:
            send(zalo, tham, Message("Đây ạ"), given)
        assert (later.value.everybody, later.value.wait) == (True, timedelta(minutes=10))
    setattr(zalo, lacks, True)
    send(zalo, tham, Message("Đây ạ"))


def test_a_file_that_is_no_longer_kept_is_refused(zalo: ZaloOAServer, tham: Seat, tmp_path: Path) -> None:
    gone = carried(tmp_path, "a.png", PNG, "image/png")
    gone.path.unlink()
    with pytest.raises(Refused, match="no longer kept"):
        send(zalo, tham, Message("ảnh"), gone)


@pytest.mark.parametrize(
    ("hours", "package", "cost", "left"),
    [(1, 0, "free", None), (50, 2, "quota", 1), (50, 0, "billed", None)],
)
@pytest.mark.parametrize("numbers", [True, False])
def test_what_a_message_costs_comes_with_it(
    numbers: bool, hours: int, package: int, cost: str, left: int | None
) -> None:
    with ZaloOAServer(Modes(numbers=numbers), package=package) as zalo:
        tham = zalo.person("Cô Thắm")
        tham.writes("xin chào")
        zalo.passes(timedelta(hours=hours))
        sent = send(zalo, tham, Message("nhắc việc"))
    assert (sent.cost, sent.left) == (cost, left)


WINDOWS: list[tuple[str, timedelta, dict[Kind, bool]]] = [
    ("none", timedelta(hours=48), {"answer": True, "reminder": True, "broadcast": True}),
    ("none", timedelta(hours=49), {"answer": False, "notice": False}),
    ("notices", timedelta(hours=49), {"answer": True, "receipt": True, "notice": True, "reminder": False}),
    ("notices", timedelta(days=6), {"notice": True, "broadcast": False}),
    ("all", timedelta(days=7), {"reminder": True, "broadcast": True}),
    ("all", timedelta(days=7, seconds=1), {"answer": False, "reminder": False}),
]


@pytest.mark.parametrize(("paid", "silent", "allowed"), WINDOWS)
def test_the_windows_are_known_before_anything_is_sent(
    paid: str, silent: timedelta, allowed: dict[Kind, bool], zalo: ZaloOAServer
) -> None:
    channel = channel_of(zalo, paid=paid)
    assert {kind: not channel.refuses(silent, kind) for kind in allowed} == allowed
    assert channel.narrow(silent) is (silent > timedelta(hours=48))


def test_zalo_agrees_with_the_windows(zalo: ZaloOAServer, tham: Seat) -> None:
    zalo.passes(timedelta(days=7, seconds=-30))
    send(zalo, tham, Message("còn kịp"))
    zalo.passes(timedelta(minutes=1))
    with pytest.raises(Refused, match="-230"):
        send(zalo, tham, Message("đã muộn"))


@pytest.mark.parametrize(
    ("code", "everybody"),
    [
        (-32, True),
        (-200, False),
        (-204, True),
        (-211, False),  # what costs nothing may still leave
        (-218, False),
        (-221, True),
        (-223, True),
        (-224, True),
        (-234, False),
        (-242, True),
    ],
)
def test_what_is_about_the_account_is_no_messages_fault(
    code: int, everybody: bool, zalo: ZaloOAServer, tham: Seat
) -> None:
    zalo.fails(code)
    with pytest.raises(TryLater) as told:
        send(zalo, tham, Message("chào"))
    assert told.value.everybody is everybody


@pytest.mark.parametrize("code", [-224, -233, -235])
def test_what_a_package_does_not_hold_is_done_without(code: int, zalo: ZaloOAServer, tham: Seat) -> None:
    zalo.buttons = True
    zalo.fails(code)
    send(zalo, tham, ASKED, buttons=True)
    assert tham.hears().signs == ("1", "2")
    asks = Message("Gọi lại vào số nào?", asks="phone")
    zalo.fails(code, after=1)
    send(zalo, tham, asks, picture="https://toso.example.vn/icon.png")
    assert [shown.asks_info for shown in tham.sees() if not shown.mine] == [False, False]


@pytest.mark.parametrize(
    ("code", "raised", "gone", "wait"),
    [
        (-32, TryLater, False, None),
        (-200, TryLater, False, None),
        (-211, TryLater, False, timedelta(hours=1)),
        (-218, TryLater, False, timedelta(hours=1)),
        (-224, TryLater, False, timedelta(minutes=10)),
        (-223, TryLater, False, timedelta(minutes=10)),
        (-213, Refused, True, None),
        (-227, Refused, True, None),
        (-217, Refused, False, None),
        (-230, Refused, False, None),
        (-232, Refused, False, None),
        (-201, Refused, False, None),
        (-248, Refused, False, None),
        (-233, Refused, False, None),
        (-9999, Refused, False, None),
    ],
)
def test_each_error_says_what_can_be_done(
    code: int, raised: type[Exception], gone: bool, wait: timedelta | None, zalo: ZaloOAServer, tham: Seat
) -> None:
    zalo.fails(code)
    with pytest.raises(raised) as told:
        send(zalo, tham, Message("chào"))
    assert str(code) in str(told.value)
    assert getattr(told.value, "gone", False) is gone
    assert getattr(told.value, "wait", None) == wait


def test_at_night_it_waits_for_the_morning(zalo: ZaloOAServer, tham: Seat) -> None:
    zalo.fails(-234)
    with pytest.raises(TryLater) as told:
        send(zalo, tham, Message("chào"))
    assert told.value.wait is not None
    assert timedelta(0) < told.value.wait <= timedelta(hours=24)


def test_what_zalo_could_not_do_is_tried_twice_more_and_no_oftener(zalo: ZaloOAServer, tham: Seat) -> None:
    zalo.fails(-200, times=3)

    async def act(channel: ZaloOAChannel) -> None:
        for _ in range(2):
            with pytest.raises(TryLater):
                await channel.send(tham.id, ASKED)
        with pytest.raises(Refused):
            await channel.send(tham.id, ASKED)
        await channel.send(tham.id, ASKED)

    doing(zalo, act)


@pytest.mark.parametrize(
    ("trouble", "everybody"),
    [
        ("a gateway", True),
        ("a page", False),
        ("nobody", True),
        ("no answer", False),
        ("half an answer", False),
        ("too many", False),
    ],
)
def test_trouble_of_the_network_is_for_later(
    trouble: str, everybody: bool, zalo: ZaloOAServer, tham: Seat
) -> None:
    more: dict[str, Any] = {}
    match trouble:
        case "a gateway":
            zalo.breaks(502)
        case "a page":
            zalo.breaks(500)
        case "nobody":
            more = {"api": "http://127.0.0.1:9"}
        case "no answer":
            zalo.down = True
        case "half an answer":
            zalo.loses_answers()
        case "too many":
            zalo.breaks(429)
    with pytest.raises(TryLater) as told:
        send(zalo, tham, Message("chào"), **more)
    assert told.value.everybody is everybody
    assert told.value.__context__ is None


def test_an_answer_that_does_not_end_is_not_waited_for(zalo: ZaloOAServer, tham: Seat) -> None:
    with Dripping() as url, pytest.raises(TryLater, match=r"Zalo cannot be reached \(TimeoutError\)") as told:
        send(zalo, tham, Message("chào"), api=url, seconds=2.0)
    assert not told.value.everybody


# --- tokens ---


@pytest.mark.parametrize("code", [-216, -220])
def test_a_refused_token_is_renewed_once_and_the_message_arrives(
    code: int, zalo: ZaloOAServer, tham: Seat
) -> None:
    keeper = Pocket(zalo)
    zalo.fails(code)
    send(zalo, tham, Message("chào"), keeper=keeper)
    assert tham.hears("chào")
    assert keeper.renewals == 1


def test_a_token_that_another_program_has_replaced_is_renewed(zalo: ZaloOAServer, tham: Seat) -> None:
    keeper = Pocket(zalo)
    zalo.tokens.pair()

    async def act(channel: ZaloOAChannel) -> None:
        await asyncio.gather(*(channel.send(tham.id, Message(f"tin {n}")) for n in range(4)))

    doing(zalo, act, keeper=keeper)
    assert keeper.renewals == 1
    assert {shown.text for shown in tham.sees() if not shown.mine} == {f"tin {n}" for n in range(4)}


def test_the_token_is_looked_after_though_nothing_is_sent(zalo: ZaloOAServer) -> None:
    keeper = Pocket(zalo)
    doing(zalo, lambda channel: channel.tend(), keeper=keeper)
    assert keeper.tended == 1


def test_a_token_refused_again_waits_for_somebody(zalo: ZaloOAServer, tham: Seat) -> None:
    zalo.fails(-216, times=2)
    keeper = Pocket(zalo)
    with pytest.raises(TryLater) as told:
        send(zalo, tham, Message("chào"), keeper=keeper)
    assert (told.value.wait, keeper.renewals) == (timedelta(minutes=10), 1)
    assert told.value.everybody


@pytest.mark.parametrize("trouble", ["refused", "unreachable", "unknown"])
def test_no_error_and_no_log_holds_a_token(
    trouble: str, zalo: ZaloOAServer, tham: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    match trouble:
        case "refused":
            zalo.fails(-216, times=2)
        case "unreachable":
            zalo.down = True
        case "unknown":
            zalo.fails(-7)
    with caplog.at_level(logging.INFO), pytest.raises((TryLater, Refused)) as told:
        send(zalo, tham, Message("chào"))
    shown = "".join(traceback.format_exception(told.value)) + caplog.text
    assert "of-the-simulator" not in shown
    assert zalo.secret not in shown


def test_the_proof_of_the_app_goes_with_a_call_where_it_is_asked_for(zalo: ZaloOAServer, tham: Seat) -> None:
    zalo.proof = True
    keeper = Pocket(zalo)
    with pytest.raises(TryLater, match="ZALO_OA_PROOF"):
        send(zalo, tham, Message("chào"), keeper=keeper)
    keeper.proof = {"appsecret_proof": proof_of(zalo.tokens.access, Secret(APP_SECRET))}
    send(zalo, tham, Message("chào"), keeper=keeper)
    assert tham.hears("chào")


# --- hearing ---


def test_everything_a_person_does_is_heard_once_and_in_order(zalo: ZaloOAServer) -> None:
    tham = zalo.person("Thắm")
    with called(zalo) as inbox:
        tham.follows()
        tham.writes("xin chào")
        zalo.repeats()
        tham.sends_photo(caption="đây ạ")
        tham.sends_voice()
        tham.sends_file("don.pdf", b"%PDF-")
        tham.sends_place(21.07, 105.78, called="UBND phường")
        tham.sends("sticker")
        tham.sends("link", url="https://a.vn")
        tham.shares_card("84912345678")
        tham.submits_info()
        tham.submits_info(newer=True)
        tham.hears_official("Để tôi xem giúp")
        tham.reads()
        tham.clicks_chat()
        tham.calls()
        tham.calls(talked=41000)
        tham.unfollows()
        settled(zalo)
    said = [one.incoming for one in inbox.heard]
    assert [one.sign for one in said if one.sign] == [
        "came",
        "official",
        "came",
        "called",
        "spoke",
        "left",
    ]
    assert [one.attachment.kind for one in said if one.attachment] == ["photo", "voice", "file", "sticker"]
    assert [one.text for one in said if one.text] == ["xin chào", "đây ạ", "UBND phường", "https://a.vn"]
    assert [one.contact.phone for one in said if one.contact] == ["0912345678"] * 3
    assert {one.chat for one in said} == {tham.id}
    assert inbox.faults == []
    assert {answer.status for answer in zalo.answers} == {200}


def test_what_only_the_operator_can_mend_is_told_them_and_whom_we_cannot_answer_is_counted(
    zalo: ZaloOAServer, caplog: pytest.LogCaptureFixture
) -> None:
    with called(zalo) as inbox:
        for name in ("permission_revoked", "change_template_status", "anonymous_send_text"):
            zalo.tells({"event_name": name, "oa_id": zalo.oa, "timestamp": zalo.stamp()})
        zalo.tells({"event_name": "permission_revoked", "oa_id": "another", "timestamp": zalo.stamp()})
        zalo.tells({"event_name": "permission_revoked", "oa_id": zalo.oa}, signed=False)
        settled(zalo)
    assert (inbox.heard, inbox.faults) == ([], ["anonymous", "signature"])
    assert caplog.text.count("Let it in again: `toso zalo link`.") == 1
    assert "See the account's page." in caplog.text


REPEATS: list[Literal["any", "line"]] = ["any", "line"]


@pytest.mark.parametrize("repeats", REPEATS)
def test_what_could_not_be_stored_comes_again_whatever_zalo_repeats(repeats: Literal["any", "line"]) -> None:
    with ZaloOAServer(Modes(repeats=repeats)) as zalo, called(zalo) as inbox:
        inbox.not_now = 2
        zalo.person("Thắm").writes("xin chào")
        settled(zalo)
        assert [one.incoming.text for one in inbox.heard] == ["xin chào"]
        assert [(answer.status, answer.retry) for answer in zalo.answers] == [(0, 0), (0, 1), (200, 2)]
        assert (zalo.switched_off, zalo.lost) == (False, [])


def test_not_now_is_a_503_that_breaks_off(zalo: ZaloOAServer, caplog: pytest.LogCaptureFixture) -> None:
    with called(zalo) as inbox:
        inbox.not_now = 10
        zalo.person("Thắm").writes("xin chào")
        call = zalo._newest
        with httpx.Client(timeout=60) as client, client.stream(
            "POST", zalo._webhook, content=call.body, headers=call.headers
        ) as answer:  # fmt: skip
            assert answer.status_code == 503
            with pytest.raises(httpx.HTTPError):
                answer.read()
    assert "without completing response" not in caplog.text


@pytest.mark.parametrize("late", [True, False])
def test_an_answer_that_comes_too_late_is_repeated_and_heard_once(late: bool, zalo: ZaloOAServer) -> None:
    if late:
        zalo.patience = 0.0  # however quickly it is answered
    with called(zalo) as inbox:
        zalo.person("Thắm").writes("xin chào")
        settled(zalo)
        zalo.person("Minh").writes("có ai không")
        settled(zalo)
    assert [one.incoming.text for one in inbox.heard] == ["xin chào"] + ["có ai không"] * (not late)
    assert zalo.switched_off is late
    assert len(zalo.lost) == 2 * late


@pytest.mark.parametrize("at_once", [1, 4])
def test_calls_that_pass_each_other_are_all_heard_with_their_own_times(at_once: int) -> None:
    with ZaloOAServer(Modes(at_once=at_once)) as zalo, called(zalo) as inbox:
        tham = zalo.person("Thắm")
        with zalo.swapped():
            tham.writes("một")
            tham.writes("hai")
        settled(zalo)
        inbox.not_now = 3
        for word in ("ba", "bốn", "năm"):
            tham.writes(word)
        settled(zalo)
    if at_once == 1:
        assert [one.incoming.text for one in inbox.heard[:2]] == ["hai", "một"]
    by_time = sorted(inbox.heard, key=lambda one: one.incoming.sent or NOTHING)
    assert [one.incoming.text for one in by_time] == ["một", "hai", "ba", "bốn", "năm"]
    assert (zalo.lost, zalo.switched_off) == ([], False)


@pytest.mark.parametrize("first", ["app", "oa"])
@pytest.mark.parametrize("last", ["oa", "app"])
def test_however_zalo_signs_it_is_believed_and_the_way_is_told_once(
    first: Literal["app", "oa"], last: Literal["oa", "app"], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot")
    with ZaloOAServer(Modes(first=first, last=last)) as zalo, called(zalo) as inbox:
        for word in ("một", "hai"):
            zalo.person("Thắm").writes(word)
        zalo.tells({"event_name": "follow", "timestamp": zalo.stamp()}, signed=False)
        settled(zalo)
        assert zalo.secret not in caplog.text
    assert (len(inbox.heard), inbox.faults) == (2, ["signature"])
    whose = {"app": "the app's id", "oa": "the account's id"}[first]
    secret = {"oa": "the account's key", "app": "the app's secret"}[last]
    assert caplog.text.count(f"Zalo signs its calls with {whose} and {secret}") == 1


@pytest.mark.parametrize("status", [200, 401])
def test_the_consoles_test_call_is_answered_as_other_calls_without_our_signature(
    status: int, zalo: ZaloOAServer
) -> None:
    with called(zalo, bad_signature_status=status) as inbox:
        assert zalo.tries() == status
    assert (inbox.heard, inbox.faults) == ([], ["signature"])


@pytest.mark.parametrize("status", [200, 401])
def test_a_false_signature_counts_for_nothing_and_is_answered_as_the_office_chooses(
    status: int, zalo: ZaloOAServer
) -> None:
    zalo.repeating = status == 200
    with called(zalo, bad_signature_status=status) as inbox:
        zalo.tells(
            {"event_name": "user_send_text", "timestamp": zalo.stamp(), "sender": {"id": "1"}}, signed=False
        )
        settled(zalo)
    assert inbox.heard == []
    assert inbox.faults == ["signature"]
    assert [answer.status for answer in zalo.answers] == [status]


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        (b"", ""),
        (b"{", "shape"),
        (b"[1]", "shape"),
        ({"event_name": "user_send_text", "timestamp": "1"}, "stale"),
        ({"event_name": "something_new"}, ""),
        ({"event_name": "user_send_text", "message": {"msg_id": "m"}}, "shape"),
    ],
)
def test_what_cannot_be_used_is_answered_all_the_same(
    event: bytes | dict[str, Any], fault: str, zalo: ZaloOAServer
) -> None:
    with called(zalo) as inbox:
        zalo.tells(event)
        settled(zalo)
    assert inbox.heard == []
    assert inbox.faults == ([fault] if fault else [])
    assert [answer.status for answer in zalo.answers] == [200]


def test_the_echo_of_our_own_message_is_not_taken_for_anybody(zalo: ZaloOAServer, tham: Seat) -> None:
    with called(zalo) as inbox:
        send(zalo, tham, Message("chào"))
        settled(zalo)
    assert inbox.heard == []
    assert [answer.event for answer in zalo.answers] == ["oa_send_text"]


def test_a_pressed_button_and_a_typed_number_are_told_apart(zalo: ZaloOAServer, tham: Seat) -> None:
    with called(zalo) as inbox:
        send(zalo, tham, ASKED)
        tham.presses("Không phải")
        zalo.buttons = True
        send(zalo, tham, ASKED, buttons=True)
        tham.presses("Không phải")
        settled(zalo)
    assert [(one.incoming.text, one.incoming.choice) for one in inbox.heard] == [("2", ""), ("", "no@q")]


# --- what people sent ---


def test_a_photo_is_fetched_from_zalo_and_from_nowhere_else(zalo: ZaloOAServer) -> None:
    async def get(channel: ZaloOAChannel, ref: str) -> bytes:
        return b"".join([piece async for piece in channel.fetch(ref)])

    url = zalo.serves(PNG, "a.png")
    assert doing(zalo, lambda channel: get(channel, url)) == PNG
    with pytest.raises(Refused):
        doing(zalo, lambda channel: get(channel, url), hosts=("*.zdn.vn",))
    zalo.passes(timedelta(days=7))
    with pytest.raises(Refused, match="no longer there"):
        doing(zalo, lambda channel: get(channel, url))


# --- the operator ---


def findings(zalo: ZaloOAServer, **more: Any) -> Sequence[tuple[str, str]]:
    return [(found.state, found.what.msgid) for found in doing(zalo, lambda channel: channel.check(), **more)]


def test_the_doctor_is_told_of_the_account(zalo: ZaloOAServer) -> None:
    zalo.package = 5
    assert findings(zalo) == [
        ("ok", "Zalo Official Account: “{name}”, package {package}"),
        ("ok", "Zalo Official Account: {left} messages beyond the free 48 hours are left"),
    ]
    zalo.verified, zalo.package = False, 0
    assert [state for state, _ in findings(zalo)] == ["ok", "warning", "warning"]
    zalo.fails(-224)
    assert findings(zalo) == [("error", "Zalo Official Account does not answer as it should: {reason}")]
    zalo.down = True
    assert [state for state, _ in findings(zalo)] == ["error"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-209, "ứng dụng chưa kích hoạt. Kích hoạt ở developers.zalo.me (lỗi -209)"),
        (-242, "appsecret_proof sai: xem ZALO_OA_PROOF (lỗi -242)"),
        (-999, 'lỗi chưa gặp bao giờ: "error" (lỗi -999)'),
    ],
)
def test_an_error_is_told_with_its_number(zalo: ZaloOAServer, code: int, words: str) -> None:
    zalo.fails(code)
    (told,) = doing(zalo, lambda channel: channel.check())
    assert Wording().word(told.what, "vi") == f"Zalo OA trả lời không đúng: {words}"


# --- the simulator itself ---


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": "x" * 2001}, -210),
        ({"text": "👋" * 1001}, -210),
        ({"text": ""}, -201),
        ({}, -201),
        ({"text": "x", "parse_mode": "html"}, -201),
        ({"attachment": {"type": "file", "payload": {"token": "no"}}}, -201),
        ({"attachment": {"type": "template", "payload": {"template_type": "list"}}}, -233),
        ({"text": "x", "attachment": {"type": "template", "payload": {"buttons": []}}}, -233),
    ],
)
def test_the_simulator_refuses_what_zalo_refuses(
    message: dict[str, Any], code: int, zalo: ZaloOAServer, tham: Seat
) -> None:
    with pytest.raises(Refused, match=str(code)):
        doing(zalo, lambda channel: _posted(channel, tham.id, message))
    zalo.violations.clear()


async def _posted(channel: ZaloOAChannel, chat: str, message: dict[str, Any]) -> None:
    from bot.channels.zalo_oa_client import Failed

    try:
        await channel._post(chat, message)
    except Failed as failed:
        raise Refused(str(failed)) from None


def test_a_violation_ends_the_test() -> None:
    server = ZaloOAServer()
    with pytest.raises(AssertionError, match="too long"), server:
        _say_too_much(server)


def _say_too_much(zalo: ZaloOAServer) -> None:
    seat = zalo.person("Lan")
    seat.writes("chào")
    with pytest.raises(Refused):
        doing(zalo, lambda channel: _posted(channel, seat.id, {"text": "x" * 2001}))


def test_ids_are_beyond_the_reach_of_a_float(zalo: ZaloOAServer, tham: Seat) -> None:
    assert int(tham.id) > 2**53
    assert json.loads(json.dumps({"id": tham.id}))["id"] == tham.id
