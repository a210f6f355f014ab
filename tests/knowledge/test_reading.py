"""What was meant, from what was typed."""

from __future__ import annotations

import unicodedata

import pytest

from knowledge.folding import words
from knowledge.reading import Reader, language, spelled_out

BASE = (
    "quên mật khẩu vneid thì lấy lại thế nào",
    "đăng ký tạm trú trên dịch vụ công cần giấy tờ gì",
    "mất thẻ căn cước làm lại ở đâu",
    "kích hoạt tài khoản mức 2",
    "ký số hồ sơ báo lỗi",
    "I forgot the password of my account",
    "renew the driving licence",
)
READER = Reader([spelled_out(words(text), language(text) or "vi") for text in BASE])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("quen mat khau", "quen mat khau"),
        ("quên mk", "quên mật khẩu"),
        ("queen maajt khaaur rooif", "quên mật khẩu rồi"),
        ("que6n ma65t kha63u", "quên mật khẩu"),
        (unicodedata.normalize("NFD", "quên mật khẩu"), "quên mật khẩu"),
        ("𝐪𝐮𝐞𝐧 mật khẩu", "quen mật khẩu"),
        ("quen matkhau", "quen mat khau"),
        ("dangkytamtru", "dang ky tam tru"),
        ("kich hoat muc2", "kich hoat muc 2"),
        ("quênnn matt khẩuuuu", "quen mat khẩu"),
        ("căn cước công dân", "căn cước"),
        ("can cuoc cong dan", "căn cước"),
        ("cancuoccongdan", "căn cước"),
        ("cho em hỏi mất cccd ạ", "mất căn cước"),
        ("đánh mất cccd", "mất căn cước"),
        ("dăng ký tạm trứ", "dăng ký tạm trứ"),
        ("đăngg ký tamj trú", "dang ký tạm trú"),
        ("lafm laji cawn cuwowcs", "làm lại căn cước"),
        ("forgott my pasword", "forgot my password"),
    ],
)
def test_words_are_read_as_they_were_meant(typed: str, meant: str) -> None:
    said = READER.read(typed).said
    assert [*said] == [*spelled_out(words(meant), language(meant) or "vi")]


@pytest.mark.parametrize(
    "typed", ["giá vàng tăng", "chăn nuôi gà", "weather tomorrow", "was his car for sale"]
)
def test_words_of_something_else_stay_what_they_are(typed: str) -> None:
    said = spelled_out(words(typed), language(typed) or "vi")
    assert READER.read(typed).said == said


def test_a_text_is_read_clause_by_clause() -> None:
    read = READER.read("Mất thẻ rồi, làm lại ở đâu? Hết 35.000 đồng.")
    assert [" ".join(clause) for clause in read.clauses] == [
        "mất thẻ rồi",
        "làm lại ở đâu",
        "hết 35 000 đồng",
    ]


@pytest.mark.parametrize("number", ["001085012345", "••••••"])
def test_a_number_that_is_merely_told_is_not_what_is_asked(number: str) -> None:
    read = READER.read(f"quên mật khẩu, cccd {number}, lấy lại thế nào")
    assert [" ".join(clause) for clause in read.clauses] == ["quên mật khẩu", "lấy lại thế nào"]
    assert "căn" in READER.read(f"mất cccd {number}, làm lại ở đâu").said
    assert "căn" in READER.read(f"cccd {number}").said


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("làm thẻ ở đâu", "vi"),
        ("lam the thu vien o dau", "vi"),
        ("k nhan dc tin nhan", "vi"),
        ("mượn book ở thư viện kiểu gì", "vi"),
        ("laf lamf giaays tows owr ddaau", "vi"),
        ("where can I borrow books", "en"),
        ("lost my card", "en"),
        ("cccd 001085012345", "vi"),
        ("bank card", "en"),
        ("12345", None),
        ("", None),
        ("😀", None),
    ],
)
def test_the_language_is_decided_or_left_open(text: str, lang: str | None) -> None:
    assert language(text) == lang


def test_a_language_that_is_given_is_kept() -> None:
    assert READER.read("password", "vi").lang == "vi"
    assert READER.read("mật khẩu", "en").lang == "en"
