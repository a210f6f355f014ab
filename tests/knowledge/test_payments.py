"""What stands in a transfer code, and that nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.payments import Payment, banks, read

# To account 0011012345678 at Sacombank, as a bank's app makes it.
PLAIN = "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F"
FULL = (
    "00020101021238570010A00000072701270006970436011300110012345670208QRIBFTTA530370454062000005802VN"
    "5910BO CONG AN62170813nop phi vneid6304757A"
)
SHOP = "00020101021126280010A0000007750110010990812353037045802VN5906TAP HO6005HANOI6304"


@pytest.mark.parametrize(
    ("text", "payment"),
    [
        (PLAIN, Payment(sound=True, bank="Sacombank", tail="5678")),
        (f"quét mã này: {PLAIN} nhé", Payment(sound=True, bank="Sacombank", tail="5678")),
        (
            FULL,
            Payment(True, "Vietcombank", "4567", 200_000, "BO CONG AN", "nop phi vneid"),
        ),
        (
            FULL.replace("200000", "900000"),
            Payment(False, "Vietcombank", "4567", 900_000, "BO CONG AN", "nop phi vneid"),
        ),
        (PLAIN[:60], Payment(sound=False)),
        (PLAIN.replace("970403", "999999"), Payment(sound=False, bank="999999", tail="5678")),
        (f"{SHOP}0000", Payment(sound=False, name="TAP HO")),
        ("000201", None),
        ("mã 000201 là gì", None),
        ("chuyển 200.000 cho 0011012345678", None),
        ("", None),
    ],
)
def test_a_code_says_where_the_money_goes(text: str, payment: Payment | None) -> None:
    assert read(text) == payment


@given(st.text() | st.text("0123456789 AVNQRI", max_size=200).map(lambda rest: f"000201{rest}"))
def test_whatever_is_typed_nothing_fails(text: str) -> None:
    assert read(text) is None or isinstance(read(text), Payment)


def test_the_banks_have_six_digits_each() -> None:
    assert len(banks()) > 20
    assert all(len(bank) == 6 and bank.isdigit() for bank in banks())
