"""Vietnamese as people type it, brought to one form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.folding import abbreviations, common, expand, fold, is_syllable, stem, synonyms, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Mất Thẻ  CĂN-CƯỚC!", "mat the can cuoc"),
        ("Đường đi Đông Ngạc", "duong di dong ngac"),
        (unicodedata.normalize("NFD", "quên mật khẩu"), "quen mat khau"),
        ("ơiiiii 😭😭", "oi"),
        ("", ""),
    ],
)
def test_folding_takes_away_accents_capitals_and_signs(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("hoá đơn", "hóa đơn"),
        ("huỷ bỏ", "hủy bỏ"),
        ("khoẻ", "khỏe"),
        ("quý", "quý"),
        ("khoán", "khoán"),
        ("thuỷ", "thủy"),
    ],
)
def test_a_tone_is_read_where_it_was_put_of_old(new: str, old: str) -> None:
    assert words(new) == tuple(old.split())


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ko nhận đc otp", "không nhận được otp"),
        ("đk tk nh", "đăng ký tài khoản ngân hàng"),
        ("quên mk dvc", "quên mật khẩu dịch vụ công"),
        ("bà xài cục gạch", "bà xài điện thoại phím bấm"),
        ("ck nhầm stk", "chuyển khoản nhầm số tài khoản"),
        ("không có gì lạ", "không có gì lạ"),
    ],
)
def test_abbreviations_and_chat_spelling_are_spelled_out(text: str, meant: str) -> None:
    assert " ".join(expand(words(text))) == meant


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [
        ("applies", "apply"),
        ("scanning", "scan"),
        ("scanned", "scan"),
        ("papers", "paper"),
        ("changed", "chang"),
        ("change", "chang"),
        ("address", "address"),
        ("card", "card"),
    ],
)
def test_an_english_word_loses_its_ending(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


@pytest.mark.parametrize(
    ("word", "shaped"), [("nghieng", True), ("quyen", True), ("card", False), ("lost", False)]
)
def test_a_vietnamese_syllable_is_known_by_its_shape(word: str, shaped: bool) -> None:
    assert is_syllable(word) is shaped


def test_every_abbreviation_is_written_as_people_type_it() -> None:
    for written, meant in abbreviations().items():
        assert words(" ".join(written)) == written
        assert words(" ".join(meant)) == meant
        assert written != meant


def test_no_abbreviation_leads_to_another_one() -> None:
    assert [meant for meant in abbreviations().values() if expand(meant) != meant] == []


def test_every_synonym_is_written_as_questions_are_read() -> None:
    for lang in ("vi", "en"):
        for written, meant in synonyms(lang).items():
            assert words(" ".join(written)) == written
            assert words(" ".join(meant)) == meant


def test_no_synonym_leads_to_another_one() -> None:
    for lang in ("vi", "en"):
        table = synonyms(lang)
        assert [meant for meant in table.values() if table.replaced(meant) != meant] == []


def test_the_common_words_of_both_languages_are_single_words() -> None:
    assert all(words(word) == (word,) for word in common("vi") | common("en"))
