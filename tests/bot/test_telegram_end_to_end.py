"""A guide and a request over Telegram, end to end: the real `toso run`, real HTTP, servers that are strict."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from tests.bot.office import Office, Running
from tests.npm import NotInstallable
from tests.simulators.telegram import Seat, Shown, TelegramServer
from tests.simulators.telegram_test_api import TelegramTestApi

INSTALLED = Path(__file__).parents[2] / ".cache" / "telegram-test-api"
TEAM = "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
STUCK = "máy cục gạch, không nhận được tin nhắn"
PUBLIC = "https://toso.example.vn"
WAYS = {
    "aiogram polls": {"telegram_driver": "aiogram"},
    "ptb polls": {"telegram_driver": "ptb"},
    "ptb is called": {
        "telegram_driver": "ptb",
        "telegram_webhook": "true",
        "telegram_secret": "sen-hong_2026",
        "public_address": PUBLIC,
    },
}
LONG = 60.0  # seconds for an answer: the machine may be busy, and a chat gets one message a second


class Message(Protocol):
    """What both servers show of a message."""

    @property
    def text(self) -> str: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def data(self) -> tuple[str, ...]: ...


class Person:
    """Somebody on Telegram who presses buttons by the name of the choice, whatever is written on them."""

    def __init__(
        self,
        hears: Callable[[str], Message],
        writes: Callable[[str], object],
        presses: Callable[[Message, str], object],
    ) -> None:
        self.hears, self.writes = hears, writes
        self._presses = presses

    def is_offered(self, name: str) -> Message:
        """Wait for a message with this choice."""
        while name not in choices(message := self.hears("")):
            pass
        return message

    def presses(self, message: Message, name: str) -> None:
        self._presses(message, message.data[choices(message).index(name)])


def choices(message: Message) -> list[str]:
    return [data.partition("@")[0] for data in message.data]


def on(seat: Seat) -> Person:
    """Seat somebody at the strict server."""

    def press(message: Message, data: str) -> None:
        assert isinstance(message, Shown)
        seat.presses(data, on=message)

    return Person(lambda words: seat.hears(words, within=LONG), seat.writes, press)


@contextmanager
def serving(office: Office, telegram: TelegramServer | TelegramTestApi, **settings: str) -> Iterator[Running]:
    telegrams = {"telegram_token": telegram.token, "telegram_api": telegram.url}
    with office.running(ready=True, channels="web,telegram", **telegrams, **settings) as running:
        if isinstance(telegram, TelegramServer):
            telegram.leads[PUBLIC] = running.url
        yield running


@pytest.fixture
def office(tmp_path: Path) -> Office:
    here = Office(tmp_path)
    assert here.toso("db", "upgrade").status == 0
    return here


def gets_stuck(citizen: Person) -> Message:
    """Go through the guide by the first choice of each step until one offers help; press that. Gives the step."""
    citizen.writes("kích hoạt vneid thế nào")
    citizen.presses(citizen.is_offered("go"), "go")
    for _step in range(8):
        step = citizen.hears("Bước ")
        if "help" in choices(step):
            citizen.presses(step, "help")
            return step
        citizen.presses(step, choices(step)[0])
    raise AssertionError("no step of the guide offers help")


def asks_for_help(citizen: Person) -> str:
    """Fill the request in and send it; give its code."""
    citizen.is_offered("nothing")
    citizen.writes(STUCK)
    citizen.hears("phường")
    citizen.writes("phuong dong ngac to 7")
    citizen.presses(citizen.is_offered("yes"), "yes")
    summary = citizen.is_offered("send")
    assert STUCK in summary.text
    citizen.presses(summary, "send")
    code = re.search(r"YC-(\w+)", citizen.hears("YC-").text)
    assert code is not None
    return code[1]


@pytest.mark.parametrize("settings", WAYS.values(), ids=WAYS.keys())
def test_a_citizen_is_guided_gets_stuck_and_is_helped_by_the_team(
    office: Office, settings: dict[str, str]
) -> None:
    code = office.toso("invite", "member", TEAM, "Chị Hường").out.strip()
    with TelegramServer() as telegram:
        seats = telegram.person("Thắm"), telegram.person("Hường")
        tham, huong = map(on, seats)
        with serving(office, telegram, **settings) as running:
            huong.writes(code)
            huong.hears("tổ dân phố 7")
            gets_stuck(tham)
            number = asks_for_help(tham)
            tham.hears("Bước ")  # where the guide stood is offered again

            card = huong.is_offered("claim")
            assert number in card.text
            assert STUCK in card.text
            huong.presses(card, "claim")
            huong.hears(f"YC-{number}")
            tham.hears("Chị Hường")
            huong.writes("Chào bác, bác xóa bớt tin nhắn cũ rồi gửi lại mã nhé.")
            tham.hears("xóa bớt tin nhắn cũ")
            assert running.stop() == 0

        tham.writes("Được rồi cháu ơi, mã về rồi, là 482913")  # while nobody is there
        with serving(office, telegram, **settings) as again:
            heard = huong.hears("mã về rồi")
            assert "482913" not in heard.text
            huong.writes("xong")
            huong.presses(huong.is_offered("solved"), "solved")
            huong.hears("")
            huong.writes("Hộp thư đầy, xóa bớt thì có mã.")
            tham.presses(tham.is_offered("works"), "works")
            tham.presses(tham.is_offered("good"), "good")
            tham.hears("Bước ")
            assert telegram.waits_until(lambda: not telegram.unanswered and not telegram.waiting, LONG)
            assert again.stop() == 0
        assert telegram.unanswered == []
        assert telegram.waiting == []
        assert {call.status for call in telegram.calls} == {200}
        assert ("getUpdates" in {call.method for call in telegram.calls}) == (not telegram.webhook)
        shown = [message for seat in seats for message in seat.sees()]
    assert any(message.bold for message in shown)
    assert all(
        "**" not in message.text and "482913" not in message.text for message in shown if not message.mine
    )
    for log in (running.log, again.log):
        written = "".join(log)
        assert "ERROR" not in written
        assert "Traceback" not in written
        assert not any(words in written for words in (STUCK, "xóa bớt", "Thắm", "482913", telegram.token))
    assert b"482913" not in (office.folder / "data" / "toso.db").read_bytes()


def test_a_second_server_sees_the_same_guide_and_request(office: Office) -> None:
    try:
        server = TelegramTestApi(INSTALLED)
    except NotInstallable as reason:
        pytest.skip(str(reason))
    with server as telegram, serving(office, telegram) as running:
        citizen = Person(
            lambda words: telegram.hears(42, words, within=LONG),
            lambda words: telegram.writes(42, words),
            lambda _message, data: telegram.presses(42, data),
        )
        gets_stuck(citizen)
        asks_for_help(citizen)
        citizen.hears("Bước ")
        assert telegram.waits_until(lambda: telegram.called.count("answerCallbackQuery") >= 4, LONG)
        assert running.stop() == 0
    assert "ERROR" not in "".join(running.log)
