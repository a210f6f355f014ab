"""Staff are asked for a tap before their chat closes, written to elsewhere after, and missed by somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, insert, select, update

from bot import clock
from bot.play import Player
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.links import unreachable
from bot.transcript import read
from bot.wording import Wording
from handlers import desk
from handlers.records.links import Reach
from handlers.records.people import Person
from handlers.rules.reaching import asks_at, closing, reached
from handlers.talk import Due
from handlers.text import as_is
from handlers.turn import Office, Turn
from knowledge.calendar import Calendar
from tests.bot.crash_worker import TOPICS
from tests.bot.rig import ACCOUNT, change, core_on, heard, noted, rows
from tests.bot.test_outbox import MORNING
from tests.bot.test_outbox_channels import OTHER, WEEK, Strict, until_settled
from tests.indexes import once

CLOSES = {"zalo_oa": 7}
OUTSIDE = ("mail",)
MONDAY = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)  # 9:00 in Vietnam
PEOPLE = """
@ Chị Dung  zalo_oa  member of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
@ Chị Hường  web  lead of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
@ Anh Sơn  telegram  officer of "phường Đông Ngạc, Hà Nội"
"""
ALONE = """
@ Chị Dung  zalo_oa  member of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
@ Anh Sơn  telegram  officer of "phường Đông Ngạc, Hà Nội"
"""
CARD = "Tuần này chị trực chứ? Bấm một cái là đủ.\n    Chị không nhắn gì thì sau {at}, …"
LOST = "Tin của Tổ Số chưa đến được chị Dung. Nhờ {who} nhắc chị Dung mở Tổ Số và nhắn một chữ."
MAILED = """Có việc mới đang chờ chị ở Tổ Số.
    Chị mở lại cuộc trò chuyện với Tổ Số rồi gõ "menu" để xem."""


@pytest.fixture(scope="module")
def closing_office() -> Bookcase:
    """An office one of whose platforms closes a chat after seven days."""
    return Bookcase(Office(name="UBND phường Đông Ngạc", closes=CLOSES, outside=OUTSIDE), TOPICS, make=once)


def play(talk: str, url: str, bookcase: Bookcase, wording: Wording, *lost: str) -> None:
    """Play a talk amid which, after five minutes, messages to these people fail for good."""

    def prepare(connection: Connection) -> None:
        for number, name in enumerate(lost):
            person = connection.scalar(select(t.contacts.c.conversation).where(t.contacts.c.chat == name))
            facts = {"person": str(person), "kind": "notice", "message": str(number)}
            at = MONDAY + timedelta(minutes=5)
            due = Due(name="reach.failed", about="request:17", at=at, facts=facts)
            event = msgspec.json.encode(due).decode()
            connection.execute(
                insert(t.due).values(key=f"undelivered:{number}", at=at, about=due.about, event=event)
            )

    Player(url, bookcase, wording, lambda _line: None, prepare).play(read(talk))


def test_a_tap_a_week_keeps_a_chat_open(url: str, closing_office: Bookcase, wording: Wording) -> None:
    # Saturday and Sunday are days off, so that the question comes on Friday.
    talk = f"""{PEOPLE}
--- at 2026-11-13 09:01
bot > Chị Dung: {CARD.format(at="09:00 thứ Hai 16/11/2026")} [on-duty]
Chị Dung [on-duty]
bot > Chị Dung: Cảm ơn chị. Trong 7 ngày tới, có việc gì Tổ Số vẫn nhắn vào đây.
--- at 2026-11-18 09:05
bot > Chị Dung: {CARD.format(at="09:01 thứ Sáu 20/11/2026")} [on-duty]
Chị Dung: tôi trực
bot > Chị Dung: Cảm ơn chị. Trong 7 ngày tới, có việc gì Tổ Số vẫn nhắn vào đây.
--- at 2026-11-20 09:00
"""
    play(talk, url, closing_office, wording)


def test_who_does_not_tap_is_asked_once_and_the_office_hears_when_a_whole_team_is_silent(
    url: str, closing_office: Bookcase, wording: Wording
) -> None:
    talk = f"""{ALONE}
