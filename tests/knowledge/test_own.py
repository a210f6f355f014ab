"""What an office adds is laid over the shipped topics, by the same rules."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from knowledge.check import check
from knowledge.draft import Draft, telling, topic_id, unfit, wordings, written
from knowledge.library import Unreadable, load
from knowledge.page import Source
from knowledge.search import Index

SAMPLE = Path(__file__).parent / "topics-sample"
TODAY = date(2026, 11, 20)
DRAFT = Draft(
    id="office.lich-thu-gom-rac-4k7",
    title='Lịch thu gom rác "mới"',
    questions=("tuần mấy buổi gom rác",),
    owner="UBND phường Đông Ngạc",
    checked=TODAY,
    expires=date(2027, 5, 20),
    source=Source(
        "Thông báo 12/TB-UBND ngày 3/11/2026", "", telling("Rác gom thứ Ba lúc 18:00, phí 55.000 đồng.")
    ),
    answer="Rác gom thứ Ba lúc 18:00, phí 55.000 đồng.",
)


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "topics"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    (folder / "vi").mkdir(parents=True)
    return folder


def test_an_offices_answer_is_written_as_a_topic_that_the_checker_lets_through(
    topics: Path, own: Path
) -> None:
    (own / "vi" / f"{DRAFT.id}.md").write_text(written(DRAFT), "utf-8")
    before = check(topics, TODAY)
    assert check(topics, TODAY, own=own) == before
    topic = load(topics, own).topic(DRAFT.id, "vi")
    assert topic is not None
    assert (topic.title, topic.answer, topic.owner) == (DRAFT.title, DRAFT.answer, DRAFT.owner)
    assert topic.sources == (DRAFT.source,)
    assert (topic.questions, topic.expires) == (DRAFT.questions, DRAFT.expires)
    assert topic.steps == ()


def test_a_shipped_topic_still_needs_eight_questions_and_an_address(topics: Path, own: Path) -> None:
    strict = written(DRAFT).replace("id: office.", "id: waste.")
    (own / "vi" / "waste.lich-thu-gom-rac-4k7.md").write_text(strict, "utf-8")
    told = [problem.message for problem in check(topics, TODAY, own=own)]
    assert "there are 1 questions" in told
    assert 'a source is not "title" and "url"' in told


def test_a_wording_of_an_office_finds_the_topic_it_was_added_to(topics: Path, own: Path) -> None:
    asked = "rớt mất tiêu cái thẻ mượn sách ngoài chợ"
    (own / "questions.tsv").write_text(f"library.lost\tvi\t{asked}\tTL-4K7\n", "utf-8")
    found = Index(load(topics, own)).search(asked)
    assert (found.verdict, found.hits[0].topic) == ("answer", "library.lost")
    topic = load(topics, own).topic("library.lost", "en")
    assert topic is not None
    assert asked not in topic.questions


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("library.lost\tvi\n", "there are not 4 columns"),
        ("library.lost\tfr\tmất thẻ\tTL-4K7\n", 'the language is "fr"'),
    ],
)
def test_a_row_that_cannot_be_read_is_named_with_its_line(
    topics: Path, own: Path, row: str, what: str
) -> None:
    (own / "questions.tsv").write_text(f"# wordings\n{row}", "utf-8")
    with pytest.raises(Unreadable, match=rf"questions\.tsv, line 2: {what}"):
        load(topics, own)
    assert [p.line for p in check(topics, TODAY, own=own) if p.message == what] == [2]


def test_a_wording_that_leads_nowhere_or_stands_twice_is_a_warning_and_is_passed_over(
    topics: Path, own: Path
) -> None:
    rows = "library.gone\tvi\tmở cửa mấy giờ\tTL-4K7\nlibrary.lost\tvi\tMo cua may gio\tTL-4K7\n"
    (own / "questions.tsv").write_text(rows, "utf-8")
    told = [problem for problem in check(topics, TODAY, own=own) if problem.path.name == "questions.tsv"]
    assert [(problem.line, problem.severity) for problem in told] == [(1, "warning"), (2, "warning")]
    assert load(topics, own).topics("vi")


def test_a_new_date_holds_until_the_file_itself_has_been_checked_later(topics: Path, own: Path) -> None:
    before = load(topics, own).topic("library.lost", "vi")
    assert before is not None
    row = f"library.lost\t{before.checked}\t2027-11-20\tTL-4K7\n"
    (own / "dates.tsv").write_text(row, "utf-8")
    for lang in ("vi", "en"):
        topic = load(topics, own).topic("library.lost", lang)
        assert topic is not None
        assert (topic.checked, topic.expires) == (before.checked, date(2027, 11, 20))
    late = date(2027, 11, 1)  # beyond what the file says, and within the row's date
    assert not [p for p in check(topics, late, own=own) if "expired" in p.message and "lost" in str(p.path)]
    assert [p for p in check(topics, late) if "expired" in p.message and "lost" in str(p.path)]
    (own / "dates.tsv").write_text("library.lost\t2020-01-01\t2021-01-01\tTL-4K7\n", "utf-8")
    assert load(topics, own).topic("library.lost", "vi") == before


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("library.lost\t2026-11-20\n", "there are not 4 columns"),
        ("library.lost\t2026-11-20\t30/6/2027\tTL-4K7\n", "Invalid isoformat string"),
    ],
)
def test_a_date_that_cannot_be_read_is_named_with_its_line(
    topics: Path, own: Path, row: str, what: str
) -> None:
    (own / "dates.tsv").write_text(row, "utf-8")
    with pytest.raises(Unreadable, match=rf"dates\.tsv, line 1: {what}"):
        load(topics, own)
    assert [p.line for p in check(topics, TODAY, own=own) if p.message.startswith(what)] == [1]


def test_a_date_of_a_topic_that_is_no_more_is_a_warning(topics: Path, own: Path) -> None:
    (own / "dates.tsv").write_text("library.gone\t2026-11-20\t2027-11-20\tTL-4K7\n", "utf-8")
    told = [problem for problem in check(topics, TODAY, own=own) if problem.path.name == "dates.tsv"]
    assert [(problem.line, problem.severity) for problem in told] == [(1, "warning")]
    assert load(topics, own).topics("vi")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("12", "empty"),
        ("Rác gom thứ Ba. " * 30, "long"),
        ("Xem [ở đây](http://a.vn).", "markup"),
        ("{you} xem nhé.", "markup"),
        ("Mời quý khách đến.", "never"),
        ("một hai ba bốn năm sáu bảy tám chín mười " * 2 + "và nữa.", "sentence"),
    ],
)
def test_a_text_that_the_checker_would_refuse_is_refused_as_it_is_typed(text: str, kind: str) -> None:
    found = unfit(text, "vi")
    assert found is not None
    assert found[0] == kind
    assert unfit("Rác gom thứ Ba, lúc 18:00.", "vi") is None


def test_questions_that_cannot_stand_in_a_topic_are_left_out() -> None:
    asked = (
        "lịch gom rác",
        "Lịch  gom rác?",
        "số •••••• gom rác",
        "r" * 121,
        "{you} gom rác",
        "rác gom khi nào",
    )
    assert wordings(asked) == ("lịch gom rác", "rác gom khi nào")


def test_an_id_is_of_the_title_and_of_a_code() -> None:
    assert topic_id("Lịch thu gom rác, tổ 7", "4K7") == "office.lich-thu-gom-rac-to-7-4k7"
    assert topic_id("…", "4K7") == "office.4k7"
