"""Names in the order in which a Vietnamese reader looks for them."""

from __future__ import annotations

from handlers.rules.vietnamese import order

SORTED = [
    "An",
    "Ăn",
    "Ba",
    "Dân",
    "Đa",
    "Đông Ngạc",
    "Hòa",
    "Hoa Lư",
    "Ngọc",
    "Ô",
    "Uy",
    "Ứng Hòa",
    "Vân Đình",
    "Y",
]


def test_letters_come_before_tones() -> None:
    mixed = sorted(SORTED, key=lambda word: word[::-1])
    # "Hòa" stands before "Hoa Lư": it is the beginning of the longer one but for its tone.
    assert sorted(mixed, key=order) == SORTED
    assert sorted(["má", "ma", "mạ", "mà", "mả", "mã"], key=order) == ["ma", "mà", "mả", "mã", "má", "mạ"]


def test_it_is_one_for_composed_and_decomposed_letters_and_numbers_come_first() -> None:
    assert order("Ứng Hòa") == order("U\u031b\u0301ng Ho\u0300a")
    assert order("10 Đức Thọ") < order("An Phú")
