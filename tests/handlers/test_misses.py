"""Questions without an answer are kept without their asker; answers past their date say so; steps are counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import insert, select

from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk, expiry, questions
from handlers.editing_form import day_of
from handlers.misses import masked
from handlers.records.misses import Answer, Miss, StepCount, What
from handlers.records.people import Person
from handlers.rules.losses import losses, weekly
from handlers.rules.reporting import local_day
from handlers.talk import Button, Due, Talk
from handlers.text import as_is
from handlers.turn import Shelf, Turn
from knowledge.library import gather
from tests.handlers.turning import NOW, SOMEBODY, incoming, take_turn, told

GUIDE, ANSWER = "vneid.activate", "help.hotlines"
UNKNOWN = "khach lia tien vo may tui bang cai hinh o vuong"


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def records(database: Database) -> Iterator[StoredRecords]:
    with database.write() as connection:
        yield StoredRecords(connection, NOW)


def say(records: StoredRecords, shelf: Shelf, wording: Wording, talk: Talk, *said: str) -> Turn:
    """Say one thing after another, of which the search finds nothing; a choice begins with @."""
    turn = None
    for words in said:
        event = incoming(choice=words[1:]) if words.startswith("@") else incoming(words)
        turn = take_turn(records, shelf, wording, talk, event)
        talk = turn.talk
    assert turn is not None
    return turn


def kept(records: StoredRecords) -> tuple[Miss, ...]:
    return records.misses.open([""])


def checked(day: date, shelf: Shelf) -> Shelf:
    """Give the shelf with every topic last checked on a day, and past its date."""
    topics = [
        msgspec.structs.replace(topic, checked=day, expires=day + timedelta(days=1))
        for topics in shelf.library.shelves.values()
        for topic in topics.values()
    ]
    return msgspec.structs.replace(shelf, library=gather(topics))


# --- what is kept ---


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("mã otp là 482913 mà không vào được", "mã otp là •••••• mà không vào được"),
        ("gọi 0912 345 678 cho tôi", "gọi •••••• cho tôi"),
        ("cccd 001099012345 đổi sao", "cccd •••••• đổi sao"),
        ("viết về lan.nguyen@example.vn nhé", "viết về •••••• nhé"),
        ("mật khẩu là Abc@1234 nhập sao", "mật khẩu là •••••• nhập sao"),
        ("thông tư 141/2026 áp dụng từ 1/7/2026", "thông tư 141/2026 áp dụng từ 1/7/2026"),
        ("lịch  gom\nrác", "lịch gom rác"),
    ],
)
def test_secrets_numbers_and_addresses_are_masked_in_what_is_kept(words: str, left: str) -> None:
    assert masked(words) == left


def test_a_question_is_kept_without_its_asker_until_they_agree(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    turn = say(records, bookcase.shelf(), wording, Talk(met=True), UNKNOWN)
    (miss,) = kept(records)
    assert (miss.why, miss.words, miss.person, miss.answer) == ("unknown", UNKNOWN, 0, 0)
    turn = say(records, bookcase.shelf(), wording, turn.talk, "không", "@yes@tell")
    (miss,) = kept(records)
    assert miss.person == SOMEBODY.id
    assert ("agreed to be told (terms 2026-11)", f"miss:{miss.id}", SOMEBODY.id) in turn.notes
    assert not turn.person.consent  # that is about more: home, requests
    assert not turn.talk.doing


def test_what_is_said_instead_of_yes_or_no_goes_on_as_usual(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    turn = say(records, bookcase.shelf(), wording, Talk(met=True), UNKNOWN, "không", "A01")
    assert kept(records)[0].person == 0
    assert turn.talk.doing != "missed"


@pytest.mark.parametrize("said", ["@wrong@{topic}", "4", "chưa đúng ý"])
def test_an_answer_that_was_not_meant_is_kept_with_the_words_that_were_asked(
    said: str, records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    topic = bookcase.library.topic(ANSWER, "vi")
    assert topic is not None
    shelf = bookcase.shelf()
    event = incoming(topic.questions[0])
    found = bookcase.understand(event.text)
    turn = Turn(
        event=event, person=SOMEBODY, talk=Talk(met=True), now=NOW, shelf=shelf, records=records, found=found
    )
    questions.tell(turn, topic)
    place = len(turn.said[-1].choices)
    assert turn.said[-1].choices[-1].name == "wrong"
    talk = shown(turn, wording)
    said = said.format(topic=ANSWER) if said.startswith("@") else str(place) if said == "4" else said
    turn = say(records, shelf, wording, talk, said)
    (miss,) = kept(records)
    assert (miss.why, miss.words, miss.shown) == ("unhelpful", topic.questions[0], ANSWER)
    assert "Có câu trả lời thì nhắn" in told(turn, wording)


def shown(turn: Turn, wording: Wording) -> Talk:
    """Give the talk of a turn with the choices last shown."""
    buttons = tuple(
        Button(f"{choice.name}@{choice.context}", wording.word(choice.label, "vi"))
        for choice in turn.said[-1].choices
    )
    return msgspec.structs.replace(turn.talk, offered=buttons)


def test_amid_a_guide_the_step_comes_back_and_nothing_is_asked(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    turn = say(records, bookcase.shelf(), wording, Talk(met=True), code(bookcase), "chưa đúng ý")
    assert kept(records)[0].shown == GUIDE
    assert "Làm tiếp chỗ đang dở" in told(turn, wording)
    assert turn.talk.doing == f"guide {GUIDE}"


def test_delete_my_data_erases_what_was_to_be_answered_and_a_copy_shows_it(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    say(records, bookcase.shelf(), wording, Talk(met=True), UNKNOWN, "không", "@yes@tell")
    assert records.people.everything(SOMEBODY.id)["questions_to_be_answered"] == [
        {"at": NOW, "words": UNKNOWN}
    ]
    records.people.forget(SOMEBODY.id)
    assert kept(records) == ()


# --- answers past their date ---


def code(bookcase: Bookcase) -> str:
    topic = bookcase.library.topic(GUIDE, "vi")
    assert topic is not None
    return topic.steps[0].code


def test_an_answer_past_its_date_says_so_once_in_a_talk(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    shelf = checked(date(2026, 10, 1), bookcase.shelf())
    first = code(bookcase)
    turn = say(records, shelf, wording, Talk(met=True), first)
    caution = "Thông tin này kiểm lại lần cuối thứ Năm 1/10/2026, có thể đã đổi. Nên hỏi lại "
    assert caution in told(turn, wording)
    for said in ("tiếp tục", "quay lại", "huỷ", first):
        turn = say(records, shelf, wording, turn.talk, said)
        assert "kiểm lại lần cuối" not in told(turn, wording)
    other = shelf.library.topic(ANSWER, "vi")
    assert other is not None
    turn = say(records, shelf, wording, turn.talk, other.code)
    assert caution in told(turn, wording)
    turn = say(records, shelf, wording, turn.talk, other.code)
    assert "kiểm lại lần cuối" not in told(turn, wording)


def test_on_its_last_day_an_answer_is_still_right(bookcase: Bookcase, records: StoredRecords) -> None:
    topic = bookcase.library.topic(ANSWER, "vi")
    assert topic is not None
    talk = Talk(met=True)
    for day, said in ((local_day(NOW), False), (local_day(NOW) - timedelta(days=1), True)):
        turn = Turn(
            event=incoming("a"), person=SOMEBODY, talk=talk, now=NOW, shelf=bookcase.shelf(), records=records
        )
        words = as_is("Gọi 1022.")
        assert (expiry.dated(turn, msgspec.structs.replace(topic, expires=day), words) != words) == said


def with_editors(database: Database, *names: str) -> int:
    """Make an office with these editors; give its number."""
    with database.write() as connection:
        unit = connection.scalar(
            insert(t.units)
            .values(kind="office", name="phường Đông Ngạc, Hà Nội", commune="00001")
            .returning(t.units.c.id)
        )
        assert unit is not None
        for name in names:
            person = msgspec.json.encode(Person(name=name, lang="vi")).decode()
            number = connection.scalar(
                insert(t.conversations).values(person=person, touched=NOW).returning(t.conversations.c.id)
            )
            connection.execute(insert(t.roles).values(person=number, kind="editor", place=unit, since=NOW))
    return int(unit)


def due(records: StoredRecords, shelf: Shelf, name: str, now: datetime, **facts: str) -> Turn:
    event = Due(name=name, about=name, at=now, facts=facts)
    turn = Turn(event=event, person=Person(), talk=Talk(), now=now, shelf=shelf, records=records)
    expiry.DUE[name](turn)
    return turn


def test_editors_are_reminded_once_a_week_from_thirty_days_before(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    unit = with_editors(database, "Mai", "Khoa")
    shelf = bookcase.shelf()
    first = min(topic.expires for topic in shelf.library.topics("vi"))
    early = datetime(first.year, first.month, first.day, 1, tzinfo=UTC) - timedelta(days=31)
    with database.write() as connection:
        records = StoredRecords(connection, early)
        assert due(records, shelf, "expiry.plan", early).laters == []
        soon = early + timedelta(days=1)
        (later,) = due(records, shelf, "expiry.plan", soon).laters
        assert later.key == f"expiry:{unit}:{local_day(soon):%G-W%V}"
        again = due(records, shelf, "expiry.plan", soon + timedelta(hours=1)).laters
        assert [one.key for one in again] == [later.key]  # the same key is kept once
        turn = due(records, shelf, "expiry.remind", later.at, **later.due.facts)
        assert [(said.kind, said.to) for said in turn.said] == [("reminder", 1), ("reminder", 2)]
        words = wording.word(turn.said[0].text, "vi")
        assert words.startswith("Câu trả lời cần kiểm lại trong 30 ngày tới:\n• ")
        assert f"({first:%d/%m/%Y})" in words
        assert 'Còn đúng thì gõ "gia hạn ' in words
        night = later.at.replace(hour=20)
        turn = due(records, shelf, "expiry.remind", night, **later.due.facts)
        assert turn.said == []
        assert turn.laters[0].at > night


# --- topics that are there: a further question, a new date ---

MAI = Person(id=1, lang="vi")


@pytest.mark.parametrize(
    ("words", "doing", "kept"),
    [
        (
            "thêm câu hỏi B71: mở vneid cho bà ngoại",
            "wording",
            {"topic": GUIDE, "words": "mở vneid cho bà ngoại"},
        ),
        ("them cach hoi cho b71", "wording", {"topic": GUIDE}),
        ("add a question to vneid.activate: open it for grandma", "wording", {"topic": GUIDE}),
        ("Thêm câu hỏi", "wording", {}),
        ("gia hạn B71 đến 30/6/2027", "renewal", {"topic": GUIDE, "expires": "2027-06-30"}),
        ("gia han b71 den 6 thang", "renewal", {"topic": GUIDE, "expires": "2027-05-09"}),
        ("new date for B71 until 6 months", "renewal", {"topic": GUIDE, "expires": "2027-05-09"}),
        ("gia hạn B71 đến hôm qua", "renewal", {"topic": GUIDE}),
        ("gia hạn tạm trú đến khi nào", "", {}),
        ("thêm câu hỏi thì sao", "", {}),
    ],
)
def test_an_editor_begins_with_one_line_and_other_words_are_a_question(
    words: str, doing: str, kept: dict[str, str], database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    with_editors(database, "Mai")
    with database.write() as connection:
        records = StoredRecords(connection, NOW)
        turn = take_turn(records, bookcase.shelf(), wording, Talk(met=True), incoming(words), MAI, staff=True)
        assert turn.talk.doing.removeprefix("form ") == doing or not doing
        assert kept.items() <= turn.talk.kept.items()
        someone = Person(id=7, lang="vi")
        turn = take_turn(records, bookcase.shelf(), wording, Talk(met=True), incoming(words), someone)
        assert not turn.talk.doing.startswith("form ")


def test_the_topics_that_were_shown_are_offered_as_the_answer(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    with_editors(database, "Mai")
    with database.write() as connection:
        records = StoredRecords(connection, NOW)
        number = records.misses.keep(Miss(why="none", words=UNKNOWN, shown=f"{ANSWER} {GUIDE}"))
        turn = take_turn(
            records, bookcase.shelf(), wording, Talk(met=True), incoming("câu chưa trả lời"), MAI, staff=True
        )
        for press in (f"miss-{number}@editing.list", "point@editing.group"):
            turn = take_turn(
                records, bookcase.shelf(), wording, turn.talk, incoming(choice=press), MAI, staff=True
            )
        assert [choice.name for choice in turn.said[-1].choices] == [ANSWER, GUIDE, "later"]
        turn = take_turn(
            records,
            bookcase.shelf(),
            wording,
            turn.talk,
            incoming(choice=f"{ANSWER}@editing.topic"),
            MAI,
            staff=True,
        )
        assert UNKNOWN in told(turn, wording)


# --- what is counted at steps ---


def counts(turn: Turn) -> list[tuple[str, What]]:
    return [(step, what) for guide, step, what in turn.counted if guide == GUIDE]


def test_coming_to_a_step_and_leaving_it_is_counted_and_showing_it_again_is_not(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    topic = bookcase.library.topic(GUIDE, "vi")
    assert topic is not None
    first = topic.steps[0]
    on = first.onward
    assert on is not None
    other = next(option for option in first.options if option != on)
    turn = say(records, bookcase.shelf(), wording, Talk(met=True), first.code)
    assert counts(turn) == [(first.id, "shown")]
    turn = say(records, bookcase.shelf(), wording, turn.talk, "tiếp tục")
    assert counts(turn) == []
    begun = turn.talk
    turn = say(records, bookcase.shelf(), wording, begun, f"@{on.name}@{first.code}")
    assert counts(turn) == [(first.id, "on"), (on.target, "shown")]
    turn = say(records, bookcase.shelf(), wording, turn.talk, "quay lại")
    assert counts(turn) == [(on.target, "back"), (first.id, "shown")]
    turn = say(records, bookcase.shelf(), wording, begun, f"@{other.name}@{first.code}")
    assert counts(turn)[0] == (first.id, "stuck")
    turn = say(records, bookcase.shelf(), wording, begun, "người thật")
    assert counts(turn) == [(first.id, "help")]


def test_what_is_counted_becomes_losses_by_week_and_in_all() -> None:
    counted = [
        StepCount("2026-W45", "a.b", "one", "shown", 10),
        StepCount("2026-W45", "a.b", "one", "on", 5),
        StepCount("2026-W45", "a.b", "one", "stuck", 2),
        StepCount("2026-W45", "a.b", "one", "help", 1),
        StepCount("2026-W46", "a.b", "one", "shown", 1),
        StepCount("2026-W46", "a.b", "two", "on", 1),  # by an old button: never shown this week
        StepCount("2026-W46", "a.b", "two", "done", 3),
    ]
    worst = losses(counted)
    assert [(one.step, one.shown, one.stuck, one.left, one.help, one.done) for one in worst] == [
        ("one", 11, 2, 3, 1, 0),
        ("two", 0, 0, 0, 0, 3),
    ]
    assert [(one.week, one.step) for one in weekly(counted)] == [
        ("2026-W46", "one"),
        ("2026-W46", "two"),
        ("2026-W45", "one"),
    ]


# --- the editor's form ---


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("30/6/2027", date(2027, 6, 30)),
        ("30-6-2027", date(2027, 6, 30)),
        ("2027-06-30", date(2027, 6, 30)),
        ("6/2027", date(2027, 6, 30)),
        ("tháng 2/2027", date(2027, 2, 28)),
        ("6 tháng", date(2027, 5, 9)),
        ("3 months", date(2027, 2, 9)),
        ("một năm", date(2027, 11, 9)),
        ("31/2/2027", None),
        ("mai", None),
    ],
)
def test_a_day_may_be_written_in_several_ways(typed: str, day: date | None) -> None:
    assert day_of(typed, date(2026, 11, 9)) == day


def test_only_a_second_person_approves(database: Database, bookcase: Bookcase, wording: Wording) -> None:
    unit = with_editors(database, "Mai", "Khoa")
    with database.write() as connection:
        records = StoredRecords(connection, NOW)
        records.misses.keep(Miss(words=UNKNOWN))
        answer = records.misses.propose(
            Answer(unit=unit, author=1, topic=ANSWER, title="x", wordings=(("vi", UNKNOWN),))
        )
        records.misses.settle([1], answer.id)
        for person, state in ((1, "waiting"), (3, "waiting"), (2, "approved"), (2, "approved")):
            turn = Turn(
                event=incoming(choice=f"answer-approve@{answer.code}"),
                person=Person(id=person, lang="vi"),
                talk=Talk(met=True),
                now=NOW,
                shelf=bookcase.shelf(),
                records=records,
                staff=person != 3,
            )
            desk.decide(turn)
            now = records.misses.by_number(answer.id)
            assert now is not None
            assert now.state == state, person
        judged = records.misses.by_number(answer.id)
        assert judged is not None
        assert judged.judge == 2
        assert connection.scalar(select(t.misses.c.answer)) == answer.id
