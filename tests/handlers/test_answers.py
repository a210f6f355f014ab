"""What counts as an answer: numbers, labels, labels typed badly, free words that can mean only one."""

from __future__ import annotations

import pytest

from handlers import answers
from handlers.talk import Incoming, Talk
from handlers.turn import Turn
from tests.handlers.turning import NOW, SOMEBODY

CODE = ("Ô nhập mã", "Báo đã kích hoạt rồi", "Báo sai thông tin", "Báo đang bảo trì")
CARD = ("Rồi, có tin báo duyệt", "Rồi, chưa có tin nhắn", "Chưa ra công an", "Thẻ hết hạn, chưa có")
PAGE = ("Đã thấy ô nhập số", "Không thấy mục đó", "Trang không mở được", "Nhờ tổ công nghệ số")
NAME = ("Đúng tên cô", "Không đúng")
READ = ("Chưa, mới đọc", "Đã bấm vào", "Đã nhập mã, mật khẩu", "Đã cài ứng dụng")
FIND = ("Thấy mã rồi", "Tìm không thấy", "Nhờ tổ công nghệ số")
SENT = ("Nhập được rồi", "Không nhận được mã", "Báo mã sai, hết hạn", "Nhờ tổ công nghệ số")
WHO = ("Đúng họ gửi", "Không phải, thôi", "Lỡ chuyển rồi", "Nhờ tổ công nghệ số")
SECRET = ("Đặt xong", "Sao lại hỏi thêm số?", "Không đặt được")
COMPUTER = ("Có máy tính rồi", "Không có máy tính", "Nhờ tổ công nghệ số")
PHONE = ("Điện thoại thông minh", "Điện thoại phím bấm", "Máy cũ, không cài được")


def meant(labels: tuple[str, ...], words: str) -> str | None:
    offered = [(label, label) for label in labels]
    return answers.chosen(offered, words) or answers.meant(offered, words)


@pytest.mark.parametrize(
    ("words", "label"),
    [("tổ dân phố 12", None), ("to dan fo 11", "Tổ dân phố 11"), ("tổ dân phố 117", None)],
)
def test_another_number_is_never_a_label_typed_badly(words: str, label: str | None) -> None:
    assert meant(("Tổ dân phố 11", "Tổ dân phố 7"), words) == label


@pytest.mark.parametrize(
    ("labels", "words", "label"),
    [
        (CODE, "1", "Ô nhập mã"),
        (CODE, "o nhap ma, nhung ba ko nhan dc tin nhan nao ca", "Ô nhập mã"),
        (CODE, "nó báo sai thông tin em ơi", "Báo sai thông tin"),
        (CODE, "bao bao tri", "Báo đang bảo trì"),
        (CARD, "2, may nay em ko biet xem hop thu o dau", "Rồi, chưa có tin nhắn"),
        (CARD, "chua co tin nhan", "Rồi, chưa có tin nhắn"),
        (CARD, "co tin bao duyet roi", "Rồi, có tin báo duyệt"),
        (CARD, "chưa ra công an ạ", "Chưa ra công an"),
        (PAGE, "thay o nhap so roi", "Đã thấy ô nhập số"),
        (PAGE, "khong mo duoc trang", "Trang không mở được"),
        (PAGE, "ko thay muc do", "Không thấy mục đó"),
        (PAGE, "xong roi", "Đã thấy ô nhập số"),
        (NAME, "dung. ma nhan qua ma thi co phai nop thue ko", "Đúng tên cô"),
        (NAME, "khong", "Không đúng"),
        (NAME, "đúng rồi, tên tôi", "Đúng tên cô"),
        (READ, "chua, moi doc thoi", "Chưa, mới đọc"),
        (FIND, "tim ko ra", "Tìm không thấy"),
        (FIND, "thay roi", "Thấy mã rồi"),
        (SENT, "1 cam on chi Huong", "Nhập được rồi"),
        (SENT, "duoc roi a", "Nhập được rồi"),
        (PHONE, "cuc gach thoi, nhung nha co laptop cua em", "Điện thoại phím bấm"),
        (PHONE, "phim bam a", "Điện thoại phím bấm"),
        (SECRET, "xong luon roi, hien muc 2", "Đặt xong"),
        (COMPUTER, "nhà có laptop", "Có máy tính rồi"),
        (PHONE, "dien thoai thong mnh", "Điện thoại thông minh"),
    ],
)
def test_words_choose_what_they_can_only_mean(labels: tuple[str, ...], words: str, label: str) -> None:
    assert meant(labels, words) == label


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (CARD, "roi"),  # two begin so
        (CARD, "chưa"),
        (CODE, "xong"),  # nothing there is success
        (WHO, "xong roi"),  # «Lỡ chuyển rồi» is none either
        (PAGE, "to cong nghe so la ai"),
        (PAGE, "nhờ tổ công nghệ số có mất tiền không"),
        (SENT, "khong nhap duoc roi"),
        (PHONE, "dien thoai"),
        (FIND, "mã QR là gì"),
        (("Vâng, đúng máy này", "Máy khác"), "đừng máy này"),
        (CODE, "5"),
        (CODE, "?"),
        (CODE, "2 thẻ thì dùng thẻ nào"),
    ],
)
def test_doubtful_words_choose_nothing(labels: tuple[str, ...], words: str) -> None:
    assert meant(labels, words) is None


