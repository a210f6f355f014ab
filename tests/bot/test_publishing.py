"""Approved answers are laid over the topics and found, and a broken file never takes the service down."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert

from bot.publishing import Publisher, put
from bot.settings import Settings, Unusable
from bot.shelf import GOOD, Bookcase, last_good
from bot.store import tables as t
from bot.store.database import Database
from bot.store.misses import StoredMisses
from handlers.records.misses import Answer
from handlers.turn import Office as Named
from knowledge.check import check
from knowledge.links import judge
from tests.bot.office import Office
from tests.bot.test_doctor import told
from tests.bot.test_shelf import SAMPLE, TOPIC, change, title

NOON = datetime(2026, 11, 9, 5, 0, tzinfo=UTC)
ASKED = "khi mô thì đổ rác bự"
OWN_TEXT = Answer(
    kind="topic", topic="office.do-rac-1", title="Đổ rác cồng kềnh", text="Thứ Bảy, từ 6:30 đến 9:00.",
    title_en="Bulky waste", text_en="On Saturday, from 6:30 to 9:00.",
    source="Thông báo 12/TB-UBND", owner="phường Đông Ngạc, Hà Nội", expires=date(2027, 6, 30),
    wordings=(("vi", ASKED), ("en", "when can I leave my old sofa")),
)  # fmt: skip
WORDINGS = Answer(
    kind="wording", topic="library.lost", title="x",
    wordings=(("vi", "rớt mất tiêu cái thẻ ngoài chợ"), ("vi", "thẻ đọc sách bay mất")),
)  # fmt: skip

DATE = Answer(kind="date", topic="library.lost", title="x", expires=date(2027, 9, 30))


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "topics"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    with opened.write() as connection:
        connection.execute(insert(t.units).values(kind="office", name="phường Đông Ngạc", commune="00001"))
    yield opened
    opened.close()


def approve(database: Database, answer: Answer, at: datetime = NOON) -> Answer:
    with database.write() as connection:
        stored = StoredMisses(connection, NOON)
        sent = stored.propose(msgspec.structs.replace(answer, unit=1, author=1))
        return stored.save(msgspec.structs.replace(sent, state="approved", judge=2, decided=at))


def test_an_approved_answer_is_found_without_a_restart_and_the_checker_lets_it_through(
    database: Database, topics: Path, own: Path
) -> None:
    shelved = Bookcase(Named(), topics, own=own)
    publisher = Publisher(database, own)
    assert not publisher.publish()
    assert shelved.understand(ASKED).verdict == "unknown"
    approve(database, OWN_TEXT)
    assert publisher.publish()
    assert not publisher.publish()
    held = shelved.shelf()  # by a turn under way
    assert shelved.look()
    assert held.library.topic("office.do-rac-1", "vi") is None
    found = shelved.understand(ASKED)
    assert (found.verdict, found.hits[0].topic) == ("answer", "office.do-rac-1")
    english = shelved.understand("when can I leave my old sofa")
    assert (english.verdict, english.hits[0].topic, english.lang) == ("answer", "office.do-rac-1", "en")
    assert check(topics, date(2026, 11, 20), own=own) == check(topics, date(2026, 11, 20))


def test_wordings_are_added_to_a_topic_and_a_release_of_it_does_not_take_them_away(
    database: Database, topics: Path, own: Path
) -> None:
    shelved = Bookcase(Named(), topics, own=own)
    approve(database, WORDINGS)
    Publisher(database, own).publish()
    shelved.look()
    assert shelved.understand("rớt mất tiêu cái thẻ ngoài chợ").hits[0].topic == "library.lost"
    change(topics / TOPIC, title(shelved), "Mất thẻ rồi làm sao")
    shelved.look()
    found = shelved.understand("thẻ đọc sách bay mất")
    assert (found.verdict, found.hits[0].topic) == ("answer", "library.lost")


def test_a_new_date_is_in_use_without_a_restart(database: Database, topics: Path, own: Path) -> None:
    shelved = Bookcase(Named(), topics, own=own)
    approve(database, DATE, datetime(2027, 3, 1, 3, tzinfo=UTC))
    Publisher(database, own).publish()
    assert shelved.look()
    for lang in ("vi", "en"):
        topic = shelved.library.topic("library.lost", lang)
        assert topic is not None
        assert (topic.checked, topic.expires) == (date(2027, 3, 1), date(2027, 9, 30))


def test_only_approved_answers_are_written_and_each_once(database: Database, own: Path) -> None:
    with database.write() as connection:
        StoredMisses(connection, NOON).propose(msgspec.structs.replace(OWN_TEXT, unit=1, author=1))
    assert not Publisher(database, own).publish()
    assert not own.exists()
    approve(database, WORDINGS)
    approve(database, WORDINGS)
    for _process in range(3):
        Publisher(database, own).publish()
    rows = (own / "questions.tsv").read_text("utf-8").splitlines()
    assert len(rows) == len(set(rows)) == 4  # two answers of two wordings, each with its own code


def test_a_file_that_an_officer_changed_or_removed_stays_so(database: Database, own: Path) -> None:
    approve(database, OWN_TEXT)
    Publisher(database, own).publish()
    (own / "vi" / "office.do-rac-1.md").unlink()
    (own / "en" / "office.do-rac-1.md").write_text("changed", "utf-8")
    approve(database, WORDINGS, NOON.replace(hour=6))
    assert Publisher(database, own).publish()
    assert not (own / "vi" / "office.do-rac-1.md").exists()
    assert (own / "en" / "office.do-rac-1.md").read_text("utf-8") == "changed"


def test_a_folder_that_is_lost_or_another_machines_is_filled_anew(database: Database, own: Path) -> None:
    approve(database, OWN_TEXT)
    approve(database, WORDINGS)
    publisher = Publisher(database, own)
    publisher.publish()
    before = {path.relative_to(own): path.read_text("utf-8") for path in own.rglob("*") if path.is_file()}
    shutil.rmtree(own)
    assert Publisher(database, own).publish()
    after = {path.relative_to(own): path.read_text("utf-8") for path in own.rglob("*") if path.is_file()}
    assert after == before


def test_what_was_cut_short_is_written_again(database: Database, own: Path) -> None:
    approve(database, OWN_TEXT)
    (own / "vi").mkdir(parents=True)
    (own / "vi" / "office.do-rac-1.md.new").write_text("half", "utf-8")
    Publisher(database, own).publish()
    assert (own / "vi" / "office.do-rac-1.md").read_text("utf-8").startswith("---\nid: office.do-rac-1\n")
    assert list(own.rglob("*.new")) == []


# --- a broken file ---


def test_after_a_restart_with_a_broken_file_the_last_good_version_is_used_and_mended_while_it_runs(
    topics: Path, own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = title(Bookcase(Named(), topics, own=own))
    change(topics / TOPIC, "title: ", "tilte: ")
    with caplog.at_level(logging.ERROR):
        shelved = Bookcase(Named(), topics, own=own)
    assert f"the knowledge stays as it was: {topics / TOPIC}, line " in caplog.text
    assert title(shelved) == before
    assert shelved.understand("mất thẻ thư viện").hits
    assert judge("dichvucong.gov.vn", shelved.shelf().domains).answer == "official"
    change(topics / TOPIC, "tilte: ", "title: Mới ")
    assert shelved.look()
    assert title(shelved) == f"Mới {before}"


@pytest.mark.parametrize("kept", ["", "{", '{"version": 1}'])
def test_where_no_good_version_was_kept_the_start_says_what_to_mend(
    topics: Path, own: Path, kept: str
) -> None:
    if kept:
        put(own / GOOD, kept)
    change(topics / TOPIC, "title: ", "tilte: ")
    with pytest.raises(Unusable, match=r"library\.lost\.md, line \d+: "):
        Bookcase(Named(), topics, own=own)


def test_a_broken_row_or_file_of_the_office_itself_leaves_the_last_good_version(
    topics: Path, own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelved = Bookcase(Named(), topics, own=own)
    put(own / "questions.tsv", "library.lost\n")
    put(own / "vi" / "office.a-1.md", "nothing")
    with caplog.at_level(logging.ERROR):
        assert not shelved.look()
    assert "the knowledge stays as it was: " in caplog.text
    assert shelved.library.topic("library.lost", "vi")
    assert Bookcase(Named(), topics, own=own).library == shelved.library


def test_the_doctor_names_the_file_and_the_version_in_use(topics: Path, own: Path, sqlite_url: str) -> None:
    Bookcase(Named(), topics, own=own)
    good = last_good(own)
    assert good is not None
    change(topics / TOPIC, "title: ", "tilte: ")
    settings = Settings(database=sqlite_url, knowledge=str(topics), own_knowledge=str(own))
    errors = told(settings, "error")
    assert f"{topics / TOPIC}, line " in errors
    assert f"until then the last good version {good.version} is used" in errors


def test_after_a_restart_with_broken_desk_hours_the_last_good_ones_are_used_until_they_are_mended(
    topics: Path, own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hours = topics / "service.yaml"
    put(hours, 'communes:\n  "10402":\n    open: ["07:00-11:00"]\n')
    desk = Bookcase(Named(), topics, own=own).shelf().service.desk_of("10402")
    change(hours, "07:00-11:00", "11:00-07:00")
    with caplog.at_level(logging.ERROR):
        shelved = Bookcase(Named(), topics, own=own)
    assert f"the knowledge stays as it was: {hours}, line 2: “11:00-07:00” does not come" in caplog.text
    assert shelved.shelf().service.desk_of("10402") == desk
    change(hours, "11:00-07:00", "08:00-11:00")
    assert shelved.look()
    assert shelved.shelf().service.desk_of("10402") != desk


def test_broken_desk_hours_that_were_never_good_are_named_at_the_start(topics: Path, own: Path) -> None:
    put(topics / "service.yaml", "warning: soon\n")
    with pytest.raises(Unusable, match=r"service\.yaml, line 1: "):
        Bookcase(Named(), topics, own=own)


def test_the_doctor_names_broken_desk_hours_in_the_operators_language(
    topics: Path, own: Path, sqlite_url: str
) -> None:
    settings = Settings(database=sqlite_url, knowledge=str(topics), own_knowledge=str(own))
    put(topics / "service.yaml", "warning: soon\n")
    assert "until then nothing starts" in told(settings, "error")
    put(topics / "service.yaml", "warning: 80\n")
    Bookcase(Named(), topics, own=own)
    put(topics / "service.yaml", "warning: soon\n")
    errors = told(settings, "error")
    assert f"{topics / 'service.yaml'}, line 1: " in errors
    assert "until then the last good version is used" in errors


def test_a_process_starts_and_serves_with_broken_desk_hours(topics: Path, tmp_path: Path) -> None:
    office, hours = Office(tmp_path), topics / "service.yaml"
    put(hours, 'hours: {open: ["07:00-11:00"]}\n')
    assert office.toso("db", "upgrade").status == 0
    with office.running(knowledge=str(topics)):
        pass
    change(hours, "07:00-11:00", "7 giờ")
    with office.running(knowledge=str(topics)) as running:
        running.says(f"the knowledge stays as it was: {hours}, line 1: “7 giờ” is no span of hours")
        change(hours, "7 giờ", "08:00-11:00")
        running.says("is in use")
    assert running.logged("Traceback") == 0


def test_a_process_starts_and_serves_with_a_broken_file(topics: Path, tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert office.toso("db", "upgrade").status == 0
    with office.running(knowledge=str(topics)):
        pass
    change(topics / TOPIC, "title: ", "tilte: ")
    with office.running(knowledge=str(topics)) as running:
        running.says(f"the knowledge stays as it was: {topics / TOPIC}, line ")
        change(topics / TOPIC, "tilte: ", "title: Mới ")
        running.says("is in use")
    assert running.logged("Traceback") == 0
