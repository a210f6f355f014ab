"""Which lines, typed amid a talk with a citizen, look like something for Tổ Số itself."""

from __future__ import annotations

from typing import cast

import pytest

from bot.shelf import Bookcase
from bot.store.records import StoredRecords
from handlers import answers, for_us
from handlers.talk import Talk
from handlers.turn import Turn
from tests.handlers.turning import NOW, SOMEBODY, incoming


def looks_so(words: str, bookcase: Bookcase) -> bool:
    nothing = cast("StoredRecords", None)  # to say so nothing is looked up, and nothing done
    turn = Turn(
        event=incoming(words),
        person=SOMEBODY,
        talk=Talk(doing="help 4K7"),
        now=NOW,
        shelf=bookcase.shelf(),
        records=nothing,
        staff=True,
    )
    return for_us.meant(turn, answers.command(turn))


@pytest.mark.parametrize(
    "words",
    [
        "nghỉ đến 20/11",
        "on leave until 20/11",
        "đi làm lại",
        "hôm qua 5 hộ bhyt xóm trên 90p",
        "bỏ dòng vừa ghi",
        "số liệu tháng 10",
        "giúp hộ: bà cụ cần làm lại thẻ",
        "email của tôi là huong@example.vn",
        "sửa thẻ xã",
        "ảnh B71",
        "duyệt TB-7K2",
        "duyệt TL-4K7",
        "512/BC-UBND 17/11",
        "ai chưa vào",
        "danh sách thôn",
        "nhập tờ sổ thăm",
        "xã mình đứng thứ mấy",
        "chỉ tiêu đứng yên",
        "sự cố",
        "nhận tin về bảo hiểm",
        "english",
    ],
)
def test_what_a_helper_asks_of_us_is_known(words: str, bookcase: Bookcase) -> None:
    assert looks_so(words, bookcase)


@pytest.mark.parametrize(
    "words",
    [
        "bác nghỉ ngơi đi ạ",
        "mai bác có nghỉ không",
        "cháu giúp hộ bác được",
        "bác gửi ảnh cho cháu",
        "số bao nhiêu ạ",
        "nhà bác có 5 người phải không",
        "bác bấm vào B71 nhé",
        "duyệt rồi bác ạ",
        "bác gõ nhận tin về bảo hiểm nhé",
        "thank you",
    ],
)
def test_what_a_helper_says_to_a_citizen_is_not(words: str, bookcase: Bookcase) -> None:
    assert not looks_so(words, bookcase)
