"""The token keeper: nothing used before it is kept, one renewal at a time, and plain words when a person is needed."""

from __future__ import annotations

import asyncio
import logging
import re
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psutil
import pytest
from sqlalchemy import select, update

from bot import clock, renewal
from bot.channels import TryLater
from bot.renewal import Given
from bot.settings import Secret, Settings, Unusable
from bot.store import tables as t
from bot.store.database import Database
from bot.store.writer import writer
from bot.tokens import TokenKeeper, challenge_of, permission_page, proof_of, verifier_of
from tests.bot.office import Office
from tests.simulators.dripping import Dripping
from tests.simulators.serving import Serving
from tests.simulators.zalo_tokens import APP_ID, APP_SECRET, CALLBACK, ZaloTokens

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
ACCOUNT = "zalo_oa:388613"
SETTINGS = Settings(
    zalo_oa_id="388613",
    zalo_oa_app_id=APP_ID,
    zalo_oa_app_secret=Secret(APP_SECRET),
    zalo_oa_callback=CALLBACK,
)


@pytest.fixture(autouse=True)
def still_clock() -> Iterator[None]:
    clock.stop_at(NOW)
    yield
    clock.reset()


@pytest.fixture
def zalo() -> ZaloTokens:
    return ZaloTokens()


@pytest.fixture
def address(zalo: ZaloTokens) -> Iterator[str]:
    serving = Serving(zalo.app())
    yield serving.url
    serving.stop()


@asynccontextmanager
async def keeper(
    url: str, folder: Path, address: str, secret: str = APP_SECRET
) -> AsyncIterator[TokenKeeper]:
    database = Database(url)
    writing = writer(database)
    try:
        yield TokenKeeper(
            ACCOUNT, database, writing, folder, app_id=APP_ID, app_secret=Secret(secret), oauth=address
        )
    finally:
        writing.close()
        database.close()


@pytest.fixture
def kept(
    url: str, tmp_path: Path, address: str
) -> Callable[[Callable[[TokenKeeper], Awaitable[object]]], object]:
    """Run something with a keeper, each time as a new process would."""

    def run(job: Callable[[TokenKeeper], Awaitable[object]]) -> object:
        async def main() -> object:
            async with keeper(url, tmp_path / "spare", address) as one:
                return await job(one)

        return asyncio.run(main())

    return run


Run = Callable[[Callable[[TokenKeeper], Awaitable[object]]], object]


def row(url: str) -> dict[str, object]:
    database = Database(url)
    with database.read() as connection:
        found = dict(connection.execute(select(t.tokens)).mappings().one())
    database.close()
    return found


def after(time: timedelta) -> None:
    clock.stop_at(clock.now() + time)


def brought(kept: Run, zalo: ZaloTokens) -> str:
    """Give the access token of a pair that a person has brought and the keeper renewed once."""
    access, refresh = zalo.pair()
    kept(lambda one: one.bring(access, refresh))
    after(timedelta(hours=1))
    return str(kept(lambda one: one.access()))


def test_a_pair_that_was_brought_is_used_and_soon_renewed(kept: Run, zalo: ZaloTokens, url: str) -> None:
    access, refresh = zalo.pair()
    kept(lambda one: one.bring(access, refresh))
    assert kept(lambda one: one.access()) == access
    assert zalo.calls == 0
    after(timedelta(minutes=50))
    kept(lambda one: one.tend())
    assert zalo.given == 1
    assert kept(lambda one: one.access()) == zalo.access != access
    found = row(url)
    assert (found["before"], found["trouble"], found["tried"], found["version"]) == (refresh, "", None, 2)
    assert found["until"] == clock.now() + timedelta(seconds=90_000)


@pytest.mark.parametrize(("hours", "calls"), [(19, 1), (20, 2), (30, 2)])
def test_a_pair_is_renewed_after_twenty_of_its_twentyfive_hours(
    kept: Run, zalo: ZaloTokens, hours: int, calls: int
) -> None:
    brought(kept, zalo)
    after(timedelta(hours=hours))
    kept(lambda one: one.tend())
    assert zalo.calls == calls


