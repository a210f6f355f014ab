"""Card numbers and identity numbers, known by their digits; a few words before them say what else they may be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handlers.rules.guarding.harmless import MONEY
from handlers.rules.guarding.spelling import any_of

Hit = tuple[int, int, str]
CARD, IDENTITY = "card", "identity"

_STRETCH = re.compile(r"(?<![a-z\d])\d+(?:[ .-]\d+)*")
_IDENTITY_NAMED = re.compile(
    r"\b(?:cccd|cmnd|cmt(?:nd)?|cc|can cuoc(?: cong dan)?|dinh danh(?: ca nhan)?"
    r"|chung minh(?: nhan dan| thu)?|identity(?: card| number)?|id(?: card)?(?: number| no)?)"
    r"(?![a-z])[^\d\n\0]{0,30}(\d(?:[ .,-]?\d){8,11})(?!\d)"
)
# Numbers of nine digits and more that other people gave: an account, a payment, a customer, a letter.
_OWNED = any_of(
    """stk, so tk, tk, (?:so )?tai khoan, account(?: (?:number|no))?, acc, giao dich, tham chieu,
    khach hang, danh bo, van don, buu (?:gui|pham), don hang, hoa don, hop dong, so may, imei, seri,
    serial, transaction, reference, customer, order, invoice, contract, meter, cong to, dien ke,
    dong ho, bien lai, so dien, mst, ma so thue, tax"""
)
_OTHERS = re.compile(rf"\b(?:{_OWNED})\b(?: [a-z]+){{0,4}}[ :.#=-]{{0,3}}$")
_ALSO = re.compile(r"[ ,]*(?:(?:thanh|sang|va|voi|hay|hoac|roi|and|or|to)\b *)?")
_CITIZEN = re.compile(r"0(?:0[1-9]|[1-9]\d)[0-3]\d{8}")
_AMOUNT_AFTER = re.compile(rf"\s?(?:{MONEY}|d\b)|(?:k|tr)\b")
# Which digits the cards of each length begin with; accounts of banks seldom do.
_MOST = ("2", "3", "4", "5", "6", "9704")
_ISSUERS = {
    13: ("4",),
    14: ("30", "36", "38"),
    15: ("34", "37"),
    16: _MOST,
    17: ("6",),
    18: ("6",),
    19: _MOST,
}
_EVEN = {(3, 3, 3), (3, 6), (6, 3), (3, 3, 3, 3), (4, 4, 4), (3, 3, 6), (3, 9), (6, 6)}
_CVV = re.compile(
    r"\b(?:cvv2?|cvc2?|ma bao mat(?: the)?|(?:3|ba) so (?:mat |o |phia )?(?:dang )?sau(?: the| lung the)?)\b"
    r"[^\d\n]{0,20}(\d{3,4})(?!\d)"
)


def cards_and_identities(plain: str, things: str, shown: str) -> Iterator[Hit]:
    """Give where cards and identity numbers stand, alone, in groups or behind their names."""
    stretches = list(_STRETCH.finditer(shown))
    foreign, done = False, 0
    for stretch in stretches:
        begin = stretch.start()
        also = foreign and _ALSO.fullmatch(shown, done, begin) is not None
        foreign = also or _OTHERS.search(shown, max(0, begin - 50), begin) is not None
        done = stretch.end()
        groups = list(re.finditer(r"\d+", stretch[0]))
        for group in groups:
            if kind := _whole(group[0], foreign=foreign):
                yield begin + group.start(), begin + group.end(), kind
        alone = len(stretches) == 1 and not (shown[:begin] + shown[stretch.end() :]).strip(" .,!\0")
        if kind := _grouped([group[0] for group in groups], stretch[0], alone=alone, foreign=foreign):
            yield *stretch.span(), kind
            continue
        for first in range(0 if not foreign else len(groups), len(groups)):
            for last in range(first + 1, min(first + 6, len(groups))):
                window = [group[0] for group in groups[first : last + 1]]
                if _card_in_groups(window):
                    yield begin + groups[first].start(), begin + groups[last].end(), CARD
    for match in _IDENTITY_NAMED.finditer(things):
        digits = re.sub(r"\D", "", match[1])
        amount = digits.endswith("000000") or _AMOUNT_AFTER.match(plain, match.end(1))
        if len(digits) in (9, 12) and not amount:
            yield *match.span(1), IDENTITY
    for match in _CVV.finditer(plain):
        yield *match.span(1), CARD


def _luhn(digits: str) -> bool:
    doubled = (int(d) * 2 for d in digits[-2::-2])
    return (sum(d - 9 if d > 9 else d for d in doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _card(digits: str) -> bool:
    return digits.startswith(_ISSUERS.get(len(digits), ())) and _luhn(digits)


def _whole(digits: str, *, foreign: bool) -> str:
    """Judge digits written without a gap."""
    if len(digits) in (9, 12) and not digits.endswith("000000"):  # round: an amount
        return IDENTITY if not foreign or _CITIZEN.fullmatch(digits) else ""
    return CARD if not foreign and _card(digits) else ""


def _card_in_groups(groups: list[str]) -> bool:
    # A row of a report's figures passes Luhn one time in ten, so the groups and the
    # first digits must be those of a card too.
    return min(map(len, groups[:-1])) >= 4 and _card("".join(groups))


def _grouped(groups: list[str], written: str, *, alone: bool, foreign: bool) -> str:
    """Judge digits written in groups, with spaces, dots or dashes between them."""
    digits = "".join(groups)
    if len(groups) == 1:
        return ""
    one_by_one = max(map(len, groups)) == 1
    if one_by_one and not foreign and _card(digits):
        return CARD
    if len(digits) not in (9, 12) or (len(groups[0]) < 3 and not one_by_one):
        return ""
    if foreign and not _CITIZEN.fullmatch(digits):
        return ""
    dashes = not {" ", "."} & set(written)
    even = tuple(map(len, groups)) in _EVEN or one_by_one
    return (
        IDENTITY
        if digits[0] == "0" or (even and (dashes or (alone and "." not in written and digits[0] in "0123")))
        else ""
    )
