"""A team's group chat: by both drivers, with many who press at once, and with nothing of the citizen in it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import func, insert, select, update

from bot import clock
from bot.channels.telegram_aiogram import AiogramChannel
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_ptb import PtbChannel
from bot.core import Core
from bot.outbox import Sender
from bot.shelf import Bookcase
from bot.store import tables as t
from handlers import cases, desk
from handlers.records.people import Person, RoleKind
from handlers.records.requests import Request
from handlers.talk import Heard, Incoming
from handlers.text import _
from handlers.turn import Turn
from tests.bot.rig import change, core_on, rows
from tests.bot.test_concurrency import processes
from tests.bot.test_outbox import FAST, stop
from tests.simulators.telegram import Group, Refusal, Seat, TelegramServer

SECRETS = ("Tư Bí Mật", "0912345678", "ngõ 5", "cuối ngõ", "chữ quên")
NEW = _("New: **{code}**, {place}.")
TEAM = 1


def deciding(turn: Turn) -> None:
    """Open a request where somebody asks for one in a word, and be the real conversations otherwise."""
    if turn.text != "open":
        desk.decide(turn)
        return
    name, phone, lane, house, words = SECRETS
    request = turn.requests.open(
        Request(
            citizen=turn.person.id,
            name=name,
            phone=phone,
            team=TEAM,
            commune="10402",
            village=f"{lane} {house}",
            words=f"{words}, {phone}",
        )
    )
    cases.send_cards(turn, request, "village", NEW)


def a_team(core: Core, people: Sequence[tuple[str, str, RoleKind]]) -> None:
    """Give roles in one team to people who have written before, by their chats."""
    change(core, insert(t.units).values(id=TEAM, kind="team", name="tổ dân phố 7", commune="10402"))
    c = t.contacts.c
    for chat, name, kind in people:
        (found,) = rows(core, select(c.conversation).where(c.chat == chat))
        person = Person(name=name, lang="vi", consent="staff", consented=clock.now())
        kept = {"person": msgspec.json.encode(person).decode(), "talk": '{"met":true}', "consented": True}
        change(core, update(t.conversations).where(t.conversations.c.id == found.conversation).values(kept))
        change(
            core,
            insert(t.roles).values(person=found.conversation, kind=kind, place=TEAM, since=clock.now()),
        )


def read_in_groups(core: Core) -> list[str]:
    """Give all that was said to groups, button by button."""
    statement = (
        select(t.outbox.c.message, t.outbox.c.voice)
        .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
        .where(t.contacts.c.chat.startswith("-"), t.outbox.c.message != "")
    )
    return [f"{row.message} {row.voice}" for row in rows(core, statement)]


# --- by Telegram ---


class Street:
    """A server with a core behind one of the drivers; nothing happens there but what a test lets happen."""

    def __init__(self, telegram: TelegramServer, driver: type[TelegramChannel], core: Core) -> None:
        self.telegram, self.driver, self.core = telegram, driver, core

    def goes_on(self) -> None:
        """Hear what was done, decide it, and send what comes of it."""
        asyncio.run(self._once())

    async def _once(self) -> None:
        channel = self.driver(self.telegram.token, api=self.telegram.url, poll=timedelta(seconds=5))
        sender = Sender(
            channel,
            self.core.database,
            self.core.writer,
            lambda: self.core.bookcase.shelf().calendar,
            FAST,
        )
        try:
            hearing = asyncio.create_task(channel.receive(self._take))
            assert await asyncio.to_thread(self.telegram.waits_until, self._quiet)
            hearing.cancel()
            with suppress(asyncio.CancelledError):
                await hearing
            self.core.run_waiting()
            sending = asyncio.create_task(sender.run())
            async with asyncio.timeout(60):
                while not self._sent():
                    await asyncio.sleep(0.02)
            await stop(sending)
        finally:
            await channel.close()
        self.core.run_waiting()

    def _quiet(self) -> bool:
        return not self.telegram.waiting and not self.telegram.unanswered

    async def _take(self, heard: Sequence[Heard]) -> bool:
        self.core.intake.take_now(heard)
        return True

    def _sent(self) -> bool:
        open_ones = select(func.count()).where(t.outbox.c.state.in_((t.READY, t.SENDING)))
        return not rows(self.core, open_ones)[0][0]


@pytest.fixture(params=[AiogramChannel, PtbChannel], ids=["aiogram", "ptb"])
def street(request: pytest.FixtureRequest, sqlite_url: str, bookcase: Bookcase) -> Iterator[Street]:
    with TelegramServer() as telegram, core_on(sqlite_url, bookcase, deciding) as core:
        telegram.limits = None
        yield Street(telegram, request.param, core)


def linked(street: Street, lead: Seat, group: Group) -> None:
    lead.writes("nhóm của tổ")
    street.goes_on()
    command = lead.hears("/nhom").text.partition("/nhom")[2].split()[0]
    group.seat(lead).writes(f"/nhom@to_so_bot {command}")
    street.goes_on()
    group.seat(lead).presses("Nối", on=group.seat(lead).hears("Nối nhóm này"))
    street.goes_on()


def test_a_team_takes_requests_in_its_group_and_nobody_reads_there_what_is_private(street: Street) -> None:
    telegram = street.telegram
    lead, member, citizen = telegram.person("Hường"), telegram.person("Khoa"), telegram.person("Tư")
    stranger, group = telegram.person("Sáu"), telegram.group("Tổ dân phố 7")
    for person in (lead, member, citizen):
        person.writes("menu")
    street.goes_on()
    a_team(street.core, [(lead.id, "Hường", "lead"), (member.id, "Khoa", "member")])
    linked(street, lead, group)
    here = group.seat(lead)
    here.hears("Đã nối")

    citizen.writes("open")
    street.goes_on()
    card = here.hears("Việc mới")
    assert "tổ dân phố 7" in card.text
    assert card.labels == ("Nhận", "Bỏ qua")
    group.seat(stranger).presses("Nhận", on=card)
    group.seat(member).writes("mai họp tổ nhé")
    street.goes_on()
    assert "chưa nhắn riêng" in here.hears("").text
    group.seat(stranger).presses("Nhận", on=card)  # the same is not said again at once
    group.seat(member).presses("Nhận", on=card)
    street.goes_on()
    assert here.hears("").text.startswith("Khoa đã nhận YC-")
    taken = member.hears("đã nhận").text
    assert "chữ quên" in taken
    assert "0912345678" in taken

    # A group that grows has another name; its card is pressed and told of under that.
    group.becomes_supergroup()
    citizen.writes("open")
    street.goes_on()
    here = group.seat(lead)
    card = here.hears("Việc mới")
    group.seat(lead).presses("Nhận", on=card)
    street.goes_on()
    assert here.hears("").text.startswith("Hường đã nhận YC-")

    # Put out of it, new requests come to each of them again, and so does what nobody has taken.
    citizen.writes("open")
    street.goes_on()
    here.hears("Việc mới")
    group.puts_out(lead)
    street.goes_on()
    assert "Chưa ai nhận" in member.hears("Chưa ai nhận").text
    lead.hears("không còn trong nhóm")
    citizen.writes("open")
    street.goes_on()
    member.hears("Việc mới")
    told = read_in_groups(street.core)
    assert len(told) >= 7
    assert [one for one in told for secret in SECRETS if secret in one] == []


def test_a_group_that_refuses_a_card_is_given_up_and_the_card_comes_in_private(street: Street) -> None:
    telegram = street.telegram
    lead, citizen, group = telegram.person("Hường"), telegram.person("Tư"), telegram.group("Tổ dân phố 7")
    for person in (lead, citizen):
        person.writes("menu")
    street.goes_on()
    a_team(street.core, [(lead.id, "Hường", "lead")])
    linked(street, lead, group)
    group.chat.refusal = Refusal(
        403, "Forbidden: bot was kicked from the group chat"
    )  # and word of it is lost
    citizen.writes("open")
    street.goes_on()
    street.goes_on()
    assert "chữ quên" in lead.hears("Chưa ai nhận").text
    lead.hears("không còn trong nhóm")


# --- whatever people do ---

ACCOUNT = "platform:1"
GROUP = "-7"
PEOPLE: list[tuple[str, str, RoleKind]] = [
    ("11", "Hường", "lead"),
    *((str(number), f"Người {number}", "member") for number in range(12, 21)),
]


def does(core: Core, sender: str, chat: str = "", *, text: str = "", choice: str = "") -> None:
    """Let somebody do something in a group, or in their own chat."""
    incoming = Incoming(account=ACCOUNT, chat=chat or sender, sender=sender, text=text, choice=choice)
    core.intake.take_now([Heard(f"{sender}:{next(NUMBERS)}", incoming)])


NUMBERS = iter(range(1_000_000))


def a_group(core: Core) -> None:
    """Give a team of ten a group, with a citizen who has written as well; a stranger only reads along."""
    for chat in (*(chat for chat, _name, _kind in PEOPLE), "1"):
        does(core, chat, text="menu")
    core.run_waiting()
    a_team(core, PEOPLE)
    does(core, "11", text="nhóm của tổ")
    core.run_waiting()
    (code,) = rows(core, select(t.team_groups.c.code))
    does(core, "11", GROUP, text=code.code)
    core.run_waiting()
    does(core, "11", GROUP, text="nối nhóm")
    core.run_waiting()
    assert rows(core, select(t.team_groups.c.linked))[0].linked


def test_of_ten_who_press_in_the_group_at_once_one_gets_the_request(url: str, bookcase: Bookcase) -> None:
    with processes(url, bookcase, deciding, 0) as (cores, _finished):
        a_group(cores[0])
        does(cores[0], "1", text="open")
        cores[0].run_waiting()
        (request,) = rows(cores[0], select(t.requests.c.code))
        before = len(rows(cores[0], select(t.inbox.c.id).where(t.inbox.c.state == t.DONE)))
    with processes(url, bookcase, deciding, len(PEOPLE)) as (cores, finished):
        presses = [
            Heard(
                f"press {chat}",
                Incoming(account=ACCOUNT, chat=GROUP, sender=chat, choice=f"claim@{request.code}"),
            )
            for chat, _name, _kind in PEOPLE
        ]
        cores[0].intake.take_now(presses)
        for core in cores:
            core.start()
        assert finished.wait(120)
        assert len(rows(cores[0], select(t.inbox.c.id).where(t.inbox.c.state == t.DONE))) == before + len(
            presses
        )
        claimed = rows(cores[0], select(t.request_events.c.by).where(t.request_events.c.what == "claimed"))
        assert len(claimed) == 1
        told = [one for one in read_in_groups(cores[0]) if "đã nhận" in one]
        assert len(told) == 1
        answers = rows(
            cores[0],
            select(t.contacts.c.chat, t.outbox.c.message)
            .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
            .where(t.outbox.c.kind == "answer", t.outbox.c.message.contains(f"YC-{request.code}")),
        )
        # Each is answered in their own chat: one has it, nine hear who.
        assert sorted({row.chat for row in answers}) == sorted(chat for chat, _name, _kind in PEOPLE)
        assert sum("đã nhận YC" in row.message and "Lời kể" not in row.message for row in answers) == 9


@pytest.mark.parametrize("seed", range(3))
def test_whatever_people_do_a_group_reads_nothing_of_who_asked(
    seed: int, sqlite_url: str, bookcase: Bookcase
) -> None:
    chance = random.Random(seed)
    with core_on(sqlite_url, bookcase, deciding) as core:
        a_group(core)
        for _step in range(60):
            codes = [row.code for row in rows(core, select(t.requests.c.code))] or ["9Z9"]
            code, somebody = chance.choice(codes), chance.choice([*PEOPLE, ("99", "", "member")])[0]
            what = chance.choice(
                (
                    ("1", "", {"text": "open"}),
                    ("1", "", {"text": f"rút {code}"}),
                    ("1", "", {"choice": f"withdraw@{code}"}),
                    ("1", "", {"choice": f"words@{code}"}),
                    ("1", "", {"text": f"nhà {SECRETS[3]}, số {SECRETS[1]}, {SECRETS[0]}"}),
                    ("1", GROUP, {"choice": f"claim@{code}"}),
                    ("1", GROUP, {"text": f"số {SECRETS[1]}"}),
                    (somebody, GROUP, {"choice": f"claim@{code}"}),
                    (somebody, GROUP, {"choice": f"claim@{code}"}),
                    (somebody, GROUP, {"choice": f"skip@{code}"}),
                    (somebody, GROUP, {"choice": f"talk@{code}"}),
                    (somebody, GROUP, {"text": f"nhận {code}"}),
                    (somebody, GROUP, {"text": f"thẻ nhóm {code}"}),
                    (somebody, GROUP, {"text": "việc của tôi"}),
                    (somebody, GROUP, {"text": f"chào {SECRETS[0]}"}),
                    (somebody, "", {"text": f"trả lại {code}"}),
                    (somebody, "", {"text": f"chuyển {code}"}),
                    (somebody, "", {"text": f"nhà {SECRETS[3]} {SECRETS[2]}"}),
                    (somebody, "", {"text": f"xong {code}"}),
                    ("11", "", {"text": f"giao lại {code}"}),
                )
            )
            sender, chat, did = what
            if not (somebody == "99" and sender == "99" and not chat):  # who has never opened a private chat
                does(core, sender, chat, **did)
            core.run_waiting()
        told = read_in_groups(core)
        assert sum("claim@" in one for one in told) >= 3
        assert [one for one in told for secret in SECRETS if secret in one] == []
        assert not rows(core, select(t.inbox.c.id).where(t.inbox.c.state == t.PARKED))
        # Words that are said in a group are passed on to nobody.
        assert not rows(core, select(t.outbox.c.id).where(t.outbox.c.message.contains(f"chào {SECRETS[0]}")))


def test_who_is_met_in_a_group_is_not_written_to(sqlite_url: str, bookcase: Bookcase) -> None:
    with core_on(sqlite_url, bookcase, deciding) as core:
        a_group(core)
        does(core, "1", text="open")
        core.run_waiting()
        (request,) = rows(core, select(t.requests.c.code))
        said = len(read_in_groups(core))
        for _press in range(3):
            does(core, "99", GROUP, choice=f"claim@{request.code}")
            core.run_waiting()
        assert len(read_in_groups(core)) == said + 1  # how to begin, once
        theirs = select(t.outbox.c.id).join(t.contacts).where(t.contacts.c.chat == "99")
        assert rows(core, theirs) == []
        assert rows(core, select(t.requests.c.state))[0].state == "open"
        does(core, "99", text="menu")
        core.run_waiting()
        does(core, "99", GROUP, choice=f"claim@{request.code}")
        core.run_waiting()
        assert len(read_in_groups(core)) == said + 1
        assert len(rows(core, theirs)) == 2


def test_a_card_goes_to_the_private_chats_of_those_who_write_elsewhere_or_where_it_is_urgent(
    sqlite_url: str, bookcase: Bookcase
) -> None:
    def cards(core: Core) -> list[str]:
        found = (
            select(t.contacts.c.chat)
            .join(t.outbox, t.outbox.c.contact == t.contacts.c.id)
            .where(t.outbox.c.message.contains("claim@"), ~t.contacts.c.chat.startswith("-"))
        )
        return sorted(row.chat for row in rows(core, found))

    with core_on(sqlite_url, bookcase, deciding) as core:
        a_group(core)
        change(core, update(t.contacts).where(t.contacts.c.chat == "12").values(account="platform:2"))
        does(core, "1", text="open")
        core.run_waiting()
        assert cards(core) == ["12"]
        change(core, update(t.team_groups).values(beside=True))
        does(core, "1", text="open")
        core.run_waiting()
        assert len(cards(core)) == 1 + len(PEOPLE)
