"""Whom a request is for, by the words that tell of it."""

from __future__ import annotations

import pytest

from handlers import whom


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("cài VNeID cho bà hàng xóm", whom.NEIGHBOUR.name),
        ("hàng xóm nhà tôi không có điện thoại", whom.NEIGHBOUR.name),
        ("ông hàng xóm bảo xóa đi cài lại, giờ tôi không vào được", ""),
        ("the neighbour told me to delete it", ""),
        ("for my neighbour", whom.NEIGHBOUR.name),
        ("mẹ tôi quên mật khẩu", whom.FAMILY.name),
        ("tôi quên mật khẩu", ""),
        ("phải ra xã mà tôi không đi được", ""),
        ("phai ra xa ma toi khong di duoc", ""),
        ("điện thoại cũ của tôi không mở được", ""),
        ("dien thoai cu cua toi khong mo duoc", ""),
        ("má tôi quên mật khẩu", whom.FAMILY.name),
        ("ma toi quen mat khau", whom.FAMILY.name),
        ("lam giup ma toi", whom.FAMILY.name),
        ("cụ của tôi không có điện thoại", whom.FAMILY.name),
    ],
)
def test_words_name_whom_it_is_for_and_not_whom_one_heard_it_from(words: str, named: str) -> None:
    assert whom.named(words) == named