--- at 2026-11-13 09:01
bot > Chị Dung: {CARD.format(at="09:00 thứ Hai 16/11/2026")} [on-duty]
--- at 2026-11-17 12:00
bot > Anh Sơn: Tin của Tổ Số chưa đến được ai ở tổ dân phố 7, … Nhờ anh nhắc một người mở Tổ Số và nhắn một chữ.
--- at 2026-11-20 12:00
"""
    play(talk, url, closing_office, wording)
    database = Database(url)
    with database.read() as connection:
        now = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
        assert [name for _, name in unreachable(connection, now, CLOSES, OUTSIDE)] == [
            "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
        ]
        assert unreachable(connection, MONDAY, CLOSES, OUTSIDE) == []
        assert unreachable(connection, now, {}, OUTSIDE) == []
        assert unreachable(connection, now, CLOSES, ("mail", "zbs")) == []
    database.close()


def test_where_no_platform_closes_nobody_is_asked(
    sqlite_url: str, bookcase: Bookcase, wording: Wording
) -> None:
    play(f"{PEOPLE}\n--- at 2026-11-18 09:05\n", sqlite_url, bookcase, wording)


def test_what_fails_goes_by_mail_in_words_that_name_nobody(
    url: str, closing_office: Bookcase, wording: Wording
) -> None:
    talk = f"""{PEOPLE}
Chị Dung: email của tôi là dung.tran@dongngac.vn
bot > Chị Dung: **dung.tran@dongngac.vn**, đúng chưa chị?
    Khi không nhắn được vào đây, Tổ Số gửi một dòng đến đó, không kèm dữ liệu của ai. [yes | no]
Chị Dung: đúng
bot > Chị Dung: Đã ghi. Muốn bỏ thì gõ "bỏ email".
--- +10 minutes
bot > dung.tran@dongngac.vn: {MAILED}
Chị Dung: bỏ email
bot > Chị Dung: Đã bỏ. Tổ Số không gửi thư nữa.
Chị Dung: bỏ email
bot > Chị Dung: Chưa có email nào để bỏ.
"""
    play(talk, url, closing_office, wording, "Chị Dung")
    database = Database(url)
    with database.read() as connection:
        addresses = connection.scalars(select(t.contacts.c.chat).where(t.contacts.c.account == "mail")).all()
    database.close()
    assert [address.partition(":")[0] for address in addresses] == ["erased"]


def test_what_reaches_nobody_is_told_to_the_lead_and_the_office_once_a_day(
    url: str, closing_office: Bookcase, wording: Wording
) -> None:
    talk = f"""{PEOPLE}
--- +10 minutes
bot > Chị Hường: {LOST.format(who="chị")}
bot > Anh Sơn: {LOST.format(who="anh")}
--- +10 minutes
"""
    play(talk, url, closing_office, wording, "Chị Dung", "Chị Dung")


@pytest.mark.parametrize(
    "typed",
    ["email của tôi là dung@dongngac", "my email is a..b@c.vn", "email dung@", "email: @x.vn"],
)
def test_what_is_no_address_is_not_kept(
    typed: str, sqlite_url: str, closing_office: Bookcase, wording: Wording
) -> None:
    talk = f"""{PEOPLE}
Chị Dung: {typed}
bot > Chị Dung: Địa chỉ này có vẻ chưa đủ. Địa chỉ thường có dạng ten@noi.vn, viết liền.
Chị Dung: email
bot > Chị Dung: Chị gõ như sau: email của tôi là ten@noi.vn.
"""
    play(talk, sqlite_url, closing_office, wording)
    database = Database(sqlite_url)
    with database.read() as connection:
        assert connection.execute(select(t.contacts).where(t.contacts.c.account == "mail")).all() == []
    database.close()


def test_nobody_takes_the_address_of_somebody_else(
    url: str, closing_office: Bookcase, wording: Wording
) -> None:
    talk = f"""{PEOPLE}
