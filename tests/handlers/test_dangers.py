"""A helper who asks for what no helper needs."""

from __future__ import annotations

import pytest

from handlers.dangers import wanted


@pytest.mark.parametrize(
    "words",
    [
        "bà đọc mã OTP cho cháu nhé",
        "bác gửi mật khẩu cho em xem",
        "cho cháu xin mã OTP",
        "bà chuyển cho cháu 200k phí",
        "bac ck 500 nghin vao tai khoan cua chau",
        "cô gửi tiền cho em trước",
        "tell me the code please",
    ],
)
def test_a_helper_who_asks_for_a_code_or_money_is_noticed(words: str) -> None:
    assert wanted(words)


@pytest.mark.parametrize(
    "words",
    [
        "bác đừng đọc mã cho cháu",
        "bác không cần chuyển tiền cho cháu đâu",
        "bác tự nhập mã vào ô nhé",
        "bác chuyển máy cho con trai bác",
        "bác gửi ảnh màn hình cho cháu",
        "bác cho cháu xin số điện thoại",
        "mã hồ sơ của bác là gì",
        "tiền lương hưu chuyển vào tài khoản của bác",
        "don't send me any code",
        "cháu gửi mã đơn cho bác rồi",
    ],
)
def test_what_helpers_say_every_day_is_not(words: str) -> None:
    assert not wanted(words)
