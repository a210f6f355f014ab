"""Whom an announcement reaches, piece by piece, and what becomes of its messages, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.settings import Settings
from bot.store import tables as t
from bot.store.announcements import StoredAnnouncements, replace_author
from bot.store.database import Database
from bot.store.people import StoredPeople, columns_of
from bot.wording import Wording
from handlers import broadcasts
from handlers.links import one_person
from handlers.records.announcements import Announcement, Platform, Recipient, Whom
from handlers.records.people import Person
from handlers.rules.announcing import Chat, chat_for
from handlers.talk import Message
from tests.bench.statements import counting
from tests.bot.test_statements import SCAN, plan

NOON = datetime(2026, 11, 9, 5, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HERE, ELSEWHERE = "10354", "00602"
OFFICIAL = Platform(
    takes=168, free=48
)  # where a message costs after two days, and nothing is taken after seven
CHEAP = Platform(takes=48, free=48)  # the same where nothing may cost


@pytest.mark.parametrize(
    ("chats", "platforms", "chosen"),
    [
        ([("web", 1), ("telegram", 2)], {}, ("web", False)),
        ([("web", 3), ("telegram", 2)], {}, ("telegram", False)),
        ([("telegram", 900)], {}, ("telegram", False)),
        ([("zalo_oa", 47)], {"zalo_oa": CHEAP}, ("zalo_oa", False)),
        ([("zalo_oa", 48)], {"zalo_oa": CHEAP}, None),
        ([("zalo_oa", 48)], {"zalo_oa": OFFICIAL}, ("zalo_oa", True)),
        ([("zalo_oa", 167)], {"zalo_oa": OFFICIAL}, ("zalo_oa", True)),
        ([("zalo_oa", 168)], {"zalo_oa": OFFICIAL}, None),
        ([("zalo_oa", 50), ("web", 600)], {"zalo_oa": OFFICIAL, "web": Platform(takes=720)}, ("web", False)),
        (
            [("zalo_oa", 50), ("web", 720)],
            {"zalo_oa": OFFICIAL, "web": Platform(takes=720)},
            ("zalo_oa", True),
        ),
        ([("telegram", 1)], {"web": Platform()}, None),  # it is not served any more
        ([], {}, None),
    ],
)
def test_it_goes_to_an_open_chat_that_costs_nothing_and_was_heard_last(
    chats: list[tuple[str, int]], platforms: dict[str, Platform], chosen: tuple[str, bool] | None
) -> None:
    own = [Chat(place, name, NOON - hours * HOUR) for place, (name, hours) in enumerate(chats, 1)]
    found = chat_for(own, platforms, NOON)
    assert (found and (found.platform, found.paid)) == chosen


@pytest.mark.parametrize(("paid", "hours"), [("none", 48), ("notices", 48), ("all", 168)])
def test_what_settings_let_cost_decides_how_long_a_chat_is_open(paid: str, hours: int) -> None:
    settings = Settings(channels=("web", "zalo_oa", "zalo_bot"), zalo_oa_paid=paid, zalo_bot_quota=500)
    platforms = settings.office.platforms
    assert platforms["zalo_oa"] == Platform(takes=hours, free=48)
    assert platforms["zalo_bot"] == Platform(quota=500)
    assert platforms["web"] == Platform(takes=720)
    assert "telegram" not in platforms


def somebody(
    connection: Connection,
    *chats: tuple[str, int],
    commune: str = HERE,
    village: str = "",
    news: str = "yes",
    lang: str = "vi",
    areas: tuple[str, ...] = (),
) -> int:
    """Store a person with chats, each heard so many hours ago; give their number."""
    person = msgspec.convert(
        {
            "commune": commune, "village": village, "news": news, "areas": areas, "lang": lang,
            "consent": "2026-11",
        },
        Person,
    )  # fmt: skip
    number: int | None = connection.scalar(
        insert(t.conversations)
        .values(person=msgspec.json.encode(person).decode(), touched=NOON, **columns_of(person))
        .returning(t.conversations.c.id)
    )
    assert number is not None
    for account, hours in chats or (("web", 1),):
        connection.execute(
            insert(t.contacts).values(
                account=account, chat=f"{account}-{number}", conversation=number, heard=NOON - hours * HOUR
            )
        )
    return number


def office(connection: Connection, kind: str = "office", commune: str = HERE, village: str = "") -> int:
    number: int | None = connection.scalar(
        insert(t.units)
        .values(kind=kind, name="xã Ứng Hòa", commune=commune, village=village)
        .returning(t.units.c.id)
    )
    assert number is not None
    return number


def role(connection: Connection, person: int, kind: str, place: int) -> None:
    connection.execute(insert(t.roles).values(person=person, kind=kind, place=place, since=NOON))


def written(unit: int, **more: object) -> Announcement:
    fields = {
        "unit": unit,
        "whom": "commune",
        "words": {"vi": "Mai mất nước."},
        "author": 1,
        "state": "running",
    }
    return msgspec.convert(fields | more, Announcement)


def lay(connection: Connection, announcement: Announcement, contact: int, state: int = t.READY) -> None:
    connection.execute(
        insert(t.outbox).values(
            account="web", contact=contact, number=None, about=announcement.about, kind="broadcast",
            priority=3, state=state, message=msgspec.json.encode(Message("x")).decode(), at=NOON,
        )
    )  # fmt: skip


def contact_of(connection: Connection, person: int) -> int:
    found: int = connection.scalars(select(t.contacts.c.id).where(t.contacts.c.conversation == person)).one()
    return found


def test_only_who_asked_for_news_of_the_place_is_counted_and_the_others_are_told_apart(url: str) -> None:
    platforms = {"web": Platform(takes=720), "zalo_oa": OFFICIAL, "zalo_bot": Platform(quota=100)}
    database = Database(url)
    with database.write() as connection:
        unit = office(connection)
        somebody(connection, ("web", 1), village="thôn Đoài")
        somebody(connection, ("zalo_oa:7", 60), village="to 2")
        somebody(connection, ("zalo_oa:7", 200), village="thon doai")
        somebody(connection, ("zalo_bot:9", 5), village="thôn Đoài")
        somebody(connection, news="no", village="thôn Đoài")
        somebody(connection, news="")
        somebody(connection, commune=ELSEWHERE)
        somebody(connection, ("mail", 1))  # an address that only receives is no chat
        connection.execute(
            insert(t.spending).values(
                account="zalo_bot:9", month="2026-11", cost="message", messages=30, at=NOON
            )
        )
        stored = StoredAnnouncements(connection, NOON)
        reach = stored.reach(unit, "commune", "", platforms)
        village = stored.reach(unit, "village", "thôn Đoài", platforms)
    database.close()
    found = {str(way.name): (way.people, way.paid, way.left) for way in reach.ways}
    assert found == {"the web page": (1, 0, None), "Zalo": (1, 1, None), "Zalo Bot": (1, 0, 70)}
    for prices, charged in (
        ({}, "• Zalo: 1, 1 of them at a charge of the platform"),
        ({"zalo_oa": 1200}, "• Zalo: 1, 1 of them at a charge of the platform: about 1,200 đồng"),
    ):
        assert charged in [Wording().word(line, "en") for line in broadcasts.reached(reach, prices)]
    assert (reach.people, reach.closed, reach.unwanted, reach.unasked) == (3, 2, 1, 1)
    assert (village.people, village.closed, village.unwanted, village.unasked) == (2, 1, 1, 0)


def test_who_has_named_areas_is_reached_with_what_is_about_one_of_these_and_nothing_else(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        unit = office(connection)
        every = somebody(connection)
        insured = somebody(connection, news="some", areas=("idcard", "welfare"), village="thôn Đoài")
        paying = somebody(connection, news="some", areas=("money",))
        somebody(connection, news="some", areas=("welfare",), commune=ELSEWHERE)
        somebody(connection, news="")
        somebody(connection, news="no")
        stored = StoredAnnouncements(connection, NOON)

        def people(area: str) -> list[int]:
            found = stored.next(written(unit, area=area), 10, {}).recipients
            assert stored.reach(unit, "commune", "", {}, (), area).people == len(found)
            return [recipient.person for recipient in found]

        assert people("") == [every]
        assert people("welfare") == [every, insured]
        assert people("money") == [every, paying]
        assert people("safety") == [every]
        assert stored.areas(unit) == ("idcard", "money", "welfare")
        assert stored.areas(unit, (ELSEWHERE,)) == ("welfare", "idcard", "money")
        reach = stored.reach(unit, "commune", "", {}, (), "welfare")
        village = stored.reach(unit, "village", "thôn Đoài", {}, (), "welfare")
        plain = stored.reach(unit, "commune", "", {})
    database.close()
    assert (reach.people, reach.unwanted, reach.unasked, reach.elsewhere) == (2, 1, 1, 1)
    assert (village.people, village.elsewhere) == (1, 0)
    assert (plain.people, plain.elsewhere) == (1, 2)


def test_who_ends_an_area_between_two_pieces_is_left_out_and_what_waits_of_it_is_taken_back(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        stored = StoredAnnouncements(connection, NOON)
        unit, other = office(connection), office(connection)
        first, second, third = (somebody(connection, news="some", areas=("welfare",)) for _ in range(3))
        about = stored.hand_in(written(unit, area="welfare"))
        general = stored.hand_in(written(other))
        piece = stored.next(about, 1, {})
        assert [recipient.person for recipient in piece.recipients] == [first]
        lay(connection, about, contact_of(connection, first))
        lay(connection, general, contact_of(connection, first))
        connection.execute(
            update(t.conversations).where(t.conversations.c.id == second).values(columns_of(Person()))
        )
        rest = stored.next(msgspec.structs.replace(about, cursor=piece.cursor), 10, {})
        assert [recipient.person for recipient in rest.recipients] == [third]
        assert stored.leave(first, "money") == 0
        assert stored.leave(first, "welfare") == 1
        assert (stored.progress(about).left, stored.progress(general).waiting) == (1, 1)
    database.close()


def test_staff_are_reached_by_their_role_unless_they_want_none(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        unit, team, far = (
            office(connection),
            office(connection, "team"),
            office(connection, "team", ELSEWHERE),
        )
        member, lead, gone, stranger, reporter = (
            somebody(connection, commune="", news=news) for news in ("", "yes", "no", "", "")
        )
        for person, kind, place in (
            (member, "member", team),
            (lead, "lead", team),
            (gone, "member", team),
            (stranger, "member", far),
            (reporter, "reporter", unit),
        ):
            role(connection, person, kind, place)
        stored = StoredAnnouncements(connection, NOON)
        teams = stored.next(written(unit, whom="teams"), 10, {})
        reporters = stored.next(written(unit, whom="reporters"), 10, {})
        assert stored.reach(unit, "teams", "", {}).unwanted == 1
        connection.execute(update(t.roles).where(t.roles.c.person == lead).values(until=NOON - HOUR))
        fewer = stored.next(written(unit, whom="teams"), 10, {})
    database.close()
    assert [recipient.person for recipient in teams.recipients] == [member, lead]
    assert [recipient.person for recipient in reporters.recipients] == [reporter]
    assert [recipient.person for recipient in fewer.recipients] == [member]


def test_a_province_reaches_citizens_and_staff_of_its_communes_and_of_what_it_supervises(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        province = office(connection, "province", "01")
        here, far = office(connection), office(connection, commune=ELSEWHERE)
        school = office(connection, "school")
        below = office(connection, "department", "79")
        connection.execute(update(t.units).where(t.units.c.id == below).values(parent=province))
        citizen, elsewhere = somebody(connection), somebody(connection, commune=ELSEWHERE)
        staff = {
            name: somebody(connection, commune="", news="")
            for name in ("head", "school", "department", "far", "officer", "own", "member")
        }
        for name, kind, place in (
            ("head", "head", here),
            ("school", "head", school),
            ("department", "head", below),
            ("far", "head", far),
            ("officer", "officer", here),
            ("own", "officer", province),
            ("member", "member", office(connection, "team")),
        ):
            role(connection, staff[name], kind, place)
        stored = StoredAnnouncements(connection, NOON)

        def reached(whom: Whom) -> list[int]:
            piece = stored.next(written(province, whom=whom), 20, {}, (HERE,))
            assert stored.reach(province, whom, "", {}, (HERE,)).people == len(piece.recipients)
            return [recipient.person for recipient in piece.recipients]

        found = {whom: reached(whom) for whom in ("commune", "heads", "officers", "teams")}
        alone = stored.reach(here, "heads", "", {}).people
    database.close()
    assert found == {
        "commune": [citizen],
        "heads": [staff["head"], staff["school"], staff["department"]],
        "officers": [staff["officer"], staff["own"]],
        "teams": [staff["member"]],
    }
    assert alone == 2
    assert elsewhere not in found["commune"]


def test_the_next_people_come_once_each_and_the_last_piece_says_so(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        unit = office(connection)
        people = [somebody(connection, lang="en" if n % 2 else "vi") for n in range(5)]
        silent = somebody(connection, ("zalo_oa:1", 500))
        stored = StoredAnnouncements(connection, NOON)
        announcement = stored.hand_in(written(unit))
        platforms = {"web": Platform(), "zalo_oa": CHEAP}
        # Somebody who has it already has joined two talks since.
        lay(connection, announcement, contact_of(connection, people[3]), t.SENT)
        found: list[Recipient] = []
        missed, last = 0, False
        while not last:
            piece = stored.next(announcement, 2, platforms)
            found += piece.recipients
            missed, last = missed + piece.missed, piece.last
            announcement = msgspec.structs.replace(announcement, cursor=piece.cursor)
    database.close()
    assert [recipient.person for recipient in found] == [people[0], people[1], people[2], people[4]]
    assert [recipient.lang for recipient in found] == ["vi", "en", "vi", "vi"]
    assert missed == 1
    assert announcement.cursor == silent


def test_a_second_message_of_an_announcement_on_one_chat_cannot_be_kept(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        stored = StoredAnnouncements(connection, NOON)
        announcement = stored.hand_in(written(office(connection)))
        chat = contact_of(connection, somebody(connection))
        lay(connection, announcement, chat)
        with pytest.raises(IntegrityError), connection.begin_nested():
            lay(connection, announcement, chat)
    database.close()


def test_what_waits_is_taken_back_in_pieces_and_who_has_left_is_told_apart(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        stored = StoredAnnouncements(connection, NOON)
        unit = office(connection)
        announcement, other = stored.hand_in(written(unit)), stored.hand_in(written(unit, state="over"))
        states = (t.SENT, t.HELD, t.READY, t.READY, t.SENDING, t.FAILED, t.DOUBT, t.READY)
        people = [somebody(connection) for _ in states]
        for person, state in zip(people, states, strict=True):
            lay(connection, announcement, contact_of(connection, person), state)
        lay(connection, other, contact_of(connection, people[2]), t.SENT)
        connection.execute(  # an answer of the same person stays as it is
            insert(t.outbox).values(
                account="web", contact=contact_of(connection, people[2]), kind="answer", priority=0,
                state=t.READY, message="{}", at=NOON,
            )
        )  # fmt: skip
        assert stored.leave(people[2]) == 1
        assert stored.withdraw(announcement, 2) == 2
        assert stored.withdraw(announcement, 2) == 1
        assert stored.withdraw(announcement, 2) == 0
        progress = stored.progress(announcement)
        answers = connection.scalars(select(t.outbox.c.state).where(t.outbox.c.kind == "answer")).all()
    database.close()
    assert msgspec.structs.asdict(progress) == {
        "waiting": 1, "sent": 1, "failed": 1, "doubtful": 1, "withdrawn": 3, "left": 1,
    }  # fmt: skip
    assert answers == [t.READY]


def test_whose_data_is_erased_is_sent_nothing_that_waited(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        stored = StoredAnnouncements(connection, NOON)
        announcement = stored.hand_in(written(office(connection)))
        person = somebody(connection)
        lay(connection, announcement, contact_of(connection, person))
        StoredPeople(connection, NOON).forget(person)
        row = connection.execute(select(t.outbox.c.state, t.outbox.c.message)).one()
    database.close()
    assert tuple(row) == (t.WITHDRAWN, "")


def test_who_joins_two_channels_is_still_the_author_and_still_wants_no_news(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        stored = StoredAnnouncements(connection, NOON)
        unit = office(connection)
        stored.hand_in(written(unit, author=11, state="waiting"))
        replace_author(connection, NOON, [unit], 11, 12)
        assert [one.author for one in stored.last((unit,))] == [12]
    database.close()
    assert one_person(Person(id=1, news="yes"), Person(id=2, news="no")).news == "no"
    assert one_person(Person(id=1), Person(id=2, news="yes")).news == "yes"


def test_one_announcement_of_a_unit_is_on_its_way_at_a_time(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        stored = StoredAnnouncements(connection, NOON)
        unit, other = office(connection), office(connection, commune=ELSEWHERE)
        announcement = stored.hand_in(written(unit))
        assert stored.running(unit) == announcement
        assert stored.running(other) is None
        stored.save(msgspec.structs.replace(announcement, state="over"))
        assert stored.running(unit) is None
    database.close()


def test_no_statement_of_an_announcement_reads_a_whole_table(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as connection:
        stored = StoredAnnouncements(connection, NOON)
        unit = office(connection)
        announcement = stored.hand_in(written(unit))
        lay(connection, announcement, contact_of(connection, somebody(connection)))
    with counting(database) as asked, database.write() as connection:
        stored = StoredAnnouncements(connection, NOON)
        stored.by_code(announcement.code)
        stored.running(unit)
        stored.last((unit,))
        stored.reach(unit, "village", "thôn Đoài", {"zalo_bot": Platform(quota=1)})
        stored.reach(unit, "commune", "", {}, (), "welfare")
        stored.areas(unit, (ELSEWHERE,))
        stored.next(announcement, 10, {})
        stored.next(msgspec.structs.replace(announcement, area="welfare"), 10, {})
        stored.progress(announcement)
        stored.withdraw(announcement, 10)
        stored.leave(1)
        stored.leave(1, "welfare")
    steps = plan(database, asked)
    database.close()
    under_way = "SCAN announcements USING INDEX ix_announcements_under_way"  # at most one of a unit
    assert {step for step in steps if SCAN.match(step)} <= {under_way}