Chị Dung: my email is to7@dongngac.vn
bot > Chị Dung: … [yes | no]
Chị Dung [no]
bot > Chị Dung: Chưa ghi. Chị gõ lại: email của tôi là ten@noi.vn.
Chị Dung: my email is to7@dongngac.vn
bot > Chị Dung: … [yes | no]
Chị Dung [yes]
bot > Chị Dung: Đã ghi. Muốn bỏ thì gõ "bỏ email".
Chị Hường: email của tôi là to7@dongngac.vn.
bot > Chị Hường: **to7@dongngac.vn**, đúng chưa chị? … [yes | no]
Chị Hường: 1
bot > Chị Hường: Địa chỉ này đã có người khác dùng. Chị cho địa chỉ riêng nhé.
"""
    play(talk, url, closing_office, wording)


def days(*ago: float, platform: str = "zalo_oa") -> tuple[tuple[str, datetime], ...]:
    return tuple((platform, MONDAY - timedelta(days=day)) for day in ago)


@pytest.mark.parametrize(
    ("chats", "outside", "closes", "arrives"),
    [
        (days(6.5), "", 0.5, True),
        (days(7), "", 0, False),
        (days(7), "mail", 0, True),
        (days(9, 2), "", 5, True),
        ((*days(9), *days(40, platform="telegram")), "", None, True),
    ],
)
def test_a_person_is_reached_as_long_as_one_way_is_open(
    chats: tuple[tuple[str, datetime], ...], outside: str, closes: float | None, arrives: bool
) -> None:
    reach = Reach(1, chats, outside, MONDAY)
    end = closing(reach, CLOSES)
    assert end == (None if closes is None else MONDAY + timedelta(days=closes))
    assert reached(reach, CLOSES) is arrives


def test_who_has_no_chat_is_reached_by_no_message() -> None:
    assert not reached(Reach(1, (), "", MONDAY), CLOSES)
    assert asks_at(Reach(1, (), "", MONDAY), CLOSES, Calendar.load()) is None


@pytest.mark.parametrize(
    ("heard", "asked"),
    [
        ("2026-11-09 09:00", "2026-11-13 09:00"),  # day 5 is a Saturday, and Monday would be too late
        ("2026-11-10 15:00", "2026-11-16 07:30"),  # day 5 is a Sunday, Monday is in time
        ("2026-11-11 21:00", "2026-11-17 07:30"),  # nobody is asked at night
        ("2026-11-12 10:00", "2026-11-17 10:00"),
        ("2027-02-02 10:00", "2027-02-03 10:00"),  # Tết comes, longer than the chat stays open
        ("2027-02-03 10:00", ""),  # nobody is asked within the holiday
    ],
)
def test_people_are_asked_in_working_hours_before_the_chat_closes(heard: str, asked: str) -> None:
    def moment(words: str) -> datetime:
        return datetime.fromisoformat(f"{words}+07:00").astimezone(UTC)

    reach = Reach(1, (("zalo_oa", moment(heard)),), "", moment(heard))
    assert asks_at(reach, CLOSES, Calendar.load()) == (moment(asked) if asked else None)


@pytest.mark.parametrize(
    ("chats", "closes", "asked"),
    [
        ((("zalo_oa", 1), ("web", 10)), {"zalo_oa": 7, "web": 30}, True),  # once on the page, and yet asked
        ((("zalo_oa", 1), ("telegram", 10)), {"zalo_oa": 7, "web": 30}, False),  # one stays open for good
        ((("web", 1),), {"zalo_oa": 7, "web": 30}, False),  # a month needs no weekly tap
        ((("zalo_oa", 1),), {"zalo_oa": 2}, False),  # a tap a day would be a nuisance
    ],
)
def test_who_is_asked_for_a_tap(
    chats: tuple[tuple[str, int], ...], closes: dict[str, int], asked: bool
) -> None:
    heard = tuple((platform, MONDAY - timedelta(days=ago)) for platform, ago in chats)
    assert (asks_at(Reach(1, heard, "", MONDAY), closes, Calendar.load()) is not None) is asked


def test_a_page_that_nobody_has_opened_for_a_month_reaches_nobody() -> None:
    closes = {"zalo_oa": 7, "web": 30}
    heard = (("zalo_oa", MONDAY - timedelta(days=8)), ("web", MONDAY - timedelta(days=200)))
    assert not reached(Reach(1, heard, "", MONDAY), closes)


def test_where_no_platform_closes_the_office_still_hears_of_a_team_that_has_left(
    url: str, wording: Wording
) -> None:
    talk = """
