"""What is heard as a wish for news of one matter, and what is kept of it."""

from __future__ import annotations

import pytest

from bot.shelf import Bookcase
from bot.wording import Wording
from handlers import answers
from handlers.links import one_person
from handlers.news import heard
from handlers.records.people import Person
from handlers.rules.areas import AREAS, NEWS, OTHER, area_of, said


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("nhận tin về bảo hiểm y tế", ("some", "bao hiem y te")),
        ("nhan tin ve bao hiem y te nhe", ("some", "bao hiem y te")),
        ("Tôi muốn đăng ký nhận tin về căn cước ạ", ("some", "can cuoc")),
        ("cho bác nhận thông báo của xã về VNeID được không?", ("some", "vneid")),
        ("báo cho tôi khi có tin về trợ cấp", ("some", "tro cap")),
        ("nhớ báo cho cháu biết nếu có tin mới về lừa đảo nhé", ("some", "lua dao")),
        ("chỉ nhận tin về bảo hiểm", ("only", "bao hiem")),
        ("nhận tin về xã", ("all", "")),
        ("thôi nhận tin về bảo hiểm", ("end", "bao hiem")),
        ("tôi không muốn nhận tin về bảo hiểm nữa", ("end", "bao hiem")),
        ("get news about health insurance", ("some", "health insurance")),
        ("I want to get only news about benefits, please", ("only", "benefits")),
        ("tell me when there is news about pensions", ("some", "pensions")),
        ("stop news about insurance", ("end", "insurance")),
    ],
)
def test_a_wish_for_news_is_heard_in_many_words(words: str, wish: tuple[str, str]) -> None:
    assert heard(words) == wish


@pytest.mark.parametrize(
    "words",
    [
        "tôi nhận tin về việc căn cước bị khóa",  # what has come to somebody
        "nhận tin về căn cước bị khóa bắt bấm vào một đường dẫn lạ",
        "nhắn tin về bảo hiểm",  # to write to somebody
        "nhận tin về bảo hiểm thế nào",
        "có tin về bảo hiểm không",
        "nhận tin của xã",  # a command
        "thôi nhận tin",
        "get news",
        "what is the news about insurance",
    ],
)
def test_other_words_are_no_such_wish(words: str) -> None:
    assert heard(words) is None


@pytest.mark.parametrize(
    ("words", "areas"),
    [
        ("bảo hiểm y tế", ("welfare",)),
        ("bhyt", ("welfare",)),
        ("lương hưu và căn cước", ("idcard", "welfare")),
        ("ngân hàng", ("money",)),
        ("lý lịch tư pháp", ("services",)),  # what is kept says no more than that
        ("bóng đá", ()),
    ],
)
def test_words_name_areas(words: str, areas: tuple[str, ...]) -> None:
    assert said(answers.tokens(words)) == areas


def test_each_area_is_heard_by_its_own_name_in_both_languages(wording: Wording) -> None:
    for area in NEWS:
        for lang in ("vi", "en"):
            assert said(answers.tokens(wording.word(AREAS[area], lang))) == (area,), (area, lang)


def test_what_is_not_named_in_front_of_others_belongs_to_an_area_with_harmless_matters(
    bookcase: Bookcase,
) -> None:
    shelf = bookcase.shelf()
    unnamed = shelf.service.unnamed
    harmless = {area_of(topic.id) for topic in shelf.library.topics("vi") if topic.id not in unnamed}
    assert {area_of(topic) for topic in unnamed} <= harmless
    assert OTHER not in NEWS


@pytest.mark.parametrize(
    ("asked", "typed", "one"),
    [
        (("some", ("welfare",)), ("", ()), ("some", ("welfare",))),
        (("some", ("welfare",)), ("some", ("idcard", "welfare")), ("some", ("idcard", "welfare"))),
        (("some", ("welfare",)), ("yes", ()), ("yes", ())),
        (("no", ()), ("some", ("welfare",)), ("no", ())),
    ],
)
def test_of_two_channels_joined_a_no_holds_then_all_then_what_both_have_named(
    asked: tuple[str, tuple[str, ...]],
    typed: tuple[str, tuple[str, ...]],
    one: tuple[str, tuple[str, ...]],
) -> None:
    both = one_person(Person(1, news=asked[0], areas=asked[1]), Person(2, news=typed[0], areas=typed[1]))  # type: ignore[arg-type]
    assert (both.news, both.areas) == one
