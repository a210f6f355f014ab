"""What people type to Tổ Số while nobody has taken their request yet."""

from __future__ import annotations

import pytest

from handlers.still_waiting import asks_how_long, gives_up


@pytest.mark.parametrize(
    "words",
    [
        "sao lâu thế",
        "còn lâu không cháu",
        "có ai giúp tôi không",
        "tôi chờ mãi chưa thấy ai",
        "bao giờ có người đến",
        "sap chua",
        "sao chưa ai gọi",
        "ai sẽ giúp tôi",
        "how long do I have to wait",
        "is anybody coming",
    ],
)
def test_whoever_waits_asks_how_long(words: str) -> None:
    assert asks_how_long(words)


@pytest.mark.parametrize(
    "words",
    [
        "ai được cấp thẻ căn cước",
        "làm căn cước bao lâu",
        "bao giờ có lương hưu",
        "mai tôi ra phường",
        "người già thì làm thế nào",
        "ai là người giám hộ",
        "who can apply for a card",
        "",
    ],
)
def test_one_word_more_is_about_something_else(words: str) -> None:
    assert not asks_how_long(words)


@pytest.mark.parametrize(
    "words",
    [
        "thôi không cần nữa",
        "không cần nữa đâu, con tôi làm rồi",
        "rút lại",
        "rut yeu cau",
        "huỷ yêu cầu của tôi",
        "thôi con tôi làm được rồi",
        "con trai tôi làm giúp rồi",
        "I don't need it any more",
        "no longer needed",
    ],
)
def test_whoever_wants_it_no_more_says_so(words: str) -> None:
    assert gives_up(words)


@pytest.mark.parametrize(
    "words",
    [
        "rút tiền ở đâu",
        "hủy hộ khẩu cũ",
        "tôi làm sai rồi",
        "bỏ quên thẻ ở nhà",
        "con tôi chưa làm được",
        "tôi cần thêm người giúp",
        "cancel my card",
    ],
)
def test_other_words_take_nothing_back(words: str) -> None:
    assert not gives_up(words)