@ Chị Dung  telegram  member of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
@ Anh Sơn  telegram  officer of "phường Đông Ngạc, Hà Nội"
Chị Dung (leaves)
--- at 2026-11-10 12:00
bot > Anh Sơn: Tin của Tổ Số chưa đến được ai ở tổ dân phố 7, … Nhờ anh nhắc một người mở Tổ Số và nhắn một chữ.
--- at 2026-11-13 12:00
"""
    play(talk, url, Bookcase(Office(name="UBND phường Đông Ngạc"), TOPICS, make=once), wording)


WORDS_LOST = """
@ Bác Tư  web  citizen of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
@ Chị Dung  zalo_oa  member of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
@ Chị Hường  telegram  lead of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
Bác Tư: người thật
bot > Bác Tư: …
Bác Tư: bác Tư ở ngõ 5, bấm mãi không được
bot > Bác Tư: … [yes | no]
Bác Tư: đồng ý
bot > Bác Tư: … [send | edit | drop | way]
Bác Tư: gửi đi
bot > Bác Tư: Đã gửi, …
bot > Chị Dung: Việc mới … [claim | skip | to-group]
bot > Chị Hường: Việc mới … [claim | skip | to-group]
Chị Dung [claim]
bot > Bác Tư: …
bot > Chị Hường: …
bot > Chị Dung: …
--- +6 minutes
bot > Bác Tư: Tin của bác chưa đến được chị Dung. Tổ Số đang tìm cách khác để báo; tin vẫn còn nguyên.
bot > Chị Hường: Tin của Tổ Số chưa đến được chị Dung. …
--- +1 day
bot > Chị Dung: Từ 09:00 thứ Hai 9/11/2026, bác chưa thấy chị nhắn gì về **YC-6R3**. … [on-it | give-back]
"""


def test_whose_words_do_not_arrive_hears_of_it_once_a_day(
    url: str, closing_office: Bookcase, wording: Wording
) -> None:
    def prepare(connection: Connection) -> None:
        helper = connection.scalar(select(t.contacts.c.conversation).where(t.contacts.c.chat == "Chị Dung"))
        at = MONDAY + timedelta(minutes=5)
        for number in (1, 2):
            facts = {"person": str(helper), "kind": "notice", "message": str(number), "passed_on": "yes"}
            due = Due(name="reach.failed", about="words:1", at=at, facts=facts)
            event = msgspec.json.encode(due).decode()
            connection.execute(
                insert(t.due).values(key=f"undelivered:{number}", at=at, about=due.about, event=event)
            )

    Player(url, closing_office, wording, lambda _line: None, prepare).play(read(WORDS_LOST))


# --- from the refusal of a platform to whoever must know ---


def notices(turn: Turn) -> None:
    """Tell Lan of a request when its words are said, and be the real conversations otherwise."""
    if turn.text == "card":
        turn.say(as_is("YC-4K7, bà Tư"), to=1, kind="notice", about="request:17")
    else:
        desk.decide(turn)


@pytest.mark.parametrize("address", ["", "lan@dongngac.vn"])
@pytest.mark.parametrize("other", [False, True], ids=["one chat", "two chats"])
def test_a_notice_that_a_platform_refuses_comes_by_another_chat_then_by_mail_and_else_to_the_lead(
    other: bool, address: str, url: str, closing_office: Bookcase
) -> None:
    clock.stop_at(MORNING)
    strict = Strict()
    with core_on(url, closing_office, notices) as core:
        core.intake.take_now([heard("Lan", "menu"), heard("Hường", "menu", account="telegram:1")])
        core.run_waiting()
        change(core, insert(t.units).values(id=1, kind="team", name="Tổ 7", commune="00001"))
        for person, kind in ((1, "member"), (2, "lead")):
            change(core, insert(t.roles).values(person=person, kind=kind, place=1, since=MORNING))
        contacts = [("mail", address)] * bool(address) + [(OTHER, "Lan too")] * other
        for account, chat in contacts:
            change(
                core,
                insert(t.contacts).values(
                    account=account, chat=chat, conversation=1, heard=MORNING - timedelta(days=1)
                ),
            )
        until_settled(core, strict)
        clock.stop_at(MORNING + WEEK + timedelta(hours=1))
        core.intake.take_now([heard("Hường", "card", account="telegram:1")])
        core.run_waiting()
        until_settled(core, strict)
        core.run_waiting()
        core.writer.submit(lambda c: core.intake.put_due(c, clock.now())).result()
        core.run_waiting()
        later = rows(
            core,
            select(t.contacts.c.account, t.outbox.c.message)
            .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
            .where(t.outbox.c.kind == "notice", t.outbox.c.account != ACCOUNT)
            .order_by(t.outbox.c.id),
        )
        clock.reset()
        (told,) = later
        if other:
            assert told.account == OTHER
            assert "bà Tư" in told.message
        elif address:
            assert told.account == "mail"
            assert "bà Tư" not in told.message
            assert "4K7" not in told.message
        else:
            assert told.account == "telegram:1"
            assert "bà Tư" not in told.message
        assert ("told that somebody cannot be reached" in noted(core)) == (not other and not address)


def test_a_card_is_offered_for_the_group_that_no_bot_can_join(
    url: str, closing_office: Bookcase, wording: Wording
) -> None:
    talk = """
