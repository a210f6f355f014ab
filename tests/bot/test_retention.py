"""What is kept how long: each rule erases what it should, and nothing that waits or is younger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, insert, select

from bot import retention
from bot.settings import FIELDS, Settings
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.requests import StoredRequests
from bot.store.writer import Writer, writer
from handlers.records.media import MADE
from handlers.records.requests import Request
from handlers.rules import periods, reporting
from tests.bot.office import Office

NOW = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)
SETTINGS = Settings()


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


class Store:
    """A store that is filled row by row, and asked what is left."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.writer: Writer = writer(self.database)

    def put(self, table: Any, **values: object) -> Any:
        with self.database.write() as connection:
            key = table.primary_key.columns[0]
            return connection.scalar(insert(table).values(**values).returning(key))

    def conversation(self, touched: datetime, **values: object) -> int:
        return int(self.put(t.conversations, touched=touched, **({"talk": "words", "person": ""} | values)))

    def contact(self, conversation: int, account: str = "web") -> int:
        chat = f"chat-{conversation}"
        return int(self.put(t.contacts, account=account, chat=chat, conversation=conversation, heard=NOW))

    def event(self, conversation: int, at: datetime, state: int, **values: object) -> int:
        key = f"{conversation}:{at}:{state}:{values}"
        its: dict[str, object] = {"account": "web", "key": key, "event": "words", "at": at, "state": state}
        return int(self.put(t.inbox, conversation=conversation, **its, **values))

    def message(self, contact: int, at: datetime, state: int) -> int:
        its = {
            "account": "web",
            "kind": "answer",
            "priority": 0,
            "message": "words",
            "at": at,
            "state": state,
        }
        return int(self.put(t.outbox, contact=contact, **its))

    def left(self, table: Any) -> set[Any]:
        with self.database.read() as connection:
            return set(connection.scalars(select(table.primary_key.columns[0])))

    def purge(self, settings: Settings = SETTINGS) -> dict[str, int]:
        return retention.purge(self.database, self.writer, settings, NOW)

    def inside(self, job: Callable[[Connection], Any]) -> Any:
        with self.database.write() as connection:
            return job(connection)


