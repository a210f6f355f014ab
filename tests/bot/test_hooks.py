"""Calls that come without their proof: dropped, counted, told in the log ever more seldom, and known to the doctor."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy import insert, select

from bot import clock
from bot.doctor import examine
from bot.settings import Secret, Settings
from bot.shelf import Bookcase
from bot.store import faults
from bot.store import tables as t
from bot.store.database import Database
from bot.store.faults import OVER, Unproven
from bot.web.hooks import Hooks
from bot.wording import Wording
from tests.bot.rig import core_on, echo
from tests.bot.test_web_server import Site
from tests.fuzz.corpus import ZALO_BOT, ZALO_OA
from tests.fuzz.subjects import APP, SECRET, SUBJECTS, signature

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
OA = "zalo_oa:388613280878808645"


@pytest.fixture
def still() -> Iterator[None]:
    clock.stop_at(NOW)
    yield
    clock.reset()


def called(url: str, bookcase: Bookcase, times: int, subject: str = "zalo official account") -> None:
    """Call a webhook so many times with a false proof, and let its process end."""
    (chosen,) = (one for one in SUBJECTS if one.name == subject)
    body = msgspec.json.encode(chosen.corpus[0])
    false = dict.fromkeys(chosen.prove(body), "wrong")

    async def call() -> None:
        channel = chosen.make()
        hooks = Hooks([channel], core.intake, core.writer)
        wire = httpx.ASGITransport(app=hooks)
        async with httpx.AsyncClient(transport=wire, base_url="http://test") as client:
            for _ in range(times):
                await client.post(f"/hooks/{channel.hook}", content=body, headers=false)
        assert hooks.faults[channel.account, chosen.fault] == times
        await hooks.keep()
        await channel.close()

    with core_on(url, bookcase, echo) as core:
        asyncio.run(call())


def unproven(url: str) -> Sequence[Unproven]:
    database = Database(url)
    with database.read() as connection:
        found = faults.unproven(connection, clock.now())
    database.close()
    return found


def test_the_log_says_it_at_once_and_then_ever_more_seldom_with_how_many(
    sqlite_url: str, bookcase: Bookcase, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        called(sqlite_url, bookcase, 120)
    told = [record.getMessage() for record in caplog.records]
    assert [words.partition(" since the start")[0].rpartition(" ")[2] for words in told] == ["1", "10", "100"]
    assert told[0] == (
        f"{OA}: a call came with a wrong signature and counts for nothing, 1 since the start. "
        "If no message is heard, ZALO_OA_SECRET or ZALO_OA_APP_ID is wrong: copy it again."
    )


def test_how_many_there_were_is_known_to_every_process(url: str, bookcase: Bookcase, still: None) -> None:
    called(url, bookcase, 3)
    called(url, bookcase, 4)
    assert unproven(url) == [Unproven(OA, "signature", 7, NOW)]
    clock.stop_at(NOW + OVER + timedelta(seconds=1))
    assert unproven(url) == []
    called(url, bookcase, 2)
    assert unproven(url) == [Unproven(OA, "signature", 2, clock.now())]


def test_who_is_believed_since_has_the_right_setting(url: str, bookcase: Bookcase, still: None) -> None:
    called(url, bookcase, 3)
    database = Database(url)
    for account, moment, left in (("telegram:7", 5, 1), (OA, -5, 1), (OA, 5, 0)):
        with database.write() as connection:
            person = connection.scalar(
                insert(t.conversations).values(touched=NOW).returning(t.conversations.c.id)
            )
            connection.execute(
                insert(t.inbox).values(
                    account=account, key=f"{moment}", conversation=person, event="",
                    at=NOW + timedelta(minutes=moment), state=t.DONE,
                )
            )  # fmt: skip
        assert len(unproven(url)) == left
    database.close()


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        (
            "zalo official account",
            f"{OA}: 12 lần gọi đến mang sai chữ ký, lần cuối 30/11 10:00; từ đó chưa có tin nào vào được "
            "→ Chép lại ZALO_OA_SECRET (OA Secret Key) từ trang webhook ở developers.zalo.me, "
            "xem lại cả ZALO_OA_APP_ID. Chạy lại `toso run`, rồi nhắn thử cho OA một tin.",
        ),
        ("zalo bot", "→ Ghi cùng một ZALO_BOT_SECRET ở mọi máy rồi chạy lại `toso run`"),
        ("telegram by aiogram", "→ Ghi cùng một TELEGRAM_SECRET ở mọi máy rồi chạy lại `toso run`"),
    ],
)
def test_the_doctor_says_in_plain_vietnamese_what_to_copy_anew(
    subject: str, told: str, sqlite_url: str, bookcase: Bookcase, wording: Wording, still: None
) -> None:
    called(sqlite_url, bookcase, 12, subject)
    lines = [
        f"{wording.word(one.what, 'vi')} → {wording.word(one.remedy, 'vi')}"
        for one in examine(Settings(database=sqlite_url))
        if one.state == "error" and one.remedy
    ]
    assert [line for line in lines if told in line]


@pytest.mark.parametrize(("calls", "state"), [(2, "warning"), (3, "error")])
def test_one_or_two_false_calls_may_be_a_strangers(
    calls: int, state: str, sqlite_url: str, bookcase: Bookcase, still: None
) -> None:
    called(sqlite_url, bookcase, calls)
    found = [one for one in examine(Settings(database=sqlite_url)) if "bore a false" in one.what.msgid]
    assert [one.state for one in found] == [state]


def test_the_figures_count_what_was_heard_and_what_was_refused(
    sqlite_url: str, bookcase: Bookcase, tmp_path: Path
) -> None:
    here = msgspec.json.encode(ZALO_OA[0] | {"timestamp": str(round(clock.now().timestamp() * 1000))})
    site = Site(
        sqlite_url,
        bookcase,
        channels=("web", "zalo_oa", "zalo_bot"),
        media_folder=str(tmp_path / "media"),
        public_address="https://toso.example.vn",
        zalo_oa_id=OA.partition(":")[2],
        zalo_oa_app_id=APP,
        zalo_oa_app_secret=Secret("an-app-secret"),
        zalo_oa_secret=Secret(SECRET),
        zalo_oa_api="http://127.0.0.1:9",
        zalo_bot_token=Secret("7001:a-token"),
        zalo_bot_webhook=True,
        zalo_bot_secret=Secret(SECRET),
        zalo_bot_api="http://127.0.0.1:9",
    )
    try:
        for proof in ({}, {"x-zevent-signature": "mac=0"}, signature(b"another")):
            assert site.http.post("/hooks/zalo_oa", content=here, headers=proof).status_code == 200
        said = msgspec.json.encode(ZALO_BOT[0])
        false = {"x-bot-api-secret-token": "wrong"}
        assert site.http.post("/hooks/zalo_bot", content=said, headers=false).status_code == 401
        assert site.http.post("/hooks/zalo_oa", content=here, headers=signature(here)).status_code == 200
        figures = site.http.get("/metrics").text
    finally:
        site.stop()
    assert f'toso_hook_refused{{account="{OA}",fault="signature"}} 3.0\n' in figures
    assert 'toso_hook_refused{account="zalo_bot:7001",fault="secret"} 1.0\n' in figures
    assert f'toso_hook_heard{{account="{OA}"}} 1.0\n' in figures
    database = Database(sqlite_url)
    with database.read() as connection:
        kept = connection.execute(select(t.faults.c.account, t.faults.c.calls)).all()
    database.close()
    assert sorted(map(tuple, kept)) == [("zalo_bot:7001", 1), (OA, 3)]
