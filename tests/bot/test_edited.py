"""A message that its writer has changed: heard where it can only help, and never taken for another answer."""

from __future__ import annotations

import msgspec
import pytest

from bot.core import Core
from bot.shelf import Bookcase
from handlers import desk
from handlers.talk import Heard
from tests.bot.rig import core_on, heard, said

NOT_READ = "Tin đã sửa thì Tổ Số không đọc lại."


def changed(words: str) -> Heard:
    update = heard("lan", words)
    return msgspec.structs.replace(update, incoming=msgspec.structs.replace(update.incoming, edited=True))


def hear(core: Core, *updates: Heard) -> list[str]:
    """Take the updates one by one and give what the last one was answered."""
    told = 0
    for update in updates:
        told = len(said(core, "lan"))
        core.intake.take_now([update])
        core.run_waiting()
    return said(core, "lan")[told:]


def test_a_question_spelt_better_is_answered_again(sqlite_url: str, bookcase: Bookcase) -> None:
    with core_on(sqlite_url, bookcase, desk.decide) as core:
        told = hear(core, heard("lan", "xyzzy"), changed("quen mat khau vneid"))
        assert "**Quên mật khẩu**" in told[0]


def test_changed_words_do_not_answer_the_question_that_came_after_them(
    sqlite_url: str, bookcase: Bookcase
) -> None:
    with core_on(sqlite_url, bookcase, desk.decide) as core:
        hear(core, heard("lan", "người thật"))
        problem = heard("lan", "bấm gửi mã hai lần không thấy tin nhắn")
        (asked, *_rest) = hear(core, problem)
        told = hear(core, changed("bấm gửi mã ba lần không thấy tin nhắn"))
        assert told[0].startswith(NOT_READ)
        assert asked in told[-1]


@pytest.mark.parametrize("words", ["Mã OTP là 482913", "mật khẩu là hoa-sen-2026"])
def test_a_secret_in_changed_words_is_covered_and_told(
    words: str, sqlite_url: str, bookcase: Bookcase
) -> None:
    with core_on(sqlite_url, bookcase, desk.decide) as core:
        told = hear(core, heard("lan", "xin chào"), changed(words))
        assert told
        assert not any(NOT_READ in one for one in told)
