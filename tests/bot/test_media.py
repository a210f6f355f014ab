"""What is wanted is fetched and told once, what cannot be is given up kindly, and what is to go goes with its file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, delete, select, update

from bot import clock, media, retention
from bot.channels import Refused, TryLater
from bot.media import PATIENCE, WAITS, Carrier, Porter
from bot.settings import Settings
from bot.store import tables as t
from bot.store.database import Database
from bot.store.media import StoredMedia
from bot.store.people import StoredPeople
from bot.store.requests import StoredRequests
from bot.store.writer import writer
from bot.vault import Unfit, Vault, size_of
from handlers.records.requests import Request
from handlers.talk import Attachment, Due, Incoming
from tests.bot import things

NOW = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)
ACCOUNT = "platform:1"
LAN, REQUEST = 1, "request:1"


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    clock.stop_at(NOW)
    clock.ticks_at(1000.0)
    yield
    clock.reset()


class Rig:
    """A store, a folder, and what the platform answers for each handle."""

    def __init__(self, url: str, folder: Path) -> None:
        self.database = Database(url)
        self.writer = writer(self.database)
        self.vault = Vault(folder, 10_000)
        self.answers: dict[str, bytes | Exception | Callable[[], None]] = {}
        self.asked: list[str] = []
        self.woken = 0
        self.porter = Porter(self.database, self.writer, self.vault, self.fetch, self.wake)
        self.carrier = Carrier(self.database, self.vault)

    def wake(self) -> None:
        self.woken += 1

    async def fetch(self, account: str, ref: str) -> AsyncIterator[bytes]:
        assert account == ACCOUNT
        self.asked.append(ref)
        answer = self.answers[ref]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer()
            answer = things.PNG
        yield answer

    def inside(self, job: Callable[[Connection], Any]) -> Any:
        with self.database.write() as connection:
            return job(connection)

    def wants(
        self, ref: str, about: str = REQUEST, kind: Any = "photo", size: int = 0, person: int = LAN
    ) -> str:
        def want(connection: Connection) -> str:
            kept = StoredMedia(connection, clock.now())
            thing = Attachment(kind, ref, f"{ref}.png", size)
            event = Incoming(account=ACCOUNT, chat="lan", sender="lan", attachment=thing)
            code = kept.note(event, person)
            if about:
                kept.want(code, about)
            return code

        return str(self.inside(want))

    def once(self) -> None:
        asyncio.run(self.porter.once())

    def rows(self) -> dict[str, str]:
        with self.database.read() as connection:
            found = connection.execute(select(t.media.c.ref, t.media.c.state, t.media.c.reason))
            return {row.ref: f"{row.state} {row.reason}".strip() for row in found}

    def told(self) -> list[Due]:
        with self.database.read() as connection:
            events = connection.scalars(select(t.inbox.c.event).order_by(t.inbox.c.id))
            return [msgspec.json.decode(event, type=Due) for event in events]


@pytest.fixture
def rig(url: str, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(url, tmp_path / "media")
    yield made
    made.writer.close()
    made.database.close()


def test_what_is_wanted_is_fetched_kept_and_told_once(rig: Rig) -> None:
    rig.answers["a"] = things.PNG
    code = rig.wants("a")
    noted = rig.wants("b", about="")
    for _ in range(3):
        rig.once()
    assert rig.asked == ["a"]
    assert rig.rows() == {"a": "kept", "b": "noted"}
    assert rig.told() == [Due(name="media.kept", about=REQUEST, at=NOW, facts={"code": code})]
    assert rig.woken == 1
    carried = rig.carrier.find(code)
    assert carried is not None
    assert (carried.path.read_bytes(), carried.kind, carried.name, carried.type) == (
        things.PNG, "photo", "a.png", "image/png",
    )  # fmt: skip
    assert rig.carrier.find(noted) is None
    assert asyncio.run(rig.carrier.carried("")) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Refused("it has gone there"), "lost"), (Unfit("lost"), "lost"), (b"MZ" + b"\x00" * 60, "kind"),
        (things.PNG + b"\x00" * 10_000, "large"), (b"", "lost"),
    ],
)  # fmt: skip
def test_what_can_never_be_kept_is_told_at_once_and_not_asked_for_again(
    rig: Rig, answer: Any, reason: str
) -> None:
    rig.answers["a"] = answer
    rig.wants("a")
    rig.once()
    rig.once()
    assert rig.rows() == {"a": f"refused {reason}"}
    assert [due.name for due in rig.told()] == ["media.refused"]
    assert rig.asked == ["a"]
    assert size_of(rig.vault.path("a" * 32).parents[2])[0] == 0


def test_what_says_that_it_is_too_large_is_not_even_fetched(rig: Rig) -> None:
    rig.wants("a", size=10_001)
    rig.once()
    assert (rig.rows(), rig.asked) == ({"a": "refused large"}, [])


@pytest.mark.parametrize(
    "error", [TryLater("busy"), ZeroDivisionError("a slip in a client"), OSError("disk full")]
)
def test_what_fails_is_tried_five_times_ever_later_and_then_given_up(rig: Rig, error: Exception) -> None:
    rig.answers["a"] = error
    rig.wants("a")
    ticks = 1000.0
    for attempt in range(PATIENCE):
        rig.once()
        rig.once()  # nothing happens before its time
        assert len(rig.asked) == attempt + 1
        if attempt < len(WAITS):
            clock.ticks_at(ticks + WAITS[attempt] - 0.1)
            rig.once()
            assert len(rig.asked) == attempt + 1
            ticks += WAITS[attempt] + 0.1
            clock.ticks_at(ticks)
    assert rig.rows() == {"a": "refused lost"}
    assert len(rig.told()) == 1


def test_a_platform_that_names_a_time_is_given_it_and_others_do_not_wait(rig: Rig) -> None:
    rig.answers |= {"a": TryLater("slow down", timedelta(seconds=90)), "b": things.PNG}
    rig.wants("a")
    rig.wants("b")
    rig.once()
    assert rig.rows() == {"a": "wanted", "b": "kept"}
    rig.answers["a"] = things.PNG
    for seconds, state in ((89, "wanted"), (91, "kept")):
        clock.ticks_at(1000.0 + seconds)
        rig.once()
        assert rig.rows()["a"] == state


def test_a_file_that_never_ends_is_left_for_later(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(account: str, ref: str) -> AsyncIterator[bytes]:
        yield things.PNG
        await asyncio.Event().wait()

    monkeypatch.setattr(media, "LONG", 0.01)
    rig.porter = Porter(rig.database, rig.writer, rig.vault, endless)
    rig.wants("a")
    rig.once()
    assert rig.rows() == {"a": "wanted"}
    assert size_of(rig.vault.path("a" * 32).parents[2])[0] == 0


def test_what_is_given_up_while_it_is_fetched_is_told_to_nobody_and_leaves_nothing(rig: Rig) -> None:
    def given_up() -> None:
        rig.inside(lambda c: StoredMedia(c, NOW).drop(REQUEST))

    rig.answers["a"] = given_up
    rig.wants("a")
    rig.once()
    rig.once()
    assert (rig.rows(), rig.told()) == ({}, [])
    assert size_of(rig.vault.path("a" * 32).parents[2])[0] == 0


def test_files_nobody_knows_are_swept_and_those_somebody_waits_for_are_not(rig: Rig) -> None:
    rig.answers["a"] = things.PNG
    code = rig.wants("a")
    rig.once()
    for name in ("b" * 32, "c" * 32 + ".part"):
        path = rig.vault.path(name.removesuffix(".part")).parent
        path.mkdir(exist_ok=True)
        (path / name).write_bytes(b"half")
    rig.porter.sweep()
    assert rig.vault.codes() == [code]


def test_files_in_the_folder_of_another_database_are_left_alone_and_said_to_be_there(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.answers["a"] = things.PNG
    code = rig.wants("a")
    rig.once()
    rig.inside(lambda c: c.execute(delete(t.media)))
    other = Vault(rig.vault.path(code).parents[2], 10_000, "/srv/other.db")
    Porter(rig.database, rig.writer, other, rig.fetch).sweep()
    assert rig.vault.codes() == [code]
    assert "Give this database a folder of its own." in caplog.text
    rig.porter.sweep()
    assert rig.vault.codes() == []


def kept_of(rig: Rig, about: str, person: int = LAN) -> None:
    ref = f"{about}-{person}"
    rig.answers[ref] = things.PNG
    rig.wants(ref, about, person=person)
    rig.once()


def test_files_go_with_the_words_of_their_request(rig: Rig) -> None:
    def closed(connection: Connection) -> Request:
        stored = StoredRequests(connection, NOW)
        made = stored.open(Request(citizen=LAN, words="chuyện riêng"))
        return stored.save(msgspec.structs.replace(made, state="closed", closed=NOW), "closed", LAN)

    old, young = rig.inside(closed), rig.inside(closed)
    kept_of(rig, f"request:{old.id}")
    kept_of(rig, f"request:{young.id}")
    rig.inside(
        lambda c: c.execute(
            update(t.requests).where(t.requests.c.id == old.id).values(closed=NOW - timedelta(days=366))
        )
    )
    retention.purge(rig.database, rig.writer, Settings(), NOW)
    assert sorted(rig.rows().values()) == ["gone", "kept"]
    rig.once()
    assert rig.rows() == {f"request:{young.id}-{LAN}": "kept"}
    assert len(rig.vault.codes()) == 1


def test_what_was_never_passed_on_goes_after_a_month(rig: Rig) -> None:
    rig.wants("young", about="")
    clock.stop_at(NOW - timedelta(days=31))
    rig.wants("old", about="", person=2)
    rig.answers["refused"] = Refused("gone")
    rig.wants("refused", person=3)
    clock.stop_at(NOW)
    rig.once()
    retention.purge(rig.database, rig.writer, Settings(), NOW)
    rig.once()
    assert rig.rows() == {"young": "noted"}


def test_who_has_their_data_erased_leaves_no_file(rig: Rig) -> None:
    def opened(connection: Connection) -> Request:
        return StoredRequests(connection, NOW).open(Request(citizen=LAN))

    request = rig.inside(opened)
    kept_of(rig, f"request:{request.id}")
    kept_of(rig, f"request:{request.id}", person=2)  # the helper's answer to it
    kept_of(rig, "request:99", person=2)
    assert len(rig.vault.codes()) == 3
    rig.inside(lambda c: StoredPeople(c, NOW).forget(LAN))
    rig.once()
    assert list(rig.rows()) == ["request:99-2"]
    assert len(rig.vault.codes()) == 1


def test_several_things_of_one_moment_keep_their_order(rig: Rig) -> None:
    codes = [rig.wants(f"{number}") for number in range(8)]
    with rig.database.read() as connection:
        assert [thing.code for thing in StoredMedia(connection, NOW).of(REQUEST)] == codes
