"""Languages beside Vietnamese: how people say which they speak, and where words speak of one."""

from __future__ import annotations

import pytest

from handlers.rules.tongues import Told, mentioned, told


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("tôi nói tiếng Tày, tiếng Mông", Told(("Tày", "Mông"))),
        ("toi noi tieng tay va nung", Told(("Tày", "Nùng"))),
        ("em biết nói tiếng Khơ-me nhé", Told(("Khmer",))),
        ("cũng nói được tiếng Ê-đê", Told(("Ê Đê",))),
        ("I speak Tay, Hmong and Dao", Told(("Tày", "Mông", "Dao"))),
        ("chị nói tiếng Việt, tiếng Thái", Told(("Thái",))),
        ("tôi nói tiếng Klingon", Told((), ("klingon",))),
        ("tôi chỉ nói tiếng Việt", Told(())),
        ("I only speak Vietnamese", Told(())),
        ("tôi nói mãi mà nó không hiểu", None),
        ("tiếng Tày khó lắm", None),
        ("báo cáo", None),
    ],
)
def test_who_helps_says_in_a_line_what_they_speak(words: str, found: Told | None) -> None:
    assert told(words) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bà chỉ nói tiếng Mông thôi, không biết chữ", ("Mông",)),
        ("ba toi noi tieng h'mong, con dau noi tieng tay", ("Mông", "Tày")),
        ("my mother speaks only the Khmer language", ("Khmer",)),
        ("nhà ở Thái Nguyên, tên Thái", ()),
        ("máy báo tiếng Anh không hiểu", ()),
        ("", ()),
    ],
)
def test_words_speak_of_a_language_only_where_they_call_it_one(words: str, found: tuple[str, ...]) -> None:
    assert mentioned(words) == found