def test_a_token_that_the_platform_refuses_is_renewed_once_for_all_who_ask(
    kept: Run, zalo: ZaloTokens
) -> None:
    used = brought(kept, zalo)
    after(timedelta(hours=1))
    zalo.dies()

    async def many(one: TokenKeeper) -> list[str]:
        return list(await asyncio.gather(*(one.renewed(used) for _ in range(20))))

    given = kept(many)
    assert given == [zalo.access] * 20
    assert (zalo.given, zalo.burnt, zalo.together) == (2, [], 1)


def test_a_token_that_another_process_has_renewed_is_given_without_a_call(
    kept: Run, zalo: ZaloTokens
) -> None:
    used = brought(kept, zalo)
    after(timedelta(hours=1))
    kept(lambda one: one.renewed(used))
    assert kept(lambda one: one.renewed(used)) == zalo.access
    assert zalo.given == 2


def test_two_keepers_of_one_account_make_one_call(
    url: str, tmp_path: Path, address: str, zalo: ZaloTokens, kept: Run
) -> None:
    used = brought(kept, zalo)
    after(timedelta(hours=1))
    zalo.before = 0.2

    async def both() -> list[str]:
        async with keeper(url, tmp_path / "spare", address) as one, keeper(
            url, tmp_path / "spare", address
        ) as other:  # fmt: skip
            return list(await asyncio.gather(one.renewed(used), other.renewed(used)))

    assert asyncio.run(both()) == [zalo.access] * 2
    assert (zalo.given, zalo.burnt, zalo.together) == (2, [], 1)


def test_a_token_just_given_is_not_renewed_again_at_once(kept: Run, zalo: ZaloTokens) -> None:
    used = brought(kept, zalo)
    with pytest.raises(TryLater, match="too new") as later:
        kept(lambda one: one.renewed(used))
    assert (later.value.wait, later.value.everybody) == (timedelta(minutes=1), True)
    assert zalo.given == 1


def test_an_answer_that_never_came_is_asked_for_again_after_a_minute(
    kept: Run, zalo: ZaloTokens, url: str
) -> None:
    used = brought(kept, zalo)
    after(timedelta(hours=1))
    zalo.out_of_order = 1
    with pytest.raises(TryLater, match="no answer came that could be read") as later:
        kept(lambda one: one.renewed(used))
    assert later.value.wait == timedelta(minutes=1)
    assert kept(lambda one: one.access()) == used, "it may hold yet"
    with pytest.raises(TryLater, match="HTTP 502"):
        kept(lambda one: one.renewed(used))
    assert zalo.calls == 2
    after(timedelta(minutes=1))
    assert kept(lambda one: one.renewed(used)) == zalo.access
    assert row(url)["trouble"] == ""