@ Bác Tư  web  citizen of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
@ Chị Dung  zalo_oa  member of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
Bác Tư: người thật
bot > Bác Tư: …
Bác Tư: bác Tư ở ngõ 5, bấm mãi không được
bot > Bác Tư: … [yes | no]
Bác Tư: đồng ý
bot > Bác Tư: … [send | edit | drop | way]
Bác Tư: gửi đi
bot > Bác Tư: Đã gửi, …
bot > Chị Dung: Việc mới … [claim | skip | to-group]
Chị Dung [to-group]
bot > Chị Dung: Việc mới **YC-6R3** (tổ dân phố 7): có người cần giúp.
    Ai nhận thì nhắn NHẬN 6R3 cho Tổ Số của UBND phường Đông Ngạc.
"""
    play(talk, url, closing_office, wording)


@pytest.mark.parametrize(
    ("account", "chat", "phone", "found"),
    [
        ("zalo_oa:1", "7001", "0912345678", "oa:7001"),
        ("telegram:1", "7001", "0912345678", "84912345678"),
        ("telegram:1", "7001", "", None),
    ],
)
def test_the_last_resort_is_a_template_to_the_name_a_platform_has_or_to_a_telephone(
    account: str, chat: str, phone: str, found: str | None, url: str, closing_office: Bookcase
) -> None:
    known = []

    def decide(turn: Turn) -> None:
        known.append((turn.links.outside(1, OUTSIDE), turn.links.outside(1, ("mail", "zbs"))))
        if turn.text == "leave":
            turn.links.part(1, 1, "")

    with core_on(url, closing_office, decide) as core:
        core.intake.take_now([heard(chat, "1", account=account)])
        person = msgspec.json.encode(Person(phone=phone)).decode()
        change(core, update(t.conversations).values(person=person))
        core.run_waiting()
        assert known == [(False, found is not None)]
        templates = select(t.contacts.c.chat, t.contacts.c.conversation).where(t.contacts.c.account == "zbs")
        assert [row.chat for row in rows(core, templates)] == [found] * (found is not None)
        core.intake.take_now([heard(chat, "leave", account=account)])
        core.run_waiting()
        # What a platform calls somebody goes with that platform's channel, a telephone stays with the person.
        left = [row.conversation for row in rows(core, templates)]
        assert left == [2 if found == "oa:7001" else 1] * (found is not None)


@pytest.mark.parametrize(("ways", "said_to"), [(("mail", "zbs"), ["mail"]), (("zbs",), ["zbs"]), ((), [])])
def test_an_address_is_kept_when_mail_is_switched_off_and_not_written_to(
    ways: tuple[str, ...], said_to: list[str], url: str
) -> None:
    def decide(turn: Turn) -> None:
        turn.links.outside(1, ("mail", "zbs"))
        turn.say(as_is("something waits"), to=1, kind="notice", outside=True)

    office = Bookcase(Office(name="UBND phường Đông Ngạc", outside=ways), TOPICS)
    with core_on(url, office, decide) as core:
        core.intake.take_now([heard("7001", "1", account="zalo_oa:1")])
        change(
            core,
            insert(t.contacts).values(account="mail", chat="dung@example.vn", conversation=1, heard=MONDAY),
        )
        core.run_waiting()
        assert [row.account for row in rows(core, select(t.outbox.c.account))] == said_to
        assert ("could not be reached" in noted(core)) == (not said_to)