def test_where_choices_are_letters_a_digit_is_a_value() -> None:
    offered = [("a", "Gửi đi"), ("b", "Sửa"), ("c", "Để nháp")]
    assert answers.chosen(offered, "1", letters=True) is None
    assert answers.chosen(offered, "b", letters=True) == "b"


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("lam sao bay gio", True),
        ("co mat phi ko", True),
        ("nop o dau", True),
        ("that ko chau", True),
        ("where is it", True),
        ("cái này là gì?", True),
        ("khong thay dau", False),
        ("ko hieu gi", False),
        ("van khong", False),
        ("may khong len", False),
        ("xong roi", False),
        ("em chua", False),
    ],
)
def test_a_question_is_known_by_its_shape(words: str, question: bool) -> None:
    assert answers.asks(words) is question


def said(words: str, *, helped: bool = False) -> Turn:
    event = Incoming(account="web", chat="lan", sender="lan", text=words)
    return Turn(
        event=event,
        person=SOMEBODY,
        talk=Talk(),
        now=NOW,
        shelf=None,  # type: ignore[arg-type]  # words alone are judged
        records=None,  # type: ignore[arg-type]
        helped=helped,
    )


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("menu", "menu"),
        ("MENU nhé", "menu"),
        ("huỷ", "stop"),
        ("huy", "stop"),
        ("hủy đi", "stop"),
        ("người thật", "person"),
        ("cho em gặp người thật với", "person"),
        ("nho to cong nghe so", "person"),
        ("goi cho toi 0900 000 318", "person"),
        ("riêng tư", "privacy"),
        ("rieng tu", "privacy"),
        ("quay lai", "back"),
        ("Continue", "resume"),
        ("cho người đến giúp bà với", "person"),
        ("bà chả hiểu gì cả, nhờ ai đó chỉ giúp bà", "person"),
        ("xin người đến tận nhà nhé", "person"),
        ("có ai giúp tôi với", "person"),
        ("gọi người", ""),
        ("nhờ người đi lấy hộ giấy khai sinh được không", ""),
        ("nhờ người khác nộp giúp hồ sơ", ""),
        ("huy ho so da nop", ""),
    ],
)
def test_some_words_work_everywhere(words: str, command: str) -> None:
    assert answers.command(said(words)) == command


@pytest.mark.parametrize(
    ("words", "agrees"),
    [
        ("ừ", True),
        ("ừ gửi đi cháu", True),
        ("vâng ạ", True),
        ("được cứ gửi nhé", True),
        ("da dong y", True),
        ("ừ thì tôi chưa có thẻ", False),
        ("gửi thế nào", False),
        ("có được không", False),
        ("không gửi", False),
    ],
)
def test_a_bare_word_agrees_or_two_of_them(words: str, agrees: bool) -> None:
    assert answers.yes(said(words)) == agrees
    assert not answers.no(said(words))


def test_courtesies_around_a_word_are_for_the_helper_while_there_is_one() -> None:
    assert answers.command(said("thôi ạ")) == "stop"
    assert answers.command(said("thôi ạ", helped=True)) == ""


@pytest.mark.parametrize(
    "words",
    [
        "chào", "Xin chào ạ", "alo to so oi", "hello", "em chào anh", "chào buổi tối bạn", "hello bot", "bạn ơi",
        "chào cả nhà", "e chào ad", "có ai không", "bạn khỏe không", "how are you",
    ],
)  # fmt: skip
def test_a_greeting_is_known(words: str) -> None:
    assert answers.greets(said(words))


@pytest.mark.parametrize("words", [
    "cảm ơn", "dạ em cảm ơn nhiều ạ", "cam on chau nhe", "thanks a lot", "cảm ơn em đã giúp", "thanks ad",
    "thank you for your help", "tks b", "cam on b nhieu", "thank kiu",
])  # fmt: skip
def test_thanks_are_known(words: str) -> None:
    assert answers.thanks(said(words))


@pytest.mark.parametrize(
    "words", ["chào bán nhà", "cảm ơn nhưng chưa được", "hello kitty là gì", "có ai giúp làm tạm trú"]
)
def test_more_than_a_greeting_is_read_on(words: str) -> None:
    assert not answers.greets(said(words))
    assert not answers.thanks(said(words))


def test_two_numbers_that_differ_by_their_sign_are_told_apart() -> None:
    offered = [("is-1234", "1.234"), ("is-1.234", "1,234")]
    assert answers.chosen(offered, "1.234", letters=True) == "is-1234"
    assert answers.chosen(offered, " 1,234", letters=True) == "is-1.234"
    assert answers.chosen(offered, "1 234", letters=True) is None