def test_a_refresh_token_that_was_lost_on_the_way_is_told_with_what_to_do(
    kept: Run, zalo: ZaloTokens, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    used = brought(kept, zalo)
    after(timedelta(hours=1))
    zalo.answers_lost = 1
    with pytest.raises(TryLater, match="HTTP 504"):
        kept(lambda one: one.renewed(used))
    after(timedelta(minutes=1))
    with (
        caplog.at_level(logging.INFO),
        pytest.raises(TryLater, match="or bring a new pair: `toso zalo token`") as later,
    ):
        kept(lambda one: one.renewed(used))
    assert (later.value.wait, later.value.everybody) == (timedelta(minutes=10), True)
    assert "the platform refuses to renew it: -14014 Invalid refresh token" in caplog.text
    assert "of-the-simulator" not in caplog.text + str(later.value) + str(row(url)["trouble"])
    calls = zalo.calls
    with pytest.raises(TryLater, match="bring a new pair"):
        kept(lambda one: one.renewed(used))
    assert zalo.calls == calls, "asked again only after ten minutes"
    access, refresh = zalo.pair()
    kept(lambda one: one.bring(access, refresh))
    assert kept(lambda one: one.access()) == access


def test_a_platform_that_is_not_reached_costs_nothing(
    url: str, tmp_path: Path, kept: Run, zalo: ZaloTokens
) -> None:
    used = brought(kept, zalo)
    after(timedelta(hours=1))

    async def away() -> None:
        async with keeper(url, tmp_path / "spare", "http://127.0.0.1:1") as one:
            await one.renewed(used)

    with pytest.raises(TryLater, match=r"the platform was not reached \(ConnectError\)"):
        asyncio.run(away())
    after(timedelta(minutes=1))
    assert kept(lambda one: one.renewed(used)) == zalo.access


def test_a_wrong_secret_is_told_and_burns_nothing(
    url: str, tmp_path: Path, address: str, kept: Run, zalo: ZaloTokens
) -> None:
    used = brought(kept, zalo)
    after(timedelta(hours=1))

    async def wrong() -> None:
        async with keeper(url, tmp_path / "spare", address, "another-secret-altogether") as one:
            await one.renewed(used)

    with pytest.raises(TryLater, match="-14004 Invalid secret key") as told:
        asyncio.run(wrong())
    assert "another-secret" not in str(told.value)
    after(timedelta(minutes=10))
    assert kept(lambda one: one.renewed(used)) == zalo.access


def test_nothing_is_given_where_there_is_no_pair(kept: Run) -> None:
    for job in (TokenKeeper.access, TokenKeeper.tend, lambda one: one.renewed("x")):
        with pytest.raises(TryLater, match="there is no token pair") as later:
            kept(job)
        assert later.value.everybody, "no message is to blame"


@pytest.mark.parametrize("before", [True, False])
def test_an_answer_that_lies_on_the_disk_is_taken_over_if_it_is_the_newest(
    kept: Run, zalo: ZaloTokens, url: str, tmp_path: Path, before: bool
) -> None:
    brought(kept, zalo)
    after(timedelta(hours=20))
    lying = tmp_path / "spare" / "zalo_oa-388613.token"
    given = Given(
        str(row(url)["refresh"]) if before else "of another time", *zalo.pair(), clock.now(), 90_000
    )
    renewal.Place(lying).keep(given)
    assert lying.stat().st_mode & 0o777 == 0o600
    calls = zalo.calls
    if before:
        kept(lambda one: one.tend())
        assert kept(lambda one: one.access()) == given.access
    else:
        with pytest.raises(TryLater):  # the platform has moved on, and what lies there is no successor
            kept(lambda one: one.tend())
    assert zalo.calls == calls + (not before)
    assert not lying.exists()


def test_a_renewal_that_another_machine_began_is_given_two_minutes(
    kept: Run, zalo: ZaloTokens, url: str, tmp_path: Path
) -> None:
    used = brought(kept, zalo)
    after(timedelta(hours=1))
    database = Database(url)
    with database.write() as connection:
        connection.execute(update(t.tokens).values(tried=clock.now()))
    database.close()
    (tmp_path / "spare" / "zalo_oa-388613.lock").unlink()  # this machine has begun none
    with pytest.raises(TryLater, match="its renewal is under way") as later:
        kept(lambda one: one.renewed(used))
    assert (later.value.wait, zalo.given) == (timedelta(minutes=2), 1)
    after(timedelta(minutes=2))
    assert kept(lambda one: one.renewed(used)) == zalo.access


def test_a_pair_untouched_for_two_months_is_told(
    kept: Run, zalo: ZaloTokens, caplog: pytest.LogCaptureFixture
) -> None:
    brought(kept, zalo)
    after(timedelta(days=61))
    zalo.switched_off = True
    with caplog.at_level(logging.ERROR), pytest.raises(TryLater, match="-14002"):
        kept(lambda one: one.tend())
    assert "the token pair is of 2026-11-30 and dies on 2027-02-28. Bring a new one" in caplog.text


def test_the_code_of_the_permission_page_brings_the_first_pair(kept: Run, zalo: ZaloTokens) -> None:
    verifier = verifier_of(SETTINGS)
    code = zalo.permits(challenge_of(verifier))
    with pytest.raises(TryLater, match="no token pair for this code: -14003"):
        kept(lambda one: one.exchange(code, verifier[::-1]))
    kept(lambda one: one.exchange(code, verifier))
    assert kept(lambda one: one.access()) == zalo.access
    with pytest.raises(TryLater, match="-14003"):
        kept(lambda one: one.exchange(code, verifier))
    assert kept(lambda one: one.access()) == zalo.access
    assert zalo.violations == []


def test_a_code_older_than_ten_minutes_brings_nothing(kept: Run, zalo: ZaloTokens) -> None:
    verifier = verifier_of(SETTINGS)
    code = zalo.permits(challenge_of(verifier))
    zalo.passes(timedelta(minutes=11))
    with pytest.raises(TryLater, match="-14003 Invalid authorization code"):
        kept(lambda one: one.exchange(code, verifier))


def test_where_the_console_holds_a_challenge_ours_is_always_the_same(kept: Run, zalo: ZaloTokens) -> None:
    zalo.challenge = challenge_of(verifier_of(SETTINGS))
    assert not zalo.permits(challenge_of("another" * 7))
    for _ in range(2):
        code = zalo.permits(challenge_of(verifier_of(SETTINGS)))
        kept(lambda one, code=code: one.exchange(code, verifier_of(SETTINGS)))  # type: ignore[misc]
    assert kept(lambda one: one.access()) == zalo.access


def test_a_pair_is_renewed_before_the_platform_lets_it_die(kept: Run, zalo: ZaloTokens) -> None:
    brought(kept, zalo)
    for _ in range(4):
        after(timedelta(hours=21))
        zalo.passes(timedelta(hours=21))
        kept(lambda one: one.tend())
        assert zalo.holds(str(kept(lambda one: one.access())))


def test_a_service_that_slept_for_months_asks_for_a_person(kept: Run, zalo: ZaloTokens) -> None:
    brought(kept, zalo)
    after(timedelta(days=91))
    zalo.passes(timedelta(days=91))
    with pytest.raises(TryLater, match=r"-14014 Invalid refresh token.*bring a new pair"):
        kept(lambda one: one.access())


def test_the_challenge_is_that_of_rfc_7636() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_permission_page_says_what_zalo_asks_for() -> None:
    verifier = verifier_of(SETTINGS)
    assert len(verifier) == 43
    assert permission_page(SETTINGS) == (
        "https://oauth.zaloapp.com/v4/oa/permission?app_id=1907&redirect_uri=https%3A%2F%2Ftoso.example.vn"
        f"&code_challenge={challenge_of(verifier)}"
    )


def test_the_proof_is_the_tokens_hmac_in_hexadecimal() -> None:
    # RFC 4231, test case 2
    assert proof_of("what do ya want for nothing?", Secret("Jefe")) == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@pytest.mark.parametrize(
    ("said", "life"),
    [("90000", 90_000), (3600, 3600), (None, 90_000), ("-1", 90_000), ("soon", 90_000), ("9" * 30, 90_000)],
)
def test_the_life_of_a_token_is_read_whatever_is_said(said: object, life: int) -> None:
    assert renewal._life(said) == life


def test_a_task_that_did_not_come_whole_is_left() -> None:
    task = msgspec.json.encode({"url": "http://127.0.0.1:1", "form": {}})
    done = subprocess.run(
        [sys.executable, "-m", "bot.renewal"], input=task[:-4], capture_output=True, check=False
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"")


def test_without_room_for_the_answer_nothing_is_asked(kept: Run, zalo: ZaloTokens, tmp_path: Path) -> None:
    used = brought(kept, zalo)
    after(timedelta(hours=1))
    in_the_way = tmp_path / "spare" / "zalo_oa-388613.new"
    in_the_way.mkdir()
    with pytest.raises(TryLater, match=r"no room on the disk for the answer \(.+\), so nothing was asked"):
        kept(lambda one: one.renewed(used))
    assert zalo.calls == 1
    in_the_way.rmdir()
    after(timedelta(minutes=1))
    assert kept(lambda one: one.renewed(used)) == zalo.access


def test_an_answer_that_does_not_end_is_not_waited_for(tmp_path: Path) -> None:
    with Dripping() as url:
        outcome = renewal.ask(renewal.Task(url, "", {}, str(tmp_path / "a.token"), "", NOW, seconds=2.0))
    assert outcome == renewal.Outcome("unknown", "TimeoutError")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_costs_no_token(zalo: ZaloTokens, address: str, tmp_path: Path) -> None:
    _, refresh = zalo.pair()
    form = {"app_id": APP_ID, "refresh_token": refresh, "grant_type": "refresh_token"}
    task = renewal.Task(
        f"{address}/v4/oa/access_token", APP_SECRET, form, str(tmp_path / "a.token"), refresh, NOW
    )
    done = subprocess.run(
        [sys.executable, "-m", "bot.renewal"],
        input=msgspec.json.encode(task),
        capture_output=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    outcome = msgspec.json.decode(done.stdout, type=renewal.Outcome)
    assert (outcome.state, outcome.given, zalo.calls) == ("full", None, 0)
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_the_disk_does_not_take_is_handed_to_whoever_asked(
    kept: Run, zalo: ZaloTokens, tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    used = brought(kept, zalo)
    after(timedelta(hours=1))

    def fills_up(stage: str) -> None:
        if stage == "given":
            for process in psutil.Process().children(recursive=True):
                if "bot.renewal" in process.cmdline():
                    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, 0))

    zalo.watched = fills_up
    assert kept(lambda one: one.renewed(used)) == zalo.access
    assert row(url)["access"] == zalo.access
    assert "the disk took no new token pair" in caplog.text
    assert "of-the-simulator" not in caplog.text
    assert [path.name for path in (tmp_path / "spare").iterdir()] == ["zalo_oa-388613.lock"]


def test_the_commands_bring_a_pair_beside_a_service_and_show_no_token(
    tmp_path: Path, zalo: ZaloTokens, address: str
) -> None:
    office = Office(tmp_path)
    office.write(
        f'[zalo_oa]\nid = "388613"\napp_id = "{APP_ID}"\noauth = "{address}"\ncallback = "{CALLBACK}"'
    )
    assert office.toso("db", "upgrade").status == 0
    access, refresh = zalo.pair()
    missing = office.toso("zalo", "token", typed=f"{access}\n{refresh}\n")
    assert (missing.status, missing.err) == (
        1,
        "ZALO_OA_APP_SECRET is not set. Copy it from the app's settings at developers.zalo.me.\n",
    )
    half = office.toso("zalo", "token", typed=f"{access}\n", zalo_oa_app_secret=APP_SECRET)
    assert half.err == "Two tokens are needed: the access token, then the refresh token, each on a line.\n"
    done = office.toso("zalo", "token", typed=f" {access}\n\n{refresh}\n", zalo_oa_app_secret=APP_SECRET)
    assert (done.status, done.out) == (
        0, "The token pair of zalo_oa:388613 is kept. `toso run` uses it from its next call on.\n",
    )  # fmt: skip
    url = f"sqlite:///{tmp_path}/data/toso.db"
    assert (row(url)["access"], row(url)["refresh"]) == (access, refresh)

    link = office.toso("zalo", "link", zalo_oa_app_secret=APP_SECRET)
    challenge = re.search(r"code_challenge=([\w-]{43})\n", link.out)
    assert challenge
    refused = office.toso("zalo", "code", "no-such-code", zalo_oa_app_secret=APP_SECRET)
    assert refused.err == "zalo_oa:388613: no token pair for this code: -14003 Invalid authorization code.\n"
    done = office.toso("zalo", "code", zalo.permits(challenge[1]), zalo_oa_app_secret=APP_SECRET)
    assert done.status == 0
    assert (row(url)["access"], row(url)["version"]) == (zalo.access, 2)
    assert "of-the-simulator" not in "".join((done.out, done.err, link.out, link.err, refused.out, half.out))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"zalo_oa_id": "OA"}, "ZALO_OA_ID is “OA”. Write the number that Zalo shows."),
        ({"zalo_oa_app_id": ""}, "ZALO_OA_APP_ID is “”."),
        ({"zalo_oa_app_secret": Secret("")}, "ZALO_OA_APP_SECRET is not set. Copy it"),
        ({"zalo_oa_oauth": "oauth.zaloapp.com"}, "ZALO_OA_OAUTH is “oauth.zaloapp.com”. Write an address"),
        ({"zalo_oa_verifier": Secret("short")}, "ZALO_OA_VERIFIER must have 43 to 128 letters or digits."),
        ({"zalo_oa_callback": ""}, "ZALO_OA_CALLBACK is not set."),
    ],
)
def test_what_is_missing_for_a_token_is_told(changes: dict[str, object], says: str) -> None:
    with pytest.raises(Unusable) as told:
        permission_page(msgspec.structs.replace(SETTINGS, **changes))
    assert str(told.value).startswith(says)
