"""Talks on the Zalo Bot Platform, end to end: the real `toso run`, real HTTP, kills amid."""

from __future__ import annotations

import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from bot.store.tables import SENT
from tests.bot.office import Office, Running, free_port
from tests.simulators.zalo_bot import Modes, Seat, Shown, ZaloBotServer

PUBLIC = "https://toso.example.vn"
SECRET = "sen-hong-2026"
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(3000) + b"\xff\xd9"
VOICE = b"\xff\xf1\x60\x40\x01\x7f\xfc" * 40
LONG = 60.0  # seconds for an answer: the machine may be busy, and there is one poll a second
QUESTIONS = (
    "kích hoạt vneid thế nào",
    "nhận tiền bằng mã qr",
    "ngân hàng đòi quét mặt",
    "làm giấy khai sinh cho con",
)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    here = Office(tmp_path)
    assert here.toso("db", "upgrade").status == 0
    return here


@contextmanager
def serving(office: Office, zalo: ZaloBotServer, *, webhook: bool, **more: str) -> Iterator[Running]:
    settings = {"zalo_bot_token": zalo.token, "zalo_bot_api": zalo.url, "zalo_bot_name": zalo.name}
    settings |= more
    port = str(free_port())
    zalo.public[PUBLIC] = f"http://127.0.0.1:{port}"
    if webhook:
        settings |= {"zalo_bot_webhook": "on", "zalo_bot_secret": SECRET, "public_address": PUBLIC}
    with office.running(ready=True, channels="web,zalo_bot", port=port, **settings) as running:
        yield running


def hears_choices(person: Seat) -> Shown:
    while not (message := person.hears(within=LONG)).labels:
        pass
    return message


def stored(office: Office) -> list[tuple[str, int]]:
    """Give the key and state of every update of Zalo's in the inbox."""
    with closing(sqlite3.connect(office.folder / "data" / "toso.db")) as database:
        return database.execute("select key, state from inbox where account like 'zalo_bot:%'").fetchall()


@pytest.mark.parametrize(
    ("webhook", "modes"),
    [
        (False, Modes(replays="again", photo="photo")),
        (True, Modes(wrapped=True)),
        (True, Modes(wrapped=False)),
    ],
    ids=["polling", "webhook, wrapped", "webhook, bare"],
)
def test_a_question_is_answered_and_a_number_understood(office: Office, webhook: bool, modes: Modes) -> None:
    with ZaloBotServer(modes) as zalo:
        tham = zalo.person("Cô Thắm")
        with serving(office, zalo, webhook=webhook) as running:
            if webhook:
                assert zalo.waits_until(lambda: zalo.webhook == f"{PUBLIC}/hooks/zalo_bot", LONG)
            tham.writes(QUESTIONS[0])
            offered = hears_choices(tham)
            assert "**" not in offered.text
            tham.writes("1")
            step = tham.hears("Bước 1", within=LONG)
            assert any("Bước" in words for words in step.bold)
            tham.picks(step.labels[0])
            hears_choices(tham)
            tham.sends_sticker()
            tham.hears(within=LONG)
            if webhook:
                assert zalo.calls_webhook({"event_name": "x"}, secret="wrong-secret").status_code == 401
                assert zalo.calls_webhook(b"{").status_code == 200
            assert running.stop() == 0
        assert {call.status for call in zalo.calls} <= {200, 404, 408}
        with closing(sqlite3.connect(office.folder / "data" / "toso.db")) as database:
            assert database.execute("select cost, messages from spending").fetchall() == [
                ("message", len(answers(tham)))
            ]
    written = "".join(running.log)
    assert [line for line in running.log if "ERROR" in line and "ZALO_BOT_SECRET is wrong" not in line] == []
    assert written.count("ERROR") == webhook
    assert "Traceback" not in written
    assert zalo.token not in written
    assert SECRET not in written
    assert QUESTIONS[0] not in written


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
def test_nothing_is_lost_and_nothing_done_twice_when_the_process_is_killed(
    office: Office, webhook: bool
) -> None:
    # A platform that gives an update once and forgets it loses what was on its way to a killed process:
    # only one that repeats itself can be held to more.
    with ZaloBotServer(Modes(replays="again", retries=200)) as zalo:
        people = [zalo.person(f"Người {number}") for number in range(6)]
        written: list[str] = []
        for number, question in enumerate(QUESTIONS):
            with serving(office, zalo, webhook=webhook) as running:
                if webhook:
                    assert zalo.waits_until(lambda: bool(zalo.webhook), LONG)
                written += [person.writes(question) for person in people[number % 2 :: 2]]
                assert zalo.waits_until(lambda: len(told(zalo)) > 0, LONG)
                running.process.send_signal(signal.SIGKILL)
                running.process.wait(LONG)
            zalo.calls.clear()
        with serving(office, zalo, webhook=webhook) as running:
            # One of them may have come twice, so what counts is that two different ones are here.
            assert zalo.waits_until(
                lambda: all(len({one.text for one in answers(person)}) >= 2 for person in people), LONG
            )
            assert zalo.waits_until(lambda: zalo.undelivered == 0, LONG)
            assert running.stop() == 0
        assert zalo.lost == []
    assert sorted(key for key, _state in stored(office)) == sorted(written)
    for person in people:
        sent, again = rows(office, person)
        # A message under way at a kill may come once more, and is marked; any other comes once.
        assert len(answers(person)) == sent or (again and len(answers(person)) > sent)


