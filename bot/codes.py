"""The one place that draws by chance: codes people read, and tokens nobody guesses."""

from __future__ import annotations

import random
import secrets

LETTERS = "ABCDEGHKMNPRTUVXY"  # no letter that is taken for a digit or for another letter
DIGITS = "23456789"
WORDS = (
    ("HOA", "LÚA", "TRE", "SEN", "CAU", "MÂY", "SAO", "CHIM", "CÁ", "ĐÒ", "NẮNG", "GIÓ", "TRĂNG", "SUỐI"),
    (
        "XANH",
        "VÀNG",
        "MỚI",
        "HỒNG",
        "THƠM",
        "CAO",
        "ĐẸP",
        "LÀNH",
        "TRONG",
        "VUI",
        "NGỌT",
        "SÁNG",
        "ẤM",
        "HIỀN",
    ),
)

_chance: random.Random = secrets.SystemRandom()


def seed(number: int | None) -> None:
    """Draw the same again from here on (demo and tests); None gives true chance back."""
    global _chance
    _chance = secrets.SystemRandom() if number is None else random.Random(number)


def request(length: int = 3) -> str:
    """Draw a request's code such as 4K7: digit and letter in turn, unlike a step's code."""
    return "".join(_chance.choice(LETTERS if place % 2 else DIGITS) for place in range(length))


def receipt() -> str:
    """Draw the last part of a receipt, such as K4M."""
    return _chance.choice(LETTERS) + _chance.choice(DIGITS) + _chance.choice(LETTERS)


def invitation() -> str:
    """Draw an invitation's code, ten signs that can be read out over the telephone."""
    signs = LETTERS + DIGITS
    drawn = [_chance.choice(signs) for _ in range(10)]
    return f"MOI-{''.join(drawn[:5])}-{''.join(drawn[5:])}"


def linking() -> str:
    """Draw a one-time code by which a person joins two channels, such as NOI-K4M7-P2T9."""
    drawn = "".join(_chance.choice(DIGITS if place % 2 else LETTERS) for place in range(8))
    return f"NOI-{drawn[:4]}-{drawn[4:]}"


def grouping() -> str:
    """Draw a one-time code by which a lead links a group chat with the team, such as NHOM-K4M7-P2T9."""
    return linking().replace("NOI", "NHOM", 1)


def watchwords() -> str:
    """Draw the two everyday words by which a helper is told from a swindler."""
    return f"{_chance.choice(WORDS[0])} {_chance.choice(WORDS[1])}"


def token() -> str:
    """Draw a secret of 192 bits for a web talk."""
    return secrets.token_urlsafe(24)


def spread(upto: float) -> float:
    """Draw a share of so many seconds, so that retries do not march in step."""
    return _chance.uniform(0, upto)
