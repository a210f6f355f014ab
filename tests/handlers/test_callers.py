"""Whether words tell of somebody who calls or comes and says that they are of the digital team."""

from __future__ import annotations

import pytest

from handlers.callers import told_of


@pytest.mark.parametrize(
    "words",
    [
        "có người gọi tự nhận là tổ số",
        "co nguoi goi tu nhan la to so",
        "Có người gọi điện cho bác xưng là tổ công nghệ số",
        "vừa có số lạ gọi bảo là người tổ công nghệ số cộng đồng",
        "co nguoi den nha tu xung to so",
        "có ai đó đứng ngoài cửa nói là tổ công nghệ số",
        "có anh nào nhắn tin bảo là người của tổ số, xin mã OTP",
        "so la goi bao la to so",
        "có hai người đến nhà nhận là người tổ công nghệ số phường",
        "dang co nguoi goi noi la to cnscd",
        "người gọi cho tôi có phải tổ số không",
        "nguoi vua goi co phai nguoi cua to so khong",
        "tổ số vừa gọi tôi phải không",
        "to so co goi cho toi khong",
        "tổ công nghệ số có cử người đến nhà không",
        "to so co cho nguoi den nha khong",
        "kẻ gọi giả danh tổ công nghệ số",
        "nó mạo danh tổ số gọi cho mẹ em",
        "cho em hỏi có người tự xưng tổ số gọi",
        "somebody called and says they are from the digital team",
        "someone at the door claims to be the digital team",
        "there is a man at the door from the digital team",
        "is it really the digital team calling",
        "did the digital team call me",
        "a caller pretends to be from the community digital team",
    ],
)
def test_a_caller_who_names_the_team_is_told_of(words: str) -> None:
    assert told_of(words)


@pytest.mark.parametrize(
    "words",
    [
        "tổ số ơi",
        "cho tôi gặp người tổ số",
        "gọi tổ công nghệ số giúp tôi",
        "nhờ tổ số đến nhà",
        "tổ công nghệ số ở đâu",
        "tổ số là gì",
        "muốn tổ số gọi điện cho",
        "có người gọi xưng công an",
        "có người gọi bảo cài VNeID",
        "làm sao vào tổ công nghệ số",
        "cảm ơn tổ số",
        "có ai trong tổ số giúp được không",
        "số điện thoại tổ công nghệ số",
        "tôi là người tổ công nghệ số",
        "the digital team helped me",
        "please let the digital team call me",
        "where is the digital team",
    ],
)
def test_other_words_about_the_team_are_not(words: str) -> None:
    assert not told_of(words)
