"""The words inside a bank-transfer QR code (EMVCo, VietQR): to which bank and account, how much, under what name.

What such a code says is what its maker typed; nothing in it tells whose the account is.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "data" / "banks.tsv"
_BEGIN = re.compile(r"000201(?=\d{2})")
_SHORTEST = 30  # signs; whoever types less means something else
_NAPAS = "A000000727"  # who routes transfers between banks
TAIL = 4  # digits of an account that are said


class Payment(msgspec.Struct, frozen=True):
    """A transfer that a code asks for."""

    sound: bool  # complete, and its checksum is right
    bank: str = ""  # the name, or its number where that is not known
    tail: str = ""  # the last digits of the account
    amount: int = 0  # đồng; 0 where the payer types it
    name: str = ""  # what the code's maker wrote as the receiver
    note: str = ""


def read(text: str) -> Payment | None:
    """Read the code that a text holds; None where it holds none."""
    begin = _BEGIN.search(text)
    if begin is None or len(text) - begin.start() < _SHORTEST:
        return None
    code = text[begin.start() :]
    fields, size = _fields(code, last="63")
    if "63" not in fields:
        return Payment(sound=False)
    sound = fields["63"].upper() == f"{_checksum(code[: size - 4]):04X}"
    account = next((_fields(value)[0] for tag, value in fields.items() if "26" <= tag <= "51"), {})
    receiver = _fields(account.get("01", ""))[0] if account.get("00") == _NAPAS else {}
    amount = fields.get("54", "").partition(".")[0]
    return Payment(
        sound=sound,
        bank=banks().get(receiver.get("00", ""), receiver.get("00", "")),
        tail=receiver.get("01", "")[-TAIL:],
        amount=int(amount) if amount.isascii() and amount.isdigit() else 0,
        name=_plain(fields.get("59", "")),
        note=_plain(_fields(fields.get("62", ""))[0].get("08", "")),
    )


def _fields(code: str, last: str = "") -> tuple[dict[str, str], int]:
    """Give the fields by their two digits, and how many signs they take; what is no field ends it."""
    found: dict[str, str] = {}
    at = 0
    while at + 4 <= len(code) and code[at : at + 4].isascii() and code[at : at + 4].isdigit():
        tag, size = code[at : at + 2], int(code[at + 2 : at + 4])
        value = code[at + 4 : at + 4 + size]
        if len(value) < size:
            break
        found.setdefault(tag, value)
        at += 4 + size
        if tag == last:
            break
    return found, at


def _checksum(code: str) -> int:
    """Give CRC-16/CCITT-FALSE, as EMVCo asks for."""
    value = 0xFFFF
    for byte in code.encode():
        value ^= byte << 8
        for _bit in range(8):
            value = (value << 1) ^ 0x1021 if value & 0x8000 else value << 1
        value &= 0xFFFF
    return value


def _plain(words: str) -> str:
    """Give words that nobody can tap and that hold no markup."""
    return re.sub(r"[^\w ,-]+", " ", words)[:40].strip()


@cache
def banks() -> dict[str, str]:
    """Give the banks by the number that stands in a code."""
    rows = (line.split("\t") for line in FILE.read_text("utf-8").splitlines()[1:])
    return {bin_: name for bin_, name, _source in rows}