def rows(office: Office, person: Seat) -> tuple[int, int]:
    """Give how many messages were sent to somebody, and how many of them are marked as perhaps repeated."""
    with closing(sqlite3.connect(office.folder / "data" / "toso.db")) as database:
        found = database.execute(
            "select outbox.state, again from outbox join contacts on contacts.id = contact where chat = ?",
            (person.id,),
        ).fetchall()
    assert {state for state, _again in found} == {SENT}
    return len(found), sum(again for _state, again in found)


def test_a_photo_crosses_from_one_side_of_a_request_to_the_other(office: Office) -> None:
    team = "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
    invitation = office.toso("invite", "member", team, "Chị Hường").out.strip()
    with ZaloBotServer() as zalo:
        tham, huong = zalo.person("Cô Thắm"), zalo.person("Chị Hường")
        with serving(office, zalo, webhook=True, zalo_bot_media_hosts=zalo.url) as running:
            assert zalo.waits_until(lambda: bool(zalo.webhook), LONG)
            huong.writes(invitation)
            huong.hears("tổ dân phố 7", within=LONG)
            tham.writes("người thật")
            tham.hears(within=LONG)
            tham.writes("không in được mã QR")
            tham.hears("phường", within=LONG)
            tham.writes("phuong dong ngac to 7")
            for _question in ("may it be kept", "is it right so"):
                hears_choices(tham)
                tham.writes("1")
            code = re.search(r"YC-(\w+)", tham.hears("YC-", within=LONG).text)
            assert code is not None
            huong.hears(f"NHẬN {code[1]}", within=LONG)
            huong.writes(f"nhận {code[1]}")
            tham.hears("đã nhận", within=LONG)

            tham.sends_photo(PHOTO)
            assert seen(huong).content == PHOTO
            huong.sends_photo(PHOTO + b"2")
            assert seen(tham).content == PHOTO + b"2"
            tham.sends_voice(VOICE)
            huong.hears("tin thoại", within=LONG)
            while not (shown := huong.hears(within=LONG)).voice:
                pass
            played = httpx.get(shown.voice.replace(PUBLIC, zalo.public[PUBLIC]), timeout=LONG)
            assert (played.content, played.headers["content-type"]) == (VOICE, "audio/aac")
            assert running.stop() == 0
    written = "".join(running.log)
    assert "ERROR" not in written
    assert "Traceback" not in written
    assert zalo.url + "/media" not in written


def seen(person: Seat) -> Shown:
    """Give the next message that shows a picture."""
    while not (message := person.hears(within=LONG)).photo:
        pass
    return message


def told(zalo: ZaloBotServer) -> list[object]:
    return [call for call in zalo.called("sendMessage") if call.status == 200]


def answers(person: Seat) -> list[Shown]:
    return [message for message in person.sees() if not message.mine]
