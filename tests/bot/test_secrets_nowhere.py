"""No secret outlives its turn: not in any table, the log, a file's name, a parked event, a record or an export."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from bot import clock
from bot.core import Core
from bot.inbox import LONGEST, NAME, guarded
from bot.play import play_file
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.turns import WAITS
from bot.wording import Wording
from handlers.rules.guard import DOTS, bare_number, invented, mask
from handlers.talk import Attachment, Contact, Incoming
from handlers.turn import Office, Turn
from tests.bot.crash_worker import TOPICS
from tests.bot.rig import core_on, heard, rows

TALKS = Path(__file__).parents[1] / "conversations"
SECRET = ("482913", "4829", "034150001234", "001085012345", "Hoa@1234", "4111 1111 1111 1111", "bon tam hai")


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    """Give the clock back after a test that has moved it."""
    yield
    clock.reset()


def kept(database: Database) -> str:
    """Give every row of every table."""
    with database.read() as connection:
        return "\n".join(
            str(tuple(row)) for table in t.metadata.sorted_tables for row in connection.execute(select(table))
        )


@pytest.mark.parametrize(
    "talk", ["ma-theo-cau-hoi", "ma-va-mat-khau", "ho-tro-mac-o-buoc", "can-bo-nhan-thay"]
)
def test_a_whole_talk_leaves_no_secret_in_any_table_nor_in_the_log(
    talk: str, url: str, bookcase: Bookcase, wording: Wording, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = (TALKS / f"{talk}.txt").read_text("utf-8")
    play_file(TALKS / f"{talk}.txt", url, bookcase, wording)
    database = Database(url)
    everything = kept(database) + caplog.text
    database.close()
    held = [secret for secret in SECRET if secret in said]
    assert held
    assert [secret for secret in held if secret in everything] == []


def incoming(text: str = "", **more: object) -> Incoming:
    return msgspec.structs.replace(Incoming(account="web", chat="lan", sender="lan", text=text), **more)


def test_captions_names_of_files_and_of_contacts_are_stored_without_their_secrets() -> None:
    photo = incoming("mã otp là 482913", attachment=Attachment("photo", "ref", "cccd_001085012345.jpg"))
    stored = guarded(photo, clock.now())
    assert stored.attachment
    assert (stored.text, stored.attachment.name) == (f"mã otp là {DOTS}", f"cccd {DOTS}.jpg")
    plain = guarded(incoming(attachment=Attachment("file", "ref", "Don_xin_2026.pdf")), clock.now())
    assert plain.attachment
    assert plain.attachment.name == "Don_xin_2026.pdf"
    card = guarded(incoming(contact=Contact("0912345678", "Mẹ, mk vneid Hoa@1234")), clock.now())
    assert card.contact == Contact("0912345678", f"Mẹ, mk vneid {DOTS}")


@pytest.mark.parametrize("cut", range(1, 16))
def test_no_half_of_a_secret_stays_where_a_long_text_is_cut(cut: int) -> None:
    number = "4111111111111111"
    long = "a" * (LONGEST - cut - 1) + " " + number + " hết"
    assert not any(letter.isdigit() for letter in guarded(incoming(long), clock.now()).text)
    name = "a" * (NAME - cut - 1) + " " + number
    stored = guarded(incoming(attachment=Attachment("file", "ref", name)), clock.now())
    assert stored.attachment
    assert not any(letter.isdigit() for letter in stored.attachment.name)


def failing(turn: Turn) -> None:
    raise ZeroDivisionError


def test_an_event_that_is_parked_is_kept_without_what_no_turn_has_judged(url: str) -> None:
    with core_on(url, Bookcase(Office(), TOPICS), failing) as core:
        clock.ticks_at(100.0)
        core.intake.take_now([heard("Lan", "482913"), heard("Minh", "dạ 4829, gọi 0912345678")])
        for wait in WAITS:
            clock.ticks_at(clock.ticks() + wait)
            core.run_waiting()
        events = parked(core)
    assert len(events) == 2
    assert "482913" not in "".join(events)
    assert "4829" not in "".join(events)
    assert "0912345678" in "".join(events)


def parked(core: Core) -> list[str]:
    return [row.event for row in rows(core, select(t.inbox.c.event).where(t.inbox.c.state == t.PARKED))]


@pytest.mark.parametrize(
    "said",
    [
        "mã otp là 593811 nhé",
        "mk Sao#1977",
        "thẻ 5555555555554444",
        "cccd 034150001234",
        "tên đăng nhập: minh.sao",
        "kich hoat vneid",
    ],
)
def test_a_record_holds_an_invented_secret_in_place_of_the_real_one(said: str) -> None:
    written = invented(said)
    assert mask(written) == mask(said)
    assert (written == said) == (not mask(said).found)
    assert not bare_number(written)
