"""Pictures and recordings of steps: who may send them, with which words, and what is not taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from sqlalchemy import insert

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.units import unit_named
from bot.wording import Wording
from handlers import desk
from handlers.records.people import Person
from handlers.talk import Attachment, Incoming, Talk
from handlers.turn import Turn
from tests.handlers.turning import NOW, told

OFFICER = Person(id=1, lang="vi", address="chị", name="Hạnh")
Kind = Literal["voice", "photo", "video", "file"]


@pytest.fixture
def records(sqlite_url: str, bookcase: Bookcase) -> Iterator[StoredRecords]:
    """A store in which person 1 is the officer of one commune."""
    database = Database(sqlite_url)
    with database.write() as connection:
        connection.execute(insert(t.conversations).values(id=1, touched=NOW))
        place = unit_named(connection, bookcase.shelf().places, "xã Ứng Hòa, Hà Nội", "office")
        connection.execute(insert(t.roles).values(person=1, kind="officer", place=place, since=NOW))
        yield StoredRecords(connection, NOW)
    database.close()


def sends(
    records: StoredRecords,
    bookcase: Bookcase,
    kind: Kind,
    *,
    caption: str = "",
    name: str = "",
    talk: Talk | None = None,
) -> Turn:
    event = Incoming(
        account="web", chat="h", sender="h", text=caption, attachment=Attachment(kind, "ref", name)
    )
    turn = Turn(
        event=event,
        person=OFFICER,
        talk=talk or Talk(met=True),
        now=NOW,
        shelf=bookcase.shelf(),
        records=records,
        staff=True,
    )
    desk.decide(turn)
    return turn


@pytest.mark.parametrize(
    ("kind", "caption", "code"),
    [
        ("photo", "ảnh B10", "B10"),
        ("photo", "anh buoc b10", "B10"),
        ("photo", "hình ảnh cho bước B 10", "B10"),
        ("voice", "ghi âm B10", "B10"),
        ("photo", "picture of step B10", "B10"),
        ("photo", "", ""),
        ("photo", "nhà văn hóa", ""),
    ],
)
def test_a_caption_names_the_step_and_without_one_it_is_asked_for(
    records: StoredRecords, bookcase: Bookcase, kind: Kind, caption: str, code: str
) -> None:
    turn = sends(records, bookcase, kind, caption=caption)
    assert turn.talk.doing == "form step-media"
    assert turn.talk.at == ("sure" if code else "code")
    assert turn.talk.kept.get("code", "") == code
    assert records.media.newest(f"step:10402:{code}:{kind}") == ()


def test_papers_are_not_taken_for_a_step(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    turn = sends(
        records, bookcase, "photo", name="anh-can-cuoc-mat-truoc.jpg", caption="ảnh căn cước của bà Tư"
    )
    assert "giấy tờ tùy thân" in told(turn, wording)
    assert turn.talk.doing == ""


def test_what_is_no_photo_and_no_voice_note_is_not_taken(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    waiting = Talk(
        met=True,
        doing="form step-media",
        at="media",
        context="step-media.media",
        kept={"commune": "10402", "code": "B10", "kind": "photo", "act": "add"},
    )
    turn = sends(records, bookcase, "file", name="don.pdf", talk=waiting)
    assert "gửi ảnh hoặc tin thoại" in told(turn, wording)
    assert (turn.talk.doing, turn.talk.at) == ("form step-media", "media")


def test_a_photo_amid_a_guide_is_for_whoever_helps(records: StoredRecords, bookcase: Bookcase) -> None:
    guide = Talk(met=True, doing="guide residence.temporary", at="how-long", context="B10")
    assert sends(records, bookcase, "photo", talk=guide).talk.doing == "requests"
