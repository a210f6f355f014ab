"""The topics that are shipped: they have no fault, and every question of theirs finds them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

import bot
import knowledge
from knowledge.check import check, copied
from knowledge.folding import fold
from knowledge.library import Library, load
from knowledge.search import Index, tables
from tests.questions import QUESTIONS, table

TOPICS = Path(knowledge.__file__).parent / "topics"


@pytest.fixture(scope="module")
def library() -> Library:
    return load(TOPICS)


@pytest.fixture(scope="module")
def index(library: Library) -> Index:
    return Index(library)


def test_the_shipped_topics_have_no_problem(library: Library) -> None:
    last_checked = max(topic.checked for lang in ("vi", "en") for topic in library.topics(lang))
    assert [str(problem) for problem in check(TOPICS, last_checked, release=True)] == []


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_topics_that_send_to_the_communes_desk_are_marked(library: Library, lang: str) -> None:
    marked = {topic.id for topic in library.topics(lang) if topic.desk}
    assert marked >= {
        "dvc.commune-centre",
        "help.mobile-point",
        "social.allowance",
        "certify.electronic-copy",
    }
    assert marked >= {topic.id for topic in library.topics(lang) if topic.id.startswith("civil.")}
    # Both are the police's: the hours of the commune's desk would lead astray.
    assert not marked & {"residence.confirm", "residence.absence"}
    for topic in library.topics(lang):
        assert topic.desk or not any(step.desk for step in topic.steps), topic.id


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_shipped_topic_has_a_code_that_leads_to_it(library: Library, lang: str) -> None:
    led = {topic.id: (library.step(topic.code) or ("",))[0] for topic in library.topics(lang)}
    assert led == {topic: topic for topic in led}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_nearly_every_shipped_question_finds_its_topic_first(
    library: Library, index: Index, lang: str
) -> None:
    asked = [(question, topic.id) for topic in library.topics(lang) for question in topic.questions]
    missed = [question for question, topic in asked if index.search(question, lang).hits[0].topic != topic]
    assert len(missed) <= len(asked) / 100, missed


@pytest.mark.parametrize(
    ("named", "area"),
    [
        ("vneid", "vneid."),
        ("dịch vụ công", "dvc."),
        ("ho so", "dvc."),  # and "ký hồ sơ" is a matter of its own
        ("can cuoc", "idcard."),
        ("QR", "pay."),
    ],
)
def test_the_mere_name_of_a_matter_offers_its_topics(index: Index, named: str, area: str) -> None:
    found = index.search(named)
    assert found.verdict == "choose"
    assert found.hits[0].topic.startswith(area)
    assert sum(not hit.topic.startswith(area) for hit in found.hits[:3]) <= 1


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("lam the nao biet ho so den dau", "dvc.track"),
        ("CUU TOI VOI toi bi lua mat het tien roi", "safe.been-scammed"),
        ("no lua toi cai app roi lay het tien", "safe.been-scammed"),
    ],
)
def test_what_people_typed_in_a_hurry_finds_its_topic(index: Index, asked: str, topic: str) -> None:
    found = index.search(asked)
    assert (found.hits[0].topic, found.verdict) == (topic, "answer")


@pytest.mark.parametrize(
    "asked",
    [
        "tro cap thai san bao nhieu tien",
        "ly hon thi nop don o dau",
        "xin giay phep xay dung nha o dau",
    ],
)
def test_a_neighbour_of_what_the_base_holds_is_not_answered_for_it(index: Index, asked: str) -> None:
    assert index.search(asked).verdict == "unknown"


@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        ("mất mật khẩu vneid", "vneid.forgot-password"),
        ("mật khẩu vneid bị mất", "vneid.forgot-password"),
        ("vneid quét mặt mãi không khớp", "vneid.activation-fails"),
        ("mất thẻ căn cước", "idcard.lost"),
        ("mật khẩu mạnh", "safe.password"),
        ("quét mặt khi chuyển tiền", "bank.biometrics"),
    ],
)
def test_accents_that_were_typed_count(index: Index, typed: str, topic: str) -> None:
    assert index.search(typed).hits[0].topic == topic


@pytest.mark.parametrize(
    ("asked", "topics"),
    [
        ("dang ky thuong tru hay tam tru", {"residence.permanent", "residence.temporary"}),
        ("đăng ký kết hôn và khai sinh cho con", {"civil.marriage", "civil.birth"}),
        ("lost my ID card or renew it at 40", {"idcard.lost", "idcard.renew"}),
    ],
)
def test_of_two_matters_asked_at_once_both_are_offered(index: Index, asked: str, topics: set[str]) -> None:
    found = index.search(asked)
    assert found.verdict == "choose"
    assert {hit.topic for hit in found.hits[:2]} == topics


def test_the_tables_are_tidy(library: Library) -> None:
    held = {topic.id for topic in library.topics("vi")}
    for name, of_topics in (("wordings.tsv", True), ("elsewhere.tsv", False)):
        lines = (Path(knowledge.__file__).parent / "data" / name).read_text("utf-8").splitlines()
        rows = [tuple(line.split("\t")) for line in lines[1:]]
        assert lines[0] == "subject\tlang\tquestion"
        assert {len(row) for row in rows} == {3}
        assert {lang for _, lang, _ in rows} == {"vi", "en"}
        assert len({(subject, fold(text)) for subject, _, text in rows}) == len(rows)
        assert {subject in held for subject, *_ in rows} == {of_topics}


@pytest.mark.skipif(QUESTIONS not in os.environ, reason=f"{QUESTIONS} names no table of questions")
def test_no_question_of_a_topic_or_a_table_is_one_of_those_that_measure() -> None:
    asked = [one.text for one in table(Path(os.environ[QUESTIONS]))]
    assert [str(problem) for problem in copied(TOPICS, asked)] == []
    known = {fold(text) for text in asked}
    assert [row for row in tables() if fold(row.text) in known] == []


def test_the_examples_of_the_page_are_answered(index: Index) -> None:
    page = Path(bot.__file__).parent / "web" / "static" / "words.js"
    lists = re.findall(r"examples: (\[.+?\])", page.read_text("utf-8"))
    examples = [example for found in lists for example in json.loads(found)]
    assert len(examples) == 6
    assert [example for example in examples if index.search(example).verdict != "answer"] == []


def test_what_the_base_does_not_hold_is_never_answered(library: Library, index: Index) -> None:
    held = {topic.id for topic in library.topics("vi")}
    asked = [row for row in tables() if row.subject not in held]
    assert len(asked) > 2_000
    assert [row.text for row in asked if index.search(row.text, row.lang).verdict == "answer"] == []
