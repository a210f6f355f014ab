"""How people are spoken to, and what is left of them when they ask to be forgotten."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from bot.play import play_file
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.people import person_of
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import profile
from handlers.talk import Message, Talk
from handlers.turn import Turn
from tests.handlers.turning import NOW, SOMEBODY, incoming

TALKS = Path(__file__).parent.parent / "conversations"


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("co muon hoi nop ho so", "cô"),
        ("Cô bán rau ở chợ", "cô"),
        ("bac bi quen mat khau", "bác"),
        ("chú cần làm lại thẻ", "chú"),
        ("cháu muốn hỏi", "bạn"),
        ("cho em hỏi", "bạn"),
        ("cho con hỏi với", "bạn"),
        ("kich hoat vneid cho ba em, ba 72 tuoi roi", "bạn"),
        ("nhà em chưa có mạng", "bạn"),
        ("làm khai sinh cho con", ""),
        ("may cua con toi khong cai duoc", ""),
        ("co ai giup khong", ""),
        ("bác sĩ khám ở đâu", ""),
        ("cô giáo bảo nộp giấy khai sinh", ""),
        ("anh ơi cho hỏi", ""),
        ("hôm sau tôi ra phường, cô ở đó bảo thẻ còn hạn", ""),
        ("nhà tôi ở cuối xóm, con cái đi làm xa cả", ""),
        ("cháu ơi bà không biết làm thẻ trên điện thoại", "bà"),
        ("con ơi, ông quên mật khẩu rồi", "ông"),
        ("cho bà hỏi tiền điện", "bà"),
        ("bà không có điện thoại thì làm thế nào", ""),
        ("cháu ơi bà nhà tôi mất thẻ", ""),
        ("bà cháu tôi ở cùng nhau", ""),
        ("không cần nữa đâu, con tôi làm rồi", ""),
        ("chị tôi cài cho, giờ mất mã", ""),
        ("nhà tôi không có sóng, cháu nội nó về quê rồi", ""),
        ("kích hoạt vneid thế nào", ""),
    ],
)
def test_people_are_spoken_to_as_they_call_themselves(words: str, address: str) -> None:
    assert profile.self_named(words) == address


@pytest.mark.parametrize(("with_somebody", "address"), [(False, "cô"), (True, "")])
def test_words_to_a_helper_do_not_say_how_their_writer_is_called(
    sqlite_url: str, bookcase: Bookcase, with_somebody: bool, address: str
) -> None:
    database = Database(sqlite_url)
    with database.write() as connection:
        turn = Turn(
            event=incoming("Cô xem giúp cái màn hình"),
            person=SOMEBODY,
            talk=Talk(),
            now=NOW,
            shelf=bookcase.shelf(),
            records=StoredRecords(connection, NOW),
        )
        profile.hear(turn, with_somebody=with_somebody)
    database.close()
    assert turn.person.address == address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("to 7", "tổ 7"),
        ("TDP 7", "tổ dân phố 7"),
        ("thon Doai", "thôn Doai"),
        ("thôn Đoài", "thôn Đoài"),
        ("", ""),
    ],
)
def test_the_kind_of_a_village_gets_its_accents(typed: str, kept: str) -> None:
    assert profile.village(typed) == kept


def test_the_store_forgets_whoever_asks_for_it(url: str, bookcase: Bookcase, wording: Wording) -> None:
    play_file(TALKS / "du-lieu-cua-toi.txt", url, bookcase, wording)
    database = Database(url)
    with database.read() as connection:
        everything = "\n".join(
            str(row) for table in t.metadata.sorted_tables for row in connection.execute(select(table))
        )
        requests = connection.execute(select(t.requests.c.code)).scalars().all()
    database.close()
    assert "khong dang nhap duoc" not in everything
    assert len(requests) == 1
    assert requests[0] in everything


def test_own_data_comes_as_a_file(url: str, bookcase: Bookcase, wording: Wording) -> None:
    play_file(TALKS / "my-data-in-english.txt", url, bookcase, wording)
    database = Database(url)
    with database.read() as connection:
        messages = connection.execute(select(t.outbox.c.message).order_by(t.outbox.c.id)).scalars().all()
        stored = connection.execute(select(t.conversations.c.person)).scalar_one()
    database.close()
    assert not [message for message in messages if "to-so.json" in message]  # the copy was erased as well
    assert person_of(1, stored).commune == ""


def test_the_file_holds_what_is_kept(url: str, bookcase: Bookcase, wording: Wording, tmp_path: Path) -> None:
    lines = (TALKS / "my-data-in-english.txt").read_text("utf-8").splitlines()
    until = next(number for number, line in enumerate(lines) if line == "Ann: delete my data")
    talk = tmp_path / "export.txt"
    talk.write_text("\n".join(lines[:until]), "utf-8")
    play_file(talk, url, bookcase, wording)
    database = Database(url)
    with database.read() as connection:
        messages = connection.execute(select(t.outbox.c.message).order_by(t.outbox.c.id)).scalars().all()
    database.close()
    files = [file for message in messages if (file := msgspec.json.decode(message, type=Message).file)]
    assert [file.name for file in files] == ["to-so.json"]
    kept = msgspec.json.decode(files[0].content)
    assert kept["person"]["commune"]
    assert kept["person"]["consent"] == profile.CONSENT
    assert {"channels", "requests", "roles", "messages"} <= set(kept)
