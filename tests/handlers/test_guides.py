"""A guide that changes while people stand in it: a talk outlives a release of the knowledge base."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import team
from handlers.talk import Talk
from handlers.turn import Shelf, Turn
from knowledge.library import Library, Topic
from tests.handlers.turning import NOW, incoming, take_turn, told

TOPIC = "vneid.activate"


@pytest.fixture
def records(sqlite_url: str) -> Iterator[StoredRecords]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield StoredRecords(connection, NOW)
    database.close()


def changed(shelf: Shelf, topic: Topic | None) -> Shelf:
    """Give the shelf with another edition of the topic, or without it."""
    library = shelf.library
    shelves = {
        lang: {
            **{name: known for name, known in topics.items() if name != TOPIC},
            **({TOPIC: topic} if topic else {}),
        }
        for lang, topics in library.shelves.items()
    }
    codes = {
        code: where
        for code, where in library.codes.items()
        if where[0] != TOPIC or (topic and topic.step(where[1]))
    }
    return msgspec.structs.replace(shelf, library=Library("another", shelves, codes))


def now_written(shelf: Shelf) -> Topic:
    topic = shelf.library.topic(TOPIC, "vi")
    assert topic is not None
    return topic


def at_step(topic: Topic, step: str) -> Talk:
    found = topic.step(step)
    assert found is not None
    return Talk(doing=f"guide {TOPIC}", at=step, context=found.code, topic=TOPIC, met=True)


@pytest.mark.parametrize("says", ["2", "xong rồi", "tiếp tục", "quay lại"])
def test_a_guide_whose_step_is_gone_starts_again_from_the_top(
    records: StoredRecords, bookcase: Bookcase, wording: Wording, says: str
) -> None:
    topic = now_written(bookcase.shelf())
    talk = at_step(topic, "device")
    shorter = msgspec.structs.replace(topic, steps=tuple(s for s in topic.steps if s.id != "device"))
    turn = take_turn(records, changed(bookcase.shelf(), shorter), wording, talk, incoming(says))
    assert (turn.talk.doing, turn.talk.at) == (talk.doing, topic.steps[0].id)
    assert told(turn, wording).startswith("Hướng dẫn này vừa đổi, nên Tổ Số bắt đầu lại từ bước đầu.")
    assert turn.said[-1].choices


def test_a_guide_that_is_gone_says_so_and_lets_go(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    talk = at_step(now_written(bookcase.shelf()), "device")
    turn = take_turn(records, changed(bookcase.shelf(), None), wording, talk, incoming("2"))
    assert turn.talk.doing == ""
    assert "viết lại" in told(turn, wording)


def test_an_old_button_whose_choice_is_gone_shows_the_step_as_it_is_now(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    topic = now_written(bookcase.shelf())
    steps = [
        msgspec.structs.replace(step, options=tuple(o for o in step.options if o.name != "keypad"))
        for step in topic.steps
    ]
    shelf = changed(bookcase.shelf(), msgspec.structs.replace(topic, steps=tuple(steps)))
    turn = take_turn(records, shelf, wording, Talk(met=True), incoming(choice="keypad@B72"))
    assert turn.talk.at == "device"
    assert "không còn trong hướng dẫn" in told(turn, wording)
    assert "keypad" not in [choice.name for choice in turn.said[-1].choices]


def test_an_old_button_of_a_step_that_is_gone_explains_itself(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    turn = take_turn(
        records,
        changed(bookcase.shelf(), None),
        wording,
        Talk(met=True),
        incoming(choice="keypad@B72"),
    )
    assert told(turn, wording) == "Mục đó là của việc đã xong rồi."


def test_back_at_the_first_step_stays_there(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    topic = now_written(bookcase.shelf())
    talk = at_step(topic, topic.steps[0].id)
    turn = take_turn(records, bookcase.shelf(), wording, talk, incoming("quay lại"))
    assert turn.talk.at == topic.steps[0].id


def walked(records: StoredRecords, bookcase: Bookcase, wording: Wording, *words: str) -> Turn:
    """Say one thing after another, and give the last turn."""
    talk = Talk(met=True)
    for said in words:
        turn = take_turn(records, bookcase.shelf(), wording, talk, incoming(said))
        talk = turn.talk
    return turn


@pytest.mark.parametrize(
    ("code", "words", "at", "kept"),
    [
        ("B72", "cuc gach thoi, nhung nha co laptop cua em", "web", "Chủ tài khoản ngồi cạnh"),
        ("B72", "2, nhà có máy tính rồi", "web", "Chủ tài khoản ngồi cạnh"),
        ("B75", "o nhap ma, nhung ba ko nhan dc tin nhan nao ca", "no-code", "Không đọc mã cho ai"),
        ("B78", "xong luon roi, hien muc 2", "end", "Ghi lại, cất chỗ kín"),
        ("B71", "co tin bao duyet, cuc gach, nhung nha co laptop", "web", "Chủ tài khoản ngồi cạnh"),
    ],
)
def test_words_that_answer_the_next_question_too_lead_over_it_and_its_advice_stays(
    records: StoredRecords, bookcase: Bookcase, wording: Wording, code: str, words: str, at: str, kept: str
) -> None:
    turn = walked(records, bookcase, wording, code, words)
    assert turn.talk.at == at
    assert kept in told(turn, wording)


@pytest.mark.parametrize(
    ("code", "words", "at"),
    [
        ("B72", "cuc gach thoi, cam on em nhieu lam", "keypad"),
        ("B72", "2, nha ko co may tinh thi lam sao", "keypad"),  # a question
        ("B75", "o nhap ma, nho to cong nghe so", "code"),  # to a person only with a choice of its own
        ("B92", "2, may nay em ko biet xem hop thu o dau", "no-code-again"),
        ("B77", "dat xong, hien muc 2", "passcode"),  # nobody says that all is done
    ],
)
def test_words_that_answer_one_question_lead_no_further(
    records: StoredRecords, bookcase: Bookcase, wording: Wording, code: str, words: str, at: str
) -> None:
    assert walked(records, bookcase, wording, code, words).talk.at == at


def test_back_leads_to_the_step_that_was_passed(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    turn = walked(records, bookcase, wording, "B72", "cuc gach, nhung nha co laptop cua em", "quay lại")
    assert turn.talk.at == "keypad"


def test_what_was_told_beside_the_choices_is_not_asked_again(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    stuck = (
        "B75",
        "o nhap ma, nhung ba ko nhan dc tin nhan nao ca",
        "2, may nay em ko biet xem hop thu o dau",
    )
    turn = walked(records, bookcase, wording, *stuck, "1")
    assert turn.talk.doing == "form request"
    assert turn.talk.kept["words"].endswith("; may nay em ko biet xem hop thu o dau")
    assert turn.talk.at == "whom"  # "ba" may be anybody's


def test_what_was_told_before_a_bare_choice_is_of_another_step(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    turn = walked(
        records, bookcase, wording, "B75", "o nhap ma, nhung ba ko nhan dc tin nhan nao ca", "1", "4"
    )
    assert (turn.talk.doing, turn.talk.at) == ("form request", "words")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_what_a_helper_reads_of_a_guide_fits_a_small_screen(bookcase: Bookcase, lang: str) -> None:
    for topic in bookcase.shelf().library.topics(lang):
        for step in topic.steps:
            told = team.ahead(topic, step)
            assert step.text in told[0]
            assert sum(map(len, told)) <= max(team.SCREEN, len(told[0]))