class Counting:
    """The store's writer, and what each of its transactions gave."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.sizes: list[Any] = []

    def submit(self, job: Callable[[Connection], Any]) -> Future[Any]:
        future = self._writer.submit(job)
        self.sizes.append(future.result())
        return future

    def close(self) -> None:
        self._writer.close()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = Store(url)
    yield made
    made.writer.close()
    made.database.close()


def somebody(store: Store) -> tuple[int, int]:
    """A person who agreed and whose talk therefore stays, with a contact."""
    conversation = store.conversation(ago(4000), consented=True)
    return conversation, store.contact(conversation)


def test_update_ids_go_after_their_days_and_waiting_events_never(store: Store) -> None:
    person, _ = somebody(store)
    stay = {
        store.event(person, ago(29), t.DONE),
        store.event(person, ago(4000), t.WAITING),
        store.event(person, ago(89), t.PARKED),
    }
    for days in (31, 4000):
        store.event(person, ago(days), t.DONE)
    assert store.purge() == {"update ids, so that a repeat is known as one": 2}
    assert store.left(t.inbox) == stay


def test_parked_events_go_after_theirs(store: Store) -> None:
    person, _ = somebody(store)
    store.event(person, ago(91), t.PARKED)
    stays = store.event(person, ago(89), t.PARKED)
    assert store.purge() == {"events that could not be decided": 1}
    assert store.left(t.inbox) == {stays}


def test_what_was_due_goes_once_it_has_happened(store: Store) -> None:
    for key, days, done in (("old", 31, True), ("young", 29, True), ("late", 4000, False)):
        store.put(t.due, key=key, at=ago(days), about="reports", event="{}", done=done)
    store.purge()
    assert store.left(t.due) == {"young", "late"}


def test_messages_go_once_they_are_over_and_never_before(store: Store) -> None:
    _, contact = somebody(store)
    over = (t.SENT, t.FAILED, t.WITHDRAWN, t.DOUBT)
    stay = {store.message(contact, ago(4000), state) for state in (t.HELD, t.READY, t.SENDING)}
    stay |= {store.message(contact, ago(29), state) for state in over}
    for state in over:
        store.message(contact, ago(31), state)
    assert store.purge() == {"words of messages that were sent": 4}
    assert store.left(t.outbox) == stay


def test_a_photo_beside_an_answer_about_a_report_goes_as_messages_do(store: Store) -> None:
    conversation, _contact = somebody(store)

    def photo(code: str, days: int, about: str) -> None:
        its = {"account": "web", "ref": "r", "kind": "photo", "state": "kept", "conversation": conversation}
        store.put(t.media, code=code, about=about, at=ago(days), **its)

    photo("old", 31, "report:1:monthly:2026-10/1")
    photo("new", 29, "report:1:monthly:2026-10/1")
    photo("asked for", 31, "request:1")
    assert sum(store.purge().values()) == 1
    with store.database.read() as connection:
        gone = connection.scalars(select(t.media.c.code).where(t.media.c.state == "gone")).all()
    assert gone == ["old"]


def test_a_photo_for_a_report_stays_while_that_can_be_corrected_and_its_time_after(
    store: Store, bookcase: Bookcase
) -> None:
    conversation, _contact = somebody(store)
    its = {"account": "web", "ref": "r", "kind": "photo", "state": "kept", "conversation": conversation}
    abouts = {
        "indicator": "report:1:monthly:2026-10/e3",
        "answer": "report:1:monthly:2026-10/1",
        "task": "report:1:monthly:2026-10/task",
        "never locked": "report:1:quarterly:2026-Q3/e1",
        "made": "made:1",
        "long closed": "report:1:monthly:2026-06/e3",
        "no such form": "report:1:other:2026-10/e3",
    }
    for code, about in abouts.items():
        store.put(
            t.media,
            code=code,
            about=about,
            at=ago(45),
            **(its | ({"account": MADE} if code == "made" else {})),
        )

    def gone(day: str) -> set[str]:
        now = datetime.fromisoformat(day).replace(tzinfo=UTC)
        retention.purge(store.database, store.writer, SETTINGS, now, bookcase.shelf())
        with store.database.read() as connection:
            return set(connection.scalars(select(t.media.c.code).where(t.media.c.state == "gone")))

    first = {"made", "long closed", "no such form"}
    assert gone("2026-11-16") == first
    form, calendar = bookcase.shelf().forms["monthly"], bookcase.shelf().calendar
    period = periods.period_named(form, "2026-10")
    assert period is not None
    lock = max(reporting.locked_from(form, period, calendar, level) or NOW for level in form.owed_by)
    assert gone(str((lock + timedelta(days=29)).date())) == first
    assert gone(str((lock + timedelta(days=32)).date())) == {*first, "indicator", "answer", "task"}
    assert gone("2027-03-01") == set(abouts)


def test_the_audit_goes_after_five_years(store: Store) -> None:
    for days in (1827, 1825):
        store.put(t.audit, at=ago(days), done="claimed", about="request:1", by=1)
    assert store.purge() == {"who did what": 1}
    assert store.left(t.audit) == {2}


def test_questions_without_an_answer_go_after_a_year_and_with_them_who_was_to_be_told(store: Store) -> None:
    for days in (366, 364):
        store.put(t.misses, at=ago(days), why="unknown", words="lịch gom rác", lang="vi", person=7)
    assert store.purge() == {"questions without an answer, masked": 1}
    assert store.left(t.misses) == {2}


def test_a_talk_without_consent_goes_with_all_that_hangs_on_it(store: Store) -> None:
    talks = [store.conversation(ago(31), person='{"name":"Lan"}') for _ in range(3)]
    for talk in talks:
        contact = store.contact(talk)
        store.put(t.web_talks, secret=f"hash-{talk}", chat=f"chat-{talk}", at=ago(40))
        store.put(t.link_codes, code=f"NOI-{talk}", conversation=talk, until=ago(31))
        store.event(talk, ago(20), t.DONE, contact=contact)  # ids outlive their days only with their talk
        store.message(contact, ago(20), t.SENT)
    telegram = store.conversation(ago(31))
    store.contact(telegram, "telegram:7001")
    nothing_said = store.conversation(ago(31), talk="")
    store.contact(nothing_said)
    stays, contact = somebody(store)
    assert store.purge() == {"talks of people who agreed to nothing": 5}
    assert store.left(t.conversations) == {stays}
    assert store.left(t.contacts) == {contact}
    assert all(store.left(table) == set() for table in (t.web_talks, t.link_codes, t.inbox, t.outbox))


def test_a_talk_goes_though_somebody_else_waits_for_a_message(store: Store) -> None:
    store.conversation(ago(31))
    store.message(store.contact(store.conversation(NOW)), ago(1), t.READY)
    assert store.purge() == {"talks of people who agreed to nothing": 1}


def holds_a_role(store: Store, talk: int) -> None:
    unit = store.put(t.units, kind="team", name="Tổ 7", commune="00001")
    store.put(t.roles, person=talk, kind="member", place=unit, since=ago(400), until=ago(300))


def waits_for_help(store: Store, talk: int) -> None:
    store.inside(lambda connection: StoredRequests(connection, ago(40)).open(Request(citizen=talk)))


def is_to_be_told(store: Store, talk: int) -> None:
    store.put(t.misses, at=ago(40), why="unknown", words="lịch gom rác", lang="vi", person=talk)


def has_just_written(store: Store, talk: int) -> None:
    store.event(talk, ago(31), t.WAITING)


def is_promised_an_answer(store: Store, talk: int) -> None:
    store.event(talk, ago(31), t.PARKED)


def is_about_to_hear(store: Store, talk: int) -> None:
    store.message(store.contact(talk), ago(31), t.HELD)


def is_a_teams_group(store: Store, talk: int) -> None:
    unit = store.put(t.units, kind="team", name="Tổ 7", commune="00001")
    store.put(
        t.team_groups, team=unit, code="NHOM-1", by=1, at=ago(40), chat=talk, linked=True, since=ago(40)
    )


@pytest.mark.parametrize(
    "reason",
    [
        is_a_teams_group,
        holds_a_role,
        waits_for_help,
        is_to_be_told,
        has_just_written,
        is_promised_an_answer,
        is_about_to_hear,
    ],
)
def test_a_talk_stays_while_there_is_a_reason(store: Store, reason: Callable[[Store, int], None]) -> None:
    talk = store.conversation(ago(31))
    reason(store, talk)
    store.contact(store.conversation(NOW))
    assert store.purge() == {}
    assert talk in store.left(t.conversations)


@pytest.mark.parametrize(
    "kept",
    [{"consented": True}, {"touched": ago(29)}, {"about": "request:17"}],
    ids=["with consent", "young", "of a thing"],
)
def test_other_talks_stay(store: Store, kept: dict[str, Any]) -> None:
    talk = store.conversation(**({"touched": ago(31)} | kept))
    store.contact(store.conversation(NOW))
    assert store.purge() == {}
    assert talk in store.left(t.conversations)


def test_no_number_of_an_erased_talk_or_contact_is_given_again(store: Store) -> None:
    talk = store.conversation(ago(31))
    contact = store.contact(talk)
    store.purge()
    new = store.conversation(NOW)
    assert (new > talk, store.contact(new) > contact) == (True, True)


def closed(store: Store, citizen: int, days: int, state: str = "closed") -> int:
    def keep(connection: Connection) -> int:
        request = StoredRequests(connection, ago(days + 3)).open(
            Request(
                citizen=citizen, name="cô Lan", address="cô", phone="0912345678", commune="00001", village="tổ 7",
                topic="vneid.activate", step="sms", step_title="Tin nhắn", pressed="Chưa có", words="không thấy mã",
                attached=("voice",), remark="đã gọi lại",
            )
        )  # fmt: skip
        over = msgspec.structs.replace(
            request, state=state, closed=ago(days), outcome="solved", rating="good"
        )
        return StoredRequests(connection, ago(days)).save(over, "closed", 5).id

    return int(store.inside(keep))


def request(store: Store, number: int) -> Request:
    with store.database.read() as connection:
        return next(found for found in StoredRequests(connection, NOW).of(1) if found.id == number)


def test_words_of_requests_go_a_year_after_they_ended_and_figures_stay(store: Store) -> None:
    person, _ = somebody(store)
    old, withdrawn, young = (
        closed(store, person, 366), closed(store, person, 366, "withdrawn"), closed(store, person, 364)
    )  # fmt: skip
    before = request(store, old)
    assert store.purge() == {"words of closed requests": 2}
    after = request(store, old)
    texts = ("name", "address", "phone", "village", "step_title", "pressed", "words", "remark", "watchwords")
    assert {name: getattr(after, name) for name in texts} == dict.fromkeys(texts, "")
    assert after.attached == ()
    kept = ("code", "citizen", "state", "topic", "step", "commune", "opened", "closed", "outcome", "rating")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert request(store, withdrawn).words == ""
    assert request(store, young).words == "không thấy mã"
    assert store.purge() == {}  # and it is not done again and again


def test_an_open_request_keeps_its_words_however_old_it_is(store: Store) -> None:
    person, _ = somebody(store)
    opened = store.inside(
        lambda c: StoredRequests(c, ago(4000)).open(Request(citizen=person, words="chờ mãi"))
    )
    claimed = store.inside(
        lambda c: StoredRequests(c, ago(4000)).open(Request(citizen=person, words="đang giúp"))
    )
    store.inside(
        lambda c: StoredRequests(c, ago(3999)).save(
            msgspec.structs.replace(claimed, state="claimed"), "claimed", 5
        )
    )
    assert store.purge() == {}
    assert {request(store, opened.id).words, request(store, claimed.id).words} == {"chờ mãi", "đang giúp"}


def test_a_large_purge_goes_in_batches_with_others_in_between(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 20)
    person, _ = somebody(store)
    rows = [
        {
            "account": "web",
            "key": f"{number}",
            "conversation": person,
            "event": "",
            "at": ago(40),
            "state": t.DONE,
        }
        for number in range(110)
    ]
    store.inside(lambda connection: connection.execute(insert(t.inbox), rows))
    counting = Counting(store.writer)
    gone = retention.purge(store.database, counting, SETTINGS, NOW)
    assert gone == {"update ids, so that a repeat is known as one": 110}
    assert counting.sizes == [20, 20, 20, 20, 20, 10]


def test_the_days_are_settings(store: Store) -> None:
    person, contact = somebody(store)
    store.message(contact, ago(3), t.SENT)
    store.event(person, ago(3), t.DONE)
    assert store.purge() == {}
    assert sum(store.purge(Settings(keep_sent=2)).values()) == 1
    assert sum(store.purge(Settings(keep_keys=2)).values()) == 1


def test_every_setting_that_keeps_something_has_its_rule_and_the_command_lists_them(tmp_path: Path) -> None:
    assert {rule.setting for rule in retention.RULES} == {name for name in FIELDS if name.startswith("keep_")}
    done = Office(tmp_path).toso("retention", keep_talks="7")
    assert "    7 days  talks of people who agreed to nothing  (keep_talks)\n" in done.out
    assert len(done.out.splitlines()) == len(retention.RULES)
