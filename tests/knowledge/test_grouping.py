"""Questions that ask the same are one group, and others are not."""

from __future__ import annotations

from time import thread_time

import pytest

from knowledge.grouping import Asked, groups


def grouped(*questions: str, lang: str = "vi") -> list[tuple[int, ...]]:
    asked = [Asked(number, words, lang) for number, words in enumerate(questions, 1)]
    return [tuple(one.id for one in group) for group in groups(asked)]


@pytest.mark.parametrize(
    "same",
    [
        ("lịch thu gom rác ở tổ 7", "lich thu gom rac o to 7", "thu gom rác tổ 7 lịch thế nào ạ"),
        ("xin giấy phép xây dựng ở đâu", "giay phep xay dung xin o dau the", "xin giấy phép xây dugn"),
        ("gia hạn hộ chiếu", "gia han ho chieu lam sao"),
    ],
)
def test_the_same_question_in_other_words_and_spellings_is_one_group(same: tuple[str, ...]) -> None:
    assert grouped(*same) == [tuple(range(1, len(same) + 1))]


@pytest.mark.parametrize(
    "different",
    [
        ("lịch thu gom rác", "lịch tiêm phòng chó"),
        ("gia hạn hộ chiếu", "gia hạn giấy phép xây dựng"),
        ("thẻ mật của tôi", "thẻ mất của tôi"),
    ],
)
def test_other_matters_stand_apart(different: tuple[str, ...]) -> None:
    assert grouped(*different) == [(1,), (2,)]


def test_the_largest_group_comes_first_and_the_oldest_question_in_each() -> None:
    assert grouped("chó cắn thì sao", "lịch thu gom rác", "lich thu gom rac", "lịch gom rác") == [
        (2, 3, 4),
        (1,),
    ]


def test_languages_are_kept_apart() -> None:
    asked = [Asked(1, "visa", "vi"), Asked(2, "visa", "en"), Asked(3, "visa extension", "en")]
    assert len(groups(asked)) == 3


def test_where_no_words_are_left_the_topic_that_did_not_help_makes_the_group() -> None:
    asked = [
        Asked(1, "", "vi", "idcard.lost"),
        Asked(2, "", "vi", "idcard.lost"),
        Asked(3, "", "vi", "pay.qr"),
    ]
    assert [[one.id for one in group] for group in groups(asked)] == [[1, 2], [3]]


def test_a_thousand_questions_are_grouped_in_no_time() -> None:
    asked = [Asked(n, f"việc thứ {n * 7919 % 1009} của bà con xóm {n % 37}", "vi") for n in range(1000)]
    begun = thread_time()  # what others do on this machine does not count
    groups(asked)
    assert thread_time() - begun < 2.0
