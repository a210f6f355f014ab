"""ZBS templates: off unless configured, neutral, never at night, counted, and each error told for what it is."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import httpx
import msgspec
import pytest
from sqlalchemy import Connection, insert, select, update

from bot import clock
from bot.app import channels
from bot.channels import Refused, Sent, TryLater
from bot.channels.zbs import ERRORS, ZbsChannel, until_morning
from bot.settings import Secret, Settings
from bot.store import spending
from bot.store import tables as t
from bot.store.database import Database
from bot.store.links import open_templates
from bot.store.writer import writer
from bot.tokens import TokenKeeper
from bot.wording import Wording
from handlers.talk import Message
from tests.bot.office import Office
from tests.simulators.serving import Serving
from tests.simulators.zalo_tokens import APP_ID, APP_SECRET
from tests.simulators.zbs import TEMPLATE, USER, Shown, Zbs

T = TypeVar("T")
NOON = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
PHONE = "84900000318"
WORDS = Message(text="**Tổ Số** có việc chờ.\nMở Zalo để xem.")


@pytest.fixture(autouse=True)
def still_clock() -> Iterator[None]:
    clock.stop_at(NOON)
    yield
    clock.reset()


@pytest.fixture
def zbs() -> Zbs:
    return Zbs()


@pytest.fixture
def address(zbs: Zbs) -> Iterator[str]:
    serving = Serving(zbs.app())
    yield serving.url
    serving.stop()
    assert (zbs.violations, zbs.tokens.violations, zbs.tokens.burnt) == ([], [], [])


Run = Callable[..., object]


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path, address: str, zbs: Zbs) -> Run:
    """Do something with the channel, which has a pair that holds."""
    pair = zbs.tokens.pair()

    def doing(
        job: Callable[[ZbsChannel], Awaitable[T]], *, proof: bool = False, template: str = TEMPLATE
    ) -> T:
        async def main() -> T:
            database = Database(sqlite_url)
            writing = writer(database)
            keeper = TokenKeeper(
                "zalo_oa:1", database, writing, tmp_path,
                app_id=APP_ID, app_secret=Secret(APP_SECRET), oauth=address, proof=proof,
            )  # fmt: skip
            if not zbs.calls:
                await keeper.bring(*pair)
            fields = ("noi_dung=words", "ngay=date")
            one = ZbsChannel(keeper, template, fields, business=address, api=address)
            try:
                return await job(one)
            finally:
                await one.close()
                writing.close()
                database.close()

        return asyncio.run(main())

    return doing


def sending(to: str = PHONE) -> Callable[[ZbsChannel], Awaitable[Sent]]:
    return lambda one: one.send(to, WORDS)


def test_a_template_is_filled_with_one_line_and_counted(run: Run, zbs: Zbs) -> None:
    assert run(sending()) == Sent("m1", cost="zbs", left=499)
    assert run(sending(f"oa:{USER}")) == Sent("m2", cost="zbs")
    data = {"noi_dung": "Tổ Số có việc chờ. Mở Zalo để xem.", "ngay": "30/11/2026"}
    assert zbs.shown == [Shown(PHONE, data), Shown(USER, data)]


def test_a_repeat_has_the_name_of_the_first_attempt_and_nothing_else_has(run: Run, zbs: Zbs) -> None:
    zbs.fails = [-200]
    with pytest.raises(TryLater):
        run(sending())
    run(sending())
    run(sending("84900000319"))
    run(lambda one: one.send(PHONE, Message("Việc khác.")))
    clock.stop_at(NOON + timedelta(days=1))
    run(sending())
    first, again, *others = zbs.trackings
    assert first == again
    assert len({first, *others}) == 4


@pytest.mark.parametrize(
    "to", ["0900000318", "+84900000318", "84900", "oa:", "oa:1; x", USER, "", PHONE + "\n"]
)
def test_what_is_no_recipient_costs_no_call(run: Run, zbs: Zbs, to: str) -> None:
    with pytest.raises(Refused) as refused:
        run(sending(to))
    assert refused.value.gone
    assert zbs.calls == 0


@pytest.mark.parametrize(
    ("moment", "wait"),
    [("21:59", 0), ("22:00", 480), ("23:30", 390), ("00:00", 360), ("05:59", 1), ("06:00", 0), ("12:00", 0)],
)
def test_no_telephone_number_is_written_to_at_night(run: Run, zbs: Zbs, moment: str, wait: int) -> None:
    now = datetime.fromisoformat(f"2026-11-30T{moment}:00+07:00")
    assert until_morning(now) == timedelta(minutes=wait)
    clock.stop_at(now)
    if not wait:
        assert run(sending())
        return
    with pytest.raises(TryLater, match="at night") as later:
        run(sending())
    assert later.value.wait == timedelta(minutes=wait)
    assert zbs.calls == 0


def test_a_token_that_does_not_hold_is_renewed_once(run: Run, zbs: Zbs) -> None:
    zbs.tokens.dies()
    assert run(sending())
    assert run(sending(f"oa:{USER}"))
    assert (zbs.tokens.given, zbs.calls) == (1, 3)


def test_the_proof_goes_with_the_token_where_the_app_asks_for_it(run: Run, zbs: Zbs) -> None:
    zbs.proof = True
    with pytest.raises(TryLater, match=r"appsecret_proof is wrong: see ZALO_OA_PROOF \(-1241\)"):
        run(sending())
    assert run(sending(), proof=True)


@pytest.mark.parametrize("code", sorted(set(ERRORS) - {-124, -216, -220}))
def test_each_error_is_told_for_what_it_is(
    run: Run, zbs: Zbs, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    zbs.fails = [code]
    kind, words = ERRORS[code]
    with pytest.raises((TryLater, Refused)) as told:
        run(sending())
    assert str(told.value) == f"{words} ({code})"
    assert isinstance(told.value, Refused) == (kind in ("gone", "never"))
    assert getattr(told.value, "gone", False) == (kind == "gone")
    assert getattr(told.value, "everybody", False) == (kind in ("busy", "office"))
    assert ("zbs: nothing" in caplog.text) == (kind in ("office", "some", "quota", "today"))
    trace = "".join(traceback.format_exception(told.value)) + caplog.text
    assert "of-the-simulator" not in trace
    assert PHONE not in trace


@pytest.mark.parametrize("whose", ["account", "template"])
def test_what_is_too_much_for_today_goes_tomorrow(whose: str, run: Run, zbs: Zbs) -> None:
    if whose == "account":
        zbs.daily = 1
    else:
        zbs.template_daily = 1
    run(sending())
    with pytest.raises(TryLater, match="limit of today is reached") as later:
        run(sending())
    assert (later.value.wait, later.value.everybody) == (timedelta(hours=18), False)
    clock.stop_at(NOON + timedelta(hours=18))
    zbs.midnight()
    run(sending())
    assert len(zbs.shown) == 2


def test_a_template_that_is_tried_out_reaches_administrators_and_stops_nobody_else(
    run: Run, zbs: Zbs
) -> None:
    zbs.administrators, zbs.trials = {PHONE}, 1
    with pytest.raises(TryLater, match="administrators only") as later:
        run(sending("84900000319"))
    assert not later.value.everybody
    run(sending())
    with pytest.raises(TryLater, match=r"the quota for tests is used up \(-126\)"):
        run(sending())


def test_an_unknown_error_is_for_good(run: Run, zbs: Zbs) -> None:
    zbs.fails = [-999]
    with pytest.raises(Refused, match=r"an error that is not known yet \(-999\)") as refused:
        run(sending())
    assert not refused.value.gone


def test_a_wrong_template_is_told_with_its_setting(
    run: Run, zbs: Zbs, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(TryLater):
        run(sending(), template="1")
    assert "correct ZBS_TEMPLATE (-109)" in caplog.text


def test_no_broadcast_goes_by_template(run: Run) -> None:
    async def asked(one: ZbsChannel) -> list[bool]:
        return [bool(one.refuses(timedelta(days=300), kind)) for kind in ("notice", "reminder", "broadcast")]

    assert run(asked) == [False, False, True]


async def told(one: ZbsChannel) -> tuple[str, str]:
    [finding] = await one.check()
    return finding.state, Wording().word(finding.what, "en")


def test_the_doctor_asks_what_is_left_today(run: Run, zbs: Zbs) -> None:
    assert run(told) == ("ok", "ZBS templates: 500 are left today")
    zbs.left = 0
    assert run(told) == ("warning", "ZBS templates: 0 are left today")
    zbs.fails = [-135]
    assert run(told) == (
        "error",
        "ZBS templates cannot be sent: the account may not send templates (-135)",
    )


def test_it_is_off_unless_a_template_is_named(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    writing = writer(database)
    settings = Settings(
        database=sqlite_url, zalo_oa_id="1", zalo_oa_app_id=APP_ID, zalo_oa_app_secret=Secret(APP_SECRET)
    )
    assert channels(settings, database, writing) == []
    named = msgspec.structs.replace(settings, zbs_template=TEMPLATE)
    [one] = channels(named, database, writing)
    assert one.account == "zbs"
    asyncio.run(one.close())
    writing.close()
    database.close()


def contact(
    connection: Connection, account: str, chat: str, conversation: int = 0, *, gone: bool = False
) -> int:
    """Add a contact, with a conversation of its own where none is given; give the conversation."""
    conversation = conversation or connection.scalar(
        insert(t.conversations).values(touched=NOON).returning(t.conversations.c.id)
    )
    connection.execute(
        insert(t.contacts).values(
            account=account, chat=chat, conversation=conversation, heard=NOON, gone=gone
        )
    )
    return conversation


def templates(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        select(t.contacts.c.chat, t.contacts.c.conversation).where(t.contacts.c.account == "zbs")
    )
    return {row.chat: row.conversation for row in rows}


def test_whom_the_account_knows_templates_reach_too_wherever_the_talk_goes_on(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        lan, dung = contact(connection, "zalo_oa:1", "51"), contact(connection, "zalo_oa:1", "52")
        contact(connection, "zalo_oa:1", "53", gone=True)
        contact(connection, "zalo_oa:2", "54")
        contact(connection, "telegram:1", "55")
        web = contact(connection, "web", "a")
        contact(connection, "zbs", PHONE, dung)
        for _ in range(2):
            open_templates(connection, "zalo_oa:1", NOON)
        assert templates(connection) == {"oa:51": lan, "oa:52": dung, PHONE: dung}
        connection.execute(update(t.contacts).where(t.contacts.c.chat == "51").values(conversation=web))
        open_templates(connection, "zalo_oa:1", NOON)
        assert templates(connection) == {"oa:51": web, "oa:52": dung, PHONE: dung}
    database.close()


def test_a_notice_goes_by_template_through_a_whole_process(
    sqlite_url: str, tmp_path: Path, address: str, zbs: Zbs
) -> None:
    office = Office(tmp_path)
    oa = f'[zalo_oa]\nid = "1"\napp_id = "{APP_ID}"\noauth = "{address}"\napi = "{address}"\n'
    fields = 'fields = ["noi_dung=words", "ngay=date"]'
    office.write(
        f'database = "{sqlite_url}"\n{oa}[zbs]\ntemplate = "{TEMPLATE}"\napi = "{address}"\n{fields}'
    )
    assert (
        office.toso("zalo", "token", typed="\n".join(zbs.tokens.pair()), zalo_oa_app_secret=APP_SECRET).status
        == 0
    )
    database = Database(sqlite_url)
    with database.write() as connection:
        person = contact(connection, "zalo_oa:1", USER)
        contact(connection, "zbs", f"oa:{USER}", person)
        row = select(t.contacts.c.id).where(t.contacts.c.account == "zbs").scalar_subquery()
        message = msgspec.json.encode(WORDS).decode()
        connection.execute(
            insert(t.outbox).values(
                account="zbs", contact=row, number=1, kind="notice", priority=1, state=t.READY,
                message=message, at=NOON,
            )
        )  # fmt: skip
    with office.running(zalo_oa_app_secret=APP_SECRET) as running:
        assert zbs.arrived.wait(60)
        figures = httpx.get(f"{running.url}/metrics", timeout=60).text
    assert 'toso_well{account="zbs"} 1.0' in figures
    assert zbs.shown[0].data["noi_dung"] == "Tổ Số có việc chờ. Mở Zalo để xem."
    with database.read() as connection:
        assert connection.scalar(select(t.outbox.c.state)) == t.SENT
        [spent] = spending.month(connection, "zbs", spending.month_of(datetime.now(UTC)))
    assert (spent.cost, spent.messages) == ("zbs", 1)
    database.close()
    assert "of-the-simulator" not in "".join(running.log)
